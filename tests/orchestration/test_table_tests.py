"""Every test of dbt's keeps its own result, though a whole build runs those of a table as one query."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration import warehouse
from orchestration.table_tests import Groups, group

GROUPS = Groups({"test.x.tests_of_a": {"test.x.unique_a.1": "unique_a", "test.x.not_null_a.2": "not_null_a"}})


def _entry(unique_id: str, status: str, failures: int | None = 0) -> dict[str, Any]:
    return {"unique_id": unique_id, "status": status, "failures": failures}


BEFORE, AFTER = _entry("model.x.a", "success"), _entry("test.x.other", "fail", 2)


@pytest.mark.parametrize("status", ["pass", "skipped"])
def test_what_a_query_says_of_all_its_tests_is_said_of_each(status: str) -> None:
    entries = [BEFORE, _entry("test.x.tests_of_a", status), AFTER]
    assert GROUPS.found(entries) == []
    assert GROUPS.ungrouped(entries, ()) == [
        BEFORE, _entry("test.x.unique_a.1", status), _entry("test.x.not_null_a.2", status), AFTER
    ]  # fmt: skip


@pytest.mark.parametrize("status", ["fail", "error"])
def test_a_query_that_finds_a_row_or_does_not_run_has_its_tests_run_one_by_one(status: str) -> None:
    entries = [BEFORE, _entry("test.x.tests_of_a", status, 1), AFTER]
    assert GROUPS.found(entries) == ["unique_a", "not_null_a"]
    alone = [_entry("test.x.not_null_a.2", "pass"), _entry("test.x.unique_a.1", status, 7)]
    assert GROUPS.ungrouped(entries, alone) == [BEFORE, alone[1], alone[0], AFTER]


@pytest.mark.slow
def test_every_test_of_the_project_is_run_once_and_an_accepted_one_by_itself() -> None:
    from dbt.contracts.graph.manifest import Manifest

    warehouse.manifest()
    packed = (warehouse.TARGET / "partial_parse.msgpack").read_bytes()
    declared = {name for name in Manifest.from_msgpack(packed).nodes if name.startswith("test.")}
    accepted = next(name for name in sorted(declared) if ".not_null_organisation_names_" in name)
    parsed = Manifest.from_msgpack(packed)
    parsed.nodes[accepted].config.severity = "warn"  # type: ignore[union-attr]  # a test
    members = group(parsed).members
    left = {name for name in parsed.nodes if name.startswith("test.")} - members.keys()
    grouped = [name for names in members.values() for name in names]
    assert sorted([*grouped, *left]) == sorted(declared)
    assert accepted in left
    assert len(left) + len(members) < 0.7 * len(declared)
    for name, tests in members.items():
        query = parsed.nodes[name]
        assert all(f"'{test}'" in query.raw_code for test in tests)
        assert (
            query.depends_on_nodes
            and set(query.depends_on_nodes) <= parsed.nodes.keys() | parsed.sources.keys()
        )
