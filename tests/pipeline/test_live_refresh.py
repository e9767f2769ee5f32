"""From a schedule's tick to the page: what publishers have is fetched and made; no news makes nothing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration import jobs
from orchestration.assets import fetches, sources
from orchestration.command.history import dagster_folder, open_instance
from orchestration.definitions import build_defs
from orchestration.home import stages
from orchestration.settings import Settings, read_settings
from orchestration.translators import stage_of
from tests.servers.github import Repository, serve
from tests.servers.stand_in import StandIn

FETCHED = ("github_ranking", "innovation_graph")
# the stand-in's files are simulated, which a live archive's known facts tell
ACCEPTED = {"table": "fct_activity_country_quarter", "check": "known_counts_hold", "reason": "a stand-in's"}


@pytest.fixture
def graph(sample_home: Path) -> Repository:
    """Two releases of the Innovation Graph, the sample's; a third is to come."""
    folder = sample_home / "archive" / "innovation_graph" / "vintages"
    versions = [
        (day.name, {f"data/{path.name}": path.read_bytes() for path in (day / "data").iterdir()})
        for day in sorted(folder.iterdir())
    ]
    return Repository("github/innovationgraph", versions)


@pytest.fixture
def rankings(sample_home: Path) -> Repository:
    folder = sample_home / "archive" / "github_ranking" / "Data"
    files = {f"Data/{path.stem}": gzip.decompress(path.read_bytes()) for path in folder.glob("*.csv.gz")}
    return Repository("EvanLi/Github-Ranking", [("2026-11-18", files)], "master")


@pytest.fixture
def live(
    graph: Repository, rankings: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """A live home whose services are the stand-in's, of two connectors."""
    for module, name in ((fetches, "NAMES"), (sources, "FETCHABLE"), (jobs, "FETCHABLE")):
        monkeypatch.setattr(module, name, FETCHED)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    stand_in = StandIn()
    serve(stand_in, graph, rankings)
    settings = read_settings(origin="live", home=tmp_path / "home", fetch_from=stand_in.address)
    settings.gate.mkdir(parents=True)
    (settings.gate / "accepted.json").write_text(json.dumps([ACCEPTED]))
    yield settings
    stand_in.close()


def month(settings: Settings, instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    """What the sensor says when the fetch that the monthly schedule asks for has ended."""
    defs = build_defs(settings)
    context = dg.build_schedule_context(instance=instance)
    (asked,) = defs.resolve_schedule_def("monthly_refresh").evaluate_tick(context).run_requests or ()
    fetched = defs.resolve_job_def(str(asked.job_name or "fetch")).execute_in_process(
        instance=instance, asset_selection=asked.asset_selection
    )
    assert fetched.success
    answer = defs.resolve_sensor_def("refresh_after_fetch")(
        dg.build_run_status_sensor_context(
            "refresh_after_fetch", fetched.get_run_success_event(), instance, fetched.dagster_run
        )
    )
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


def stages_of(request: dg.RunRequest | dg.SkipReason) -> set[str]:
    assert isinstance(request, dg.RunRequest), request
    return {stage for key in request.asset_selection or () if (stage := stage_of(key))}


@pytest.mark.slow
def test_a_month_with_news_makes_a_page_and_a_month_without_makes_nothing(
    live: Settings, graph: Repository
) -> None:
    later = graph.versions.pop()
    with open_instance(dagster_folder(live)) as instance:
        first = month(live, instance)
        assert stages_of(first) == set(stages.ALL)
        made = (
            build_defs(live)
            .resolve_job_def("refresh")
            .execute_in_process(
                instance=instance, asset_selection=list(getattr(first, "asset_selection", None) or ())
            )
        )
        assert made.success
        assert "Innovation Graph" in (live.site / "index.html").read_text()
        (release,) = (path for path in live.releases.iterdir() if path.is_dir())

        second = month(live, instance)
        assert isinstance(second, dg.SkipReason)
        assert str(second.skip_message).startswith("nothing changed: all ")
        assert [path for path in live.releases.iterdir() if path.is_dir()] == [release]

        graph.versions.append(later)
        third = stages_of(month(live, instance))
        assert {stage for stage in third if stage.startswith("raw/")} == {"raw/innovation_graph"}
        assert {"marts", "results", "release"} <= third
