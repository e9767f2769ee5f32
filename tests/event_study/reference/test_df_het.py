"""Reference rows of pyfixest's df_het.csv: two-way effects, relative years, and staggered estimators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.event_study.reference.conftest import ERROR, FULL, NONE, OLS, PPML, right

pf = pytest.importorskip("pyfixest")
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

YEARS = 31
STATE = {"CRV1": "state"}
PANEL = {"yname": "dep_var", "idname": "unit", "tname": "year", "gname": "g"}


@pytest.fixture(scope="module")
def relative(df_het: pd.DataFrame) -> pd.DataFrame:
    """Relative years binned at six; never-treated units in the reference year."""
    return df_het.assign(rel=df_het["rel_year"].replace([np.inf, -np.inf], -1.0).clip(-6, 6))


@pytest.mark.parametrize(
    ("vcov", "ssc", "levels", "error"),
    [
        (STATE, NONE, 0, 0.01933126194),
        (STATE, NONE, YEARS, 0.01933770906),
        ({"CRV1": "unit"}, NONE, 0, 0.01909319692),
        ({"CRV1": "unit"}, NONE, YEARS, 0.01909956464),
        ("iid", FULL, 0, 0.01738814242),
        ("hetero", FULL, 0, 0.01736402911),
        ({"CRV3": "state"}, NONE, YEARS, 0.01988613422),
    ],
    ids=["state", "state right", "unit", "unit right", "iid", "hetero", "CRV3 right"],
)
def test_two_way_effects(
    df_het: pd.DataFrame, vcov: str | dict[str, str], ssc: dict[str, object], levels: int, error: float
) -> None:
    fit = pf.feols("dep_var ~ treat | unit + year", data=df_het, vcov=vcov, ssc=ssc)
    assert fit.coef().iloc[0] == pytest.approx(1.982540382, rel=OLS)
    assert fit.se().iloc[0] * right(len(df_het), 1, levels) == pytest.approx(error, rel=ERROR)


def test_relative_years_binned_at_six(relative: pd.DataFrame) -> None:
    fit = pf.feols("dep_var ~ i(rel, ref=-1.0) | unit + year", data=relative, vcov=STATE, ssc=NONE)
    rows = {
        -6: (0.058436865, 0.04738502581),
        -2: (-0.003568667672, 0.06237399445),
        0: (1.367283533, 0.05576514666),
        5: (1.903329161, 0.06145812247),
        6: (2.431563273, 0.04558081512),
    }
    for year, (coefficient, error) in rows.items():
        assert fit.coef()[f"rel::{year:.1f}"] == pytest.approx(coefficient, rel=OLS)
        assert fit.se()[f"rel::{year:.1f}"] == pytest.approx(error, rel=ERROR)


def test_never_treated_units_as_a_level_of_their_own_are_collinear(df_het: pd.DataFrame) -> None:
    """Their relative year is -inf in 16,306 rows; a dummy for it is a sum of unit effects."""
    assert int(np.isneginf(df_het["rel_year"]).sum()) == 16_306
    with pytest.warns(UserWarning, match="rel_year::-inf"):
        fit = pf.feols("dep_var ~ i(rel_year, ref=-1.0) | unit + year", data=df_het, vcov=STATE, ssc=NONE)
    rows = {
        -5: (-0.06500868194, 0.06480925096),
        0: (1.373919705, 0.0576079237),
        5: (2.014665768, 0.06352303254),
    }
    for year, (coefficient, error) in rows.items():
        assert fit.coef()[f"rel_year::{year:.1f}"] == pytest.approx(coefficient, rel=OLS)
        assert fit.se()[f"rel_year::{year:.1f}"] == pytest.approx(error, rel=ERROR)


@pytest.mark.parametrize(
    ("second", "rows"),
    [
        ("~ treat", {"treat": (2.230481558, 0.02470860488)}),
        (
            "~ i(rel_year, ref=-1.0)",
            {
                "rel_year::0.0": (1.37307823, 0.03953526125),
                "rel_year::5.0": (2.059203248, 0.04225668489),
            },
        ),
    ],
    ids=["one effect", "by relative year"],
)
def test_did2s(df_het: pd.DataFrame, second: str, rows: dict[str, tuple[float, float]]) -> None:
    fit = pf.did2s(
        df_het, yname="dep_var", first_stage="~ 0 | unit + year", second_stage=second,
        treatment="treat", cluster="state",
    )  # fmt: skip
    for name, (coefficient, error) in rows.items():
        assert fit.coef()[name] == pytest.approx(coefficient, rel=PPML)
        assert fit.se()[name] == pytest.approx(error, rel=ERROR)


def test_saturated_by_cohort(df_het: pd.DataFrame) -> None:
    dropped = pytest.warns(UserWarning, match="dropped due to multicollinearity")
    with pytest.warns(UserWarning, match="in beta"), dropped:
        fit = pf.event_study(df_het, **PANEL, estimator="saturated", cluster="unit")
    found = fit.aggregate().astype(float)
    rows = {
        -5: (-0.0424474791, 0.0605071143),
        0: (1.38731971, 0.0617874267),
        5: (2.06558756, 0.0618028023),
    }
    for year, (coefficient, error) in rows.items():
        assert found.loc[year, "Estimate"] == pytest.approx(coefficient, rel=OLS)
        assert found.loc[year, "Std. Error"] == pytest.approx(error, rel=ERROR)


def test_local_projections(df_het: pd.DataFrame) -> None:
    window = {"vcov": STATE, "pre_window": -5, "post_window": 5}
    pooled = pf.lpdid(df_het, **PANEL, **window, att=True).tidy().loc["treat_diff"]
    assert pooled["Estimate"] == pytest.approx(1.79118906, rel=OLS)
    assert pooled["Std. Error"] == pytest.approx(0.0490481083, rel=ERROR)
    found = pf.lpdid(df_het, **PANEL, **window, att=False).tidy()
    rows = {
        -5: (-0.0649683426, 0.061657519),
        0: (1.45202347, 0.0571913177),
        5: (2.08808356, 0.0622145569),
    }
    for year, (coefficient, error) in rows.items():
        row = found.loc[f"time_to_treatment::{year}"]
        assert row["Estimate"] == pytest.approx(coefficient, rel=OLS)
        assert row["Std. Error"] == pytest.approx(error, rel=ERROR)
