"""Simulated best-of lists: weekly levels of two collectors, with the faults that the real ones have."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import islice

import numpy as np

from dlt_sources.sample.github_repositories import GOLDEN_WEEK, Repository, repositories, spread
from dlt_sources.sample.world import TREATED, World, Written

OUTCOME = "ml_library_stars_gained"
FIRST_RUN, LAST_RUN = date(2020, 12, 3), date(2026, 6, 25)
NUMBER = {"CN": 14, "US": 20, "ZZ": 8}
OTHERS = 38
GAPS = ((date(2021, 6, 4), date(2021, 6, 28)), (date(2024, 6, 7), date(2024, 9, 4)))
REPEATED = date(2021, 1, 1)
ML_TOOLING_UNTIL, DSANR_FROM = date(2025, 6, 26), date(2024, 5, 30)
NEW_COLUMNS_FROM = date(2022, 9, 1)
FLIPS = date(2023, 4, 6)
PURGE = date(2023, 3, 2)
OLD_HEADER = (
    ",name,github_id,category,commit_count,fork_count,closed_issue_count,star_count,contributor_count"
)
NEW_HEADER = (
    ",name,github_id,category,resource,fork_count,star_count,commit_count,closed_issue_count,"
    "contributor_count,updated_github_id"
)


def write(world: World) -> Mapping[str, Written]:
    chosen = _chosen()
    runs = list(_runs())
    levels = _levels(world, chosen, runs)
    files: dict[str, Written] = {}
    for t, day in enumerate(runs):
        if day <= ML_TOOLING_UNTIL and not any(start <= day <= end for start, end in GAPS):
            files.update(_file("ml-tooling", day, chosen, levels[:, t]))
        if day >= DSANR_FROM:
            files |= _file(
                "dsanr", day, chosen[3:], levels[3:, t] + 2
            )  # another hour, a list nearly the same
    before = runs.index(REPEATED - timedelta(1))
    files.update(_file("ml-tooling", REPEATED, chosen, levels[:, before]))
    return files


def _chosen() -> list[Repository]:
    """Registered machine learning first; other kinds fill the groups, since the sample needs donors."""
    everyone = sorted(repositories(), key=lambda r: (r.kind != "machine_learning", r.names[-1][1]))
    registered = [r for r in everyone if r.kind != "other"]
    named = [r for c, n in NUMBER.items() for r in islice((r for r in registered if r.country == c), n)]
    return named + list(islice(spread(r for r in registered if r.country not in NUMBER), OTHERS))


def _runs() -> Iterator[date]:
    day = FIRST_RUN
    while day <= LAST_RUN:
        yield day
        day += timedelta(7)


def _levels(world: World, chosen: list[Repository], runs: list[date]) -> np.ndarray:
    """Stars, shape (repositories, runs)."""
    rng = world.rng("best_of_ml/levels")
    starts = [day - timedelta(7) for day in runs]
    logs = rng.normal(3.0, 0.4, (len(chosen), 1)) + rng.normal(0, 0.05, len(runs))
    logs = logs + rng.normal(0, 0.2, logs.shape)
    golden = np.array([day.month == 10 and day.day <= 8 for day in runs])
    chinese = np.array([r.country == TREATED for r in chosen])
    logs = logs + np.outer(chinese, world.steps(OUTCOME, starts, runs) + GOLDEN_WEEK * golden)
    levels = 1000 + rng.poisson(np.exp(logs)).cumsum(axis=1)
    levels -= 60 * np.array([day >= PURGE for day in runs])  # a clean-up: every count falls at once
    flips = np.array([day >= FLIPS and (day - FLIPS).days // 7 % 4 < 2 for day in runs])
    levels[-1] = np.where(flips, levels[-1] // 9, levels[-1])  # deepmatcher's trouble
    return np.asarray(levels)


def _file(collector: str, day: date, chosen: list[Repository], stars: np.ndarray) -> Mapping[str, Written]:
    new = day >= NEW_COLUMNS_FROM
    lines = [NEW_HEADER if new else OLD_HEADER]
    for n, (row, s) in enumerate(zip(chosen, stars.tolist(), strict=True)):
        name, moved = row.names[0][1], row.names[-1][1]
        forks, commits, closed, people = s // 4, 300 + s // 3, 100 + s // 6, 20 + s // 90
        if new:
            moved = moved if moved != name else ""
            lines.append(f"{n},{name},{name},nlp,,{forks}.0,{s}.0,{commits}.0,{closed}.0,{people}.0,{moved}")
        else:
            lines.append(f"{n},{name},{name},nlp,{commits}.0,{forks}.0,{closed}.0,{s}.0,{people}.0")
    if new:
        lines.append(f"{len(chosen)},Lists,ml-tooling/best-of-python,nlp,True,90.0,900.0,90.0,9.0,9.0,")
    text = "\n".join([*lines, ""]).encode()
    return {f"{collector}/{day}_projects.csv.gz": Written(gzip.compress(text, 1, mtime=0), day)}
