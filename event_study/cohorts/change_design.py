"""Changes of both sides in levels, as published studies report them: after less before, a unit and week.

Each side's change, their difference and their ratio, for one event or several, ranked among placebo dates of
the same series; by a corrected clock the same four with the correction's interval. Not here: the fit
(``units.pre_post``), corrections (``clock_effects``), cohorts of one window (``window_design``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from event_study.cohorts.clock_effects import (
    COMPARISON,
    DIFFERENCE,
    RATIO,
    TREATED,
    Classes,
    ClockEffects,
    Interval,
    from_confusion,
    from_labelled_hours,
    from_mixture,
)
from event_study.cohorts.flows import Flows
from event_study.cohorts.unit_answers import (
    Key,
    Planted,
    Row,
    UnitData,
    UnitFinding,
    estimate_row,
    identification_row,
    planted_step,
)
from event_study.cohorts.windows import COMPARISON as OTHER
from event_study.cohorts.windows import TREATED as OWN
from event_study.cohorts.windows import UNKNOWN, side_of
from event_study.errors import (
    EventOutsidePanel,
    EventStudyError,
    NoDonors,
    Note,
    ResolutionTooCoarse,
    counted,
)
from event_study.inference.ri_dates import DatesTest, dates_test, ratio_set
from event_study.limits import MIN_WINDOWS
from event_study.specs.model import EventSet
from event_study.specs.unit_model import Sides, UnitSpec
from event_study.units.pre_post import GroupChanges, group_changes

PARTS = (TREATED, COMPARISON, DIFFERENCE, RATIO)
Y, UNIT, SIDE, TIME, CLUSTER = "y", "unit", "side", "position", "repository"
BY_LABELS = {"labelled_hours": from_labelled_hours, "confusion": from_confusion}


@dataclass(frozen=True)
class Around:
    """Both sides' changes over ``half`` weeks a side, ``mondays`` of each event's window in turn, with what
    may be said of them, and their ``tests`` by part where there are any; ``corrected`` where a clock was."""

    half: int
    mondays: tuple[date, ...]
    changes: GroupChanges
    tests: Mapping[str, DatesTest]
    status: str
    reason: str
    corrected: ClockEffects | None = None

    def uncorrected(self, part: str, alpha: float) -> Interval:
        """A part's change and its set by the test; the ratio is missing where the comparison is constant."""
        own, other = self.changes.treated.change, self.changes.comparison.change
        value = {TREATED: own, COMPARISON: other, DIFFERENCE: own - other}.get(part)
        if value is None:
            ratio = own / other if other else math.nan
            tests = [self.tests[one] for one in (TREATED, COMPARISON) if one in self.tests]
            if len(tests) < 2 or tests[0].p_floor > alpha:
                return ratio, -math.inf, math.inf
            return ratio, *ratio_set((own, other), np.stack([one.placebos for one in tests]), alpha)
        reach = self.tests[part].reach(alpha) if part in self.tests else math.inf
        return value, value - reach, value + reach


@dataclass(frozen=True)
class ChangeCase:
    """One question with its changes, or the reason why there are none. ``again`` makes them for one of the
    spec's further ``halves``; ``weeks`` of the panel, ``seen`` (before the first event, from the last on)
    how many of them have a value."""

    spec: UnitSpec
    outcome: str
    event_set: EventSet
    sides: Sides
    days: Mapping[str, date]
    status: str = "not_identified"
    reason: str | None = None
    around: Around | None = None
    again: Callable[[int], Around] | None = None
    seen: tuple[int, int] = (0, 0)
    weeks: tuple[date, ...] = ()
    share_unknown: float | None = None

    @property
    def key(self) -> Key:
        return self.outcome, self.event_set.name, self.sides.name

    def identification(self) -> Row:
        row = identification_row(self.key, self.status, self.reason) | {
            "inference": _inference(self, self.around), "share_unknown_country": self.share_unknown,
        }  # fmt: skip
        if self.around is None:
            return row | {"needs": self.spec.needs}
        needs = None
        if not self.around.tests:
            needs = f"weeks seen in full for {MIN_WINDOWS} disjoint windows of {2 * self.spec.half} weeks"
        return row | {
            "pre_periods": self.seen[0], "post_periods": self.seen[1], "needs": needs,
            "donors_carrying": self.around.changes.comparison.units,
            **_counts(self.around.tests.get(DIFFERENCE)),
        }  # fmt: skip

    def found(self, planted: Planted | None) -> Iterator[UnitFinding]:
        """A row a part and window; beside the first window's difference its placebo dates."""
        yield from self._window("", self.around, self.status, self.reason, planted)
        for half in self.spec.halves if self.again is not None else ():
            around, reason = None, None
            try:
                around = self.again(half) if self.again is not None else None
            except EventStudyError as error:
                reason = error.reason({})
            yield from self._window(f":h={half}", around, "not_identified", reason, planted)

    def _window(
        self, suffix: str, around: Around | None, status: str, reason: str | None, planted: Planted | None
    ) -> Iterator[UnitFinding]:
        inference = _inference(self, around)
        for part in PARTS:
            row = estimate_row(
                self.spec, self.key, self.sides.treated, f"change_{part}{suffix}", inference
            ) | {"estimator": "ols", "share_unknown_country": self.share_unknown}  # fmt: skip
            if around is None:
                yield UnitFinding(row | {"status": status, "reason": reason})
                continue
            is_ranked = part == DIFFERENCE and not suffix and inference == "ri_dates"
            placebos = tuple(_placebos(self, around)) if is_ranked else ()
            numbers = _numbers(self, around, part, self._truth(around, part, planted))
            yield UnitFinding(row | numbers, tuple(_beside(self, around, part)), placebos)

    def _truth(self, around: Around, part: str, planted: Planted | None) -> float | None:
        """Of a planted log effect in levels: that part of the treated base; the other side has none."""
        step = planted_step(planted, self.outcome, self.days, around.mondays, around.half)
        if step is None or part == RATIO:
            return None
        return 0.0 if part == COMPARISON else around.changes.treated.base * math.expm1(step)


def _inference(case: ChangeCase, around: Around | None) -> str:
    """What a row's interval is made by."""
    if around is None or around.status == "refused":
        return "none"
    if case.sides.correction is not None:
        return "clock_mixture" if case.sides.correction == "mixture" else "clock_inverse"
    return "ri_dates" if around.tests else "none"


def _numbers(case: ChangeCase, around: Around, part: str, planted: float | None) -> Row:
    """Of one part. A corrected clock has the correction's interval and no p-value."""
    changes, test, corrected = around.changes, around.tests.get(part), around.corrected
    bases = {TREATED: changes.treated.base, COMPARISON: changes.comparison.base}
    value, low, high = around.uncorrected(part, case.spec.alpha)
    row: Row = {}
    if case.sides.correction is not None:
        bases = {} if corrected is None else dict(corrected.bases)
        value, low, high = (math.nan,) * 3 if corrected is None else corrected.effects[part]
        if corrected is not None and part in corrected.bounds:
            row["bound_low"], row["bound_high"] = corrected.bounds[part]
    elif test is not None:
        row |= {"p_value": test.p_value, "p_floor": test.p_floor}
    base = None if part == RATIO else bases.get(COMPARISON if part == COMPARISON else TREATED)
    units = changes.treated.units + changes.comparison.units
    unbounded = math.isfinite(value) and not math.isfinite(low) and bool(around.tests)
    return row | {
        "estimate": _finite(value), "ci_low": _finite(low), "ci_high": _finite(high), "base_mean": base,
        "percent_effect": value / base if base is not None and base > 0 and math.isfinite(value) else None,
        "donors": changes.comparison.units, "n_units": units, "n_periods": len(around.mondays),
        "window_start": min(around.mondays), "window_end": max(around.mondays), "status": around.status,
        "reason": around.reason, "planted": planted,
        "warnings": Note.UNBOUNDED_SET.value if unbounded else None,
        **_counts(around.tests.get(DIFFERENCE)),
    }  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _counts(test: DatesTest | None) -> Row:
    return {
        "placebo_windows": None if test is None else len(test.placebos),
        "disjoint_windows": None if test is None else test.windows,
    }


def _beside(case: ChangeCase, around: Around, part: str) -> Iterator[Row]:
    """Conventional errors, power and the correction's facts: none of it is a test of the events."""
    changes = around.changes
    if case.sides.correction is not None:
        facts = around.corrected.facts if around.corrected and part == TREATED else {}
        for name, (value, note) in facts.items():
            yield _diagnostic(name, value, None, note)
        return
    own, other = changes.treated, changes.comparison
    conventional = {
        TREATED: (own.std_error, own.conventional_p, own.units),
        COMPARISON: (other.std_error, other.conventional_p, other.units),
        DIFFERENCE: (changes.std_error, changes.conventional_p, changes.clusters),
    }  # fmt: skip
    if part in conventional:
        error, p_value, clusters = conventional[part]
        note = f"{counted(clusters, 'cluster')}: conventional"
        yield _diagnostic("clustered_error", _finite(error), _finite(p_value), note)
    if part == DIFFERENCE:
        points = _finite(changes.percent_points / 100)
        yield _diagnostic("percent_points", points, None, "of each side's own base: 0 if both grow alike")
    if part in around.tests:
        size = _finite(around.tests[part].detectable(case.spec.alpha))
        yield _diagnostic("minimum_detectable_effect", size, None, "80 % power")


def _diagnostic(name: str, value: float | None, p_value: float | None, note: str) -> Row:
    return {"diagnostic": name, "value": value, "p_value": p_value, "note": note}


def _placebos(case: ChangeCase, around: Around) -> Iterator[Row]:
    """Each vector of placebo dates once, by its weeks counted over holidays."""
    test = around.tests[DIFFERENCE]
    seen: set[str] = set()
    for chosen, size, rank in zip(test.chosen.tolist(), np.abs(test.placebos), test.ranks, strict=True):
        name = " ".join(str(case.weeks[at]) for at in chosen)
        if name not in seen:
            seen.add(name)
            yield {"placebo": name, "statistic": float(size), "rank": int(rank)}


def changes_around(asked: UnitData, spec: UnitSpec, outcome: str, sides: Sides) -> Iterator[ChangeCase]:
    """Every event set of the spec, for one outcome and pair of sides."""
    cases = [
        ChangeCase(spec, outcome, chosen, sides, {event: asked.days[event] for event in chosen.events})
        for chosen in spec.event_sets
    ]
    try:
        flows = asked.flows(spec, outcome, sides)
        rows = _rows(flows, sides, spec)
    except EventStudyError as error:
        yield from (replace(case, reason=error.reason({})) for case in cases)
        return
    known = {event: at for event in spec.events if (at := _position(flows, asked.days[event])) is not None}
    for case in cases:
        try:
            yield _answered(case, asked, flows, rows, known)
        except EventStudyError as error:
            yield replace(case, reason=error.reason({}))


def _position(flows: Flows, day: date) -> int | None:
    try:
        return flows.position(day)
    except EventOutsidePanel:
        return None


def _rows(flows: Flows, sides: Sides, spec: UnitSpec) -> pd.DataFrame:
    """The matrix as rows of units on either side. Raises ``NoDonors`` where a side has too few units."""
    side = side_of(flows, sides)
    others = sides.comparison if sides.comparison == "others" else ", ".join(sides.comparison)
    for one, name in ((OWN, sides.treated), (OTHER, others)):
        units = int((np.isfinite(flows.values).any(axis=1) & (side == one)).sum())
        if units < spec.cohort.least:
            raise NoDonors(
                f"{counted(units, 'unit')} of {{place}}: a side needs {spec.cohort.least}", place=name
            )
    unit, week = np.nonzero(np.isfinite(flows.values) & np.isin(side, (OWN, OTHER))[:, None])
    return pd.DataFrame({
        UNIT: unit, SIDE: side[unit], TIME: week, CLUSTER: flows.units[unit], Y: flows.values[unit, week]
    })  # fmt: skip


def _answered(
    case: ChangeCase, asked: UnitData, flows: Flows, rows: pd.DataFrame, known: Mapping[str, int]
) -> ChangeCase:
    """The case with its changes. Raises ``EventOutsidePanel`` where an event is not seen."""
    spec = case.spec
    at = [flows.position(day) for day in case.days.values()]
    others = [where for event, where in known.items() if event not in case.event_set.events]
    share = _share_unknown(flows, case.sides, at, spec.half)
    weeks = tuple(flows.weeks.tolist())
    seen = np.isfinite(flows.values).any(axis=0)
    case = replace(
        case, share_unknown=share, weeks=weeks, seen=(int(seen[: min(at)].sum()), int(seen[max(at) :].sum()))
    )
    if share is not None and share > spec.most_unknown:
        limit = f"the limit is {100 * spec.most_unknown:.0f} %"
        reason = f"{100 * share:.0f} % of the outcome has no certain place, {limit}"
        return replace(case, status="refused", reason=reason)
    made = partial(_around, case, asked, flows, rows, at, others)
    around = made(spec.half)
    return replace(case, around=around, again=made, status=around.status, reason=around.reason)


def _share_unknown(flows: Flows, sides: Sides, at: Sequence[int], half: int) -> float | None:
    """Of the outcome's total in the weeks before the events."""
    before = np.concatenate([np.arange(max(one - half, 0), one) for one in at])
    total = np.nan_to_num(flows.values[:, before]).sum(axis=1)
    side = side_of(flows, sides)
    asked = total[side >= 0].sum()
    return float(total[side == UNKNOWN].sum() / asked) if asked > 0 else None


def _around(
    case: ChangeCase, asked: UnitData, flows: Flows, rows: pd.DataFrame, at: Sequence[int],
    others: Sequence[int], half: int,
) -> Around:  # fmt: skip
    """Changes over ``half`` weeks a side with the tests of each part; placebo windows touch no event's.
    Raises as ``group_changes``."""
    spec = case.spec
    found = group_changes(
        rows, y=Y, unit=UNIT, group=SIDE, time=TIME, treated=OWN, comparison=OTHER, events=at, half=half,
        reference=spec.reference, cluster=CLUSTER, frequency="position",
    )  # fmt: skip
    spoilt = [week for one in others for week in range(one - half, one + half)]
    series = {TREATED: found.series[0], COMPARISON: found.series[1], DIFFERENCE: found.gap}
    tests: dict[str, DatesTest] = {}
    try:
        for part, one in series.items():
            tests[part] = dates_test(
                one, found.when, at, half=half, draws=spec.draws, seed=spec.seed, avoid=spoilt
            )
        status = "ok"
        reason = f"ranked among placebo dates: {tests[DIFFERENCE].windows} disjoint windows"
    except ResolutionTooCoarse as error:
        status, reason = "descriptive", f"{error.reason({})}: the changes are shown, without a p-value"
    mondays = tuple(case.weeks[one + lag] for one in at for lag in range(-half, half))
    around = Around(half, mondays, found, tests, status, reason)
    return around if case.sides.correction is None else _corrected(case, asked, flows, around, at)


def _corrected(case: ChangeCase, asked: UnitData, flows: Flows, around: Around, at: Sequence[int]) -> Around:
    """The same by the clock's correction, or refused with the reason why there is none."""
    try:
        if case.sides.correction == "mixture":
            found = _mixed(case, asked, flows, around.half, at)
            reason = "the interval is of counts alone, not of dates"
            return replace(around, corrected=found, status="descriptive", reason=reason)
        found = _inverted(case, asked, around)
    except EventStudyError as error:
        return replace(around, status="refused", reason=error.reason({}))
    reason = "interval over labelled actors, and over placebo dates of both classes of the clock"
    return replace(around, corrected=found, status="ok", reason=reason)


def _inverted(case: ChangeCase, asked: UnitData, around: Around) -> ClockEffects:
    """By labelled actors of the events' years. Raises ``ResolutionTooCoarse`` without placebo dates."""
    if not around.tests:
        raise ResolutionTooCoarse(
            0, why=f"{around.reason}, so the clock's classes have no noise to carry over"
        )
    changes = around.changes
    classes = Classes(
        np.asarray([changes.treated.change, changes.comparison.change]),
        np.stack([around.tests[part].placebos for part in (TREATED, COMPARISON)]),
        np.asarray([changes.treated.base, changes.comparison.base]),
    )
    years = sorted({day.year for day in case.days.values()})
    return BY_LABELS[str(case.sides.correction)](classes, asked.clocks, case.spec, case.sides, years)


def _mixed(case: ChangeCase, asked: UnitData, flows: Flows, half: int, at: Sequence[int]) -> ClockEffects:
    """By the hours of the week in the weeks before and after. Raises as ``from_mixture``."""
    positions = [[one + lag for one in at for lag in lags] for lags in (range(-half, 0), range(half))]
    own = side_of(flows, case.sides) == OWN  # a unit stands on both sides: count it once
    seen = np.isfinite(flows.values[own])
    weeks = [[case.weeks[one] for one in some] for some in positions]
    counts = [int(seen[:, some].sum()) for some in positions]
    return from_mixture(asked.clocks, case.spec, case.sides, weeks, sorted(set(flows.units[own])), counts)
