"""Jobs and schedules: everything, and one source with all that is made from it.

A schedule makes what ``chokepoint run`` would: the stages that the records call stale, or nothing, and
says so. All are off until someone turns them on; the daemon (``chokepoint ui``) ticks them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import dagster as dg

from dlt_sources import SOURCES
from dlt_sources.tables import Source
from orchestration.home import stages
from orchestration.settings import Settings
from orchestration.translators import CURVE_KEY, archive_key, stage_of

MONTHLY = "0 5 2 * *"  # after the month has closed everywhere, before Europe starts work

REFRESH = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(CURVE_KEY),
    description="Everything, from the archive to the release, but what is made on request.",
)


def source_job(source: Source) -> dg.UnresolvedAssetJobDefinition:
    """The source's raw tables and everything made from them."""
    raw = dg.AssetSelection.key_prefixes(["raw", source.name])
    before = raw if source.local else dg.AssetSelection.assets(archive_key(source.name))
    return dg.define_asset_job(
        f"refresh_{source.name}",
        selection=(before | raw.downstream()) - dg.AssetSelection.assets(CURVE_KEY),
        description=f"{source.title}: its raw tables and everything made from them.",
    )


JOBS = [REFRESH, *map(source_job, SOURCES)]


def assets_to_make(keys: Iterable[dg.AssetKey], stale: Collection[str]) -> set[dg.AssetKey]:
    """The assets of the stale stages, and the archive's, which is looked at whenever anything is made."""
    return {key for key in keys if stage_of(key) in stale or key.path[0] == "archive"}


def schedules(settings: Settings, keys: Collection[dg.AssetKey]) -> list[dg.ScheduleDefinition]:
    """One for the month, and one a source at its publisher's cadence."""

    def look(_: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        stages.code_version.cache_clear()  # this process stays; the run it asks for reads code as it is then
        stale = stages.stale(settings)
        if not stale:
            return dg.SkipReason(f"nothing changed: all {len(stages.ALL)} stages are up to date")
        return dg.RunRequest(asset_selection=sorted(assets_to_make(keys, stale)))

    cadences = [("monthly_refresh", MONTHLY, "On the second day of the month: what is not up to date.")]
    for source in SOURCES:
        when = f"When {source.title} usually has news: what is not up to date."
        cadences.append((f"{source.name}_cadence", source.cadence, when))
    return [
        dg.ScheduleDefinition(
            name=name, job=REFRESH, cron_schedule=cron, description=description, execution_fn=look
        )
        for name, cron, description in cadences
    ]
