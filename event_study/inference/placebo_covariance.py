"""Covariance of event-study coefficients with one treated unit, from the placebos' own coefficients.

Clustered errors are far too small with one treated unit; what the donors' coefficients scatter by is the
noise that the treated unit's have too, once each is on the treated unit's scale. References: Conley and
Taber (2011); Ferman and Pinto (2019) for the scale. Not here:
what the covariance is used for (``honest``, ``pretrend_power``).
"""

from __future__ import annotations

import numpy as np

from event_study.errors import DegeneratePlacebo, InfiniteValue, RankDeficient, counted

SPARE = 5  # donors wanted beyond the coefficients


def placebo_cov(b: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """S (K, K) = sum over donors of (c_j - mean c)(c_j - mean c)' / (J - 1), c_j = b_j s_1 / s_j.

    ``b`` (1+J, K) coefficients and ``scale`` (1+J) pre-period scales s, treated first; the treated unit's
    coefficients are not looked at. With J <= K + 5 the sum is singular or nearly so. Raises
    ``RankDeficient`` (too few donors), ``InfiniteValue``, ``DegeneratePlacebo`` (a scale of 0).

    >>> import numpy as np
    >>> from event_study import placebo_cov
    >>> donors = np.array([1.0, -1] * 5)[:, None]
    >>> placebo_cov(np.vstack([[9.0], donors]), np.ones(11)).round(6)
    array([[1.111111]])
    """
    donors, size = len(b) - 1, b.shape[1]
    if donors < 2:
        raise RankDeficient(f"{counted(donors, 'donor')}: no covariance among fewer than 2")
    if donors <= size + SPARE:
        raise RankDeficient(
            f"{counted(donors, 'donor')} for the covariance of {counted(size, 'coefficient')}: "
            f"more than {size + SPARE} are needed"
        )
    if not (np.isfinite(b[1:]).all() and np.isfinite(scale).all()):
        raise InfiniteValue("a placebo's coefficient, or a scale, is not a finite number")
    if (scale <= 0).any():
        j = int(np.argmax(scale <= 0))
        raise DegeneratePlacebo(f"donor {j}" if j else "the treated unit")
    c = b[1:] * (scale[0] / scale[1:])[:, None]
    c = c - c.mean(axis=0)
    return np.asarray(c.T @ c / (donors - 1))
