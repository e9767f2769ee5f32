"""Raw assets: the archive, and one dlt load a source."""

from collections.abc import Iterator

import dagster as dg
from dagster_dlt import DagsterDltResource, dlt_assets

from dlt_sources import SOURCES
from dlt_sources.archive import check_origin, open_snapshot
from dlt_sources.pipeline import dlt_source, lake_pipeline
from dlt_sources.tables import Source
from expectations.worker import Worker
from orchestration.assets.table_metadata import table_evidence
from orchestration.gate.audit import begin_audit, raw_checks
from orchestration.home import stages
from orchestration.home.archives import ensure_archive, ignored_files
from orchestration.home.lock import held
from orchestration.settings import Settings
from orchestration.translators import OWNER, SourceTables


def archive_asset(settings: Settings) -> dg.AssetsDefinition:
    """The archive as an asset: written when it is the sample, checked otherwise."""

    @dg.asset(
        key=dg.AssetKey("archive"),
        group_name="sources",
        owners=[OWNER],
        kinds={"file"},
        description="The folder of raw files with a manifest a source: simulated for the sample, "
        "anyone's files otherwise. One origin an archive; what nobody reads is told.",
    )
    def archive() -> dg.MaterializeResult[None]:
        with held(settings):
            ensure_archive(settings)
        names = check_origin(settings.archive_path, settings.origin)
        snapshots = [open_snapshot(settings.archive_path, name) for name in names]
        ignored = ignored_files(settings)
        return dg.MaterializeResult(
            metadata={
                "sources": len(names),
                "files": sum(len(s.files) for s in snapshots),
                "bytes": sum(f.bytes for s in snapshots for f in s.files),
                "ignored": dg.MetadataValue.md(
                    "\n".join(f"- {name}: {count} files" for name, count in ignored.items()) or "nothing"
                ),
            }
        )

    return archive


def source_assets(source: Source, settings: Settings) -> dg.AssetsDefinition:
    """One multi-asset a source: its tables and its rejected rows, loaded in one go."""

    @dlt_assets(
        dlt_source=dlt_source(source, settings.archive_path),
        dlt_pipeline=lake_pipeline(source, settings.lake, settings.state),
        name=source.name,
        dagster_dlt_translator=SourceTables(source),
        pool="lake",
    )
    def load(
        context: dg.AssetExecutionContext, dlt: DagsterDltResource, gate_worker: dg.ResourceParam[Worker]
    ) -> Iterator[dg.MaterializeResult[None]]:
        stage = f"raw/{source.name}"
        with held(settings):
            begun = stages.begin(settings, stage)
            for event in dlt.run(context=context, loader_file_format="parquet"):
                assert event.asset_key is not None  # dlt_assets names each table's key
                table = event.asset_key.path[-1]
                files = (settings.lake / "raw" / source.name / table).glob("*.parquet")
                yield dg.MaterializeResult(
                    asset_key=event.asset_key, metadata={**(event.metadata or {}), **table_evidence(files)}
                )
            begin_audit(settings, raw_checks(settings, (source,)), gate_worker)
            if not context.is_subset:
                stages.record(settings, stage, begun)

    return load


def raw_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    return [archive_asset(settings), *(source_assets(source, settings) for source in SOURCES)]
