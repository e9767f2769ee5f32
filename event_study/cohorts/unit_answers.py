"""What every design of panels of units reads, and the rows that it answers with.

Not here: designs (``window_design``, ``change_design``), how rows become a matrix (``flows``).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import pandas as pd

from event_study.cohorts.actor_places import Clocks, kept, placed
from event_study.cohorts.flows import NEEDED, Flows, flows
from event_study.periods import exposure
from event_study.schemas import SCHEMAS
from event_study.specs.unit_model import Sides, UnitSpec

Row = dict[str, object]
Planted = Mapping[str, Mapping[str, float]]  # outcome -> event -> log effect
Key = tuple[str, str, str]  # outcome, event set, contrast
NO_ROWS = pd.DataFrame(columns=[*NEEDED])


@dataclass(frozen=True)
class UnitFinding:
    """One row of the estimates, with the diagnostics and placebos beside it."""

    row: Row
    diagnostics: tuple[Row, ...] = ()
    placebos: tuple[Row, ...] = ()


class UnitAnswer(Protocol):
    """What a design says of one question."""

    @property
    def spec(self) -> UnitSpec: ...

    @property
    def outcome(self) -> str: ...

    @property
    def sides(self) -> Sides: ...

    @property
    def key(self) -> Key: ...

    @property
    def status(self) -> str: ...

    def identification(self) -> Row:
        """Its row of the table ``identification``, but for ``specs_sha256``."""
        ...

    def found(self, planted: Planted | None) -> Iterator[UnitFinding]:
        """Its rows of the estimates; ``planted`` where the truth is known by this way of knowing a place."""
        ...


@dataclass(frozen=True)
class UnitData:
    """What all questions read: rows by outcome and method, days of events, estimators of outcomes, and the
    hours of events where there are any."""

    rows: Mapping[tuple[str, str], pd.DataFrame]
    estimators: Mapping[str, str]
    days: Mapping[str, date]
    until: date | None
    clocks: Clocks
    placed: dict[Hashable, pd.DataFrame] = field(default_factory=dict)
    read: dict[Hashable, Flows] = field(default_factory=dict)

    def flows(self, spec: UnitSpec, outcome: str, sides: Sides) -> Flows:
        """One outcome by one method, made once for all specs that take the same of it. Raises as
        ``actor_places.placed``, ``flows.flows``."""
        whose: Hashable = outcome, sides.method
        if sides.of == "actor":
            whose = whose, sides.treated, sides.comparison, sides.unknown, sides.cut, spec.event
        if whose not in self.placed:
            rows = self.rows.get((outcome, sides.method), NO_ROWS)
            self.placed[whose] = placed(rows, sides, self.clocks, spec.event)
        key = whose, spec.holiday_days, spec.drop, spec.without
        if key not in self.read:
            self.read[key] = flows(kept(self.placed[whose], spec), spec, self.until)
        return self.read[key]


def identification_row(key: Key, status: str, reason: str | None) -> Row:
    """A row of ``identification`` by week with what every design knows."""
    outcome, event_set, contrast = key
    return dict.fromkeys(SCHEMAS["identification"].names) | {
        "outcome": outcome, "event_set": event_set, "contrast": contrast, "frequency": "week",
        "inference": "none", "status": identified(status), "reason": reason,
    }  # fmt: skip


def estimate_row(spec: UnitSpec, key: Key, treated: str, term: str, inference: str) -> Row:
    """A row of ``estimates`` with what every design knows."""
    outcome, event_set, contrast = key
    return dict.fromkeys(SCHEMAS["estimates"].names) | {
        "estimate_id": "/".join((spec.id, *key, term, "none", inference)), "spec_id": spec.id,
        "family": spec.family, "outcome": outcome, "contrast": contrast, "event_set": event_set, "term": term,
        "trend": "none", "treated": treated, "inference": inference, "spec_sha256": spec.sha256,
    }  # fmt: skip


def identified(status: str) -> str:
    """A status of the estimates as one of the identification."""
    return "identified" if status == "ok" else status


def planted_step(
    planted: Planted | None, outcome: str, days: Mapping[str, date], mondays: Sequence[date], half: int
) -> float | None:
    """What the planted steps make of a change in logs, the mean of the events ``days``: an event's own week
    (each ``half`` weeks from the first of its window of ``mondays``) is not all after it. None where the
    truth is not known."""
    effects = (planted or {}).get(outcome)
    if effects is None:
        return None
    size, steps = 2 * half, []
    for place, (event, day) in enumerate(days.items()):
        after = exposure(mondays[place * size : (place + 1) * size], "week", day)
        steps.append(effects.get(event, 0.0) * float(after[half:].mean() - after[:half].mean()))
    return sum(steps) / len(steps)
