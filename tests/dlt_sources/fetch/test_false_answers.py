"""Answers that would fill a disk, break off or lie: none is listed, and the line says what it was."""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dlt_sources.fetch import service_of
from dlt_sources.fetch.parts import gathered, whole
from dlt_sources.fetch.service import Part, Service
from tests.servers.fetches import Fetching
from tests.servers.stand_in import Answer, Asked, file_answer

HOST = "files.example.org"
LARGE = bytes(40 << 20)


def packed(data: bytes, name: str = "x.csv") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def laughs(depth: int = 9) -> bytes:
    """A short text whose entities stand for 10^depth words."""
    entities = ['<!ENTITY a0 "ha">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, depth))]
    return f'<?xml version="1.0"?><!DOCTYPE x [{"".join(entities)}]><x>&a{depth - 1};</x>'.encode()


def service_with(part: Part) -> Service:
    return replace(
        service_of("github_ranking"),
        source="example",
        hosts={HOST: 0.0},
        parts=lambda *_: [part],
        since=date(2026, 1, 1),
    )


def file(name: str, **expected: Any) -> Service:
    return service_with(whole(f"2026-11-01/{name}", f"https://{HOST}/{name}", expected=expected))


ROWS = b"name,n\n" + b"".join(b"row,%d\n" % n for n in range(5000))
WHOLE = {"x.csv.gz": gzip.compress(ROWS, 1), "x.zip": packed(ROWS)}
FALSE = {
    "a gzip file that is a bomb": ("x.csv.gz", gzip.compress(LARGE, 1), "unpacks to more than"),
    "a zip file that is a bomb": ("x.zip", packed(LARGE), "unpacks to more than"),
    "a gzip file, cut": ("x.csv.gz", WHOLE["x.csv.gz"][:-9], "no whole gzip file"),
    "a gzip file, cut by its last byte": ("x.csv.gz", WHOLE["x.csv.gz"][:-1], "no whole gzip file"),
    "a zip file, cut": ("x.zip", WHOLE["x.zip"][:-30], "no whole zip file"),
    "a zip file with a changed byte": (
        "x.zip", WHOLE["x.zip"][:200] + b"\0\xff\0" + WHOLE["x.zip"][203:], "no whole zip file"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FALSE)
def test_a_packed_file_that_is_none_is_never_listed(fetching: Fetching, name: str) -> None:
    path, data, words = FALSE[name]
    service = file(path)
    fetching.server.on(HOST, lambda _: file_answer(data))
    done = fetching.fetch(service)
    assert words in str(done.problem)
    assert set(fetching.files(service)) == {"manifest.json"}


@pytest.mark.parametrize("path", WHOLE)
def test_what_was_cut_once_is_asked_for_again(fetching: Fetching, path: str) -> None:
    answers = iter([WHOLE[path][:-5], *[WHOLE[path]] * 5])

    def answer(_: Asked) -> Answer:
        return Answer(next(answers), 200, {"Content-Type": "application/octet-stream"})

    fetching.server.on(HOST, answer)
    service = file(path)
    assert fetching.fetch(service).problem is None
    assert fetching.files(service)[f"2026-11-01/{path}"] == WHOLE[path]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_declares_entities_is_read_by_nobody(fetching: Fetching, encoding: str) -> None:
    read: list[str] = []

    def records(session: Any) -> Any:
        read.append(session.ask(f"https://{HOST}/list", kind="xml").text)
        yield "1", {"id": 1}

    service = service_with(gathered("2026-11/records.jsonl.gz", records))
    body = laughs().decode().encode(encoding)
    fetching.server.on(HOST, lambda _: Answer(body, 200, {"Content-Type": "text/xml"}))
    done = fetching.fetch(service)
    assert done.taken == [] and read == []
    assert str(done.problem).startswith("fetch: example: files.example.org/list: ")


def test_xml_without_is_read(fetching: Fetching) -> None:
    def records(session: Any) -> Any:
        yield "1", {"text": session.ask(f"https://{HOST}/list", kind="xml").text}

    service = service_with(gathered("2026-11/records.jsonl.gz", records))
    body = b'<?xml version="1.0"?><!DOCTYPE feed><feed>an &amp; and an ENTITY</feed>'
    fetching.server.on(HOST, lambda _: Answer(body, 200, {"Content-Type": "application/atom+xml"}))
    assert fetching.fetch(service).taken == ["2026-11/records.jsonl.gz"]
