"""What later data did to an estimate: the headline re-estimated on every dated vintage of its source.

A vintage is what a reader could have downloaded on that day; the panel is built from it alone. The
step from one vintage's estimate to the next is split, exactly, into cells revised, periods added and
events that the added periods let in. Reference: real-time data analysis, Croushore and Stark (2001).
Not here: a single answer (``study.answer``), what a panel can answer (``study.case``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from event_study.errors import EventStudyError, SpecError
from event_study.panel.adapter import from_marts
from event_study.panel.data import Data
from event_study.schemas import SCHEMAS, frame
from event_study.specs.model import Spec
from event_study.study.answer import Answer, Question, answer
from event_study.study.case import outcomes_of
from event_study.study.records import Context, Row, estimate_row

TERM = "mean_step"
RANKED = ("ri_studentised", "ferman_pinto")
_COPIED = ("estimate_id", "outcome", "event_set", "contrast", "inference", "estimate", "ci_low", "ci_high",
           "p_value", "donors", "n_periods", "window_end", "status", "reason", "warnings")  # fmt: skip


@dataclass(frozen=True)
class Vintage:
    """One version of one outcome. ``data`` is what the headline reads of it, ``whole`` the same with the
    periods that the source still fills up, ``before`` the same with no period that the vintage before
    did not have; the last two are ``data`` itself, and None, where there is no such thing."""

    day: date
    data: Data
    whole: Data
    before: Data | None
    unsettled: int


@dataclass(frozen=True)
class _Dimensions:
    outcome: pd.DataFrame
    event: pd.DataFrame
    country: pd.DataFrame
    until: date | None

    def data(self, frequency: str, rows: pd.DataFrame) -> Data:
        return from_marts({frequency: rows}, self.outcome, self.event, self.country, self.until)


def revise(
    vintages: pd.DataFrame,
    dim_outcome: pd.DataFrame,
    dim_event: pd.DataFrame,
    dim_country: pd.DataFrame,
    specs: Sequence[Spec],
    *,
    until: date | None = None,
) -> pd.DataFrame:
    """One row a headline estimate and vintage, for every outcome with at least two vintages.

    ``vintages``: country, period (first day), frequency, outcome, vintage, value, and is_complete where
    the source says which periods it still fills up (without the column every value counts). ``specs``
    in order of precedence: an outcome is asked as the first of them that names it asks (the headline
    spec, then the one that covers all outcomes), its mean step under each of that spec's event sets,
    contrasts and trends. ``estimate_id`` is that of the newest vintage, so that the newest row is the
    row of the estimates table; ``inference`` says what this vintage allowed.

    With b(v) the estimate on vintage v, b(v|u) the one on v's values in u's periods, E(v) the events
    that v has seen and b_E(v) the mean of their steps in v's joint model::

        change               = b(v) - b(u)                  u the vintage before
        change_revised_cells = b(v|u) - b(u)                same periods, cells changed
        change_added_periods = b_E(u)(v) - b(v|u)           same events, more periods
        change_added_events  = b_E(v)(v) - b_E(u)(v)        same fit, more events in the mean

    The three parts add up to the change. ``periods_added`` and ``cells_revised`` count what the
    headline reads of the treated country and of the countries that may be its donors: periods that u
    did not have; and cells of u's periods with another value, or a value in one of the two alone.
    ``estimate_all_periods`` also reads the ``unsettled_periods`` (is_complete false): how far it lies
    from ``estimate`` is what the source's truncated last periods would have made one believe.

    A vintage that cannot answer the question has no number, with status and reason; changes from or
    to it are null. Raises ``SpecError`` for a spec under another inference than a rank among countries.
    """
    for spec in specs:
        if spec.inference not in RANKED or TERM not in spec.terms:
            raise SpecError(f"{spec.id}.yml: revisions: need the term {TERM} ranked among countries")
    dated = vintages.assign(vintage=_days(vintages["vintage"]), period=_days(vintages["period"]))
    facts = dim_outcome.drop_duplicates("outcome").set_index("outcome", drop=False)
    rows: list[Row] = []
    for name, group in dated.groupby("outcome", sort=True):
        outcome = str(name)
        if outcome in facts.index and group["vintage"].nunique() > 1:
            dims = _Dimensions(facts.loc[[outcome]], dim_event, dim_country, until)
            for spec in _asking(specs, outcome, dims):
                rows += _asked(spec, outcome, list(_vintages(outcome, group, dims)))
    return frame("revisions", rows)


def _asked(spec: Spec, outcome: str, vintages: Sequence[Vintage]) -> Iterator[Row]:
    for event_set in spec.event_sets:
        for contrast in spec.contrasts:
            yield from _rows(Question(spec, outcome, event_set, contrast, term=TERM), vintages)


def _days(values: pd.Series) -> pd.Series:
    return pd.to_datetime(values).dt.date


def _asking(specs: Sequence[Spec], outcome: str, dims: _Dimensions) -> list[Spec]:
    """The first spec that names the outcome, if any does."""
    data = dims.data("", pd.DataFrame({"outcome": []}))
    return [spec for spec in specs if outcome in outcomes_of(spec, data)][:1]


def _vintages(outcome: str, rows: pd.DataFrame, dims: _Dimensions) -> Iterator[Vintage]:
    """The outcome's vintages from the oldest on, zeros filled in where absent means zero."""
    fact = dims.outcome.loc[outcome]
    frequency = str(fact["frequency"])
    if "is_complete" not in rows.columns:
        rows = rows.assign(is_complete=True)
    every = rows[rows["frequency"] == frequency]
    countries = sorted(every["country"].unique())
    earlier: Data | None = None
    for day in sorted(every["vintage"].unique()):
        rows = every[every["vintage"] == day]
        if fact.get("zero_rule") == "true_zero":
            rows = _with_zeros(rows, countries)
        data = dims.data(frequency, rows)
        settled = rows["is_complete"].astype(bool)
        whole = data if settled.all() else dims.data(frequency, rows.assign(is_complete=True))
        before = None
        if earlier is not None:
            before = dims.data(frequency, rows[rows["period"].isin(_wide(earlier, outcome).index)])
        unsettled = len(_wide(whole, outcome).index.difference(_wide(data, outcome).index))
        yield Vintage(day, data, whole, before, unsettled)
        earlier = data


def _with_zeros(rows: pd.DataFrame, countries: Sequence[str]) -> pd.DataFrame:
    """Absent is zero: every country that any vintage has, in every period that this vintage has; a
    period without a single row was not observed."""
    settled = rows.groupby("period")["is_complete"].any()
    keys = pd.MultiIndex.from_product([settled.index, countries], names=["period", "country"])
    full = rows.set_index(["period", "country"])
    if full.index.duplicated().any():  # no zero mends that; the panel names the duplicate
        return rows
    full = full.reindex(keys).reset_index()
    absent = full["outcome"].isna()
    return full.assign(
        outcome=rows["outcome"].iloc[0],
        value=full["value"].mask(absent, 0.0),
        is_complete=full["is_complete"].mask(absent, full["period"].map(settled)).astype(bool),
    )


def _wide(data: Data, outcome: str) -> pd.DataFrame:
    """Periods x countries of complete values; nothing where the vintage cannot be read."""
    panel = data.outcomes[outcome]
    return pd.DataFrame() if isinstance(panel, EventStudyError) else panel.wide


def _rows(question: Question, vintages: Sequence[Vintage]) -> list[Row]:
    """The question's rows under every trend of its spec, oldest vintage first within a trend."""
    rows: list[Row] = []
    old: dict[str, Answer] = {}
    seen: pd.DataFrame | None = None
    for vintage in vintages:
        new = _answers(question, vintage.data)
        whole = new if vintage.whole is vintage.data else _answers(question, vintage.whole)
        before = {} if vintage.before is None else _answers(question, vintage.before)
        wide = _readable(question, vintage.data)
        counts = {} if seen is None else _counts(seen, wide)
        for trend, now in new.items():
            row = _row(vintage, now) | counts
            row["estimate_all_periods"] = whole[trend].estimate
            if old:
                row |= _changes(old[trend], before[trend], now)
            rows.append(row)
        old, seen = new, wide
    newest = {row["trend"]: row["estimate_id"] for row in rows}  # of each trend the last
    return [row | {"estimate_id": newest[row["trend"]]} for row in rows]


def _answers(question: Question, data: Data) -> dict[str, Answer]:
    """Trend -> answer."""
    return {trend: answer(replace(question, trend=trend), data) for trend in question.spec.trends}


def _readable(question: Question, data: Data) -> pd.DataFrame:
    """Periods x countries of complete values that an answer may read: treated and possible donors."""
    wide = _wide(data, question.outcome)
    countries = [question.contrast.treated, *data.donors(question.contrast, question.spec.pool)]
    return wide[[country for country in countries if country in wide.columns]].dropna(how="all")


def _row(vintage: Vintage, now: Answer) -> Row:
    context = Context(now.question.spec, vintage.data, None, origin="", inputs_sha256="")
    record = estimate_row(context, now)
    row: Row = dict.fromkeys(SCHEMAS["revisions"].names)
    row |= {column: record[column] for column in _COPIED}
    return row | {
        "vintage": vintage.day,
        "trend": now.question.trend,
        "unsettled_periods": vintage.unsettled,
        "events_seen": None if now.fit is None else len(now.case.events),
    }


def _counts(old: pd.DataFrame, new: pd.DataFrame) -> Row:
    """``periods_added`` and ``cells_revised`` between two panels, periods x countries."""
    here = new.reindex(index=old.index, columns=old.columns.union(new.columns))
    there = old.reindex(columns=here.columns)
    same = (here == there) | (here.isna() & there.isna())
    return {
        "periods_added": len(new.index.difference(old.index)),
        "cells_revised": int((~same).to_numpy().sum()),
    }


def _changes(old: Answer, before: Answer, new: Answer) -> Row:
    """The change and its parts; null where one of the estimates it needs does not exist."""
    was, now, like = old.estimate, new.estimate, before.estimate
    if was is None or now is None or new.fit is None:
        return {}
    change: Row = {"change": now - was}
    events = before.case.events
    if like is None or not set(events) <= set(new.case.events):
        return change
    shares = new.case.event_set.weights(events)
    same_events = float(new.fit.values(new.fit.design.contrast(events, shares))[0])
    return change | {
        "change_revised_cells": like - was,
        "change_added_periods": same_events - like,
        "change_added_events": now - same_events,
    }
