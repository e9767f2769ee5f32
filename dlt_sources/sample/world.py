"""The simulated world that the sample's writers describe in the sources' wire formats.

One seed, one world: every writer draws from a generator of its own name, so adding a source
moves no number of another. Effects are planted from ``planted.yml``. Not here: wire formats.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from dlt_sources.policy_timeline import announced_dates

PLANTED = Path(__file__).with_name("planted.yml")
FIRST, LAST = date(2019, 1, 1), date(2026, 6, 30)
TREATED = "CN"


@dataclass(frozen=True)
class Written:
    """Bytes of one file and, where its path does not say it, the day they speak for."""

    data: bytes
    observed: date | None = None
    note: str | None = None


class World:
    """Countries with levels, a common course, own AR(1) noise, and China's planted steps."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    @cached_property
    def truth(self) -> Mapping[str, Any]:
        """``planted.yml``: effects, nulls, the shock that all countries share, and the traps."""
        content: Mapping[str, Any] = yaml.safe_load(PLANTED.read_text())
        return content

    def rng(self, name: str) -> np.random.Generator:
        """A generator of this name's own; the same for a seed, whatever else is drawn."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])

    def announced(self, event: str) -> date:
        """The day on which an event of the timeline was announced."""
        return announced_dates()[event]

    def steps(self, outcome: str, starts: Sequence[date], ends: Sequence[date]) -> np.ndarray:
        """China's planted log effect in each period [start, end): the sum over events of
        effect x share of the period that lies on or after the event's announcement."""
        total = np.zeros(len(starts))
        for event, effect in self.truth["effects"].get(outcome, {}).items():
            total += effect * share_after(self.announced(event), starts, ends)
        return total

    def demand(self, starts: Sequence[date], ends: Sequence[date]) -> np.ndarray:
        """The log jump in world-wide demand after ChatGPT in each period: the same for every country."""
        shock = self.truth["common_shock"]
        return float(shock["log_points"]) * share_after(shock["date"], starts, ends)

    def log_paths(
        self,
        outcome: str,
        countries: Sequence[str],
        starts: Sequence[date],
        ends: Sequence[date],
        *,
        level: Mapping[str, float],
        growth: float = 0.0,
        rho: float = 0.8,
        sd: float = 0.05,
        common_sd: float = 0.05,
        common: np.ndarray | None = None,
    ) -> np.ndarray:
        """Log activity, shape (countries, periods): level + common course + AR(1) + China's steps.

        ``level`` gives log levels, ``growth`` a common trend per period, ``sd`` the stationary
        standard deviation of a country's own noise (scaled by a lognormal draw per country),
        ``common`` a shock every country shares (a ChatGPT-like jump in demand).
        """
        rng, periods = self.rng(f"log_paths/{outcome}"), len(starts)
        shared = growth * np.arange(periods) + rng.normal(0, common_sd, periods)
        if common is not None:
            shared = shared + common
        scale = sd * rng.lognormal(0.0, 0.3, len(countries))
        noise = np.empty((len(countries), periods))
        noise[:, 0] = rng.normal(0, 1, len(countries))
        for t in range(1, periods):
            noise[:, t] = rho * noise[:, t - 1] + np.sqrt(1 - rho**2) * rng.normal(0, 1, len(countries))
        levels = np.array([level[c] for c in countries])
        paths = levels[:, None] + shared[None, :] + scale[:, None] * noise
        if TREATED in countries:
            paths[list(countries).index(TREATED)] += self.steps(outcome, starts, ends)
        return paths


def share_after(day: date, starts: Sequence[date], ends: Sequence[date]) -> np.ndarray:
    """Share of each period [start, end) that lies on or after the day."""
    return np.array(
        [
            min(max((end - max(start, day)).days, 0) / (end - start).days, 1.0)
            for start, end in zip(starts, ends, strict=True)
        ]
    )


def months(first: date, last: date) -> list[date]:
    """First days of the months from ``first`` to ``last``, both included."""
    out, day = [], first.replace(day=1)
    while day <= last:
        out.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return out


def quarters(first: date, last: date) -> list[date]:
    """First days of the quarters from ``first`` to ``last``."""
    return [m for m in months(first, last) if m.month in (1, 4, 7, 10)]


def period_ends(starts: Iterable[date], months_each: int) -> list[date]:
    """The day after each period's last one."""
    out = []
    for start in starts:
        day = start
        for _ in range(months_each):
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        out.append(day)
    return out
