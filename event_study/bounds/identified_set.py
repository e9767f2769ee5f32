"""Unions of sets over what cannot be known, and how much of it overturns a side.

The true allotment is one of those tried, or lies between two of them: the set made under it holds the true
effect as often as its level says, and so does every union that it is part of. That needs nothing but the
level of the sets themselves, which ranks have without large samples; the price is a union that is wider than
needed where the identified set is long. Where an estimate has a standard error and the normal law behind
it, ``imbens_manski`` is shorter. References: Horowitz and Manski (2000); Manski (2003); Imbens and Manski
(2004); Stoye (2009). Not here: the sets (``refit``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from event_study.bounds.allotment import Allotments


@dataclass(frozen=True)
class UnionBounds:
    """``low``, ``high``: union over every constant share; ``worst_low``, ``worst_high``: over shares free
    before and after the first event. ``breakdown``: the smallest difference of the two shares that overturns
    the side on which the set of what is known lies, ``sign_breakdown`` that overturns the sign of its
    estimate; None where there is no side, or no difference overturns it. Infinite ends are open."""

    low: float
    high: float
    worst_low: float
    worst_high: float
    breakdown: float | None
    sign_breakdown: float | None


def union(made: Allotments, estimate: np.ndarray, low: np.ndarray, high: np.ndarray) -> UnionBounds:
    """Of the sets [``low``, ``high``] (S) around ``estimate`` (S) under each of the allotments.

    >>> import numpy as np
    >>> from event_study import Unknown
    >>> from event_study.bounds.allotment import allotments
    >>> one, pre = np.ones(2), np.array([True, False])
    >>> made = allotments(one, Unknown(one, one), pre, np.array([0.0, 0.5, 1.0]))
    >>> b = 0.5 + made.after - made.before
    >>> found = union(made, b, b - 0.25, b + 0.25)
    >>> found.low, found.high, found.worst_low, found.worst_high, found.breakdown, found.sign_breakdown
    (0.25, 0.75, -0.75, 1.75, 0.25, 0.5)
    """
    constant = made.constant
    return UnionBounds(
        low=float(low[constant].min()),
        high=float(high[constant].max()),
        worst_low=float(low.min()),
        worst_high=float(high.max()),
        breakdown=_breakdown(made, low, high),
        sign_breakdown=_breakdown(made, estimate, estimate),
    )


def _breakdown(made: Allotments, low: np.ndarray, high: np.ndarray) -> float | None:
    """The smallest difference of shares at which a set does not lie on the first one's side of zero; between
    two shares that were tried the set's end is taken as a straight line."""
    on = int(low[0] > 0) - int(high[0] < 0)
    if not on:
        return None
    margin = low if on > 0 else -high
    if (margin[made.constant] <= 0).any():
        return 0.0
    size = math.isqrt(len(margin) // 2)
    shape = (2, size, size)  # spread, before, after
    margin, before, after = (axis.reshape(shape) for axis in (margin, made.before, made.after))
    found = [made.difference.reshape(shape)[margin <= 0]]
    for axis in (1, 2):
        here, there = (np.moveaxis(margin, axis, 0)[part] for part in (slice(None, -1), slice(1, None)))
        crossed = (here > 0) != (there > 0)
        here, there = here[crossed], there[crossed]
        straight = np.isfinite(here) & np.isfinite(there)
        way = np.where(here <= 0, 0.0, 1.0)  # where an end is open: the share that overturns
        way[straight] = here[straight] / (here[straight] - there[straight])
        ends = [
            first + way * (last - first)
            for shares in (before, after)
            for first, last in [_neighbours(shares, axis, crossed)]
        ]
        found.append(np.abs(ends[1] - ends[0]))
    least = np.concatenate(found)
    return float(least.min()) if least.size else None


def _neighbours(shares: np.ndarray, axis: int, crossed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    moved = np.moveaxis(shares, axis, 0)
    return moved[:-1][crossed], moved[1:][crossed]


def imbens_manski(
    low: float, high: float, low_error: float, high_error: float, alpha: float = 0.05
) -> tuple[float, float]:
    """The interval that holds a number known to lie between two estimated ends, whichever of the values in
    between it is, with probability 1 - ``alpha``.

    Each end is moved outwards by c of its standard error, where Phi(c + width / larger error) - Phi(-c) =
    1 - ``alpha``: c is that of a two-sided test where the ends meet, and of a one-sided test where they lie
    far apart. It holds in large samples where both ends are jointly normal, uniformly over how far they
    lie apart. Imbens and Manski assumed besides that their distance is estimated far better than the ends;
    ends that are ordered whatever the data, as these are, make that so (Stoye, lemma 3).

    >>> from event_study import imbens_manski
    >>> low, high = imbens_manski(0.0, 0.0, 1.0, 1.0)
    >>> round(low, 2), round(high, 2)
    (-1.96, 1.96)
    >>> round(imbens_manski(0.0, 9.0, 1.0, 1.0)[1] - 9.0, 3)
    1.645
    """
    largest = max(low_error, high_error)
    if largest <= 0 or not math.isfinite(largest):
        return low - low_error, high + high_error
    width = max(high - low, 0.0) / largest  # ends of two fits may cross by what a fit rounds
    one, two = norm.ppf(1 - alpha), norm.ppf(1 - alpha / 2)

    def short(c: float) -> float:
        return float(norm.cdf(c + width) - norm.cdf(-c) - (1 - alpha))

    reach = brentq(short, one - 1e-9, two + 1e-9, xtol=1e-12)
    return low - reach * low_error, high + reach * high_error
