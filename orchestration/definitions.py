"""The composition root: one code location, built without network, environment or heavy imports.

``dagster dev`` loads ``defs``; the command line and the tests call ``build_defs`` with settings of
their own.
"""

from __future__ import annotations

from orchestration import environment, interrupts  # noqa: F401  (must precede dagster, dbt and dlt)

# isort: split
import multiprocessing
import os
import sys
from collections.abc import Mapping
from functools import cache

import dagster as dg
from dagster_dlt import DagsterDltResource

from orchestration.assets.fetches import fetch_assets
from orchestration.assets.gates import GateWorker, gate_definitions
from orchestration.assets.models import warehouse_assets
from orchestration.assets.publication import publish_assets
from orchestration.assets.results import results_assets
from orchestration.assets.sources import raw_assets
from orchestration.home import stages
from orchestration.jobs import jobs, schedules, sensors
from orchestration.settings import Settings, read_settings
from orchestration.translators import CURVE_KEY, stage_of
from orchestration.warehouse import manifest as read_manifest

TO_CANCEL = 2.0  # seconds that Dagster has to end a run as cancelled; a library may swallow what it raises


def build_defs(
    settings: Settings, loggers: Mapping[str, dg.LoggerDefinition] | None = None
) -> dg.Definitions:
    """Every asset, check, job, schedule and sensor for these settings; only dbt's manifest, the archive's
    and the stages' records are read."""
    manifest = read_manifest()
    gates, checks = gate_definitions(settings, manifest)
    versions = stages.versions(settings)

    def versioned(spec: dg.AssetSpec) -> dg.AssetSpec:
        stage = "results" if spec.key == CURVE_KEY else stage_of(spec.key)
        return spec.replace_attributes(code_version=versions.get(stage or ""))

    unversioned = [
        *fetch_assets(settings),
        *raw_assets(settings),
        warehouse_assets(settings, manifest),
        *gates,
        *results_assets(settings),
        *publish_assets(settings, manifest),
    ]
    assets = [asset.map_asset_specs(versioned) for asset in unversioned]
    keys = [key for asset in assets for key in asset.keys]
    return dg.Definitions(
        assets=assets,
        asset_checks=checks,
        jobs=jobs(settings),
        schedules=schedules(settings, keys),
        sensors=sensors(settings, keys),
        resources={"dlt": DagsterDltResource(), "gate_worker": GateWorker()},
        loggers=loggers,
        # one process: the warehouse has one writer, and imports are paid once
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What ``workspace.yaml`` loads: settings from ``CHOKEPOINT_*`` or ``chokepoint.toml``."""
    if multiprocessing.parent_process() is not None:  # the process of one run, which the UI started
        interrupts.listen(grace=TO_CANCEL)
    settings = read_settings()
    if "DAGSTER_HOME" not in os.environ:
        _say_where_history_is(settings)
    return build_defs(settings)


@cache  # the location is read more than once in a process
def _say_where_history_is(settings: Settings) -> None:
    sys.stderr.write(
        "chokepoint: DAGSTER_HOME is not set, so runs started here are forgotten at the end; this home's "
        f"history is in {settings.state / 'dagster'}, and `chokepoint ui{settings.flags}` "
        "opens and keeps it\n"
    )
