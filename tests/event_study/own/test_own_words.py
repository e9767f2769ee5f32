"""Sentences about a panel of one's own speak of its units and of its test, not of countries at 5 %."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from event_study.errors import plural
from event_study.own.panel import OwnStudy, noun_of, study_of
from tests.event_study.firms import firms, put, spec


@pytest.mark.parametrize(
    ("column", "noun", "nouns"),
    [
        ("shop", "shop", "shops"), ("shop_id", "shop", "shops"), ("Company", "company", "companies"),
        ("branchCode", "branch", "branches"), ("data_centre", "data centre", "data centres"),
        ("iso2", "unit", "units"), ("id", "unit", "units"), ("Key", "unit", "units"), ("u", "unit", "units"),
        ("bus", "bus", "buses"), ("day_key_no", "day", "days"), ("__", "unit", "units"),
    ],
)  # fmt: skip
def test_a_column_names_its_units(column: str, noun: str, nouns: str) -> None:
    assert (noun_of(column), plural(noun_of(column))) == (noun, nouns)


def shops(donors: int, **changed: Any) -> OwnStudy:
    rows = changed.pop("rows", firms(donors))
    return study_of(rows.rename(columns={"firm": "shop"}), spec({"unit": "shop"}, **changed))


def said(made: OwnStudy) -> list[str]:
    """Every sentence of the tables."""
    tables = (made.identification["reason"], made.tables.estimates["reason"], made.tables.diagnostics["note"])
    return [text for column in tables for text in column if isinstance(text, str)]


def weeks() -> pd.DataFrame:
    days = [date.fromordinal(date(2018, 1, 1).toordinal() + 7 * k) for k in range(260)]
    return firms(3, periods=days)


def test_reasons_speak_of_shops() -> None:
    many, few, none = shops(24), shops(3), shops(0)
    dated = study_of(
        weeks().rename(columns={"firm": "shop", "month": "week"}),
        spec({"unit": "shop", "time": "week", "frequency": "week"}),
    )
    zeros = shops(24, rows=put(firms(), 0.0, "D03", month=date(2020, 1, 1)))
    assert "ranks among 25 shops resolve p down to 0.04" in many.identification["reason"].iloc[0]
    assert dated.identification["reason"].iloc[0].endswith("ranked among dates, not shops")
    for made in (many, few, none, dated, zeros):
        assert said(made) and not any("countr" in text for text in said(made))


@pytest.mark.parametrize(
    ("donors", "alpha", "status", "words"),
    [
        (19, 0.05, "identified", "resolve p down to 0.05"),
        (18, 0.05, "descriptive", "a rank test at 5 % needs 19"),
        (24, 0.01, "descriptive", "a rank test at 1 % needs 99"),
        (99, 0.01, "identified", "resolve p down to 0.01"),
        (9, 0.1, "identified", "resolve p down to 0.1"),
        (8, 0.1, "descriptive", "a rank test at 10 % needs 9"),
        (38, 0.025, "descriptive", "a rank test at 2.5 % needs 39"),
        (3, 0.3, "identified", "resolve p down to 0.25"),
    ],
)
def test_what_can_be_tested_is_judged_at_the_level_in_force(
    donors: int, alpha: float, status: str, words: str
) -> None:
    made = shops(donors, alpha=alpha, terms=("mean_step",), trends=("none",))
    seen, row = made.identification.iloc[0], made.tables.estimates.iloc[0]
    assert seen["status"] == status and words in seen["reason"]
    assert row["estimate"] is not None
    assert (row["p_value"] is not None and row["p_floor"] <= alpha) is (status == "identified")
