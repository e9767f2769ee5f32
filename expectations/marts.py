"""Checks of the marts: would an estimate from these tables stand on what it says it stands on?

Counts, ranges, continuity, shares, coverage and outliers; keys, types, relations and accepted
values are dbt's tests. What every mart gets follows from its columns in dbt's manifest; what
a mart of its own needs is a function in ``activity``, ``facts`` or ``dimensions``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, get_args

from expectations import activity, dimensions, facts
from expectations.checks import BEGINNING, END, Check, Suite, quoted, text

WHOLE = {"bigint", "integer", "int", "smallint", "tinyint", "int64"}
FRACTIONAL = {"double", "float", "float64"}
SEEDED = {"dim_country", "dim_month", "dim_outcome", "dim_event", "dim_confounder"}  # in every origin


@dataclass(frozen=True)
class Mart:
    """A mart as the manifest describes it: ``types`` by column, ``shares`` the columns that are one."""

    name: str
    types: Mapping[str, str]
    shares: tuple[str, ...]

    def typed(self, *kinds: str) -> list[str]:
        return [column for column, kind in self.types.items() if kind in kinds]


def checks(manifest: Mapping[str, Any], *, until: date = END) -> tuple[Check, ...]:
    """Every check of the marts that dbt's manifest lists.

    ``until`` is the last day that a fact may speak for; it does not change which checks there are.
    A check over several marts is left out where one of them is not in the manifest.
    """
    marts = {mart.name: mart for mart in _marts(manifest)}
    of_all = [check for mart in marts.values() for check in _mart(mart, until)]
    return tuple(check for check in of_all if marts.keys() >= set(check.uses))


def _marts(manifest: Mapping[str, Any]) -> Iterator[Mart]:
    for node in sorted(manifest["nodes"].values(), key=lambda node: str(node["name"])):
        if node["resource_type"] == "model" and node["fqn"][1] == "marts":
            columns = node["columns"]
            yield Mart(
                name=node["name"],
                types={name: str(column.get("data_type") or "").lower() for name, column in columns.items()},
                shares=tuple(name for name, column in columns.items() if _unit(column) == "share"),
            )


def _unit(column: Mapping[str, Any]) -> object:
    meta = column.get("config", {}).get("meta") or column.get("meta") or {}
    return meta.get("unit")


def _mart(mart: Mart, until: date) -> Iterator[Check]:
    suite = Suite("marts", mart.name)
    yield suite.count(
        "rows_present",
        "error" if mart.name in SEEDED else "warning",
        "No row at all: the sources behind this mart are absent, or a join lost everything. Add the sources "
        "to the archive, or look at the intermediate models.",
        "select count(*) as row_count from data",
        low=1,
    )
    yield from _numbers(suite, mart)
    if mart.name.startswith("fct_") and (days := mart.typed("date")):
        yield from _dates(suite, days, until)
    if of_mart := OF_MART.get(mart.name):
        yield from of_mart(suite)


def _numbers(suite: Suite, mart: Mart) -> Iterator[Check]:
    if whole := mart.typed(*WHOLE):
        yield suite.between(
            "counts_not_negative",
            "error",
            "A count below zero: a counter that fell (purge, rename, recount) became a negative flow. Mark "
            "the break in the intermediate model instead.",
            _by_column(whole, least="min({column})"),
            "least",
            low=0,
        )
    if fractional := mart.typed(*FRACTIONAL):
        yield suite.zero(
            "numbers_finite",
            "error",
            "An infinite or not-a-number value, which every average would inherit: a division by zero in "
            "the model. Give null and the reason instead.",
            _by_column(fractional, not_finite="count(*) filter (where not isfinite({column}))"),
            "not_finite",
        )
    for share in mart.shares:
        yield suite.between(
            f"{share}_within_bounds",
            "error",
            f"A {share} below 0 or above 1: more observed than expected, so the expected number is wrong. "
            "Correct the denominator in the coverage or activity model.",
            f"select {quoted(share)}, count(*) as row_count from data group by all",
            share,
            low=0,
            high=1,
        )


def _dates(suite: Suite, days: list[str], until: date) -> Iterator[Check]:
    query = _by_column(days, earliest="min({column})", latest="max({column})")
    yield suite.between(
        "dates_not_early",
        "error",
        f"A date before {BEGINNING}: a badly read date. Correct the staging model.",
        query,
        "earliest",
        low=BEGINNING,
    )
    yield suite.between(
        "dates_not_late",
        "error",
        f"A date after {until}: no source can have observed it. Correct the staging model.",
        query,
        "latest",
        high=until,
    )


def _by_column(columns: list[str], **measures: str) -> str:
    """One row a column: measures over the whole table, by name."""
    return " union all ".join(
        ", ".join(
            [f"select {text(c)} as column_name"]
            + [f"{measure.format(column=quoted(c))} as {name}" for name, measure in measures.items()]
        )
        + " from data"
        for c in columns
    )


OF_MART: Mapping[str, Callable[[Suite], Iterator[Check]]] = {
    "dim_country": dimensions.country,
    "dim_event": dimensions.event,
    "dim_month": dimensions.month,
    "dim_organisation": dimensions.organisation,
    "dim_outcome": dimensions.outcome,
    "dim_repository": dimensions.repository,
    **{f"fct_activity_country_{p}": partial(activity.fact, period=p) for p in get_args(activity.Frequency)},
    "fct_activity_country_vintage": activity.vintage,
    "fct_activity_left_out": activity.left_out,
    "fct_model_derivative": facts.model_derivative,
    "fct_model_release": facts.model_release,
    "fct_paper": facts.paper,
    "fct_patent": facts.patent,
    "fct_policy_document": facts.policy_document,
    "fct_origin_share": facts.origin_share,
    "fct_repository_week": facts.repository_week,
    "fct_source_coverage": facts.source_coverage,
}
