"""One question put to one panel: assessed, designed, fitted, contrasted, tested. Written once.

Rows, the specification curve and revisions ask here, and only say in their own columns what was answered.
Not here: which questions a spec asks (``questions``, ``terms``), the tests themselves (``inference``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from event_study.bounds.identified_set import UnionBounds
from event_study.bounds.refit import refits
from event_study.errors import EventStudyError, NoDonors, Note, counted
from event_study.estimators.design import Design, step_design
from event_study.estimators.registry import additive
from event_study.inference.conventional import Conventional, crv1_ols, crv1_ppml, gls_ar1
from event_study.inference.ferman_pinto import ferman_pinto
from event_study.inference.ri_persistent import persistent_test
from event_study.inference.ri_studentised import RankTest, rank_test
from event_study.limits import MIN_DONORS, MIN_UNKNOWN
from event_study.panel.balance import Balanced, in_log_points
from event_study.panel.data import Data
from event_study.panel.unknown import Unknown
from event_study.periods import ordinals
from event_study.sensitivity.diagnostics import pre_trend_slopes, serial_correlation_p
from event_study.sensitivity.doubts import doubts
from event_study.specs.model import CONVENTIONAL, Contrast, EventSet, Spec
from event_study.study.bounded import (
    bounds_of_conventional,
    bounds_of_fit,
    bounds_of_points,
    is_informative,
)
from event_study.study.case import Case, assess
from event_study.study.fits import Fit, fit_case

T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """One number that ``spec`` asks for; ``term`` as in the estimates table."""

    spec: Spec
    outcome: str
    event_set: EventSet
    contrast: Contrast
    trend: str = "none"
    term: str = "mean_step"

    def case(self, data: Data) -> Case:
        """What ``data`` can answer of it, trend and term apart."""
        spec = self.spec
        return assess(
            data,
            self.outcome,
            self.event_set,
            self.contrast,
            spec.pool,
            spec.estimator,
            spec.sample,
            spec.alpha,
        )


@dataclass(frozen=True)
class Answer:
    """A number with what it was held against, or the reason why there is none.

    ``notes`` are warnings; ``fit`` and ``weights`` (P, of its coefficients) are behind an estimate that was,
    or would have been, ranked; ``test`` is that rank; ``slope`` the rank of the gap's slope before the first
    event, where the question takes the gap as level; ``bounds`` what it may be, whoever the unknown are.
    """

    question: Question
    case: Case
    status: str
    reason: str | None
    inference: str = "none"
    estimate: float | None = None
    std_error: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    p_floor: float | None = None
    notes: tuple[str, ...] = ()
    fit: Fit | None = None
    weights: np.ndarray | None = None
    test: RankTest | None = None
    slope: RankTest | None = None
    bounds: UnionBounds | None = None

    @property
    def set(self) -> tuple[float, float] | None:
        """The confidence set of what is known, where it is bounded."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def estimate_id(self) -> str:
        """Its key in the estimates table."""
        asked = self.question
        names = (asked.spec.id, asked.outcome, asked.event_set.name, asked.contrast.name)
        return "/".join((*names, asked.term, asked.trend, self.inference))


def answer(question: Question, data: Data) -> Answer:
    """The answer to a question about steps (``mean_step``, ``step``); never raises for data.

    Ranked among placebo units where the case allows it, else described; under a conventional inference
    the errors that others would print.
    """
    case = question.case(data)
    return attempt(question, case, data, lambda panel: _steps(question, case, panel))


def attempt(question: Question, case: Case, data: Data, make: Callable[[Balanced], T]) -> T | Answer:
    """What ``make`` makes of the case's panel; an answer with the reason where it cannot, or must not."""
    status, reason = case.status, case.reason
    if case.panel is not None and status in ("identified", "descriptive"):
        try:
            return make(case.panel)
        except EventStudyError as error:
            status, reason = "not_identified", error.reason(data.names_in(case.event_set))
    return Answer(question, case, status, reason)


def _steps(question: Question, case: Case, panel: Balanced) -> Answer:
    design = step_design(panel.periods, case.frequency, case.joint, trend=question.trend == "unit_linear")
    count = len(case.events)
    shares = case.event_set.weights(case.events) if question.term == "mean_step" else [1.0] * count
    weights = design.contrast(case.events, shares)
    if question.spec.inference in CONVENTIONAL:
        return _conventional(question, case, panel, design, weights)
    step = ranked(question, fit_case(case, panel, design), weights)
    return step if question.trend == "unit_linear" else _level_before(step)


def _level_before(step: Answer) -> Answer:
    """The tested step with the rank of the gap's slope before, and a warning where that is no level gap."""
    fit = step.fit
    if fit is None or step.test is None:
        return step
    when, alpha = ordinals(fit.panel.periods, fit.case.frequency), step.question.spec.alpha
    slopes, scale = pre_trend_slopes(fit.fits.gaps, fit.design, when)
    slope = rank_test(slopes, np.maximum(scale, fit.rounding), alpha)
    if slope.p_value > alpha:
        return replace(step, slope=slope)
    said = f"{slope.estimate:+.3g} a {fit.case.frequency}, p {slope.p_value:.2g}"
    return replace(step, slope=slope, notes=(*step.notes, f"{Note.SLOPE_BEFORE}({said})"))


def ranked(question: Question, fit: Fit, weights: np.ndarray) -> Answer:
    """The contrast ``weights`` (P) of a fit, with its rank test where enough donors are left for one."""
    answer = _ranked(question, fit, weights)
    bounds = bounds_of_fit(fit, weights, answer.test, answer.inference, question.spec.alpha)
    return within(answer, fit.panel, bounds)


def within(answer: Answer, panel: Balanced, bounds: UnionBounds | None) -> Answer:
    """The answer with its ``bounds``; only described where the unknown of ``panel`` leave everything open,
    and where nobody can say what they leave."""
    unknown, case = panel.unknown, answer.case
    if unknown is None:
        return answer
    share = case.share_unknown or 0.0
    who = f"{_percent(share)} of the outcome has no certain {case.noun}"
    if isinstance(unknown, EventStudyError):
        answer = replace(answer, notes=(*answer.notes, f"{Note.KNOWN_ONLY}({unknown})"))
        why = f"{who}, {unknown}: what it may change has no bounds"
    elif bounds is not None:
        known, answer = answer.set, replace(answer, bounds=bounds)
        why = f"{who}: whoever it is of, {_between(bounds, case)}"
        if known is None or not is_informative(*known, case):
            why += ", as the set of what is known already does"
        if not np.isfinite([bounds.low, bounds.high]).all() and Note.UNBOUNDED_SET not in answer.notes:
            answer = replace(answer, notes=(*answer.notes, Note.UNBOUNDED_SET))
        if is_informative(bounds.low, bounds.high, case):
            return answer
    if answer.status != "ok" or share <= MIN_UNKNOWN:
        return answer
    return replace(answer, status="descriptive", reason=why, low=None, high=None, p_value=None, p_floor=None)


def _between(bounds: UnionBounds, case: Case) -> str:
    if not np.isfinite([bounds.low, bounds.high]).all():
        return "its set is unbounded"
    unit = " log points" if in_log_points(case.estimator) else ""
    return f"its set, {bounds.low:.3g} to {bounds.high:.3g}{unit}, holds both a halving and a doubling"


def _percent(share: float) -> str:
    return f"{100 * share:.{0 if share >= 0.1 else 1}f} %"


def _ranked(question: Question, fit: Fit, weights: np.ndarray) -> Answer:
    case, values, notes = fit.case, fit.values(weights), fit.notes
    answer = Answer(
        question, case, "descriptive", _unranked(fit),
        estimate=float(values[0]), notes=notes, fit=fit, weights=weights,
    )  # fmt: skip
    if case.inference != "ri_studentised" or len(fit.units) <= case.needed:
        return answer
    test, alpha = _rank(question, fit, weights, values), question.spec.alpha
    bounds: dict[str, Any] = {}
    if math.isfinite(test.low):
        bounds = {"low": test.low, "high": test.high}
    else:
        notes += (Note.UNBOUNDED_SET,)
    if question.spec.inference == "ri_persistent":  # without what was forecast of it
        bounds["estimate"] = test.estimate
    # a doubled rank cannot fall below 2/(J+1): with few donors its lowest value is reported
    if serial_correlation_p(fit.fits.gaps, fit.design) <= max(alpha, 2 / len(fit.units)):
        notes += (Note.SERIAL_CORRELATION_DIFFERS,)
    notes += doubts(fit.panel.values, fit.fits.gaps, fit.design, case.estimator)
    return replace(
        answer, status="ok", reason=None, inference=question.spec.inference,
        p_value=test.p_value, p_floor=test.p_floor, notes=notes, test=test, **bounds,
    )  # fmt: skip


def _unranked(fit: Fit) -> str:
    """Why nobody is ranked: what the panel was judged to allow, or that its donors are one series."""
    if fit.case.inference != "ri_studentised":
        return fit.case.reason
    return (
        f"{counted(len(fit.units) - 1, 'donor')} of {fit.panel.donors} have a gap to the others that is more "
        f"than rounding, a rank test at {100 * fit.case.alpha:g} % needs {fit.case.needed}: the gap is "
        "shown, without a p-value"
    )


def _rank(question: Question, fit: Fit, weights: np.ndarray, values: np.ndarray) -> RankTest:
    alpha = question.spec.alpha
    if question.spec.inference == "ri_persistent":
        when = ordinals(fit.panel.periods, fit.case.frequency)
        return persistent_test(values, fit.fits.gaps, fit.design, when, weights, alpha)
    if question.spec.inference != "ferman_pinto":
        return rank_test(values, fit.fits.scale, alpha)
    X = fit.design.X
    levels = fit.panel.values[fit.among]
    differences = additive(levels, fit.case.estimator) @ X @ np.linalg.inv(X.T @ X) @ weights
    rescaled = ferman_pinto(differences, levels[:, fit.design.pre].mean(axis=1), alpha)
    if rescaled.extrapolated:  # outside the donors' sizes the variance function is a guess, and over-rejects
        raise NoDonors(
            "{unit} is larger or smaller than every donor: its size says nothing of its variance",
            unit=fit.units[0],
        )
    return rescaled.test


def _conventional(
    question: Question, case: Case, panel: Balanced, design: Design, weights: np.ndarray
) -> Answer:
    """The estimate under errors that others would print; never a headline."""
    inference, alpha = question.spec.inference, question.spec.alpha
    notes: tuple[str, ...] = ()

    def errors(of: Balanced) -> Conventional:
        if inference == "crv1":
            return _clustered(case, of, design, weights, alpha)
        return gls_ar1(fit_case(case, of, design).fits.gaps[0], design.X, weights, alpha)

    fitted, bounds = errors(panel), None
    if inference == "crv1":
        notes = (Note.ONE_TREATED_CLUSTER, *((Note.FEW_CLUSTERS,) if panel.donors < MIN_DONORS else ()))
    if isinstance(panel.unknown, Unknown):
        found = refits(panel.values, panel.unknown, design, case.estimator)
        bounds = bounds_of_points(found.made, found.coef @ weights)
        if case.inference != "none":
            bounds = bounds_of_conventional(panel, found, weights, errors, alpha)
    answer = Answer(
        question, case, "descriptive", case.reason, inference=inference, estimate=fitted.estimate,
        std_error=fitted.std_error, notes=notes + case.notes,
    )  # fmt: skip
    if case.inference == "none":
        return within(answer, panel, bounds)
    p_value = fitted.p_value if math.isfinite(fitted.p_value) else None
    tested = replace(answer, status="ok", reason=None, low=fitted.low, high=fitted.high, p_value=p_value)
    return within(tested, panel, bounds)


def _clustered(
    case: Case, panel: Balanced, design: Design, weights: np.ndarray, alpha: float
) -> Conventional:
    if case.estimator == "ppml":
        return crv1_ppml(panel.values, design, weights, alpha)
    return crv1_ols(additive(panel.values, case.estimator), design, weights, alpha)
