"""What dbt found wrong, in one line a person can act on: file, field, what is, what was expected, remedy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from orchestration.settings import Settings

Node = Mapping[str, Any]


def sentence(result: Node, manifest: Node, settings: Settings) -> str:
    """One failed entry of dbt's ``run_results`` as a line; a test names the first row that fails it."""
    node = manifest["nodes"].get(result["unique_id"], {})
    about = manifest["nodes"].get(node.get("attached_node")) or node
    where = f"dbt_project/{about.get('original_file_path', result['unique_id'])}"
    message = " ".join(str(result.get("message") or result["status"]).split())
    if result["status"] != "fail":
        return f"{where}: {message}; correct it"
    remedy = "correct the file" if where.endswith(".csv") else "correct the rows it is made from"
    test = node.get("test_metadata") or {"name": node["name"], "kwargs": {}}
    fields = test["kwargs"].get("columns") or [test["kwargs"].get("column_name")]
    field = ", ".join(name for name in fields if name) or "rows"
    return (
        f"{where}: {field}: {_example(result, settings)}, {_expected(test)} "
        f"({result['failures']} failing of {node['name']}); {remedy}"
    )


def _expected(test: Node) -> str:
    given = test["kwargs"]
    match test["name"]:
        case "unique" | "unique_combination":
            return "expected once"
        case "not_null":
            return "expected a value"
        case "relationships":
            return f"expected in {given['to']}"
        case "accepted_values":
            return f"expected one of {', '.join(map(str, given['values']))}"
    return "expected no such row"


def _example(result: Node, settings: Settings) -> str:
    """The first failing row, by the test's own query in the file that dbt has just left."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        row = con.execute(f"select * from ({result['node']['compiled_code']}) order by all limit 1")
        names = [column[0] for column in row.description]
        values = row.fetchone() or ()
    return ", ".join(f"{name} is {value!r}" for name, value in zip(names, values, strict=False)) or "a row"
