"""Slopes of a path of coefficients, and what no restriction on them can be read from.

``S`` (K, K), K = ``n_pre`` + ``n_post``, the covariance of b; ``ell`` (n_post) weighs the effects after;
``times`` (K) are distances from the reference period, negative before it, default -n_pre..-1, 1..n_post.
Not here: the restrictions (``smoothness``, ``magnitudes``, ``conditional``).
"""

from __future__ import annotations

import numpy as np

from event_study.errors import InfiniteValue, RankDeficient, SpecError


def check_coefficients(b: np.ndarray, size: int) -> None:
    """Raises ``SpecError`` unless ``b`` is (``size``), ``InfiniteValue`` unless finite."""
    if b.shape != (size,):
        raise SpecError(f"b is {b.shape}, expected {(size,)}")
    if not np.isfinite(b).all():
        raise InfiniteValue("a coefficient is not a finite number")


def check_alpha(alpha: float) -> None:
    """Raises ``SpecError`` unless between 0 and 0.5."""
    if not 0 < alpha < 0.5:
        raise SpecError(f"alpha is {alpha:g}, expected between 0 and 0.5")


def spacing(
    S: np.ndarray,
    n_pre: int,
    n_post: int,
    ell: np.ndarray,
    times: np.ndarray | None,
) -> np.ndarray:
    """Distances (K) between neighbouring periods, the reference among them.

    Raises ``SpecError`` (shapes, times out of order), ``RankDeficient`` (S not positive definite).
    """
    size = n_pre + n_post
    if n_pre < 1 or n_post < 1 or S.shape != (size, size) or ell.shape != (n_post,) or not ell.any():
        raise SpecError(
            f"S is {S.shape} and ell is {ell.shape}, expected {(size, size)} and {(n_post,)}, not all 0, "
            "with a period before and after the reference"
        )
    when = np.delete(np.arange(-n_pre, n_post + 1.0), n_pre) if times is None else times
    if when.shape != (size,) or not np.isfinite(when).all():
        raise SpecError(f"times are {when.shape}, expected {(size,)} finite numbers")
    gaps = np.diff(np.insert(when, n_pre, 0.0))
    if (gaps <= 0).any():
        raise SpecError("times must ascend, below 0 before the reference and above it after")
    if not np.isfinite(S).all() or np.linalg.eigvalsh((S + S.T) / 2)[0] <= 1e-12 * np.trace(S) / size:
        raise RankDeficient("the covariance of the coefficients is not positive definite")
    return np.asarray(gaps)


def slope_matrix(gaps: np.ndarray, n_pre: int) -> np.ndarray:
    """(K, K): coefficients [pre | post] to slopes between neighbouring periods, in order of time."""
    size = len(gaps)
    with_reference = np.delete(np.eye(size + 1), n_pre, axis=1)
    return np.asarray(np.diff(with_reference, axis=0) / gaps[:, None])
