"""github.com/github/innovationgraph: the files of the newest release, as a vintage dated by its day.

A release rewrites whole files of ``data/``. The branch's newest commit is the pin; the day is that of the
last commit up to it that touched ``data/``, so that a commit elsewhere is no release. Files come from the pin
and are held against git's own hash. A second release on a day that we have is seen with the next one. In ten
vintages no economy's quarter has ever gone again: one that is gone stops the fetch.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from datetime import date
from io import StringIO

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError
from dlt_sources.fetch.github import API, GITHUB_LIMITS, GITHUB_TOKEN, RAW, commit_day, newest_commit
from dlt_sources.fetch.parts import whole
from dlt_sources.fetch.service import Bounds, DaySpan, FetchCost, Part, Service

REPOSITORY = "github/innovationgraph"
FOLDER = "data"
MEASURES = ("git_pushes", "repositories", "developers", "organizations")
GROWTH = Bounds(0.95, 2.0)  # releases grew by 5 to 12 %; several may lie between two fetches
FILE_BYTES = 75_000  # mean of the four files of 2026-01-27


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    commit, _ = newest_commit(session, REPOSITORY, "main")
    asked = {"path": FOLDER, "sha": commit, "per_page": "1"}
    releases = session.json(f"{API}/repos/{REPOSITORY}/commits", asked)
    if not releases:
        raise FetchError(f"fetch: innovation_graph: no commit touched {FOLDER}/; the publisher has moved it")
    day = commit_day(releases[0])
    if day not in span:
        return
    listing = session.json(f"{API}/repos/{REPOSITORY}/git/trees/{commit}:{FOLDER}")
    files = {str(file["path"]): file for file in listing["tree"]}
    for name in (f"{measure}.csv" for measure in MEASURES):
        if name not in files:
            raise FetchError(
                f"fetch: innovation_graph: {FOLDER}/{name}: not there at {commit[:12]}, expected all of "
                f"{', '.join(MEASURES)}; look whether the publisher renamed it"
            )
        yield whole(
            f"vintages/{day}/{FOLDER}/{name}",
            f"{RAW}/{REPOSITORY}/{commit}/{FOLDER}/{name}",
            expected={"kind": "csv", "size": files[name]["size"], "git_sha1": files[name]["sha"]},
            observed=day,
            version=str(day),
            bounds=GROWTH,
            periods=_quarters,
        )


def _quarters(data: bytes) -> set[str]:
    """The economies' quarters of a file: ``CN 2020Q1``."""
    rows = csv.DictReader(StringIO(data.decode("utf-8-sig"), newline=""))
    return {f"{row.get('iso2_code')} {row.get('year')}Q{row.get('quarter')}" for row in rows}


def _estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
    """At most one release; whether there is a new one is known only when it is asked."""
    return FetchCost(3 + len(MEASURES), len(MEASURES) * FILE_BYTES)


SERVICE = Service(
    source="innovation_graph",
    title="GitHub Innovation Graph",
    hosts={"api.github.com": 1.0, "raw.githubusercontent.com": 0.5},
    parts=_parts,
    estimate=_estimate,
    since=date(2023, 9, 20),
    cadence="0 6 5 2,5,8,11 *",
    licence="CC0-1.0",
    attribution="GitHub Innovation Graph (CC0-1.0)",
    homepage=f"https://github.com/{REPOSITORY}",
    key=GITHUB_TOKEN,
    **GITHUB_LIMITS,
)
