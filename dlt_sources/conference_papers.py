"""Conference papers: accepted papers of a venue-year with the affiliations' countries.

Publisher: github.com/papercopilot/paperlists (licence not stated; facts from the ACL Anthology,
OpenReview, IJCAI, PMLR and AAAI pages). A file ``<venue>/<venue><year>.json`` is a list of papers;
keys come and go between venues, so only ``id`` and ``title`` are asked for. Countries were filled in
by machine from institution names: Hong Kong and Taiwan do not exist there, they are filed under
China. Author names, mail domains, profiles, scores and abstracts are not loaded. Dates are the
venue's. Run alone: ``python -m dlt_sources conference_papers DIR``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, RootModel

from dlt_sources.archive import ArchiveError, Snapshot, iter_read
from dlt_sources.model_names import mention_table
from dlt_sources.tables import Rejects, Source, Table, json_content, stamped, validated, with_position

PAPERS = "*/*.json"
FILE_NAME = re.compile(r"(?P<venue>[a-z]+)/(?P=venue)(?P<year>\d{4})(?:\.derived)?\.json(?:\.gz)?")
TEXTS = ("id", "title", "track", "status", "keywords", "aff", "aff_unique_norm", "aff_country_unique")

COLUMNS = pa.schema(
    [
        pa.field("venue", pa.string(), nullable=False),
        pa.field("year", pa.int64(), nullable=False),
        pa.field("id", pa.string()),
        pa.field("title", pa.string(), nullable=False),
        pa.field("track", pa.string()),
        pa.field("status", pa.string()),
        pa.field("keywords", pa.string()),
        pa.field("aff", pa.string()),
        pa.field("aff_unique_norm", pa.string()),
        pa.field("aff_country_unique", pa.string()),
        pa.field("has_abstract", pa.bool_(), nullable=False),
    ]
)


class Paper(BaseModel):
    """What is taken of a paper; all of it may be absent."""

    model_config = ConfigDict(strict=True)

    id: str | None = None
    title: str | None = None
    track: str | None = None
    status: str | None = None
    keywords: str | None = None
    aff: str | None = None
    aff_unique_norm: str | None = None
    aff_country_unique: str | None = None
    abstract: str | None = None


class Papers(RootModel[list[Paper]]):
    """A venue's year."""


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, PAPERS):
        where = f"archive: conference_papers/{file.path}"
        name_parts = FILE_NAME.fullmatch(file.path)
        if name_parts is None:
            raise ArchiveError(f"{where}: expected <venue>/<venue><year>.json; rename it or remove the entry")
        papers = _papers(data, where)
        columns = {name: pa.array([_text(p.get(name)) for p in papers], pa.string()) for name in TEXTS}
        columns["has_abstract"] = pa.array([bool(p.get("abstract")) for p in papers], pa.bool_())
        yield stamped(with_position(pa.table(columns), file), **name_parts.groupdict())


def _papers(data: bytes, where: str) -> Sequence[Mapping[str, object]]:
    content = json_content(data, where)
    if not isinstance(content, list) or not all(isinstance(paper, dict) for paper in content):
        raise ArchiveError(f"{where}: expected a list of papers; fetch it again")
    validated(Papers, content, where)
    for field in ("id", "title"):
        if content and not any(field in paper for paper in content):
            raise ArchiveError(
                f"{where}: {field}: absent in every paper (renamed?); fetch it again or teach the "
                "source its new layout"
            )
    return content


def _text(value: object) -> str | None:
    """Text of a field; what is nothing but blanks and separators is null."""
    return value if isinstance(value, str) and value.strip(" ;\n\t") else None


_LISTED = Table(
    "papers",
    COLUMNS,
    (PAPERS,),
    _read,
    "one row per listed paper; affiliations and their countries as text joined by ';'",
)

SOURCE = Source(
    name="conference_papers",
    title="Accepted papers of conferences",
    tables=(_LISTED, mention_table((_LISTED, "title"))),
    cadence="0 7 1 * *",
)
