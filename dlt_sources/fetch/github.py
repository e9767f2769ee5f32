"""What connectors to GitHub share: addresses, limits, the token, and the commit that a fetch is pinned to.

Limits come with 403 or 429, the secondary one without any header but ``Retry-After``, or with words alone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from dlt.sources.helpers.requests import Response

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.service import ServiceKey
from dlt_sources.fetch.waits import reset_at, retry_after

API = "https://api.github.com"
RAW = "https://raw.githubusercontent.com"
SECOND_THOUGHTS = 60.0  # seconds that GitHub asks for where it does not say how long

GITHUB_TOKEN = ServiceKey(
    "GITHUB_TOKEN",
    "make a token without any scope in GitHub's settings under Developer settings and export it",
    header="Authorization",
    prefix="Bearer ",
    is_needed=False,
)


def is_github_limit(response: Response) -> bool:
    """Whether a 403 means too often rather than not at all."""
    return "Retry-After" in response.headers or response.headers.get("X-RateLimit-Remaining") == "0"


GITHUB_LIMITS: dict[str, Any] = {
    "waits": (retry_after, reset_at("X-RateLimit-Remaining", "X-RateLimit-Reset")),
    "is_limit": is_github_limit,
    "patience": 3700.0,  # the allowance of an hour comes back at its end
    "headers": {"X-GitHub-Api-Version": "2022-11-28"},
}


def newest_commit(session: ServiceSession, repository: str, branch: str) -> tuple[str, date]:
    """The commit that the branch is at, and its day; what is fetched at it stays as it is."""
    commit = session.json(f"{API}/repos/{repository}/commits/{branch}")
    return str(commit["sha"]), commit_day(commit)


def commit_day(commit: dict[str, Any]) -> date:
    return datetime.fromisoformat(commit["commit"]["committer"]["date"]).date()
