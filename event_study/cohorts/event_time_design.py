"""Event time by week: the gap of both sides in each week around the events, less that of the weeks before.

The weeks just before an event are not among those that it is measured from: it may have been expected in
them. Each week is ranked among the same week around placebo dates, so a set is one week's, not the path's.
Not here: the gap and its placebo dates (``change_design``), bins of lags in a joint model (``study``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from event_study.cohorts.change_design import Around, ChangeCase, changes_around
from event_study.cohorts.clock_effects import DIFFERENCE
from event_study.cohorts.unit_answers import Planted, Row, UnitData, UnitFinding, estimate_row
from event_study.inference.ri_dates import DatesTest, reach_of
from event_study.periods import Bin, exposure
from event_study.specs.unit_model import Sides, UnitSpec


@dataclass(frozen=True)
class EventTimeCase(ChangeCase):
    """A question of changes, answered week by week; ``at`` (K) the positions of its events' first weeks."""

    at: tuple[int, ...] = ()

    def found(self, planted: Planted | None) -> Iterator[UnitFinding]:
        """A row a week, leads first; one row with the reason where there is no gap."""
        around = self.around
        inference = "ri_dates" if around is not None and around.tests else "none"
        said: Row = {"estimator": "ols", "status": self.status, "reason": self.reason}
        if around is None:
            yield UnitFinding(self._row(0, inference) | said)
            return
        path, test = self._path(around), around.tests.get(DIFFERENCE)
        placebos = None if test is None else paths_around(around.changes.gap, test.chosen, self.spec)
        truth = self._planted_path(around, planted)
        base = around.changes.treated.base
        for place, value in enumerate(path.tolist()):
            numbers: Row = {
                "estimate": value, "base_mean": base, "percent_effect": value / base if base > 0 else None,
                "donors": around.changes.comparison.units, "n_periods": len(around.mondays),
                "n_units": around.changes.treated.units + around.changes.comparison.units,
                "window_start": min(around.mondays), "window_end": max(around.mondays),
                "planted": None if truth is None else float(truth[place]),
            }  # fmt: skip
            if test is not None and placebos is not None:
                numbers |= _ranked(value, placebos[:, place], test, self.spec.alpha)
            yield UnitFinding(self._row(place - self.spec.half, inference) | said | numbers)

    def _row(self, lag: int, inference: str) -> Row:
        return estimate_row(self.spec, self.key, self.sides.treated, Bin(lag, lag).name, inference) | {
            "share_unknown_country": self.share_unknown
        }

    def _path(self, around: Around) -> np.ndarray:
        """(2h): the mean over events of the gap in each week around them, less the reference weeks' mean."""
        where = np.searchsorted(around.changes.when, self.at)
        return np.asarray(paths_around(around.changes.gap, where[None, :], self.spec)[0])

    def _planted_path(self, around: Around, planted: Planted | None) -> np.ndarray | None:
        """(2h): a planted log effect in levels; a week in which the event fell has its share of it."""
        effects = (planted or {}).get(self.outcome)
        if effects is None:
            return None
        size = 2 * self.spec.half
        steps = [
            effects.get(event, 0.0) * _own_steps(around.mondays[k * size : (k + 1) * size], day, self.spec)
            for k, (event, day) in enumerate(self.days.items())
        ]
        return np.asarray(around.changes.treated.base * np.expm1(np.mean(steps, axis=0)))


def event_time(asked: UnitData, spec: UnitSpec, outcome: str, sides: Sides) -> Iterator[EventTimeCase]:
    """Every event set of the spec, for one outcome and pair of sides."""
    for case in changes_around(asked, spec, outcome, sides):
        if case.around is None:
            yield EventTimeCase(**vars(case))
        else:
            flows = asked.flows(spec, outcome, sides)
            yield EventTimeCase(**vars(case), at=tuple(flows.position(day) for day in case.days.values()))


def paths_around(gap: np.ndarray, dates: np.ndarray, spec: UnitSpec) -> np.ndarray:
    """(draws, 2h): a gap (T) in each week around vectors of dates (draws, K), positions in the gap, less its
    mean in the reference weeks; the mean over a vector's dates."""
    lags = np.arange(-spec.half, spec.half)
    reference = np.arange(spec.reference[0], spec.reference[1] + 1)
    # date by date: a sum in order, whatever the number of events
    paths = (gap[at[:, None] + lags] - gap[at[:, None] + reference].mean(axis=1)[:, None] for at in dates.T)
    return np.asarray(sum(paths) / dates.shape[1])


def _ranked(value: float, placebos: np.ndarray, test: DatesTest, alpha: float) -> Row:
    reached = int((np.abs(placebos) >= abs(value) - test.tie).sum())
    reach = float(reach_of(placebos, alpha)) if test.p_floor <= alpha else math.inf
    return {
        "p_value": max((1 + reached) / (1 + len(placebos)), test.p_floor), "p_floor": test.p_floor,
        "ci_low": value - reach if math.isfinite(reach) else None,
        "ci_high": value + reach if math.isfinite(reach) else None,
        "placebo_windows": len(placebos), "disjoint_windows": test.windows,
    }  # fmt: skip


def _own_steps(mondays: tuple[date, ...], day: date, spec: UnitSpec) -> np.ndarray:
    """(2h): the share of each week that lies after the event, less that of the reference weeks."""
    after = exposure(mondays, "week", day)
    first, last = (spec.half + lag for lag in spec.reference)
    return np.asarray(after - after[first : last + 1].mean())
