"""What a passed pre-trend test does not rule out (Roth 2022).

A linear drift adds slope x distance in time to every coefficient. Here: the slope that the test on the
coefficients before the reference would find half the time, or four times in five; what such a drift adds
to a contrast of those after it; and what it adds on average in the samples in which the test was passed.
Not here: the test itself (``findings``), bounds on other drifts (``honest``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, chndtr, chndtrinc

from event_study.errors import SpecError
from event_study.sensitivity.honest.slopes import check_alpha, spacing


@dataclass(frozen=True)
class PretrendPower:
    """``slope`` per unit of time that the test finds with ``power``; ``bias`` that it adds to the
    contrast by itself, and ``bias_if_passed`` on average where the test did not find it."""

    power: float
    slope: float
    bias: float
    bias_if_passed: float


def pretrend_power(
    S: np.ndarray,
    n_pre: int,
    n_post: int,
    ell: np.ndarray,
    *,
    drift: np.ndarray | None = None,
    power: Sequence[float] = (0.5, 0.8),
    alpha: float = 0.05,
) -> tuple[PretrendPower, ...]:
    """Slopes found with each ``power`` by the pre-trend test at ``alpha``, and their bias in ell'b after.

    The test is Wald's, b'S^-1 b above the chi-square quantile. b = [pre | post] is normal with covariance
    ``S`` (K, K); ``drift`` (K), d, is what a slope of 1 adds to b, default -n_pre..-1, 1..n_post (a design
    with several events answers a drift in another way: give that). bias = slope ell'd_post; given the test
    is passed, bias + ell'S_post,pre S_pre^-1 (E[b_pre | passed] - slope d_pre), where the statistic is
    noncentral chi-square and E[b; b'S^-1 b <= c] = mean x P(chi-square with two more degrees of freedom
    <= c). Raises ``SpecError`` (shapes, no drift before the reference, a power not between ``alpha`` and 1),
    ``RankDeficient``.

    >>> import numpy as np
    >>> from event_study import pretrend_power
    >>> half, most = pretrend_power(np.diag([0.01] * 4), 2, 2, np.array([1.0, 0.0]))
    >>> round(half.slope, 2), round(most.slope, 2)
    (0.1, 0.14)
    """
    spacing(S, n_pre, n_post, ell, None)
    check_alpha(alpha)
    unit = np.delete(np.arange(-n_pre, n_post + 1.0), n_pre) if drift is None else drift
    if unit.shape != (n_pre + n_post,) or not np.isfinite(unit).all() or not unit[:n_pre].any():
        raise SpecError(f"drift is {unit.shape}, expected {(n_pre + n_post,)} finite numbers, not 0 before")
    before, after = unit[:n_pre], unit[n_pre:]
    pre_cov = S[:n_pre, :n_pre]
    passed_on = np.linalg.solve(pre_cov, S[:n_pre, n_pre:] @ ell)
    noise = float(before @ np.linalg.solve(pre_cov, before))
    critical = float(chdtri(n_pre, alpha))
    powers = []
    for wanted in power:
        if not alpha < wanted < 1:
            raise SpecError(f"power is {wanted:g}, expected between the test's size {alpha:.3g} and 1")
        noncentrality = float(chndtrinc(critical, n_pre, 1 - wanted))
        slope = float(np.sqrt(noncentrality / noise))
        passed = float(chndtr(critical, n_pre + 2, noncentrality)) / (1 - wanted)
        bias = slope * float(ell @ after)
        bias_if_passed = bias + float(passed_on @ (slope * before * passed - slope * before))
        powers.append(PretrendPower(wanted, slope, bias, bias_if_passed))
    return tuple(powers)
