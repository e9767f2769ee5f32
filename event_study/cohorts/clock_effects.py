"""From effects on early and late events to effects of places, by what labelled actors or hours say.

Three ways: M^-1 of the labelled actors' own hours, M^-1 of the confusion of the clock's places and stated
ones, and a mixture of hour profiles fitted to the weeks before and after. Each refuses where the data are too
few or the places too much alike, and says so. Not here: formulas (``clock``), changes (``change_design``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from event_study.clock.deconvolution import deconvolve, profile_matrix, share_interval
from event_study.clock.inverse import (
    LIMIT,
    InverseInterval,
    confusion_interval,
    effect_bounds,
    inverse_interval,
    user_draws,
)
from event_study.clock.origin import PAPER_CUT, is_early
from event_study.clock.profiles import Clock, load_clock, utc_week
from event_study.cohorts.actor_places import Clocks
from event_study.errors import NotAMixture, SpecError, counted
from event_study.inference.ri_dates import ratio_set, reach_of
from event_study.limits import MIN_LABELLED, MIN_MIXTURE
from event_study.specs.unit_model import Sides, UnitSpec

Interval = tuple[float, float, float]  # value, low, high; ends infinite where open
TREATED, COMPARISON, DIFFERENCE, RATIO = "treated", "comparison", "difference", "ratio"
SIDES = (TREATED, COMPARISON)
RANGE_DRAWS = 199  # of labelled actors of a place, for the range of its early share
PLACES = ("CN", "US", "EU", "IN", "JP", "BR")  # of a mixture: those with a stated clock that hours tell apart
STATED = "illustrative"


@dataclass(frozen=True)
class ClockEffects:
    """``effects`` of both sides, their difference and ratio, and both sides' ``bases``; ``bounds`` (low,
    high) of each side that hold whoever else's events the clock has counted; ``facts`` to stand beside
    them, with what they say."""

    effects: Mapping[str, Interval]
    bases: Mapping[str, float]
    bounds: Mapping[str, tuple[float, float]]
    facts: Mapping[str, tuple[float, str]]


@dataclass(frozen=True)
class Classes:
    """``change`` (2,) of the clock's early and late class, ``placebos`` (2, draws) and ``bases`` (2,)."""

    change: np.ndarray
    placebos: np.ndarray
    bases: np.ndarray

    @property
    def vcov(self) -> np.ndarray:
        """Of the change, the placebos' changes standing for its noise."""
        return np.asarray(self.placebos @ self.placebos.T / self.placebos.shape[1])


def from_labelled_hours(
    classes: Classes, clocks: Clocks, spec: UnitSpec, sides: Sides, years: Sequence[int]
) -> ClockEffects:
    """By the hours of actors whose place is stated, of the events' years.

    Where actors of other places are among them, each side is bounded over every effect of one sign that
    these may have had. Raises ``SpecError`` with too few actors, ``SingularClock``.
    """
    users = _labelled(clocks.actors, spec.event, years, sides)
    pair = [sides.treated, str(sides.comparison[0])]
    _enough({place: len(users.get(place, ())) for place in pair}, years)
    rng, cut = np.random.default_rng(spec.seed), sides.cut or PAPER_CUT
    found = inverse_interval(
        classes.change, classes.vcov, {place: users[place] for place in pair}, rng, cut=cut, alpha=spec.alpha
    )
    others = [place for place in users if place not in pair]
    facts = _facts(found, [len(users[place]) for place in pair], pair)
    if others:
        share = sum(users[one].sum() for one in others) / sum(one.sum() for one in users.values())
        facts["labelled_others"] = float(share), "of labelled actors' events are of neither place"
    bounds = _bounds(classes, users, rng, cut, spec.alpha) if others else {}
    sided = {side: bounds[place] for side, place in zip(SIDES, pair, strict=True) if place in bounds}
    return _of(found, classes, sided, facts)


def from_confusion(
    classes: Classes, clocks: Clocks, spec: UnitSpec, sides: Sides, years: Sequence[int]
) -> ClockEffects:
    """By how the clock's places and stated ones agree in the events' years. Raises as
    ``from_labelled_hours``."""
    table = clocks.confusion
    asked = table[
        (table["event"] == spec.event) & (table["method"] == sides.method) & table["year"].isin(years)
    ]
    pair = [sides.treated, str(sides.comparison[0])]
    own = [asked[asked["profile_country"] == place] for place in pair]
    actors = np.asarray([one.groupby("year")["actors"].max().sum() for one in own], dtype=float)
    _enough(dict(zip(pair, actors.astype(int).tolist(), strict=True)), years)
    early = [one.loc[one["method_country"] == sides.treated, "events"].sum() for one in own]
    p = np.asarray(early, dtype=float) / [one["events"].sum() for one in own]
    rng = np.random.default_rng(spec.seed)
    found = confusion_interval(classes.change, classes.vcov, p, actors, rng, alpha=spec.alpha)
    return _of(found, classes, {}, _facts(found, actors.astype(int).tolist(), pair))


def _labelled(
    actors: pd.DataFrame, event: str | None, years: Sequence[int], sides: Sides
) -> dict[str, np.ndarray]:
    """Hour counts (U, 24) of the labelled actors of each place; places with too few of them as one."""
    asked = actors[
        (actors["event"] == event) & actors["year"].isin(years) & (actors["country"] != sides.unknown)
    ]
    if asked.empty:
        return {}
    table = asked.pivot_table(
        index=["country", "actor"], columns="hour_of_day", values="events", aggfunc="sum", observed=True
    )
    table = table.reindex(columns=range(24)).fillna(0.0).sort_index()
    found = {str(place): part.to_numpy(float) for place, part in table.groupby(level="country")}
    pair = (sides.treated, *sides.comparison)
    few = [place for place in found if place not in pair and len(found[place]) < MIN_LABELLED]
    rest = [found.pop(place) for place in few]
    return found | ({"other": np.vstack(rest)} if rest else {})


def _enough(found: Mapping[str, int], years: Sequence[int]) -> None:
    for place, actors in found.items():
        if actors < MIN_LABELLED:
            when, found_actors = ", ".join(map(str, years)), counted(actors, "actor")
            raise SpecError(
                f"{found_actors} of {place} whose place is stated in {when}: {MIN_LABELLED} needed"
            )


def _facts(found: InverseInterval, users: Sequence[int], pair: Sequence[str]) -> dict[str, tuple[float, str]]:
    facts = {
        f"clock_early:{place}": (float(p), f"early share of {counted(number, 'labelled actor')}")
        for place, p, number in zip(pair, found.p, users, strict=True)
    }
    facts["clock_condition"] = (
        float(np.linalg.cond(np.vstack([found.p, 1 - found.p]))),
        "of the clock's matrix",
    )
    return facts


def _of(
    found: InverseInterval,
    classes: Classes,
    bounds: Mapping[str, tuple[float, float]],
    facts: Mapping[str, tuple[float, str]],
) -> ClockEffects:
    sides = {
        name: (float(found.coef[i]), float(found.low[i]), float(found.high[i]))
        for i, name in enumerate(SIDES)
    }
    own, other = (float(one) for one in found.coef)
    low, high = -math.inf, math.inf
    if found.singular == 0:
        low, high = ratio_set((own, other), (found.drawn - found.coef).T, found.alpha)
    ratio = (own / other if other else math.nan, low, high)
    bases = np.linalg.solve(np.vstack([found.p, 1 - found.p]), classes.bases).tolist()
    effects = {**sides, DIFFERENCE: found.difference(), RATIO: ratio}
    return ClockEffects(effects, dict(zip(SIDES, bases, strict=True)), bounds, facts)


def _bounds(
    classes: Classes, users: Mapping[str, np.ndarray], rng: np.random.Generator, cut: int, alpha: float
) -> dict[str, tuple[float, float]]:
    """Of each place, over effects of one sign of all of them, the noise of both classes and of the early
    shares allowed for; none where no such effects make the classes' changes."""
    ends = (alpha / 2, 1 - alpha / 2)
    p = {}
    for place, hours in users.items():
        drawn = user_draws(hours, RANGE_DRAWS, rng)
        low, high = np.quantile(drawn[:, is_early(np.arange(24), cut)].sum(axis=1) / drawn.sum(axis=1), ends)
        p[place] = float(low), float(high)
    reach = np.asarray(reach_of(classes.placebos, alpha))
    early, late = np.stack([classes.change - reach, classes.change + reach], axis=1).tolist()
    try:
        table = effect_bounds(tuple(early), tuple(late), p)
    except NotAMixture:
        return {}
    return {str(place): (float(row["low"]), float(row["high"])) for place, row in table.iterrows()}


def from_mixture(
    clocks: Clocks, spec: UnitSpec, sides: Sides, weeks: Sequence[Sequence[date]],
    units: Sequence[str], unit_weeks: Sequence[int],
) -> ClockEffects:  # fmt: skip
    """By shares of places in the hours of the week, before and after: a mixture of the stated profiles of
    these very weeks, so of their season, weekdays and week's end.

    ``weeks`` (before, after), Mondays; ``unit_weeks`` of ``units`` seen in each. Intervals are of the counts
    alone; ``bounds`` are over the stated scenarios of hours, which weigh more. Raises ``SpecError`` with
    fewer than ``MIN_MIXTURE`` events in either.
    """
    hours = clocks.hours
    own = hours[(hours["event"] == spec.event) & hours["repository_id"].isin(units)]
    when = pd.to_datetime(own["week"]).to_numpy().astype("datetime64[D]")
    counts = []
    for mondays, name in zip(weeks, ("before", "after"), strict=True):
        inside = own[np.isin(when, np.asarray(mondays, dtype="datetime64[D]"))]
        counts.append(
            np.bincount(inside["hour_of_week"].to_numpy(int), inside["events"].to_numpy(float), 168)
        )
        if (many := round(counts[-1].sum())) < MIN_MIXTURE:
            raise SpecError(f"{many:,} events in the weeks {name}: a mixture of hours needs {MIN_MIXTURE:,}")
    clock, rng = load_clock(), np.random.default_rng(spec.seed)
    rates = [count.sum() / seen for count, seen in zip(counts, unit_weeks, strict=True)]
    mixed = [_profiles(clock, mondays, STATED) for mondays in weeks]
    found = [share_interval(count, F, rng, alpha=spec.alpha) for count, F in zip(counts, mixed, strict=True)]
    at = [PLACES.index(sides.treated), PLACES.index(str(sides.comparison[0]))]
    change = (rates[1] * found[1].shares - rates[0] * found[0].shares)[at]
    drawn = (rates[1] * found[1].drawn - rates[0] * found[0].drawn)[:, at]
    fits = [deconvolve(count, F, PLACES) for count, F in zip(counts, mixed, strict=True)]
    facts = {
        "mixture_condition": (max(fit.cond for fit in fits), "of the places' hours of the week"),
        "mixture_misfit": (
            max(fit.chi2 / fit.dof for fit in fits),
            "chi-squared over its degrees of freedom",
        ),
    }
    bases = dict(zip(SIDES, (rates[0] * found[0].shares)[at].tolist(), strict=True))
    bounds = _over_scenarios(clock, counts, weeks, rates, at)
    return ClockEffects(_effects(change, drawn, spec.alpha), bases, bounds, facts)


def _profiles(clock: Clock, mondays: Sequence[date], scenario: str) -> np.ndarray:
    """F (168, G) of the places, the mean of the weeks."""
    stated, mixed = clock.scenarios[scenario], {}
    for place in PLACES:
        profile, zones = clock.profiles[stated.profile(place)], clock.origins[place].zones
        mixed[place] = np.mean([utc_week(profile, zones, monday) for monday in mondays], axis=0)
    return profile_matrix(mixed)


def _over_scenarios(
    clock: Clock, counts: Sequence[np.ndarray], weeks: Sequence[Sequence[date]],
    rates: Sequence[float], at: Sequence[int],
) -> dict[str, tuple[float, float]]:  # fmt: skip
    """Smallest and largest effect of each side over the stated scenarios whose hours tell places apart."""
    effects = []
    for scenario in clock.scenarios:
        mixed = [_profiles(clock, mondays, scenario) for mondays in weeks]
        if max(np.linalg.cond(F) for F in mixed) > LIMIT:
            continue
        shares = [deconvolve(count, F, PLACES).shares for count, F in zip(counts, mixed, strict=True)]
        effects.append((rates[1] * shares[1] - rates[0] * shares[0])[at])
    low, high = np.min(effects, axis=0), np.max(effects, axis=0)
    return {name: (float(low[i]), float(high[i])) for i, name in enumerate(SIDES)}


def _effects(change: np.ndarray, drawn: np.ndarray, alpha: float) -> dict[str, Interval]:
    """Percentile intervals of draws (D, 2) around the changes (2,)."""
    ends = (alpha / 2, 1 - alpha / 2)
    own, other = change.tolist()
    gap = np.quantile(drawn[:, 0] - drawn[:, 1], ends)
    low, high = np.quantile(drawn, ends, axis=0)
    ratio = ratio_set((own, other), (drawn - change).T, alpha)
    return {
        TREATED: (own, float(low[0]), float(high[0])),
        COMPARISON: (other, float(low[1]), float(high[1])),
        DIFFERENCE: (own - other, float(gap[0]), float(gap[1])),
        RATIO: (own / other if other else math.nan, *ratio),
    }
