"""Forks week by week around the rules: the gap of both sides, a frame a way of knowing who forks.

Not here: the changes over all weeks after a rule (``who_forks``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from report.drawing import INK, SIGNED, chart_of, layered, rule, sets
from report.effects import Estimate
from report.figures import CHINA
from report.sheet import Page, numbers

SPEC, EVENT_SET = "forks_event_time", "tightening"


@dataclass(frozen=True)
class Path:
    """One way of knowing who forks: its ``rows`` in the order of weeks, k from the event's own."""

    title: str
    rows: tuple[Estimate, ...]

    @property
    def is_tested(self) -> bool:
        return any(row.status == "ok" for row in self.rows)


def forks_by_week(page: Page, rows: Sequence[Estimate]) -> dict[str, object] | None:
    """The pooled rules' figure; None where no week was seen. Every event set's rows lie beside the page."""
    seen = [row for row in rows if row.spec_id == SPEC and row.estimate is not None]
    page.data["forks_by_week.csv"] = [
        {"contrast": row.contrast, "disjoint_windows": row.disjoint_windows, **numbers(row)} for row in seen
    ]
    ways: dict[tuple[int, str], list[Estimate]] = {}
    for row in seen:
        if row.event_set == EVENT_SET:
            ways.setdefault((row.contrast_place, row.contrast_short), []).append(row)
    paths = [Path(title, tuple(sorted(found, key=_week))) for (_, title), found in sorted(ways.items())]
    if not paths:
        return None
    said = "; ".join(
        f"{path.title}: " + ", ".join(f"{row.term} {row.written(row.estimate)}" for row in path.rows)
        for path in paths
    )
    described = f"China-linked less US-linked forks a repository and week, by week from the rules. {said}."
    return {
        "figure": page.figure("forks-by-week", chart(paths), described),
        "is_tested": all(path.is_tested for path in paths),
        "title": paths[0].rows[0].event_set_title,
    }


def chart(paths: Sequence[Path]) -> alt.VConcatChart:
    """A frame a way, under one another on one scale of weeks; sets where weeks are ranked."""
    last = len(paths) - 1
    return alt.vconcat(*(_frame(path, n == last) for n, path in enumerate(paths)), spacing=10)


def _frame(path: Path, is_last: bool) -> alt.LayerChart:
    weeks = [_week(row) for row in path.rows]
    axis = alt.Axis(labelExpr=SIGNED, values=weeks, labels=is_last)
    title = "weeks worked from the rule" if is_last else None
    x = alt.X("k:Q", title=title, axis=axis, scale=alt.Scale(nice=False, padding=12))
    y = alt.Y(type="quantitative", title=None, axis=alt.Axis(tickCount=4, minExtent=26))
    base = chart_of(vars(row) | {"k": week} for row, week in zip(path.rows, weeks, strict=True)).encode(x)
    fill = CHINA if path.is_tested else "white"
    points = base.mark_point(filled=path.is_tested, fill=fill, stroke=CHINA, strokeWidth=1.6, size=46)
    frame = layered(
        430, 120,
        rule(alt.YDatum(0)),
        rule(alt.XDatum(-0.5), color=INK, strokeDash=[4, 3]),
        sets(base, y, color=CHINA, strokeWidth=2, opacity=0.45),
        points.encode(y.field("estimate")),
    )  # fmt: skip
    return frame.properties(title=alt.Title(path.title, anchor="start", fontSize=14, color=INK, offset=6))


def _week(row: Estimate) -> int:
    return int(row.term.removeprefix("k="))
