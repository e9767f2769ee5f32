"""Our closed forms against pyfixest and statsmodels on random panels, estimates and clustered errors."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.estimators.design import Design, step_design
from event_study.estimators.registry import fit_gaps, fit_ppml
from event_study.inference.conventional import crv1_ols, crv1_ppml
from tests.event_study.reference.conftest import NONE, PPML, long, right

pf = pytest.importorskip("pyfixest")
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

SEEDS = st.integers(0, 2**32 - 1)
# its default stops at 1e-6, which is our tolerance
EXACT = {"demeaner": pf.MapDemeaner(fixef_tol=1e-12)}


def design_of(periods: int, events: int, *, trend: bool) -> Design:
    days = [date(2015 + i // 12, i % 12 + 1, 1) for i in range(periods)]
    at = np.linspace(6, periods - 4, events).astype(int)
    return step_design(days, "month", [(f"e{k}", days[i]) for k, i in enumerate(at)], trend=trend)


def formula(design: Design) -> str:
    return f"y ~ {' + '.join(f'x{k}' for k in range(design.X.shape[1] - 1))} | unit + time"


def factor(Y: np.ndarray, design: Design) -> float:
    return right(Y.size, design.X.shape[1] - 1, Y.shape[1])


@settings(max_examples=12, deadline=None)
@given(st.integers(4, 12), st.integers(16, 30), st.integers(1, 3), st.booleans(), SEEDS)
def test_ols(units: int, periods: int, events: int, trend: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    Y = rng.normal(size=(units, periods)).cumsum(axis=1) + rng.normal(0, 5, (units, 1))
    design = design_of(periods, events, trend=trend)
    fit = pf.feols(formula(design), data=long(Y, design), vcov={"CRV1": "unit"}, ssc=NONE, **EXACT)
    assert fit_gaps(Y, design).coef[0, 1:] == pytest.approx(fit.coef().to_numpy(), rel=PPML, abs=PPML)
    for k, error in enumerate(fit.se().to_numpy() * factor(Y, design)):
        row = crv1_ols(Y, design, np.eye(design.X.shape[1])[k + 1], 0.05)
        assert row.estimate == pytest.approx(fit.coef().iloc[k], rel=PPML, abs=PPML)
        assert row.std_error == pytest.approx(error, rel=PPML)


@settings(max_examples=10, deadline=None)
@given(st.integers(4, 10), st.integers(16, 26), st.integers(1, 2), st.booleans(), SEEDS)
def test_poisson(units: int, periods: int, events: int, trend: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    log_mean = rng.normal(2.5, 0.5, (units, 1)) + rng.normal(0, 0.3, (units, periods))
    Y = rng.poisson(np.exp(log_mean)).astype(float)
    Y[0] += 1  # no window of the treated unit, and no month, may be empty
    design = design_of(periods, events, trend=trend)
    frame = long(Y, design)
    fit = pf.fepois(
        formula(design), data=frame, vcov={"CRV1": "unit"}, ssc=NONE, iwls_tol=1e-12, iwls_maxiter=100,
        **EXACT,
    )  # fmt: skip
    assert Y.size == fit._N
    own = fit_ppml(Y, design).coef[0, 1:]
    assert own == pytest.approx(fit.coef().to_numpy(), rel=PPML, abs=PPML)
    effects = pd.get_dummies(frame[["unit", "time"]].astype(str), drop_first=True, dtype=float)
    regressors = frame[[c for c in frame if c.startswith("x")]]
    full = sm.GLM(
        frame["y"], sm.add_constant(pd.concat([regressors, effects], axis=1)), family=sm.families.Poisson()
    ).fit(tol=1e-12, maxiter=100)
    assert own == pytest.approx(full.params[list(regressors)].to_numpy(), rel=PPML, abs=PPML)
    for k, error in enumerate(fit.se().to_numpy() * factor(Y, design)):
        row = crv1_ppml(Y, design, np.eye(design.X.shape[1])[k + 1], 0.05)
        assert row.estimate == pytest.approx(own[k], rel=PPML, abs=PPML)
        assert row.std_error == pytest.approx(error, rel=PPML)
