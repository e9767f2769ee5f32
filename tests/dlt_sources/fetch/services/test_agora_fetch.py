"""AGORA's newest version on Zenodo: a zip checked by MD5, tables as one snapshot, texts read for words."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dlt_sources import agora_fulltext, agora_policy
from dlt_sources.fetch import service_of
from dlt_sources.sample import agora_policy as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.servers.fetches import Fetching
from tests.servers.stand_in import NOT_FOUND, Answer, Asked, file_answer, json_answer

TABLES, TEXTS = service_of("agora_policy"), service_of("agora_fulltext")
CONCEPT, RECORD = 13883066, 17255290


def members() -> dict[str, bytes]:
    """What a version's zip holds: the simulated tables, some texts, and things that are nobody's."""
    made = {path.split("/")[1]: file.data for path, file in sample.write(World(1)).items()}
    texts = {f"fulltext/{1000 + n}.txt": b"Open-source models and subsidies. " * n for n in range(1, 5)}
    return {
        **made,
        **texts,
        "fulltext/../../evil.txt": b"no",
        "fulltext/readme.txt": b"no number",
        "segments.csv": b"Document ID\n1\n",
    }


def zipped(files: dict[str, bytes], folder: str = "agora") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(zipfile.ZipInfo(f"{folder}/{name}"), data)
    return out.getvalue()


@dataclass
class Zenodo:
    """The records API as it is since 2023-10; ``told`` is said of the file in place of what is so."""

    data: bytes = field(default_factory=lambda: zipped(members()))
    day: str = "2026-10-02"
    told: dict[str, Any] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Answer:
        limits = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "57", "Retry-After": "60"}
        if asked.path == f"/api/records/{CONCEPT}/versions/latest":
            return Answer(b"{}", 301, {"Location": f"https://zenodo.org/api/records/{RECORD}"})
        if asked.path == f"/api/records/{RECORD}/files/agora.zip/content":
            return file_answer(self.data)
        if asked.path != f"/api/records/{RECORD}":
            return NOT_FOUND
        file = {
            "key": "agora.zip",
            "size": len(self.data),
            "checksum": "md5:" + hashlib.md5(self.data, usedforsecurity=False).hexdigest(),
            "links": {"self": f"https://zenodo.org/api/records/{RECORD}/files/agora.zip/content"},
        }
        record = {"id": RECORD, "metadata": {"publication_date": self.day}, "files": [file | self.told]}
        answer = json_answer(record)
        return Answer(answer.body, 200, {**answer.headers, **limits})


@pytest.fixture
def zenodo(fetching: Fetching) -> Zenodo:
    zenodo = Zenodo()
    fetching.server.on("zenodo.org", zenodo)
    return zenodo


def test_the_newest_version_is_a_snapshot_that_the_source_reads(zenodo: Zenodo, fetching: Fetching) -> None:
    done = fetching.fetch(TABLES)
    assert (done.problem, done.taken) == (None, ["2026-10-02/documents.csv", "2026-10-02/authorities.csv"])
    assert done.requests == 3  # where it is, what it is, and the file once
    content = load(agora_policy.SOURCE, fetching.folder / "archive")
    assert content["documents"].num_rows == 360
    assert set(content["documents"]["snapshot"].to_pylist()) == {date(2026, 10, 2)}
    again = fetching.fetch(TABLES)
    assert (again.unchanged, again.requests) == (2, 2)


def test_texts_are_read_by_their_numbers_and_renewed(zenodo: Zenodo, fetching: Fetching) -> None:
    assert fetching.fetch(TEXTS).taken == [f"fulltext/{n}.txt" for n in (1001, 1002, 1003, 1004)]
    zenodo.day = "2026-11-01"
    zenodo.data = zipped({**members(), "fulltext/1002.txt": b"Repealed.", "fulltext/1009.txt": b"New risks."})
    done = fetching.fetch(TEXTS)
    assert (done.problem, done.taken) == (None, ["fulltext/1002.txt", "fulltext/1009.txt"])
    read = load(agora_fulltext.SOURCE, fetching.folder / "archive")
    days = dict(zip(*(read["texts"][name].to_pylist() for name in ("agora_id", "snapshot")), strict=True))
    assert days[1001] == date(2026, 10, 2)
    assert days[1002] == days[1009] == date(2026, 11, 1)
    assert (1003, "open source ", 3) in [
        (row["agora_id"], row["term"] + " ", row["hits"]) for row in read["term_hits"].to_pylist()
    ]
    assert not list(fetching.folder.rglob("evil*"))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"checksum": "md5:" + "0" * 32}, "md5 is"),
        ({"size": 7}, "the publisher says 7"),
        ({"checksum": "sha1:00"}, "files[0]: checksum"),
        ({"key": "agora-2.zip"}, "holds no agora.zip"),
        ({"links": {"self": "https://elsewhere.example/agora.zip"}}, "refused"),
    ],
)
def test_a_file_that_is_not_what_the_record_says_is_refused(
    zenodo: Zenodo, fetching: Fetching, told: dict[str, Any], said: str
) -> None:
    zenodo.told = told
    done = fetching.fetch(TABLES)
    assert said in str(done.problem)
    assert set(fetching.files(TABLES)) == {"manifest.json"}


@pytest.mark.parametrize("service", [TABLES, TEXTS])
def test_a_zip_without_its_members_is_said_to_be(zenodo: Zenodo, fetching: Fetching, service: Any) -> None:
    zenodo.data = zipped({"documents.csv": b"1", "fulltext/1.txt": b"1"}, folder="agora_v2")
    assert "look whether the publisher renamed" in str(fetching.fetch(service).problem)


def test_a_version_that_lost_documents_waits_for_a_person(zenodo: Zenodo, fetching: Fetching) -> None:
    fetching.fetch(TABLES)
    zenodo.day, files = "2026-11-01", members()
    files["documents.csv"] = files["documents.csv"][: len(files["documents.csv"]) // 2]
    zenodo.data = zipped(files)
    done = fetching.fetch(TABLES)
    assert "2026-11-01/documents.csv" in str(done.problem)
    assert done.taken == []


@pytest.mark.parametrize("service", [TABLES, TEXTS])
def test_what_passes_leaves_no_trace(zenodo: Zenodo, fetching: Fetching, service: Any) -> None:
    fetching.assert_same_whatever_passes(service, at=3)


def test_what_lasts_lists_nothing_half(zenodo: Zenodo, fetching: Fetching) -> None:
    fetching.assert_refused_whatever_lasts(TABLES)


def test_a_recorded_record_is_understood(zenodo: Zenodo, fetching: Fetching, recorded: Path) -> None:
    """One of before the move, of other files: which is missing is said, what is there is held against it."""
    old = json.loads((recorded / "zenodo" / "record_2022-09.json").read_bytes())["body"]
    old["metadata"]["publication_date"] = zenodo.day
    answers = {f"/api/records/{CONCEPT}/versions/latest": json_answer(old)}
    fetching.server.on("zenodo.org", lambda asked: answers.get(asked.path, NOT_FOUND))
    assert "holds no agora.zip" in str(fetching.fetch(TABLES).problem)
    old["files"][0]["key"] = "agora.zip"
    answers[f"/api/records/{CONCEPT}/versions/latest"] = json_answer(old)
    answers["/api/files/d24cde89-1d38-4713-b6f2-6a3796e458a6/capitals.csv"] = file_answer(b"x" * 76)
    assert "the publisher says 154d822b8c2aa259867067f01c0efee5" in str(
        fetching.fetch(TABLES, archive="another").problem
    )
