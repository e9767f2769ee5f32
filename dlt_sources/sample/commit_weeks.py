"""Simulated commit histories: weekly counts by clock, with the faults that clocks have."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import cycle, islice

import numpy as np

from dlt_sources.sample.github_repositories import GOLDEN_WEEK, Repository, repositories, spread
from dlt_sources.sample.world import FIRST, LAST, TREATED, World, Written

OUTCOME = "open_ml_commits"
GROUPS = {"CN": 9, "US": 9, "other": 30, "ZZ": 2}
KINDS = ("llm", "nlp", "dl", "speech", "llm_app")
SNAPSHOT = date(2026, 6, 28)
DIED = date(2024, 11, 18)
# clock in winter and in summer, and the weight of each, by group of owners
CLOCKS: Mapping[str, Sequence[tuple[str, str, float]]] = {
    "CN": (("+0800", "+0800", 0.85), ("+0000", "+0000", 0.11), ("-0800", "-0700", 0.04)),
    "US": (("-0800", "-0700", 0.5), ("-0500", "-0400", 0.3), ("+0530", "+0530", 0.2)),
    "other": (("+0100", "+0200", 0.8), ("+0000", "+0000", 0.15), ("+0900", "+0900", 0.05)),
    "ZZ": (("+0800", "+0800", 0.4), ("+0000", "+0000", 0.3), ("-0300", "-0300", 0.3)),
}  # fmt: skip
CHINAS_CLOCK = "+0800"
MORTAL = ("US", "ZZ")  # not China or donors: a death in these days would be an effect that nobody planted


def write(world: World) -> Mapping[str, Written]:
    chosen = _chosen()
    mondays = [FIRST + timedelta(7 * n - FIRST.weekday()) for n in range((LAST - FIRST).days // 7 + 1)]
    cells = {row.names[-1][1]: list(_history(world, row, group, mondays)) for group, row in chosen}
    lines = ["repository,week,utc_offset,web_flow,commits,authors"]
    for name, history in cells.items():
        lines += [f"{name},{week},{clock},{web},{n},{(n + 2) // 3}" for week, clock, web, n in history]
    listed = ["repo,owner_country,kind,commit,commit_date,commits,bot_commits_left_out,share_plus0800,"
              "share_plus0000,first_week,last_week"]  # fmt: skip
    for (_, row), kind, history in zip(chosen, cycle(KINDS), cells.values(), strict=False):
        listed.append(_listed(row, kind, history))
    texts = {
        "commit_weeks.csv.gz": lines,
        "repositories.csv.gz": listed,
        "author_months.csv.gz": _author_months(chosen, cells),
    }
    return {
        path: Written(gzip.compress(("\n".join([*text, ""])).encode(), 1, mtime=0))
        for path, text in texts.items()
    }


def _group(country: str) -> str:
    return country if country in GROUPS else "other"


def _chosen() -> list[tuple[str, Repository]]:
    """The first registered repositories of each group of owners, of as many countries as there are."""
    registered = spread(row for row in repositories() if row.kind != "other")
    return [
        (group, row)
        for group, number in GROUPS.items()
        for row in islice((r for r in registered if _group(r.country) == group), number)
    ]


def _history(
    world: World, row: Repository, group: str, mondays: list[date]
) -> Iterator[tuple[date, str, int, int]]:
    """Week, clock, whether by the web merge, commits: none where nobody committed."""
    name = row.names[-1][1]
    rng = world.rng(f"commit_weeks/{name}")
    ends = [monday + timedelta(7) for monday in mondays]
    dies = rng.random() < 0.3 and group in MORTAL  # before the histories are read
    last = DIED if dies else SNAPSHOT
    born = int(rng.integers(0, 100))  # by the end of 2020, so that all are of the cohort
    logs = 2.0 + rng.normal(0, 0.4) + world.rng("commit_weeks/common").normal(0, 0.05, len(mondays))
    logs = logs + rng.normal(0, 0.3, len(mondays))
    golden = np.array([end.month == 10 and end.day <= 8 for end in ends])
    moves = world.steps(OUTCOME, mondays, ends) + GOLDEN_WEEK * golden
    clocks = CLOCKS[group]
    weights = np.repeat([weight / 2 for _, _, weight in clocks], 2)
    # who works for a Chinese owner, and whoever keeps China's clock for an owner nobody knows
    chinese = np.repeat([row.country == TREATED or clock == CHINAS_CLOCK for clock, *_ in clocks], 2)
    counts = rng.poisson(np.exp(logs[:, None] + np.outer(moves, chinese)) * weights)
    for t in range(born, len(mondays)):
        if mondays[t] > last:
            return
        summer = 4 <= mondays[t].month <= 10
        for cell in np.flatnonzero(counts[t]).tolist():
            winter_clock, summer_clock, _ = clocks[cell // 2]
            clock = summer_clock if summer else winter_clock
            yield mondays[t], clock, cell % 2, int(counts[t, cell])


def _listed(row: Repository, kind: str, history: list[tuple[date, str, int, int]]) -> str:
    total = sum(n for *_, n in history)
    shares = [sum(n for _, clock, _, n in history if clock == c) / total for c in ("+0800", "+0000")]
    last = history[-1][0]
    at = f"{last + timedelta(6)}T20:00:00+08:00"
    return (
        f"{row.names[-1][1]},{row.country},{kind},{'0' * 40},{at},{total},7,"
        f"{shares[0]:.3f},{shares[1]:.3f},{history[0][0]},{last}"
    )


def _author_months(
    chosen: list[tuple[str, Repository]], cells: Mapping[str, list[tuple[date, str, int, int]]]
) -> list[str]:
    """Authors by month and clock: a third of the month's commits, at least one."""
    groups = {row.names[-1][1]: {"US": "other"}.get(group, group) for group, row in chosen}
    commits: Counter[tuple[str, str, str]] = Counter()
    for name, history in cells.items():
        for week, clock, _, n in history:
            for group in (groups[name], "all"):
                commits[f"{week:%Y-%m}", clock, group] += n
    rows = (f"{','.join(key)},{(n + 2) // 3}" for key, n in sorted(commits.items()))
    return ["month,utc_offset,owner_group,distinct_authors", *rows]
