"""How far an event study's average effect survives drifts that parallel trends rule out, as diagnostics.

From the pooled lead and lag coefficients of every unit: the placebo covariance, the fixed-length intervals
and relative-magnitude bounds of Rambachan and Roth (2023), and what Roth (2022) says a passed pre-trend test
leaves open. Not here: their formulas (``honest``, ``placebo_covariance``, ``pretrend_power``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from event_study.errors import EventStudyError, InfiniteValue, counted
from event_study.estimators.design import Design
from event_study.inference.placebo_covariance import placebo_cov
from event_study.sensitivity.diagnostics import Diagnostic
from event_study.sensitivity.honest.conditional import honest_conditional
from event_study.sensitivity.honest.magnitudes import breakdown_rm, honest_rm
from event_study.sensitivity.honest.smoothness import breakdown_smoothness, flcis, smoothness_frontier
from event_study.sensitivity.pretrend_power import PretrendPower, pretrend_power

# Fixed before looking. M in pre-period scales s_1 per period: at .1 a drift that is flat in one bin may
# gain a tenth of the series' ordinary noise in every period of the next.
SMOOTHNESS = (0.0, 0.01, 0.05, 0.1)
MAGNITUDES = (0.5, 1.0, 1.5, 2.0)
POWERS = (0.5, 0.8)
UNORDERED = (
    "not computed: this design's coefficients do not follow a linear drift in order of time, so a bound on "
    "their path would not bound drifts; one event's coefficients do"
)


def drift_response(design: Design, when: np.ndarray) -> np.ndarray:
    """What a drift of 1 a period adds to each named coefficient (K); ``when`` (T) the periods' ordinals.

    With one event the distances of the bins' means, the binned ends included. With several pooled events it
    is not even monotone: each period is near one event and far from another, and the binned ends
    cannot follow a drift.
    """
    X = design.X
    return np.asarray(design.map @ np.linalg.solve(X.T @ X, X.T @ (when - when.mean())))


def drift_diagnostics(
    b: np.ndarray,
    scale: np.ndarray,
    names: Sequence[str],
    drift: np.ndarray,
    contrast: np.ndarray,
    *,
    alpha: float = 0.05,
    conditional: bool = False,
) -> list[Diagnostic]:
    """Diagnostics of contrast'(effects after), from ``b`` (1+J, K) with treated first, ``scale`` (1+J).

    ``names`` (K) are ``k=-12`` .. in order of time, ``drift`` (K) their ``drift_response``, ``contrast``
    weighs those not below 0. The last lead is the reference the restrictions start from (b is measured
    from it here, whatever it was measured from before), so the estimate differs from one measured from
    the mean of a longer window. M is given in s_1 per period. ``conditional`` adds the full conditional
    sets. Where leads or donors do not suffice one diagnostic says so. Where a linear drift does not move the
    coefficients in order of time (several pooled events, a unit trend) the restrictions would not hold for
    smooth drifts: only what passing the pre-trend test leaves open is reported then.
    """
    n_pre = sum(int(name[2:]) < 0 for name in names) - 1
    n_post = len(names) - n_pre - 1
    if n_pre < 1 or n_post < 1:
        seen = f"{counted(n_pre + 1, 'lead')} and {counted(n_post, 'lag')}"
        return [no_sensitivity(f"{seen}: two leads and a lag are needed")]
    usable = np.isfinite(b).all(axis=1)
    beta = np.delete(b[usable] - b[usable][:, [n_pre]], n_pre, axis=1)
    moved = np.delete(drift - drift[n_pre], n_pre)
    try:
        if not usable[0]:
            raise InfiniteValue("a coefficient of the treated unit is not a finite number")
        S = placebo_cov(beta, scale[usable])
        given = (S, n_pre, n_post, contrast)
        estimate, spread = float(contrast @ beta[0, n_pre:]), _spread(S, contrast, usable)
        rows = [
            Diagnostic("honest_estimate", estimate, None, f"from the last lead, {names[n_pre]}; {spread}")
        ]
        if (np.diff(np.insert(moved, n_pre, 0.0)) > 1e-9).all():
            rows += _smoothness(beta[0], given, moved, float(scale[0]), alpha)
            rows += _magnitudes(beta[0], given, moved, alpha)
            rows += _conditional(beta[0], given, moved, alpha) if conditional else []
        else:
            rows += [Diagnostic("smoothness_breakdown", None, None, UNORDERED),
                     Diagnostic("magnitude_breakdown", None, None, UNORDERED)]  # fmt: skip
        if np.abs(moved[:n_pre]).max() > 1e-9:
            rows += _powers(pretrend_power(*given, drift=moved, power=POWERS, alpha=alpha), n_pre)
    except EventStudyError as error:
        return [no_sensitivity(str(error))]
    return rows


def _spread(S: np.ndarray, contrast: np.ndarray, usable: np.ndarray) -> str:
    after = S[-len(contrast) :, -len(contrast) :]
    lost = int((~usable).sum())
    error, donors = float(np.sqrt(contrast @ after @ contrast)), counted(int(usable.sum()) - 1, "donor")
    text = f"standard error {error:.4g} from the coefficients of {donors}"
    return text + (f", {lost} without a finite one left out" if lost else "")


Given = tuple[np.ndarray, int, int, np.ndarray]


def _smoothness(
    beta: np.ndarray, given: Given, moved: np.ndarray, unit: float, alpha: float
) -> list[Diagnostic]:
    frontier = smoothness_frontier(*given, times=moved)
    intervals, rows = flcis(frontier, beta, unit * np.asarray(SMOOTHNESS), alpha), []
    for multiple, one in zip(SMOOTHNESS, intervals, strict=True):
        drift = "a linear drift" if multiple == 0 else f"a drift whose slope turns by {multiple:g} s a period"
        note = f"fixed-length interval allowing {drift}, around {one.estimate:.4g}"
        rows += [Diagnostic(f"smoothness_low:{multiple:g}", one.low, None, note)]
        rows += [Diagnostic(f"smoothness_high:{multiple:g}", one.high, None, note)]
    breakdown = breakdown_smoothness(frontier, beta, alpha)
    note = "largest turn of the slope, in s a period, up to which every interval excludes 0"
    if breakdown is None:
        note = "the interval that allows a linear drift contains 0 already"
    value = None if breakdown is None else breakdown / unit
    return [*rows, Diagnostic("smoothness_breakdown", value, None, note)]


def _magnitudes(beta: np.ndarray, given: Given, moved: np.ndarray, alpha: float) -> list[Diagnostic]:
    rows = []
    for Mbar in MAGNITUDES:
        one = honest_rm(beta, *given, Mbar, times=moved, alpha=alpha)
        note = (
            f"drift after at most {one.Mbar:g} times the largest before: [{one.bound_low:.4g}, "
            f"{one.bound_high:.4g}] as estimated, here with the noise of both"
        )
        rows += [Diagnostic(f"magnitude_low:{one.Mbar:g}", one.low, None, note)]
        rows += [Diagnostic(f"magnitude_high:{one.Mbar:g}", one.high, None, note)]
    breakdown = breakdown_rm(beta, *given, times=moved, alpha=alpha)
    note = "largest drift after, in multiples of the largest before, whose interval excludes 0"
    if breakdown is None:
        note = "the interval without any drift contains 0 already"
    return [*rows, Diagnostic("magnitude_breakdown", breakdown, None, note)]


def _conditional(beta: np.ndarray, given: Given, moved: np.ndarray, alpha: float) -> list[Diagnostic]:
    rows = []
    for Mbar in MAGNITUDES:
        one = honest_conditional(beta, *given, Mbar, times=moved, alpha=alpha)
        note = f"conditional set (C-LF) for a drift after at most {Mbar:g} times the largest before"
        rows += [Diagnostic(f"conditional_low:{Mbar:g}", one.low, None, note)]
        rows += [Diagnostic(f"conditional_high:{Mbar:g}", one.high, None, note)]
    return rows


def _powers(powers: Sequence[PretrendPower], n_pre: int) -> list[Diagnostic]:
    rows = []
    for one in powers:
        percent = f"{100 * one.power:.0f}"
        slope = f"drift per period that a Wald test of {counted(n_pre, 'lead')} finds with {percent} % power"
        passed = "what it adds on average where the test was passed"
        rows += [
            Diagnostic(f"roth_slope_{percent}", one.slope, None, slope),
            Diagnostic(
                f"roth_bias_{percent}", one.bias, None, "what that drift adds to the estimate by itself"
            ),
            Diagnostic(f"roth_bias_if_passed_{percent}", one.bias_if_passed, None, passed),
        ]
    return rows


def misses_its_own_size(diagnostics: Sequence[Diagnostic]) -> bool:
    """Whether a drift that the pre-trend test finds four times in five would make more of an effect than
    the estimate is: a passed test then says nothing of it (Roth 2022)."""
    values = {one.diagnostic: one.value for one in diagnostics}
    estimate, bias = values.get("honest_estimate"), values.get("roth_bias_80")
    return estimate is not None and bias is not None and abs(bias) > abs(estimate)


def no_sensitivity(reason: str) -> Diagnostic:
    """The one diagnostic that says why there is none."""
    return Diagnostic("honest_estimate", None, None, f"no sensitivity analysis: {reason}")
