"""Simulated panels in which the headline lies, and those in which it was seen to hold.

Each world draws many panels at once, without any effect on the treated unit. ``promise`` is the largest
share of draws that the persistent test may reject; None where no test of one unit can hold, so that only a
warning is asked. Not here: the tests (``persistence``), the worlds of the first calibration (``worlds``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from benchmarks.calibration.worlds import MONTHS, SHOCKS
from event_study.panel.balance import carried
from event_study.panel.bridge import bridged

Draw = Callable[[np.random.Generator, int, int, "Hard"], np.ndarray]
HOLDS, LIES = 0.07, 0.10


@dataclass(frozen=True)
class Hard:
    """``draw`` (rng, draws, units, world) gives (D, 1+J, T), treated first."""

    name: str
    told: str
    draw: Draw = field(repr=False)
    promise: float | None = HOLDS
    begins: int = 48  # month of the one event
    periods: int = 60
    events: tuple[tuple[str, date], ...] = ()
    estimator: str = "ols"
    trend: bool = False
    lags: bool = False
    warns: str | None = None  # the note that should be there

    @property
    def dated(self) -> tuple[tuple[str, date], ...]:
        return self.events or (("break", MONTHS[self.begins]),)


def autoregressive(rho: np.ndarray | float, noise: np.ndarray) -> np.ndarray:
    """AR(1) along the last axis: stationary with the noise's variance, a random walk where ``rho`` is 1."""
    rho = np.broadcast_to(rho, noise.shape[:-1])
    made = noise.copy()
    made[..., 1:] *= np.where(rho < 1, np.sqrt(1 - rho**2), 1.0)[..., None]
    for t in range(1, noise.shape[-1]):
        made[..., t] += rho * made[..., t - 1]
    return made


def _two(treated: float, donors: float) -> Draw:
    def draw(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
        rho = np.r_[treated, np.full(units - 1, donors)]
        return autoregressive(rho, rng.normal(size=(draws, units, world.periods)))

    return draw


def _tails(freedom: float) -> Draw:
    def draw(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
        return autoregressive(0.8, rng.standard_t(freedom, size=(draws, units, world.periods)))

    return draw


def _base(rng: np.random.Generator, draws: int, units: int, world: Hard, rho: float = 0.8) -> np.ndarray:
    return autoregressive(rho, rng.normal(size=(draws, units, world.periods)))


def _unequal(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
    return np.exp(0.6 * rng.normal(size=(draws, units, 1))) * _base(rng, draws, units, world)


def _seasons(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
    phase = rng.uniform(0, 2 * np.pi, size=(draws, units, 1))
    wave = np.sin(2 * np.pi * np.arange(world.periods) / 12 + phase)
    return _base(rng, draws, units, world) + wave


def _treated_season(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
    values = _base(rng, draws, units, world, 0.5)
    phase = rng.uniform(0, 2 * np.pi, size=(draws, 1))
    values[:, 0] += 2 * np.sin(2 * np.pi * np.arange(world.periods) / 12 + phase)
    return values


def _mixed(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
    rho = rng.uniform(0.2, 0.98, size=(draws, units))
    return autoregressive(rho, rng.normal(size=(draws, units, world.periods)))


def _trends(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
    slope = 0.03 * rng.normal(size=(draws, units, 1))
    return _base(rng, draws, units, world) + slope * np.arange(world.periods)


def _factor(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
    common = autoregressive(0.95, rng.normal(size=(draws, 1, world.periods)))
    return _base(rng, draws, units, world) + rng.normal(size=(draws, units, 1)) * common


def _regions(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
    common = autoregressive(0.9, rng.normal(size=(draws, 4, world.periods)))
    return _base(rng, draws, units, world) + common[:, np.arange(units) % 4]


def _louder(who: slice, factor: float = 2.0) -> Draw:
    """Standard deviation times ``factor`` from the event on, of ``who``."""

    def draw(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
        values = _base(rng, draws, units, world)
        values[:, who, world.begins :] *= factor
        return values

    return draw


def _same(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
    values = 100 + _base(rng, draws, units, world)
    values[:, 1:] = values[:, 1:2]
    return values


def _shares(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
    values = np.exp(5 + 0.1 * _base(rng, draws, units, world))
    values[:, 1:] = rng.uniform(0.1, 1, size=(draws, units - 1, 1)) * values[:, 1:2]
    return values


def _interpolated(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
    values = _base(rng, draws, units, world)
    ends = rng.normal(size=(draws, units - 1, 2, 1))
    share = np.arange(world.periods) / (world.periods - 1)
    values[:, 1:] = ends[:, :, 0] * (1 - share) + ends[:, :, 1] * share
    return values


def _giant(breaks: bool) -> Draw:
    """Counts in which one donor has nine tenths: it breaks at the event, or is a random walk."""

    def draw(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
        course = np.log(100.0) + 0.3 * _base(rng, draws, units, world)
        course[:, 1] += np.log(9.0 * (units - 2))
        if breaks:
            course[:, 0] = np.log(300.0) + 0.03 * rng.normal(size=(draws, world.periods))
            course[:, 1] = np.log(900.0 * units) + 0.03 * rng.normal(size=(draws, world.periods))
            course[:, 1, world.begins :] += 0.5
        else:
            steps = rng.normal(size=(draws, world.periods))
            course[:, 1] = np.log(900.0 * units) + 0.2 * steps.cumsum(axis=1)
            course[:, 0] += np.log(10.0)
        return rng.poisson(np.exp(np.minimum(course, 20))).astype(float)

    return draw


def _counts(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
    size = np.log(30.0) + rng.normal(size=(draws, units, 1))
    return rng.poisson(np.exp(size + 0.3 * _base(rng, draws, units, world))).astype(float)


def _holes(share: float, of: Draw = _base, late: bool = False) -> Draw:
    """Donors' cells missing by chance (or, ``late``, those of the first periods), as many as the rule for
    donors allows, bridged as a study does."""

    def draw(rng: np.random.Generator, draws: int, units: int, world: Hard) -> np.ndarray:
        values, pre = of(rng, draws, units, world), np.arange(world.periods) < world.begins
        for panel in values:
            holes = rng.random((world.periods, units - 1)) < share
            if late:
                holes = np.arange(world.periods)[:, None] < share * world.periods * (
                    rng.random(units - 1) < 0.5
                )
            donors = np.where(holes, np.nan, panel[1:].T)
            few = carried(donors, pre)
            donors = np.where(few, donors, panel[1:].T)
            panel[1:] = bridged(donors, world.estimator).T
        return values

    return draw


# New worlds go to the end: the place in this list is part of a world's seed.
HARD = (
    Hard("ar9_5", "treated AR .9, donors AR .5", _two(0.9, 0.5), LIES),
    Hard("ar9_5_post30", "the same, 30 months after", _two(0.9, 0.5), LIES, begins=30),
    Hard("ar9_5_four", "the same, four events", _two(0.9, 0.5), LIES, periods=70, events=SHOCKS),
    Hard("ar9_5_trend", "the same, four events, unit trend", _two(0.9, 0.5), LIES,
         periods=70, events=SHOCKS, trend=True),
    Hard("rw_8", "treated random walk, donors AR .8", _two(1.0, 0.8), LIES),
    Hard("rw_8_post30", "the same, 30 months after", _two(1.0, 0.8), LIES, begins=30),
    Hard("rw_8_four", "the same, four events", _two(1.0, 0.8), LIES, periods=70, events=SHOCKS),
    Hard("treated_louder", "treated unit's variance times four at the event", _louder(slice(0, 1)), None,
         warns="VarianceChanges"),
    Hard("same_donors", "identical donors", _same, 0.0),
    Hard("interpolated", "donors interpolated between two values", _interpolated),
    Hard("interpolated_trend", "the same, unit trend", _interpolated, 0.0, trend=True),
    Hard("shares", "donors fixed shares of one series", _shares, 0.0, estimator="ols_log"),
    Hard("giant_breaks", "counts, a giant donor breaks, treated quiet", _giant(True), None,
         estimator="ppml", warns="FewEffectiveDonors"),
    Hard("giant_walk", "counts, a giant donor walks, treated second", _giant(False), None,
         estimator="ppml", warns="FewEffectiveDonors"),
    Hard("treated_season", "season of the treated unit alone, 6 after", _treated_season, None,
         begins=54, lags=True),
    Hard("equal", "AR .8 for all", _base),
    Hard("equal_four", "AR .8 for all, four events", _base, periods=70, events=SHOCKS),
    Hard("t3", "t(3) tails", _tails(3)),
    Hard("t2", "t(2.1) tails", _tails(2.1)),
    Hard("unequal", "unequal variances", _unequal),
    Hard("seasons", "seasons of every unit", _seasons),
    Hard("mixed", "persistence drawn from .2 to .98", _mixed),
    Hard("trends", "random trends", _trends),
    Hard("factor", "AR(.95) factor, random loadings", _factor),
    Hard("regions", "four regional factors", _regions),
    Hard("all_louder", "variance times four at the event, for all", _louder(slice(None))),
    Hard("counts", "counts of unequal sizes", _counts, estimator="ppml"),
    Hard("treated_louder_2", "treated unit's variance times two at the event",
         _louder(slice(0, 1), 2**0.5), None, warns="VarianceChanges"),
    Hard("holes", "AR .8, 2 % of the donors' cells missing", _holes(0.02)),
    Hard("holes_many", "AR .8, 6 % of the donors' cells missing", _holes(0.06)),
    Hard("holes_quiet", "AR .2, 6 % of the donors' cells missing", _holes(0.06, _two(0.2, 0.2))),
    Hard("holes_short", "the same, 6 months after", _holes(0.06, _two(0.2, 0.2)), begins=54),
    Hard("late", "AR .8, half of the donors six months late", _holes(0.1, late=True)),
    Hard("holes_counts", "counts, 6 % of the donors' cells missing", _holes(0.06, _counts), estimator="ppml"),
)  # fmt: skip
