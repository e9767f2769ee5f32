"""Placebo dates: is the change around the real dates larger than around other dates of the series?

For series too long for their few donors (weeks): needs many disjoint windows without an event.
Reference: Chernozhukov, Wüthrich and Zhu (2021) for the idea of permuting time. Not here: placebo
units (``ri_studentised``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from event_study.errors import EventOutsidePanel, ResolutionTooCoarse
from event_study.limits import MIN_WINDOWS


@dataclass(frozen=True)
class DatesTest:
    """``estimate``: mean over the events of (h periods from the event on) - (h periods before it);
    ``placebos`` (draws) the same of random date vectors, ``chosen`` (draws, K) their positions."""

    estimate: float
    p_value: float
    p_floor: float
    windows: int
    placebos: np.ndarray
    chosen: np.ndarray


def eligible_dates(when: np.ndarray, events: Sequence[int], half: int) -> np.ndarray:
    """Positions t whose window [t-h, t+h) is seen in full and touches no event's own window.

    ``when`` (T) ordinals of the observed periods, ascending; ``events`` their ordinals.
    """
    span = np.arange(half, len(when) - half + 1)
    whole = when[span + half - 1] - when[span - half] == 2 * half - 1
    day = when[span - half] + half
    clear = np.all([np.abs(day - e) >= 2 * half for e in events], axis=0)
    return np.asarray(span[whole & clear])


def disjoint_windows(when: np.ndarray, events: Sequence[int], half: int) -> int:
    """How many placebo windows of 2h periods fit without touching each other or an event's."""
    count, free = 0, -1
    for t in eligible_dates(when, events, half):
        if t - half >= free:
            count, free = count + 1, t + half
    return count


def dates_test(
    gap: np.ndarray, when: np.ndarray, events: Sequence[int], *, half: int, draws: int, seed: int
) -> DatesTest:
    """p = (1 + #{placebo vectors at least as large})/(1 + draws), two-sided, at the events' number.

    Raises ``ResolutionTooCoarse`` with fewer than ``MIN_WINDOWS`` disjoint windows and
    ``EventOutsidePanel`` where an event's own window is not seen in full.
    """
    windows = disjoint_windows(when, events, half)
    if windows < MIN_WINDOWS:
        raise ResolutionTooCoarse(windows)
    span = np.arange(half, len(gap) - half + 1)
    sums = np.concatenate([[0.0], np.cumsum(gap)])
    change = (sums[span + half] - 2 * sums[span] + sums[span - half]) / half
    own = [int(np.searchsorted(when, e)) for e in events]
    for e, t in zip(events, own, strict=True):
        inside = half <= t <= len(when) - half and when[t] == e
        if not inside or when[t + half - 1] - when[t - half] != 2 * half - 1:
            raise EventOutsidePanel(f"an event's window of {half} periods a side is not seen in full")
    estimate = float(change[np.asarray(own) - half].mean())
    eligible = eligible_dates(when, events, half)
    rng = np.random.default_rng(seed)
    chosen = np.vstack([rng.choice(eligible, len(own), replace=False) for _ in range(draws)])
    placebos = change[chosen - half].mean(axis=1)
    reached = int((np.abs(placebos) >= abs(estimate) - 1e-12).sum())
    return DatesTest(
        estimate, (1 + reached) / (1 + draws), 1 / (1 + draws), windows, placebos, np.sort(chosen, axis=1)
    )
