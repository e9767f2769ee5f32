"""SIMULATED worlds of forks by hour, in which who forked is known: the truth that methods are held against.

A world is counts by repository, week and hour of the UTC week, as hour files of events are reduced to, with
labelled actors' hours beside it; its numbers stand in ``simulated_worlds.yml``. Hours of people are those of
``profiles``. Not here: what a method makes of a world, holidays' dates (the caller's calendar).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from event_study.clock.profiles import HERE, Clock, Profile, Strict, Zones, hours_of, stated_in, utc_week
from event_study.errors import SpecError

HOURS = 168
WINTER = date(2024, 1, 15)  # a Monday on which no clock of the file is forward
WEEK = timedelta(7)
Hour = Annotated[int, Field(ge=0, le=23)]
OffDays = Mapping[str, Sequence[tuple[date, date]]]  # place -> first and last day of its holidays


class WorldPlace(Strict):
    share: PositiveFloat
    zones: dict[str, NonNegativeFloat]


class Weekly(Strict):
    sd: NonNegativeFloat
    persistence: float = Field(ge=0, lt=1)


class Labelled(Strict):
    actors: PositiveInt
    events: PositiveFloat
    likeness: PositiveFloat


class Gap(Strict):
    """Hours of the day in which no fork was recorded."""

    first: date
    last: date
    hours: tuple[Hour, Hour]
    why: str


class BotFarm(Strict):
    first: date
    forks: PositiveFloat
    hours: tuple[Hour, Hour]


class Viral(Strict):
    first: date
    weeks: PositiveInt
    multiple: PositiveFloat


class StatedWorld(Strict):
    """``rise``: additional events at each event, as a share of the place's first level."""

    rise: dict[str, float]
    has_daylight_saving: bool = False
    at_work_on_holidays: float = Field(1.0, ge=0, le=1)
    gaps: tuple[Gap, ...] = ()
    bot_farm: BotFarm | None = None
    viral: Viral | None = None


class WorldsFile(Strict):
    first_week: date
    weeks: PositiveInt
    events: tuple[date, ...]
    repositories: PositiveInt
    forks: PositiveFloat
    sizes: NonNegativeFloat
    weekly: Weekly
    profile: str
    places: dict[str, WorldPlace]
    labelled: Labelled
    worlds: dict[str, StatedWorld]

    @property
    def mondays(self) -> list[date]:
        return [self.first_week + week * WEEK for week in range(self.weeks)]

    @property
    def levels(self) -> dict[str, float]:
        """Forks a repository-week of each place before the first event."""
        total = sum(place.share for place in self.places.values())
        return {name: self.forks * place.share / total for name, place in self.places.items()}


@dataclass(frozen=True)
class WorldCounts:
    """Forks by repository, week and hour of the UTC week (R, W, 168), 0 = Monday 00:00: ``people`` and
    ``bots``; ``is_complete`` (W, 168): whether forks of the hour were recorded; ``weeks`` (W) Mondays.

    ``labelled``: of each place counts (U, 2, 24) of actors known to live there, by UTC hour, in weeks of
    standard and of daylight saving time; ``daylight``: of each place the share (W) of a week's days on which
    its clocks are forward. ``truth``: each place's mean change at an event, forks a repository-week.
    """

    weeks: tuple[date, ...]
    people: np.ndarray
    bots: np.ndarray
    is_complete: np.ndarray
    labelled: Mapping[str, np.ndarray]
    daylight: Mapping[str, np.ndarray]
    truth: Mapping[str, float]

    def rows(self) -> pd.DataFrame:
        """The counts as rows of reduced hour files, none of 0: repository, week, hour_of_week, event, is_bot,
        events."""
        parts = []
        for counts, is_bot in ((self.people, False), (self.bots, True)):
            at = np.nonzero(counts)
            named = [f"simulated/repository-{one:02d}" for one in range(len(counts))]
            parts.append(
                pd.DataFrame(
                    {
                        "repository": np.asarray(named)[at[0]],
                        "week": np.asarray(self.weeks)[at[1]],
                        "hour_of_week": at[2],
                        "event": "fork",
                        "is_bot": is_bot,
                        "events": counts[at].astype(np.int64),
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)


def load_worlds(file: Path = HERE / "simulated_worlds.yml") -> WorldsFile:
    """The worlds of a file. Raises ``SpecError`` for what cannot be read, a first week that begins on no
    Monday, a rise in a place that the file does not have."""
    stated = stated_in(file, WorldsFile)
    if stated.first_week.weekday():
        raise SpecError(f"{file.name}: first_week: {stated.first_week}, expected a Monday")
    for name, world in stated.worlds.items():
        if strange := sorted(set(world.rise) - set(stated.places)):
            raise SpecError(f"{file.name}: worlds.{name}.rise: {strange[0]}, expected a place of the file")
    return stated


def simulate(name: str, stated: WorldsFile, clock: Clock, seed: int, off: OffDays) -> WorldCounts:
    """One world: counts are Poisson around size x sum over places of level x share of the hour.

    A place's level rises at each event and moves with a weekly disturbance that its repositories share. The
    same seed gives the same counts. Raises ``KeyError`` for a world that the file does not have.
    """
    world, profile = stated.worlds[name], clock.profiles[stated.profile]
    rng = np.random.default_rng([seed, *name.encode()])
    mondays = stated.mondays
    daylight = {
        place: _daylight(one.zones, mondays) if world.has_daylight_saving else np.zeros(len(mondays))
        for place, one in stated.places.items()
    }
    rate = np.zeros((len(mondays), HOURS))
    for place, one in stated.places.items():
        hours = _hours(profile, one.zones, mondays, daylight[place])
        hours *= _at_work(mondays, off.get(place, ()), world.at_work_on_holidays)
        rate += _levels(stated, place, world, mondays, rng)[:, None] * hours
    sizes = np.exp(rng.normal(0, stated.sizes, stated.repositories))
    mean = (sizes / sizes.mean())[:, None, None] * rate
    if world.viral is not None:
        begun = _week(mondays, world.viral.first)
        mean[np.argsort(sizes)[len(sizes) // 4], begun : begun + world.viral.weeks] *= world.viral.multiple
    people = rng.poisson(mean).astype(np.int32)
    bots = _bots(world, people.shape, mondays, rng)
    is_complete = _complete(world, mondays)
    return WorldCounts(
        weeks=tuple(mondays),
        people=people * is_complete,
        bots=bots * is_complete,
        is_complete=is_complete,
        labelled={
            place: _labelled(stated.labelled, profile, one.zones, bool(daylight[place].any()), rng)
            for place, one in stated.places.items()
        },
        daylight=daylight,
        truth={place: world.rise.get(place, 0.0) * level for place, level in stated.levels.items()},
    )


def first_hours(stated: WorldsFile, clock: Clock) -> dict[str, np.ndarray]:
    """Shares (24,) of each place's events by UTC hour while no clock is forward."""
    profile = clock.profiles[stated.profile]
    return {name: hours_of(utc_week(profile, place.zones, WINTER)) for name, place in stated.places.items()}


def _week(mondays: Sequence[date], day: date) -> int:
    """Position of the week that holds a day."""
    return (day - mondays[0]).days // 7


def _daylight(zones: Zones, mondays: Sequence[date]) -> np.ndarray:
    """Share (W) of a week's days on which the clocks of the first zone are forward at noon; a place's zones
    change within hours of each other."""
    zone = ZoneInfo(next(iter(zones)))
    noon = datetime(mondays[0].year, mondays[0].month, mondays[0].day, 12, tzinfo=UTC)
    days = [noon + timedelta(day) for day in range(7 * len(mondays))]
    forward = [bool(day.astimezone(zone).dst()) for day in days]
    return np.asarray(np.asarray(forward, dtype=float).reshape(-1, 7).mean(axis=1))


def _hours(profile: Profile, zones: Zones, mondays: Sequence[date], daylight: np.ndarray) -> np.ndarray:
    """Shares (W, 168) of a place's week; weeks of one state of the clocks are one another's."""
    if not daylight.any():
        return np.tile(utc_week(profile, zones, WINTER).ravel(), (len(mondays), 1))
    turns = np.diff(daylight, prepend=daylight[0])  # a week that springs forward is no week that falls back
    states, of = np.unique(np.stack([daylight, np.sign(turns)]), axis=1, return_inverse=True)
    firsts = [int(np.argmax(of.ravel() == state)) for state in range(states.shape[1])]
    weeks = np.stack([utc_week(profile, zones, mondays[first]).ravel() for first in firsts])
    return np.asarray(weeks[of.ravel()])


def _at_work(mondays: Sequence[date], off: Sequence[tuple[date, date]], share: float) -> np.ndarray:
    """Activity (W, 168) as a share of the usual: ``share`` on days off, UTC dates."""
    usual = np.ones((len(mondays) * 7, 24))
    for first, last in off:
        begun = (first - mondays[0]).days
        usual[max(begun, 0) : max((last - mondays[0]).days + 1, 0)] = share
    return np.asarray(usual.reshape(len(mondays), HOURS))


def _levels(
    stated: WorldsFile, place: str, world: StatedWorld, mondays: Sequence[date], rng: np.random.Generator
) -> np.ndarray:
    """Forks of a place a repository-week (W)."""
    noise = rng.normal(0, stated.weekly.sd * np.sqrt(1 - stated.weekly.persistence**2), len(mondays))
    path = np.empty(len(mondays))
    path[0] = rng.normal(0, stated.weekly.sd)
    for week in range(1, len(path)):
        path[week] = stated.weekly.persistence * path[week - 1] + noise[week]
    begun = np.asarray([_week(mondays, day) for day in stated.events])
    passed = (np.arange(len(mondays))[:, None] >= begun).sum(axis=1)
    level = stated.levels[place] * (1 + world.rise.get(place, 0.0) * passed)
    return np.asarray(level * np.exp(path - stated.weekly.sd**2 / 2))


def _bots(
    world: StatedWorld, shape: tuple[int, ...], mondays: Sequence[date], rng: np.random.Generator
) -> np.ndarray:
    counts = np.zeros(shape, dtype=np.int32)
    if world.bot_farm is not None:
        at = _at_hours(*world.bot_farm.hours)
        begun = _week(mondays, world.bot_farm.first)
        mean = world.bot_farm.forks / shape[0] / len(at)
        counts[:, begun:, at] = rng.poisson(mean, (shape[0], shape[1] - begun, len(at)))
    return counts


def _complete(world: StatedWorld, mondays: Sequence[date]) -> np.ndarray:
    whole = np.ones((len(mondays) * 7, 24), dtype=bool)
    for gap in world.gaps:
        days = slice((gap.first - mondays[0]).days, (gap.last - mondays[0]).days + 1)
        whole[days, gap.hours[0] : gap.hours[1] + 1] = False
    return np.asarray(whole.reshape(len(mondays), HOURS))


def _at_hours(first: int, last: int) -> np.ndarray:
    """Hours of the week that lie from ``first`` to ``last`` of a day."""
    return np.flatnonzero((np.arange(HOURS) % 24 >= first) & (np.arange(HOURS) % 24 <= last))


def _labelled(
    labelled: Labelled, profile: Profile, zones: Zones, has_daylight: bool, rng: np.random.Generator
) -> np.ndarray:
    """Counts (U, 2, 24) of actors, each with a day of its own around the place's."""
    usual = hours_of(utc_week(profile, zones, WINTER))
    own = rng.dirichlet(labelled.likeness * usual + 1e-9, labelled.actors)
    active = 1 + rng.poisson(rng.gamma(1.0, labelled.events, labelled.actors))
    forward = rng.binomial(active, 0.5 if has_daylight else 0.0)
    counts = [rng.multinomial(active - forward, own), rng.multinomial(forward, np.roll(own, -1, axis=1))]
    return np.stack(counts, axis=1)
