"""The whole way, as a user types it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.conftest import chokepoint

TABLES = (
    "identification", "estimates", "diagnostics", "placebos", "claims", "revisions", "clock", "clock_worlds",
)  # fmt: skip
pytestmark = pytest.mark.slow


def test_a_finished_home_holds_what_the_contract_names(sample_home: Path) -> None:
    for name in ("checks.parquet", "verdicts.json", "history.parquet"):
        assert (sample_home / "gate" / name).is_file()
    for name in TABLES:
        assert pq.read_metadata(sample_home / "results" / f"{name}.parquet").num_rows > 0
    assert (sample_home / "site" / "index.html").is_file()
    assert (sample_home / "current" / "datapackage.json").is_file()
    for mart in (sample_home / "marts").glob("*.parquet"):
        metadata = pq.read_metadata(mart).metadata or {}
        assert metadata[b"origin"] == b"sample", mart.name


def test_every_table_and_column_of_a_release_says_what_it_is(sample_home: Path) -> None:
    package = json.loads((sample_home / "current" / "datapackage.json").read_text())
    fields = {(table["name"], field["name"]): field for table in package["resources"]
              for field in table["schema"]["fields"]}  # fmt: skip
    assert [table["name"] for table in package["resources"] if not table["description"]] == []
    assert [name for name, field in fields.items() if not field.get("description")] == []


def test_the_warehouse_answers_wherever_it_is_opened(sample_home: Path, tmp_path: Path) -> None:
    copy = shutil.copy(sample_home / "warehouse.duckdb", tmp_path)
    with duckdb.connect(str(copy), read_only=True) as con:
        relations = con.execute("select table_name from information_schema.tables").fetchall()
        assert len(relations) > 100
        for (name,) in relations:
            con.execute(f"select * from {name} limit 1")


def test_the_second_run_has_nothing_to_do(sample_home: Path) -> None:
    done = chokepoint("run", "--home", sample_home)
    assert done.code == 0
    assert "nothing changed" in done.out


def test_json_is_json(sample_home: Path) -> None:
    done = chokepoint("run", "--home", sample_home, "--json")
    content = json.loads(done.out)
    assert content["simulated"] is True
    assert any(row["status"] == "ok" for row in content["headline"])
    beside = content["inferences"]
    assert beside and {row["trend"] for row in beside} == {"none", "unit_linear"}
    for row in beside:  # clustered errors pass for far surer than the rank
        ours, theirs = row["ci_high"] - row["ci_low"], row["crv1"]["ci_high"] - row["crv1"]["ci_low"]
        assert row["ci_low"] < row["estimate"] < row["ci_high"] and theirs < ours
        assert row["ar1_gls"]["ci_low"] < row["ar1_gls"]["ci_high"]
    claimed = {row["claim"]: row for row in content["claims"]}
    assert set(claimed) == {1, 2, 3, 4, 5, 6} and all(row["why"] for row in content["claims"])
    assert content["specifications"]["headline"] > 0 and content["specifications"]["curve"] == 0


def test_the_curve_is_made_on_request_and_is_gone_once_until_cuts_the_panels(lean_home: Path) -> None:
    archive = json.loads((lean_home / "state" / "home.json").read_text())["archive"]
    asked = ("run", "--archive", archive, "--home", lean_home)
    made = chokepoint(*asked, "--select", "results/specification_curve")
    assert made.code == 0, made.err
    curve = lean_home / "results" / "specification_curve.parquet"
    drawn = pq.read_table(curve).to_pandas()
    assert (drawn["status"] == "ok").any() and drawn.loc[drawn["status"] != "ok", "reason"].notna().all()
    again = json.loads(chokepoint(*asked, "--json").out)
    assert {key.split("/")[0] for key in again["made"]} <= {"archive", "site", "release"}
    assert again["specifications"]["curve"] == (drawn["status"] == "ok").sum()
    assert (lean_home / "current" / "results" / curve.name).is_file()
    assert "nothing changed" in chokepoint(*asked).out
    # other months, other marts: a curve of what is no more is not shown beside them
    cut = chokepoint(*asked, "--until", "2025-06", "--json")
    assert cut.code == 0, cut.err
    assert not curve.exists()
    assert not [key for key in json.loads(cut.out)["made"] if key.startswith(("raw/", "marts/"))]
    last = duckdb.sql(
        f"select max(window_end) from '{lean_home}/results/estimates.parquet' where status = 'ok'"
    ).fetchone()
    assert last is not None and str(last[0]) <= "2025-06-30"


def test_planted_truth_stands_beside_the_estimate(sample_home: Path) -> None:
    rows = duckdb.sql(
        f"select planted, ci_low, ci_high from '{sample_home}/results/estimates.parquet' "
        "where family = 'headline' and status = 'ok' and outcome = 'git_pushes' and term = 'mean_step' "
        "and contrast = 'CN_donors'"
    ).fetchall()
    assert rows
    assert all(planted == pytest.approx(0.3) for planted, *_ in rows)


def test_forks_by_who_forks_hold_what_was_planted_and_have_verdicts(sample_home: Path) -> None:
    of_pooled = (
        f"from '{sample_home}/results/estimates.parquet' "
        "where spec_id = 'forks_by_place' and event_set = 'tightening' and contrast = 'CN_US_profile'"
    )
    rows = duckdb.sql(f"select planted, ci_low, ci_high {of_pooled} and planted is not null").fetchall()
    assert len(rows) == 3  # each side and the difference
    assert all(low <= planted <= high for planted, low, high in rows)
    judged = duckdb.sql(
        "select estimate_id, their_method_estimate_id, ours_corrected, why "
        f"from '{sample_home}/results/claims.parquet' where quantity "
        "in ('forks_china', 'forks_united_states', 'forks_difference', 'forks_ratio', "
        "'forks_china_stated_place')"
    ).fetchall()
    assert len(judged) == 5
    for own, theirs, estimate, why in judged:  # made of panels of repositories, not of countries' months
        assert own is not None and estimate is not None, why
        assert own.startswith("forks_by_place/") and theirs.startswith("forks_paper/")


def test_planted_changes_by_week_lie_in_their_sets_and_rank_where_they_can(sample_home: Path) -> None:
    rows = duckdb.sql(
        "select outcome, event_set, planted, ci_low, ci_high, p_value, disjoint_windows "
        f"from '{sample_home}/results/estimates.parquet' "
        "where spec_id in ('unit_commits', 'unit_libraries') and planted is not null and status = 'ok' "
        "and outcome in ('open_ml_commits', 'ml_library_stars_gained')"  # the others share their series
    ).fetchall()
    assert {row[0] for row in rows} == {"open_ml_commits", "ml_library_stars_gained"}
    assert len(rows) == 16  # four events, two pairs of sides by owner
    assert all(low <= planted <= high for _, _, planted, low, high, *_ in rows)
    assert all(windows >= 20 for *_, windows in rows)
    # nothing was planted at the subsidy; stars are seen exactly enough to find every rule
    found = {(outcome, event) for outcome, event, _, _, _, p_value, _ in rows if p_value <= 0.05}
    assert not any(event == "chips_act_2022" for _, event in found)
    rules = {("ml_library_stars_gained", f"rule_{year}") for year in (2022, 2023, 2024)}
    assert rules <= found


def test_absent_sources_give_empty_tables_and_outcomes_without_estimates(finished_lean_home: Path) -> None:
    assert pq.read_metadata(finished_lean_home / "marts" / "fct_model_release.parquet").num_rows == 0
    assert list(
        (finished_lean_home / "lake" / "raw" / "epoch_models" / "notable_ai_models").glob("*.parquet")
    )
    statuses = duckdb.sql(
        f"select distinct outcome, status from '{finished_lean_home}/results/identification.parquet' "
        "where contrast = 'CN_donors' and event_set = 'tightening'"
    ).fetchall()
    assert dict(statuses)["git_pushes"] == "identified"
    assert dict(statuses)["open_models_notable"] == "not_identified"
    shares = duckdb.sql(
        f"select distinct share from '{finished_lean_home}/marts/fct_source_coverage.parquet' "
        "where source = 'innovation_graph'"
    ).fetchall()
    assert (1.0,) in shares
