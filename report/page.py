"""What stands on the page: the template's context, and the figures and tables of numbers beside it.

Here: which rows go where, in which order, with which text for those who do not see a figure.
Not here: the sections beside the headline (``sections``), wording rules (``findings``), SQL (``queries``),
marks and colours (``figures``), HTML (templates).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from report import choices, evidence, figures, findings, formats, queries, sections
from report.findings import HEADLINE_CONTRAST, TAGS, TESTED, TRENDS, Estimate, Finding
from report.inputs import Inputs, Row, Tables
from report.sheet import WIDEST_SET_SHOWN, Page, named, numbers

CONTRACT_VERSION = 1
NEAR_A_SHOCK_DAYS = 120
STATUSES = {
    "identified": ("Can be tested", "Enough comparison countries carry the outcome for a p-value and a set."),
    "descriptive": ("Can be described", "The gap is shown; too little to say how far chance would carry it."),
    "refused": ("Refused", "Too much of the outcome has no known country."),
    "not_identified": (
        "Not identified",
        "The data cannot part the effect from something else, or are not there.",
    ),
}
CONTRASTS = {
    "CN_donors": "China against donors",
    "US_donors": "United States against donors",
    "CN_US": "China against United States (both are party to the rules: no effect on China alone)",
}


def compose(inputs: Inputs) -> Page:
    """The whole page from its inputs."""
    tables = Tables(inputs)
    rows = findings.estimates(tables)
    identification = tables.rows("select * from identification order by event_set, contrast, outcome")
    outcomes = {row["outcome"]: row for row in queries.outcomes(tables)}
    events = queries.events(tables)
    event_set = findings.headline_event_set(rows)
    titles = {slug: row["title"] or slug for slug, row in outcomes.items()}
    found = findings.findings(rows, identification, titles, event_set)
    shocks = [event for event in events if event["is_shock"]]
    page = Page({
        "inputs": inputs, "is_simulated": inputs.origin == "sample", "contract_version": CONTRACT_VERSION,
        "event_set": event_set, "titles": titles, "found": found, "tags": TAGS, "statuses": STATUSES,
        "contrasts": CONTRASTS, "trends": TRENDS, "tested": [one for one in found if one.verdict in TESTED],
        "headline": findings.headline(found), "shocks": shocks,
        "answer": findings.answer(found, [row["day"] for row in shocks if row["direction"] == "tightening"]),
    })  # fmt: skip
    page.context["identification"] = _identification(identification, event_set, found)
    page.context["headline_figure"] = _headline_figure(page, found)
    page.context |= _tables_of_estimates(rows, found)
    diagnostics = tables.rows("select * from diagnostics order by estimate_id, diagnostic")
    names = {finding.outcome: name for name, finding in named(found)}
    page.context |= sections.robustness(page, tables, rows, found, names)
    page.context["claims"] = evidence.claims(tables)
    page.context["claim_verdicts"] = evidence.VERDICTS
    page.context["sensitivity"] = sensitive = evidence.sensitivity(rows, found, diagnostics)
    page.context["limits"] = {name: evidence.limits(sensitive, name) for name in ("smoothness", "magnitude")}
    page.context["revisions"] = sections.revisions(page, tables, found, names)
    page.context["clock"] = sections.clock(page, tables)
    page.context["cards"] = _cards(page, tables, inputs, rows, outcomes, identification, diagnostics)
    page.context |= _coverage(page, tables, inputs, titles)
    page.data["raw-files.csv"] = list(inputs.files)
    page.context["gates"] = queries.checks_by_gate(tables)
    page.context["not_passed"] = queries.checks_not_passed(tables)
    page.context["accepted"] = queries.accepted(tables.verdicts)
    page.context |= _timeline(page, events, tables, shocks)
    return page


def _identification(rows: Sequence[Row], event_set: str, found: Sequence[Finding]) -> dict[str, Any]:
    """Headline rows grouped by status; every other event set as a matrix of outcome by set."""
    position = {finding.outcome: index for index, finding in enumerate(found)}
    main = [row for row in rows if row["event_set"] == event_set and row["contrast"] == HEADLINE_CONTRAST]
    main.sort(key=lambda row: position[row["outcome"]])
    groups = [(status, [row for row in main if row["status"] == status]) for status in STATUSES]
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


def _headline_figure(page: Page, found: Sequence[Finding]) -> dict[str, str] | None:
    """All tested effects in log points; outcomes in another unit are in the table only."""
    rows = [row for finding in found if finding.verdict in TESTED for row in finding.ranked if row.is_log]
    page.data["headline.csv"] = [numbers(row) for finding in found for row in finding.rows]
    if not rows:
        return None
    titles = {one.outcome: one.title + ("" if one.is_headline else " (robustness)") for one in found}
    alt = "Mean step after the tightenings with its confidence set, in log points. " + "; ".join(
        f"{titles[row.outcome]} {TRENDS.get(row.trend, row.trend)}: "
        f"{row.written(row.estimate)}, {row.interval}"
        for row in rows
    )
    return page.figure("headline", figures.headline(rows, titles, WIDEST_SET_SHOWN), alt)


def _tables_of_estimates(rows: Sequence[Estimate], found: Sequence[Finding]) -> dict[str, Any]:
    """Headline rows beyond the two of each outcome, and replication rows."""
    steps = [row for row in rows if not row.term.startswith("k=")]
    main = {row.estimate_id for finding in found for row in finding.rows}
    ours = {(row.outcome, row.trend): row for finding in found for row in finding.ranked}
    # a headline estimate under conventional errors stands in the table of inferences instead
    twins = {
        (row.outcome, row.event_set, row.term, row.estimator)
        for one in found if one.is_headline for row in one.rows
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
    page: Page, tables: Tables, inputs: Inputs, rows: Sequence[Estimate], outcomes: dict[str, Row],
    identification: Sequence[Row], diagnostics: Sequence[Row],
) -> list[dict[str, Any]]:  # fmt: skip
    """One card an outcome: what it is, what may be said, its two figures and their numbers."""
    shocks, event_set = page.context["shocks"], page.context["event_set"]
    controls = [event["day"] for event in shocks if event["direction"] == "tightening"]
    series = queries.level_series(tables, min(controls, default=None), inputs.until)
    page.data["levels.csv"] = _wide(series)
    page.data["event_study.csv"] = []
    known = {
        row["outcome"]: row
        for row in identification
        if row["event_set"] == event_set and row["contrast"] == HEADLINE_CONTRAST
    }
    cards = []
    for name, finding in named(page.context["found"]):
        pooled = findings.dynamics(rows, finding.outcome, event_set)
        page.data["event_study.csv"] += [numbers(row) for row in pooled]
        about = outcomes.get(finding.outcome, {})
        cards.append({
            "name": name, "finding": finding, "about": about, "pooled": pooled,
            "is_tested": any(row.is_ranked for row in pooled),
            "first": next(iter(finding.rows), None), "known": known.get(finding.outcome),
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


def _wide(series: dict[str, list[Row]]) -> list[Row]:
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
