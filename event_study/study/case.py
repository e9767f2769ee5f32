"""What the data can identify at all: one case an outcome, event set and contrast, before any estimate.

A case fixes periods, donors and events; nothing is estimated that a case does not allow. Not here:
coefficients (``answer``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from event_study.errors import (
    EventOutsidePanel,
    EventStudyError,
    MissingReference,
    Note,
    SeparatedBin,
    counted,
    named,
    plural,
)
from event_study.estimators.design import step_design
from event_study.estimators.gaps import pre_scale, rounding
from event_study.estimators.registry import plain_gaps
from event_study.inference.ri_studentised import usable
from event_study.limits import MAX_UNKNOWN, MIN_ACTIVE, MIN_PRE, MIN_SEEN
from event_study.panel.balance import Balanced, Outcome, balance, compared_days, in_log_points, sampled
from event_study.panel.data import Data
from event_study.periods import exposure, last_days, ordinals, period_name
from event_study.sensitivity.doubts import DOUBTS, doubts
from event_study.specs.model import Contrast, EventSet, Pool, Sample, Spec
from event_study.study.placebo_dates import placebo_dates

WHOLE = Sample()


@dataclass(frozen=True)
class Case:
    """One outcome, event set and contrast with the panel that answers them, or the reason why none does.

    ``joint``: the dated events of the joint model; ``events``: those of the set; ``unseen``: those of which
    the panel sees less than half a period; ``in_base``: those of the joint model alone that came before
    what the panel compares, so that they have no step; ``rankable``: donors that a rank may be drawn among;
    ``noun``: what a unit is, for sentences.
    """

    outcome: str
    event_set: EventSet
    contrast: Contrast
    frequency: str
    estimator: str
    status: str
    inference: str
    reason: str
    share_unknown: float | None = None
    panel: Balanced | None = None
    joint: tuple[tuple[str, date], ...] = ()
    events: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    in_base: tuple[str, ...] = ()
    rank: int | None = None
    columns: int | None = None
    rankable: int = 0
    pre_periods: int | None = None
    post_periods: int | None = None
    sample: Sample = WHOLE
    alpha: float = 0.05
    noun: str = "country"

    @property
    def needed(self) -> int:
        """Donors with which the smallest rank reaches the level of the test."""
        return math.ceil(1 / self.alpha - 1e-9) - 1

    @property
    def notes(self) -> tuple[str, ...]:
        """A warning an event of the joint model that has no step in it."""
        return (
            *(f"{Note.EARLIER_EVENT_IN_BASE}({event})" for event in self.in_base),
            *(f"{Note.EVENT_NOT_SEEN}({event})" for event in self.unseen),
        )


def assess(
    data: Data,
    outcome: str,
    event_set: EventSet,
    contrast: Contrast,
    pool: Pool,
    estimator: str = "outcome",
    sample: Sample = WHOLE,
    alpha: float = 0.05,
) -> Case:
    """Fix the panel of one question and say what it can answer at the level ``alpha``, once for the same
    data; never raises for data."""
    key = (outcome, event_set.model_dump_json(), contrast, pool, estimator, sample, alpha)
    if key not in data.cases:
        data.cases[key] = _assessed(data, outcome, event_set, contrast, pool, estimator, sample, alpha)
    case: Case = data.cases[key]
    return case


def _assessed(
    data: Data,
    outcome: str,
    event_set: EventSet,
    contrast: Contrast,
    pool: Pool,
    estimator: str,
    sample: Sample,
    alpha: float,
) -> Case:
    frequency = data.facts[outcome].frequency
    case = Case(
        outcome, event_set, contrast, frequency, estimator, "not_identified", "none", "", alpha=alpha,
        noun=data.noun,
    )  # fmt: skip
    try:
        case = replace(case, estimator=data.estimator(outcome, estimator), sample=sample)
        source = data.outcome(outcome, sample.without)
        case = replace(case, share_unknown=source.share_unknown)
        if source.share_unknown is not None and source.share_unknown > MAX_UNKNOWN:
            return _refused(data, source, case, pool)
        case = _fill(data, source, case, pool)
        case = _narrowed(case)
        step_design(_panel(case).periods, case.frequency, case.joint, trend=False)
        if case.estimator == "ppml":
            _check_counts(_panel(case), _exposures(case), case.joint)
        return _judge(data, case)
    except EventStudyError as error:
        # what was counted before the error stays in the row: it is half of the reason
        return replace(case, reason=error.reason(data.names_in(event_set)))


def _refused(data: Data, source: Outcome, case: Case, pool: Pool) -> Case:
    """Too much of the outcome has no certain country; what its panel would have is still counted."""
    share = f"{100 * float(source.share_unknown or 0):.0f} %"
    limit = f"the limit is {100 * MAX_UNKNOWN:.0f} %"
    with suppress(EventStudyError):
        case = _fill(data, source, case, pool)
    reason = f"{share} of the outcome has no certain {data.noun}, {limit}: described, not estimated"
    return replace(case, status="refused", reason=reason)


def _panel(case: Case) -> Balanced:
    if case.panel is None:
        raise MissingReference(f"no complete {case.frequency} that {{unit}} and its donors share",
                               unit=case.contrast.treated)  # fmt: skip
    return case.panel


def _fill(data: Data, source: Outcome, case: Case, pool: Pool) -> Case:
    """The case with its panel, its events, and what they count to."""
    joint_ids, events = case.event_set.steps(case.frequency)
    joint = tuple((e, data.dated(case.event_set, e, case.sample.timing)) for e in joint_ids)
    treated, donors = case.contrast.treated, data.donors(case.contrast, pool)
    ends_before, days = case.event_set.ends_before, [day for _, day in joint]
    read = sampled(source, case.sample, ends_before, days)
    in_base, start = _in_base(compared_days(read, treated, donors), case.frequency, joint, events)
    if in_base:
        joint = tuple((e, day) for e, day in joint if e not in in_base)
        read = sampled(read, Sample(start=start), ends_before, days)
    panel = balance(
        read,
        treated=treated,
        pool=donors,
        estimator=case.estimator,
        first_event=min(day for _, day in joint),
        needed=case.needed,
    )
    return _counted(
        replace(case, panel=panel, rankable=panel.donors, joint=joint, events=events, in_base=in_base)
    )


def _in_base(
    days: Sequence[date], frequency: str, joint: Sequence[tuple[str, date]], asked: Sequence[str]
) -> tuple[tuple[str, ...], date | None]:
    """Events that nobody asks about and that have too few periods before them for a scale, with the first
    day of what is compared without them.

    Where the panel begins after an event its step is a constant: what it left for good is part of the level
    that later steps are measured from. Where a few periods lie before it they are left out, for they would
    be of that level without its effect. None where an event that is asked about came earlier, or would then
    have too few periods before it: that panel does not answer the question.
    """
    when, kept, start = ordinals(days, frequency), list(days), None
    in_base: list[str] = []
    for event, day in sorted(joint, key=lambda one: one[1]):
        own = ordinals([day], frequency)[0]
        few = sum(last < np.datetime64(day, "D") for last in last_days(kept, frequency)) < MIN_PRE
        if event in asked or not few:
            return (tuple(in_base), start) if in_base and not few else ((), None)
        in_base.append(event)
        kept = [one for one, at in zip(days, when, strict=True) if at > own]
        start = kept[0] if kept else None
    return (), None


def _exposures(case: Case) -> np.ndarray:
    """Share of each period after each event, shape (T, events)."""
    periods = _panel(case).periods
    return np.column_stack([exposure(periods, case.frequency, day) for _, day in case.joint])


def _counted(case: Case) -> Case:
    columns = _exposures(case)
    begun = columns[:, [e in case.events for e, _ in case.joint]].max(axis=1) > 0
    return replace(
        case, columns=len(case.joint),
        pre_periods=int((columns.max(axis=1) == 0).sum()), post_periods=int(begun.sum()),
        rank=int(np.linalg.matrix_rank(columns - columns.mean(axis=0), tol=1e-8)),
    )  # fmt: skip


def _narrowed(case: Case) -> Case:
    """Without donors whose counts have no scale, and without events the panel has hardly seen."""
    panel, rankable = _panel(case), case.rankable
    if case.estimator == "ppml":
        panel, rankable = _active_donors(panel, min(day for _, day in case.joint), case.needed)
    joint, events, unseen = _seen(panel, case.joint, case.events)
    return _counted(replace(case, panel=panel, rankable=rankable, joint=joint, events=events, unseen=unseen))


def _seen(
    panel: Balanced, joint: tuple[tuple[str, date], ...], events: tuple[str, ...]
) -> tuple[tuple[tuple[str, date], ...], tuple[str, ...], tuple[str, ...]]:
    """Events with at least half a period after them; (joint, the set's, those left out). A set of which
    the panel sees less than half is another question: ``EventOutsidePanel``."""
    last = {e: float(exposure(panel.periods, panel.frequency, day).max()) for e, day in joint}
    unseen = tuple(e for e, _ in joint if last[e] < MIN_SEEN)
    left = tuple(e for e in events if e not in unseen)
    if not left or 2 * len(left) < len(events):
        missing = next(e for e in events if e in unseen)
        newest = period_name(panel.periods[-1], panel.frequency)
        if last[missing] == 0:
            raise EventOutsidePanel(
                f"no complete {panel.frequency} after {{event}}: the newest is {newest}", event=missing
            )
        raise EventOutsidePanel(
            f"{100 * last[missing]:.0f} % of the newest complete {panel.frequency} ({newest}) lie after "
            "{event}, at least half is needed",
            event=missing,
        )
    return tuple((e, day) for e, day in joint if e not in unseen), left, unseen


def _active_donors(panel: Balanced, first: date, least: int) -> tuple[Balanced, int]:
    """Count donors that are active in a quarter of the periods before the first event, if ``least``,
    which a rank needs, are: a log ratio of a handful of ones has no scale. Where they are fewer, all
    donors stay, for a gap to their sum needs no scale. Judged before the events, so never by an effect.

    Returns the panel and how many donors a rank may be drawn among.
    """
    pre = np.asarray([day < first for day in panel.periods])
    if not pre.any():
        raise MissingReference(f"no complete {panel.frequency} before the first event")
    needed = f"of the {counted(int(pre.sum()), panel.frequency)} before the first event, at least a quarter"
    for who, values in (
        ("{unit} has", panel.values[0]),
        ("the donors together have", panel.values[1:].sum(0)),
    ):
        seen = int((values[pre] > 0).sum())
        if seen < MIN_ACTIVE * pre.sum():
            raise MissingReference(f"{who} counts in {seen} {needed} is needed", unit=panel.units[0])
    active = (panel.values[:, pre] > 0).mean(axis=1) >= MIN_ACTIVE
    among = int(active[1:].sum())
    if among < least:
        return panel, among
    kept = tuple(u for u, keep in zip(panel.units, active, strict=True) if keep)
    dropped = panel.donors - among
    return replace(
        panel, values=panel.values[active], units=kept, zero_units=panel.zero_units + dropped
    ), among


def _check_counts(panel: Balanced, columns: np.ndarray, joint: tuple[tuple[str, date], ...]) -> None:
    order = sorted(range(len(joint)), key=lambda k: joint[k][1])
    for here, after in zip(order, [*order[1:], None], strict=True):
        between, event, unit = columns[:, here] > 0, joint[here][0], panel.units[0]
        window, until = "after {event}", event
        if after is not None:
            between &= columns[:, after] == 0
            window, until = "between {event} and {until}", joint[after][0]
        for who, values in (("{unit} has", panel.values[0]), ("the donors have", panel.values[1:])):
            if between.any() and not values[..., between].any():
                message = f"{who} no count at all {window}: a log ratio has no finite value"
                raise SeparatedBin(message, unit=unit, event=event, until=until)


def _judge(data: Data, case: Case) -> Case:
    panel, names = _panel(case), data.names_in(case.event_set)
    size, several = panel.donors + 1, f"{case.frequency}s"
    spans = f"{case.pre_periods} {several} before and {case.post_periods} after"
    if case.unseen:
        spans += f" (without {named(names, case.unseen)}, seen for less than half a {case.frequency})"
    if case.in_base:
        spans += f" (what {named(names, case.in_base)} left for good is in the level before)"
    if panel.periods_for_donors:
        spans += f" (without {counted(panel.periods_for_donors, case.frequency)} that too few donors have)"
    if panel.cells_bridged:
        spans += f" ({counted(panel.cells_bridged, 'missing value')} of donors bridged)"
    who, doubted = _comparable(case)
    if not who:
        resolved = f"ranks among {counted(size, data.noun)} resolve p down to {1 / size:.2g}"
        reason = f"{panel.donors} donors, {spans}: {resolved}"
        ranked = replace(case, inference="ri_studentised", reason=reason)
        if not doubted:
            return replace(ranked, status="identified")
        why = " and ".join(f"{DOUBTS[note]} ({note})" for note in doubted)
        return replace(ranked, status="descriptive", reason=f"{reason}, but {why}: no side is claimed")
    dates = placebo_dates(panel, case.joint, case.events, data.unit(case.contrast.treated).calendar)
    windows, donors = dates.windows, counted(panel.donors, "donor")
    if dates.smallest_p <= case.alpha:
        reason = (
            f"{donors}, {spans}, {windows} disjoint placebo windows{dates.without}: ranked among dates, not "
            f"{plural(data.noun)}"
        )
        return replace(case, status="identified", inference="ri_dates", reason=reason)
    reason = (
        f"{who}, a rank test at {100 * case.alpha:g} % needs {case.needed}, and "
        f"{counted(windows, 'disjoint placebo window')} fit{dates.without} where a test over dates needs "
        f"{dates.needed(case.alpha)}: the gap is shown, without a p-value"
    )
    return replace(case, status="descriptive", reason=reason)


def _comparable(case: Case) -> tuple[str, tuple[Note, ...]]:
    """(which donors can be ranked among, where they are too few, else nothing; what no rank among them
    survives). Raises ``DegeneratePlacebo`` for the treated unit."""
    panel = _panel(case)
    who = f"{counted(panel.donors, 'donor')} {'has' if panel.donors == 1 else 'have'} the outcome"
    if case.rankable < case.needed:
        active = f" ({case.rankable} in at least a quarter of the {case.frequency}s before the first event)"
        return who + active * (case.rankable < panel.donors), ()
    design = step_design(panel.periods, case.frequency, case.joint, trend=False)
    gaps = plain_gaps(panel.values, case.estimator)
    fine = usable(pre_scale(gaps, design), panel.units, rounding(panel.values, in_log_points(case.estimator)))
    if fine.sum() <= case.needed:
        return f"{who} ({fine.sum() - 1} with a gap to the others that is more than rounding)", ()
    return "", doubts(panel.values, gaps[fine], design, case.estimator)


def outcomes_of(spec: Spec, data: Data) -> list[str]:
    """The spec's outcomes in sorted order."""
    if isinstance(spec.outcomes, tuple):
        return sorted(spec.outcomes)
    if spec.outcomes == "primary":
        return sorted(outcome for outcome, facts in data.facts.items() if facts.is_primary)
    return sorted(data.facts)


def identification_row(case: Case, needs: str | None, hashed: str) -> dict[str, object]:
    """The case as a row of the contract's identification table; ``needs``: what data would test it."""
    return {
        "outcome": case.outcome,
        "event_set": case.event_set.name,
        "contrast": case.contrast.name,
        "frequency": case.frequency,
        "pre_periods": case.pre_periods,
        "post_periods": case.post_periods,
        "donors_carrying": case.panel.donors if case.panel else None,
        "rank": case.rank,
        "columns": case.columns,
        "share_unknown_country": case.share_unknown,
        "share_complete": case.panel.share_complete if case.panel else None,
        "inference": case.inference,
        "status": case.status,
        "reason": case.reason,
        "needs": needs,
        "specs_sha256": hashed,
    }
