"""The queries of the ClickHouse engine on ClickHouse itself, behind HTTP: what is equal to the scan, and
what is not.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from chdb import ChdbError
from chdb.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st

from dlt_sources.github_hours.clickhouse import rows_of
from dlt_sources.github_hours.definition import COUNTED
from dlt_sources.github_hours.engines import reduce_month
from dlt_sources.github_hours.reduction_job import EngineError, Job, MonthTables, Query
from tests.dlt_sources.github_hours.trap_hours import Hour, job, trap_hours, write
from tests.servers.stand_in import Answer, Asked, StandIn

HOST = "play.clickhouse.com"
TABLE = """
    CREATE TABLE github_events (
        file_time DateTime, event_type LowCardinality(String), actor_login LowCardinality(String),
        repo_name LowCardinality(String), created_at DateTime('UTC')
    ) ENGINE = MergeTree ORDER BY (event_type, repo_name, created_at)
"""
PLAIN = {(9001, "lab/model"), (9002, "Lab/Tool"), (5555, "somebody/else")}


class PublicTable:
    """ClickHouse in this process with the columns of the public table that are asked for, spoken to over
    HTTP.
    """

    def __init__(self, folder: Path, stand_in: StandIn) -> None:
        self.session = Session(str(folder))
        self.session.query(TABLE)
        self.address = f"{stand_in.address}/{HOST}/"
        self.quoted = 0
        stand_in.on(HOST, self._answer)

    def load(self, hours: list[Hour]) -> None:
        rows = "\n".join(json.dumps(row) for hour in hours for row in _table_rows(hour))
        self.session.query(f"INSERT INTO github_events FORMAT JSONEachRow {rows}")

    def ask(self, query: Query) -> bytes:
        bound = {f"param_{name}": value for name, value in query.parameters.items()}
        answer = requests.post(self.address, params={"user": "play", **bound}, data=query.sql, timeout=60)
        answer.raise_for_status()
        return answer.content

    def _answer(self, asked: Asked) -> Answer:
        bound = {
            name.removeprefix("param_"): value
            for name, value in asked.query.items()
            if name.startswith("param_")
        }
        text = asked.query.get("query") or asked.body.decode()
        sql = f"{text} SETTINGS output_format_json_quote_64bit_integers = {self.quoted}"
        try:
            return Answer(self.session.query(sql, params=bound).bytes())
        except ChdbError as error:
            return Answer(str(error).encode(), 404, {"X-ClickHouse-Exception-Code": "47"})


def _table_rows(hour: Hour) -> Iterator[Mapping[str, Any]]:
    day, _, number = hour.name.removesuffix(".json.gz").rpartition("-")
    for line in hour.lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if not isinstance(event, dict) or "created_at" not in event:
            continue
        is_old = isinstance(event["actor"], str)
        name = "{owner}/{name}".format(**event["repository"]) if is_old else event["repo"]["name"]
        yield {
            "file_time": f"{day} {int(number):02d}:00:00",
            "event_type": event["type"],
            "actor_login": event["actor"] if is_old else event["actor"]["login"],
            "repo_name": name,
            "created_at": int(datetime.fromisoformat(event["created_at"]).timestamp()),
        }


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    yield server
    server.close()


@pytest.fixture
def table(tmp_path: Path, stand_in: StandIn) -> Iterator[PublicTable]:
    public = PublicTable(tmp_path / "table", stand_in)
    yield public
    public.session.cleanup()


def plain_hours() -> list[Hour]:
    """Without the traps that ids alone spring: each event once, under a name that is listed, by a user."""
    return [
        Hour(name, [line for line in dict.fromkeys(lines) if b'"id": 1,' not in line and _is_plain(line)])
        for name, lines in _first_copies(list(trap_hours()))
    ]


def _first_copies(hours: list[Hour]) -> Iterator[Hour]:
    seen: set[bytes] = set()
    for name, lines in hours:
        yield Hour(name, [line for line in lines if line not in seen])
        seen.update(lines)


def _is_plain(line: bytes) -> bool:
    try:
        event = json.loads(line)
    except ValueError:
        return False
    if not isinstance(event, dict) or "repo" not in event:
        return False
    return (event["repo"]["id"], event["repo"]["name"]) in {
        (9001, "lab/model"),
        (9002, "Lab/Tool"),
        (5555, "somebody/else"),
    }


def asked_job(table: PublicTable, folder: Path) -> Job:
    listed = (("lab/model", 9001, "lab/model"), ("lab/tool", 9002, "Lab/Tool"))
    return replace(job(str(folder), ask=table.ask), repositories=listed)


@pytest.mark.parametrize("quoted", [0, 1])
def test_rows_are_the_scanners_where_ids_do_not_matter(
    table: PublicTable, tmp_path: Path, quoted: int
) -> None:
    hours = plain_hours()
    table.load(hours)
    table.quoted = quoted
    write(tmp_path / "hours", iter(hours))
    asked = asked_job(table, tmp_path / "hours")
    scanned, answered = reduce_month("scan", asked), reduce_month("clickhouse", asked)
    assert answered.tables["repository_hours"].equals(scanned.tables["repository_hours"])
    assert answered.tables["hour_counts"].equals(scanned.tables["hour_counts"])
    assert len(scanned.tables["repository_hours"]) > 100
    lines = {row["hour"]: row["lines"] for row in answered.tables["hours"].to_pylist()}
    assert len(lines) == 31 * 24
    for row in scanned.tables["hours"].to_pylist():
        assert lines.pop(row["hour"]) == row["lines"]
    assert set(lines.values()) == {0}
    assert len(answered.tables["actor_hours"]) == 0 < len(scanned.tables["actor_hours"])


def test_what_it_cannot_know_is_measured_and_said(table: PublicTable, tmp_path: Path) -> None:
    hours = list(trap_hours())
    table.load(hours)
    write(tmp_path / "hours", iter(hours))
    asked = asked_job(table, tmp_path / "hours")
    asked = replace(asked, repositories=(*asked.repositories, ("lab/never", None, "lab/Never")))
    answered = reduce_month("clickhouse", asked)
    found, scanned = (_events(made) for made in (answered, reduce_month("scan", asked)))
    for repository in ("lab/model", "lab/tool"):
        twice, renamed, taken = _differences(hours, asked, repository)
        assert found[repository] == scanned[repository] + twice - renamed + taken
        assert twice > 0
        assert (renamed > 0) == (taken > 0) == (repository == "lab/model")
    assert answered.notes[0].startswith("ClickHouse's table has no ids: events collected twice count twice")
    assert answered.notes[1] == (
        "1 of 3 names have no event in 2024-01 (the table tells A from a): lab/Never"
    )


def _events(made: MonthTables) -> Counter[str]:
    events: Counter[str] = Counter()
    for row in made.tables["repository_hours"].to_pylist():
        events[row["repository"]] += row["events"]
    return events


def _differences(hours: list[Hour], asked: Job, repository: str) -> tuple[int, int, int]:
    """Of the month: copies under the listed name, events under a new name, another's under the listed one."""
    ((number, name),) = (
        (number, name) for listed, number, name in asked.repositories if listed == repository
    )
    copies, renamed, taken = 0, 0, 0
    seen: set[bytes] = set()
    for line in (line for hour in hours for line in hour.lines):
        for row in _table_rows(Hour("2024-01-01-0.json.gz", [line])):
            is_in = asked.begins.timestamp() <= row["created_at"] < asked.ends.timestamp()
            if not is_in or row["event_type"] not in COUNTED:
                continue
            is_own = json.loads(line).get("repo", {}).get("id") == number
            copies += line in seen and row["repo_name"] == name
            renamed += line not in seen and is_own and row["repo_name"] != name
            taken += line not in seen and not is_own and row["repo_name"] == name
        seen.add(line)
    return copies, renamed, taken


def test_an_answer_that_lacks_events_is_refused(table: PublicTable, tmp_path: Path) -> None:
    table.load(plain_hours())

    def cut(query: Query) -> bytes:
        lines = table.ask(query).splitlines(keepends=True)
        return b"".join(lines[:-1] if "uniqExact" in query.sql else lines)

    with pytest.raises(
        EngineError, match=r"^clickhouse: 2024-01: the answer holds .* events, count\(\) says .*; ask again$"
    ):
        reduce_month("clickhouse", replace(asked_job(table, tmp_path), ask=cut))
    with pytest.raises(EngineError, match=r"^clickhouse: nobody to ask"):
        reduce_month("clickhouse", replace(asked_job(table, tmp_path), ask=None))


ROWS = b'["events"]\n["3"]\n["4"]\n'
ERRORS = {
    "2022": b"Code: 159. DB::Exception: Timeout exceeded: elapsed 0.7 seconds. (TIMEOUT_EXCEEDED)",
    "25.1": b"__exception__\nCode: 395. DB::Exception: There was an error in the stream!",
    "25.11": b"__exception__PU1FNUFH98\r\nBig bam accrued right while reading the data\r\n"
    b"45 PU1FNUFH98__exception__\r\n",
}


@pytest.mark.parametrize("form", ERRORS)
def test_an_error_that_ends_an_answer_is_one_line(form: str) -> None:
    with pytest.raises(
        EngineError, match=r"^clickhouse: (Code: \d+\. DB::Exception|Big bam).*; ask again, or"
    ) as told:
        list(rows_of(ROWS + ERRORS[form]))
    assert "\n" not in str(told.value)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.text(), st.integers()), max_size=4), st.data())
def test_an_answer_is_whole_rows_or_refused(rows: list[tuple[str, int]], data: st.DataObject) -> None:
    lines = [json.dumps(row).encode() + b"\n" for row in [("name", "events"), *rows]]
    whole = b"".join(lines)
    assert list(rows_of(whole)) == [{"name": name, "events": events} for name, events in rows]
    at = data.draw(st.integers(0, len(whole)))
    ends = {sum(map(len, lines[: n + 1])) for n in range(len(lines))}
    if at in ends:
        assert len(list(rows_of(whole[:at]))) <= len(rows)
    else:
        with pytest.raises(EngineError):
            list(rows_of(whole[:at]))
