"""Regulations.gov, rules and proposed rules of days on which BIS posted one.

Publisher: regulations.gov API v4 (api.regulations.gov/v4/documents), answers kept unchanged in
github.com/thoppe/regulations_gov_archive; records are US government works. One file a day in
``daily_search_results/<yyyy>_<mm>_<dd>.json``: a list of pages, each ``{"data": [...], "meta": ...}``.
Other agencies come along and are kept here; the warehouse picks ``agency_id`` BIS. ``posted_at`` is
midnight Eastern, so 04:00 or 05:00 UTC, but withdrawn documents say 00:00 UTC, which is the evening
of the day that was asked for. Only rules and proposed rules, no notices; days without a BIS document
are not in the archive. Run alone: ``python -m dlt_sources regulations_gov_bis DIR``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import TypeVar

import pyarrow as pa

from dlt_sources.archive import ArchiveError, File, Snapshot, iter_read
from dlt_sources.tables import POSITION, Rejects, Source, Table, json_content

GLOB = "daily_search_results/*.json"
ATTRIBUTES = {
    "agencyId": "agency_id",
    "documentType": "document_type",
    "title": "title",
    "postedDate": "posted_at",
    "lastModifiedDate": "last_modified_at",
    "docketId": "docket_id",
    "frDocNum": "fr_doc_num",
    "withdrawn": "is_withdrawn",
}
META = {"pageNumber": "page", "totalElements": "total_elements", "hasNextPage": "has_next_page"}
TIMESTAMP = pa.timestamp("us", "UTC")

DOCUMENTS = pa.schema(
    [
        pa.field("document_id", pa.string(), nullable=False),
        pa.field("agency_id", pa.string(), nullable=False),
        pa.field("document_type", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("posted_at", TIMESTAMP, nullable=False),
        pa.field("last_modified_at", TIMESTAMP),
        pa.field("docket_id", pa.string()),
        pa.field("fr_doc_num", pa.string()),
        pa.field("is_withdrawn", pa.bool_(), nullable=False),
        pa.field("query_date", pa.date32(), nullable=False),
    ]
)
PAGES = pa.schema(
    [
        pa.field("query_date", pa.date32(), nullable=False),
        pa.field("page", pa.int64(), nullable=False),
        pa.field("total_elements", pa.int64(), nullable=False),
        pa.field("elements", pa.int64(), nullable=False),
        pa.field("has_next_page", pa.bool_(), nullable=False),
    ]
)


Page = tuple[list[object], dict[str, object]]  # data, meta
Part = TypeVar("Part", list[object], dict[str, object])


def _days(snapshot: Snapshot) -> Iterator[tuple[File, str, list[Page]]]:
    """Each file with the ISO day it answers for and its pages."""
    for file, data in iter_read(snapshot, GLOB):
        where = f"archive: {snapshot.source}/{file.path}"
        stem = PurePosixPath(file.path.removesuffix(".gz")).stem
        try:
            day = file.observed or datetime.strptime(stem, "%Y_%m_%d").date().isoformat()
        except ValueError:
            raise ArchiveError(
                f"{where}: path: {stem!r} is no day, expected a name such as 2022_10_13.json; rename it"
            ) from None
        yield file, day, _pages(json_content(data, where), where)


def _pages(pages: object, where: str) -> list[Page]:
    if not isinstance(pages, list):
        raise ArchiveError(f"{where}: expected a list of pages, each with data and meta; fetch it again")
    return [
        (_part(page, "data", list, number, where), _part(page, "meta", dict, number, where))
        for number, page in enumerate(pages, 1)
    ]


def _part(page: object, key: str, kind: type[Part], number: int, where: str) -> Part:
    part = page.get(key) if isinstance(page, dict) else None
    if not isinstance(part, kind):
        raise ArchiveError(f"{where}: page {number}: {key}: absent (renamed?); fetch it again")
    return part


def _picked(record: object, names: Mapping[str, str], where: str) -> dict[str, object]:
    fields = record if isinstance(record, Mapping) else {}
    absent = [name for name in names if name not in fields]
    if absent:
        raise ArchiveError(
            f"{where}: field {absent[0]!r} is absent (renamed?); expected {', '.join(names)}; "
            "fetch it again or teach the source its new layout"
        )
    return {ours: fields[theirs] for theirs, ours in names.items()}


def _text(value: object) -> str | None:
    """As a CSV would hold it; what is no scalar stays visible to the caster, which refuses it."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value)


Row = tuple[str, int, dict[str, object]]  # file, record number in it, values


def _strings(rows: Iterable[Row], columns: pa.Schema) -> pa.Table:
    """All files at once: one cast for many small files.

    Raises:
        ArchiveError: a column of text holds a list or an object.
    """
    rows = list(rows)
    of_text = [field.name for field in columns if field.type == pa.string()]
    for file, row, values in rows:
        for name in of_text:
            if isinstance(values[name], list | dict):
                raise ArchiveError(
                    f"archive: regulations_gov_bis/{file}: record {row}: {name}: is "
                    f"{str(values[name])[:60]}, expected text; fetch it again"
                )
    texts = [
        {name: _text(values[name]) for name in columns.names} | {"_source_file": file, "_row": row}
        for file, row, values in rows
    ]
    fields = [pa.field(name, pa.string()) for name in columns.names]
    return pa.Table.from_pylist(texts, schema=pa.schema([*fields, *POSITION]))


def _document_rows(snapshot: Snapshot) -> Iterator[Row]:
    for file, day, pages in _days(snapshot):
        where = f"archive: {snapshot.source}/{file.path}"
        for row, record in enumerate((record for data, _ in pages for record in data), 1):
            document = _picked(record, {"id": "document_id", "attributes": "attributes"}, where)
            attributes = _picked(document.pop("attributes"), ATTRIBUTES, where)
            yield file.path, row, document | attributes | {"query_date": day}


def _page_rows(snapshot: Snapshot) -> Iterator[Row]:
    for file, day, pages in _days(snapshot):
        where = f"archive: {snapshot.source}/{file.path}"
        for row, (data, meta) in enumerate(pages, 1):
            yield file.path, row, _picked(meta, META, where) | {"query_date": day, "elements": len(data)}


def _documents(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    yield _strings(_document_rows(snapshot), DOCUMENTS)


def _page_totals(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    yield _strings(_page_rows(snapshot), PAGES)


SOURCE = Source(
    name="regulations_gov_bis",
    title="Regulations.gov, days with a BIS rule",
    tables=(
        Table(
            "documents",
            DOCUMENTS,
            (GLOB,),
            _documents,
            "rules and proposed rules of every agency on days with a BIS document, one row per document",
        ),
        Table(
            "pages", PAGES, (GLOB,), _page_totals, "pages of an answer and how many documents it announces"
        ),
    ),
    cadence="0 7 * * 1",
)
