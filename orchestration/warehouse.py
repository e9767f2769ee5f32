"""dbt inside this process: parse when its files changed, build, and write the marts as Parquet.

A ``dbt`` subprocess costs 6-8 CPU seconds before it does anything; ``dbtRunner`` shares our imports.
dbt alone opens the DuckDB file; every other reader takes the Parquet written here, by rename,
after the marts' tests passed. Not here: SQL (``dbt_project``), Dagster (``assets``).
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock
from platformdirs import user_cache_path

from orchestration import environment  # noqa: F401  (must precede dbt)
from orchestration.errors import UserError
from orchestration.home.stages import code_version
from orchestration.settings import IS_CHECKOUT, PROJECT, Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

DBT_PROJECT = PROJECT / "dbt_project"
# what dbt parsed: an installed package's own folder may not be writable
TARGET = DBT_PROJECT / "target" if IS_CHECKOUT else user_cache_path("chokepoint") / "dbt"
MANIFEST = TARGET / "manifest.json"
STAMP = TARGET / "parsed_from"
ROW_GROUP = 100_000
MADE = ("model", "seed")
# kinds of models that stand below one another
UNIONS = (
    "int_activity",
    "int_coverage",
    "int_model_lists",
    "int_not_covered",
    "int_repository_counts",
    "int_repository_weeks",
)
PROGRESS = logging.getLogger("chokepoint.progress")  # nobody listens but a terminal
RELEASE = "release_"  # the model that holds what may be published of a mart


class WarehouseError(UserError):
    """dbt refused: the model or test and its message, in one line."""


@dataclass(frozen=True)
class Built:
    """What one dbt invocation did: ``nodes`` are ``run_results`` entries, one per node."""

    nodes: tuple[Mapping[str, Any], ...]

    @property
    def failed(self) -> list[Mapping[str, Any]]:
        return [n for n in self.nodes if n["status"] in {"error", "fail", "runtime error"}]


def variables() -> dict[str, list[str]]:
    """What the project is told of itself: the parts of each kind whose models are read as one."""
    stems = sorted(path.stem for path in DBT_PROJECT.glob("models/**/*.sql"))
    return {
        kind: [stem.removeprefix(f"{kind}__") for stem in stems if stem.startswith(f"{kind}__")]
        for kind in UNIONS
    }


def _invoke(arguments: Sequence[str], manifest: Manifest | None = None,
            tell: Callable[[EventMsg], None] | None = None) -> Any:  # fmt: skip
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    try:
        return dbtRunner(manifest=manifest, callbacks=[tell] if tell else None).invoke(
            ["--log-level", "none", "--no-use-colors", "--log-level-file", "none", *arguments,
             "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT),
             "--target-path", str(TARGET), "--vars", json.dumps(variables())])  # fmt: skip
    finally:
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]  # frees the file's lock


def _progress(total: int) -> Callable[[EventMsg], None]:
    """Tells whoever listens to ``PROGRESS`` how many of the models are built."""
    done = count(1)

    def tell(message: EventMsg) -> None:
        if message.info.name == "NodeFinished" and message.data.node_info.resource_type in MADE:
            PROGRESS.info("%d of %d models", next(done), total)

    return tell


def manifest() -> dict[str, Any]:
    """dbt's manifest, parsed anew in this process when a file of the project changed.

    Raises:
        WarehouseError: the project does not parse.
    """
    stamp = code_version("dbt_project")
    TARGET.mkdir(parents=True, exist_ok=True)
    with FileLock(TARGET / "parse.lock"):  # every process of this checkout shares the target folder
        content = _parsed() if STAMP.is_file() and STAMP.read_bytes() == stamp.encode() else None
        if content is None:
            answer = _invoke(["--no-partial-parse", "parse"])  # a partial one loses tests of new models
            if not answer.success:
                raise WarehouseError(f"dbt_project: {_one_line(answer.exception)}; mend the project")
            STAMP.write_text(stamp)
            content = json.loads(MANIFEST.read_bytes())
    return content


def _parsed() -> dict[str, Any] | None:
    """What dbt left the last time; None where that cannot be read: it is parsed anew."""
    try:
        content = json.loads(MANIFEST.read_bytes())  # ours, and 8 MB: what it may say is for dbt to check
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and {"nodes", "sources"} <= content.keys() else None


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


@contextmanager
def _locations(settings: Settings) -> Iterator[None]:
    """dbt's profile reads where the lake and the file are from the environment."""
    names = {"CHOKEPOINT_LAKE": settings.lake, "CHOKEPOINT_WAREHOUSE": settings.warehouse}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: str(path) for name, path in names.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def build(settings: Settings, select: Sequence[str] = (), accepted: Collection[str] = ()) -> Built:
    """Build seeds, models and data tests (no unit tests) into the home's DuckDB file.

    Everything is built into a new file; a selection works in the file that is there. ``accepted``
    are unique ids of tests that a person let fail: their status is ``warn``, and building goes on.

    Raises:
        WarehouseError: dbt itself failed (not: a test found bad data, see ``Built.failed``).
    """
    from orchestration import table_tests

    manifest()
    parsed = _parsed_nodes(accepted)
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    if not select:
        settings.warehouse.unlink(missing_ok=True)
    chosen = ["--select", *select] if select else []
    if select and (unready := _tests_without_relations(parsed, settings, select)):
        chosen += ["--exclude", *unready]  # they run with the last of the relations that they read
    groups = table_tests.Groups({}) if select else table_tests.group(parsed)
    total = len(select) or sum(node.resource_type in MADE for node in parsed.nodes.values())
    with _locations(settings):
        answer = _invoke(
            ["--no-write-json", "build", "--exclude-resource-type", "unit_test", *chosen],
            parsed,
            _progress(total),
        )
        entries = _entries(answer)
        alone = groups.found(entries)
        if alone:
            answer = _invoke(["--no-write-json", "test", "--select", *alone], _parsed_nodes(accepted))
    return Built(tuple(groups.ungrouped(entries, _entries(answer) if alone else ())))


def _parsed_nodes(accepted: Collection[str]) -> Manifest:
    from dbt.contracts.graph.manifest import Manifest

    parsed = Manifest.from_msgpack((TARGET / "partial_parse.msgpack").read_bytes())
    for unique_id in accepted:
        parsed.nodes[unique_id].config.severity = "warn"  # type: ignore[union-attr]  # they are tests
    return parsed


def _entries(answer: Any) -> list[Mapping[str, Any]]:
    """dbt's ``run_results``, one a node."""
    if answer.result is None:
        raise WarehouseError(f"dbt: {_one_line(answer.exception)}; see the log")
    return [r.to_dict() | {"unique_id": r.node.unique_id} for r in answer.result.results]


def _tests_without_relations(manifest: Manifest, settings: Settings, select: Sequence[str]) -> list[str]:
    """Tests that read a model or seed that is neither in the file nor selected: it was not made yet."""
    there = {*select, *(relation_columns(settings) if settings.warehouse.is_file() else ())}
    return sorted(
        node.name
        for node in manifest.nodes.values()
        if node.unique_id.startswith("test.")
        and any(manifest.nodes[n].name not in there for n in node.depends_on_nodes if n in manifest.nodes)
    )


def mart_keys(manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """``{mart: key columns}``: all of a bridge's, else as the mart's uniqueness test declares them."""
    keys = {
        node["name"]: list(node["columns"]) if node["name"].startswith("bridge_") else []
        for node in models(manifest, "marts")
    }
    for node in manifest["nodes"].values():
        test = node.get("test_metadata")
        if test and test["name"] in {"unique", "unique_combination"}:
            mart = (node.get("attached_node") or "").rsplit(".", 1)[-1]
            columns = test["kwargs"].get("columns") or [test["kwargs"]["column_name"]]
            if mart in keys and len(columns) > len(keys[mart]):
                keys[mart] = list(columns)
    return keys


def models(manifest: Mapping[str, Any], layer: str) -> list[Mapping[str, Any]]:
    """The manifest's models of a layer (staging, intermediate, marts), by name."""
    found = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == layer
    ]
    return sorted(found, key=lambda node: str(node["name"]))


def withheld(manifest: Mapping[str, Any]) -> list[str]:
    """The marts that a release may not publish whole: a model of the release layer says what it may."""
    names = [str(node["name"]).removeprefix(RELEASE) for node in models(manifest, "release")]
    return [name for name in names if f"model.chokepoint.{name}" in manifest["nodes"]]


def export_marts(settings: Settings, manifest: Mapping[str, Any], names: Collection[str]) -> None:
    """Write the marts among these models from the DuckDB file, sorted by key, the origin in the metadata.

    What a release may publish of a mart, where that is not all of it, lies in a folder beside them.
    """
    import duckdb

    keys = mart_keys(manifest)
    files = {mart: settings.marts / f"{mart}.parquet" for mart in keys}
    files |= {f"{RELEASE}{mart}": settings.publishable / f"{mart}.parquet" for mart in withheld(manifest)}
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        con.execute("set threads = 1")  # one writer, one order of row groups
        for relation in sorted(files.keys() & set(names)):
            target = files[relation]
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.with_name(f".{target.name}.tmp")  # a killed export's is overwritten
            key = ", ".join([*keys[target.stem], "columns(*)"])  # withheld values may leave ties
            con.execute(
                f"copy (select * from {relation} order by {key}) to '{temporary}' (format parquet, "
                f"compression zstd, row_group_size {ROW_GROUP}, kv_metadata {{origin: '{settings.origin}'}})"
            )
            _sync_and_rename(temporary, target)
    for folder in (settings.marts, settings.publishable):
        for left_over in {*folder.glob("*.parquet")} - {*files.values()}:
            left_over.unlink()


def relation_columns(settings: Settings) -> dict[str, list[tuple[str, str]]]:
    """``{table or view: [(column, type)]}`` of the DuckDB file, in the columns' order."""
    import duckdb

    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        rows = con.execute(
            "select table_name, column_name, data_type from duckdb_columns() "
            "where not internal order by table_name, column_index"
        ).fetchall()
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, column, type_ in rows:
        columns.setdefault(table, []).append((column, type_.lower()))
    return columns


def _sync_and_rename(temporary: Path, target: Path) -> None:
    with temporary.open("rb+") as written:
        os.fsync(written.fileno())
    temporary.replace(target)


def document(settings: Settings) -> Path:
    """dbt's documentation of every model as one page that opens from disk.

    Raises:
        WarehouseError: there is no warehouse yet, or dbt refused.
    """
    if not settings.warehouse.is_file():
        raise WarehouseError(
            f"home: {settings.home_path}: no warehouse to document; run `chokepoint run` first"
        )
    manifest()
    with _locations(settings):
        answer = _invoke(["docs", "generate", "--static"])
    if not answer.success:
        raise WarehouseError(f"dbt docs: {_one_line(answer.exception)}")
    page = settings.home_path / "docs" / "index.html"
    page.parent.mkdir(exist_ok=True)
    (TARGET / "static_index.html").replace(page)
    return page


if __name__ == "__main__":  # `make docs`; `vars` for a dbt that is run by hand
    import sys

    from orchestration.settings import read_settings

    said = json.dumps(variables()) if "vars" in sys.argv else document(read_settings())
    sys.stdout.write(f"{said}\n")
