"""The last two assets: the pages, and the release that publishes a whole chain of hashes."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg
import duckdb

from orchestration.assets.table_metadata import materialised
from orchestration.gate import files as gate
from orchestration.gate.audit import raw_sha256s
from orchestration.home import stages
from orchestration.home.archives import describe_archive, list_files
from orchestration.release import SUMS, publish
from orchestration.settings import Settings
from orchestration.translators import OWNER
from orchestration.warehouse import models

if TYPE_CHECKING:
    from report.inputs import Inputs

RESULTS = (
    "identification",
    "estimates",
    "diagnostics",
    "placebos",
    "claims",
    "revisions",
    "clock",
    "clock_worlds",
    "glossary",
)


def with_rejects(settings: Settings) -> list[dict[str, object]]:
    """The archive's description, with the number of rows that parsers refused."""
    described = describe_archive(settings)
    for source in described:
        files = settings.lake / "raw" / str(source["source"]) / "_rejected" / "*.parquet"
        count = duckdb.sql(f"select count(*) from read_parquet('{files}')").fetchone()
        source["rejected"] = count[0] if count else 0
    return described


def page_inputs(settings: Settings) -> "Inputs":
    """What the page is built from, for this home."""
    from report.inputs import Inputs

    return Inputs(
        marts=settings.marts,
        gate=settings.gate,
        results=settings.results,
        archive=with_rejects(settings),  # type: ignore[arg-type]
        origin=settings.origin,
        seed=settings.seed if settings.origin == "sample" else None,
        until=settings.until,
        code_version=stages.code_version("event_study", "dbt_project")[:12],
        files=list_files(settings),
    )


def publish_assets(settings: Settings, manifest: Mapping[str, Any]) -> list[dg.AssetsDefinition]:
    """The pages and the release; both read the marts and the gate besides the results."""
    marts = [["marts", node["name"]] for node in models(manifest, "marts")]
    results = [["results", name] for name in RESULTS]
    return [_pages(settings, [*results, *marts]), _release(settings, manifest, [*results, *marts])]


def _pages(settings: Settings, tables: list[list[str]]) -> dg.AssetsDefinition:
    @dg.asset(
        key=["site", "pages"],
        deps=[*tables, ["gate", "marts"]],
        group_name="site",
        owners=[OWNER],
        kinds={"html"},
        description="The static page: the question, what can be identified, what the data say, and the "
        "origin of every number. Opens from disk, without a server or scripts.",
    )
    def pages() -> dg.MaterializeResult[None]:
        from report.site import build, event_study_previews

        inputs = page_inputs(settings)
        stages.require(settings, "results")
        with stages.making(settings, "site") as making:
            build(inputs, settings.site)
        files = [path for path in settings.site.rglob("*") if path.is_file()]
        metadata: dict[str, Any] = {
            "page": dg.MetadataValue.url((settings.site / "index.html").as_uri()),
            "files": len(files),
            "bytes": sum(path.stat().st_size for path in files),
        }
        for outcome, image in event_study_previews(inputs).items():
            encoded = base64.b64encode(image).decode()
            image_tag = f"![{outcome}](data:image/png;base64,{encoded})"
            metadata[f"plot: {outcome}"] = dg.MetadataValue.md(image_tag)
        return materialised(making, metadata, version=stages.sha256_of(*files))

    return pages


def _release(settings: Settings, manifest: Mapping[str, Any], tables: list[list[str]]) -> dg.AssetsDefinition:
    @dg.asset(
        key=["release"],
        deps=[["site", "pages"], *tables, ["gate", "raw"], ["gate", "marts"]],
        group_name="site",
        owners=[OWNER],
        kinds={"parquet"},
        description="A consistent, dated set of marts, gate, results and pages with datapackage.json and "
        "SHA256SUMS; `current` points at the newest. None is made when nothing changed.",
    )
    def release() -> dg.MaterializeResult[None]:
        with stages.making(settings, "release") as making:
            gate.require(settings.home_path, raw_sha256s(settings), gate="raw")
            published = publish(settings, manifest, with_rejects(settings), datetime.now(UTC).date())
        metadata = {
            "release": published.id,
            "made": "now" if published.is_new else "before; nothing changed since",
            "files": published.files,
            "folder": dg.MetadataValue.path(str(published.path)),
        }
        return materialised(making, metadata, version=stages.sha256_of(published.path / SUMS))

    return release
