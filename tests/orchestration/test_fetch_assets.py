"""Fetch assets: what they say of a fetch, a skip, a failure; when they are tried again, and what is late."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dlt_sources import fetch
from dlt_sources.archive import open_snapshot
from dlt_sources.fetch.service import ServiceKey
from orchestration.assets import fetches
from orchestration.assets.fetches import fetch_assets, freshness
from orchestration.settings import Settings, read_settings
from tests.servers.stand_in import LASTING, StandIn

SOURCE = "github_ranking"
KEY = dg.AssetKey(["fetch", SOURCE])
NEEDED = ServiceKey("EXAMPLE_KEY", "ask for one at example.org", header="X-KEY")


@pytest.fixture
def live(tmp_path: Path, server: StandIn) -> Settings:
    return read_settings(origin="live", home=tmp_path / "home")


def materialised(settings: Settings) -> dg.ExecuteInProcessResult:
    assets = fetch_assets(settings)
    return dg.materialize(assets, selection=[KEY], raise_on_error=False)


def said(result: dg.ExecuteInProcessResult) -> Mapping[str, Any]:
    (event,) = result.get_asset_materialization_events()
    return {name: value.value for name, value in event.materialization.metadata.items()}


def test_only_a_live_archive_is_fetched_into(tmp_path: Path) -> None:
    assert fetch_assets(read_settings(home=tmp_path)) == []
    assert fetch_assets(read_settings(home=tmp_path, origin="archive", archive=tmp_path)) == []
    live = fetch_assets(read_settings(home=tmp_path, origin="live"))
    assert {asset.key.path[-1] for asset in live} == set(fetch.NAMES)


def test_a_fetch_says_what_it_took_and_its_version_is_the_manifests_hash(live: Settings) -> None:
    first = materialised(live)
    found = said(first)
    assert (found["files taken"], found["files unchanged"], found["requests"]) == (6, 0, 8)
    assert "Data/github-ranking-2026-10-07.csv" in found["taken"]
    again = materialised(live)
    assert (said(again)["files taken"], said(again)["files in the archive"]) == (0, 6)
    versions = {
        event.materialization.tags["dagster/data_version"]
        for result in (first, again)
        for event in result.get_asset_materialization_events()
    }
    assert versions == {open_snapshot(live.archive_path, SOURCE).manifest_sha256}


@pytest.mark.parametrize("value", ["", "s3cret"])
def test_a_service_without_its_key_is_skipped_with_the_remedy_and_no_failure(
    live: Settings, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    service = replace(fetch.service_of(SOURCE), key=NEEDED)
    monkeypatch.setattr(fetches, "NAMES", (SOURCE,))
    monkeypatch.setattr(fetches, "service_of", lambda *_: service)
    monkeypatch.setitem(os.environ, NEEDED.env, value)
    result = materialised(live)
    assert result.success
    (check,) = result.get_asset_check_evaluations()
    assert (check.passed, check.blocking, check.severity) == (bool(value), False, dg.AssetCheckSeverity.WARN)
    assert ("skipped" in said(result)) == (not value)
    if not value:
        assert said(result)["skipped"] == (
            "fetch: github_ranking: skipped: no EXAMPLE_KEY in the environment; ask for one at example.org"
        )
        assert said(result)["files in the archive"] == 0


def test_what_passes_is_tried_again_and_goes_on(live: Settings, server: StandIn) -> None:
    server.begin(replace(LASTING["a large file's pointer"], at=2, times=1))
    result = materialised(live)
    assert result.success
    assert any(event.event_type_value == "STEP_UP_FOR_RETRY" for event in result.all_events)
    assert said(result)["files in the archive"] == 6


@pytest.mark.parametrize("fault", ["410", "401"])
def test_what_lasts_fails_at_once_with_the_line_of_the_command(
    live: Settings, server: StandIn, fault: str
) -> None:
    server.begin(LASTING[fault])
    result = materialised(live)
    assert not result.success
    assert len(server.asked) == 1
    (failure,) = result.filter_events(lambda event: event.is_step_failure)
    told = failure.step_failure_data.user_failure_data
    assert told is not None and str(told.description).startswith("fetch: github_ranking: api.github.com")
    assert told.metadata["requests"].value == 1


def test_services_at_one_host_share_a_pool_and_wait_longer_than_an_hour_between_tries(tmp_path: Path) -> None:
    assets = {a.key.path[-1]: a.op for a in fetch_assets(read_settings(home=tmp_path, origin="live"))}
    assert assets["github_ranking"].pool == assets["innovation_graph"].pool == "fetch/api.github.com"
    policy = assets[SOURCE].retry_policy
    assert policy is not None and policy.delay is not None
    waits = [policy.delay * 2**n for n in range(policy.max_retries)]
    assert sum(waits) > 3600


@pytest.mark.parametrize(
    ("schedules", "source", "warned"),
    [
        ("all", "github_ranking", 7 + 1),
        ("monthly", "github_ranking", 31 + 1),
        ("monthly", "innovation_graph", 92 + 1),
    ],
)
def test_a_source_is_late_a_day_after_its_longest_gap(
    tmp_path: Path, schedules: str, source: str, warned: int
) -> None:
    settings = read_settings(home=tmp_path, origin="live", schedules=schedules)
    policy = freshness(fetch.service_of(source), settings)
    assert policy.warn_window.to_timedelta() == timedelta(days=warned)
    assert policy.fail_window.to_timedelta() == timedelta(days=2 * warned - 1)
