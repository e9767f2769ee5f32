"""With one treated unit and a common date the staggered estimators are the regression of the gap.

did2s, Sun and Abraham's saturated model and LP-DiD are cross-checks of code, not other designs: each
must give what our own fit of the gap gives, on a simulated panel, to 1e-6.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from event_study.estimators.design import Design, lag_design, step_design
from event_study.estimators.registry import fit_gaps
from event_study.periods import Grid
from tests.event_study.reference.conftest import PPML

pf = pytest.importorskip("pyfixest")
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

UNITS, PERIODS, EVENT = 12, 24, 14
MONTHS = [date(2021 + i // 12, i % 12 + 1, 1) for i in range(PERIODS)]
PANEL = {"yname": "y", "idname": "unit", "tname": "time", "gname": "g"}
AFTER = range(5)


@pytest.fixture(scope="module")
def levels() -> np.ndarray:
    rng = np.random.default_rng(20221007)
    Y = rng.normal(size=(UNITS, PERIODS)).cumsum(axis=1) + rng.normal(0, 3, (UNITS, 1))
    Y[0, EVENT:] += np.linspace(1, 2, PERIODS - EVENT)
    return Y


@pytest.fixture(scope="module")
def panel(levels: np.ndarray) -> pd.DataFrame:
    """Units from 1 and periods from 1, because pyfixest's 0 means never treated."""
    unit, time = np.indices(levels.shape) + 1
    frame = pd.DataFrame({"unit": unit.ravel(), "time": time.ravel(), "y": levels.ravel()})
    frame["g"] = np.where(frame["unit"] == 1, EVENT + 1, 0)
    treated = frame["g"] > 0
    frame["treat"] = (treated & (frame["time"] >= frame["g"])).astype(int)
    frame["rel"] = np.where(treated, frame["time"] - frame["g"], -1).clip(-7, 7).astype(float)
    return frame


def lags(reference: tuple[int, int]) -> Design:
    """Every lag from -6 to 6 by itself, both ends binned, measured from the mean of ``reference``."""
    grid = Grid.of(tuple(range(-6, 8)), reference, half_window=1)
    return lag_design(MONTHS, "month", [("e", MONTHS[EVENT])], grid, trend=False)


def named(levels: np.ndarray, design: Design) -> dict[str, float]:
    return dict(zip(design.names, design.map @ fit_gaps(levels, design).coef[0], strict=True))


def step(levels: np.ndarray) -> float:
    design = step_design(MONTHS, "month", [("e", MONTHS[EVENT])], trend=False)
    return named(levels, design)["e"]


def test_did2s_is_the_step(levels: np.ndarray, panel: pd.DataFrame) -> None:
    fit = pf.did2s(
        panel, yname="y", first_stage="~ 0 | unit + time", second_stage="~ treat", treatment="treat",
        cluster="unit",
    )  # fmt: skip
    assert fit.coef()["treat"] == pytest.approx(step(levels), rel=PPML)


def test_did2s_by_lag_is_the_gap_from_its_mean_before(levels: np.ndarray, panel: pd.DataFrame) -> None:
    fit = pf.did2s(
        panel, yname="y", first_stage="~ 0 | unit + time", second_stage="~ i(rel, ref=-1.0)",
        treatment="treat", cluster="unit",
    )  # fmt: skip
    own = named(levels, lags((-1, -1)))
    gap = fit_gaps(levels, lags((-1, -1))).gaps[0]
    # did2s measures from the mean of all periods before, we here from the last of them
    mean_before = gap[:EVENT].mean() - gap[EVENT - 1]
    found = [fit.coef()[f"rel::{k:.1f}"] for k in AFTER]
    assert found == pytest.approx([own[f"k={k:+d}"] - mean_before for k in AFTER], rel=PPML)


def test_sun_and_abraham_is_the_gap_by_lag(levels: np.ndarray, panel: pd.DataFrame) -> None:
    never = pytest.warns(UserWarning, match="rel_time::inf")  # collinear: its units are never treated
    with pytest.warns(UserWarning, match="in beta"), never:
        fit = pf.event_study(panel, **PANEL, estimator="saturated", cluster="unit")
    found = fit.aggregate()["Estimate"].astype(float)
    own = named(levels, lags((-1, -1)))
    window = [k for k in range(-6, 7) if k != -1]
    assert list(found[window]) == pytest.approx([own[f"k={k:+d}"] for k in window], rel=PPML)
    assert own["k=-1"] == pytest.approx(0, abs=1e-12)
    assert found[found.index >= 7].mean() == pytest.approx(own["k=+7"], rel=PPML)


def test_local_projections_are_the_gap_by_lag(levels: np.ndarray, panel: pd.DataFrame) -> None:
    window = {"vcov": "iid", "pre_window": -6, "post_window": 6}
    found = pf.lpdid(panel, **PANEL, **window, att=False).tidy()["Estimate"].astype(float)
    own = named(levels, lags((-1, -1)))
    for k in (*range(-6, -1), *range(7)):
        assert found[f"time_to_treatment::{k}"] == pytest.approx(own[f"k={k:+d}"], rel=PPML)


def test_pooled_local_projections_are_the_step_from_the_last_period_before(
    levels: np.ndarray, panel: pd.DataFrame
) -> None:
    last = PERIODS - EVENT - 1
    pooled = pf.lpdid(panel, **PANEL, vcov="iid", pre_window=-2, post_window=last, att=True).tidy()
    gap = fit_gaps(levels, lags((-1, -1))).gaps[0]
    moved = gap[:EVENT].mean() - gap[EVENT - 1]
    assert pooled.loc["treat_diff", "Estimate"] == pytest.approx(step(levels) + moved, rel=PPML)
