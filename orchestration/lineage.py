"""From which columns a model's column was made: read from the SQL that dbt has just run.

The UI shows lineage of what was materialised, so it is computed at the build, where the compiled SQL
is at hand, and costs nothing when definitions load. Only values count: a column that filters or joins
made no value. Not here: the graph between tables, which dbt's manifest gives.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

import dagster as dg
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

from dlt_sources import SOURCES
from dlt_sources.tables import POSITION, REJECTED
from orchestration.translators import REJECTED_TABLE

Node = Mapping[str, Any]
DIALECT = "duckdb"
logging.getLogger("sqlglot").setLevel(logging.ERROR)  # its remarks on subqueries are for nobody here


def raw_columns() -> dict[tuple[str, str], list[str]]:
    """Columns of every raw table by (source, table), as the loader declares them."""
    columns = {(s.name, t.name): [*t.columns.names, *(f.name for f in POSITION)]
               for s in SOURCES for t in s.tables}  # fmt: skip
    return columns | {(s.name, REJECTED_TABLE): REJECTED.names for s in SOURCES}


def column_lineage(
    compiled: Mapping[str, str],
    columns: Mapping[str, Collection[str]],
    manifest: Mapping[str, Any],
    key_of: Callable[[Node], dg.AssetKey],
) -> dict[str, dg.TableColumnLineage]:
    """``{unique_id: lineage}`` of the models whose SQL is given.

    ``compiled`` is ``{unique_id: SQL}``; ``columns`` names the columns of every seed and model of the
    warehouse (``{name: columns}``), so that ``select *`` can be told; ``key_of`` gives an upstream node's
    asset. A model that the parser does not understand is left out: the caller counts those.
    """
    raw = raw_columns()
    nodes = {**manifest["nodes"], **manifest["sources"]}
    found: dict[str, dg.TableColumnLineage] = {}
    for unique_id, sql in compiled.items():
        upstream = {_marker(above): nodes[above] for above in nodes[unique_id]["depends_on"]["nodes"]}
        schema = {
            marker: raw[node["source_name"], node["name"]]
            if node["resource_type"] == "source"
            else columns.get(node["name"], ())
            for marker, node in upstream.items()
        }
        try:
            parents = _parents(_qualified(sql, upstream, schema))
        except (SqlglotError, ValueError):  # ValueError: a column that one branch of a union lacks
            continue
        found[unique_id] = dg.TableColumnLineage(
            {
                column: [
                    dg.TableColumnDep(key_of(upstream[table]), name)
                    for table, name in sorted(pairs)
                    if table in upstream
                ]
                for column, pairs in parents.items()
            }
        )
    return found


def as_table(lineage: dg.TableColumnLineage) -> str:
    """The same as Markdown, a row a column, for the UI's list of events."""
    rows = [
        f"| {column} | {', '.join(f'{d.asset_key.path[-1]}.{d.column_name}' for d in deps) or '–'} |"
        for column, deps in lineage.deps_by_column.items()
    ]
    return "\n".join(["| column | made from |", "|---|---|", *rows])


def _marker(unique_id: str) -> str:
    """A name that no common table expression has: models name theirs after the tables they read."""
    return unique_id.replace(".", "__").lower()


def _qualified(sql: str, upstream: Mapping[str, Node], schema: Mapping[str, Collection[str]]) -> exp.Expr:
    """The query with every column qualified by its table, upstream tables renamed to their markers."""
    by_name = {}
    for marker, node in upstream.items():
        if node["resource_type"] == "source":
            sql = sql.replace(node["relation_name"], marker)
        else:
            by_name[node["name"]] = marker
    tree = sqlglot.parse_one(sql, dialect=DIALECT)
    for table in tree.find_all(exp.Table):
        if table.db and table.name in by_name:
            table.set("this", exp.to_identifier(by_name[table.name]))
            table.set("db", None)
            table.set("catalog", None)
    types: dict[str, object] = {marker: dict.fromkeys(names, "varchar") for marker, names in schema.items()}
    return qualify(tree, dialect=DIALECT, schema=types, validate_qualify_columns=False)


def _parents(query: exp.Expr) -> dict[str, set[tuple[str, str]]]:
    """``{output column: {(table, column)}}`` of a qualified query."""
    scope = build_scope(query)
    assert scope is not None and isinstance(query, exp.Query)  # a model is a select
    parents: dict[str, set[tuple[str, str]]] = {}
    for column in query.named_selects:
        root = lineage(column, query, {}, scope=scope, dialect=DIALECT, copy=False, trim_selects=False)
        parents[column] = {
            (leaf.source.name, exp.to_column(leaf.name).name)
            for leaf in root.walk()
            if not leaf.downstream and isinstance(leaf.source, exp.Table)
        }
    return parents
