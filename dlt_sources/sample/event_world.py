"""Who does what in simulated repositories, hour by hour: the event stream before it has a wire format.

People of several places, awake by their local time, star, fork, push and open issues; China's forks of
language models move with the planted events. Truth: ``planted.yml``, keys ``effects`` and ``event_stream``.
Not here: files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from dlt_sources.sample.github_repositories import GOLDEN_WEEK, Repository, github_id, repositories, spread
from dlt_sources.sample.world import TREATED, World

FIRST, LAST = date(2019, 12, 30), date(2025, 6, 29)  # a Monday, a Sunday
KINDS = ("fork", "star", "push", "issue", "pull_request")
RATES = (6.0, 4.0, 0.8, 0.3, 0.3)  # of an average repository and week
FORKS, STARS = 0, 1
GROUPS = {
    "language_model": {"CN": 5, "US": 5, "other": 5, "ZZ": 1},
    "machine_learning": {"CN": 3, "US": 5, "other": 5, "ZZ": 1},
}
DEMAND = {"language_model": 3.0, "machine_learning": 1.0}  # of the common shock, as in the top lists
PEOPLE, BOTS, FARM = 4_000, 4, 400
FIRST_ACTOR = 10_000_001
BOT_RATES = (0.2, 0.0, 0.5, 0.0, 1.0)
FARM_DAY, FARM_HOURS = date(2023, 6, 6), (3, 5)
VIRAL_DAY, VIRAL = date(2025, 1, 20), 3.0  # log points, gone by half in a month


@dataclass(frozen=True)
class Stream:
    """Events in order of time, columns of one length: ``minute`` since ``FIRST``; ``repository``, ``kind``
    and ``actor`` as places in ``repositories``, ``KINDS`` and the actors (people, bots, the farm)."""

    minute: np.ndarray
    repository: np.ndarray
    kind: np.ndarray
    actor: np.ndarray

    def where(self, chosen: np.ndarray) -> Stream:
        return Stream(self.minute[chosen], self.repository[chosen], self.kind[chosen], self.actor[chosen])


class EventWorld:
    """The tracked repositories, the actors and what they did."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.truth: Mapping[str, Any] = world.truth["event_stream"]
        self.places = tuple(self.truth["places"])
        self.repositories = _tracked()

    @cached_property
    def home(self) -> np.ndarray:
        """Place of each of the people, as their shares."""
        shares = np.array([self.truth["places"][place]["share"] for place in self.places])
        return np.repeat(np.arange(len(self.places)), (shares / shares.sum() * PEOPLE).round().astype(int))

    @property
    def actors(self) -> int:
        return len(self.home) + BOTS + FARM

    def actor(self, actor: int) -> dict[str, Any]:
        """Number and login of an actor, as events show them."""
        bot = "[bot]" if self.is_bot(np.array(actor)) else ""
        return {"id": FIRST_ACTOR + actor, "login": f"simulated-{actor}{bot}"}

    def github_id(self, repository: int) -> int:
        """GitHub's number of a repository."""
        return github_id(self.world, self.repositories[repository])

    def is_bot(self, actor: np.ndarray) -> np.ndarray:
        return (actor >= len(self.home)) & (actor < len(self.home) + BOTS)

    @cached_property
    def mondays(self) -> list[date]:
        return [FIRST + timedelta(7 * n) for n in range(((LAST - FIRST).days + 1) // 7)]

    def stream(self) -> Stream:
        """Everything that happened between ``FIRST`` and ``LAST``, whether a collector saw it or not."""
        parts = [self._people(), self._bots(), self._farm()]
        whole = Stream(
            *(np.concatenate(columns) for columns in zip(*(vars(p).values() for p in parts), strict=True))
        )
        inside = (whole.minute >= 0) & (whole.minute < len(self.mondays) * 7 * 24 * 60)
        order = np.argsort(whole.minute[inside], kind="stable")
        return whole.where(np.flatnonzero(inside)[order])

    def _rates(self) -> np.ndarray:
        """Events expected, shape (repositories, weeks, places, kinds)."""
        rng = self.world.rng("github_events/rates")
        starts, ends = self.mondays, [monday + timedelta(7) for monday in self.mondays]
        count, chinese = len(self.repositories), self.places.index(TREATED)
        is_llm = np.array([row.kind == "language_model" for row in self.repositories])
        logs = rng.normal(0, 0.4, (count, 1)) + rng.normal(0, 0.05, len(starts))
        logs = logs + rng.normal(0, 0.15, (count, len(starts)))
        jump = np.array([DEMAND[row.kind] for row in self.repositories])
        logs += np.outer(jump, self.world.demand(starts, ends))
        shares = np.array([self.truth["places"][place]["share"] for place in self.places])
        at_home = np.array([[row.country == place for place in self.places] for row in self.repositories])
        weights = shares * np.where(at_home, self.truth["home"], 1.0)
        rates = (
            np.exp(logs)[:, :, None, None] * (weights / weights.sum(axis=1, keepdims=True))[:, None, :, None]
        )
        rates = np.asarray(rates * np.array(RATES))
        golden = np.array(
            [sum(day.month == 10 and day.day <= 7 for day in _days(monday)) / 7 for monday in starts]
        )
        rates[:, :, chinese] *= np.exp(GOLDEN_WEEK * golden)[:, None]
        for place, kind in enumerate(KINDS[: STARS + 1]):
            steps = self.world.steps(f"llm_repository_{kind}s", starts, ends)
            rates[is_llm, :, chinese, place] *= np.exp(steps)
        weeks = np.array([(monday - VIRAL_DAY).days / 7 for monday in starts])
        fame = np.where(weeks >= 0, VIRAL * 0.5 ** (np.maximum(weeks, 0) / 4), 0.0)
        rates[self.viral, :, :, : STARS + 1] *= np.exp(fame)[:, None, None]
        return rates

    @property
    def viral(self) -> int:
        """Its place in the list: the first language model of a Chinese owner."""
        return next(
            n
            for n, row in enumerate(self.repositories)
            if (row.country, row.kind) == (TREATED, "language_model")
        )

    @property
    def farmed(self) -> int:
        """The repository with bought stars: the last one, of no known owner and no language model."""
        return len(self.repositories) - 1

    def _people(self) -> Stream:
        rng = self.world.rng("github_events/people")
        counts = rng.poisson(self._rates())
        cell = np.repeat(np.arange(counts.size), counts.ravel())
        repository, week, place, kind = np.unravel_index(cell, counts.shape)
        first = np.searchsorted(self.home, np.arange(len(self.places)))
        size = np.bincount(self.home, minlength=len(self.places))
        actor = first[place] + (rng.random(len(cell)) * size[place]).astype(int)
        hours, days = np.array(self.truth["local_hours"]), np.array([1.0] * 5 + [self.truth["weekend"]] * 2)
        hour = rng.choice(24, len(cell), p=hours / hours.sum())
        day = rng.choice(7, len(cell), p=days / days.sum())
        local = ((7 * week + day) * 24 + hour) * 60 + rng.integers(0, 60, len(cell))
        return Stream(local - self._offsets()[place, week], repository, kind, actor)

    def _offsets(self) -> np.ndarray:
        """Minutes of local time before UTC's, shape (places, weeks), as on the week's Wednesday."""
        noons = [datetime.combine(monday + timedelta(2), time(12), UTC) for monday in self.mondays]
        zones = [ZoneInfo(self.truth["places"][place]["zone"]) for place in self.places]
        return np.array([[_minutes(noon.astimezone(zone)) for noon in noons] for zone in zones])

    def _bots(self) -> Stream:
        """At any hour of any day."""
        rng = self.world.rng("github_events/bots")
        counts = rng.poisson(BOT_RATES, (len(self.repositories), len(self.mondays), len(KINDS)))
        repository, week, kind = np.unravel_index(
            np.repeat(np.arange(counts.size), counts.ravel()), counts.shape
        )
        minute = week * 7 * 24 * 60 + rng.integers(0, 7 * 24 * 60, len(week))
        return Stream(minute, repository, kind, len(self.home) + rng.integers(0, BOTS, len(week)))

    def _farm(self) -> Stream:
        rng = self.world.rng("github_events/farm")
        begin = (FARM_DAY - FIRST).days * 24
        minute = 60 * begin + rng.integers(60 * FARM_HOURS[0], 60 * FARM_HOURS[1], FARM)
        actor = len(self.home) + BOTS + np.arange(FARM)
        return Stream(minute, np.full(FARM, self.farmed), np.full(FARM, STARS), actor)


def _days(monday: date) -> list[date]:
    return [monday + timedelta(n) for n in range(7)]


def _minutes(moment: datetime) -> int:
    offset = moment.utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) // 60


def _tracked() -> Sequence[Repository]:
    """The first registered ones of each kind and group of owners, of as many countries as there are."""
    registered = spread(row for row in repositories() if row.kind != "other")
    return [
        row
        for kind, groups in GROUPS.items()
        for group, number in groups.items()
        for row in islice((r for r in registered if (r.kind, _group(r.country)) == (kind, group)), number)
    ]


def _group(country: str) -> str:
    return country if country in ("CN", "US", "ZZ") else "other"
