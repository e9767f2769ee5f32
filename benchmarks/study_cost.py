"""The study's seconds beside packages that loop: placebo countries, placebo dates, weighed donors, specs.

``python -m benchmarks.study_cost [--home DIR] [--runs N] [--peer-fits N]``. The first three are simulated
panels; a peer fits a few placebos (``--peer-fits``), and its seconds for all are those times their number.
The specs of a run and its specification curve are estimated from the marts of a home, every run a process
of its own whose clock starts after the imports; without ``--home`` the simulated sample is made first.
"""

from __future__ import annotations

from orchestration import environment  # noqa: F401 (one thread for linear algebra, before numpy)

# isort: split
import argparse
import json
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from benchmarks import printed
from benchmarks.run_cost import measure, run_command
from event_study.estimators.design import step_design
from event_study.estimators.gaps import gap_matrix, pre_scale
from event_study.estimators.matrices import as_treated
from event_study.estimators.registry import fit_gaps
from event_study.estimators.sdid import sdid
from event_study.estimators.synthetic import synth
from event_study.inference.ri_dates import dates_test
from event_study.inference.ri_studentised import RankTest, joint_p, joint_ratios, rank_test, romano_wolf

PACKAGES = ("numpy", "scipy", "pandas", "pyfixest", "statsmodels", "pysyncon", "diff-diff")
SEED = 20221007
UNITS, MONTHS = 61, 70
EVENTS = [("d1", date(2022, 8, 9)), ("d2", date(2022, 10, 7)), ("d3", date(2023, 10, 17)),
          ("d4", date(2024, 12, 2))]  # fmt: skip
PERIODS = [date(2019 + m // 12, m % 12 + 1, 1) for m in range(MONTHS + 8)][8:]
WEEKS, VECTORS, HALF = 420, 10_000, 4
DATES = [200, 240, 300, 360]
MADE = TypeVar("MADE")


def panel(units: int, periods: int) -> np.ndarray:
    """AR(1) 0.8 around unit means, of unequal variance; (units, periods)."""
    rng = np.random.default_rng(SEED)
    noise = rng.normal(size=(units, periods))
    for t in range(1, periods):
        noise[:, t] = 0.8 * noise[:, t - 1] + 0.6 * noise[:, t]
    return noise * np.exp(0.6 * rng.normal(size=(units, 1))) + rng.normal(5, 1, (units, 1))


def timed(make: Callable[[], MADE], runs: int) -> tuple[list[float], MADE]:
    """Milliseconds of every run after a first one that does not count, and what the last made."""
    made, taken = make(), []
    for _ in range(runs):
        began = time.perf_counter()
        made = make()
        taken.append(1e3 * (time.perf_counter() - began))
    return taken, made


def peer(label: str, ours: Sequence[float], fits: Sequence[float], number: int, note: str) -> None:
    """A peer's milliseconds for one placebo, and what all of them would take by its median."""
    printed.row(f"  {label}: one of {number:,}", fits)
    all_of_them = statistics.median(fits) * number
    print(f"    all {number:,}: {all_of_them:,.0f} ms by the median of {len(fits)}, "
          f"{all_of_them / statistics.median(ours):,.0f} times ours; {note}")  # fmt: skip


def target(what: str, value: float, limit: float, unit: str) -> None:
    print(f"    {what}: {value:,.4g} {unit}, target under {limit:g} {unit}: "
          f"{'met' if value < limit else 'MISSED'}")  # fmt: skip


# --- placebo countries --------------------------------------------------------------------------------


def all_placebos(Y: np.ndarray) -> tuple[np.ndarray, RankTest, float, np.ndarray]:
    """Everything of the headline's inference: coefficients of all units, rank, set, joint and stepwise p."""
    design = step_design(PERIODS, "month", EVENTS, trend=False)
    fits = fit_gaps(Y, design)
    test = rank_test(fits.coef @ design.contrast(design.names, [0.25] * 4), fits.scale)
    width = np.sqrt(np.diag(np.linalg.inv(design.X.T @ design.X)))[1:]
    ratios = joint_ratios(fits.coef[:, 1:], fits.scale, width)
    return fits.coef[:, 1:], test, joint_p(ratios), romano_wolf(ratios)


def stacked(Y: np.ndarray, steps: np.ndarray) -> pd.DataFrame:
    """Rows of unit and time, as a regression package takes them; the steps are the first unit's."""
    units, periods = Y.shape
    first = np.repeat(np.arange(units) == 0, periods)
    keys = {"unit": np.repeat(np.arange(units), periods), "time": np.tile(np.arange(periods), units)}
    columns = {f"x{k}": np.tile(column, units) * first for k, column in enumerate(steps.T)}
    return pd.DataFrame({**keys, "y": Y.ravel(), **columns})


def by_pyfixest(rows: pd.DataFrame) -> Callable[[], np.ndarray]:
    import pyfixest as pf

    options = {"vcov": "iid", "copy_data": False, "store_data": False, "lean": True}
    formula = "y ~ x0 + x1 + x2 + x3 | unit + time"
    return lambda: pf.feols(formula, rows, **options).coef().to_numpy()


def by_statsmodels(rows: pd.DataFrame) -> Callable[[], np.ndarray]:
    import statsmodels.api as sm

    dummies = [pd.get_dummies(rows["unit"]), pd.get_dummies(rows["time"], drop_first=True)]
    X = np.hstack([rows[["x0", "x1", "x2", "x3"]], *dummies]).astype(float)
    return lambda: np.asarray(sm.OLS(rows["y"].to_numpy(), X).fit().params[:4])


def placebo_countries(runs: int, peer_fits: int) -> None:
    Y = panel(UNITS, MONTHS)
    taken, (coef, *_) = timed(lambda: all_placebos(Y), runs)
    printed.row(f"ours: {UNITS} units x {MONTHS} months, 4 joint steps", taken, digits=2)
    target("median", statistics.median(taken), 50, "ms")
    steps = step_design(PERIODS, "month", EVENTS, trend=False).X[:, 1:]
    chosen = np.linspace(0, UNITS - 1, peer_fits).astype(int)
    for label, prepare in (("pyfixest feols", by_pyfixest), ("statsmodels OLS", by_statsmodels)):
        fits, apart = [], 0.0
        for j in chosen:
            one, theirs = timed(prepare(stacked(as_treated(Y, j), steps)), 1)
            fits += one
            apart = max(apart, float(np.abs(theirs - coef[j]).max()))
        peer(label, taken, fits, UNITS, f"largest difference of a coefficient {apart:.1e}")


# --- placebo dates ------------------------------------------------------------------------------------


def by_loop(gaps: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """The same statistics as they are written down: units, vectors, dates."""
    found = np.empty((len(gaps), len(vectors)))
    for (u, gap), (v, dates) in product(enumerate(gaps), enumerate(vectors)):
        found[u, v] = np.mean([gap[t : t + HALF].mean() - gap[t - HALF : t].mean() for t in dates])
    return found


def placebo_vectors(runs: int, peer_fits: int) -> None:
    gaps, when = panel(UNITS - 1, WEEKS), np.arange(WEEKS)
    options: dict[str, Any] = {"half": HALF, "draws": VECTORS, "seed": SEED}
    taken, _ = timed(lambda: [dates_test(gap, when, DATES, **options) for gap in gaps], runs)
    printed.row(f"ours: {VECTORS:,} vectors of 4 x {len(gaps)} x {WEEKS} weeks", taken, digits=2)
    target("median", statistics.median(taken) / 1e3, 4, "s")
    vectors = np.random.default_rng(SEED).integers(HALF, WEEKS - HALF, (peer_fits, len(DATES)))
    fits = [timed(partial(by_loop, gaps, one[None, :]), 1)[0][0] for one in vectors]
    peer("loop over units and dates", taken, fits, VECTORS, "numpy, no package does it")


# --- weighed donors -----------------------------------------------------------------------------------


def by_pysyncon(Y: np.ndarray, pre: np.ndarray) -> Callable[[], float]:
    import pysyncon

    frame = pd.DataFrame(Y[:, pre].T).rename(columns=str)
    X0, X1, V = frame.drop(columns="0"), frame["0"], Y[:, pre].var(axis=0, ddof=1)

    def fit() -> float:
        one = pysyncon.Synth()
        one.fit(X0=X0, X1=X1, Z0=X0, Z1=X1, custom_V=V)  # V undoes its scaling: the same objective
        gap = Y[0] - np.asarray(one.W, dtype=float) @ Y[1:]
        return float(np.sqrt((gap[pre] ** 2).mean()))

    return fit


def by_diff_diff(Y: np.ndarray, pre: np.ndarray) -> Callable[[], float]:
    from diff_diff import SyntheticDiD

    rows = stacked(Y, np.empty((Y.shape[1], 0))).assign(treated=np.repeat(np.arange(len(Y)) == 0, Y.shape[1]))
    rows["treated"] = rows["treated"].astype(int)
    after = [int(t) for t in np.flatnonzero(~pre)]

    def fit() -> float:  # two placebo draws, the fewest that it takes: three fits
        one = SyntheticDiD(n_bootstrap=2, seed=1)
        return float(one.fit(rows, "y", "treated", "unit", "time", post_periods=after).att)

    return fit


def weighed_donors(runs: int, peer_fits: int) -> None:
    Y, design = panel(UNITS, MONTHS), step_design(PERIODS, "month", EVENTS, trend=False)
    pre, scale = design.pre, pre_scale(gap_matrix(Y), design)
    chosen = np.linspace(0, UNITS - 1, peer_fits).astype(int)
    matched: list[tuple[str, Any, str, Any, Callable[[np.ndarray], float], str, int]] = [
        ("synthetic control", synth, "pysyncon", by_pysyncon,
         lambda seen: synth(seen, pre, ~pre).rmspe_pre, "root mean square before the event", 1),
        ("synthetic difference-in-differences", sdid, "diff-diff",
         by_diff_diff, lambda seen: sdid(seen, pre, ~pre).effect, "effect", 3),
    ]  # fmt: skip

    def rank(estimator: Any) -> RankTest:
        effects = [estimator(as_treated(Y, j), pre, ~pre).effect for j in range(UNITS)]
        return rank_test(np.asarray(effects), scale)

    for name, estimator, package, prepare, ours, what, fits_in_one in matched:
        taken, _ = timed(partial(rank, estimator), runs)
        printed.row(f"ours: {name}", taken)
        fits, apart = [], 0.0
        for j in chosen:
            seen = as_treated(Y, j)
            one, theirs = timed(prepare(seen, pre), 1)
            fits.append(one[0] / fits_in_one)
            apart = max(apart, abs(theirs - ours(seen)))
        note = f"largest difference of the {what} {apart:.1e}"
        note += f"; its {fits_in_one} fits counted as one" if fits_in_one > 1 else ""
        peer(package, taken, fits, UNITS, note)


# --- what a run estimates -----------------------------------------------------------------------------


def step(name: str, home: Path) -> dict[str, float]:
    """One step from a home's marts: its wall and CPU seconds, and the rows it made."""
    from event_study.claims.curve import load_curve, specification_curve
    from event_study.panel.adapter import from_marts
    from event_study.study.questions import estimate, identify
    from orchestration.assets.result_files import planted_effects, read_study
    from orchestration.home.curated import SPECS
    from orchestration.home.lock import settings_of

    settings = settings_of(None, home)
    study = read_study(settings)
    until, dimensions = settings.until, study.dimensions
    wall, cpu = time.perf_counter(), time.process_time()
    if name == "specs":
        known = identify(study.panels, specs=study.specs, until=until, **dimensions)
        made = estimate(
            study.panels, specs=study.specs, identification=known, until=until,
            planted=planted_effects(settings), origin=settings.origin,
            inputs_sha256=study.inputs_sha256, **dimensions,
        ).estimates  # fmt: skip
    else:
        made = specification_curve(from_marts(study.panels, until=until, **dimensions), load_curve(SPECS))
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "rows": len(made),
        "ok": int((made["status"] == "ok").sum()),
    }


def steps_of_a_run(home: Path, runs: int) -> None:
    for name, label, limit in (("specs", "default specs", 10), ("curve", "specification curve", 90)):
        command = [sys.executable, "-m", "benchmarks.study_cost", "--step", name, "--home", str(home)]
        done = [measure(command) for _ in range(runs)]
        reports = [json.loads(one.out.strip().splitlines()[-1]) for one in done]
        cpu, peak = statistics.median(one["cpu"] for one in reports), max(one.peak for one in done)
        printed.row(f"{label}: {reports[-1]['rows']:,} rows, {reports[-1]['ok']:,} ranked",
                    [one["wall"] for one in reports], f"{cpu:.1f}", f"{peak:.0f}")  # fmt: skip
        target("CPU seconds beyond imports, median", cpu, limit, "s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="a home with marts; without it the sample is made")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer-fits", type=int, default=5, help="placebos that a peer fits")
    parser.add_argument("--step", choices=("specs", "curve"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        print(json.dumps(step(given.step, given.home)))
        return
    warnings.filterwarnings("ignore")  # of the peers
    printed.setting(PACKAGES)
    for title, compare in (
        ("all country placebos, ms", placebo_countries),
        ("placebo dates, ms", placebo_vectors),
        (f"ranks of {UNITS - 1} weighed donors, ms", weighed_donors),
    ):
        printed.header(title)
        compare(given.runs, given.peer_fits)
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or Path(folder, "home")
        if given.home is None:
            measure(run_command(home, None))
        printed.header("from a home's marts, s", "CPU s", "peak MB")
        steps_of_a_run(home, given.runs)


if __name__ == "__main__":
    main()
