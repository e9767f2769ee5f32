"""What the identification says would test an outcome: brought, it is tested; less, it is not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import plural
from tests.event_study.conftest import build

FIRST = date(2022, 10, 7)


def _monthly(donors: int = 24) -> Any:
    study = build(donors).only("primary")
    study.dim_outcome = study.dim_outcome[study.dim_outcome["outcome"] == "models"]
    return study


def _between(study: Any, first: date, last: date) -> Any:
    rows = study.panel["month"]
    study.panel["month"] = rows[(rows["period"] >= first) & (rows["period"] <= last)]
    return study


def test_a_tested_outcome_needs_nothing() -> None:
    verdict = _monthly().verdict("models")
    assert verdict["status"] == "identified"
    assert pd.isna(verdict["needs"])


@settings(max_examples=6, deadline=None)
@given(months=st.integers(0, 3))
def test_months_before_the_first_event_are_counted(months: int) -> None:
    """July, August and September are whole before 7 October."""
    first = date(2022, 10 - months, 1)
    verdict = _between(_monthly(), first, date(2025, 12, 1)).verdict("models")
    said = f"{4 - months} {'more ' if months else ''}complete {'month' if months == 3 else 'months'}"
    assert verdict["status"] == "not_identified"
    assert verdict["needs"] == f"{said} before 7 October 2022"
    brought = _between(_monthly(), date(2022, 6, 1), date(2025, 12, 1)).verdict("models")
    assert brought["status"] != "not_identified"
    assert pd.isna(brought["needs"]) or "months before" not in brought["needs"]


@pytest.mark.parametrize("newest", [date(2022, 11, 1), date(2023, 10, 1)])
def test_months_after_the_events_are_named(newest: date) -> None:
    """Two of the three rules must be seen for half a month; October 2023 has 15 days after the second."""
    verdict = _between(_monthly(), date(2019, 1, 1), newest).verdict("models")
    assert verdict["status"] == "not_identified"
    assert "November 2023, after the rule of 17 October 2023" in verdict["needs"]
    later = _between(_monthly(), date(2019, 1, 1), date(2023, 11, 1)).verdict("models")
    assert later["status"] == "identified"


@settings(max_examples=6, deadline=None)
@given(donors=st.integers(1, 18))
def test_donors_are_counted_or_windows(donors: int) -> None:
    verdict = _monthly(donors).verdict("models")
    assert verdict["status"] == "descriptive"
    first, _, rest = verdict["needs"].partition(", or ")
    missing = 19 - donors
    assert first == f"{missing} more {'donor' if missing == 1 else plural('donor')}"
    assert rest.endswith("months without an event")


def test_a_contrast_with_one_donor_asks_for_windows_alone() -> None:
    needs = _monthly().verdict("models", contrast="CN_US")["needs"]
    assert "donor" not in needs
    assert "more disjoint placebo window" in needs


def test_a_unit_without_any_period_needs_all() -> None:
    study = _monthly()
    rows = study.panel["month"]
    study.panel["month"] = rows[rows["country"] != "CN"]
    assert study.verdict("models")["needs"] == (
        "4 complete months before 7 October 2022; "
        "a complete month between the rule of 7 October 2022 and the rule of 17 October 2023; "
        "November 2023, after the rule of 17 October 2023"
    )


def test_counts_that_are_zero_are_asked_for() -> None:
    study = _monthly()
    rows = study.panel["month"]
    before = (rows["country"] == "CN") & (rows["period"] < FIRST) & (rows["period"] > date(2019, 3, 1))
    study.panel["month"] = rows.assign(value=rows["value"].mask(before, 0.0))
    needs = study.verdict("models")["needs"]
    assert needs == "counts of China above zero in 12 of the 46 months before 7 October 2022, not in 3"
