"""A source's version against the one before, a period against its neighbours, a list against its kin.

Every frame has one row per cell, or per version where the fault is a share of many cells. Bounds are
calibrated on the real versions: Innovation Graph has never moved a cell, Epoch's largest revision gave
countries to 14 % of its models. Not here: files against files (``siblings``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from expectations.checks import Check, Suite, quoted, text


@dataclass(frozen=True)
class CountTable:
    """SQL of a count table's cells: ``series`` are counted apart, ``period`` is a whole number."""

    value: str
    country: str
    period: str
    series: str = "''"
    version: str = "date '1970-01-01'"
    large: int = 20_000  # smaller counts come and go and jump
    is_whole: str = "true"  # years still being counted fall and change order
    largest_step: float = 15  # between neighbouring periods; pushes of one economy rose sevenfold

    def cells(self, is_whole: str | None = None) -> str:
        """Of whole periods, or of all with ``is_whole`` true."""
        return (
            f"cells as (select {self.version} as version, {self.series} as series, {self.country} as "
            f"country, {self.period} as period, sum({quoted(self.value)})::double as value from data where "
            f"{is_whole or self.is_whole} group by all)"
        )

    def numbered(self) -> str:
        number = "dense_rank() over (order by version) as number"
        return f"{self.cells()}, numbered as (select *, {number} from cells)"


INNOVATION_GRAPH = {
    measure: CountTable(measure, "iso2_code", "year * 4 + quarter", version="vintage")
    for measure in ("git_pushes", "repositories", "developers", "organizations")
}
COUNTRY_YEARS = {
    measure: CountTable(measure, "country", "year", "field", large=1_000, is_whole="complete")
    for measure in ("num_articles", "num_patent_granted", "num_patent_applications")
}


def dated_counts(suite: Suite, counts: CountTable) -> Iterator[Check]:
    """Versions of one count table: what an older one said stands in the newer."""
    pairs = (
        f"with {counts.numbered()} select newer.version, newer.country, newer.period, older.value as before, "
        "newer.value, newer.value / nullif(older.value, 0) as factor from numbered as older join numbered "
        "as newer on older.number + 1 = newer.number and older.series = newer.series and older.country = "
        "newer.country and older.period = newer.period where older.value >= 100"
    )
    yield suite.between(
        "published_cells_stand", "error",
        "A cell of an older version is another number in the newer by more than a fifth: countries swapped, "
        "another unit, a shifted column or values in the wrong rows. Fetch the newer version again; accept "
        "it where the publisher says that they revised.",
        pairs, "factor", low=0.8, high=1.25,
    )  # fmt: skip
    yield suite.between(
        "published_cells_stay", "error",
        "Cells of an older version are absent from the newer: a country or a period is gone, or the file is "
        "cut. Fetch the newer version again.",
        f"with {counts.numbered()} select older.number + 1 as version_number, older.country, count(*) as "
        "gone from numbered as older anti join numbered as newer on older.number + 1 = newer.number and "
        "older.series = newer.series and older.country = newer.country and older.period = newer.period "
        "where older.number < (select max(number) from numbered) group by all",
        "gone", high=0,
    )  # fmt: skip
    yield suite.between(
        "versions_bring_a_period", "error",
        "A version ends where the one before ends: an old file under a new date. Fetch it again or remove "
        "it.",
        f"with {counts.cells()}, ends as (select version, max(period) as last from cells group by version) "
        "select version, last, last - lag(last) over (order by version) as periods_new from ends",
        "periods_new", low=1,
    )  # fmt: skip


def neighbouring_periods(suite: Suite, counts: CountTable) -> Iterator[Check]:
    """Periods of one count table, each beside the one before, in every version."""
    steps = (
        f"{counts.cells()}, steps as (select *, lag(value) over series_ as before, lag(period) over series_ "
        "+ 1 = period as is_next from cells window series_ as (partition by version, series, country order "
        "by period))"
    )
    yield suite.between(
        "steps_plausible", "error",
        "A country's number rises or falls from one period to the next beyond what the source has ever "
        "shown, or turns into zero: another unit, a slipped digit, an empty cell read as zero. Compare the "
        "cell with the publisher's.",
        f"with {steps} select version, series, country, period, before, value, greatest(value / before, "
        "before / greatest(value, 1)) as factor from steps where is_next and greatest(value, before) >= "
        f"{counts.large} and before >= 50",
        "factor", high=counts.largest_step,
    )  # fmt: skip
    yield suite.between(
        "periods_differ", "error",
        "Most countries have the very number of the period before: a period was copied. Fetch the file "
        "again.",
        f"with {steps} select version, series, period, count(*) as countries, avg((value = before)::int) as "
        "equal_share from steps where is_next and value >= 100 group by all having count(*) >= 5",
        "equal_share", high=0.3,
    )  # fmt: skip
    yield suite.between(
        "order_of_countries_holds", "error",
        "The order of the countries is not that of the period before: countries swapped, or values in the "
        "wrong rows. Fetch the file again.",
        f"with {steps}, ranked as (select version, series, period, rank() over (places order by value) as "
        "here, rank() over (places order by before) as there from steps where is_next and greatest(value, "
        "before) >= 100 window places as (partition by version, series, period)) select version, series, "
        "period, count(*) as countries, corr(here, there) as rank_correlation from ranked group by all "
        "having count(*) >= 10",
        "rank_correlation", low=0.8,
    )  # fmt: skip
    yield from _countries_stay(suite, counts)


def _countries_stay(suite: Suite, counts: CountTable) -> Iterator[Check]:
    yield suite.between(
        "countries_stay", "error",
        "A country with numbers in a period has no row in the next, while others do: half a file, or a name "
        "spelled anew. Fetch the file again, or add the name to the seed of countries.",
        f"with {counts.cells()}, ends as (select version, series, max(period) as last from cells group by "
        "all) select cells.version, cells.series, cells.country, cells.period, cells.value from cells join "
        "ends on cells.version = ends.version and cells.series = ends.series and period < last anti join "
        "cells as following on following.version = cells.version and following.series = cells.series and "
        "following.country = cells.country and following.period = cells.period + 1",
        "value", high=counts.large,
    )  # fmt: skip


GROUPS = {  # group of the tracker: members that it cannot be smaller than
    "Asia": ("China (mainland)", "Japan", "South Korea", "India"),
    "North America and the Caribbean": ("United States", "Canada"),
    "Five Eyes": ("United States", "United Kingdom", "Australia"),
    "Europe": ("Germany", "United Kingdom", "France"),
    "EU": ("Germany", "France", "Italy"),
}


def groups_of_countries(suite: Suite, counts: CountTable) -> Iterator[Check]:
    """Country tables in which groups stand beside their members, and fields beside their total."""
    pairs = ", ".join(f"('{group}', '{m}')" for group, members in GROUPS.items() for m in members)
    yield suite.between(
        "groups_hold_their_members", "error",
        "A group of countries counts less than one of its members: countries swapped or a unit changed. "
        "Fetch the file again.",
        f"with {counts.cells('true')}, members (group_name, country) as (values {pairs}) select "
        "cells.series, cells.period, group_name, cells.country, cells.value / nullif(whole.value, 0) as "
        "share from cells join members using (country) join cells as whole on whole.country = group_name "
        "and whole.series = cells.series and whole.period = cells.period where cells.value >= 100",
        "share", high=1,
    )  # fmt: skip
    yield suite.between(
        "fields_within_all", "error",
        "A country has more in one field than in all: two fields are exchanged or one is renamed. Fetch the "
        "file again.",
        f"with {counts.cells('true')} select cells.series, cells.country, cells.period, cells.value / "
        "greatest(coalesce(whole.value, 0), 1) as share from cells left join cells as whole on whole.series "
        "= 'All' and whole.country = cells.country and whole.period = cells.period where cells.series <> "
        "'All'",
        "share", high=1,
    )  # fmt: skip
    yield from _unfinished_years(suite, counts)
    named = ["All", "China (mainland)", "United States", "Germany", "Japan"]
    named += ["Large language models"] if counts.value == "num_articles" else []
    yield suite.zero(
        "fields_and_countries_known", "error",
        "A field or country that the outcomes are made of is absent: the publisher renamed it, and its "
        "cells would be filled with zero. Map the new name.",
        f"with {counts.cells()}, named (name) as (values {', '.join(f'({text(name)})' for name in named)}) "
        "select name, (name not in (select series from cells union select country from cells))::int as "
        "absent from named where (select count(*) from cells) > 0",
        "absent",
    )  # fmt: skip
    yield suite.between(
        "completeness_ends_once", "error",
        "The flag of complete years is the same for every year, or an incomplete year comes before a "
        "complete one: the flag was lost or inverted, and years still being counted would pass as whole. "
        "Fetch the file again.",
        "with years as (select year, bool_and(complete) as is_complete from data group by year) select "
        "count(*) filter (where is_complete) as complete_years, count(*) filter (where not is_complete and "
        "year < (select max(year) from years where is_complete)) + (count(distinct is_complete) < 2)::int "
        "as misplaced from years having count(*) >= 5",
        "misplaced", high=0,
    )  # fmt: skip


def _unfinished_years(suite: Suite, counts: CountTable) -> Iterator[Check]:
    """Years still being counted fall behind, all countries alike."""
    beside = (
        f"with {counts.cells('true')}, unfinished as (select field as series, year as period from data "
        "group by all having not bool_and(complete)), beside as (select *, lag(value) over (partition by "
        "series, country order by period) as before, max(period) over () as last from cells)"
    )
    yield suite.between(
        "unfinished_years_hold_less", "error",
        "A country has far more in a year that is still being counted than in the year before: another "
        "unit, or a slipped digit. Fetch the file again.",
        f"{beside} select series, country, period, before, value, value / before as growth from beside "
        "semi join unfinished using (series, period) where before >= 50",
        "growth", high=3,
    )  # fmt: skip
    yield suite.between(
        "unfinished_years_are_there", "error",
        "A year that is still being counted, and is not the newest, has hardly anything: its rows or "
        "numbers are gone, or half of them. Fetch the file again.",
        f"{beside} select series, period, sum(value) / sum(before) as growth from beside semi join "
        "unfinished using (series, period) where period < last - 1 group by all having sum(before) >= 1000",
        "growth", low=0.35,
    )  # fmt: skip
    yield suite.between(
        "unfinished_years_keep_the_order", "error",
        "In a year that is still being counted the order of the countries is not that of the year before: "
        "countries swapped, or values in the wrong rows. Fetch the file again.",
        f"{beside}, ranked as (select series, period, rank() over (places order by value) as here, rank() "
        "over (places order by before) as there from beside semi join unfinished using (series, period) "
        "where greatest(value, before) >= 100 window places as (partition by series, period)) select "
        "series, period, count(*) as countries, corr(here, there) as rank_correlation from ranked "
        "group by all having count(*) >= 10",
        "rank_correlation", low=0.5,
    )  # fmt: skip


COUNTRY_YEAR_TABLES = {
    "num_articles": "publications_yearly_articles",
    "num_patent_granted": "patents_yearly_granted",
    "num_patent_applications": "patents_yearly_applications",
}
