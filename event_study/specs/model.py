"""What is estimated, as data: event sets, contrasts and specs, validated and hashed.

Not here: the YAML files they are read from (``folder``), how anything is estimated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from event_study import limits
from event_study.errors import CollinearLags
from event_study.periods import GRIDS

Term = Literal["mean_step", "step", "dynamics", "average_post", "pre_trend"]
Timing = Literal["announced", "published", "effective"]
Inference = Literal["ri_studentised", "ri_persistent", "ferman_pinto", "conformal", "crv1", "ar1_gls"]
CONVENTIONAL = ("crv1", "ar1_gls")
TESTED: Mapping[str, tuple[Term, ...]] = {  # what each inference has a test for
    "ri_studentised": ("mean_step", "pre_trend", "step", "average_post", "dynamics"),
    "ri_persistent": ("mean_step", "step", "average_post"),
    "ferman_pinto": ("mean_step", "step"),
    "conformal": ("average_post",),
    "crv1": ("mean_step", "step"),
    "ar1_gls": ("mean_step", "step"),
}


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Strict):
    """What people read of an entry: ``short`` is its title in a table's cell, ``group`` the heading it
    stands under, ``order`` its place (entries without one come last), ``sentence`` what else to know.
    None of it changes a number, so none of it is in a spec's hash."""

    title: str = Field(min_length=1)
    short: str | None = None
    group: str | None = None
    order: int | None = None
    sentence: str | None = None


class Package(Words):
    """Events so close that a coarse frequency cannot part them: one step there, dated by one."""

    events: tuple[str, ...] = Field(min_length=2)
    dated_by: str
    one_step_at: tuple[Literal["week", "month", "quarter", "year"], ...]


class EventSet(Words):
    """Events whose effects are one question, and the events whose steps are estimated with them.

    ``signs``: the direction that the accelerating story predicts for a step (-1 for a loosening); the
    mean step is then the mean of sign times step. ``days``: placebo days, which no timeline holds.
    ``ends_before``: a placebo's panel stops before the real events begin.
    """

    name: str
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

    def weights(self, events: Sequence[str]) -> list[float]:
        """Of the events' steps in the mean step: 1/K each, signed."""
        return [self.signs.get(event, 1) / len(events) for event in events]

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


class Contrast(Words):
    """A treated unit against named donors, or against the default ones of the country dimension."""

    name: str
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


WORDS = dict.fromkeys(Words.model_fields, True)
READING: Any = {
    **WORDS,
    "event_sets": {"__all__": {**WORDS, "packages": {"__all__": WORDS}}},
    "contrasts": {"__all__": WORDS},
}


def check_tested(inference: Inference, terms: Sequence[Term], trends: Sequence[str]) -> None:
    """Refuse a term or trend that the inference has no test for. Raises ``ValueError``."""
    if strange := [term for term in terms if term not in TESTED[inference]]:
        raise ValueError(
            f"terms names {strange[0]}, for which {inference} has no test, "
            f"expected one of {', '.join(TESTED[inference])}"
        )
    if inference == "conformal" and tuple(trends) != ("none",):
        raise ValueError("trends names unit_linear, for which conformal has no test, expected none")


class Spec(Words):
    """One spec; every field that changes a number is in its hash, and no other."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    family: Literal["headline", "replication", "robustness", "placebo"]
    outcomes: Literal["all", "primary"] | tuple[str, ...]
    event_sets: tuple[EventSet, ...] = Field(min_length=1)
    contrasts: tuple[Contrast, ...] = Field(min_length=1)
    terms: tuple[Term, ...] = Field(min_length=1)
    trends: tuple[Literal["none", "unit_linear"], ...] = ("none", "unit_linear")
    estimator: str = Field(default="outcome", pattern=r"^[a-z0-9_]+$")  # one that is registered
    inference: Inference = "ri_studentised"
    pool: Pool = Pool()
    sample: Sample = Sample()
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    seed: int = 20221007
    draws: int = Field(default=499, ge=99)
    sensitivity: Literal["bounds", "conditional"] = "bounds"  # conditional: the full sets too

    @field_validator("inference")
    @classmethod
    def headline_is_ranked(cls, inference: Inference, given: ValidationInfo) -> Inference:
        if given.data.get("family") == "headline" and inference != "ri_studentised":
            raise ValueError(
                f"is {inference}, a headline is ranked by ri_studentised; name that or another family"
            )
        return inference

    @model_validator(mode="after")
    def conventional_errors_are_labelled(self) -> Self:
        if self.inference in CONVENTIONAL and self.family != "replication":
            raise ValueError(f"{self.inference} rejects a true null far too often; only family replication")
        check_tested(self.inference, self.terms, self.trends)
        if self.inference == "ri_persistent" and self.estimator in ("synth", "sdid"):
            raise ValueError(
                f"estimator names {self.estimator}, whose weights fit the gap before the events so well that "
                "no forecast can be made of it, expected outcome, ols, ols_log or ppml"
            )
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
        grids = {frequency: asdict(grid) for frequency, grid in GRIDS.items()}
        return hash_of(self.model_dump(mode="json", exclude=READING), grids)


class Hashed(Protocol):
    """A spec of any kind."""

    @property
    def id(self) -> str: ...

    @property
    def sha256(self) -> str: ...


def specs_sha256(specs: Sequence[Hashed]) -> str:
    """One hash for a list of specs, whatever its order."""
    return _sha256(sorted((s.id, s.sha256) for s in specs))


def hash_of(dumped: object, *fixed: object) -> str:
    """Hash of a spec as JSON and of what it is read with, the limits always among it."""
    limited = {name: value for name, value in vars(limits).items() if name.isupper()}
    return _sha256([dumped, limited, *fixed])


def _sha256(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
