"""What is estimated, as data: event sets, contrasts and specs from YAML, validated and hashed.

A folder holds ``event_sets.yml``, ``contrasts.yml`` and one file a spec. Not here: how anything is
estimated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from event_study import limits
from event_study.errors import CollinearLags, SpecError
from event_study.periods import GRIDS

SHARED = ("event_sets", "contrasts", "paper", "curve")
M = TypeVar("M", bound=BaseModel)
Term = Literal["mean_step", "step", "dynamics", "average_post", "pre_trend"]
Timing = Literal["announced", "published", "effective"]
Inference = Literal["ri_studentised", "ferman_pinto", "conformal", "crv1", "ar1_gls"]
CONVENTIONAL = ("crv1", "ar1_gls")
TESTED: Mapping[str, tuple[Term, ...]] = {  # what each inference has a test for
    "ri_studentised": ("mean_step", "pre_trend", "step", "average_post", "dynamics"),
    "ferman_pinto": ("mean_step", "step"),
    "conformal": ("average_post",),
    "crv1": ("mean_step", "step"),
    "ar1_gls": ("mean_step", "step"),
}


Names = Mapping[str, Mapping[str, BaseModel]]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Package(Strict):
    """Events so close that a coarse frequency cannot part them: one step there, dated by one."""

    title: str
    events: tuple[str, ...] = Field(min_length=2)
    dated_by: str
    one_step_at: tuple[Literal["week", "month", "quarter", "year"], ...]


class EventSet(Strict):
    """Events whose effects are one question, and the events whose steps are estimated with them.

    ``signs``: the direction that the accelerating story predicts for a step (-1 for a loosening); the
    mean step is then the mean of sign times step. ``days``: placebo days, which no timeline holds.
    ``ends_before``: a placebo's panel stops before the real events begin.
    """

    name: str
    title: str
    events: tuple[str, ...] = Field(min_length=1)
    joint_with: tuple[str, ...] = ()
    replication_only: bool = False
    packages: tuple[Package, ...] = ()
    signs: dict[str, Literal[-1, 1]] = {}
    days: dict[str, date] = {}
    ends_before: date | None = None

    @model_validator(mode="after")
    def names_its_own_events(self) -> Self:
        for field, named in (("signs", self.signs), ("days", self.days)):
            if strange := sorted(set(named) - {*self.events, *self.joint_with}):
                raise ValueError(f"{field} name {strange[0]}, which is no event of the set")
        return self

    @property
    def is_placebo(self) -> bool:
        return bool(self.days)

    def weights(self, own: Sequence[str]) -> list[float]:
        """Of the events' steps in the mean step: 1/K each, signed."""
        return [self.signs.get(event, 1) / len(own) for event in own]

    def steps(self, frequency: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(all events of the joint model, those of this set), packages merged at ``frequency``.

        Raises ``CollinearLags`` when this set is only a part of one step.
        """
        merged = {e: p.dated_by for p in self.packages if frequency in p.one_step_at for e in p.events}
        swallowed = [e for e in self.events if merged.get(e, e) not in self.events]
        if swallowed:
            raise CollinearLags([swallowed[0], merged[swallowed[0]]])
        joint = tuple(dict.fromkeys(merged.get(e, e) for e in self.joint_with or self.events))
        return joint, tuple(dict.fromkeys(merged.get(e, e) for e in self.events))


class Contrast(Strict):
    """A treated unit against named donors, or against the default ones of the country dimension."""

    name: str
    title: str
    treated: str
    donors: Literal["default"] | tuple[str, ...] = "default"


class Pool(Strict):
    """A narrower choice of the default donors."""

    regions: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def is_default(self) -> bool:
        return not (self.regions or self.exclude)


class Sample(Strict):
    """Which part of the data is read: periods from ``start`` to ``end`` (days), the clock that dates
    events, ``drop_before`` periods before each event (anticipation), periods that hold these holidays,
    and outcomes without some of their units (``without``: a variant that the panel's ``left_out`` names).
    """

    start: date | None = None
    end: date | None = None
    timing: Timing = "announced"
    drop_before: int = Field(default=0, ge=0)
    drop: tuple[Literal["golden_week", "lunar_new_year"], ...] = ()
    without: str | None = None


class Spec(Strict):
    """One spec; every field that changes a number is in its hash."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str
    family: Literal["headline", "replication", "robustness", "placebo"]
    outcomes: Literal["all", "primary"] | tuple[str, ...]
    event_sets: tuple[EventSet, ...] = Field(min_length=1)
    contrasts: tuple[Contrast, ...] = Field(min_length=1)
    terms: tuple[Term, ...] = Field(min_length=1)
    trends: tuple[Literal["none", "unit_linear"], ...] = ("none", "unit_linear")
    estimator: Literal["outcome", "ols_log", "ppml", "ols", "synth", "sdid"] = "outcome"
    inference: Inference = "ri_studentised"
    pool: Pool = Pool()
    sample: Sample = Sample()
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    seed: int = 20221007
    draws: int = Field(default=499, ge=99)
    sensitivity: Literal["bounds", "conditional"] = "bounds"  # conditional: the full sets too

    @model_validator(mode="after")
    def conventional_errors_are_labelled(self) -> Self:
        if self.inference in CONVENTIONAL and self.family != "replication":
            raise ValueError(f"{self.inference} rejects a true null far too often; only family replication")
        if self.family == "headline" and self.inference != "ri_studentised":
            raise ValueError("a headline is tested by ri_studentised; give another family")
        if strange := [term for term in self.terms if term not in TESTED[self.inference]]:
            raise ValueError(
                f"terms names {strange[0]}, for which {self.inference} has no test, "
                f"expected one of {', '.join(TESTED[self.inference])}"
            )
        if self.inference == "conformal" and self.trends != ("none",):
            raise ValueError("trends names unit_linear, for which conformal has no test, expected none")
        for chosen in self.event_sets:
            if chosen.replication_only and self.family != "replication":
                raise ValueError(f"event set {chosen.name} is for family replication only")
            if chosen.is_placebo and self.family != "placebo":
                raise ValueError(f"event set {chosen.name} holds placebo days; only family placebo")
        return self

    @property
    def is_default(self) -> bool:
        """Whether it reads the data as ``identify`` judged them: all donors, all periods, own estimator."""
        return self.pool.is_default and self.sample == Sample() and self.estimator == "outcome"

    @property
    def sha256(self) -> str:
        """Hash of the canonical JSON of everything the spec resolves to, grids and limits included."""
        fixed = {name: value for name, value in vars(limits).items() if name.isupper()}
        grids = {frequency: asdict(grid) for frequency, grid in GRIDS.items()}
        return _sha256([self.model_dump(mode="json"), fixed, grids])


def specs_sha256(specs: Sequence[Spec]) -> str:
    """One hash for a list of specs, whatever its order."""
    return _sha256(sorted((s.id, s.sha256) for s in specs))


def load_specs(folder: Path) -> list[Spec]:
    """Every spec of ``folder``, names of event sets and contrasts resolved, sorted by id.

    Raises ``SpecError`` in one line: file, field, what was found, what was expected.
    """
    names = load_names(folder)
    specs: dict[str, Spec] = {}
    for path in sorted(folder.glob("*.yml")):
        if path.stem in SHARED:
            continue
        spec = named_model(Spec, path, names)
        if spec.family == "headline" and path.stem != "primary":
            raise SpecError(f"{path.name}: family: headline is what primary.yml names; use robustness")
        if spec.id in specs:
            raise SpecError(f"{path.name}: id: {spec.id} is taken by another file; choose another")
        specs[spec.id] = spec
    if not specs:
        raise SpecError(f"{folder.name}: no spec file; add one, primary.yml for instance")
    return [specs[k] for k in sorted(specs)]


def load_names(folder: Path) -> Names:
    """Event sets and contrasts of ``folder`` by name. Raises ``SpecError``."""
    contrasts = {
        name: _model(Contrast, folder / "contrasts.yml", name, {"name": name, **body})
        for name, body in _read(folder / "contrasts.yml").items()
    }
    return {"event_sets": _event_sets(folder / "event_sets.yml"), "contrasts": contrasts}


def named_model(kind: type[M], path: Path, names: Names) -> M:
    """A file as a model, its event sets and contrasts resolved by name. Raises ``SpecError``."""
    body = dict(_read(path))
    for field, known in names.items():
        body[field] = _named(path, field, body.get(field), known)
    return _model(kind, path, "", body)


def validate_specs(specs: Sequence[Spec], dim_outcome: pd.DataFrame, dim_event: pd.DataFrame) -> None:
    """Refuse a spec that names an outcome or event the dimensions lack. Raises ``SpecError``."""
    outcomes, events = set(dim_outcome["outcome"]), set(dim_event["event_id"])
    dated = set(dim_event.loc[dim_event["announced"].notna(), "event_id"])
    for spec in specs:
        for outcome in spec.outcomes if isinstance(spec.outcomes, tuple) else ():
            if outcome not in outcomes:
                raise SpecError(
                    f"{spec.id}.yml: outcomes: {outcome!r} is not in dim_outcome; "
                    f"expected one of {', '.join(sorted(outcomes))}"
                )
        for chosen in spec.event_sets:
            for event in {*chosen.events, *chosen.joint_with} - set(chosen.days):
                if event not in events:
                    raise SpecError(
                        f"event_sets.yml: {chosen.name}: {event!r} is not in dim_event; "
                        "add it to the timeline or correct the name"
                    )
                if event not in dated:
                    raise SpecError(
                        f"event_sets.yml: {chosen.name}: {event!r} has no announced day; "
                        "a step needs one: complete the timeline entry"
                    )


def _event_sets(path: Path) -> dict[str, EventSet]:
    body = _read(path)
    packages = tuple(
        _model(Package, path, f"packages.{name}", value) for name, value in body.get("packages", {}).items()
    )
    raw: Mapping[str, Any] = body.get("event_sets", {})
    out = {}
    for name, value in raw.items():
        fields = dict(value)
        model = fields.pop("joint_with", None)
        if model is not None and model not in raw:
            raise SpecError(f"{path.name}: {name}.joint_with: {model!r} is not an event set of this file")
        joint = raw[model]["events"] if model else fields.get("events", ())
        out[name] = _model(
            EventSet, path, name, {"name": name, "joint_with": joint, "packages": packages, **fields}
        )
    return out


def _named(path: Path, field: str, names: object, known: Mapping[str, Any]) -> tuple[Any, ...]:
    if not isinstance(names, list) or not names:
        raise SpecError(f"{path.name}: {field}: is {names!r}, expected a list of names from {field}.yml")
    for name in names:
        if name not in known:
            raise SpecError(f"{path.name}: {field}: {name!r} is unknown; expected one of {', '.join(known)}")
    return tuple(known[name] for name in names)


def _model(kind: type[M], path: Path, field: str, body: object) -> M:
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join([field, *map(str, first["loc"])]).strip(".")
        raise SpecError(f"{path.name}: {where or 'spec'}: {first['msg']}; correct the field") from error


def _read(path: Path) -> Mapping[str, Any]:
    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SpecError(f"{path.name}: file: is missing from {path.parent.name}; restore it") from error
    except yaml.YAMLError as error:
        raise SpecError(f"{path.name}: YAML: {' '.join(str(error).split())}; correct it") from error
    if not isinstance(body, dict):
        raise SpecError(f"{path.name}: top level: is {type(body).__name__}, expected a mapping")
    return body


def _sha256(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
