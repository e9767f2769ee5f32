"""Is the change in an event's window larger, over its own noise, than in windows of other dates?

Windows of one panel differ in how many units they compare, and so in their noise; a window of eight weeks
says little of its own. t = change / scale with scale^2 the mean of the window's own variance and that of all
placebo windows, as a moderated t has it. Windows overlap, so a panel has far fewer independent ones than
dates: no p below 1/(W+1) is given, W the most windows that do not touch. References: Chernozhukov, Wüthrich
and Zhu (2021); Smyth (2004). Not here: how a change is made (``cohorts.windows``), vectors of dates of one
series (``ri_dates``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from event_study.errors import DegeneratePlacebo, EventOutsidePanel, ResolutionTooCoarse, counted
from event_study.inference.ri_dates import most_disjoint
from event_study.inference.ri_studentised import TIE
from event_study.limits import MIN_WINDOWS

POWER = 0.8


@dataclass(frozen=True)
class Placebos:
    """``at`` (D) positions of placebo dates, ``t`` (D) their studentised changes, ``windows`` W, ``noise``
    the mean of their variances."""

    at: np.ndarray
    t: np.ndarray
    windows: int
    noise: float

    def scale(self, own: float) -> float:
        """What a change is divided by whose window has the standard error ``own``."""
        return math.sqrt((own**2 + self.noise) / 2)


@dataclass(frozen=True)
class WindowsTest:
    """``estimate`` and its ``t`` among ``placebos``; ``low`` and ``high``: the changes that would not be
    rejected; ``detectable``: the one found with 80 % power, the placebos' t standing for the noise."""

    estimate: float
    t: float
    p_value: float
    p_floor: float
    low: float
    high: float
    detectable: float
    placebos: Placebos

    @property
    def ranks(self) -> np.ndarray:
        """Of the placebos' sizes (D), 1 for the largest; ties have the worse."""
        size = np.abs(self.placebos.t)
        return np.asarray(len(size) - np.searchsorted(np.sort(size), size - TIE))


def placebo_windows(
    at: np.ndarray, change: np.ndarray, scale: np.ndarray, events: Sequence[int], half: int
) -> Placebos:
    """The dates ``at`` (D, positions in time) whose windows [t-h, t+h) touch no event's; where the change or
    its standard error ``scale`` (D) is not finite there is no placebo."""
    clear = np.ones(len(at), dtype=bool)
    for event in events:
        clear &= np.abs(at - event) >= 2 * half
    fine = clear & np.isfinite(change) & np.isfinite(scale)
    noise = float(np.mean(scale[fine] ** 2)) if fine.any() else 0.0
    moderated = np.sqrt((scale[fine] ** 2 + noise) / 2)
    t = np.divide(change[fine], moderated, out=np.zeros(fine.sum()), where=moderated > 0)
    return Placebos(at[fine], t, most_disjoint(at[fine], half), noise)


def windows_test(estimate: float, scale: float, placebos: Placebos, alpha: float) -> WindowsTest:
    """The event's change among the placebos' at the level ``alpha``; ``scale`` its standard error.

    p = (1 + #{placebos at least as large}) / (1 + D), two-sided, never below ``p_floor`` = 1/(W+1). Raises
    ``ResolutionTooCoarse`` with fewer than ``MIN_WINDOWS`` disjoint windows, or than the level needs,
    ``EventOutsidePanel`` where the event's change is not finite, ``DegeneratePlacebo`` without noise.
    """
    many = placebos.windows
    if many < MIN_WINDOWS or 1 / (1 + many) > alpha:
        needed = max(MIN_WINDOWS, math.ceil(1 / alpha - 1e-9) - 1)
        raise ResolutionTooCoarse(
            many, why=f"{counted(many, 'disjoint placebo window')}: a test over dates needs {needed}"
        )
    if not np.isfinite(estimate):
        raise EventOutsidePanel("the event's window is not seen in full")
    own = placebos.scale(scale)
    if not own > 0:
        raise DegeneratePlacebo("the gap", "does not vary in any window: a change has no scale")
    t, sizes = estimate / own, np.sort(np.abs(placebos.t))[::-1]
    reached = int((sizes >= abs(t) - TIE).sum())
    # so many placebos must reach a t for its p to stay above alpha
    critical = float(sizes[int(np.floor(alpha * (1 + len(sizes)) + TIE)) - 1])
    reach = np.quantile(np.concatenate([critical - placebos.t, critical + placebos.t]), POWER)
    return WindowsTest(
        estimate=estimate,
        t=t,
        p_value=max((1 + reached) / (1 + len(sizes)), 1 / (1 + many)),
        p_floor=1 / (1 + many),
        low=estimate - critical * own,
        high=estimate + critical * own,
        detectable=float(max(reach, 0.0)) * own,
        placebos=placebos,
    )
