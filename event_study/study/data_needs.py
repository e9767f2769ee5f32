"""What data would settle a question that cannot be tested: the other half of the answer.

Not here: whether it can be tested (``case``). Said from the same panel and the same rules (``limits``), so it
is the least that is missing and no promise: data that come may bring a doubt of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

import numpy as np

from event_study.errors import EventStudyError, Note, counted, named
from event_study.limits import MAX_UNKNOWN, MIN_ACTIVE, MIN_PRE, MIN_SEEN
from event_study.panel.balance import Outcome, compared_days
from event_study.panel.data import Data
from event_study.periods import day_name, exposure, first_day, last_days, ordinals, period_name
from event_study.specs.model import Pool
from event_study.study.case import Case
from event_study.study.placebo_dates import placebo_dates

CURES = {
    Note.VARIANCE_CHANGES: "donors whose gaps grow as noisy at the events as that of {unit}",
    Note.FEW_EFFECTIVE_DONORS: "more donors of like size: now few make up nearly all of their sum",
}


def data_needs(case: Case, data: Data) -> str | None:
    """What the panel of ``case`` lacks for a test, in one line for a reader; None where it has a test, or
    where more data of the kind would not help."""
    if case.status == "identified":
        return None
    try:
        outcome = data.outcome(case.outcome, case.sample.without)
        lacking = list(_lacking(case, data, outcome))
    except EventStudyError:  # the reason says that there is nothing to read
        return None
    return "; ".join(lacking) or None


def _lacking(case: Case, data: Data, outcome: Outcome) -> Iterator[str]:
    if case.status == "refused" and outcome.share_unknown is not None:
        more = max(1, math.ceil(100 * (outcome.share_unknown - MAX_UNKNOWN)))
        yield f"a certain {data.noun} for {more} % more of it"
    days, donors = _days(case, data, outcome)
    periods = list(_periods(case, data, days))
    yield from periods
    if case.estimator == "ppml" and not periods:
        yield from _counts(case, data, outcome, days)
    if case.panel is None or case.rankable < case.needed:
        yield from _comparison(case, data, outcome, days, donors)
    else:
        unit = named(data.names_in(case.event_set), [case.contrast.treated])
        yield from (cure.format(unit=unit) for note, cure in CURES.items() if f"({note})" in case.reason)


def _days(case: Case, data: Data, outcome: Outcome) -> tuple[list[date], list[str]]:
    """First days of the periods that are compared, and the donors that the outcome knows."""
    donors = [d for d in data.donors(case.contrast, Pool()) if d in outcome.wide.columns]
    if case.contrast.treated not in outcome.wide.columns:
        return [], donors
    return compared_days(outcome, case.contrast.treated, donors), donors


def _events(case: Case, data: Data) -> list[tuple[str, date]]:
    """Events of the joint model that the question cannot do without, the earliest first: half of those that
    it asks about, and what came before them."""
    joint, asked = case.event_set.steps(case.frequency)
    dated = [(event, data.dated(case.event_set, event, case.sample.timing)) for event in joint]
    events = sorted((one for one in dated if one[0] not in case.in_base), key=lambda one: one[1])
    last = [place for place, (event, _) in enumerate(events) if event in asked][(len(asked) - 1) // 2]
    return events[: last + 1]


def _periods(case: Case, data: Data, days: Sequence[date]) -> Iterator[str]:
    """Periods before the first event, between events and after the last one that nothing is known of."""
    events, names, frequency = _events(case, data), data.names_in(case.event_set), case.frequency
    (_, first), (last, ending) = events[0], events[-1]
    before = sum(one < np.datetime64(first, "D") for one in last_days(days, frequency)) if days else 0
    if before < MIN_PRE:
        more = "more complete" if before else "complete"
        yield f"{counted(MIN_PRE - before, f'{more} {frequency}')} before {day_name(first)}"
    known = set(ordinals(days, frequency).tolist()) if days else set()
    for (here, day), (after, until) in pairwise(events):
        begun, ended = ordinals([day, until], frequency).tolist()
        if ended - begun > 1 and known.isdisjoint(range(begun + 1, ended)):
            yield f"a complete {frequency} between {named(names, [here, after])}"
    if not days or exposure(days, frequency, ending).max() < MIN_SEEN:
        late = int(exposure([ending], frequency, ending)[0] < MIN_SEEN)
        yield f"{period_name(first_day(ending, frequency, late), frequency)}, after {named(names, [last])}"


def _counts(case: Case, data: Data, outcome: Outcome, days: Sequence[date]) -> Iterator[str]:
    """Counts above zero of the treated unit, without which a log ratio has no scale."""
    first = _events(case, data)[0][1]
    known = outcome.wide.index.isin([day for day in days if day < first])
    values = outcome.wide[case.contrast.treated].to_numpy()[known]
    least, seen = math.ceil(MIN_ACTIVE * len(values)), int((values > 0).sum())
    if seen < least:
        unit = named(data.names_in(case.event_set), [case.contrast.treated])
        before = f"{counted(len(values), case.frequency)} before {day_name(first)}"
        yield f"counts of {unit} above zero in {least} of the {before}, not in {seen}"


def _comparison(
    case: Case, data: Data, outcome: Outcome, days: Sequence[date], donors: Sequence[str]
) -> Iterator[str]:
    """Donors to rank among, or placebo windows where the contrast has too few or only its own."""
    has = case.rankable if case.panel else _carrying(outcome, days, donors)
    ways = []
    if case.contrast.donors == "default" and has < case.needed:
        ways.append(counted(case.needed - has, "more donor" if has else "donor"))
    if case.panel is not None:
        calendar = data.unit(case.contrast.treated).calendar
        dates = placebo_dates(case.panel, case.joint, case.events, calendar)
        missing = dates.needed(case.alpha) - dates.windows
        span = counted(2 * dates.half * missing, case.frequency)
        ways.append(f"{counted(missing, 'more disjoint placebo window')}, some {span} without an event")
    if ways:
        yield ", or ".join(ways)


def _carrying(outcome: Outcome, days: Sequence[date], donors: Sequence[str]) -> int:
    """Donors with a value in every period that is compared, or at all where none is."""
    rows = outcome.wide[list(donors)]
    known = (rows.loc[list(days)] if days else rows).notna()
    return int((known.all() if days else known.any()).sum())
