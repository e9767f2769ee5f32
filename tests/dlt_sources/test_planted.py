"""The truth of the simulated world is one YAML without a key that hides another."""

from __future__ import annotations

from collections import Counter

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
