"""A month that an engine reduces lands in the archive whole or not at all, and the source reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dlt_sources.fetch import service_of
from dlt_sources.fetch.reduced_months import month_parts
from dlt_sources.fetch.service import Service
from dlt_sources.github_hours.definition import REDUCED
from dlt_sources.github_hours.reduction_job import Job
from tests.dlt_sources.github_hours.test_clickhouse import PublicTable
from tests.dlt_sources.github_hours.trap_hours import MONTH, job, trap_hours, write
from tests.servers.fetches import Fetching

PATHS = [f"months/2024-01/{name}.parquet" for name in sorted(REDUCED)]


def service(engine: str, asked: Job) -> Service:
    return replace(
        service_of("github_ranking"),
        source="github_events",
        hosts={"play.clickhouse.com": 0.0},
        parts=lambda *_: month_parts(engine, asked),
        since=MONTH,
    )


@pytest.fixture
def table(tmp_path: Path, fetching: Fetching) -> Iterator[PublicTable]:
    public = PublicTable(tmp_path / "table", fetching.server)
    public.load(list(trap_hours()))
    yield public
    public.session.cleanup()


def test_a_month_is_asked_of_clickhouse_through_the_fetch(fetching: Fetching, table: PublicTable) -> None:
    fetched = service("clickhouse", job(""))
    done = fetching.fetch(fetched, until=date(2024, 1, 31))
    assert done.problem is None
    assert sorted(done.taken) == PATHS
    files = fetching.files(fetched)
    assert sorted(files) == sorted(["manifest.json", *PATHS])
    place = fetching.folder / "archive" / "github_events" / "months" / "2024-01"
    found = pq.read_table(place / "repository_hours.parquet")
    assert found.schema.metadata[b"engine"] == b"clickhouse"
    assert b"no ids" in found.schema.metadata[b"notes"]
    assert len(found) > 100
    assert fetching.fetch(fetched, until=date(2024, 1, 31)).requests == 0


@pytest.mark.parametrize("engine", ["scan", "clickhouse"])
def test_what_stops_an_engine_lists_nothing(
    fetching: Fetching, table: PublicTable, tmp_path: Path, engine: str
) -> None:
    write(tmp_path / "hours", trap_hours())
    (tmp_path / "hours" / "2024-01-31-23.json.gz").write_bytes(b"<html>busy</html>")
    table.session.query("ALTER TABLE github_events DROP COLUMN file_time")
    fetched = service(engine, job(str(tmp_path / "hours")))
    done = fetching.fetch(fetched, until=date(2024, 1, 31))
    assert done.problem is not None
    assert str(done.problem).startswith("fetch: github_events: " if engine == "scan" else "fetch: ")
    assert "\n" not in str(done.problem)
    assert list(fetching.files(fetched)) == ["manifest.json"]
