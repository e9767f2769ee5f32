"""Reference rows of the Texas prisons: one treated state of 51, by package and by our own closed forms.

The whole problem in one data set: clustered by state t is 50.8; among the placebos, each by its own
pre-period error, Texas ranks second. Synthetic controls have files of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pytest

from event_study.estimators.design import Design, step_design
from event_study.estimators.registry import fit_gaps, fit_ppml
from event_study.inference.conventional import Conventional, crv1_ols, crv1_ppml
from event_study.inference.ri_studentised import rank_test
from tests.event_study.reference.conftest import ERROR, NONE, OLS, PPML, PRISONS, TEXAS, right

pf = pytest.importorskip("pyfixest")
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

STATE = {"CRV1": "statefip"}
EFFECT, CLUSTERED = 29779.75875, 586.3481522
LOG_RATIO, POISSON = 0.4900781728, 0.02043695259


@dataclass(frozen=True)
class Matrix:
    """``Y`` (51, 16), Texas first; one step in 1993."""

    Y: np.ndarray
    design: Design
    contrast: np.ndarray


@pytest.fixture(scope="module")
def matrix(texas: pd.DataFrame) -> Matrix:
    wide = texas.pivot(index="statefip", columns="year", values="bmprison")
    order = [TEXAS, *(s for s in wide.index if s != TEXAS)]
    years = [date(year, 1, 1) for year in wide.columns]
    design = step_design(years, "year", [("prisons", PRISONS)], trend=False)
    return Matrix(wide.loc[order].to_numpy(), design, design.contrast(["prisons"], [1.0]))


def test_two_way_effects(texas: pd.DataFrame) -> None:
    fit = pf.feols("bmprison ~ D | statefip + year", data=texas, vcov=STATE, ssc=NONE)
    assert fit.coef().iloc[0] == pytest.approx(EFFECT, rel=OLS)
    assert fit.se().iloc[0] == pytest.approx(580.5640586, rel=ERROR)
    assert fit.se().iloc[0] * right(816, 1, 16) == pytest.approx(CLUSTERED, rel=ERROR)


def test_gap_and_closed_form_error(matrix: Matrix) -> None:
    fits = fit_gaps(matrix.Y, matrix.design)
    assert fits.coef[0] @ matrix.contrast == pytest.approx(EFFECT, rel=OLS)
    row = crv1_ols(matrix.Y, matrix.design, matrix.contrast, 0.05)
    assert row.estimate == pytest.approx(EFFECT, rel=OLS)
    assert row.std_error == pytest.approx(CLUSTERED, rel=ERROR)
    assert row.estimate / row.std_error == pytest.approx(50.8, abs=0.05)
    before, after = matrix.design.pre, ~matrix.design.pre
    gap = matrix.Y[0] - matrix.Y[1:].mean(axis=0)
    assert row.estimate == pytest.approx(gap[after].mean() - gap[before].mean(), rel=1e-10)


def test_first_by_size_second_by_its_own_noise(matrix: Matrix) -> None:
    fits = fit_gaps(matrix.Y, matrix.design)
    b = fits.coef @ matrix.contrast
    plain = rank_test(b, np.ones(51))
    assert plain.p_value == plain.p_floor == pytest.approx(1 / 51)
    test = rank_test(b, fits.scale)
    assert test.ratios[0] == pytest.approx(9.138616117, rel=OLS)
    assert test.p_value == pytest.approx(2 / 51)
    assert test.p_value == pytest.approx(0.0392157, abs=5e-8)


def test_poisson(texas: pd.DataFrame, matrix: Matrix) -> None:
    fit = pf.fepois("bmprison ~ D | statefip + year", data=texas, vcov=STATE, ssc=NONE)
    assert fit.coef().iloc[0] == pytest.approx(LOG_RATIO, rel=PPML)
    assert fit.se().iloc[0] == pytest.approx(POISSON, rel=ERROR)
    assert fit_ppml(matrix.Y, matrix.design).coef[0] @ matrix.contrast == pytest.approx(LOG_RATIO, rel=PPML)
    row: Conventional = crv1_ppml(matrix.Y, matrix.design, matrix.contrast, 0.05)
    assert row.estimate == pytest.approx(LOG_RATIO, rel=PPML)
    assert row.std_error == pytest.approx(POISSON * right(816, 1, 16), rel=ERROR)
