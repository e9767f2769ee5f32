"""A fetch stays with its service, ends, is alone with its source, and goes on after a kill as if unharmed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Event, Lock

import pytest

from dlt_sources.fetch import service_of
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.parts import gathered
from dlt_sources.fetch.service import DaySpan, Part, Service
from tests.servers.fetches import Fetching
from tests.servers.github import Repository
from tests.servers.stand_in import Answer, Asked, Fault, json_answer

HOST, ELSEWHERE = "api.example.org", "files.example.net"


def _paged(session: ServiceSession) -> Iterator[tuple[str, dict[str, int]]]:
    for page in session.rest(f"https://{HOST}").paginate("/works", data_selector="results"):
        yield from ((str(row["id"]), row) for row in page)


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    yield gathered("2026-11/records.jsonl.gz", _paged)


@pytest.fixture
def service() -> Service:
    hosts = {HOST: 0.0}
    since = date(2026, 1, 1)
    return replace(service_of("github_ranking"), source="example", hosts=hosts, parts=_parts, since=since)


def page_with_next(address: str) -> Callable[[Asked], Answer]:
    """Every page names this address as the next one."""
    return lambda _: json_answer({"results": [{"id": 1}]}, Link=f'<{address}>; rel="next"')


@pytest.mark.parametrize(
    "address",
    [
        f"https://{ELSEWHERE}/works?page=2",
        f"http://{HOST}/works?page=2",
        f"https://{HOST}@{ELSEWHERE}/works",
        f"https://{HOST}.{ELSEWHERE}/works",
        "https://127.0.0.1/works",
    ],
    ids=["another host", "not https", "a host as a user", "a longer host", "an address"],
)
def test_a_next_page_that_leads_elsewhere_is_refused_before_it_is_asked(
    service: Service, fetching: Fetching, address: str
) -> None:
    fetching.server.on(HOST, page_with_next(address))
    fetching.server.on(ELSEWHERE, page_with_next(address))
    done = fetching.fetch(service)
    assert str(done.problem).startswith("fetch: example: led to ")
    assert [asked.host for asked in fetching.server.asked] == [HOST]
    assert set(fetching.files(service)) == {"manifest.json"}


def test_a_next_page_that_is_the_same_one_ends(service: Service, fetching: Fetching) -> None:
    fetching.server.on(HOST, page_with_next(f"https://{HOST}/works"))
    done = fetching.fetch(service)
    assert "leads to the same page again" in str(done.problem)
    assert done.requests == 1


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_redirect_in_a_circle_ends_after_a_few_steps(
    service: Service, fetching: Fetching, length: int
) -> None:
    def circle(asked: Asked) -> Answer:
        step = (int(asked.query.get("step", 0)) + 1) % length
        return Answer(b"", 302, {"Location": f"https://{HOST}/works?step={step}"})

    fetching.server.on(HOST, circle)
    done = fetching.fetch(service)
    assert "redirects in a circle" in str(done.problem)
    assert len(fetching.server.asked) <= 7


def test_a_second_fetch_of_a_source_is_refused_and_harms_nothing(
    service: Service, fetching: Fetching
) -> None:
    is_asked, may_answer = Event(), Event()

    def held(_: Asked) -> Answer:
        is_asked.set()
        assert may_answer.wait(10)
        return json_answer({"results": [{"id": 1}]})

    fetching.server.on(HOST, held)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(fetching.fetch, service)
        assert is_asked.wait(10)
        second = Fetching(fetching.server, fetching.folder).fetch(service)
        may_answer.set()
        assert first.result(10).taken == ["2026-11/records.jsonl.gz"]
    assert "is being fetched into" in str(second.problem)
    assert (second.taken, second.requests) == ([], 0)


def test_two_fetches_of_two_sources_take_turns_at_a_host(service: Service, fetching: Fetching) -> None:
    lock = Lock()
    seen: list[bool] = []

    def alone(_: Asked) -> Answer:
        seen.append(lock.acquire(blocking=False))
        Event().wait(0.05)
        lock.release()
        return json_answer({"results": [{"id": 1}]})

    fetching.server.on(HOST, alone)
    both = [service, replace(service, source="other")]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda s: Fetching(fetching.server, fetching.folder).fetch(s), both))
    assert [d.problem for d in done] == [None, None]
    assert seen == [True, True]


def test_stopped_between_the_last_file_and_the_list_it_asks_nothing_again(
    service: Service, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    fetching.server.on(HOST, lambda _: json_answer({"results": [{"id": 1}]}))
    fetching.fetch(service, archive="undisturbed")
    assert fetching.fetch(replace(service, parts=lambda *_: [])).problem is None  # an empty list is there
    with monkeypatch.context() as patched:
        patched.setattr("dlt_sources.fetch.shelf.write_manifest", stop)
        with pytest.raises(KeyboardInterrupt):
            fetching.fetch(service)
    assert b"records" not in fetching.files(service)["manifest.json"]
    done = fetching.fetch(service)
    assert (done.taken, done.requests) == (["2026-11/records.jsonl.gz"], 0)
    assert fetching.files(service) == fetching.files(service, "undisturbed")


REQUESTS, FILES = 7, 4  # the pin, the release, the listing, then the files
CODES = [a + b for a in "ABCDEFGHIJ" for b in "KLMNOPQRST"]
CHILD = """
import sys
from pathlib import Path
from dlt_sources.fetch import service_of
from tests.servers.fetches import Fetching

class Elsewhere:
    address = sys.argv[1]
    def begin(self, fault): pass

Fetching(Elsewhere(), Path(sys.argv[2])).fetch(service_of("innovation_graph"), archive=sys.argv[3])
"""


@pytest.mark.slow
def test_killed_in_the_middle_of_any_answer_it_goes_on_to_the_same_archive(fetching: Fetching) -> None:
    """A process is killed while half of its n-th answer is there, and the next one fetches the rest."""
    graph = service_of("innovation_graph")
    keys = [f"{code},{year},{q}" for year in range(2020, 2026) for q in range(1, 5) for code in CODES]
    files = {
        f"data/{name}.csv": "".join([f"{name},iso2_code,year,quarter\n", *(f"1,{key}\n" for key in keys)])
        for name in ("git_pushes", "repositories", "developers", "organizations")
    }
    whole = {path: text.encode() for path, text in files.items()}
    Repository("github/innovationgraph", [("2026-11-03", whole)]).serve(fetching.server)
    fetching.fetch(graph, archive="undisturbed")
    expected = fetching.files(graph, "undisturbed")
    assert len(expected) == FILES + 1
    for number in (1, 3, 4, 7):
        archive = f"killed-{number}"
        is_file = number > REQUESTS - FILES
        _killed_at(fetching, number, archive, is_file)
        assert set(fetching.files(graph, archive)) == {"manifest.json"}  # nothing half is listed
        done = fetching.fetch(graph, archive=archive)
        assert done.problem is None
        assert fetching.files(graph, archive) == expected
        assert done.requests == REQUESTS - number + 1  # what was whole is not asked for again
        assert ("Range" in fetching.server.asked[0].headers) == is_file  # nor is half a file


def _killed_at(fetching: Fetching, number: int, archive: str, is_file: bool) -> None:
    """Run a fetch in a process and kill it, as by ``kill -9``, when half of its n-th answer is there."""
    server = fetching.server
    server.begin(Fault("stall", at=number))
    child = subprocess.Popen([sys.executable, "-c", CHILD, server.address, str(fetching.folder), archive])
    try:
        assert server.has_stalled.wait(30)
        for _ in range(500):  # the half file is on its way to the disk
            if not is_file or any(
                p.stat().st_size for p in fetching.folder.glob(f"{archive}/.fetch/**/*.part")
            ):
                break
            Event().wait(0.01)
    finally:
        child.kill()
        server.may_go_on.set()
    assert child.wait(10) == -signal.SIGKILL
