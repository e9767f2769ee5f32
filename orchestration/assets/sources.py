"""Raw assets: the archive, and one dlt load a source."""

import shutil
from collections.abc import Iterator

import dagster as dg
from dagster_dlt import DagsterDltResource
from dagster_dlt.translator import DltResourceTranslatorData

from dlt_sources import SOURCES
from dlt_sources.archive import open_snapshot
from dlt_sources.fetch import NAMES as FETCHABLE
from dlt_sources.pipeline import dlt_source, lake_pipeline
from dlt_sources.tables import Source
from expectations.worker import Worker
from orchestration.assets.table_metadata import materialised, table_evidence
from orchestration.gate.audit import begin_audit, raw_checks
from orchestration.home import stages
from orchestration.home.archives import ensure_archive, ignored_files
from orchestration.home.lock import held
from orchestration.settings import Settings
from orchestration.translators import OWNER, SourceTables, archive_key, fetch_key, tables_of


def archive_asset(settings: Settings) -> dg.AssetsDefinition:
    """The archive, an asset a source: written when it is the sample, checked otherwise."""
    is_live = settings.origin == "live"

    @dg.multi_asset(
        name="archive",
        can_subset=True,
        specs=[
            dg.AssetSpec(
                archive_key(source.name),
                deps=[fetch_key(source.name)] if is_live and source.name in FETCHABLE else [],
                group_name="sources",
                owners=[OWNER],
                kinds={"file"},
                description=f"{source.title}: the raw files that its manifest lists; simulated for the "
                "sample, anyone's files otherwise. What nobody reads is reported.",
            )
            for source in SOURCES
            if not source.local
        ],
    )
    def archive(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        with held(settings):
            ensure_archive(settings)
        ignored = ignored_files(settings)
        for source in SOURCES:
            if archive_key(source.name) in context.selected_asset_keys:
                snapshot = open_snapshot(settings.archive_path, source.name)
                yield dg.MaterializeResult(
                    asset_key=archive_key(source.name),
                    data_version=dg.DataVersion(snapshot.manifest_sha256 or "absent"),
                    metadata={
                        "files": len(snapshot.files),
                        "bytes": sum(file.bytes for file in snapshot.files),
                        "ignored": ignored.pop(source.name, 0),
                    },
                )
        for name, count in ignored.items():
            context.log.warning(f"archive/{name}: {count} files that no source reads")

    return archive


def source_assets(source: Source, settings: Settings) -> dg.AssetsDefinition:
    """One multi-asset a source: its tables and its rejected rows, loaded in one go.

    What is loaded is given to ``dlt.run`` here: ``dlt_assets`` would carry source, pipeline and translator as
    metadata, of which the UI can only say that they are unserializable.
    """
    kept = settings.state / "kept" / source.name / stages.code_version(*stages.ROOMS[f"raw/{source.name}"])
    extracted = dlt_source(source, settings.archive_path, settings.limits, kept)
    pipeline = lake_pipeline(source, settings.lake, settings.state)
    tables = SourceTables(source)

    @dg.multi_asset(
        name=source.name,
        can_subset=True,
        specs=[
            tables.get_asset_spec(DltResourceTranslatorData(resource=resource, pipeline=pipeline))
            for resource in extracted.selected_resources.values()
        ],
        pool="lake",
    )
    def load(
        context: dg.AssetExecutionContext, dlt: DagsterDltResource, gate_worker: dg.ResourceParam[Worker]
    ) -> Iterator[dg.MaterializeResult[None]]:
        chosen = [key.path[-1] for key in context.selected_asset_keys]
        with stages.making(settings, f"raw/{source.name}", chosen, tables_of(source)) as making:
            for other in kept.parent.glob("*"):
                if other != kept:  # read by code that is no more
                    shutil.rmtree(other)
            loaded = dlt.run(
                context=context,
                dlt_source=extracted,
                dlt_pipeline=pipeline,
                dagster_dlt_translator=tables,
                loader_file_format="parquet",
            )
            for event in loaded:
                assert event.asset_key is not None  # each table is an asset
                table = event.asset_key.path[-1]
                files = (settings.lake / "raw" / source.name / table).glob("*.parquet")
                evidence = {**(event.metadata or {}), **table_evidence(files)}
                yield materialised(making, evidence, event.asset_key)
            begin_audit(settings, raw_checks(settings, (source,)), gate_worker)

    return load


def raw_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    return [archive_asset(settings), *(source_assets(source, settings) for source in SOURCES)]
