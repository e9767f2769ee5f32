"""Conditional least-favourable hybrid set: Rambachan and Roth (2023) by Andrews, Roth and Pakes (2023).

A restriction on the drift is a set of moment inequalities in which the effects other than the one asked
about are nuisance. Their test statistic is a linear program; its dual has so few vertices here that they
are written down (``_vertices``), which makes the test exact and fast where a solver takes minutes. Not
here: the bounds and intervals a reader gets by default (``smoothness``, ``magnitudes``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import log_ndtr

from event_study.errors import SpecError
from event_study.sensitivity.honest.slopes import check_alpha, check_coefficients, slope_matrix, spacing

Restriction = Literal["rm", "sd"]

KAPPA = 0.1  # share of alpha spent on the least-favourable first stage, as in the paper
GRID = 401
HALVINGS = 40


@dataclass(frozen=True)
class ConditionalSet:
    """Effects that the test does not reject lie in [``low``, ``high``]; never empty."""

    limit: float
    low: float
    high: float


@dataclass(frozen=True)
class _Moments:
    """Dual vertices v of one set of inequalities: eta_v(theta) = ``at_zero`` - ``theta`` theta, noise
    covariance ``cov``; the statistic is the largest."""

    at_zero: np.ndarray
    theta: np.ndarray
    cov: np.ndarray
    factor: np.ndarray


def honest_conditional(
    b: np.ndarray,
    S: np.ndarray,
    n_pre: int,
    n_post: int,
    ell: np.ndarray,
    limit: float,
    restriction: Restriction = "rm",
    *,
    times: np.ndarray | None = None,
    alpha: float = 0.05,
    seed: int = 0,
    draws: int = 10_000,
) -> ConditionalSet:
    """C-LF set for ell'(effects after): relative magnitudes (``rm``, ``limit`` = Mbar) or smoothness (``sd``,
    ``limit`` = M).

    For each theta: eta = least over the nuisance effects of the largest studentised violation of the
    restriction's inequalities on the drift after the reference. Reject when eta exceeds the 1 - alpha/10
    quantile of its least favourable null, or else the 1 - (alpha - alpha/10)/(1 - alpha/10) quantile of a
    normal truncated to where the same inequalities bind (and below the first stage's). For ``rm`` the
    union over which slope before is the largest, and its sign. The first stage's quantile is from
    ``draws`` standard normals of ``seed``. The set is given by its ends, found on 401 effects and by
    halving; a gap inside it counts as inside. Shapes and ``times`` as in ``slopes``.
    Raises ``SpecError``, ``RankDeficient``, ``InfiniteValue``.

    >>> import numpy as np
    >>> from event_study import honest_conditional
    >>> b, S, ell = np.array([0.0, 0.1, 1.0, 1.0]), np.diag([0.01] * 4), np.array([1.0, 0.0])
    >>> effects = honest_conditional(b, S, 2, 2, ell, limit=1.0)
    >>> round(effects.low, 2), round(effects.high, 2)
    (0.61, 1.39)
    """
    if restriction not in ("rm", "sd"):
        raise SpecError(f"restriction is {restriction!r}, expected 'rm' or 'sd'")
    if not (np.isfinite(limit) and limit >= 0):
        raise SpecError(f"limit is {limit:g}, expected a finite number not below 0")
    check_alpha(alpha)
    gaps = spacing(S, n_pre, n_post, ell, times)
    check_coefficients(b, len(gaps))
    noise = np.random.default_rng(seed).standard_normal((draws, n_pre + n_post))
    ends = []
    for moments in _cases(b, S, n_pre, ell, limit, restriction, slope_matrix(gaps, n_pre)):
        largest = (noise @ moments.factor.T).max(axis=1)
        accepted = _accepted(moments, float(np.quantile(largest, 1 - KAPPA * alpha)), alpha)
        ends += [] if accepted is None else [accepted]
    # never empty: with no drift after (rm) or the last slope going on (sd) nothing is violated
    return ConditionalSet(limit, min(low for low, _ in ends), max(high for _, high in ends))


def _cases(
    b: np.ndarray, S: np.ndarray, n_pre: int, ell: np.ndarray, limit: float,
    restriction: Restriction, slopes: np.ndarray,
) -> Iterator[_Moments]:  # fmt: skip
    """Inequalities +-(rows @ delta) <= side @ delta + level, one set after another."""
    if restriction == "sd":
        yield _vertices(b, S, n_pre, ell, np.diff(slopes, axis=0)[n_pre - 1 :], np.zeros(len(b)), limit)
        return
    for slope in slopes[:n_pre]:
        for sign in (1.0, -1.0):
            yield _vertices(b, S, n_pre, ell, slopes[n_pre:], limit * sign * slope, 0.0)


def _vertices(
    b: np.ndarray, S: np.ndarray, n_pre: int, ell: np.ndarray,
    rows: np.ndarray, side: np.ndarray, level: float,
) -> _Moments:  # fmt: skip
    """The dual: gamma >= 0 on the 2 n_post moments, orthogonal to the nuisance, sd'gamma = 1.

    ``rows`` (n_post, K) is square and invertible in the effects, so orthogonality says gamma+ - gamma-
    = c u with u = (rows after)^-T ell. Its vertices are c > 0 and c < 0 with nothing spent on both sides of
    one row, and, with c = 0, each row's two sides in equal parts: n_post + 2 of them.
    """
    u = np.linalg.solve(rows[:, n_pre:].T, ell)
    A = np.vstack([rows - side, -rows - side])
    sd = np.sqrt(np.einsum("mk,kj,mj->m", A, S, A))
    up, down = np.maximum(u, 0.0), np.maximum(-u, 0.0)
    pairs = np.tile(np.eye(len(u)), 2)
    gamma = np.vstack([np.append(up, down), np.append(down, up), pairs])
    scale = 1 / (gamma @ sd)
    gamma *= scale[:, None]
    weights = gamma @ A
    theta = np.append([scale[0], -scale[1]], np.zeros(len(u)))
    factor = weights @ np.linalg.cholesky(S)
    return _Moments(weights @ b - level * gamma.sum(axis=1), theta, factor @ factor.T, factor)


def _accepted(moments: _Moments, first_stage: float, alpha: float) -> tuple[float, float] | None:
    """Least and largest theta not rejected; null when every one is."""
    # the first stage alone: eta_0 falls in theta and eta_1 rises, each at most first_stage
    low, high = (moments.at_zero[:2] - first_stage) / moments.theta[:2]
    if low > high:
        return None
    grid = np.linspace(low, high, GRID)
    kept = np.flatnonzero(~_rejects(moments, grid, first_stage, alpha))
    if not len(kept):
        return None
    inside = grid[[kept[0], kept[-1]]]
    outside = grid[[max(kept[0] - 1, 0), min(kept[-1] + 1, GRID - 1)]]
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        out = _rejects(moments, middle, first_stage, alpha)
        inside, outside = np.where(out, inside, middle), np.where(out, middle, outside)
    return float(inside[0]), float(inside[1])


def _rejects(moments: _Moments, theta: np.ndarray, first_stage: float, alpha: float) -> np.ndarray:
    """The hybrid test at each theta (Q).

    At the largest vertex * the others are eta_v = r_v + w_v eta_*, w_v = cov(v, *) / var(*), r_v
    independent of eta_*; * stays the largest while eta_* is between the crossings r_v / (1 - w_v).
    """
    eta = moments.at_zero[:, None] - moments.theta[:, None] * theta
    best, q = eta.argmax(axis=0), np.arange(len(theta))
    top = eta[best, q]
    cov = moments.cov[:, best]
    variance = cov[best, q]
    noisy = variance > 1e-14 * moments.cov.max()
    share = cov / np.where(noisy, variance, 1.0)
    slack, rest = 1 - share, eta - share * top
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = rest / slack
    low = np.where(slack > 1e-12, crossing, -np.inf).max(axis=0)
    high = np.minimum(np.where(slack < -1e-12, crossing, np.inf).min(axis=0), first_stage)
    size = alpha * (1 - KAPPA) / (1 - KAPPA * alpha)
    sd = np.sqrt(np.where(noisy, variance, 1.0))
    tail = _tail(np.minimum(low, top) / sd, top / sd, np.maximum(high, top) / sd)
    # a vertex without noise violates the restriction with certainty, or does not
    return np.asarray((top > first_stage) | ((top > 0) & np.where(noisy, tail < size, True)))


def _tail(low: np.ndarray, at: np.ndarray, high: np.ndarray) -> np.ndarray:
    """P(Z > at | low <= Z <= high), Z standard normal, by logs of upper tails so that far ones keep
    their digits."""
    base = log_ndtr(-low)
    upper = np.exp(log_ndtr(-high) - base)
    return np.asarray((np.exp(log_ndtr(-at) - base) - upper) / np.maximum(1 - upper, 1e-300))
