"""Killed at twenty random moments, a fetch goes on each time to the same archive, byte for byte."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from dlt_sources.fetch import service_of
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.parts import gathered, whole
from dlt_sources.fetch.service import DaySpan, Part, Service
from tests.servers.fetches import Fetching
from tests.servers.stand_in import Answer, Asked, file_answer, json_answer

HOST = "api.example.org"
PAGES, ROWS, MOMENTS = 4, 50, 20
# Forks after its imports, one child a moment; Python tells a child of all that it asks the system for (files
# opened, renamed and removed, lines connected), and at the chosen one it kills itself, as by `kill -9`.
CHILD = """
import json, os, signal, sys
from pathlib import Path
from tests.dlt_sources.fetch.test_killed import SERVICE
from tests.servers.fetches import Fetching

class Elsewhere:
    address = sys.argv[1]
    def begin(self, fault): pass

def fetch(archive, moment):
    seen = 0
    def count(event, arguments):
        nonlocal seen
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    Fetching(Elsewhere(), Path(sys.argv[2])).fetch(SERVICE, archive=archive)
    return seen

for line in sys.stdin:
    archive, moment = json.loads(line)
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.write(writing, str(fetch(archive, moment)).encode())
        os._exit(0)
    os.close(writing)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps([status, os.read(reading, 20).decode()]), flush=True)
    os.close(reading)
"""


def _records(session: ServiceSession) -> Iterator[tuple[str, dict[str, int]]]:
    for page in range(PAGES):
        for row in session.json(f"https://{HOST}/works", {"page": page}):
            yield str(row["id"]), row


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    """Records of several pages, a file, and two files that are taken together."""
    session.json(f"https://{HOST}/listing")
    yield gathered("2026-10/works.jsonl.gz", _records)
    yield whole("days/2026-10-01.csv", f"https://{HOST}/file/alone")
    for name in ("one", "two"):
        yield whole(f"2026-10-02/{name}.csv", f"https://{HOST}/file/{name}", version="2026-10-02")


SERVICE: Service = replace(
    service_of("github_ranking"), source="example", hosts={HOST: 0.0}, parts=_parts, since=date(2026, 1, 1)
)


def _answer(asked: Asked) -> Answer:
    if asked.path == "/listing":
        return json_answer({"names": ["alone", "one", "two"]})
    if asked.path == "/works":
        first = int(asked.query["page"]) * ROWS
        return json_answer([{"id": n, "value": n * n} for n in range(first, first + ROWS)])
    rows = "".join(f"{asked.path},{n}\n" for n in range(40_000))
    return file_answer(f"name,n\n{rows}".encode(), "text/csv")


@pytest.mark.slow
def test_killed_at_twenty_random_moments_it_goes_on_to_the_same_archive(fetching: Fetching) -> None:
    fetching.server.on(HOST, _answer)
    fetching.fetch(SERVICE, archive="undisturbed")
    requests, expected = len(fetching.server.asked), fetching.files(SERVICE, "undisturbed")
    assert (requests, len(expected)) == (1 + PAGES + 3, 5)
    command = [sys.executable, "-c", CHILD, fetching.server.address, str(fetching.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None and child.stdout is not None

        def fetched_and_killed(archive: str, moment: int) -> tuple[int, str]:
            assert child.stdin is not None and child.stdout is not None
            child.stdin.write(json.dumps([archive, moment]) + "\n")
            child.stdin.flush()
            status, seen = json.loads(child.stdout.readline())
            return int(status), str(seen)

        status, events = fetched_and_killed("whole", 0)
        assert status == 0
        assert fetching.files(SERVICE, "whole") == expected
        for number, moment in enumerate(random.Random(4).sample(range(1, int(events) + 1), MOMENTS)):
            archive = f"killed-{number}"
            assert fetched_and_killed(archive, moment) == (-9, ""), moment
            done = fetching.fetch(SERVICE, archive=archive)
            assert done.problem is None, moment
            assert fetching.files(SERVICE, archive) == expected, moment
            assert done.requests <= requests, moment
        child.stdin.close()
