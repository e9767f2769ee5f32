"""Everything the estimates read: panels by outcome and what is declared of them, dated events, units.

Not here: where it comes from (``adapter``, ``own``), what a question can answer (``study.case``).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from event_study.errors import EventOutsidePanel, EventStudyError, NonPositiveLog, UnbalancedPanel
from event_study.panel.balance import Outcome
from event_study.periods import day_name
from event_study.specs.model import Contrast, EventSet, Pool, Timing

MATCHED = ("synth", "sdid")
SCALED = ("ols", "ols_log", "ppml")  # estimators that are a scale of their own


@dataclass(frozen=True)
class Facts:
    """What is declared of an outcome; ``estimator`` is the one its scale asks for."""

    frequency: str
    estimator: str
    is_primary: bool


@dataclass(frozen=True)
class Unit:
    """``name`` in sentences; ``is_donor``: one of the default donors; ``is_treated``: the unit that events
    aim at; ``calendar`` of its holidays."""

    name: str | None = None
    region: str | None = None
    is_donor: bool = False
    is_treated: bool = False
    calendar: str | None = None


@dataclass(frozen=True)
class Data:
    """``outcomes``: one that cannot be read is its error; ``days``: timing -> event -> day; ``kinds``: what
    an event is, and ``noun`` what a unit is, for sentences; ``cases``: what was judged of it so far, each
    question once."""

    outcomes: Mapping[str, Outcome | EventStudyError]
    facts: Mapping[str, Facts]
    days: Mapping[str, Mapping[str, date]]
    kinds: Mapping[str, str]
    units: Mapping[str, Unit]
    noun: str = "country"
    cases: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def outcome(self, name: str, without: str | None = None) -> Outcome:
        """The outcome's panel, or that of a variant without some of its units; raises what it met."""
        key = name if without is None else f"{name}/{without}"
        panel = self.outcomes.get(key, UnbalancedPanel(f"the outcome is not counted without {without}"))
        if isinstance(panel, EventStudyError):
            raise panel
        return panel

    def dated(self, event_set: EventSet, event: str, timing: Timing) -> date:
        """The day of an event by this clock; a placebo set brings its own days.

        Raises ``EventOutsidePanel`` where the timeline has no such day.
        """
        day = event_set.days.get(event) or self.days.get(timing, {}).get(event)
        if day is None:
            raise EventOutsidePanel(f"{{event}} has no {timing} day on the timeline", event=event)
        return day

    @cached_property
    def names(self) -> dict[str, str]:
        """What a sentence calls events and units: ``the rule of 7 October 2022`` is what an event is and its
        day, for titles are too long."""
        days = self.days["announced"]
        events = {e: f"the {self.kinds.get(e, 'event')} of {day_name(day)}" for e, day in days.items()}
        called = {unit: about.name for unit, about in self.units.items() if about.name is not None}
        return events | {
            u: f"the {name}" if name.startswith("United ") else name for u, name in called.items()
        }

    def names_in(self, event_set: EventSet) -> dict[str, str]:
        """``names`` with the set's placebo days among them."""
        return self.names | {e: f"the placebo day {day_name(d)}" for e, d in event_set.days.items()}

    def donors(self, contrast: Contrast, pool: Pool) -> list[str]:
        """Units of the contrast's donors, narrowed by the pool."""
        if contrast.donors != "default":
            return sorted(contrast.donors)
        default = {
            unit
            for unit, about in self.units.items()
            if about.is_donor and (not pool.regions or about.region in pool.regions)
        }
        return sorted(default - {*pool.exclude, contrast.treated})

    def estimator(self, outcome: str, spec_estimator: str = "outcome") -> str:
        """The estimator a spec means for this outcome; one that names no scale follows the outcome's own.

        Raises ``NonPositiveLog``: counts with zeros have no scale on which donors could be weighed.
        """
        declared = self.facts[outcome].estimator
        if spec_estimator == "outcome":
            return declared
        if spec_estimator in SCALED or spec_estimator.endswith("_log"):
            return spec_estimator
        if declared == "ppml":
            raise NonPositiveLog("donors are weighed by fit, and counts with zeros have no scale to fit on")
        return spec_estimator + declared.removeprefix("ols")

    def unit(self, name: str) -> Unit:
        """What is declared of a unit; nothing of one that is not listed."""
        return self.units.get(name, Unit())
