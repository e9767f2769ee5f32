"""Months of hour files that stay where they are: whole in the archive, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dlt_sources.fetch import service_of
from dlt_sources.fetch.fetching import Fetched, Terms, fetch
from dlt_sources.fetch.pace import Pace
from dlt_sources.fetch.service import Elsewhere
from dlt_sources.fetch.tracked import TrackedName
from dlt_sources.github_hours.definition import REDUCED
from dlt_sources.github_hours.engines import reduce_month
from tests.dlt_sources.github_hours.trap_hours import MONTH, REPOSITORIES, SALT, job, trap_hours, write
from tests.servers.fetches import Fetching

SERVICE = service_of("github_events", "scan")
PATHS = sorted(f"months/2024-01/{name}.parquet" for name in REDUCED)


@pytest.fixture
def hours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    listed = [TrackedName(*row) for row in REPOSITORIES]
    monkeypatch.setattr("dlt_sources.fetch.services.github_events.tracked_names", lambda *_: listed)
    monkeypatch.setattr("dlt_sources.fetch.tracked.secrets.token_hex", lambda _: SALT.hex())
    write(tmp_path / "hours", trap_hours())
    return tmp_path / "hours"


def fetched(fetching: Fetching, hours_url: str | None) -> Fetched:
    terms = Terms(Pace(fetching.folder / "pace", fetching.clock), elsewhere=Elsewhere(hours_url))
    span = SERVICE.span(MONTH, date(2024, 1, 31))
    return fetch(SERVICE, fetching.folder / "archive", span, terms)


def test_a_month_comes_into_the_archive_and_its_hours_do_not(fetching: Fetching, hours: Path) -> None:
    done = fetched(fetching, str(hours))
    assert (done.problem, done.requests) == (None, 0)
    files = fetching.files(SERVICE)
    assert sorted(files) == sorted(["manifest.json", "repositories.csv", "salt.txt", *PATHS])
    expected = reduce_month("scan", replace(job(str(hours)), repositories=REPOSITORIES))
    place = fetching.folder / "archive" / "github_events" / "months" / "2024-01"
    for name, table in expected.tables.items():
        found = pq.read_table(place / f"{name}.parquet", partitioning=None)
        assert found.schema.metadata[b"engine"] == b"scan"
        assert found.replace_schema_metadata(None).equals(table.replace_schema_metadata(None)), name
    assert len(expected.tables["actor_hours"]) > 100
    again = fetched(fetching, str(hours))
    assert (again.problem, set(again.taken)) == (None, set())


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"<html>busy</html>", r"fetch: github_events: file://.*/2024-01-31-23\.json\.gz: no gzip file .*"),
        (None, r"fetch: github_events: hours_url: not given, expected .*; set CHOKEPOINT_HOURS_URL"),
    ],
)
def test_what_stops_an_engine_lists_nothing_of_the_month(
    fetching: Fetching, hours: Path, content: bytes | None, line: str
) -> None:
    if content:
        (hours / "2024-01-31-23.json.gz").write_bytes(content)
    done = fetched(fetching, str(hours) if content else None)
    with pytest.raises(ValueError, match=rf"^{line}$"):
        raise done.problem or AssertionError
    assert sorted(fetching.files(SERVICE)) == ["manifest.json", "repositories.csv", "salt.txt"]
