"""The last two assets: the pages, and the release that publishes a whole chain of hashes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg
import duckdb

from orchestration.gate import files as gate
from orchestration.gate.audit import raw_sha256s
from orchestration.home import provenance, stages
from orchestration.home.archives import describe_archive, list_files
from orchestration.home.lock import held
from orchestration.release import publish
from orchestration.settings import Settings
from orchestration.translators import OWNER

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
    @dg.asset(
        key=["site", "pages"],
        deps=[["results", name] for name in RESULTS],
        group_name="site",
        owners=[OWNER],
        kinds={"html"},
        description="The static page: the question, what can be identified, what the data say, and the "
        "origin of every number. Opens from disk, without a server or scripts.",
    )
    def pages() -> dg.MaterializeResult[None]:
        from report.site import build

        with held(settings):
            provenance.require(settings.home_path, "results")
            begun = stages.begin(settings, "site")
            build(page_inputs(settings), settings.site)
            provenance.write(
                settings.site,
                results=provenance.hashes(settings.results),
                marts=provenance.hashes(settings.marts),
            )
            stages.record(settings, "site", begun)
        index = settings.site / "index.html"
        return dg.MaterializeResult(
            metadata={
                "page": dg.MetadataValue.url(index.as_uri()),
                "files": sum(1 for p in settings.site.rglob("*") if p.is_file()),
                "bytes": sum(p.stat().st_size for p in settings.site.rglob("*") if p.is_file()),
            }
        )

    @dg.asset(
        key=["release"],
        deps=[["site", "pages"], ["gate", "raw"], ["gate", "marts"]],
        group_name="site",
        owners=[OWNER],
        kinds={"parquet"},
        description="A consistent, dated set of marts, gate, results and pages with datapackage.json and "
        "SHA256SUMS; `current` points at the newest. None is made when nothing changed.",
    )
    def release() -> dg.MaterializeResult[None]:
        with held(settings):
            begun = stages.begin(settings, "release")
            gate.require(settings.home_path, raw_sha256s(settings), gate="raw")
            published = publish(settings, manifest, with_rejects(settings), datetime.now(UTC).date())
            stages.record(settings, "release", begun)
        return dg.MaterializeResult(
            metadata={
                "release": published.id,
                "made": "now" if published.is_new else "before; nothing changed since",
                "files": published.files,
                "folder": dg.MetadataValue.path(str(published.path)),
            }
        )

    return [pages, release]
