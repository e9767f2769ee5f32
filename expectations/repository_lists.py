"""Dated lists of repositories with their counters: a list beside the one before it.

A repository keeps its stars from list to list but for few, so that counts of another unit, in the wrong rows
or of another day show in all at once. Bounds are calibrated on the real files. Not here: whole files against
files (``siblings``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from expectations.checks import Check, Suite

LEAST = 50  # repositories in two lists in a row, for a list to be judged


@dataclass(frozen=True)
class Counters:
    """SQL of a table of lists: ``of`` says which list a row is of, ``repository`` what it names there."""

    of: str
    repository: str
    stars: str
    forks: str
    series: str = "''"  # lists of which each has days of its own
    sound: str = "true"  # but for lists that their publisher is known to have broken


RANKINGS = Counters("item", "repo_url", "stars", "forks")
PROJECTS = Counters(
    "collector", "github_id", "star_count", "fork_count", series="collector",
    sound="not (collector = 'dsanr' and observed = date '2026-07-23')",
)  # fmt: skip


def ranking_days(suite: Suite) -> Iterator[Check]:
    """A day of the top lists against the days on either side."""
    yield from _steps(suite, RANKINGS)
    yield _moves(suite, RANKINGS)
    yield from _ranking_lists(suite)


def project_runs(suite: Suite) -> Iterator[Check]:
    """A run of a collector against its run before. Runs of one day may say the same."""
    yield from _steps(suite, PROJECTS)


def _judged(counters: Counters) -> str:
    """CTEs of ``judged``: of each list, what became of the counters of the list before."""
    c = counters
    return (
        f"with seen as (select {c.series} as series, {c.of} as of_list, {c.repository} as repository, "
        f"observed, max({c.stars}) as stars, max({c.forks}) as forks from data where {c.sound} group by "
        "all), beside as (select *, lag(stars) over days as before, lag(forks) over days as forks_before, "
        "date_diff('day', lag(observed) over days, observed) as gap from seen window days as (partition by "
        "of_list, repository order by observed)), judged as (select series, observed, count(*) as "
        "repositories, median(stars / greatest(before, 1)) as factor, median(forks / greatest(forks_before, "
        "1)) as forks_factor, avg((stars between 0.8 * before and 1.5 * before)::int) as near_share, "
        "avg((stars = before)::int) as equal_share from beside where gap <= 20 and before >= 100 group by "
        f"series, observed having count(*) >= {LEAST})"
    )


def _steps(suite: Suite, counters: Counters) -> Iterator[Check]:
    for name, column, low, high, fault in (
        (
            "stars_rise_slowly", "factor", 0.98, 1.15,
            "all counters jump at once: another unit or one inflated day",
        ),
        (
            "forks_rise_slowly", "forks_factor", 0.95, 1.2,
            "all counters of forks jump at once: columns exchanged",
        ),
        (
            "repositories_keep_their_stars", "near_share", 0.8, None,
            "counts stand in the rows of other repositories",
        ),
    ):  # fmt: skip
        yield _beside(suite, counters, name, column, low, high, fault)


def _moves(suite: Suite, counters: Counters) -> Check:
    fault = "nearly no counter moved: the day before under another date"
    return _beside(suite, counters, "days_move", "equal_share", None, 0.7, fault)


def _beside(
    suite: Suite,
    counters: Counters,
    name: str,
    column: str,
    low: float | None,
    high: float | None,
    fault: str,
) -> Check:
    return suite.between(
        name, "error", f"From one day of the lists to the next {fault}. Fetch the day again.",
        f"{_judged(counters)} select * from judged", column, low=low, high=high,
    )  # fmt: skip


def _ranking_lists(suite: Suite) -> Iterator[Check]:
    yield suite.between(
        "last_commits_near_the_day", "error",
        "The newest commit of a day's lists lies days before or after the day: another day's file. Fetch it "
        "again.",
        "select observed, date_diff('day', max(last_commit)::date, observed) as lag_days from data group by "
        "observed",
        "lag_days", low=-2, high=3,
    )  # fmt: skip
    yield suite.between(
        "lists_in_order", "error",
        "Lists by stars are not in the order of their stars: counts in the wrong rows. Fetch the day again.",
        "with placed as (select observed, stars > lag(stars) over (partition by observed, item order by "
        "rank) as rises from data where item <> 'top-100-forks') select observed, avg(rises::int) as "
        "rising_share from placed group by observed having count(*) >= 50",
        "rising_share", high=0.15,
    )  # fmt: skip
