"""The first screen: the answer in plain words, what was measured, what would have been missed, one figure.

Not here: the answer's rules (``findings``), what stands below the first screen (``page``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from report import formats
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


def first_screen(page: Page, cards: Sequence[Row], powers: Sequence[Sensitivity]) -> dict[str, Any]:
    """``measured``: the tested outcomes that were named before looking; ``drawn``: the card of the most
    telling outcome that has a series; ``rules``: the shocks as its figure numbers them."""
    named = [card for card in cards if card["finding"].is_headline and card["finding"].is_tested]
    measured = [
        TestedOutcome(
            card["finding"].title, card["about"].get("description"), _found_from(card["finding"], powers),
            f"outcome-{card['name']}",
        )
        for card in named
    ]  # fmt: skip
    drawn = next((card for card in [*named, *cards] if card["levels"]), None)
    return {"measured": measured, "drawn": drawn, "rules": list(enumerate(page.context["shocks"], 1))}


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
