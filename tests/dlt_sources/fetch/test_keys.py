"""A key goes to its service's hosts and to nobody else, and stands in nothing that a fetch writes or says."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from dlt_sources.fetch import service_of
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.parts import gathered
from dlt_sources.fetch.service import DaySpan, Part, ServiceKey
from tests.servers.fetches import Fetching
from tests.servers.stand_in import LASTING, Answer, Asked, json_answer

CANARY = "canary/key+4711"
HOST, ELSEWHERE = "api.example.org", "files.example.net"


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    def records(session: ServiceSession) -> Iterator[tuple[str, dict[str, str]]]:
        yield "a", session.json(f"https://{HOST}/moved", {"q": "1"})
        yield "b", session.json(f"https://{HOST}/echo")

    yield gathered("2026-11/records.jsonl.gz", records, url=f"https://{HOST}/moved")


KEYS = {
    "header": ServiceKey("EXAMPLE_KEY", "ask for one", header="X-API-KEY"),
    "parameter": ServiceKey("EXAMPLE_KEY", "ask for one", parameter="api_key"),
}


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("fault", [None, "500 for ever", "401"])
def test_a_key_is_seen_by_its_service_alone(
    fetching: Fetching,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    fault: str | None,
) -> None:
    monkeypatch.setenv("EXAMPLE_KEY", CANARY)
    service = replace(
        service_of("github_ranking"),
        source="example",
        hosts={HOST: 0.0},
        parts=_parts,
        key=KEYS[kind],
        since=date(2026, 1, 1),
    )

    def home(asked: Asked) -> Answer:
        if asked.path == "/moved":
            return Answer(b"", 302, {"Location": f"https://{ELSEWHERE}/file?signature=s3cret"})
        return json_answer({"you": asked.headers.get("X-API-KEY", ""), **asked.query})

    fetching.server.on(HOST, home)
    fetching.server.on(ELSEWHERE, lambda _: json_answer({"is": "here"}))
    with caplog.at_level(logging.DEBUG):
        done = fetching.fetch(service, fault=LASTING[fault] if fault else None)
    seen = {asked.host for asked in fetching.server.asked if CANARY in f"{asked.headers}{asked.query}"}
    assert seen == {HOST}
    assert (done.problem is None) == (fault is None)
    written = [path.read_bytes() for path in fetching.folder.rglob("*") if path.is_file()]
    for secret in (CANARY, "canary%2Fkey", "s3cret"):
        assert all(secret.encode() not in data for data in written)
        assert secret not in f"{done}{done.problem!r}{caplog.text}"
