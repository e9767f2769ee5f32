"""Signs that no rank among donors can be trusted: noise that changes at the event, one donor that is nearly
all of the donors. Their own error rates are in ``docs/reference/persistence.md``. Not here: the tests.
"""

from __future__ import annotations

import numpy as np

from event_study.estimators.design import Design

CHANGED = 0.08  # p at which a change of variance is named
FEW_DONORS = 4.0  # effective donors below which a count model is one comparison, not a pool


def variance_change_p(gaps: np.ndarray, design: Design) -> float:
    """Rank p that the treated gap grew noisier at the first event than the donors' did: the mean square
    of changes from period to period, after over before, but for those in which a step is taken."""
    changes, after = np.diff(gaps, axis=1) ** 2, ~design.pre[1:]
    still = np.abs(np.diff(design.X[:, 1 + design.trend :], axis=0)).max(axis=1) == 0
    if not (after & still).any():  # leads and lags step in every period
        still = np.ones_like(after)
    before = np.maximum(changes[:, ~after & still].mean(axis=1), 1e-300)
    ratio = changes[:, after & still].mean(axis=1) / before
    return float((ratio >= ratio[0] * (1 - 1e-12)).mean())


def effective_donors(Y: np.ndarray, design: Design) -> float:
    """How many donors of equal size a count model's comparison is worth: Poisson weighs each by its count,
    so 1 / sum of squared shares of the donors' ``Y`` (1+J, T) before the first event."""
    share = Y[1:, design.pre].sum(axis=1)
    return float(share.sum() ** 2 / (share**2).sum())
