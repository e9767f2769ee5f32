"""dbt models as Dagster assets, built in this process; dbt's data tests are asset checks."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from dlt_sources import SOURCES
from dlt_sources.tables import Source
from expectations.worker import Worker
from orchestration.assets.table_metadata import materialised, table_evidence
from orchestration.gate import files as gate
from orchestration.gate.audit import (
    audit_failed_tests,
    begin_audit,
    mart_checks,
    raw_sha256s,
    remember_tests,
)
from orchestration.gate.dbt_results import sentence
from orchestration.home import stages
from orchestration.lineage import as_table, column_lineage
from orchestration.settings import Settings
from orchestration.translators import Models
from orchestration.warehouse import (
    RELEASE,
    Built,
    WarehouseError,
    build,
    export_marts,
    relation_columns,
)


def warehouse_assets(settings: Settings, manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """Every seed and model of the manifest as one multi-asset; a selection builds only what is asked."""
    translator = Models()
    nodes = {
        translator.get_asset_key(node): node
        for node in manifest["nodes"].values()
        if node["resource_type"] in {"model", "seed"}
    }

    @dbt_assets(manifest=manifest, dagster_dbt_translator=translator, name="warehouse", pool="warehouse")
    def warehouse(
        context: dg.AssetExecutionContext, gate_worker: dg.ResourceParam[Worker]
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        chosen = {nodes[key]["unique_id"]: key for key in context.selected_asset_keys}
        names = sorted(nodes[key]["name"] for key in chosen.values())
        is_whole = len(chosen) == len(nodes)
        # the raw gate's verdict holds for this run, for an earlier one, or the lake is not read
        gate.require(settings.home_path, raw_sha256s(settings, _sources_read(chosen, manifest)), gate="raw")
        with stages.making(settings, "marts", names, [node["name"] for node in nodes.values()]) as making:
            accepted = _accepted_tests(settings, manifest)
            built = build(settings, () if is_whole else names, accepted)
            tests = [n for n in built.nodes if n["unique_id"].startswith("test.")]
            remember_tests(settings, [_plain(test, accepted) for test in tests], is_whole)
            shown: dict[str, dict[str, Any]] = {}
            if not built.failed:
                export_marts(settings, manifest, names)
                begin_audit(settings, mart_checks(manifest), gate_worker)
                shown = _columns_shown(context, settings, built, manifest, translator)
            for node in built.nodes:  # in dbt's order, which is the graph's
                key = chosen.get(node["unique_id"])
                if node["status"] == "success" and key is not None:
                    layer, table = key.path[0], key.path[-1].removeprefix(RELEASE)
                    files = () if built.failed else (settings.home_path / layer).glob(f"{table}.parquet")
                    evidence = {"seconds": round(float(node["execution_time"]), 2), **table_evidence(files)}
                    yield materialised(making, evidence | shown.get(node["unique_id"], {}), key)
            yield from _check_results(context, built, translator, manifest)
            if built.failed:
                audit_failed_tests(settings, context.run.run_id, manifest)
                first, *others = (sentence(node, manifest, settings) for node in built.failed)
                raise WarehouseError(first + (f" (and {len(others)} more)" if others else ""))

    return warehouse


def _sources_read(chosen: Iterable[str], manifest: Mapping[str, Any]) -> list[Source]:
    """The sources whose tables these models read."""
    read = {parent for unique_id in chosen for parent in manifest["parent_map"][unique_id]}
    names = {manifest["sources"][name]["source_name"] for name in read & manifest["sources"].keys()}
    return [source for source in SOURCES if source.name in names]


def _columns_shown(
    context: dg.AssetExecutionContext,
    settings: Settings,
    built: Built,
    manifest: Mapping[str, Any],
    translator: Models,
) -> dict[str, dict[str, Any]]:
    """Per model: from which columns each of its columns was made, and, where its yml declares none,
    what its columns are."""
    columns = relation_columns(settings)
    compiled = {
        n["unique_id"]: n["node"]["compiled_code"]
        for n in built.nodes
        if n["unique_id"].startswith("model.") and n["status"] == "success"
    }
    names = {table: [name for name, _ in pairs] for table, pairs in columns.items()}
    lineage = column_lineage(compiled, names, manifest, translator.get_asset_key)
    context.log.info(f"column lineage: {len(lineage)} of {len(compiled)} models")
    shown: dict[str, dict[str, Any]] = {}
    for unique_id in compiled:
        node = manifest["nodes"][unique_id]
        shown[unique_id] = {}
        if found := lineage.get(unique_id):
            shown[unique_id] = {
                "dagster/column_lineage": found,
                "columns from": dg.MetadataValue.md(as_table(found)),
            }
        if not node["columns"]:
            shown[unique_id]["dagster/column_schema"] = dg.TableSchema(
                [dg.TableColumn(name, type_) for name, type_ in columns[node["name"]]]
            )
    return shown


def _accepted_tests(settings: Settings, manifest: Mapping[str, Any]) -> set[str]:
    """Unique ids of dbt's tests that a person let fail; names of tests are unique in a project."""
    names = {check for _, check in gate.accepted(settings.home_path)}
    return {
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "test" and node["name"] in names
    }


def _plain(result: Mapping[str, Any], accepted: Collection[str]) -> dict[str, Any]:
    wanted = ("unique_id", "status", "failures", "message", "execution_time")
    plain = {name: result.get(name) for name in wanted}
    if plain["unique_id"] in accepted and plain["status"] == "warn":
        plain["status"] = "fail"  # it only went on; the gate shows it as failed and accepted
    return plain


def _check_results(
    context: dg.AssetExecutionContext, built: Built, translator: Models, manifest: Mapping[str, Any]
) -> Iterator[dg.AssetCheckResult]:
    outcomes = {node["unique_id"]: node for node in built.nodes}
    for spec in context.assets_def.check_specs:
        if spec.key not in context.selected_asset_check_keys:
            continue
        unique_id = spec.metadata.get("dagster_dbt/unique_id") if spec.metadata else None
        result = outcomes.get(str(unique_id))
        if result is None:
            continue
        yield dg.AssetCheckResult(
            asset_key=spec.asset_key,
            check_name=spec.name,
            passed=result["status"] in {"pass", "success"},
            severity=dg.AssetCheckSeverity.WARN
            if result["status"] == "warn"
            else dg.AssetCheckSeverity.ERROR,
            metadata={
                "failing_rows": int(result.get("failures") or 0),
                "message": str(result.get("message") or ""),
            },
        )
