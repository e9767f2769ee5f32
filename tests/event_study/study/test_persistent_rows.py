"""The test by forecasts in a study: its rows beside the headline's, and what it refuses."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

import event_study as study
from event_study.own.panel import OwnStudy, study_of
from event_study.specs.folder import load_specs
from event_study.specs.model import Spec
from tests.event_study.firms import EFFECT, EVENT, counts, firms, months, spec

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
        study = study_of(rows, spec())
        made = study.tables.estimates
        step = made[made["term"] == "mean_step"].iloc[0]
        assert step["status"] == "descriptive" and pd.isna(step["p_value"]) and pd.isna(step["ci_low"])
        assert "(0 with a gap to the others that is more than rounding)" in step["reason"]
        judged = study.identification.iloc[0]
        assert (judged["status"], judged["inference"]) == ("descriptive", "none")
        assert judged["reason"] == step["reason"]


def test_a_straight_line_before_the_event_has_no_slope_to_rank() -> None:
    """What a line leaves around itself is rounding, whatever its level: not ranked, and said."""
    rows = firms()
    when = rows["month"].map({month: i for i, month in enumerate(months())})
    donors = rows["firm"] != "A"
    for level in (1.0, 1e6):
        bent = rows["sales"].where(~donors, level * np.exp(0.01 * when * rows["firm"].factorize()[0]))
        made = study_of(rows.assign(sales=bent), spec(terms=["pre_trend"])).tables.estimates
        slope = made[made["term"] == "pre_trend"].iloc[0]
        assert slope["status"] == "descriptive" and pd.isna(slope["p_value"])
        assert "0 donors of 24 have a gap to the others that is more than rounding" in slope["reason"]


@pytest.mark.parametrize("alpha", [0.05, 0.01, 0.03])
def test_what_can_be_tested_is_said_of_the_level_in_force(alpha: float) -> None:
    study = study_of(firms(), spec(alpha=alpha))
    judged, rows = study.identification.iloc[0], study.tables.estimates
    needed = {0.05: 19, 0.01: 99, 0.03: 33}[alpha]
    assert (judged["status"] == "identified") == (needed <= 24) == (rows["status"] == "ok").any()
    if needed > 24:
        assert (
            f"24 donors have the outcome, a rank test at {100 * alpha:g} % needs {needed}, "
            in judged["reason"]
        )
        assert rows["p_value"].isna().all()
        assert (rows.loc[rows["term"] == "mean_step", "reason"] == judged["reason"]).all()


def _louder() -> OwnStudy:
    rows = firms()
    at = (rows["firm"] == "A") & (rows["month"] >= EVENT)
    rows.loc[at, "sales"] *= np.where(np.arange(at.sum()) % 2, 1.25, 0.8)
    return study_of(rows, spec())


def _giant() -> OwnStudy:
    rows = counts()
    rows["sales"] *= np.where(rows["firm"] == "D03", 500, 1)
    return study_of(rows, spec({"estimator": "ppml"}))


@pytest.mark.parametrize(
    ("make", "note", "why"),
    [
        (_louder, "VarianceChanges", "the treated gap grows noisier at the events than the donors’"),
        (_giant, "FewEffectiveDonors", "by their counts the donors are hardly more than one"),
    ],
)
def test_no_panel_can_be_tested_in_which_no_rank_holds(
    make: Callable[[], OwnStudy], note: str, why: str
) -> None:
    study = make()
    judged, rows = study.identification.iloc[0], study.tables.estimates
    step = rows[rows["term"] == "mean_step"].iloc[0]
    assert judged["status"] == "descriptive" and judged["reason"].endswith(
        f"{why} ({note}): no side is claimed"
    )
    assert step["status"] == "ok" and step["p_value"] > 0 and note in step["warnings"]  # its numbers stay
    worth = study.tables.diagnostics.set_index(["estimate_id", "diagnostic"])["value"]
    assert (worth[step["estimate_id"], "effective_donors"] < 4) == (note == "FewEffectiveDonors")


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
