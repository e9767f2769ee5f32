"""Whether a panel is the study it is taken for: one treated unit, under treatment from the first event on.

What the spec cannot show the panel may: a column ``treatment`` that is true of several units, or events that
are named for units. Not here: fields of a spec that ask for another study (``refusals``).
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from event_study.errors import SpecError, counted, named
from event_study.own.refusals import ONE_TREATED
from event_study.own.spec import OwnSpec, PanelColumns
from event_study.periods import ordinals, period_names

NAMED = 3  # units and starts that a sentence has room for


def check_treatment(rows: pd.DataFrame, own_spec: OwnSpec) -> None:
    """Refuse a panel in which several units are treated, or one from another period on than the events say.

    ``rows`` as ``reading`` gives them, in any order. Raises ``SpecError``.
    """
    columns, units = own_spec.panel, set(rows["country"])
    if len(several := [event for event in own_spec.events if event in units]) > 1:
        raise SpecError(f"events: {named({}, several)} are units, each with a day of its own: {ONE_TREATED}")
    if columns.treatment is None:
        return
    compared = rows[rows["country"].isin([columns.treated, *columns.donors])] if columns.donors else rows
    starts = compared[compared["is_treated"]].groupby("country")["period"].min()
    if starts.empty:
        raise SpecError(
            f"panel.treatment: column {columns.treatment} is true nowhere, expected true for "
            f"{columns.treated} from the first event on; correct the column or leave the field out"
        )
    if others := sorted(set(starts.index) - {columns.treated}):
        raise SpecError(
            f"panel.treatment: column {columns.treatment} is true of {counted(len(starts), 'unit')} from "
            f"{_listed(_names(sorted(set(starts)), columns))} on, expected of {columns.treated} alone "
            f"(others: {_listed(others)}): {ONE_TREATED}"
        )
    own = compared[(compared["country"] == columns.treated) & (compared["period"] >= starts.iloc[0])]
    if not own["is_treated"].all():
        ended = _names([own.loc[~own["is_treated"], "period"].min()], columns)[0]
        raise SpecError(
            f"panel.treatment: column {columns.treatment} is false of {columns.treated} again in {ended}, "
            "expected a treatment that lasts: a step stays; end panel.window before, or leave the field out"
        )
    begun, event = (_names([day], columns)[0] for day in (starts.iloc[0], min(own_spec.events.values())))
    if begun != event:
        raise SpecError(
            f"events: the first is in {event}, and column {columns.treatment} is true of {columns.treated} "
            f"from {begun} on, expected the same {columns.frequency}; correct the day or the column"
        )


def _names(days: list[date], columns: PanelColumns) -> list[str]:
    return period_names(ordinals(days, columns.frequency).tolist(), columns.frequency)


def _listed(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
