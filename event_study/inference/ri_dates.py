"""Placebo dates: is the change around the real dates larger than around other dates of the series?

The change of a gap at t is the mean of the h periods from t on minus the mean of the h before t; a
date vector's statistic is the mean change over its K dates, one for each event; the real dates are ranked
among random date vectors of the same gap. Reference: Chernozhukov, Wüthrich and Zhu (2021). Not here: which
weeks a calendar spoils (``panel.calendar``), ranks that need no long series (``ri_studentised``).

Windows overlap, so a series has far fewer independent ones than dates: what counts, and is returned,
is the number W of disjoint windows. With one event no p below 1/(W+1) is given, however many vectors are
drawn; with K events the floor is that of the C(W, K) sets of disjoint windows, or of the draws. The sets
share their windows, so small p-values are rough: on AR(1) 0.8 series with W between 20 and 50 a nominal
5 % rejects 5 to 7 %, a nominal 1 % 1 to 2 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from event_study.errors import EventOutsidePanel, InfiniteValue, ResolutionTooCoarse, counted
from event_study.inference.ri_studentised import TIE
from event_study.limits import MIN_WINDOWS

RATIOS = np.sinh(np.linspace(-8.0, 8.0, 1001))  # up to 1490, two hundredths apart near 1


@dataclass(frozen=True)
class DatesTest:
    """``estimate``: the real dates' statistic; ``windows``: disjoint placebo windows; ``placebos``
    (draws) the statistics of random date vectors, ``chosen`` (draws, K) their positions; ``tie``: statistics
    that differ by no more are one."""

    estimate: float
    p_value: float
    p_floor: float
    windows: int
    placebos: np.ndarray
    chosen: np.ndarray
    tie: float

    @property
    def ranks(self) -> np.ndarray:
        """Of the placebos' sizes (draws), 1 for the largest; ties have the worse."""
        size = np.abs(self.placebos)
        return np.asarray(len(size) - np.searchsorted(np.sort(size), size - self.tie))

    def reach(self, alpha: float) -> float:
        """Half the width of the set of changes that would not be rejected at ``alpha``, by shifting the real
        dates' change; infinite where no p can be so small."""
        return float(reach_of(self.placebos, alpha)) if self.p_floor <= alpha else math.inf

    def detectable(self, alpha: float, power: float = 0.8) -> float:
        """The change found with this power at ``alpha``, the placebos' changes standing for the noise."""
        reach = self.reach(alpha)
        shifted = np.concatenate([reach - self.placebos, reach + self.placebos])
        return max(float(np.quantile(shifted, power)), 0.0) if math.isfinite(reach) else math.inf


def reach_of(placebos: np.ndarray, alpha: float) -> np.ndarray:
    """The size up to which a change's rank among the placebos (last axis) stays above ``alpha``."""
    sizes = np.sort(np.abs(placebos), axis=-1)
    return np.asarray(sizes[..., -max(int(np.floor(alpha * (1 + sizes.shape[-1]) + TIE)), 1)])


def ratio_set(changes: tuple[float, float], placebos: np.ndarray, alpha: float) -> tuple[float, float]:
    """Ends of the set of ratios of two changes: the r at which the first change less r times the second is
    not rejected among the ``placebos`` (2, draws) of both. An end is infinite where the largest ratio tried
    is in the set, as it is where the second change may be zero. Reference: Fieller (1954).
    """
    own, other = changes
    tried = np.sort(np.append(RATIOS, own / other if other else math.inf))
    tried = tried[np.isfinite(tried)]
    inside = np.abs(own - tried * other) <= reach_of(placebos[0] - tried[:, None] * placebos[1], alpha)
    if not inside.any():  # of noise of the last digit only
        return own / other, own / other
    low = -math.inf if inside[0] else float(tried[np.argmax(inside)])
    high = math.inf if inside[-1] else float(tried[len(tried) - 1 - np.argmax(inside[::-1])])
    return (low, high) if math.isfinite(low) and math.isfinite(high) else (-math.inf, math.inf)


@dataclass(frozen=True)
class _Drawn:
    """``real`` (K), the events', and ``chosen`` (draws, K) are positions in ``when``; ``windows`` and
    ``p_floor`` as in ``DatesTest``."""

    real: np.ndarray
    chosen: np.ndarray
    windows: int
    p_floor: float


def eligible_dates(
    when: np.ndarray, events: Sequence[int], half: int, avoid: Sequence[int] = ()
) -> np.ndarray:
    """Positions t whose window [t-h, t+h) is seen in full, touches no event's own window and has no
    period of ``avoid``.

    ``when`` (T) ordinals of the observed periods, ascending; ``events`` and ``avoid`` ordinals too
    (holiday weeks, weeks of clock changes, the windows of events that are not asked about).
    """
    span = np.arange(half, len(when) - half + 1)
    whole = when[span + half - 1] - when[span - half] == 2 * half - 1
    day = when[span - half] + half
    clear = np.all([np.abs(day - e) >= 2 * half for e in events], axis=0)
    spoilt = np.unique(np.asarray(avoid, dtype=np.int64))
    spoilt_periods = np.searchsorted(spoilt, day + half) - np.searchsorted(spoilt, day - half)
    return np.asarray(span[whole & clear & (spoilt_periods == 0)])


def disjoint_windows(when: np.ndarray, events: Sequence[int], half: int, avoid: Sequence[int] = ()) -> int:
    """How many placebo windows of 2h periods fit without touching each other, an event's window or
    ``avoid``."""
    return most_disjoint(eligible_dates(when, events, half, avoid), half)


def dates_test(
    gap: np.ndarray,
    when: np.ndarray,
    events: Sequence[int],
    *,
    half: int,
    draws: int,
    seed: int,
    avoid: Sequence[int] = (),
    rounding: float = 0.0,
) -> DatesTest:
    """p = (1 + #{placebo vectors at least as large}) / (1 + draws), two-sided, and never below
    ``p_floor`` = 1 / (1 + the smaller of draws and sets of K disjoint windows).

    ``gap`` (T) of the treated unit at ``when``; ``half`` h in periods; ``avoid`` as in
    ``eligible_dates``; ``rounding`` the scale below which the gap is noise of the last digit
    (``estimators.gaps``), by which two statistics may differ and be tied. A window of the event's own may
    have a period of ``avoid``: then no placebo is like it. Raises ``ResolutionTooCoarse`` with fewer than
    ``MIN_WINDOWS`` disjoint windows, ``EventOutsidePanel`` where an event's own window is not
    seen in full, ``InfiniteValue``.

    >>> import numpy as np
    >>> from event_study import dates_test
    >>> gap = np.sin(np.arange(200.0))
    >>> gap[100:104] += 9
    >>> test = dates_test(gap, np.arange(200), [100], half=4, draws=99, seed=1)
    >>> test.p_value, test.windows
    (0.04, 24)
    """
    drawn = _draw(when, events, half, draws, seed, avoid)
    changes = _changes(gap, half)
    estimate = float(changes[drawn.real - half].mean())
    # column by column: a sum in order, whatever the number of events
    placebos = np.asarray(sum(changes[column - half] for column in drawn.chosen.T) / drawn.chosen.shape[1])
    tie = float(max(rounding, TIE * np.abs(gap).max()))
    reached = int((np.abs(placebos) >= abs(estimate) - tie).sum())
    return DatesTest(
        estimate=estimate,
        p_value=max((1 + reached) / (1 + draws), drawn.p_floor),
        p_floor=drawn.p_floor,
        windows=drawn.windows,
        placebos=placebos,
        chosen=np.sort(drawn.chosen, axis=1),
        tie=tie,
    )


def mean_change(gap: np.ndarray, when: np.ndarray, events: Sequence[int], half: int) -> float:
    """The statistic of the real dates alone. Raises ``EventOutsidePanel``, ``InfiniteValue``."""
    real = np.asarray([_position(when, e, half) for e in events])
    return float(_changes(gap, half)[real - half].mean())


def _changes(gap: np.ndarray, half: int) -> np.ndarray:
    """Change at t = h, h+1, ... T-h, shape (T - 2h + 1). Raises ``InfiniteValue``."""
    if not np.isfinite(gap).all():
        period = int(np.argmin(np.isfinite(gap)))
        raise InfiniteValue(f"the gap is {gap[period]} in period {period}, not a finite number")
    size = len(gap) - 2 * half + 1
    steps = (gap[half + i : half + i + size] - gap[i : i + size] for i in range(half))
    return np.asarray(sum(steps) / half)


def _draw(
    when: np.ndarray,
    events: Sequence[int],
    half: int,
    draws: int,
    seed: int,
    avoid: Sequence[int],
) -> _Drawn:
    pool = eligible_dates(when, events, half, avoid)
    windows = most_disjoint(pool, half)
    sets = math.comb(windows, len(events))
    if windows < MIN_WINDOWS or sets < 1:
        where = "away from the events" + (" and from periods to avoid" if len(avoid) else "")
        fitting = counted(windows, "disjoint placebo window")
        raise ResolutionTooCoarse(windows, why=f"{fitting} {where}: a test over dates needs {MIN_WINDOWS}")
    real = np.asarray([_position(when, e, half) for e in events])
    return _Drawn(real, _vectors(pool, len(events), draws, seed), windows, 1 / (1 + min(draws, sets)))


def _position(when: np.ndarray, event: int, half: int) -> int:
    at = int(np.searchsorted(when, event))
    inside = half <= at <= len(when) - half and when[at] == event
    if not inside or when[at + half - 1] - when[at - half] != 2 * half - 1:
        raise EventOutsidePanel(f"an event's window of {half} periods a side is not seen in full")
    return at


def most_disjoint(positions: np.ndarray, half: int) -> int:
    """The most windows [t-h, t+h) of ascending positions that do not touch: always the next that fits."""
    count, free = 0, -half
    for t in positions:
        if t - half >= free:
            count, free = count + 1, int(t) + half
    return count


def _vectors(pool: np.ndarray, size: int, draws: int, seed: int) -> np.ndarray:
    """Random positions (draws, ``size``) of the pool, none twice in a vector: uniform over such sets."""
    rng = np.random.default_rng(seed)
    chosen = np.full((draws, size), -1)
    for k in range(size):
        again = np.arange(draws)
        while again.size:
            drawn = rng.choice(pool, again.size)
            taken = (chosen[again] == drawn[:, None]).any(axis=1)
            chosen[again[~taken], k] = drawn[~taken]
            again = again[taken]
    return chosen
