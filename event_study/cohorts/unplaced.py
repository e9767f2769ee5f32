"""Whose the units of unknown place may be: what that leaves of a change and its set.

For a constant share of them every window is made again, so that placebos have the same share; where the
share may differ before and after the event, the set keeps the reach that the known give it. Not here:
allotments and unions (``bounds``), the change itself (``windows``).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from event_study.bounds.allotment import allotments
from event_study.bounds.identified_set import UnionBounds, union
from event_study.cohorts.windows import COMPARISON, TREATED, UNKNOWN, Windows, changes
from event_study.errors import EventStudyError
from event_study.inference.ri_windows import WindowsTest, placebo_windows, windows_test
from event_study.panel.unknown import Unknown
from event_study.specs.unit_model import UnitSpec

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the unknown that are given to the treated, the rest to the others


def unknown_bounds_of(
    made: Windows, here: int, events: tuple[int, ...], spec: UnitSpec, test: WindowsTest
) -> UnionBounds | None:
    """Of a tested change in log points, at the window ``here``; None where nothing is unknown there."""
    sums, half = made.sums[here], spec.half
    if not sums[UNKNOWN].any():
        return None
    pre = np.arange(2 * half) < half
    tried = allotments(sums[TREATED], Unknown(sums[UNKNOWN], sums[COMPARISON]), pre)
    others = tried.factor * sums[COMPARISON]
    with np.errstate(divide="ignore", invalid="ignore"):
        levels = [np.log(side @ ~pre) - np.log(side @ pre) for side in (tried.treated, others)]
    estimate = np.nan_to_num(levels[0] - levels[1], nan=0.0)
    reach = test.high - test.estimate
    free = union(tried, estimate, estimate - reach, estimate + reach)
    lows, highs = [test.low], [test.high]
    for share in SHARES:
        change, scale = changes(made, True, share)
        placebos = placebo_windows(made.at, change, scale, events, half)
        try:
            one = windows_test(float(change[here]), float(scale[here]), placebos, spec.alpha)
        except EventStudyError:  # a share without a test leaves everything open
            lows, highs = [-math.inf], [math.inf]
            break
        lows.append(one.low)
        highs.append(one.high)
    low, high = min(lows), max(highs)
    return replace(
        free, low=low, high=high, worst_low=min(low, free.worst_low), worst_high=max(high, free.worst_high)
    )


def is_open(bounds: UnionBounds) -> bool:
    """Whether a set in log points holds both a halving and a doubling."""
    return bounds.low < -math.log(2) and bounds.high > math.log(2)
