"""GitHub's GraphQL API: what it says of the repositories that are followed, a hundred a question.

Asked for are those of the registry (seed ``repositories``) and those whose histories are counted
(``commit_weeks``). Errors stand beside data: a name that GitHub does not know is data, any other error is
none, whatever the status; points that are used up are waited for. A day has one version; one that says
nothing new is not taken.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from dlt.sources.helpers.requests import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dlt_sources.documents import first_fault
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError, NotDataError
from dlt_sources.fetch.github import API, GITHUB_LIMITS, GITHUB_TOKEN
from dlt_sources.fetch.parts import gathered
from dlt_sources.fetch.service import Bounds, DaySpan, FetchCost, Part, Service
from dlt_sources.fetch.services.commit_weeks import listed_repositories
from dlt_sources.fetch.waits import reset_at

GRAPHQL = f"{API}/graphql"
REGISTRY = Path(__file__).resolve().parents[3] / "dbt_project" / "seeds" / "repositories.csv"
BATCH = 100
ANSWER_BYTES = 40_000  # of a hundred
NOT_THERE = "NOT_FOUND"
FOR_GOOD = ("FORBIDDEN", "INSUFFICIENT_SCOPES", "UNPROCESSABLE", "undefinedField")
GROWTH = Bounds(0.8, 3.0)
FIELDS = (
    "databaseId nameWithOwner createdAt archivedAt isArchived isFork "
    "primaryLanguage { name } licenseInfo { spdxId } owner { __typename }"
)
_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


class _Named(BaseModel):
    name: str | None = None
    spdxId: str | None = None  # noqa: N815


class _Owner(BaseModel):
    kind: str = Field(alias="__typename")


class _Repository(BaseModel):
    """What is asked of a repository."""

    model_config = ConfigDict(strict=True)

    databaseId: int  # noqa: N815
    nameWithOwner: str = Field(pattern=_NAME.pattern)  # noqa: N815
    createdAt: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}T")  # noqa: N815
    archivedAt: str | None  # noqa: N815
    isArchived: bool  # noqa: N815
    isFork: bool  # noqa: N815
    primaryLanguage: _Named | None  # noqa: N815
    licenseInfo: _Named | None  # noqa: N815
    owner: _Owner

    def record(self) -> dict[str, Any]:
        return {
            "is_there": True,
            "github_id": self.databaseId,
            "name": self.nameWithOwner,
            "created_at": self.createdAt,
            "archived_at": self.archivedAt,
            "is_archived": self.isArchived,
            "is_fork": self.isFork,
            "language": self.primaryLanguage.name if self.primaryLanguage else None,
            "licence": self.licenseInfo.spdxId if self.licenseInfo else None,
            "owner_kind": self.owner.kind,
        }


def followed_repositories() -> list[str]:
    """Names as they are spelled last, each once, whatever its capitals.

    Raises:
        FetchError: the list of ``commit_weeks`` cannot be read.
    """
    with REGISTRY.open(encoding="utf-8", newline="") as seed:
        registered = [row["name"] for row in csv.DictReader(seed)]
    listed = [
        entry.repository for entry in listed_repositories() if entry.url.startswith("https://github.com/")
    ]
    names = {name.lower(): name for name in (*listed, *registered) if _NAME.fullmatch(name)}
    return [names[key] for key in sorted(names)]


def _check(response: Response) -> None:
    """Data, beside which there are no other errors than of names that GitHub does not know.

    Raises:
        NotDataError: there are others, or a null that no error explains.
    """
    answer = response.json()
    if not isinstance(answer, dict):
        raise NotDataError("no object")
    unknown = set()
    for error in _list(answer.get("errors")):
        kind = error.get("type") if isinstance(error, dict) else None
        path = error.get("path") if isinstance(error, dict) else None
        if kind != NOT_THERE or not (isinstance(path, list) and path):
            words = " ".join(str(error.get("message") if isinstance(error, dict) else error).split())[:120]
            raise NotDataError(f"GraphQL says {kind}: {words}", is_lasting=kind in FOR_GOOD)
        unknown.add(path[0])
    data = answer.get("data")
    if not isinstance(data, dict):
        raise NotDataError("no data and no error")
    if lost := sorted(str(alias) for alias, found in data.items() if found is None and alias not in unknown):
        raise NotDataError(f"{lost[0]} is null, and no error says why")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    today = datetime.fromtimestamp(session.clock.now(), UTC).date()
    if today in span:
        yield gathered(
            f"{today}/repositories.jsonl.gz",
            partial(_records, names=followed_repositories()),
            url=GRAPHQL,
            observed=today,
            version=str(today),
            bounds=GROWTH,
        )


def _records(session: ServiceSession, names: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each name's record.

    Raises:
        FetchError: a record is of another kind, or GitHub knows none of the names.
    """
    there = 0
    for first in range(0, len(names), BATCH):
        batch = names[first : first + BATCH]
        answer = session.json(GRAPHQL, method="POST", body={"query": _query(batch)})
        for place, name in enumerate(batch):
            found = _repository(answer["data"], f"r{place}", name)
            there += found is not None
            yield name.lower(), {"asked_name": name, **(found.record() if found else {"is_there": False})}
    if not there:
        raise FetchError(
            f"fetch: repository_metadata: GitHub knows none of {len(names)} repositories; look at the token"
        )


def _repository(data: Mapping[str, object], alias: str, name: str) -> _Repository | None:
    """None where GitHub knows no such repository."""
    fault = "is not in the answer"
    if alias in data:
        if data[alias] is None:
            return None
        try:
            return _Repository.model_validate(data[alias])
        except ValidationError as error:
            fault = first_fault(error)
    raise FetchError(f"fetch: repository_metadata: {name}: {fault}; GitHub has changed, teach the connector")


def _query(names: Sequence[str]) -> str:
    """One question with a name for each answer; a name holds nothing that could end a text in it."""
    lines = []
    for place, name in enumerate(names):
        owner, _, repository = name.partition("/")
        lines.append(f'r{place}: repository(owner: "{owner}", name: "{repository}") {{ {FIELDS} }}')
    return "query { " + " ".join(lines) + " rateLimit { cost remaining resetAt } }"


def _estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
    """A day's version; whether it says something new is known only when it is asked."""
    batches = -(-len(followed_repositories()) // BATCH)
    return FetchCost(batches, batches * ANSWER_BYTES)


SERVICE = Service(
    source="repository_metadata",
    title="Repositories as GitHub knows them",
    hosts={"api.github.com": 1.0},
    parts=_parts,
    estimate=_estimate,
    since=date(2026, 1, 1),
    cadence="0 6 3 * *",
    licence="facts of public repositories, under GitHub's terms",
    attribution="GitHub GraphQL API",
    homepage="https://docs.github.com/graphql",
    key=replace(GITHUB_TOKEN, is_needed=True),
    check=_check,
    pauses=(reset_at("X-RateLimit-Remaining", "X-RateLimit-Reset"),),
    seconds_per_answer=3.0,
    **GITHUB_LIMITS,
)
