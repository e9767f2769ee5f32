"""Simulated trending pages: Markdown a day, JSON of the same list a day later, failed scrapes, holes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from dlt_sources.sample.github_repositories import Repository, attention, repositories
from dlt_sources.sample.world import FIRST, LAST, World, Written

DAY = timedelta(days=1)
HOLES = (
    (date(2019, 1, 7), date(2019, 1, 9)),
    (date(2020, 10, 10), date(2020, 11, 15)),
    (date(2022, 10, 2), date(2022, 10, 2)),
    (date(2022, 12, 3), date(2022, 12, 10)),
    (date(2023, 6, 19), date(2023, 6, 19)),
    (date(2024, 12, 3), date(2024, 12, 3)),
    (date(2025, 4, 26), date(2025, 5, 1)),
)
FAILED = (date(2019, 11, 27), date(2020, 11, 16), date(2022, 12, 20), date(2024, 12, 20), date(2026, 1, 7))
JSON_SPANS = (
    (date(2021, 12, 31), date(2022, 1, 31)),
    (date(2022, 9, 15), date(2023, 1, 15)),
    (date(2024, 11, 18), date(2025, 1, 15)),
)
JSON_ABSENT = (date(2022, 10, 8),)
SHORT_LISTS_FROM = date(2024, 5, 20)
COMMON_ROWS = 2  # rows of the sections that nobody compares over time
HINDSIGHT_DAY = date(2023, 3, 1)
HINDSIGHT = "simulated-owner-001/vision-001"  # trends for years before it speaks of language models


def write(world: World) -> Mapping[str, Written]:
    days = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]
    lists = _lists(world, days)
    files: dict[str, Written] = {}
    for day in days:
        if any(start <= day <= end for start, end in HOLES):
            continue
        month = f"{day:%Y/%Y-%m}" if day.year < 2026 else f"{day:%Y-%m}"
        page = f"### {day}\n" if day in FAILED else _markdown(day, lists[day])
        packed = gzip.compress(page.encode(), 1, mtime=0)
        files[f"larsbijl/{month}/{day}.md.gz"] = Written(packed, day)
    for start, end in JSON_SPANS:
        for day in (start + n * DAY for n in range((end - start).days + 1)):
            if day not in JSON_ABSENT:
                for language, names in (("python", lists[day - DAY]), (None, lists[day - DAY][:5])):
                    files[f"archive/repository/{day:%Y}/{day}/{language or '(null)'}.json"] = Written(
                        _json(day, language, names), day
                    )
    return files


def _lists(world: World, days: list[date]) -> dict[date, list[tuple[str, str]]]:
    """The day's (name, description) in order: those with the highest attention, which lasts some days."""
    everyone, rng = repositories(), world.rng("github_trending")
    level = rng.normal(0.0, 1.0, len(everyone))
    lasting = rng.normal(0.0, 1.5, (len(everyone), len(days) // 4 + 1)).repeat(4, axis=1)[:, : len(days)]
    first = np.array([max(r.first_observed, date(2000, 1, 1)).toordinal() for r in everyone])
    score = level[:, None] + attention(world, days, [day + DAY for day in days]) + lasting
    score[first[:, None] > np.array([day.toordinal() for day in days])[None, :]] = -np.inf
    order = np.argsort(-score, axis=0, kind="stable")[:25]
    return {
        day: [_entry(everyone[i], day) for i in order[: 25 if day < SHORT_LISTS_FROM else 16, t]]
        for t, day in enumerate(days)
    }


def _entry(repository: Repository, day: date) -> tuple[str, str]:
    name = repository.name_on(day)
    if name == HINDSIGHT and day >= HINDSIGHT_DAY:
        return name, "Now with a large language model"
    return name, repository.description


def _markdown(day: date, entries: list[tuple[str, str]]) -> str:
    def rows(some: list[tuple[str, str]]) -> str:
        return "\n".join(f"* [{name}](https://github.com/{name}): {text}" for name, text in some)

    others = ["go", "cpp", "javascript"]
    others += ["coffeescript"] if day.year < 2020 else ["rust", "typescript"]
    sections = [("python", entries)] + [(other, entries[-COMMON_ROWS:]) for other in others]
    return f"### {day}\n" + "".join(f"\n#### {language}\n{rows(some)}\n" for language, some in sections)


def _json(day: date, language: str | None, entries: list[tuple[str, str]]) -> bytes:
    page = {"date": day.isoformat(), "language": language, "list": [name for name, _ in entries]}
    return json.dumps(page, separators=(",", ":")).encode()
