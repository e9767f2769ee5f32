"""Results beside the headline, from tables of their own: claims, sensitivity, curve, revisions, clock.

Here: which rows go where. An absent table gives an empty list, and the template then says how the table is
made. Not here: layout, marks, any statistic; only per cents and the tallies of rows are computed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from report import formats
from report.effects import LOG_POINTS, Estimate
from report.findings import HEADLINE_CONTRAST, TRENDS, Finding
from report.inputs import Row, Tables

UNIT_TREND = "_unit_trend"
PAPER_CUT = 17  # the replicated study calls whatever happens before 17:00 UTC Chinese
SHOWN_PLACES = ("china", "united_states")


def claims(tables: Tables) -> dict[str, Any]:
    """The claims with their quantities, comparison points of other studies apart, and verdicts counted."""
    rows = tables.rows("""
        select
            *, title_of('trend', trend) as trend_title,
            title_of('confidence', published_confidence) as confidence
        from claims order by try_cast(claim as integer), claim, kind, quantity
    """)
    order = [*tables.words("verdict"), "depends"]
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
        group["quantities"] = [_quantity(variants) for variants in group["quantities"].values()]
        for before, one in pairwise(group["quantities"]):
            one["is_as_before"] = all(one[name] == before[name] for name in ("definition", "source"))
        group["verdicts"] = _verdicts(group["quantities"], order)
    quantities = [quantity for group in groups.values() for quantity in group["quantities"]]
    return {
        "groups": list(groups.values()), "asked": len(quantities), "verdicts": _verdicts(quantities, order),
        "others": sum(len(group["others"]) for group in groups.values()),
    }  # fmt: skip


def _quantity(rows: Sequence[Row]) -> dict[str, Any]:
    """One quantity: what was published, what their method gives, and ours by trend variant."""
    first = rows[0]
    ours = [_ours(row) for row in sorted(rows, key=lambda row: row["trend"] != "none")]
    verdicts = list(dict.fromkeys(row["verdict"] for row in ours))
    reasons = list(dict.fromkeys(row["why"] for row in ours))
    return {
        "title": first["quantity_title"] or first["quantity"].replace("_", " "),
        "published": _with_unit(first["published_estimate"], first["published_unit"]),
        "claimed": first["claimed"], "definition": first["published_definition"],
        "source": first["published_source"] or formats.ABSENT, "confidence": first["confidence"],
        "is_as_before": False,
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
        "trend": row["trend_title"],
        "estimate": None if estimate is None else in_words(estimate, unit),
        "set": _interval(row["ours_corrected_low"], row["ours_corrected_high"], unit),
        "detectable": found_from(row["minimum_detectable_effect"], estimate, unit),
        "has_power": row["minimum_detectable_effect"] is not None, "estimate_id": row["estimate_id"],
        "verdict": row["verdict"], "why": row["why"] or "no reason given",
    }  # fmt: skip


def _verdicts(quantities: Sequence[Mapping[str, Any]], order: Sequence[str]) -> list[tuple[str, int]]:
    """How many quantities have each verdict; one whose variants differ is counted as depending on them."""
    counts = Counter(one["verdict"] or "depends" for one in quantities)
    return sorted(counts.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order))


def found_from(size: float | None, estimate: float | None, unit: str | None) -> str:
    """The smallest effect that would be found, on the estimate's side: a rise and a fall of one size on the
    log scale are not of one size in per cent."""
    if size is None or estimate is None:
        return in_words(size, unit)
    return in_words(math.copysign(size, estimate), unit)


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
    amount = in_words(value, unit)
    return amount if unit in (LOG_POINTS, None) else f"{amount} {unit}"


def _interval(low: float | None, high: float | None, unit: str | None) -> str | None:
    return None if low is None or high is None else f"{in_words(low, unit)} to {in_words(high, unit)}"


def curves(tables: Tables, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The specification curve of every outcome: its rows in order of size, and what they add up to."""
    rows = tables.rows("""
        select
            *, title_of('trend', choice_trend) as trend_title,
            place_of('trend', choice_trend) as trend_place
        from specification_curve order by outcome, event_set, estimate, spec_hash
    """)
    titles = {finding.outcome: finding.title for finding in findings}
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row["outcome"], row["event_set"]), []).append(row)
    curves = []
    for (outcome, event_set), combinations in grouped.items():
        numbers = [row for row in combinations if row["estimate"] is not None]
        curves.append({
            "outcome": outcome, "title": titles.get(outcome, outcome), "event_set": event_set,
            "asked": len(combinations), "rows": numbers,
            "tested": sum(row["p_value"] is not None for row in numbers),
            "above": sum(row["ci_low"] is not None and row["ci_low"] > 0 for row in numbers),
            "below": sum(row["ci_high"] is not None and row["ci_high"] < 0 for row in numbers),
            "trends": [_range(trend, numbers) for trend in TRENDS],
            "reason": next((row["reason"] for row in combinations if row["reason"]), "no reason given"),
        })  # fmt: skip
    return sorted(curves, key=lambda one: (not one["rows"], one["title"], one["event_set"]))


def _range(trend: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Smallest and largest estimate of one trend variant, and the joint p of its combinations."""
    variant = [row for row in rows if row["choice_trend"] == trend]
    sizes = [row["estimate"] for row in variant]
    return {"trend": variant[0]["trend_title"] if variant else trend, "rows": len(variant),
            "low": min(sizes, default=None), "high": max(sizes, default=None),
            "joint_p": variant[0]["joint_p"] if variant else None}  # fmt: skip


@dataclass(frozen=True)
class Sensitivity:
    """One tested headline row with the diagnostics of it and of its leads by name."""

    title: str
    row: Estimate
    diagnostics: Mapping[str, Row]

    def value(self, name: str) -> str:
        """A diagnostic in the unit of the effect."""
        return self.row.written(self.diagnostics.get(name, {}).get("value"))

    def multiple(self, name: str) -> str:
        """A diagnostic that counts in multiples of something, such as a breakdown value."""
        return formats.times(self.diagnostics.get(name, {}).get("value"))

    def p(self, name: str) -> str:
        return formats.p_value(self.diagnostics.get(name, {}).get("p_value"))

    def note(self, name: str) -> str | None:
        note: str | None = self.diagnostics.get(name, {}).get("note")
        return note

    def span(self, low: str, high: str) -> str:
        """From one diagnostic to another; a dash where either is absent."""
        ends = (self.diagnostics.get(low, {}).get("value"), self.diagnostics.get(high, {}).get("value"))
        if ends[0] is None or ends[1] is None:
            return formats.ABSENT
        return f"{self.row.written(ends[0])} to {self.row.written(ends[1])}"

    @property
    def has_power(self) -> bool:
        """Whether the drift that a pre-trend test would have found is known."""
        return self.has("roth_slope_80") or self.has("pre_trend_slope_80")

    def has(self, name: str) -> bool:
        return self.diagnostics.get(name, {}).get("value") is not None


def sensitivity(
    rows: Sequence[Estimate], findings: Iterable[Finding], diagnostics: Sequence[Row]
) -> list[Sensitivity]:
    """The diagnostics of each tested headline row by name, those of its leads included."""
    by_id: dict[str, dict[str, Row]] = {}
    for entry in diagnostics:
        by_id.setdefault(entry["estimate_id"], {})[entry["diagnostic"]] = entry
    analyses = []
    for finding in findings:
        for row in finding.ranked if finding.is_headline and finding.is_tested else ():
            leads = [
                other for other in rows
                if (other.outcome, other.event_set, other.contrast, other.trend)
                == (row.outcome, row.event_set, row.contrast, row.trend)
                and other.family in ("headline", "robustness") and other.term in ("pre_trend", "average_post")
            ]  # fmt: skip
            by_name: dict[str, Row] = {}
            for other in (*leads, row):  # the headline's own diagnostic of a name comes last and stays
                by_name |= by_id.get(other.estimate_id, {})
            analyses.append(Sensitivity(finding.title, row, by_name))
    return analyses


def limits(rows: Iterable[Sensitivity], name: str) -> list[str]:
    """The limits at which any of the rows has an interval of this restriction, smallest first."""
    prefix = f"{name}_low:"
    names = {key for one in rows for key in one.diagnostics if key.startswith(prefix)}
    return sorted((name.removeprefix(prefix) for name in names), key=float)


def revisions(tables: Tables, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Outcome by outcome how the headline's estimate moved over the vintages, a path a trend variant."""
    table = tables.rows(
        """
        select
            *, title_of('trend', trend) as trend_title, short_of('trend', trend) as trend_short,
            place_of('trend', trend) as trend_place
        from revisions where contrast = $contrast order by outcome, trend, vintage
        """,
        {"contrast": HEADLINE_CONTRAST},
    )
    moves = []
    for finding in findings:
        if not (rows := [row for row in table if row["outcome"] == finding.outcome]):
            continue
        variants = [[row for row in rows if row["trend"] == trend] for trend in TRENDS]
        moves.append({
            "outcome": finding.outcome, "title": finding.title, "rows": rows,
            "is_headline": finding.is_headline, "unit": next((row.unit for row in finding.rows), None),
            "vintages": len({row["vintage"] for row in rows}),
            "paths": [_path(variant) for variant in variants if variant],
            "has_numbers": any(row["estimate"] is not None for row in rows),
        })  # fmt: skip
    return moves


def _path(rows: Sequence[Row]) -> dict[str, Any]:
    """First and last estimate of one variant, and what its changes add up to by cause."""
    numbers = [row for row in rows if row["estimate"] is not None]
    parts = ("change", "change_revised_cells", "change_added_periods", "change_added_events")
    return {
        "trend_short": rows[0]["trend_short"], "vintages": len(rows), "numbers": len(numbers),
        "estimate_id": rows[-1]["estimate_id"],
        "first": numbers[0] if numbers else None, "last": numbers[-1] if numbers else None,
        "largest": max((abs(row["change"]) for row in rows if row["change"] is not None), default=None),
        **{name: _sum(row[name] for row in rows) for name in parts},
        "reason": next((row["reason"] for row in rows if row["reason"]), None),
    }  # fmt: skip


def _sum(values: Iterable[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return math.fsum(numbers) if numbers else None


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
        profiles = [row for row in at_cut if row["day"] == quarter]
        spans = {name: _span(profiles, name) for name in ("ratio", "focal_of_early", "other_of_late")}
        quarters.append({"quarter": quarter, "bounds": _bounds(profiles), **spans})
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


def worlds(tables: Tables) -> dict[str, Any] | None:
    """The simulated worlds in their order: what was true of China and the United States, what the paper's
    rule and its correction report, at the paper's cut-off; None without the table."""
    rows = tables.rows(
        """select *, title_of('world', world) as world_title, word('world', world, 'sentence') as happened,
            place_of('world', world) as place, title_of('world_quantity', quantity) as quantity_title
        from clock_worlds where cut_off = $cut order by place, world, method, quantity""",
        {"cut": PAPER_CUT},
    )
    if not rows:
        return None
    made = []
    for name in dict.fromkeys(row["world"] for row in rows):
        own = {(row["method"], row["quantity"]): row for row in rows if row["world"] == name}
        first = next(iter(own.values()))
        made.append({
            "title": first["world_title"], "happened": first["happened"],
            "paper": {quantity: own[("paper", quantity)] for quantity in (*SHOWN_PLACES, "ratio")},
            "places": {quantity: own[("places", quantity)] for quantity in (*SHOWN_PLACES, "china_effect")},
            "two_places": own[("two_places", SHOWN_PLACES[0])],
        })  # fmt: skip
    alone = next(row["estimate"] for row in rows if row["method"] == "clock_alone")
    return {"cut": PAPER_CUT, "seed": rows[0]["seed"], "worlds": made, "alone": alone}


def _bounds(rows: Sequence[Row]) -> tuple[float | None, float | None]:
    """Over profiles, and over whatever hours the economies without a stated clock keep."""
    return _span(rows, "ratio_low")[0], _span(rows, "ratio_high")[1]


def _span(rows: Sequence[Row], name: str) -> tuple[float | None, float | None]:
    numbers = [row[name] for row in rows if row[name] is not None]
    return min(numbers, default=None), max(numbers, default=None)
