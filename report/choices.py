"""Every other choice beside the headline's: which rows stand on the page, under which names, and how many.

Here: the names of the specs' choices, the rows beside the headline row, tallies of which side their sets
lie on. The rules are the headline's: a row counts for a side only where its set excludes zero, and a choice
that left the numbers as they were is not counted as one more test. Not here: layout, marks, statistics.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from report.findings import HEADLINE_CONTRAST, RANKED, TESTED, TRENDS, Estimate, Finding
from report.inputs import Row

# a spec's id: what it changes, and to what
CHOICES: Mapping[str, tuple[str, str]] = {
    "donors_asia": ("Donors", "Asian donors only"),
    "donors_europe": ("Donors", "European donors only"),
    "donors_without_india": ("Donors", "without India"),
    "donors_without_neighbours": ("Donors", "without the donors most entangled with China"),
    "synthetic_control": ("Donors", "donors weighed to fit before (synthetic control)"),
    "synthetic_did": ("Donors", "donors and periods weighed (synthetic DID)"),
    "days_published": ("Dates", "dated by publication"),
    "days_effective": ("Dates", "dated by taking effect"),
    "since_2021": ("Window", "from 2021 on"),
    "before_chatgpt": ("Window", "ending before ChatGPT"),
    "anticipation": ("Window", "without the period before each rule"),
    "holidays": ("Window", "without Golden Week and Lunar New Year"),
    "events_left_out": ("Events", "one rule left out"),
    "without_deepseek": ("What is counted", "without DeepSeek’s models"),
    "without_top_repositories": ("What is counted", "without the largest 1% of repositories"),
    "ferman_pinto": ("Inference", "placebos rescaled by size (Ferman–Pinto)"),
    "conformal": ("Inference", "mean gap, periods permuted (conformal)"),
}
OTHER_GROUP = "Other"
EVENT_SETS: Mapping[str, str] = {
    "rule_2022": "the rule of 2022 alone",
    "tightening_without_2022": "that of 2022",
    "tightening_without_2023": "that of 2023",
    "tightening_without_2024": "that of 2024",
    "timeline_signed": "all dated turns, loosenings with the opposite sign",
    "loosening": "the loosenings of 2025",
    "later_tightening": "the H20 licence of April 2025",
    "support": "China’s own support programmes",
    "same_days_2019_2021": "the rules’ calendar days, three years before",
    "year_before": "a year before the first rule",
    "unrelated_rules": "export rules on other goods, 2020 and 2021",
    "unrelated_rule_2021": "the cybersecurity export rule of 2021",
}
# what an effect of the controls predicts for each set of the sign test
EXPECTED: Mapping[str, str] = {
    "timeline_signed": "the headline’s side",
    "later_tightening": "the headline’s side",
    "loosening": "the other side",
}
INFERENCES: Mapping[str, str] = {
    RANKED: "ranked among countries (the headline)",
    "ferman_pinto": "ranked, placebos rescaled by size",
    "conformal": "periods permuted, mean gap (conformal)",
    "crv1": "conventional: errors clustered by country",
    "ar1_gls": "conventional: the gap as an AR(1) series",
}
CONVENTIONAL = ("crv1", "ar1_gls")
FAMILIES: Mapping[str, str] = {
    "headline": "Named as headline before looking",
    "robustness": "Robustness: other choices, outcomes and events",
    "placebo": "Placebo days",
    "replication": "Conventional errors, the paper’s method included",
    "curve": "On the specification curve",
}
SIGN, SUPPORT, PLACEBO = "sign_test", "support", "placebo_days"
# specs that ask another question, or the headline's own
_APART = frozenset({SIGN, SUPPORT, PLACEBO, "events", "all_outcomes"})


@dataclass(frozen=True)
class Choice:
    """One choice and its rows, a trend variant each, without trends first."""

    group: str
    label: str
    rows: tuple[Estimate, ...]
    is_unchanged: bool = False

    @property
    def has_numbers(self) -> bool:
        return any(row.estimate is not None for row in self.rows)

    @property
    def reason(self) -> str:
        return next((row.reason for row in self.rows if row.reason), "no reason given")


@dataclass(frozen=True)
class Tally:
    """Of one trend variant: the headline row, and where the sets of the other choices lie."""

    headline: Estimate
    rows: tuple[Estimate, ...]

    @property
    def above(self) -> int:
        return sum(row.side > 0 for row in self.rows)

    @property
    def below(self) -> int:
        return sum(row.side < 0 for row in self.rows)

    @property
    def span(self) -> tuple[Estimate, Estimate] | None:
        """The rows of the smallest and the largest effect, the headline included."""
        known = [(row.estimate, row) for row in (self.headline, *self.rows) if row.estimate is not None]
        if not known:
            return None
        return min(known, key=lambda one: one[0])[1], max(known, key=lambda one: one[0])[1]


@dataclass(frozen=True)
class Beside:
    """The headline of one outcome and everything that was tried beside it."""

    finding: Finding
    drawn: tuple[Choice, ...]
    unchanged: tuple[Choice, ...]
    unasked: tuple[Choice, ...]
    tallies: tuple[Tally, ...]


def label(row: Estimate, event_set: str) -> str:
    """The choice in words; a set of events other than the headline's is named."""
    said = CHOICES.get(row.spec_id, (OTHER_GROUP, row.spec_id.replace("_", " ")))[1]
    return said if row.event_set == event_set else f"{said}: {event_set_in_words(row.event_set)}"


def event_set_in_words(name: str) -> str:
    return EVENT_SETS.get(name, name.replace("_", " "))


def beside(rows: Sequence[Estimate], found: Iterable[Finding], event_set: str) -> list[Beside]:
    """One for each headline outcome that can be tested, in the page's order."""
    return [
        _beside(rows, finding, event_set)
        for finding in found
        if finding.is_headline and finding.verdict in TESTED
    ]


def _beside(rows: Sequence[Estimate], finding: Finding, event_set: str) -> Beside:
    headline = {row.trend: row for row in finding.rows}
    groups = [group for group, _ in CHOICES.values()] + [OTHER_GROUP]
    order = list(CHOICES)
    asked: dict[tuple[str, str], list[Estimate]] = {}
    for row in rows:
        if _is_choice(row) and row.outcome == finding.outcome:
            asked.setdefault((row.spec_id, row.event_set), []).append(row)
    made = []
    for (spec_id, _), own in asked.items():
        own = sorted(own, key=_by_trend)
        group = CHOICES.get(spec_id, (OTHER_GROUP, ""))[0]
        same = all(_is_same(row, headline.get(row.trend)) for row in own)
        made.append(Choice(group, label(own[0], event_set), tuple(own), same))
    made.sort(key=lambda one: (
        groups.index(one.group),
        order.index(one.rows[0].spec_id) if one.rows[0].spec_id in order else len(order), one.label,
    ))  # fmt: skip
    drawn = tuple(one for one in made if one.has_numbers and not one.is_unchanged)
    tried = [row for one in drawn for row in one.rows if row.status == "ok" and row.p_value is not None]
    tallies = tuple(
        Tally(row, tuple(one for one in tried if one.trend == row.trend)) for row in finding.ranked
    )
    return Beside(
        finding,
        drawn,
        tuple(one for one in made if one.is_unchanged),
        tuple(one for one in made if not one.has_numbers),
        tallies,
    )


def _is_choice(row: Estimate) -> bool:
    asks = row.term == "mean_step" or row.spec_id == "conformal"
    ours = (row.family, row.contrast) == ("robustness", HEADLINE_CONTRAST)
    return asks and ours and row.spec_id not in _APART and row.inference not in CONVENTIONAL


def _is_same(row: Estimate, headline: Estimate | None) -> bool:
    """Whether the choice left every number as it was, for instance holidays in yearly data."""
    if headline is None or row.estimate is None or row.inference != headline.inference:
        return False
    names = ("estimate", "ci_low", "ci_high", "p_value", "donors", "n_periods")
    return all(getattr(row, name) == getattr(headline, name) for name in names)


def _by_trend(row: Estimate) -> tuple[bool, str]:
    return row.trend != "none", row.trend


def inferences(rows: Sequence[Estimate], finding: Finding) -> list[tuple[Estimate, float | None]]:
    """The headline's rows under every inference, with the width of each set as a share of the headline's."""
    found = []
    for headline in sorted(finding.ranked, key=_by_trend):
        own = [row for row in rows if _is_other_inference(row, headline)]
        own.sort(key=lambda row: list(INFERENCES).index(row.inference or ""))
        found += [(row, _width(row, headline)) for row in (headline, *own)]
    return found


def _is_other_inference(row: Estimate, headline: Estimate) -> bool:
    same = ("outcome", "event_set", "contrast", "trend", "estimator")
    if any(getattr(row, name) != getattr(headline, name) for name in same) or row.estimate is None:
        return False
    if is_conventional(row):
        return row.term == headline.term
    return row.family == "robustness" and row.inference in ("ferman_pinto", "conformal")


def is_conventional(row: Estimate) -> bool:
    return row.family == "replication" and row.inference in CONVENTIONAL


def _width(row: Estimate, headline: Estimate) -> float | None:
    ends = (row.ci_low, row.ci_high, headline.ci_low, headline.ci_high)
    low, high, own_low, own_high = ends
    if low is None or high is None or own_low is None or own_high is None or own_high == own_low:
        return None
    return (high - low) / (own_high - own_low)


@dataclass(frozen=True)
class Question:
    """A set of events asked apart from the headline, of one outcome: its rows or why there are none."""

    title: str
    event_set: str
    rows: tuple[Estimate, ...]

    @property
    def asked(self) -> str:
        return event_set_in_words(self.event_set)

    @property
    def expected(self) -> str:
        return EXPECTED.get(self.event_set, "")

    @property
    def numbers(self) -> tuple[Estimate, ...]:
        return tuple(row for row in self.rows if row.estimate is not None)

    @property
    def reason(self) -> str:
        return next((row.reason for row in self.rows if row.reason), "no reason given")


def questions(rows: Sequence[Estimate], found: Iterable[Finding], spec_id: str) -> list[Question]:
    """The questions of one spec, for every headline outcome that can be tested."""
    order = list(EVENT_SETS)
    made = []
    for finding in found:
        if not finding.is_headline or finding.verdict not in TESTED:
            continue
        asked: dict[str, list[Estimate]] = {}
        for row in rows:
            if (row.spec_id, row.outcome, row.contrast) == (spec_id, finding.outcome, HEADLINE_CONTRAST):
                asked.setdefault(row.event_set, []).append(row)
        names = sorted(asked, key=lambda name: (order.index(name) if name in order else len(order), name))
        made += [Question(finding.title, name, tuple(sorted(asked[name], key=_by_trend))) for name in names]
    return made


def placebo_count(asked: Iterable[Question]) -> dict[str, object]:
    """How many placebo tests there were, and which gave a set beyond zero."""
    tested = [(one, row) for one in asked for row in one.rows if row.is_ranked]
    beyond = [
        f"{one.title}, {one.asked}, {TRENDS.get(row.trend, row.trend)}" for one, row in tested if row.side
    ]
    return {"tested": len(tested), "beyond": beyond}


def counted(rows: Sequence[Estimate], curve: Sequence[Row]) -> list[dict[str, object]]:
    """Specifications by family: a spec with its outcome, event set, contrast and trend, and its numbers."""
    asked = _by_family(rows)
    given = _by_family(row for row in rows if row.estimate is not None)
    tested = _by_family(row for row in rows if row.p_value is not None)
    table: list[dict[str, object]] = [
        {"family": FAMILIES.get(family, family), "asked": number, "given": given[family],
         "tested": tested[family]}
        for family, number in sorted(asked.items(), key=lambda one: _family_order(one[0]))
    ]  # fmt: skip
    if curve:
        table.append({
            "family": FAMILIES["curve"], "asked": len(curve),
            "given": sum(row["estimate"] is not None for row in curve),
            "tested": sum(row["p_value"] is not None for row in curve),
        })  # fmt: skip
    return table


def _family_order(family: str) -> tuple[int, str]:
    order = list(FAMILIES)
    return (order.index(family) if family in order else len(order)), family


def _by_family(rows: Iterable[Estimate]) -> Counter[str]:
    distinct = {
        (row.family, row.spec_id, row.outcome, row.event_set, row.contrast, row.trend) for row in rows
    }
    return Counter(family for family, *_ in distinct)
