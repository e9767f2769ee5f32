"""Known facts (``anchors.yml``) as checks of the marts: what the real files are known to say.

One check a mart, one row a fact, so that a swap, a unit, a date or a flag that turned over names each
fact it breaks. Simulated marts are not judged: the view ``origin`` says what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from expectations.checks import Check, Suite, text

TOLERATED_DAYS = 7  # a paper, a blog and a download appear days apart
TOLERATED_PAPERS = 0.03
WHAT = (
    "A fact that is known of the real world is not in the mart; the row names it. Compare the source's file."
)


@cache
def facts() -> Mapping[str, Any]:
    import yaml

    content: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("anchors.yml").read_text())
    return content


def activity(suite: Suite, frequency: str) -> Iterator[Check]:
    """Bands of counts, and who is above whom, of one frequency."""
    rows = [
        f"({text(of['outcome'])}, {text(country)}, date '{period}', {low}, {high}, {text(of['citation'])})"
        for of in facts()["counts"]
        if of["frequency"] == frequency
        for country, period, low, high in of["bands"]
    ]
    if rows:
        yield _judged(
            suite, "known_counts_hold",
            f"with facts (outcome, country, {frequency}, low, high, citation) as (values {', '.join(rows)}) "
            "select facts.*, value, (value is null or value not between low and high)::int as broken from "
            f"facts left join data using (outcome, country, {frequency}) where outcome in (select outcome "
            "from data)",
        )  # fmt: skip
    pairs = [
        f"({text(outcome)}, {text(first)}, {text(second)}, date '{since}', date '{until}')"
        for outcome, of, first, second, since, until in facts()["above"]
        if of == frequency
    ]
    if pairs:
        yield _judged(
            suite, "known_orders_hold",
            f"with facts (outcome, first, second, since, until) as (values {', '.join(pairs)}) select "
            f"facts.*, one.{frequency}, one.value, other.value as other_value, (one.value <= "
            "other.value)::int as broken from facts join data as one on one.outcome = facts.outcome and "
            f"one.country = first and one.{frequency} between since and until join data as other on "
            f"other.outcome = facts.outcome and other.country = second and other.{frequency} = "
            f"one.{frequency}",
        )  # fmt: skip


def releases(suite: Suite) -> Iterator[Check]:
    """Day, country and openness of well-known models."""
    rows = ", ".join(
        f"({text(model)}, date '{day}', {text(country)}, {str(access == 'open').lower()})"
        for model, day, country, access in facts()["models"]
    )
    yield _judged(
        suite, "known_releases_hold",
        f"with facts (model_id, known_day, known_country, is_open) as (values {rows}) select facts.*, "
        "released, is_open_weights, country, (released is null or country is distinct from known_country or "
        "is_open_weights is distinct from is_open or abs(date_diff('day', released, known_day)) > "
        f"{TOLERATED_DAYS})::int as broken from facts left join data using (model_id) left join "
        "bridge_model_release_country using (model_id) where (select count(*) from data) > 0",
        ("bridge_model_release_country",),
    )  # fmt: skip


def papers(suite: Suite) -> Iterator[Check]:
    """Papers that a venue-year of conference_papers lists, where the venue-year is there."""
    rows = ", ".join(f"({text(venue)}, {year}, {papers})" for venue, year, papers in facts()["venues"])
    yield _judged(
        suite, "known_venues_hold",
        f"with facts (venue, year, known) as (values {rows}), counted as (select venue, year(date) as year, "
        "count(*) as papers from data where source = 'conference_papers' group by all) "
        f"select facts.*, papers, (abs(papers - known) > {TOLERATED_PAPERS} * known)::int as broken "
        "from facts join counted using (venue, year)",
    )  # fmt: skip


def _judged(suite: Suite, name: str, query: str, uses: tuple[str, ...] = ()) -> Check:
    judged = f"select * from ({query}) where (select value from origin) <> 'sample'"
    return suite.between(name, "error", WHAT, judged, "broken", high=0, uses=uses)
