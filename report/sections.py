"""The sections beside the headline: their part of the context, their figures and tables of numbers.

Not here: which rows belong together (``choices``, ``evidence``), marks and colours (``evidence_figures``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from report import choices, evidence, evidence_figures, formats
from report.findings import TESTED, TRENDS, Estimate, Finding
from report.inputs import Row, Tables
from report.sheet import WIDEST_SET_SHOWN, Page, numbers


def robustness(
    page: Page, tables: Tables, rows: Sequence[Estimate], found: Sequence[Finding], names: Mapping[str, str]
) -> dict[str, Any]:
    """The headline under every other choice, figures and numbers; and how many there were."""
    event_set = page.context["event_set"]
    beside = choices.beside(rows, found, event_set)
    page.data["choices.csv"] = [
        {"choice": one.label, **numbers(row)} for each in beside for one in each.drawn for row in one.rows
    ]
    placebos = choices.questions(rows, found, choices.PLACEBO)
    curve = evidence.curves(tables, found)
    page.data["specification_curve.csv"] = tables.rows(
        "select * from specification_curve order by outcome, event_set, estimate, spec_hash"
    )
    return {
        "beside": [(one, _choices_figure(page, names[one.finding.outcome], one)) for one in beside],
        "inferences": [
            (finding.title, choices.inferences(rows, finding))
            for finding in found if finding.is_headline and finding.ranked and finding.verdict in TESTED
        ],
        "inference_names": choices.INFERENCES,
        "signs": choices.questions(rows, found, choices.SIGN),
        "support": choices.questions(rows, found, choices.SUPPORT),
        "placebos": placebos, "placebo_count": choices.placebo_count(placebos),
        "curves": [(one, _curve_figure(page, index, one)) for index, one in enumerate(curve)],
        "counted": choices.counted(rows, page.data["specification_curve.csv"]),
    }  # fmt: skip


def _choices_figure(page: Page, name: str, beside: choices.Beside) -> dict[str, str] | None:
    if not beside.drawn:
        return None
    alt = f"{beside.finding.title}: effect under other choices than the headline’s. " + "; ".join(
        f"{one.label} {TRENDS.get(row.trend, row.trend)}: {row.written(row.estimate)}, {row.interval}"
        for one in beside.drawn for row in one.rows if row.estimate is not None
    )  # fmt: skip
    spec = evidence_figures.choices(beside.finding.rows, beside.drawn, WIDEST_SET_SHOWN)
    return page.figure(f"{name}-choices", spec, alt)


def _curve_figure(page: Page, index: int, curve: Row) -> dict[str, str] | None:
    if not curve["rows"]:
        return None
    spans = "; ".join(
        " ".join([one["trend"], *(formats.number(one[end], signed=True) for end in ("low", "high"))])
        for one in curve["trends"] if one["rows"]
    )  # fmt: skip
    alt = (
        f"{curve['title']}: {len(curve['rows'])} combinations of choices in order of size, {spans}; "
        f"{curve['above']} sets above zero, {curve['below']} below."
    )
    spec = evidence_figures.curve(curve["rows"], WIDEST_SET_SHOWN)
    return page.figure(f"curve-{index + 1}", spec, alt)


def revisions(
    page: Page, tables: Tables, found: Sequence[Finding], names: Mapping[str, str]
) -> list[tuple[Row, dict[str, str] | None]]:
    """Outcome by outcome what later vintages did to the estimate, with a figure where there is a number."""
    made = evidence.revisions(tables, found)
    page.data["revisions.csv"] = [row for one in made for row in one["rows"]]
    shown: list[tuple[Row, dict[str, str] | None]] = []
    for one in made:
        drawing = None
        if one["has_numbers"]:
            told = "; ".join(
                f"{TRENDS.get(row['trend'], row['trend'])}, data as of {formats.day(row['vintage'])}: "
                f"{formats.number(row['estimate'], signed=True)}"
                for row in one["rows"] if row["estimate"] is not None
            )  # fmt: skip
            spec = evidence_figures.vintages(one["rows"], WIDEST_SET_SHOWN, one["is_log"])
            alt = f"{one['title']}: the estimate by the day of its data. {told}."
            drawing = page.figure(f"{names[one['outcome']]}-vintages", spec, alt)
        shown.append((one, drawing))
    return shown


def clock(page: Page, tables: Tables) -> dict[str, Any] | None:
    """The clock's own ratio, its figure by cut-off included; None without the table."""
    found = evidence.clock(tables)
    if found is None:
        return None
    page.data["clock.csv"] = tables.rows("select * from clock order by day, cut, scenario")
    by_cut = [
        f"{row['cut']}:00 {row['scenario']} {formats.number(row['ratio'], digits=1)}"
        for row in found["by_cut"] if row["ratio"] is not None
    ]  # fmt: skip
    alt = f"Early to late ratio when the whole world rises alike, by cut-off: {'; '.join(by_cut)}."
    spec = evidence_figures.clock(found["by_cut"], found["published"])
    return found | {"figure": page.figure("clock", spec, alt) if by_cut else None}
