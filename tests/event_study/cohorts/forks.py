"""Simulated forks by hour of actors in four places, in the marts' columns: the truth is known by place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from event_study.clock.profiles import hours_of, load_clock, utc_week
from event_study.cohorts.actor_places import Clocks
from event_study.specs.model import EventSet
from event_study.specs.unit_model import Sides, UnitSpec
from tests.event_study.cohorts.repositories import EVENTS, RULES

FIRST = date(2021, 1, 4)
WEEKS = 230
OUTCOMES = pd.DataFrame(
    [("llm_repository_forks", "week", "ppml"), ("ml_repository_forks", "week", "ppml")],
    columns=["outcome", "frequency", "estimator"],
)
CLOCK: dict[str, Any] = {
    "treated": "CN",
    "comparison": ("US",),
    "method": "clock_17utc",
    "unknown": "ZZ",
    "of": "actor",
}
SIDES = {
    "clock": Sides(name="clock", title="clock", **CLOCK),
    "labelled": Sides(name="labelled", title="labelled", correction="labelled_hours", **CLOCK),
    "confusion": Sides(name="confusion", title="confusion", correction="confusion", **CLOCK),
    "mixture": Sides(name="mixture", title="mixture", correction="mixture", **CLOCK),
    "cut_14": Sides(name="cut_14", title="cut", cut=14, **CLOCK),
    "cut_17": Sides(name="cut_17", title="cut", cut=17, **CLOCK),
    "profile": Sides(name="profile", title="profile", **{**CLOCK, "method": "profile"}),
}
EVENT_SETS = {
    "rule_2023": EventSet(name="rule_2023", title="rule", events=("bis-acs-rule-2023-10-17",)),
    "rules": EventSet(name="rules", title="rules", events=tuple(list(RULES)[1:3])),
}


def spec(*contrasts: str, sets: tuple[str, ...] = ("rule_2023",), **changes: object) -> UnitSpec:
    """A spec of the paper's design on the simulated outcome."""
    return UnitSpec.model_validate({
        "id": "forks", "title": "forks", "family": "replication", "design": "pre_post", "event": "fork",
        "outcomes": ("llm_repository_forks",), "contrasts": tuple(SIDES[one] for one in contrasts),
        "event_sets": tuple(EVENT_SETS[one] for one in sets), **changes,
    })  # fmt: skip


@dataclass(frozen=True)
class World:
    """``weeks`` as the fact of weeks, ``clocks``; ``truth``: planted forks a repository and week by place."""

    weeks: pd.DataFrame
    clocks: Clocks
    truth: dict[str, float]


def world(
    effects: dict[str, float] | None = None, rates: dict[str, float] | None = None, repos: int = 12,
    users: int = 60, seed: int = 3, kind: str = "llm",
) -> World:  # fmt: skip
    """Every place forks every repository at its rate a week, more by ``effects`` from the rule of 2023 on."""
    rng, effects = np.random.default_rng(seed), effects or {}
    rates = rates or {"CN": 3.0, "US": 3.0}
    mondays = [FIRST + timedelta(7 * week) for week in range(WEEKS)]
    after = np.asarray([day + timedelta(3) >= RULES["bis-acs-rule-2023-10-17"] for day in mondays])
    clock = load_clock()
    shares = {
        place: utc_week(clock.profiles["illustrative"], clock.origins[place].zones, date(2023, 7, 10)).ravel()
        for place in rates
    }
    hourly = {
        place: rng.poisson(
            (rate + effects.get(place, 0.0) * after)[None, :, None] * shares[place], (repos, WEEKS, 168)
        )
        for place, rate in rates.items()
    }
    names = [f"{'cn' if r % 2 else 'us'}{r}/{kind}" for r in range(repos)]
    total = np.sum(list(hourly.values()), axis=0)
    early = total.reshape(repos, WEEKS, 7, 24)[..., :17].sum(axis=(2, 3))
    counts = {("clock_17utc", "CN"): early, ("clock_17utc", "US"): total.sum(axis=2) - early}
    counts |= {("profile", place): found.sum(axis=2) for place, found in hourly.items()}
    frames = [_weeks(names, mondays, found).assign(country_method=method, country=place)
              for (method, place), found in counts.items()]  # fmt: skip
    weeks = pd.concat(frames, ignore_index=True).assign(
        outcome=f"{kind}_repository_forks", is_complete=True, first_week=FIRST, cn_holiday_days=0
    )
    r, w, h = np.nonzero(total)
    hours = pd.DataFrame({
        "repository_id": np.asarray(names)[r], "week": np.asarray(mondays)[w], "hour_of_week": h,
        "event": "fork", "events": total[r, w, h],
    })  # fmt: skip
    return World(
        weeks, _labelled(hours, shares, users, rng), {place: effects.get(place, 0.0) for place in rates}
    )


def _weeks(names: list[str], mondays: list[date], found: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(found.astype(float), index=pd.Index(names, name="repository_id"), columns=mondays)
    return frame.reset_index().melt("repository_id", var_name="week")


def _labelled(
    hours: pd.DataFrame, shares: dict[str, np.ndarray], users: int, rng: np.random.Generator
) -> Clocks:
    rows = []
    for year in (2022, 2023):
        for place, week in shares.items():
            day = hours_of(week.reshape(7, 24))
            for user in range(users):
                counts = rng.multinomial(rng.integers(5, 40), day)
                rows += [
                    (f"{place}{user}", place, year, hour, "fork", n) for hour, n in enumerate(counts) if n
                ]
    actors = pd.DataFrame(rows, columns=["actor", "country", "year", "hour_of_day", "event", "events"])
    stamped = actors.assign(
        method="clock_17utc", method_country=np.where(actors["hour_of_day"] < 17, "CN", "US")
    )
    confusion = stamped.rename(columns={"country": "profile_country"}).groupby(
        ["year", "event", "method", "method_country", "profile_country"], as_index=False
    ).agg(events=("events", "sum"), actors=("actor", "nunique"))  # fmt: skip
    return Clocks.of(hours, actors, confusion)


__all__ = ["EVENTS", "OUTCOMES", "SIDES", "World", "spec", "world"]
