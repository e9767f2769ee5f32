"""The reference rows once more through our own row-by-row two-way fits, with the factor of our own."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pytest

from event_study.units.two_way import fit_ppml, fit_twfe
from tests.event_study.reference.conftest import ERROR, OLS, PPML, TEXAS


def rows(frame: pd.DataFrame, keep: Sequence[str]) -> pd.DataFrame:
    """The columns that a fit reads, as numbers, without rows that lack one."""
    return frame[list(keep)].dropna().astype(float)


@pytest.mark.parametrize(("cluster", "error"), [("state", 0.01933770906), ("unit", 0.01909956464)])
def test_staggered_adoption(df_het: pd.DataFrame, cluster: str, error: float) -> None:
    frame = rows(df_het, ("dep_var", "unit", "year", "treat", "state"))
    fit = fit_twfe(frame, y="dep_var", unit="unit", time="year", columns=["treat"], cluster=cluster)
    assert fit.coef[0] == pytest.approx(1.982540382, rel=OLS * 10)  # ten digits are printed
    assert fit.std_error[0] == pytest.approx(error, rel=ERROR)


def test_investment(grunfeld: pd.DataFrame) -> None:
    columns = ["value", "capital"]
    fit = fit_twfe(grunfeld, y="invest", unit="firm", time="year", columns=columns, cluster="firm")
    assert fit.coef == pytest.approx([0.1166811321, 0.3514356942], rel=OLS)
    assert fit.std_error == pytest.approx([0.01147547752, 0.04788372756], rel=ERROR)


def test_texas_prisons(texas: pd.DataFrame) -> None:
    frame = texas.assign(D=((texas["statefip"] == TEXAS) & (texas["year"] >= 1993)).astype(float))
    frame = rows(frame, ("bmprison", "statefip", "year", "D"))
    asked = {"y": "bmprison", "unit": "statefip", "time": "year", "columns": ["D"], "cluster": "statefip"}
    linear = fit_twfe(frame, **asked)
    assert linear.coef[0] == pytest.approx(29779.75875, rel=OLS)
    assert linear.std_error[0] == pytest.approx(586.3481522, rel=ERROR)
    poisson = fit_ppml(frame, **asked)
    assert poisson.coef[0] == pytest.approx(0.4900781728, rel=PPML)


def test_minimum_wages(mpdta: pd.DataFrame) -> None:
    frame = rows(mpdta, ("lemp", "countyreal", "year", "D"))
    fit = fit_twfe(frame, y="lemp", unit="countyreal", time="year", columns=["D"], cluster="countyreal")
    assert fit.coef[0] == pytest.approx(-0.03654893667, rel=OLS)
    assert fit.std_error[0] == pytest.approx(0.01326515543, rel=ERROR)
