"""The change of one kind of units less that of another kind, both around one event: a triple difference.

Whatever multiplies all that a place does drops out: a holiday, its growth, the hour of a clock. Against one
place the change of both kinds' cohorts is ranked among other dates; against all others the place is
ranked among places (``units.triple``). Not here: windows (``windows``), the test (``inference.ri_windows``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

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
from event_study.cohorts.windows import COMPARISON, TREATED, Windows, changes, members, windows
from event_study.errors import EventOutsidePanel, EventStudyError, ResolutionTooCoarse
from event_study.inference.ri_windows import placebo_windows, windows_test
from event_study.specs.model import EventSet
from event_study.specs.unit_model import Sides, UnitSpec
from event_study.units.triple import triple

TERM = "triple_change"


@dataclass(frozen=True)
class TripleCase:
    """One question: ``numbers`` of its row where it has any, and what stands beside it."""

    spec: UnitSpec
    outcome: str
    event_set: EventSet
    sides: Sides
    days: Mapping[str, date]
    status: str = "not_identified"
    reason: str | None = None
    inference: str = "none"
    numbers: Row | None = None
    placebos: tuple[Row, ...] = ()
    mondays: tuple[date, ...] = ()

    @property
    def key(self) -> Key:
        return self.outcome, self.event_set.name, self.sides.name

    def identification(self) -> Row:
        return identification_row(self.key, self.status, self.reason) | {"inference": self.inference}

    def found(self, planted: Planted | None) -> Iterator[UnitFinding]:
        row = estimate_row(self.spec, self.key, self.sides.treated, TERM, self.inference)
        told = {
            "estimator": "ppml",
            "status": self.status,
            "reason": self.reason,
            "planted": self._truth(planted),
        }
        yield UnitFinding(row | told | (self.numbers or {}), (), self.placebos)

    def _truth(self, planted: Planted | None) -> float | None:
        """The planted effect on one kind less that on the other."""
        window, half = list(self.mondays), self.spec.half
        own, other = (
            planted_step(planted, outcome, self.days, window, half) if window else None
            for outcome in (self.outcome, str(self.spec.against))
        )
        return None if own is None or other is None else own - other


@dataclass(frozen=True)
class _Kind:
    """One kind's flows, windows and their changes."""

    flows: Flows
    made: Windows
    change: np.ndarray
    scale: np.ndarray


def triple_changes(asked: UnitData, spec: UnitSpec, outcome: str, sides: Sides) -> Iterator[TripleCase]:
    """Every event of the spec, for one outcome against that of the other kind."""
    for chosen in spec.event_sets:
        day = asked.days[chosen.events[0]]
        case = TripleCase(spec, outcome, chosen, sides, {chosen.events[0]: day})
        try:
            pair = [asked.flows(spec, one, sides) for one in (outcome, str(spec.against))]
            case = replace(case, mondays=_window(pair[0], day, spec.half))
            if sides.comparison == "others":
                yield _among_places(case, pair, day)
            else:
                yield _among_dates(case, pair, day, [asked.days[event] for event in spec.events])
        except EventStudyError as error:
            yield replace(case, reason=error.reason({}))


def _window(flows: Flows, day: date, half: int) -> tuple[date, ...]:
    """Mondays of an event's window. Raises ``EventOutsidePanel``."""
    at = flows.position(day)
    if at < half or at + half > len(flows.weeks):
        raise EventOutsidePanel("the event's window is not seen in full")
    return tuple(flows.weeks[at - half : at + half].tolist())


def _kind(flows: Flows, case: TripleCase) -> _Kind:
    made = windows(flows, case.spec, case.sides)
    return _Kind(flows, made, *changes(made, log=True))


def _among_dates(case: TripleCase, pair: list[Flows], day: date, days: list[date]) -> TripleCase:
    """Ranked among other dates; described where too few windows are disjoint. Raises where a kind's window
    says nothing."""
    spec, kinds = case.spec, [_kind(flows, case) for flows in pair]
    needs = f"a side needs {spec.cohort.least}, and {100 * spec.cohort.kept:.0f} % of its own"
    here = [kind.made.index(kind.flows.position(day), needs) for kind in kinds]
    weeks = [kind.flows.weeks[kind.made.at] for kind in kinds]
    common, first, second = np.intersect1d(*weeks, return_indices=True)
    change = kinds[0].change[first] - kinds[1].change[second]
    scale = np.hypot(kinds[0].scale[first], kinds[1].scale[second])
    at, own = kinds[0].made.at[first], kinds[0].flows
    events = [own.position(one) for one in days if own.weeks[0] <= np.datetime64(one) <= own.weeks[-1]]
    placebos = placebo_windows(at, change, scale, events, spec.half)
    which = int(np.flatnonzero(common == weeks[0][here[0]])[0])
    value = float(change[which])
    if not math.isfinite(value):
        raise EventOutsidePanel("a side of one kind has no count before the event, or none after it")
    counts = [kind.made.units[index, [TREATED, COMPARISON]] for kind, index in zip(kinds, here, strict=True)]
    numbers: Row = {
        "estimate": value, "percent_effect": math.expm1(value), "n_units": int(np.sum(counts)),
        "donors": int(sum(one[1] for one in counts)), "n_periods": 2 * spec.half,
        "base_mean": float(kinds[0].made.sums[here[0], TREATED, : spec.half].mean()),
        "window_start": case.mondays[0], "window_end": case.mondays[-1],
        "placebo_windows": len(placebos.t), "disjoint_windows": placebos.windows,
    }  # fmt: skip
    try:
        test = windows_test(value, float(scale[which]), placebos, spec.alpha)
    except ResolutionTooCoarse as error:
        reason = f"{error.reason({})}: the change is shown, without a p-value"
        return replace(case, status="descriptive", reason=reason, numbers=numbers)
    found = zip(test.placebos.at.tolist(), test.placebos.t, test.ranks, strict=True)
    numbers |= {"ci_low": test.low, "ci_high": test.high, "p_value": test.p_value, "p_floor": test.p_floor}
    reason = f"less the other kind's change, over its own noise: {placebos.windows} disjoint windows"
    rows = tuple(
        {"placebo": str(own.weeks[one]), "statistic": abs(float(t)), "rank": int(rank)}
        for one, t, rank in found
    )
    return replace(case, status="ok", reason=reason, inference="ri_dates", numbers=numbers, placebos=rows)


def _among_places(case: TripleCase, pair: list[Flows], day: date) -> TripleCase:
    """Ranked among places with a count of both kinds in every week of the window. Raises as ``triple``, so
    ``ResolutionTooCoarse`` with too few of them."""
    spec, sides, half = case.spec, case.sides, case.spec.half
    frames = [_sums(flows, spec, sides, day).assign(kind=kind) for kind, flows in enumerate(pair)]
    rows = pd.concat(frames, ignore_index=True)
    table = rows.pivot_table(index="place", columns=["kind", "week"], values="value", aggfunc="sum")
    whole = table.index[(table.notna() & (table > 0)).all(axis=1).to_numpy() & (table.shape[1] == 4 * half)]
    donors = [str(place) for place in whole if place not in (sides.treated, sides.unknown)]
    pre = np.arange(2 * half) < half
    made = triple(
        rows, y="value", kind="kind", kinds=(0, 1), country="place", time="week", treated=sides.treated,
        pre=pre, post=~pre, donors=donors, alpha=spec.alpha,
    )  # fmt: skip
    test = made.test
    numbers: Row = {
        "estimate": test.estimate, "ci_low": _finite(test.low), "ci_high": _finite(test.high),
        "p_value": test.p_value, "p_floor": test.p_floor, "percent_effect": made.percent / 100,
        "base_mean": made.base, "donors": made.donors, "n_periods": 2 * half,
    }  # fmt: skip
    left = table.index.size - len(donors) - 1
    reason = f"ranked among {made.donors} other places; {left} lack a count of a kind in a week of the window"
    return replace(case, status="ok", reason=reason, inference="ri_studentised", numbers=numbers)


def _sums(flows: Flows, spec: UnitSpec, sides: Sides, day: date) -> pd.DataFrame:
    """Sums by place and week (place, week from the event, value) of the cohort of the event's window."""
    at = flows.position(day)
    cohort = members(flows, spec, np.asarray([at]))[0][:, 0] & (flows.places != sides.unknown)
    values = flows.values[cohort, at - spec.half : at + spec.half]
    frame = pd.DataFrame(values, index=pd.Index(flows.places[cohort], name="place"))
    frame.columns = pd.Index(range(-spec.half, spec.half), name="week")
    return frame.groupby(level="place").sum().reset_index().melt("place", value_name="value")


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
