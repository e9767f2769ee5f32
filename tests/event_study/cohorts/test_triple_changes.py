"""A triple difference finds what language models in one place do, and nothing that all units there do."""

from __future__ import annotations

import pandas as pd
import pytest
from pydantic import ValidationError

from event_study.cohorts.unit_questions import estimate_units, identify_units
from event_study.specs.unit_model import Sides
from tests.event_study.cohorts.forks import CLOCK, EVENTS, OUTCOMES, SIDES, spec, world

MANY = ("CN", "US", "EU", "IN", "JP", "BR", "RU", "UK", "KR")


def row(effects: list[dict[str, float]], contrast: str, rates: dict[str, float] | None = None) -> pd.Series:
    """Of a world of language models and one of others."""
    worlds = [
        world(one, rates, seed=seed, kind=kind)
        for seed, (one, kind) in enumerate(zip(effects, ("llm", "ml"), strict=True))
    ]
    weeks = pd.concat([one.weeks for one in worlds], ignore_index=True)
    asked = spec(contrast, design="triple", against="ml_repository_forks", family="robustness")
    identification = identify_units(weeks, OUTCOMES, EVENTS, [asked])
    tables = estimate_units(
        weeks, OUTCOMES, EVENTS, [asked], identification, origin="sample", inputs_sha256="abc"
    )
    assert len(tables.estimates) == 1
    return tables.estimates.iloc[0]


def test_what_language_models_alone_do_is_found() -> None:
    found = row([{"CN": 4.0}, {}], "profile")
    assert found["status"] == "ok" and found["term"] == "triple_change" and found["inference"] == "ri_dates"
    assert found["ci_low"] > 0 and found["ci_low"] < found["estimate"] < found["ci_high"]


@pytest.mark.slow
def test_what_all_units_of_a_place_do_drops_out() -> None:
    found = row([{"CN": 4.0}, {"CN": 4.0}], "profile")
    assert found["ci_low"] <= 0 <= found["ci_high"]


@pytest.mark.slow
def test_too_few_places_to_rank_among_are_said() -> None:
    SIDES["others"] = Sides(
        name="others", title="others", **{**CLOCK, "method": "profile", "comparison": "others"}
    )
    found = row([{}, {}], "others", dict.fromkeys(MANY, 3.0))
    assert found["status"] == "not_identified" and "8 donors" in found["reason"]


def test_a_triple_difference_names_what_it_is_against() -> None:
    with pytest.raises(ValidationError, match="against names the other units' outcome"):
        spec("profile", design="triple")
