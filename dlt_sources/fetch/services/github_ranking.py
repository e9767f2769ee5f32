"""github.com/EvanLi/Github-Ranking: a CSV a day since December 2018, of which one a week is taken.

What there is, is read of the folder's listing at the branch's newest commit; files come from that commit, so
that they do not change while they are fetched, and are held against git's own hash. A week is taken when it
is over: the day that we have, else the one nearest to its Wednesday. Days without a file are missing in the
listing, not zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError
from dlt_sources.fetch.github import API, GITHUB_LIMITS, GITHUB_TOKEN, RAW, newest_commit
from dlt_sources.fetch.parts import whole
from dlt_sources.fetch.service import DaySpan, FetchCost, Part, Service

REPOSITORY = "EvanLi/Github-Ranking"
FOLDER, STEM = "Data", "github-ranking-"
WEDNESDAY = 3
FILE_BYTES = 650_000  # mean of the files of 2018 to 2024


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    commit, _ = newest_commit(session, REPOSITORY, "master")
    listing = session.json(f"{API}/repos/{REPOSITORY}/git/trees/{commit}:{FOLDER}")
    if listing.get("truncated"):
        raise FetchError(f"fetch: github_ranking: the listing of {FOLDER} is cut; fetch again later")
    for day, file in _one_a_week(listing["tree"], span, session.have):
        yield whole(
            f"{FOLDER}/{file['path']}",
            f"{RAW}/{REPOSITORY}/{commit}/{FOLDER}/{file['path']}",
            expected={"kind": "csv", "size": file["size"], "git_sha1": file["sha"]},
            observed=day,
        )


def _one_a_week(
    tree: list[dict[str, Any]], span: DaySpan, have: Collection[str]
) -> Iterator[tuple[date, dict[str, Any]]]:
    """Of the days of each whole week of the span the one that we have, or that is nearest to Wednesday."""
    weeks: dict[tuple[int, int], list[tuple[date, dict[str, Any]]]] = defaultdict(list)
    for file in tree:
        if (day := _day(str(file["path"]))) is not None and day in span:
            weeks[day.isocalendar()[:2]].append((day, file))
    for _, days in sorted(weeks.items()):
        sunday = days[0][0] + timedelta(days=7 - days[0][0].isoweekday())
        if sunday <= span.until:
            yield min(
                days,
                key=lambda d: (
                    f"{FOLDER}/{d[1]['path']}" not in have,
                    abs(d[0].isoweekday() - WEDNESDAY),
                    d[0],
                ),
            )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name.removeprefix(STEM).removesuffix(".csv"))
    except ValueError:
        return None


def _estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
    weeks = {day.isocalendar()[:2] for path in have if (day := _day(path.split("/")[-1])) is not None}
    asked = (span.since + timedelta(days=7 * week) for week in range(span.days // 7))
    missing = len({day.isocalendar()[:2] for day in asked} - weeks)
    return FetchCost(2 + missing, missing * FILE_BYTES)


SERVICE = Service(
    source="github_ranking",
    title="GitHub ranking (EvanLi)",
    hosts={"api.github.com": 1.0, "raw.githubusercontent.com": 0.5},
    parts=_parts,
    estimate=_estimate,
    since=date(2018, 12, 18),
    cadence="0 7 * * 4",
    licence="MIT",
    attribution="Evan Li, Github-Ranking (MIT)",
    homepage=f"https://github.com/{REPOSITORY}",
    key=GITHUB_TOKEN,
    **GITHUB_LIMITS,
)
