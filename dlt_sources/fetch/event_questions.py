"""The public ClickHouse table of GitHub's events over HTTP: how a question travels, how new the table is.

What is asked and how answers are read is the engine's (``github_hours.clickhouse``). The server is a demo
without a promise: one question at a time. Errors come after rows, and in answers that are good by status.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from dlt.sources.helpers.requests import Response

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError, NotDataError
from dlt_sources.fetch.service import FetchCost
from dlt_sources.github_hours.clickhouse import NAMES_PER_QUERY, reduce, rows_of
from dlt_sources.github_hours.reduction_job import EngineError, Job, MonthTables, Query

TABLE_HOST = "play.clickhouse.com"
TABLE_URL = f"https://{TABLE_HOST}/"
READER = "play"  # whom everybody may be there; without a password
EXCEPTION = "X-ClickHouse-Exception-Code"
NEWEST = (
    "SELECT toUnixTimestamp(max(file_time)) AS newest FROM github_events FORMAT JSONCompactEachRowWithNames"
)
SECONDS_PER_QUESTION = 20.0
PER_CHUNK, PER_MONTH = 3, 1  # questions
ANSWER_BYTES = 400_000


def refuse_exceptions(response: Response) -> None:
    """A status of 200 is no promise.

    Raises:
        NotDataError: the server says beside it that the question failed.
    """
    if code := response.headers.get(EXCEPTION):
        raise NotDataError(f"ClickHouse's exception {code[:10]}")


def newest_hour(session: ServiceSession) -> datetime:
    """How far the table reaches.

    Raises:
        FetchError: it does not say.
    """
    try:
        (row,) = rows_of(_ask(session, Query(NEWEST, {})))
        return datetime.fromtimestamp(int(row["newest"]), UTC)
    except (EngineError, ValueError, KeyError, TypeError):
        raise FetchError(
            f"fetch: {session.service.source}: {TABLE_HOST} does not say how new its table is; "
            "fetch again later"
        ) from None


def reduce_by_questions(session: ServiceSession, job: Job, _: Path) -> MonthTables:
    """A month's tables.

    Raises:
        EngineError: the answers do not add up.
    """
    return reduce(Job(job.month, job.repositories, ask=lambda query: _ask(session, query)))


def _ask(session: ServiceSession, query: Query) -> bytes:
    bound = {f"param_{name}": value for name, value in query.parameters.items()}
    asked = {"user": READER, "query": query.sql, **bound}
    return session.ask(TABLE_URL, asked, kind="jsonl").content


def questions(months: int, names: int) -> FetchCost:
    """What so many months of so many names take."""
    chunks = -(-names // NAMES_PER_QUERY)
    asked = months * (PER_CHUNK * chunks + PER_MONTH)
    return FetchCost(asked + bool(months), asked * ANSWER_BYTES)
