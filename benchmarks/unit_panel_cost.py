"""Unit panels of millions of rows: ``event_study.units`` beside pyfixest and statsmodels, in one run.

``python -m benchmarks.unit_panel_cost [--rows N ...] [--runs N] [--peer-runs N] [--peer-families ols]``.
The panel is repository x origin x week with entry cohorts and 17 lag columns of four events, written as
Parquet. Every fit is a process of its own: seconds are of the fit alone, imports and compilation
before the clock starts; ours reads the file inside its seconds, the peers get a loaded frame. Peak memory
is the whole process's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.run_cost import measure
from event_study.units.fit import fit_panel
from event_study.units.lags import lag_table

EVENTS = {
    "d1": date(2022, 8, 9),
    "d2": date(2022, 10, 7),
    "d3": date(2023, 10, 17),
    "d4": date(2024, 12, 2),
}
WEEKS = [date(2021, 10, 4) + timedelta(weeks=w) for w in range(200)]
COHORTS, LATER = 10, 8  # entry cohorts, weeks from one to the next
ROWS_A_REPO = 2 * sum(len(WEEKS) - LATER * c for c in range(COHORTS)) / COHORTS
KEYS = {"y": "forks", "unit": "repo", "group": "origin", "time": "week"}
SMALL = 6_000  # rows: as many dummies as statsmodels takes
PACKAGES = ("duckdb", "numpy", "scipy", "pandas", "pyarrow", "pyfixest", "statsmodels")
CHUNK = 500  # repositories


Model = dict[str, Any]  # coef, raw_se (clustered errors without any factor), n


def lag_columns() -> tuple[pd.DataFrame, list[str]]:
    """The lag table by origin and week with plain names, and these names."""
    table = lag_table(WEEKS, ["CN", "US"], treated="CN", events=EVENTS, group="origin", time="week")
    names = [f"x{j}" for j in range(table.shape[1] - 2)]
    table.columns = ["origin", "week", *names]
    return table, names


def write_panel(path: Path, repos: int, seed: int = 20221007) -> int:
    """Poisson counts with lognormal unit effects, growth and true lag effects; returns the rows."""
    table, names = lag_columns()
    X = table[names].to_numpy().reshape(2, len(WEEKS), len(names))
    rng, writer, rows = np.random.default_rng(seed), None, 0
    for low in range(0, repos, CHUNK):
        repo = np.arange(low, min(low + CHUNK, repos))
        alive = np.arange(len(WEEKS)) >= LATER * (repo % COHORTS)[:, None, None]
        r, o, w = np.nonzero(np.broadcast_to(alive, (len(repo), 2, len(WEEKS))))
        own = rng.normal(-1.2, 1.2, (len(repo), 2))
        mean = np.exp(own[r, o] + 0.003 * (w - 100) + (X @ np.linspace(0.05, 0.3, len(names)))[o, w])
        columns = {
            "repo": repo[r].astype(np.int32),
            "origin": pa.array(np.where(o == 0, "CN", "US")),
            "week": pa.array(np.asarray(WEEKS, dtype="datetime64[D]")[w]),
            "forks": rng.poisson(mean).astype(np.int32),
            **{name: X[o, w, j] for j, name in enumerate(names)},
        }
        batch = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, batch.schema, compression="zstd")
        writer.write_table(batch)
        rows += len(r)
    if writer:
        writer.close()
    return rows


def _ours(path: Path, families: Sequence[str]) -> tuple[float, dict[str, Model]]:
    """Lag columns read from the file, and checked to be the same within every cell."""
    return _own(path, lag_columns()[1], families)


def _table(path: Path, families: Sequence[str]) -> tuple[float, dict[str, Model]]:
    """Lag columns from a table by origin and week, as a study of events has them."""
    return _own(path, lag_columns()[0], families)


def _own(
    path: Path, columns: list[str] | pd.DataFrame, families: Sequence[str]
) -> tuple[float, dict[str, Model]]:
    began = time.perf_counter()
    made = fit_panel(path, **KEYS, columns=columns, family="both" if len(families) == 2 else families[0])
    seconds = time.perf_counter() - began
    return seconds, {family: _model(m.coef, m.std_error, m.factor, m.n) for family, m in made.items()}


def _model(coef: np.ndarray, errors: np.ndarray, factor: float, n: int) -> Model:
    return {"coef": list(map(float, coef)), "raw_se": list(errors / np.sqrt(factor)), "n": n}


def _frame(path: Path) -> pd.DataFrame:
    """The panel as the peers want it: one code for repository and origin, weeks counted."""
    rows = pd.read_parquet(path)
    rows["unit"] = (rows["repo"] * 2 + (rows["origin"] == "US")).astype("int32")
    rows["week"] = ((pd.to_datetime(rows["week"]) - pd.Timestamp(WEEKS[0])).dt.days // 7).astype("int32")
    return rows.drop(columns="origin")


def _pyfixest(path: Path, families: Sequence[str]) -> tuple[float, dict[str, Model]]:
    import pyfixest as pf

    _, names = lag_columns()
    rows, formula = _frame(path), f"forks ~ {' + '.join(names)} | unit + week"
    options = {
        "vcov": {"CRV1": "repo"},
        "ssc": pf.ssc(k_adj=True, k_fixef="none", G_adj=True, G_df="min"),
        "copy_data": False,
        "store_data": False,
    }
    fits: dict[str, Callable[[pd.DataFrame], Any]] = {
        "ols": lambda data: pf.feols(formula, data, **options),
        "ppml": lambda data: pf.fepois(formula, data, separation_check=["fe"], iwls_tol=1e-10, **options),
    }
    seconds, models = 0.0, {}
    for family in families:
        fits[family](rows[rows["repo"] < 2 * COHORTS].copy())  # compiles
        began = time.perf_counter()
        fitted = fits[family](rows)
        seconds += time.perf_counter() - began
        n, k = int(fitted._N), len(names)
        g = _used(rows, family)["repo"].nunique()
        factor = g / (g - 1) * (n - 1) / (n - k)
        models[family] = _model(fitted.coef().to_numpy(), fitted.se().to_numpy(), factor, n)
    return seconds, models


def _statsmodels(path: Path, families: Sequence[str]) -> tuple[float, dict[str, Model]]:
    import statsmodels.api as sm

    _, names = lag_columns()
    seconds, models, k = 0.0, {}, len(names)
    for family in families:
        rows = _used(_frame(path), family)
        dummies = [pd.get_dummies(rows["unit"]), pd.get_dummies(rows["week"], drop_first=True)]
        X = np.hstack([rows[names], *dummies]).astype(float)
        cluster = {"groups": rows["repo"].to_numpy(), "use_correction": False}
        began = time.perf_counter()
        if family == "ols":
            fitted = sm.OLS(rows["forks"].to_numpy(), X).fit(cov_type="cluster", cov_kwds=cluster)
        else:
            model = sm.GLM(rows["forks"].to_numpy(), X, sm.families.Poisson())
            fitted = model.fit(cov_type="cluster", cov_kwds=cluster, tol=1e-12)
        seconds += time.perf_counter() - began
        models[family] = _model(fitted.params[:k], fitted.bse[:k], 1.0, len(rows))
    return seconds, models


def _used(rows: pd.DataFrame, family: str) -> pd.DataFrame:
    """A count model learns nothing from units and weeks without a count."""
    for key in ("unit", "week") if family == "ppml" else ():
        rows = rows[rows.groupby(key)["forks"].transform("sum") > 0]
    return rows


ENGINES = {"ours": _ours, "ours, lag table": _table, "pyfixest": _pyfixest, "statsmodels": _statsmodels}


def measured(engine: str, path: Path, families: Sequence[str], times: int) -> tuple[float, dict[str, Model]]:
    """Fit in ``times`` processes, print a row of the table; the median seconds and the last models."""
    seconds, peaks = [], []
    for _ in range(times):
        command = [sys.executable, "-m", "benchmarks.unit_panel_cost", "--fit", engine, str(path), *families]
        done = measure(command)
        taken, models = json.loads(done.out.strip().splitlines()[-1])
        seconds.append(taken)
        peaks.append(done.peak)
    label, middle = f"{engine}, {' and '.join(families)}", statistics.median(seconds)
    print(
        f"  {label:<32} {min(seconds):8.2f} {middle:8.2f} {max(seconds):8.2f} {max(peaks):9.0f}", flush=True
    )
    return middle, models


def compare(path: Path, peer: str, families: Sequence[str], runs: int, peer_runs: int) -> None:
    """Ours once for both models, the peer once a model; ratios and the largest differences."""
    print(f"  {'':<32} {'min s':>8} {'median s':>8} {'max s':>8} {'peak MB':>9}")
    ours, own = measured("ours", path, ("ols", "ppml"), runs)
    table, _ = measured("ours, lag table", path, ("ols", "ppml"), runs)
    for family in families:
        theirs, models = measured(peer, path, (family,), peer_runs)
        mine, other = own[family], models[family]
        apart = np.abs(np.subtract(mine["coef"], other["coef"])).max()
        errors = np.abs(np.divide(mine["raw_se"], other["raw_se"]) - 1).max()
        print(
            f"    {peer} {family} / ours both: {theirs / ours:.1f} times, {theirs / table:.1f} with the lag "
            f"table; rows used {mine['n']:,} and "
            f"{other['n']:,}; largest difference of a coefficient {apart:.1e}, "
            f"of a clustered error before factors {errors:.1e} (relative)",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[2_000_000], help="sizes of the panel")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer-runs", type=int, default=1)
    parser.add_argument("--peer-families", nargs="+", choices=("ols", "ppml"), default=["ols", "ppml"])
    parser.add_argument("--fit", nargs="+", metavar=("ENGINE", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.fit:
        engine, path, *families = given.fit
        warnings.filterwarnings("ignore", category=pd.errors.Pandas4Warning)  # of the peer, one a column
        print(json.dumps(ENGINES[engine](Path(path), families)))
        return
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
          f"python {platform.python_version()}")  # fmt: skip
    print(", ".join(f"{name} {version(name)}" for name in PACKAGES))
    with tempfile.TemporaryDirectory() as folder:
        for asked, peer in [(SMALL, "statsmodels"), *((rows, "pyfixest") for rows in given.rows)]:
            path = Path(folder, "panel.parquet")
            rows = write_panel(path, round(asked / ROWS_A_REPO))
            print(f"\n{rows:,} rows, {path.stat().st_size / 1e6:.1f} MB of Parquet")
            compare(path, peer, given.peer_families, given.runs, given.peer_runs)


if __name__ == "__main__":
    main()
