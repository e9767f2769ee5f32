"""What is estimated from panels of units, as data: sides of a comparison and specs, validated and hashed.

A unit (a repository) is one of many; which side it stands on is its place's. Not here: the YAML files
(``folder``), specs of one treated unit among donors (``model``).
"""

from __future__ import annotations

from typing import Any, Literal, Self, get_args

from pydantic import Field, model_validator

from event_study.specs.model import WORDS, EventSet, Strict, Words, hash_of

Holidays = Literal["golden_week", "lunar_new_year", "thanksgiving", "christmas"]
Design = Literal["window", "pre_post", "event_time", "triple"]
IN_LEVELS = ("pre_post", "event_time")
UnitTerm = Literal[
    "change_treated", "change_comparison", "change_difference", "change_ratio", "triple_change"
]
Correction = Literal["labelled_hours", "confusion", "mixture"]


class Sides(Words):
    """Units of one place against units of others.

    ``method``: how the panel knows a place, for a unit may stand under another place by another method;
    ``unknown``: the place of those that are on neither side, of whom ``others`` holds none. ``of``: whose
    place it is, the unit's own, or each event's by its ``actor``. ``cut``: the hour of UTC before which an
    event is the treated place's, of a clock that is made from hours of units. ``correction``: how effects
    of the clock's two classes are turned into effects of places.
    """

    name: str
    treated: str
    comparison: Literal["others"] | tuple[str, ...] = "others"
    method: str
    unknown: str
    of: Literal["unit", "actor"] = "unit"
    cut: int | None = Field(default=None, ge=1, le=23)
    correction: Correction | None = None

    @model_validator(mode="after")
    def only_a_clock_is_corrected(self) -> Self:
        if (self.cut is not None or self.correction is not None) and self.of != "actor":
            raise ValueError("cut and correction are of places of actors: write of: actor")
        if (self.cut is not None or self.correction is not None) and self.comparison == "others":
            raise ValueError("a clock has two classes: name the place that is compared with")
        if self.of == "actor" and self.comparison != "others" and len(self.comparison) != 1:
            raise ValueError("comparison of places of actors is one place, or others")
        return self


class Cohort(Strict):
    """Which units a window compares, fixed before its event: those first seen at least ``age`` weeks before
    the window, with a value in each of its weeks. A window in which a side has fewer than ``least`` of
    them, or keeps less than the share ``kept`` of those that had a value in its first week, is none."""

    age: int = Field(default=0, ge=0)
    least: int = Field(default=5, ge=2)
    kept: float = Field(default=0.5, gt=0, le=1)


class Without(Strict):
    """Units that are left out: those whose name holds one of ``names`` (small letters, regular expressions),
    and the share ``top`` that has most of the outcome."""

    names: tuple[str, ...] = ()
    top: float = Field(default=0.0, ge=0, lt=0.5)


class UnitSpec(Words):
    """One spec of units; every field that changes a number is in its hash, and no other.

    ``design``: ``window``, one event among the cohort that was there before it; ``pre_post``, each side's
    change and their difference in levels, of all units with an effect of their own, as published studies
    report it; ``event_time``, the same difference in each week around the events, from its mean in the
    ``reference`` weeks; ``triple``, the change of one event less that of other units (``against``, their
    outcome).
    ``is_variant``: the spec asks what another one asks, with another choice, and has no row of its own in
    the identification. ``estimator``: the outcome's own, or ``ols`` for levels. ``half``: weeks a side of
    an event, ``halves`` further ones of ``pre_post``, whose base is the mean of the ``reference`` weeks
    from the event. ``event``: the kind of event whose hours a clock's contrast reads. ``without``: units
    that are left out. ``needs``: in words, the data without which nothing of it is seen.

    Weeks with ``holiday_days`` or more of the panel's public holidays, and those of ``drop``, are left out
    before windows are counted, so that a window reaches over them. Where more than ``most_unknown`` of the
    outcome has no certain place nothing is estimated. ``alpha``, ``seed`` and ``draws`` as in
    ``model.Spec``, draws of the permutation.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    family: Literal["robustness", "replication"] = "robustness"
    design: Design = "window"
    estimator: Literal["outcome", "ols"] = "outcome"
    is_variant: bool = False
    outcomes: tuple[str, ...] = Field(min_length=1)
    event_sets: tuple[EventSet, ...] = Field(min_length=1)
    contrasts: tuple[Sides, ...] = Field(min_length=1)
    needs: str | None = None
    against: str | None = None
    event: str | None = None
    half: int = Field(default=4, ge=2)
    halves: tuple[int, ...] = ()
    reference: tuple[int, int] = (-8, -3)
    without: Without = Without()
    cohort: Cohort = Cohort()
    holiday_days: int = Field(default=3, ge=1)
    drop: tuple[Holidays, ...] = ()
    most_unknown: float = Field(default=0.8, gt=0, lt=1)
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    seed: int = 20221007
    draws: int = Field(default=499, ge=99)

    @model_validator(mode="after")
    def asks_what_its_design_answers(self) -> Self:
        for chosen in self.event_sets:
            if chosen.is_placebo:
                raise ValueError(f"event set {chosen.name} holds placebo days; placebo dates are drawn")
            if self.design not in IN_LEVELS and len(chosen.events) != 1:
                raise ValueError(
                    f"event set {chosen.name} is not one real event; a cohort is fixed before one event"
                )
            if chosen.replication_only and self.family != "replication":
                raise ValueError(f"event set {chosen.name} is for family replication only")
        if (self.against is None) == (self.design == "triple"):
            raise ValueError("against names the other units' outcome of design triple, and of no other")
        if self.design == "event_time" and not -self.half <= self.reference[0] <= self.reference[1] < 0:
            raise ValueError("reference is not within the half weeks before an event of event_time")
        if self.halves and self.design != "pre_post":
            raise ValueError("halves are of design pre_post; give one half")
        corrected = [one.name for one in self.contrasts if one.correction and self.design != "pre_post"]
        if corrected:
            raise ValueError(f"contrast {corrected[0]} is corrected, which only design pre_post does")
        whole = [c.name for c in self.contrasts if c.of == "actor" and c.comparison == "others"]
        if whole and self.design in IN_LEVELS:
            raise ValueError(f"contrast {whole[0]} has all others' events: name one place to compare with")
        if self.event is None and any(one.correction or one.cut for one in self.contrasts):
            raise ValueError("event is missing: the kind of event whose hours a clock's contrast reads")
        return self

    @property
    def events(self) -> tuple[str, ...]:
        """All events of the spec: no placebo window touches one's own."""
        return tuple(dict.fromkeys(event for chosen in self.event_sets for event in chosen.events))

    @property
    def terms(self) -> tuple[str, ...]:
        """Of the estimates that the design makes."""
        if self.design == "pre_post":
            return tuple(term for term in get_args(UnitTerm) if term.startswith("change_"))
        made = {"window": "window_change", "event_time": "dynamics", "triple": "triple_change"}
        return (made[self.design],)

    @property
    def sha256(self) -> str:
        """Hash of the canonical JSON of everything the spec resolves to, limits included."""
        return hash_of(self.model_dump(mode="json", exclude=READING))


READING: Any = {
    **WORDS,
    "needs": True,
    "event_sets": {"__all__": {**WORDS, "packages": {"__all__": WORDS}}},
    "contrasts": {"__all__": WORDS},
}
