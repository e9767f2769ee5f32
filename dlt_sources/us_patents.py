"""US patents that are at hand: one day's search result, a labelled set and eight documents as published.

Three publishers. ``ppubs_export``: 499 applications of one publication day (2024-10-10), a result of the
office's public search by words that are not stated; no country. ``ai_classification``: 4,000 patents of
1981 to 2018 with a label for artificial intelligence (Miric, Jia and Huang, 2023; CC BY-NC), which judges
the words that this project looks for. ``uspto_samples``: documents of 2005 to 2015 in the office's XML.
None of it is a series: no outcome comes from here. Names of inventors are not loaded.
Run alone: ``python -m dlt_sources us_patents DIR``.
"""

from __future__ import annotations

import html
from collections.abc import Iterator

import pyarrow as pa

from dlt_sources.archive import ArchiveError, Snapshot, iter_read
from dlt_sources.documents import DocumentError
from dlt_sources.model_names import mention_table
from dlt_sources.patent_documents import DOCUMENTS, PARTS, document_table, has_ai_words, normal_number, patent
from dlt_sources.tables import Rejects, Source, Table, csv_strings, with_position

FOUND_GLOB = "ppubs_export/*.csv"
LABELLED_GLOB = "ai_classification/*.csv"
DOCUMENTS_GLOB = "uspto_samples/*/*.xml"

FOUND = pa.schema(
    [
        pa.field("number", pa.string(), nullable=False),
        pa.field("collection", pa.string(), nullable=False),
        pa.field("filed", pa.date32(), nullable=False),
        pa.field("published", pa.date32(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("applicant", pa.string()),
        pa.field("has_ai_words", pa.bool_(), nullable=False),
    ]
)
FOUND_HEADERS = {
    "Patent Number": "number",
    "Source": "collection",
    "Filing Date": "filed",
    "Date Published": "published",
    "Title": "title",
    "Applicant Name": "applicant",
}
LABELLED = pa.schema(
    [
        pa.field("number", pa.string(), nullable=False),
        pa.field("is_ai", pa.bool_(), nullable=False),
        pa.field("filed_year", pa.int64(), nullable=False),
        pa.field("has_ai_words", pa.bool_(), nullable=False),
    ]
)
LABELLED_HEADERS = {
    "app number": "number",
    "actual": "is_ai",
    "application year": "filed_year",
    "abstract": "abstract",
}


def _strings(values: list[str | None]) -> pa.Array:
    return pa.array(values, pa.string())


def _judged(rows: pa.Table, text: str) -> pa.Table:
    """With numbers as all lists can write them, and whether a text has words for AI."""
    numbers = [number and normal_number(number) for number in rows["number"].to_pylist()]
    rows = rows.set_column(rows.column_names.index("number"), "number", _strings(numbers))
    has_words = [has_ai_words([value]) for value in rows[text].to_pylist()]
    return rows.append_column("has_ai_words", pa.array(has_words, pa.bool_()))


def _found(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, FOUND_GLOB):
        rows = csv_strings(data, file, FOUND_HEADERS, rejects, "found_applications")
        for place, name in enumerate(rows.column_names):
            if name in ("title", "applicant"):  # "AT&amp;T"
                plain = [value and html.unescape(value) for value in rows[name].to_pylist()]
                rows = rows.set_column(place, name, _strings(plain))
        yield _judged(rows, "title")


def _labelled(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, LABELLED_GLOB):
        yield _judged(csv_strings(data, file, LABELLED_HEADERS, rejects, "labelled"), "abstract")


def _documents(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, DOCUMENTS_GLOB):
        try:
            one = patent(data)
        except DocumentError as error:
            where = f"archive: {snapshot.source}/{file.path}"
            raise ArchiveError(f"{where}: {error}; fetch it again or remove the entry") from None
        yield with_position(document_table([one] if one else []), file)


_FOUND = Table(
    "found_applications", FOUND, (FOUND_GLOB,), _found, "one row per application found by a search"
)
_LABELLED = Table(
    "labelled",
    LABELLED,
    (LABELLED_GLOB,),
    _labelled,
    "one row per patent that people labelled as AI or not; its text is read and not kept",
    {"filed_year": (1900, 2100)},
)
_DOCUMENTS = Table(
    "documents", DOCUMENTS, (DOCUMENTS_GLOB,), _documents, "one row per document in XML; texts are not kept"
)

SOURCE = Source(
    name="us_patents",
    title="US patents at hand",
    tables=(
        _FOUND,
        _LABELLED,
        _DOCUMENTS,
        mention_table(
            *((_DOCUMENTS, part) for part in PARTS),
            (_FOUND, "title"),
            (_LABELLED, "abstract"),
            keeps_texts=False,
        ),
    ),
    cadence="0 7 7 * *",
)
