"""Fifty simulated worlds without any effect, each with a trap: is one of them taken for an effect?

Holidays, changes of clocks, a purge of forks, a collector's break and a world-wide shock of demand move
series; none is an effect of a rule. Pooled over worlds and traps, the headline must flag no more than
its 5 %, by an exact binomial test at 1 %.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from dlt_sources.sample.world import World, months, period_ends, share_after

pytestmark = pytest.mark.slow

SEEDS = range(1, 51)
FIRST, LAST = date(2019, 1, 1), date(2026, 6, 30)
COUNTRIES = ["CN", *(f"D{i:02d}" for i in range(42))]
PURGE, BREAK = date(2024, 2, 1), date(2025, 6, 1)
GOLDEN_WEEK, NEW_YEAR, DAYS_OFF = 10, (1, 2), 7 / 30
Trap = Callable[[np.ndarray, list[date], World, np.random.Generator], tuple[np.ndarray, np.ndarray]]


def kept(logs: np.ndarray) -> np.ndarray:
    return np.ones(logs.shape, dtype=bool)


def holidays(logs: np.ndarray, starts: list[date], world: World, rng: np.random.Generator) -> Any:
    """China works half in Golden Week and the Lunar New Year, which falls into January or February."""
    off = np.array([day.month == GOLDEN_WEEK for day in starts]) * DAYS_OFF
    for year in {day.year for day in starts}:
        off += np.array([(day.year, day.month) == (year, rng.choice(NEW_YEAR)) for day in starts]) * DAYS_OFF
    logs[0] += np.log1p(-off / 2)
    return logs, kept(logs)


def clocks(logs: np.ndarray, starts: list[date], world: World, rng: np.random.Generator) -> Any:
    """Where clocks change, winter moves 2 % of the events out of the early hours; China's never change."""
    winter = np.array([day.month in (11, 12, 1, 2, 3) for day in starts])
    changes = rng.random(len(logs)) < 0.5
    changes[0] = False
    return logs + np.log1p(-0.0177) * np.outer(changes, winter), kept(logs)


def fork_purge(logs: np.ndarray, starts: list[date], world: World, rng: np.random.Generator) -> Any:
    """Counters fall everywhere in one month, and China's most: the month is not complete."""
    purged = np.array([day == PURGE for day in starts])
    logs[:, purged] -= rng.exponential(0.5, (len(logs), 1)) + np.eye(len(logs))[0][:, None]
    return logs, kept(logs) & ~purged


def collector_break(logs: np.ndarray, starts: list[date], world: World, rng: np.random.Generator) -> Any:
    """The collector loses events from one month on, most where its day is busy: not complete since."""
    broken = np.array([day >= BREAK for day in starts])
    logs -= rng.uniform(0.1, 0.6, (len(logs), 1)) * broken
    return logs, kept(logs) & ~broken


def demand(logs: np.ndarray, starts: list[date], world: World, rng: np.random.Generator) -> Any:
    """Demand jumps after ChatGPT everywhere, here more and there less; China is one of the countries."""
    jump = world.demand(starts, period_ends(starts, 1))
    return logs + np.outer(rng.normal(1.0, 0.3, len(logs)), jump), kept(logs)


TRAPS: dict[str, Trap] = {f.__name__: f for f in (holidays, clocks, fork_purge, collector_break, demand)}


def panel(seed: int) -> pd.DataFrame:
    """Every trap's outcome: country, period, outcome, value, is_complete."""
    world, starts = World(seed), months(FIRST, LAST)
    ends, made = period_ends(starts, 1), []
    for name, trap in TRAPS.items():
        rng = world.rng(f"traps/{name}")
        level = {c: 8 + (c == "CN") * 0.5 + rng.normal(0, 0.7) for c in COUNTRIES}
        logs = world.log_paths(f"traps/{name}", COUNTRIES, starts, ends, level=level, sd=0.1)
        logs, complete = trap(logs, starts, world, rng)
        cells = {"country": np.repeat(COUNTRIES, len(starts)), "period": starts * len(COUNTRIES)}
        values = {"outcome": name, "value": np.exp(logs).ravel(), "is_complete": complete.ravel()}
        made.append(pd.DataFrame(cells | values))
    return pd.concat(made, ignore_index=True)


@pytest.fixture(scope="module")
def question(make_study: Callable[..., Any]) -> Any:
    """The headline's question, China against the donors, for an outcome a trap."""
    study = make_study().only("primary")
    study.specs = [s.model_copy(update={"contrasts": s.contrasts[:1]}) for s in study.specs]
    study.planted = {name: {} for name in TRAPS}
    outcome = {"frequency": "month", "estimator": "ols_log", "is_primary": True}
    study.dim_outcome = pd.DataFrame(
        {"outcome": list(TRAPS), **outcome, "window_start": None, "window_end": None}
    )
    treated = np.array([c == "CN" for c in COUNTRIES])
    study.dim_country = pd.DataFrame(
        {"country": COUNTRIES, "name": COUNTRIES, "region": "Eastern Asia", "is_treated": treated,
         "is_default_donor": ~treated}
    )  # fmt: skip
    return study


@pytest.fixture(scope="module")
def flagged(question: Any) -> pd.DataFrame:
    """p <= 5 % by seed, trap and trend."""
    made = []
    for seed in SEEDS:
        question.panel = {"month": panel(seed)}
        made.append(question.estimate().estimates.assign(seed=seed))
    found = pd.concat(made, ignore_index=True)
    assert set(found["status"]) == {"ok"}, found.loc[found["status"] != "ok", ["outcome", "reason"]]
    assert len(found) == len(SEEDS) * len(TRAPS) * 2
    return found.assign(flagged=found["p_value"].astype(float) <= 0.05)


@pytest.mark.parametrize("trap", [*TRAPS, "all"])
def test_a_trap_is_no_effect(flagged: pd.DataFrame, trap: str) -> None:
    rows = flagged if trap == "all" else flagged[flagged["outcome"] == trap]
    test = binomtest(int(rows["flagged"].sum()), len(rows), 0.05, alternative="greater")
    assert test.pvalue > 0.01, rows.groupby(["outcome", "trend"])["flagged"].agg(["sum", "size"]).to_string()


def test_a_rule_on_top_of_every_trap_is_found(question: Any) -> None:
    """Worlds in which nothing was ever flagged would pass the tests above."""
    starts, rows = months(FIRST, LAST), panel(1)
    after = np.tile(share_after(date(2022, 10, 7), starts, period_ends(starts, 1)), len(rows) // len(starts))
    lifted = rows["value"] * np.exp(after * (rows["country"] == "CN"))
    question.panel = {"month": rows.assign(value=lifted)}
    found = question.estimate().estimates.query("trend == 'none'")
    assert (found["p_value"].astype(float) <= 0.05).sum() >= 4
