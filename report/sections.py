"""The sections beside the headline: their part of the context, their figures and tables of numbers.

Not here: which rows belong together (``choices``, ``further_results``), marks and colours (``figures``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from report import choices, figures, formats, further_results
from report.effects import Estimate
from report.findings import Finding
from report.inputs import Row, Tables
from report.sheet import WIDEST_SET_SHOWN, Page, numbers


def robustness(
    page: Page,
    tables: Tables,
    rows: Sequence[Estimate],
    findings: Sequence[Finding],
    names: Mapping[str, str],
) -> dict[str, Any]:
    """The headline under every other choice, figures and numbers; and how many there were."""
    event_set = page.context["event_set"]
    alternatives = choices.alternatives(rows, findings, event_set)
    page.data["choices.csv"] = [
        {"choice": choice.label, **numbers(row)}
        for one in alternatives for choice in one.choices for row in choice.rows
    ]  # fmt: skip
    page.data["specification_curve.csv"] = tables.rows(
        "select * from specification_curve order by outcome, event_set, estimate, spec_hash"
    )
    curves = further_results.curves(tables, findings)
    return {
        "alternatives": [
            (one, _choices_figure(page, names[one.finding.outcome], one)) for one in alternatives
        ],
        "inferences": [
            (finding.title, choices.inferences(rows, finding))
            for finding in findings if finding.is_headline and finding.ranked and finding.is_tested
        ],
        "inquiries": choices.inquiries(rows, findings, event_set, tables.words("spec")),
        "curves": [(curve, _curve_figure(page, index, curve)) for index, curve in enumerate(curves)],
        "specifications": choices.tried(tables),
    }  # fmt: skip


def _choices_figure(page: Page, name: str, one: choices.Alternatives) -> dict[str, str] | None:
    if not one.choices:
        return None
    alt = f"{one.finding.title}: effect under other choices than the headline’s. " + "; ".join(
        f"{choice.label} {row.trend_title}: {row.written(row.estimate)}, {row.interval}"
        for choice in one.choices for row in choice.rows if row.estimate is not None
    )  # fmt: skip
    chart = figures.choices(one.finding.rows, one.choices, WIDEST_SET_SHOWN)
    return page.figure(f"{name}-choices", chart, alt)


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
    return page.figure(f"curve-{index + 1}", figures.curve(curve["rows"], WIDEST_SET_SHOWN), alt)


def revisions(
    page: Page, tables: Tables, findings: Sequence[Finding], names: Mapping[str, str]
) -> list[tuple[Row, dict[str, str] | None]]:
    """Outcome by outcome what later vintages did to the estimate, with a figure where there is a number."""
    page.data["revisions.csv"] = []
    table: list[tuple[Row, dict[str, str] | None]] = []
    for moves in further_results.revisions(tables, findings):
        page.data["revisions.csv"] += [
            {name: value for name, value in row.items() if not name.startswith("trend_")}
            for row in moves["rows"]
        ]
        drawing = None
        if moves["has_numbers"]:
            points = "; ".join(
                f"{row['trend_title']}, data as of {formats.day(row['vintage'])}: "
                f"{formats.number(row['estimate'], signed=True)}"
                for row in moves["rows"] if row["estimate"] is not None
            )  # fmt: skip
            chart = figures.vintages(moves["rows"], WIDEST_SET_SHOWN, moves["unit"])
            alt = f"{moves['title']}: the estimate by the day of its data. {points}."
            drawing = page.figure(f"{names[moves['outcome']]}-vintages", chart, alt)
        table.append((moves, drawing))
    return table


def clock(page: Page, tables: Tables) -> dict[str, Any] | None:
    """The clock's own ratio, its figure by cut-off included; None without the table."""
    ratios = further_results.clock(tables)
    if ratios is None:
        return None
    page.data["clock.csv"] = tables.rows("select * from clock order by day, cut, scenario")
    by_cut = [
        f"{row['cut']}:00 {row['scenario']} {formats.number(row['ratio'], digits=1)}"
        for row in ratios["by_cut"] if row["ratio"] is not None
    ]  # fmt: skip
    alt = f"Early to late ratio when the whole world rises alike, by cut-off: {'; '.join(by_cut)}."
    chart = figures.clock(ratios["by_cut"], ratios["published"])
    return ratios | {"figure": page.figure("clock", chart, alt) if by_cut else None}


def worlds(page: Page, tables: Tables) -> dict[str, Any] | None:
    """The simulated worlds with their figure; None without the table."""
    shown = further_results.worlds(tables)
    if shown is None:
        return None
    page.data["clock_worlds.csv"] = tables.rows(
        "select * from clock_worlds order by world, method, cut_off, quantity"
    )
    said = []
    for world in shown["worlds"]:
        true, reported, corrected = (
            " and ".join(
                f"{row['quantity_title']} {formats.number(row[column], signed=True, digits=1)}"
                for row in (world[method][quantity] for quantity in further_results.SHOWN_PLACES)
            )
            for method, column in (("places", "truth"), ("paper", "estimate"), ("places", "estimate"))
        )
        said.append(
            f"{world['title']}: in truth {true}; the paper’s rule reports {reported}; corrected {corrected}."
        )
    alt = f"SIMULATED. Change at an event, forks a repository-week, in four worlds. {' '.join(said)}"
    return shown | {"figure": page.figure("clock-worlds", figures.worlds(shown["worlds"]), alt)}
