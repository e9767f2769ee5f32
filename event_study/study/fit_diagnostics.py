"""Diagnostics of one fit, named as the diagnostics table names them.

Not here: their formulas (``sensitivity.diagnostics``, ``inference.ri_studentised``).
"""

from __future__ import annotations

import math

import numpy as np

from event_study.bounds.identified_set import UnionBounds
from event_study.errors import EventStudyError
from event_study.estimators.registry import ESTIMATORS, additive
from event_study.estimators.sdid import sdid
from event_study.estimators.synthetic import synth
from event_study.inference.ri_persistent import forecasts, persistent_ratios
from event_study.inference.ri_studentised import RankTest, joint_p, joint_ratios, romano_wolf
from event_study.panel.data import MATCHED, Data
from event_study.periods import ordinals
from event_study.sensitivity import diagnostics as dx
from event_study.sensitivity.diagnostics import Diagnostic
from event_study.sensitivity.doubts import effective_donors, variance_change_p
from event_study.study.bounded import LARGEST_OWNERS, classes_of_owners, ends_by_class
from event_study.study.fits import Fit


def power_diagnostics(fit: Fit, test: RankTest, contrast: np.ndarray, inference: str) -> list[Diagnostic]:
    """What the test saw and could have seen."""
    b, scale = fit.values(contrast), fit.fits.scale
    if inference == "ri_persistent" and np.isfinite(test.high):  # a forecast is taken off: its error scales
        scale = np.full(len(b), (test.high - test.low) / (2 * test.critical))
        b = test.ratios * scale
    smallest = dx.minimum_detectable(b, scale, test.critical)
    serial = dx.serial_correlation_p(fit.fits.gaps, fit.design)
    ranked = f"|b|/s of the treated unit, rank {test.ranks[0]} of {len(test.ratios)}"
    if fit.case.estimator == "ppml":
        spread = dx.dispersion(fit.panel.values, fit.design, fit.fits.coef[0])
        meaning = "Pearson dispersion of the treated unit, 1 for Poisson"
    else:
        spread = float(np.std(fit.fits.gaps[0] - fit.design.X @ fit.fits.coef[0]))
        meaning = "standard deviation of the treated gap's residual"
    return [
        Diagnostic("statistic", float(test.ratios[0]), test.p_value, ranked),
        Diagnostic("minimum_detectable_effect", smallest, None, "smallest effect found with 80 % power"),
        Diagnostic("donors", float(len(fit.units) - 1), None, "donors in the rank test"),
        Diagnostic(
            "effective_donors", _effective_donors(fit), None, "donors of equal weight that those are worth"
        ),
        Diagnostic("serial_correlation", None, serial, "rank of the treated gap's autocorrelation"),
        Diagnostic(
            "variance_change",
            None,
            variance_change_p(fit.fits.gaps, fit.design),
            "rank of how much noisier the treated gap grows at the first event",
        ),
        Diagnostic("dispersion", spread, None, meaning),
    ]


def _effective_donors(fit: Fit) -> float:
    """Under the weights that the treated unit's comparison gives them."""
    values, pre = fit.panel.values, fit.design.pre
    if not fit.case.estimator.startswith(MATCHED):
        return effective_donors(values, fit.design, fit.case.estimator)
    levels = additive(values, fit.case.estimator)
    if fit.case.estimator.startswith("synth"):
        weights = synth(levels, pre, ~pre).weights
    else:
        weights = sdid(levels, pre, ~pre).unit_weights
    return float(1 / (weights**2).sum())


def joint_diagnostics(fit: Fit, inference: str) -> list[Diagnostic]:
    """Joint test of the joint model's steps and their step-down adjusted p-values."""
    if fit.fits.separated.any():
        return []
    b = fit.fits.coef @ fit.design.map.T
    ratios = _forecast(fit, b) if inference == "ri_persistent" else studentised_steps(fit)
    adjusted = romano_wolf(ratios)
    return [
        Diagnostic("joint_test", float(ratios[0].max()), joint_p(ratios), "largest studentised step, ranked"),
        *(
            Diagnostic(f"step:{name}", float(step), float(p), "p: Romano-Wolf over the joint model's steps")
            for name, step, p in zip(fit.design.names, b[0], adjusted, strict=True)
        ),
    ]


def studentised_steps(fit: Fit) -> np.ndarray:
    """|b_jk| / (w_k s_j) of every unit's steps (1+J, K); infinite where a placebo's count model has no
    finite maximum."""
    ratios = _studentised(fit, fit.design.map)
    return np.where(fit.fits.separated[:, None], np.inf, ratios)


def _forecast(fit: Fit, b: np.ndarray) -> np.ndarray:
    when = ordinals(fit.panel.periods, fit.case.frequency)
    return persistent_ratios(b, forecasts(fit.fits.gaps, fit.design, when, fit.design.map))


def lead_diagnostics(fit: Fit) -> list[Diagnostic]:
    """Joint test of the leads outside the reference."""
    leads = [n for n in fit.design.names if int(n[2:]) < 0]
    maps = np.vstack([fit.design.contrast([n], [1.0]) for n in leads])
    maps = maps[np.abs(maps).max(axis=1) > 1e-12]
    if fit.fits.separated.any() or not len(maps):
        return []
    ratios = _studentised(fit, maps)
    note = f"joint test of {len(maps)} leads"
    return [Diagnostic("pre_trend_test", float(ratios[0].max()), joint_p(ratios), note)]


def level_diagnostics(slope: RankTest, frequency: str) -> list[Diagnostic]:
    """Whether the gap was level before the first event, as a step without a trend assumes."""
    note = (
        f"slope of the gap a {frequency} before the first event, rank {slope.ranks[0]} of {len(slope.ranks)}"
    )
    return [Diagnostic("pre_trend_slope", slope.estimate, slope.p_value, note)]


def slope_diagnostics(fit: Fit, slope: np.ndarray, scale: np.ndarray, critical: float) -> list[Diagnostic]:
    """The drift that the pre-trend test would have found, and what it would add to the mean step."""
    detectable = dx.minimum_detectable(slope, scale, critical)
    contrast = fit.mean_step()
    bias = dx.bias_of_slope(fit.design, contrast, ordinals(fit.panel.periods, fit.case.frequency))
    rows = [Diagnostic("pre_trend_slope_80", detectable, None, "slope per period found with 80 % power")]
    if detectable is not None:
        note = "what a drift of that slope adds to the mean step by itself"
        rows.append(Diagnostic("bias_at_slope_80", bias * detectable, None, note))
    return rows


def unknown_diagnostics(bounds: UnionBounds | None, on: int) -> list[Diagnostic]:
    """What overturns the sign of the estimate, where the breakdown of its row is that of a test whose set
    lies ``on`` a side of zero."""
    if bounds is None or not on:
        return []
    note = "difference of the treated unit's shares of the unknown before and after that turns the sign"
    if bounds.sign_breakdown is None:
        note = "no difference of the treated unit's shares of the unknown before and after turns the sign"
    return [Diagnostic("unknown_sign_breakdown", bounds.sign_breakdown, None, note)]


def size_diagnostics(
    data: Data, fit: Fit, weights: np.ndarray, test: RankTest, inference: str
) -> list[Diagnostic]:
    """What the set of ``weights`` (P) may be where the unknown of large, middling and small owners are
    allotted apart; nothing where the outcome does not tell owners by size."""
    names = ("unknown_by_size_low", "unknown_by_size_high")
    try:
        classes = classes_of_owners(data, fit)
        if classes is None or inference != "ri_studentised":
            return []
        ends = ends_by_class(fit, classes, weights, test)
    except EventStudyError as error:
        why = f"without the largest owners the unknown cannot be counted: {error}"
        return [Diagnostic(name, None, None, why) for name in names]
    pre = fit.design.pre
    amounts = np.asarray([one.values[pre].sum() for one in classes])
    of = [*LARGEST_OWNERS.values(), "the rest"]
    shares = amounts / amounts.sum() if amounts.any() else amounts
    placed = ", ".join(f"{100 * share:.0f} % of {name}" for share, name in zip(shares, of, strict=True))
    note = f"a share of its own for the unknown of every size; before the first event they are {placed}"
    return [
        Diagnostic(
            name, end if math.isfinite(end) else None, None, note if math.isfinite(end) else f"open: {note}"
        )
        for name, end in zip(names, ends, strict=True)
    ]


def left_out_diagnostics(fit: Fit, contrast: np.ndarray, alpha: float) -> list[Diagnostic]:
    """How far the estimate moves when each donor in turn is left out."""
    left = dx.leave_one_out(
        fit.panel.values,
        fit.panel.units,
        ESTIMATORS[fit.case.estimator],
        fit.design,
        contrast,
        alpha,
        fit.rounding,
    )
    if left is None:
        return []
    low, high = f"without {left.lowest_without}", f"without {left.highest_without}"
    if left.p_lowest is not None:
        low += "; p: smallest over the donors left out"
        high += "; p: largest over the donors left out"
    return [
        Diagnostic("leave_one_out_low", left.lowest, left.p_lowest, low),
        Diagnostic("leave_one_out_high", left.highest, left.p_highest, high),
    ]


def weight_diagnostics(fit: Fit) -> list[Diagnostic]:
    """How many donors a synthetic control rests on."""
    if not fit.case.estimator.startswith("synth"):
        return []
    values = additive(fit.panel.values, fit.case.estimator)
    control = synth(values, fit.design.pre, ~fit.design.pre)
    note = "of the donors' weights; exp of it is how many donors of equal weight that is"
    return [
        Diagnostic("donor_weights_entropy", control.entropy, None, note),
        Diagnostic(
            "pre_period_fit", control.rmspe_pre, None, "root mean square of the gap before the first event"
        ),
    ]


def _studentised(fit: Fit, maps: np.ndarray) -> np.ndarray:
    X = fit.design.X
    width = np.sqrt(np.diag(maps @ np.linalg.inv(X.T @ X) @ maps.T))
    return joint_ratios(fit.fits.coef @ maps.T, fit.fits.scale, width)
