"""The figures of the page.

Here: marks, scales and colours; no statistic. Each function takes rows that are already chosen and returns a
chart. Not here: how every figure looks and is rendered (``drawing``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import altair as alt

from report.choices import Choice
from report.drawing import INK, MUTED, SIGNED, chart_of, layered, png, rule, sets
from report.effects import Estimate
from report.inputs import Origin, Row

Extent = tuple[float, float]

VARIANTS = (INK, "#3f7f9d")  # without and with country trends
CHINA, UNITED_STATES, DONORS, TRUTH = "#b3261e", "#1b4f8a", "#7a828c", "#8a5a00"
DIRECTIONS = {"tightening": CHINA, "loosening": "#1a7f5a", "support": UNITED_STATES, "neutral": DONORS}
LINES = {"China": CHINA, "United States": UNITED_STATES, "Donors' median": DONORS}
HEADLINE = "Headline"
WORLD_PLACES = {"China": CHINA, "United States": UNITED_STATES}
WORLD_LINES = (
    ("in truth", "places", "truth"),
    ("the paper’s rule", "paper", "estimate"),
    ("corrected", "places", "estimate"),
)
# the curve's choices, from the one that moves most to the one that moves least
CURVE_CHOICES = ("trend", "estimator", "sample", "donors", "timing")


def event_study_png(estimates: Sequence[Estimate], outcome: str, *, origin: Origin) -> bytes:
    """The event study of one outcome as PNG at twice the size, for interfaces that show no SVG.

    ``estimates`` as for ``event_study``; a simulated figure says so in its title.
    """
    title = f"{'SIMULATED: ' if origin == 'sample' else ''}{outcome}, China against donors"
    chart = event_study(estimates, outcome).properties(title=alt.Title(title, anchor="start", fontSize=14))
    return png(chart)


def event_study(estimates: Sequence[Estimate], outcome: str) -> alt.LayerChart:
    """Effect by period from the event, with its set where it has one; a point stands at its bin's start.

    ``estimates`` are of one spec, event set, contrast and trend (``findings.dynamics``); only rows ``k=…`` of
    ``outcome`` are drawn.
    """
    rows = [row for row in estimates if row.outcome == outcome and row.term.startswith("k=")]
    periods = sorted(int(row.term[2:]) for row in rows if row.estimate is not None)
    is_tested = any(row.is_ranked for row in rows)
    unit = next((row.unit for row in rows), None) or "outcome’s unit"
    x = alt.X("k:Q", title="periods from the event", scale=alt.Scale(nice=False, padding=12))
    y = alt.Y(
        type="quantitative",
        title=f"China minus donors, {unit}",
        axis=alt.Axis(tickCount=6),
    )
    base = chart_of(vars(row) | {"k": int(row.term[2:])} for row in rows)
    base = base.encode(x.axis(labelExpr=SIGNED, values=periods))
    colour = CHINA if is_tested else DONORS
    fill = colour if is_tested else "white"
    points = base.mark_point(filled=is_tested, fill=fill, stroke=colour, strokeWidth=1.6, size=52)
    return layered(
        430, 230,
        rule(alt.YDatum(0)),
        rule(alt.XDatum(-0.5), color=INK, strokeDash=[4, 3]),
        sets(base, y, color=colour, strokeWidth=2, opacity=0.45),
        points.encode(y.field("estimate")),
    )  # fmt: skip


def levels(series: Sequence[Row], shocks: Sequence[date], unit: str, is_index: bool) -> alt.LayerChart:
    """China, the United States and the donors' median over time, the shocks marked.

    ``series`` rows hold ``period`` (first day), ``line`` (China, United States, Donors' median), ``value``
    and ``run``, the stretch without a gap: lines end at gaps, and a period alone is a dot. An index is drawn
    on a log scale, so that equal distances are equal per cents.
    """
    y = alt.Y("value:Q", title="index" if is_index else unit)
    if is_index and all(row["value"] > 0 for row in series):
        y = y.scale(type="log", nice=False).axis(values=_log_ticks([row["value"] for row in series]))
    else:
        y = y.scale(zero=not is_index).axis(tickCount=5)
    lines = alt.Color("line:N", scale=_palette(LINES), legend=alt.Legend(symbolType="stroke"))
    base = chart_of(series).encode(_years("period", labelFlush=False), y, lines)
    alone = base.transform_joinaggregate(periods="count()", groupby=["line", "run"])
    numbered = chart_of({"day": day, "number": number} for number, day in enumerate(shocks, 1))
    numbered = numbered.encode(alt.X("day:T", scale=alt.Scale(type="utc")), alt.Text("number:N"))
    return layered(
        430, 230,
        numbered.mark_rule(color=INK, strokeDash=[2, 3], opacity=0.6),
        numbered.mark_text(baseline="bottom", fontWeight="bold", fill=INK).encode(y=alt.value(-2)),
        base.mark_line(strokeWidth=2, strokeJoin="round").encode(alt.Detail("run:N")),
        alone.transform_filter(alt.datum.periods == 1).mark_circle(size=14),
    )  # fmt: skip


def _log_ticks(values: Sequence[float]) -> list[float]:
    """Round numbers within the range, as many as a small axis has room for."""
    low, high = min(values), max(values)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9), (1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1,)):
        ticks = [step * 10.0**decade for decade in decades for step in steps]
        if len(within := [tick for tick in ticks if low <= tick <= high]) <= 8:
            break
    return within


def headline(estimates: Sequence[Estimate], titles: Mapping[str, str], limit: float) -> alt.LayerChart:
    """Every tested outcome's mean step with its set, both trend variants, planted truth where there is one.

    The frame ends at ``limit`` log points on either side, so that one wide set does not hide the rest: sets
    are cut there and points beyond are left out.
    """
    rows = [vars(row) | {"name": titles[row.outcome], "is_hollow": False} for row in estimates]
    bounds = [abs(row[end]) for row in rows for end in ("ci_low", "ci_high") if row[end] is not None]
    extent = min(limit, 1.1 * max(bounds, default=1.0)) or 1.0
    title = "mean step after the tightenings, log points (0.10 is about 10%)"
    labels = alt.Axis(labelLimit=340, labelColor=INK, labelFontSize=13)
    return _forest(rows, title, (-extent, extent), labels, width=560, step=46)


def choices(estimates: Sequence[Estimate], drawn: Sequence[Choice], limit: float) -> alt.LayerChart:
    """The headline on top, below it every other choice with its set, both trend variants.

    The frame ends at ``limit`` log points on either side, where sets are cut; points beyond are left out.
    Hollow points have no set: they are described, not tested.
    """
    named = [(HEADLINE, row) for row in estimates]
    named += [(one.label, replace(row, planted=None)) for one in drawn for row in one.rows]
    rows = [
        vars(row) | {"name": name, "is_hollow": not row.has_set}
        for name, row in named if row.estimate is not None
    ]  # fmt: skip
    bold = alt.ExprRef(f"datum.value == '{HEADLINE}' ? 'bold' : 'normal'")
    labels = alt.Axis(labelLimit=390, labelColor=INK, labelFontSize=12, labelFontWeight=bold)
    unit = next((row.unit for row in estimates), None)
    return _forest(rows, _mean_step(unit), _extent(rows, limit), labels, width=520, step=32)


def _forest(
    rows: Sequence[Row], title: str, extent: Extent, labels: alt.Axis, width: int, step: int
) -> alt.LayerChart:
    """Effects by name below each other, both trend variants of a name beside each other."""
    names = list(dict.fromkeys(row["name"] for row in rows))
    x = alt.X(type="quantitative", title=title, scale=_frame(extent), axis=alt.Axis(grid=True, tickCount=7))
    y = alt.Y("name:N", sort=names, title=None, axis=labels, scale=alt.Scale(paddingInner=0.3))
    offset = alt.YOffset("trend_title:N", sort=_variants(rows), scale=alt.Scale(paddingOuter=0.3))
    base = chart_of(rows).encode(y, offset)
    shown = _within(base, extent).encode(x.field("estimate"))
    hollow = shown.transform_filter(alt.datum.is_hollow).mark_point(size=60, filled=False, fill="white")
    planted = base.transform_filter(alt.expr.isValid(alt.datum.planted)).mark_point(
        shape="diamond", size=90, fill="white", stroke=TRUTH, strokeWidth=2
    )
    colour = _trend(rows)
    return layered(
        width, step * max(1, len(names)),
        rule(alt.XDatum(0)),
        sets(base, x, strokeWidth=2.5).encode(colour),
        shown.transform_filter(~alt.datum.is_hollow).mark_point(size=60).encode(colour),
        hollow.encode(alt.Stroke("trend_title:N", scale=colour["scale"], legend=None)),
        planted.encode(x.field("planted")),
    )  # fmt: skip


def curve(rows: Sequence[Row], limit: float) -> alt.VConcatChart:
    """The specification curve: effects in order of size with their sets, below them what was chosen.

    ``rows`` of the specification-curve table that have an estimate, in order of size.
    """
    ranked = [row | {"n": n, **_chosen(row)} for n, row in enumerate(rows)]
    extent = _extent(rows, limit)
    x = alt.X("n:Q", axis=None, scale=alt.Scale(domain=[-1, len(rows)], nice=False))
    y = alt.Y(type="quantitative", title="mean step", scale=_frame(extent))
    y = y.axis(tickCount=6, grid=True)
    base = chart_of(ranked).encode(x, _trend(rows))
    effects = layered(
        640, 230,
        rule(alt.YDatum(0), color=INK),
        sets(base, y, strokeWidth=1.2, opacity=0.4),
        _within(base, extent).mark_point(size=16).encode(y.field("estimate")),
    )  # fmt: skip
    ticks = chart_of(ranked).mark_tick(orient="vertical", thickness=1.4, size=9, color=MUTED, opacity=0.85)
    labels = alt.Axis(
        labelLimit=150, labelFontSize=11, titleFontSize=12, titleAngle=0, titleAlign="left",
        titleAnchor="start", titleX=-215, titleY=6,
    )  # fmt: skip
    frames = []
    for name in CURVE_CHOICES:
        values = {row[f"choice_{name}"] for row in rows}
        if len(values) > 1:
            chosen = ticks.encode(x, alt.Y(f"choice_{name}:N", title=name, axis=labels))
            frames.append(chosen.properties(width=640, height=13 * len(values)))
    return alt.vconcat(effects, *frames, spacing=14)


def _chosen(row: Row) -> Row:
    """A combination's choices, as people read them."""
    words = {name: str(row[f"choice_{name}"]).replace("_", " ") for name in CURVE_CHOICES}
    if words["estimator"] == "outcome":
        words["estimator"] = "the outcome’s own"
    return {f"choice_{name}": word for name, word in (words | {"trend": row["trend_title"]}).items()}


def vintages(rows: Sequence[Row], limit: float, unit: str | None) -> alt.LayerChart:
    """The headline's estimate and set on every dated vintage of the source, both trend variants."""
    given = [row for row in rows if row["estimate"] is not None]
    extent = _extent(given, limit)
    days = [alt.DateTime(year=day.year, month=day.month, date=day.day, utc=True)
            for day in sorted({row["vintage"] for row in given})]  # fmt: skip
    labels = alt.Axis(format="%b %Y", labelAngle=-35, labelOverlap="greedy", values=days)
    x = alt.X("vintage:T", title="data as of", scale=alt.Scale(type="utc", padding=18), axis=labels)
    y = alt.Y(
        type="quantitative",
        title=_mean_step(unit),
        axis=alt.Axis(tickCount=6, grid=True),
        scale=_frame(extent),
    )
    base = chart_of(given).encode(x, _trend(given))
    layers = [rule(alt.YDatum(0), color=INK)]
    for trend, beside in zip(_variants(given), (-4, 4), strict=False):  # else one hides the other
        variant = base.transform_filter(alt.datum.trend_title == trend)
        points = _within(variant, extent).mark_point(size=46, xOffset=beside)
        layers.append(sets(variant, y, strokeWidth=2, opacity=0.45, xOffset=beside))
        layers.append(points.encode(y.field("estimate")))
    return layered(430, 210, *layers)


def coverage(runs: Sequence[Row]) -> alt.LayerChart:
    """Source over time: how much of what was expected was seen; months without a row stay blank.

    ``runs`` rows hold ``source``, ``first_month``, ``end_month`` (exclusive) and their common ``share``.
    """
    colours = alt.Scale(domain=[0, 0.5, 1], range=["#e9a48f", "#eedca6", VARIANTS[1]], clamp=True)
    legend = alt.Legend(
        title="share of what was expected", titleColor=MUTED, titleFontSize=13, offset=8, format=".0%",
        titleFontWeight="normal", titleOrient="left", tickCount=3, gradientLength=180, gradientThickness=10,
    )  # fmt: skip
    bars = chart_of(runs).mark_bar(height=alt.RelativeBandSize(0.72)).encode(
        _years("first_month").scale(type="utc", nice=False), alt.X2("end_month"),
        alt.Y("source:N", title=None, axis=alt.Axis(labelLimit=190, labelColor=INK)),
        alt.Color("share:Q", scale=colours, legend=legend),
    )  # fmt: skip
    return layered(760, 24 * len({run["source"] for run in runs}), bars)


def timeline(events: Sequence[Row]) -> alt.LayerChart:
    """Policy events by direction over time; the four shocks are numbered."""
    names = list(DIRECTIONS)
    y = alt.Y("direction:N", sort=names, title=None, axis=alt.Axis(labelColor=INK, grid=True))
    base = chart_of(events).encode(_years("day").scale(type="utc", padding=14), y)
    colour = alt.Color("direction:N", legend=None, scale=_palette(DIRECTIONS))
    shocks = base.transform_filter(alt.datum.is_shock)
    others = base.transform_filter(~alt.datum.is_shock)
    numbers = shocks.mark_text(fill="white", fontWeight="bold", fontSize=12, dy=0.5)
    return layered(
        760, 34 * len(names),
        others.mark_tick(thickness=2, size=16, opacity=0.55).encode(colour),
        shocks.mark_circle(size=330).encode(colour),
        numbers.encode(alt.Text("number:N")),
    )  # fmt: skip


def clock(rows: Sequence[Row], published: float | None) -> alt.LayerChart:
    """The ratio the clock makes by itself by cut-off hour: each scenario a dot, the bounds a bar.

    ``rows`` of the clock table of one quarter; ``published`` is drawn as a dashed line.
    """
    hours = alt.Axis(labelAngle=0, labelExpr="datum.label + ':00'")
    x = alt.X("cut:O", title="called Chinese before this hour (UTC)", axis=hours)
    y = alt.Y(type="quantitative", title="early to late ratio", axis=alt.Axis(tickCount=6, format="~g"))
    y = y.scale(type="log", nice=False)
    base = chart_of(row for row in rows if row["ratio"] is not None).encode(x)
    bounds = base.transform_aggregate(low="min(ratio_low)", high="max(ratio_high)", groupby=["cut"])
    layers = [
        bounds.mark_bar(width=16, opacity=0.3, color=DONORS).encode(y.field("low"), alt.Y2("high")),
        base.mark_circle(size=34, opacity=0.75, color=INK).encode(y.field("ratio")),
    ]
    if published is not None:
        name = chart_of([{}]).mark_text(align="left", baseline="bottom", dy=-3, fill=CHINA)
        words = alt.value(f"published: {published:.1f}")
        layers += [
            rule(alt.YDatum(published), color=CHINA, strokeDash=[5, 3], strokeWidth=1.5),
            name.encode(alt.YDatum(published), x=alt.value(4), text=words),
        ]
    return layered(430, 230, *layers)


def worlds(shown: Sequence[Row]) -> alt.VConcatChart:
    """Simulated worlds under one another: what was true of two places, what two methods report, with sets.

    ``shown`` of ``further_results.worlds``. Places differ by shape and height as well as by colour.
    """
    rows = [
        {
            "line": line,
            "place": title,
            "estimate": row[column],
            "ci_low": ends[0],
            "ci_high": ends[1],
            "world": n,
        }
        for n, world in enumerate(shown)
        for line, method, column in WORLD_LINES
        for title, quantity in zip(WORLD_PLACES, ("china", "united_states"), strict=True)
        for row in [world[method][quantity]]
        for ends in [(row["ci_low"], row["ci_high"]) if column == "estimate" else (None, None)]
    ]
    ends = [row[name] for row in rows for name in ("estimate", "ci_low", "ci_high") if row[name] is not None]
    scale = alt.Scale(domain=[min(ends), max(ends)], nice=True)
    last = len(shown) - 1
    drawn = [
        _world([row for row in rows if row["world"] == n], f"{n + 1}. {world['title']}", scale, n == last)
        for n, world in enumerate(shown)
    ]
    title = alt.Title("SIMULATED", anchor="start", color=TRUTH, fontSize=15, offset=8)
    return alt.vconcat(*drawn, spacing=14, title=title)


def _world(rows: Sequence[Row], title: str, scale: alt.Scale, is_last: bool) -> alt.LayerChart:
    """One world; places are named beside the first world's truth."""
    names = [line for line, _, _ in WORLD_LINES]
    axis = alt.Axis(tickCount=6, grid=True, labels=is_last)
    unit = "change at an event, forks a repository-week" if is_last else None
    x = alt.X(type="quantitative", title=unit, scale=scale, axis=axis)
    y = alt.Y("line:N", sort=names, title=None, axis=alt.Axis(labelColor=INK, labelLimit=200))
    order = list(WORLD_PLACES)
    shape = alt.Scale(domain=order, range=["circle", "diamond"])
    base = chart_of(rows).encode(
        y, alt.YOffset("place:N", sort=order),
        alt.Color("place:N", sort=order, scale=_palette(WORLD_PLACES), legend=None),
    )  # fmt: skip
    points = base.mark_point(filled=True, size=70)
    named = base.transform_filter((alt.datum.world == 0) & (alt.datum.line == names[0]))
    words = named.mark_text(align="left", baseline="middle", dx=9, fontWeight="bold")
    drawn = layered(
        330, 96,
        rule(alt.XDatum(0)),
        sets(base, x, strokeWidth=2.5, opacity=0.5),
        points.encode(x.field("estimate"), alt.Shape("place:N", sort=order, scale=shape, legend=None)),
        words.encode(x.field("estimate"), alt.Text("place:N")),
    )  # fmt: skip
    return drawn.properties(title=alt.Title(title, anchor="start", fontSize=14, color=INK, offset=6))


def _within(base: alt.Chart, extent: Extent) -> alt.Chart:
    """Only the estimates within the frame."""
    low, high = extent
    return base.transform_filter((alt.datum.estimate >= low) & (alt.datum.estimate <= high))


def _trend(rows: Sequence[Row]) -> alt.Color:
    """The trend variant, as colour."""
    names = _variants(rows)
    legend = alt.Legend(symbolType="circle", symbolOpacity=1, offset=6)
    colours = _palette(dict(zip(names, VARIANTS, strict=False)))
    return alt.Color("trend_title:N", sort=names, scale=colours, legend=legend)


def _variants(rows: Sequence[Row]) -> list[str]:
    """The trend variants in their order, as people read them."""
    return [title for _, title in sorted({(row["trend_place"], row["trend_title"]) for row in rows})]


def _palette(colours: Mapping[str, str]) -> alt.Scale:
    return alt.Scale(domain=list(colours), range=list(colours.values()))


def _years(field: str, labelFlush: bool = True) -> alt.X:
    """Years along the bottom, in UTC wherever the page is built."""
    axis = alt.Axis(format="%Y", tickCount="year", labelFlush=labelFlush)
    return alt.X(f"{field}:T", title=None, scale=alt.Scale(type="utc"), axis=axis)


def _frame(extent: Extent) -> alt.Scale:
    return alt.Scale(domain=list(extent), nice=False, clamp=True)


def _extent(rows: Sequence[Row], limit: float) -> Extent:
    """The range of effects and sets with zero and a margin, within ``limit`` on either side."""
    ends = ("ci_low", "ci_high", "estimate")
    numbers = [0.0, *(row[end] for row in rows for end in ends if row[end] is not None)]
    margin = 0.05 * ((max(numbers) - min(numbers)) or 1.0)
    extent = (max(min(numbers) - margin, -limit), min(max(numbers) + margin, limit))
    return float(f"{extent[0]:.6g}"), float(f"{extent[1]:.6g}")


def _mean_step(unit: str | None) -> str:
    return f"mean step, {unit or 'outcome’s unit'}"
