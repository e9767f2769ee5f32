"""Shares of places from a histogram of hours: h = F c with c >= 0.

F (H, G) holds each place's share of activity in each of H = 24 hours of the day or 168 hours of the
week. References: Lawson and Hanson (1974) for NNLS; Dempster, Laird and Rubin (1977), Richardson
(1972) and Lucy (1974) for EM. Not here: what F is (``profiles``), two classes (``inverse``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import nnls
from scipy.stats import chi2

from event_study.clock.inverse import LIMIT, resampled_hours
from event_study.errors import InfiniteValue, NotAMixture, SingularClock

Method = Literal["nnls", "em"]
STEPS = 400


@dataclass(frozen=True)
class Deconvolution:
    """``shares`` (G,) of the places, adding up to 1; ``events`` in the histogram; ``cond`` of F.

    ``chi2`` of the histogram against F c on ``dof`` degrees and its ``p_value``: a small one says that
    the profiles are wrong, whatever the shares' intervals say.
    """

    shares: np.ndarray
    origins: tuple[str, ...]
    events: float
    cond: float
    chi2: float
    dof: int
    p_value: float


@dataclass(frozen=True)
class ShareInterval:
    """Bootstrap standard error and percentile interval (G,) of each place's share; ``drawn`` (draws, G)."""

    shares: np.ndarray
    se: np.ndarray
    low: np.ndarray
    high: np.ndarray
    drawn: np.ndarray


def profile_matrix(hours: Mapping[str, np.ndarray]) -> np.ndarray:
    """F (H, G): a column a place, each scaled to add up to 1; takes (24,), (168,) or (7, 24)."""
    columns = np.column_stack([np.asarray(one, dtype=float).ravel() for one in hours.values()])
    return np.asarray(columns / columns.sum(axis=0))


def deconvolve(
    histogram: np.ndarray,
    F: np.ndarray,
    origins: Sequence[str],
    *,
    method: Method = "nnls",
    steps: int = STEPS,
) -> Deconvolution:
    """Shares c of the places in a histogram (H,) of events.

    nnls: min ||h/n - F c|| over c >= 0, then c / sum c. em: ``steps`` times
    c <- c * F'(h / (F c)) / n from equal shares, the maximum-likelihood fixed point of a multinomial
    mixture; stopping early pulls hardly identified shares towards equality. Raises ``InfiniteValue``
    for a histogram without events or with a negative or missing count, ``NotAMixture`` for events in
    an hour in which no place is ever active.
    """
    h = np.asarray(histogram, dtype=float).ravel()
    _checked(h, F)
    shares = _solve(h[None, :], F, method, steps)[0]
    expected = h.sum() * (F @ shares)
    possible = expected > 0
    statistic = float((((h - expected)[possible]) ** 2 / expected[possible]).sum())
    dof = int(possible.sum()) - F.shape[1]
    return Deconvolution(
        shares=shares,
        origins=tuple(origins),
        events=float(h.sum()),
        cond=float(np.linalg.cond(F)),
        chi2=statistic,
        dof=dof,
        p_value=float(chi2.sf(statistic, dof)),
    )


def unmixing(F: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """A (..., G, H) that makes levels of places out of counts by hour, x = A h, with A F = 1.

    Weighted least squares with weights 1 / ``expected`` (H,), the variance of Poisson counts. Unlike
    ``deconvolve`` it is linear, so that a change of x is A times the change of h and may be negative: for
    effects, not for shares. F (..., H, G). Raises ``InfiniteValue`` for an hour in which nothing is expected,
    ``SingularClock`` when F's condition number is above the inverse's limit.
    """
    if not (np.isfinite(expected).all() and (expected > 0).all()):
        raise InfiniteValue("every hour needs an expected count above 0")
    cond = float(np.linalg.cond(F).max())
    if not cond <= LIMIT:
        raise SingularClock(cond)
    weighted = F.swapaxes(-2, -1) / expected
    return np.asarray(np.linalg.solve(weighted @ F, weighted))


def share_interval(
    histogram: np.ndarray,
    F: np.ndarray,
    rng: np.random.Generator,
    *,
    method: Method = "nnls",
    draws: int = 399,
    alpha: float = 0.05,
    steps: int = STEPS,
    redraw: Callable[[np.random.Generator], np.ndarray] | None = None,
) -> ShareInterval:
    """Bootstrap of ``deconvolve``: standard errors and percentile intervals at level 1 - alpha.

    A histogram (H,) is drawn again as a multinomial, right if events are independent; rows (R, H) of
    independent units (weeks, repositories, actors) are drawn with replacement, right if units are.
    F is taken as known unless ``redraw`` makes a new one each time (``users_redraw``): with large
    histograms the error of F dominates and no multinomial shows it. At a share of 0 the percentile
    interval is known to be off (Andrews 2000): read such a share as bounded above only.
    """
    rows = np.asarray(histogram, dtype=float)
    total = rows.sum(axis=0) if rows.ndim == 2 else rows
    _checked(total, F)
    if rows.ndim == 2:
        drawn = np.vstack([resampled_hours(rows, rng) for _ in range(draws)])
    else:
        drawn = rng.multinomial(round(total.sum()), total / total.sum(), size=draws).astype(float)
    redrawn = F if redraw is None else np.stack([redraw(rng) for _ in range(draws)])
    found = _solve(drawn, redrawn, method, steps)
    low, high = np.quantile(found, (alpha / 2, 1 - alpha / 2), axis=0)
    shares = _solve(total[None, :], F, method, steps)[0]
    return ShareInterval(shares, found.std(axis=0, ddof=1), low, high, found)


def users_redraw(users: Mapping[str, np.ndarray]) -> Callable[[np.random.Generator], np.ndarray]:
    """F made anew of labelled users (U, H) drawn with replacement from each place, for
    ``share_interval``."""

    def redraw(rng: np.random.Generator) -> np.ndarray:
        return profile_matrix({place: resampled_hours(counts, rng) for place, counts in users.items()})

    return redraw


def _checked(h: np.ndarray, F: np.ndarray) -> None:
    if not np.isfinite(h).all() or (h < 0).any() or h.sum() <= 0:
        raise InfiniteValue("a histogram of hours needs counts of 0 or more, and one event at least")
    silent = (F.sum(axis=1) <= 0) & (h > 0)
    if silent.any():
        raise NotAMixture(f"hour {int(np.argmax(silent))} holds events, but no place is ever active then")


def _solve(H: np.ndarray, F: np.ndarray, method: Method, steps: int) -> np.ndarray:
    """Shares (B, G) of histograms (B, H) under one F (H, G), or each under its own (B, H, G)."""
    h = H / H.sum(axis=1, keepdims=True)
    if method == "nnls":
        own = np.broadcast_to(F, (len(h), *F.shape[-2:]))
        c = np.vstack([nnls(columns, one)[0] for columns, one in zip(own, h, strict=True)])
    else:
        c = _em(h, F, steps)
    return np.asarray(c / c.sum(axis=1, keepdims=True))


def _em(h: np.ndarray, F: np.ndarray, steps: int) -> np.ndarray:
    c = np.full((len(h), F.shape[-1]), 1 / F.shape[-1])
    T = F.swapaxes(-2, -1)
    for _ in range(steps):
        fitted = _each(c, T)
        c = c * _each(np.divide(h, fitted, out=np.zeros_like(h), where=fitted > 0), F)
    return c


def _each(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Every row (B, n) times one matrix (n, m), or times its own of (B, n, m)."""
    return np.asarray(rows @ matrix if matrix.ndim == 2 else (rows[:, None, :] @ matrix)[:, 0, :])
