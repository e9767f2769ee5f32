"""Weekly full text: cut into documents as a stream, counted whole, or refused with one line."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlt_sources import uspto_patents
from dlt_sources.archive import ArchiveError
from dlt_sources.packed import Limits
from dlt_sources.sample.patent_texts import applicants, company, document
from dlt_sources.sample.uspto_patents import SEQUENCES
from dlt_sources.tables import load
from dlt_sources.uspto_patents import SOURCE, documents
from tests.dlt_sources.conftest import MakeArchive, query

WEEK = "2025/ipg250107.zip"
Bytes = dict[str, bytes]


def zipped(*texts: str, name: str = "ipg250107.xml", more: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in (name, *more):
            packed.writestr(one, "".join(texts))
    return out.getvalue()


def grant(number: int = 12_000_001, country: str = "CN", title: str = "A latch", **more: Any) -> str:
    given = {"subclass": "F", "abstract": "A latch.", "filed": date(2022, 3, 1), "kind": "grant"} | more
    return document(
        number=str(number),
        published=date(2025, 1, 7),
        parties=applicants(company("us-applicant", country)),
        title=title,
        **given,
    )


def test_all_documents_are_counted_and_those_on_ai_or_naming_a_model_are_kept(
    make_archive: MakeArchive,
) -> None:
    texts = [
        grant(1),
        grant(2, subclass="N"),
        grant(3, abstract="A neural network."),
        grant(4, country="EP", description="The prompt of the large language model Qwen2.5-7B."),
        grant(5, country="omitted"),
        SEQUENCES,
    ]
    tables = load(SOURCE, make_archive("uspto_patents", {WEEK: zipped(*texts)}))
    assert tables["documents"]["number"].to_pylist() == ["US2", "US3", "US4"]
    assert query(tables, "select field, family_id, name, _row from mentions") == [
        ("description", "qwen", "Qwen2.5-7B", 4)
    ]
    cohorts = (
        "select country, filed_month::varchar, documents, g06n_documents, ai_documents, naming_documents"
    )
    assert query(tables, f"{cohorts} from cohorts order by 1") == [
        ("CN", "2022-03-01", 3, 1, 2, 0),
        ("EP", "2022-03-01", 1, 0, 0, 1),
        ("ZZ", "2022-03-01", 1, 0, 0, 0),
    ]
    counts = "documents, kept_documents, sequence_lists, refused_documents"
    assert query(tables, f"select published::varchar, kind, {counts} from weeks") == [
        ("2025-01-07", "grant", 5, 3, 1, 0)
    ]


def test_a_broken_document_is_refused_alone_with_its_place(make_archive: MakeArchive) -> None:
    texts = [grant(1), grant(2).replace("</abstract>", ""), grant(3, kind="application"), grant(4)]
    tables = load(SOURCE, make_archive("uspto_patents", {WEEK: zipped(*texts)}))
    assert tables["weeks"]["documents"].to_pylist() == [2]
    refused = [(row["position"], row["reason"]) for row in tables["_rejected"].to_pylist()]
    assert [place for place, _ in refused] == [2, 3]
    assert refused[0][1].startswith("not XML (mismatched tag")
    assert refused[1][1] == "application US3 of 2025-01-07, expected a whole grant"


def test_the_highest_revision_of_a_week_counts(make_archive: MakeArchive) -> None:
    files = {
        WEEK: zipped(grant(1)),
        "2025/ipg250107_r1.zip": zipped(grant(1), grant(2)),
        "2025/ipg250107_r2.zip": zipped(grant(1), grant(2), grant(3)),
        "2025/ipa_notes.zip": zipped("nothing"),
    }
    tables = load(SOURCE, make_archive("uspto_patents", files))
    assert query(tables, "select revision, documents from weeks") == [(2, 3)]


BOMB = "<!DOCTYPE us-patent-grant [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><a>&b;</a>"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (lambda: zipped(grant())[:-30], "not a whole zip file"),
        (lambda: zipped(grant()).replace(b"ipg250107.xml", b"ipg250107.bin"), "a zip of 0 text files"),
        (lambda: zipped(grant(), more=("other.xml",)), "a zip of 2 text files"),
        (lambda: zipped("PATN\nWKU  057006474\n"), "APS, before 2001"),
        (lambda: zipped("<html>Sign in</html>"), "begins with b'<html>Sign in</html>"),
        (lambda: zipped(""), "no document of a grant in it; it is empty"),
        (lambda: zipped('<?xml version="1.0"?><PATDOC/>'), "layout of 2001 to 2004"),
        (lambda: zipped('<?xml version="1.0"?>' + BOMB), "declares an entity"),
        (lambda: zipped('<?xml version="1.0"?>' + " " * 40_000_000), "times its"),
        (lambda: b"<html>Sign in</html>", "not a whole zip file"),
    ],
)  # fmt: skip
def test_what_is_no_week_is_one_line(make_archive: MakeArchive, data: Callable[[], bytes], said: str) -> None:
    with pytest.raises(ArchiveError, match=r"uspto_patents/2025/ipg250107\.zip: ") as error:
        load(SOURCE, make_archive("uspto_patents", {WEEK: data()}))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_was_changed_is_refused(make_archive: MakeArchive) -> None:
    archive = make_archive("uspto_patents", {WEEK: zipped(grant(1))})
    path = archive / "uspto_patents" / WEEK
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ArchiveError, match="sha256 is"):
        load(SOURCE, archive)


def test_a_week_is_read_once(
    make_archive: MakeArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {WEEK: zipped(grant(1, subclass="N")), "2025/ipg250114.zip": zipped(grant(2))}
    kept = tmp_path / "kept"
    first = load(SOURCE, make_archive("uspto_patents", files), kept=kept)
    read: list[str] = []
    truly = uspto_patents.patent
    monkeypatch.setattr(uspto_patents, "patent", lambda data: read.append("one") or truly(data))
    assert load(SOURCE, make_archive("uspto_patents", files), kept=kept) == first
    assert read == []
    files["2025/ipg250121.zip"] = zipped(grant(3))
    more = load(SOURCE, make_archive("uspto_patents", files), kept=kept)
    assert (read, more["weeks"].num_rows) == (["one"], 3)
    next(kept.glob("*.weeks.arrow")).write_bytes(b"half")  # what cannot be read is made again
    assert load(SOURCE, make_archive("uspto_patents", files), kept=kept) == more


@given(st.lists(st.text("ab<?xm l>\n", max_size=40), min_size=1, max_size=6), st.integers(1, 30))
def test_a_stream_is_cut_at_its_declarations_wherever_its_parts_end(texts: list[str], chunk: int) -> None:
    whole = [f"<?xml {text.replace('<?xml ', '')}" for text in texts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uspto_patents, "CHUNK", chunk)
        content = io.BytesIO(zipped(*whole))
        found = [one.decode() for one in documents(content, Limits()) if one]
    assert found == whole


def test_a_document_that_is_too_long_is_left_out_and_the_next_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uspto_patents, "DOCUMENT_LIMIT", 5_000)
    monkeypatch.setattr(uspto_patents, "CHUNK", 100)
    texts = [grant(1), grant(2, description="x" * 20_000), grant(3)]
    found = list(documents(io.BytesIO(zipped(*texts)), Limits()))
    assert [one and one.decode() for one in found] == [texts[0], None, texts[2]]
