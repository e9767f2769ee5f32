"""From the marts' frames (activity rows and dimensions) to the plain inputs of a study.

Not here: what a study reads of them (``data``), anyone's own panel (``own``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from event_study.errors import EventStudyError, UnbalancedPanel
from event_study.panel.balance import Outcome, as_days, outcome_panel
from event_study.panel.data import Data, Facts, Unit

TIMINGS = ("announced", "published", "effective")


def from_marts(
    panel: Mapping[str, pd.DataFrame],
    dim_outcome: pd.DataFrame,
    dim_event: pd.DataFrame,
    dim_country: pd.DataFrame,
    until: date | None,
) -> Data:
    """``panel``: frequency -> rows of country, period, outcome, value, is_complete, and where some rows are
    of an outcome without some of its units: left_out (null elsewhere). An outcome by week is one of units,
    which have a study of their own (``cohorts``)."""
    rows_of = {f: dict(list(frame.groupby(_keys(frame), sort=True))) for f, frame in sorted(panel.items())}
    facts: dict[str, Facts] = {}
    outcomes: dict[str, Outcome | EventStudyError] = {}
    asked = dim_outcome if "week" in panel else dim_outcome[dim_outcome["frequency"] != "week"]
    declared = asked.drop_duplicates("outcome").set_index("outcome", drop=False).sort_index()
    starts, ends = (as_days(declared[edge].to_dict()) for edge in ("window_start", "window_end"))
    for row in declared.to_dict("records"):
        outcome, frequency = str(row["outcome"]), str(row["frequency"])
        facts[outcome] = Facts(frequency, str(row["estimator"]), bool(row["is_primary"]))
        outcomes[outcome] = UnbalancedPanel(f"no country has a value in any {frequency}")
        rows = rows_of.get(frequency, {})
        for key in (k for k in rows if k == outcome or k.startswith(f"{outcome}/")):
            try:
                outcomes[key] = outcome_panel(
                    rows[key], outcome=outcome, frequency=frequency,
                    window=(starts.get(outcome), ends.get(outcome)), until=until,
                )  # fmt: skip
            except EventStudyError as error:
                outcomes[key] = error
    events = dim_event.set_index("event_id")
    days = {timing: as_days(events[timing].to_dict()) for timing in TIMINGS if timing in events.columns}
    named = events["instrument"].dropna() if "instrument" in events.columns else pd.Series(dtype=object)
    kinds = {str(event): str(kind) for event, kind in named.items()}
    units = {str(row["country"]): _unit(row) for row in dim_country.to_dict("records")}
    return Data(outcomes, facts, days, kinds, units)


def _keys(frame: pd.DataFrame) -> pd.Series:
    """``outcome``, or ``outcome/what is left out``."""
    keys = frame["outcome"].astype(str)
    if "left_out" not in frame.columns:
        return keys
    return keys.where(frame["left_out"].isna(), keys + "/" + frame["left_out"].astype(str))


def _unit(row: Mapping[Any, Any]) -> Unit:
    def text(column: str) -> str | None:
        return None if pd.isna(row.get(column)) else str(row[column])

    return Unit(
        name=text("name"),
        region=text("region"),
        is_donor=bool(row["is_default_donor"]),
        is_treated=bool(row.get("is_treated", False)),
        calendar=text("holiday_calendar"),
    )
