"""The spec of a study of one's own: which columns of a panel are what, and which events are asked about.

One YAML file, validated before anything is read; see ``docs/how-to/estimate-your-own-panel.md``.
Not here: the panel (``panel``), the specs that ship (``specs``).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from event_study.errors import SpecError, did_you_mean
from event_study.own.refusals import AnotherToolError, refuse_fields
from event_study.panel.unknown import UNKNOWN
from event_study.specs.model import (
    CONVENTIONAL,
    TESTED,
    Contrast,
    EventSet,
    Inference,
    Spec,
    Strict,
    Term,
    check_tested,
)
from event_study.yaml_files import YamlError, read_yaml

ALL_EVENTS = "all_events"
MONTH = re.compile(r"(\d{4})-(\d{2})")
# where a spec names no terms, those of these that its inference has a test for
DEFAULT_TERMS = ("mean_step", "pre_trend", "average_post", "dynamics")
WEIGHED_BY_DEFAULT = ("synth", "sdid")
NAME = r"^[A-Za-z0-9_.-]+$"  # ids are joined by slashes, warnings by semicolons


def _spelled(value: object) -> object:
    """A name as it is written; YAML makes numbers of 48 and truth values of NO."""
    if isinstance(value, bool):
        raise ValueError(f"expected a name; YAML reads it as {str(value).lower()}: put it in quotes")
    return str(value) if isinstance(value, int) else value


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("expected a day that the calendar has, 2021-03-15 for instance") from None


def _edge(value: object, last: bool) -> date:
    """A day, or the first or last day of a month."""
    month = MONTH.fullmatch(str(value))
    if month and 1 <= int(month[2]) <= 12:
        year, number = int(month[1]), int(month[2])
        return date(year, number, calendar.monthrange(year, number)[1] if last else 1)
    return _day(value)


def _all_or_list(value: object) -> object:
    if value == "all":
        return ()
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("expected all, or a list of units")
    return value


Unit = Annotated[str, BeforeValidator(_spelled), Field(min_length=1)]
Donors = Annotated[tuple[Unit, ...], BeforeValidator(_all_or_list)]
EventName = Annotated[str, Field(pattern=NAME)]
Day = Annotated[date, BeforeValidator(_day)]
Start = Annotated[date, BeforeValidator(lambda value: _edge(value, last=False))]
End = Annotated[date, BeforeValidator(lambda value: _edge(value, last=True))]


def _zone(value: object) -> object:
    if value not in available_timezones():
        raise ValueError("expected the name of a time zone, Europe/Paris for instance")
    return value


TimeZone = Annotated[str, BeforeValidator(_zone)]


class PanelColumns(Strict):
    """What the panel's columns are, and who is compared with whom.

    ``window``: periods whose first day lies between its days are read. ``complete``: a column of truth
    values; a row where it is false is unknown, as an empty value is. ``donors``: none named is all.
    ``time_zone``: the clock whose days are meant, where times are instants with an offset. ``treatment``: a
    column of truth values, true of the treated unit from the first event on, which is checked. ``unknown``:
    the unit that stands for values of which nobody knows whose they are; they bound what is estimated.
    """

    unit: str
    time: str
    outcome: str
    frequency: Literal["week", "month", "quarter", "year"]
    estimator: Literal["ols", "ols_log", "ppml"]
    treated: Unit
    donors: Donors = ()
    window: tuple[Start, End] | None = None
    complete: str | None = None
    time_zone: TimeZone | None = None
    treatment: str | None = None
    unknown: Unit = UNKNOWN

    @property
    def columns(self) -> dict[str, str]:
        """Field of the spec -> name of the column it asks for."""
        fields = ("unit", "time", "outcome", "complete", "treatment")
        asked = {name: getattr(self, name) for name in fields}
        return {name: column for name, column in asked.items() if column is not None}

    @model_validator(mode="after")
    def can_be_meant(self) -> Self:
        if len(set(self.columns.values())) < len(self.columns):
            raise ValueError("two of unit, time, outcome, complete and treatment name the same column")
        if self.window is not None and self.window[0] > self.window[1]:
            raise ValueError(f"window begins {self.window[0]} and ends {self.window[1]}, before it begins")
        if self.unknown in (self.treated, *self.donors):
            raise ValueError(f"{self.unknown} stands for the unknown, and is compared too")
        if self.treated in self.donors:
            raise ValueError(f"{self.treated} is treated and named among the donors")
        return self


class OwnSpec(Strict):
    """A study of one panel, one outcome and one treated unit.

    ``event_sets``: name -> events whose effects are one question (default: all events are one set).
    Every step is estimated jointly with those of all ``events``, whatever set it belongs to. Where
    ``terms`` and ``trends`` are not given they are those that ``inference`` has a test for. ``weighed``: the
    comparisons with weighed donors that stand beside; ``placebo_date``: the day before any event at which
    none happened (default: the middle of the periods before).
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str = ""
    panel: PanelColumns
    events: dict[EventName, Day] = Field(min_length=1)
    event_sets: dict[EventName, tuple[EventName, ...]] = Field(default={})
    terms: tuple[Term, ...] = Field(min_length=1)
    trends: tuple[Literal["none", "unit_linear"], ...] = Field(min_length=1)
    inference: Inference = "ri_studentised"
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    seed: int = Field(default=20221007, ge=0)
    sensitivity: Literal["bounds", "conditional"] = "bounds"
    weighed: tuple[Literal["synth", "sdid"], ...]
    placebo_date: Day | None = None

    @model_validator(mode="before")
    @classmethod
    def asks_what_is_tested(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        refuse_fields(given)
        inference = given.get("inference", "ri_studentised")
        terms = TESTED.get(inference, DEFAULT_TERMS) if isinstance(inference, str) else DEFAULT_TERMS
        trends = ("none",) if inference == "conformal" else ("none", "unit_linear")
        panel = given.get("panel")
        is_count = isinstance(panel, dict) and panel.get("estimator") == "ppml"
        return {
            "terms": [t for t in DEFAULT_TERMS if t in terms],
            "trends": trends,
            "weighed": () if is_count else WEIGHED_BY_DEFAULT,  # counts with zeros have no scale to weigh on
            **given,
        }

    @model_validator(mode="after")
    def sets_name_events(self) -> Self:
        for name, events in self.event_sets.items():
            if not events:
                raise ValueError(f"event_sets.{name} is empty, expected names of events")
            if strange := [event for event in events if event not in self.events]:
                raise ValueError(
                    f"event_sets.{name} names {strange[0]!r}{did_you_mean(strange[0], self.events)}, "
                    f"expected one of {', '.join(self.events)}"
                )
            if len(set(events)) < len(events):
                raise ValueError(f"event_sets.{name} names an event twice")
        check_tested(self.inference, self.terms, self.trends)
        if self.placebo_date is not None and self.placebo_date >= (first := min(self.events.values())):
            raise ValueError(
                f"placebo_date is {self.placebo_date}, expected a day before the first event, {first}"
            )
        for field, chosen in (("terms", self.terms), ("trends", self.trends), ("weighed", self.weighed)):
            if len(set(chosen)) < len(chosen):
                raise ValueError(f"{field} names a choice twice")
        return self

    @property
    def sets(self) -> Mapping[str, Sequence[str]]:
        return self.event_sets or {ALL_EVENTS: tuple(self.events)}

    def as_spec(self) -> Spec:
        """As the specs that ship. It is never a headline: that is what ``primary.yml`` names; with
        conventional errors it is a replication."""
        treated = self.panel.treated
        return Spec(
            id=self.id,
            title=self.title or self.id,
            family="replication" if self.inference in CONVENTIONAL else "robustness",
            outcomes=(self.panel.outcome,),
            event_sets=tuple(
                EventSet(name=name, title=name, events=tuple(events), joint_with=tuple(self.events))
                for name, events in self.sets.items()
            ),
            contrasts=(
                Contrast(
                    name=f"{treated}_donors",
                    title=f"{treated} against its donors",
                    treated=treated,
                    donors=self.panel.donors or "default",
                ),
            ),
            terms=self.terms,
            trends=self.trends,
            inference=self.inference,
            alpha=self.alpha,
            seed=self.seed,
            sensitivity=self.sensitivity,
        )


def load_own_spec(path: Path) -> OwnSpec:
    """The spec of one file. Raises ``SpecError`` in one line: file, field, what was found, what was
    expected, remedy.

    >>> from pathlib import Path
    >>> from event_study import load_own_spec
    >>> load_own_spec(Path("window.yml"))
    Traceback (most recent call last):
    event_study.errors.SpecError: window.yml: file: is missing; give the path of a spec
    """
    try:
        body = read_yaml(path.read_bytes())
    except FileNotFoundError as error:
        raise SpecError(f"{path.name}: file: is missing; give the path of a spec") from error
    except YamlError as error:
        raise SpecError(f"{path.name}: YAML: {error}; correct it") from error
    if not isinstance(body, dict):
        raise SpecError(
            f"{path.name}: top level: is {type(body).__name__}, expected a mapping with id, panel and "
            "events; write one"
        )
    try:
        return OwnSpec.model_validate(body)
    except ValidationError as error:
        raise SpecError(f"{path.name}: {_first_fault(error)}") from None


def _first_fault(error: ValidationError) -> str:
    first = error.errors()[0]
    if isinstance(asked := first.get("ctx", {}).get("error"), AnotherToolError):
        return str(asked)
    return f"{_fault(first)}; correct the field"


def _fault(first: ErrorDetails) -> str:
    kind, given = first["type"], first["input"]
    where = ".".join(str(part) for part in first["loc"] if part != "[key]") or "spec"
    said = str(first["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    if kind == "missing":
        return f"{where}: is missing, expected a value"
    if kind == "extra_forbidden":
        fields = PanelColumns.model_fields if first["loc"][0] == "panel" else OwnSpec.model_fields
        near = did_you_mean(first["loc"][-1], fields)
        return f"{where}: is no field{near}, expected one of {', '.join(fields)}"
    if kind == "value_error":  # our own words; those about a whole mapping name its fields themselves
        if not isinstance(given, dict):
            return f"{where}: is {_shown(given)}, {said}"
        return said if where == "spec" else f"{where}: {said}"
    expected = {
        "string_pattern_mismatch": f"letters, digits and signs as in {first.get('ctx', {}).get('pattern')}",
        "too_short": "at least one",
        "model_type": "a mapping of fields",
        "dict_type": "a mapping of names",
        "tuple_type": "a list",
    }.get(kind, said)
    return f"{where}: is {_shown(given)}, expected {expected}"


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value)
