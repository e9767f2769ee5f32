"""Checks of single deliveries: whole versions, lists, scrapes and answers of one publisher.

What every raw table gets is in ``raw``.
"""

from __future__ import annotations

from collections.abc import Iterator

from expectations.checks import Check, Suite


def versions(suite: Suite, version: str) -> Iterator[Check]:
    """A table of several dated versions of one list."""
    yield suite.between(
        f"{version}s_do_not_shrink",
        "warning",
        f"A {version} with fewer rows than 95 % of the one before: the publisher dropped entries, or the "
        "download was cut. Compare both files before an estimate as of that day is trusted.",
        f"with sizes as (select {version}, count(*) as row_count from data group by {version}) select *, "
        f"row_count / lag(row_count) over (order by {version}) as growth from sizes",
        "growth",
        low=0.95,
    )


def innovation_graph(suite: Suite) -> Iterator[Check]:
    """Counts by economy and quarter, every vintage."""
    yield from versions(suite, "vintage")
    yield suite.between(
        "vintage_brings_its_quarter",
        "warning",
        "A vintage whose newest quarter ended more than 300 days before its release: an old file published "
        "again, or served under a new date. Fetch it again.",
        "select vintage, date_diff('day', max(make_date(year, quarter * 3 - 2, 1)) + interval 3 month, "
        "vintage) as lag_days from data group by vintage",
        "lag_days",
        high=300,
    )
    yield suite.zero(
        "quarters_without_holes",
        "error",
        "A quarter inside a vintage has no row of any economy: half a file. Fetch the vintage again.",
        "with q as (select vintage, year * 4 + quarter as number from data) select vintage, max(number) - "
        "min(number) + 1 - count(distinct number) as missing from q group by vintage",
        "missing",
    )


def country_years(suite: Suite) -> Iterator[Check]:
    """Counts by country, field and year."""
    yield suite.zero(
        "years_without_holes",
        "error",
        "A year between a field's first and last has no row of any country: half a file. Fetch it again.",
        "select field, max(year) - min(year) + 1 - count(distinct year) as missing from data group by field",
        "missing",
    )
    yield suite.between(
        "completeness_is_by_year",
        "warning",
        "A year that is complete for one country and not for another: the flag speaks for publication lag, "
        "which is the same for all. Look at the flag before a year is used.",
        "select year, count(distinct complete) as kinds from data group by year",
        "kinds",
        high=1,
    )


def ranking_lists(suite: Suite) -> Iterator[Check]:
    """Daily top-100 lists."""
    yield suite.between(
        "lists_are_full",
        "warning",
        "A day whose lists have fewer than 90 of 100 rows: the publisher's search broke off (60-row days of "
        "2022). The rows are kept; what is absent is unknown, not zero, and the day is flagged.",
        "with lists as (select observed, item, count(*) as row_count from data group by all) select "
        "observed, median(row_count) as rows_per_list from lists group by observed",
        "rows_per_list",
        low=90,
    )
    yield suite.between(
        "floors_rise",
        "warning",
        "A list whose lowest star count falls below 80 % of its earlier maximum in a year's days: a false "
        "top list. Levels of the repositories present are right; absence from the list says nothing.",
        """
        with floors as (select item, observed, min(stars) as floor from data group by all),
        broken as (
            select *, floor < 0.8 * max(floor) over (
                partition by item order by observed rows between unbounded preceding and 1 preceding
            ) as is_false from floors where item <> 'top-100-forks'
        )
        select year(observed) as year, item, avg(is_false::int) as false_share from broken group by all
        """,
        "false_share",
        high=0.5,
    )
    yield suite.between(
        "days_close_together",
        "warning",
        "More than 20 days between two files: flows across the gap belong to no week. Add the missing days "
        "to the archive, or leave the gap: the weeks stay out.",
        "with days as (select distinct observed from data) select observed as after_gap, date_diff('day', "
        "lag(observed) over (order by observed), observed) as gap_days from days",
        "gap_days",
        high=20,
    )


def trending_scrapes(suite: Suite) -> Iterator[Check]:
    """One row a page of the trending list that was scraped."""
    yield suite.between(
        "languages_per_day_steady",
        "warning",
        "A day of an archive with fewer than 60 % of the languages usual in its month: a scrape that broke "
        "off. Counts of the day are too low; the missing pages are no zeros.",
        """
        with days as (
            select archive, day, count(distinct language) filter (where entries > 0) as languages
            from data group by all
        )
        select archive, day, languages, languages / median(languages)
            over (partition by archive, date_trunc('month', day)) as share_of_usual from days
        """,
        "share_of_usual",
        low=0.6,
    )
    yield suite.between(
        "empty_scrapes_rare",
        "warning",
        "More than 3 % of an archive's pages of a year are empty: the page layout changed and the scraper "
        "did not notice. An empty page is a failed scrape, never zero.",
        "select archive, year(day) as year, avg((entries = 0)::int) as empty_share from data group by all",
        "empty_share",
        high=0.03,
    )


def listings(suite: Suite) -> Iterator[Check]:
    """Monthly files of arXiv titles under search keywords."""
    yield suite.between(
        "both_line_formats_read",
        "warning",
        "Lines of one format only although the source mixes two in its files: a parser that reads one of "
        "them loses up to 88 % of the lines. Look at the lines of one file.",
        "select count(distinct line_format) as formats from data having count(*) > 0",
        "formats",
        low=2,
    )


def answer_pages(suite: Suite) -> Iterator[Check]:
    """Pages of a service's answers to one query a day."""
    yield suite.zero(
        "answers_whole",
        "error",
        "A day's pages contain fewer documents than the service says there are: paging broke off. Fetch the "
        "day again.",
        "select query_date, max(total_elements) - sum(elements) as missing from data group by query_date",
        "missing",
    )


def labelled_patents(suite: Suite) -> Iterator[Check]:
    """Patents that people labelled, and the words for AI that stand in for a label elsewhere."""
    yield suite.between(
        "ai_words_precise",
        "warning",
        "Fewer than 95 % of the labelled patents with words for AI are labelled AI: the words say too much. "
        "See which (AI_WORDS in dlt_sources/patent_documents.py) stand in patents about other things.",
        "select avg(is_ai::int) as precision from data where has_ai_words having count(*) >= 20",
        "precision",
        low=0.95,
    )


def monthly_exports(suite: Suite) -> Iterator[Check]:
    """Customs statistics, one row a month and flow."""
    yield suite.zero(
        "months_of_flows_follow",
        "error",
        "A flow lacks a month between its first and last, or a row is dated within a month: dates shifted, "
        "or part of the file is gone. Fetch it again.",
        "select exporter, destination, product, date_diff('month', min(month), max(month)) + 1 - "
        "count(distinct date_trunc('month', month)) + count(*) filter (where day(month) <> 1) as misplaced "
        "from data group by all",
        "misplaced",
    )
    yield suite.between(
        "months_resemble_their_neighbours",
        "error",
        "A flow's months say nothing of the months beside them: values stand in the wrong rows. Fetch the "
        "file again.",
        "with beside as (select *, lag(value) over (partition by destination, product order by month) as "
        "before from data where exporter = 'KR' and value > 0) select destination, product, count(*) as "
        "months, corr(ln(value), ln(before)) as similarity from beside group by all having count(*) >= 24",
        "similarity",
        low=0.4,
    )
    yield suite.between(
        "chips_exceed_machines",
        "error",
        "Korea's exports of chips (8542) are below those of machines that make them (8486), of which it "
        "sells a tenth as much: columns exchanged, or another unit. Fetch the file again.",
        "select month, max(value) filter (where product = '8542') / max(value) filter (where product = "
        "'8486') as ratio from data where exporter = 'KR' group by month",
        "ratio",
        low=1,
        high=100,
    )
