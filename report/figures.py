"""The figures, as Vega-Lite specifications rendered to SVG or PNG without a browser.

Here: marks, scales and colours. Each function takes rows that are already chosen and returns text or
bytes; no statistic is computed. ``event_study_png`` also serves other interfaces.
Every figure has a white ground, so that it reads the same on light and dark pages.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import vl_convert as vlc

from report.findings import TRENDS, Estimate
from report.inputs import Origin

Spec = dict[str, Any]

INK, MUTED, FAINT = "#1f2328", "#5b636d", "#d8dce1"
PLAIN, TRENDED = "#1f2328", "#3f7f9d"
CHINA, UNITED_STATES, DONORS, TRUTH = "#b3261e", "#1b4f8a", "#7a828c", "#8a5a00"
DIRECTIONS = {"tightening": CHINA, "loosening": "#1a7f5a", "support": UNITED_STATES, "neutral": DONORS}

_VEGA_LITE = "v6.1"
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_SANS = "Arial, Helvetica, sans-serif"  # the renderer measures text with Arial's metrics: no label is cut
_CONFIG: Spec = {
    "aria": False,  # the page describes the figure; a label on every mark only weighs
    "background": "white",
    "font": _SANS,
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
}  # fmt: skip
_IDENTIFIER = re.compile(r'(?:(?<=id=")|(?<=url\(#)|(?<=href="#))([A-Za-z_]+)\d+')


def svg(spec: Spec) -> str:
    """The figure as SVG. Clip ids, which the renderer counts per process, are counted per figure."""
    text = vlc.vegalite_to_svg(spec, vl_version=_VEGA_LITE)
    seen: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        return seen.setdefault(match.group(0), f"{match.group(1)}{len(seen)}")

    return _IDENTIFIER.sub(renamed, text)


def event_study_png(estimates: Sequence[Estimate], outcome: str, *, origin: Origin) -> bytes:
    """The event study of one outcome as PNG at twice the size, for interfaces that show no SVG.

    ``estimates`` as for ``event_study``; a simulated figure says so in its title.
    """
    title = f"{outcome}, China against donors"
    spec = event_study(estimates, outcome, f"SIMULATED: {title}" if origin == "sample" else title)
    return bytes(vlc.vegalite_to_png(spec, vl_version=_VEGA_LITE, scale=2))


def event_study(estimates: Sequence[Estimate], outcome: str, title: str | None = None) -> Spec:
    """Effect by period from the event, with its set where it has one; a point stands at its bin's start.

    ``estimates`` are of one spec, event set, contrast and trend (``findings.dynamics``); only rows ``k=…`` of
    ``outcome`` are drawn. The page writes its own title and passes None.
    """
    rows = [row for row in estimates if row.outcome == outcome and row.term.startswith("k=")]
    values: list[Spec] = [
        {"k": int(row.term[2:]), "estimate": row.estimate, "low": row.ci_low, "high": row.ci_high}
        for row in rows
        if row.estimate is not None
    ]
    values.sort(key=lambda value: value["k"])
    tested = any(row.is_ranked for row in rows)
    unit = "log points" if any(row.is_log for row in rows) else "outcome's unit"
    x = {
        "field": "k", "type": "quantitative", "title": "periods from the event",
        "axis": {"labelExpr": "datum.value == 0 ? '0' : format(datum.value, '+d')",
                 "values": [value["k"] for value in values]},
        "scale": {"nice": False, "padding": 12},
    }  # fmt: skip
    y = {
        "type": "quantitative", "title": f"China minus donors, {unit}", "scale": {"zero": True},
        "axis": {"tickCount": 6},
    }  # fmt: skip
    colour = CHINA if tested else DONORS
    return layered(title, 430, 230, values, [
        {"mark": {"type": "rule", "color": MUTED}, "data": {"values": [{"y": 0}]},
         "encoding": {"y": {"field": "y", "type": "quantitative"}}},
        {"mark": {"type": "rule", "color": INK, "strokeDash": [4, 3]}, "data": {"values": [{"x": -0.5}]},
         "encoding": {"x": {"field": "x", "type": "quantitative"}}},
        {"mark": {"type": "rule", "color": colour, "strokeWidth": 2, "opacity": 0.45},
         "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
         "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": tested, "fill": colour if tested else "white", "stroke": colour,
                  "strokeWidth": 1.6, "size": 52, "opacity": 1},
         "encoding": {"x": x, "y": {**y, "field": "estimate"}}},
    ])  # fmt: skip


def levels(series: Sequence[Mapping[str, Any]], shocks: Sequence[date], unit: str, is_index: bool) -> Spec:
    """China, the United States and the donors' median over time, the shocks marked.

    ``series`` rows hold ``period`` (first day), ``line`` (China, United States, Donors' median), ``value``
    and ``run``, the stretch without a gap: lines end at gaps, and a period alone is a dot. An index is drawn
    on a log scale, so that equal distances are equal per cents.
    """
    is_log = is_index and all(row["value"] > 0 for row in series)
    scale: Spec = {"type": "log", "nice": False} if is_log else {"zero": not is_index}
    ticks: Spec = {"values": _log_ticks([row["value"] for row in series])} if is_log else {"tickCount": 5}
    x = {
        "field": "period", "type": "temporal", "title": None, "scale": {"type": "utc"},
        "axis": {"format": "%Y", "tickCount": "year", "labelFlush": False},
    }  # fmt: skip
    length = Counter((row["line"], row["run"]) for row in series)
    values = [
        {
            "period": row["period"].isoformat(), "line": row["line"], "value": row["value"],
            "run": row["run"], "alone": length[row["line"], row["run"]] == 1,
        }
        for row in series
    ]  # fmt: skip
    marks = [{"x": shock.isoformat(), "n": str(index + 1)} for index, shock in enumerate(shocks)]
    lines = {"China": CHINA, "United States": UNITED_STATES, "Donors' median": DONORS}
    title = "index" if is_index else unit
    y = {"field": "value", "type": "quantitative", "title": title, "scale": scale, "axis": ticks}
    colour = {
        "field": "line", "type": "nominal", "scale": {"domain": list(lines), "range": list(lines.values())},
        "legend": {"symbolType": "stroke"},
    }  # fmt: skip
    return layered(None, 430, 230, values, [
        *_shock_marks(marks),
        {"mark": {"type": "line", "strokeWidth": 2, "strokeJoin": "round"},
         "encoding": {"x": x, "y": y, "color": colour, "detail": {"field": "run", "type": "nominal"}}},
        {"mark": {"type": "circle", "size": 14, "opacity": 1}, "transform": [{"filter": "datum.alone"}],
         "encoding": {"x": x, "y": y, "color": colour}},
    ])  # fmt: skip


def _log_ticks(values: Sequence[float]) -> list[float]:
    """Round numbers within the range, as many as a small axis carries."""
    low, high = min(values), max(values)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9), (1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1,)):
        ticks = [step * 10.0**decade for decade in decades for step in steps]
        if len(within := [tick for tick in ticks if low <= tick <= high]) <= 8:
            break
    return within


def headline(rows: Sequence[Estimate], titles: Mapping[str, str], limit: float) -> Spec:
    """Every tested outcome's mean step with its set, both trend variants, planted truth where there is one.

    The frame ends at ``limit`` log points on either side, so that one wide set does not hide the rest: sets
    are cut there and points beyond are left out.
    """
    values: list[Spec] = [
        {
            "outcome": titles[row.outcome], "trend": TRENDS.get(row.trend, row.trend),
            "estimate": row.estimate, "low": row.ci_low, "high": row.ci_high, "planted": row.planted,
        }
        for row in rows
    ]  # fmt: skip
    order = list(dict.fromkeys(value["outcome"] for value in values))
    bounds = [abs(bound) for row in rows for bound in (row.ci_low, row.ci_high) if bound is not None]
    extent = min(limit, 1.1 * max(bounds, default=1.0)) or 1.0
    x = {
        "type": "quantitative", "title": "mean step after the tightenings, log points (0.10 is about 10%)",
        "scale": {"domain": [-extent, extent], "nice": False, "clamp": True},
        "axis": {"grid": True, "tickCount": 7},
    }  # fmt: skip
    y = {
        "field": "outcome", "type": "nominal", "sort": order, "title": None,
        "axis": {"labelLimit": 340, "labelColor": INK, "labelFontSize": 13}, "scale": {"paddingInner": 0.35},
    }  # fmt: skip
    variants = list(TRENDS.values())
    offset = {"field": "trend", "sort": variants, "scale": {"paddingOuter": 0.3}}
    colour = {"field": "trend", "sort": variants, "scale": {"domain": variants, "range": [PLAIN, TRENDED]}}
    layers: list[Spec] = [
        {"mark": {"type": "rule", "color": MUTED}, "data": {"values": [{"x": 0}]},
         "encoding": {"x": {"field": "x", "type": "quantitative"}}},
        {"mark": {"type": "rule", "strokeWidth": 2.5},
         "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y, "yOffset": offset,
                      "color": colour}},
        {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
         "transform": [{"filter": f"abs(datum.estimate) <= {extent}"}],
         "encoding": {"x": {**x, "field": "estimate"}, "y": y, "yOffset": offset,
                      "color": {**colour, "legend": {"symbolType": "circle", "offset": 6}}}},
    ]  # fmt: skip
    if any(value["planted"] is not None for value in values):
        layers.append({
            "mark": {"type": "point", "shape": "diamond", "size": 90, "fill": "white", "stroke": TRUTH,
                     "strokeWidth": 2, "opacity": 1},
            "transform": [{"filter": "isValid(datum.planted)"}],
            "encoding": {"x": {**x, "field": "planted"}, "y": y, "yOffset": offset},
        })  # fmt: skip
    return layered(None, 560, 46 * max(1, len(order)), values, layers)


def coverage(runs: Sequence[Mapping[str, Any]]) -> Spec:
    """Source over time: how much of what was expected was seen; months without a row stay blank.

    ``runs`` rows hold ``source``, ``first_month``, ``end_month`` (exclusive) and their common ``share``.
    """
    values = [
        {"source": run["source"], "from": run["first_month"].isoformat(), "to": run["end_month"].isoformat(),
         "share": run["share"]}
        for run in runs
    ]  # fmt: skip
    sources = sorted({value["source"] for value in values})
    colours = {"domain": [0, 0.5, 1], "range": ["#e9a48f", "#eedca6", "#3f7f9d"], "clamp": True}
    legend = {
        "title": "share of what was expected", "titleColor": MUTED, "titleFontSize": 13, "offset": 8,
        "titleFontWeight": "normal", "titleOrient": "left", "format": ".0%", "tickCount": 3,
        "gradientLength": 180, "gradientThickness": 10,
    }  # fmt: skip
    return layered(None, 760, 24 * max(1, len(sources)), values, [{
        "mark": {"type": "bar", "height": {"band": 0.72}},
        "encoding": {
            "x": {"field": "from", "type": "temporal", "title": None, "scale": {"type": "utc", "nice": False},
                  "axis": {"format": "%Y", "tickCount": "year", "labelFlush": True}},
            "x2": {"field": "to"},
            "y": {"field": "source", "type": "nominal", "sort": sources, "title": None,
                  "axis": {"labelLimit": 190, "labelColor": INK}},
            "color": {"field": "share", "type": "quantitative", "scale": colours, "legend": legend},
        },
    }])  # fmt: skip


def timeline(events: Sequence[Mapping[str, Any]]) -> Spec:
    """Policy events by direction over time; the four shocks are numbered."""
    values = [
        {"day": event["day"].isoformat(), "direction": event["direction"], "n": event["number"] or ""}
        for event in events
    ]
    x = {
        "field": "day", "type": "temporal", "title": None, "scale": {"type": "utc", "padding": 14},
        "axis": {"format": "%Y", "tickCount": "year"},
    }  # fmt: skip
    y = {
        "field": "direction", "type": "nominal", "sort": list(DIRECTIONS), "title": None,
        "axis": {"labelColor": INK, "grid": True},
    }  # fmt: skip
    colour = {
        "field": "direction", "legend": None,
        "scale": {"domain": list(DIRECTIONS), "range": list(DIRECTIONS.values())},
    }  # fmt: skip
    return layered(None, 760, 34 * len(DIRECTIONS), values, [
        {"mark": {"type": "tick", "thickness": 2, "size": 16, "opacity": 0.55},
         "transform": [{"filter": "datum.n == ''"}], "encoding": {"x": x, "y": y, "color": colour}},
        {"mark": {"type": "circle", "size": 330, "opacity": 1},
         "transform": [{"filter": "datum.n != ''"}], "encoding": {"x": x, "y": y, "color": colour}},
        {"mark": {"type": "text", "fill": "white", "fontWeight": "bold", "fontSize": 12, "dy": 0.5},
         "transform": [{"filter": "datum.n != ''"}], "encoding": {"x": x, "y": y, "text": {"field": "n"}}},
    ])  # fmt: skip


def _shock_marks(marks: Sequence[Spec]) -> list[Spec]:
    x = {"field": "x", "type": "temporal", "scale": {"type": "utc"}}
    return [
        {"mark": {"type": "rule", "color": INK, "strokeDash": [2, 3], "opacity": 0.6},
         "data": {"values": list(marks)}, "encoding": {"x": x}},
        {"mark": {"type": "text", "baseline": "bottom", "fontWeight": "bold", "fill": INK},
         "data": {"values": list(marks)}, "encoding": {"x": x, "y": {"value": -2}, "text": {"field": "n"}}},
    ]  # fmt: skip


def layered(title: str | None, width: int, height: int, values: Sequence[Spec], layers: list[Spec]) -> Spec:
    """One frame of the house's look."""
    spec: Spec = {
        "$schema": _SCHEMA, "config": _CONFIG, "width": width, "height": height,
        "data": {"values": list(values)}, "layer": layers,
    }  # fmt: skip
    return {**spec, "title": {"text": title, "anchor": "start", "fontSize": 14}} if title else spec


def stacked(frames: Sequence[Spec]) -> Spec:
    """Frames (each with width, height, data and marks) below each other, in the house's look."""
    return {"$schema": _SCHEMA, "config": _CONFIG, "spacing": 14, "vconcat": list(frames)}
