"""Reference rows of Grunfeld's investment data: one model, and what each package calls its errors."""

from __future__ import annotations

import pandas as pd
import pytest
import statsmodels.api as sm

from tests.event_study.reference.conftest import ERROR, FULL, NONE, OLS, right

pf = pytest.importorskip("pyfixest")
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

FORMULA = "invest ~ value + capital | firm + year"
COEFFICIENTS = (0.1166811321, 0.3514356942)
YEARS = 20


@pytest.mark.parametrize(
    ("cluster", "levels", "errors"),
    [
        ("firm", 0, (0.01093641835, 0.04563439524)),
        ("firm", YEARS, (0.01147547752, 0.04788372756)),
        ("firm+year", 0, (0.01132152418, 0.04343713649)),
    ],
    ids=["firm", "firm right", "firm and year"],
)
def test_clustered(grunfeld: pd.DataFrame, cluster: str, levels: int, errors: tuple[float, float]) -> None:
    fit = pf.feols(FORMULA, data=grunfeld, vcov={"CRV1": cluster}, ssc=NONE)
    assert fit.coef().to_numpy() == pytest.approx(COEFFICIENTS, rel=OLS)
    assert fit.se().to_numpy() * right(220, 2, levels) == pytest.approx(errors, rel=ERROR)


@pytest.mark.parametrize(("vcov", "error"), [("NW", 0.02084065534), ("DK", 0.02059074857)])
def test_serial_correlation(grunfeld: pd.DataFrame, vcov: str, error: float) -> None:
    kernel = {"time_id": "year", "panel_id": "firm_id", "lag": 2}
    fit = pf.feols(FORMULA, data=grunfeld, vcov=vcov, vcov_kwargs=kernel, ssc=NONE)
    assert fit.se()["value"] == pytest.approx(error, rel=ERROR)


@pytest.mark.parametrize(
    ("kind", "dummies", "within", "error"),
    [
        ("iid", "nonrobust", "unadjusted", 0.01293303375),
        ("hetero", "HC1", "robust", 0.01910075342),
    ],
)
def test_three_packages_agree_without_clusters(
    grunfeld: pd.DataFrame, kind: str, dummies: str, within: str, error: float
) -> None:
    fit = pf.feols(FORMULA, data=grunfeld, vcov=kind, ssc=FULL)
    assert fit.se()["value"] == pytest.approx(error, rel=ERROR)
    assert _dummies(grunfeld).fit(cov_type=dummies).bse["value"] == pytest.approx(error, rel=ERROR)
    assert _within(grunfeld).fit(cov_type=within).std_errors["value"] == pytest.approx(error, rel=ERROR)


def test_three_packages_cluster_by_firm_in_three_ways(grunfeld: pd.DataFrame) -> None:
    """statsmodels counts every dummy; linearmodels too, but leaves out G/(G-1) unless asked."""
    groups = {"groups": grunfeld["firm_id"]}
    full = _dummies(grunfeld).fit(cov_type="cluster", cov_kwds=groups)
    assert full.params[["value", "capital"]].to_numpy() == pytest.approx(COEFFICIENTS, rel=OLS)
    assert full.bse["value"] == pytest.approx(0.01177672237, rel=ERROR)
    within = _within(grunfeld)
    plain = within.fit(cov_type="clustered", cluster_entity=True)
    assert plain.params.to_numpy() == pytest.approx(COEFFICIENTS, rel=OLS)
    assert plain.std_errors["value"] == pytest.approx(0.01125427122, rel=ERROR)
    debiased = within.fit(cov_type="clustered", cluster_entity=True, group_debias=True)
    assert debiased.std_errors["value"] == pytest.approx(0.01177672237, rel=ERROR)


def _dummies(grunfeld: pd.DataFrame) -> sm.OLS:
    firms = pd.get_dummies(grunfeld["firm"], drop_first=True, dtype=float)
    years = pd.get_dummies(grunfeld["year"].astype(str), dtype=float)
    return sm.OLS(grunfeld["invest"], pd.concat([grunfeld[["value", "capital"]], firms, years], axis=1))


def _within(grunfeld: pd.DataFrame):  # type: ignore[no-untyped-def]
    panel = pytest.importorskip("linearmodels.panel")
    frame = grunfeld.set_index(["firm", "year"])
    return panel.PanelOLS(
        frame["invest"], frame[["value", "capital"]], entity_effects=True, time_effects=True
    )
