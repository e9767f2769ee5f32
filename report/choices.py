"""Every other choice beside the headline's: which rows stand on the page, and how many were tried.

Here: the rows beside the headline row, tallies of which side their sets lie on, events asked apart. Names and
places are the glossary's, which every row brings along. The rules are the headline's: a row counts for a side
only where its set excludes zero, and a choice that left the numbers as they were is not counted as one more
test. Not here: layout, marks, statistics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from report.effects import Estimate
from report.findings import HEADLINE_CONTRAST, Finding, by_trend
from report.inputs import Row, Tables

APART = ("Headline", "Questions apart", "Replication")  # groups of specs that are no other choice
INFERENCE = "Inference"  # the group of specs that change only how chance is judged
CONVENTIONAL = "conventional"  # the group of inferences that the page shows and never reads a claim from


@dataclass(frozen=True)
class Choice:
    """One choice and its rows, a trend variant each, without trends first."""

    label: str
    rows: tuple[Estimate, ...]
    is_neutral: bool = False  # it left every number as it was

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
        return sum(row.side_of_set > 0 for row in self.rows)

    @property
    def below(self) -> int:
        return sum(row.side_of_set < 0 for row in self.rows)

    @property
    def span(self) -> tuple[Estimate, Estimate] | None:
        """The rows of the smallest and the largest effect, the headline included."""
        sizes = [(row.estimate, row) for row in (self.headline, *self.rows) if row.estimate is not None]
        if not sizes:
            return None
        return min(sizes, key=lambda one: one[0])[1], max(sizes, key=lambda one: one[0])[1]


@dataclass(frozen=True)
class Alternatives:
    """The headline of one outcome and everything that was tried beside it.

    ``choices`` changed a number, ``neutral`` ones none, ``empty`` ones could not be asked.
    """

    finding: Finding
    choices: tuple[Choice, ...]
    neutral: tuple[Choice, ...]
    empty: tuple[Choice, ...]
    tallies: tuple[Tally, ...]


def label(row: Estimate, event_set: str) -> str:
    """The choice in words; a set of events other than the headline's is named."""
    return row.spec_title if row.event_set == event_set else f"{row.spec_title}: {row.event_set_title}"


def alternatives(rows: Sequence[Estimate], findings: Iterable[Finding], event_set: str) -> list[Alternatives]:
    """One for each headline outcome that can be tested, in the page's order."""
    return [
        _beside(rows, finding, event_set) for finding in findings if finding.is_headline and finding.is_tested
    ]


def _beside(rows: Sequence[Estimate], finding: Finding, event_set: str) -> Alternatives:
    headline = {row.trend: row for row in finding.rows}
    variants: dict[tuple[int, str, str], list[Estimate]] = {}
    for row in sorted(rows, key=by_trend):
        if _is_choice(row) and row.outcome == finding.outcome:
            key = (row.spec_place, label(row, event_set), f"{row.spec_id}/{row.event_set}")
            variants.setdefault(key, []).append(row)
    choices = [
        Choice(key[1], tuple(group), all(_is_same(row, headline.get(row.trend)) for row in group))
        for key, group in sorted(variants.items())
    ]
    changed = tuple(one for one in choices if one.has_numbers and not one.is_neutral)
    tests = [row for one in changed for row in one.rows if row.status == "ok" and row.p_value is not None]
    return Alternatives(
        finding,
        changed,
        tuple(one for one in choices if one.is_neutral),
        tuple(one for one in choices if not one.has_numbers),
        tuple(Tally(row, tuple(one for one in tests if one.trend == row.trend)) for row in finding.ranked),
    )


def _is_choice(row: Estimate) -> bool:
    """Whether a row asks the headline's question with one thing changed."""
    is_asked = row.term == "mean_step" or row.spec_group == INFERENCE
    is_robustness = (row.family, row.contrast) == ("robustness", HEADLINE_CONTRAST)
    is_apart = row.spec_group in APART or row.inference_group == CONVENTIONAL
    return is_asked and is_robustness and not is_apart


def _is_same(row: Estimate, headline: Estimate | None) -> bool:
    """Whether the choice left every number as it was, for instance holidays in yearly data."""
    if headline is None or row.estimate is None or row.inference != headline.inference:
        return False
    names = ("estimate", "ci_low", "ci_high", "p_value", "donors", "n_periods")
    return all(getattr(row, name) == getattr(headline, name) for name in names)


def inferences(rows: Sequence[Estimate], finding: Finding) -> list[tuple[Estimate, float | None]]:
    """The headline's rows under every inference, with the width of each set as a share of the headline's."""
    table = []
    for headline in sorted(finding.ranked, key=by_trend):
        others = [row for row in rows if _is_other_inference(row, headline)]
        others.sort(key=lambda row: row.inference_place)
        table += [(row, _width(row, headline)) for row in (headline, *others)]
    return table


def _is_other_inference(row: Estimate, headline: Estimate) -> bool:
    same = ("outcome", "event_set", "contrast", "trend", "estimator")
    if any(getattr(row, name) != getattr(headline, name) for name in same) or row.estimate is None:
        return False
    if is_conventional(row):
        return row.term == headline.term
    return row.family == "robustness" and row.spec_group == INFERENCE


def is_conventional(row: Estimate) -> bool:
    return row.family == "replication" and row.inference_group == CONVENTIONAL


def _width(row: Estimate, headline: Estimate) -> float | None:
    low, high = row.ci_low, row.ci_high
    base_low, base_high = headline.ci_low, headline.ci_high
    if low is None or high is None or base_low is None or base_high is None or base_high == base_low:
        return None
    return (high - low) / (base_high - base_low)


@dataclass(frozen=True)
class EventTest:
    """A set of events asked apart from the headline, of one outcome: its rows or why there are none."""

    title: str
    rows: tuple[Estimate, ...]

    @property
    def has_numbers(self) -> bool:
        return any(row.estimate is not None for row in self.rows)

    @property
    def reason(self) -> str:
        return next((row.reason for row in self.rows if row.reason), "no reason given")


@dataclass(frozen=True)
class Inquiry:
    """A spec that asks of other events than the headline's: its words, and its tests."""

    title: str
    sentence: str | None
    tests: tuple[EventTest, ...]

    @property
    def has_predictions(self) -> bool:
        return any(row.prediction for test in self.tests for row in test.rows)

    @property
    def is_placebo(self) -> bool:
        return all(row.family == "placebo" for test in self.tests for row in test.rows)

    @property
    def ranked(self) -> int:
        return sum(row.is_ranked for test in self.tests for row in test.rows)

    @property
    def discoveries(self) -> list[str]:
        """The tests whose set excludes zero; of placebos each is one too many."""
        return [
            f"{test.title}, {row.event_set_title}, {row.trend_title}"
            for test in self.tests for row in test.rows if row.is_ranked and row.side_of_set
        ]  # fmt: skip


def inquiries(
    rows: Sequence[Estimate], findings: Iterable[Finding], event_set: str, specs: Mapping[str, Row]
) -> list[Inquiry]:
    """Of every spec that asks apart: its tests for each headline outcome that can be tested."""
    apart: dict[tuple[str, str], dict[tuple[int, str], list[Estimate]]] = {}
    for row in rows:
        is_asked = (row.contrast, row.term) == (HEADLINE_CONTRAST, "mean_step") and row.event_set != event_set
        if is_asked and row.spec_group == "Questions apart":
            sets = apart.setdefault((row.spec_id, row.outcome), {})
            sets.setdefault((row.event_set_place, row.event_set), []).append(row)
    tested = [finding for finding in findings if finding.is_headline and finding.is_tested]
    return [
        Inquiry(spec["title"], spec["sentence"], tests)
        for spec_id, spec in specs.items()
        if (tests := tuple(
            EventTest(finding.title, tuple(sorted(variants, key=by_trend)))
            for finding in tested
            for _, variants in sorted(apart.get((spec_id, finding.outcome), {}).items())
        ))
    ]  # fmt: skip


def tried(tables: Tables) -> list[Row]:
    """Specifications by family: a spec with its outcome, event set, contrast and trend, and its numbers."""
    return tables.rows("""
        with specifications as (
            select
                family, bool_or(estimate is not null) as has_number, bool_or(p_value is not null) as has_test
            from estimates group by family, spec_id, outcome, event_set, contrast, trend
            union all
            select 'curve', estimate is not null, p_value is not null from specification_curve
        )
        select
            title_of('family', family) as family, count(*) as total, count(*) filter (has_number) as numbers,
            count(*) filter (has_test) as tests
        from specifications group by specifications.family
        order by place_of('family', specifications.family), specifications.family
    """)
