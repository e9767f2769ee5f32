"""Own algebra against packages that fit every dummy: pyfixest and statsmodels."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import NonPositiveLog, NotConverged, SeparatedBin
from event_study.estimators import ppml
from event_study.estimators.design import Design, step_design
from event_study.estimators.ppml import grouped_logit
from event_study.estimators.registry import ESTIMATORS, fit_gaps, fit_ppml
from event_study.inference.conventional import crv1_ols, crv1_ppml

pf = pytest.importorskip("pyfixest")
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")


def design_of(periods: int, events: int, *, trend: bool = False) -> Design:
    days = [date(2015 + i // 12, i % 12 + 1, 1) for i in range(periods)]
    at = np.linspace(6, periods - 4, events).astype(int)
    return step_design(days, "month", [(f"e{k}", days[i]) for k, i in enumerate(at)], trend=trend)


def long(Y: np.ndarray, design: Design) -> pd.DataFrame:
    units, periods = Y.shape
    frame = pd.DataFrame(
        {
            "y": Y.ravel(),
            "unit": np.repeat(np.arange(units), periods),
            "time": np.tile(np.arange(periods), units),
        }
    )
    for k, column in enumerate(design.X.T[1:]):
        frame[f"x{k}"] = np.where(frame["unit"] == 0, column[frame["time"]], 0.0)
    return frame


def dummies(frame: pd.DataFrame) -> np.ndarray:
    effects = pd.get_dummies(frame[["unit", "time"]].astype(str), drop_first=True, dtype=float)
    regressors = frame[[c for c in frame if str(c).startswith("x")]]
    return np.column_stack([regressors, np.ones(len(frame)), effects])


@settings(max_examples=15, deadline=None)
@given(st.integers(3, 9), st.integers(16, 30), st.integers(1, 3), st.booleans(), st.integers(0, 9999))
def test_gaps_are_two_way_fixed_effects(
    units: int, periods: int, events: int, trend: bool, seed: int
) -> None:
    Y = np.random.default_rng(seed).normal(size=(units, periods)).cumsum(axis=1)
    design = design_of(periods, events, trend=trend)
    frame = long(Y, design)
    fitted = np.linalg.lstsq(dummies(frame), frame["y"].to_numpy(), rcond=None)[0]
    size = design.X.shape[1] - 1
    assert fit_gaps(Y, design).coef[0, 1:] == pytest.approx(fitted[:size], abs=1e-10, rel=1e-10)


def test_gaps_are_pyfixest() -> None:
    design, rng = design_of(30, 3), np.random.default_rng(1)
    Y = rng.normal(size=(12, 30))
    fit = pf.feols("y ~ x0 + x1 + x2 | unit + time", data=long(Y, design))
    assert fit_gaps(Y, design).coef[0, 1:] == pytest.approx(fit.coef().to_numpy(), abs=1e-10)


def test_every_placebo_is_its_own_fit_without_the_treated_unit() -> None:
    design, rng = design_of(24, 2), np.random.default_rng(2)
    Y = rng.normal(size=(6, 24))
    fits = fit_gaps(Y, design)
    for j in range(1, 6):
        order = [j, *(i for i in range(1, 6) if i != j)]
        assert fits.coef[j] == pytest.approx(fit_gaps(Y[order], design).coef[0], abs=1e-12)


@settings(max_examples=10, deadline=None)
@given(st.integers(3, 8), st.integers(16, 24), st.booleans(), st.integers(0, 9999))
def test_summed_rows_are_the_full_poisson(units: int, periods: int, trend: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    Y = rng.poisson(np.exp(rng.normal(2, 0.5, (units, 1)) + rng.normal(0, 0.3, (units, periods)))).astype(
        float
    )
    Y[:, Y.sum(axis=0) == 0] += 1
    design = design_of(periods, 2, trend=trend)
    frame = long(Y, design)
    full = sm.GLM(frame["y"], dummies(frame), family=sm.families.Poisson()).fit(tol=1e-12, maxiter=100)
    size = design.X.shape[1] - 1
    fits = fit_ppml(Y, design)
    assert not fits.separated[0]
    assert fits.coef[0, 1:] == pytest.approx(full.params.to_numpy()[:size], abs=1e-6)


def test_summed_rows_are_pyfixest_and_their_errors_statsmodels() -> None:
    rng, design = np.random.default_rng(4), design_of(26, 2)
    Y = rng.poisson(np.exp(rng.normal(1.5, 0.6, (8, 1)) + rng.normal(0, 0.2, (8, 26)))).astype(float)
    frame = long(Y, design)
    fit = pf.fepois("y ~ x0 + x1 | unit + time", data=frame, separation_check=["fe", "ir"])
    contrast = design.contrast(["e0", "e1"], [0.5, 0.5])
    mine = crv1_ppml(Y, design, contrast, 0.05)
    assert mine.estimate == pytest.approx(fit.coef().to_numpy().mean(), abs=1e-6)
    full = sm.GLM(frame["y"], dummies(frame), family=sm.families.Poisson()).fit(
        tol=1e-12, cov_type="cluster", cov_kwds={"groups": frame["unit"].to_numpy(), "use_correction": False}
    )
    half = np.zeros(full.params.size)
    half[:2] = 0.5
    plain = float(np.sqrt(half @ full.cov_params().to_numpy() @ half))
    factor = 8 / 7 * (8 * 26 - 1) / (8 * 26 - 2 - 26)
    assert mine.std_error == pytest.approx(plain * np.sqrt(factor), rel=1e-6)


def test_clustered_errors_are_pyfixest_with_the_right_factor() -> None:
    """Its bundled data, one treated unit; k_fixef none is a choice that no hash seed moves."""
    data = pd.read_csv(files("pyfixest") / "did" / "data" / "df_het.csv")
    never = sorted(data.loc[data["g"] == 0, "unit"].unique())[:40]
    treated = data.loc[(data["g"] == 2000) & data["treat"], "unit"].iloc[0]
    panel = data[data["unit"].isin([treated, *never])].pivot(index="unit", columns="year", values="dep_var")
    Y = panel.loc[[treated, *never]].to_numpy()
    days = [date(int(year), 1, 1) for year in panel.columns]
    events = [("e", date(2000, 1, 1)), ("f", date(2010, 1, 1))]
    design = step_design(days, "year", events, trend=False)
    ssc = pf.ssc(k_adj=True, k_fixef="none", G_adj=True, G_df="min")
    fit = pf.feols("y ~ x0 + x1 | unit + time", data=long(Y, design), vcov={"CRV1": "unit"}, ssc=ssc)
    right = np.sqrt((Y.size - 2) / (Y.size - 2 - Y.shape[1]))
    for k, name in enumerate(("e", "f")):
        mine = crv1_ols(Y, design, design.contrast([name], [1.0]), 0.05)
        assert mine.estimate == pytest.approx(float(fit.coef()[f"x{k}"]), rel=1e-8)
        assert mine.std_error == pytest.approx(float(fit.se()[f"x{k}"]) * right, rel=1e-6)


def test_nile_and_grunfeld() -> None:
    nile = sm.datasets.nile.load_pandas().data
    days = [date(int(y), 1, 1) for y in nile["year"]]
    design = step_design(days, "year", [("dam", date(1899, 1, 1))], trend=False)
    Y = np.vstack([nile["volume"], np.zeros(len(nile)), np.zeros(len(nile))])
    assert fit_gaps(Y, design).coef[0, 1] == pytest.approx(-247.7777778, rel=1e-8)
    firms = sm.datasets.grunfeld.load_pandas().data.pivot(index="firm", columns="year", values="invest")
    years = [date(int(y), 1, 1) for y in firms.columns]
    design = step_design(years, "year", [("e", date(1945, 1, 1))], trend=False)
    mine = crv1_ols(firms.to_numpy(), design, design.contrast(["e"], [1.0]), 0.05)
    frame = long(firms.to_numpy(), design)
    groups = {"groups": frame["unit"].to_numpy(), "use_correction": False}
    full = sm.OLS(frame["y"], dummies(frame)).fit(cov_type="cluster", cov_kwds=groups)
    factor = 11 / 10 * (220 - 1) / (220 - 1 - 20)
    assert mine.estimate == pytest.approx(full.params.iloc[0], rel=1e-8)
    assert mine.std_error == pytest.approx(full.bse.iloc[0] * np.sqrt(factor), rel=1e-6)


def test_a_unit_without_counts_after_the_event_is_separated_not_a_number() -> None:
    design = design_of(20, 1)
    Y = np.full((4, 20), 5.0)
    Y[1, design.X[:, 1] > 0] = 0
    fits = ESTIMATORS["ppml"](Y, design)
    assert list(fits.separated) == [False, True, False, False]
    assert fits.coef[0, 1] == pytest.approx(np.log(15 / 10))


def test_zero_has_no_logarithm() -> None:
    with pytest.raises(NonPositiveLog):
        ESTIMATORS["ols_log"](np.zeros((3, 20)), design_of(20, 1))


def test_periods_without_any_count_carry_nothing() -> None:
    rng = np.random.default_rng(8)
    y, n, X = (
        rng.poisson(3, (2, 12)) + 1.0,
        np.full((2, 12), 20.0),
        np.column_stack([np.ones(12), np.arange(12)]),
    )
    kept, _ = grouped_logit(y, n, X)
    wider, _ = grouped_logit(
        np.column_stack([y, [0, 0]]), np.column_stack([n, [0, 0]]), np.vstack([X, [1.0, 12.0]])
    )
    assert wider == pytest.approx(kept, abs=1e-10)


def test_too_few_iterations_are_no_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ppml, "MAX_ITERATIONS", 2)
    with pytest.raises(NotConverged, match="no convergence to 1e-11 in 2 iterations"):
        ESTIMATORS["ppml"](np.random.default_rng(1).poisson(4.0, (4, 20)) + 1.0, design_of(20, 1))


def test_clustered_errors_of_a_ratio_to_nothing_are_refused() -> None:
    design = design_of(20, 1)
    Y = np.full((4, 20), 5.0)
    Y[0, design.X[:, 1] > 0] = 0
    with pytest.raises(SeparatedBin):
        crv1_ppml(Y, design, design.contrast(["e0"], [1.0]), 0.05)
