"""The rules that turn estimates into sentences. No number is typed here and none is computed but per cents.

Here: what may be said about an outcome (``conclude``), the headline and the abstract. The rules are strict on
purpose: a rise is claimed only where the confidence sets of both trend variants exclude zero on the same
side and the study lets that side be claimed (column ``side``); a set that contains zero is never called "no
effect". Not here: layout, tables, figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from report import formats
from report.effects import Estimate
from report.inputs import Row

HEADLINE_CONTRAST = "CN_donors"
TRENDS = ("none", "unit_linear")  # the two variants that a claim needs


class Conclusion(StrEnum):
    """What may be said of an outcome, from most to least."""

    ABOVE = "above"
    BELOW = "below"
    DEPENDS = "depends"
    DOUBTED = "doubted"
    CONTAINS_ZERO = "contains_zero"
    NO_SET = "no_set"
    DESCRIBED = "descriptive"
    REFUSED = "refused"
    NOT_IDENTIFIED = "not_identified"


TAGS = {
    Conclusion.ABOVE: "set above zero",
    Conclusion.BELOW: "set below zero",
    Conclusion.DEPENDS: "depends on the trend",
    Conclusion.DOUBTED: "set beside zero, not confirmed",
    Conclusion.CONTAINS_ZERO: "set contains zero",
    Conclusion.NO_SET: "ranked among dates, no set",
    Conclusion.DESCRIBED: "described, not tested",
    Conclusion.REFUSED: "refused",
    Conclusion.NOT_IDENTIFIED: "not identified",
}
TESTED = (
    Conclusion.ABOVE,
    Conclusion.BELOW,
    Conclusion.DEPENDS,
    Conclusion.DOUBTED,
    Conclusion.CONTAINS_ZERO,
)


@dataclass(frozen=True)
class Finding:
    """An outcome with its rows of the headline question (one a trend variant) and what may be said of them.

    ``is_headline`` is false for outcomes that the headline did not name: the same question, as robustness.
    """

    outcome: str
    title: str
    conclusion: Conclusion
    rows: tuple[Estimate, ...]
    reason: str | None
    is_headline: bool

    @property
    def ranked(self) -> tuple[Estimate, ...]:
        return tuple(row for row in self.rows if row.is_ranked)

    @property
    def is_uninformative(self) -> bool:
        return bool(self.ranked) and all(row.is_uninformative for row in self.ranked)

    @property
    def bounded(self) -> tuple[str, ...]:
        """What each row may be, whoever those without a country are, in a sentence."""
        return tuple(said for row in self.rows if (said := row.bounds_in_words))

    @property
    def has_numbers(self) -> bool:
        return any(row.estimate is not None for row in self.rows)

    @property
    def is_tested(self) -> bool:
        return self.conclusion in TESTED


def headline_event_set(rows: Sequence[Estimate]) -> str:
    """The event set of the headline, as the specs named it."""
    named = sorted({row.event_set for row in rows if row.family == "headline" and row.term == "mean_step"})
    return named[0] if len(named) == 1 else "tightening"


def headline_rows(rows: Sequence[Estimate], event_set: str) -> dict[str, list[Estimate]]:
    """Per outcome the rows that answer the headline question: its own, else the widest spec's."""
    question = (HEADLINE_CONTRAST, event_set, "mean_step")
    answers = [row for row in rows if (row.contrast, row.event_set, row.term) == question]
    primary = {row.outcome for row in answers if row.family == "headline"}
    reach = Counter(row.spec_id for row in answers if row.family == "robustness")
    widest = max(sorted(reach), key=lambda spec: reach[spec], default=None)
    by_outcome: dict[str, list[Estimate]] = {}
    for row in answers:
        if row.family == "headline" or (row.outcome not in primary and row.spec_id == widest):
            by_outcome.setdefault(row.outcome, []).append(row)
    return by_outcome


def conclude(rows: Sequence[Estimate], status: str) -> Conclusion:
    """What the rows of one outcome allow; ``status`` is the identification table's word."""
    sides = [row.side for row in rows if row.is_ranked]
    if not sides or status != "identified":
        is_described = any(row.is_left_open for row in rows)
        untested = {
            "descriptive": Conclusion.DESCRIBED, "refused": Conclusion.REFUSED,
            "identified": Conclusion.DESCRIBED if is_described else Conclusion.NO_SET,
        }  # fmt: skip
        return untested.get(status, Conclusion.NOT_IDENTIFIED)
    if None in sides:
        return Conclusion.DOUBTED
    if len(sides) == len(TRENDS) and len(set(sides)) == 1:
        return {1: Conclusion.ABOVE, -1: Conclusion.BELOW}.get(sides[0] or 0, Conclusion.CONTAINS_ZERO)
    return Conclusion.DEPENDS if any(sides) else Conclusion.CONTAINS_ZERO


def findings_of(
    rows: Sequence[Estimate], identification: Sequence[Row], titles: Mapping[str, str], event_set: str
) -> list[Finding]:
    """One finding per outcome that any table names: the headline's first, most telling first."""
    status = {
        row["outcome"]: row
        for row in identification
        if row["event_set"] == event_set and row["contrast"] == HEADLINE_CONTRAST
    }
    main = headline_rows(rows, event_set)
    findings = []
    for outcome in sorted({*titles, *status, *(row.outcome for row in rows)}):
        variants = sorted(main.get(outcome, []), key=by_trend)
        design = status.get(outcome, {"status": "not_identified", "reason": None})
        untested = [row.reason for row in variants if row.status != "ok"]
        reasons = [design["reason"], *untested, "the study has no row of it"]
        findings.append(Finding(
            outcome, titles.get(outcome, outcome), conclude(variants, design["status"]), tuple(variants),
            next(reason for reason in reasons if reason), any(row.family == "headline" for row in variants),
        ))  # fmt: skip
    order = list(Conclusion)
    return sorted(
        findings, key=lambda one: (not one.is_headline, order.index(one.conclusion), one.title, one.outcome)
    )


def by_trend(row: Estimate) -> tuple[bool, str]:
    """Sorts the variants of one question: without trends first."""
    return row.trend != TRENDS[0], row.trend


def headline(findings: Sequence[Finding]) -> str:
    """The page's answer in a sentence, and in another how much of the question stays open."""
    primary = [finding for finding in findings if finding.is_headline]
    tested = [finding for finding in primary if finding.is_tested]
    untested = len(primary) - len(tested)
    others = "1 more headline outcome" if untested == 1 else f"{untested} more headline outcomes"
    remainder = f" {others} cannot be tested with these data." if untested and tested else ""
    return _answer(tested) + _sloped(tested) + remainder


def _sloped(tested: Sequence[Finding]) -> str:
    """Whether the numbers without trends stand on a level gap that the years before reject; how steep it was
    stands with the numbers."""
    sloped = [finding.title for finding in tested for row in finding.ranked if row.is_sloped]
    if not sloped:
        return ""
    numbers = "number" if len(sloped) == 1 else "numbers"
    before = f"In {formats.listed(sloped)} China was on another path than they before the first control"
    after = f"the {numbers} without country trends cannot be taken for an effect of the controls"
    return f" {before}, so that {after}."


def _answer(tested: Sequence[Finding]) -> str:
    """The answer of the tested outcomes that were named before looking."""
    above, below, depends, doubted = (
        sum(finding.conclusion is kind for finding in tested)
        for kind in (Conclusion.ABOVE, Conclusion.BELOW, Conclusion.DEPENDS, Conclusion.DOUBTED)
    )
    of = f"of the {len(tested)} headline outcomes that can be tested"
    if len(tested) == 1:
        of = "of the one headline outcome that can be tested"
    if not tested:
        return "The data at hand cannot answer the question: no headline outcome can be tested."
    if above and below:
        return (
            f"The outcomes disagree: {of}, China pulled ahead of its comparison countries in {above} "
            f"and fell behind in {below}."
        )
    if above or below:
        moved = "pulled ahead of" if above else "fell behind"
        return f"After the controls China {moved} its comparison countries in {above or below} {of}."
    if depends:
        turns = "the result turns on whether countries may have their own trend"
        return f"No answer holds up: in {depends} {of} {turns}."
    if doubted:
        moved = "China parted from its comparison countries, but the test that allows for slow drifts"
        return f"No answer holds up: in {doubted} {of} {moved} does not confirm the side."
    wide = sum(finding.is_uninformative for finding in tested)
    nowhere = f"in none {of} did China part"
    if len(tested) == 1:
        nowhere = "in the one headline outcome that can be tested China did not part"
    sentence = (
        f"Not shown, in either direction: {nowhere} from its comparison countries "
        "further than such countries part from each other by themselves"
    )
    return f"{sentence}; in {wide} the data could hardly have shown it." if wide else f"{sentence}."


@dataclass(frozen=True)
class Abstract:
    """The answer in parts: the question put to the data, what came out by kind, what that leaves open.

    A point is a conclusion, a label and a line an outcome; ``others`` are lines on what is not the headline.
    """

    lead: str
    points: tuple[tuple[Conclusion, str, tuple[str, ...]], ...]
    others: tuple[str, ...]
    caution: str | None


LABELS = {
    Conclusion.ABOVE: "Above the comparison, with and without country trends",
    Conclusion.BELOW: "Below the comparison, with and without country trends",
    Conclusion.DEPENDS: "Not settled: the two variants do not agree on the side of zero",
    Conclusion.DOUBTED: "Beside zero, but a warning or the test that allows for slow drifts forbids a claim",
    Conclusion.CONTAINS_ZERO: "Not told apart from zero, which is not the same as no effect",
}


def abstract(findings: Sequence[Finding], dates: Sequence[date]) -> Abstract:
    """The answer, each sentence bound by the rules above; ``dates`` are the days of the tightenings."""
    primary = [finding for finding in findings if finding.is_headline]
    tested = [finding for finding in findings if finding.is_tested]
    when = f" ({formats.listed([formats.day(on) for on in dates])})" if dates else ""
    lead = (
        "For each outcome we ask whether China’s path parted from that of countries which lived through the "
        f"same years but were not the target, after the tightenings of US chip-export controls{when}. "
        f"Of {len(findings)} outcomes, {len(primary)} were named as the headline before looking; "
        f"{sum(finding.is_headline for finding in tested)} of these can be tested, and "
        f"{sum(not finding.is_headline for finding in tested)} of the others. The rest are described, "
        "refused or not identified, each with its reason."
    )
    points = []
    for kind, label in LABELS.items():
        lines = tuple(_line(one) for one in tested if one.is_headline and one.conclusion is kind)
        if lines:
            points.append((kind, label, lines))
    others = tuple(f"{_line(one)} – {TAGS[one.conclusion]}" for one in tested if not one.is_headline)
    caution = (
        "A set that excludes zero says that China moved apart at these dates. It cannot say that the rules "
        "were the cause: other things happened to China in the same months."
    )
    return Abstract(lead, tuple(points), others, caution if tested else None)


def _line(finding: Finding) -> str:
    """``Git pushes: +34.1% without country trends (set +10.2% to +55.0%), …`` from the rows themselves."""
    parts = [
        f"{row.effect_in_words} {row.trend_title} (set {row.interval_in_words}{_before(row)})"
        for row in finding.ranked
    ]
    bounded = (said.removesuffix(".") for said in finding.bounded)
    line = ". ".join([f"{finding.title}: {', '.join(parts)}", *bounded])
    wide = "; uninformative, for the sets contain both a halving and a doubling"
    return line + wide if finding.is_uninformative else line


def _before(row: Estimate) -> str:
    if row.slope_in_words is None:
        return ""
    verdict = ", which rejects the level gap that this number assumes" if row.is_sloped else ""
    return f"; slope before {row.slope_in_words}{verdict}"


def dynamics(rows: Sequence[Estimate], outcome: str, event_set: str) -> list[Estimate]:
    """The rows ``k=…`` of one outcome that the event-study figure shows: one spec, set, contrast and trend.

    The headline's event set is preferred, then a spec that tests, then the variant without trend.
    """
    candidates: dict[tuple[bool, bool, bool, str, str, str, str], list[Estimate]] = {}
    for row in rows:
        if row.outcome != outcome or row.contrast != HEADLINE_CONTRAST or not row.term.startswith("k="):
            continue
        key = (
            row.family in ("replication", "placebo"), row.event_set != event_set, row.trend != "none",
            row.spec_id, row.event_set, row.trend, row.inference or "",
        )  # fmt: skip
        candidates.setdefault(key, []).append(row)
    if not candidates or min(candidates)[0]:
        return []
    return sorted(candidates[min(candidates)], key=lambda row: int(row.term[2:]))
