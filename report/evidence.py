"""What stands beside the headline from tables of their own: claims, sensitivity, the curve, revisions, clock.

Here: which rows go where and the words for a verdict or a diagnostic. An absent table gives an empty list,
and the template then says how the table is made. Not here: layout, marks, any statistic; only per cents and
the tallies of rows are computed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from report import formats
from report.findings import HEADLINE_CONTRAST, TESTED, TRENDS, Estimate, Finding
from report.inputs import Row, Tables

LOG_POINTS = "log points"
UNIT_TREND = "_unit_trend"
PAPER_CUT = 17  # the replicated study calls whatever happens before 17:00 UTC Chinese
VERDICTS: Mapping[str, tuple[str, str]] = {
    "agrees": (
        "agrees",
        "our set excludes zero on the claimed side and holds the published number where there is one",
    ),
    "differs": ("differs", "our set excludes the published number, or zero on the other side"),
    "no_effect": (
        "no effect",
        "our set holds zero, and an effect worth finding would have been found",
    ),
    "not_identified": ("not identified", "these data cannot say, for the reason given"),
}
# how sure it is that the publication says this
CONFIDENCE: Mapping[str, str] = {
    "A": "the abstract",
    "B2": "two public summaries that agree",
    "B1": "one public summary",
    "I": "our own inference",
    "G": "general knowledge",
    "unmarked": "a summary of that publication",
}
_MARK = re.compile(r"\s*\[(A|B2|B1|I|G|unmarked)\]$")


def claims(tables: Tables) -> dict[str, Any]:
    """The claims with their quantities, comparison points of other studies apart, and verdicts counted."""
    rows = tables.rows("select * from claims order by try_cast(claim as integer), claim, kind, quantity")
    groups: dict[str, dict[str, Any]] = {}
    for row in rows:
        group = groups.setdefault(
            row["claim"], {"claim": row["claim"], "title": row["title"], "quantities": {}, "others": []}
        )
        if row["kind"] == "comparison":
            group["others"].append(_quantity([row]))
        else:
            group["quantities"].setdefault(row["quantity"].removesuffix(UNIT_TREND), []).append(row)
    for group in groups.values():
        group["quantities"] = [_quantity(own) for own in group["quantities"].values()]
        for before, one in zip(group["quantities"], group["quantities"][1:], strict=False):
            one["is_as_before"] = (one["definition"], one["source"]) == (
                before["definition"],
                before["source"],
            )
        group["verdicts"] = _verdicts(group["quantities"])
    asked = [quantity for group in groups.values() for quantity in group["quantities"]]
    return {
        "groups": list(groups.values()), "asked": len(asked), "verdicts": _verdicts(asked),
        "others": sum(len(group["others"]) for group in groups.values()),
    }  # fmt: skip


def _quantity(rows: Sequence[Row]) -> dict[str, Any]:
    """One quantity: what was published, what their method gives, and ours by trend variant."""
    first = rows[0]
    ours = [_ours(row) for row in sorted(rows, key=lambda row: row["trend"] != "none")]
    verdicts = list(dict.fromkeys(row["verdict"] for row in ours))
    reasons = list(dict.fromkeys(row["why"] for row in ours))
    source, mark = _source(first["published_source"])
    return {
        "title": first["quantity_title"] or first["quantity"].replace("_", " "),
        "published": _with_unit(first["published_estimate"], first["published_unit"]),
        "claimed": first["claimed"], "definition": first["published_definition"], "source": source,
        "confidence": mark, "is_as_before": False,
        "theirs": _with_unit(first["ours_their_method"], first["their_method_unit"]),
        "theirs_set": _interval(
            first["ours_their_method_low"], first["ours_their_method_high"], first["their_method_unit"]
        ),
        "theirs_id": first["their_method_estimate_id"],
        "ours": [row for row in ours if row["estimate"] is not None],
        # one verdict where the variants agree; where they do not, each has its own
        "verdict": verdicts[0] if len(verdicts) == 1 else None, "by_trend": ours,
        "why": reasons[0] if len(reasons) == 1 else None,
    }  # fmt: skip


def _ours(row: Row) -> dict[str, Any]:
    estimate, unit = row["ours_corrected"], row["unit"]
    return {
        "trend": TRENDS.get(row["trend"], row["trend"]),
        "estimate": None if estimate is None else in_words(estimate, unit),
        "set": _interval(row["ours_corrected_low"], row["ours_corrected_high"], unit),
        "detectable": in_words(row["minimum_detectable_effect"], unit),
        "has_power": row["minimum_detectable_effect"] is not None, "estimate_id": row["estimate_id"],
        "verdict": row["verdict"], "why": row["why"] or "no reason given",
    }  # fmt: skip


def _verdicts(quantities: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """How many quantities have each verdict; one whose variants differ is counted as depending on them."""
    counts = Counter(one["verdict"] or "depends" for one in quantities)
    order = (*VERDICTS, "depends")
    return sorted(counts.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order))


def _source(text: str | None) -> tuple[str, str | None]:
    """The source, and in words the mark of how sure it is."""
    found = _MARK.search(text or "")
    return _MARK.sub("", text or formats.ABSENT), CONFIDENCE[found.group(1)] if found else None


def in_words(value: float | None, unit: str | None) -> str:
    """A log effect as per cent, anything else as an amount without its unit."""
    if value is None:
        return formats.ABSENT
    if unit == LOG_POINTS:
        return formats.percent(math.expm1(min(value, 50.0)))
    return formats.amount(value, signed=True)


def _with_unit(value: float | None, unit: str | None) -> str | None:
    if value is None:
        return None
    said = in_words(value, unit)
    return said if unit in (LOG_POINTS, None) else f"{said} {unit}"


def _interval(low: float | None, high: float | None, unit: str | None) -> str | None:
    return None if low is None or high is None else f"{in_words(low, unit)} to {in_words(high, unit)}"


def curves(tables: Tables, found: Iterable[Finding]) -> list[dict[str, Any]]:
    """The specification curve of every outcome: its rows in order of size, and what they add up to."""
    rows = tables.rows("select * from specification_curve order by outcome, event_set, estimate, spec_hash")
    titles = {finding.outcome: finding.title for finding in found}
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row["outcome"], row["event_set"]), []).append(row)
    made = []
    for (outcome, event_set), own in grouped.items():
        given = [row for row in own if row["estimate"] is not None]
        made.append({
            "outcome": outcome, "title": titles.get(outcome, outcome), "event_set": event_set,
            "asked": len(own), "rows": given,
            "tested": sum(row["p_value"] is not None for row in given),
            "above": sum(row["ci_low"] is not None and row["ci_low"] > 0 for row in given),
            "below": sum(row["ci_high"] is not None and row["ci_high"] < 0 for row in given),
            "trends": [_range(trend, given) for trend in TRENDS],
            "reason": next((row["reason"] for row in own if row["reason"]), "no reason given"),
        })  # fmt: skip
    return sorted(made, key=lambda one: (not one["rows"], one["title"], one["event_set"]))


def _range(trend: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Smallest and largest estimate of one trend variant, and the joint p of its combinations."""
    own = [row for row in rows if row["choice_trend"] == trend]
    sizes = [row["estimate"] for row in own]
    return {"trend": TRENDS[trend], "rows": len(own), "low": min(sizes, default=None),
            "high": max(sizes, default=None), "joint_p": own[0]["joint_p"] if own else None}  # fmt: skip


@dataclass(frozen=True)
class Sensitivity:
    """One tested headline row with the diagnostics of it and of its leads by name."""

    title: str
    row: Estimate
    known: Mapping[str, Row]

    def value(self, name: str) -> str:
        """A diagnostic in the unit of the effect."""
        return self.row.written(self.known.get(name, {}).get("value"))

    def multiple(self, name: str) -> str:
        """A diagnostic that counts in multiples of something, such as a breakdown value."""
        return formats.times(self.known.get(name, {}).get("value"))

    def p(self, name: str) -> str:
        return formats.p_value(self.known.get(name, {}).get("p_value"))

    def note(self, name: str) -> str | None:
        note: str | None = self.known.get(name, {}).get("note")
        return note

    def span(self, low: str, high: str) -> str:
        """From one diagnostic to another; a dash where either is absent."""
        ends = (self.known.get(low, {}).get("value"), self.known.get(high, {}).get("value"))
        if ends[0] is None or ends[1] is None:
            return formats.ABSENT
        return f"{self.row.written(ends[0])} to {self.row.written(ends[1])}"

    @property
    def has_power(self) -> bool:
        """Whether the drift that a pre-trend test would have found is known."""
        return self.has("roth_slope_80") or self.has("pre_trend_slope_80")

    def has(self, name: str) -> bool:
        return self.known.get(name, {}).get("value") is not None


def sensitivity(
    rows: Sequence[Estimate], found: Iterable[Finding], diagnostics: Sequence[Row]
) -> list[Sensitivity]:
    """The diagnostics of each tested headline row by name, those of its leads included."""
    by_id: dict[str, dict[str, Row]] = {}
    for entry in diagnostics:
        by_id.setdefault(entry["estimate_id"], {})[entry["diagnostic"]] = entry
    made = []
    for finding in found:
        if not finding.is_headline or finding.verdict not in TESTED:
            continue
        for row in finding.ranked:
            leads = [
                other for other in rows
                if (other.outcome, other.event_set, other.contrast, other.trend)
                == (row.outcome, row.event_set, row.contrast, row.trend)
                and other.family in ("headline", "robustness") and other.term in ("pre_trend", "average_post")
            ]  # fmt: skip
            known: dict[str, Row] = {}
            for other in (*leads, row):  # the headline's own diagnostic of a name comes last and stays
                known |= by_id.get(other.estimate_id, {})
            made.append(Sensitivity(finding.title, row, known))
    return made


def limits(rows: Iterable[Sensitivity], name: str) -> list[str]:
    """The limits at which any of the rows has an interval of this restriction, smallest first."""
    prefix = f"{name}_low:"
    found = {key.removeprefix(prefix) for one in rows for key in one.known if key.startswith(prefix)}
    return sorted(found, key=float)


def revisions(tables: Tables, found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Outcome by outcome how the headline's estimate moved over the vintages, a path a trend variant."""
    shown = tables.rows(
        "select * from revisions where contrast = $contrast order by outcome, trend, vintage",
        {"contrast": HEADLINE_CONTRAST},
    )
    made = []
    for finding in found:
        own = [row for row in shown if row["outcome"] == finding.outcome]
        if not own:
            continue
        made.append({
            "outcome": finding.outcome, "title": finding.title, "rows": own,
            "is_headline": finding.is_headline,
            "is_log": any(row.is_log for row in finding.rows),
            "vintages": len({row["vintage"] for row in own}),
            "paths": [_path(trend, own) for trend in TRENDS if any(row["trend"] == trend for row in own)],
            "has_numbers": any(row["estimate"] is not None for row in own),
        })  # fmt: skip
    return made


def _path(trend: str, rows: Sequence[Row]) -> dict[str, Any]:
    """First and last estimate of one variant, and what its changes add up to by cause."""
    own = [row for row in rows if row["trend"] == trend]
    given = [row for row in own if row["estimate"] is not None]
    parts = ("change", "change_revised_cells", "change_added_periods", "change_added_events")
    return {
        "trend": trend, "vintages": len(own), "given": len(given), "estimate_id": own[-1]["estimate_id"],
        "first": given[0] if given else None, "last": given[-1] if given else None,
        "largest": max((abs(row["change"]) for row in own if row["change"] is not None), default=None),
        **{name: _sum(row[name] for row in own) for name in parts},
        "reason": next((row["reason"] for row in own if row["reason"]), None),
    }  # fmt: skip


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None


def clock(tables: Tables) -> dict[str, Any] | None:
    """What the clock makes by itself: scenarios of the newest quarter, all quarters, all cut-offs."""
    rows = tables.rows("select * from clock order by day, cut, scenario")
    if not rows:
        return None
    cuts = sorted({row["cut"] for row in rows})
    cut = PAPER_CUT if PAPER_CUT in cuts else cuts[len(cuts) // 2]
    at_cut = [row for row in rows if row["cut"] == cut]
    newest = at_cut[-1]["day"]
    scenarios = sorted(
        (row for row in at_cut if row["day"] == newest),
        key=lambda row: (row["ratio"] or 0, row["scenario"]),
    )
    reachable = [row for row in scenarios if row["reachable"]]
    quarters = []
    for quarter in sorted({row["day"] for row in at_cut}):
        own = [row for row in at_cut if row["day"] == quarter]
        spans = {name: _span(own, name) for name in ("ratio", "focal_of_early", "other_of_late")}
        quarters.append({"quarter": quarter, "bounds": _bounds(own), **spans})
    needed = scenarios[0]["needed_early"]
    return {
        "cut": cut, "quarter": newest, "scenarios": scenarios, "quarters": quarters,
        "by_cut": [row for row in rows if row["day"] == newest], "bounds": _bounds(scenarios),
        "ratio": _span(scenarios, "ratio"), "focal_of_early": _span(scenarios, "focal_of_early"),
        "reachable": len(reachable), "multiple": _span(reachable, "focal_multiple"),
        "excess": _span(reachable, "focal_excess"), "needed": needed,
        # the published ratio, from the early share that it needs
        "published": needed / (1 - needed) if needed is not None and needed < 1 else None,
        "unlisted": scenarios[0]["unlisted_share"],
    }  # fmt: skip


def _bounds(rows: Sequence[Row]) -> tuple[float | None, float | None]:
    """Over profiles, and over whatever hours the economies without a stated clock keep."""
    return _span(rows, "ratio_low")[0], _span(rows, "ratio_high")[1]


def _span(rows: Sequence[Row], name: str) -> tuple[float | None, float | None]:
    known = [row[name] for row in rows if row[name] is not None]
    return min(known, default=None), max(known, default=None)
