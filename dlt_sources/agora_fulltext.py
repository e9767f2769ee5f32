"""Full texts of AGORA's documents, read for words and not kept.

Publisher: Emerging Technology Observatory (eto.tech/dataset-docs/agora-dataset), by way of
github.com/smathur23/agora; ETO's terms forbid redistribution of the collection, so a text is read here,
its length and its hits of the words below are kept, and the text is not. One UTF-8 file a document,
``fulltext/<AGORA ID>.txt``, of the version of 2026-03-29. What a word means for a document's theme is a
row of the warehouse's seed ``policy_themes``. Run alone: ``python -m dlt_sources agora_fulltext DIR``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pyarrow as pa

from dlt_sources.archive import ArchiveError, File, Snapshot, iter_read
from dlt_sources.model_names import mention_table
from dlt_sources.tables import POSITION, Rejects, Source, Table

GLOB = "fulltext/*.txt"
# Beginnings of words, or whole ones where a blank follows, in lower case and without punctuation
TERMS = (
    "open source ", "open sourced", "open sourcing", "open weight",
    "workforce", "talent", "curricul", "scholarship", "ecosystem", "testbed", "test bed", "sandbox",
    "technical standard", "international standard", "consensus standard", "standards development",
    "standards setting", "standards organization", "standards bod", "standardiz", "interoperab",
    "conformity assessment",
    "resilien", "supply chain", "critical infrastructure", "cybersecurity",
    "semiconductor", "supercomput", "data center", "high performance comput", "computing power",
    "computing capacity", "computing resource", "computing infrastructure", "compute capacity",
    "compute resource",
    "export control", "export administration", "export licen", "entity list", "foreign adversar",
    "subsid", "grants ", "funding", "tax credit", "incentive", "research and development", "appropriated",
    "safety", "risk", "harm", "discriminat", "privacy", "transparen", "liabilit", "disclos", "deepfake",
    "synthetic content", "synthetic media",
)  # fmt: skip
LOOKALIKES = ("open source intelligence", "open source information")  # sources anyone can read, no software
WORDS = re.compile(r"[^a-z0-9]+")
TEXTS = pa.schema(
    [
        pa.field("agora_id", pa.int64(), nullable=False),
        pa.field("characters", pa.int64(), nullable=False),
        pa.field("snapshot", pa.date32(), nullable=False),
    ]
)
TERM_HITS = pa.schema(
    [
        pa.field("agora_id", pa.int64(), nullable=False),
        pa.field("term", pa.string(), nullable=False),
        pa.field("hits", pa.int64(), nullable=False),
    ]
)


def _texts(snapshot: Snapshot) -> Iterator[tuple[File, str, str]]:
    """Each file with the id in its name and its text."""
    for file, data in iter_read(snapshot, GLOB):
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            where = f"archive: {snapshot.source}/{file.path}"
            raise ArchiveError(f"{where}: no UTF-8 at byte {error.start}; fetch it again") from None
        yield file, PurePosixPath(file.path.removesuffix(".gz")).stem, text


def term_hits(text: str) -> dict[str, int]:
    """How often each word occurs in a text, of those that do.

    >>> term_hits("Open-source models; open source intelligence. Open-weight risks!")
    {'open source': 1, 'open weight': 1, 'risk': 1}
    """
    plain = f"  {WORDS.sub('  ', text.lower())}  "  # two blanks, so that neighbours need not share one
    for lookalike in LOOKALIKES:
        plain = plain.replace(_spaced(lookalike), " ")
    counts = ((term.strip(), plain.count(_spaced(term))) for term in TERMS)
    return {term: count for term, count in counts if count}


def _spaced(term: str) -> str:
    """A word as it stands between double blanks, whole where it ends with one."""
    return f" {term.strip().replace(' ', '  ')}{' ' * term.endswith(' ')}"


def _read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    rows = [
        {
            "agora_id": agora_id,
            "characters": len(text) or None,  # a file without text was never a document
            "snapshot": file.observed or file.retrieved[:10],
            "text": text,
            "_source_file": file.path,
            "_row": 1,
        }
        for file, agora_id, text in _texts(snapshot)
    ]
    names = [("agora_id", pa.string()), ("characters", pa.int64()), ("snapshot", pa.string())]
    yield pa.Table.from_pylist(rows, schema=pa.schema([*names, ("text", pa.string()), *POSITION]))


def _hits(texts: pa.Table) -> pa.Table:
    rows = [
        {
            "agora_id": record["agora_id"],
            "term": term,
            "hits": hits,
            "_source_file": record["_source_file"],
            "_row": row,
        }
        for record in texts.to_pylist()
        if record["agora_id"].isdigit()  # else the file is refused once, under `texts`
        for row, (term, hits) in enumerate(term_hits(record["text"]).items(), 1)
    ]
    names = [("agora_id", pa.string()), ("term", pa.string()), ("hits", pa.int64())]
    return pa.Table.from_pylist(rows, schema=pa.schema([*names, *POSITION]))


_TEXTS = Table("texts", TEXTS, (GLOB,), _read, "documents whose text was read, one row per text")

SOURCE = Source(
    name="agora_fulltext",
    title="Full texts of AGORA's documents",
    tables=(
        _TEXTS,
        Table(
            "term_hits",
            TERM_HITS,
            (GLOB,),
            lambda snapshot, rejects: (),
            "words found in a text, one row per text and word",
            may_be_empty=True,
            derived={"texts": _hits},
        ),
        mention_table((_TEXTS, "text"), keeps_texts=False),
    ),
    cadence="0 7 3 * *",
)
