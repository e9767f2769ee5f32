"""Cells are the unit level to the last digits; where they are not, the panel is fitted row by row."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import (
    CollinearLags,
    DuplicateKey,
    EventStudyError,
    InfiniteValue,
    NonPositiveLog,
    NotCollapsible,
    Note,
    RankDeficient,
    SeparatedBin,
    SpecError,
    UnitNote,
)
from event_study.units.collapse import Relation, collapse
from event_study.units.fit import fit_panel
from event_study.units.result import UnitStudy
from event_study.units.two_way import fit_ppml, fit_twfe
from tests.event_study.units.panels import KEYS, factored, lags, peer, staggered

TABLE, COLUMNS = lags()


def fitted(frame: pd.DataFrame, folder: Path, **options: object) -> dict[str, UnitStudy]:
    path = folder / "panel.parquet"
    frame.to_parquet(path)
    return fit_panel(path, **{**KEYS, "columns": COLUMNS, "family": "both", **options})  # type: ignore[arg-type]


def by_rows(frame: pd.DataFrame, cluster: str = "repo") -> dict[str, UnitStudy]:
    frame = frame.assign(both=frame["repo"] + frame["origin"])
    keys = {"y": "forks", "unit": "both", "time": "week", "columns": COLUMNS, "cluster": cluster}
    return {"ols": fit_twfe(frame, **keys), "ppml": fit_ppml(frame, **keys)}


def same(one: UnitStudy, other: UnitStudy, digits: float = 1e-10) -> None:
    """Coefficients to ``digits``, the covariance to a hundred times as much of its largest entry."""
    np.testing.assert_allclose(one.coef, other.coef, rtol=0, atol=digits)
    np.testing.assert_allclose(one.vcov, other.vcov, rtol=0, atol=100 * digits * np.abs(other.vcov).max())
    assert (one.n, one.k, one.g, one.factor) == (
        other.n,
        other.k,
        other.g,
        pytest.approx(other.factor, rel=1e-14),
    )


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 3, 5]))
def test_cells_are_the_unit_level(tmp_path_factory: pytest.TempPathFactory, seed: int, cohorts: int) -> None:
    """Balanced (1 cohort) and with entry and exit cohorts, to 1e-10, errors too."""
    frame = staggered(seed, cohorts=cohorts)
    made, rows = fitted(frame, tmp_path_factory.mktemp("p")), by_rows(frame)
    for family in ("ols", "ppml"):
        assert made[family].way == "cells"
        same(made[family], rows[family])


def test_cells_are_pyfixest(tmp_path: Path) -> None:
    frame = staggered(3, repos=24)
    made = fitted(frame, tmp_path)
    plain = frame.assign(
        both=frame["repo"] + frame["origin"], week=pd.to_datetime(frame["week"]).astype("int64")
    )
    plain = plain.rename(columns={name: f"x{j}" for j, name in enumerate(COLUMNS)})
    for family in ("ols", "ppml"):
        coef, errors, n = peer(
            plain, "forks", [f"x{j}" for j in range(17)], "both", "week", "repo", family=family
        )
        assert made[family].n == n
        np.testing.assert_allclose(made[family].coef, coef, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(made[family].std_error, factored(errors, made[family]), rtol=1e-6)


def test_a_lag_table_is_the_columns_in_the_file(tmp_path: Path) -> None:
    frame = staggered(4)
    bare = frame.drop(columns=COLUMNS)
    inside, beside = fitted(frame, tmp_path), fitted(bare, tmp_path, columns=TABLE)
    for family in ("ols", "ppml"):
        assert inside[family].coef.tobytes() == beside[family].coef.tobytes()
        assert inside[family].vcov.tobytes() == beside[family].vcov.tobytes()
    with pytest.raises(SpecError, match="each origin and week of the panel once"):
        fitted(bare, tmp_path, columns=TABLE[TABLE["week"] > date(2022, 6, 20)])


def test_a_coarser_cluster_and_a_table_of_a_connection(tmp_path: Path) -> None:
    frame = staggered(5, repos=40)
    frame["owner"] = "o" + (frame["repo"].str[1:].astype(int) // 2).astype(str)
    made = fitted(frame, tmp_path, cluster="owner")
    with duckdb.connect() as con:
        con.execute("CREATE TABLE rows AS SELECT * FROM frame")
        again = fit_panel((con, "rows"), **KEYS, columns=COLUMNS, cluster="owner", family="both")
        assert con.execute("SHOW TABLES").fetchall() == [("rows",)]
    rows = by_rows(frame, "owner")
    for family in ("ols", "ppml"):
        same(made[family], rows[family])
        assert made[family].g == 20
        assert made[family].coef.tobytes() == again[family].coef.tobytes()


def test_columns_may_have_any_name(tmp_path: Path) -> None:
    """Also those of the tables in between, quotes and all."""
    frame = staggered(16)
    made = fitted(frame, tmp_path)
    odd = {
        "repo": "unit",
        "origin": "label",
        "week": "code",
        "forks": "a",
        COLUMNS[0]: "base",
        COLUMNS[1]: 'lo"w',
    }
    keys = {
        "y": "a",
        "unit": "unit",
        "group": "label",
        "time": "code",
        "columns": [odd.get(c, c) for c in COLUMNS],
    }
    again = fitted(frame.rename(columns=odd), tmp_path, **keys)
    for family in ("ols", "ppml"):
        assert made[family].coef.tobytes() == again[family].coef.tobytes()
        assert made[family].vcov.tobytes() == again[family].vcov.tobytes()
    named = frame.rename(columns={"repo": "rows", "origin": "value", "week": "first", "forks": "cluster"})
    again = fitted(named, tmp_path, y="cluster", unit="rows", group="value", time="first")
    assert made["ppml"].vcov.tobytes() == again["ppml"].vcov.tobytes()


def test_outcomes_that_are_no_integers(tmp_path: Path) -> None:
    """Means of logs collapse too; sums of doubles are made exact by a common power of two."""
    frame = staggered(6).assign(forks=lambda f: np.log1p(f["forks"]) - 0.3)
    one = fitted(frame, tmp_path, family="ols")["ols"]
    same(one, by_rows(frame.assign(forks=frame["forks"] + 1))["ols"])
    other = fitted(frame.sample(frac=1, random_state=1), tmp_path, family="ols", threads=1)["ols"]
    assert (one.coef.tobytes(), one.vcov.tobytes()) == (other.coef.tobytes(), other.vcov.tobytes())


def test_a_column_that_differs_between_cohorts_still_collapses(tmp_path: Path) -> None:
    """Age in its first weeks is a function of the cell, though not of origin and week."""
    frame = staggered(7)
    frame["young"] = (frame.groupby(["repo", "origin"]).cumcount() < 6) * 1.0
    columns = [*COLUMNS, "young"]
    made = fitted(frame, tmp_path, columns=columns, family="ols")["ols"]
    assert made.way == "cells"
    both = frame.assign(both=frame["repo"] + frame["origin"])
    same(made, fit_twfe(both, y="forks", unit="both", time="week", columns=columns, cluster="repo"))


def test_order_and_threads_change_no_byte(tmp_path: Path) -> None:
    frame = staggered(8, repos=60)
    frame.sample(frac=1, random_state=4).to_parquet(tmp_path / "shuffled.parquet", row_group_size=500)
    one = fitted(frame, tmp_path, threads=1)
    for threads in (1, 2, 4):
        other = fit_panel(
            tmp_path / "shuffled.parquet", **KEYS, columns=COLUMNS, family="both", threads=threads
        )
        for family in ("ols", "ppml"):
            assert one[family].coef.tobytes() == other[family].coef.tobytes()
            assert one[family].vcov.tobytes() == other[family].vcov.tobytes()


def test_threads_of_the_linear_algebra_and_the_hash_seed_change_no_byte(tmp_path: Path) -> None:
    frame = staggered(9, repos=20)
    frame.to_parquet(tmp_path / "panel.parquet")
    code = (
        "import hashlib, sys; from pathlib import Path; from event_study.units.fit import fit_panel; "
        "from tests.event_study.units.panels import KEYS, lags; "
        "made = fit_panel(Path(sys.argv[1]), **KEYS, columns=lags()[1], family='both'); "
        "print([hashlib.sha256(m.coef.tobytes() + m.vcov.tobytes()).hexdigest() for m in made.values()])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "panel.parquet")],
            env={**os.environ, "PYTHONHASHSEED": str(seed), "OPENBLAS_NUM_THREADS": str(1 + seed),
                 "OMP_NUM_THREADS": str(1 + seed)},
            cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True,
        ).stdout
        for seed in (0, 1)
    }  # fmt: skip
    assert len(said) == 1


def gap(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(index=frame.index[(frame["repo"] == "r001") & (frame["week"] == date(2023, 6, 5))])


def moving(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(owner=frame["repo"] + (frame["week"] > date(2023, 6, 5)).astype(str))


def varied(frame: pd.DataFrame) -> pd.DataFrame:
    noise = np.random.default_rng(0).normal(size=len(frame))
    return frame.assign(**{COLUMNS[3]: frame[COLUMNS[3]] + noise})


LONG: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str, str]] = {
    "gap": (gap, "repo", "2 units without a row in a period between first and last"),
    "cluster": (moving, "owner", "24 units in more than one owner"),
    "column": (varied, "repo", f"{COLUMNS[3]} differs between units of one origin, span and week"),
}


@pytest.mark.parametrize("case", LONG)
def test_where_cells_are_not_exact_the_rows_are_fitted(tmp_path: Path, case: str) -> None:
    spoil, cluster, why = LONG[case]
    frame = spoil(staggered(10))
    with duckdb.connect() as con, pytest.raises(NotCollapsible, match=re.escape(why)):
        con.execute("CREATE TABLE rows AS SELECT * FROM frame")
        collapse(Relation(con, "rows", "forks", "repo", "origin", "week", cluster, tuple(COLUMNS)))
    made, rows = fitted(frame, tmp_path, cluster=cluster), by_rows(frame, cluster)
    for family in ("ols", "ppml"):
        assert made[family].way == "rows"
        assert f"{UnitNote.NOT_COLLAPSIBLE}({why})" in made[family].warnings
        same(made[family], rows[family], 1e-12)


def test_the_long_way_takes_a_lag_table(tmp_path: Path) -> None:
    frame = gap(staggered(11))
    made = fitted(frame.drop(columns=COLUMNS), tmp_path, columns=TABLE)
    same(made["ols"], by_rows(frame)["ols"], 1e-12)


def test_a_gap_hidden_by_a_duplicate_is_told(tmp_path: Path) -> None:
    """One row missing and another twice: as many rows as weeks, in the unit and in its cells."""
    frame = staggered(12, cohorts=1)
    weeks = frame["week"].unique()
    at = {
        (r, w): frame.index[(frame["repo"] == r) & (frame["week"] == w)]
        for r in ("r001", "r002")
        for w in weeks[5:7]
    }
    lost = frame.drop(index=[*at["r001", weeks[5]], *at["r002", weeks[6]]])
    both = pd.concat([lost, frame.loc[[*at["r001", weeks[6]], *at["r002", weeks[5]]]]])
    assert len(both) == len(frame)
    with pytest.raises(DuplicateKey, match=f"two rows for r001 in CN in {weeks[6]}"):
        fitted(both, tmp_path)


def test_dropped_units_are_counted_alike(tmp_path: Path) -> None:
    """Silent units, silent weeks and units of one week: the two ways agree on rows, clusters, drops."""
    frame = staggered(13, repos=16)
    frame.loc[frame["repo"].isin(["r003", "r004"]) & (frame["origin"] == "US"), "forks"] = 0
    frame.loc[frame["repo"] == "r007", "forks"] = 0
    frame.loc[frame["week"] == frame["week"].unique()[40], "forks"] = 0
    brief = frame[(frame["repo"] == "r001") & (frame["week"] == frame["week"].unique()[60])]
    frame = pd.concat(
        [frame, brief.assign(repo="r900", forks=5), brief.assign(repo="r901", forks=0)], ignore_index=True
    )
    made, rows = fitted(frame, tmp_path), by_rows(frame)
    for family in ("ols", "ppml"):
        same(made[family], rows[family])
        assert made[family].dropped == rows[family].dropped
        assert made[family].warnings == rows[family].warnings
    assert made["ppml"].dropped == {"zero_units": 6, "zero_periods": 1, "singletons": 2}
    assert made["ols"].dropped == {"singletons": 4}
    assert f"{Note.ZERO_UNITS_DROPPED}(6)" in made["ppml"].warnings


BAD: dict[str, tuple[type[EventStudyError], str, Callable[[pd.DataFrame], pd.DataFrame]]] = {
    "bin": (
        SeparatedBin, r"tells d3:k=\+8",
        lambda f: f.assign(forks=f["forks"].where(f["d3:k=+8"] == 0, 0)),
    ),
    "collinear": (CollinearLags, r"d3:k=\+8 and d4:k=\+0", lambda f: f.assign(**{"d4:k=+0": f["d3:k=+8"]})),
    "missing y": (InfiniteValue, "forks is missing", lambda f: f.assign(forks=[None, *f["forks"][1:]])),
    "no y": (InfiniteValue, "forks is missing", lambda f: f.assign(forks=pd.array([pd.NA, *f["forks"][1:]]))),
    "missing x": (InfiniteValue, "is missing", lambda f: f.assign(**{"d3:k=+8": [None, *f["d3:k=+8"][1:]]})),
    "infinite x": (InfiniteValue, "is infinite", lambda f: f.assign(**{"d3:k=+8": f["d3:k=+8"] + np.inf})),
    "missing key": (InfiniteValue, "lacks a key", lambda f: f.assign(repo=[None, *f["repo"][1:]])),
    "missing week": (InfiniteValue, "lacks a key", lambda f: f.assign(week=[None, *f["week"][1:]])),
    "negative": (NonPositiveLog, "counts of 0 or more", lambda f: f.assign(forks=[-1, *f["forks"][1:]])),
    "one cluster": (
        RankDeficient, "one cluster", lambda f: f[f["repo"] == "r001"].assign(forks=lambda r: r["forks"] + 1),
    ),
    "absent": (SpecError, "no column forks", lambda f: f.drop(columns="forks")),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_fitted_has_a_name(tmp_path: Path, case: str) -> None:
    error, message, spoil = BAD[case]
    with pytest.raises(error, match=message):
        fitted(spoil(staggered(14)), tmp_path)


def test_an_unknown_family_and_no_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="family is logit"):
        fitted(staggered(15), tmp_path, family="logit")
    for columns in ([], TABLE[["origin", "week"]]):
        with pytest.raises(SpecError, match="no column to estimate"):
            fitted(staggered(15), tmp_path, columns=columns)
