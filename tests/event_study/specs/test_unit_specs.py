"""Specs of units: what ships loads and holds; what cannot be meant is one line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from event_study.errors import SpecError
from event_study.specs.folder import SHIPPED, load_specs, load_unit_specs, validate_specs
from event_study.specs.model import specs_sha256


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "specs"))


def test_what_ships_asks_about_single_events_and_names_its_clock() -> None:
    specs = load_unit_specs(SHIPPED)
    assert all(spec.events for spec in specs)
    sides = {one.name: one for spec in specs for one in spec.contrasts}
    assert {one.method for one in sides.values()} == {"owner", "commit_offset", "clock_17utc", "profile"}
    clocks = [one for one in sides.values() if one.method == "commit_offset"]
    # +08:00 is a clock of many places: neither name nor title says China alone
    assert all(
        "clock" in one.name and "Singapore" in one.title and "+08:00" in (one.short or "") for one in clocks
    )
    assert not {one.name for one in sides.values()} & {
        one.name for spec in load_specs(SHIPPED) for one in spec.contrasts
    }


def test_the_hash_follows_numbers_and_not_words(folder: Path) -> None:
    before = specs_sha256(load_unit_specs(folder))
    file = folder / "units" / "commits.yml"
    text = file.read_text()
    file.write_text(text.replace("title: ", "title: In other words, "))
    assert specs_sha256(load_unit_specs(folder)) == before
    file.write_text(text.replace("age: 26", "age: 25"))
    assert specs_sha256(load_unit_specs(folder)) != before


def test_a_folder_without_units_has_none(folder: Path) -> None:
    shutil.rmtree(folder / "units")
    assert load_unit_specs(folder) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("age: 26", "age: -1", "commits.yml: cohort.age"),
        ("drop: [thanksgiving", "drop: [thanksgivin", "did you mean thanksgiving"),
        ("event_sets: [chips_act_2022", "event_sets: [chips_act_2021", "did you mean chips_act_2022"),
        ("event_sets: [chips_act_2022", "event_sets: [tightening", "a cohort is fixed before one event"),
        ("contrasts: [CN_owners,", "contrasts: [CN_donors,", "contrasts: 'CN_donors' is unknown"),
        ("open_ml_commits,", "ml_library_commits,", "is asked by commits.yml too"),
        ("id: unit_commits", "id: unit_libraries", "id: unit_libraries is taken by another file"),
    ],
)
def test_what_cannot_be_meant_is_one_line(folder: Path, old: str, new: str, said: str) -> None:
    file = folder / "units" / "commits.yml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    with pytest.raises(SpecError) as error:
        load_unit_specs(folder)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_outcomes_and_events_are_looked_up(folder: Path) -> None:
    import pandas as pd

    specs = load_unit_specs(folder)
    named = {outcome for spec in specs for outcome in spec.outcomes}
    outcomes = pd.DataFrame({"outcome": sorted(named - {"open_llm_pushed"})})
    named_events = sorted({event for spec in specs for event in spec.events})
    events = pd.DataFrame({"event_id": named_events, "announced": "2022-01-01"})
    with pytest.raises(SpecError, match="'open_llm_pushed' is not in dim_outcome"):
        validate_specs(specs, outcomes, events)
