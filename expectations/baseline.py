"""What the last accepted run's raw tables added up to, and a new run's tables beside it.

For sources with one version there is no version before: the baseline is it. ``aggregates`` makes it
(``gate/baseline/<source>.parquet``: table, file, country, period, measure, value); ``checks`` compares.
Not here: when a baseline is replaced (only by a run that passed), which is the gate's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import Check, Suite, quoted, text

if TYPE_CHECKING:
    import pyarrow as pa

LARGE = 20  # smaller cells come and go between two fetches
LEAST_KEPT, MOST_KEPT = 0.6, 3.0  # of a cell: years that are still being counted double
SERIES = 3  # accepted files still listed that make a family one of days, of which none replaces another
LEAST_SUM, MOST_SUM = 0.9, 1.5  # of a whole file, which a month more does not double
NOWHERE = ("''", "''")
PLACES: Mapping[str, tuple[str, str]] = {  # SQL of country (or the category that stands for it) and period
    **dict.fromkeys(
        [f"innovation_graph/{t}" for t in ("git_pushes", "repositories", "developers", "organizations")],
        ("iso2_code", "year || '-' || quarter"),
    ),
    **dict.fromkeys(
        [
            "eto_country_activity/publications_yearly_articles",
            "eto_country_activity/patents_yearly_granted",
            "eto_country_activity/patents_yearly_applications",
        ],
        ("country || ' / ' || field", "year"),
    ),
    **dict.fromkeys(
        [f"epoch_models/{t}" for t in ("notable_ai_models", "large_scale_ai_models", "all_ai_models")],
        ("country", "year(publication_date)"),
    ),
    "agora_policy/documents": ("authority", "year(most_recent_activity_date)"),
    "agora_policy/document_tags": ("tag", "''"),
    "agora_policy/authorities": ("jurisdiction", "''"),
    "arxiv/papers": ("category", "strftime(submitted_month, '%Y-%m')"),
    "arxiv/mentions": ("family_id", "''"),
    "atom_tracked_models/models": ("org", "''"),
    "atom_tracked_models/organisation_regions": ("region", "''"),
    "best_of_ml/projects": ("category", "''"),
    "bmlist/models": ("''", "year(released)"),
    "china_policy_lists/policies": ("issuing_department", "year(publication_date)"),
    "chinese_pretrained_models/models": ("list", "year(month)"),
    "commit_weeks/commits": ("utc_offset", "year(week)"),
    "agora_fulltext/term_hits": ("term", "''"),
    "ccl_rules/rules": ("type", "year(published)"),
    "ccl_rules/entry_texts": ("entry", "''"),
    "china_policy_documents/documents": ("authority", "''"),
    "chip_trade/exports": ("exporter || ' / ' || destination || ' / ' || product", "year(month)"),
    "federal_register_posts/posts": ("''", "year(published)"),
    "conference_papers/papers": ("aff_country_unique", "year"),
    "ecosystem_graphs/assets": ("nationality", "year(created_date)"),
    "github_ranking/rankings": ("item", "''"),
    "github_ranking_ai/rankings": ("item", "''"),
    "github_trending/scrapes": ("language", "''"),
    "hf_model_trees/models": ("tree", "year(created_at)"),
    "hugging_face_hub/cohorts": ("owner", "created_month"),
    "llm_leaderboards/huggingface_v2": ("model_type", "strftime(upload_date, '%Y-%m')"),
    "model_registry_dates/first_listings": ("registry", "strftime(first_day, '%Y-%m')"),
    "nlp_arxiv_daily/listings": ("keyword", "strftime(date, '%Y-%m')"),
    "open_llms/models": ("''", "year(released)"),
    "openalex/works": ("countries", "year(month)"),
    "openalex/country_months": ("country", "year(month)"),
    "regulations_gov_bis/documents": ("document_type", "''"),
    "us_patents/documents": ("kind", "year(published)"),
    "us_patents/found_applications": ("collection", "''"),
    "us_patents/labelled": ("is_ai", "''"),
    "uspto_patents/cohorts": ("country", "kind"),
    "uspto_patents/documents": ("kind", "year(published)"),
    "uspto_patents/weeks": ("kind", "year(published)"),
}


FAMILY = "regexp_replace(file, '[0-9]+', '0', 'g')"  # a new version of a file has other digits in its path


def query(table: str, types: Mapping[str, str]) -> str:
    """SQL over ``data``: the table's aggregates, one row a file, country, period and measure.

    ``rows`` and the sums of whole numbers by country and period; by file ``filled <column>`` (values that
    are there) and ``content``: a number that changes with any value of any record and not with their order.
    """
    country, period = PLACES.get(table, NOWHERE)
    sums = {"rows": "count(*)"} | {c: f"sum({quoted(c)})" for c, kind in types.items() if kind == "int64"}
    measures = ", ".join(f"{value}::double as {quoted(name)}" for name, value in sums.items())
    filled = ", ".join(f"count({quoted(c)})::double as {quoted(f'filled {c}')}" for c in types)
    record = ", ".join(f"coalesce({quoted(c)}::varchar, '')" for c in types)
    return (
        f"select {text(table)} as table_name, * from (unpivot (select _source_file as file, "
        f"coalesce(({country})::varchar, '') as country, coalesce(({period})::varchar, '') as period, "
        f"{measures} from data group by all) on columns(* exclude (file, country, period)) into name measure "
        "value value union all from (unpivot (select _source_file as file, '' as country, '' as period, "
        f"{filled}, sum(hash({record}) % 1000003)::double as content from data group by file) on columns(* "
        "exclude (file, country, period)) into name measure value value))"
    )


def aggregates(tables: Mapping[str, tuple[Mapping[str, str], Sequence[Path]]]) -> pa.Table:
    """The baseline of one source. ``tables``: types of the declared columns and files, by name."""
    import duckdb

    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        parts = []
        for number, (table, (types, files)) in enumerate(sorted(tables.items())):
            listed = ", ".join(text(str(file)) for file in files)
            con.execute(f"create view part_{number} as select * from read_parquet([{listed}])")
            parts.append(f"({query(table, types).replace('from data', f'from part_{number}')})")
        return con.execute(f"{' union all '.join(parts)} order by all").to_arrow_table()


def checks(suite: Suite, types: Mapping[str, str], baseline: str | None) -> Iterator[Check]:
    """One table against the baseline (a table's name), or checks that pass where there is none.

    A file that is listed no more is compared with the newest new one of its family. Frames hold what is
    wrong and nothing else: a check that passes says the same with a baseline and without.
    """
    uses = (baseline,) if baseline else ()
    beside = _beside(suite.table, types, baseline) if baseline else ""
    cells = (
        f"{beside} select file, country, period, measure, before, value, kept from pairs where measure <> "
        f"'content' and before >= {LARGE} and kept not between {LEAST_KEPT} and {MOST_KEPT}"
        if baseline
        else "select 1.0 as kept where false"
    )
    files = (
        f"{beside}, sums as (select file, was, measure, sum(before) as before, sum(value) as value from "
        "pairs where measure <> 'content' group by all), contents as (select file, before <> value as "
        "differs from pairs where measure = 'content' and file = was), sizes as (select file, value <= "
        "before as no_more from sums where measure = 'rows') select file, 'content' as measure, null as "
        "before, null as value, 1 as altered from contents join sizes using (file) where differs and "
        f"no_more union all select file, measure, before, value, 1 from sums where before >= {LARGE} and "
        f"value / before not between {LEAST_SUM} and {MOST_SUM}"
        if baseline
        else "select 0 as altered where false"
    )
    yield _files_stay(suite, baseline)
    yield suite.between(
        "accepted_cells_stand", "error",
        "A count of the last accepted run is far from what it was, or gone: the file was cut, a country or "
        "category renamed, a column emptied, or a unit changed. Compare the file; accept it where the "
        "publisher revised.",
        cells, "kept", low=LEAST_KEPT, high=MOST_KEPT, uses=uses,
    )  # fmt: skip
    yield suite.between(
        "accepted_files_stand", "error",
        "A file of the last accepted run has other content and no more records, or other sums: values "
        "changed in place. Compare the two; accept it where the publisher corrected.",
        files, "altered", high=0, uses=uses,
    )  # fmt: skip


def _files_stay(suite: Suite, baseline: str | None) -> Check:
    gone = (
        "with listed as (select distinct _source_file as file from data), accepted as (select distinct "
        f"file, {FAMILY} as family from {quoted(baseline)} where table_name = {text(suite.table)}), kept as "
        "(select accepted.*, listed.file is not null as is_kept from accepted left join listed using "
        "(file)), judged as (select *, count(*) filter (where is_kept) over (partition by family) as "
        "others, max(file) filter (where is_kept) over (partition by family) as newest from kept) select "
        f"file, 1 as gone from judged where not is_kept and others >= {SERIES} and file < newest"
        if baseline
        else "select 0 as gone where false"
    )
    return suite.between(
        "accepted_files_stay", "warning",
        "A file of the last accepted run is listed no more, though those before and after it are: a day of a "
        "series is lost, and flows across it belong to no period. Put the file back, or leave the gap.",
        gone, "gone", high=0, uses=(baseline,) if baseline else (),
    )  # fmt: skip


def _beside(table: str, types: Mapping[str, str], baseline: str) -> str:
    """SQL of ``pairs``: each aggregate of the baseline, with its value now."""
    return (
        f"with now as ({query(table, types)}), accepted as (select * from {quoted(baseline)} where "
        f"table_name = {text(table)}), fresh as (select distinct file, {FAMILY} as family from now anti join "
        "accepted using (file)), heirs as (select accepted.file as was, max(fresh.file) as heir from "
        f"(select distinct file, {FAMILY} as family from accepted anti join now using (file)) as accepted "
        "join fresh using (family) group by was), placed as (select coalesce(heir, file) as file, file as "
        "was, country, period, measure, value as before from accepted left join heirs on was = file), pairs "
        "as (select placed.*, coalesce(now.value, 0) as value, coalesce(now.value, 0) / before as kept from "
        "placed left join now using (file, country, period, measure))"
    )
