"""The truth of the simulated world is one YAML without a key that hides another."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
import yaml

from dlt_sources.sample import WRITERS
from dlt_sources.sample.world import PLANTED


def repeated_keys(text: str) -> list[str]:
    """Keys that stand twice in one mapping: YAML keeps the last one and says nothing."""
    nodes, repeated = [yaml.compose(text)], []
    while nodes:
        node = nodes.pop()
        if isinstance(node, yaml.MappingNode):
            names = Counter(str(key.value) for key, _ in node.value)
            repeated += [name for name, count in names.items() if count > 1]
            nodes += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value
    return sorted(repeated)


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        ("a: {b: 1, c: {b: 2}}\nd: [{b: 1}, {b: 2}]", []),
        ("a: [1]\nb: 2\na: [3]", ["a"]),
        ("a: [{b: 1, b: 2}]", ["b"]),
    ],
)
def test_a_repeated_key_is_seen_at_any_depth(text: str, repeated: list[str]) -> None:
    assert repeated_keys(text) == repeated


def test_the_truth_repeats_no_key_and_traps_are_of_a_simulated_source() -> None:
    assert repeated_keys(PLANTED.read_text()) == []
    traps = yaml.safe_load(PLANTED.read_text())["traps"]
    assert {trap["source"] for trap in traps} <= set(WRITERS)
    assert max(Counter((trap["source"], trap["trap"]) for trap in traps).values()) == 1
    assert all(set(trap) == {"source", "trap", "what"} for trap in traps)


ROOT = Path(__file__).parents[2]
WEEKLY = {"best_of_ml", "commit_weeks", "github_events", "github_ranking_ai"}


def test_what_is_made_of_weeks_has_a_truth_of_its_own() -> None:
    """Months and shares of a weekly panel, else nothing holds their estimates to what was planted."""
    truth = yaml.safe_load(PLANTED.read_text())
    with (ROOT / "dbt_project/seeds/outcomes.csv").open(newline="", encoding="utf-8") as rows:
        sources = {row["outcome"]: row["sources"] for row in csv.DictReader(rows)}
    known = {*truth["effects"], *truth["made_of"], *truth["nulls"]}
    assert {outcome for outcome, source in sources.items() if source in WEEKLY} <= known
    for outcome, weeks in truth["made_of"].items():
        assert sources[outcome] == sources[weeks] and weeks in truth["effects"], outcome
