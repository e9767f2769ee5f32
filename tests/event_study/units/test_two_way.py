"""Two-way fixed effects row by row: pyfixest and statsmodels, what is dropped, what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from statsmodels.tools.sm_exceptions import SpecificationWarning

from event_study.errors import (
    CollinearLags,
    DuplicateKey,
    EventStudyError,
    InfiniteValue,
    NonPositiveLog,
    NotConverged,
    Note,
    RankDeficient,
    SeparatedBin,
    SpecError,
    UnitNote,
)
from event_study.units import solve
from event_study.units.two_way import fit_ppml, fit_twfe
from tests.event_study.units.panels import factored, peer, ragged

COLUMNS = ("a", "b", "c")
NAMES = {"unit": "unit", "time": "time", "columns": COLUMNS}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["unit", "team", "time"]), st.sampled_from([None, "w"]))
def test_least_squares_is_pyfixest_on_unbalanced_panels(seed: int, cluster: str, weights: str | None) -> None:
    frame = ragged(seed)
    made = fit_twfe(frame, y="y", cluster=cluster, weights=weights, **NAMES)
    coef, errors, n = peer(frame, "y", COLUMNS, "unit", "time", cluster, weights=weights)
    assert made.n == n
    np.testing.assert_allclose(made.coef, coef, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(made.std_error, factored(errors, made), rtol=1e-6)


def has_no_finite_maximum(frame: pd.DataFrame) -> bool:
    """Whether some direction leaves every count as fitted and only lowers zeros (Correia, Guimaraes and
    Zylkin 2020), by one linear programme over dummies of every unit and period that has a count."""
    while True:
        counts = [frame.groupby(of)["n"].transform("sum") > 0 for of in ("unit", "time")]
        several = [frame.groupby(of)["n"].transform("size") > 1 for of in ("unit", "time")]
        kept = frame[np.all([*counts, *several], axis=0)]
        if len(kept) == len(frame):
            break
        frame = kept
    dummies = [pd.get_dummies(frame[of], dtype=float) for of in ("unit", "time")]
    X, counted = np.hstack([frame[list(COLUMNS)], *dummies]), (frame["n"] > 0).to_numpy()
    zeros = X[~counted]
    lowest = linprog(
        zeros.sum(axis=0), A_ub=zeros, b_ub=np.zeros(len(zeros)), A_eq=X[counted],
        b_eq=np.zeros(counted.sum()), bounds=(-1, 1),
    )  # fmt: skip
    return bool(lowest.fun < -1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["unit", "team"]))
@example(9645, "unit")  # the peer's errors are off by 1e-6 unless it demeans to more digits
@example(142, "unit")  # 18 rows for 13 coefficients: the peer gives numbers where there is no maximum
def test_poisson_is_pyfixest_on_unbalanced_panels(seed: int, cluster: str) -> None:
    frame = ragged(seed)
    try:
        made = fit_ppml(frame, y="n", cluster=cluster, **NAMES)
    except SeparatedBin:
        assert has_no_finite_maximum(frame)
        return
    try:
        coef, errors, n = peer(frame, "n", COLUMNS, "unit", "time", cluster, family="ppml")
    except ValueError as error:  # of seed 6416, for one, it cannot take the effects out at any tolerance
        assume("Demeaning failed" not in str(error))
        raise
    assume(made.n == n)  # pyfixest looks for singletons once, before it looks for zeros
    np.testing.assert_allclose(made.coef, coef, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(made.std_error, factored(errors, made), rtol=1e-5)  # its own tolerance


@pytest.mark.parametrize("family", ["ols", "ppml"])
def test_dummies_of_statsmodels_give_the_same(family: str) -> None:
    frame = ragged(11)
    if family == "ppml":
        frame = frame[
            (frame.groupby("unit")["n"].transform("sum") > 0)
            & (frame.groupby("time")["n"].transform("sum") > 0)
        ]
    made = (fit_twfe if family == "ols" else fit_ppml)(
        frame, y="y" if family == "ols" else "n", cluster="team", weights="w", **NAMES
    )
    dummies = [pd.get_dummies(frame["unit"]), pd.get_dummies(frame["time"], drop_first=True)]
    X = np.hstack([frame[list(COLUMNS)], *dummies]).astype(float)
    robust = {
        "cov_type": "cluster",
        "cov_kwds": {"groups": frame["team"].to_numpy(), "use_correction": False},
    }
    if family == "ols":
        fit = sm.WLS(frame["y"].to_numpy(), X, weights=frame["w"].to_numpy()).fit(**robust)
    else:
        model = sm.GLM(frame["n"].to_numpy(), X, sm.families.Poisson(), var_weights=frame["w"].to_numpy())
        with pytest.warns(SpecificationWarning):  # errors with weights: right, as the next lines show
            fit = model.fit(tol=1e-13, **robust)
    np.testing.assert_allclose(made.coef, fit.params[:3], rtol=1e-7)
    np.testing.assert_allclose(made.std_error / np.sqrt(made.factor), fit.bse[:3], rtol=1e-6)


def test_the_factor_counts_effects_that_are_not_nested_in_clusters() -> None:
    frame = ragged(3)
    units, times, n = frame["unit"].nunique(), frame["time"].nunique(), len(frame)
    frame["odd"] = np.arange(n) % 7
    counted = {"unit": times, "time": units, "odd": units + times - 1}
    for cluster, levels in counted.items():
        made, g = fit_twfe(frame, y="y", cluster=cluster, **NAMES), frame[cluster].nunique()
        assert (made.n, made.k, made.g) == (n, 3 + levels, g)
        assert made.factor == pytest.approx(g / (g - 1) * (n - 1) / (n - 3 - levels), rel=1e-14)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
@example(142, 1)  # refused in every order
def test_any_order_of_the_rows_gives_the_same_bytes(seed: int, order: int) -> None:
    frame = ragged(seed)
    shuffled = frame.sample(frac=1, random_state=order % 2**31)
    for fit, y in ((fit_twfe, "y"), (fit_ppml, "n")):
        try:
            one = fit(frame, y=y, cluster="team", **NAMES)
        except SeparatedBin as refused:
            with pytest.raises(SeparatedBin, match=re.escape(str(refused))):
                fit(shuffled, y=y, cluster="team", **NAMES)
            continue
        other = fit(shuffled, y=y, cluster="team", **NAMES)
        assert one.coef.tobytes() == other.coef.tobytes()
        assert one.vcov.tobytes() == other.vcov.tobytes()


def test_singletons_and_zero_units_are_dropped_and_counted() -> None:
    frame = ragged(5)
    alone = pd.DataFrame(
        {**dict.fromkeys("abcyw", 1.0), "n": 3, "unit": [900, 901], "time": [1, 2], "team": [90, 90]}
    )
    more = pd.concat([frame, alone], ignore_index=True)
    plain, made = (fit_twfe(f, y="y", cluster="unit", **NAMES) for f in (frame, more))
    assert (made.n, made.dropped) == (plain.n, {"singletons": 2})
    assert f"{UnitNote.SINGLETONS_DROPPED}(2)" in made.warnings
    np.testing.assert_allclose(made.coef, plain.coef, rtol=1e-12)
    quiet = pd.concat([frame, frame[frame["unit"] == 1].assign(unit=902, n=0)])
    plain, made = (fit_ppml(f, y="n", cluster="unit", **NAMES) for f in (frame, quiet))
    assert made.dropped["zero_units"] == plain.dropped.get("zero_units", 0) + 1
    assert f"{Note.ZERO_UNITS_DROPPED}({made.dropped['zero_units']})" in made.warnings
    np.testing.assert_allclose(made.coef, plain.coef, rtol=1e-10)
    hushed = frame.assign(n=frame["n"].mask(frame["time"] == 2, 0))
    made = fit_ppml(hushed, y="n", cluster="unit", **NAMES)
    assert f"{Note.PERIODS_DROPPED}(1)" in made.warnings


def test_few_and_treated_clusters_are_said() -> None:
    frame = ragged(5)
    assert (
        Note.FEW_CLUSTERS
        in fit_twfe(frame.assign(team=frame["unit"] % 5), y="y", cluster="team", **NAMES).warnings
    )
    one = frame.assign(step=((frame["unit"] == 2) & (frame["time"] > 3)).astype(float))
    made = fit_twfe(one, y="y", unit="unit", time="time", columns=["step"], cluster="unit")
    assert Note.ONE_TREATED_CLUSTER in made.warnings
    assert Note.ONE_TREATED_CLUSTER not in fit_twfe(frame, y="y", cluster="unit", **NAMES).warnings


def grid(units: int = 6, periods: int = 8) -> pd.DataFrame:
    """Balanced counts of 1 to 5 and a step of the first two units."""
    frame = pd.MultiIndex.from_product([range(units), range(periods)], names=["unit", "time"]).to_frame(
        index=False
    )
    frame["n"] = np.random.default_rng(2).integers(1, 6, len(frame))
    frame["early"] = ((frame["unit"] < 2) & frame["time"].between(3, 5)).astype(float)
    frame["late"] = ((frame["unit"] < 2) & (frame["time"] > 5)).astype(float)
    return frame


def counts_of(frame: pd.DataFrame) -> object:
    return fit_ppml(frame, y="n", unit="unit", time="time", columns=["early", "late"], cluster="unit")


def test_a_bin_without_a_count_is_named() -> None:
    frame = grid()
    counts_of(frame)
    with pytest.raises(SeparatedBin, match="no count at all tells late") as caught:
        counts_of(frame.assign(n=frame["n"].where(frame["late"] == 0, 0)))
    assert "early" not in str(caught.value)


def test_a_bin_of_counts_against_donors_without_any_is_named() -> None:
    """The mirror image: every other unit is silent while the treated ones are not."""
    frame = grid()
    silent = (frame["unit"] >= 2) & (frame["time"] > 5)
    with pytest.raises(SeparatedBin, match="late"):
        counts_of(frame.assign(n=frame["n"].mask(silent, 0)))


def test_separation_by_a_slope_is_found() -> None:
    frame = ragged(8)
    x = np.where(frame["n"] == 0, np.abs(frame["a"]), 0.0)  # positive on zeros only: b to minus infinity
    with pytest.raises(SeparatedBin, match="slope"):
        fit_ppml(
            frame.assign(slope=x), y="n", unit="unit", time="time", columns=["b", "slope"], cluster="unit"
        )
    mixed = frame.assign(slope=np.where(frame["n"] == 0, frame["a"], 0.0))  # either sign: a finite maximum
    fit_ppml(mixed, y="n", unit="unit", time="time", columns=["b", "slope"], cluster="unit")


def test_zeros_that_the_effects_alone_predict_are_dropped_and_counted() -> None:
    """Units 0-2 count in times 0-3 only, units 3-5 in 4-7 only, and the first have zeros in 4-7."""
    frame = grid().drop(columns=["early", "late"]).assign(x=np.random.default_rng(0).normal(size=48))
    first, early = frame["unit"] < 3, frame["time"] < 4
    frame = frame[first | ~early]
    frame = frame.assign(n=frame["n"].where(~(first & ~early), 0))
    made = fit_ppml(frame, y="n", unit="unit", time="time", columns=["x"], cluster="unit")
    left = frame[~(first & ~early)[frame.index]]
    apart = fit_ppml(left, y="n", unit="unit", time="time", columns=["x"], cluster="unit")
    assert made.dropped == {"separated": 12}
    assert f"{UnitNote.SEPARATED_ROWS_DROPPED}(12)" in made.warnings
    np.testing.assert_allclose(made.coef, apart.coef, rtol=1e-12)


BAD: dict[str, tuple[type[EventStudyError], str, Callable[[pd.DataFrame], pd.DataFrame]]] = {
    "twice": (DuplicateKey, "two rows for 0 in", lambda f: pd.concat([f, f.iloc[:1]])),
    "infinite": (InfiniteValue, "a is missing, infinite", lambda f: f.assign(a=[np.inf, *f["a"][1:]])),
    "missing": (InfiniteValue, "y is missing, infinite", lambda f: f.assign(y=f["y"].where(f.index > 0))),
    "no key": (InfiniteValue, "1 row without a team", lambda f: f.assign(team=f["team"].where(f.index > 0))),
    "copy": (CollinearLags, "a and b", lambda f: f.assign(b=2 * f["a"])),
    "constant": (CollinearLags, "tell apart c", lambda f: f.assign(c=f["unit"] * 3.0 + f["time"])),
    "few rows": (RankDeficient, "1 row beside the effects", lambda f: f[(f["unit"] < 2) & (f["time"] < 2)]),
    "one cluster": (RankDeficient, "1 cluster", lambda f: f.assign(team=1)),
    "absent": (SpecError, "no column a among", lambda f: f.drop(columns="a")),
    "weights": (NonPositiveLog, "w must be above 0", lambda f: f.assign(w=0.0)),
    "mixed": (SpecError, "no order", lambda f: f.assign(unit=[date.min, *f["unit"][1:]])),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_fitted_has_a_name(case: str) -> None:
    error, message, spoil = BAD[case]
    frame = ragged(4).sort_values(["unit", "time"], ignore_index=True)
    full = pd.MultiIndex.from_product([range(3), range(3)], names=["unit", "time"]).to_frame(index=False)
    rng = np.random.default_rng(1)
    full = full.assign(**{c: rng.normal(size=9) for c in "abcy"}, w=1.0, team=0, n=1)
    whole = pd.concat([full, frame[frame["unit"] >= 3]])
    with pytest.raises(error, match=message):
        fit_twfe(spoil(whole.reset_index(drop=True)), y="y", cluster="team", weights="w", **NAMES)


def test_no_column_is_refused() -> None:
    with pytest.raises(SpecError, match="no column to estimate"):
        fit_twfe(ragged(4), y="y", unit="unit", time="time", columns=[], cluster="unit")


def test_negative_counts_and_no_convergence_have_names(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = ragged(4)
    with pytest.raises(NonPositiveLog, match="counts of 0 or more"):
        fit_ppml(frame.assign(n=-1), y="n", cluster="unit", **NAMES)
    monkeypatch.setattr(solve, "MAX_ITERATIONS", 1)
    with pytest.raises(NotConverged, match="in 1 iterations"):
        fit_ppml(frame, y="n", cluster="unit", **NAMES)
