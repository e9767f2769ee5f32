"""The tests of a table as one query, in a whole build: dbt takes longer to set one up than DuckDB to run it.

What is declared, named, shown and accepted stays a test; only where the query of a table finds a row are its
tests run one by one, to say which. Not grouped: what a person accepted, tests with settings of their own,
tests that read other tables but for relationships. Not here: running dbt (``warehouse``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.contracts.graph.nodes import GenericTestNode, SingularTestNode

Entry = Mapping[str, Any]
SETTINGS = (
    "severity",
    "where",
    "limit",
    "fail_calc",
    "warn_if",
    "error_if",
    "store_failures",
    "tags",
    "meta",
)


@dataclass(frozen=True)
class Groups:
    """The tests that each query stands for: ``{unique id of the query: {unique id: name of a test}}``."""

    members: Mapping[str, Mapping[str, str]]

    def found(self, entries: Iterable[Entry]) -> list[str]:
        """Names of the tests that must be run by themselves: their query found a row, or did not run."""
        return [
            name
            for entry in entries
            if entry["unique_id"] in self.members and entry["status"] not in {"pass", "skipped"}
            for name in self.members[entry["unique_id"]].values()
        ]

    def ungrouped(self, entries: Iterable[Entry], alone: Iterable[Entry]) -> list[Entry]:
        """An entry a test, in the order of the build; ``alone`` are those of the tests that were run by
        themselves."""
        own = {entry["unique_id"]: entry for entry in alone}
        out: list[Entry] = []
        for entry in entries:
            for unique_id in self.members.get(entry["unique_id"], [entry["unique_id"]]):
                out.append(own.get(unique_id, {**entry, "unique_id": unique_id}))
        return out


def group(manifest: Manifest) -> Groups:
    """Put one query in the place of the tests of each table, and another of its relationships."""
    from dbt.contracts.graph.nodes import GenericTestNode

    of_table: dict[str, list[GenericTestNode]] = defaultdict(list)
    for node in manifest.nodes.values():
        if isinstance(node, GenericTestNode) and (place := _place(node, manifest)):
            of_table[place].append(node)
    members: dict[str, dict[str, str]] = {}
    for place, tests in of_table.items():
        if len(tests) > 1:
            query = _query(place, tests, manifest)
            members[query.unique_id] = {test.unique_id: test.name for test in tests}
            for test in tests:
                del manifest.nodes[test.unique_id]
            manifest.nodes[query.unique_id] = query
    return Groups(members)


def _place(test: GenericTestNode, manifest: Manifest) -> str | None:
    """Name of the query that a test may be part of; None where it stands for itself."""
    from dbt.artifacts.resources.v1.config import TestConfig

    usual = TestConfig()
    table = manifest.nodes.get(test.attached_node or "")
    if table is None or test.test_metadata.namespace:
        return None
    if any(getattr(test.config, name) != getattr(usual, name) for name in SETTINGS):
        return None
    if set(test.depends_on.nodes) == {table.unique_id}:
        return f"tests_of_{table.name}"
    return f"relationships_of_{table.name}" if test.test_metadata.name == "relationships" else None


def _query(name: str, tests: Sequence[GenericTestNode], manifest: Manifest) -> SingularTestNode:
    """A row a test that fails: which, and how many rows fail it."""
    from dbt.artifacts.resources.base import FileHash
    from dbt.artifacts.resources.v1.components import DependsOn
    from dbt.contracts.graph.nodes import SingularTestNode

    parts = [
        f"select '{test.unique_id}' as test, count(*) as failing from ({_call(test, manifest)})"
        for test in tests
    ]
    code = f"select * from ({' union all '.join(parts)}) where failing > 0"
    first = tests[0]
    return SingularTestNode(
        name=name,
        alias=name,
        unique_id=f"test.{first.package_name}.{name}",
        resource_type=first.resource_type,
        package_name=first.package_name,
        path=first.path,
        original_file_path=first.original_file_path,
        fqn=[*first.fqn[:-1], name],
        checksum=FileHash.from_contents(code),
        database=first.database,
        schema=first.schema,
        config=first.config,
        language="sql",
        raw_code=code,
        refs=[ref for test in tests for ref in test.refs],
        depends_on=DependsOn(
            macros=sorted({macro for test in tests for macro in test.depends_on.macros}),
            nodes=sorted({node for test in tests for node in test.depends_on.nodes}),
        ),
    )


def _call(test: GenericTestNode, manifest: Manifest) -> str:
    """The call of the test's macro on its table, in Jinja."""
    given = dict(test.test_metadata.kwargs)
    said = {"model": f"ref({manifest.nodes[test.attached_node or ''].name!r})"}
    if test.test_metadata.name == "relationships":
        said["to"] = given["to"]  # an expression already
    said |= {name: repr(value) for name, value in given.items() if name not in said}
    arguments = ", ".join(f"{name}={value}" for name, value in said.items())
    return f"{{{{ test_{test.test_metadata.name}({arguments}) }}}}"
