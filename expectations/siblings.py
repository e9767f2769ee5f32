"""A file against its siblings: rows, columns, labels and contents of each listed file.

Files of one table whose paths differ in digits only are siblings, ordered by path. A file is compared
with the nearest on either side, so that growth is no alarm. Not here: what the numbers say
(``versions``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from expectations.checks import Check, Severity, Suite, quoted, text

FAMILY = "regexp_replace(_source_file, '[0-9]+', '0', 'g')"
NEIGHBOURS = "rows between {before} preceding and {after} following exclude current row"


@dataclass(frozen=True)
class Siblings:
    """What is compared of a table's files. ``same`` are the columns of which two files never agree."""

    same: tuple[str, ...]
    labels: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    size: tuple[float, float] | None = (0.6, 2.5)
    whole: tuple[str, ...] = ()  # columns that no two records of a file share
    least: int = 50  # rows of the siblings under which sizes go up and down
    severity: Severity = "error"
    breaks: str = "^$"  # files that the publisher is known to have broken: a pattern of their paths


def files(suite: Suite, records: Siblings) -> Iterator[Check]:
    """Checks of each file of a table."""
    if records.size:
        yield _sizes(suite, records, *records.size)
    if records.same:
        yield _copies(suite, records)
    if records.whole:
        yield _repeats(suite, records)
    if records.labels:
        yield from _labels(suite, records)
    if records.columns:
        yield _columns(suite, records)


def _sizes(suite: Suite, records: Siblings, low: float, high: float) -> Check:
    near = NEIGHBOURS.format(before=3, after=3)
    return suite.between(
        "files_of_like_size", records.severity,
        "A file has far fewer or more rows than its neighbours in time: it is cut, half is missing, or it "
        "repeats itself. Fetch it again.",
        f"with sizes as (select {FAMILY} as family, _source_file, count(*) as row_count from data group by "
        "all), beside as (select *, median(row_count) over around as usual, min(row_count) over around as "
        "least, max(row_count) over around as most from sizes window around as (partition by family order "
        f"by _source_file {near})) select _source_file, row_count, usual, case when usual < {records.least} "
        "then 1 when row_count < least then row_count / least when row_count > most then row_count / most "
        f"else 1 end as share from beside where not regexp_matches(_source_file, {text(records.breaks)})",
        "share", low=low, high=high,
    )  # fmt: skip


def _copies(suite: Suite, records: Siblings) -> Check:
    content = f"hash({', '.join(quoted(c) for c in records.same)})"
    return suite.between(
        "files_differ", "error",
        "Two files say the same, record by record: one was served under another's name or date. Fetch the "
        "later one again.",
        f"with prints as (select _source_file, count(*) as row_count, bit_xor({content}) as content, "
        f"sum({content} % 1000003) as total from data group by all) select min(_source_file) as first_file, "
        "max(_source_file) as last_file, count(*) as copies from prints where row_count >= 5 group by "
        "row_count, content, total",
        "copies", high=1,
    )  # fmt: skip


def _repeats(suite: Suite, records: Siblings) -> Check:
    key = ", ".join(quoted(c) for c in records.whole)
    return suite.between(
        "records_once", "error",
        "A file has many of its records twice: pages or parts were joined twice. Fetch it again.",
        f"select _source_file, count(*) as row_count, count(*) / count(distinct ({key})) as times from data "
        "group by all having count(*) >= 10",
        "times", high=1.1,
    )  # fmt: skip


def _labels(suite: Suite, records: Siblings) -> Iterator[Check]:
    counted = " union all ".join(
        f"select {FAMILY} as family, _source_file, {text(c)} as column_name, {quoted(c)}::varchar as label, "
        "count(*) as row_count from data group by all"
        for c in records.labels
    )
    sides = (
        f"with counted as ({counted}), shares as (select *, row_count / sum(row_count) over (partition by "
        "_source_file, column_name) as share, sum(row_count) over (partition by _source_file, column_name) "
        "as total from counted), listed as (select distinct family, _source_file, column_name, total from "
        "shares), beside as (select *, lag(_source_file) over files as before, coalesce(lead(_source_file) "
        "over files, lag(_source_file, 2) over files) as after from listed window files as (partition by "
        "family, column_name order by _source_file))"
    )
    yield suite.between(
        "labels_stay", records.severity,
        "A category that the files on both sides have is absent from this one: it was renamed or its rows "
        "are gone, and zeros would be written for it. Fetch the file again or map the new name.",
        f"{sides} select beside._source_file, beside.column_name, one.label, one.share, here.share as "
        "share_here, coalesce(here.share, 0) / least(one.share, other.share) as kept from beside join "
        "shares as one on one._source_file = before and one.column_name = beside.column_name join shares as "
        "other on other._source_file = after and other.column_name = one.column_name and other.label is not "
        "distinct from one.label left join shares as here on here._source_file = beside._source_file and "
        "here.column_name = one.column_name and here.label is not distinct from one.label where one.label "
        "is not null and least(one.row_count, other.row_count) >= 10 and beside.total * least(one.share, "
        "other.share) >= 10",
        "kept", low=0.02,
    )  # fmt: skip
    yield suite.between(
        "labels_known", records.severity,
        "A category that no other file has makes up part of this one: spelled anew, or another column's. "
        "Fetch the file again or map the new name.",
        f"{sides} select _source_file, column_name, label, row_count, share, count(distinct _source_file) "
        "over (partition by column_name, label) as files, count(distinct _source_file) over (partition by "
        "column_name) as of_files, if(files = 1 and of_files > 2 and row_count >= 10, share, 0) as "
        "share_unknown from shares where label is not null",
        "share_unknown", high=0.05,
    )  # fmt: skip


def _columns(suite: Suite, records: Siblings) -> Check:
    filled = ", ".join(f"count({quoted(c)}) / count(*) as {quoted(c)}" for c in records.columns)
    near = NEIGHBOURS.format(before=2, after=2)
    return suite.between(
        "columns_filled_as_beside", records.severity,
        "A column is empty in a file whose neighbours fill it: renamed or lost by the publisher. Fetch the "
        "file again or map the new name.",
        f"with shares as (unpivot (select {FAMILY} as family, _source_file, {filled} from data group by all) "
        "on columns(* exclude (family, _source_file)) into name column_name value filled), beside as "
        f"(select *, min(filled) over (partition by family, column_name order by _source_file {near}) as "
        "least from shares) select _source_file, column_name, filled, least, filled / least as kept from "
        f"beside where least >= 0.3 and not regexp_matches(_source_file, {text(records.breaks)})",
        "kept", low=0.3,
    )  # fmt: skip


TABLES: dict[str, Siblings] = {
    "innovation_graph/git_pushes": Siblings(
        ("iso2_code", "year", "quarter", "git_pushes"), whole=("iso2_code", "year", "quarter")
    ),
    "innovation_graph/developers": Siblings(
        ("iso2_code", "year", "quarter", "developers"), whole=("iso2_code", "year", "quarter")
    ),
    "innovation_graph/repositories": Siblings(
        ("iso2_code", "year", "quarter", "repositories"), whole=("iso2_code", "year", "quarter")
    ),
    "innovation_graph/organizations": Siblings(
        ("iso2_code", "year", "quarter", "organizations"), whole=("iso2_code", "year", "quarter")
    ),
    "eto_country_activity/publications_yearly_articles": Siblings(
        ("country", "field", "year"), whole=("country", "field", "year")
    ),
    "eto_country_activity/patents_yearly_granted": Siblings(
        ("country", "field", "year"), whole=("country", "field", "year")
    ),
    "eto_country_activity/patents_yearly_applications": Siblings(
        ("country", "field", "year"), whole=("country", "field", "year")
    ),
    "epoch_models/notable_ai_models": Siblings(
        ("model", "organization", "publication_date"),
        ("model_accessibility",),
        ("organization", "country", "publication_date", "domain"),
        whole=("model", "organization", "publication_date"),
    ),
    "epoch_models/large_scale_ai_models": Siblings(
        ("model", "organization", "publication_date"),
        ("model_accessibility",),
        whole=("model", "organization", "publication_date"),
    ),
    "llm_leaderboards/huggingface_v2": Siblings(
        ("fullname", "precision", "base_model", "model_type"),
        (),
        ("base_model", "upload_date", "submission_date", "params_billions"),
        breaks="2024-07-30",
        whole=("fullname", "precision", "base_model", "upload_date"),
    ),
    "github_ranking/rankings": Siblings(
        ("item", "rank", "repo_url", "stars"),
        ("item",),
        ("language", "last_commit"),
        (0.95, 1.05),
        whole=("item", "repo_url"),
        breaks="2022-0(6-01|6-08|8-05)",
    ),
    "github_ranking_ai/rankings": Siblings(
        ("item", "rank", "repo_url", "stars"),
        ("item",),
        ("language", "last_commit"),
        whole=("item", "repo_url"),
        least=30,
        breaks="2023-05-18",  # its first day has one list
    ),
    "best_of_ml/projects": Siblings(
        (),
        (),
        ("fork_count", "commit_count", "closed_issue_count", "contributor_count"),
        (0.8, 1.25),
        whole=("github_id", "category"),
        breaks="dsanr/2026-07-23",  # stars alone
    ),
    "atom_tracked_models/models": Siblings((), whole=("list", "model_id")),
    "chip_trade/exports": Siblings((), size=None, whole=("exporter", "destination", "product", "month")),
    "conference_papers/papers": Siblings(
        ("title",),
        (),
        ("aff", "aff_unique_norm", "aff_country_unique"),
        whole=("title",),
        breaks="emnlp202[23]",
    ),
    "nlp_arxiv_daily/listings": Siblings(("keyword", "arxiv_id"), ("keyword",), breaks="2022-08"),
    "github_trending/markdown_entries": Siblings((), size=(0.3, 2.5)),
    "agora_policy/documents": Siblings(("agora_id",), whole=("agora_id",)),
    "china_policy_lists/policies": Siblings(("title", "publication_date"), whole=("title", "url")),
    "regulations_gov_bis/documents": Siblings(("document_id",), whole=("document_id",)),
}
