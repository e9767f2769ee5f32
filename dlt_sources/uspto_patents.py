"""Weekly full text of US patents: grants (Tuesdays) and published applications (Thursdays).

Publisher: USPTO, Open Data Portal, products PTGRXML and APPXML; works of the US government. A week is a zip
of one file, thousands of XML documents one behind the other, each with a declaration and a DTD of its own;
lists of genes stand between them. It is read as a stream, one document at a time; documents on artificial
intelligence (class G06N, words for it, or an open model's name) are kept without their text, all are counted
by month of filing and country. A week that was corrected has a file of its own: the highest revision counts.
Text of 2001 to 2004 and before is refused. A week is read once, its tables are kept by the file's hash.
Run alone: ``python -m dlt_sources uspto_patents DIR``.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import BinaryIO, NamedTuple

import pyarrow as pa

from dlt_sources.archive import File, Snapshot
from dlt_sources.documents import DocumentError
from dlt_sources.kept import Tables, kept
from dlt_sources.model_names import COLUMNS as MENTIONS
from dlt_sources.model_names import named_in
from dlt_sources.packed import CHUNK, BeyondLimitError, Limits, PackedError
from dlt_sources.patent_documents import DOCUMENTS, PARTS, Patent, document_table, patent
from dlt_sources.tables import POSITION, Rejects, Source, Table

GLOB = "*/ip[ag]*.zip"
NAME = re.compile(r"(ip[ag])(\d{6})(?:_r(\d+))?\.zip")
START = b"<?xml "
DOCUMENT_LIMIT = 50_000_000  # bytes; the longest hold chemical tables of a tenth of it
TOGETHER = 200  # documents looked through for names at once
UNKNOWN = "ZZ"
TABLES = ("documents", "mentions", "cohorts", "weeks", "refused")

COHORTS = pa.schema(
    [
        pa.field("published", pa.date32(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("filed_month", pa.date32()),
        pa.field("country", pa.string(), nullable=False),
        pa.field("documents", pa.int64(), nullable=False),
        pa.field("g06n_documents", pa.int64(), nullable=False),
        pa.field("ai_documents", pa.int64(), nullable=False),
        pa.field("naming_documents", pa.int64(), nullable=False),
    ]
)
WEEKS = pa.schema(
    [
        pa.field("published", pa.date32(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("revision", pa.int64(), nullable=False),
        pa.field("documents", pa.int64(), nullable=False),
        pa.field("kept_documents", pa.int64(), nullable=False),
        pa.field("sequence_lists", pa.int64(), nullable=False),
        pa.field("refused_documents", pa.int64(), nullable=False),
        pa.field("xml_bytes", pa.int64(), nullable=False),
    ]
)
REFUSED = pa.schema([pa.field("position", pa.int64()), pa.field("reason", pa.string())])


class Week(NamedTuple):
    """What a file's name says."""

    kind: str
    published: date
    revision: int


def week_of(path: str) -> Week | None:
    """The product, day and revision in a file's name; None of another name.

    >>> week_of("2023/ipg230124_r1.zip")
    Week(kind='grant', published=datetime.date(2023, 1, 24), revision=1)
    """
    match = NAME.fullmatch(path.rsplit("/", 1)[-1])
    try:
        day = datetime.strptime(match[2], "%y%m%d").date() if match else None
    except ValueError:
        day = None
    if match is None or day is None:
        return None
    return Week("grant" if match[1] == "ipg" else "application", day, int(match[3] or 0))


def newest_revisions(files: Iterable[File]) -> list[tuple[File, Week]]:
    """The file that counts of each product and week; files of other names are nobody's."""
    newest: dict[tuple[str, date], tuple[File, Week]] = {}
    for file in files:
        week = week_of(file.path)
        if week is not None:
            known = newest.get((week.kind, week.published))
            if known is None or week.revision > known[1].revision:
                newest[week.kind, week.published] = file, week
    return [newest[key] for key in sorted(newest)]


def documents(content: BinaryIO, limits: Limits) -> Iterator[bytes | None]:
    """The XML documents of a zip, one by one; None for one that is longer than a document may be.

    Memory holds one document, whatever the zip unpacks to.

    Raises:
        PackedError: no whole zip, encrypted, not of one XML file, or that file begins with something else.
        BeyondLimitError: it unpacks to more times its size than the limits let pass.
    """
    rest, is_too_long, begun = b"", False, False
    for part in _unpacked(content, limits):
        rest += part
        if not begun:
            _refuse_other_text(rest)
            begun = len(rest) >= len(START)
        while (end := rest.find(START, 1)) > 0:
            yield None if is_too_long else rest[:end]
            rest, is_too_long = rest[end:], False
        if len(rest) > DOCUMENT_LIMIT:
            rest, is_too_long = rest[-len(START) :], True
    if rest.strip():
        yield None if is_too_long else rest


def _unpacked(content: BinaryIO, limits: Limits) -> Iterator[bytes]:
    size = 0
    try:
        with zipfile.ZipFile(content) as packed:
            listed = [one for one in packed.infolist() if one.filename.lower().endswith((".xml", ".txt"))]
            if len(listed) != 1:
                raise PackedError(f"a zip of {len(listed)} text files, expected one")
            most = limits.max_unpacked_ratio * max(1, listed[0].compress_size)
            with packed.open(listed[0]) as text:
                while part := text.read(CHUNK):
                    size += len(part)
                    if size > most:
                        raise BeyondLimitError(
                            f"unpacks to more than {limits.max_unpacked_ratio} times its "
                            f"{listed[0].compress_size:,} bytes; if it is right, raise max_unpacked_ratio"
                        )
                    yield part
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise PackedError(f"not a whole zip file ({error})") from None


def _refuse_other_text(beginning: bytes) -> None:
    text = beginning.lstrip(b"\xef\xbb\xbf\r\n ")
    if text.startswith(b"PATN"):
        raise PackedError("text in the office's old layout (APS, before 2001), expected XML of 2005 or later")
    if text and not text.startswith(START[: len(text)]):
        raise PackedError(f"begins with {text[:20]!r}, expected an XML declaration")


def _read(content: BinaryIO, file: File, week: Week, limits: Limits) -> Tables:
    """All tables of one week."""
    found: dict[str, list[pa.Table]] = {"documents": [], "mentions": []}
    cohorts: Counter[tuple[str | None, str, str]] = Counter()
    seen: Counter[str] = Counter()
    refused: list[dict[str, object]] = []
    patents = _patents(documents(content, limits), week, seen, refused)
    batch: list[tuple[int, Patent]] | None = None
    while batch is None or len(batch) == TOGETHER:
        batch = list(islice(patents, TOGETHER))
        table = document_table([one for _, one in batch])
        table = table.append_column(POSITION[0], pa.repeat(pa.scalar(file.path), len(batch)))
        table = table.append_column(POSITION[1], pa.array([row for row, _ in batch], pa.int64()))
        named = named_in(table, PARTS, keeps_texts=False)
        naming = set(named["_row"].to_pylist())
        is_kept = [one.is_g06n or one.has_ai_words or row in naming for row, one in batch]
        found["documents"].append(table.filter(pa.array(is_kept, pa.bool_())).drop_columns(list(PARTS[1:])))
        found["mentions"].append(named)
        for row, one in batch:
            _count(cohorts, one, row in naming)
    if not seen["documents"]:
        reason = f"the first is refused: {refused[0]['reason']}" if refused else "it is empty"
        raise PackedError(f"no document of a {week.kind} in it; {reason}")
    week_row = {
        "published": week.published,
        "kind": week.kind,
        "revision": week.revision,
        "kept_documents": sum(map(len, found["documents"])),
        "refused_documents": len(refused),
        **{name: seen[name] for name in ("documents", "sequence_lists", "xml_bytes")},
    }
    return {
        **{name: pa.concat_tables(tables) for name, tables in found.items()},
        "cohorts": _placed(_cohort_rows(cohorts, week), COHORTS, file),
        "weeks": _placed([week_row], WEEKS, file),
        "refused": pa.Table.from_pylist(refused, REFUSED),
    }


def _patents(
    texts: Iterable[bytes | None], week: Week, seen: Counter[str], refused: list[dict[str, object]]
) -> Iterator[tuple[int, Patent]]:
    """(place in the file, document) of what is one; ``seen`` and ``refused`` are counted beside."""
    for place, text in enumerate(texts, 1):
        seen["xml_bytes"] += len(text or b"")
        try:
            if text is None:
                raise DocumentError(f"longer than {DOCUMENT_LIMIT // 1_000_000} MB")
            one = patent(text)
            if one is None:
                seen["sequence_lists"] += 1
                continue
            if one.kind != week.kind or None in (one.number, one.published, one.title):
                raise DocumentError(
                    f"{one.kind} {one.number} of {one.published}, expected a whole {week.kind}"
                )
        except DocumentError as error:
            refused.append({"position": place, "reason": str(error)})
            continue
        seen["documents"] += 1
        yield place, one


def _count(cohorts: Counter[tuple[str | None, str, str]], one: Patent, is_naming: bool) -> None:
    month = f"{one.filed[:7]}-01" if one.filed and re.fullmatch(r"\d{4}-\d\d-\d\d", one.filed) else None
    measures = {
        "documents": True,
        "g06n_documents": one.is_g06n,
        "ai_documents": one.is_g06n or one.has_ai_words,
        "naming_documents": is_naming,
    }
    for country in one.countries.split(";") if one.countries else [UNKNOWN]:
        for measure, holds in measures.items():
            cohorts[month, country, measure] += holds


def _cohort_rows(cohorts: Counter[tuple[str | None, str, str]], week: Week) -> list[dict[str, object]]:
    groups = sorted({key[:2] for key in cohorts}, key=lambda group: (group[0] or "", group[1]))
    return [
        {
            "published": week.published,
            "kind": week.kind,
            "filed_month": month,
            "country": country,
            **{name: cohorts[month, country, name] for name in COHORTS.names[4:]},
        }
        for month, country in groups
    ]


def _placed(rows: list[dict[str, object]], columns: pa.Schema, file: File) -> pa.Table:
    fields = [pa.field(f.name, pa.string()) if f.name == "filed_month" else f for f in columns]
    placed = [row | {"_source_file": file.path, "_row": place} for place, row in enumerate(rows, 1)]
    return pa.Table.from_pylist(placed, pa.schema([*fields, *POSITION]))


def _reader(name: str) -> Callable[[Snapshot, Rejects], Iterator[pa.Table]]:
    def read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
        found = []
        for file, week in newest_revisions(snapshot.matching(GLOB)):
            of_week = partial(_read, file=file, week=week, limits=snapshot.limits)
            tables = kept(snapshot, file, TABLES, of_week)
            if name == "documents":
                for row in tables["refused"].to_pylist():
                    rejects.add(name, file.path, row["position"], None, row["reason"], None)
            found.append(tables[name])
        if found:
            yield pa.concat_tables(found)

    return read


SOURCE = Source(
    name="uspto_patents",
    title="US patents and applications, weekly full text",
    tables=(
        Table(
            "documents",
            DOCUMENTS,
            (GLOB,),
            _reader("documents"),
            "one row per document on AI or naming an open model; texts are not kept",
            may_be_empty=True,
        ),
        Table(
            "mentions",
            MENTIONS,
            (GLOB,),
            _reader("mentions"),
            "one row per document, part of it and open model family that it names",
            may_be_empty=True,
        ),
        Table(
            "cohorts",
            COHORTS,
            (GLOB,),
            _reader("cohorts"),
            "all documents of a week by month of filing and country, each once in each of its countries",
            may_be_empty=True,
        ),
        Table(
            "weeks",
            WEEKS,
            (GLOB,),
            _reader("weeks"),
            "one row per week: documents, and what was left out",
            may_be_empty=True,  # a week that was corrected stands in another file
        ),
    ),
    cadence="0 9 * * 5",
)
