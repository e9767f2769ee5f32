"""One number under one inference: an estimate's row with its p-value, floor and confidence set.

Not here: which numbers a spec asks for (``rows``), the tests themselves (their own modules).
"""

from __future__ import annotations

import math

import numpy as np

from event_study.errors import MissingReference, NoDonors, Note, counted
from event_study.estimators.design import Design, step_design
from event_study.estimators.registry import additive
from event_study.inference.clustered import Clustered, crv1_ols, crv1_ppml
from event_study.inference.conformal import conformal_set
from event_study.inference.ferman_pinto import ferman_pinto
from event_study.inference.interrupted import Conventional, gls_ar1
from event_study.inference.ri_persistent import persistent_test
from event_study.inference.ri_studentised import RankTest, rank_test
from event_study.limits import MIN_DONORS
from event_study.panel.balance import Balanced
from event_study.periods import ordinals
from event_study.sensitivity import diagnostics as dx
from event_study.sensitivity.doubts import CHANGED, FEW_DONORS, effective_donors, variance_change_p
from event_study.study.case import Case
from event_study.study.fits import Fit, fit_case
from event_study.study.records import Context, Made, Row, blank_row, numbers


def tested(
    made: Made, context: Context, fit: Fit, contrast: np.ndarray, term: str, trend: str
) -> tuple[Row, RankTest | None]:
    """Add the row of one contrast; return it with its rank test where enough donors carry it."""
    case, values, notes = fit.case, fit.values(contrast), list(fit.notes)
    ranked = case.inference == "ri_studentised" and len(fit.units) > MIN_DONORS
    inference, status = (context.spec.inference, "ok") if ranked else ("none", "descriptive")
    row = blank_row(
        context, case, term, trend, inference, status=status, reason=None if ranked else _unranked(fit)
    )
    row |= numbers(case, fit.panel, float(values[0])) | {"donors": len(fit.units) - 1}
    test = None
    if ranked:
        test = _ranked(context, fit, contrast, values)
        if context.spec.inference == "ri_persistent":  # without what was forecast of it
            row |= numbers(case, fit.panel, test.estimate) | {"donors": len(fit.units) - 1}
        row |= {"p_value": test.p_value, "p_floor": test.p_floor}
        if math.isfinite(test.low):
            row |= {"ci_low": test.low, "ci_high": test.high}
        else:
            notes.append(Note.UNBOUNDED_SET)
        # a doubled rank cannot fall below 2/(J+1): with few donors its lowest value is told
        reachable = max(context.spec.alpha, 2 / len(fit.units))
        if dx.serial_correlation_p(fit.fits.gaps, fit.design) <= reachable:
            notes.append(Note.SERIAL_CORRELATION_DIFFERS)
        notes += _doubts(fit)
    made.estimates.append(row)
    row["warnings"] = "; ".join(notes) or None
    return row, test


def _unranked(fit: Fit) -> str:
    """Why nobody is ranked: what the panel is judged to carry, or that its donors are one series."""
    if fit.case.inference != "ri_studentised":
        return fit.case.reason
    return (
        f"{counted(len(fit.units) - 1, 'donor')} of {fit.panel.donors} have a gap to the others that is more "
        f"than rounding, a rank test at 5 % needs {MIN_DONORS}: the gap is shown, without a p-value"
    )


def _doubts(fit: Fit) -> list[Note]:
    """Warnings of what no rank among donors survives."""
    few = fit.case.estimator == "ppml" and effective_donors(fit.panel.values, fit.design) < FEW_DONORS
    notes = [Note.VARIANCE_CHANGES] if variance_change_p(fit.fits.gaps, fit.design) <= CHANGED else []
    return [*notes, Note.FEW_EFFECTIVE_DONORS] if few else notes


def _ranked(context: Context, fit: Fit, contrast: np.ndarray, values: np.ndarray) -> RankTest:
    if context.spec.inference == "ri_persistent":
        when = ordinals(fit.panel.periods, fit.case.frequency)
        return persistent_test(values, fit.fits.gaps, fit.design, when, contrast, context.spec.alpha)
    if context.spec.inference != "ferman_pinto":
        return rank_test(values, fit.fits.scale, context.spec.alpha)
    X = fit.design.X
    kept = np.asarray([unit in fit.units for unit in fit.panel.units])
    own = additive(fit.panel.values[kept], fit.case.estimator) @ X @ np.linalg.inv(X.T @ X) @ contrast
    size = fit.panel.values[kept][:, fit.design.pre].mean(axis=1)
    found = ferman_pinto(own, size, context.spec.alpha)
    if found.extrapolated:  # outside the donors' sizes the variance function is a guess, and over-rejects
        raise NoDonors(
            "{unit} is larger or smaller than every donor: its size says nothing of its variance",
            unit=fit.units[0],
        )
    return found.test


def record_placebos(made: Made, row: Row, fit: Fit, test: RankTest) -> None:
    """Every placebo's studentised statistic and rank."""
    for unit, ratio, rank in zip(fit.units[1:], test.ratios[1:], test.ranks[1:], strict=True):
        made.placebo(row, unit, float(ratio), int(rank))


def conformal_row(context: Context, case: Case, panel: Balanced, term: str, trend: str) -> Row:
    """The mean gap after the first event, periods permuted: a sharp null of no effect in any of them."""
    design = step_design(panel.periods, case.frequency, case.joint, trend=False)
    before, after = int(design.pre.sum()), int((~design.pre).sum())
    if after >= before:
        raise MissingReference(
            f"{counted(before, case.frequency)} before the first event and {after} after it: the residuals "
            "adapt to a change in half of the periods, and permuting them cannot find it"
        )
    found = conformal_set(
        additive(panel.values, case.estimator), design.pre, ~design.pre, alpha=context.spec.alpha
    )
    reason = "mean gap after the first event minus before, ranked among cyclic shifts of the residuals"
    row = blank_row(context, case, term, trend, "conformal", status="ok", reason=reason)
    row |= numbers(case, panel, found.estimate)
    bounds = (found.low, found.high)
    inside = dict(zip(("ci_low", "ci_high"), bounds, strict=True)) if np.isfinite(bounds).all() else {}
    notes = [f"{Note.EVENT_NOT_SEEN}({event})" for event in case.unseen]
    notes += [] if inside else [Note.UNBOUNDED_SET]
    return row | inside | {
        "p_value": found.p_value, "p_floor": found.p_floor, "warnings": "; ".join(notes) or None,
    }  # fmt: skip


def conventional_row(
    context: Context,
    case: Case,
    panel: Balanced,
    design: Design,
    contrast: np.ndarray,
    term: str,
    trend: str,
) -> Row:
    """The estimate under errors that others would print; never a headline."""
    inference = context.spec.inference
    notes: list[str] = []
    if inference == "crv1":
        fitted: Clustered | Conventional = _clustered(case, panel, design, contrast, context.spec.alpha)
        notes.append(Note.ONE_TREATED_CLUSTER)
        notes += [Note.FEW_CLUSTERS] if panel.donors < MIN_DONORS else []
    else:
        gap = fit_case(case, panel, design).fits.gaps[0]
        fitted = gls_ar1(gap, design.X, contrast, context.spec.alpha)
    told = case.status == "identified"
    row = blank_row(
        context, case, term, trend, inference,
        status="ok" if told else "descriptive", reason=None if told else case.reason,
    )  # fmt: skip
    notes += [f"{Note.EVENT_NOT_SEEN}({event})" for event in case.unseen]
    row |= numbers(case, panel, fitted.estimate)
    row |= {"std_error": fitted.std_error, "warnings": "; ".join(notes) or None}
    if told:
        row |= {"ci_low": fitted.low, "ci_high": fitted.high}
        row["p_value"] = fitted.p_value if math.isfinite(fitted.p_value) else None
    return row


def _clustered(case: Case, panel: Balanced, design: Design, contrast: np.ndarray, alpha: float) -> Clustered:
    if case.estimator == "ppml":
        return crv1_ppml(panel.values, design, contrast, alpha)
    return crv1_ols(additive(panel.values, case.estimator), design, contrast, alpha)
