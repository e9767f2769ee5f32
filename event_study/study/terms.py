"""One case's rows: each term that a spec names is asked, what fails becomes a row with the reason.

Not here: questions about steps (``answer``), which cases there are (``questions``), formulas (their own
modules).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from event_study.bounds.refit import Refits
from event_study.errors import EventStudyError, MissingReference, Note, counted
from event_study.estimators.design import lag_design, lead_design, step_design
from event_study.estimators.gaps import UnitFits
from event_study.estimators.registry import additive
from event_study.inference.conformal import conformal_set
from event_study.inference.ri_dates import DatesTest, dates_test, mean_change
from event_study.inference.ri_studentised import usable
from event_study.panel.balance import Balanced
from event_study.panel.calendar import HOLIDAY_WEEKS_OF, holiday_in_reference
from event_study.panel.unknown import Unknown
from event_study.periods import GRIDS, ordinals
from event_study.sensitivity import diagnostics as dx
from event_study.sensitivity.drifts import (
    drift_diagnostics,
    drift_response,
    misses_its_own_size,
    no_sensitivity,
)
from event_study.study import fit_diagnostics
from event_study.study.answer import Answer, Question, answer, attempt, ranked, within
from event_study.study.bounded import bounds_of_conformal, bounds_of_points
from event_study.study.case import Case
from event_study.study.fits import Fit, fit_case, refit_steps
from event_study.study.placebo_dates import placebo_dates
from event_study.study.records import Context, Records
from event_study.study.sides import side

Maker = Callable[[Records, Context, Question, Case, Balanced], None]


def question_rows(records: Records, context: Context, question: Question) -> None:
    """Add every row the spec asks for about this outcome, event set and contrast."""
    case, terms = question.case(context.data), context.spec.terms
    for trend in context.spec.trends:
        asked = replace(question, trend=trend)
        for term in terms:
            if term in ("mean_step", "step"):
                _add_steps(records, context, replace(asked, term=term))
        if "average_post" in terms:
            _add(records, context, replace(asked, term="average_post"), case, _add_average)
        if "dynamics" in terms and case.status in ("identified", "descriptive"):
            _add(records, context, replace(asked, term="k=+0"), case, _add_lags)
            _add(records, context, replace(asked, term="k=-1"), case, _add_leads)
        if "pre_trend" in terms and trend == "none":
            _add(records, context, replace(asked, term="pre_trend"), case, _add_pre_trend)
    if case.inference == "ri_dates" and context.spec.inference == "ri_studentised":
        _add(records, context, replace(question, term="window_change"), case, _add_dates)


def _add(records: Records, context: Context, question: Question, case: Case, maker: Maker) -> None:
    """Run one maker of rows; what it cannot compute becomes a row with the reason."""
    failed = attempt(
        question, case, context.data, lambda panel: maker(records, context, question, case, panel)
    )
    if failed is not None:
        records.add(context, failed)


def _add_steps(records: Records, context: Context, question: Question) -> None:
    step = answer(question, context.data)
    records.add(context, step)
    fit, test, weights = step.fit, step.test, step.weights
    if fit is None or test is None or weights is None or step.status != "ok":
        return
    records.add_placebos(step, fit, test)
    records.diagnose(step, fit_diagnostics.unknown_diagnostics(step.bounds, side(test.low, test.high)))
    records.diagnose(step, fit_diagnostics.power_diagnostics(fit, test, weights, step.inference))
    records.diagnose(step, fit_diagnostics.weight_diagnostics(fit))
    if step.slope is not None:
        records.diagnose(step, fit_diagnostics.level_diagnostics(step.slope, step.case.frequency))
    if question.term == "mean_step" and step.case.estimator in ("ols", "ols_log", "ppml"):
        records.diagnose(step, fit_diagnostics.joint_diagnostics(fit, step.inference))
    if context.spec.family == "headline":
        alpha = context.spec.alpha
        records.diagnose(step, fit_diagnostics.left_out_diagnostics(fit, weights, alpha))
        sizes = fit_diagnostics.size_diagnostics(context.data, fit, weights, test, step.inference)
        records.diagnose(step, sizes)
        records.headlines.append(step)


def _lag_fit(context: Context, question: Question, case: Case, panel: Balanced) -> Fit:
    events = [(name, day) for name, day in case.joint if name in case.events]
    grid, trend = GRIDS[case.frequency], question.trend == "unit_linear"
    fit = fit_case(case, panel, lag_design(panel.periods, case.frequency, events, grid, trend=trend))
    return replace(fit, notes=(*fit.notes, *_holidays(context, case, panel, [day for _, day in events])))


def _lead_fit(context: Context, question: Question, case: Case, panel: Balanced) -> Fit:
    """Leads of the set's first event, fitted to the periods before any: an event's effect would show in the
    leads of those after it, and be taken for a drift."""
    first, begun = min(day for name, day in case.joint if name in case.events), min(d for _, d in case.joint)
    size = int((ordinals(panel.periods, case.frequency) < ordinals([begun], case.frequency)).sum())
    before = panel.first(size)
    grid, trend = GRIDS[case.frequency], question.trend == "unit_linear"
    design = lead_design(before.periods, case.frequency, first, grid, trend=trend)
    fit = fit_case(replace(case, panel=before), before, design)
    return replace(fit, notes=(*fit.notes, *_holidays(context, case, panel, [first])))


def _holidays(context: Context, case: Case, panel: Balanced, events: Sequence[date]) -> tuple[str, ...]:
    """A warning where a long holiday of the treated country lowers what leads and lags are measured from."""
    calendar = context.data.unit(case.contrast.treated).calendar
    if calendar not in HOLIDAY_WEEKS_OF or case.frequency not in ("week", "month"):
        return ()
    weeks, first, last = HOLIDAY_WEEKS_OF[calendar], *GRIDS[case.frequency].reference
    for day in ordinals(events, case.frequency):
        window = (int(day) + first, int(day) + last)
        if note := holiday_in_reference(panel.periods, case.frequency, window, weeks):
            return (note,)
    return ()


def _add_average(records: Records, context: Context, question: Question, case: Case, panel: Balanced) -> None:
    if context.spec.inference == "conformal":
        records.add(context, _conformal(replace(question, term="mean_gap"), case, panel))
        return
    fit = _lag_fit(context, question, case, panel)
    after = [i for i, name in enumerate(fit.design.names) if int(name[2:]) >= 0]
    shares = fit.design.weights[after] / fit.design.weights[after].sum()
    average = ranked(question, fit, fit.design.contrast([fit.design.names[i] for i in after], shares))
    if average.test is not None and average.status == "ok":
        records.add_placebos(average, fit, average.test)
        records.diagnose(average, _lead_test(context, question, case, panel))
        if question.trend == "none":
            drifts = _drifts(context, case, panel)
            records.diagnose(average, drifts)
            if misses_its_own_size(drifts):
                average = replace(average, notes=(*average.notes, Note.LOW_PRETREND_POWER))
    records.add(context, average)


def _lead_test(context: Context, question: Question, case: Case, panel: Balanced) -> list[dx.Diagnostic]:
    try:
        return fit_diagnostics.lead_diagnostics(_lead_fit(context, question, case, panel))
    except EventStudyError as error:
        why = error.reason(context.data.names_in(case.event_set))
        return [dx.Diagnostic("pre_trend_test", None, None, f"no joint test of leads: {why}")]


def _conformal(question: Question, case: Case, panel: Balanced) -> Answer:
    """The mean gap after the first event, periods permuted: a sharp null of no effect in any of them."""
    design = step_design(panel.periods, case.frequency, case.joint, trend=False)
    before, after = int(design.pre.sum()), int((~design.pre).sum())
    if after >= before:
        raise MissingReference(
            f"{counted(before, case.frequency)} before the first event and {after} after it: the residuals "
            "adapt to a change in half of the periods, and permuting them cannot find it"
        )
    levels, alpha = additive(panel.values, case.estimator), question.spec.alpha
    effects = conformal_set(levels, design.pre, ~design.pre, alpha=alpha)
    bounded = bool(np.isfinite([effects.low, effects.high]).all())
    bounds = None
    if isinstance(panel.unknown, Unknown):
        bounds = bounds_of_conformal(panel, panel.unknown, design, case.estimator, alpha)
    ranked_periods = Answer(
        question, case, "ok",
        "mean gap after the first event minus before, ranked among cyclic shifts of the residuals",
        inference="conformal", estimate=effects.estimate, p_value=effects.p_value, p_floor=effects.p_floor,
        low=effects.low if bounded else None, high=effects.high if bounded else None,
        notes=case.notes + (() if bounded else (Note.UNBOUNDED_SET,)),
    )  # fmt: skip
    return within(ranked_periods, panel, bounds)


def _drifts(context: Context, case: Case, panel: Balanced) -> list[dx.Diagnostic]:
    """How far the mean gap after the set's first event survives drifts that parallel trends rule out.

    Of the first event alone: leads and lags pooled over several events do not follow a drift in time,
    so that no restriction on them would bound one.
    """
    first = min(((e, day) for e, day in case.joint if e in case.events), key=lambda one: one[1])
    try:
        design = lag_design(panel.periods, case.frequency, [first], GRIDS[case.frequency], trend=False)
        fit = fit_case(case, panel, design)
    except EventStudyError as error:
        return [no_sensitivity(error.reason(context.data.names_in(case.event_set)))]
    after = np.asarray([int(term[2:]) >= 0 for term in design.names])
    coef = np.where(fit.fits.separated[:, None], np.nan, fit.fits.coef) @ design.map.T
    drift = drift_response(design, ordinals(panel.periods, case.frequency).astype(float))
    weights = design.weights[after] / design.weights[after].sum()
    spec = context.spec
    return drift_diagnostics(
        coef, fit.fits.scale, design.names, drift, weights,
        alpha=spec.alpha, conditional=spec.sensitivity == "conditional",
    )  # fmt: skip


def _add_lags(records: Records, context: Context, question: Question, case: Case, panel: Balanced) -> None:
    fit = _lag_fit(context, question, case, panel)
    _add_terms(records, context, question, fit, [name for name in fit.design.names if int(name[2:]) >= 0])


def _add_leads(records: Records, context: Context, question: Question, case: Case, panel: Balanced) -> None:
    fit = _lead_fit(context, question, case, panel)
    leads = _add_terms(records, context, question, fit, fit.design.names)
    if "average_post" not in context.spec.terms and leads[0].status == "ok":  # else said of the average
        records.diagnose(leads[0], fit_diagnostics.lead_diagnostics(fit))


def _add_terms(
    records: Records, context: Context, question: Question, fit: Fit, names: Sequence[str]
) -> list[Answer]:
    answers = [
        ranked(replace(question, term=name), fit, fit.design.contrast([name], [1.0])) for name in names
    ]
    for one in answers:
        records.add(context, one)
    return answers


def _add_pre_trend(
    records: Records, context: Context, question: Question, case: Case, panel: Balanced
) -> None:
    design = step_design(panel.periods, case.frequency, case.joint, trend=False)
    fit = fit_case(case, panel, design)
    gaps = fit.fits.gaps
    slope, scale = dx.pre_trend_slopes(gaps, design, ordinals(panel.periods, case.frequency))
    fine = usable(scale, fit.units, fit.rounding)  # a straight line's rest is rounding
    slope, scale = slope[fine], scale[fine]
    lines = UnitFits(slope[:, None], scale, gaps[fine], np.zeros(len(slope), dtype=bool))
    straight = [unit for unit, is_fine in zip(fit.units, fine, strict=True) if not is_fine]
    fit = replace(
        fit, fits=lines, units=tuple(unit for unit in fit.units if unit not in straight),
        notes=(*fit.notes, *(f"{Note.DEGENERATE_PLACEBO}({unit})" for unit in straight)),
        refit=_refit_slopes,
    )  # fmt: skip
    line = ranked(question, fit, np.ones(1))
    records.add(context, line)
    if line.test is not None and line.status == "ok":
        records.diagnose(line, fit_diagnostics.slope_diagnostics(fit, slope, scale, line.test.critical))


def _refit_slopes(fit: Fit, unknown: Unknown) -> Refits:
    found = refit_steps(fit, unknown)
    when = ordinals(fit.panel.periods, fit.case.frequency)
    slope, scale = dx.pre_trend_slopes(found.gaps, fit.design, when)
    return replace(found, coef=slope[:, None], scale=scale, placebos=None)


def _add_dates(records: Records, context: Context, question: Question, case: Case, panel: Balanced) -> None:
    calendar = context.data.unit(case.contrast.treated).calendar
    dates = placebo_dates(panel, case.joint, case.events, calendar)
    events, half = dates.events, dates.half
    design = step_design(panel.periods, case.frequency, case.joint, trend=False)
    spec = context.spec
    try:
        fit = fit_case(case, panel, design)
        usable(fit.fits.scale[:1], panel.units, fit.rounding)
        test = dates_test(
            fit.fits.gaps[0], dates.when, events, half=half, draws=spec.draws,
            seed=spec.seed, avoid=dates.avoid, rounding=fit.rounding,
        )  # fmt: skip
    except EventStudyError as error:  # a row of its own: a term without a rank has the blank one's name
        why = error.reason(context.data.names_in(case.event_set))
        records.add(context, Answer(question, case, "not_identified", why, inference="ri_dates"))
        return
    reason = (
        f"mean change over {counted(half, case.frequency)} around the events, ranked among placebo dates: "
        f"{test.windows} disjoint windows{dates.without}"
    )
    # what no placebo window holds may be in the events' own: the reader is warned
    notes = (
        [Note.HOLIDAY_IN_REFERENCE] if any(0 < e - w <= half for e in events for w in dates.holidays) else []
    )
    notes += [Note.DST_IN_WINDOW] if any(-half < e - w <= half for e in events for w in dates.clocks) else []
    ranked_dates = Answer(
        question, case, "ok", reason, inference="ri_dates", estimate=test.estimate, p_value=test.p_value,
        p_floor=test.p_floor, notes=tuple(notes),
    )  # fmt: skip
    records.add(context, _bounded_dates(ranked_dates, fit, dates.when, events, half))
    _add_placebo_dates(records, ranked_dates, test, panel.periods)


def _bounded_dates(answer: Answer, fit: Fit, when: np.ndarray, events: Sequence[int], half: int) -> Answer:
    """The change around the events under every allotment: it has no set, and its bounds are of itself."""
    bounds = None
    if found := fit.refits:
        changes = np.asarray([mean_change(gap, when, events, half) for gap in found.gaps])
        bounds = bounds_of_points(found.made, changes)
    return within(answer, fit.panel, bounds)


def _add_placebo_dates(records: Records, dates: Answer, test: DatesTest, periods: Sequence[date]) -> None:
    seen: set[str] = set()
    for value, rank, positions in zip(np.abs(test.placebos), test.ranks, test.chosen, strict=True):
        name = " ".join(periods[i].isoformat() for i in positions)
        if name not in seen:  # a vector drawn twice is one placebo
            seen.add(name)
            records.add_placebo(dates, name, float(value), int(rank))
