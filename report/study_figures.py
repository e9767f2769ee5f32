"""The figures of a study of anyone's panel: leads and lags, gaps against the donors', values as they are.

Here: marks, scales, titles; no statistic, and no word about whose panel it is but those that are given. Not
here: the pieces that figures share (``drawing``), the figures of the page (``figures``).
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import altair as alt
from altair.typing import ChartType

from report.drawing import INK, MUTED, chart_of, layered, rule, sets

TREATED, DONOR, SHADE = "#b3261e", "#9aa3ad", "#f1f3f5"
WIDTH, HEIGHT = 600, 280
LINE = 104  # letters of a subtitle's line
SHORT_SPAN = 4 * 366  # days below which an axis names months too
OneRow = dict[str, Any]
Drawn = TypeVar("Drawn", alt.LayerChart, alt.VConcatChart)


@dataclass(frozen=True)
class StudyWords:
    """The panel's own words: the treated unit, what a unit and units are, how many donors, the outcome, what
    an effect is counted in, the size of a period; ``events``: (name, day) in order."""

    treated: str
    unit: str
    units: str
    donors: int
    outcome: str
    scale: str
    frequency: str
    events: Sequence[tuple[str, date]]

    @property
    def others(self) -> str:
        """Who the treated unit is compared with."""
        if not self.donors:
            return f"no other {self.unit}"
        return f"{self.donors:,} other {self.unit if self.donors == 1 else self.units}"


@dataclass(frozen=True)
class LeadLag:
    """An estimate by distance from the event: its bin ``first`` to ``last`` (None: open), its set where it
    has one; ``is_reference``: whether it is one of those from whose mean the others are measured."""

    first: int | None
    last: int | None
    estimate: float
    low: float | None
    high: float | None
    is_reference: bool

    @property
    def is_before(self) -> bool:
        """Whether it lies before the event."""
        return self.last is not None and self.last < 0

    @property
    def label(self) -> str:
        """On the axis; a bar parts lines."""
        if self.first is None:
            return f"{_signed(self.last)} or|earlier"
        if self.last is None:
            return f"{_signed(self.first)} or|later"
        ends = (_signed(self.first), _signed(self.last))
        return ends[0] if ends[0] == ends[1] else f"{ends[0]} to|{ends[1]}"


def leads_and_lags(
    rows: Sequence[LeadLag], words: StudyWords, *, share: str, joint: str, note: str = "",
    event_set: str | None = None,
) -> alt.LayerChart:  # fmt: skip
    """The event study: ``rows`` in order of distance. ``share``: the level of the sets (95 %); ``joint``: a
    sentence on the leads together; ``note``: one more."""
    drawn = [
        {"x": place, "estimate": row.estimate, "ci_low": row.low, "ci_high": row.high}
        for place, row in enumerate(rows)
    ]
    has_sets, x = any(row.low is not None for row in rows), _distances(rows, words)
    y = alt.Y(
        type="quantitative", title=_wrapped(f"{words.treated} less the others, {words.scale}", 44),
        axis=alt.Axis(tickCount=6),
    )  # fmt: skip
    base = chart_of(drawn).encode(x)
    fill = TREATED if has_sets else "white"
    points = base.mark_point(filled=True, fill=fill, stroke=TREATED, strokeWidth=1.6, size=60)
    event = sum(row.is_before for row in rows) - 0.5
    named = chart_of([{"x": event, "said": words.events[0][0] if len(words.events) == 1 else "event"}])
    label = named.mark_text(baseline="bottom", fontWeight="bold", fill=INK, align="center")
    figure = layered(
        WIDTH, HEIGHT,
        *_shade(rows, x),
        rule(alt.YDatum(0)),
        rule(alt.XDatum(event), color=INK, strokeDash=[4, 3]),
        sets(base, y, color=TREATED, strokeWidth=2.5, opacity=0.45),
        points.encode(y.field("estimate")),
        label.encode(x, alt.Text("said:N"), y=alt.value(-3)),
    )  # fmt: skip
    of_set = f" ({event_set})" if event_set else ""
    title = f"{words.outcome}: {words.treated} against {words.others}, before and after{of_set}"
    about = (
        f"{share} sets: all effects that the test does not reject." if has_sets else "No test, so no sets."
    )
    measured = "All are measured from the mean of those in grey." if any(r.is_reference for r in rows) else ""
    events = _events(words)
    if len(words.events) > 1:
        listed = ", ".join(_dated(*one) for one in words.events)
        events = f"Leads are those of the first event, lags an average per event. Events: {listed}."
    return _titled(figure, title, [f"{about} {joint} {measured}".strip(), note, events])


def _distances(rows: Sequence[LeadLag], words: StudyWords) -> alt.X:
    """Bins side by side, whatever their width, each under its own name."""
    labels = "[" + ",".join(f"'{row.label}'" for row in rows) + "]"
    axis = alt.Axis(
        values=list(range(len(rows))), labelExpr=f"split({labels}[datum.value], '|')", grid=False,
        ticks=False, labelFontSize=12,
    )  # fmt: skip
    scale = alt.Scale(domain=[-0.6, len(rows) - 0.4], nice=False)
    return alt.X("x:Q", title=f"{words.frequency}s from the event", axis=axis, scale=scale)


def _shade(rows: Sequence[LeadLag], x: alt.X) -> list[alt.Chart]:
    inside = [place for place, row in enumerate(rows) if row.is_reference]
    if not inside:
        return []
    band = chart_of([{"x": inside[0] - 0.5, "x2": inside[-1] + 0.5}]).mark_rect(color=SHADE)
    return [band.encode(x, alt.X2("x2"))]


def gaps(
    rows: Sequence[OneRow], words: StudyWords, *, ratios: Sequence[OneRow], rank: str, note: str = "",
    event_set: str | None = None,
) -> ChartType:  # fmt: skip
    """The placebo study: every unit's gap to the others over time, the treated unit's on top; below it, how
    large each unit's step is against its own noise.

    ``rows``: unit, period, gap, is_treated. ``ratios``: unit, ratio, is_treated; none where nothing is
    ranked. ``rank``: a sentence on the treated unit's; ``note`` on what is drawn.
    """
    title = _wrapped(f"gap to the others, {words.scale}", 44)
    over_time = _over_time(rows, words, "gap", title)
    of_set = f" ({event_set})" if event_set else ""
    head = f"{words.outcome}: the gap of {words.treated} and those of {words.others}{of_set}"
    about = f"Red: {words.treated} less the others. Grey: each other {words.unit} less the rest. {note}"
    sentences = [about.strip(), rank, _events(words)]
    if not ratios:
        return _titled(over_time, head, sentences)
    return _titled(alt.vconcat(over_time, _ratios(ratios, words), spacing=26), head, sentences)


def _ratios(ratios: Sequence[OneRow], words: StudyWords) -> alt.LayerChart:
    largest = max(row["ratio"] for row in ratios)
    x = alt.X(
        "ratio:Q", title="size of the mean step, as a multiple of the unit’s own noise before the event",
        scale=alt.Scale(domain=[0, largest * 1.04 or 1.0], nice=False),
        axis=alt.Axis(tickCount=6, labelFlush=False),
    )  # fmt: skip
    base = chart_of(ratios).encode(x)
    donors = base.transform_filter(~alt.datum.is_treated).mark_tick(
        orient="vertical", size=26, thickness=1.6, color=DONOR, opacity=0.8
    )
    treated = base.transform_filter(alt.datum.is_treated)
    named = treated.mark_text(baseline="bottom", dy=-18, fontWeight="bold", fill=TREATED, align="right", dx=5)
    return layered(
        WIDTH, 52,
        donors,
        treated.mark_tick(orient="vertical", size=34, thickness=4, color=TREATED, opacity=1),
        named.encode(text=alt.value(words.treated)),
    )  # fmt: skip


def values(rows: Sequence[OneRow], words: StudyWords, *, note: str) -> ChartType:
    """The panel as it is, where no gap can be drawn. ``rows``: unit, period, value, is_treated."""
    head = f"{words.outcome}: {words.treated} and {words.others}"
    return _titled(_over_time(rows, words, "value", words.outcome), head, [note, _events(words)])


def _over_time(
    rows: Sequence[OneRow], words: StudyWords, field: str, title: str | list[str]
) -> alt.LayerChart:
    """A line a unit, the treated one's on top, events as lines."""
    days = [row["period"] for row in rows]
    named = len(words.events) == 1
    is_short = (max(days) - min(days)).days < SHORT_SPAN
    axis = alt.Axis(
        format="%b %Y" if is_short else "%Y", tickCount=6 if is_short else "year", labelFlush=False,
        labelOverlap="greedy", grid=False,
    )  # fmt: skip
    x = alt.X("period:T", title=None, scale=alt.Scale(type="utc", nice=False), axis=axis)
    base = chart_of(rows).encode(x, alt.Y(f"{field}:Q", title=title, axis=alt.Axis(tickCount=6),
                                          scale=alt.Scale(zero=field == "gap")))  # fmt: skip
    events = chart_of(
        {"period": day, "said": name if named else str(number)}
        for number, (name, day) in enumerate(words.events, 1)
    ).encode(x)
    lines = [
        events.mark_rule(color=INK, strokeDash=[4, 3]),
        events.mark_text(baseline="bottom", fontWeight="bold", fill=INK).encode(
            alt.Text("said:N"), y=alt.value(-3)
        ),
        base.transform_filter(~alt.datum.is_treated).mark_line(
            strokeWidth=1, opacity=0.55, color=DONOR, strokeJoin="round"
        ).encode(alt.Detail("unit:N")),
        base.transform_filter(alt.datum.is_treated).mark_line(
            strokeWidth=2.4, color=TREATED, strokeJoin="round"
        ),
    ]  # fmt: skip
    zero = [rule(alt.YDatum(0), color=MUTED)] if field == "gap" else []
    return layered(WIDTH, HEIGHT, *zero, *lines)


def beneath(charts: Sequence[ChartType]) -> ChartType:
    """Several figures as one picture, one beneath the other."""
    return charts[0] if len(charts) == 1 else alt.vconcat(*charts, spacing=36)


def _events(words: StudyWords) -> str:
    """The events and their days; numbered, where they are several."""
    if len(words.events) == 1:
        return f"Line: {_dated(*words.events[0])}."
    numbered = (f"{number} {_dated(*event)}" for number, event in enumerate(words.events, 1))
    return f"Lines: {', '.join(numbered)}."


def _dated(name: str, day: date) -> str:
    return f"{name} ({day.day} {day:%B %Y})"


def _titled(figure: Drawn, title: str, sentences: Sequence[str]) -> Drawn:
    lines = [line for sentence in sentences if sentence for line in textwrap.wrap(sentence, LINE)]
    head = alt.Title(
        _wrapped(title, 80), subtitle=lines, anchor="start", fontSize=15, color=INK, subtitleColor=MUTED,
        subtitleFontSize=12, subtitlePadding=6, offset=26, subtitleLineHeight=16,
    )  # fmt: skip
    titled: Drawn = figure.properties(title=head)
    return titled


def _wrapped(text: str, width: int) -> str | list[str]:
    lines = textwrap.wrap(text, width)
    return lines[0] if len(lines) == 1 else lines


def _signed(number: int | None) -> str:
    return f"{number:+d}".replace("-", "−") if number else "0"
