"""The gates in Dagster: each expectation its own asset check, and an asset that says the gate is open.

One op a gate runs all its checks, writes them down, then yields, so that a failure is recorded too.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import dagster as dg
from pydantic import PrivateAttr

from dlt_sources import SOURCES
from expectations import Check, Result
from expectations.worker import Worker, start_worker
from orchestration.assets.table_metadata import materialised
from orchestration.gate import files as gate
from orchestration.gate.audit import (
    audit,
    audit_pending,
    gate_summary,
    keep_as_accepted,
    last_day,
    mart_checks,
    raw_checks,
    ready,
)
from orchestration.home import stages
from orchestration.home.lock import held
from orchestration.settings import Settings
from orchestration.translators import OWNER, raw_key, tables_of
from orchestration.warehouse import models


class GateWorker(dg.ConfigurableResource[Worker]):
    """Great Expectations in a process of its own, importing from the moment a run begins."""

    _worker: Worker = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Worker]:
        with start_worker() as worker:
            yield worker


def _spec(check: Check) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        check.name,
        asset=dg.AssetKey(list(check.asset_key)),
        description=check.description,
        blocking=check.severity == "error",
        metadata={"severity": check.severity, "expectation": check.expectation},
    )


def _check_op(
    settings: Settings, name: str, checks: Sequence[Check], manifest: Mapping[str, Any] | None
) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(name=name, specs=[_spec(check) for check in checks], can_subset=True)
    def gate_checks(
        context: dg.AssetCheckExecutionContext, gate_worker: dg.ResourceParam[Worker]
    ) -> Iterator[dg.AssetCheckResult]:
        # which checks there are is fixed when definitions load; what they demand depends on the archive
        current = mart_checks(manifest) if manifest is not None else raw_checks(settings)
        chosen = {(key.asset_key, key.name) for key in context.selected_asset_check_keys}
        # a verdict speaks for a whole table: one of its checks chosen, all are run
        tables = {key for key, _ in chosen}
        wanted = ready(settings, [c for c in current if dg.AssetKey(list(c.asset_key)) in tables])
        with held(settings):
            results = audit(settings, wanted, gate_worker, context.run.run_id, manifest)
        by_key = {(c.table, c.name): c for c in wanted}
        accepted = gate.accepted(settings.home_path)
        for result in results:
            if (dg.AssetKey(list(by_key[result.table, result.check].asset_key)), result.check) not in chosen:
                continue
            is_accepted = not result.success and gate.is_accepted(result, accepted)
            yield _asset_check_result(result, by_key[result.table, result.check], is_accepted)

    return gate_checks


def _asset_check_result(result: Result, check: Check, is_accepted: bool) -> dg.AssetCheckResult:
    is_warning = result.severity == "warning" or is_accepted
    metadata: dict[str, Any] = {
        "observed": result.observed or "",
        "expected": result.expected or "",
        "remedy": check.description,
    }
    if result.failing_rows is not None:
        metadata |= {"failing_rows": result.failing_rows, "rows": result.rows or 0}
    if result.sample:
        metadata["sample"] = dg.MetadataValue.md(result.sample)
    if result.error:
        metadata["the check itself failed"] = result.error
    if is_accepted:
        metadata["accepted"] = "by a person, see gate/accepted.json"
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(list(check.asset_key)),
        check_name=result.check,
        passed=result.success,
        severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
        metadata=metadata,
    )


def gate_definitions(
    settings: Settings, manifest: Mapping[str, Any]
) -> tuple[list[dg.AssetsDefinition], list[dg.AssetChecksDefinition]]:
    """The two gate assets, and the two ops that check."""
    raw_keys = [raw_key(source.name, table) for source in SOURCES for table in tables_of(source)]
    mart_names = [node["name"] for node in models(manifest, "marts")]
    # not read here, but of the same stage, which is whole before the next begins
    published = [["publishable", node["name"]] for node in models(manifest, "release")]

    @dg.asset(
        key=["gate", "raw"], deps=raw_keys, group_name="sources", owners=[OWNER], kinds={"gx"},
        description="Every raw table passed its checks: the archive arrived whole.",
    )  # fmt: skip
    def gate_raw(
        context: dg.AssetExecutionContext, gate_worker: dg.ResourceParam[Worker]
    ) -> dg.MaterializeResult[None]:
        with stages.making(settings, "gate/raw") as making:
            tables = audit_pending(settings, raw_checks(settings), gate_worker, context.run.run_id)
            gate.require(settings.home_path, tables, gate="raw")
            version = gate.verdicts_sha256(settings.home_path, "raw")
        return materialised(making, gate_summary(settings, "raw"), version=version)

    @dg.asset(
        key=["gate", "marts"], deps=[*(["marts", name] for name in mart_names), *published],
        group_name="gate", owners=[OWNER], kinds={"gx", "dbt"},
        description="Every mart has a passing verdict for its present bytes; else nothing is estimated.",
    )  # fmt: skip
    def gate_marts(
        context: dg.AssetExecutionContext, gate_worker: dg.ResourceParam[Worker]
    ) -> dg.MaterializeResult[None]:
        with stages.making(settings, "gate/marts") as making:
            checks = mart_checks(manifest)
            tables = audit_pending(settings, checks, gate_worker, context.run.run_id, manifest)
            gate.require(settings.home_path, tables)
            keep_as_accepted(settings)
            version = gate.verdicts_sha256(settings.home_path, "marts")
        return materialised(making, gate_summary(settings, "marts"), version=version)

    checks = [
        _check_op(settings, "raw_checks", _at_load(), None),
        _check_op(settings, "mart_checks", mart_checks(manifest), manifest),
    ]
    return [gate_raw, gate_marts], checks


def _at_load() -> tuple[Check, ...]:
    """The raw gate's checks without a look at the archive, which may not be there yet."""
    from expectations import raw

    return raw.checks(SOURCES, until=last_day())
