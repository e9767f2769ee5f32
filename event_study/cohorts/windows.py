"""Every date's window of a panel of units: its own cohort, the sums of its sides, their change and scale.

The change is that of the log ratio of two sums from the h weeks before a date to the h weeks from it on,
which is what a Poisson fit of the window with unit and week effects gives (``units.two_way.fit_ppml``);
of shares it is the difference of two mean changes. Not here: the test (``inference.ri_windows``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from event_study.cohorts.flows import Flows
from event_study.errors import EventOutsidePanel, counted
from event_study.specs.unit_model import Sides, UnitSpec

TREATED, COMPARISON, UNKNOWN = range(3)


@dataclass(frozen=True)
class Windows:
    """Windows [t-h, t+h) at the positions ``at`` (D): ``sums`` (D, 3, 2h) of the treated, the comparison
    and those of unknown place, ``units`` (D, 3) behind them, ``before`` (D, 3) those with a value in the
    window's first week; ``is_seen`` (D): whether the cohort's rule lets the window count."""

    at: np.ndarray
    sums: np.ndarray
    units: np.ndarray
    before: np.ndarray
    is_seen: np.ndarray

    def index(self, position: int, needs: str) -> int:
        """Of a window that counts. Raises ``EventOutsidePanel`` with what there is and what it ``needs``."""
        if not len(self.at) or not self.at[0] <= position <= self.at[-1]:
            raise EventOutsidePanel("the event's window is not seen in full")
        found = int(position - self.at[0])
        if not self.is_seen[found]:
            (a, b, _), (c, d, _) = self.units[found].tolist(), self.before[found].tolist()
            raise EventOutsidePanel(
                f"{counted(a, 'treated unit')} of {c} and {b} of {d} others have a value in every week of "
                f"the event's window: {needs}"
            )
        return found


def side_of(flows: Flows, sides: Sides) -> np.ndarray:
    """Of each unit (N): ``TREATED``, ``COMPARISON``, ``UNKNOWN``, or -1 for those of other places."""
    side = np.full(len(flows.units), -1)
    if sides.comparison == "others":
        side[:] = COMPARISON
    else:
        side[np.isin(flows.places, sides.comparison)] = COMPARISON
    side[flows.places == sides.unknown] = UNKNOWN
    side[flows.places == sides.treated] = TREATED
    return side


def members(flows: Flows, spec: UnitSpec, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Masks (N, D): the cohort of each window, seen in all its weeks, and those of it seen in the first."""
    half, seen = spec.half, np.isfinite(flows.values)
    is_old = flows.first[:, None] <= flows.weeks[at - half] - np.timedelta64(7 * spec.cohort.age, "D")
    weeks_seen = np.cumsum(np.pad(seen, ((0, 0), (1, 0))), axis=1)
    whole = weeks_seen[:, at + half] - weeks_seen[:, at - half] == 2 * half
    return is_old & whole, is_old & seen[:, at - half]


def windows(flows: Flows, spec: UnitSpec, sides: Sides) -> Windows:
    """The windows of every date that has h weeks on both sides."""
    half, side = spec.half, side_of(flows, sides)
    at = np.arange(half, len(flows.weeks) - half + 1)
    kept, begun = members(flows, spec, at)
    known = np.nan_to_num(flows.values)
    sums = np.zeros((len(at), 3, 2 * half))
    units, before = np.zeros((len(at), 3), dtype=int), np.zeros((len(at), 3), dtype=int)
    for one in (TREATED, COMPARISON, UNKNOWN):
        own = side == one
        for week in range(2 * half):
            sums[:, one, week] = (kept[own] * known[own, week : week + len(at)]).sum(axis=0)
        units[:, one], before[:, one] = kept[own].sum(axis=0), begun[own].sum(axis=0)
    return Windows(at, sums, units, before, _enough(units, before, spec))


def _enough(units: np.ndarray, before: np.ndarray, spec: UnitSpec) -> np.ndarray:
    enough = (units >= spec.cohort.least) & (units >= spec.cohort.kept * before)
    return np.asarray(enough[:, [TREATED, COMPARISON]].all(axis=1))


def without(made: Windows, flows: Flows, unit: str, spec: UnitSpec, sides: Sides) -> Windows:
    """The windows of all units but one."""
    own = flows.units == unit
    parts = (flows.values[own], flows.units[own], flows.places[own], flows.first[own], flows.weeks)
    alone = windows(Flows(*parts), spec, sides)
    units, before = made.units - alone.units, made.before - alone.before
    return Windows(made.at, made.sums - alone.sums, units, before, _enough(units, before, spec))


def changes(made: Windows, log: bool, share: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The change of every window (D) and its scale (D), NaN where a window does not count.

    ``log``: of the log ratio of sums, else of the difference of means. ``share``: the part of the units of
    unknown place that is given to the treated, the rest to the comparison; None leaves them out. The scale
    is the standard error of a difference of two means of h weekly gaps.
    """
    total, count = made.sums[:, :2], made.units[:, :2].astype(float)
    if share is not None:
        parts = np.asarray([share, 1 - share])
        total = total + parts[:, None] * made.sums[:, [UNKNOWN]]
        count = count + parts * made.units[:, [UNKNOWN]]
    change, scale = changes_of(total, None if log else count)
    counts = made.is_seen & np.isfinite(change)
    return np.where(counts, change, np.nan), np.where(counts, scale, np.nan)


def changes_of(total: np.ndarray, count: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Change and standard error (D) of the sums ``total`` (D, 2, 2h) of two sides: of their log ratio, or of
    the difference of means over ``count`` (D, 2) units. Not finite where a side has no count."""
    half = total.shape[2] // 2
    with np.errstate(divide="ignore", invalid="ignore"):
        if count is None:
            levels = np.log(total[:, :, half:].sum(axis=2)) - np.log(total[:, :, :half].sum(axis=2))
            change, weekly = levels[:, TREATED] - levels[:, COMPARISON], np.log(total + 0.5)
        else:
            weekly = total / count[:, :, None]
            means = weekly[:, :, half:].mean(axis=2) - weekly[:, :, :half].mean(axis=2)
            change = means[:, TREATED] - means[:, COMPARISON]
        gap = (weekly[:, TREATED] - weekly[:, COMPARISON]).reshape(len(total), 2, half)
        rest = gap - gap.mean(axis=2, keepdims=True)
        scale = np.sqrt((rest**2).sum(axis=(1, 2)) / (2 * half - 2) * 2 / half)
    return change, scale
