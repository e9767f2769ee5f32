"""Figures of panels of single repositories: both sides by week, and the change around each event.

Marks, scales and colours; no statistic. Not here: which rows (``weekly_panels``), how every figure looks
(``drawing``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import altair as alt

from report.drawing import INK, chart_of, layered, rule, sets
from report.effects import Estimate
from report.figures import CHINA, DONORS, TRUTH, UNITED_STATES
from report.inputs import Row

WIDTH = 430
ENDS = ("ci_low", "ci_high", "estimate")


def weekly(series: Sequence[Row], shocks: Sequence[date], sides: Sequence[str]) -> alt.LayerChart:
    """``series`` rows hold ``week``, ``line`` (one of ``sides``, the treated first), ``value`` over its own
    mean, and ``run``, the stretch without a gap, at which lines end. On a log scale equal distances are
    equal per cents. The shocks are numbered."""
    colours = alt.Scale(domain=[*sides], range=[CHINA, DONORS])
    base = chart_of(row for row in series if row["value"] > 0).encode(
        alt.X(
            "week:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(format="%Y", tickCount="year")
        ),
        alt.Y("value:Q", title="over its own mean", scale=alt.Scale(type="log", nice=False)).axis(
            tickCount=5
        ),
        alt.Color("line:N", scale=colours, legend=alt.Legend(symbolType="stroke")),
    )
    numbered = chart_of({"day": day, "number": number} for number, day in enumerate(shocks, 1))
    numbered = numbered.encode(alt.X("day:T", scale=alt.Scale(type="utc")), alt.Text("number:N"))
    return layered(
        WIDTH, 230,
        numbered.mark_rule(color=INK, strokeDash=[2, 3], opacity=0.6),
        numbered.mark_text(baseline="bottom", fontWeight="bold", fill=INK).encode(y=alt.value(-2)),
        base.mark_line(strokeWidth=1.2, strokeJoin="round", opacity=0.8).encode(alt.Detail("run:N")),
    )  # fmt: skip


def changes(rows: Sequence[Estimate], limit: float) -> alt.LayerChart:
    """The change around each event with its set, a colour a contrast; diamonds are planted. The frame ends
    at ``limit`` on either side, sets are cut there."""
    drawn = [vars(row) for row in rows]
    ends = [abs(row[end]) for row in drawn for end in ENDS if row[end] is not None]
    extent = min(limit, 1.1 * max(ends, default=1.0)) or 1.0
    in_time = sorted(rows, key=lambda row: row.window_end or date.max)
    events = list(dict.fromkeys(row.event_set_title for row in in_time))
    names = list(dict.fromkeys(row.contrast_short for row in rows))
    x = alt.X(type="quantitative", title=f"change in {rows[0].unit}" if rows else None)
    x = x.scale(domain=[-extent, extent], nice=False, clamp=True).axis(grid=True, tickCount=6)
    palette = alt.Scale(domain=names, range=[INK, UNITED_STATES, TRUTH][: len(names)])
    base = chart_of(drawn).encode(
        alt.Y("event_set_title:N", sort=events, title=None, axis=alt.Axis(labelColor=INK, labelLimit=170)),
        alt.YOffset("contrast_short:N", sort=names),
        alt.Color("contrast_short:N", scale=palette, legend=alt.Legend(symbolType="circle", symbolOpacity=1)),
    )
    planted = base.transform_filter(alt.expr.isValid(alt.datum.planted)).mark_point(
        shape="diamond", size=80, fill="white", stroke=TRUTH, strokeWidth=2
    )
    return layered(
        WIDTH - 150, 16 * max(1, len(names)) * max(1, len(events)) + 20,
        rule(alt.XDatum(0)),
        sets(base, x, strokeWidth=2.5),
        base.mark_point(size=50).encode(x.field("estimate")),
        planted.encode(x.field("planted")),
    )  # fmt: skip
