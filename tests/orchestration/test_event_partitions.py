"""Months of events as partitions: a backfill, a partition made again, an hour that came late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from dlt_sources.archive import open_snapshot
from dlt_sources.fetch.event_hours import HourStore
from dlt_sources.fetch.services.github_events import reduced_months
from orchestration.assets import fetches
from orchestration.assets.fetches import fetch_assets
from orchestration.settings import Settings, read_settings
from tests.servers.gharchive import EventStore, fork, hour_file, star
from tests.servers.stand_in import StandIn

SOURCE = "github_events"
KEY = dg.AssetKey(["fetch", SOURCE])
NAME = "78/xiaozhi-esp32"
FIRST = datetime(2026, 8, 31, tzinfo=UTC)  # the publisher's: a day of August, all of September
MONTHS = ("2026-08-01", "2026-09-01")


@pytest.fixture
def store(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> EventStore:
    """Every hour from the last day of August 2026 on, a star and now and then a fork in each."""
    store = EventStore()
    for n in range((1 + 30) * 24 + 6):
        hour = FIRST + timedelta(hours=n)
        events = [star(n + 10, hour + timedelta(minutes=9), NAME, actor=n % 50)]
        events += [fork(n + 90_000, hour, NAME, actor=n % 7)] if n % 3 == 0 else []
        store.put(hour, hour_file(events))
    store.serve(server)
    service = reduced_months(HourStore(store.host, ((FIRST, 20_000_000),)))
    monkeypatch.setattr(fetches, "NAMES", (SOURCE,))
    monkeypatch.setattr(fetches, "service_of", lambda *_: service)
    return store


def made(settings: Settings, month: str) -> dg.ExecuteInProcessResult:
    (asset,) = (asset for asset in fetch_assets(settings) if asset.key == KEY)
    return dg.materialize([asset], partition_key=month)


def listed(settings: Settings) -> dict[str, str]:
    """Hashes of the months' files by their paths."""
    files = open_snapshot(settings.archive_path, SOURCE).files
    return {file.path: file.sha256 for file in files if file.path.startswith("months/")}


def test_only_what_is_too_much_for_one_run_has_partitions(tmp_path: Path) -> None:
    assets = fetch_assets(read_settings(origin="live", home=tmp_path))
    parted = {asset.key.path[-1]: asset for asset in assets if asset.partitions_def is not None}
    assert parted.keys() == {SOURCE}
    asset = parted[SOURCE]
    assert asset.partitions_def is not None
    assert asset.partitions_def.get_first_partition_key() == "2011-02-01"
    assert asset.backfill_policy == dg.BackfillPolicy.multi_run(1)


def test_the_settings_say_which_way_the_ui_takes(tmp_path: Path) -> None:
    settings = read_settings(origin="live", home=tmp_path, fetch_via="clickhouse")
    hosts = {asset.key.path[-1]: asset.op.pool for asset in fetch_assets(settings)}
    assert hosts[SOURCE] == "fetch/play.clickhouse.com"
    assert hosts["innovation_graph"] == "fetch/api.github.com"


@pytest.mark.slow
def test_two_months_one_of_them_again_and_an_hour_that_came_late(
    store: EventStore, server: StandIn, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = read_settings(origin="live", home=tmp_path / "home")
    late = f"{FIRST:%Y-%m-%d}-7.json.gz"
    held_back = store.files.pop(late)
    for month in MONTHS:
        assert made(settings, month).success
    before = listed(settings)
    assert len(before) == 8
    assert "2026-09: 756 of 756 hours, " in capfd.readouterr().err
    again = made(settings, MONTHS[0])
    assert listed(settings) == before
    (event,) = again.get_asset_materialization_events()
    assert event.materialization.metadata["files taken"].value == 0
    store.files[late] = held_back
    assert made(settings, MONTHS[0]).success
    after = listed(settings)
    changed = {path for path in before if after[path] != before[path]}
    assert changed == {path for path in before if path.startswith("months/2026-08/")}
