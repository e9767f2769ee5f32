"""Checks of whole archives on tables of a few dozen rows: each passes there and fails on its own fault.

``T`` is the table that is checked. The same checks on whole simulated files, broken in 230 ways:
``tests/benchmarks/test_mutations.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import duckdb
import pytest

from expectations import deliveries, earned, entries, repository_lists, siblings, validation, versions
from expectations.checks import Check, Suite

PUSHES, ARTICLES = versions.INNOVATION_GRAPH["git_pushes"], versions.COUNTRY_YEARS["num_articles"]

QUARTERS = """
select 'vintages/' || v as _source_file, date '2022-01-01' + (v * 91)::int as vintage, 'C' || c as iso2_code,
    2020 + q // 4 as year, q % 4 + 1 as quarter, 100000 * (c + 1) + 1000 * q + 7 * c * q as git_pushes
from range(3) as a(v), range(12) as b(c), range(10) as d(q) where q < 8 + v
"""
YEARS = """
with places (country, size) as (values ('China (mainland)', 500), ('United States', 300), ('Japan', 100),
    ('South Korea', 90), ('India', 80), ('Canada', 70), ('United Kingdom', 60), ('Australia', 50),
    ('Germany', 40), ('France', 30), ('Italy', 20), ('Asia', 770), ('North America and the Caribbean', 370),
    ('Five Eyes', 480), ('Europe', 150), ('EU', 90)),
fields (field, part) as (values ('All', 100), ('Large language models', 5), ('Computer vision', 30))
select 'cat/articles.csv' as _source_file, country, field, y as year, y < 2021 as complete,
    size * part * (y - 2000) as num_articles
from places, fields, range(2016, 2024) as years(y)
"""
FILES = """
select f || '.csv' as _source_file, f || '-' || i as a, 'kind ' || i % 3 as label, 'x' as filled
from range(1, 7) as files(f), range(60) as records(i)
"""
MODELS = """
select date '2024-01-01' + (v * 30)::int as version, 'model ' || m as model,
    if(m % 3 = 0, 'China', 'United States') as country
from range(2) as a(v), range(45) as b(m) where m < 40 + 5 * v
"""
STARS = """
select d || '.csv' as _source_file, 'top-100-stars' as item, 'repo ' || r as repo_url, r + 1 as rank,
    date '2024-01-01' + (7 * d)::int as observed, 20000 - 100 * r + 3 * d as stars,
    5000 - 10 * r + d as forks, (date '2024-01-01' + (7 * d)::int)::timestamp as last_commit
from range(6) as days(d), range(60) as repos(r)
"""
PROJECTS = f"""
select 'one' as collector, repo_url as github_id, observed, stars as star_count, forks as fork_count
from ({STARS})
union all select 'other', repo_url, observed + 1, stars - 40, forks from ({STARS})
"""
EXPORTS = """
select 'KR' as exporter, 'CN' as destination, product, (date '2016-01-01' + to_months(m::int))::date as month,
    size * exp(sin(m / 6)) as value
from (values ('8542', 1000), ('8486', 80)) as products(product, size), range(48) as months(m)
"""
TITLES = """
select 'archive-web/2023-0' || m || '.json' as _source_file, 'keyword ' || i % 8 as keyword,
    '230' || m || '.' || (10000 + i) as arxiv_id, make_date(2023, m::int, 1 + (i % 28)::int) as date,
    'A title of some forty characters, no. ' || i as title
from range(1, 8) as months(m), range(60) as papers(i)
"""
VENUES = """
select 'aaai' as venue, 2020 + y as year, 'Paper ' || y || '-' || i as title,
    case i % 4 when 0 then 'China' when 1 then 'United States' when 2 then 'China; United States'
    else 'Germany' end as aff_country_unique, 'Institute ' || i % 4 as aff_unique_norm
from range(4) as years(y), range(80) as papers(i)
"""
ANSWERS = """
select date '2023-03-01' + d::int as query_date, (date '2023-03-01' + d::int)::timestamp as posted_at,
    if(i = 0, 'BIS', 'EPA') as agency_id, i = 1 as is_withdrawn,
    if(i % 3 = 0, 'Rule', 'Proposed Rule') as document_type
from range(4) as days(d), range(12) as documents(i)
"""
ACTIVITY = """
select outcome, country, make_date(2024, m::int, 1) as month, 60 + m * 2 as value, 3 as n_units,
    true as is_complete
from (values ('forks'), ('models')) as outcomes(outcome), (values ('CN'), ('US'), ('DE')) as places(country),
    range(1, 9) as months(m)
"""
VINTAGES = """
select 'models' as outcome, date '2024-01-01' + (v * 30)::int as vintage, country,
    if(m = 0, 0, 50 + m + v) as value
from range(3) as versions(v), (values ('CN'), ('US'), ('DE')) as places(country), range(24) as months(m)
"""
Family = Callable[[Suite], Iterator[Check]]
RECORDS = siblings.Siblings(("a",), ("label",), ("filled",), whole=("a",))
NEWEST = "vintage = (select max(vintage) from T )"

FAULTS: dict[str, tuple[Family, str, dict[str, str]]] = {
    "versions": (partial(versions.dated_counts, counts=PUSHES), QUARTERS, {
        "published_cells_stand": f"update T set git_pushes = 0 where iso2_code = 'C1' and {NEWEST}",
        "published_cells_stay": f"delete from T where iso2_code = 'C3' and {NEWEST}",
        "versions_bring_a_period": f"delete from T where year = 2022 and quarter = 2 and {NEWEST}",
    }),
    "periods": (partial(versions.neighbouring_periods, counts=PUSHES), QUARTERS, {
        "steps_plausible": "update T set git_pushes = 0 where iso2_code = 'C4' and year = 2021",
        "periods_differ": "update T set git_pushes = git_pushes - 1000 - 7 * substr(iso2_code, 2)::int "
                          "where year = 2021 and quarter = 2",
        "order_of_countries_holds": "update T set git_pushes = 2000000 - git_pushes where year = 2021",
        "countries_stay": "delete from T where iso2_code = 'C5' and year > 2020",
    }),
    "groups": (partial(versions.groups_of_countries, counts=ARTICLES), YEARS, {
        "groups_hold_their_members": "update T set num_articles = num_articles * 9 where country = 'Germany'",
        "fields_within_all": "update T set num_articles = num_articles * 10 where field = 'Computer vision'",
        "fields_and_countries_known": "update T set field = 'LLMs' where field = 'Large language models'",
        "completeness_ends_once": "update T set complete = not complete",
        "unfinished_years_hold_less":
            "update T set num_articles = num_articles * 10 where country = 'Japan' and year = 2022",
        "unfinished_years_are_there": "update T set num_articles = num_articles / 10 where year = 2021",
        "unfinished_years_keep_the_order":
            "update T set num_articles = 20000000 - num_articles where year = 2022",
    }),
    "files": (partial(siblings.files, records=RECORDS), FILES, {
        "files_of_like_size": "delete from T where _source_file = '3.csv' and a > '3-3'",
        "files_differ": "update T set a = '3' || substr(a, 2) where _source_file = '4.csv'",
        "records_once": "insert into T select * from T where _source_file = '3.csv'",
        "labels_stay": "update T set label = 'kind 0' where _source_file = '3.csv' and label = 'kind 1'",
        "labels_known": "update T set label = 'Kind-1' where _source_file = '3.csv' and label = 'kind 1'",
        "columns_filled_as_beside": "update T set filled = null where _source_file = '3.csv'",
    }),
    "entries": (partial(entries.kept, name="model", bounds={"country": 0.1}), MODELS, {
        "entries_keep_their_fields": "update T set country = 'France' where version > '2024-01-15' "
                                     "and country = 'China'",
        "entries_stay": "delete from T where version > '2024-01-15' and substr(model, 7)::int < 20",
        "versions_bring_entries": "delete from T where substr(model, 7)::int >= 40",
    }),
    "ranking": (repository_lists.ranking_days, STARS, {
        "stars_rise_slowly": "update T set stars = stars * 2 where observed = '2024-01-15'",
        "forks_rise_slowly": "update T set forks = stars where observed = '2024-01-15'",
        "repositories_keep_their_stars":
            "update T set stars = 40000 - 2 * stars where observed = '2024-01-22'",
        "days_move": "update T set stars = stars - 3 where observed = '2024-01-15'",
        "last_commits_near_the_day": "update T set last_commit = '2024-01-08' where observed = '2024-01-15'",
        "lists_in_order": "update T set rank = 100 - rank where observed = '2024-01-15'",
    }),
    "projects": (repository_lists.project_runs, PROJECTS, {
        "stars_rise_slowly": "update T set star_count = star_count * 2 where observed = '2024-01-15'",
        "forks_rise_slowly": "update T set fork_count = star_count where observed = '2024-01-15'",
        "repositories_keep_their_stars":
            "update T set star_count = 40000 - 2 * star_count where observed = '2024-01-22'",
    }),
    "exports": (deliveries.monthly_exports, EXPORTS, {
        "months_of_flows_follow": "update T set month = month + 1 where month = '2017-03-01'",
        "months_resemble_their_neighbours": "update T set value = value * if(month(month) % 2 = 0, 3, 1)",
        "chips_exceed_machines": "update T set value = value / 100 where product = '8542'",
    }),
    "titles": (entries.paper_months, TITLES, {
        "dates_fit_their_month":
            "update T set date = date + interval 40 day where _source_file like '%3.json'",
        "months_follow": "delete from T where _source_file like '%3.json'",
        "dates_not_after_their_month": "update T set date = date + interval 3 month "
                                       "where _source_file like '%3.json' and day(date) < 14",
        "ids_fit_their_dates": "update T set arxiv_id = '22' || substr(arxiv_id, 3) "
                               "where _source_file like '%3.json'",
        "keywords_of_a_month_full": "update T set keyword = 'keyword 0' "
                                    "where _source_file like '%3.json' and keyword > 'keyword 2'",
        "titles_of_like_length": "update T set title = left(title, 12) where _source_file like '%3.json'",
    }),
    "venues": (entries.venue_years, VENUES, {
        "papers_are_of_one_year": "update T set title = 'Paper 1' || substr(title, 8) where year = 2022",
        "share_of_china_steady": "update T set aff_country_unique = 'Japan' where year = 2022 and "
                                 "contains(aff_country_unique, 'China')",
        "share_of_united_states_steady": "update T set aff_country_unique = 'Japan' where year = 2022 and "
                                         "contains(aff_country_unique, 'United')",
        "papers_have_several_countries": "update T set aff_country_unique = "
                                         "split_part(aff_country_unique, ';', 1) where year = 2022",
        "countries_fit_affiliations": "update T set aff_country_unique = 'Japan' where year = 2022 and "
                                      "not contains(aff_country_unique, ';')",
    }),
    "answers": (entries.answers, ANSWERS, {
        "documents_of_the_day_asked": "update T set posted_at = posted_at - interval 1 year "
                                      "where query_date = '2023-03-02'",
        "days_have_their_agency": "update T set agency_id = 'Bis' where agency_id = 'BIS' "
                                  "and query_date = '2023-03-02'",
        "withdrawn_rare": "update T set is_withdrawn = not is_withdrawn where query_date = '2023-03-02'",
        "ids_fit_their_kind": "update T set document_type = 'Proposed Rule' where query_date = '2023-03-02'",
    }),
    "zeros": (partial(earned.zeros, period="month"), ACTIVITY, {
        "outcomes_have_values": "update T set value = 0 where outcome = 'forks'",
        "zeros_are_earned": "update T set value = 0, n_units = 0 "
                            "where country = 'CN' and month >= '2024-05-01'",
    }),
    "vintages": (earned.versions, VINTAGES, {
        "zero_shares_steady": f"update T set value = 0 where country = 'CN' and {NEWEST}",
        "versions_add_up": f"update T set value = value * 5 where {NEWEST}",
        "china_adds_up": f"update T set value = value / 2 where country = 'CN' and {NEWEST}",
    }),
}  # fmt: skip


def judged(check: Check, folder: Path, table: str, change: str = "") -> bool:
    """Whether the check passes on the table after an SQL change."""
    with duckdb.connect() as con:
        con.execute(f"create table T as {table}")
        for statement in filter(None, change.split("; ")):
            con.execute(statement)
        con.execute(f"copy T to '{folder / 'T.parquet'}' (format parquet)")
    result = validation.run([check], {check.table: [folder / "T.parquet"]}, {})[0]
    assert result.error is None, result.error
    return result.success


@pytest.mark.parametrize(
    ("family", "name"), [(family, name) for family, (_, _, faults) in FAULTS.items() for name in faults]
)
def test_a_check_fails_on_its_fault_and_passes_without(tmp_path: Path, family: str, name: str) -> None:
    build, table, faults = FAULTS[family]
    check = next(one for one in build(Suite("raw", "source/table")) if one.name == name)
    assert judged(check, tmp_path, table)
    assert not judged(check, tmp_path, table, faults[name])


@pytest.mark.parametrize("family", FAULTS)
def test_every_check_of_a_family_has_its_fault(family: str) -> None:
    build, _, faults = FAULTS[family]
    elsewhere = {"china_has_values"}  # reads another table: tests/expectations/test_validation.py
    assert {check.name for check in build(Suite("raw", "source/table"))} - elsewhere == set(faults)
