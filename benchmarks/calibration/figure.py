"""power.svg: share rejected against the size of the effect, one panel a design, one line a donor count.

Drawn like the page's figures (``report.drawing``). Not here: the numbers (``tally``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from benchmarks.calibration.tally import ORIGIN, Point
from report.drawing import INK, MUTED, svg
from report.figures import VARIANTS


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
LINES = {"20 donors": ("#c0632b", [2, 3]), "40 donors": (VARIANTS[1], [7, 3]), "60 donors": (INK, [1, 0])}


def power_svg(points: Sequence[Point]) -> str:
    """The figure of every panel's curves, labelled as simulated."""
    title = alt.Title(
        f"{ORIGIN}: power of the headline test at 5 %, AR(1) 0.8 by month",
        subtitle='share of draws in which "no effect" is rejected, by the true effect; dashed: 5 % and 80 %',
        anchor="start", fontSize=15, subtitleFontSize=13, subtitleColor=MUTED, color=INK, offset=14,
    )  # fmt: skip
    panels = [_panel(panel, points, i % COLUMNS == 0) for i, panel in enumerate(PANELS)]
    return svg(alt.concat(*panels, columns=COLUMNS, spacing=26, title=title))


def _panel(panel: Panel, points: Sequence[Point], is_first: bool) -> alt.LayerChart:
    rows = [
        {"donors": f"{p.donors} donors", "effect": p.effect_sd, "rejected": p.rejected}
        for p in points
        if (p.design, p.trend) == (panel.design, panel.trend)
    ]
    present = [name for name in LINES if any(row["donors"] == name for row in rows)]
    colours, dashes = zip(*(LINES[name] for name in present), strict=True)
    share = alt.Y("rejected:Q").title("share rejected" if is_first else None)
    curves = alt.Chart(alt.Data(values=rows)).mark_line(strokeWidth=2).encode(
        alt.X("effect:Q").title(panel.x).scale(domain=[0, 4], nice=False).axis(tickCount=5, format="d"),
        share.scale(domain=[0, 1]).axis(format=".0%", tickCount=5),
        alt.Color("donors:N").scale(domain=present, range=colours).legend(symbolSize=700),
        alt.StrokeDash("donors:N").scale(domain=present, range=dashes).legend(symbolSize=700),
    )  # fmt: skip
    marks = alt.Data(values=[{"level": LEVEL}, {"level": ENOUGH}])
    levels = alt.Chart(marks).mark_rule(color=MUTED, strokeDash=[3, 3]).encode(alt.Y("level:Q"))
    title = alt.Title(panel.title, anchor="start", fontSize=13, color=INK, offset=8)
    return alt.layer(levels, curves).properties(width=230, height=180, title=title)
