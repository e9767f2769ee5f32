"""Covariance of event-study coefficients with one treated unit, from the placebos' own coefficients.

Clustered errors are far too small with one treated unit; what the donors' coefficients scatter by is the
noise that the treated unit's have too, once each is on the treated unit's scale. References: Conley and
Taber (2011); Ferman and Pinto (2019) for the scale; Ledoit and Wolf (2003) and Schäfer and Strimmer (2005)
for the shrinkage. Not here: what the covariance is used for (``honest``, ``pretrend_power``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from event_study.errors import DegeneratePlacebo, InfiniteValue, RankDeficient, counted

SPARE = 5  # donors wanted beyond the coefficients


@dataclass(frozen=True)
class PlaceboCovariance:
    """``S`` (K, K) in squared units of b; ``shrinkage``: weight of the target in it, 0 to 1."""

    S: np.ndarray
    shrinkage: float

    @property
    def shrunk(self) -> bool:
        return self.shrinkage > 0.0


def placebo_cov(b: np.ndarray, scale: np.ndarray, target: np.ndarray | None = None) -> PlaceboCovariance:
    """S = sum over donors of (c_j - mean c)(c_j - mean c)' / (J - 1), c_j = b_j s_1 / s_j.

    ``b`` (1+J, K) coefficients and ``scale`` (1+J) pre-period scales s, treated first; the treated unit's
    coefficients are not looked at. With J <= K + 5 the sum is singular or nearly, so it is shrunk to
    ``target`` (K, K; ``ar1_covariance``): S* = (1 - w) S + w T with Schäfer and Strimmer's w =
    sum_kl Var(s_kl) / sum_kl (s_kl - t_kl)^2, at most 1, T taken as known. Raises ``RankDeficient`` (too few
    donors and no target, or fewer than 2), ``InfiniteValue``, ``DegeneratePlacebo`` (a scale of 0).
    """
    donors, size = len(b) - 1, b.shape[1]
    if donors < 2:
        raise RankDeficient(f"{counted(donors, 'donor')}: no covariance among fewer than 2")
    if donors <= size + SPARE and target is None:
        raise RankDeficient(
            f"{counted(donors, 'donor')} for the covariance of {counted(size, 'coefficient')}: "
            f"more than {size + SPARE} are needed, or a target to shrink it to"
        )
    if not (np.isfinite(b[1:]).all() and np.isfinite(scale).all()):
        raise InfiniteValue("a placebo's coefficient, or a scale, is not a finite number")
    if (scale <= 0).any():
        j = int(np.argmax(scale <= 0))
        raise DegeneratePlacebo(f"donor {j}" if j else "the treated unit")
    c = b[1:] * (scale[0] / scale[1:])[:, None]
    c = c - c.mean(axis=0)
    S = c.T @ c / (donors - 1)
    if target is None or donors > size + SPARE:
        return PlaceboCovariance(S, 0.0)
    products = c[:, :, None] * c[:, None, :]
    scatter = ((products - products.mean(axis=0)) ** 2).sum() * donors / (donors - 1) ** 3
    distance = float(((S - target) ** 2).sum())
    weight = min(1.0, float(scatter) / distance) if distance > 0.0 else 1.0
    return PlaceboCovariance((1 - weight) * S + weight * target, weight)


def ar1_covariance(gaps: np.ndarray, maps: np.ndarray, pre: np.ndarray) -> np.ndarray:
    """Covariance (K, K) of the coefficients ``maps`` @ gap if the treated gap is AR(1): maps R maps' sigma^2.

    ``gaps`` (1+J, T), ``maps`` (K, T), ``pre`` (T) the periods before the first event. R_tu = rho^|t-u|;
    rho is the donors' pooled first-order autocorrelation before the event, each on its own scale, plus
    Kendall's (1954) correction (1 + 3 rho)/T0 for the mean taken out, at most .99; sigma^2 makes the expected
    squared pre-period RMSE around its mean the treated gap's own. Raises ``DegeneratePlacebo``.
    """
    own = gaps[:, pre] - gaps[:, pre].mean(axis=1, keepdims=True)
    square = (own**2).mean(axis=1)
    if square[0] <= 0:
        raise DegeneratePlacebo("the treated unit")
    donors = own[1:][square[1:] > 0] / np.sqrt(square[1:][square[1:] > 0])[:, None]
    if not len(donors):
        raise DegeneratePlacebo("every donor")
    length = int(pre.sum())
    rho = float((donors[:, 1:] * donors[:, :-1]).sum() / (donors**2).sum())
    rho = float(np.clip(rho + (1 + 3 * rho) / length, 0.0, 0.99))
    when = np.arange(gaps.shape[1])
    R = rho ** np.abs(np.subtract.outer(when, when))
    seen = R[np.ix_(pre, pre)].mean()  # variance of the mean taken out
    return np.asarray(maps @ R @ maps.T * (square[0] / (1 - seen)))
