"""Releases: what may be passed on and nothing else, published by one rename."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import Result
from orchestration.gate import files as gate
from orchestration.home import stages
from orchestration.home.stages import ChainError
from orchestration.release import Published, publish
from orchestration.settings import Settings, read_settings

DAY = date(2026, 11, 23)
MARTS = {
    "dim_outcome": "select * from (values ('stars', 'full'), ('papers', 'aggregate')) "
    "as t (outcome, publishable)",
    "bridge_outcome_source": "select * from (values ('stars', 'open_source'), ('papers', 'closed_source')) "
    "as t (outcome, source)",
    "dim_organisation": "select * from (values ('acme', 'company', 'US', null, 'its site'), "
    "('ann', 'person', 'CN', 'her profile says so', 'https://example.org/ann')) "
    "as t (organisation_id, kind, country, country_statement, evidence)",
    "bridge_organisation_name": "select * from (values ('acme', 'github', 'acme'), ('ann', 'github', 'ann')) "
    "as t (organisation_id, service, name)",
    "dim_repository": "select * from (values ('acme/x', 'Acme', 'US', 'registry'), "
    "('ann/y', 'Ann', 'CN', 'registry'), ('ann/z', 'Acme', 'US', 'registry')) "
    "as t (repository_id, owner_login, country, country_method)",
    "bridge_repository_name": "select * from (values ('acme/x', 'Acme/x'), ('ann/y', 'Ann/y'), "
    "('ann/z', 'Ann/z'), ('ann/z', 'Acme/z')) as t (repository_id, name)",
    "fct_repository_week": "select * from (values ('acme/x', 'US', 'owner', 'open_source'), "
    "('ann/y', 'CN', 'owner', 'open_source')) as t (repository_id, country, country_method, source)",
    "dim_model_family": "select * from (values ('ann-1', 'ann', 'CN'), ('acme-1', 'acme', 'US'), "
    "('lost-1', null, 'US')) as t (family_id, organisation_id, country)",
    "fct_model_release": "select * from (values ('m:ann', 'ann', 'open_source'), "
    "('m:acme', 'acme', 'open_source')) as t (model_id, organisation_id, source)",
    "bridge_model_release_country": "select * from (values ('m:ann', 'CN'), ('m:acme', 'US')) "
    "as t (model_id, country)",
    "fct_paper": "select * from (values ('p:1', 'closed_source'), ('p:2', 'open_source')) "
    "as t (paper_id, source)",
    "bridge_paper_country": "select * from (values ('p:1', 'CN'), ('p:2', 'US')) as t (paper_id, country)",
}
MANIFEST: dict[str, Any] = {
    "nodes": {
        name: {"name": name, "resource_type": "model", "fqn": ["chokepoint", "marts", name],
               "columns": {column: {} for column in duckdb.sql(query).columns},
               "description": f"One row per row of {name}."}
        for name, query in MARTS.items()
    }
}  # fmt: skip
SOURCES: list[dict[str, object]] = [
    {"title": "Open", "homepage": None, "licence": "MIT", "attribution": "Open", "manifest_sha256": "0" * 64}
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home whose chain of hashes is whole: marts that passed, results and a page made from them."""
    settings = read_settings(home=tmp_path / "home")
    for folder in (settings.marts, settings.results, settings.site):
        folder.mkdir(parents=True)
    for mart, query in MARTS.items():
        duckdb.sql(query).write_parquet(str(settings.marts / f"{mart}.parquet"))
    _pass_the_gate(settings)
    duckdb.sql("select 1 as estimate").write_parquet(str(settings.results / "estimates.parquet"))
    (settings.site / "index.html").write_text("a page")
    _close_the_chain(settings)
    return settings


def _pass_the_gate(settings: Settings) -> None:
    results = [
        Result(gate="marts", tool="gx", table=path.stem, check="rows_present", severity="error", success=True,
               observed="2", expected="1", failing_rows=0, rows=2, table_sha256=stages.sha256_of(path),
               error=None)
        for path in sorted(settings.marts.glob("*.parquet"))
    ]  # fmt: skip
    gate.write_results(
        settings.home_path, results, run_id="r", started_at=datetime(2026, 1, 1, tzinfo=UTC), origin="sample"
    )


def _close_the_chain(settings: Settings) -> None:
    for stage in ("marts", "results", "site"):
        with stages.making(settings, stage):
            pass


def _publish(settings: Settings) -> Published:
    return publish(settings, MANIFEST, SOURCES, DAY)


def _rows(published: Published, mart: str) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"from '{published.path}/marts/{mart}.parquet' order by all").fetchall()


def test_rows_that_may_not_be_passed_on_stay_out_with_all_that_hangs_on_them(settings: Settings) -> None:
    published = _publish(settings)
    assert _rows(published, "fct_paper") == [("p:2", "open_source")]
    assert _rows(published, "bridge_paper_country") == [("p:2", "US")]
    assert len(_rows(published, "fct_model_release")) == 2


def test_a_persons_country_stays_here(settings: Settings) -> None:
    published = _publish(settings)
    assert _rows(published, "dim_organisation") == [
        ("acme", "company", "US", None, "its site"), ("ann", "person", None, None, None),
    ]  # fmt: skip
    assert _rows(published, "dim_repository") == [
        ("acme/x", "Acme", "US", "registry"), ("ann/y", "Ann", None, "withheld"),
        ("ann/z", "Acme", None, "withheld"),  # hers before it went to the company
    ]  # fmt: skip
    assert _rows(published, "fct_repository_week")[1] == ("ann/y", None, "withheld", "open_source")
    assert _rows(published, "dim_model_family") == [
        ("acme-1", "acme", "US"), ("ann-1", "ann", None), ("lost-1", None, "US"),
    ]  # fmt: skip
    assert _rows(published, "bridge_model_release_country") == [("m:acme", "US")]


def test_sums_and_package_describe_the_bytes(settings: Settings) -> None:
    published = _publish(settings)
    listed = dict(
        reversed(line.split("  ")) for line in (published.path / "SHA256SUMS").read_text().split("\n")[:-1]
    )
    there = {p.relative_to(published.path).as_posix(): p for p in published.path.rglob("*") if p.is_file()}
    assert listed == {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in there.items()
        if name != "SHA256SUMS"
    }
    package = json.loads((published.path / "datapackage.json").read_text())
    assert (package["contract_version"], package["origin"]) == ("1", "sample")
    resources = {resource["name"]: resource for resource in package["resources"]}
    assert resources.keys() >= {*MARTS, "estimates", "checks"}
    assert resources["fct_paper"]["hash"] == f"sha256:{listed['marts/fct_paper.parquet']}"
    assert [field["name"] for field in resources["fct_paper"]["schema"]["fields"]] == ["paper_id", "source"]


def test_nothing_new_makes_no_release(settings: Settings) -> None:
    first, second = _publish(settings), _publish(settings)
    assert (first.is_new, second.is_new, second.id) == (True, False, "2026-11-23-1")
    assert [p.name for p in settings.releases.iterdir()] == ["2026-11-23-1"]


def test_current_moves_to_the_new_set_and_the_old_one_stays(settings: Settings) -> None:
    first = _publish(settings)
    (settings.site / "index.html").write_text("another page")
    second = _publish(settings)
    current = settings.home_path / "current"
    assert (second.id, second.is_new) == ("2026-11-23-2", True)
    assert current.is_symlink()
    assert current.resolve() == second.path
    assert (first.path / "site" / "index.html").read_text() == "a page"
    assert not [p for p in settings.home_path.iterdir() if p.name.startswith(".current")]


def test_what_a_kill_left_behind_is_taken_up(settings: Settings) -> None:
    first = _publish(settings)
    (settings.site / "index.html").write_text("another page")
    second = _publish(settings)
    # killed after the release had its name and before `current` pointed at it, with a draft begun
    link = settings.home_path / "current"
    link.unlink()
    link.symlink_to(first.path)
    (settings.releases / ".draft" / "marts").mkdir(parents=True)
    again = _publish(settings)
    assert (again.id, again.is_new, link.resolve()) == (second.id, False, second.path)
    assert {p.name for p in settings.releases.iterdir()} == {first.id, second.id}


@pytest.mark.parametrize("broken", ["marts", "results"])
def test_results_or_pages_of_other_files_are_not_published(broken: str, settings: Settings) -> None:
    file = settings.home_path / broken / ("dim_outcome.parquet" if broken == "marts" else "estimates.parquet")
    duckdb.sql("select 'changed' as outcome, 'full' as publishable").write_parquet(str(file))
    _pass_the_gate(settings)  # the new bytes are sound in themselves; what was made from them is not
    with pytest.raises(ChainError, match=rf"{broken}/{file.name}: not the file that"):
        _publish(settings)
    assert not (settings.home_path / "current").exists()


def test_a_mart_without_a_passing_verdict_is_not_published(settings: Settings) -> None:
    duckdb.sql("select 1 as x").write_parquet(str(settings.marts / "fct_paper.parquet"))
    with pytest.raises(gate.GateError, match=r"marts/fct_paper\.parquet changed since it was checked"):
        _publish(settings)
