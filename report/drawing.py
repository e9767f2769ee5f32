"""How every figure looks, the pieces that figures share, and their rendering to SVG and PNG.

Built with Altair. Every figure has a white ground, so that it reads the same on light and dark pages. Not
here: which figures there are (``figures``, ``study_figures``).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import altair as alt
from altair.typing import ChartType

INK, MUTED, FAINT = "#1f2328", "#5b636d", "#d8dce1"

_LOOK: dict[str, Any] = {
    "aria": False,  # the page describes the figure; a label on every mark only weighs
    "background": "white",
    "font": "Arial, Helvetica, sans-serif",  # the renderer measures text with Arial's metrics: none is cut
    "padding": 12,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED, "titleColor": MUTED, "titleFontWeight": "normal", "labelFontSize": 13,
        "titleFontSize": 13, "gridColor": "#eceef1", "domainColor": FAINT, "tickColor": FAINT,
        "labelPadding": 5, "titlePadding": 8,
    },
    "axisX": {"grid": False},
    "axisY": {"domain": False, "ticks": False},
    "legend": {
        "orient": "top", "direction": "horizontal", "title": None, "labelFontSize": 13, "labelColor": INK,
        "symbolStrokeWidth": 3, "offset": 20,
    },
    "text": {"fontSize": 12, "fill": MUTED},
    "point": {"opacity": 1, "filled": True},
    "circle": {"opacity": 1},
}  # fmt: skip
SIGNED = "datum.value == 0 ? '0' : format(datum.value, '+d')"  # an axis of whole periods from an event
_IDENTIFIER = re.compile(r'(?:(?<=id=")|(?<=url\(#)|(?<=href="#))([A-Za-z_]+)\d+')
_HAS_SET = alt.expr.isValid(alt.datum.ci_low) & alt.expr.isValid(alt.datum.ci_high)


def svg(chart: ChartType) -> str:
    """The figure as SVG. Clip ids, which the renderer counts per process, are counted per figure."""
    text = io.StringIO()
    chart.configure(**_LOOK).save(text, format="svg")
    numbers: dict[str, str] = {}

    def renumbered(match: re.Match[str]) -> str:
        return numbers.setdefault(match.group(0), f"{match.group(1)}{len(numbers)}")

    return _IDENTIFIER.sub(renumbered, text.getvalue())


def png(chart: ChartType) -> bytes:
    """The figure as PNG at twice the size."""
    image = io.BytesIO()
    chart.configure(**_LOOK).save(image, format="png", scale_factor=2)
    return image.getvalue()


def chart_of(rows: Iterable[Mapping[str, Any]]) -> alt.Chart:
    """A chart of rows, days as text."""
    return alt.Chart(alt.InlineData(values=[
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        for row in rows
    ]))  # fmt: skip


def rule(at: alt.XDatum | alt.YDatum, color: str = MUTED, **mark: Any) -> alt.Chart:
    """A line through the frame at one value."""
    line: alt.Chart = chart_of([{}]).mark_rule(color=color, **mark)
    return line.encode(at)


def sets(base: alt.Chart, channel: alt.X | alt.Y, **mark: Any) -> alt.Chart:
    """A bar from the low to the high end of each set, along the channel."""
    end = alt.X2("ci_high") if isinstance(channel, alt.X) else alt.Y2("ci_high")
    bars: alt.Chart = base.transform_filter(_HAS_SET).mark_rule(**mark)
    return bars.encode(channel.field("ci_low"), end)


def layered(width: int, height: int, *layers: alt.Chart) -> alt.LayerChart:
    """Layers of one frame, the first at the back."""
    return alt.LayerChart(layer=layers, width=width, height=height)
