"""Undoing the origin rule: effects of places from effects on early and late events.

(early, late)' = M x. With two places M is inverted, with an interval over the labelled users that M
was measured on; with more, or where the hours are too much alike, x is only bounded. References:
Aigner (1973) for misclassified regressors; Efron (1979) for the bootstrap. Not here: M (``origin``),
histograms of 24 or 168 hours (``deconvolution``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from event_study.clock.origin import PAPER_CUT, is_early
from event_study.errors import NotAMixture, SingularClock

LIMIT = 100.0  # noise grows a hundredfold where p differs by about .01, finer than profiles are known
SMALLEST = 1e-290  # of an effect: nearer to zero, doubles lose their digits and no mixture adds up


@dataclass(frozen=True)
class Inverse:
    """``coef`` (2,) and ``vcov`` (2, 2) of the places in M's order; ``cond`` of M."""

    coef: np.ndarray
    vcov: np.ndarray
    cond: float


@dataclass(frozen=True)
class InverseInterval:
    """``low`` and ``high`` (2,) of ``coef`` at level 1 - ``alpha``, infinite where too many draws cannot be
    inverted; ``singular`` is the share of such draws. ``drawn`` (draws, 2), NaN in these; ``p`` (2,) the
    early shares that M is made of."""

    coef: np.ndarray
    low: np.ndarray
    high: np.ndarray
    singular: float
    drawn: np.ndarray
    p: np.ndarray
    alpha: float

    def difference(self) -> tuple[float, float, float]:
        """Of the first place's effect and the second's: value, low, high."""
        low, high = _ends(self.drawn[:, 0] - self.drawn[:, 1], self.alpha)
        return float(self.coef[0] - self.coef[1]), float(low), float(high)


def invert_clock(est: np.ndarray, vcov: np.ndarray, M: np.ndarray, limit: float = LIMIT) -> Inverse:
    """x = M^-1 est, V_x = M^-1 V M^-T for two places; ``est`` (2,) is (early, late).

    V_x holds the noise of ``est`` only, not that of M (see ``inverse_interval``). Raises
    ``SingularClock`` when M has not two columns or its condition number is above ``limit``.
    """
    cond = float(np.linalg.cond(M)) if M.shape == (2, 2) else np.inf
    if not cond <= limit:
        raise SingularClock(cond)
    back = np.linalg.inv(M)
    return Inverse(back @ est, back @ vcov @ back.T, cond)


def resampled_hours(users: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Hour counts of as many users drawn with replacement from ``users`` (U, H); shape (H,)."""
    return np.asarray(users[rng.integers(len(users), size=len(users))].sum(axis=0))


def user_draws(users: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """So many draws (D, ...) of ``resampled_hours`` of ``users`` (U, ...): how often each was drawn, times
    counts."""
    size = len(users)
    drawn = rng.integers(size, size=(draws, size)) + size * np.arange(draws)[:, None]
    times = np.bincount(drawn.ravel(), minlength=draws * size).reshape(draws, size)
    flat = times.astype(float) @ users.reshape(size, -1).astype(float)
    return np.asarray(flat.reshape(draws, *users.shape[1:]))


def inverse_interval(
    est: np.ndarray,
    vcov: np.ndarray,
    users: Mapping[str, np.ndarray],
    rng: np.random.Generator,
    *,
    cut: int = PAPER_CUT,
    draws: int = 999,
    alpha: float = 0.05,
    limit: float = LIMIT,
) -> InverseInterval:
    """Percentile interval of M^-1 est over the labelled users and over the noise of ``est``.

    ``users``: for each of the two places, hour counts (U, 24) of users whose place is known. A draw
    takes users of each place with replacement, makes M* of their counts, draws est* from
    N(est, vcov) and inverts. Whole users are drawn because a person's hours are alike; the delta
    method understates where p is near 1. A draw that cannot be inverted, or whose places have changed
    sides, stands for any value: -inf in the lower and +inf in the upper tail. Users are taken as a
    random sample of their place. Raises ``SingularClock`` when M itself cannot be inverted.
    """
    early = is_early(np.arange(24), cut)
    p = _early_of(np.vstack([counts.sum(axis=0) for counts in users.values()]), early)
    _checked(p, limit)
    drawn = np.stack([_early_of(user_draws(counts, draws, rng), early) for counts in users.values()], axis=1)
    return _interval(est, vcov, p, drawn, rng, alpha, limit)


def confusion_interval(
    est: np.ndarray,
    vcov: np.ndarray,
    p: np.ndarray,
    users: np.ndarray,
    rng: np.random.Generator,
    *,
    draws: int = 999,
    alpha: float = 0.05,
    limit: float = LIMIT,
) -> InverseInterval:
    """The same where only the confusion of two places is known: their early shares ``p`` (2,) of events,
    and how many ``users`` (2,) these are of.

    p* is drawn from Beta(1/2 + p n, 1/2 + (1 - p) n) with n users, not events: a person's hours are alike.
    Raises ``SingularClock``.
    """
    _checked(p, limit)
    drawn = rng.beta(0.5 + p * users, 0.5 + (1 - p) * users, size=(draws, 2))
    return _interval(est, vcov, p, drawn, rng, alpha, limit)


def _checked(p: np.ndarray, limit: float) -> None:
    cond = float(np.linalg.cond(np.vstack([p, 1 - p]))) if len(p) == 2 else np.inf
    if not cond <= limit:
        raise SingularClock(cond)


def _interval(
    est: np.ndarray,
    vcov: np.ndarray,
    p: np.ndarray,
    drawn: np.ndarray,
    rng: np.random.Generator,
    alpha: float,
    limit: float,
) -> InverseInterval:
    """Of draws (D, 2) of the early shares ``p`` and of the noise of ``est``."""
    coef = np.linalg.solve(np.vstack([p, 1 - p]), est)
    noisy = rng.multivariate_normal(est, vcov, size=len(drawn), method="eigh")
    M = np.stack([drawn, 1 - drawn], axis=1)
    broken = (np.linalg.cond(M) > limit) | ((drawn[:, 0] - drawn[:, 1]) * (p[0] - p[1]) <= 0)
    x = np.full((len(drawn), 2), np.nan)
    x[~broken] = np.linalg.solve(M[~broken], noisy[~broken, :, None])[..., 0]
    low, high = _ends(x, alpha)
    return InverseInterval(coef, low, high, float(broken.mean()), x, p, alpha)


def _ends(drawn: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Percentiles over draws, of which a missing one stands for any value."""
    lowest, highest = (np.where(np.isnan(drawn), end, drawn) for end in (-np.inf, np.inf))
    return (
        np.quantile(lowest, alpha / 2, axis=0, method="lower"),
        np.quantile(highest, 1 - alpha / 2, axis=0, method="higher"),
    )


def _early_of(counts: np.ndarray, early: np.ndarray) -> np.ndarray:
    """Early share of each row of hour counts."""
    return np.asarray(counts[:, early].sum(axis=1) / counts.sum(axis=1))


def effect_bounds(
    early: tuple[float, float], late: tuple[float, float], p: Mapping[str, tuple[float, float]]
) -> pd.DataFrame:
    """Smallest and largest effect of each place that fits what was observed, one row a place.

    ``early`` and ``late`` are intervals of the observed effects (a point twice for no noise), ``p``
    the range of every place's early share; any number of places. Assumes that the places' effects
    have one sign: with x >= 0 and y_o = p_o x_o the bounds of x_o are linear programmes,
    min/max x_o  s.t.  sum y in early, sum (x - y) in late, p_low x <= y <= p_high x.
    Raises ``NotAMixture`` when no effects of one sign fit.
    """
    found = [solved for sign in (1.0, -1.0) if (solved := _bounds(early, late, p, sign)) is not None]
    if not found:
        raise NotAMixture(
            f"no effects of one sign of {', '.join(p)} give {early[0]:g} to {early[1]:g} early "
            f"and {late[0]:g} to {late[1]:g} late"
        )
    low, high = np.min([one[0] for one in found], axis=0), np.max([one[1] for one in found], axis=0)
    return pd.DataFrame({"low": low, "high": high}, index=pd.Index(list(p), name="origin"))


def _bounds(
    early: tuple[float, float], late: tuple[float, float], p: Mapping[str, tuple[float, float]], sign: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """Bounds (G,), (G,) of effects that all have ``sign``; None when there are none."""
    size, eye = len(p), np.eye(len(p))
    low, high = (np.diag(side) for side in np.asarray(list(p.values()), dtype=float).T)
    ones, none = np.ones(size), np.zeros(size)
    sums = np.vstack([np.append(none, ones), np.append(ones, -ones)])  # of (x, y): early, late
    seen = np.sort(sign * np.asarray([early, late], dtype=float), axis=1)
    if np.abs(seen).max() < SMALLEST:  # both or neither: one class alone is no mixture
        seen = np.zeros_like(seen)
    scale = float(np.abs(seen).max()) or 1.0  # effects may be 1e-3: keep the solver's tolerance below them
    rows = np.vstack([sums, -sums, np.hstack([low, -eye]), np.hstack([-high, eye])])
    sides = np.concatenate([seen[:, 1] / scale, -seen[:, 0] / scale, np.zeros(2 * size)])
    ends = np.empty((2, size))
    for place in range(size):
        for row, direction in enumerate((1.0, -1.0)):
            aim = np.append(direction * eye[place], none)
            solved = linprog(aim, A_ub=rows, b_ub=sides, bounds=(0, None), method="highs")
            if solved.status != 0:
                return None
            ends[row, place] = solved.x[place] * scale
    ends = np.sort(sign * ends, axis=0)
    return ends[0], ends[1]
