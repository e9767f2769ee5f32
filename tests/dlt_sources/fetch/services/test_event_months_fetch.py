"""Months of events: hours are read and thrown away, a month is taken whole, and once; ClickHouse's too."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from dlt_sources.fetch import service_of
from dlt_sources.fetch.errors import BudgetSpentError
from dlt_sources.fetch.event_hours import HourStore
from dlt_sources.fetch.event_questions import TABLE_HOST
from dlt_sources.fetch.plan import plan
from dlt_sources.fetch.services.github_events import reduced_months
from dlt_sources.fetch.wire import Budget
from dlt_sources.github_hours.definition import REDUCED
from tests.servers.fetches import Fetching
from tests.servers.gharchive import EventStore, fork, hour_file, star
from tests.servers.stand_in import Answer, Asked, json_answer

FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)
BEGINS = datetime(2026, 9, 30, 16, tzinfo=UTC)
# a publisher that begins eight hours before the month's end
SERVICE = reduced_months(HourStore("data.gharchive.org", ((BEGINS, 27_000_000),)))
HOURS = 8 + 6
NAME = "78/xiaozhi-esp32"
FILES = {f"months/2026-09/{name}.parquet" for name in REDUCED}
BESIDE = {"manifest.json", "repositories.csv", "salt.txt"}


@pytest.fixture
def store(fetching: Fetching, monkeypatch: pytest.MonkeyPatch) -> EventStore:
    """Four hours of the last day of September 2026, the first hour of October, and no other."""
    monkeypatch.setattr("dlt_sources.fetch.tracked.secrets.token_hex", lambda size: "5a" * size)
    store = EventStore()
    at = BEGINS + timedelta(hours=2)
    store.put(at, hour_file([star(1, at, NAME), star(2, at, "someone/else"), fork(3, at, NAME.upper())]))
    store.put(at + timedelta(hours=1), hour_file([star(1, at, NAME), star(4, at, NAME, actor=8)]))
    store.put(at + timedelta(hours=2), b"")
    store.put(at + timedelta(hours=3), b"\0" * 4096)  # as left by a disk that was full
    october = datetime(2026, 10, 1, tzinfo=UTC)
    store.put(october, hour_file([star(5, october - timedelta(seconds=9), NAME), star(6, october, NAME)]))
    store.serve(fetching.server)
    return store


def september(fetching: Fetching, way: str | None = None, **given: Any) -> Any:
    service = service_of("github_events", way) if way else SERVICE
    return fetching.fetch(service, FIRST, LAST, **given)


def rows(fetching: Fetching, table: str) -> list[dict[str, Any]]:
    data = fetching.files(SERVICE)[f"months/2026-09/{table}.parquet"]
    found: list[dict[str, Any]] = pq.read_table(io.BytesIO(data)).to_pylist()
    return found


def test_a_month_is_four_tables_of_its_own_time_and_no_hour_is_left(
    store: EventStore, fetching: Fetching
) -> None:
    done = september(fetching)
    assert (done.problem, set(done.taken)) == (None, FILES | {"repositories.csv", "salt.txt"})
    assert fetching.files(SERVICE).keys() == FILES | BESIDE
    cells = {
        (str(row["week"]), row["hour_of_week"], row["event"]): (row["events"], row["actors"])
        for row in rows(fetching, "repository_hours")
    }
    # a star came twice, one of the two was filed an hour late; one of September was filed in October
    assert cells == {
        ("2026-09-28", 2 * 24 + 18, "star"): (2, 2),
        ("2026-09-28", 2 * 24 + 18, "fork"): (1, 1),
        ("2026-09-28", 2 * 24 + 23, "star"): (1, 1),
    }
    hours = {row["hour"].hour: row for row in rows(fetching, "hours")}
    assert {hour: (row["lines"], row["duplicates"], row["is_whole"]) for hour, row in hours.items()} == {
        18: (3, 0, True),
        19: (2, 1, True),
        20: (0, 0, False),
        21: (0, 0, False),
    }
    left = [path for path in (fetching.folder / "archive" / ".fetch").rglob("*") if path.is_file()]
    assert not [path for path in left if path.suffix in (".parquet", ".gz")]


def test_a_month_that_is_there_and_one_that_is_not_over_are_not_asked_for(
    store: EventStore, fetching: Fetching
) -> None:
    september(fetching)
    again = september(fetching)
    assert (again.requests, again.taken, again.problem) == (0, [], None)
    fetching.clock.time = datetime(
        2026, 10, 2, 5, tzinfo=UTC
    ).timestamp()  # six hours and a day after its end
    young = september(fetching, archive="young")
    assert (young.requests, young.problem) == (0, None)
    assert fetching.fetch(SERVICE, FIRST, date(2026, 9, 29), archive="cut").requests == 0


def test_what_a_budget_stopped_goes_on_and_asks_for_no_hour_twice(
    store: EventStore, fetching: Fetching
) -> None:
    september(fetching, archive="undisturbed")
    asked: list[str] = []
    for allowed in (3, 1, 6):
        stopped = september(fetching, budget=Budget(allowed))
        assert isinstance(stopped.problem, BudgetSpentError)
        assert not [path for path in fetching.files(SERVICE) if path.startswith("months/")]
        asked += [asked.path for asked in fetching.server.asked]
    assert september(fetching).problem is None
    asked += [asked.path for asked in fetching.server.asked]
    assert len(asked) == len(set(asked)) == HOURS
    assert fetching.files(SERVICE) == fetching.files(SERVICE, "undisturbed")


CHILD = """
import os, signal, sys
from pathlib import Path
from tests.dlt_sources.fetch.services.test_event_months_fetch import FIRST, LAST, SERVICE
from tests.servers.fetches import Fetching

class Elsewhere:
    address = sys.argv[1]
    def begin(self, fault): pass

seen = 0
def count(event, arguments):
    global seen
    seen += event == "os.rename"
    if event == "os.rename" and seen == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
Fetching(Elsewhere(), Path(sys.argv[2])).fetch(SERVICE, FIRST, LAST)
"""


@pytest.mark.slow
def test_killed_it_goes_on_to_the_same_month(store: EventStore, fetching: Fetching) -> None:
    """Between two names of a file, where a half of something could lie."""
    september(fetching)
    salt = fetching.files(SERVICE)["salt.txt"]
    expected = {path: data for path, data in fetching.files(SERVICE).items() if path in FILES}
    for moment in (3, 9, 40):
        folder = fetching.folder / f"killed-{moment}"
        place = folder / "archive" / "github_events"
        command = [sys.executable, "-c", CHILD, fetching.server.address, str(folder), str(moment)]
        child = subprocess.run(command, env={**os.environ}, capture_output=True, check=False)
        assert child.returncode == -signal.SIGKILL, child.stderr
        again = Fetching(fetching.server, folder)
        assert september(again).problem is None
        if again.files(SERVICE)["salt.txt"] == salt:
            assert {path: data for path, data in again.files(SERVICE).items() if path in FILES} == expected
        cells = pq.read_table(place / "months" / "2026-09" / "repository_hours.parquet").to_pylist()
        assert cells == rows(fetching, "repository_hours")


def test_hours_that_are_kept_and_their_month_exclude_each_other(
    store: EventStore, fetching: Fetching
) -> None:
    fetching.fetch(service_of("github_events", "hours"), date(2026, 9, 30), date(2026, 9, 30))
    done = september(fetching)
    assert "hours/2026-09-30-18.json.gz is in the archive" in str(done.problem)
    assert "remove its hours" in str(done.problem)
    september(fetching, archive="other")
    other = fetching.fetch(
        service_of("github_events", "hours"), date(2026, 9, 30), date(2026, 9, 30), archive="other"
    )
    assert "remove months/2026-09" in str(other.problem)


def test_a_list_that_grew_is_no_list_of_months_that_were_reduced_before(
    store: EventStore, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    september(fetching)
    listed = fetching.folder / "list.csv"
    listed.write_text("repository,owner_country,kind\nnew/thing,CN,llm\n")
    monkeypatch.setenv("CHOKEPOINT_REPOSITORIES", str(listed))
    done = fetching.fetch(SERVICE, date(2026, 10, 1), date(2026, 10, 31))
    assert "repositories.csv lists other names than those that the archive's months" in str(done.problem)


def test_a_plan_is_of_whole_months_with_their_edges(fetching: Fetching) -> None:
    service = service_of("github_events")
    told = plan(service, fetching.folder, service.span(date(2025, 1, 15), date(2025, 3, 31)), {})
    assert told.requests == 24 * (28 + 31) + 2 * 12
    assert told.bytes == 24 * (28 + 31) * 135_000_000


class Table:
    """ClickHouse as far as it is asked: rows by the question's kind, and what is wrong with its answers."""

    def __init__(self) -> None:
        self.cells = [
            {"repo_name": NAME, "kind": "WatchEvent", "hour": 1788325200, "is_bot": 0, "events": "3",
             "actors": "2"}
        ]  # fmt: skip
        self.newest = 1_794_000_000
        self.count = 3

    def __call__(self, asked: Asked) -> Answer:
        question = asked.query["query"]
        assert asked.query["user"] == "play"
        if "max(file_time)" in question:
            return self.answer([{"newest": self.newest}])
        if "uniqExact" in question:
            is_asked = NAME in asked.query["param_names"]
            return self.answer(self.cells if is_asked else [])
        if "param_names" in asked.query and "file_time" not in question:
            return self.answer([{"events": self.count if NAME in asked.query["param_names"] else 0}])
        return self.answer([])

    def answer(self, found: list[dict[str, Any]]) -> Answer:
        lines = [list(found[0]) if found else ["events"], *(list(row.values()) for row in found)]
        return Answer("".join(json.dumps(line) + "\n" for line in lines).encode())


@pytest.fixture
def table(fetching: Fetching) -> Table:
    table = Table()
    fetching.server.on(TABLE_HOST, table)
    return table


def test_a_month_of_clickhouse_has_no_actors_and_says_how_new_the_table_was(
    table: Table, fetching: Fetching
) -> None:
    done = september(fetching, "clickhouse")
    assert done.problem is None
    assert fetching.files(SERVICE).keys() == FILES | BESIDE
    (cell,) = rows(fetching, "repository_hours")
    assert (cell["repository"], cell["events"], cell["actors"]) == (NAME, 3, 2)
    assert rows(fetching, "actor_hours") == []
    assert len(rows(fetching, "hours")) == 720
    manifest = json.loads(fetching.files(SERVICE)["manifest.json"])
    assert {f["note"] for f in manifest["files"] if f["path"] in FILES} == {
        "the table reached to 2026-11-06T21"
    }
    assert {asked.host for asked in fetching.server.asked} == {TABLE_HOST}


def test_a_month_that_the_table_does_not_reach_is_not_taken(table: Table, fetching: Fetching) -> None:
    table.newest = int(datetime(2026, 9, 30, 20, tzinfo=UTC).timestamp())
    done = september(fetching, "clickhouse")
    assert (done.problem, done.requests) == (None, 1)


def test_answers_that_do_not_add_up_or_end_in_an_error_make_no_month(
    table: Table, fetching: Fetching
) -> None:
    table.count = 4
    assert "count() says 4" in str(september(fetching, "clickhouse").problem)
    newest = table.answer([{"newest": table.newest}])
    words = Answer(b'{"events": 3}\nCode: 159. DB::Exception: Timeout exceeded\n')
    code = json_answer([], X_ClickHouse_Exception_Code="395")
    for archive, answer, said in (("b", words, "an error's words after"), ("c", code, "exception 395")):
        respond = {True: newest, False: answer}
        fetching.server.on(TABLE_HOST, lambda asked, r=respond: r["max(file_time)" in asked.query["query"]])
        assert said in str(september(fetching, "clickhouse", archive=archive).problem)
    for archive in ("archive", "b", "c"):
        assert not FILES & fetching.files(SERVICE, archive).keys()
