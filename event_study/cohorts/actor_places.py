"""Rows of units by the places of those who act on them: every side in every week, zero where nobody acted.

A repository has one owner, but events of many places. Where a place is an actor's, a unit and week that was
seen in full is a row for each side. The rule "before an hour of UTC is Chinese" is made here for any hour
from counts by hour of the week. Not here: the corrections of that rule (``clock_effects``), matrices
(``flows``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd

from event_study.clock.origin import is_early
from event_study.errors import SpecError
from event_study.specs.unit_model import Sides, UnitSpec

WEEK = ["repository_id", "week"]
HOURS = ("repository_id", "week", "hour_of_week", "event", "events")
ACTORS = ("actor", "country", "year", "hour_of_day", "event", "events")
CONFUSION = ("year", "event", "method", "method_country", "profile_country", "events", "actors")


def with_columns(frame: pd.DataFrame | None, columns: Sequence[str], name: str) -> pd.DataFrame:
    """The frame, or none of its rows where there is none. Raises ``SpecError`` for a column it lacks."""
    if frame is None:
        return pd.DataFrame(columns=[*columns])
    if absent := [column for column in columns if column not in frame.columns]:
        raise SpecError(
            f"{name}: no column {', '.join(absent)} among {', '.join(map(str, frame.columns))}, "
            f"expected {', '.join(columns)}"
        )
    return frame


@dataclass(frozen=True)
class Clocks:
    """Hours of events, empty where nobody has them: ``hours`` of units (columns ``HOURS``, hour 0 to 167 of
    the UTC week), ``actors`` whose place is known by what they state (``ACTORS``, hour 0 to 23), and how
    the clock's places and stated ones agree by year (``CONFUSION``)."""

    hours: pd.DataFrame
    actors: pd.DataFrame
    confusion: pd.DataFrame

    @classmethod
    def of(
        cls,
        hours: pd.DataFrame | None = None,
        actors: pd.DataFrame | None = None,
        confusion: pd.DataFrame | None = None,
    ) -> Clocks:
        """Raises ``SpecError`` in one line for a frame that lacks a column."""
        return cls(
            with_columns(hours, HOURS, "hours of units"),
            _by_year(with_columns(actors, ACTORS, "hours of actors")),
            _by_year(with_columns(confusion, CONFUSION, "confusion of places")),
        )


def _by_year(frame: pd.DataFrame) -> pd.DataFrame:
    """``year`` as a number, where it is the first day of one."""
    if frame.empty or pd.api.types.is_integer_dtype(frame["year"]):
        return frame
    return frame.assign(year=pd.to_datetime(frame["year"]).dt.year)


def placed(rows: pd.DataFrame, sides: Sides, clocks: Clocks, event: str | None) -> pd.DataFrame:
    """Rows of one outcome and method, as they are where a place is the unit's; else the rows of each side.

    Places that are on neither side are left out; of "others" every place is one of its own, in the units
    that it was ever seen in.
    """
    if sides.of == "unit" or rows.empty:
        return rows
    rows = rows.astype({"repository_id": object, "country": object})
    about = dict.fromkeys(("country_method", "outcome", "first_week", "cn_holiday_days"), "first")
    seen = rows.groupby(WEEK, as_index=False).agg({**about, "is_complete": "all"})
    if sides.cut is None:
        found = rows.assign(country=_labels(rows["country"], sides)).dropna(subset=["country"])
    else:
        found = _by_hour(clocks.hours, sides, event, sides.cut)
    counts = found.groupby([*WEEK, "country"])["value"].sum().reset_index()
    named = [sides.treated, sides.unknown, *([] if sides.comparison == "others" else sides.comparison)]
    every = seen[["repository_id"]].drop_duplicates().merge(pd.DataFrame({"country": named}), how="cross")
    pairs = pd.concat([every, counts[["repository_id", "country"]]]).drop_duplicates()
    whole = seen.merge(pairs, on="repository_id").merge(counts, how="left", on=[*WEEK, "country"])
    return whole.assign(value=whole["value"].fillna(0.0))


def _labels(places: pd.Series, sides: Sides) -> pd.Series:
    """Places of either side and the unknown one; missing for those of no interest."""
    if sides.comparison == "others":
        return places
    return places.where(places.isin([sides.treated, sides.unknown, *sides.comparison]))


def _by_hour(hours: pd.DataFrame, sides: Sides, event: str | None, cut: int) -> pd.DataFrame:
    """Counts of units by week on both sides of an hour of UTC: early is the treated place."""
    own = hours[hours["event"] == event]
    early = is_early(own["hour_of_week"].to_numpy() % 24, cut)
    country = np.where(early, sides.treated, str(sides.comparison[0]))
    return own.assign(country=country).rename(columns={"events": "value"})


def kept(rows: pd.DataFrame, spec: UnitSpec) -> pd.DataFrame:
    """Rows without the units that the spec leaves out: those whose name holds one of ``names``, and the
    share ``top`` of units that has most of the outcome in all weeks together."""
    left = spec.without
    if rows.empty or not (left.names or left.top):
        return rows
    names = rows["repository_id"].astype(str)
    if left.names:
        named = names.str.lower().str.contains("|".join(left.names), regex=True)
        rows, names = rows[~named], names[~named]
    if left.top and len(rows):
        totals = rows["value"].groupby(names).sum().sort_index().sort_values(ascending=False, kind="stable")
        rows = rows[~names.isin(totals.index[: ceil(left.top * len(totals))])]
    return rows
