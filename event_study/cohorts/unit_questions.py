"""The two calls for panels of units: ``identify_units``, then ``estimate_units``, one row a question.

A question is one outcome, one event and two sides. All of a spec's questions about one outcome read one
matrix, and every date's window is made once. Not here: formulas (their own modules), files.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from event_study.bounds.identified_set import UnionBounds
from event_study.cohorts.flows import NEEDED, Flows, flows
from event_study.cohorts.unit_diagnostics import Judged, beside
from event_study.cohorts.unplaced import is_open, unknown_bounds_of
from event_study.cohorts.windows import COMPARISON, TREATED, UNKNOWN, Windows, changes, windows
from event_study.errors import (
    EventOutsidePanel,
    EventStudyError,
    ResolutionTooCoarse,
    SpecHashMismatch,
    counted,
)
from event_study.inference.ri_windows import Placebos, WindowsTest, placebo_windows, windows_test
from event_study.limits import MIN_UNKNOWN, MIN_WINDOWS
from event_study.panel.balance import as_days
from event_study.periods import exposure
from event_study.schemas import SCHEMAS, frame
from event_study.specs.model import EventSet, specs_sha256
from event_study.specs.unit_model import Sides, UnitSpec

Row = dict[str, object]
Planted = Mapping[str, Mapping[str, float]]
TERM, INFERENCE = "window_change", "ri_dates"
NO_ROWS = pd.DataFrame(columns=[*NEEDED])


@dataclass(frozen=True)
class UnitTables:
    """The contract's tables of panels of units, sorted by key."""

    estimates: pd.DataFrame
    diagnostics: pd.DataFrame
    placebos: pd.DataFrame


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


@dataclass(frozen=True)
class _Asked:
    """What all questions read: rows by outcome and method, days of events, estimators of outcomes."""

    rows: Mapping[tuple[str, str], pd.DataFrame]
    estimators: Mapping[str, str]
    days: Mapping[str, date]
    until: date | None
    read: dict[tuple[str, str, str], Flows] = field(default_factory=dict)

    def flows(self, spec: UnitSpec, outcome: str, method: str) -> Flows:
        """One outcome by one method, read once a spec. Raises as ``flows.flows``."""
        key = spec.id, outcome, method
        if key not in self.read:
            self.read[key] = flows(self.rows.get((outcome, method), NO_ROWS), spec, self.until)
        return self.read[key]


def identify_units(
    weeks: pd.DataFrame, dim_outcome: pd.DataFrame, dim_event: pd.DataFrame, specs: Sequence[UnitSpec],
    *, until: date | None = None,
) -> pd.DataFrame:  # fmt: skip
    """What each outcome, event and pair of sides can answer, as rows of the table ``identification``.

    ``weeks``: rows of a unit and week (columns as ``flows.NEEDED``); ``until``: the month by whose end a week
    must be over.
    """
    hashed = specs_sha256(specs)
    return frame(
        "identification",
        [_identification_row(case, hashed) for case in _cases(weeks, dim_outcome, dim_event, specs, until)],
    )


def estimate_units(
    weeks: pd.DataFrame, dim_outcome: pd.DataFrame, dim_event: pd.DataFrame, specs: Sequence[UnitSpec],
    identification: pd.DataFrame, *, until: date | None = None, planted: Planted | None = None,
    origin: str, inputs_sha256: str,
) -> UnitTables:  # fmt: skip
    """Every question's row, with the placebo dates it was ranked among and what stands beside it.

    ``identification``: rows of ``identify_units`` for the same data and specs. ``planted``: ``{outcome:
    {event_id: log effect}}`` of simulated data. Raises ``SpecHashMismatch``.
    """
    if len(identification) and set(identification["specs_sha256"]) != {specs_sha256(specs)}:
        raise SpecHashMismatch(
            "identification: specs_sha256: differs from the unit specs to estimate; identify again first"
        )
    columns = (identification[name] for name in ("outcome", "event_set", "contrast", "status"))
    judged = {tuple(key): status for *key, status in zip(*columns, strict=True)}
    tables: dict[str, list[Row]] = {name: [] for name in ("estimates", "diagnostics", "placebos")}
    said = {"origin": origin, "inputs_sha256": inputs_sha256}
    for case in _cases(weeks, dim_outcome, dim_event, specs, until):
        if judged.get(case.key) != _identified(case.status):
            raise SpecHashMismatch(
                f"identification: {'/'.join(case.key)}: says {judged.get(case.key)}, the data say "
                f"{_identified(case.status)}; identify again from the same data"
            )
        row = _estimate_row(_spoken(case), planted) | said
        tables["estimates"].append(row)
        for name, found in (("diagnostics", _diagnostics(case)), ("placebos", _placebo_rows(case))):
            tables[name] += [{"estimate_id": row["estimate_id"], **one} for one in found]
    return UnitTables(**{name: frame(name, rows) for name, rows in tables.items()})


def _cases(
    weeks: pd.DataFrame, dim_outcome: pd.DataFrame, dim_event: pd.DataFrame, specs: Sequence[UnitSpec],
    until: date | None,
) -> Iterator[UnitCase]:  # fmt: skip
    estimators = dict(zip(dim_outcome["outcome"], dim_outcome["estimator"], strict=True))
    rows = {
        (str(k[0]), str(k[1])): part
        for k, part in weeks.groupby(["outcome", "country_method"], observed=True)
    }
    days = as_days(dim_event.set_index("event_id")["announced"].to_dict())
    asked = _Asked(rows, estimators, days, until)
    with threadpool_limits(limits=1, user_api="blas"):  # sums of two threads differ
        for spec in specs:
            for outcome in spec.outcomes:
                for sides in spec.contrasts:
                    yield from _judged(asked, spec, outcome, sides)


def _judged(asked: _Asked, spec: UnitSpec, outcome: str, sides: Sides) -> Iterator[UnitCase]:
    """Every event of the spec, for one outcome and pair of sides."""
    cases = [
        UnitCase(spec, outcome, asked.estimators[outcome], chosen, asked.days[chosen.events[0]], sides)
        for chosen in spec.event_sets
    ]
    try:
        panel = asked.flows(spec, outcome, sides.method)
        made = windows(panel, spec, sides)
        change, scale = changes(made, cases[0].estimator == "ppml")
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


def _identified(status: str) -> str:
    return "identified" if status == "ok" else status


def _kept(case: UnitCase) -> tuple[int | None, int | None, float | None]:
    """Units of both sides in the event's window, and the share of those with a value in its first week."""
    if case.made is None or case.here is None:
        return None, None, None
    units, before = case.made.units[case.here], case.made.before[case.here]
    sides = [TREATED, COMPARISON]
    return int(units[TREATED]), int(units[COMPARISON]), float(units[sides].sum() / before[sides].sum())


def _identification_row(case: UnitCase, hashed: str) -> Row:
    _, comparison, kept = _kept(case)
    seen = None if case.flows is None else np.isfinite(case.flows.values).any(axis=0)
    before = after = None
    if case.at is not None and seen is not None:
        before, after = int(seen[: case.at].sum()), int(seen[case.at :].sum())
    return dict.fromkeys(SCHEMAS["identification"].names) | {
        "outcome": case.outcome, "event_set": case.event_set.name, "contrast": case.sides.name,
        "frequency": "week", "pre_periods": before, "post_periods": after, "donors_carrying": comparison,
        "share_unknown_country": case.share_unknown, "share_complete": kept, "inference": case.inference,
        "status": _identified(case.status), "reason": case.reason, "needs": _missing(case),
        "specs_sha256": hashed,
        **_counts(case),
    }  # fmt: skip


def _missing(case: UnitCase) -> str | None:
    """What data would test a change that is only described: the windows that are not there."""
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
    spec, test = case.spec, case.test
    names = (spec.id, *case.key, TERM, "none", case.inference)
    row = dict.fromkeys(SCHEMAS["estimates"].names) | {
        "estimate_id": "/".join(names), "spec_id": spec.id, "family": spec.family, "outcome": case.outcome,
        "contrast": case.sides.name, "event_set": case.event_set.name, "term": TERM, "trend": "none",
        "treated": case.sides.treated, "estimator": case.estimator, "inference": case.inference,
        "share_unknown_country": case.share_unknown, "status": case.status, "reason": case.reason,
        "spec_sha256": spec.sha256, **_counts(case),
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
    return {
        "donors": comparison, "estimate": change, "base_mean": base, "percent_effect": percent,
        "n_obs": 2 * half * units, "n_units": units, "n_periods": 2 * half, "share_complete": kept,
        "window_start": case.flows.weeks[case.at - half].item(),
        "window_end": case.flows.weeks[case.at + half - 1].item(), "planted": _planted(case, planted),
    }  # fmt: skip


def _planted(case: UnitCase, planted: Planted | None) -> float | None:
    """What the planted step makes of the change: the event's own week is not all after it. Null where the
    truth is not known: by another way of knowing a unit's place than the one it was planted by."""
    effects = (planted or {}).get(case.outcome)
    if effects is None or case.flows is None or case.at is None or case.sides.method != "owner":
        return None
    half, days = (
        case.spec.half,
        case.flows.weeks[case.at - case.spec.half : case.at + case.spec.half].tolist(),
    )
    after = exposure(days, "week", case.day)
    return effects.get(case.event_set.events[0], 0.0) * float(after[half:].mean() - after[:half].mean())


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
