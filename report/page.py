"""What stands on the page: the template's context, and the figures and tables of numbers beside it.

Here: which rows go where, in which order, with which text for those who do not see a figure.
Not here: the sections beside the headline (``sections``), wording rules (``findings``), SQL (``queries``),
marks and colours (``figures``), HTML (templates).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from report import choices, figures, formats, further_results, queries, sections
from report.effects import Estimate, estimates
from report.findings import (
    HEADLINE_CONTRAST,
    TAGS,
    Finding,
    abstract,
    dynamics,
    findings_of,
    headline,
    headline_event_set,
)
from report.first_screen import first_screen
from report.forks_by_week import forks_by_week
from report.inputs import Inputs, Row, Tables
from report.sheet import WIDEST_SET_SHOWN, Page, named, numbers
from report.weekly_panels import weekly_panels
from report.who_forks import other_choices, stated_places, who_forks

NEAR_A_SHOCK_DAYS = 120
KINDS = ("contrast", "event_set", "status", "term", "trend", "verdict", "warning")


def compose(inputs: Inputs) -> Page:
    """The whole page from its inputs."""
    tables = Tables(inputs)
    rows = estimates(tables)
    identification = tables.rows("select * from identification order by event_set, contrast, outcome")
    outcomes = {row["outcome"]: row for row in queries.outcomes(tables)}
    events = queries.events(tables)
    event_set = headline_event_set(rows)
    titles = {slug: row["title"] or slug for slug, row in outcomes.items()}
    findings = findings_of(rows, identification, titles, event_set)
    shocks = [event for event in events if event["is_shock"]]
    tightenings = [row["day"] for row in shocks if row["direction"] == "tightening"]
    page = Page({
        "inputs": inputs, "is_simulated": inputs.origin == "sample", "event_set": event_set, "titles": titles,
        "findings": findings, "tags": TAGS, "words": {kind: tables.words(kind) for kind in KINDS},
        "tested": [one for one in findings if one.is_tested], "headline": headline(findings),
        "abstract": abstract(findings, tightenings), "shocks": shocks,
    })  # fmt: skip
    page.context["identification"] = _identification(
        identification, tables.words("status"), event_set, findings
    )
    page.context["headline_figure"] = _headline_figure(page, findings)
    page.context |= _tables_of_estimates(rows, findings)
    diagnostics = tables.rows("select * from diagnostics order by estimate_id, diagnostic")
    names = {finding.outcome: name for name, finding in named(findings)}
    page.context |= sections.robustness(page, tables, rows, findings, names)
    page.context["claims"] = further_results.claims(tables)
    page.context["sensitivity"] = sensitivity = further_results.sensitivity(rows, findings, diagnostics)
    page.context["limits"] = {
        name: further_results.limits(sensitivity, name) for name in ("smoothness", "magnitude")
    }
    page.context["revisions"] = sections.revisions(page, tables, findings, names)
    page.context["clock"] = sections.clock(page, tables)
    page.context["worlds"] = sections.worlds(page, tables)
    page.context |= {"who_forks": who_forks(page, tables, rows), "other_forks": other_choices(rows)}
    page.context["forks_by_week"] = forks_by_week(page, rows)
    page.context["stated_places"] = stated_places(page, tables)
    page.context["repositories"] = weekly_panels(page, tables, rows, inputs.until)
    series = queries.level_series(tables, min(tightenings, default=None), inputs.until)
    page.context["cards"] = cards = _cards(page, series, rows, outcomes, identification, diagnostics)
    page.context["first_screen"] = first_screen(page, cards, sensitivity)
    page.context |= _coverage(page, tables, inputs, titles)
    page.data["raw-files.csv"] = list(inputs.files)
    page.context["gates"] = queries.checks_by_gate(tables)
    page.context["not_passed"] = queries.checks_not_passed(tables)
    page.context["accepted"] = queries.accepted(tables.verdicts)
    page.context |= _timeline(page, events, tables, shocks)
    return page


def _identification(
    rows: Sequence[Row], statuses: Iterable[str], event_set: str, findings: Sequence[Finding]
) -> dict[str, Any]:
    """Headline rows grouped by status; every other event set as a matrix of outcome by set."""
    position = {finding.outcome: index for index, finding in enumerate(findings)}
    main = [row for row in rows if row["event_set"] == event_set and row["contrast"] == HEADLINE_CONTRAST]
    main.sort(key=lambda row: position[row["outcome"]])
    order = dict.fromkeys([*statuses, *(row["status"] for row in main)])
    groups = [(status, [row for row in main if row["status"] == status]) for status in order]
    sets = sorted({row["event_set"] for row in rows if row["contrast"] == HEADLINE_CONTRAST})
    cells = {
        (row["outcome"], row["event_set"]): row for row in rows if row["contrast"] == HEADLINE_CONTRAST
    }  # fmt: skip
    matrix = [(row["outcome"], [cells.get((row["outcome"], name)) for name in sets]) for row in main]
    return {
        "groups": [group for group in groups if group[1]],
        "sets": sets,
        "matrix": matrix,
        "rows": len(rows),
    }


def _headline_figure(page: Page, findings: Sequence[Finding]) -> dict[str, str] | None:
    """All tested effects in log points; outcomes in another unit are in the table only."""
    rows = [row for finding in findings if finding.is_tested for row in finding.ranked if row.is_log]
    page.data["headline.csv"] = [numbers(row) for finding in findings for row in finding.rows]
    if not rows:
        return None
    titles = {one.outcome: one.title + ("" if one.is_headline else " (robustness)") for one in findings}
    alt = "Mean step after the tightenings with its confidence set, in log points. " + "; ".join(
        f"{titles[row.outcome]} {row.trend_title}: {row.written(row.estimate)}, {row.interval}"
        for row in rows
    )
    return page.figure("headline", figures.headline(rows, titles, WIDEST_SET_SHOWN), alt)


def _tables_of_estimates(rows: Sequence[Estimate], findings: Sequence[Finding]) -> dict[str, Any]:
    """Headline rows beyond the two of each outcome, and replication rows."""
    steps = [row for row in rows if not row.term.startswith("k=")]
    main = {row.estimate_id for finding in findings for row in finding.rows}
    ours = {(row.outcome, row.trend): row for finding in findings for row in finding.ranked}
    # a headline estimate under conventional errors stands in the table of inferences instead
    twins = {
        (row.outcome, row.event_set, row.term, row.estimator)
        for one in findings if one.is_headline for row in one.rows
    }  # fmt: skip
    replication = [
        row for row in steps
        if row.family == "replication" and row.contrast == HEADLINE_CONTRAST
        and not (
            choices.is_conventional(row)
            and (row.outcome, row.event_set, row.term, row.estimator) in twins
        )
    ]  # fmt: skip
    return {
        "other_headline": [row for row in steps if row.family == "headline" and row.estimate_id not in main],
        "replication": [
            (row, ours.get((row.outcome, row.trend))) for row in replication if row.estimate is not None
        ],
        "replication_absent": sum(row.estimate is None for row in replication),
    }


def _cards(
    page: Page, series: Mapping[str, Sequence[Row]], rows: Sequence[Estimate], outcomes: dict[str, Row],
    identification: Sequence[Row], diagnostics: Sequence[Row],
) -> list[dict[str, Any]]:  # fmt: skip
    """One card an outcome: what it is, what may be said, its two figures and their numbers."""
    event_set = page.context["event_set"]
    page.data["levels.csv"] = _wide(series)
    page.data["event_study.csv"] = []
    designs = {
        row["outcome"]: row
        for row in identification
        if row["event_set"] == event_set and row["contrast"] == HEADLINE_CONTRAST
    }
    cards = []
    for name, finding in named(page.context["findings"]):
        pooled = dynamics(rows, finding.outcome, event_set)
        page.data["event_study.csv"] += [numbers(row) for row in pooled]
        about = outcomes.get(finding.outcome, {})
        cards.append({
            "name": name, "finding": finding, "about": about, "pooled": pooled,
            "is_tested": any(row.is_ranked for row in pooled),
            "first": next(iter(finding.rows), None), "design": designs.get(finding.outcome),
            "steps": _steps(rows, finding.outcome),
            "diagnostics": _diagnosed(rows, finding, pooled, diagnostics),
            "levels_note": _levels_note(series.get(finding.outcome, [])),
            "levels": _levels(page, name, finding, series.get(finding.outcome, []), about),
            "event_study": _pooled(page, name, finding, pooled),
        })  # fmt: skip
    return cards


def _steps(rows: Sequence[Estimate], outcome: str) -> list[Estimate]:
    """The joint model's step of each event, China against donors."""
    return [
        row for row in rows
        if (row.outcome, row.term, row.contrast) == (outcome, "step", HEADLINE_CONTRAST)
        and row.family != "replication" and row.estimate is not None
    ]  # fmt: skip


def _diagnosed(
    rows: Sequence[Estimate], finding: Finding, pooled: Sequence[Estimate], diagnostics: Sequence[Row]
) -> list[tuple[Estimate, Row]]:
    """Diagnostics of the headline question's rows, then those of the spec that the event study came from."""
    specs = {row.spec_id for row in pooled}
    related = [*finding.rows] + [
        row for row in rows
        if row.outcome == finding.outcome and row.spec_id in specs and row.contrast == HEADLINE_CONTRAST
        and row.term != "mean_step" and not row.term.startswith("k=")
    ]  # fmt: skip
    return [
        (row, entry) for row in related for entry in diagnostics if entry["estimate_id"] == row.estimate_id
    ]


def _levels(
    page: Page, name: str, finding: Finding, lines: Sequence[Row], about: Row
) -> dict[str, str] | None:
    if not lines:
        return None
    last = {row["line"]: row for row in lines}
    ends = "; ".join(
        f"{line} {formats.amount(row['value'])} in {formats.period(row['period'], about['frequency'])}"
        for line, row in last.items()
    )
    days = [event["day"] for event in page.context["shocks"]]
    spec = figures.levels(lines, days, about["unit"] or "", lines[0]["is_index"])
    return page.figure(f"{name}-levels", spec, f"{finding.title} over time. Last values: {ends}.")


def _levels_note(lines: Sequence[Row]) -> str:
    scale = (
        "100 = the year before the first control, log scale" if lines and lines[0]["is_index"] else "level"
    )
    return f"Over time ({scale}); incomplete periods left out, lines end where periods are missing."


def _pooled(page: Page, name: str, finding: Finding, pooled: Sequence[Estimate]) -> dict[str, str] | None:
    if all(row.estimate is None for row in pooled):
        return None
    points = "; ".join(f"{row.term[2:]}: {row.written(row.estimate)}" for row in pooled)
    alt = f"{finding.title}: gap between China and the donors by period from the event. {points}."
    return page.figure(f"{name}-event-study", figures.event_study(pooled, finding.outcome), alt)


def _wide(series: Mapping[str, Sequence[Row]]) -> list[Row]:
    """The level series with a column for each line, for people who open them in a spreadsheet."""
    columns = {"China": "china", "United States": "united_states", "Donors' median": "donors_median"}
    wide: dict[tuple[str, Any], Row] = {}
    for outcome in sorted(series):
        for row in series[outcome]:
            empty = {"outcome": outcome, "period": row["period"], "is_index": row["is_index"]}
            cells = wide.setdefault((outcome, row["period"]), {**empty, **dict.fromkeys(columns.values())})
            cells[columns[row["line"]]] = row["value"]
    return [wide[key] for key in sorted(wide)]


def _coverage(page: Page, tables: Tables, inputs: Inputs, titles: dict[str, str]) -> dict[str, Any]:
    rows = queries.coverage(tables)
    page.data["coverage.csv"] = rows
    shares = queries.unknown_shares(tables, inputs.until)
    page.data["unknown_country.csv"] = shares
    years = sorted({row["year"] for row in shares})
    cells = {(row["outcome"], row["year"]): row["share"] for row in shares}
    unknown = [
        (titles.get(outcome, outcome), [(year, cells.get((outcome, year))) for year in years])
        for outcome in sorted({row["outcome"] for row in shares})
    ]
    alt = "Share of what was expected that was seen, by source and month; the table below gives the counts."
    return {
        "coverage_figure": page.figure("coverage", figures.coverage(rows), alt) if rows else None,
        "coverage_sources": queries.coverage_by_source(tables), "unknown_years": years, "unknown": unknown,
    }  # fmt: skip


def _timeline(page: Page, events: Sequence[Row], tables: Tables, shocks: Sequence[Row]) -> dict[str, Any]:
    page.data["timeline.csv"] = [
        {name: event[name] for name in ("event_id", "day", "direction", "is_shock", "is_verified")}
        for event in events
    ]
    directions = {name: sum(event["direction"] == name for event in events) for name in figures.DIRECTIONS}
    drawn = [event for event in events if event["direction"] in figures.DIRECTIONS]
    counted = formats.listed([f"{count} {name}" for name, count in directions.items()])
    years: dict[int, list[Row]] = {}
    for event in events:
        years.setdefault(event["day"].year, []).append(event)
    return {
        "directions": directions, "events_by_year": years, "event_count": len(events),
        "timeline_figure": page.figure(
            "timeline", figures.timeline(drawn), f"Policy events by direction: {counted}."
        ) if drawn else None,
        "other_shocks": queries.other_shocks(tables, [row["day"] for row in shocks], NEAR_A_SHOCK_DAYS),
        "near_days": NEAR_A_SHOCK_DAYS,
    }  # fmt: skip
