"""Changes of places at events from counts by UTC hour: the clock undone for as many places as are labelled.

A week's counts by hour are taken apart into levels of places (``clock.deconvolution.unmixing``) under each
place's hours, which are measured on actors whose place is known and moved with its daylight saving time; the
weekly levels are then compared before and after the events, and ranked among other dates. Two places and two
classes: ``clock.inverse``. Not here: which weeks, actors and units count (the caller's rule).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from event_study.clock.deconvolution import unmixing
from event_study.clock.inverse import user_draws
from event_study.errors import MissingReference, SpecError
from event_study.inference.date_covariance import date_covariance, window_changes
from event_study.inference.ri_dates import DatesTest, dates_test

NOISE = 20  # draws of the dates' noise for each draw of the labelled actors


@dataclass(frozen=True)
class PlaceChange:
    """A mean change over the events, its interval over labelled actors and dates, its rank among dates."""

    estimate: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class PlaceChanges:
    """``focal`` and ``other`` change, their ``difference``, and ``excess`` = focal - (b_focal / b_other)
    other: what the focal place rose beyond the other's percentage, b the means in the reference window;
    ``windows`` disjoint placebo windows."""

    focal: PlaceChange
    other: PlaceChange
    difference: PlaceChange
    excess: PlaceChange
    base: Mapping[str, float]
    windows: int


@dataclass(frozen=True)
class Dates:
    """The weeks ``when`` (T), consecutive ordinals of those that count, and the ``events`` among them;
    ``half`` weeks a side, ``reference`` (first, last) lags of the base as in ``pre_post``; ``draws`` of dates
    and of labelled actors."""

    when: np.ndarray
    events: Sequence[int]
    half: int
    reference: tuple[int, int]
    draws: int
    seed: int
    alpha: float = 0.05

    @property
    def inside(self) -> np.ndarray:
        """Mask (T) of the reference windows. Raises ``MissingReference`` where no week is in one."""
        lags = self.when[:, None] - np.asarray(self.events)
        found = ((lags >= self.reference[0]) & (lags <= self.reference[1])).any(axis=1)
        if not found.any():
            first, last = self.reference
            raise MissingReference(f"no week in the reference window, {first} to {last}")
        return np.asarray(found)


def place_changes(
    hours: np.ndarray,
    dates: Dates,
    *,
    users: Mapping[str, np.ndarray],
    daylight: Mapping[str, np.ndarray],
    focal: str,
    other: str,
) -> PlaceChanges:
    """``hours`` (T, 24): events a unit by UTC hour, a row a week of ``dates``.

    ``users``: of each place counts (U, 2, 24) of actors who live there, in weeks of standard and of daylight
    saving time; ``daylight``: share (T) of a week's days on which its clocks are forward. The interval holds
    both errors: labelled actors are drawn with replacement, and each draw's change is given the noise of
    dates, Student's t with as many degrees of freedom as there are disjoint windows. Profiles that are
    measured with error pull places towards each other: the draws, measured with twice the error, say how far,
    and the estimate is moved back by as much (Efron 1979). Raises ``SpecError`` for places without actors,
    ``MissingReference``, as ``unmixing`` ``SingularClock`` and ``InfiniteValue``, and as
    ``ri_dates.dates_test``.
    """
    places = list(users)
    if lacking := [place for place in (focal, other) if place not in users]:
        raise SpecError(f"users: no labelled actors of {lacking[0]}")
    forward = np.stack([daylight[place] for place in places], axis=1)
    pair = [places.index(focal), places.index(other)]
    rng, inside = np.random.default_rng(dates.seed), dates.inside
    known = np.stack([users[place].sum(axis=0) for place in places])[None]
    drawn = np.stack([user_draws(users[place], dates.draws, rng) for place in places], axis=1)
    level, redrawn = (_levels(hours, counts, forward) for counts in (known, drawn))
    series = _questions(level[:, :, pair], inside)[0]
    tests = [
        dates_test(one, dates.when, list(dates.events), half=dates.half, draws=dates.draws, seed=dates.seed)
        for one in series
    ]
    own, others, difference, excess = _changes(tests, _questions(redrawn[:, :, pair], inside), dates, rng)
    base = dict(zip(places, level[0, inside].mean(axis=0).tolist(), strict=True))
    return PlaceChanges(own, others, difference, excess, base, tests[0].windows)


def _changes(
    tests: Sequence[DatesTest], redrawn: np.ndarray, dates: Dates, rng: np.random.Generator
) -> list[PlaceChange]:
    """Each question's change with its interval, from its series under every draw of the actors (D, Q, T)."""
    at = np.searchsorted(dates.when, dates.events) - dates.half
    change = window_changes(redrawn, dates.half)[..., at].mean(axis=-1)
    covariance = date_covariance(redrawn, dates.when, dates.events, dates.half)
    spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    centre = change.mean(axis=0)
    estimate = 2 * np.asarray([test.estimate for test in tests]) - centre
    noise = rng.standard_t(tests[0].windows, (NOISE, *change.shape))
    about = change - centre + spread * noise
    low, high = estimate + np.quantile(about, (dates.alpha / 2, 1 - dates.alpha / 2), axis=(0, 1))
    return [
        PlaceChange(float(estimate[q]), float(low[q]), float(high[q]), test.p_value)
        for q, test in enumerate(tests)
    ]


def _levels(hours: np.ndarray, counts: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """Levels (D, T, G) of places under profiles made of ``counts`` (D, G, 2, 24); ``forward`` (T, G)."""
    local = counts[:, :, 0] + np.roll(counts[:, :, 1], 1, axis=-1)  # on the standard clock
    local = local / local.sum(axis=-1, keepdims=True)
    states, of = np.unique(forward, axis=0, return_inverse=True)
    share = states[:, :, None]
    profiles = (1 - share) * local[:, None] + share * np.roll(local, -1, axis=-1)[:, None]  # (D, S, G, 24)
    weights = unmixing(profiles.swapaxes(-2, -1), hours.mean(axis=0))
    levels = np.empty((len(counts), len(hours), forward.shape[1]))
    for state in range(len(states)):
        weeks = of.ravel() == state
        levels[:, weeks] = hours[weeks] @ weights[:, state].swapaxes(-2, -1)
    return levels


def _questions(pair: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Weekly series (D, 4, T) of the focal place, the other, their difference and the excess."""
    focal, other = pair[..., 0], pair[..., 1]
    base = pair[:, inside].mean(axis=1)
    ratio = (base[:, 0] / base[:, 1])[:, None]
    return np.stack([focal, other, focal - other, focal - ratio * other], axis=1)
