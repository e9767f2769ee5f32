"""Fetch assets: before a live archive stands, source by source, the service that feeds it.

A connector is found by its name and needs no line here. What is new is told by the archive's manifest, whose
hash is the version; what is not whole is told by the fetch's own ledger, so that a retry goes on. Not here:
how anything is asked (``dlt_sources.fetch``), and what is made of what came (``jobs``).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import dagster as dg

from dlt_sources.archive import open_snapshot
from dlt_sources.fetch import NAMES, service_of
from dlt_sources.fetch.errors import BudgetSpentError, FetchError, KeyAbsentError, PinError, RefusedError
from dlt_sources.fetch.fetching import Fetched, Terms, fetch
from dlt_sources.fetch.service import DaySpan, Elsewhere, Service, ServiceKey
from orchestration.settings import Settings
from orchestration.translators import OWNER, fetch_key

RETRIES, FIRST_DELAY = 3, 600.0  # seconds, then twice and four times as long: an hour's allowance comes back
LASTING = (RefusedError, PinError, BudgetSpentError)  # another try would end in the same way
GRACE = timedelta(days=1)
YEARS = ("2025-01-01", "2027-01-01")  # long enough to hold a cadence's longest gap
MONTH = timedelta(days=31)
MOST_NAMES = 20
REPORTS = 10  # of a fetch's progress, in the run's log


def fetch_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """An asset a connector, for a live archive; none for another."""
    if settings.origin != "live":
        return []
    return [_fetch_asset(_service(name, settings), settings) for name in NAMES]


def _service(name: str, settings: Settings) -> Service:
    """The service that the settings name, of a source that has several."""
    via = settings.fetch_via
    return service_of(name, via if via in service_of(name).ways else None)


def _fetch_asset(service: Service, settings: Settings) -> dg.AssetsDefinition:
    key = fetch_key(service.source)
    needed = service.key if service.key and service.key.is_needed else None
    # what is too much for one run is fetched by the month, on request, and never late
    months = dg.MonthlyPartitionsDefinition(f"{service.since}") if service.is_on_request else None

    @dg.asset(
        key=key,
        group_name="sources",
        owners=[OWNER],
        kinds={"http"},
        description=f"{service.title}: what its publisher has since {service.since} and the archive lacks, "
        "asked for, checked and listed. What was stopped goes on; a source without its key is skipped.",
        metadata=_facts(service),
        pool=f"fetch/{next(iter(service.hosts))}",
        retry_policy=_retries(settings),
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.multi_run(1) if months else None,
        freshness_policy=None if months else freshness(service, settings),
        check_specs=[_key_check(key, needed)] if needed else [],
    )
    def fetched(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        span, skipped = _span(service, context), None
        metadata: dict[str, Any] = {"days": f"{span.since} to {span.until}"}
        terms = _terms(settings, is_anew=context.has_partition_key)
        try:
            done = fetch(service, settings.archive_path, span, terms, _Log(context.log))
        except KeyAbsentError as error:
            skipped = str(error)
            context.log.warning(skipped)
            metadata = {"skipped": skipped}
        else:
            metadata |= evidence(done)
            if done.problem:
                raise _failure(done.problem, metadata)
        listed = open_snapshot(settings.archive_path, service.source)
        metadata |= {
            "files in the archive": len(listed.files),
            "archive": dg.MetadataValue.path(settings.archive_path / service.source),
        }
        yield dg.MaterializeResult(
            asset_key=key,
            metadata=metadata,
            data_version=dg.DataVersion(listed.manifest_sha256 or "absent"),
            check_results=[_key_result(needed, skipped)] if needed else [],
        )

    return fetched


def _facts(service: Service) -> dict[str, Any]:
    return {
        "publisher": dg.MetadataValue.url(service.homepage),
        "licence": service.licence,
        "hosts": ", ".join(service.hosts),
        "cadence": f"{service.cadence} (UTC)",
    }


def _terms(settings: Settings, is_anew: bool) -> Terms:
    elsewhere = Elsewhere(settings.hours_url, settings.spark_master)
    return Terms.at(settings.fetch_from, is_anew=is_anew, elsewhere=elsewhere)


def _span(service: Service, context: dg.AssetExecutionContext) -> DaySpan:
    """A month where one is asked for, by a person: it may have got hours since, so it is asked for anew."""
    if not context.has_partition_key:
        return service.span(None, datetime.now(UTC).date())
    window = context.partition_time_window
    return service.span(window.start.date(), window.end.date() - timedelta(days=1))


def evidence(done: Fetched) -> dict[str, Any]:
    """What a fetch did, as a materialisation says it."""
    return {
        "files taken": len(done.taken),
        "files unchanged": done.unchanged,
        "absent at the publisher": len(done.absent),
        "requests": done.requests,
        "bytes": done.bytes,
        **({"taken": dg.MetadataValue.md(_listed(done.taken))} if done.taken else {}),
    }


def _listed(paths: list[str]) -> str:
    more = [f"- … and {len(paths) - MOST_NAMES} more"] if paths[MOST_NAMES:] else []
    return "\n".join([*(f"- `{path}`" for path in paths[:MOST_NAMES]), *more])


def _failure(problem: FetchError, metadata: dict[str, Any]) -> dg.Failure:
    return dg.Failure(str(problem), metadata, allow_retries=not isinstance(problem, LASTING))


def _retries(settings: Settings) -> dg.RetryPolicy:
    """A stand-in of one's own need not be left alone."""
    delay = 0.0 if settings.fetch_from else FIRST_DELAY
    return dg.RetryPolicy(
        max_retries=RETRIES, delay=delay, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
    )


def freshness(service: Service, settings: Settings) -> dg.FreshnessPolicy:
    """Late when the publisher's next news, or the month where that alone is scheduled, went by unasked."""
    gap = _longest_gap(service.cadence)
    if settings.schedules == "monthly":
        gap = max(gap, MONTH)
    return dg.FreshnessPolicy.time_window(fail_window=2 * gap + GRACE, warn_window=gap + GRACE)


def _longest_gap(cron: str) -> timedelta:
    ticks = dg.TimeWindowPartitionsDefinition(
        start=YEARS[0], end=YEARS[1], fmt="%Y-%m-%d", cron_schedule=cron
    ).get_partition_keys()
    days = sorted({datetime.fromisoformat(tick) for tick in ticks})
    return max((later - day for day, later in pairwise(days)), default=timedelta(days=1))


def _key_check(key: dg.AssetKey, needed: ServiceKey) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        "key_is_set",
        asset=key,
        description=f"The service answers nobody without a key: {needed.how}, as {needed.env}.",
        metadata={"severity": "warning"},
    )


def _key_result(needed: ServiceKey, skipped: str | None) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=skipped is None,
        check_name="key_is_set",
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"variable": needed.env, **({"skipped": skipped} if skipped else {})},
    )


class _Log:
    """Tells the run's log how far a fetch is, a few times; of a part that takes long, as often as it says."""

    def __init__(self, log: dg.DagsterLogManager) -> None:
        self.log, self.parts, self.done = log, 0, 0

    def planned(self, source: str, parts: int) -> None:
        self.parts = parts
        self.log.info(f"{source}: {parts} parts to ask for")

    def finished(self, source: str, path: str) -> None:
        self.done += 1
        if self.done * REPORTS // self.parts > (self.done - 1) * REPORTS // self.parts:
            self.log.info(f"{source}: {self.done} of {self.parts} parts, last {path}")

    def within(self, source: str, words: str) -> None:
        self.log.info(f"{source}: {words}")
