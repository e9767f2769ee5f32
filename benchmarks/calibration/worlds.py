"""Simulated panels with a known truth: one treated unit, J donors, AR(1) noise, one event or four.

A world says how the units differ; ``simulate`` draws it. Each design is one under which a test may
lose its level: unequal variances, a treated unit unlike the donors, a common factor, a long window after
the event, overlapping events, counts. Reference for the designs: Ferman and Pinto (2019); MacKinnon and
Webb (2020). Not here: tests of any kind (``trials``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from event_study.estimators.design import Design, step_design

RHO = 0.8
FACTOR_STEP = np.sqrt(6 / 48)  # the step whose random walk varies over 48 months as the noise does: sd 1
SPREAD = 0.6  # log sd of the units' sds
MILD_SPREAD = 0.3
COUNT_LEVEL, COUNT_SPREAD, COUNT_NOISE = 30.0, 1.0, 0.3  # per month; log sd of sizes; sd of log intensity
GRID = np.arange(0.0, 4.01, 0.25)  # effects of the power curves, in sd of the treated unit's own series

MONTHS = tuple(date(2020 + i // 12, i % 12 + 1, 1) for i in range(70))
SHOCKS = (
    ("2022-08-09", date(2022, 8, 9)),
    ("2022-10-07", date(2022, 10, 7)),
    ("2023-10-17", date(2023, 10, 17)),
    ("2024-12-02", date(2024, 12, 2)),
)


@dataclass(frozen=True)
class PanelWorld:
    """``spread``: log sd of the units' sds; ``treated_sd``: fixed, or drawn like the donors' (None);
    ``factor``: step of a random walk common to all, N(0, 1) loadings, the treated unit's ``loading``
    fixed or drawn alike; ``planted``: effect at each event in sd of the treated unit's own series.
    ``stress``: a world outside what is promised, to see where the level is lost."""

    name: str
    title: str
    events: tuple[tuple[str, date], ...] = (("break", MONTHS[48]),)
    periods: int = 60
    planted: tuple[float, ...] = (2.0,)
    trends: tuple[bool, ...] = (False,)
    spread: float = 0.0
    treated_sd: float | None = None
    factor: float = 0.0
    loading: float | None = None
    counts: bool = False
    stress: bool = False

    @property
    def estimator(self) -> str:
        return "ppml" if self.counts else "ols"

    def design(self, trend: bool) -> Design:
        return step_design(MONTHS[: self.periods], "month", self.events, trend=trend)

    @property
    def steps(self) -> np.ndarray:
        """One column an event (T, K): the share of each month on or after its day."""
        return self.design(trend=False).X[:, 1:]


@dataclass(frozen=True)
class Panels:
    """``values`` (D, 1+J, T), treated first, no effect; ``sd`` (D) of the treated unit's own series, in
    logs for counts; ``planted`` the same draws with the world's planted effect; ``moved`` (D, G, T) the
    treated unit under each effect of ``GRID``, the same at every event."""

    values: np.ndarray
    sd: np.ndarray
    planted: np.ndarray
    moved: np.ndarray


def _overlapping(name: str, title: str, spread: float) -> PanelWorld:
    return PanelWorld(
        name, f"{title}, four overlapping events", events=SHOCKS, periods=70, planted=(2.0, 0.0, 1.0, 1.0),
        trends=(False, True), spread=spread,
    )  # fmt: skip


STRENGTHS = (0.25, 0.5, 1.0, 2.0, 4.0)  # of the common factor, in sd of a unit's own noise
EXTREME = 2.0

# New worlds go to the end: the place in this list is part of a world's seed.
WORLDS = (
    PanelWorld("equal", "equal variances"),
    PanelWorld("unequal", "unequal variances, treated unit drawn like the rest", spread=SPREAD),
    PanelWorld("high", "treated unit twice as noisy as the donors", spread=MILD_SPREAD, treated_sd=2.0),
    PanelWorld("low", "treated unit half as noisy as the donors", spread=MILD_SPREAD, treated_sd=0.5),
    PanelWorld("factor", "random-walk factor, loadings drawn alike", factor=FACTOR_STEP),
    PanelWorld("extreme", "random-walk factor, treated unit's loading 2 sd",
               factor=FACTOR_STEP, loading=EXTREME),
    PanelWorld("post30", "unequal variances, 30 months after the event",
          events=(("break", MONTHS[30]),), spread=SPREAD),
    _overlapping("overlap_equal", "equal variances", 0.0),
    _overlapping("overlap_unequal", "unequal variances", SPREAD),
    PanelWorld("counts", "counts: Poisson with AR(1) log intensity, unequal sizes", counts=True),
    *(
        PanelWorld(f"extreme_x{strength:g}", f"treated unit's loading 2 sd, factor {strength:g} sd strong",
              factor=strength * FACTOR_STEP, loading=EXTREME, stress=True)
        for strength in STRENGTHS
    ),
)  # fmt: skip


def ar1(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Stationary AR(1) with variance 1 along the last axis."""
    noise = rng.normal(size=shape)
    noise[..., 1:] *= np.sqrt(1 - RHO**2)
    for t in range(1, shape[-1]):
        noise[..., t] += RHO * noise[..., t - 1]
    return noise


def simulate(world: PanelWorld, donors: int, draws: int, rng: np.random.Generator) -> Panels:
    """``draws`` panels of 1 + ``donors`` units."""
    noise = ar1(rng, (draws, 1 + donors, world.periods))
    return _counts(world, noise, rng) if world.counts else _continuous(world, noise, rng)


def _continuous(world: PanelWorld, noise: np.ndarray, rng: np.random.Generator) -> Panels:
    draws, units, periods = noise.shape
    sd = np.exp(world.spread * rng.normal(size=(draws, units)))
    if world.treated_sd is not None:
        sd[:, 0] = world.treated_sd
    values = sd[..., None] * noise
    if world.factor:
        loading = rng.normal(size=(draws, units))
        if world.loading is not None:
            loading[:, 0] = world.loading
        walk = world.factor * np.cumsum(rng.normal(size=(draws, periods)), axis=1)
        values += loading[..., None] * walk[:, None, :]
    own = sd[:, 0]
    planted = values.copy()
    planted[:, 0] += own[:, None] * (world.steps @ world.planted)
    moved = values[:, 0, None] + own[:, None, None] * np.multiply.outer(GRID, world.steps.sum(axis=1))
    return Panels(values, own, planted, moved)


def _counts(world: PanelWorld, noise: np.ndarray, rng: np.random.Generator) -> Panels:
    """Mean counts exp(size + noise); an effect multiplies the treated unit's."""
    draws, units, _ = noise.shape
    size = np.log(COUNT_LEVEL) + COUNT_SPREAD * rng.normal(size=(draws, units))
    course = size[..., None] + COUNT_NOISE * noise
    values = rng.poisson(np.exp(course)).astype(float)
    before = world.design(trend=False).pre
    planted, effect = values.copy(), COUNT_NOISE * (world.steps @ world.planted)
    planted[:, 0] = rng.poisson(np.exp(course[:, 0] + effect))
    effects = COUNT_NOISE * np.multiply.outer(GRID, world.steps.sum(axis=1))
    moved = rng.poisson(np.exp(course[:, 0, None] + effects)).astype(float)
    # what was counted before the event is the same whatever comes after it
    planted[:, 0] = np.where(before, values[:, 0], planted[:, 0])
    moved = np.where(before, values[:, 0, None], moved)
    moved[:, GRID == 0.0] = values[:, 0, None]
    return Panels(values, np.full(draws, COUNT_NOISE), planted, moved)
