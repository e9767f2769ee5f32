"""What the page reads: Parquet tables by name, as an in-memory database of exactly the columns it uses.

Here: the paths, the expected columns, one clear line when a column is missing. An absent table is an
empty one, because an absent source must still give a page. Not here: wording, figures, layout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypedDict

import duckdb
import pyarrow.parquet as pq
from pydantic import BaseModel, TypeAdapter, ValidationError

Origin = Literal["sample", "archive", "live"]
Row = dict[str, Any]


class InputError(ValueError):
    """A table the page cannot use: one line that names file, field, expectation and remedy."""


class ArchiveSource(TypedDict, total=False):
    """One source of the archive, as its manifest states it. ``retrieved_*`` are ISO 8601, null if unknown."""

    source: str
    title: str | None
    licence: str
    attribution: str
    homepage: str | None
    files: int
    bytes: int
    manifest_sha256: str | None
    retrieved_first: str | None
    retrieved_last: str | None
    ignored: int  # files in the folder that the source does not read
    rejected: int  # rows a parser refused


class AcceptedFailure(BaseModel):
    """A failed check that a person let pass."""

    check: str
    reason: str


class TableVerdict(BaseModel):
    """What the page reads of the gate's verdict on a table."""

    accepted: list[AcceptedFailure] = []


@dataclass(frozen=True)
class Inputs:
    """Everything the page depends on; equal inputs give equal bytes.

    ``marts`` holds ``<mart>.parquet``, ``gate`` holds ``checks.parquet`` and ``verdicts.json``,
    ``results`` holds the tables named in ``RESULTS`` as Parquet, ``identification`` and ``estimates`` first.
    ``seed`` belongs to a simulated archive, ``until`` is the month at which the panels were cut.
    """

    marts: Path
    gate: Path
    results: Path
    archive: Sequence[ArchiveSource]
    origin: Origin
    seed: int | None
    until: date | None
    code_version: str
    files: Sequence[Row] = ()  # every raw file behind the numbers, with sha256 and licence


_ACTIVITY = {"country": "varchar", "outcome": "varchar", "value": "double", "is_complete": "boolean"}

MARTS: Mapping[str, Mapping[str, str]] = {
    "dim_country": {"country": "varchar", "is_default_donor": "boolean"},
    "dim_outcome": {
        "outcome": "varchar", "title": "varchar", "description": "varchar", "unit": "varchar",
        "frequency": "varchar", "family": "varchar", "estimator": "varchar", "country_role": "varchar",
        "zero_rule": "varchar", "claim": "bigint", "is_primary": "boolean",
    },
    "bridge_outcome_source": {"outcome": "varchar", "source": "varchar"},
    "dim_event": {
        "event_id": "varchar", "title": "varchar", "actor_country": "varchar", "target_country": "varchar",
        "direction": "varchar", "announced": "date", "published": "date", "effective": "date",
        "citation": "varchar", "url": "varchar", "is_shock": "boolean", "summary": "varchar",
        "is_verified": "boolean",
    },
    "dim_confounder": {
        "confounder_id": "varchar", "title": "varchar", "kind": "varchar", "start_date": "date",
        "summary": "varchar",
    },
    "fct_activity_country_month": {"month": "date", **_ACTIVITY},
    "fct_activity_country_quarter": {"quarter": "date", **_ACTIVITY},
    "fct_activity_country_year": {"year": "date", **_ACTIVITY},
    "fct_activity_repository_week": {
        "repository_id": "varchar", "country": "varchar", "country_method": "varchar", "week": "date",
        "outcome": "varchar", "value": "double", "is_complete": "boolean", "first_week": "date",
        "cn_holiday_days": "bigint",
    },
    "fct_origin_share": {
        "quarter": "date", "country": "varchar", "event": "varchar", "events": "bigint",
        "all_events": "bigint", "share": "double", "graph_share": "double",
    },
    "fct_source_coverage": {
        "source": "varchar", "month": "date", "expected": "bigint", "observed": "bigint",
        "rejected": "bigint", "share": "double", "unit": "varchar", "regime": "varchar", "note": "varchar",
    },
}  # fmt: skip

GATE: Mapping[str, Mapping[str, str]] = {
    "checks": {
        "gate": "varchar", "tool": "varchar", "table": "varchar", "check": "varchar", "severity": "varchar",
        "success": "boolean", "observed": "varchar", "expected": "varchar", "failing_rows": "bigint",
        "rows": "bigint", "error": "varchar",
    },
}  # fmt: skip

RESULTS: Mapping[str, Mapping[str, str]] = {
    "identification": {
        "outcome": "varchar", "event_set": "varchar", "contrast": "varchar", "frequency": "varchar",
        "pre_periods": "bigint", "post_periods": "bigint", "donors_carrying": "bigint",
        "share_unknown_country": "double", "share_complete": "double", "inference": "varchar",
        "status": "varchar", "reason": "varchar", "needs": "varchar",
    },
    "estimates": {
        "estimate_id": "varchar", "spec_id": "varchar", "family": "varchar", "contrast": "varchar",
        "outcome": "varchar", "event_set": "varchar", "term": "varchar", "trend": "varchar",
        "donors": "bigint", "estimator": "varchar", "inference": "varchar", "estimate": "double",
        "std_error": "double", "ci_low": "double", "ci_high": "double", "bound_low": "double",
        "bound_high": "double", "worst_low": "double", "worst_high": "double", "breakdown": "double",
        "p_value": "double", "p_floor": "double", "placebo_windows": "bigint",
        "disjoint_windows": "bigint", "percent_effect": "double", "base_mean": "double",
        "n_units": "bigint", "n_periods": "bigint", "window_start": "date", "window_end": "date",
        "share_unknown_country": "double", "status": "varchar", "reason": "varchar", "warnings": "varchar",
        "side": "bigint", "planted": "double",
    },
    "diagnostics": {
        "estimate_id": "varchar", "diagnostic": "varchar", "value": "double", "p_value": "double",
        "note": "varchar",
    },
    "specification_curve": {
        "outcome": "varchar", "event_set": "varchar", "spec_hash": "varchar", "choice_estimator": "varchar",
        "choice_trend": "varchar", "choice_donors": "varchar", "choice_sample": "varchar",
        "choice_timing": "varchar", "estimate": "double", "ci_low": "double", "ci_high": "double",
        "p_value": "double", "p_floor": "double", "joint_p": "double", "donors": "bigint",
        "status": "varchar", "reason": "varchar",
    },
    "claims": {
        "claim": "varchar", "quantity": "varchar", "kind": "varchar", "title": "varchar",
        "quantity_title": "varchar", "claimed": "varchar", "published_estimate": "double",
        "published_unit": "varchar", "published_definition": "varchar", "published_source": "varchar",
        "published_confidence": "varchar",
        "ours_their_method": "double", "ours_their_method_low": "double",
        "ours_their_method_high": "double", "their_method_unit": "varchar",
        "their_method_estimate_id": "varchar", "ours_corrected": "double", "ours_corrected_low": "double",
        "ours_corrected_high": "double", "unit": "varchar", "trend": "varchar", "estimate_id": "varchar",
        "minimum_detectable_effect": "double", "smallest_interesting_effect": "double",
        "verdict": "varchar", "why": "varchar",
    },
    "revisions": {
        "estimate_id": "varchar", "vintage": "date", "outcome": "varchar", "contrast": "varchar",
        "trend": "varchar", "estimate": "double", "ci_low": "double", "ci_high": "double",
        "change": "double", "change_revised_cells": "double", "change_added_periods": "double",
        "change_added_events": "double", "periods_added": "bigint", "cells_revised": "bigint",
        "unsettled_periods": "bigint", "estimate_all_periods": "double", "events_seen": "bigint",
        "window_end": "date", "status": "varchar", "reason": "varchar",
    },
    "clock": {
        "day": "date", "cut": "bigint", "scenario": "varchar", "assumption": "varchar",
        "early_share": "double", "ratio": "double", "ratio_low": "double", "ratio_high": "double",
        "focal_of_early": "double", "other_of_late": "double", "needed_early": "double",
        "focal_alone": "double", "reachable": "boolean", "two_place_ratio": "double",
        "focal_excess": "double", "focal_multiple": "double", "unlisted_share": "double",
    },
    "clock_worlds": {
        "world": "varchar", "method": "varchar", "cut_off": "bigint", "quantity": "varchar",
        "estimate": "double", "ci_low": "double", "ci_high": "double", "truth": "double", "label": "varchar",
        "seed": "bigint",
    },
    "glossary": {
        "kind": "varchar", "name": "varchar", "title": "varchar", "short": "varchar", "group": "varchar",
        "order": "bigint", "sentence": "varchar",
    },
}  # fmt: skip


# what people read of a name; one that the glossary lacks stands for itself, and comes last
_WORDS = """
    create macro word(k, n, c) as (
        select case c when 'title' then title when 'short' then coalesce(short, title)
            when 'group' then "group" else sentence end
        from glossary where kind = k and name = n
    );
    create macro title_of(k, n) as coalesce(word(k, n, 'title'), n);
    create macro short_of(k, n) as coalesce(word(k, n, 'short'), n);
    create macro place_of(k, n) as
        coalesce((select "order" from glossary where kind = k and name = n), 1000);
"""


class Tables:
    """The tables as views of one in-memory DuckDB, absent ones empty and typed.

    Queries look words up in the glossary: ``title_of(kind, name)``, ``short_of``, ``place_of`` (its order),
    ``word(kind, name, 'group')`` or ``'sentence'``.
    One thread, so that sums of doubles have one order and equal inputs give equal bytes.
    """

    def __init__(self, inputs: Inputs) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": 1})
        for folder, tables in ((inputs.marts, MARTS), (inputs.gate, GATE), (inputs.results, RESULTS)):
            for name, columns in tables.items():
                self._register(folder / f"{name}.parquet", name, columns)
        self._connection.execute(_WORDS)
        self.verdicts = _verdicts(inputs.gate / "verdicts.json")

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of a query as dictionaries, nulls as None."""
        cursor = self._connection.execute(sql, dict(parameters or {}))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def words(self, kind: str) -> dict[str, Row]:
        """The glossary's entries of one kind by name, in the order in which they are read."""
        entries = self.rows(
            """select name, title, coalesce(short, title) as short, "group", sentence from glossary
            where kind = $kind order by "order", name""",
            {"kind": kind},
        )
        return {entry["name"]: entry for entry in entries}

    def _register(self, path: Path, name: str, columns: Mapping[str, str]) -> None:
        if not path.is_file():
            fields = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            self._connection.execute(f"create table {name} ({fields})")
            return
        present = set(pq.read_schema(path).names)
        if missing := [column for column in columns if column not in present]:
            raise InputError(
                f"report: {path.parent.name}/{path.name}: column {missing[0]} is missing, the page reads it; "
                "rebuild the table with this version"
            )
        self._connection.register(f"{name}_file", pq.read_table(path, columns=list(columns)))
        casts = ", ".join(f'cast("{column}" as {kind}) as "{column}"' for column, kind in columns.items())
        self._connection.execute(f"create view {name} as select {casts} from {name}_file")


def _verdicts(path: Path) -> dict[str, Mapping[str, Any]]:
    """The verdict per table, or nothing where the gate has not run."""
    if not path.is_file():
        return {}
    try:
        verdicts = TypeAdapter(dict[str, TableVerdict]).validate_json(path.read_bytes())
    except ValidationError:
        raise InputError(
            f"report: gate/{path.name}: is not a verdict per table; run the gate again"
        ) from None
    return {table: verdict.model_dump() for table, verdict in verdicts.items()}
