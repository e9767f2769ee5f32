"""The event stream through the sample's pipeline: each trap is where it should be, and the truth is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import yaml

from dlt_sources.sample.world import PLANTED

pytestmark = pytest.mark.slow

# the week of each rule, which is on neither side
RULES = {
    "bis-advanced-computing-rule-2022-10-07": date(2022, 10, 3),
    "bis-acs-rule-2023-10-17": date(2023, 10, 16),
    "bis-hbm-sme-package-2024-12-02": date(2024, 12, 2),
}
WEEKS = 7  # a side; no holidays or viral days within


@pytest.fixture(scope="module")
def marts(sample_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        for path in (sample_home / "marts").glob("*.parquet"):
            con.execute(f"create view {path.stem} as from '{path}'")
        yield con


def rows(marts: duckdb.DuckDBPyConnection, query: str, *values: object) -> list[tuple[Any, ...]]:
    return marts.execute(query, values).fetchall()


def regimes(marts: duckdb.DuckDBPyConnection, week: str, outcome: str) -> set[tuple[str, bool]]:
    found = rows(
        marts,
        "select distinct regime, is_complete from fct_activity_repository_week "
        "where source = 'github_events' and week = ? and outcome = ?",
        week,
        outcome,
    )
    return {(regime, complete) for regime, complete in found}


def test_ways_of_knowing_a_place_add_up_to_the_same_whole(marts: duckdb.DuckDBPyConnection) -> None:
    sums = rows(
        marts,
        "select outcome, week, count(distinct whole) from (select outcome, week, country_method, "
        "sum(value) as whole from fct_activity_repository_week where source = 'github_events' group by all) "
        "group by all",
    )
    assert len(sums) > 800
    assert {ways for *_, ways in sums} == {1}


@pytest.mark.parametrize(
    ("week", "forks", "stars"),
    [
        ("2021-03-08", ("event_hours", True), ("event_hours", True)),  # one missing hour is allowed
        ("2023-03-13", ("partly_seen", False), ("partly_seen", False)),  # a missing day is not
        ("2023-05-08", ("event_hours", True), ("event_hours", True)),  # one cut hour is
        ("2024-04-08", ("events_missing", False), ("events_missing", False)),  # hours of pushes alone
        ("2024-05-13", ("events_missing", False), ("event_hours", True)),  # forks alone vanished
        ("2021-10-25", ("collector_break", False), ("collector_break", False)),
        ("2025-06-02", ("event_hours", True), ("collector_break", False)),  # issue 310 took no forks
    ],
)
def test_a_week_is_complete_by_each_kind_of_event(
    marts: duckdb.DuckDBPyConnection, week: str, forks: tuple[str, bool], stars: tuple[str, bool]
) -> None:
    assert regimes(marts, week, "ml_repository_forks") - {("first_week", False)} == {forks}
    assert regimes(marts, week, "ml_repository_stars") - {("first_week", False)} == {stars}


def test_hour_files_count_each_event_once_at_its_own_time(marts: duckdb.DuckDBPyConnection) -> None:
    """Duplicates, late and spilled events, a taken and a new name: the files' week is as large as others."""
    weekly = dict(
        rows(
            marts,
            "select week, sum(value) from fct_activity_repository_week where outcome like '%_forks' and "
            "country_method = 'owner' and source = 'github_events' and is_complete "
            "and week between '2020-06-01' and '2021-09-01' group by all",
        )
    )
    week = weekly.pop(date(2021, 3, 8))
    assert min(weekly.values()) * 0.9 < week < max(weekly.values()) * 1.1
    spilled = rows(
        marts,
        "select is_complete, regime from fct_repository_hour "
        "where week = '2021-03-01' and hour_of_week = 167",
    )
    assert spilled == [(False, "missing_hour")]


def test_bots_are_out_and_a_farm_is_in(marts: duckdb.DuckDBPyConnection) -> None:
    (farm,) = rows(
        marts,
        "select sum(events) from fct_repository_hour where event = 'star' and week = '2023-06-05' "
        "and hour_of_week in (27, 28) group by repository_id order by 1 desc limit 1",
    )
    assert farm[0] >= 400
    weeks = "(select count(distinct (repository_id, week)) from fct_repository_hour)"
    ((pulls,),) = rows(
        marts, f"select sum(events) / {weeks} from fct_repository_hour where event = 'pull_request'"
    )
    assert pulls < 0.8  # bots open one a week besides


def test_the_papers_clock_calls_most_of_europe_chinese(marts: duckdb.DuckDBPyConnection) -> None:
    table = {
        (country, method): events
        for country, method, events in rows(
            marts,
            "select profile_country, method_country, sum(events) from fct_origin_confusion "
            "where event = 'fork' and profile_country in ('CN', 'US', 'DE') group by all",
        )
    }
    called_chinese = {c: table[c, "CN"] / (table[c, "CN"] + table[c, "US"]) for c in ("CN", "US", "DE")}
    assert called_chinese["CN"] > 0.9
    assert called_chinese["DE"] > 0.6  # the paper's clock takes most of Europe for China
    assert called_chinese["US"] > 0.35


def test_no_release_says_where_an_actor_is(sample_home: Path, marts: duckdb.DuckDBPyConnection) -> None:
    released = sample_home / "current" / "marts"
    for mart in ("fct_repository_week", "fct_activity_repository_week"):
        methods = {
            m for (m,) in rows(marts, f"select distinct country_method from '{released / mart}.parquet'")
        }
        assert "clock_17utc" in methods
        assert "profile" not in methods
    assert rows(marts, f"select count(*) from '{released}/fct_actor_hour.parquet'") == [(0,)]
    assert rows(marts, "select count(*) > 1000 from fct_actor_hour") == [(True,)]
    assert rows(marts, f"select min(actors) >= 5 from '{released}/fct_origin_confusion.parquet'") == [(True,)]


def test_the_planted_effect_is_seen_by_stated_places_and_diluted_by_the_clock(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    effects = yaml.safe_load(PLANTED.read_text())["effects"]["llm_repository_forks"]
    planted = np.mean([effects[rule] for rule in RULES])
    assert gap_change(marts, "llm_repository_forks", "profile") == pytest.approx(planted, abs=0.15)
    assert gap_change(marts, "llm_repository_forks", "clock_17utc") < 0.75 * planted
    for null in ("llm_repository_stars", "ml_repository_forks", "ml_repository_stars"):
        assert gap_change(marts, null, "profile") == pytest.approx(0, abs=0.25), null


def gap_change(marts: duckdb.DuckDBPyConnection, outcome: str, method: str) -> float:
    """Mean over the rules of the log change of CN's sum over the weeks of either side, less that of all other
    known places; weeks of a rule and of Golden Week are out."""
    changes = []
    for monday in RULES.values():
        sums = rows(
            marts,
            "select country = 'CN', week > $2, sum(value) from fct_activity_repository_week "
            "where outcome = $1 and country_method = $3 and country <> 'ZZ' and week <> $2 "
            "and abs(week - $2) <= 7 * $4 "
            "and is_complete and cn_holiday_days < 3 group by all",
            *(outcome, monday, method, WEEKS),
        )
        logs = {(treated, after): float(np.log(total)) for treated, after, total in sums}
        changes.append(logs[True, True] - logs[True, False] - logs[False, True] + logs[False, False])
    return float(np.mean(changes))
