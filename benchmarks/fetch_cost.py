"""What a page costs that is fetched with care: the fetch core beside a bare ``requests.Session``.

Both ask the stand-in of the tests, in a process of its own, for the same pages of JSON, one after the other.
The bare client reads them and keeps nothing. The fetch takes its turn at the host, checks each answer, writes
it to its ledger on disk (which a kill survives), and lists one packed file at the end. Milliseconds a page.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import requests

from benchmarks import printed
from dlt_sources.fetch import service_of
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.fetching import Terms, fetch
from dlt_sources.fetch.pace import Pace
from dlt_sources.fetch.parts import gathered
from dlt_sources.fetch.service import Service
from tests.servers.stand_in import Asked, StandIn, json_answer

HOST = "api.example.org"
RUNS = 5
SHAPES = {"small": (100, 10), "of an API": (50, 200), "large": (20, 2_000)}  # pages, records a page
WORDS = "a title of a work as long as titles are, and a little longer than that"


def main() -> None:
    printed.setting(["requests", "urllib3", "dlt", "tenacity", "filelock"])
    printed.header("milliseconds a page", "kB", "pages")
    with serving() as address:
        for shape, (pages, records) in SHAPES.items():
            url = f"{address}/{HOST}/works/{records}"
            size = f"{len(requests.get(url, timeout=60).content) / 1e3:.0f}"
            bare, ours = [], []
            for _ in range(RUNS):  # in turns: a machine that is busy for a while is so for both
                bare.append(1e3 * _bare(url, pages) / pages)
                ours.append(1e3 * _fetched(address, pages, records) / pages)
            printed.row(f"bare session, pages {shape}", bare, size, str(pages), digits=2)
            printed.row(f"fetch, pages {shape}", ours, size, str(pages), digits=2)
            over = [one - other for one, other in zip(ours, bare, strict=True)]
            printed.row("  what the fetch adds", over, "", "", digits=2)


def _bare(url: str, pages: int) -> float:
    began = time.perf_counter()
    with requests.Session() as session:
        for page in range(pages):
            answer = session.get(url, params={"page": page}, timeout=60)
            answer.raise_for_status()
            answer.json()
    return time.perf_counter() - began


def _fetched(address: str, pages: int, records: int) -> float:
    service = _service(pages, records)
    with tempfile.TemporaryDirectory() as folder:
        terms = Terms(Pace(Path(folder, "pace"), factor=0.0), stand_in=address)
        began = time.perf_counter()
        done = fetch(service, Path(folder, "archive"), service.span(None, date(2026, 11, 18)), terms)
        elapsed = time.perf_counter() - began
    if done.problem or done.requests != pages:
        raise SystemExit(f"fetch_cost: {done}")
    return elapsed


def _service(pages: int, records: int) -> Service:
    def rows(session: ServiceSession) -> Iterator[tuple[str, dict[str, Any]]]:
        for page in range(pages):
            for row in session.json(f"https://{HOST}/works/{records}", {"page": page}):
                yield f"{page}/{row['id']}", row

    part = gathered("2026-11/works.jsonl.gz", rows)
    return replace(
        service_of("github_ranking"),
        source="example",
        hosts={HOST: 0.0},
        parts=lambda *_: [part],
        since=date(2026, 1, 1),
    )


@contextmanager
def serving() -> Iterator[str]:
    """The stand-in, in a process of its own; yields its address."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    yield ours.recv()
    server.terminate()


def _serve(told: Connection) -> None:
    def answer(asked: Asked) -> Any:
        return json_answer([{"id": n, "title": WORDS} for n in range(int(asked.path.split("/")[-1]))])

    stand_in = StandIn()
    stand_in.on(HOST, answer)
    told.send(stand_in.address)
    told.recv()  # until the process is ended


if __name__ == "__main__":
    main()
