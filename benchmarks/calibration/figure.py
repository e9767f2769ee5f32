"""power.svg: share rejected against the size of the effect, one panel a design, one line a donor count.

Drawn like the page's figures (``report.figures``). Not here: the numbers (``tally``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.calibration.tally import ORIGIN, Point
from report.figures import FAINT, INK, MUTED, TRENDED, svg


@dataclass(frozen=True)
class Panel:
    """One design and trend variant, with the words above it."""

    design: str
    trend: str
    title: str
    x: str


ALONE, EACH = "effect, sd of the treated unit's series", "effect at each of four events, sd"
PANELS = (
    Panel("equal", "none", "One event, equal variances", ALONE),
    Panel("unequal", "none", "One event, unequal variances", ALONE),
    Panel("post30", "none", "The same, 30 months after", ALONE),
    Panel("overlap_unequal", "none", "Mean of four steps, unequal", EACH),
    Panel("overlap_unequal", "unit", "The same with a unit trend", EACH),
    Panel("counts", "none", "One event, counts (PPML)", "effect, sd of the log intensity"),
)
COLUMNS = 3
LEVEL, ENOUGH = 0.05, 0.8
GRIDLINES = "#eceef1"
LINES = {"20 donors": ("#c0632b", [2, 3]), "40 donors": (TRENDED, [7, 3]), "60 donors": (INK, [1, 0])}


def power_svg(points: Sequence[Point]) -> str:
    """The figure of every panel's curves, labelled as simulated."""
    axis = {"labelColor": MUTED, "titleColor": MUTED, "titleFontWeight": "normal", "titleFontSize": 12,
            "labelFontSize": 12, "gridColor": GRIDLINES, "domainColor": FAINT,
            "tickColor": FAINT}  # fmt: skip
    legend = {"orient": "top", "direction": "horizontal", "title": None, "labelFontSize": 13,
              "labelColor": INK, "symbolStrokeWidth": 2.5, "symbolSize": 700, "offset": 6}  # fmt: skip
    return svg({
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "config": {"aria": False, "background": "white", "font": "Arial, Helvetica, sans-serif",
                   "padding": 12, "view": {"stroke": None}, "axis": axis,
                   "axisX": {"grid": False}, "legend": legend, "concat": {"spacing": 26}},
        "title": {"text": f"{ORIGIN}: power of the headline test at 5 %, AR(1) 0.8 by month",
                  "subtitle": "share of draws in which \"no effect\" is rejected, by the true effect; "
                              "dashed: 5 % and 80 %",
                  "anchor": "start", "fontSize": 15, "subtitleFontSize": 13, "subtitleColor": MUTED,
                  "color": INK, "offset": 14},
        "columns": COLUMNS,
        "concat": [_panel(panel, points, i % COLUMNS == 0) for i, panel in enumerate(PANELS)],
    })  # fmt: skip


def _panel(panel: Panel, points: Sequence[Point], is_first: bool) -> dict[str, Any]:
    values = [
        {"donors": f"{p.donors} donors", "effect": p.effect_sd, "rejected": p.rejected}
        for p in points
        if (p.design, p.trend) == (panel.design, panel.trend)
    ]
    present = [name for name in LINES if any(value["donors"] == name for value in values)]
    x = {"field": "effect", "type": "quantitative", "title": panel.x,
         "scale": {"domain": [0, 4], "nice": False}, "axis": {"tickCount": 5, "format": "d"}}  # fmt: skip
    y = {"field": "rejected", "type": "quantitative", "title": "share rejected" if is_first else None,
         "scale": {"domain": [0, 1]}, "axis": {"format": ".0%", "tickCount": 5}}  # fmt: skip
    colour = {"field": "donors", "type": "nominal",
              "scale": {"domain": present, "range": [LINES[name][0] for name in present]}}  # fmt: skip
    dash = {"field": "donors", "type": "nominal",
            "scale": {"domain": present, "range": [LINES[name][1] for name in present]}}  # fmt: skip
    marks = [{"y": LEVEL}, {"y": ENOUGH}]
    return {
        "title": {"text": panel.title, "anchor": "start", "fontSize": 13, "color": INK, "offset": 8},
        "width": 230, "height": 180, "data": {"values": values},
        "layer": [
            {"mark": {"type": "rule", "color": MUTED, "strokeDash": [3, 3]}, "data": {"values": marks},
             "encoding": {"y": {"field": "y", "type": "quantitative"}}},
            {"mark": {"type": "line", "strokeWidth": 2},
             "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash}},
        ],
    }  # fmt: skip
