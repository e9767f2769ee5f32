"""Papers of the ACL conferences with the affiliations that their authors give.

Publisher: the ACL Anthology (metadata CC BY 4.0), a file of XML per event. Affiliations stand there from
EMNLP 2022 on, for every author until 2023 and often for one of several from 2024 on, so that later papers
state fewer countries than they have. Names of persons, links and abstracts are not loaded. A volume has a
month, which is the conference's. Run alone: ``python -m dlt_sources acl_anthology_affiliations DIR``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pyarrow as pa

from dlt_sources.archive import ArchiveError, Snapshot, iter_read
from dlt_sources.documents import DocumentError
from dlt_sources.markup import tree, words
from dlt_sources.tables import Rejects, Source, Table, with_position

VOLUMES = "*.xml"
ADDRESS = re.compile(r"\S+@\S+")  # of a mailbox; pku.edu.cn alone names an institution

PAPERS = pa.schema(
    [
        pa.field("paper", pa.string(), nullable=False),
        pa.field("collection", pa.string(), nullable=False),
        pa.field("volume", pa.string(), nullable=False),
        pa.field("venue", pa.string(), nullable=False),
        pa.field("year", pa.int64(), nullable=False),
        pa.field("month", pa.string()),
        pa.field("ingested", pa.date32()),
        pa.field("title", pa.string(), nullable=False),
        pa.field("authors", pa.int64(), nullable=False),
        pa.field("affiliated_authors", pa.int64(), nullable=False),
    ]
)
AFFILIATIONS = pa.schema(
    [
        pa.field("paper", pa.string(), nullable=False),
        pa.field("author", pa.int64(), nullable=False),
        pa.field("affiliation", pa.string(), nullable=False),
    ]
)


def _papers(snapshot: Snapshot, _: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, VOLUMES):
        rows = [
            {
                "paper": name,
                "collection": collection,
                "volume": volume.get("id"),
                "venue": volume.findtext("meta/venue"),
                "year": volume.findtext("meta/year"),
                "month": volume.findtext("meta/month"),
                "ingested": volume.get("ingest-date"),
                "title": words(paper.find("title")),
                "authors": len(paper.findall("author")),
                "affiliated_authors": len(paper.findall("author[affiliation]")),
            }
            for collection, volume, name, paper in _listed(data, file.path)
        ]
        raw = pa.schema([field.with_type(_as_read(field)).with_nullable(True) for field in PAPERS])
        yield with_position(pa.Table.from_pylist(rows, raw), file)


def _as_read(field: pa.Field) -> pa.DataType:
    return field.type if field.name.endswith("authors") else pa.string()


def _affiliations(snapshot: Snapshot, _: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, VOLUMES):
        rows = [
            {"paper": name, "author": number, "affiliation": said}
            for _, _, name, paper in _listed(data, file.path)
            for number, author in enumerate(paper.findall("author"), 1)
            for affiliation in author.findall("affiliation")
            if (said := ADDRESS.sub("", words(affiliation) or "").strip())
        ]
        yield with_position(pa.Table.from_pylist(rows, AFFILIATIONS), file)


def _listed(data: bytes, path: str) -> Iterator[tuple[str | None, Element, str, Element]]:
    """(collection, volume, paper's id, paper) of every paper; a volume's front matter is none."""
    where = f"archive: acl_anthology_affiliations/{path}"
    try:
        root = tree(data)
    except DocumentError as error:
        raise ArchiveError(f"{where}: {error}; fetch it again") from None
    if root.tag != "collection" or not root.findall("volume/paper"):
        raise ArchiveError(f"{where}: expected a collection of volumes with papers; fetch it again")
    for volume in root.findall("volume"):
        for paper in volume.findall("paper"):
            yield root.get("id"), volume, f"{root.get('id')}-{volume.get('id')}.{paper.get('id')}", paper


SOURCE = Source(
    name="acl_anthology_affiliations",
    title="ACL Anthology papers with affiliations",
    tables=(
        Table("papers", PAPERS, (VOLUMES,), _papers, "one row per paper of a volume"),
        Table(
            "affiliations",
            AFFILIATIONS,
            (VOLUMES,),
            _affiliations,
            "one row per paper, author's place in the list and affiliation; authors are not named",
            may_be_empty=True,
        ),
    ),
    cadence="0 7 1 * *",
)
