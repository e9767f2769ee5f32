"""What the study is given, and how its tables are written: marts with a passing verdict, specs, truth.

Not here: which asset makes which table (``assets/results``), the statistics (``event_study``).
"""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd
import pyarrow.parquet as pq
from pydantic import BaseModel, ValidationError, model_validator

from dlt_sources.archive import ArchiveError
from dlt_sources.atomic import write_atomically
from dlt_sources.documents import DocumentError, first_fault, strict_yaml
from orchestration.gate import files as gate
from orchestration.home import stages
from orchestration.home.curated import SPECS
from orchestration.settings import Settings

if TYPE_CHECKING:
    from event_study.cohorts.actor_places import Clocks
    from event_study.specs.model import Spec
    from event_study.specs.unit_model import UnitSpec

PLANTED = "planted.yml"
PERIODS = {"month": "month", "quarter": "quarter", "year": "year"}
DIMENSIONS = ("dim_outcome", "dim_event", "dim_country")
VINTAGES, LEFT_OUT = "fct_activity_country_vintage", "fct_activity_left_out"
WEEKS = "fct_activity_repository_week"
HOURS, ACTORS, CONFUSION = "fct_repository_hour", "fct_actor_hour", "fct_origin_confusion"
WORDS = ("repository_id", "country", "country_method", "outcome")  # of which a million rows have few
MARTS = (
    *(f"fct_activity_country_{frequency}" for frequency in PERIODS), VINTAGES, LEFT_OUT, WEEKS, HOURS,
    ACTORS, CONFUSION, *DIMENSIONS,
)  # fmt: skip


class PlantedTruth(BaseModel):
    """Of ``planted.yml``: log points by outcome and event, outcomes made of another's weeks, those without
    any effect, and by which way of knowing a place an effect was put in (the owner's unless named)."""

    effects: dict[str, dict[str, float]]
    made_of: dict[str, str] = {}
    placed_by: dict[str, str] = {}
    nulls: list[str]

    @model_validator(mode="after")
    def is_made_of_what_is_known(self) -> Self:
        if strange := sorted(set(self.made_of.values()) - set(self.effects)):
            raise ValueError(f"made_of names {strange[0]}, expected an outcome of effects")
        return self


@dataclass(frozen=True)
class Study:
    """``panels``: frequency -> rows of the activity marts, and of outcomes without some of their units
    (``left_out``); ``weeks``: rows of single repositories, which ``unit_specs`` ask about, ``clocks`` the
    hours of events; ``dimensions`` by name; ``inputs_sha256`` over all marts that the study reads."""

    panels: dict[str, pd.DataFrame]
    weeks: pd.DataFrame
    clocks: Clocks
    dimensions: dict[str, pd.DataFrame]
    vintages: pd.DataFrame
    specs: list[Spec]
    unit_specs: list[UnitSpec]
    inputs_sha256: str

    @property
    def of_units(self) -> dict[str, Any]:
        """What the two calls for panels of units share."""
        dimensions = {name: self.dimensions[name] for name in ("dim_outcome", "dim_event")}
        return {"weeks": self.weeks, "clocks": self.clocks, "specs": self.unit_specs, **dimensions}


def read_study(settings: Settings) -> Study:
    """Marts and specs of this home.

    Raises:
        GateError: a mart has no passing verdict.
        SpecError: a spec cannot be meant, or names an outcome or event that the marts lack.
    """
    from event_study.cohorts.flows import NEEDED
    from event_study.specs.folder import load_specs, load_unit_specs, validate_specs

    present = {p.stem: stages.sha256_of(p) for p in sorted(settings.marts.glob("*.parquet"))}
    gate.require(settings.home_path, {name: present.get(name, "") for name in MARTS})
    frames = {
        name: pq.read_table(settings.marts / f"{name}.parquet").to_pandas()
        for name in MARTS
        if name not in (WEEKS, HOURS, ACTORS, CONFUSION)
    }
    weeks = pq.read_table(settings.marts / f"{WEEKS}.parquet", columns=[*NEEDED], read_dictionary=[*WORDS])
    vintages, left_out = frames.pop(VINTAGES), frames.pop(LEFT_OUT)
    panels = {}
    for frequency, column in PERIODS.items():
        whole = frames.pop(f"fct_activity_country_{frequency}").rename(columns={column: "period"})
        variants = left_out[left_out["frequency"] == frequency]
        panels[frequency] = pd.concat([whole, variants], ignore_index=True) if len(variants) else whole
    specs, unit_specs = load_specs(SPECS), load_unit_specs(SPECS)
    validate_specs([*specs, *unit_specs], frames["dim_outcome"], frames["dim_event"])
    hashed = stages.combined(present[name] for name in MARTS)
    clocks = _clocks(settings, {spec.event for spec in unit_specs if spec.event})
    return Study(panels, weeks.to_pandas(), clocks, frames, vintages, specs, unit_specs, hashed)


def _clocks(settings: Settings, events: Collection[str]) -> Clocks:
    """Hours of the kinds of events that specs ask about."""
    from event_study.cohorts import actor_places

    asked = [("event", "in", sorted(events))]
    hours, actors, confusion = (
        pq.read_table(settings.marts / f"{mart}.parquet", columns=[*columns], filters=asked).to_pandas()
        for mart, columns in (
            (HOURS, actor_places.HOURS), (ACTORS, actor_places.ACTORS), (CONFUSION, actor_places.CONFUSION)
        )
    )  # fmt: skip
    return actor_places.Clocks.of(hours, actors, confusion)


def table_path(settings: Settings, name: str) -> Path:
    return settings.results / f"{name}.parquet"


def made_from(settings: Settings, inputs_sha256: str) -> dict[str, str]:
    """What a results table says of itself: its origin, and the marts and months it was made from."""
    return {"origin": settings.origin, "inputs_sha256": inputs_sha256, "until": str(settings.until or "")}


def write_table(settings: Settings, name: str, frame: pd.DataFrame, inputs_sha256: str) -> Path:
    """Write a results table, columns and order as its schema says; returns where."""
    from event_study.schemas import to_arrow

    buffer = io.BytesIO()
    content = to_arrow(name, frame)
    said = content.schema.metadata | made_from(settings, inputs_sha256)
    pq.write_table(content.replace_schema_metadata(said), buffer, compression="zstd")
    path = table_path(settings, name)
    write_atomically(path, buffer.getvalue())
    return path


def says(path: Path) -> Mapping[str, str]:
    """What a results table says of itself (``made_from``)."""
    metadata = pq.read_schema(path).metadata or {}
    return {key.decode(): value.decode() for key, value in metadata.items()}


def read_identification(settings: Settings, inputs_sha256: str) -> pd.DataFrame:
    """The identification table, refused unless it was made from these marts, up to this month.

    Raises:
        ChainError: it was not made, or from something else.
    """
    path = table_path(settings, "identification")
    if not path.is_file():
        raise stages.ChainError("results/identification.parquet: not made yet; make it first")
    said = says(path)
    for name, value in made_from(settings, inputs_sha256).items():
        if said.get(name) != value:
            raise stages.ChainError(
                f"results/identification.parquet: {name}: made for {said.get(name) or 'all'}, asked for "
                f"{value or 'all'}; make results/identification again, then the estimates"
            )
    frame: pd.DataFrame = pq.read_table(path).to_pandas()
    return frame


def planted_effects(settings: Settings) -> dict[str, dict[str, float]] | None:
    """The simulated world's truth, nulls as empty effects; None where the data are real. Raises as
    ``planted_truth``."""
    truth = planted_truth(settings)
    if truth is None:
        return None
    sums = {outcome: truth.effects[weeks] for outcome, weeks in truth.made_of.items()}
    return {**{outcome: {} for outcome in truth.nulls}, **sums, **truth.effects}


def planted_truth(settings: Settings) -> PlantedTruth | None:
    """What the archive's file says of the simulated world; None where the data are real.

    Raises:
        ArchiveError: the file does not say it.
    """
    path = _planted(settings)
    if path is None:
        return None
    try:
        return PlantedTruth.model_validate(strict_yaml(path.read_bytes()))
    except (DocumentError, ValidationError) as error:
        fault = first_fault(error) if isinstance(error, ValidationError) else error
        raise ArchiveError(f"archive: {PLANTED}: {fault}; write the archive again") from None


def copy_planted(settings: Settings) -> None:
    """The simulated world's truth, beside the results; nothing where the data are real."""
    path = _planted(settings)
    if path is not None:
        write_atomically(settings.results / PLANTED, path.read_bytes())


def _planted(settings: Settings) -> Path | None:
    path = settings.archive_path / PLANTED
    return path if settings.origin == "sample" and path.is_file() else None
