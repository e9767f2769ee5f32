"""Conformal test: would the residuals after the event be ordinary at another place of the series?

Needs no comparable donors, only a treated series whose residuals are stationary. Reference:
Chernozhukov, Wüthrich and Zhu (2021), moving-block permutations. Not here: placebo units
(``ri_studentised``), placebo dates of repeated events (``ri_dates``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from event_study.errors import DegeneratePlacebo, SpecError
from event_study.estimators.matrices import check_windows
from event_study.estimators.simplex import simplex_least_squares
from event_study.inference.ri_studentised import TIE

Proxy = Literal["did", "sc"]
Statistic = Literal["mean_abs", "abs_mean"]

GRID = 401
REACH = 10.0


@dataclass(frozen=True)
class ConformalSet:
    """``p_value`` of no effect, ``p_floor`` = 1/T; [``low``, ``high``] covers every effect of the
    ``grid`` (G) whose p, in ``p_values`` (G), is above alpha; infinite where the grid's end is one."""

    estimate: float
    p_value: float
    p_floor: float
    low: float
    high: float
    grid: np.ndarray
    p_values: np.ndarray


def conformal(
    Y: np.ndarray,
    pre: np.ndarray,
    post: np.ndarray,
    proxy: Proxy = "did",
    statistic: Statistic = "mean_abs",
    effect: float = 0.0,
) -> float:
    """p of "the effect is ``effect`` in every period of ``post``" for row 0 of ``Y`` (1+J, T).

    Subtract it, fit the proxy on all T periods, u = residual;
    S(h) = sum over post of |u| after the cyclic shift h (``mean_abs``), or |sum over post of u|
    (``abs_mean``); p = #{h in 0..T-1: S(h) >= S(0)} / T. Proxy: the donors' mean with an intercept
    (``did``) or their weighted mean, weights on the simplex (``sc``). T counts the periods of ``pre``
    and ``post`` (others are left out), the smallest p is 1/T, and a window after the event longer than
    the one before leaves ``mean_abs`` no power: the proxy then adapts to it. A proxy that fits
    every period exactly (more donors than periods) gives p = 1.
    Raises what ``check_windows`` raises, ``NotConverged``, ``SpecError`` for another proxy or statistic.
    """
    check_windows(Y, pre, post)
    used = pre | post
    return float(_p_values(Y[:, used], post[used], proxy, statistic, np.asarray([effect]))[0])


def conformal_set(
    Y: np.ndarray,
    pre: np.ndarray,
    post: np.ndarray,
    proxy: Proxy = "did",
    statistic: Statistic = "mean_abs",
    alpha: float = 0.05,
    grid: np.ndarray | None = None,
) -> ConformalSet:
    """All constant effects that ``conformal`` does not reject at ``alpha``, by trying a grid.

    The default grid is 401 equally spaced effects within 10 s of the estimate b, b = post mean - pre
    mean of the gap to the donors' mean and s its pre-period RMSE, so 0.05 s apart. ``low`` and ``high``
    are rounded outwards to the next rejected effect; both are nan when every effect is rejected. With
    alpha < 1/T nothing can be rejected and the set is the line. Raises as ``conformal``,
    ``DegeneratePlacebo`` when s is 0 and no grid is given.

    >>> import numpy as np
    >>> from event_study import conformal_set
    >>> Y, pre = np.sin(2 * np.arange(3)[:, None] + np.arange(24)), np.arange(24) < 20
    >>> Y[0, ~pre] += 5
    >>> effects = conformal_set(Y, pre, ~pre)
    >>> round(effects.p_value * 24), round(effects.low, 2), round(effects.high, 2)
    (1, 3.1, 7.75)
    """
    check_windows(Y, pre, post)
    gap = Y[0] - Y[1:].mean(axis=0)
    estimate, scale = float(gap[post].mean() - gap[pre].mean()), float(gap[pre].std())
    if grid is None:
        if scale <= TIE * np.abs(Y[0, pre]).max():
            raise DegeneratePlacebo("the treated unit")
        grid = estimate + scale * np.linspace(-REACH, REACH, GRID)
    used = pre | post
    p_values = _p_values(Y[:, used], post[used], proxy, statistic, grid)
    kept = np.flatnonzero(p_values > alpha)
    # the grid with its surroundings: beyond an end that is kept nothing is known
    around = np.concatenate([[-np.inf], grid, [np.inf]])
    return ConformalSet(
        estimate=estimate,
        p_value=conformal(Y, pre, post, proxy, statistic),
        p_floor=1 / int(used.sum()),
        low=float(around[kept[0]]) if kept.size else np.nan,
        high=float(around[kept[-1] + 2]) if kept.size else np.nan,
        grid=grid,
        p_values=p_values,
    )


def _p_values(
    Y: np.ndarray, post: np.ndarray, proxy: Proxy, statistic: Statistic, effects: np.ndarray
) -> np.ndarray:
    """p of every effect (G)."""
    if proxy not in get_args(Proxy) or statistic not in get_args(Statistic):
        expected = f"{' or '.join(get_args(Proxy))}, {' or '.join(get_args(Statistic))}"
        raise SpecError(f"proxy {proxy}, statistic {statistic}: expected {expected}")
    donors, periods = Y[1:], Y.shape[1]
    nulls = Y[0] - effects[:, None] * post
    if proxy == "did":
        gaps = nulls - donors.mean(axis=0)
        residual = gaps - gaps.mean(axis=1, keepdims=True)
    else:
        residual = np.vstack([y - simplex_least_squares(donors.T, y) @ donors for y in nulls])
    shifted = (np.flatnonzero(post)[None, :] + np.arange(periods)[:, None]) % periods
    if statistic == "mean_abs":
        S = np.abs(residual)[:, shifted].sum(axis=2)
    else:
        S = np.abs(residual[:, shifted].sum(axis=2))
    # measured in the outcome, not in S: when every residual is rounding all shifts are ties
    tie = TIE * post.sum() * np.abs(nulls).max(axis=1, keepdims=True)
    return np.asarray((S[:, :1] - tie <= S).mean(axis=1))
