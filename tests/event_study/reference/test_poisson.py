"""Reference rows of pyfixest's simulated counts: Poisson with two fixed effects, and statsmodels' GLM."""

from __future__ import annotations

import pandas as pd
import pytest
import statsmodels.api as sm

from tests.event_study.reference.conftest import ERROR, PPML

pf = pytest.importorskip("pyfixest")
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    frame = pf.get_data(N=1000, seed=1234, model="Fepois")
    assert frame["Y"].sum() == 978
    return frame


@pytest.mark.parametrize(
    ("vcov", "errors"),
    [("iid", (0.04202471533, 0.01133569119)), ("hetero", (0.0403611126, 0.01082757208))],
)
def test_fepois(counts: pd.DataFrame, vcov: str, errors: tuple[float, float]) -> None:
    """The errors are those of pyfixest's default convergence, 2e-5 below the maximum's own."""
    with pytest.warns(UserWarning, match="2 singleton fixed effect"):
        fit = pf.fepois("Y ~ X1 + X2 | f1 + f2", data=counts, vcov=vcov)
    assert fit._N == 995
    assert fit.coef().to_numpy() == pytest.approx([-0.006591089616, -0.01492392962], rel=PPML)
    assert fit.se().to_numpy() == pytest.approx(errors, rel=ERROR)


def test_glm_with_every_dummy(counts: pd.DataFrame) -> None:
    """It keeps the two singletons, and its HC1 is its HC0."""
    seen = counts.dropna(subset=["Y", "X1", "X2", "f1", "f2"])
    first = pd.get_dummies(seen["f1"], prefix="f1", drop_first=True, dtype=float)
    second = pd.get_dummies(seen["f2"], prefix="f2", dtype=float)
    model = sm.GLM(
        seen["Y"], pd.concat([seen[["X1", "X2"]], first, second], axis=1), family=sm.families.Poisson()
    )
    plain, robust, corrected = (model.fit(cov_type=kind) for kind in ("nonrobust", "HC0", "HC1"))
    assert len(seen) == 997
    assert plain.params["X1"] == pytest.approx(-0.006591089419, rel=PPML)
    assert plain.bse["X1"] == pytest.approx(0.04073733744, rel=ERROR)
    assert robust.bse["X1"] == corrected.bse["X1"] == pytest.approx(0.03910573922, rel=ERROR)
