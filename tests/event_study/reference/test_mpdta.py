"""Reference rows of the minimum-wage counties: two-way effects beside estimators made for staggering."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.event_study.reference.conftest import ERROR, NONE, OLS, right

pf = pytest.importorskip("pyfixest")
md = pytest.importorskip("moderndid")
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

PANEL = {"yname": "lemp", "idname": "countyreal", "tname": "year", "gname": "g"}
AFTER = (0, 1, 2, 3)
COUNTY = {"CRV1": "countyreal"}
LOOSE = 1e-3  # pyfixest's first stage of did2s: 2e-4 apart between two kernels of one linear algebra library


def test_two_way_effects(mpdta: pd.DataFrame) -> None:
    fit = pf.feols("lemp ~ D | countyreal + year", data=mpdta, vcov=COUNTY, ssc=NONE)
    assert fit.coef().iloc[0] == pytest.approx(-0.03654893667, rel=OLS)
    assert fit.se().iloc[0] == pytest.approx(0.01325187832, rel=ERROR)
    assert fit.se().iloc[0] * right(2_500, 1, 5) == pytest.approx(0.01326515543, rel=ERROR)


def test_group_time_effects_and_what_they_are_for_the_saturated_model(mpdta: pd.DataFrame) -> None:
    """Callaway and Sant'Anna's dynamic effects after the event are Sun and Abraham's."""
    groups = md.att_gt(data=mpdta, **PANEL, est_method="reg", boot=False, cband=False)
    rows = {
        "simple": (-0.03995127516, 0.01203401277),
        "dynamic": (-0.07723982146, 0.01996498906),
        "group": (-0.03101828223, 0.01244605932),
    }
    pooled = {kind: md.aggte(groups, type=kind) for kind in rows}
    for kind, (coefficient, error) in rows.items():
        assert pooled[kind].overall_att == pytest.approx(coefficient, rel=OLS)
        assert pooled[kind].overall_se == pytest.approx(error, rel=ERROR)
    by_year = dict(zip(pooled["dynamic"].event_times, pooled["dynamic"].att_by_event, strict=True))
    printed = (0.03050666, -0.00056308, -0.02445874, -0.01993182, -0.05095737, -0.13725874, -0.10081136)
    assert [by_year[e] for e in range(-3, 4)] == pytest.approx(printed, abs=5e-9)  # eight decimals

    dropped = pytest.warns(UserWarning, match="dropped due to multicollinearity")
    with pytest.warns(UserWarning, match="in beta"), dropped:
        fit = pf.event_study(mpdta, **PANEL, estimator="saturated", cluster="countyreal")
    found = fit.aggregate().astype(float).loc[list(AFTER)]
    coefficients = (-0.0199318168, -0.0509573671, -0.137258739, -0.100811363)
    errors = (0.011857539, 0.0168706784, 0.036589476, 0.0345042719)
    assert found["Estimate"].to_numpy() == pytest.approx(coefficients, rel=OLS)
    assert found["Std. Error"].to_numpy() == pytest.approx(errors, rel=ERROR)
    assert found["Estimate"].to_numpy() == pytest.approx([by_year[e] for e in AFTER], rel=OLS)


def test_local_projections(mpdta: pd.DataFrame) -> None:
    found = pf.lpdid(mpdta, **PANEL, att=False).tidy()
    estimates = [found.loc[f"time_to_treatment::{e}", "Estimate"] for e in AFTER]
    expected = (-0.0175701336, -0.0542650407, -0.136274346, -0.100811363)
    assert estimates == pytest.approx(expected, rel=OLS)


def test_did2s_needs_two_untreated_periods_of_every_county(mpdta: pd.DataFrame) -> None:
    """Counties of 2004 have one: pyfixest drops them in the first stage and then cannot line up rows."""
    stages = {"first_stage": "~ 0 | countyreal + year", "second_stage": "~ D", "treatment": "D"}
    with pytest.raises(ValueError, match="broadcast"), pytest.warns(UserWarning, match="20 singleton"):
        pf.did2s(mpdta, yname="lemp", **stages, cluster="countyreal")
    later = mpdta[mpdta["g"] != 2004]
    fit = pf.did2s(later, yname="lemp", **stages, cluster="countyreal")
    assert fit.coef().iloc[0] == pytest.approx(-0.03372156233, rel=LOOSE)
    assert fit.se().iloc[0] == pytest.approx(0.01468467427, rel=LOOSE)
