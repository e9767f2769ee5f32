"""Every check fails on data that violates it and passes on data that nearly does; a check that
crashed is an error of the check. All that needs Great Expectations stands here, in one worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import (
    Check,
    Result,
    anchors,
    baseline,
    deliveries,
    earned,
    entries,
    marts,
    raw,
    repository_lists,
    siblings,
    validation,
    versions,
)
from expectations.checks import Suite, quoted
from expectations.worker import start_worker

# judged on many files or periods: each has its fault in test_small_tables.py, whole files break in
# tests/benchmarks/test_mutations.py
OF_WHOLE_ARCHIVES = {
    check.name
    for build, tables in (
        (versions.neighbouring_periods, [versions.INNOVATION_GRAPH["git_pushes"]]),
        (versions.dated_counts, [versions.INNOVATION_GRAPH["git_pushes"]]),
        (versions.groups_of_countries, [versions.COUNTRY_YEARS["num_articles"]]),
        (siblings.files, [siblings.Siblings(("a",), ("a",), ("a",), whole=("a",))]),
        (lambda suite, bounds: entries.kept(suite, "model", bounds), [{"country": 0.1}]),
        (lambda suite, none: baseline.checks(suite, {}, none), [None]),
    )
    for given in tables
    for check in build(Suite("raw", "x/y"), given)
} | {
    check.name
    for build in (
        entries.epoch_list, entries.paper_months, entries.venue_years, entries.answers,
        repository_lists.ranking_days, repository_lists.project_runs, deliveries.monthly_exports,
        earned.versions, anchors.releases, anchors.papers,
        partial(anchors.activity, frequency="year"), partial(earned.zeros, period="month"),
    )
    for check in build(Suite("raw", "x/y"))
}  # fmt: skip
# ruff: noqa: E501 - the table of cases reads one case a line
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Named:
    """A source or a table as the raw gate sees it."""

    name: str
    columns: Any = ()
    tables: tuple[Named, ...] = ()
    max_rejected_share: float = 0.01


class World:
    """Good tables in memory, the checks built for them, and how they are broken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.con = duckdb.connect()
        for script in ("good_raw.sql", "good_marts.sql"):
            self.con.execute(HERE.joinpath(script).read_text())
        for kind, wanted in (("INTEGER", "bigint"), ("DECIMAL", "double")):
            columns = (
                "select table_name, column_name from duckdb_columns() where not internal and data_type like ?"
            )
            for table, column in self.con.execute(columns, [f"{kind}%"]).fetchall():
                self.con.execute(f"alter table {quoted(table)} alter {quoted(column)} type {wanted}")
        names = [name for (name,) in self.con.execute("select table_name from duckdb_tables()").fetchall()]
        self.paths = {name: [self.write(name)] for name in names}
        self.checks = {
            (check.table, check.name): check
            for check in (*raw.checks(self._sources(names)), *marts.checks(self._manifest(names)))
            if check.name not in OF_WHOLE_ARCHIVES
        }

    def write(self, table: str, suffix: str = "") -> Path:
        path = self.folder / f"{table.replace('/', '.')}{suffix}.parquet"
        self.con.execute(f"copy {quoted(table)} to '{path}' (format parquet)")
        return path

    def _sources(self, names: list[str]) -> list[Named]:
        tables: dict[str, list[Named]] = {}
        for source, table in (name.split("/") for name in names if "/" in name and "_rejected" not in name):
            schema = self.con.table(f'"{source}/{table}"').to_arrow_table().schema
            fields = [field for field in schema if not field.name.startswith("_")]
            tables.setdefault(source, []).append(Named(table, columns=fields))
        return [Named(source, tables=tuple(found)) for source, found in tables.items()]

    def _manifest(self, names: list[str]) -> dict[str, Any]:
        def column(kind: str, name: str) -> dict[str, Any]:
            unit = "share" if name in {"share", "coverage"} else "units"
            return {"data_type": kind, "config": {"meta": {"unit": unit}}}

        nodes = {}
        for name in (name for name in names if "/" not in name):
            described = self.con.execute(f"describe {name}").fetchall()
            columns = {row[0]: column(row[1].lower(), row[0]) for row in described}
            fqn = ["chokepoint", "marts", name]
            nodes[name] = {"name": name, "resource_type": "model", "fqn": fqn, "columns": columns}
        return {"nodes": nodes}

    def run(self, check: Check, change: str) -> Result:
        """The check's result after an SQL change (rolled back) of any table: ``T`` stands for its own."""
        touched = {check.table, *check.uses}
        self.con.execute("begin")
        try:
            for statement in filter(None, change.split(";")):
                self.con.execute(statement.replace("T ", f"{quoted(check.table)} "))
            paths = {table: [self.write(table, ".changed")] for table in touched}
            return validation.run([check], paths, {check.table: "0" * 64})[0]
        finally:
            self.con.execute("rollback")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    built = World(tmp_path_factory.mktemp("gate"))
    yield built
    built.con.close()


IG, RANKING, SCRAPES = "innovation_graph/git_pushes", "github_ranking/rankings", "github_trending/scrapes"
GRANTED, PAGES = "eto_country_activity/patents_yearly_granted", "regulations_gov_bis/pages"
MONTH, YEAR = "fct_activity_country_month", "fct_activity_country_year"
VINTAGE, COVERAGE, WEEK = "fct_activity_country_vintage", "fct_source_coverage", "fct_repository_week"
LEFT_OUT = "fct_activity_left_out"
OF_ONE = "where outcome = 'open_models_notable'"

# table, check, a change that violates it, a change that nearly does
CASES = [
    (IG, "rows_present", "delete from T ", "delete from T where _row > 1"),
    (IG, "columns_filled", "update T set iso2_code = null", "update T set iso2_code = null where _row > 1"),
    (IG, "numbers_not_negative", "update T set git_pushes = -1 where _row = 1", "update T set git_pushes = 0"),
    (RANKING, "dates_not_early", "update T set observed = '1970-01-01' where rank = 1", "update T set observed = '2008-02-01'"),
    (RANKING, "dates_not_late", "update T set observed = '2027-01-02' where rank = 1", "update T set observed = '2027-01-01'"),
    (GRANTED, "dates_not_late", "update T set year = 2202 where _row = 1", "update T set year = 2026"),
    ("github_ranking/_rejected", "rejected_share_tolerable", "insert into T select a.* from T as a, range(20)", "insert into T select a.* from T as a, range(12)"),
    ("github_ranking/_rejected", "rejected_share_small", "insert into T select * from T ", "delete from T where position = 1"),
    (IG, "vintages_do_not_shrink", "delete from T where vintage = '2024-07-16' and iso2_code = 'DE'", "delete from T where vintage = '2024-07-16' and _row = (select max(_row) from T )"),
    (IG, "vintage_brings_its_quarter", "delete from T where vintage = '2024-07-16' and year = 2023 and quarter > 1", "delete from T where vintage = '2024-07-16' and year = 2023 and quarter > 3"),
    (IG, "quarters_without_holes", "delete from T where year = 2022 and quarter = 3", "delete from T where year = 2022 and quarter = 3 and iso2_code <> 'CN'"),
    (GRANTED, "years_without_holes", "delete from T where year = 2018 and field = 'NLP'", "delete from T where year = 2016 and field = 'NLP'"),
    (GRANTED, "completeness_is_by_year", "update T set complete = false where _row = 1", "update T set complete = true"),
    ("epoch_models/notable_ai_models", "versions_do_not_shrink", "delete from T where version = '2025-12-02' and _row > 94", "delete from T where version = '2025-12-02' and _row > 95"),
    (RANKING, "lists_are_full", "delete from T where observed = '2022-02-02' and rank > 60", "delete from T where observed = '2022-02-02' and rank > 90"),
    (RANKING, "floors_rise", "update T set stars = 1500 where observed > '2022-01-05' and rank = 100; update T set stars = 2000 where observed = '2022-01-05'", "update T set stars = 1600 where observed > '2022-01-05'; update T set stars = 2000 where observed = '2022-01-05'"),
    (RANKING, "days_close_together", "delete from T where observed between '2022-02-01' and '2022-02-20'", "delete from T where observed = '2022-02-02'"),
    (SCRAPES, "languages_per_day_steady", "delete from T where day = '2022-02-02' and language <> 'go'", "delete from T where day = '2022-02-02' and language = 'go'"),
    (SCRAPES, "empty_scrapes_rare", "update T set entries = 0 where day < '2022-01-04'", "update T set entries = 0 where day < '2022-01-03'"),
    ("nlp_arxiv_daily/listings", "both_line_formats_read", "delete from T where line_format = 'list'", "delete from T where line_format = 'list' and _row > 1"),
    ("open_llms/models", "accounts_linked", "update T set hf_org = null where _row > 8", "update T set hf_org = null, github_owner = 'x'"),
    ("model_registry_dates/first_listings", "counted_project_present", "delete from T where registry like 'hiyouga%'", "delete from T where _row > 1"),
    ("hf_model_trees/models", "one_base_a_tree", "update T set depth = 0 where _row = 2", "delete from T where _row > 1"),
    ("atom_tracked_models/models", "lists_do_not_shrink", "delete from T where version > '2026-01-15' and _row > 18", "delete from T where version > '2026-01-15' and _row > 19"),
    (PAGES, "answers_whole", "delete from T where page = 2", "update T set elements = 35"),
    ("dim_country", "rows_present", "delete from T ", "delete from T where country <> 'CN'"),
    ("fct_policy_document", "rows_present", "delete from T ", "delete from T where document_id <> 'agora_policy:1'"),
    (WEEK, "counts_not_negative", "update T set stars = -1 where week = '2022-01-03'", "update T set stars = 0"),
    ("fct_model_release", "numbers_finite", "update T set parameters = 'inf' where model_id like '%-1'", "update T set parameters = 1e300"),
    (MONTH, "coverage_within_bounds", "update T set coverage = 1.01 where country = 'CN'", "update T set coverage = 0"),
    ("fct_policy_document", "dates_not_early", "update T set proposed = '1900-01-01'", "update T set proposed = '1950-01-01'"),
    ("fct_policy_document", "dates_not_late", "update T set published = '2030-01-01'", "update T set published = '2027-01-01'"),
    (MONTH, "values_not_negative", f"update T set value = -1 {OF_ONE}", "update T set value = 0"),
    (MONTH, "shares_at_most_one", "update T set value = 1.01 where outcome = 'title_mention_share'", "update T set value = 1 where outcome = 'title_mention_share'"),
    (MONTH, "no_country_groups", "update T set country = 'EU' where country = 'D1'", "update T set country = 'TW' where country = 'D1'"),
    (MONTH, "china_in_every_period", f"delete from T {OF_ONE} and country = 'CN' and month = '2023-05-01'", "delete from T where country = 'CN' and month = '2023-05-01' and outcome like 'policy%'"),
    (MONTH, "china_in_every_period", "delete from T where country = 'CN' and outcome = 'policy_documents'", "delete from T where country <> 'CN'"),
    (MONTH, "china_in_every_period", "delete from T where country = 'CN' and outcome = 'policy_documents'", "delete from T where country not in ('US', 'ZZ') and outcome = 'policy_documents'"),
    (MONTH, "months_without_holes", f"delete from T {OF_ONE} and month = '2023-05-01'", "delete from T where outcome = 'policy_documents' and month = '2023-05-01'"),
    (YEAR, "years_without_holes", "update T set year = '2026-01-01' where year = '2024-01-01'", "update T set year = '2022-01-01' where year = '2024-01-01'"),
    (MONTH, "unknown_share_small", f"update T set value = 200 * value {OF_ONE} and country = 'ZZ'", f"update T set value = 50 * value {OF_ONE} and country = 'ZZ'"),
    (MONTH, "incomplete_share_small", "update T set is_complete = false where month > '2023-12-01' or country = 'CN'", "update T set is_complete = false where month > '2023-12-01'"),
    (MONTH, "common_jumps_rare", f"update T set value = 3 * value {OF_ONE} and month >= '2024-01-01'", f"update T set value = 100 * value {OF_ONE} and country = 'CN' and month >= '2024-01-01'"),
    (MONTH, "themes_within_total", "update T set value = 90 where outcome = 'policy_documents'", "update T set value = 112 where outcome = 'policy_documents'"),
    (VINTAGE, "vintage_after_period", "update T set vintage = '2024-09-30' where vintage = '2024-12-31'", "update T set vintage = '2024-10-01' where vintage = '2024-12-31'"),
    (LEFT_OUT, "values_not_negative", f"update T set value = -1 {OF_ONE}", "update T set value = 0 where country = 'CN'"),
    (LEFT_OUT, "no_more_than_the_whole", "update T set value = value + 1e-5 where country = 'US'", "update T set value = value + 1e-7"),
    (LEFT_OUT, "no_more_than_the_whole", "update T set left_out = 'team_places', value = value + 100000 where country = 'US'", "update T set left_out = 'team_places', value = value + case country when 'US' then 1 when 'CN' then -1 else 0 end"),
    (LEFT_OUT, "no_more_than_the_whole", f"delete from fct_activity_country_month {OF_ONE} and country = 'CN' and month = '2023-05-01'", "delete from T where country = 'CN'"),
    (LEFT_OUT, "periods_as_in_the_whole", f"delete from T {OF_ONE} and period = '2023-05-01'", "delete from T where outcome = 'title_mention_share' and period = '2023-05-01'"),
    (LEFT_OUT, "left_out_share_small", "update T set value = 0.4 * value", "update T set value = 0.6 * value where country <> 'CN'"),
    (COVERAGE, "months_without_holes", "delete from T where month = '2023-05-01'", "delete from T where month = '2024-12-01'"),
    (COVERAGE, "months_without_holes", "update T set month = '2021-01-01' where month = '2023-01-01'; delete from T where month(month) > 1", "delete from T where month(month) > 1"),
    (COVERAGE, "share_within_bounds", "update T set share = 1.5 where month = '2023-05-01'", "update T set share = 0"),
    (COVERAGE, "share_is_observed_over_expected", "update T set observed = 2 where month = '2023-05-01'", "update T set observed = 2, share = 0.5"),
    (COVERAGE, "gaps_rare", "update T set share = 0.4 where month < '2023-04-01'", "update T set share = 0.4 where month < '2023-03-01'"),
    (COVERAGE, "rejected_share_small", "update T set observed = 900, rejected = 10", "update T set observed = 990, rejected = 10"),
    (WEEK, "totals_cover_flows", "update T set forks = 11", "update T set forks = 11 where week < '2022-06-01'; update T set forks_total = 11 where week > '2022-01-03'"),
    (WEEK, "gains_plausible", "update T set stars = 150001, stars_total = 200000", "update T set stars = 150000, stars_total = 200000"),
    (WEEK, "incomplete_share_small", "update T set is_complete = false where week > '2022-05-01'", "update T set is_complete = false where week > '2022-06-15'"),
    ("fct_origin_share", "shares_near_innovation_graph", "update T set share = 1.01 where country = 'CN'", "update T set share = 0.1 where country = 'US'"),
    ("fct_model_release", "released_before_last_seen", "update T set source_version = '2022-12-31'", "update T set source_version = null"),
    ("fct_model_release", "every_release_has_a_country_row", "delete from bridge_model_release_country where model_id like '%-1'", "delete from bridge_model_release_country where country = 'US'"),
    ("fct_model_derivative", "unknown_base_country_share_small", "update T set base_country = null where derivative_id like '%:4'", "update T set base_country = null where derivative_id like '%:3'"),
    ("fct_policy_document", "proposed_before_published", "update T set proposed = '2023-05-02'", "update T set proposed = null"),
    ("fct_policy_document", "every_document_has_a_theme", "delete from bridge_policy_document_theme where document_id like '%:1'", "update bridge_policy_document_theme set theme = 'compute'"),
    ("fct_paper", "venue_papers_have_countries", "delete from bridge_paper_country where paper_id like '%5'", "delete from bridge_paper_mention"),
    ("fct_paper", "some_papers_are_mentions", "delete from bridge_paper_mention", "delete from bridge_paper_mention where paper_id not like '%:1'"),
    ("fct_patent", "filed_before_published", "update T set filed = '2023-05-02' where document_id like '%:1'", "update T set filed = published"),
    ("fct_patent", "every_patent_has_a_country_row", "delete from bridge_patent_country where document_id like '%:1'", "update bridge_patent_country set country = 'US'"),
    ("fct_patent", "families_named_after_their_release", "update T set published = '2018-10-30' where document_id in ('us_patents:1', 'us_patents:2')", "update T set published = '2018-10-30' where document_id = 'us_patents:1'"),
    ("us_patents/labelled", "ai_words_precise", "update T set is_ai = false where number = 'US2'", "update T set has_ai_words = false where is_ai"),
    ("dim_country", "donors_enough", "delete from T where country = 'D1'", "update T set is_default_donor = true where country = 'US'"),
    ("dim_event", "shocks_dated", "update T set announced = null where is_shock", "update T set announced = null where not is_shock"),
    ("dim_event", "announced_before_published", "update T set announced = '2022-10-14'", "update T set announced = '2022-10-13'"),
    ("dim_event", "effective_before_deadline", "update T set compliance_deadline = '2022-10-06'", "update T set compliance_deadline = null"),
    ("dim_month", "months_without_holes", "delete from T where month = '2020-02-01'", "delete from T where month = '2019-01-01'"),
    ("dim_organisation", "unknown_country_share_small", "update T set country = 'ZZ' where organisation_id = 'org-5'", "update T set country = null where organisation_id = 'org-4'"),
    ("dim_repository", "china_has_machine_learning_before_2022", "update T set first_observed = '2022-01-01' where repository_id like '%15'", "delete from T where country <> 'CN'"),
    ("dim_repository", "unknown_country_share_small", "delete from T where repository_id like '%15'", "update T set country = null where country = 'ZZ'"),
    ("dim_outcome", "windows_ordered", "update T set window_end = '2015-01-01'", "update T set window_end = window_start"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "name", "breaks", "nearly"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES])
def test_a_check_fails_on_its_fault_and_passes_just_short_of_it(
    world: World, table: str, name: str, breaks: str, nearly: str
) -> None:
    check = world.checks[table, name]
    broken, sound = world.run(check, breaks), world.run(check, nearly)
    assert (broken.success, broken.error) == (False, None), broken
    assert broken.observed
    assert broken.failing_rows is None or (broken.failing_rows > 0 and broken.sample)
    assert (sound.success, sound.error, sound.sample) == (True, None, None), sound


def test_good_tables_pass_every_check_and_every_kind_of_check_has_a_case(world: World) -> None:
    results = validation.run(world.checks.values(), world.paths, {})
    assert [r for r in results if not r.success] == []
    assert len(results) == len(world.checks)
    assert {name for _, name in world.checks} == {case[1] for case in CASES}


def test_a_crashed_check_is_an_error_of_the_check(world: World, tmp_path: Path) -> None:
    broken_file = tmp_path / "dim_country.parquet"
    broken_file.write_bytes(world.paths["dim_country"][0].read_bytes()[:-9])
    paths = {**world.paths, "dim_country": [broken_file]}
    sound = world.checks["dim_month", "months_without_holes"]
    crashes = [
        replace(sound, name="no_column", query="select nothing from data"),
        replace(sound, name="no_such_column", kwargs={"column": "nothing", "min_value": 0}),
        replace(sound, name="no_such_expectation", expectation="expect_the_best"),
        replace(sound, name="bad_arguments", kwargs={"column": "missing", "least": 0}),
        replace(sound, name="no_file", uses=("fct_absent",)),
        replace(sound, name="broken_file", uses=("dim_country",)),
        sound,
    ]
    results = {r.check: r for r in validation.run(crashes, paths, {"dim_month": "f" * 64})}
    assert results.pop(sound.name).success
    assert {r.success for r in results.values()} == {False}
    assert all(r.error and r.rows is None and r.failing_rows is None for r in results.values())
    assert "nothing" in str(results["no_column"].error)
    assert '"nothing"' in str(results["no_such_column"].error)  # by its own name, wherever the frame stands
    assert "dim_country is not readable" in str(results["broken_file"].error)
    assert results["no_file"].error == "no file of fct_absent"
    assert {r.table_sha256 for r in results.values()} == {"f" * 64}


def test_long_frames_are_judged_like_short_ones(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    short = validation.run(world.checks.values(), world.paths, {})
    monkeypatch.setattr(validation, "LONG", 0)
    assert validation.run(world.checks.values(), world.paths, {}) == short


def test_a_result_says_what_was_seen_what_was_expected_and_shows_failing_rows(world: World) -> None:
    check = world.checks[COVERAGE, "months_without_holes"]
    result = world.run(check, "delete from T where month = '2023-05-01'")
    assert result.observed == "missing 1 (1 of 1 rows)"
    assert result.expected == "missing <= 0"
    assert (result.failing_rows, result.rows, result.severity) == (1, 1, "error")
    assert result.sample == "| source | missing |\n| --- | --- |\n| a_source | 1 |"


def test_hostile_text_does_not_break_out_of_the_sample(world: World) -> None:
    check = world.checks["dim_event", "announced_before_published"]
    result = world.run(
        check, "update T set announced = '2023-01-01', event_id = 'a|b<script>\n' where is_shock"
    )
    assert result.sample is not None
    assert "a\\|b&lt;script>" in result.sample
    assert len(result.sample.splitlines()) == 2 + 4


def test_absent_sources_may_have_no_rows(world: World) -> None:
    sources = world._sources([IG])
    check = {c.name: c for c in raw.checks(sources, present=())}["rows_present"]
    assert world.run(check, "delete from T ").success


def test_a_worker_runs_the_same_checks_in_its_own_process(world: World) -> None:
    checks = [check for check in world.checks.values() if check.table == "dim_month"]
    here = validation.run(checks, world.paths, {"dim_month": "a" * 64})
    with start_worker(cores=2) as worker:
        assert worker.run(checks, world.paths, {"dim_month": "a" * 64}) == here
        pool = worker._pool
        assert pool is not None
        (child,) = pool._processes
        wait = worker.submit(checks, world.paths, {"dim_month": "a" * 64})
        os.kill(child, signal.SIGKILL)
        assert wait() == here
        assert worker.run(checks, world.paths, {"dim_month": "a" * 64}) == here
    worker.close()


def test_what_was_begun_counts_only_for_the_same_bytes(world: World) -> None:
    checks = [check for check in world.checks.values() if check.table == "dim_month"]
    before, after = {"dim_month": "a" * 64}, {"dim_month": "b" * 64}
    with start_worker(cores=2) as worker:
        worker.begin(checks, world.paths, before)
        assert worker.run(checks, world.paths, before) == validation.run(checks, world.paths, before)
        worker.begin(checks[:1], world.paths, before)
        assert {result.table_sha256 for result in worker.run(checks, world.paths, after)} == {"b" * 64}


def test_a_worker_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "great_expectations.py").write_text("")  # what it imports does not matter here
    script = (
        "import os, sys, signal; from expectations.worker import start_worker; "
        "worker = start_worker(cores=2); worker._pool.submit(os.getpid).result(); "
        "print(*worker._pool._processes, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    paths = os.pathsep.join([str(tmp_path), str(HERE.parents[1])])
    found = subprocess.run(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": paths},
    )
    child = int(found.stdout)
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the worker outlived its parent by 10 s")


def test_one_core_needs_no_worker(world: World) -> None:
    with start_worker(cores=1) as worker:
        assert worker._pool is None
        assert worker.run([world.checks["dim_month", "rows_present"]], world.paths, {})[0].success


def test_the_gates_start_beside_a_spark_that_ends_whoever_imports_it(tmp_path: Path) -> None:
    (tmp_path / "pyspark.py").write_text("raise SystemExit(0)")  # as Spark Connect does without its packages
    (tmp_path / "great_expectations.py").write_text(
        "try:\n    import pyspark\nexcept ImportError:\n    pyspark = None\n"
    )
    script = (
        "import sys; from expectations.validation import import_great_expectations as start; "
        "print(start().pyspark, 'pyspark' in sys.modules)"
    )
    paths = os.pathsep.join([str(tmp_path), str(HERE.parents[1])])
    said = subprocess.check_output(
        [sys.executable, "-c", script], text=True, env=os.environ | {"PYTHONPATH": paths}
    )
    assert said.split() == ["None", "False"]
