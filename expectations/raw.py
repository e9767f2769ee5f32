"""Checks of the raw tables: did each source arrive whole, in time order and in its own units?

Counts, ranges and shares only; types were enforced when the table was loaded, keys are dbt's.
Every table has the same few; what one source needs besides is a function in ``deliveries``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Protocol

from expectations import baseline, deliveries, entries, model_lists, repository_lists, siblings, versions
from expectations.checks import BEGINNING, END, Check, Suite, quoted, text

BEGINNINGS: Mapping[str, date] = {
    "arxiv": date(1991, 8, 1),  # its first month
    "atom_tracked_models": date(2022, 11, 30),  # where its scope begins
    "bmlist": date(2017, 1, 1),
    "commit_weeks": date(2005, 4, 1),  # git's own first commit, in its week
    "chinese_pretrained_models": date(2018, 1, 1),
    "github_events": date(2011, 2, 7),  # the week of the first hour file
    "github_ranking": date(2008, 2, 1),  # GitHub's first days: the oldest last push
    "github_trending": date(2014, 8, 9),
    "hf_model_trees": date(2022, 3, 2),  # as the next
    "hugging_face_hub": date(2022, 3, 2),
    "llm_leaderboards": date(2022, 3, 2),  # the hub's own fill value for everything older
    "model_registry_dates": date(2023, 1, 1),  # the projects are younger
    "nlp_arxiv_daily": date(1991, 8, 14),  # arXiv's first paper
    "open_llms": date(2018, 1, 1),
    "openalex": date(2018, 12, 1),  # the first month that is asked for
    "regulations_gov_bis": date(2003, 1, 1),
    "repository_metadata": date(2008, 2, 1),  # GitHub's first days
    "china_policy_lists": date(2010, 1, 1),
}
# a rule may bind from a day to come; the day on a document may be a slip, of which the page's day is judge
FORWARD_LOOKING = {"effective", "compliance_deadline", "end_date", "issued"}
# of a table, or of all of a source: what the publisher leaves empty, or had no column for in a layout
OPTIONAL: Mapping[str, Collection[str]] = {
    # what only a fetch brings
    "china_policy_documents": {"library", "number", "category"},
    "commit_weeks": {"faulty_commits_left_out", "rewritten_on", "vanished_on"},
    "epoch_models": {"confidence", "organization_categorization"},
    "epoch_models/all_ml_systems_full_view": {"model_accessibility"},
    # what an engine or a layout does not tell
    "github_events/actor_hours": {"stated_country"},
    "github_events/hours": {"generation"},
    "github_events/repositories": {"github_id"},
    "github_events/repository_hours": {"actors"},
    "federal_register_posts": {"type", "action", "agencies", "cfr_parts", "citation", "effective", "dates"},
    # texts that are read for names and not kept
    **{
        f"{source}/mentions": {"text"}
        for source in ("agora_fulltext", "arxiv", "us_patents", "uspto_patents")
    },
    "repository_metadata": {"archived_at"},
}
UNKNOWN_IS_NEGATIVE = {"params_billions"}  # the publisher writes -1 for unknown
NUMBERS = {"int64", "double"}
MAX_REJECTED_SHARE = 0.01
MIN_REJECTED = 10  # as the loader: a handful of bad rows in a small file is no broken file


class TableLike(Protocol):
    """A table as its source declares it; ``columns`` are Arrow fields (``name``, ``type``)."""

    @property
    def name(self) -> str: ...
    @property
    def columns(self) -> Iterable[Any]: ...


class SourceLike(Protocol):
    """A source as it declares itself."""

    @property
    def name(self) -> str: ...
    @property
    def tables(self) -> Sequence[TableLike]: ...
    @property
    def max_rejected_share(self) -> float: ...


def checks(
    sources: Iterable[SourceLike],
    *,
    present: Collection[str] | None = None,
    until: date = END,
    baselines: Collection[str] = (),
) -> tuple[Check, ...]:
    """Every check of the raw tables.

    ``present`` names the tables (``<source>/<table>``) that the archive lists files for, all by
    default; only these must have rows. ``until`` is the last day that data may speak for. ``baselines``
    names the sources that have one: the table ``baseline/<source>``. None changes which checks there are.
    """
    return tuple(
        check
        for source in sources
        for check in _source(
            source, present, until, f"baseline/{source.name}" if source.name in baselines else None
        )
    )


def _source(
    source: SourceLike, present: Collection[str] | None, until: date, accepted: str | None
) -> Iterator[Check]:
    for table in source.tables:
        name = f"{source.name}/{table.name}"
        suite = Suite("raw", name)
        types = {field.name: str(field.type) for field in table.columns}
        yield _rows_present(suite, must=present is None or name in present)
        optional = {*OPTIONAL.get(source.name, ()), *OPTIONAL.get(name, ())}
        yield _columns_filled(suite, [column for column in types if column not in optional])
        yield from _in_range(suite, types, BEGINNINGS.get(source.name, BEGINNING), until)
        if of_table := OF_TABLE.get(name):
            yield from of_table(suite)
        for family in FAMILIES.get(name, ()):
            yield from family(suite)
        yield from baseline.checks(suite, types, accepted)
        if records := siblings.TABLES.get(name):
            yield from siblings.files(suite, records)
    yield from _rejected(source)


def _rows_present(suite: Suite, must: bool) -> Check:
    return suite.count(
        "rows_present",
        "error",
        "The manifest lists files of this table but none of their rows arrived: the parser or the file "
        "layout changed. Read the source alone (python -m dlt_sources) and teach it the new layout.",
        "select count(*) as row_count from data",
        low=1 if must else 0,
    )


def _columns_filled(suite: Suite, columns: list[str]) -> Check:
    # an empty table judges nothing: unpivot leaves its nulls out
    counts = ", ".join(f"nullif(count({quoted(c)}), if(count(*) = 0, 0, -1)) as {quoted(c)}" for c in columns)
    return suite.between(
        "columns_filled",
        "warning",
        "A column without a single value: the publisher renamed or emptied it. Look at the newest file; map "
        "the new name in the source's module.",
        f"unpivot (select {counts} from data) on columns(*) into name column_name value filled",
        "filled",
        low=1,
    )


def _in_range(suite: Suite, types: Mapping[str, str], first: date, last: date) -> Iterator[Check]:
    """Bounds of numbers and dates, over one frame: one row a file and column, read in one scan."""
    numbers = [c for c, kind in types.items() if kind in NUMBERS and c not in UNKNOWN_IS_NEGATIVE]
    days = {c: day for c in types if (day := _day(c, types)) and c not in FORWARD_LOOKING}
    structs = []
    for column in dict.fromkeys([*numbers, *days]):
        least = f"min({quoted(column)})::double" if column in numbers else "null::double"
        earliest, latest = (
            (f"min({days[column]})", f"max({days[column]})") if column in days else ("null::date",) * 2
        )
        structs.append(
            f"{{column_name: {text(column)}, least: {least}, earliest: {earliest}, latest: {latest}}}"
        )
    query = f"select _source_file, unnest([{', '.join(structs)}], recursive := true) "
    query += "from data group by _source_file"
    if numbers:
        yield suite.between(
            "numbers_not_negative",
            "error",
            "A count, year or amount below zero: a shifted column or an overflow in the publisher's file. "
            "Fetch the file again or correct the source's column mapping.",
            query,
            "least",
            low=0,
        )
    if days:
        yield from _dates_in_range(suite, query, first, last)


def _day(column: str, types: Mapping[str, str]) -> str | None:
    """SQL for the day a column speaks for, or None where it is no date."""
    if types[column].startswith(("date", "timestamp")):
        return f"{quoted(column)}::date"
    if column == "year" and types[column] == "int64":
        return f"make_date(greatest(1, least(9999, {quoted(column)})), 1, 1)"
    return None


def _dates_in_range(suite: Suite, query: str, first: date, last: date) -> Iterator[Check]:
    yield suite.between(
        "dates_not_early",
        "error",
        f"A date before {first}, when the source cannot have spoken: a swapped day and year, or an epoch "
        "zero. Correct how the source's module reads the date, or fetch the file again.",
        query,
        "earliest",
        low=first,
    )
    yield suite.between(
        "dates_not_late",
        "error",
        f"A date after {last}: a typing error of the publisher or a wrong date format. Correct how the "
        "source's module reads the date, or fetch the file again.",
        query,
        "latest",
        high=last,
    )


def _rejected(source: SourceLike) -> Iterator[Check]:
    suite = Suite("raw", f"{source.name}/_rejected")
    tables = tuple(f"{source.name}/{table.name}" for table in source.tables)
    branches = (
        f"select {text(table.name)} as table_name, "
        f'(select count(*) from data where "table" = {text(table.name)}) as rejected, '
        f"(select count(*) from {quoted(name)}) as loaded"
        for table, name in zip(source.tables, tables, strict=True)
    )
    query = (
        f"select *, rejected / greatest(rejected + loaded, 1) as share, if(rejected < {MIN_REJECTED}, 0, "
        f"share) as share_of_many from ({' union all '.join(branches)})"
    )
    bound = max(MAX_REJECTED_SHARE, source.max_rejected_share)
    yield suite.between(
        "rejected_share_tolerable",
        "error",
        f"More than {bound:.0%} of a table's rows (and at least {MIN_REJECTED}) did not convert: the format "
        "changed. The table _rejected says which field and why; teach the source the new format.",
        query,
        "share_of_many",
        high=bound,
        uses=tables,
    )
    yield suite.between(
        "rejected_share_small",
        "warning",
        "More than 0.1 % of a table's rows did not convert: single bad records, or a format that begins to "
        "change. The table _rejected says which field and why.",
        query,
        "share",
        high=0.001,
        uses=tables,
    )


OF_TABLE: Mapping[str, Callable[[Suite], Iterator[Check]]] = {
    "atom_tracked_models/models": model_lists.tracked,
    "chinese_pretrained_models/models": partial(
        model_lists.makers, accounts=("hf_org", "github_owner", "modelscope_org")
    ),
    "epoch_models/all_ml_systems_full_view": lambda suite: deliveries.versions(suite, "version"),
    "epoch_models/notable_ai_models": lambda suite: deliveries.versions(suite, "version"),
    "eto_country_activity/patents_yearly_applications": deliveries.country_years,
    "eto_country_activity/patents_yearly_granted": deliveries.country_years,
    "eto_country_activity/publications_yearly_articles": deliveries.country_years,
    "github_ranking/rankings": deliveries.ranking_lists,
    "github_trending/scrapes": deliveries.trending_scrapes,
    "hf_model_trees/models": model_lists.trees,
    "innovation_graph/developers": deliveries.innovation_graph,
    "innovation_graph/git_pushes": deliveries.innovation_graph,
    "innovation_graph/organizations": deliveries.innovation_graph,
    "innovation_graph/repositories": deliveries.innovation_graph,
    "llm_leaderboards/huggingface_v2": lambda suite: deliveries.versions(suite, "version"),
    "model_registry_dates/first_listings": model_lists.listed_projects,
    "nlp_arxiv_daily/listings": deliveries.listings,
    "open_llms/models": partial(model_lists.makers, accounts=("hf_org", "github_owner")),
    "regulations_gov_bis/pages": deliveries.answer_pages,
    "us_patents/labelled": deliveries.labelled_patents,
}

Family = Callable[[Suite], Iterator[Check]]


def _counts(source: str, table: str, counts: versions.CountTable) -> dict[str, tuple[Family, ...]]:
    kinds = [versions.neighbouring_periods]
    kinds.append(versions.dated_counts if source == "innovation_graph" else versions.groups_of_countries)
    return {f"{source}/{table}": tuple(partial(kind, counts=counts) for kind in kinds)}


FAMILIES: Mapping[str, tuple[Family, ...]] = {
    **{f"epoch_models/{name}": (entries.epoch_list,) for name in entries.EPOCH[:3]},
    "epoch_models/notable_ai_models": (
        entries.epoch_list,
        partial(
            entries.kept,
            name="model",
            bounds={
                "country": 0.2,
                "publication_date": 0.05,
                "model_accessibility": 0.1,
                "organization": 0.1,
            },
        ),
    ),
    "llm_leaderboards/huggingface_v2": (
        partial(
            entries.kept,
            name="fullname",
            bounds={"base_model": 0.1, "upload_date": 0.1, "is_available_on_hub": 0.1},
        ),
    ),
    "best_of_ml/projects": (repository_lists.project_runs,),
    "chip_trade/exports": (deliveries.monthly_exports,),
    "github_ranking/rankings": (repository_lists.ranking_days,),
    "github_ranking_ai/rankings": (repository_lists.ranking_days,),
    "nlp_arxiv_daily/listings": (entries.paper_months,),
    "conference_papers/papers": (entries.venue_years,),
    "regulations_gov_bis/documents": (entries.answers,),
    **{
        k: v
        for name, c in versions.INNOVATION_GRAPH.items()
        for k, v in _counts("innovation_graph", name, c).items()
    },
    **{
        k: v
        for name, c in versions.COUNTRY_YEARS.items()
        for k, v in _counts("eto_country_activity", versions.COUNTRY_YEAR_TABLES[name], c).items()
    },
}
