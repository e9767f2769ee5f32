"""How far an event study's average effect survives drifts that parallel trends rule out, as findings.

From the pooled lead and lag coefficients of every unit: the placebo covariance, the fixed-length intervals
and relative-magnitude bounds of Rambachan and Roth (2023), and what Roth (2022) says a passed pre-trend test
leaves open. Not here: their formulas (``honest``, ``placebo_covariance``, ``pretrend_power``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from event_study.errors import EventStudyError, counted
from event_study.findings import Finding
from event_study.honest import Flci, RmBound, breakdown_rm, breakdown_smoothness, flcis, honest_rm
from event_study.honest import smoothness_frontier as frontier_of
from event_study.periods import Grid, ordinals
from event_study.placebo_covariance import placebo_cov
from event_study.pretrend_power import PretrendPower, pretrend_power

# Fixed before looking. M in pre-period scales s_1 per period: at .1 a drift that is flat in one bin may
# gain a tenth of the series' ordinary noise in every period of the next.
SMOOTHNESS = (0.0, 0.01, 0.05, 0.1)
MAGNITUDES = (0.5, 1.0, 1.5, 2.0)
POWERS = (0.5, 0.8)


def positions(
    periods: Sequence[date],
    frequency: str,
    events: Sequence[tuple[str, date]],
    grid: Grid,
    names: Sequence[str],
) -> np.ndarray:
    """Mean distance (K), in periods, of the event-periods in each named bin, so that the binned ends
    have a place too."""
    when = ordinals(periods, frequency)
    lags = np.concatenate([when - ordinals([day], frequency) for _, day in events])
    bins = {one.name: one for one in grid.bins}
    return np.asarray([lags[bins[name].holds(lags)].mean() for name in names])


def sensitivity_findings(
    b: np.ndarray,
    scale: np.ndarray,
    names: Sequence[str],
    times: np.ndarray,
    contrast: np.ndarray,
    *,
    alpha: float = 0.05,
    target: np.ndarray | None = None,
) -> list[Finding]:
    """Findings on contrast'(effects after), from ``b`` (1+J, K) with treated first, ``scale`` (1+J).

    ``names`` (K) are ``k=-12`` .. in order of time, ``times`` (K) their ``positions``, ``contrast`` weighs
    those not below 0. The last lead is the reference the restrictions start from (b is measured from it
    here, whatever it was measured from before), so the estimate differs from one measured from the
    mean of a longer window. M is told in s_1 per period. With several pooled events a calendar drift is a
    slope of that drift over the number of events here. ``target`` (K-1, K-1), measured from the last
    lead, is for few donors (``placebo_cov``). Where the leads or donors do not suffice one finding says so.
    """
    lead = np.asarray([int(name[2:]) < 0 for name in names])
    n_pre, n_post = int(lead.sum()) - 1, int((~lead).sum())
    if n_pre < 1 or n_post < 1:
        return [
            _none(f"{counted(n_pre + 1, 'lead')} and {counted(n_post, 'lag')}: two leads and a lag needed")
        ]
    beta = np.delete(b - b[:, [n_pre]], n_pre, axis=1)
    when = np.delete(times - times[n_pre], n_pre)
    usable = np.isfinite(beta).all(axis=1)
    usable[0] = True
    try:
        found = placebo_cov(beta[usable], scale[usable], target)
        frontier = frontier_of(found.S, n_pre, n_post, contrast, times=when)
        unit = float(scale[0])
        intervals = flcis(frontier, beta[0], unit * np.asarray(SMOOTHNESS), alpha)
        smooth = breakdown_smoothness(frontier, beta[0], alpha)
        given = (beta[0], found.S, n_pre, n_post, contrast)
        bounds = [honest_rm(*given, limit, times=when, alpha=alpha) for limit in MAGNITUDES]
        magnitude = breakdown_rm(*given, times=when, alpha=alpha)
        powers = pretrend_power(found.S, n_pre, n_post, contrast, times=when, power=POWERS, alpha=alpha)
    except EventStudyError as error:
        return [_none(str(error))]
    estimate, error_of = bounds[0].estimate, float(np.sqrt(contrast @ found.S[n_pre:, n_pre:] @ contrast))
    donors = counted(int(usable.sum()) - 1, "donor")
    lost = len(usable) - int(usable.sum())
    spread = f"standard error {error_of:.4g} from the coefficients of {donors}"
    spread += f", {lost} without a finite one left out" if lost else ""
    spread += f", shrunk to an AR(1) with weight {found.shrinkage:.2f}" if found.shrunk else ""
    rows = [
        Finding("honest_estimate", estimate, None, f"measured from the last lead, {names[n_pre]}; {spread}")
    ]
    rows += _smoothness(intervals, None if smooth is None else smooth / unit)
    rows += _magnitudes(bounds, magnitude)
    return rows + _powers(powers, n_pre)


def _smoothness(intervals: Sequence[Flci], breakdown: float | None) -> list[Finding]:
    rows = []
    for multiple, one in zip(SMOOTHNESS, intervals, strict=True):
        told = "a linear drift" if multiple == 0 else f"a drift whose slope turns by {multiple:g} s a period"
        note = f"fixed-length interval allowing {told}, around {one.estimate:.4g}"
        rows += [Finding(f"smoothness_low:{multiple:g}", one.low, None, note)]
        rows += [Finding(f"smoothness_high:{multiple:g}", one.high, None, note)]
    note = "largest turn of the slope, in s a period, up to which every interval excludes 0"
    if breakdown is None:
        note = "the interval that allows a linear drift holds 0 already"
    return [*rows, Finding("smoothness_breakdown", breakdown, None, note)]


def _magnitudes(bounds: Sequence[RmBound], breakdown: float | None) -> list[Finding]:
    rows = []
    for one in bounds:
        note = (
            f"drift after at most {one.Mbar:g} times the largest before: [{one.bound_low:.4g}, "
            f"{one.bound_high:.4g}] as estimated, here with the noise of both"
        )
        rows += [Finding(f"magnitude_low:{one.Mbar:g}", one.low, None, note)]
        rows += [Finding(f"magnitude_high:{one.Mbar:g}", one.high, None, note)]
    note = "largest drift after, in multiples of the largest before, whose interval excludes 0"
    if breakdown is None:
        note = "the interval without any drift holds 0 already"
    return [*rows, Finding("magnitude_breakdown", breakdown, None, note)]


def _powers(powers: Sequence[PretrendPower], n_pre: int) -> list[Finding]:
    rows = []
    for one in powers:
        percent = f"{100 * one.power:.0f}"
        found = f"drift per period that a Wald test of {counted(n_pre, 'lead')} finds with {percent} % power"
        passed = "what it adds on average where the test was passed"
        rows += [
            Finding(f"roth_slope_{percent}", one.slope, None, found),
            Finding(f"roth_bias_{percent}", one.bias, None, "what that drift adds to the estimate by itself"),
            Finding(f"roth_bias_if_passed_{percent}", one.bias_if_passed, None, passed),
        ]
    return rows


def _none(reason: str) -> Finding:
    return Finding("honest_estimate", None, None, f"no sensitivity analysis: {reason}")
