"""A live refresh as the UI's daemon makes it: tick, fetch, sensor, refresh, page; and again with no news."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from dlt_sources.archive import open_snapshot
from orchestration.command.history import open_instance
from orchestration.definitions import build_defs
from orchestration.home import stages
from orchestration.jobs import AFTER_FETCH
from orchestration.settings import read_settings
from tests.servers import github
from tests.servers.github import Repository
from tests.servers.stand_in import StandIn

pytestmark = pytest.mark.slow
FETCHED = "innovation_graph"
MEASURES = ("git_pushes", "repositories", "developers", "organizations")
RELEASED = "2026-11-03"
NEEDS_KEY = {"openalex", "repository_metadata", "uspto_patents"}
KEYS = ("GITHUB_TOKEN", "HF_TOKEN", "OPENALEX_API_KEY", "USPTO_ODP_API_KEY")


@pytest.fixture
def publisher(real_archive: Path) -> Iterator[StandIn]:
    """GitHub with one release of the Innovation Graph; no other service answers.

    A real one: the gate holds a live archive against counts that are known of the world.
    """
    newest = max((real_archive / FETCHED / "vintages").iterdir())
    files = {f"data/{name}.csv": (newest / "data" / f"{name}.csv").read_bytes() for name in MEASURES}
    stand_in = StandIn()
    github.serve(stand_in, Repository("github/innovationgraph", [(RELEASED, files)]))
    yield stand_in
    stand_in.close()


@pytest.fixture
def live(publisher: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    histories = tmp_path / "histories.csv"
    histories.write_text("repository,owner_country,kind,url\nacme/x,CN,llm,https://example.org/acme/x\n")
    monkeypatch.setenv("CHOKEPOINT_REPOSITORIES", str(histories))
    (tmp_path / "dagster").mkdir()
    # over connections that stay open: Dagster's own connect anew for each of thousands of events
    with open_instance(tmp_path / "dagster") as instance:
        yield Daemon(tmp_path / "home", publisher, instance)


class Daemon:
    """What Dagster's daemon does between two ticks of the month, in this process."""

    def __init__(self, home: Path, publisher: StandIn, instance: dg.DagsterInstance) -> None:
        self.settings = read_settings(
            origin="live", home=home, schedules="monthly", fetch_from=publisher.address
        )
        self.instance = instance
        self.defs = build_defs(self.settings)

    def tick(self) -> dg.ExecuteInProcessResult:
        """The schedule's tick, and the run that it asks for."""
        schedule = self.defs.resolve_schedule_def("monthly_refresh")
        assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
        context = dg.build_schedule_context(instance=self.instance)
        (request,) = schedule.evaluate_tick(context).run_requests or ()
        return self.run(schedule.job_name, request)

    def run(self, job: str, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
        return self.defs.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            asset_selection=list(request.asset_selection or ()),
            tags=dict(request.tags),
            raise_on_error=False,
        )

    def look(self, ended: dg.ExecuteInProcessResult) -> dg.RunRequest | dg.SkipReason:
        """The sensor that this end of a fetch wakes."""
        good = ended.success
        name = "refresh_after_fetch" if good else "refresh_after_failed_fetch"
        event = dg.DagsterEventType.RUN_SUCCESS if good else dg.DagsterEventType.RUN_FAILURE
        context = dg.build_run_status_sensor_context(
            sensor_name=name,
            dagster_event=dg.DagsterEvent(event.value, "fetch"),
            dagster_instance=self.instance,
            dagster_run=ended.dagster_run,
        )
        return self.defs.resolve_sensor_def(name)(context)  # type: ignore[no-any-return]


def test_from_the_schedules_tick_to_the_page_and_again_with_nothing_new(live: Daemon) -> None:
    fetched = live.tick()
    taken = {event.asset_key.path[-1] for event in fetched.get_asset_materialization_events()}
    assert taken == {FETCHED, *NEEDS_KEY}  # these are skipped, with a line that says how to get a key
    skipped = {check.asset_key.path[-1] for check in fetched.get_asset_check_evaluations()}
    assert skipped == NEEDS_KEY
    failed = fetched.filter_events(lambda event: event.is_step_failure)
    assert failed and all(f"fetch: {e.step_key.split('__')[-1]}" in str(e) for e in failed)

    request = live.look(fetched)
    assert isinstance(request, dg.RunRequest)
    assert request.tags[AFTER_FETCH] == fetched.run_id
    assert live.run("refresh", request).success
    home = live.settings.home_path
    vintage = f"vintages/{RELEASED}/data/git_pushes.csv"
    listed = [file.path for file in open_snapshot(live.settings.archive_path, FETCHED).files]
    assert vintage in listed
    release = (home / "current").resolve()
    package = json.loads((release / "datapackage.json").read_text())
    assert [source["title"] for source in package["sources"]] == ["GitHub Innovation Graph"]
    page = (release / "site" / "index.html").read_text()
    measured = re.sub('<section id="worlds">.*?</section>', "", page, count=1, flags=re.DOTALL)
    assert len(measured) < len(page)  # the four worlds are simulated whatever the rest rests on
    assert "SIMULATED" not in measured
    assert live.settings.origin in page
    assert (release / "marts" / "fct_activity_country_quarter.parquet").is_file()

    requests = live.instance.get_runs_count()
    again = live.tick()
    nothing = live.look(again)
    assert isinstance(nothing, dg.SkipReason)
    assert nothing.skip_message == f"nothing changed: all {len(stages.ALL)} stages are up to date"
    assert live.instance.get_runs_count() == requests + 1  # the fetch alone
    assert [path.name for path in (home / "releases").iterdir()] == [release.name]
