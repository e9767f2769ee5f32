"""Months of events as partitions, and which way the UI takes."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from orchestration.assets.fetches import fetch_assets
from orchestration.settings import read_settings

SOURCE = "github_events"


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
