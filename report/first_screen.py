"""The first screen: the answer in plain words, what was measured, what would have been missed, one figure.

Not here: the answer's rules (``findings``), what stands below the first screen (``page``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from report import figures, formats
from report.findings import Finding
from report.further_results import Sensitivity
from report.inputs import Row
from report.sheet import Page

POWER = "minimum_detectable_effect"  # found in four samples of five


@dataclass(frozen=True)
class TestedOutcome:
    """A tested outcome of the headline: what it counts, and from which effect on it would have been found."""

    title: str
    description: str | None
    found_from: str | None
    anchor: str


def first_screen(
    page: Page, series: Mapping[str, Sequence[Row]], outcomes: Mapping[str, Row],
    powers: Sequence[Sensitivity], names: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """``measured``: the tested outcomes that were named before looking; ``figure``: of the most telling
    outcome that has a series, which ``drawn`` names; ``rules``: the shocks as the figure numbers them."""
    findings: Sequence[Finding] = page.context["findings"]
    measured = [
        TestedOutcome(
            one.title, outcomes.get(one.outcome, {}).get("description"), _found_from(one, powers),
            f"outcome-{names[one.outcome]}",
        )
        for one in findings if one.is_headline and one.is_tested
    ]  # fmt: skip
    told = sorted(findings, key=lambda one: not (one.is_headline and one.is_tested))
    drawn = next((one for one in told if series.get(one.outcome)), None)
    shocks = page.context["shocks"]
    return {
        "measured": measured, "drawn": drawn, "rules": list(enumerate(shocks, 1)),
        "untested": sum(one.is_headline and not one.is_tested for one in findings),
        "figure": None if drawn is None
        else _figure(page, drawn, series[drawn.outcome], outcomes.get(drawn.outcome, {})),
        "is_index": drawn is not None and bool(series[drawn.outcome][0]["is_index"]),
    }  # fmt: skip


def _found_from(finding: Finding, powers: Sequence[Sensitivity]) -> str | None:
    """The larger of both variants' smallest effects, as only what both show is claimed."""
    own = {row.estimate_id: row for row in finding.ranked}
    found = [
        (one.diagnostics[POWER]["value"], own[one.row.estimate_id])
        for one in powers if one.row.estimate_id in own and one.has(POWER)
    ]  # fmt: skip
    if not found:
        return None
    value, row = max(found, key=lambda pair: pair[0])
    return formats.percent(math.expm1(value)) if row.is_log else row.written(value)


def _figure(page: Page, drawn: Finding, lines: Sequence[Row], about: Row) -> dict[str, str]:
    last = {row["line"]: row for row in lines}
    frequency = about.get("frequency")
    ends = "; ".join(
        f"{line} {formats.amount(row['value'])} in {formats.period(row['period'], frequency)}"
        for line, row in last.items()
    )
    days = [event["day"] for event in page.context["shocks"]]
    chart = figures.levels(lines, days, about.get("unit") or "", lines[0]["is_index"])
    return page.figure("first-screen", chart, f"{drawn.title} over time. Last values: {ends}.")
