"""Panels of single repositories by week: their rows, the two sides' series, and the change at each event.

Not here: the change and its test, marks and colours (``figures``), wording (the template).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from report import weekly_figures
from report.effects import Estimate
from report.inputs import Row, Tables
from report.sheet import WIDEST_SET_SHOWN, Page, numbers
from report.who_forks import GROUP as WHO_FORKS

WEEK, TERM = "week", "window_change"
SIDES = {"treated": "Chinese owners", "others": "all other known owners"}
BESIDE = ("permutation", "clustered_error", "without_largest_treated", "without_largest_comparison",
          "unknown_low", "unknown_high", "minimum_detectable_effect", "rank_among_places")  # fmt: skip

# whole weeks of repositories that a source had seen before the first window: no newcomer bends a line
_SERIES = """
    with asked as (
        select outcome, min(window_start) as first_window
        from estimates
        where placebo_windows is not null and window_start is not null
        group by outcome
    ),
    weekly as (
        select
            outcome, week,
            sum(value) filter (country = 'CN') as treated,
            sum(value) filter (country not in ('CN', 'ZZ')) as others
        from fct_activity_repository_week
        inner join asked using (outcome)
        where country_method = 'owner' and is_complete and coalesce(cn_holiday_days, 0) < 3
            and first_week <= first_window
            and ($until is null or week < date_trunc('month', cast($until as date)) + interval 1 month)
        group by all
    ),
    indexed as (
        select
            outcome, week,
            treated / nullif(avg(treated) over (partition by outcome), 0) as treated,
            others / nullif(avg(others) over (partition by outcome), 0) as others
        from weekly
    ),
    follow as (
        select *, coalesce(lag(week) over (partition by outcome order by week), week) as week_before
        from indexed
    ),
    -- a line across weeks that nobody saw would invent them; holidays take out two in a row at most
    parted as (
        select
            outcome, week, treated, others,
            sum((week > week_before + 21)::int) over (partition by outcome order by week) as run
        from follow
    )
    unpivot parted on treated, others into name line value value
    order by outcome, line, week
"""


@dataclass(frozen=True)
class WeeklyPanel:
    """One outcome: ``rows`` in the order of contrasts and events, its two figures where it is tested."""

    title: str
    rows: tuple[Estimate, ...]
    series: Mapping[str, str] | None
    effects: Mapping[str, str] | None

    @property
    def is_tested(self) -> bool:
        return any(row.status == "ok" for row in self.rows)


def weekly_panels(page: Page, tables: Tables, rows: Sequence[Estimate], until: date | None) -> dict[str, Any]:
    """Every outcome by week: tested ones first; and what stands beside each of their rows."""
    asked: dict[str, list[Estimate]] = {}
    for row in rows:
        if row.frequency == WEEK and row.term == TERM and row.spec_group != WHO_FORKS:
            asked.setdefault(row.outcome, []).append(row)
    page.data["repositories.csv"] = [
        {"contrast": row.contrast, "disjoint_windows": row.disjoint_windows, **numbers(row)}
        for found in asked.values() for row in found
    ]  # fmt: skip
    series = _series(tables, until)
    page.data["repository_weeks.csv"] = [
        {"outcome": outcome, **row} for outcome, lines in series.items() for row in lines
    ]
    panels = []
    for outcome, found in asked.items():
        found.sort(key=lambda row: (row.contrast_place, row.contrast, row.event_set_place))
        panels.append(_panel(page, outcome, found, series.get(outcome, [])))
    panels.sort(key=lambda panel: not panel.is_tested)
    return {"panels": panels, "beside": _beside(tables, panels)}


def _series(tables: Tables, until: date | None) -> dict[str, list[Row]]:
    """Both sides' weekly sums over their own mean, for outcomes with a window that was seen."""
    found: dict[str, list[Row]] = {}
    for row in tables.rows(_SERIES, {"until": until}):
        found.setdefault(row["outcome"], []).append(
            {"week": row["week"], "line": SIDES[row["line"]], "value": row["value"], "run": row["run"]}
        )
    return found


def _panel(page: Page, outcome: str, rows: Sequence[Estimate], series: Sequence[Row]) -> WeeklyPanel:
    title = page.context["titles"].get(outcome, outcome)
    panel = WeeklyPanel(title, tuple(rows), None, None)
    tested = [row for row in rows if row.status == "ok"]
    if not tested:
        return panel
    name = outcome.replace("_", "-")
    drawn = None
    if series:
        days = [event["day"] for event in page.context["shocks"]]
        alt = f"{title}: both sides’ sums by week over their own mean, {len(series)} values."
        drawn = page.figure(f"{name}-weeks", weekly_figures.weekly(series, days, [*SIDES.values()]), alt)
    alt = f"{title}: change around each event with its set. " + "; ".join(
        f"{row.event_set_title}, {row.contrast_short}: {row.written(row.estimate)}, {row.interval}"
        for row in tested
    )
    chart = weekly_figures.changes(tested, WIDEST_SET_SHOWN)
    return WeeklyPanel(title, tuple(rows), drawn, page.figure(f"{name}-changes", chart, alt))


def _beside(tables: Tables, panels: Sequence[WeeklyPanel]) -> dict[str, dict[str, Row]]:
    """Diagnostics by estimate and name; those that an estimate lacks are empty."""
    shown = {row.estimate_id for panel in panels for row in panel.rows}
    empty = {"value": None, "p_value": None}
    found: dict[str, dict[str, Row]] = {}
    for row in tables.rows("select * from diagnostics order by estimate_id, diagnostic"):
        if row["estimate_id"] in shown:
            found.setdefault(row["estimate_id"], dict.fromkeys(BESIDE, empty))[row["diagnostic"]] = row
    return found
