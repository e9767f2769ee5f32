"""Releases: what may be passed on and nothing else, published by one rename."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from frictionless import Package

from expectations import Result
from orchestration.gate import files as gate
from orchestration.home import stages
from orchestration.home.stages import ChainError
from orchestration.release import Release, publish
from orchestration.settings import Settings, read_settings

DAY = date(2026, 11, 23)
MARTS = {
    "dim_country": "select * from (values ('CN'), ('US')) as t (country)",
    "dim_organisation": "select * from (values ('acme', 'US'), ('ann', 'CN')) "
    "as t (organisation_id, country)",
    "fct_paper": "select * from (values ('p:1', 'closed_source'), ('p:2', 'open_source')) "
    "as t (paper_id, source)",
}
PUBLISHABLE = {
    "dim_organisation": "select * from (values ('acme', 'US'), ('ann', null)) "
    "as t (organisation_id, country)",
    "fct_paper": "select * from (values ('p:2', 'open_source')) as t (paper_id, source)",
}
NODES = {name: ("marts", query) for name, query in MARTS.items()} | {
    f"release_{name}": ("release", query) for name, query in PUBLISHABLE.items()
}
MANIFEST: dict[str, Any] = {
    "nodes": {
        f"model.chokepoint.{name}": {
            "name": name, "resource_type": "model", "fqn": ["chokepoint", layer, name],
            "columns": {column: {} for column in duckdb.sql(query).columns},
            "description": f"One row per row of {name}."}
        for name, (layer, query) in NODES.items()
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
    settings.publishable.mkdir()
    for folder, queries in ((settings.marts, MARTS), (settings.publishable, PUBLISHABLE)):
        for mart, query in queries.items():
            duckdb.sql(query).write_parquet(str(folder / f"{mart}.parquet"))
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


def _publish(settings: Settings) -> Release:
    return publish(settings, MANIFEST, SOURCES, DAY)


def _rows(published: Release, mart: str) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"from '{published.path}/marts/{mart}.parquet' order by all").fetchall()


def test_what_may_not_be_passed_on_is_replaced_by_what_may(settings: Settings) -> None:
    """Which rows and countries these are, the dbt project's release models say, and their tests."""
    published = _publish(settings)
    assert _rows(published, "fct_paper") == [("p:2", "open_source")]
    assert _rows(published, "dim_organisation") == [("acme", "US"), ("ann", None)]
    assert _rows(published, "dim_country") == [("CN",), ("US",)]
    assert sorted(p.stem for p in (published.path / "marts").iterdir()) == sorted(MARTS)


@pytest.mark.parametrize("mart", sorted(PUBLISHABLE))
def test_a_mart_is_never_published_whole_for_want_of_what_may_be(mart: str, settings: Settings) -> None:
    (settings.publishable / f"{mart}.parquet").unlink()
    _close_the_chain(settings)
    with pytest.raises(ChainError, match=rf"publishable/{mart}\.parquet: absent"):
        _publish(settings)
    assert not (settings.home_path / "current").exists()


@pytest.mark.parametrize("change", ["country", "gone"])
def test_what_may_be_published_is_what_the_build_wrote(change: str, settings: Settings) -> None:
    file = settings.publishable / "dim_organisation.parquet"
    duckdb.sql(MARTS["dim_organisation"]).write_parquet(str(file)) if change == "country" else file.unlink()
    with pytest.raises(ChainError, match=r"publishable/dim_organisation\.parquet: "):
        _publish(settings)


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


def test_the_package_is_valid_by_the_standard(settings: Settings) -> None:
    published = _publish(settings)
    descriptor = published.path / "datapackage.json"
    report = Package.validate_descriptor(str(descriptor))
    assert report.valid, report.to_summary()
    package = json.loads(descriptor.read_text())
    assert package["sources"] == [
        {"title": "Open", "licence": "MIT", "attribution": "Open", "manifest_sha256": "0" * 64}
    ]
    assert package["licenses"] == [{"name": "MIT", "title": "MIT"}]
    papers = next(one for one in package["resources"] if one["name"] == "fct_paper")
    assert papers["description"] == "One row per row of fct_paper. One row per row of release_fct_paper."


@pytest.mark.parametrize(
    ("homepage", "paths"),
    [
        ("https://example.org/a", ["https://example.org/a"]),
        ("https://example.org/a https://example.org/b", ["https://example.org/a", "https://example.org/b"]),
        ("https://example.org/a; http://example.org/b,", ["https://example.org/a", "http://example.org/b"]),
        ("the shelf in the hall", [None]),
    ],
)
def test_an_entry_of_the_sources_has_one_address(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, homepage: str, paths: list[str | None]
) -> None:
    monkeypatch.setitem(SOURCES[0], "homepage", homepage)
    descriptor = _publish(settings).path / "datapackage.json"
    sources = json.loads(descriptor.read_text())["sources"]
    assert [source.get("path") for source in sources] == paths
    assert {source["title"] for source in sources} == {"Open"}
    report = Package.validate_descriptor(str(descriptor))
    assert report.valid, report.to_summary()


def test_an_empty_table_says_so(settings: Settings) -> None:
    empty = duckdb.sql("select 'p' as paper_id, 's' as source where false")
    empty.write_parquet(str(settings.publishable / "fct_paper.parquet"))
    _close_the_chain(settings)
    package = json.loads((_publish(settings).path / "datapackage.json").read_text())
    papers = next(one for one in package["resources"] if one["name"] == "fct_paper")
    assert papers["description"].endswith("none of its rows may be published, or none was made.")


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
    file = settings.home_path / broken / ("dim_country.parquet" if broken == "marts" else "estimates.parquet")
    duckdb.sql("select 'FR' as country").write_parquet(str(file))
    _pass_the_gate(settings)  # the new bytes are sound in themselves; what was made from them is not
    with pytest.raises(ChainError, match=rf"{broken}/{file.name}: not the file that"):
        _publish(settings)
    assert not (settings.home_path / "current").exists()


def test_a_mart_without_a_passing_verdict_is_not_published(settings: Settings) -> None:
    duckdb.sql("select 1 as x").write_parquet(str(settings.marts / "fct_paper.parquet"))
    with pytest.raises(gate.GateError, match=r"marts/fct_paper\.parquet changed since it was checked"):
        _publish(settings)
