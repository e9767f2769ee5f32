"""The curated timeline: what it holds, and that an entry which breaks a rule stops with one line."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from dlt_sources.archive import ArchiveError
from dlt_sources.policy_timeline import EVENTS, SOURCE, announced_dates
from dlt_sources.tables import load

SHOCKS = {
    "chips-and-science-act-2022-08": date(2022, 8, 9),
    "bis-advanced-computing-rule-2022-10-07": date(2022, 10, 7),
    "bis-acs-rule-2023-10-17": date(2023, 10, 17),
    "bis-hbm-sme-package-2024-12-02": date(2024, 12, 2),
}
IN_FORCE_BEFORE_ANNOUNCED = {
    "zte-denial-order-2018-04": "the order is dated a day before Commerce spoke of it",
    "cn-ic-software-policy-2020-08": "dated back: issued in July, published in August",
    "cn-software-14fyp-2021-11": "issued a fortnight before it was published",
    "nvidia-amd-letters-2022-08-26": "a private letter, public five days later",
    "nvidia-effective-now-2023-10-23": "a private notice, public a day later",
    "big-fund-3-2024-05": "the company was registered before it was reported",
    "h20-licence-2025-04": "a private letter, public six days later",
    "eda-letters-2025-05": "private letters, public five days later",
    "cn-ai-plus-opinions-2025-08": "issued five days before it was published",
    "nl-nexperia-2025-09": "an order kept back for twelve days",
}


@pytest.fixture(scope="module")
def tables() -> dict[str, list[dict[str, Any]]]:
    return {name: content.to_pylist() for name, content in load(SOURCE, Path("unused")).items()}


def test_events_and_confounders_of_the_reference_are_all_there(
    tables: dict[str, list[dict[str, Any]]],
) -> None:
    written = [yaml.safe_load(path.read_text()) for path in sorted(EVENTS.glob("*.yml"))]
    events = [entry for year in written for entry in year.get("events", [])]
    confounders = [entry for year in written for entry in year.get("confounders", [])]
    spans = [entry["occurrences"] or () for entry in confounders]
    assert {name: len(rows) for name, rows in tables.items()} == {
        "events": len(events),
        "event_scopes": sum(len(entry["scope"]) for entry in events),
        "confounders": len(confounders),
        "confounder_affects": sum(
            len({*entry["affected_sources"]}) + len({*entry["affected_countries"]}) for entry in confounders
        ),
        "confounder_occurrences": sum(map(len, spans)),
        "_rejected": 0,
    }
    assert len(events) >= 130 and len(confounders) >= 81  # those of the reference


def test_the_four_shocks_stand_on_their_announced_days(tables: dict[str, list[dict[str, Any]]]) -> None:
    shocks = {row["event_id"]: row["announced"] for row in tables["events"] if row["main_shock"]}
    assert shocks == SHOCKS
    assert SHOCKS.items() <= announced_dates().items()
    assert len(announced_dates()) == len(tables["events"])


def test_a_subsidy_is_support_and_no_tightening(tables: dict[str, list[dict[str, Any]]]) -> None:
    direction = {row["event_id"]: row["direction"] for row in tables["events"]}
    assert direction["chips-and-science-act-2022-08"] == "support"
    assert {direction[shock] for shock in SHOCKS} == {"support", "tightening"}


def test_what_nobody_checked_is_not_called_verified(tables: dict[str, list[dict[str, Any]]]) -> None:
    """What rests on own knowledge only says so; no shock does."""
    unverified = [row["event_id"] for row in tables["events"] if row["verified"] is None]
    assert all("memory" in (row["notes"] or "") for row in tables["events"] if row["verified"] is None)
    assert unverified and not set(SHOCKS) & set(unverified)


def test_days_of_an_event_are_in_order_but_for_named_exceptions(
    tables: dict[str, list[dict[str, Any]]],
) -> None:
    early = set()
    for row in tables["events"]:
        assert row["published"] is None or row["announced"] <= row["published"], row["event_id"]
        deadline, effective = row["compliance_deadline"], row["effective"]
        assert not (deadline and effective) or effective <= deadline, row["event_id"]
        if effective and effective < row["announced"]:
            early.add(row["event_id"])
    assert early == set(IN_FORCE_BEFORE_ANNOUNCED)


def test_occurrences_lie_in_their_confounders_span(tables: dict[str, list[dict[str, Any]]]) -> None:
    spans = {row["confounder_id"]: row for row in tables["confounders"]}
    for row in tables["confounder_occurrences"]:
        span = spans[row["confounder_id"]]
        assert span["start_date"] <= row["start_date"] <= row["end_date"] <= span["end_date"]


def _broken(folder: Path, file: str, change: Any) -> str:
    """The line that a changed copy of the timeline stops with."""
    copy = copytree(EVENTS, folder / "dlt_sources" / "events")
    content = yaml.safe_load((copy / file).read_text())
    change(content)
    (copy / file).write_text(yaml.safe_dump(content, allow_unicode=True))
    with pytest.raises(ArchiveError) as caught:
        load(replace(SOURCE, local=copy), folder)
    line = str(caught.value)
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda event: event["dates"].update(announced=None),
            "dates.announced: missing, expected an ISO day; correct the entry",
        ),
        (lambda event: event["dates"].pop("announced"), "dates.announced: missing; correct the entry"),
        (
            lambda event: event["dates"].update(announced="17.10.2023"),
            "dates.announced: is '17.10.2023', expected an ISO day",
        ),
        (
            lambda event: event["dates"].update(effective="1023-10-17"),
            "dates.effective: is 1023-10-17, expected a year",
        ),
        (lambda event: event.update(direction="tighter"), "direction: is 'tighter'"),
        (lambda event: event.update(instrument="decree"), "instrument: is 'decree'"),
        (lambda event: event.update(citation=""), "citation: is ''"),
        (lambda event: event.update(citation=None), "citation: is None"),
        (lambda event: event.update(importance=3), "importance: is no field of this kind of entry"),
        (lambda event: event.update(actor_country="America"), "actor_country: is 'America'"),
        (lambda event: event.pop("verified"), "verified: missing"),
        (lambda event: event.update(id="BIS ACS"), "BIS ACS: id: is 'BIS ACS'"),
        (  # all that is missing at once, and what else is wrong besides
            lambda event: [event.pop(name) for name in ("title", "citation", "verified", "notes")],
            "title, citation, verified, notes: missing; correct the entry",
        ),
        (
            lambda event: [event.pop("summary"), event["dates"].pop("effective"), event.update(citation="")],
            "dates.effective, summary: missing. citation: is ''; string should have at least 1 character",
        ),
        (
            lambda event: [event.pop("scope"), event.update(importance=3, weight=2)],
            "scope: missing. importance, weight: is no field of this kind of entry; correct the entry",
        ),
    ],
)
def test_an_entry_that_breaks_a_rule_is_named(tmp_path: Path, change: Any, expected: str) -> None:
    def of_one(content: dict[str, Any]) -> None:
        change(next(e for e in content["events"] if e["id"] == "bis-acs-rule-2023-10-17"))

    line = _broken(tmp_path, "2023.yml", of_one)
    assert re.match(r"dlt_sources/events/2023\.yml: (bis-acs-rule-2023-10-17|BIS ACS): ", line)
    assert expected in line


def test_an_id_is_used_once_over_all_files(tmp_path: Path) -> None:
    def twice(content: dict[str, Any]) -> None:
        content["events"][0]["id"] = "zte-denial-order-2018-04"

    assert "zte-denial-order-2018-04: id: is used 2 times" in _broken(tmp_path, "2023.yml", twice)


def test_an_event_lies_in_the_file_of_its_year(tmp_path: Path) -> None:
    def moved(content: dict[str, Any]) -> None:
        content["events"][0]["dates"]["announced"] = "2024-01-02"

    assert "expected a day of the file's year" in _broken(tmp_path, "2023.yml", moved)


def test_a_fifth_shock_is_refused(tmp_path: Path) -> None:
    def fifth(content: dict[str, Any]) -> None:
        content["events"][0]["main_shock"] = True

    assert "main_shock: is true for 5 events" in _broken(tmp_path, "2018.yml", fifth)


def test_a_file_without_entries_is_refused(tmp_path: Path) -> None:
    assert "confounders: missing, expected a list" in _broken(
        tmp_path, "confounders.yml", lambda content: content.clear()
    )


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    copy = copytree(EVENTS, tmp_path / "dlt_sources" / "events")
    (copy / "2020.yml").write_text("events: [")
    with pytest.raises(ArchiveError, match=r"dlt_sources/events/2020\.yml: not YAML"):
        load(replace(SOURCE, local=copy), tmp_path)
