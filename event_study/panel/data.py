"""Everything the estimates read, by outcome: panels, facts about them, dated events, countries.

Not here: what a question can carry (``identify``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from event_study.errors import EventOutsidePanel, EventStudyError, NonPositiveLog, UnbalancedPanel
from event_study.panel.balance import Outcome, as_days, outcome_panel
from event_study.periods import day_name
from event_study.specs.model import Contrast, EventSet, Pool, Timing

MATCHED = ("synth", "sdid")
TIMINGS = ("announced", "published", "effective")


@dataclass(frozen=True)
class Data:
    """``outcomes``: one that cannot be read is its error; ``days``: timing -> event -> day."""

    outcomes: Mapping[str, Outcome | EventStudyError]
    facts: pd.DataFrame
    days: Mapping[str, Mapping[str, date]]
    countries: pd.DataFrame
    names: Mapping[str, str]

    @classmethod
    def of(
        cls,
        panel: Mapping[str, pd.DataFrame],
        dim_outcome: pd.DataFrame,
        dim_event: pd.DataFrame,
        dim_country: pd.DataFrame,
        until: date | None,
    ) -> Data:
        """``panel``: frequency -> rows of country, period, outcome, value, is_complete, and where some
        rows are of an outcome without some of its units: left_out (null elsewhere)."""
        facts = dim_outcome.drop_duplicates("outcome").set_index("outcome", drop=False).sort_index()
        starts = as_days(facts["window_start"].to_dict())
        ends = as_days(facts["window_end"].to_dict())
        groups = {f: dict(list(frame.groupby(_keys(frame), sort=True))) for f, frame in sorted(panel.items())}
        outcomes: dict[str, Outcome | EventStudyError] = {}
        for name, frequency in facts["frequency"].items():
            outcome = str(name)
            held = groups.get(frequency, {})
            outcomes[outcome] = UnbalancedPanel(f"no country has a value in any {frequency}")
            for key in (k for k in held if k == outcome or k.startswith(f"{outcome}/")):
                try:
                    outcomes[key] = outcome_panel(
                        held[key], outcome=outcome, frequency=frequency,
                        window=(starts.get(outcome), ends.get(outcome)), until=until,
                    )  # fmt: skip
                except EventStudyError as error:
                    outcomes[key] = error
        events = dim_event.set_index("event_id")
        days = {str(t): as_days(events[t].to_dict()) for t in TIMINGS if t in events.columns}
        countries = dim_country.set_index("country", drop=False).sort_index()
        names = {**_event_names(dim_event, days["announced"]), **_country_names(countries)}
        return cls(outcomes, facts, days, countries, names)

    def outcome(self, name: str, without: str | None = None) -> Outcome:
        """The outcome's panel, or that of a variant without some of its units; raises what it met."""
        key = name if without is None else f"{name}/{without}"
        known = self.outcomes.get(key, UnbalancedPanel(f"the outcome is not counted without {without}"))
        if isinstance(known, EventStudyError):
            raise known
        return known

    def dated(self, event_set: EventSet, event: str, timing: Timing) -> date:
        """The day of an event by this clock; a placebo set brings its own days.

        Raises ``EventOutsidePanel`` where the timeline has no such day.
        """
        day = event_set.days.get(event) or self.days.get(timing, {}).get(event)
        if day is None:
            raise EventOutsidePanel(f"{{event}} has no {timing} day on the timeline", event=event)
        return day

    def names_in(self, event_set: EventSet) -> dict[str, str]:
        """Countries and events by name, the set's placebo days among them."""
        return {**self.names, **{e: f"the placebo day {day_name(d)}" for e, d in event_set.days.items()}}

    def donors(self, contrast: Contrast, pool: Pool) -> list[str]:
        """Countries of the contrast's donors, narrowed by the pool."""
        if contrast.donors != "default":
            return sorted(contrast.donors)
        chosen = self.countries["is_default_donor"].astype(bool)
        if pool.regions:
            chosen &= self.countries["region"].isin(pool.regions)
        return sorted({*self.countries.index[chosen].tolist()} - {*pool.exclude, contrast.treated})

    def estimator(self, outcome: str, spec_estimator: str = "outcome") -> str:
        """The estimator a spec means for this outcome; matched ones follow the outcome's own scale.

        Raises ``NonPositiveLog``: counts with zeros have no scale on which donors could be weighed.
        """
        own = str(self.facts.loc[outcome, "estimator"])
        if spec_estimator not in MATCHED:
            return own if spec_estimator == "outcome" else spec_estimator
        if own == "ppml":
            raise NonPositiveLog("donors are weighed by fit, and counts with zeros have no scale to fit on")
        return spec_estimator + own.removeprefix("ols")

    def calendar(self, country: str) -> str | None:
        """The holiday calendar that the country dimension gives this one."""
        if "holiday_calendar" not in self.countries.columns:
            return None
        known = self.countries["holiday_calendar"].get(country)
        return None if pd.isna(known) else str(known)

    def is_treated(self, country: str) -> bool:
        """Whether the country dimension marks this one as the unit that events aim at."""
        return country in self.countries.index and bool(self.countries.loc[country, "is_treated"])


def _keys(frame: pd.DataFrame) -> pd.Series:
    """``outcome``, or ``outcome/what is left out``."""
    keys = frame["outcome"].astype(str)
    if "left_out" not in frame.columns:
        return keys
    return keys.where(frame["left_out"].isna(), keys + "/" + frame["left_out"].astype(str))


def _event_names(dim_event: pd.DataFrame, announced: Mapping[str, date]) -> dict[str, str]:
    """``the rule of 7 October 2022``: what it is and its day; titles are too long for a sentence."""
    kinds = dim_event.set_index("event_id").get("instrument", pd.Series(dtype=object)).dropna().to_dict()
    return {str(e): f"the {kinds.get(e, 'event')} of {day_name(day)}" for e, day in announced.items()}


def _country_names(countries: pd.DataFrame) -> dict[str, str]:
    known = countries["name"].dropna() if "name" in countries.columns else pd.Series(dtype=object)
    return {str(c): f"the {name}" if name.startswith("United ") else str(name) for c, name in known.items()}
