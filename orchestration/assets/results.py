"""Results as assets: what can be identified, then estimates, diagnostics and placebos.

The gate's verdicts decide whether anything is estimated: marts that changed since are refused.
"""

import base64
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pandas as pd
import pyarrow.parquet as pq
import yaml

from dlt_sources.archive import write_atomically
from orchestration import gate, provenance, stages
from orchestration.assets.evidence import table_evidence
from orchestration.assets.publish import page_inputs
from orchestration.curated import SPECS
from orchestration.home import held
from orchestration.settings import Settings
from orchestration.translators import OWNER, column_schema

if TYPE_CHECKING:
    from event_study.specs import Spec

PLANTED = "planted.yml"
PERIODS = {"month": "month", "quarter": "quarter", "year": "year"}
MARTS = ("fct_activity_country_month", "fct_activity_country_quarter", "fct_activity_country_year",
         "dim_outcome", "dim_event", "dim_country")  # fmt: skip
DESCRIPTIONS = {
    "identification": "What each outcome × event set × contrast can carry, made before any estimate.",
    "estimates": "Every estimate with its interval, p-value, floor, base and status; never a bare number.",
    "diagnostics": "Pre-trend tests, minimum detectable effects, leave-one-out extremes, dispersion.",
    "placebos": "The statistic and rank of every placebo behind a randomisation p-value.",
}


def _table(settings: Settings, name: str) -> Path:
    return settings.results / f"{name}.parquet"


def _inputs(settings: Settings) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], str]:
    """Panels by frequency, the other marts by name, and the hash of all; refused without a verdict."""
    present = {p.stem: gate.sha256_of(p) for p in sorted(settings.marts.glob("*.parquet"))}
    gate.require(settings.home_path, {name: present.get(name, "") for name in MARTS})
    frames = {name: pq.read_table(settings.marts / f"{name}.parquet").to_pandas() for name in MARTS}
    panels = {
        frequency: frames.pop(f"fct_activity_country_{frequency}").rename(columns={column: "period"})
        for frequency, column in PERIODS.items()
    }
    return panels, frames, provenance.combined({name: present[name] for name in MARTS})


def _specs(marts: Mapping[str, pd.DataFrame]) -> "list[Spec]":
    """Every spec, refused where it names an outcome or event that the marts lack."""
    from event_study.specs import load_specs, validate_specs

    specs = load_specs(SPECS)
    validate_specs(specs, marts["dim_outcome"], marts["dim_event"])
    return specs


def _made_from(settings: Settings, inputs_sha256: str) -> dict[str, str]:
    """What a results table says of itself: its origin, and the marts and months it was made from."""
    return {"origin": settings.origin, "inputs_sha256": inputs_sha256, "until": str(settings.until or "")}


def _write(settings: Settings, name: str, frame: pd.DataFrame, inputs_sha256: str) -> None:
    from event_study.tables import to_arrow

    buffer = io.BytesIO()
    content = to_arrow(name, frame).replace_schema_metadata(_made_from(settings, inputs_sha256))
    pq.write_table(content, buffer, compression="zstd")
    write_atomically(_table(settings, name), buffer.getvalue())


def _identification(settings: Settings, inputs_sha256: str) -> pd.DataFrame:
    """The identification table, refused unless it was made from these marts, up to this month."""
    path = _table(settings, "identification")
    if not path.is_file():
        raise provenance.ProvenanceError("results/identification.parquet: not made yet; make it first")
    content = pq.read_table(path)
    said = {key.decode(): value.decode() for key, value in (content.schema.metadata or {}).items()}
    for name, value in _made_from(settings, inputs_sha256).items():
        if said.get(name) != value:
            raise provenance.ProvenanceError(
                f"results/identification.parquet: {name}: made for {said.get(name) or 'all'}, asked for "
                f"{value or 'all'}; make results/identification again, then the estimates"
            )
    frame: pd.DataFrame = content.to_pandas()
    return frame


def planted_effects(settings: Settings) -> dict[str, dict[str, float]] | None:
    """The simulated world's truth, nulls as empty effects; None where the data are real."""
    path = settings.archive_path / PLANTED
    if settings.origin != "sample" or not path.is_file():
        return None
    truth = yaml.safe_load(path.read_text())
    return {**{outcome: {} for outcome in truth["nulls"]}, **truth["effects"]}


def _spec(name: str) -> dg.AssetSpec:
    from event_study.tables import SCHEMAS

    return dg.AssetSpec(
        ["results", name],
        deps=[["gate", "marts"], *(["marts", mart] for mart in MARTS)]
        + ([["results", "identification"]] if name != "identification" else []),
        group_name="results",
        owners=[OWNER],
        kinds={"python", "parquet"},
        description=DESCRIPTIONS[name],
        metadata={"dagster/column_schema": column_schema(SCHEMAS[name])},
        skippable=True,
    )


def results_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """``results/identification``, and the three tables that one fit gives."""

    @dg.multi_asset(specs=[_spec("identification")], name="identification")
    def identification(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        from event_study.study import identify

        panels, marts, inputs_sha256 = _inputs(settings)
        specs = _specs(marts)
        with held(settings):
            stages.begin(settings, "results")
            provenance.forget(settings.results)
            frame = identify(panels, specs=specs, until=settings.until, **marts)
            _write(settings, "identification", frame, inputs_sha256)
        return dg.MaterializeResult(
            metadata={
                "statuses": dg.MetadataValue.md(
                    frame.groupby("status").size().rename("rows").reset_index().to_markdown(index=False)
                ),
                **table_evidence([_table(settings, "identification")]),
            }
        )

    @dg.multi_asset(
        specs=[_spec(name) for name in ("estimates", "diagnostics", "placebos")],
        name="event_study", can_subset=True,
    )  # fmt: skip
    def event_study(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        from event_study.study import estimate

        panels, marts, inputs_sha256 = _inputs(settings)
        specs = _specs(marts)
        with held(settings):
            begun = stages.begin(settings, "results")
            known = _identification(settings, inputs_sha256)
            provenance.forget(settings.results)
            planted = planted_effects(settings)
            study = estimate(
                panels, specs=specs, until=settings.until, planted=planted, origin=settings.origin,
                inputs_sha256=inputs_sha256,
                identification=known, **marts,
            )  # fmt: skip
            if planted is not None:
                write_atomically(settings.results / PLANTED, (settings.archive_path / PLANTED).read_bytes())
            chosen = {key.path[-1] for key in context.selected_asset_keys}
            for name in ("estimates", "diagnostics", "placebos"):
                if name in chosen:
                    _write(settings, name, getattr(study, name), inputs_sha256)
                    evidence: dict[str, Any] = table_evidence([_table(settings, name)])
                    if name == "estimates":
                        evidence = _headlines(study.estimates, settings) | evidence  # as of interest
                    yield dg.MaterializeResult(asset_key=dg.AssetKey(["results", name]), metadata=evidence)
            if len(chosen) == len(DESCRIPTIONS) - 1:
                provenance.write(settings.results, marts=provenance.hashes(settings.marts))
                stages.record(settings, "results", begun)

    return [identification, event_study]


HEADLINE_COLUMNS = ["outcome", "contrast", "term", "trend", "estimate", "ci_low", "ci_high", "p_value",
                    "donors", "status", "planted"]  # fmt: skip


def headlines(estimates: pd.DataFrame) -> pd.DataFrame:
    """The headline rows, for people: identified ones first."""
    rows = estimates[estimates["family"] == "headline"].copy()
    rows["_order"] = (rows["status"] != "ok").astype(int)
    return rows.sort_values(["_order", "outcome", "contrast", "term", "trend"])[HEADLINE_COLUMNS]


def _headlines(estimates: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    from report.site import event_study_previews

    rows = headlines(estimates)
    shown = rows[rows["estimate"].notna()].dropna(axis="columns", how="all")
    simulated = "**SIMULATED** " if settings.origin == "sample" else ""
    cells = shown.astype(object).where(shown.notna(), None)
    numbers = cells.to_markdown(index=False, floatfmt=".3f", missingval="")
    words = f"{simulated}Log points. {len(rows) - len(shown)} more headline rows carry no estimate."
    evidence: dict[str, Any] = {"headline": dg.MetadataValue.md(f"{words}\n\n{numbers}")}
    for outcome, image in event_study_previews(page_inputs(settings)).items():
        encoded = base64.b64encode(image).decode()
        evidence[f"plot: {outcome}"] = dg.MetadataValue.md(f"![{outcome}](data:image/png;base64,{encoded})")
    return evidence
