"""A folder of specs: ``event_sets.yml``, ``contrasts.yml``, ``glossary.yml`` and one file a spec; in
``units/`` those of units, with contrasts of their own.

Not here: what a spec may say (``model``, ``unit_model``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from pydantic import BaseModel, Field, RootModel, ValidationError
from pydantic_core import ErrorDetails

from event_study.errors import SpecError, did_you_mean
from event_study.specs.model import Contrast, EventSet, Package, Spec, Strict, Words
from event_study.specs.unit_model import Sides, UnitSpec
from event_study.yaml_files import YamlError, read_yaml

SHIPPED = Path(__file__).parent
UNITS = "units"
SHARED = ("event_sets", "contrasts", "glossary", "paper", "curve")
M = TypeVar("M", bound=BaseModel)
S = TypeVar("S", Spec, UnitSpec)
Names = Mapping[str, Mapping[str, Words]]


class Entries(RootModel[dict[str, dict[str, Any]]]):
    """A file of entries by name."""


class EventSetsFile(Strict):
    """``event_sets.yml``, its entries not yet looked at."""

    packages: dict[str, dict[str, Any]] = Field(default_factory=dict)
    event_sets: dict[str, dict[str, Any]] = Field(default_factory=dict)


def load_specs(folder: Path) -> list[Spec]:
    """Every spec of ``folder``, names of event sets and contrasts resolved, sorted by id.

    Raises ``SpecError`` in one line: file, field, what was found, what was expected.

    >>> from event_study import SHIPPED, load_specs
    >>> [spec.title for spec in load_specs(SHIPPED) if spec.family == "headline"]
    ['Mean step of the three tightenings, with and without a unit trend']
    """
    specs = _specs(Spec, folder, load_names(folder))
    for file, spec in specs.items():
        if spec.family == "headline" and file != "primary.yml":
            raise SpecError(f"{file}: family: headline is what primary.yml names; use robustness")
    if not specs:
        raise SpecError(f"{folder.name}: no spec file; add one, primary.yml for instance")
    return sorted(specs.values(), key=lambda spec: spec.id)


def load_unit_specs(folder: Path) -> list[UnitSpec]:
    """Every spec of units of ``folder``, sorted by id; none where it has no ``units``.

    Raises ``SpecError`` in one line, also where two specs ask the same of one outcome.
    """
    if not (folder / UNITS).is_dir():
        return []
    specs = _specs(UnitSpec, folder / UNITS, load_unit_names(folder))
    asked: dict[tuple[str, str, str], str] = {}
    for file, spec in specs.items():
        if spec.is_variant:
            continue
        sets, sides = (e.name for e in spec.event_sets), (c.name for c in spec.contrasts)
        for key in product(spec.outcomes, sets, sides):
            if key in asked:
                raise SpecError(
                    f"{UNITS}/{file}: outcomes: {'/'.join(key)} is asked by {asked[key]} too, whose row of "
                    "the identification it would share; ask it once"
                )
            asked[key] = file
    return sorted(specs.values(), key=lambda spec: spec.id)


def _specs(kind: type[S], folder: Path, names: Names) -> dict[str, S]:
    """The specs of a folder by file."""
    specs: dict[str, S] = {}
    for path in sorted(folder.glob("*.yml")):
        if path.stem not in SHARED:
            spec = named_model(kind, path, names)
            if spec.id in {other.id for other in specs.values()}:
                raise SpecError(f"{path.name}: id: {spec.id} is taken by another file; choose another")
            specs[path.name] = spec
    return specs


def load_names(folder: Path) -> Names:
    """Event sets and contrasts of ``folder`` by name. Raises ``SpecError``."""
    return {
        "event_sets": _event_sets(folder / "event_sets.yml"),
        "contrasts": _contrasts(Contrast, folder / "contrasts.yml"),
    }


def load_unit_names(folder: Path) -> Names:
    """Event sets of ``folder`` and contrasts of its units by name. Raises ``SpecError``."""
    return {
        "event_sets": _event_sets(folder / "event_sets.yml"),
        "contrasts": _contrasts(Sides, folder / UNITS / "contrasts.yml"),
    }


def _contrasts(kind: type[Words], path: Path) -> Mapping[str, Words]:
    entries = validated(Entries, path, "", read_mapping(path)).root
    return {name: validated(kind, path, name, {"name": name, **body}) for name, body in entries.items()}


def named_model(kind: type[M], path: Path, names: Names) -> M:
    """A file as a model, its event sets and contrasts resolved by name. Raises ``SpecError``."""
    body = dict(read_mapping(path))
    for field, known in names.items():
        body[field] = _named(path, field, body.get(field), known)
    return validated(kind, path, "", body)


def validate_specs(
    specs: Sequence[Spec | UnitSpec], dim_outcome: pd.DataFrame, dim_event: pd.DataFrame
) -> None:
    """Refuse a spec that names an outcome or event the dimensions lack. Raises ``SpecError``."""
    outcomes, events = set(dim_outcome["outcome"]), set(dim_event["event_id"])
    dated = set(dim_event.loc[dim_event["announced"].notna(), "event_id"])
    for spec in specs:
        for outcome in spec.outcomes if isinstance(spec.outcomes, tuple) else ():
            if outcome not in outcomes:
                raise SpecError(
                    f"{spec.id}.yml: outcomes: {outcome!r} is not in dim_outcome"
                    f"{did_you_mean(outcome, outcomes)}; expected one of {', '.join(sorted(outcomes))}"
                )
        for chosen in spec.event_sets:
            for event in {*chosen.events, *chosen.joint_with} - set(chosen.days):
                if event not in events:
                    raise SpecError(
                        f"event_sets.yml: {chosen.name}: {event!r} is not in dim_event"
                        f"{did_you_mean(event, events)}; add it to the timeline or correct the name"
                    )
                if event not in dated:
                    raise SpecError(
                        f"event_sets.yml: {chosen.name}: {event!r} has no announced day; "
                        "a step needs one: complete the timeline entry"
                    )


def _event_sets(path: Path) -> dict[str, EventSet]:
    file = validated(EventSetsFile, path, "", read_mapping(path))
    packages = tuple(
        validated(Package, path, f"packages.{name}", value) for name, value in file.packages.items()
    )
    raw = file.event_sets
    out = {}
    for name, value in raw.items():
        fields = dict(value)
        model = fields.pop("joint_with", None)
        if model is not None and not (isinstance(model, str) and model in raw):
            raise SpecError(
                f"{path.name}: {name}.joint_with: {model!r} is not an event set of this file"
                f"{did_you_mean(model, raw)}; correct the name"
            )
        joint = raw[model].get("events", ()) if model else fields.get("events", ())
        out[name] = validated(
            EventSet, path, name, {"name": name, "joint_with": joint, "packages": packages, **fields}
        )
    return out


def _named(path: Path, field: str, names: object, known: Mapping[str, Any]) -> tuple[Any, ...]:
    if not isinstance(names, list) or not names:
        raise SpecError(f"{path.name}: {field}: is {names!r}, expected a list of names from {field}.yml")
    for name in names:
        if not isinstance(name, str) or name not in known:
            raise SpecError(
                f"{path.name}: {field}: {name!r} is unknown{did_you_mean(name, known)}; "
                f"expected one of {', '.join(known)}"
            )
    return tuple(known[name] for name in names)


def validated(kind: type[M], path: Path, field: str, body: object) -> M:
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join([field, *map(str, first["loc"])]).strip(".")
        said = first["msg"].removeprefix("Value error, ")
        if first["type"] == "literal_error":
            said = f"is {first['input']!r}{_nearest(first)}, expected {first['ctx']['expected']}"
        elif first["type"] == "extra_forbidden" and len(first["loc"]) == 1:
            said = f"is no field{did_you_mean(first['loc'][0], kind.model_fields)}"
        raise SpecError(f"{path.name}: {where or 'spec'}: {said}; correct the field") from error


def _nearest(error: ErrorDetails) -> str:
    return did_you_mean(error["input"], re.findall(r"'([^']+)'", error["ctx"]["expected"]))


def read_mapping(path: Path) -> Mapping[str, Any]:
    try:
        body = read_yaml(path.read_bytes())
    except FileNotFoundError as error:
        raise SpecError(f"{path.name}: file: is missing from {path.parent.name}; restore it") from error
    except YamlError as error:
        raise SpecError(f"{path.name}: YAML: {error}; correct it") from error
    if not isinstance(body, dict):
        raise SpecError(f"{path.name}: top level: is {type(body).__name__}, expected a mapping")
    return body
