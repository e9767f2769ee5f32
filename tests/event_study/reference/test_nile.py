"""Reference rows of the Nile: one interrupted series with HAC errors (ours: ``test_interrupted``)."""

from __future__ import annotations

import pandas as pd
import pytest
import statsmodels.api as sm

from tests.event_study.reference.conftest import ERROR, OLS


@pytest.mark.parametrize(
    ("lags", "correction", "error"),
    [
        (4, False, 31.33944872),
        (12, False, 26.04543951),
        (4, True, 31.65762387),
        (12, True, 26.30986699),
    ],
)
def test_dam(nile: pd.DataFrame, lags: int, correction: bool, error: float) -> None:
    post = sm.add_constant((nile["year"] >= 1899).astype(float))
    kernel = {"maxlags": lags, "use_correction": correction}
    fit = sm.OLS(nile["volume"], post).fit(cov_type="HAC", cov_kwds=kernel)
    assert fit.params["year"] == pytest.approx(-247.7777778, rel=OLS)
    assert fit.bse["year"] == pytest.approx(error, rel=ERROR)
