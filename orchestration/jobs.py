"""Jobs and schedules: the monthly full refresh, and one per source at its publisher's cadence.

All schedules are off until someone turns them on; the daemon (``dagster dev``, ``chokepoint ui``)
ticks them.
"""

from __future__ import annotations

import dagster as dg

from dlt_sources import SOURCES
from dlt_sources.tables import Source

MONTHLY = "0 5 2 * *"  # after the month has closed everywhere, before Europe starts work

REFRESH = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="Everything, from the archive to the release.",
)


def source_job(source: Source) -> dg.UnresolvedAssetJobDefinition:
    """The source's raw tables and everything made from them."""
    raw = dg.AssetSelection.key_prefixes(["raw", source.name])
    downstream = raw.downstream()
    before = dg.AssetSelection.assets("archive") if not source.local else raw
    return dg.define_asset_job(
        f"refresh_{source.name}",
        selection=before | downstream,
        description=f"{source.title}: its raw tables and everything made from them.",
    )


SOURCE_JOBS = {source.name: source_job(source) for source in SOURCES}
JOBS = [REFRESH, *SOURCE_JOBS.values()]

SCHEDULES = [
    dg.ScheduleDefinition(name="monthly_refresh", job=REFRESH, cron_schedule=MONTHLY,
                          description="Everything, on the second day of the month."),
    *(dg.ScheduleDefinition(name=f"{source.name}_cadence", job=SOURCE_JOBS[source.name],
                            cron_schedule=source.cadence,
                            description=f"{source.title}, when its publisher usually has news.")
      for source in SOURCES),
]  # fmt: skip
