"""Results as assets: what can be identified, then estimates and what stands beside them.

The gate's verdicts decide whether anything is estimated: marts that changed since are refused. One fit
gives the tables of a run; the specification curve is made when asked for.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg
import pandas as pd

from orchestration.assets import result_files as studies
from orchestration.assets.result_files import Study
from orchestration.assets.table_metadata import materialised, table_evidence
from orchestration.home import stages
from orchestration.home.curated import PAPER, SPECS
from orchestration.home.lock import held
from orchestration.settings import Settings
from orchestration.translators import OWNER, column_schema, description_of

if TYPE_CHECKING:
    from event_study.study.questions import StudyTables

CURVE = "specification_curve"
FITTED = (
    "estimates", "diagnostics", "placebos", "claims", "revisions", "clock", "clock_worlds", "glossary",
)  # fmt: skip
DEVELOPERS = "developers"  # the outcome whose counts weigh countries in the clock's ratio
STAMPED = ("forks_china", "forks_united_states")  # claimed quantities whose ratio the clock is read against
REVISED = ("primary", "all_outcomes")  # specs whose question is asked of every vintage, in this order


def _spec(name: str, *after: str) -> dg.AssetSpec:
    from event_study.schemas import SCHEMAS

    return dg.AssetSpec(
        ["results", name],
        deps=[["gate", "marts"], *(["marts", mart] for mart in studies.MARTS)]
        + [["results", table] for table in after],
        group_name="results",
        owners=[OWNER],
        kinds={"python", "parquet"},
        description=description_of(SCHEMAS[name]),
        metadata={"dagster/column_schema": column_schema(SCHEMAS[name])},
        skippable=True,
    )


def results_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """``results/identification``, the tables of one fit, and the specification curve."""
    return [_identification(settings), _event_study(settings), _specification_curve(settings)]


def _identification(settings: Settings) -> dg.AssetsDefinition:
    @dg.multi_asset(specs=[_spec("identification")], name="identification")
    def identification() -> dg.MaterializeResult[None]:
        from event_study.cohorts.unit_questions import identify_units
        from event_study.schemas import joined
        from event_study.study.questions import identify

        study = studies.read_study(settings)
        with stages.making(settings, stages.IDENTIFICATION) as making:
            if not making.is_same:  # the curve of other marts, specs or code is asked for again
                (settings.home_path / stages.CURVE).unlink(missing_ok=True)
            frame = joined(
                "identification",
                identify(study.panels, specs=study.specs, until=settings.until, **study.dimensions),
                identify_units(**study.of_units, until=settings.until),
            )
            path = studies.write_table(settings, "identification", frame, study.inputs_sha256)
        statuses = frame.groupby("status").size().rename("rows").reset_index().to_markdown(index=False)
        return materialised(making, {"statuses": dg.MetadataValue.md(statuses), **table_evidence([path])})

    return identification


def _event_study(settings: Settings) -> dg.AssetsDefinition:
    @dg.multi_asset(
        specs=[_spec(name, "identification") for name in FITTED], name="event_study", can_subset=True
    )
    def event_study(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        study = studies.read_study(settings)
        identification = studies.read_identification(settings, study.inputs_sha256)
        chosen = {key.path[-1]: key for key in context.selected_asset_keys}
        with stages.making(settings, "results", chosen, FITTED) as making:
            tables = _fitted(settings, study, identification)
            studies.copy_planted(settings)
            for name in (name for name in FITTED if name in chosen):
                path = studies.write_table(settings, name, tables[name], study.inputs_sha256)
                evidence: dict[str, Any] = table_evidence([path])
                if name == "estimates":
                    found = _headline_evidence(tables, settings) | _unit_evidence(tables, settings)
                    evidence = found | evidence  # as of interest
                yield materialised(making, evidence, chosen[name])

    return event_study


def _specification_curve(settings: Settings) -> dg.AssetsDefinition:
    @dg.multi_asset(specs=[_spec(CURVE, "identification")], name=CURVE)
    def specification_curve() -> dg.MaterializeResult[None]:
        from event_study.claims.curve import load_curve, specification_curve
        from event_study.panel.adapter import from_marts

        study = studies.read_study(settings)
        with held(settings):
            made_by = stages.Making(stages.keys(settings)["results"], is_same=False)
            data = from_marts(study.panels, until=settings.until, **study.dimensions)
            frame = specification_curve(data, load_curve(SPECS))
            path = studies.write_table(settings, CURVE, frame, study.inputs_sha256)
        return materialised(made_by, table_evidence([path]))

    return specification_curve


def _fitted(settings: Settings, study: Study, identification: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Every table of a run but the identification, by name."""
    from event_study.claims.claims import claims_table, load_claims
    from event_study.claims.clock_table import clock_table
    from event_study.claims.clock_worlds import clock_worlds
    from event_study.claims.revisions import revise
    from event_study.cohorts.unit_questions import estimate_units
    from event_study.estimators.registry import described
    from event_study.schemas import joined
    from event_study.specs.glossary import load_glossary
    from event_study.study.questions import estimate

    of_units = identification["contrast"].isin(
        {sides.name for spec in study.unit_specs for sides in spec.contrasts}
    )
    said: dict[str, Any] = {
        "until": settings.until, "planted": studies.planted_effects(settings),
        "origin": settings.origin, "inputs_sha256": study.inputs_sha256,
    }  # fmt: skip
    dimensions: dict[str, Any] = {**study.dimensions}
    made: StudyTables = estimate(
        study.panels, specs=study.specs, identification=identification[~of_units], **dimensions, **said
    )
    truth = studies.planted_truth(settings)
    units = estimate_units(
        **study.of_units, identification=identification[of_units], **said,
        placed_by={} if truth is None else truth.placed_by,
    )  # fmt: skip
    claims = load_claims(SPECS / PAPER)
    asking = [spec for name in REVISED for spec in study.specs if spec.id == name]
    quarters, events = study.panels["quarter"], study.dimensions["dim_event"]
    published = {one.quantity: one.published.estimate for claim in claims for one in claim.quantities}
    early, late = (float(published[name] or "nan") for name in STAMPED)
    tables = {name: joined(name, frame, vars(units)[name]) for name, frame in vars(made).items()}
    return tables | {
        "claims": claims_table(claims, tables["estimates"], tables["diagnostics"], identification),
        "revisions": revise(study.vintages, specs=asking, until=settings.until, **study.dimensions),
        "clock": clock_table(
            quarters[quarters["outcome"] == DEVELOPERS],
            sorted(events.loc[events["is_shock"], "announced"]),
            early / late,
        ),
        "clock_worlds": clock_worlds(),
        "glossary": load_glossary(SPECS, estimators=described()).table(),
    }


HEADLINE_COLUMNS = ["outcome", "contrast", "term", "trend", "estimate", "ci_low", "ci_high",
                    "bound_low", "bound_high", "side", "p_value", "slope_before", "slope_before_p", "donors",
                    "share_unknown_country", "status", "planted"]  # fmt: skip


def headlines(estimates: pd.DataFrame, diagnostics: pd.DataFrame) -> pd.DataFrame:
    """The headline rows, for people: identified ones first; beside those that take the gap before the events
    as level its slope and the slope's p."""
    slopes = diagnostics.loc[
        diagnostics["diagnostic"] == "pre_trend_slope", ["estimate_id", "value", "p_value"]
    ]
    slopes = slopes.rename(columns={"value": "slope_before", "p_value": "slope_before_p"})
    rows = estimates[estimates["family"] == "headline"].merge(slopes, how="left", on="estimate_id")
    rows["_order"] = (rows["status"] != "ok").astype(int)
    return rows.sort_values(["_order", "outcome", "contrast", "term", "trend"])[HEADLINE_COLUMNS]


UNIT_COLUMNS = ["outcome", "contrast", "event_set", "estimate", "ci_low", "ci_high", "p_value",
                "disjoint_windows", "planted"]  # fmt: skip


def _unit_evidence(tables: dict[str, pd.DataFrame], settings: Settings) -> dict[str, Any]:
    """Tested changes in panels of repositories as a table in Markdown; nothing where there are none."""
    rows = tables["estimates"]
    is_change = (rows["term"] == "window_change") & ~rows["spec_id"].str.startswith("forks_")
    tested = rows[is_change & rows["disjoint_windows"].notna() & (rows["status"] == "ok")]
    if tested.empty:
        return {}
    shown = tested.sort_values(["outcome", "contrast", "event_set"])[UNIT_COLUMNS].dropna(
        axis="columns", how="all"
    )
    simulated = "**SIMULATED** " if settings.origin == "sample" else ""
    numbers = shown.to_markdown(index=False, floatfmt=".3f", missingval="")
    caption = f"{simulated}Changes of repositories by week around each event, ranked among other dates."
    return {"repositories": dg.MetadataValue.md(f"{caption}\n\n{numbers}")}


def _headline_evidence(tables: dict[str, pd.DataFrame], settings: Settings) -> dict[str, Any]:
    """The headline as a table in Markdown, names in the glossary's words."""
    from event_study.study.sides import bounds_sentence

    rows, glossary = headlines(tables["estimates"], tables["diagnostics"]), tables["glossary"]
    shown = rows[rows["estimate"].notna()].dropna(axis="columns", how="all")
    simulated = "**SIMULATED** " if settings.origin == "sample" else ""
    cells = shown.astype(object).where(shown.notna(), None)
    titles = glossary["short"].fillna(glossary["title"])
    words = dict(zip(zip(glossary["kind"], glossary["name"], strict=True), titles, strict=True))
    for kind in ("contrast", "term", "trend", "status"):
        cells[kind] = [words.get((kind, name), name) for name in cells[kind]]
    numbers = cells.to_markdown(index=False, floatfmt=".3f", missingval="")
    caption = f"{simulated}Log points. {len(rows) - len(shown)} more headline rows have no estimate."
    is_step = cells["term"] == words.get(("term", "mean_step"))
    steps = [{str(name): cell for name, cell in row.items()} for row in cells[is_step].to_dict("records")]
    said = (bounds_sentence(row, "country", f"{row['outcome']} ({row['contrast']}, {row['trend']})", "")
            for row in steps)  # fmt: skip
    bounded = "\n".join(f"- {one}" for one in said if one)
    return {"headline": dg.MetadataValue.md("\n\n".join(filter(None, [caption, bounded, numbers])))}
