"""What is estimated from panels of units, as data: sides of a comparison and specs, validated and hashed.

A unit (a repository) is one of many; which side it stands on is its place's. Not here: the YAML files
(``folder``), specs of one treated unit among donors (``model``).
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from event_study.specs.model import WORDS, EventSet, Strict, Words, hash_of

Holidays = Literal["golden_week", "lunar_new_year", "thanksgiving", "christmas"]


class Sides(Words):
    """Units of one place against units of others.

    ``method``: how the panel knows a unit's place, for a unit may stand under another place by another
    method; ``unknown``: the place of those that are on neither side, of whom ``others`` holds none.
    """

    name: str
    treated: str
    comparison: Literal["others"] | tuple[str, ...] = "others"
    method: str
    unknown: str


class Cohort(Strict):
    """Which units a window compares, fixed before its event: those first seen at least ``age`` weeks before
    the window, with a value in each of its weeks. A window in which a side has fewer than ``least`` of
    them, or keeps less than the share ``kept`` of those that had a value in its first week, is none."""

    age: int = Field(default=0, ge=0)
    least: int = Field(default=5, ge=2)
    kept: float = Field(default=0.5, gt=0, le=1)


class UnitSpec(Words):
    """One spec of units; every field that changes a number is in its hash, and no other.

    ``half``: weeks a side of an event. Weeks with ``holiday_days`` or more of the panel's public holidays,
    and those of ``drop``, are left out before windows are counted, so that a window reaches over them.
    Where more than ``most_unknown`` of the outcome has no certain place nothing is estimated.
    ``alpha``, ``seed`` and ``draws`` as in ``model.Spec``, draws of the permutation.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    family: Literal["robustness"] = "robustness"
    outcomes: tuple[str, ...] = Field(min_length=1)
    event_sets: tuple[EventSet, ...] = Field(min_length=1)
    contrasts: tuple[Sides, ...] = Field(min_length=1)
    half: int = Field(default=4, ge=2)
    cohort: Cohort = Cohort()
    holiday_days: int = Field(default=3, ge=1)
    drop: tuple[Holidays, ...] = ()
    most_unknown: float = Field(default=0.8, gt=0, lt=1)
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    seed: int = 20221007
    draws: int = Field(default=499, ge=99)

    @model_validator(mode="after")
    def each_set_is_one_event(self) -> Self:
        for chosen in self.event_sets:
            if len(chosen.events) != 1 or chosen.is_placebo:
                raise ValueError(
                    f"event set {chosen.name} is not one real event; a cohort is fixed before one event"
                )
        return self

    @property
    def events(self) -> tuple[str, ...]:
        """All events of the spec: no placebo window touches one's own."""
        return tuple(chosen.events[0] for chosen in self.event_sets)

    @property
    def sha256(self) -> str:
        """Hash of the canonical JSON of everything the spec resolves to, limits included."""
        return hash_of(self.model_dump(mode="json", exclude=READING))


READING: Any = {
    **WORDS,
    "event_sets": {"__all__": {**WORDS, "packages": {"__all__": WORDS}}},
    "contrasts": {"__all__": WORDS},
}
