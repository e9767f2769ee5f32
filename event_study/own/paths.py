"""What can be drawn of a study of one's own whatever it can test: the gap of every unit over time.

Not here: figures, and the estimates by lead and lag (``study``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from event_study.estimators.registry import plain_gaps
from event_study.periods import ordinals
from event_study.study.case import Case


@dataclass(frozen=True)
class Paths:
    """``gaps``: periods x units, treated first, each unit's gap to the others on the estimator's scale, from
    its own mean before the first event (from its mean, where nothing lies before)."""

    gaps: pd.DataFrame
    first_event: date | None


def paths_of(case: Case) -> Paths | None:
    """The gaps of a case's panel; None where periods or donors are none, so that there is no gap.

    Raises ``NonPositiveLog`` for values that have no logarithm.
    """
    panel = case.panel
    if panel is None:
        return None
    gaps = plain_gaps(panel.values, case.estimator)
    first = min((day for _, day in case.joint), default=None)
    when = ordinals(panel.periods, case.frequency)
    before = np.ones(len(when), dtype=bool) if first is None else when < ordinals([first], case.frequency)
    level = gaps[:, before if before.any() else slice(None)].mean(axis=1, keepdims=True)
    drawn = pd.DataFrame((gaps - level).T, index=list(panel.periods), columns=list(panel.units))
    return Paths(drawn.dropna(axis=1), first)
