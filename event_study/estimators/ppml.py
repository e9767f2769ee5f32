"""Newton's method for many small grouped logits at once, which is PPML on summed rows.

Not here: where the rows come from (``estimators``).
"""

from __future__ import annotations

import numpy as np

from event_study.errors import NotConverged

MAX_ITERATIONS = 60
TOLERANCE = 1e-11
INFINITE = 12.0  # a log ratio of 160 000 to 1 that still grows: the likelihood has no maximum


def grouped_logit(y: np.ndarray, n: np.ndarray, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maximise sum_t y log p + (n - y) log(1 - p), logit p = X b, for every row of ``y``.

    ``y``, ``n`` (U, T) with 0 <= y <= n, periods with n = 0 say nothing; ``X`` (T, P).
    Returns coefficients (U, P) and whether each row is separated (its maximum lies at infinity; the
    coefficients then are those of the last step, large but finite). Raises ``NotConverged``.
    """
    rows, size = y.shape[0], X.shape[1]
    share = (y.sum(axis=1) + 0.5) / (n.sum(axis=1) + 1.0)
    coef = np.zeros((rows, size))
    coef[:, 0] = np.log(share / (1 - share))
    separated, active = np.zeros(rows, dtype=bool), np.arange(rows)
    best = _likelihood(y, n, coef, X)
    for _ in range(MAX_ITERATIONS):
        b, yy, nn = coef[active], y[active], n[active]
        p = _expit(b @ X.T)
        score = (yy - nn * p) @ X
        information = np.einsum("ut,tp,tq->upq", nn * p * (1 - p), X, X)
        information += 1e-12 * np.trace(information, axis1=1, axis2=2)[:, None, None] * np.eye(size)
        step = np.linalg.solve(information, score[..., None])[..., 0]
        reach = np.abs(step @ X.T).max(axis=1)
        step *= np.minimum(1.0, 4.0 / np.maximum(reach, 1e-300))[:, None]
        proposed, before = b + step, best[active]
        value = _likelihood(yy, nn, proposed, X)
        for _ in range(20):  # halve the steps that overshoot
            worse = value < before - 1e-12 * np.abs(before)
            if not worse.any():
                break
            step[worse] /= 2
            proposed = b + step
            value = _likelihood(yy, nn, proposed, X)
        coef[active], best[active] = proposed, value
        spread = np.ptp(proposed @ X.T, axis=1)
        done = np.abs(step @ X.T).max(axis=1) < TOLERANCE * (1 + np.abs(proposed @ X.T).max(axis=1))
        far = ~done & (spread > INFINITE)
        separated[active[far]] = True
        active = active[~done & ~far]
        if not len(active):
            return coef, separated
    raise NotConverged(MAX_ITERATIONS, TOLERANCE)


def _expit(eta: np.ndarray) -> np.ndarray:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(eta, -500, 500))))


def _likelihood(y: np.ndarray, n: np.ndarray, coef: np.ndarray, X: np.ndarray) -> np.ndarray:
    eta = coef @ X.T
    return np.asarray((y * eta - n * np.logaddexp(0.0, eta)).sum(axis=1))
