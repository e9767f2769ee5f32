"""What a passed pre-trend test does not rule out (Roth 2022).

A linear drift adds slope x distance in time to every coefficient. Here: the slope that the test on the
coefficients before the reference would find half the time, or four times in five; what such a drift adds
to a contrast of those after it; and what it adds on average in the samples in which the test was passed.
Not here: the test itself (``findings``), bounds on other drifts (``honest``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import chdtri, chndtr, chndtrinc, ndtri

from event_study.errors import SpecError
from event_study.sensitivity.honest.slopes import check_alpha, spacing

Test = Literal["wald", "max_t", "any_t"]


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
    test: Test = "wald",
    alpha: float = 0.05,
    seed: int = 0,
    draws: int = 20_000,
) -> tuple[PretrendPower, ...]:
    """Slopes found with each ``power`` by the pre-trend test at ``alpha``, and their bias in ell'b after.

    Test: ``wald`` b'S^-1 b above the chi-square quantile; ``max_t`` the largest |t| above the quantile of
    its own joint null; ``any_t`` any |t| above z, as is usually done (larger than ``alpha``). b = [pre |
    post] is normal with covariance ``S`` (K, K); ``drift`` (K), d, is what a slope of 1 adds to b, default
    -n_pre..-1, 1..n_post (a design with several events answers a drift in another way: give that). bias =
    slope ell'd_post; given the test is passed, bias + ell'S_post,pre S_pre^-1 (E[b_pre | passed] - slope
    d_pre): closed form for ``wald``, else from ``draws`` of ``seed``. Raises ``SpecError`` (shapes, no
    drift before the reference, a power not between the test's size and 1), ``RankDeficient``.

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
    carried = np.linalg.solve(pre_cov, S[:n_pre, n_pre:] @ ell)
    if test == "wald":
        find = _wald(pre_cov, before, alpha)
    elif test in ("max_t", "any_t"):
        find = _largest(pre_cov, before, alpha, test, seed, draws)
    else:
        raise SpecError(f"test is {test!r}, expected 'wald', 'max_t' or 'any_t'")
    powers = []
    for wanted in power:
        slope, mean_before = find(wanted)
        bias = slope * float(ell @ after)
        kept = bias + float(carried @ (mean_before - slope * before))
        powers.append(PretrendPower(wanted, slope, bias, kept))
    return tuple(powers)


Finder = Callable[[float], tuple[float, np.ndarray]]


def _wald(pre_cov: np.ndarray, before: np.ndarray, alpha: float) -> Finder:
    """The statistic is noncentral chi-square, and E[b; b'S^-1 b <= c] = mean x P(chi-square with two more
    degrees of freedom <= c)."""
    size, unit = len(before), float(before @ np.linalg.solve(pre_cov, before))
    critical = float(chdtri(size, alpha))

    def find(power: float) -> tuple[float, np.ndarray]:
        _possible(power, alpha)
        noncentrality = float(chndtrinc(critical, size, 1 - power))
        slope = float(np.sqrt(noncentrality / unit))
        kept = float(chndtr(critical, size + 2, noncentrality)) / (1 - power)
        return slope, slope * before * kept

    return find


def _largest(
    pre_cov: np.ndarray, before: np.ndarray, alpha: float, test: Test, seed: int, draws: int
) -> Finder:
    """Each draw passes for slopes in one interval, so the share that passes is known for every slope."""
    sd = np.sqrt(np.diag(pre_cov))
    noise = np.random.default_rng(seed).standard_normal((draws, len(before))) @ np.linalg.cholesky(pre_cov).T
    largest = np.abs(noise / sd).max(axis=1)
    critical = float(np.quantile(largest, 1 - alpha)) if test == "max_t" else float(ndtri(1 - alpha / 2))
    with np.errstate(divide="ignore"):  # a coefficient that the drift does not move passes always, or never
        ends = np.stack([-critical * sd - noise, critical * sd - noise]) / before
    first, last = ends.min(axis=0).max(axis=1), ends.max(axis=0).min(axis=1)
    ever = first <= last
    first, last = np.sort(first[ever]), np.sort(last[ever])

    def rejected(slope: float) -> float:
        passed = np.searchsorted(first, slope, "right") - np.searchsorted(last, slope, "left")
        return 1 - float(passed) / draws

    def find(power: float) -> tuple[float, np.ndarray]:
        _possible(power, rejected(0.0))
        low, high = 0.0, float(last[-1])
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if rejected(middle) < power else (low, middle)
        moved = noise + high * before
        return high, moved[np.abs(moved / sd).max(axis=1) <= critical].mean(axis=0)

    return find


def _possible(power: float, size: float) -> None:
    if not size < power < 1:
        raise SpecError(f"power is {power:g}, expected between the test's size {size:.3g} and 1")
