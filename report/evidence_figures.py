"""The figures beside the headline: other choices, the specification curve, vintages, the clock.

Here: marks, scales and colours, in the look of ``figures``. Each function takes rows that are already
chosen; no statistic is computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from report.choices import Choice
from report.figures import CHINA, DONORS, INK, MUTED, PLAIN, TRENDED, TRUTH, Spec, layered, stacked
from report.findings import TRENDS, Estimate

_VARIANTS = list(TRENDS.values())
_COLOUR: Spec = {
    "field": "trend", "type": "nominal", "sort": _VARIANTS,
    "scale": {"domain": _VARIANTS, "range": [PLAIN, TRENDED]},
}  # fmt: skip
_LEGEND: Spec = {"symbolType": "circle", "symbolOpacity": 1, "offset": 6}
HEADLINE = "Headline"
# the curve's choices, from the one that moves most to the one that moves least
CURVE_CHOICES = ("trend", "estimator", "sample", "donors", "timing")


def choices(headline: Sequence[Estimate], drawn: Sequence[Choice], limit: float) -> Spec:
    """The headline on top, below it every other choice with its set, both trend variants.

    The frame ends at ``limit`` log points on either side, where sets are cut; points beyond are left out.
    Hollow points have no set: they are described, not tested.
    """
    listed = [(HEADLINE, tuple(headline)), *((one.label, one.rows) for one in drawn)]
    values: list[Spec] = [
        {
            "choice": name, "trend": TRENDS.get(row.trend, row.trend), "estimate": row.estimate,
            "low": row.ci_low, "high": row.ci_high, "planted": row.planted if name == HEADLINE else None,
            "tested": row.has_set,
        }
        for name, rows in listed for row in rows if row.estimate is not None
    ]  # fmt: skip
    order = list(dict.fromkeys(value["choice"] for value in values))
    low, high = _extent([value[name] for value in values for name in ("low", "high", "estimate")], limit)
    is_log = any(row.is_log for row in headline)
    x = {
        "type": "quantitative", "title": "mean step, log points" if is_log else "mean step, outcome’s unit",
        "scale": {"domain": [low, high], "nice": False, "clamp": True},
        "axis": {"grid": True, "tickCount": 7},
    }  # fmt: skip
    y = {
        "field": "choice", "type": "nominal", "sort": order, "title": None, "scale": {"paddingInner": 0.3},
        "axis": {"labelLimit": 390, "labelColor": INK, "labelFontSize": 12,
                 "labelFontWeight": {"expr": f"datum.value == '{HEADLINE}' ? 'bold' : 'normal'"}},
    }  # fmt: skip
    offset = {"field": "trend", "sort": _VARIANTS, "scale": {"paddingOuter": 0.3}}
    layers: list[Spec] = [
        _rule_at(0),
        {"mark": {"type": "rule", "strokeWidth": 2},
         "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
         "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y, "yOffset": offset,
                      "color": _COLOUR}},
        {"mark": {"type": "point", "filled": True, "size": 52, "opacity": 1},
         "transform": [{"filter": f"datum.estimate >= {low} && datum.estimate <= {high} && datum.tested"}],
         "encoding": {"x": {**x, "field": "estimate"}, "y": y, "yOffset": offset,
                      "color": {**_COLOUR, "legend": _LEGEND}}},
        {"mark": {"type": "point", "size": 52, "opacity": 1, "fill": "white", "strokeWidth": 1.6},
         "transform": [{"filter": f"datum.estimate >= {low} && datum.estimate <= {high} && !datum.tested"}],
         "encoding": {"x": {**x, "field": "estimate"}, "y": y, "yOffset": offset,
                      "stroke": {**_COLOUR, "legend": None}}},
    ]  # fmt: skip
    if any(value["planted"] is not None for value in values):
        layers.append({
            "mark": {"type": "point", "shape": "diamond", "size": 80, "fill": "white", "stroke": TRUTH,
                     "strokeWidth": 2, "opacity": 1},
            "transform": [{"filter": "isValid(datum.planted)"}],
            "encoding": {"x": {**x, "field": "planted"}, "y": y, "yOffset": offset},
        })  # fmt: skip
    return layered(None, 520, 32 * max(1, len(order)), values, layers)


def _extent(values: Sequence[float | None], limit: float) -> tuple[float, float]:
    """The range of the values with zero and a margin, within ``limit`` on either side."""
    known = [0.0, *(value for value in values if value is not None)]
    margin = 0.05 * ((max(known) - min(known)) or 1.0)
    return round(max(min(known) - margin, -limit), 6), round(min(max(known) + margin, limit), 6)


def _rule_at(value: float) -> Spec:
    return {"mark": {"type": "rule", "color": MUTED}, "data": {"values": [{"at": value}]},
            "encoding": {"x": {"field": "at", "type": "quantitative"}}}  # fmt: skip


def curve(rows: Sequence[Mapping[str, Any]], limit: float) -> Spec:
    """The specification curve: effects in order of size with their sets, below them what was chosen.

    ``rows`` of the specification-curve table that have an estimate, in order of size.
    """
    ends = [row[name] for row in rows for name in ("estimate", "ci_low", "ci_high")]
    low, high = _extent(ends, limit)
    values = [
        {"n": index, "estimate": row["estimate"], "low": row["ci_low"], "high": row["ci_high"],
         "trend": TRENDS.get(row["choice_trend"], row["choice_trend"])}
        for index, row in enumerate(rows)
    ]  # fmt: skip
    x = {
        "field": "n", "type": "quantitative", "axis": None,
        "scale": {"domain": [-1, len(rows)], "nice": False},
    }  # fmt: skip
    y = {
        "type": "quantitative", "title": "mean step", "axis": {"tickCount": 6},
        "scale": {"domain": [low, high], "nice": False, "clamp": True},
    }  # fmt: skip
    effects: Spec = {
        "width": 640, "height": 230, "data": {"values": values},
        "layer": [
            {"mark": {"type": "rule", "color": INK}, "data": {"values": [{"y": 0}]},
             "encoding": {"y": {"field": "y", "type": "quantitative"}}},
            {"mark": {"type": "rule", "strokeWidth": 1.2, "opacity": 0.4},
             "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
             "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"},
                          "color": _COLOUR}},
            {"mark": {"type": "point", "filled": True, "size": 16, "opacity": 1},
             "transform": [{"filter": f"datum.estimate >= {low} && datum.estimate <= {high}"}],
             "encoding": {"x": x, "y": {**y, "field": "estimate"},
                          "color": {**_COLOUR, "legend": _LEGEND}}},
        ],
    }  # fmt: skip
    frames = [effects, *(_chosen(rows, choice, x) for choice in CURVE_CHOICES if _varies(rows, choice))]
    return stacked(frames)


def _varies(rows: Sequence[Mapping[str, Any]], choice: str) -> bool:
    return len({row[f"choice_{choice}"] for row in rows}) > 1


def _chosen(rows: Sequence[Mapping[str, Any]], choice: str, x: Spec) -> Spec:
    """A row of marks for each value of one choice: where on the curve it was taken."""
    said = [_in_words(str(row[f"choice_{choice}"])) for row in rows]
    order = sorted(set(said))
    y = {
        "field": "value", "type": "nominal", "sort": order, "title": choice,
        "axis": {"labelLimit": 150, "labelFontSize": 11, "domain": False, "ticks": False,
                 "titleFontSize": 12, "titleAngle": 0, "titleAlign": "left", "titleAnchor": "start",
                 "titleX": -215, "titleY": 6},
    }  # fmt: skip
    return {
        "width": 640, "height": 13 * len(order),
        "data": {"values": [{"n": index, "value": name} for index, name in enumerate(said)]},
        "mark": {"type": "tick", "orient": "vertical", "thickness": 1.4, "size": 9, "color": MUTED,
                 "opacity": 0.85},
        "encoding": {"x": x, "y": y},
    }  # fmt: skip


def _in_words(chosen: str) -> str:
    names = {"none": "without trends", "unit_linear": "with trends", "outcome": "the outcome’s own"}
    return names.get(chosen, chosen.replace("_", " "))


def vintages(rows: Sequence[Mapping[str, Any]], limit: float, is_log: bool) -> Spec:
    """The headline's estimate and set on every dated vintage of the source, both trend variants."""
    values = [
        {"vintage": row["vintage"].isoformat(), "trend": TRENDS.get(row["trend"], row["trend"]),
         "estimate": row["estimate"], "low": row["ci_low"], "high": row["ci_high"]}
        for row in rows if row["estimate"] is not None
    ]  # fmt: skip
    low, high = _extent([value[name] for value in values for name in ("estimate", "low", "high")], limit)
    days = sorted({row["vintage"] for row in rows if row["estimate"] is not None})
    x = {
        "field": "vintage", "type": "temporal", "title": "data as of",
        "scale": {"type": "utc", "padding": 18},
        "axis": {"format": "%b %Y", "labelAngle": -35, "labelOverlap": "greedy",
                 "values": [{"expr": f"utc({day.year}, {day.month - 1}, {day.day})"} for day in days]},
    }  # fmt: skip
    y = {
        "type": "quantitative", "title": "mean step, log points" if is_log else "mean step, outcome’s unit",
        "axis": {"tickCount": 6}, "scale": {"domain": [low, high], "nice": False, "clamp": True},
    }  # fmt: skip
    layers: list[Spec] = [
        {"mark": {"type": "rule", "color": INK}, "data": {"values": [{"y": 0}]},
         "encoding": {"y": {"field": "y", "type": "quantitative"}}},
    ]  # fmt: skip
    # beside each other, for two variants of one day would hide each other
    for trend, beside in zip(_VARIANTS, (-4, 4), strict=True):
        own = {"filter": f"datum.trend == '{trend}'"}
        layers += [
            {"mark": {"type": "rule", "strokeWidth": 2, "opacity": 0.45, "xOffset": beside},
             "transform": [own, {"filter": "isValid(datum.low) && isValid(datum.high)"}],
             "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": _COLOUR}},
            {"mark": {"type": "point", "filled": True, "size": 46, "opacity": 1, "xOffset": beside},
             "transform": [own, {"filter": f"datum.estimate >= {low} && datum.estimate <= {high}"}],
             "encoding": {"x": x, "y": {**y, "field": "estimate"},
                          "color": {**_COLOUR, "legend": _LEGEND}}},
        ]  # fmt: skip
    return layered(None, 430, 210, values, layers)


def clock(rows: Sequence[Mapping[str, Any]], published: float | None) -> Spec:
    """The ratio the clock makes by itself by cut-off hour: each scenario a dot, the bounds a bar.

    ``rows`` of the clock table of one quarter; ``published`` is drawn as a dashed line.
    """
    values = [
        {"cut": f"{row['cut']}:00", "ratio": row["ratio"], "low": row["ratio_low"], "high": row["ratio_high"]}
        for row in rows if row["ratio"] is not None
    ]  # fmt: skip
    order = [f"{cut}:00" for cut in sorted({row["cut"] for row in rows})]
    x = {"field": "cut", "type": "nominal", "sort": order, "title": "called Chinese before this hour (UTC)",
         "axis": {"labelAngle": 0}}  # fmt: skip
    y = {"type": "quantitative", "title": "early to late ratio", "scale": {"type": "log", "nice": False},
         "axis": {"tickCount": 6, "format": "~g"}}  # fmt: skip
    layers: list[Spec] = [
        {"mark": {"type": "bar", "width": 16, "opacity": 0.3, "color": DONORS},
         "transform": [{"aggregate": [{"op": "min", "field": "low", "as": "low"},
                                      {"op": "max", "field": "high", "as": "high"}], "groupby": ["cut"]}],
         "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
        {"mark": {"type": "circle", "size": 34, "opacity": 0.75, "color": PLAIN},
         "encoding": {"x": x, "y": {**y, "field": "ratio"}}},
    ]  # fmt: skip
    if published is not None:
        layers += [
            {"mark": {"type": "rule", "color": CHINA, "strokeDash": [5, 3], "strokeWidth": 1.5},
             "data": {"values": [{"ratio": published}]}, "encoding": {"y": {**y, "field": "ratio"}}},
            {"mark": {"type": "text", "align": "left", "baseline": "bottom", "dy": -3, "fill": CHINA},
             "data": {"values": [{"ratio": published, "said": f"published: {published:.1f}"}]},
             "encoding": {"x": {"value": 4}, "y": {**y, "field": "ratio"}, "text": {"field": "said"}}},
        ]  # fmt: skip
    return layered(None, 430, 230, values, layers)
