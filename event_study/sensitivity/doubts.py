"""Signs that no rank among donors can be trusted: noise that changes at the event, one donor that is nearly
all of the donors. Their own error rates are in ``docs/reference/persistence.md``. Not here: the tests.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from event_study.errors import Note
from event_study.estimators.design import Design

# what each says, in the words of a reason
DOUBTS: Mapping[Note, str] = {
    Note.VARIANCE_CHANGES: "the treated gap grows noisier at the events than the donors’",
    Note.FEW_EFFECTIVE_DONORS: "by their counts the donors are hardly more than one",
}
CHANGED = 0.08  # p at which a change of variance is named
FEW_DONORS = 4.0  # effective donors below which a count model is one comparison, not a pool


def doubts(values: np.ndarray, gaps: np.ndarray, design: Design, estimator: str) -> tuple[Note, ...]:
    """Those that show in a panel's ``values`` (1+J, T) and the ``gaps`` (1+J, T) of its units."""
    after = not design.pre.all()  # leads are fitted to the periods before alone
    changes = after and variance_change_p(gaps, design) <= CHANGED
    few = estimator == "ppml" and effective_donors(values, design, estimator) < FEW_DONORS
    return (Note.VARIANCE_CHANGES,) * changes + (Note.FEW_EFFECTIVE_DONORS,) * few


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


def effective_donors(values: np.ndarray, design: Design, estimator: str) -> float:
    """How many donors of equal weight the comparison is worth, 1 / sum of squared weights: Poisson weighs
    each of ``values`` (1+J, T) by its count before the first event, least squares all alike."""
    if estimator != "ppml":
        return float(len(values) - 1)
    share = values[1:, design.pre].sum(axis=1)
    return float(share.sum() ** 2 / (share**2).sum())
