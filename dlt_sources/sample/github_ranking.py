"""Simulated ranking files: weekly top lists with the faults that the real ones have."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

import numpy as np

from dlt_sources.sample.github_repositories import attention, repositories
from dlt_sources.sample.world import FIRST, LAST, World, Written

HEADER = "rank,item,repo_name,stars,forks,language,repo_url,username,issues,last_commit,description"
WEEK = timedelta(days=7)
GAPS = ((date(2021, 10, 2), date(2021, 12, 17)), (date(2024, 10, 24), date(2025, 1, 7)))
SHORT = (date(2022, 6, 1), date(2022, 6, 8), date(2022, 8, 5))
FALSE_LISTS = (date(2022, 6, 15), date(2024, 4, 8))
REPEATED_ROWS = (date(2021, 12, 31), date(2024, 4, 30))
PURGE = date(2024, 2, 21)
CRLF_UNTIL = date(2019, 4, 20)
TYPESCRIPT_FROM = date(2021, 8, 20)
LINES_REMOVED_FROM = date(2025, 1, 1)
LANGUAGES = ("Python", "CPP", "TypeScript")


def write(world: World) -> Mapping[str, Written]:
    days = _days()
    stars, forks, language = _counts(world, days)
    rng = world.rng("github_ranking/lists")
    files: dict[str, Written] = {}
    for t, day in enumerate(days):
        lines = _file(day, stars[:, t], forks[:, t], language, rng)
        end = "\r\n" if day <= CRLF_UNTIL else "\n"
        text = (HEADER + end + end.join(lines) + end).encode()
        folder = "Data" if day < LINES_REMOVED_FROM else "Data-lines-removed"
        files[f"{folder}/github-ranking-{day}.csv.gz"] = Written(gzip.compress(text, 1, mtime=0), day)
    return files


def _days() -> list[date]:
    """Wednesdays, one of them moved to Friday, without those that fall into the gaps."""
    first = FIRST + timedelta(days=(2 - FIRST.weekday()) % 7)
    wednesdays = [first + n * WEEK for n in range((LAST - first).days // 7 + 1)]
    days = [date(2022, 8, 5) if day == date(2022, 8, 3) else day for day in wednesdays]
    return [day for day in days if not any(start <= day <= end for start, end in GAPS)]


def _hour(day: date) -> int:
    """The hour at which the lists were called: it moved over the years, and flows jump with it."""
    return {2019: 11, 2020: 3, 2021: 2, 2022: 12, 2023: 3, 2024: 3}.get(day.year, 4)


def _counts(world: World, days: list[date]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stars and forks, shape (repositories, files), 0 before a repository exists; its language."""
    everyone, rng = repositories(), world.rng("github_ranking/counts")
    calls = np.array([day.toordinal() + _hour(day) / 24 for day in days])
    spans = np.diff(calls, prepend=calls[0] - 7)
    noise = rng.normal(0.0, 0.3, (len(everyone), len(days)))
    rate = np.exp(
        rng.normal(3.0, 0.8, (len(everyone), 1)) + attention(world, days, [d + WEEK for d in days]) + noise
    )
    first = np.array([max(r.first_observed, FIRST).toordinal() for r in everyone])
    alive = first[:, None] <= np.array([day.toordinal() for day in days])[None, :]
    gained = np.where(alive, rate * spans, 0.0)
    start = np.exp(rng.normal(9.0, 0.5, (len(everyone), 1)))
    stars = np.where(alive, start + gained.cumsum(axis=1), 0.0)
    forks = 0.2 * stars
    purged = np.array([day >= PURGE for day in days])
    forks = forks - purged * 0.01 * forks[:, [int(purged.argmax())]] * alive
    language = rng.choice(len(LANGUAGES), len(everyone), p=(0.55, 0.4, 0.05))
    return stars.astype(np.int64), forks.astype(np.int64), language


def _file(
    day: date, stars: np.ndarray, forks: np.ndarray, language: np.ndarray, rng: np.random.Generator
) -> list[str]:
    everyone = repositories()
    length = 60 if day in SHORT else 100
    lists = [("top-100-stars", stars, stars > 0), ("top-100-forks", forks, stars > 0)]
    for n, name in enumerate(LANGUAGES):
        if name != "TypeScript" or day >= TYPESCRIPT_FROM:
            lists.append((name, stars, (stars > 0) & (language == n)))
    levels, forked, languages = stars.tolist(), forks.tolist(), language.tolist()
    pushed = [f"{day}T{_hour(day) - 1:02}:{59 - minute:02}:00Z" for minute in range(60)]
    lines: list[str] = []
    for name, by, there in lists:
        order = np.argsort(-np.where(there, by, -1), kind="stable")[: int(there.sum())]
        if FALSE_LISTS[0] <= day <= FALSE_LISTS[1] and name in LANGUAGES and day.day > 14:
            order = order[rng.random(len(order)) < 0.6]  # upstream's search loses repositories
        order = order[:length]
        if REPEATED_ROWS[0] <= day <= REPEATED_ROWS[1] and len(order) == length:
            order[-2:] = order[:2]  # repeated rows displace others
        later = 3 if name == "top-100-forks" else 0  # called minutes after the others
        rows = []
        for rank, i in enumerate(order.tolist(), start=1):
            short, middle, end = _constant(everyone[i].name_on(day), languages[i], everyone[i].description)
            count = levels[i] + later
            rows.append(
                f"{rank},{name},{short},{count},{forked[i]}{middle}{count % 97},{pushed[rank % 60]}{end}"
            )
        if day >= LINES_REMOVED_FROM and name == "Python":
            del rows[40:41]  # a whole record taken out; the ranks keep their gap
        lines += rows
    return lines


@cache
def _constant(full_name: str, language: int, description: str) -> tuple[str, str, str]:
    """The parts of a row that stay while the name does: short name, what follows forks, the end."""
    owner, _, name = full_name.partition("/")
    written = ("Python", "C++", "TypeScript")[language]
    return name, f",{written},https://github.com/{full_name},{owner},", f',"{description}"'
