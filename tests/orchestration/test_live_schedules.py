"""From a live schedule's tick to what is run after its fetch: one setting, two runs or one line."""

from __future__ import annotations

import dagster as dg
import pytest

from dlt_sources import SOURCES
from dlt_sources.fetch import NAMES, service_of
from orchestration.definitions import build_defs
from orchestration.home import stages
from orchestration.jobs import AFTER_FETCH
from orchestration.settings import read_settings

MONTHLY = "monthly_refresh"
LARGE = {name for name in NAMES if service_of(name).is_on_request}
USUAL = set(NAMES) - LARGE


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    home = tmp_path_factory.mktemp("live")
    return build_defs(read_settings(origin="live", home=home, schedules="monthly"))


def fetch_keys(*names: str) -> set[dg.AssetKey]:
    return {dg.AssetKey(["fetch", name]) for name in names}


def test_one_setting_turns_on_the_month_or_all(live: dg.Definitions) -> None:
    running = dg.DefaultScheduleStatus.RUNNING
    assert {s.name for s in live.schedules or () if s.default_status is running} == {MONTHLY}
    assert {s.default_status for s in live.sensors or ()} == {dg.DefaultSensorStatus.RUNNING}


def test_a_run_never_fetches_and_a_fetch_makes_nothing(live: dg.Definitions) -> None:
    refresh = live.resolve_job_def("refresh").asset_layer.executable_asset_keys
    assert refresh and not {key for key in refresh if key.path[0] == "fetch"}
    assert live.resolve_job_def("fetch").asset_layer.executable_asset_keys == fetch_keys(*USUAL)
    assert live.resolve_job_def("fetch_months").asset_layer.executable_asset_keys == fetch_keys(*LARGE)
    graph = live.resolve_asset_graph()
    for name in NAMES:
        assert graph.get(dg.AssetKey(["archive", name])).parent_keys == fetch_keys(name)


def test_a_live_schedule_asks_for_the_fetch_at_its_publishers_cadence(live: dg.Definitions) -> None:
    for source in SOURCES:
        schedule = live.resolve_schedule_def(f"{source.name}_cadence")
        if source.name in USUAL:
            tick = schedule.evaluate_tick(dg.build_schedule_context())
            (request,) = tick.run_requests or ()
            assert set(request.asset_selection or ()) == fetch_keys(source.name)
            assert (schedule.job_name, schedule.cron_schedule) == ("fetch", service_of(source.name).cadence)
        else:
            assert (schedule.job_name, schedule.cron_schedule) == ("refresh", source.cadence)
    (request,) = live.resolve_schedule_def(MONTHLY).evaluate_tick(dg.build_schedule_context()).run_requests
    assert set(request.asset_selection) == fetch_keys(*USUAL)


@pytest.mark.parametrize(
    ("sensor", "status", "event"),
    [
        ("refresh_after_fetch", dg.DagsterRunStatus.SUCCESS, dg.DagsterEventType.RUN_SUCCESS),
        ("refresh_after_failed_fetch", dg.DagsterRunStatus.FAILURE, dg.DagsterEventType.RUN_FAILURE),
    ],
)
def test_after_a_fetch_what_is_stale_is_made_once_or_a_line_says_that_nothing_is(
    live: dg.Definitions,
    monkeypatch: pytest.MonkeyPatch,
    sensor: str,
    status: dg.DagsterRunStatus,
    event: dg.DagsterEventType,
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        fetch = live.resolve_job_def("fetch")
        ended = instance.create_run_for_job(fetch, status=status)
        context = dg.build_run_status_sensor_context(
            sensor_name=sensor,
            dagster_event=dg.DagsterEvent(event.value, fetch.name),
            dagster_instance=instance,
            dagster_run=ended,
        )
        look = live.resolve_sensor_def(sensor)
        monkeypatch.setattr(stages, "stale", lambda _: ["site", "release"])
        request = look(context)
        assert isinstance(request, dg.RunRequest)
        assert (request.tags[AFTER_FETCH], request.run_key) == (ended.run_id, ended.run_id)
        made = {key.to_user_string() for key in request.asset_selection or () if key.path[0] != "archive"}
        assert made == {"site/pages", "release"}
        other = instance.create_run_for_job(fetch, status=dg.DagsterRunStatus.STARTED)
        waits = look(context)
        assert isinstance(waits, dg.SkipReason) and other.run_id[:8] in str(waits.skip_message)
        instance.report_run_canceled(other)
        monkeypatch.setattr(stages, "stale", lambda _: [])
        nothing = look(context)
        assert isinstance(nothing, dg.SkipReason)
        assert nothing.skip_message == f"nothing changed: all {len(stages.ALL)} stages are up to date"
