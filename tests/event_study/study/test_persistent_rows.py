"""The test by forecasts in a study: its rows beside the headline's, and what it refuses."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

import event_study as study
from event_study.own.panel import study_of
from event_study.specs.folder import load_specs
from event_study.specs.model import Spec
from tests.event_study.firms import EFFECT, firms, months, spec

SPECS = Path(study.__file__).parent / "specs"
INFERENCE = "ri_persistent"


def test_a_planted_step_is_found_and_its_set_is_around_what_was_not_forecast() -> None:
    tables = study_of(firms(), spec(inference=INFERENCE)).tables
    rows = tables.estimates
    row = rows[(rows["term"] == "mean_step") & (rows["trend"] == "none")].iloc[0]
    assert row["inference"] == INFERENCE and row["p_value"] == row["p_floor"] == pytest.approx(1 / 25)
    assert row["ci_low"] < EFFECT < row["ci_high"] and row["ci_low"] > 0
    assert row["estimate"] == pytest.approx((row["ci_low"] + row["ci_high"]) / 2)
    assert row["percent_effect"] == pytest.approx(np.expm1(row["estimate"]))
    found = tables.diagnostics[tables.diagnostics["estimate_id"] == row["estimate_id"]]
    found = found.set_index("diagnostic")
    half = (row["ci_high"] - row["ci_low"]) / 2
    assert found.loc["joint_test", "value"] == pytest.approx(found.loc["statistic", "value"])
    assert half < found.loc["minimum_detectable_effect", "value"] < 4 * half


def test_identical_donors_leave_no_test_and_a_reason() -> None:
    """Rounding has a rank like any other: donors that are one series are no placebos."""
    rows = firms()
    one = rows.loc[rows["firm"] == "D00", "sales"].to_numpy()
    donors = rows["firm"] != "A"
    rows.loc[donors, "sales"] = np.tile(one, 24)
    for share in (1.0, 0.37):  # of one series, in logs, is the same
        rows.loc[rows["firm"] == "D05", "sales"] = share * one
        made = study_of(rows, spec()).tables.estimates
        step = made[made["term"] == "mean_step"].iloc[0]
        assert step["status"] == "descriptive" and pd.isna(step["p_value"]) and pd.isna(step["ci_low"])
        assert "of 24 have a gap to the others that is more than rounding" in step["reason"]


def test_straight_lines_have_no_trend_of_their_own_left() -> None:
    rows = firms()
    rng = np.random.default_rng(2)
    for name in rows["firm"].unique()[1:]:
        rows.loc[rows["firm"] == name, "sales"] = np.exp(np.linspace(*rng.normal(5, 1, 2), len(months())))
    made = study_of(rows, spec()).tables.estimates.set_index(["term", "trend"])
    assert made.loc[("mean_step", "none"), "status"] == "ok"
    assert made.loc[("mean_step", "unit_linear"), "status"] == "descriptive"


def test_weighed_donors_have_no_forecast() -> None:
    chosen = next(one for one in load_specs(SPECS) if one.id == "persistent")
    assert (chosen.inference, chosen.family) == (INFERENCE, "robustness")
    for estimator in ("synth", "sdid"):
        with pytest.raises(ValidationError, match=f"estimator names {estimator}, whose weights fit"):
            Spec.model_validate(chosen.model_dump() | {"estimator": estimator})
