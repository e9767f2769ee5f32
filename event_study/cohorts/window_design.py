"""Changes around one event, of the cohort of units that was there before it: a question's case, its rows.

Not here: other designs (``change_design``, ``triple_design``), formulas (``windows``, ``ri_windows``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from event_study.bounds.identified_set import UnionBounds
from event_study.cohorts.flows import Flows
from event_study.cohorts.unit_answers import (
    Planted,
    Row,
    UnitData,
    UnitFinding,
    estimate_row,
    identification_row,
    planted_step,
)
from event_study.cohorts.unit_diagnostics import Judged, beside
from event_study.cohorts.unplaced import is_open, unknown_bounds_of
from event_study.cohorts.windows import COMPARISON, TREATED, UNKNOWN, Windows, changes, windows
from event_study.errors import EventOutsidePanel, EventStudyError, ResolutionTooCoarse, counted
from event_study.inference.ri_windows import Placebos, WindowsTest, placebo_windows, windows_test
from event_study.limits import MIN_UNKNOWN, MIN_WINDOWS
from event_study.specs.model import EventSet
from event_study.specs.unit_model import Sides, UnitSpec

TERM, INFERENCE = "window_change", "ri_dates"


@dataclass(frozen=True)
class UnitCase:
    """One question with what its windows say, or the reason why they say nothing.

    ``at`` is the event's position, ``here`` the index of its window, ``events`` the positions of all the
    spec's; ``test`` is there where the status is ``ok``.
    """

    spec: UnitSpec
    outcome: str
    estimator: str
    event_set: EventSet
    day: date
    sides: Sides
    status: str = "not_identified"
    reason: str | None = None
    flows: Flows | None = None
    made: Windows | None = None
    at: int | None = None
    here: int | None = None
    change: float | None = None
    scale: float | None = None
    events: tuple[int, ...] = ()
    placebos: Placebos | None = None
    test: WindowsTest | None = None
    bounds: UnionBounds | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Its key in the identification table."""
        return self.outcome, self.event_set.name, self.sides.name

    @property
    def inference(self) -> str:
        return INFERENCE if self.test is not None else "none"

    @property
    def share_unknown(self) -> float | None:
        """Of the outcome's total before the event, in its window."""
        if self.made is None or self.here is None:
            return None
        half = self.spec.half
        before = self.made.sums[self.here, :, :half].sum(axis=1)
        return float(before[UNKNOWN] / before.sum()) if before.sum() > 0 else None

    def identification(self) -> Row:
        return _identification_row(self)

    def found(self, planted: Planted | None) -> Iterator[UnitFinding]:
        """One row, with the dates it was ranked among and what stands beside it."""
        yield UnitFinding(
            _estimate_row(_spoken(self), planted), tuple(_diagnostics(self)), tuple(_placebo_rows(self))
        )


def windows_around(asked: UnitData, spec: UnitSpec, outcome: str, sides: Sides) -> Iterator[UnitCase]:
    """Every event of the spec, for one outcome and pair of sides."""
    estimator = asked.estimators[outcome] if spec.estimator == "outcome" else spec.estimator
    cases = [
        UnitCase(spec, outcome, estimator, chosen, asked.days[chosen.events[0]], sides)
        for chosen in spec.event_sets
    ]
    try:
        panel = asked.flows(spec, outcome, sides)
        made = windows(panel, spec, sides)
        change, scale = changes(made, estimator == "ppml")
    except EventStudyError as error:
        yield from (replace(case, reason=error.reason({})) for case in cases)
        return
    events = tuple(at for case in cases if (at := _position(panel, case.day)) is not None)
    placebos = placebo_windows(made.at, change, scale, events, spec.half)
    for case in cases:
        case = replace(case, flows=panel, made=made, events=events, placebos=placebos)
        try:
            at = panel.position(case.day)
            case = replace(case, at=at)
            here = made.index(at, _needs(spec))
            case = replace(case, here=here, change=float(change[here]), scale=float(scale[here]))
            yield _tested(case)
        except EventStudyError as error:
            yield replace(case, reason=error.reason({}), change=None)


def _position(panel: Flows, day: date) -> int | None:
    try:
        return panel.position(day)
    except EventOutsidePanel:
        return None


def _needs(spec: UnitSpec) -> str:
    return f"a side needs {spec.cohort.least}, and {100 * spec.cohort.kept:.0f} % of its own"


def _tested(case: UnitCase) -> UnitCase:
    """The case with its test; described where too few windows are disjoint, refused where too much is
    unknown. Raises where the event's window says nothing."""
    if case.placebos is None or case.change is None or case.scale is None:
        return case
    share = case.share_unknown
    if share is not None and share > case.spec.most_unknown:
        limit = f"the limit is {100 * case.spec.most_unknown:.0f} %"
        reason = f"{100 * share:.0f} % of the outcome has no certain place, {limit}"
        return replace(case, status="refused", reason=reason, change=None)
    weeks = counted(2 * case.spec.half, "week")
    try:
        test = windows_test(case.change, case.scale, case.placebos, case.spec.alpha)
    except ResolutionTooCoarse as error:
        if not math.isfinite(case.change):
            raise EventOutsidePanel("a side has no count before the event, or none after it") from error
        reason = f"{error.reason({})}: the change is shown, without a p-value"
        return replace(case, status="descriptive", reason=reason)
    reason = (
        f"change over {weeks} around the event, over its own noise, among {len(case.placebos.t)} placebo "
        f"dates: {case.placebos.windows} disjoint windows without holiday weeks"
    )
    return replace(case, status="ok", reason=reason, test=test, bounds=_bounds(case, test))


def _bounds(case: UnitCase, test: WindowsTest) -> UnionBounds | None:
    """What the unknown leave of a tested change; None of shares, whose means no part can be given to."""
    if case.made is None or case.here is None or case.estimator != "ppml":
        return None
    return unknown_bounds_of(case.made, case.here, case.events, case.spec, test)


def _spoken(case: UnitCase) -> UnitCase:
    """The case as its row says it: only described where the unknown leave everything open."""
    bounds, share = case.bounds, case.share_unknown or 0.0
    if case.status != "ok" or bounds is None or share <= MIN_UNKNOWN or not is_open(bounds):
        return case
    reason = (
        f"{100 * share:.0f} % of the outcome has no certain place: whoever it is of, its set, "
        f"{bounds.low:.3g} to {bounds.high:.3g} log points, holds both a halving and a doubling"
    )
    return replace(case, status="descriptive", reason=reason)


def _kept(case: UnitCase) -> tuple[int | None, int | None, float | None]:
    """Units of both sides in the event's window, and the share of those with a value in its first week."""
    if case.made is None or case.here is None:
        return None, None, None
    units, before = case.made.units[case.here], case.made.before[case.here]
    sides = [TREATED, COMPARISON]
    return int(units[TREATED]), int(units[COMPARISON]), float(units[sides].sum() / before[sides].sum())


def _identification_row(case: UnitCase) -> Row:
    _, comparison, kept = _kept(case)
    seen = None if case.flows is None else np.isfinite(case.flows.values).any(axis=0)
    before = after = None
    if case.at is not None and seen is not None:
        before, after = int(seen[: case.at].sum()), int(seen[case.at :].sum())
    return identification_row(case.key, case.status, case.reason) | {
        "pre_periods": before, "post_periods": after, "donors_carrying": comparison,
        "share_unknown_country": case.share_unknown, "share_complete": kept, "inference": case.inference,
        "needs": _missing(case), **_counts(case),
    }  # fmt: skip


def _missing(case: UnitCase) -> str | None:
    """What data would test a change that is only described: the windows that are not there."""
    if case.status == "not_identified" and case.flows is None:
        return case.spec.needs
    if case.status != "descriptive" or case.placebos is None:
        return None
    weeks = (MIN_WINDOWS - case.placebos.windows) * 2 * case.spec.half
    return f"{counted(weeks, 'more week')} seen in full, away from the events and from holidays"


def _counts(case: UnitCase) -> Row:
    found = case.placebos
    return {
        "placebo_windows": None if found is None else len(found.t),
        "disjoint_windows": None if found is None else found.windows,
    }


def _estimate_row(case: UnitCase, planted: Planted | None) -> Row:
    test = case.test
    row = estimate_row(case.spec, case.key, case.sides.treated, TERM, case.inference) | {
        "estimator": case.estimator, "share_unknown_country": case.share_unknown, "status": case.status,
        "reason": case.reason, **_counts(case),
    }  # fmt: skip
    if test is not None and case.status == "ok":
        row |= {"ci_low": test.low, "ci_high": test.high, "p_value": test.p_value, "p_floor": test.p_floor}
    if case.bounds is not None:
        row |= _ends(case.bounds, test)
    return row if case.change is None else row | _numbers(case, case.change, planted)


def _ends(bounds: UnionBounds, test: WindowsTest | None) -> Row:
    """Open ends are null; the breakdown is that of the set where it excludes zero, else of the sign."""
    rejects = test is not None and (test.low > 0 or test.high < 0)
    ends = {"bound_low": bounds.low, "bound_high": bounds.high}
    ends |= {"worst_low": bounds.worst_low, "worst_high": bounds.worst_high}
    row: Row = {name: end if math.isfinite(end) else None for name, end in ends.items()}
    return row | {"breakdown": bounds.breakdown if rejects else bounds.sign_breakdown}


def _numbers(case: UnitCase, change: float, planted: Planted | None) -> Row:
    if case.flows is None or case.made is None or case.at is None or case.here is None:
        raise ValueError(f"{case.key}: a change without a window")
    half, (treated, comparison, kept) = case.spec.half, _kept(case)
    before = case.made.sums[case.here, TREATED, :half]
    base = float(before.mean()) if case.estimator == "ppml" else float(before.mean() / (treated or 1))
    percent = math.expm1(change) if case.estimator == "ppml" else (change / base if base > 0 else None)
    units = (treated or 0) + (comparison or 0)
    window = case.flows.weeks[case.at - half : case.at + half].tolist()
    truth = planted_step(planted, case.outcome, {case.event_set.events[0]: case.day}, window, half)
    if truth is not None and case.estimator != "ppml":
        truth = base * math.expm1(truth)
    return {
        "donors": comparison, "estimate": change, "base_mean": base, "percent_effect": percent,
        "n_obs": 2 * half * units, "n_units": units, "n_periods": 2 * half, "share_complete": kept,
        "window_start": window[0], "window_end": window[-1], "planted": truth,
    }  # fmt: skip


def _diagnostics(case: UnitCase) -> list[Row]:
    if case.change is None or case.flows is None or case.made is None or case.at is None or case.here is None:
        return []
    judged = Judged(
        case.spec, case.sides, case.estimator == "ppml", case.flows, case.made, case.at, case.here,
        case.change, case.test, case.bounds, case.events,
    )  # fmt: skip
    return [vars(one) for one in beside(judged)]


def _placebo_rows(case: UnitCase) -> list[Row]:
    if case.test is None or case.flows is None:
        return []
    found = zip(case.test.placebos.at.tolist(), case.test.placebos.t, case.test.ranks, strict=True)
    return [
        {"placebo": str(case.flows.weeks[at]), "statistic": abs(float(t)), "rank": int(rank)}
        for at, t, rank in found
    ]
