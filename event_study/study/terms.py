"""One case's rows: its designs are fitted, its terms tested, what fails becomes a row with the reason.

Not here: which cases there are (``study``), formulas (their own modules).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from event_study.errors import EventStudyError, Note, counted
from event_study.estimators.design import lag_design, step_design
from event_study.estimators.gaps import UnitFits
from event_study.inference.ri_dates import dates_test
from event_study.panel.balance import Balanced
from event_study.panel.calendar import (
    CLOCKS,
    HOLIDAY_WEEKS,
    HOLIDAY_WEEKS_OF,
    clock_changes,
    donut,
    holiday_in_reference,
)
from event_study.periods import GRIDS, last_days, ordinals
from event_study.sensitivity import diagnostics as dx
from event_study.sensitivity.drifts import (
    drift_response,
    misses_its_own_size,
    no_sensitivity,
    sensitivity_findings,
)
from event_study.specs.model import CONVENTIONAL
from event_study.study import findings
from event_study.study.case import Case
from event_study.study.findings import Finding
from event_study.study.fits import Fit, fit_case
from event_study.study.records import Context, Made, blank_row, numbers, planted_truth
from event_study.study.tested import conformal_row, conventional_row, record_placebos, tested

Maker = Callable[[Made, Context, Case, Balanced, str, str], None]


def case_rows(made: Made, context: Context, case: Case) -> None:
    """Add every row the spec asks for about this case."""
    terms = context.spec.terms
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


def _guarded(made: Made, context: Context, case: Case, term: str, trend: str, maker: Maker) -> None:
    """Run one maker of rows; what it cannot compute becomes a row with the reason."""
    status, reason = case.status, case.reason
    if case.panel is not None and status in ("identified", "descriptive"):
        try:
            return maker(made, context, case, case.panel, term, trend)
        except EventStudyError as error:
            status, reason = "not_identified", error.told(context.data.names_in(case.event_set))
    made.estimates.append(blank_row(context, case, term, trend, "none", status=status, reason=reason))


def _step_rows(made: Made, context: Context, case: Case, panel: Balanced, term: str, trend: str) -> None:
    design = step_design(panel.periods, case.frequency, case.joint, trend=trend == "unit_linear")
    weights = case.event_set.weights(case.own) if term == "mean_step" else [1.0] * len(case.own)
    contrast = design.contrast(case.own, weights)
    if context.spec.inference in CONVENTIONAL:
        made.estimates.append(conventional_row(context, case, panel, design, contrast, term, trend))
        return
    fit = fit_case(case, panel, design)
    row, test = tested(made, context, fit, contrast, term, trend)
    row["planted"] = planted_truth(context, case, term)
    if test is None:
        return
    record_placebos(made, row, fit, test)
    made.found(row, findings.power_findings(fit, test, contrast, context.spec.inference))
    made.found(row, findings.weight_findings(fit))
    if term == "mean_step" and case.estimator in ("ols", "ols_log", "ppml"):
        made.found(row, findings.joint_findings(fit, context.spec.inference))
    if context.spec.family == "headline":
        made.found(row, findings.left_out_findings(fit, contrast, context.spec.alpha))
        made.headlines.append((row, fit))


def _lag_fit(context: Context, case: Case, panel: Balanced, trend: str) -> Fit:
    events = [(name, day) for name, day in case.joint if name in case.own]
    design = lag_design(
        panel.periods, case.frequency, events, GRIDS[case.frequency], trend=trend == "unit_linear"
    )
    fit = fit_case(case, panel, design)
    return replace(fit, notes=(*fit.notes, *_holidays(context, case, panel, [day for _, day in events])))


def _holidays(context: Context, case: Case, panel: Balanced, events: Sequence[date]) -> tuple[str, ...]:
    """A warning where a long holiday of the treated country lowers what leads and lags are measured from."""
    calendar = context.data.calendar(case.contrast.treated)
    if calendar not in HOLIDAY_WEEKS_OF or case.frequency not in ("week", "month"):
        return ()
    weeks, first, last = HOLIDAY_WEEKS_OF[calendar], *GRIDS[case.frequency].reference
    for day in ordinals(events, case.frequency):
        window = (int(day) + first, int(day) + last)
        if note := holiday_in_reference(panel.periods, case.frequency, window, weeks):
            return (note,)
    return ()


def _average_row(made: Made, context: Context, case: Case, panel: Balanced, term: str, trend: str) -> None:
    if context.spec.inference == "conformal":
        made.estimates.append(conformal_row(context, case, panel, term, trend))
        return
    fit = _lag_fit(context, case, panel, trend)
    after = [i for i, name in enumerate(fit.design.names) if int(name[2:]) >= 0]
    weights = fit.design.weights[after] / fit.design.weights[after].sum()
    contrast = fit.design.contrast([fit.design.names[i] for i in after], weights)
    row, test = tested(made, context, fit, contrast, term, trend)
    if test is not None:
        record_placebos(made, row, fit, test)
        made.found(row, findings.lead_findings(fit))
        if trend == "none":
            found = _sensitivity(context, case, panel)
            made.found(row, found)
            if misses_its_own_size(found):
                known = [str(row["warnings"])] if row["warnings"] else []
                row["warnings"] = "; ".join([*known, Note.LOW_PRETREND_POWER])


def _sensitivity(context: Context, case: Case, panel: Balanced) -> list[Finding]:
    """How far the mean gap after the set's first event survives drifts that parallel trends rule out.

    Of the first event alone: leads and lags pooled over several events do not follow a drift in time,
    so that no restriction on them would bound one.
    """
    name, first = min(((e, day) for e, day in case.joint if e in case.own), key=lambda one: one[1])
    try:
        design = lag_design(
            panel.periods, case.frequency, [(name, first)], GRIDS[case.frequency], trend=False
        )
        fit = fit_case(case, panel, design)
    except EventStudyError as error:
        return [no_sensitivity(error.told(context.data.names_in(case.event_set)))]
    after = np.asarray([int(term[2:]) >= 0 for term in design.names])
    coef = np.where(fit.fits.separated[:, None], np.nan, fit.fits.coef) @ design.map.T
    drift = drift_response(design, ordinals(panel.periods, case.frequency).astype(float))
    weights = design.weights[after] / design.weights[after].sum()
    spec = context.spec
    return sensitivity_findings(
        coef, fit.fits.scale, design.names, drift, weights,
        alpha=spec.alpha, conditional=spec.sensitivity == "conditional",
    )  # fmt: skip


def _lag_rows(made: Made, context: Context, case: Case, panel: Balanced, term: str, trend: str) -> None:
    fit = _lag_fit(context, case, panel, trend)
    for name in fit.design.names:
        tested(made, context, fit, fit.design.contrast([name], [1.0]), name, trend)


def _pre_trend_row(made: Made, context: Context, case: Case, panel: Balanced, term: str, trend: str) -> None:
    design = step_design(panel.periods, case.frequency, case.joint, trend=False)
    fit = fit_case(case, panel, design)
    slope, scale = dx.pre_trend_slopes(fit.fits.gaps, design, ordinals(panel.periods, case.frequency))
    lines = UnitFits(slope[:, None], scale, fit.fits.gaps, np.zeros(len(slope), dtype=bool))
    line = Fit(case, panel, design, fit.units, lines, fit.notes)
    row, test = tested(made, context, line, np.ones(1), term, trend)
    if test is not None:
        made.found(row, findings.slope_findings(fit, slope, scale, test.critical))


def _dates_row(made: Made, context: Context, case: Case, panel: Balanced, term: str, trend: str) -> None:
    when, half = ordinals(panel.periods, case.frequency), GRIDS[case.frequency].half_window
    dated = [(name in case.own, int(ordinals([day], case.frequency)[0])) for name, day in case.joint]
    events = [e for own, e in dated if own]
    others = [e + step for own, e in dated if not own for step in range(-half, half)]
    holidays, clocks = _spoilt_weeks(context, case, panel)
    design = step_design(panel.periods, case.frequency, case.joint, trend=False)
    spec = context.spec
    try:
        test = dates_test(
            fit_case(case, panel, design).fits.gaps[0], when, events, half=half, draws=spec.draws,
            seed=spec.seed, avoid=[*others, *holidays, *clocks],
        )  # fmt: skip
    except EventStudyError as error:  # a row of its own: a term without a rank has the blank one's name
        why = error.told(context.data.names_in(case.event_set))
        made.estimates.append(
            blank_row(context, case, term, trend, "ri_dates", status="not_identified", reason=why)
        )
        return
    reason = (
        f"mean change over {counted(half, case.frequency)} around the events, ranked among placebo dates: "
        f"{test.windows} disjoint windows"
    )
    reason += " without holiday weeks and clock changes" if holidays or clocks else ""
    row = blank_row(context, case, term, trend, "ri_dates", status="ok", reason=reason)
    row |= numbers(case, panel, test.estimate) | {"p_value": test.p_value, "p_floor": test.p_floor}
    # what no placebo window holds may be in the events' own: the reader is told
    notes = [Note.HOLIDAY_IN_REFERENCE] if any(0 < e - w <= half for e in events for w in holidays) else []
    notes += [Note.DST_IN_WINDOW] if any(-half < e - w <= half for e in events for w in clocks) else []
    row["warnings"] = "; ".join(notes) or None
    made.estimates.append(row)
    size = np.abs(test.placebos)
    order = np.sort(size)
    seen: set[str] = set()
    for value, dates in zip(size, test.chosen, strict=True):
        name = " ".join(panel.periods[i].isoformat() for i in dates)
        if name not in seen:  # a vector drawn twice is one placebo
            seen.add(name)
            made.placebo(row, name, float(value), int(len(order) - np.searchsorted(order, value - 1e-12)))


def _spoilt_weeks(context: Context, case: Case, panel: Balanced) -> tuple[list[int], list[int]]:
    """Ordinals of holiday weeks and of clock changes that no placebo week may touch: those of both
    countries, for a gap has both sides. None where the treated unit's calendar is not known here."""
    known = context.data.calendar(case.contrast.treated) in HOLIDAY_WEEKS_OF
    if case.frequency != "week" or not known:
        return [], []
    off = donut(panel.periods, "week", 0, HOLIDAY_WEEKS)
    last = last_days([panel.periods[-1]], "week")[0].item()
    days = [day for zone in CLOCKS.values() for day in clock_changes(zone, panel.periods[0], last)]
    return ordinals(panel.periods, "week")[off].tolist(), ordinals(days, "week").tolist()
