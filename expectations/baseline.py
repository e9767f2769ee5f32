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
    "china_policy_lists/policies": ("issuing_department", "year(publication_date)"),
    "conference_papers/papers": ("aff_country_unique", "year"),
    "github_ranking/rankings": ("item", "''"),
    "github_trending/scrapes": ("language", "''"),
    "llm_leaderboards/huggingface_v2": ("model_type", "strftime(upload_date, '%Y-%m')"),
    "nlp_arxiv_daily/listings": ("keyword", "strftime(date, '%Y-%m')"),
    "regulations_gov_bis/documents": ("document_type", "''"),
}


def query(table: str, types: Mapping[str, str]) -> str:
    """SQL over ``data``: the table's aggregates, one row a file, country, period and measure.

    ``rows`` and the sums of whole numbers by country and period; ``content`` by file: a number that
    changes with any value of any record and not with their order.
    """
    country, period = PLACES.get(table, NOWHERE)
    sums = {"rows": "count(*)"} | {c: f"sum({quoted(c)})" for c, kind in types.items() if kind == "int64"}
    measures = ", ".join(f"{value}::double as {quoted(name)}" for name, value in sums.items())
    record = ", ".join(f"coalesce({quoted(c)}::varchar, '')" for c in types)
    return (
        f"select {text(table)} as table_name, * from (unpivot (select _source_file as file, "
        f"coalesce(({country})::varchar, '') as country, coalesce(({period})::varchar, '') as period, "
        f"{measures} "
        "from data group by all) on columns(* exclude (file, country, period)) into name measure value value "
        f"union all select _source_file, '', '', 'content', sum(hash({record}) % 1000003)::double from data "
        "group by _source_file)"
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
    """One table against the baseline (a table's name), or checks that pass where there is none."""
    uses = (baseline,) if baseline else ()
    cells = (
        f"with now as ({query(suite.table, types)}), accepted as (select * from {quoted(baseline)} where "
        f"table_name = {text(suite.table)}) select file, country, period, measure, accepted.value as before, "
        "now.value, coalesce(now.value, 0) / accepted.value as kept from accepted left join now "
        f"using (file, country, period, measure) where measure <> 'content' and accepted.value >= {LARGE} "
        if baseline
        else "select 1.0 as kept where false"
    )
    files = (
        f"with now as ({query(suite.table, types)}), accepted as "
        f"(select * from {quoted(baseline)} where table_name = {text(suite.table)}), "
        "sizes as (select file, sum(value) filter (where measure = 'rows') as rows_, "
        "sum(value) filter (where measure = 'content') as content from now group by file), "
        "sizes_before as (select file, sum(value) filter (where measure = 'rows') as rows_before, "
        "sum(value) filter (where measure = 'content') as content_before from accepted group by file) "
        "select file, rows_before, rows_, (content <> content_before and rows_ <= rows_before)::int as "
        "altered "
        "from sizes join sizes_before using (file)"
        if baseline
        else "select 0 as altered where false"
    )
    yield suite.between(
        "accepted_cells_stand", "error",
        "A count of the last accepted run is another number by more than a third, or gone: the file was cut, "
        "a "
        "country or category renamed, or a unit changed. Compare the file; accept it where the publisher "
        "revised.",
        cells, "kept", low=0.75, high=1.34, uses=uses,
    )  # fmt: skip
    yield suite.between(
        "accepted_files_stand", "warning",
        "A file of the last accepted run has other content and no more records: values changed in place. "
        "Compare the two; a publisher who corrects says so.",
        files, "altered", high=0, uses=uses,
    )  # fmt: skip
