"""NLP arXiv Daily: titles of arXiv papers by keyword, one listing a month and the running one.

Publisher: github.com/monologg/nlp-arxiv-daily (repository licence not stated; arXiv metadata is
CC0-1.0). A file is ``{keyword: {arXiv id: line}}``; a line is either a table row
``|**date**|**title**|author et.al.|[id](url)|code|`` or a list item
``- date, **title**, author et.al., Paper: [url](url), Code: ...``, both in one file. A paper stands
under several keywords and in several files; the set of keywords grew from 1 to 25. The date is that
of the first submission, except in a few early lines that give a revision's. Authors are persons and
are not loaded. Run alone: ``python -m dlt_sources nlp_arxiv_daily DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from dlt_sources.archive import ArchiveError, File, Snapshot, iter_read
from dlt_sources.model_names import mention_table
from dlt_sources.tables import POSITION, Rejects, Source, Table, json_content, stamped, with_position

LISTINGS = "archive-web/*.json"
RUNNING = "nlp-arxiv-daily-web.json"

# The title is greedy up to the last mark of its format, because titles contain "|" and ", ".
FORMATS = {
    "table_row": (
        r"^\|\*\*(?P<date>[^*]*)\*\*\|\*\*(?P<title>.*)\*\*\|[^|]* et\.al\.\|"
        r"\[[^\]]*\]\((?P<url>[^)]*)\)\|(?P<code>.*)\|\s*$"
    ),
    "list_item": (
        r"^- (?P<date>[^,]*), \*\*(?P<title>.*)\*\*, .* et\.al\., "
        r"Paper: \[[^\]]*\]\((?P<url>[^)]*)\)(?P<code>.*?)\s*$"
    ),
}

ENTRIES = pa.schema([("keyword", pa.string()), ("arxiv_id", pa.string()), ("line", pa.string()), *POSITION])
COLUMNS = pa.schema(
    [
        pa.field("arxiv_id", pa.string(), nullable=False),
        pa.field("keyword", pa.string(), nullable=False),
        pa.field("date", pa.date32(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("has_code", pa.bool_(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
        pa.field("line_format", pa.string(), nullable=False),
    ]
)


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    files = [_entries(data, file) for file, data in iter_read(snapshot, LISTINGS, RUNNING)]
    entries = pa.concat_tables([ENTRIES.empty_table(), *files])
    for line_format, pattern in FORMATS.items():
        parts = pc.extract_regex(entries["line"], pattern)
        fits = pc.is_valid(parts)
        yield _listings(entries.filter(fits), parts.filter(fits), line_format)
        entries = entries.filter(pc.invert(fits))
    for entry in entries.to_pylist():
        reason = "neither a table row nor a list item"
        rejects.add("listings", entry["_source_file"], entry["_row"], "line", reason, entry["line"])


def _entries(data: bytes, file: File) -> pa.Table:
    """Keyword, arXiv id and line of every entry, in the file's order.

    Raises:
        ArchiveError: the bytes are no JSON object of objects of strings.
    """
    where = f"archive: nlp_arxiv_daily/{file.path}"
    content = json_content(data, where)
    well_formed = isinstance(content, dict) and all(
        isinstance(papers, dict) and all(isinstance(line, str) for line in papers.values())
        for papers in content.values()
    )
    if not well_formed:
        raise ArchiveError(f"{where}: expected {{keyword: {{arXiv id: line}}}}; fetch it again")
    entries = [(word, paper, line) for word, papers in content.items() for paper, line in papers.items()]
    columns = list(zip(*entries, strict=True)) or [()] * 3
    table = pa.table([pa.array(c, pa.string()) for c in columns], names=["keyword", "arxiv_id", "line"])
    return with_position(table, file).cast(ENTRIES)


def _listings(entries: pa.Table, parts: pa.ChunkedArray, line_format: str) -> pa.Table:
    """Entries of one line format, with the line's parts as columns."""
    for name in ("date", "title", "url"):
        entries = entries.append_column(name, pc.struct_field(parts, name))
    has_code = pc.match_substring(pc.struct_field(parts, "code"), "http")
    entries = entries.append_column("has_code", has_code)
    return stamped(entries, line_format=line_format)


_LISTED = Table(
    "listings",
    COLUMNS,
    (LISTINGS, RUNNING),
    _read,
    "one row per paper, keyword and file, from either line format",
)

SOURCE = Source(
    name="nlp_arxiv_daily",
    title="NLP arXiv Daily",
    tables=(_LISTED, mention_table((_LISTED, "title"))),
    cadence="0 5 * * *",
)
