"""A panel that begins after an event of the joint model: the event has no step, whoever asks about a later
one is answered and told; who asks about the event itself is not.

Not here: events that the panel ends before (``test_study``).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.event_study.conftest import EVENTS

RULES = [name for name in EVENTS if name.startswith("bis-")]
FIRST, SECOND, THIRD = RULES


def _begun(study: Any, month: date) -> Any:
    """The monthly counts alone, as a list that begins in ``month``."""
    study.dim_outcome = study.dim_outcome[study.dim_outcome["outcome"] == "models"]
    rows = study.panel["month"]
    study.panel["month"] = rows[rows["period"] >= month]
    return study


def _status(study: Any, *sets: str) -> dict[str, str]:
    made = study.identify().set_index(["outcome", "event_set", "contrast"])
    return {name: made.loc[("models", name, "CN_donors"), "status"] for name in sets}


SETS = ("tightening", "rule_2022", "rule_2023", "rule_2024", "tightening_without_2022", "loosening")


@pytest.mark.parametrize(
    ("month", "answered"),
    [
        (date(2022, 1, 1), {"tightening", "rule_2022", "rule_2023", "rule_2024", "tightening_without_2022"}),
        (date(2022, 11, 1), {"rule_2023", "rule_2024", "tightening_without_2022"}),  # after the first rule
        (date(2022, 8, 1), {"rule_2023", "rule_2024", "tightening_without_2022"}),  # two months before it
        (date(2023, 11, 1), {"rule_2024"}),  # after two rules
        (date(2023, 8, 1), {"rule_2024"}),  # after one, two months before the next
        (date(2024, 10, 1), set()),  # two months before the last
    ],
)
def test_a_list_answers_for_the_rules_that_it_has_four_months_before(
    both: Any, month: date, answered: set[str]
) -> None:
    loosened = pd.DataFrame(
        {
            "event_id": ["h20-licence-2025-04", "ai-diffusion-rescission-2025-05", "h20-reversal-2025-07"],
            "announced": [date(2025, 4, 15), date(2025, 5, 12), date(2025, 7, 14)],
        }
    )
    both.dim_event = pd.concat([both.dim_event, loosened])
    found = _status(_begun(both, month), *SETS)
    assert {name for name, status in found.items() if status in ("identified", "descriptive")} == answered


def test_the_row_says_what_is_in_its_base(both: Any) -> None:
    both = _begun(both, date(2022, 8, 1)).only("primary", "events")
    verdict = both.verdict("models", "rule_2024")
    assert "(what the rule of 7 October 2022 left for good is in the level before)" in verdict["reason"]
    # from November 2022: August and September lie before the rule, October is part of both
    assert (verdict["pre_periods"], verdict["columns"]) == (11, 2)
    assert both.verdict("models", "tightening")["reason"] == (
        "2 complete months before the first event, at least 4 are needed"
    )
    made = both.estimate().estimates
    rows = made[(made["event_set"] == "rule_2024") & made["estimate"].notna()]
    assert len(rows) and rows["warnings"].str.contains(f"EarlierEventInBase({FIRST})", regex=False).all()
    assert (rows["window_start"] == date(2022, 11, 1)).all()


def test_later_steps_are_those_of_the_panel_cut_by_hand(both: Any) -> None:
    """Nothing but a constant is lost: the joint model of the later rules on the same months."""
    both = _begun(both, date(2022, 11, 1))
    chosen = [spec for spec in both.specs if spec.is_default and spec.inference == "ri_studentised"]
    both.specs = [spec for spec in chosen if any(one.name == "rule_2024" for one in spec.event_sets)][:1]
    made = both.estimate().estimates
    late = made[(made["event_set"] == "rule_2024") & (made["term"] == "mean_step")].set_index("estimate_id")
    spec = both.specs[0]
    alone = [
        one.model_copy(update={"joint_with": (SECOND, THIRD)})
        for one in spec.event_sets
        if one.name == "rule_2024"
    ]
    both.specs = [spec.model_copy(update={"event_sets": tuple(alone)})]
    again = both.estimate().estimates
    again = again[again["term"] == "mean_step"].set_index("estimate_id")
    numbers = ["estimate", "ci_low", "ci_high", "p_value"]
    pd.testing.assert_frame_equal(late[numbers], again[numbers])
    assert late["estimate"].notna().all()
