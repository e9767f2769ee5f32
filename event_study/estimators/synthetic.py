"""Synthetic control: the weighted donors that follow the treated unit before the first event.

w = argmin |Y_pre' w - y_pre|^2 on the simplex, outcomes only. Reference: Abadie, Diamond and Hainmueller
(2010). Not here: the solver (``simplex``), every donor as a placebo (``matched``), a version with
intercept (``sdid``), ranks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from event_study.errors import Note
from event_study.estimators.matrices import DEGENERATE, check_windows
from event_study.estimators.simplex import simplex_least_squares


@dataclass(frozen=True)
class Synthetic:
    """``weights`` (J), ``gap`` (T) = y_1 - w'Y; ``effect`` its mean after, ``rmspe_pre`` and
    ``rmspe_post`` its root mean square, ``ratio`` post/pre (infinite when the fit is exact);
    ``entropy`` = -sum w log w, so exp(entropy) donors of equal weight."""

    weights: np.ndarray
    gap: np.ndarray
    rmspe_pre: float
    rmspe_post: float
    effect: float
    ratio: float
    entropy: float
    notes: tuple[Note, ...]


def synth(Y: np.ndarray, pre: np.ndarray, post: np.ndarray) -> Synthetic:
    """Synthetic control of row 0 of ``Y`` (1+J, T); ``pre``, ``post`` (T) booleans, disjoint.

    Periods in neither window count in ``gap`` only. Notes ``DonorsExceedPrePeriods`` when J >= T0 (the
    fit before is then mechanically close and w need not be unique) and ``DegeneratePlacebo`` when the
    fit is exact: an RMSPE below 1e-8 of the donors' own distance from the treated unit.
    Raises what ``check_windows`` raises, ``NotConverged``.

    >>> import numpy as np
    >>> from event_study import synth
    >>> Y, pre = np.array([[1.0, 7, 10], [0, 0, 2], [4, 0, 6]]), np.array([True, True, False])
    >>> control = synth(Y, pre, ~pre)
    >>> control.weights.round(6), round(control.effect, 6)
    (array([0.75, 0.25]), 7.0)
    """
    check_windows(Y, pre, post)
    donors = Y[1:]
    weights = simplex_least_squares(donors[:, pre].T, Y[0, pre])
    gap = Y[0] - weights @ donors
    before, after = _rms(gap[pre]), _rms(gap[post])
    exact = before <= DEGENERATE * _rms(donors[:, pre] - Y[0, pre])
    notes = (Note.DONORS_EXCEED_PRE_PERIODS,) if len(donors) >= pre.sum() else ()
    positive = weights[weights > 0]
    return Synthetic(
        weights=weights,
        gap=gap,
        rmspe_pre=before,
        rmspe_post=after,
        effect=float(gap[post].mean()),
        ratio=np.inf if exact else after / before,
        entropy=float(-(positive * np.log(positive)).sum()),
        notes=(*notes, Note.DEGENERATE_PLACEBO) if exact else notes,
    )


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt((values**2).mean()))
