"""Federal Register rules that amend the Commerce Control List, and dated texts of its AI-chip entries.

Publisher: github.com/jacobfeldgoise/ccl-trade, MIT; rules and texts are US government works.
``data/federal-register-documents.json`` holds every rule that changed supplement 1, 5, 6 or 7 of 15 CFR
774, found from the change dates of the eCFR: complete by construction, so that a month without a rule had
none. Rules on the Entity List (part 744) are no part of it. ``data/history/<entry>.json`` holds the text of
a sub-entry of 3A090 or 4A090 at every change date of the list, whether it changed or not; the oldest is
of 2023-01-17, after the rule of October 2022 that made the entries.

Not read: ``ccl-date-metadata.json`` (which dates the publisher has downloaded).
Run alone: ``python -m dlt_sources ccl_rules DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from dlt_sources.archive import Snapshot, iter_read
from dlt_sources.tables import POSITION, Rejects, Source, Table, json_content, validated

RULES_GLOB = "data/federal-register-documents.json"
HISTORY_GLOB = "data/history/*.json"
TEXT_LIMIT = 20_000  # characters; the longest has 6 599
RULES = pa.schema(
    [
        pa.field("document_number", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("published", pa.date32(), nullable=False),
        pa.field("effective", pa.date32()),
        pa.field("type", pa.string(), nullable=False),
        pa.field("action", pa.string()),
        pa.field("citation", pa.string()),
        pa.field("supplements", pa.string(), nullable=False),
        pa.field("known_on", pa.date32(), nullable=False),
    ]
)
ENTRY_TEXTS = pa.schema(
    [
        pa.field("entry", pa.string(), nullable=False),
        pa.field("version", pa.date32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
    ]
)
Given = Annotated[str, Field(min_length=1)]


class _Rule(BaseModel):
    model_config = ConfigDict(strict=True, alias_generator=to_camel)

    document_number: Given
    title: Given
    html_url: str | None
    publication_date: Given
    effective_on: str | None
    type: Given
    action: str | None
    citation: str | None
    supplements: list[str]


class _Rules(BaseModel):
    model_config = ConfigDict(strict=True, alias_generator=to_camel)

    generated_at: Given
    documents: list[_Rule]


class _Version(BaseModel):
    model_config = ConfigDict(strict=True, alias_generator=to_camel)

    version: Given
    text: str


class _History(BaseModel):
    model_config = ConfigDict(strict=True, alias_generator=to_camel)

    normalized: Given
    history: list[_Version]


def _strings(rows: list[dict[str, object]], columns: pa.Schema) -> pa.Table:
    fields = [pa.field(name, pa.string()) for name in columns.names]
    return pa.Table.from_pylist(rows, schema=pa.schema([*fields, *POSITION]))


def _rules(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, RULES_GLOB):
        where = f"archive: {snapshot.source}/{file.path}"
        content = validated(_Rules, json_content(data, where), where)
        rows: list[dict[str, object]] = [
            {
                "document_number": rule.document_number,
                "title": rule.title,
                "url": rule.html_url,
                "published": rule.publication_date,
                "effective": rule.effective_on,
                "type": rule.type,
                "action": rule.action,
                "citation": rule.citation,
                "supplements": ";".join(rule.supplements),
                "known_on": content.generated_at[: len(date.min.isoformat())],
                "_source_file": file.path,
                "_row": row,
            }
            for row, rule in enumerate(content.documents, 1)
        ]
        yield _strings(rows, RULES)


def _entry_texts(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, HISTORY_GLOB):
        where = f"archive: {snapshot.source}/{file.path}"
        content = validated(_History, json_content(data, where), where)
        rows: list[dict[str, object]] = [
            {
                "entry": content.normalized,
                "version": version.version,
                "text": version.text[:TEXT_LIMIT] or None,
                "_source_file": file.path,
                "_row": row,
            }
            for row, version in enumerate(content.history, 1)
        ]
        yield _strings(rows, ENTRY_TEXTS)


SOURCE = Source(
    name="ccl_rules",
    title="Rules that amend the Commerce Control List",
    tables=(
        Table("rules", RULES, (RULES_GLOB,), _rules, "rules, one row per Federal Register document"),
        Table(
            "entry_texts",
            ENTRY_TEXTS,
            (HISTORY_GLOB,),
            _entry_texts,
            "texts of the AI-chip entries, one row per sub-entry and change date of the list",
        ),
    ),
    cadence="0 7 4 * *",
)
