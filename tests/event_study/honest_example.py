"""The published Benzarti-Carloni event study (4 coefficients before, 4 after) that HonestDiD's authors
print, and the covariance of quarterly coefficients of one treated unit: what the honest tests start from."""

from __future__ import annotations

import numpy as np

from event_study.sensitivity.honest.smoothness import Flci, flcis, smoothness_frontier

BETA = np.array(
    [0.006696352, 0.029345034, -0.006472972, 0.073014989, 0.195961118, 0.312063903, 0.239541546, 0.126042500]
)
_UPPER = """
8.428358e-4 4.768687e-4 2.618051e-4 2.354220e-4 1.676371e-4 1.128708e-4 1.992816e-5 -1.368265e-4
6.425420e-4 3.987425e-4 2.435515e-4 2.201960e-4 1.804591e-4 3.843765e-5 -2.960422e-5
5.229950e-4 2.117686e-4 1.840722e-4 1.458528e-4 7.005197e-5 5.952995e-5
3.089595e-4 1.197866e-4 1.334081e-4 1.016335e-4 1.079052e-4
3.599704e-4 2.478819e-4 1.749579e-4 1.654257e-4
4.263950e-4 2.171438e-4 2.892748e-4
4.886698e-4 3.805322e-4
7.617394e-4
"""
SIGMA = np.zeros((8, 8))
SIGMA[np.triu_indices(8)] = [float(x) for x in _UPPER.split()]
SIGMA = SIGMA + np.triu(SIGMA, 1).T
FIRST = np.array([1.0, 0.0, 0.0, 0.0])


def gap_covariance(n_pre: int, n_post: int, length: int, donors: int = 40, rho: float = 0.8) -> np.ndarray:
    """Of bins of ``length`` periods around a reference bin: gap of unit AR(1) series to ``donors``."""
    bins = n_pre + 1 + n_post
    when = np.arange(bins * length)
    R = rho ** np.abs(np.subtract.outer(when, when)) * (1 + 1 / donors)
    means = np.kron(np.eye(bins), np.full((1, length), 1 / length))
    from_reference = np.delete(np.eye(bins) - np.eye(bins)[n_pre], n_pre, axis=0)
    return from_reference @ means @ R @ means.T @ from_reference.T


def random_problem(
    seed: int, n_pre: int, n_post: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """b, S, ell and uneven times."""
    rng = np.random.default_rng(seed)
    size = n_pre + n_post
    A = rng.normal(size=(size, size + 2))
    gaps = rng.uniform(0.5, 3, size)
    times = np.delete(np.cumsum(np.insert(gaps, 0, 0)) - gaps[:n_pre].sum(), n_pre)
    return rng.normal(size=size), A @ A.T / size, rng.normal(size=n_post), times


def fixed_length(
    b: np.ndarray, S: np.ndarray, n_pre: int, n_post: int, ell: np.ndarray, M: float,
    *, times: np.ndarray | None = None, alpha: float = 0.05,
) -> Flci:  # fmt: skip
    """The fixed-length interval at one M."""
    return flcis(smoothness_frontier(S, n_pre, n_post, ell, times=times), b, np.asarray([M]), alpha)[0]
