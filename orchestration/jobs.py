"""Jobs and what starts them: everything, one source with all that is made from it, and fetching.

A schedule makes what ``chokepoint run`` would: the stages that the records call stale, or nothing, and
says so. Where the archive is live a schedule fetches first, and a sensor asks the records when the fetch has
ended. One setting (``schedules``) turns them on; the daemon (``chokepoint ui``) ticks them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache

import dagster as dg

from dlt_sources import SOURCES
from dlt_sources.fetch import NAMES as FETCHABLE
from dlt_sources.fetch import service_of
from dlt_sources.tables import Source
from orchestration.home import stages
from orchestration.settings import Settings
from orchestration.translators import CURVE_KEY, FETCHED, archive_key, fetch_key, stage_of

MONTHLY_NAME = "monthly_refresh"
MONTHLY = "0 5 2 * *"  # after the month has closed everywhere, before Europe starts work
BY_ITSELF = dg.AssetSelection.assets(CURVE_KEY) | dg.AssetSelection.key_prefixes(FETCHED)
AFTER_FETCH = "chokepoint/after_fetch"  # of a run: the fetch whose news it makes
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]

REFRESH = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all() - BY_ITSELF,
    description="Everything, from the archive to the release, but what is made on request.",
)


@cache
def on_request() -> tuple[str, ...]:
    """Sources of which more is there than comes along with the others."""
    return tuple(name for name in FETCHABLE if service_of(name).is_on_request)


@cache
def fetch_jobs() -> tuple[dg.UnresolvedAssetJobDefinition, dg.UnresolvedAssetJobDefinition]:
    """All that comes along with each other, and what is asked for by the month."""
    months = dg.AssetSelection.assets(*map(fetch_key, on_request()))
    return (
        dg.define_asset_job(
            "fetch",
            selection=dg.AssetSelection.key_prefixes(FETCHED) - months,
            description="Every source that has a service, into the live archive; several services at a time, "
            "one fetch at each. What one source is stopped by stops no other.",
            tags={"dagster/priority": "1"},  # before what is made of it
            # they wait, most of the time
            executor_def=dg.multiprocess_executor.configured({"max_concurrent": 4}),
        ),
        dg.define_asset_job(
            "fetch_months",
            selection=months,
            description="What is too much to come along with the others: a month a run, on request.",
            tags={"dagster/priority": "1"},
        ),
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


def jobs(settings: Settings) -> list[dg.UnresolvedAssetJobDefinition]:
    fetching = fetch_jobs() if settings.origin == "live" else ()
    return [REFRESH, *fetching, *map(source_job, SOURCES)]


def assets_to_make(keys: Iterable[dg.AssetKey], stale: Collection[str]) -> set[dg.AssetKey]:
    """The assets of the stale stages, and the archive's, which is looked at whenever anything is made."""
    return {key for key in keys if stage_of(key) in stale or key.path[0] == "archive"}


def schedules(settings: Settings, keys: Collection[dg.AssetKey]) -> list[dg.ScheduleDefinition]:
    """One for the month, and one a source at its publisher's cadence."""
    is_live = settings.origin == "live"
    fetched = [name for name in FETCHABLE if name not in on_request()] if is_live else []
    on = {"off": (), "monthly": (MONTHLY_NAME,), "all": (MONTHLY_NAME, *map(_cadence_name, SOURCES))}
    is_on = frozenset(on[settings.schedules])

    def schedule(name: str, cron: str, when: str, asked: Collection[str]) -> dg.ScheduleDefinition:
        def fetch_first(_: dg.ScheduleEvaluationContext) -> dg.RunRequest:
            return dg.RunRequest(asset_selection=[fetch_key(source) for source in asked])

        def look(_: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
            return _request(settings, keys)

        return dg.ScheduleDefinition(
            name=name,
            job=fetch_jobs()[0] if asked else REFRESH,
            cron_schedule=cron,
            description=f"{when}: {'what is new there, then ' if asked else ''}what is not up to date.",
            execution_fn=fetch_first if asked else look,
            default_status=dg.DefaultScheduleStatus.RUNNING
            if name in is_on
            else dg.DefaultScheduleStatus.STOPPED,
        )

    listed = [schedule(MONTHLY_NAME, MONTHLY, "On the second day of the month", fetched)]
    for source in SOURCES:
        asked = [source.name] if source.name in fetched else []
        cron = service_of(source.name).cadence if asked else source.cadence
        listed.append(schedule(_cadence_name(source), cron, f"When {source.title} usually has news", asked))
    return listed


def _cadence_name(source: Source) -> str:
    return f"{source.name}_cadence"


def sensors(settings: Settings, keys: Collection[dg.AssetKey]) -> list[dg.SensorDefinition]:
    """After a fetch, whole or not: the stages that are stale by now, or a line that says that none is."""
    if settings.origin != "live":
        return []

    def look(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
        ended = context.dagster_run.run_id
        runs = (dg.RunsFilter(job_name=job.name, statuses=UNFINISHED) for job in fetch_jobs())
        if waiting := [run for found in runs for run in context.instance.get_runs(found, limit=1)]:
            return dg.SkipReason(f"another fetch is to end first: run {waiting[0].run_id[:8]}")
        return _request(settings, keys, {AFTER_FETCH: ended}, ended)

    is_on = settings.schedules != "off"
    return [
        dg.run_status_sensor(
            status,
            name=name,
            monitored_jobs=list(fetch_jobs()),
            request_job=REFRESH,
            description=f"When a fetch {how}: what is not up to date by then, or nothing.",
            default_status=dg.DefaultSensorStatus.RUNNING if is_on else dg.DefaultSensorStatus.STOPPED,
        )(look)
        for name, status, how in (
            ("refresh_after_fetch", dg.DagsterRunStatus.SUCCESS, "ends well"),
            ("refresh_after_failed_fetch", dg.DagsterRunStatus.FAILURE, "of some source fails"),
        )
    ]


def _request(
    settings: Settings,
    keys: Collection[dg.AssetKey],
    tags: dict[str, str] | None = None,
    run_key: str | None = None,
) -> dg.RunRequest | dg.SkipReason:
    """What ``chokepoint run`` would make now."""
    stages.code_version.cache_clear()  # this process stays; the run it asks for reads code as it is then
    stale = stages.stale(settings)
    if not stale:
        return dg.SkipReason(f"nothing changed: all {len(stages.ALL)} stages are up to date")
    return dg.RunRequest(run_key, asset_selection=sorted(assets_to_make(keys, stale)), tags=tags)
