"""What the gates are built of: cheap to import, well named, explained, and the same on every call."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from types import SimpleNamespace

import pyarrow as pa
import pytest

from expectations import Check, marts, raw

SOURCES = [
    SimpleNamespace(
        name="innovation_graph",
        max_rejected_share=0.01,
        tables=(
            SimpleNamespace(
                name="git_pushes",
                columns=pa.schema(
                    [("iso2_code", pa.string()), ("year", pa.int64()), ("vintage", pa.date32())]
                ),
            ),
            SimpleNamespace(name="labels", columns=pa.schema([("label", pa.string())])),
        ),
    )
]


def manifest(**marts_columns: dict[str, str]) -> dict[str, object]:
    return {
        "nodes": {
            name: {
                "name": name,
                "resource_type": "model",
                "fqn": ["chokepoint", "marts", name],
                "columns": {column: {"data_type": kind, "config": {}} for column, kind in columns.items()},
            }
            for name, columns in marts_columns.items()
        }
    }


EVERY_MART = manifest(**{name: {"n": "bigint", "day": "date", "x": "double"} for name in marts.OF_MART})
ALL = (*raw.checks(SOURCES), *marts.checks(EVERY_MART))


def test_importing_the_room_and_building_checks_imports_nothing_heavy() -> None:
    script = (
        "import sys; from expectations import marts, raw, validation, worker; raw.checks([]); "
        "marts.checks({'nodes': {}}); print([m for m in ('great_expectations', 'pandas', 'duckdb', "
        "'pyarrow', 'numpy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"


def test_names_are_unique_in_a_table_and_fit_dagster() -> None:
    twice = [key for key, n in Counter((c.gate, c.table, c.name) for c in ALL).items() if n > 1]
    assert twice == []
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", check.name) for check in ALL)


@pytest.mark.parametrize("check", ALL, ids=lambda check: f"{check.table}-{check.name}")
def test_a_check_says_which_fault_it_is_for_and_the_remedy(check: Check) -> None:
    assert len(re.findall(r"[.?](?: |$)", check.description)) >= 2 or ";" in check.description
    assert check.expectation.startswith("expect_")
    assert check.table not in check.uses


def test_builders_are_pure_and_settings_never_change_which_checks_there_are() -> None:
    from datetime import date

    def names(checks: tuple[Check, ...]) -> list[tuple[str, str]]:
        return [(check.table, check.name) for check in checks]

    assert raw.checks(SOURCES) == raw.checks(SOURCES)
    assert names(raw.checks(SOURCES)) == names(raw.checks(SOURCES, present=(), until=date(2020, 1, 1)))
    assert names(marts.checks(EVERY_MART)) == names(marts.checks(EVERY_MART, until=date(2020, 1, 1)))


def test_asset_keys_are_those_of_the_assets() -> None:
    assert {check.asset_key for check in ALL if check.gate == "raw"} == {
        ("raw", "innovation_graph", "git_pushes"),
        ("raw", "innovation_graph", "labels"),
        ("raw", "innovation_graph", "_rejected"),
    }
    assert {check.asset_key for check in marts.checks(manifest(dim_month={}))} == {("marts", "dim_month")}


def test_a_check_over_several_marts_needs_them_all() -> None:
    alone = marts.checks(manifest(fct_model_release={"model_id": "varchar"}))
    assert "every_release_has_a_country_row" not in {check.name for check in alone}


def test_only_what_dbt_describes_as_a_mart_is_checked() -> None:
    content = manifest(fct_paper={"n": "bigint"})
    staging = {
        "name": "stg_x",
        "resource_type": "model",
        "fqn": ["chokepoint", "staging", "x"],
        "columns": {},
    }
    content["nodes"]["stg_x"] = staging  # type: ignore[index]
    assert {check.table for check in marts.checks(content)} == {"fct_paper"}
