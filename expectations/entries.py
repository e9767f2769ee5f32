"""Lists of entries with a name: the same entry in another version, list or day, and days in order.

An entry keeps its country, date and access from version to version, an organisation its country from
list to list. Bounds are calibrated on the real files. Not here: counts of repositories that lists repeat from
day to day (``repository_lists``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from expectations.checks import Check, Suite, quoted, text

ACCESS = ["API access", "Hosted access (no API)", "Open weights (non-commercial)", "Open weights "
"(restricted use)",
          "Open weights (unrestricted)", "Unreleased"]  # fmt: skip
KEEPING = (
    "An entry says otherwise than the version before of too many of the same entries: values in the wrong "
    "rows, exchanged, or a flag turned over. Fetch the newer version again."
)


def kept(suite: Suite, name: str, bounds: Mapping[str, float]) -> Iterator[Check]:
    """Of the entries that two neighbouring versions share, few change a field (``bounds``: share)."""
    only = ", ".join(
        f"avg(({quoted(c)} is distinct from {quoted(c + '_before')})::int) filter (where "
        f"{quoted(c + '_before')} is not null) / {bound} as {quoted(c)}"
        for c, bound in bounds.items()
    )
    columns = ", ".join(f"any_value({quoted(c)}) as {quoted(c)}" for c in bounds)
    before = ", ".join(f"older.{quoted(c)} as {quoted(c + '_before')}" for c in bounds)
    pairs = (
        f"with single as (select version, {quoted(name)} as entry, {columns} from data group by version, "
        "entry having count(*) = 1), entries as (select *, dense_rank() over (order by version) as number "
        f"from single), pairs as (select newer.*, {before} from entries as older join entries as newer on "
        "older.number + 1 = newer.number and older.entry = newer.entry)"
    )
    yield suite.between(
        "entries_keep_their_fields", "error", KEEPING,
        f"{pairs} unpivot (select version, count(*) as entries, {only} from pairs group by version having "
        "count(*) >= 20) on columns(* exclude (version, entries)) into name field value of_tolerated",
        "of_tolerated", high=1,
    )  # fmt: skip
    yield suite.between(
        "entries_stay", "error",
        "Too many entries of a version are absent from the next: the file is cut, or names are spelled "
        "anew. Fetch it again.",
        f"with entries as (select distinct version, {quoted(name)} as entry, dense_rank() over (order by "
        "version) as number from data) select older.number + 1 as version_number, count(*) as entries, "
        "avg((newer.entry is null)::int) as gone_share from entries as older left join entries as newer on "
        "newer.number = older.number + 1 and newer.entry = older.entry where older.number < (select "
        "max(number) from entries) group by all",
        "gone_share", high=0.25,
    )  # fmt: skip
    yield suite.between(
        "versions_bring_entries", "error",
        "A version has not one entry that the version before lacks: an old file under a new date. Fetch it "
        "again.",
        f"with entries as (select distinct version, {quoted(name)} as entry, dense_rank() over (order by "
        "version) as number from data) select newer.version, count(*) filter (where older.entry is null) as "
        "new_entries from entries as newer left join entries as older on older.number = newer.number - 1 "
        "and older.entry = newer.entry where newer.number > 1 group by all",
        "new_entries", low=1,
    )  # fmt: skip


EPOCH = ("notable_ai_models", "large_scale_ai_models", "all_ai_models", "all_ml_systems_full_view")


def epoch_list(suite: Suite) -> Iterator[Check]:
    """One of Epoch's lists, beside the three others."""
    others = tuple(f"epoch_models/{name}" for name in EPOCH if f"epoch_models/{name}" != suite.table)
    elsewhere = " union all ".join(
        f"select model, organization, country, publication_date, model_accessibility from {quoted(name)}"
        for name in others
    )
    single = "not contains(organization, ',') and not contains(country, ',')"
    yield suite.between(
        "organisations_keep_their_country", "error",
        "Organisations have another country here than in the other lists: countries swapped, renamed or in "
        "the wrong rows. Fetch the file again or map the new name.",
        f"with elsewhere as (select organization, mode(country) as usual from ({elsewhere}) where {single} "
        "group by organization) select version, count(*) as models, avg((country <> usual)::int) as "
        f"other_share from data join elsewhere using (organization) where {single} group by version having "
        "count(*) >= 20",
        "other_share", high=0.05, uses=others,
    )  # fmt: skip
    yield suite.between(
        "models_agree_with_other_lists", "error",
        "Models of one name have another date or access here than in the other lists: fields exchanged, "
        "turned over or in the wrong rows. Fetch the file again.",
        "with elsewhere as (select model, mode(publication_date) as published, mode(model_accessibility) as "
        f"access from ({elsewhere}) group by model) select version, count(*) as models, "
        "avg((publication_date <> published)::int) as other_dates, avg((model_accessibility <> "
        "access)::int) as other_access, greatest(other_dates, coalesce(other_access, 0)) as other_share "
        "from data join elsewhere using (model) group by version having count(*) >= 50",
        "other_share", high=0.15, uses=others,
    )  # fmt: skip
    yield from _epoch_access(suite)


def _epoch_access(suite: Suite) -> Iterator[Check]:
    known = ", ".join(text(a) for a in ACCESS)
    yield suite.between(
        "access_known", "error",
        "A way of access that the source has never had: the words were spelled anew, and open models would "
        "count as none. Map the new words in the staging model.",
        "select version, model_accessibility, count(*) as models, count(*) filter (where "
        f"model_accessibility not in ({known})) as unknown from data where model_accessibility is not null "
        "group by version, model_accessibility",
        "unknown", high=20,
    )  # fmt: skip
    yield suite.between(
        "versions_end_at_their_day", "error",
        "The newest model of a version is of a later day, or of one long before: dates shifted, or day and "
        "month exchanged. Fetch the file again.",
        "select version, date_diff('day', max(publication_date), version) as lag_days from data group by "
        "version",
        "lag_days", low=0, high=120,
    )  # fmt: skip
    yield suite.between(
        "access_filled", "error",
        "Hardly any model has a way of access, though the versions beside it do: the column is lost, and "
        "every country would have no open model. Fetch the file again.",
        "select version, count(model_accessibility) / count(*) as filled from data group by version having "
        "count(*) >= 50 and version >= date '2024-06-01'",
        "filled", low=0.2,
    )  # fmt: skip


def paper_months(suite: Suite) -> Iterator[Check]:
    """Monthly files of titles: dates of their month, papers of their own."""
    day = "try_cast(regexp_extract(_source_file, '[0-9]{4}-[0-9]{2}') || '-01' as date)"
    yield suite.between(
        "dates_fit_their_month", "error",
        "Half of a month's papers are dated outside their month: another month's file, or day and month "
        "exchanged. Fetch it again.",
        f"select _source_file, count(*) as papers, date_diff('day', min({day}), quantile_disc(date, 0.5)) as "
        "middle from data group by _source_file having count(*) >= 50",
        "middle", low=-15, high=31,
    )  # fmt: skip
    yield suite.between(
        "months_follow", "error",
        "A month between the first and the last has no file: titles of it would be none. Add the file.",
        f"with months as (select distinct {day} as month from data) select date_diff('month', min(month), "
        "max(month)) + 1 - count(month) as missing from months",
        "missing", high=0,
    )  # fmt: skip
    yield suite.between(
        "dates_not_after_their_month", "error",
        "Papers of a month are dated long after it: day and month exchanged, or dates shifted. Fetch it "
        "again.",
        f"select _source_file, avg((date > {day} + interval 2 month)::int) as late_share from data group by "
        "all having count(*) >= 50",
        "late_share", high=0.1,
    )  # fmt: skip
    yield from _paper_entries(suite)


def _paper_entries(suite: Suite) -> Iterator[Check]:
    yield suite.between(
        "ids_fit_their_dates", "error",
        "A paper's id names another month than its date: dates shifted, or day and month exchanged. Fetch "
        "it again.",
        "select _source_file, count(*) as papers, avg((abs(date_diff('month', make_date(2000 + "
        "left(arxiv_id, 2)::int, substr(arxiv_id, 3, 2)::int, 1), date)) > 1)::int) as other_share from "
        "data where regexp_matches(arxiv_id, '^[0-9]{2}(0[1-9]|1[0-2])[.]') group by all having count(*) >= "
        "50",
        "other_share", high=0.1,
    )  # fmt: skip
    yield suite.between(
        "keywords_of_a_month_full", "error",
        "A month has far fewer keywords than the months beside it: part of the file is gone. Fetch it again.",
        "with months as (select _source_file, count(distinct keyword) as keywords from data group by all) "
        "select *, keywords / median(keywords) over (order by _source_file rows between 3 preceding and 3 "
        "following) as share from months where keywords > 2 qualify count(*) over () >= 5",
        "share", low=0.5,
    )  # fmt: skip
    yield suite.between(
        "titles_of_like_length", "warning",
        "Titles of a month are far shorter than those of the others: cut by the publisher or by the reader. "
        "Read the file.",
        "with months as (select _source_file, avg(length(title)) as characters from data group by all "
        "having count(*) >= 50) select *, characters / median(characters) over () as share from months",
        "share", low=0.7, high=1.4,
    )  # fmt: skip


def venue_years(suite: Suite) -> Iterator[Check]:
    """Accepted papers of a venue-year beside the other years."""
    yield suite.between(
        "papers_are_of_one_year", "error",
        "Most titles of a venue-year stand in another of its years: last year's file under a new name. "
        "Fetch it again.",
        "with titles as (select distinct venue, year, lower(title) as title from data) select here.venue, "
        "here.year, count(*) as papers, avg((there.title is not null)::int) as share_elsewhere from titles "
        "as here left join (select venue, title, min(year) as least, max(year) as most from titles group by "
        "all) as there on there.venue = here.venue and there.title = here.title and (least <> here.year or "
        "most <> here.year) group by all",
        "share_elsewhere", high=0.75,
    )  # fmt: skip
    for name, country in (("china", "China"), ("united_states", "United States")):
        yield suite.between(
            f"share_of_{name}_steady", "error",
            f"The share of papers with an address in {country} is far from the venue's other years: "
            "countries swapped, renamed, cut or lost. Compare the file with the venue's page.",
            "with years as (select venue, year, count(aff_country_unique) as papers, "
            f"avg(contains(aff_country_unique, {text(country)})::int) as share from data group by all having "
            "papers >= 20), beside as (select *, avg(share) over (partition by venue rows between unbounded "
            "preceding and unbounded following exclude current row) as usual from years) select *, "
            "abs(share - usual) - 1.25 / sqrt(papers) as difference from beside",
            "difference", high=0.12,
        )  # fmt: skip
    yield from _countries_of_papers(suite)


def _countries_of_papers(suite: Suite) -> Iterator[Check]:
    yield suite.between(
        "papers_have_several_countries", "error",
        "Hardly a paper of a venue-year has two countries, though the other years do: each was cut to its "
        "first. Fetch it again.",
        "with years as (select venue, year, count(aff_country_unique) as papers, "
        "avg(contains(aff_country_unique, ';')::int) as share from data group by all having papers >= 50), "
        "beside as (select *, avg(share) over (partition by venue rows between unbounded preceding and "
        "unbounded following exclude current row) as usual from years) select *, share / usual as kept from "
        "beside where usual > 0.05",
        "kept", low=0.4,
    )  # fmt: skip
    yield suite.between(
        "countries_fit_affiliations", "error",
        "An institution has another country in one venue-year than in the others: countries in the wrong "
        "rows. Fetch it again.",
        "with single as (select venue, year, trim(aff_unique_norm) as institution, aff_country_unique as "
        "country from data where not contains(aff_unique_norm, ';') and not contains(aff_country_unique, "
        "';')), usual as (select institution, mode(country) as usual from single group by institution "
        "having count(*) >= 3) select venue, year, count(*) as papers, avg((country <> usual)::int) as "
        "other_share from single join usual using (institution) group by all having count(*) >= 20",
        "other_share", high=0.2,
    )  # fmt: skip


def answers(suite: Suite) -> Iterator[Check]:
    """Documents of a service's answer to one day's query."""
    yield suite.between(
        "documents_of_the_day_asked", "error",
        "Documents of an answer were posted on another day than the one asked for: another day's answer. "
        "Fetch it again.",
        "select query_date, count(*) as documents, avg((abs(date_diff('day', posted_at::date, query_date)) "
        "> 1)::int) as other_share from data group by query_date",
        "other_share", high=0.1,
    )  # fmt: skip
    yield suite.between(
        "days_have_their_agency", "error",
        "A day that was kept for a document of BIS has none: the agency is spelled anew, or the answer is "
        "another's. Fetch the day again.",
        "select query_date, count(*) as documents, count(*) filter (where agency_id = 'BIS') as of_bis from "
        "data group by query_date",
        "of_bis", low=1,
    )  # fmt: skip
    yield suite.between(
        "withdrawn_rare", "error",
        "Most documents of a day are withdrawn: a flag turned over. Fetch the day again.",
        "select query_date, count(*) as documents, avg(is_withdrawn::int) as withdrawn_share from data "
        "group by query_date having count(*) >= 5",
        "withdrawn_share", high=0.5,
    )  # fmt: skip
    yield suite.between(
        "ids_fit_their_kind", "warning",
        "Proposed rules outnumber rules on a day as on no other, or ids do not fit: kinds exchanged. Fetch "
        "the day again.",
        "select query_date, count(*) as documents, avg((document_type = 'Rule')::int) as share_of_rules "
        "from data group by query_date having count(*) >= 10",
        "share_of_rules", low=0.1,
    )  # fmt: skip
