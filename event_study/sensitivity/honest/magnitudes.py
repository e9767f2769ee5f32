"""Relative magnitudes: a drift after that is at most Mbar times the largest before, and its bounds.

Not here: other restrictions (``smoothness``, ``conditional``), shapes and ``times`` (``slopes``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from event_study.errors import SpecError
from event_study.sensitivity.honest.slopes import check_alpha, check_coefficients, slope_matrix, spacing

HALVINGS = 48


@dataclass(frozen=True)
class RmBound:
    """Relative magnitudes ``Mbar``: [``bound_low``, ``bound_high``] is the identified set at the
    coefficients as estimated, [``low``, ``high``] the interval that allows for their noise."""

    Mbar: float
    estimate: float
    bound_low: float
    bound_high: float
    low: float
    high: float


def honest_rm(
    b: np.ndarray,
    S: np.ndarray,
    n_pre: int,
    n_post: int,
    ell: np.ndarray,
    Mbar: float,
    *,
    times: np.ndarray | None = None,
    alpha: float = 0.05,
) -> RmBound:
    """Bounds on ell'(effects after) under relative magnitudes ``Mbar``, noise in them included.

    Identified set: ell'b -/+ Mbar W max_s|g_s|, W = sum_i |weight of ell on slope i|, g_s the slopes before.
    Interval: for each s and sign the set were g_s the largest slope, each end moved by z_(1-alpha/2) of *its
    own* standard error; then the union over s and signs. The truth is one of these cases, and its interval
    covers with 1 - alpha (Bonferroni over two ends), so the union covers with at least 1 - alpha: it has
    the noise of the largest slope, which [bound -/+ 1.96 se(ell'b)] leaves out. It never shrinks in
    Mbar and is conservative; the shorter conditional set is ``honest_conditional``. Shapes and ``times`` as
    in ``slopes``. Raises ``SpecError``, ``RankDeficient``, ``InfiniteValue``.

    >>> import numpy as np
    >>> from event_study import honest_rm
    >>> b, S, ell = np.array([0.0, 0.1, 1.0, 1.0]), np.diag([0.01] * 4), np.array([1.0, 0.0])
    >>> bound = honest_rm(b, S, 2, 2, ell, Mbar=1.0)
    >>> round(bound.low, 2), round(bound.high, 2)
    (0.56, 1.44)
    """
    if not (np.isfinite(Mbar) and Mbar >= 0):
        raise SpecError(f"Mbar is {Mbar:g}, expected a finite number not below 0")
    ends = _RmEnds.of(b, S, n_pre, n_post, ell, times, alpha)
    reach = Mbar * ends.width * float(np.abs(ends.slopes).max())
    low, high = ends.interval(Mbar)
    return RmBound(Mbar, ends.estimate, ends.estimate - reach, ends.estimate + reach, low, high)


def breakdown_rm(
    b: np.ndarray,
    S: np.ndarray,
    n_pre: int,
    n_post: int,
    ell: np.ndarray,
    *,
    times: np.ndarray | None = None,
    alpha: float = 0.05,
) -> float | None:
    """Mbar*: the largest Mbar whose ``honest_rm`` interval excludes 0; null when that of 0 contains it."""
    ends = _RmEnds.of(b, S, n_pre, n_post, ell, times, alpha)

    def excludes(Mbar: float) -> bool:
        low, high = ends.interval(Mbar)
        return low > 0 or high < 0

    if not excludes(0.0):
        return None
    low, high = 0.0, 1.0
    while excludes(high):  # ends: every interval's reach grows without bound in Mbar
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if excludes(middle) else (low, middle)
    return low


@dataclass(frozen=True)
class _RmEnds:
    """What the interval of every Mbar is made of: the slopes before (s) and their joint noise."""

    estimate: float
    width: float
    slopes: np.ndarray
    variance: float
    cross: np.ndarray
    spread: np.ndarray
    z: float

    @classmethod
    def of(
        cls, b: np.ndarray, S: np.ndarray, n_pre: int, n_post: int, ell: np.ndarray,
        times: np.ndarray | None, alpha: float,
    ) -> _RmEnds:  # fmt: skip
        gaps = spacing(S, n_pre, n_post, ell, times)
        check_alpha(alpha)
        check_coefficients(b, len(gaps))
        before = slope_matrix(gaps, n_pre)[:n_pre]
        width = float(np.abs(gaps[n_pre:] * np.cumsum(ell[::-1])[::-1]).sum())
        v = np.append(np.zeros(n_pre), ell)
        spread = np.einsum("sk,kj,sj->s", before, S, before)
        return cls(
            float(v @ b), width, before @ b, float(v @ S @ v), before @ S @ v, spread,
            float(ndtri(1 - alpha / 2)),
        )  # fmt: skip

    def interval(self, Mbar: float) -> tuple[float, float]:
        """Union over slopes and signs of ell'b -/+ Mbar W (+-g_s), each end moved by z of its error."""
        reach = Mbar * self.width * np.asarray([[1.0], [-1.0]])
        noise = self.z * np.sqrt(self.variance + reach**2 * self.spread - 2 * reach * self.cross)
        low = self.estimate - reach * self.slopes - noise
        # the upper end with slope s is the lower end's expression with the sign turned
        high = self.estimate - reach * self.slopes + noise
        return float(low.min()), float(high.max())
