"""The project's own generic tests, each on data that carries the fault and on data that nearly does.

The macros are rendered with plain Jinja (a dbt ``test`` block is a macro whose rows are failures), so that
no dbt run is needed here.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from jinja2 import Environment

MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros"
DIMENSIONS = """
create table dim_outcome as select * from (values
    ('models', 'true_zero'), ('mentions', 'true_zero'), ('pushes', 'suppressed'), ('stars', 'truncated'),
    ('papers', 'not_collected')
) as t (outcome, zero_rule);
create table dim_country as select * from (values
    ('CN', true, false), ('FR', false, true), ('DE', false, true), ('US', false, false), ('HK', false, false)
) as t (country, is_treated, is_default_donor);
create table int_outcome_countries_not_covered as select * from (values
    ('models', 'DE'), ('models', 'CN'), ('mentions', 'FR')
) as t (outcome, country);
"""


def failures(test: str, fact: str, **arguments: object) -> list[tuple[object, ...]]:
    """Rows that the generic test ``test`` returns for a fact of (outcome, country, month, value, n_units)."""
    source = "".join(path.read_text() for path in sorted(MACROS.glob("*_tests.sql")))
    source = re.sub(r"{%-? test (\w+)", r"{% macro test_\1", source).replace("endtest", "endmacro")
    module = Environment().from_string(source, globals={"ref": str}).module
    sql = getattr(module, f"test_{test}")("fact", **arguments)
    con = duckdb.connect()
    con.execute(DIMENSIONS)
    con.execute(
        f"create table fact as select * from (values {fact}) as t (outcome, country, month, value, n_units)"
    )
    rows: list[tuple[object, ...]] = con.execute(sql).fetchall()
    return rows


BALANCED = """
    ('models', 'CN', 1, 3, 3), ('models', 'CN', 2, 0, 0), ('models', 'FR', 1, 0, 0), ('models', 'FR', 2, 1, 1)
"""


@pytest.mark.parametrize(
    ("extra", "missing"),
    [
        ("", []),
        (", ('models', 'US', 1, 5, 5)", []),  # neither donor nor treated
        (", ('models', 'DE', 1, 5, 5)", []),  # declared not covered, though it has a row
        (", ('pushes', 'DE', 1, 5, 5)", []),  # another rule
        (", ('models', 'US', 3, 5, 5)", [("models", "CN", 3), ("models", "FR", 3)]),
        (", ('mentions', 'CN', 1, 5, 5)", [("mentions", "DE", 1)]),  # FR is declared, DE dropped whole
    ],
)
def test_true_zero_wants_a_row_for_every_covered_country_and_period(
    extra: str, missing: list[tuple[object, ...]]
) -> None:
    assert sorted(failures("zero_rule_true_zero", BALANCED + extra, period="month"), key=str) == missing


def test_true_zero_wants_china_even_where_it_is_declared_not_covered() -> None:
    assert failures("zero_rule_true_zero", "('models', 'FR', 1, 1, 1)", period="month") == [
        ("models", "CN", 1)
    ]


@pytest.mark.parametrize(
    ("test", "row", "fails"),
    [
        ("zero_rule_suppressed", "('pushes', 'CN', 1, 0, null)", True),
        ("zero_rule_suppressed", "('pushes', 'CN', 1, 101, null)", False),
        ("zero_rule_suppressed", "('models', 'CN', 1, 0, null)", False),
        ("zero_rule_truncated", "('stars', 'CN', 1, 5, 0)", True),
        ("zero_rule_truncated", "('stars', 'CN', 1, 5, null)", True),
        ("zero_rule_truncated", "('stars', 'CN', 1, 0, 1)", False),
        ("zero_rule_not_collected", "('papers', 'HK', 1, 5, 5)", True),
        ("zero_rule_not_collected", "('papers', 'CN', 1, 5, 5)", False),
        ("zero_rule_not_collected", "('pushes', 'HK', 1, 5, 5)", False),
    ],
)
def test_a_rule_holds_for_its_own_outcomes(test: str, row: str, fails: bool) -> None:
    assert bool(failures(test, row)) is fails


def test_unique_combination_names_the_key_that_comes_twice() -> None:
    twice = BALANCED + ", ('models', 'FR', 2, 7, 7)"
    assert failures("unique_combination", BALANCED, columns=["outcome", "country", "month"]) == []
    assert failures("unique_combination", twice, columns=["outcome", "country", "month"]) == [
        ("models", "FR", 2)
    ]


@pytest.mark.parametrize(
    ("limits", "fails"),
    [({"min_value": 0}, 0), ({"min_value": 1}, 2), ({"max_value": 2}, 1), ({"max_value": 3}, 0)],
)
def test_accepted_range_is_inclusive(limits: dict[str, int], fails: int) -> None:
    assert len(failures("accepted_range", BALANCED, column_name="value", **limits)) == fails
