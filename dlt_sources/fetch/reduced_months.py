"""Months of GitHub's events as an engine reduces them: parts of an archive that come together or not at all.

Hour files stay where they lie (Spark, the scanner) or are not read at all (ClickHouse, whose queries travel
on the session like any request). Not here: what is counted (``github_hours``), and which months are asked
for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError
from dlt_sources.fetch.service import Bounds, Part
from dlt_sources.github_hours.definition import REDUCED
from dlt_sources.github_hours.engines import month_files, reduce_month
from dlt_sources.github_hours.reduction_job import EngineError, Job, Query

CLICKHOUSE = "https://play.clickhouse.com/"
USER = "play"  # the public one, without a password
SWINGS = Bounds(0.1, 10.0)  # of a month against the one before: repositories come and go


def month_parts(engine: str, job: Job) -> list[Part]:
    """The files of the job's month. The first that is made makes them all, once a session."""
    made: dict[str, bytes] = {}
    month = f"{job.month:%Y-%m}"
    return [
        Part(
            f"months/{month}/{name}.parquet",
            partial(_make, engine=engine, job=job, made=made, name=f"{name}.parquet"),
            observed=job.month,
            note=f"reduced by {engine}",
            version=month,
            series=name,
            bounds=SWINGS,
        )
        for name in REDUCED
    ]


def _make(
    session: ServiceSession, target: Path, *, engine: str, job: Job, made: dict[str, bytes], name: str
) -> bool:
    if not made:
        made.update(_files(session, engine, job))
    target.write_bytes(made[name])
    return True


def _files(session: ServiceSession, engine: str, job: Job) -> Mapping[str, bytes]:
    def ask(query: Query) -> bytes:
        bound = {f"param_{name}": value for name, value in query.parameters.items()}
        return session.ask(CLICKHOUSE, {"user": USER, "query": query.sql, **bound}, kind="jsonl").content

    try:
        return month_files(engine, reduce_month(engine, replace(job, ask=ask)))
    except EngineError as error:
        raise FetchError(f"fetch: {session.service.source}: {error}") from None
