"""What a check and its result are, and the few kinds of check the gates are built of.

Plain data, standard library only. Not here: which checks there are (``raw``, ``marts``) and how
they are run (``validation``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Gate = Literal["raw", "marts"]
Severity = Literal["error", "warning"]
BEGINNING = date(1950, 1, 1)  # the first AI system on Epoch's list
END = date(2027, 1, 1)  # no data of ours speaks for a later day


@dataclass(frozen=True)
class Check:
    """One expectation about one table.

    ``table`` is ``<source>/<table>`` at the raw gate and the mart's name at the marts gate; ``name``
    is unique in its table. ``query`` is SQL over the view ``data`` (the table) and, by their names,
    over the tables in ``uses``; it gives the frame that is judged, aggregated in DuckDB, one row per
    thing a reader would mend (a file, a column, an outcome, a period). ``expectation`` and
    ``kwargs`` are Great Expectations' own. ``description`` says which fault it is for, and the remedy.
    """

    gate: Gate
    table: str
    name: str
    severity: Severity
    description: str
    expectation: str
    kwargs: Mapping[str, object] = field(hash=False)
    query: str
    uses: tuple[str, ...] = ()

    @property
    def asset_key(self) -> tuple[str, ...]:
        """Path of the asset that is checked: ``("raw", source, table)`` or ``("marts", mart)``."""
        return (self.gate, *self.table.split("/"))


@dataclass(frozen=True)
class Result:
    """What became of one check, dbt's tests included: a row of ``checks.parquet`` and a sample.

    ``rows`` counts what was judged (rows of the check's frame), ``failing_rows`` those that fail,
    null where the expectation is about the frame as a whole. ``error`` says why a check could not
    run: then ``success`` is false and nothing is said about the data. ``beyond``: how far the worst
    value lies outside its bounds, in its unit (dates: days), of a check of a range that failed.
    ``sample`` is a Markdown table of failing rows, for people; it is not stored.
    """

    gate: Gate
    tool: Literal["gx", "dbt"]
    table: str
    check: str
    severity: Severity
    success: bool
    observed: str | None
    expected: str | None
    failing_rows: int | None
    rows: int | None
    table_sha256: str | None
    error: str | None = None
    beyond: float | None = None
    sample: str | None = None


@dataclass(frozen=True)
class Suite:
    """The checks of one table in the making: what its builder calls for each check."""

    gate: Gate
    table: str

    def between(
        self,
        name: str,
        severity: Severity,
        description: str,
        query: str,
        column: str,
        low: float | date | None = None,
        high: float | date | None = None,
        uses: tuple[str, ...] = (),
    ) -> Check:
        """Every value of a column of the frame lies within bounds (inclusive); nulls are not judged."""
        bounds = {"min_value": low, "max_value": high}
        kwargs = {"column": column} | {k: _moment(v) for k, v in bounds.items() if v is not None}
        kind = "expect_column_values_to_be_between"
        return Check(self.gate, self.table, name, severity, description, kind, kwargs, query, uses)

    def zero(
        self,
        name: str,
        severity: Severity,
        description: str,
        query: str,
        column: str,
        uses: tuple[str, ...] = (),
    ) -> Check:
        """No row of the frame counts anything (missing, excess, undated …) in this column."""
        return self.between(name, severity, description, query, column, high=0, uses=uses)

    def ordered(
        self, name: str, severity: Severity, description: str, query: str, later: str, earlier: str
    ) -> Check:
        """In every row of the frame that has both, ``later`` is not before ``earlier``."""
        kwargs = {
            "column_A": later,
            "column_B": earlier,
            "or_equal": True,
            "ignore_row_if": "either_value_is_missing",
        }
        kind = "expect_column_pair_values_a_to_be_greater_than_b"
        return Check(self.gate, self.table, name, severity, description, kind, kwargs, query)

    def never(
        self, name: str, severity: Severity, description: str, query: str, column: str, values: list[str]
    ) -> Check:
        """No row of the frame has one of these values."""
        kwargs = {"column": column, "value_set": values}
        kind = "expect_column_values_to_not_be_in_set"
        return Check(self.gate, self.table, name, severity, description, kind, kwargs, query)

    def count(
        self, name: str, severity: Severity, description: str, query: str, low: int, high: int | None = None
    ) -> Check:
        """The number of rows that ``query`` (one row, column ``row_count``) gives lies within bounds."""
        return self.between(name, severity, description, query, "row_count", low, high)

    def unknown(self, column: str, high: float) -> Check:
        """At most this share of the rows has no certain country in ``column``."""
        return self.between(
            f"unknown_{column}_share_small",
            "warning",
            f"More than {high:.0%} of the rows have no certain {column}: counts by country are lower bounds. "
            "Add evidence to the registries for the names that occur most.",
            f"select avg((coalesce({column}, 'ZZ') = 'ZZ')::int) as unknown_share from data",
            "unknown_share",
            high=high,
        )


def _moment(bound: float | date) -> float | datetime:
    """Great Expectations compares pandas' timestamps with datetimes only, not with dates."""
    if isinstance(bound, date):
        return datetime(bound.year, bound.month, bound.day)
    return bound


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """An SQL string."""
    return "'" + value.replace("'", "''") + "'"
