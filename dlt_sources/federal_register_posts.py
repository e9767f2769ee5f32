"""Federal Register documents on chips, export control and AI, as Markdown posts of an automated agent.

Publisher: github.com/ai-village-agents/deepseek-news, MIT; the text of the Federal Register is a US
government work. One Markdown file a post: front matter, then a section ``Summary`` with the document's
abstract. Documents were searched by words (BIS, EAR, Entity List, semiconductor, artificial intelligence)
month by month in February 2026, and not every month was searched. ``date`` is when the post was written;
the document's day is ``original_published``. Some documents have several posts.
What ``chokepoint fetch`` brings are the documents themselves, as the Federal Register's API has them: a file
a month, ``documents/2026-10.jsonl``, with what posts leave out (type, agencies, effective day, parts of the
CFR).
Run alone: ``python -m dlt_sources federal_register_posts DIR``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from dlt_sources.archive import ArchiveError, Snapshot, iter_read
from dlt_sources.json_lines import json_lines
from dlt_sources.model_names import mention_table
from dlt_sources.tables import POSITION, Rejects, Source, Table

GLOB = "posts/*.md"
DOCUMENTS_GLOB = "documents/*.jsonl"
COLUMNS = pa.schema(
    [
        pa.field("document_number", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("abstract", pa.string()),
        pa.field("published", pa.date32(), nullable=False),
        pa.field("url", pa.string()),
        *(pa.field(name, pa.string()) for name in ("type", "action", "agencies", "cfr_parts", "citation")),
        pa.field("effective", pa.date32()),
        pa.field("dates", pa.string()),
    ]
)
RECORD = {
    **{name: name for name in ("document_number", "title", "abstract", "type", "action", "agencies")},
    **{name: name for name in ("cfr_parts", "citation", "dates")},
    "publication_date": "published",
    "html_url": "url",
    "effective_on": "effective",
}
LINE = pa.schema([pa.field(name, pa.string()) for name in RECORD])
ABSTRACT_LIMIT = 20_000  # characters
NO_ABSTRACT = "No summary provided."
FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)
FIELD = re.compile(r"^(\w+): (.*)$", re.MULTILINE)
SUMMARY = re.compile(r"^## Summary\n\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
ADDRESS = re.compile(r"\((https://www\.federalregister\.gov/documents/[^)\s]+)\)")
KNOWN = re.compile(r"federal_register:(\S+)")
MIDNIGHT = " 00:00:00 +0000"  # a day, as the posts write one


def _title(value: str | None) -> str | None:
    """The title of the front matter, quoted as in JSON or not at all."""
    try:
        return str(json.loads(value)) if value and value.startswith('"') else value
    except ValueError:
        return value


def _post(text: str, where: str) -> dict[str, str | None]:
    matter = FRONT_MATTER.fullmatch(text)
    if matter is None:
        raise ArchiveError(f"{where}: begins with no front matter between two lines ---; fetch it again")
    fields, body = dict(FIELD.findall(matter[1])), matter[2]
    for name in ("item_id", "title", "original_published"):
        if name not in fields:
            raise ArchiveError(
                f"{where}: field {name!r} is absent (renamed?); expected item_id, title, "
                "original_published; fetch it again or teach the source its new layout"
            )
    number, summary, address = (
        KNOWN.fullmatch(fields["item_id"].strip()),
        SUMMARY.search(body),
        ADDRESS.search(body),
    )
    abstract = " ".join(summary[1].split()) if summary else None
    return {
        "document_number": number[1] if number else None,
        "title": _title(fields["title"].strip()),
        "abstract": abstract[:ABSTRACT_LIMIT] if abstract and abstract != NO_ABSTRACT else None,
        "published": fields["original_published"].strip().removesuffix(MIDNIGHT),
        "url": address[1] if address else None,
    }


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    rows = []
    for file, data in iter_read(snapshot, GLOB):
        where = f"archive: {snapshot.source}/{file.path}"
        try:
            text = data.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise ArchiveError(f"{where}: no UTF-8 at byte {error.start}; fetch it again") from None
        rows.append({**_post(text, where), "_source_file": file.path, "_row": 1})
    fields = [pa.field(name, pa.string()) for name in COLUMNS.names]
    yield pa.Table.from_pylist(rows, schema=pa.schema([*fields, *POSITION]))
    for file, data in iter_read(snapshot, DOCUMENTS_GLOB):
        lines = json_lines(snapshot, file, data, LINE)
        lines = lines.rename_columns([RECORD.get(name, name) for name in lines.column_names])
        abstract = pc.utf8_slice_codeunits(lines["abstract"], 0, ABSTRACT_LIMIT)
        yield lines.set_column(lines.column_names.index("abstract"), "abstract", abstract)


_POSTS = Table(
    "posts",
    COLUMNS,
    (GLOB, DOCUMENTS_GLOB),
    _read,
    "posts, one row per post or document; a document may have several posts",
)

SOURCE = Source(
    name="federal_register_posts",
    title="Federal Register documents on chips, export control and AI",
    tables=(_POSTS, mention_table((_POSTS, "title"), (_POSTS, "abstract"))),
    cadence="0 7 6 * *",
)
