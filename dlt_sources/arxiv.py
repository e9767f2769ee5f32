"""arXiv: papers of cs.AI, cs.CL and cs.LG, as its OAI-PMH gives them.

Publisher: arXiv.org, descriptive metadata CC0-1.0. A file ``<set>/<month>.jsonl`` holds records of one
set that changed in the month, as ``fetch/services/arxiv.py`` writes them: a paper stands under each of
its sets and under each month in which it was seen to change, and one that was deleted is marked. The
month of first submission is in the id, old style and new; ``created`` is that day for most papers, and
months later for some. Titles are kept; abstracts are read for the names of models, and are not. No
affiliation, no country.
Run alone: ``python -m dlt_sources arxiv DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dlt_sources.archive import File, Snapshot, iter_read
from dlt_sources.json_lines import json_lines
from dlt_sources.model_names import mention_table
from dlt_sources.tables import Rejects, Source, Table, stamped

FILES = "cs.*/*.jsonl"
LINE = pa.schema(
    [
        *[(name, pa.string()) for name in ("id", "datestamp", "created", "updated", "categories", "title")],
        ("abstract", pa.string()),
        ("is_deleted", pa.bool_()),
    ]
)
COLUMNS = pa.schema(
    [
        pa.field("arxiv_id", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("submitted_month", pa.date32(), nullable=False),
        pa.field("created", pa.date32()),
        pa.field("updated", pa.date32()),
        pa.field("datestamp", pa.date32(), nullable=False),
        pa.field("categories", pa.string()),
        pa.field("title", pa.string()),
        pa.field("is_deleted", pa.bool_(), nullable=False),
    ]
)
# 2501.01234, 0704.0471 and cs/0112017 begin with two digits of the year and two of the month
NUMBER = r"^(?:[a-z-]+(?:\.[A-Z]{2})?/)?(?P<year>\d{2})(?P<month>0[1-9]|1[0-2])(?:\d{3}|\.\d{4,5})$"


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    """All files at once: a column is typed, and texts are looked through, once."""
    if not (files := [_lines(snapshot, file, data) for file, data in iter_read(snapshot, FILES)]):
        return
    rows = pa.concat_tables(files)
    number = pc.extract_regex(rows["id"], NUMBER)
    year = pc.struct_field(number, "year")
    century = pc.if_else(pc.greater_equal(year, "91"), "19", "20")  # arXiv began in 1991
    month = _joined([_joined([century, year], ""), pc.struct_field(number, "month"), "01"], "-")
    is_whole = pc.or_(pc.is_valid(rows["title"]), pc.fill_null(rows["is_deleted"], False))
    for row in rows.filter(pc.invert(is_whole)).to_pylist():
        rejects.add("papers", row["_source_file"], row["_row"], "title", "is empty", row["id"])
    # as one text, so that a name at the title's end has the abstract beside it
    texts = pc.binary_join_element_wise(
        rows["title"], rows["abstract"], "\n", null_handling="replace", null_replacement=""
    )
    rows = rows.append_column("submitted_month", month).append_column("title_or_abstract", texts)
    yield rows.filter(is_whole)


def _lines(snapshot: Snapshot, file: File, data: bytes) -> pa.Table:
    """One file's records, whose set its folder says."""
    lines = stamped(json_lines(snapshot, file, data, LINE), category=file.path.split("/")[0])
    return lines.append_column("arxiv_id", lines["id"])


def _joined(parts: list[Any], separator: str) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(*parts, separator)


_PAPERS = Table("papers", COLUMNS, (FILES,), _read, "one row per paper, set and month in which it changed")

SOURCE = Source(
    name="arxiv",
    title="arXiv: papers of cs.AI, cs.CL and cs.LG",
    tables=(_PAPERS, mention_table((_PAPERS, "title_or_abstract"), keeps_texts=False)),
    cadence="0 5 2 * *",
)
