"""open-llms: a hand-kept table of language models that may be used commercially, with their month.

Publisher: Eugene Yan and contributors, Apache-2.0. The README holds Markdown tables; only those whose first
header is "Language Model" are of models (others are of data sets). A release is ``2023/03``, its day often
hidden in a comment (``2023/03<!--13-->``). The maker is told by the owner of the first checkpoint on the
Hugging Face Hub, or else of the first GitHub repository, that the row links. Kept until May 2024, hardly
after.
Run alone: ``python -m dlt_sources open_llms DIR``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pyarrow as pa

from dlt_sources.archive import ArchiveError, Snapshot, iter_read
from dlt_sources.tables import Rejects, Source, Table, stamped

COLUMNS = pa.schema(
    [
        pa.field("model", pa.string(), nullable=False),
        pa.field("released", pa.date32(), nullable=False),
        pa.field("is_day_known", pa.bool_(), nullable=False),
        pa.field("hf_org", pa.string()),
        pa.field("github_owner", pa.string()),
        pa.field("parameters_billions", pa.string()),
        pa.field("licence", pa.string()),
        pa.field("version", pa.date32(), nullable=False),
    ]
)
FIRST, RELEASE = "Language Model", "Release Date"
_RELEASE = re.compile(r"(\d{4})/(\d{2})\s*(?:<!--\s*(\d{1,2})\s*-->)?")
_LINK = r"https?://(?:www\.)?{}/([\w.-]+)/[\w.-]+"
_HUB, _GITHUB = re.compile(_LINK.format(r"huggingface\.co")), re.compile(_LINK.format(r"github\.com"))
_NO_OWNERS = {"blog", "collections", "datasets", "docs", "models", "papers", "spaces"}
_WORDS = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, "README.md"):
        read = []
        for number, cells in _table_rows(data.decode("utf-8", "replace")):
            if row := _columns(cells):
                read.append({**row, "_row": number})
            else:
                reason = f"{len(cells)} cells with a release {cells.get(RELEASE)!r}, expected YYYY/MM"
                rejects.add("models", file.path, number, "released", reason, "|".join(cells.values()))
        if not read:
            raise ArchiveError(
                f"archive: {snapshot.source}/{file.path}: no table with a column {FIRST!r} and its releases; "
                "fetch it again or teach the source its new layout"
            )
        names = [name for name in COLUMNS.names if name != "version"]
        rows = pa.table(
            {name: pa.array([row[name] for row in read], pa.string()) for name in names}
            | {"_row": pa.array([row["_row"] for row in read], pa.int64())}
        )
        yield stamped(rows, version=file.observed or file.retrieved[:10], _source_file=file.path)


def _table_rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, cells by header) of every row of a table of models."""
    header: Sequence[str] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("|"):
            header = ()
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if not header:
            header = cells
        elif header[0] == FIRST and not set(line) <= set("|-: "):
            yield number, dict(zip(header, cells, strict=False))


def _columns(cells: dict[str, str]) -> dict[str, str | None] | None:
    """A row's columns, or None where it says no month of release."""
    release = _RELEASE.fullmatch(cells.get(RELEASE, ""))
    if release is None:
        return None
    year, month, day = release.groups()
    links = " ".join(cells.values())
    return {
        "model": cells[FIRST],
        "released": f"{year}-{month}-{day or 1:0>2}",
        "is_day_known": "true" if day else "false",
        "hf_org": _owner(_HUB, links),
        "github_owner": _owner(_GITHUB, links),
        "parameters_billions": cells.get("Params (B)") or None,
        "licence": _WORDS.sub(r"\1", cells.get("Licence") or cells.get("License") or "") or None,
    }


def _owner(link: re.Pattern[str], text: str) -> str | None:
    return next((owner for owner in link.findall(text) if owner not in _NO_OWNERS), None)


SOURCE = Source(
    name="open_llms",
    title="open-llms",
    tables=(
        Table(
            "models",
            COLUMNS,
            ("README.md",),
            _read,
            "language models licensed for commercial use: one row per line of the tables",
        ),
    ),
    cadence="0 6 9 * *",
)
