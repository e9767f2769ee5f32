"""Four SIMULATED worlds as a result table: the truth, what the paper's rule reports, what undoing it gives.

The paper's rule takes every fork as it comes: two changes, of early and of late forks, with M^-1 of two
places beside it. The correction leaves out what the gates would: incomplete weeks, holiday weeks, bots, a
viral repository; and takes the hours apart into the places that are labelled. Not here: the worlds
(``clock.simulated_worlds``), the statistics (``units.place_changes``, ``clock.inverse``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import stats
from threadpoolctl import threadpool_limits

from event_study.clock.inverse import effect_bounds, inverse_interval
from event_study.clock.origin import CUTS, PAPER_CUT, class_share, early_share, is_early
from event_study.clock.profiles import load_clock
from event_study.clock.simulated_worlds import WorldCounts, WorldsFile, first_hours, load_worlds, simulate
from event_study.errors import NotAMixture
from event_study.inference.date_covariance import date_covariance
from event_study.inference.ri_dates import dates_test, mean_change
from event_study.panel.calendar import HOLIDAY_WEEKS, donut, holiday_week
from event_study.periods import ordinals
from event_study.schemas import frame
from event_study.units.place_changes import Dates, place_changes

FOCAL, OTHER = "CN", "US"
HALF, REFERENCE, DRAWS, ALPHA = 4, (-8, -3), 199, 0.05
VIRAL = 10  # a repository whose largest week is so many times its median week is left out
SEED = 20221007
QUANTITIES = ("china", "united_states", "difference", "china_effect")  # in this order everywhere
RATIO = "ratio"
Row = dict[str, object]


@dataclass(frozen=True)
class _Change:
    estimate: float | None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None


@dataclass(frozen=True)
class _Asked:
    """A world, with its Mondays ``when`` as ordinals, the events' among them, and ``hours`` (W, 24): forks a
    repository by UTC hour as the paper's rule takes them, whoever made them."""

    name: str
    counts: WorldCounts
    stated: WorldsFile
    when: np.ndarray
    events: tuple[int, ...]
    hours: np.ndarray
    seed: int

    @property
    def truth(self) -> dict[str, float | None]:
        """Of every quantity; there is no ratio to a place that did not rise."""
        focal, other = self.counts.truth[FOCAL], self.counts.truth[OTHER]
        ratio = self.stated.levels[FOCAL] / self.stated.levels[OTHER]
        excess = focal - ratio * other
        values = (focal, other, focal - other, 0.0 if np.isclose(focal, ratio * other) else excess)
        return dict(zip(QUANTITIES, values, strict=True)) | {RATIO: focal / other if other else None}


@dataclass(frozen=True)
class _Classes:
    """Early and late forks a repository (2, W), their mean changes (2,), the covariance of these (2, 2)."""

    series: np.ndarray
    est: np.ndarray
    vcov: np.ndarray

    @classmethod
    def of(cls, asked: _Asked, cut: int) -> _Classes:
        early = is_early(np.arange(24), cut)
        series = np.stack([asked.hours[:, early].sum(axis=1), asked.hours[:, ~early].sum(axis=1)])
        est = [mean_change(one, asked.when, asked.events, HALF) for one in series]
        return cls(series, np.asarray(est), date_covariance(series, asked.when, asked.events, HALF))


def clock_worlds(
    seed: int = SEED, *, worlds: Sequence[str] | None = None, cuts: Sequence[int] = CUTS
) -> pd.DataFrame:
    """Every world, method, cut-off and quantity; the same seed gives the same table. ``worlds``: some of the
    file's names. Raises ``KeyError`` for another."""
    clock, stated = load_clock(), load_worlds()
    mondays = tuple(stated.mondays)
    years = range(mondays[0].year, mondays[-1].year + 1)
    off = {FOCAL: [holiday_week("golden_week", year) for year in years]}
    when, events = ordinals(mondays, "week"), tuple(ordinals(list(stated.events), "week").tolist())
    early = [class_share(first_hours(stated, clock), stated.levels, cut) for cut in cuts]
    alone = {cut: _Change(share / (1 - share)) for cut, share in zip(cuts, early, strict=True)}
    rows: list[Row] = []
    with threadpool_limits(limits=1, user_api="blas"):  # sums of two threads differ
        for name in stated.worlds if worlds is None else worlds:
            counts = simulate(name, stated, clock, seed, off)
            hours = hours_of_day((counts.people + counts.bots).mean(axis=0))
            asked = _Asked(name, counts, stated, when, events, hours, seed)
            corrected = _corrected(asked, _worked(mondays))
            for cut in cuts:
                made = _by_cut(asked, cut) | {"places": corrected, "clock_alone": {RATIO: alone[cut]}}
                rows += [
                    _row(asked, method, cut, quantity, change)
                    for method, found in made.items()
                    for quantity, change in found.items()
                ]
    return frame("clock_worlds", rows)


def hours_of_day(counts: np.ndarray) -> np.ndarray:
    """Counts by hour of the week (..., 168) as counts by hour of the day (..., 24)."""
    return np.asarray(counts.reshape(*counts.shape[:-1], 7, 24).sum(axis=-2))


def is_viral(weekly: np.ndarray) -> np.ndarray:
    """Which units (R) have a week (R, W) of more than ``VIRAL`` times their median week."""
    return np.asarray(weekly.max(axis=1) > VIRAL * np.median(weekly, axis=1))


@lru_cache(maxsize=1)
def _worked(mondays: tuple[date, ...]) -> np.ndarray:
    """Weeks without a day of a holiday week."""
    return ~donut(mondays, "week", 0, HOLIDAY_WEEKS)


def _by_cut(asked: _Asked, cut: int) -> dict[str, dict[str, _Change]]:
    """The methods that see two classes; bounds at the paper's cut-off alone."""
    classes = _Classes.of(asked, cut)
    made = {"paper": _paper(asked, classes), "two_places": _two_places(asked, classes, cut)}
    return made | ({"bounds": {"china": _bounds(asked, classes, cut)}} if cut == PAPER_CUT else {})


def _paper(asked: _Asked, classes: _Classes) -> dict[str, _Change]:
    """Changes of the weekly means of the two classes, which is ``pre_post`` in a balanced panel."""
    lags = asked.when[:, None] - np.asarray(asked.events)
    inside = ((lags >= REFERENCE[0]) & (lags <= REFERENCE[1])).any(axis=1)
    early, late = classes.series[:, inside].mean(axis=1)
    made: dict[str, _Change] = {}
    for name, weights in zip(QUANTITIES, ((1, 0), (0, 1), (1, -1), (1, -early / late)), strict=True):
        weighed = np.asarray(weights)
        series = weighed @ classes.series
        test = dates_test(series, asked.when, asked.events, half=HALF, draws=DRAWS, seed=asked.seed)
        error = np.sqrt(weighed @ classes.vcov @ weighed)
        reach = float(stats.t.ppf(1 - ALPHA / 2, test.windows) * error)
        made[name] = _Change(test.estimate, test.estimate - reach, test.estimate + reach, test.p_value)
    return made | {RATIO: _Change(float(classes.est[0] / classes.est[1]))}


def _two_places(asked: _Asked, classes: _Classes, cut: int) -> dict[str, _Change]:
    """M^-1 of the paper's two changes, as if nobody lived but in China and the United States."""
    users = {place: asked.counts.labelled[place].sum(axis=1) for place in (FOCAL, OTHER)}
    rng = np.random.default_rng(asked.seed)
    found = inverse_interval(classes.est, classes.vcov, users, rng, cut=cut, draws=DRAWS, alpha=ALPHA)
    ends = zip(found.coef.tolist(), found.low.tolist(), found.high.tolist(), strict=True)
    return {name: _Change(*one) for name, one in zip(QUANTITIES[:2], ends, strict=True)}


def _bounds(asked: _Asked, classes: _Classes, cut: int) -> _Change:
    """What China may have risen if every place moved the same way and no more than the two classes is known,
    each within its interval; no ends where no such rises fit."""
    reach = stats.norm.ppf(1 - ALPHA / 2) * np.sqrt(np.diag(classes.vcov))
    early, late = (
        (float(one - half), float(one + half)) for one, half in zip(classes.est, reach, strict=True)
    )
    shares = {
        place: early_share(users.sum(axis=(0, 1)), cut) for place, users in asked.counts.labelled.items()
    }
    try:
        found = effect_bounds(early, late, {place: (share, share) for place, share in shares.items()})
    except NotAMixture:
        return _Change(None)
    return _Change(None, float(found["low"][FOCAL]), float(found["high"][FOCAL]))


def _corrected(asked: _Asked, worked: np.ndarray) -> dict[str, _Change]:
    """``place_changes`` of the repositories and the weeks that count, which are numbered anew."""
    counts = asked.counts
    kept = worked & counts.is_complete.all(axis=1)
    people = counts.people[~is_viral(counts.people.sum(axis=-1))]
    weeks = asked.when[kept]
    dates = Dates(
        when=np.arange(len(weeks)), events=np.searchsorted(weeks, asked.events).tolist(), half=HALF,
        reference=REFERENCE, draws=DRAWS, seed=asked.seed, alpha=ALPHA,
    )  # fmt: skip
    daylight = {place: share[kept] for place, share in counts.daylight.items()}
    hours = hours_of_day(people.mean(axis=0))[kept]
    found = place_changes(hours, dates, users=counts.labelled, daylight=daylight, focal=FOCAL, other=OTHER)
    parts = (found.focal, found.other, found.difference, found.excess)
    made = {
        name: _Change(one.estimate, one.low, one.high, one.p_value)
        for name, one in zip(QUANTITIES, parts, strict=True)
    }
    if found.other.low <= 0 <= found.other.high:  # a ratio to what may be nothing is none
        return made
    return made | {RATIO: _Change(found.focal.estimate / found.other.estimate)}


def _row(asked: _Asked, method: str, cut: int, quantity: str, found: _Change) -> Row:
    truth = asked.truth[quantity]
    return {
        "world": asked.name, "method": method, "cut_off": cut, "quantity": quantity,
        "estimate": found.estimate, "ci_low": found.low, "ci_high": found.high, "p_value": found.p_value,
        "truth": truth, "sentence": f"SIMULATED: {_said(quantity, found, truth)}.", "label": "SIMULATED",
        "seed": asked.seed,
    }  # fmt: skip


def _said(quantity: str, found: _Change, truth: float | None) -> str:
    if quantity == RATIO:
        true = "there is none: the United States did not rise" if truth is None else f"it is {truth:.1f}"
        return f"{found.estimate:.1f} early to one late, in truth {true}"
    unit, true = "forks a repository-week", f"in truth {_signed(truth)}"
    if found.low is None or found.high is None:
        return f"no rises of one sign fit, {true} {unit}"
    within = truth is not None and found.low <= truth <= found.high
    ends = f"{_signed(found.low)} to {_signed(found.high)}, {true}: {'inside' if within else 'outside'}"
    return f"{ends} ({unit})" if found.estimate is None else f"{_signed(found.estimate)} {unit}, 95 % {ends}"


def _signed(value: float | None) -> str:
    return "+0.0" if value is None or abs(value) < 0.05 else f"{value:+.1f}"
