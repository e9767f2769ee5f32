"""Smoothness: a drift whose slope turns by at most M from period to period, and its fixed-length interval.

Not here: other restrictions (``magnitudes``, ``conditional``), shapes and ``times`` (``slopes``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chndtrix, ndtri

from event_study.errors import NotConverged, SpecError
from event_study.sensitivity.honest.slopes import check_alpha, check_coefficients, spacing

HALVINGS = 48
GRID = 65
ROUNDS = 3
FAR = 40.0  # standard errors


@dataclass(frozen=True)
class Flci:
    """[``low``, ``high``] = ``estimate`` -/+ half-length under smoothness ``M``; ``weights`` (K) make the
    estimate from b, ``bias`` is its largest bias and ``std_error`` its standard error."""

    M: float
    estimate: float
    low: float
    high: float
    bias: float
    std_error: float
    weights: np.ndarray


@dataclass(frozen=True)
class Frontier:
    """All estimators worth using: least variance for every bias, from least bias to least variance.

    ``bias`` (N) at M = 1, ascending; ``weights`` (N, K); between neighbours both are linear. ``variance``
    (N-1, 3): coefficients of 1, x, x^2 on the way from a knot (x = 0) to the next (x = 1).
    """

    bias: np.ndarray
    weights: np.ndarray
    variance: np.ndarray


def flcis(frontier: Frontier, b: np.ndarray, M: np.ndarray, alpha: float = 0.05) -> list[Flci]:
    """Fixed-length intervals for ell'(effects after) of ``b`` (K) at every ``M`` (Q), from one frontier.

    Estimator v'b with v = ell after the reference and v't = 0 (a linear drift does not move it), v chosen to
    minimise half-length = se cv(M bias/se), cv(t) the 1-alpha quantile of |N(t, 1)|. ``M`` is in units of b
    per unit of time, and with unit spacing bounds the second difference. M = 0 extrapolates the least-squares
    line. Raises ``SpecError`` (shape of b, M or alpha out of range), ``InfiniteValue`` (b).

    >>> import numpy as np
    >>> from event_study import flcis, smoothness_frontier
    >>> S, ell = np.diag([0.01] * 4), np.array([1.0, 0.0])  # two periods before, two after; the first asked
    >>> frontier = smoothness_frontier(S, 2, 2, ell)
    >>> for one in flcis(frontier, np.array([0.0, 0.1, 1.0, 1.0]), np.array([0.0, 0.1])):
    ...     print(one.M, round(one.low, 2), round(one.high, 2))
    0.0 0.81 1.23
    0.1 0.73 1.36
    """
    if not (np.isfinite(M).all() and (M >= 0).all()):
        raise SpecError(f"M is {M.min():g}, expected a finite number not below 0")
    check_coefficients(b, frontier.weights.shape[1])
    weights, bias, error, half = _best(frontier, M, alpha)
    estimate = weights @ b
    return [
        Flci(float(m), float(e), float(e - h), float(e + h), float(m * worst), float(s), w)
        for m, e, h, worst, s, w in zip(M, estimate, half, bias, error, weights, strict=True)
    ]


def breakdown_smoothness(frontier: Frontier, b: np.ndarray, alpha: float = 0.05) -> float | None:
    """M*: the largest M up to which every fixed-length interval excludes 0; null when that of M = 0
    contains it already.

    Looked for on 65 values of M, and twice again between the two it lies between: to 4e-6 of the largest M
    at which any of the frontier's estimates could exclude 0.
    """
    check_coefficients(b, frontier.weights.shape[1])
    # half-length >= M times the least bias, so beyond this no estimate on the frontier is far enough from 0
    low, high = 0.0, 1.001 * float(np.abs(frontier.weights @ b).max() / frontier.bias[0])
    for _ in range(ROUNDS):
        grid = np.linspace(low, high, GRID)
        weights, _, _, half = _best(frontier, grid, alpha)
        contains = np.abs(weights @ b) <= half
        first = int(np.argmax(contains))
        if first == 0:
            return None
        low, high = float(grid[first - 1]), float(grid[first])
    return low


def smoothness_frontier(
    S: np.ndarray,
    n_pre: int,
    n_post: int,
    ell: np.ndarray,
    *,
    times: np.ndarray | None = None,
) -> Frontier:
    """The estimators that ``flcis`` chooses from: the same for every b and M.

    With v't = 0, v'delta = - sum_i U_i (g_i - g_(i-1)), so the largest bias is M sum_i |U_i|: the U after the
    reference are fixed by ell, those before are free and give v. Least variance for every sum is the path
    of a lasso, exact and piecewise linear. Raises as ``slopes.spacing``.

    >>> import numpy as np
    >>> from event_study import smoothness_frontier
    >>> smoothness_frontier(np.diag([0.01] * 4), 2, 2, np.array([1.0, 0.0])).bias.round(6)
    array([1. , 1.4])
    """
    gaps = spacing(S, n_pre, n_post, ell, times)
    # U = -(weight on all slopes from i on): u_i = gap_i * (sum of ell from i on)
    tail = np.cumsum((gaps[n_pre:] * np.cumsum(ell[::-1])[::-1])[::-1])[::-1]
    total = -tail[0]
    free = np.vstack([np.zeros(n_pre - 1), np.eye(n_pre - 1), np.zeros(n_pre - 1)])
    fixed = np.zeros(n_pre + 1)
    fixed[-1] = total
    Q, start = _before(free, gaps[:n_pre]), _before(fixed[:, None], gaps[:n_pre])[:, 0]
    H = Q.T @ S[:n_pre, :n_pre] @ Q
    g = Q.T @ (S[:n_pre, :n_pre] @ start + S[:n_pre, n_pre:] @ ell)
    path = lasso_path(H, g)
    weights = np.hstack([start + path @ Q.T, np.tile(ell, (len(path), 1))])
    bias = np.abs(tail).sum() + np.abs(path).sum(axis=1)
    kept = np.append(True, np.diff(bias) > 1e-12 * bias[0])
    bias, weights = bias[kept], weights[kept]
    step = np.diff(weights, axis=0)
    cross = np.einsum("nk,kj,nj->n", weights[:-1], S, step)
    variance, turn = np.einsum("nk,kj,nj->n", weights, S, weights), np.einsum("nk,kj,nj->n", step, S, step)
    if len(weights) == 1:  # one estimator alone: a way of no length, so that there is one to be on
        return Frontier(
            np.repeat(bias, 2), np.repeat(weights, 2, axis=0), np.asarray([[variance[0], 0.0, 0.0]])
        )
    return Frontier(bias, weights, np.column_stack([variance[:-1], 2 * cross, turn]))


def folded_quantile(t: np.ndarray, alpha: float) -> np.ndarray:
    """cv(t): the 1-alpha quantile of |N(t, 1)|, elementwise for t >= 0: its square is noncentral chi-square.

    Far from 0 the other tail is empty, and the noncentral quantile is not computed there.
    """
    check_alpha(alpha)
    near = np.sqrt(chndtrix(1 - alpha, 1, np.minimum(t, FAR) ** 2))
    return np.asarray(np.where(t < FAR, near, t + ndtri(1 - alpha)))


def lasso_path(H: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Knots (N, P) of argmin over z of z'Hz/2 + g'z + lambda |z|_1, lambda from max|g| down to 0.

    The path is linear between knots (Osborne, Presnell and Turlach 2000): a coordinate enters when its
    gradient reaches lambda, and leaves when it reaches 0. ``H`` positive definite. Raises ``NotConverged``.
    """
    size = len(g)
    z, knots = np.zeros(size), [np.zeros(size)]
    level = float(np.abs(g).max()) if size else 0.0
    if level == 0.0:
        return np.asarray(knots).reshape(1, size)
    active = np.abs(g) >= level * (1 - 1e-12)
    sign = np.where(active, -np.sign(g), 0.0)
    left = np.zeros(size, dtype=bool)
    for _ in range(100 * size):
        way = np.zeros(size)
        way[active] = np.linalg.solve(H[np.ix_(active, active)], sign[active])
        gradient, turn = H @ z + g, H @ way
        with np.errstate(divide="ignore", invalid="ignore"):
            rise = (level - gradient) / (1 + turn)  # gradient + d turn = level - d
            fall = (level + gradient) / (1 - turn)  # gradient + d turn = -(level - d)
            out = -z / way
        # who has just left stands on a border: only the other one can be reached
        rise = np.where((rise > 0) & ~(left & (gradient > 0)), rise, np.inf)
        fall = np.where((fall > 0) & ~(left & (gradient < 0)), fall, np.inf)
        enter = np.where(active, np.inf, np.minimum(rise, fall))
        leave = np.where(active & (z * way < 0), out, np.inf)
        d = min(float(enter.min()), float(leave.min()), level)
        z = z + d * way
        level -= d
        left = active & (leave <= d)
        z[left] = 0.0
        knots.append(z)
        if level <= 1e-13 * float(np.abs(g).max()):
            return np.asarray(knots)
        joins = ~active & (enter <= d)
        active = (active & ~left) | joins
        sign = np.where(joins, np.where(rise < fall, -1.0, 1.0), sign)
    raise NotConverged(100 * size, 1e-13)


def _before(U: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Weights before the reference from partial sums U (n_pre + 1, Q), 0 first and the fixed one last."""
    cumulated = -np.diff(U, axis=0) / gaps[:, None]
    return np.diff(cumulated, axis=0, prepend=0.0)


def _best(
    frontier: Frontier, M: np.ndarray, alpha: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Weights (Q, K), bias at M = 1, standard error and half-length (Q) of the shortest interval.

    se cv(M bias/se) is convex along the frontier (cv' = tanh(t cv) rises), so its slope changes sign
    once, and is halved down to there.
    """
    bias, last = frontier.bias, len(frontier.variance)
    low, high = np.zeros(len(M)), np.full(len(M), float(last))
    for _ in range(HALVINGS):
        place = (low + high) / 2
        i, x, error = _at(frontier, place)
        t = M * (bias[i] + x * (bias[i + 1] - bias[i])) / error
        q = folded_quantile(t, alpha)
        tilt = np.tanh(t * q)
        shrinks = (frontier.variance[i, 1] + 2 * x * frontier.variance[i, 2]) / (2 * error)
        rising = M * (bias[i + 1] - bias[i]) * tilt + shrinks * (q - t * tilt) > 0
        low, high = np.where(rising, low, place), np.where(rising, place, high)
    i, x, error = _at(frontier, (low + high) / 2)
    worst = bias[i] + x * (bias[i + 1] - bias[i])
    weights = (1 - x[:, None]) * frontier.weights[i] + x[:, None] * frontier.weights[i + 1]
    return weights, worst, error, error * folded_quantile(M * worst / error, alpha)


def _at(frontier: Frontier, place: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Way, share of it and standard error at ``place`` = way + share."""
    i = np.minimum(place.astype(int), len(frontier.variance) - 1)
    x = place - i
    a, b, c = frontier.variance[i].T
    return i, x, np.sqrt(a + x * (b + x * c))
