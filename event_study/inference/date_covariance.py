"""How far the mean change at events moves by itself: its covariance over other dates of the same series.

Where changes of several series are combined (``clock.inverse``, ``units.place_changes``) their errors are
needed together, which a rank (``ri_dates``) does not give. Windows overlap, so it has about as many degrees
of freedom as there are disjoint ones. Not here: the test.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from event_study.inference.ri_dates import eligible_dates


def window_changes(series: np.ndarray, half: int) -> np.ndarray:
    """Of series (..., T) the mean of the h periods from t on less that of the h before, at t = h ... T-h:
    (..., T - 2h + 1)."""
    sums = np.cumsum(np.pad(series, [(0, 0)] * (series.ndim - 1) + [(1, 0)]), axis=-1)
    return np.asarray((sums[..., 2 * half :] - 2 * sums[..., half:-half] + sums[..., : -2 * half]) / half)


def date_covariance(series: np.ndarray, when: np.ndarray, events: Sequence[int], half: int) -> np.ndarray:
    """Of Q series (..., Q, T) the covariance (..., Q, Q) of their mean changes over as many dates as there
    are ``events``, around no change. ``when`` (T) and ``half`` as in ``ri_dates.dates_test``, which says
    whether there are enough dates."""
    eligible = eligible_dates(when, list(events), half) - half
    changes = window_changes(series, half)[..., eligible]
    return np.asarray(changes @ changes.swapaxes(-2, -1) / len(eligible) / len(events))
