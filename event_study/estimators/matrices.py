"""Matrices (1+J, T) with the treated unit first: what comparison-unit estimators refuse, and placebos.

Not here: from rows to a matrix (``panel.balance``), statistics.
"""

from __future__ import annotations

import numpy as np

from event_study.errors import EventOutsidePanel, InfiniteValue, MissingReference, NoDonors, counted

DEGENERATE = 1e-8  # a spread below this share of what it is compared with is rounding


def check_windows(Y: np.ndarray, pre: np.ndarray, post: np.ndarray, *, least: int = 1) -> None:
    """Refuse a matrix (1+J, T) and windows (T) that no comparison-unit estimator can use.

    Raises ``NoDonors``, ``MissingReference`` (fewer than ``least`` periods before),
    ``EventOutsidePanel`` (none after), ``InfiniteValue``; ``ValueError`` for masks of another length
    or that share a period.
    """
    if pre.dtype != bool or post.dtype != bool or pre.shape != (Y.shape[1],) or post.shape != pre.shape:
        raise ValueError(f"pre and post must be {Y.shape[1]} booleans")
    if (pre & post).any():
        raise ValueError("a period cannot be both before and after")
    if len(Y) < 2:
        raise NoDonors("no comparison unit")
    if pre.sum() < least:
        raise MissingReference(
            f"{counted(int(pre.sum()), 'period')} before the first event, at least {least} needed"
        )
    if not post.any():
        raise EventOutsidePanel("no period after the first event")
    if (bad := np.argwhere(~np.isfinite(Y))).size:
        raise InfiniteValue(
            f"row {bad[0][0]} is {Y[tuple(bad[0])]} in period {bad[0][1]}, not a finite number"
        )


def as_treated(Y: np.ndarray, j: int) -> np.ndarray:
    """``Y`` (1+J, T) with row ``j`` in the treated unit's place and row 0 out of its donors, so that
    the treatment contaminates no placebo; ``Y`` itself for j = 0, else shape (J, T)."""
    return Y if j == 0 else np.vstack([Y[j], np.delete(Y, [0, j], axis=0)])
