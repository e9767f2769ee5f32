"""Which dates a rank among dates may draw, and how many windows they leave: judged and tested alike.

Not here: the test (``inference.ri_dates``), calendars (``panel.calendar``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from event_study.inference.ri_dates import disjoint_windows
from event_study.limits import MIN_WINDOWS
from event_study.panel.balance import Balanced
from event_study.panel.calendar import CLOCKS, HOLIDAY_WEEKS, HOLIDAY_WEEKS_OF, clock_changes, donut
from event_study.periods import GRIDS, last_days, ordinals


@dataclass(frozen=True)
class PlaceboDates:
    """Ordinals: ``when`` (T) of the periods, ``events`` asked about, ``others`` in the windows of events
    that are not, ``holidays`` and ``clocks`` (changes of the clock) that no placebo may touch; ``half``
    window."""

    when: np.ndarray
    half: int
    events: Sequence[int]
    others: Sequence[int]
    holidays: Sequence[int]
    clocks: Sequence[int]

    @property
    def avoid(self) -> list[int]:
        return [*self.others, *self.holidays, *self.clocks]

    @property
    def without(self) -> str:
        """What the windows do without, for a sentence that has counted them."""
        return " without holiday weeks and clock changes" if self.holidays or self.clocks else ""

    @cached_property
    def windows(self) -> int:
        """Placebo windows that fit without touching each other, an event's or what is avoided."""
        return disjoint_windows(self.when, self.events, self.half, self.avoid)

    @property
    def smallest_p(self) -> float:
        """The lowest p of a rank among sets of as many windows as events; 1 with too few windows."""
        return 1.0 if self.windows < MIN_WINDOWS else 1 / (1 + math.comb(self.windows, len(self.events)))

    def needed(self, alpha: float) -> int:
        """Windows with which the smallest p reaches the level of the test."""
        least = MIN_WINDOWS
        while 1 / (1 + math.comb(least, len(self.events))) > alpha:
            least += 1
        return least


def placebo_dates(
    panel: Balanced, joint: Sequence[tuple[str, date]], asked: Sequence[str], calendar: str | None
) -> PlaceboDates:
    """The dates of ``panel``; ``joint``: all its dated events, ``asked``: those of the question;
    ``calendar`` of the treated unit."""
    frequency = panel.frequency
    half = GRIDS[frequency].half_window
    dated = [(name in asked, int(ordinals([day], frequency)[0])) for name, day in joint]
    return PlaceboDates(
        ordinals(panel.periods, frequency), half,
        [e for is_asked, e in dated if is_asked],
        [e + step for is_asked, e in dated if not is_asked for step in range(-half, half)],
        *_spoilt_weeks(panel, calendar),
    )  # fmt: skip


def _spoilt_weeks(panel: Balanced, calendar: str | None) -> tuple[list[int], list[int]]:
    """Ordinals of holiday weeks and of clock changes that no placebo week may touch: those of both
    countries, for a gap has both sides. None where the treated unit's calendar is not known here."""
    if panel.frequency != "week" or calendar not in HOLIDAY_WEEKS_OF:
        return [], []
    off = donut(panel.periods, "week", 0, HOLIDAY_WEEKS)
    last = last_days([panel.periods[-1]], "week")[0].item()
    days = [day for zone in CLOCKS.values() for day in clock_changes(zone, panel.periods[0], last)]
    return ordinals(panel.periods, "week")[off].tolist(), ordinals(days, "week").tolist()
