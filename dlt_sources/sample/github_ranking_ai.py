"""Simulated daily lists of language-model repositories: two lists, one of them renamed."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from dlt_sources.sample.github_repositories import GOLDEN_WEEK, Repository, repositories
from dlt_sources.sample.world import TREATED, World, Written

HEADER = "rank,item,repo_name,stars,forks,language,repo_url,username,issues,last_commit,description"
OUTCOME = "open_llm_stars_gained"
FIRST_DAY, LAST_DAY = date(2023, 5, 18), date(2026, 6, 24)
DAILY_UNTIL = date(2023, 6, 30)
RENAMED = date(2025, 3, 4)
GAP = (date(2025, 2, 18), date(2025, 3, 3))
LENGTH = 40
LISTED = 70


def write(world: World) -> Mapping[str, Written]:
    chosen = [r for r in repositories() if r.kind == "language_model" and r.first_observed < FIRST_DAY][
        :LISTED
    ]
    days = [FIRST_DAY + timedelta(n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
    stars = _levels(world, chosen, days)
    files = {}
    for t, day in enumerate(days):
        if (day <= DAILY_UNTIL or day.weekday() == 2) and not GAP[0] <= day <= GAP[1]:
            lines = [
                HEADER,
                *_list("LLM", day, chosen, stars[:, t]),
                *_list("chatGPT", day, chosen, stars[:, t]),
            ]
            text = "\n".join([*lines, ""]).encode()
            files[f"github-ranking-{day}.csv.gz"] = Written(gzip.compress(text, 1, mtime=0), day)
    return files


def _levels(world: World, chosen: list[Repository], days: list[date]) -> np.ndarray:
    """Stars at the start of each day, shape (repositories, days)."""
    rng = world.rng("github_ranking_ai/levels")
    ends = [day + timedelta(1) for day in days]
    logs = (
        rng.normal(2.5, 0.4, (len(chosen), 1))
        + np.repeat(rng.normal(0, 0.1, len(days) // 7 + 1), 7)[: len(days)]
    )
    chinese = np.array([r.country == TREATED for r in chosen])
    golden = np.array([day.month == 10 and day.day <= 7 for day in days])
    logs = logs + np.outer(chinese, world.steps(OUTCOME, days, ends) + GOLDEN_WEEK * golden)
    gained = rng.poisson(np.exp(logs))
    return np.asarray(rng.integers(2_000, 9_000, (len(chosen), 1)) + gained.cumsum(axis=1) - gained)


def _list(item: str, day: date, chosen: list[Repository], stars: np.ndarray) -> list[str]:
    """The top of one list: the second is called minutes later, and holds every other repository."""
    second = item != "LLM"
    there = [i for i in np.argsort(-stars, kind="stable").tolist() if not second or i % 2][:LENGTH]
    item = "ChatGPT" if second and day >= RENAMED else item
    rows = []
    for rank, i in enumerate(there, start=1):
        owner, _, name = chosen[i].name_on(day).partition("/")
        count = int(stars[i]) + second
        pushed = day - timedelta(i % 11)
        rows.append(
            f"{rank},{item},{name},{count},{count // 6},Python,https://github.com/{owner}/{name},{owner},"
            f'{count % 97},{pushed}T03:00:00Z,"A language model, simulated"'
        )
    return rows
