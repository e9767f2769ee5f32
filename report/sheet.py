"""The page while it is put together: the template's context, figures by name, tables of numbers by name.

Here: also what names a figure and an anchor, and the columns of a table of numbers. Not here: what is on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from altair.typing import ChartType

from report import drawing
from report.effects import Estimate
from report.findings import Finding
from report.inputs import Row

WIDEST_SET_SHOWN = 2.5  # log points; wider sets are cut in figures, never in a table


@dataclass
class Page:
    """The context of the template, figures by file name (SVG) and tables of numbers by file name (rows)."""

    context: dict[str, Any]
    figures: dict[str, str] = field(default_factory=dict)
    data: dict[str, list[Row]] = field(default_factory=dict)

    def figure(self, name: str, chart: ChartType, alt: str) -> dict[str, str]:
        """Keep a figure and say where it is and what it shows."""
        self.figures[f"{name}.svg"] = drawing.svg(chart)
        return {"src": f"figures/{name}.svg", "alt": alt}


def numbers(row: Estimate) -> Row:
    """The columns of an estimate that a figure draws, and what names it."""
    names = "outcome event_set term trend spec_id estimate ci_low ci_high p_value planted"
    before = "slope_before slope_before_p bound_low bound_high worst_low worst_high breakdown"
    return {name: getattr(row, name) for name in f"{names} {before}".split()}


def named(findings: Iterable[Finding]) -> Iterable[tuple[str, Finding]]:
    """A file and anchor name for every outcome: plain characters only, whatever the data say, and unique."""
    taken: set[str] = set()
    for finding in findings:
        plain = re.sub(r"[^a-z0-9]+", "-", finding.outcome.lower()).strip("-")[:60] or "outcome"
        name = plain if plain not in taken else f"{plain}-{len(taken)}"
        taken.add(name)
        yield name, finding
