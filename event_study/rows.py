"""One case's rows: its designs are fitted, its terms tested, what fails becomes a row with the reason.

Not here: which cases there are (``study``), formulas (their own modules).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from event_study import diagnostics as dx
from event_study import findings
from event_study.clustered import crv1_ols, crv1_ppml
from event_study.design import Design, lag_design, step_design
from event_study.errors import EventStudyError, Note
from event_study.estimators import UnitFits
from event_study.fits import Fit, fit_case
from event_study.identify import Case
from event_study.limits import MIN_DONORS
from event_study.panel import Balanced
from event_study.periods import GRIDS, ordinals
from event_study.records import Context, Made, Row, blank_row, numbers, planted_truth
from event_study.ri_dates import dates_test
from event_study.ri_studentised import RankTest, rank_test

Maker = Callable[[Made, Context, Case, Balanced, str, str], None]


def case_rows(context: Context, case: Case) -> Made:
    """Every row the spec asks for about this case."""
    made, terms = Made(), context.spec.terms
    for trend in context.spec.trends:
        for term in terms:
            if term in ("mean_step", "step"):
                _guarded(made, context, case, term, trend, _step_rows)
        if "average_post" in terms:
            _guarded(made, context, case, "average_post", trend, _average_row)
        if "dynamics" in terms and case.status in ("identified", "descriptive"):
            _guarded(made, context, case, "k=+0", trend, _lag_rows)
        if "pre_trend" in terms and trend == "none":
            _guarded(made, context, case, "pre_trend", trend, _pre_trend_row)
    if case.inference == "ri_dates" and context.spec.inference == "ri_studentised":
        _guarded(made, context, case, "average_post", "none", _dates_row)
    return made


def _guarded(made: Made, context: Context, case: Case, term: str, trend: str, maker: Maker) -> None:
    """Run one maker of rows; what it cannot compute becomes a row with the reason."""
    status, reason = case.status, case.reason
    if case.panel is not None and status in ("identified", "descriptive"):
        try:
            return maker(made, context, case, case.panel, term, trend)
        except EventStudyError as error:
            status, reason = "not_identified", error.told(context.data.names)
    made.estimates.append(blank_row(context, case, term, trend, "none", status=status, reason=reason))


def _step_rows(made: Made, context: Context, case: Case, panel: Balanced, term: str, trend: str) -> None:
    design = step_design(panel.periods, case.frequency, case.joint, trend=trend == "unit_linear")
    weight = 1 / len(case.own) if term == "mean_step" else 1.0
    contrast = design.contrast(case.own, [weight] * len(case.own))
    if context.spec.inference == "crv1":
        made.estimates.append(_clustered_row(context, case, panel, design, contrast, term, trend))
        return
    fit = fit_case(case, panel, design)
    row, test = _tested(made, context, fit, contrast, term, trend)
    row["planted"] = planted_truth(context, case, term)
    if test is None:
        return
    _placebos(made, row, fit, test)
    made.found(row, findings.power_findings(fit, test, contrast))
    if term == "mean_step":
        made.found(row, findings.joint_findings(fit))
    if context.spec.family == "headline":
        made.found(row, findings.left_out_findings(fit, contrast, context.spec.alpha))


def _lag_fit(case: Case, panel: Balanced, trend: str) -> Fit:
    events = [(name, day) for name, day in case.joint if name in case.own]
    design = lag_design(
        panel.periods, case.frequency, events, GRIDS[case.frequency], trend=trend == "unit_linear"
    )
    return fit_case(case, panel, design)


def _average_row(made: Made, context: Context, case: Case, panel: Balanced, term: str, trend: str) -> None:
    fit = _lag_fit(case, panel, trend)
    after = [i for i, name in enumerate(fit.design.names) if int(name[2:]) >= 0]
    weights = fit.design.weights[after] / fit.design.weights[after].sum()
    contrast = fit.design.contrast([fit.design.names[i] for i in after], weights)
    row, test = _tested(made, context, fit, contrast, term, trend)
    if test is not None:
        _placebos(made, row, fit, test)
        made.found(row, findings.lead_findings(fit))


def _lag_rows(made: Made, context: Context, case: Case, panel: Balanced, term: str, trend: str) -> None:
    fit = _lag_fit(case, panel, trend)
    for name in fit.design.names:
        _tested(made, context, fit, fit.design.contrast([name], [1.0]), name, trend)


def _pre_trend_row(made: Made, context: Context, case: Case, panel: Balanced, term: str, trend: str) -> None:
    design = step_design(panel.periods, case.frequency, case.joint, trend=False)
    fit = fit_case(case, panel, design)
    slope, scale = dx.pre_trend_slopes(fit.fits.gaps, design, ordinals(panel.periods, case.frequency))
    lines = UnitFits(slope[:, None], scale, fit.fits.gaps, np.zeros(len(slope), dtype=bool))
    line = Fit(case, panel, design, fit.units, lines, fit.notes)
    row, test = _tested(made, context, line, np.ones(1), term, trend)
    if test is not None:
        made.found(row, findings.slope_findings(fit, slope, scale, test.critical))


def _dates_row(made: Made, context: Context, case: Case, panel: Balanced, term: str, trend: str) -> None:
    when, half = ordinals(panel.periods, case.frequency), GRIDS[case.frequency].half_window
    events = [int(ordinals([day], case.frequency)[0]) for name, day in case.joint if name in case.own]
    design = step_design(panel.periods, case.frequency, case.joint, trend=False)
    gap = fit_case(case, panel, design).fits.gaps[0]
    spec = context.spec
    test = dates_test(gap, when, events, half=half, draws=spec.draws, seed=spec.seed)
    reason = f"mean change over {half} periods around the events, ranked among placebo dates"
    row = blank_row(context, case, term, trend, "ri_dates", status="ok", reason=reason)
    row |= numbers(case, panel, test.estimate) | {"p_value": test.p_value, "p_floor": test.p_floor}
    made.estimates.append(row)
    size = np.abs(test.placebos)
    order = np.sort(size)
    seen: set[str] = set()
    for value, dates in zip(size, test.chosen, strict=True):
        name = " ".join(panel.periods[i].isoformat() for i in dates)
        if name not in seen:  # a vector drawn twice is one placebo
            seen.add(name)
            made.placebo(row, name, float(value), int(len(order) - np.searchsorted(order, value - 1e-12)))


def _tested(
    made: Made, context: Context, fit: Fit, contrast: np.ndarray, term: str, trend: str
) -> tuple[Row, RankTest | None]:
    """Add the row of one contrast; return it with its rank test where enough donors carry it."""
    case, values, notes = fit.case, fit.values(contrast), list(fit.notes)
    ranked = case.inference == "ri_studentised" and len(fit.units) > MIN_DONORS
    inference, status = ("ri_studentised", "ok") if ranked else ("none", "descriptive")
    row = blank_row(
        context, case, term, trend, inference, status=status, reason=None if ranked else case.reason
    )
    row |= numbers(case, fit.panel, float(values[0])) | {"donors": len(fit.units) - 1}
    made.estimates.append(row)
    test = None
    if ranked:
        test = rank_test(values, fit.fits.scale, context.spec.alpha)
        row |= {"p_value": test.p_value, "p_floor": test.p_floor}
        if math.isfinite(test.low):
            row |= {"ci_low": test.low, "ci_high": test.high}
        else:
            notes.append(Note.UNBOUNDED_SET)
        if dx.serial_correlation_p(fit.fits.gaps, fit.design) <= context.spec.alpha:
            notes.append(Note.SERIAL_CORRELATION_DIFFERS)
    row["warnings"] = "; ".join(notes) or None
    return row, test


def _placebos(made: Made, row: Row, fit: Fit, test: RankTest) -> None:
    for unit, ratio, rank in zip(fit.units[1:], test.ratios[1:], test.ranks[1:], strict=True):
        made.placebo(row, unit, float(ratio), int(rank))


def _clustered_row(
    context: Context,
    case: Case,
    panel: Balanced,
    design: Design,
    contrast: np.ndarray,
    term: str,
    trend: str,
) -> Row:
    values = np.log(panel.values) if case.estimator == "ols_log" else panel.values
    clustered = crv1_ppml if case.estimator == "ppml" else crv1_ols
    fitted = clustered(values, design, contrast, context.spec.alpha)
    tested = case.status == "identified"
    status, reason = ("ok", None) if tested else ("descriptive", case.reason)
    row = blank_row(context, case, term, trend, "crv1", status=status, reason=reason)
    notes: list[str] = [Note.ONE_TREATED_CLUSTER]
    notes += [Note.FEW_CLUSTERS] if panel.donors < MIN_DONORS else []
    notes += [f"{Note.EVENT_NOT_SEEN}({event})" for event in case.unseen]
    row |= numbers(case, panel, fitted.estimate)
    row |= {"std_error": fitted.std_error, "warnings": "; ".join(notes)}
    if tested:
        row |= {"ci_low": fitted.low, "ci_high": fitted.high}
        row["p_value"] = fitted.p_value if math.isfinite(fitted.p_value) else None
    return row
