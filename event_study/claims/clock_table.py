"""The clock's own ratio as a result table: one row a quarter, cut-off and scenario of hours.

Not here: the formulas (``mechanical``), where developers are counted (the caller's panel).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from event_study.clock.mechanical import mechanical_ratio, what_it_must_contain
from event_study.clock.origin import PAPER_CUT
from event_study.clock.profiles import load_clock, load_countries
from event_study.periods import ordinals
from event_study.schemas import frame

CUTS = range(14, 21)
STATED = "illustrative"  # the scenario that other cut-offs are shown for
WEEK_AFTER = timedelta(7)


def clock_table(developers: pd.DataFrame, days: Sequence[date], published: float) -> pd.DataFrame:
    """What the clock makes of an equal rise everywhere in the week after each of ``days``: every
    scenario of hours at the paper's cut-off, the stated one at 14:00 to 20:00 UTC.

    ``developers``: country, period (first day of a quarter), value; of each day the quarter that holds
    it, where there is one. ``published``: the ratio of increments to be read against it. Raises what
    ``mechanical_ratio`` raises.
    """
    clock, countries = load_clock(), load_countries()
    quarters = ordinals(list(developers["period"]), "quarter") if len(developers) else np.array([], dtype=int)
    rows: list[dict[str, object]] = []
    for day in days:
        quarter = developers[quarters == ordinals([day], "quarter")[0]]
        counts = quarter[["country"]].assign(developers=quarter["value"].astype(float))
        monday = day + WEEK_AFTER - timedelta(day.weekday())
        for cut in CUTS if len(quarter) else ():
            asked = None if cut == PAPER_CUT else [STATED]
            ratio = mechanical_ratio(counts, clock, countries, monday, scenarios=asked, cut=cut)
            needed = what_it_must_contain(ratio, clock, countries, monday, published=published, cut=cut)
            about: dict[str, object] = {
                "day": day,
                "cut": cut,
                "focal": ratio.focal,
                "other": ratio.other,
                "published": published,
            }
            about["unlisted_share"] = ratio.counts.unlisted_share
            joined = ratio.table.join(needed).reset_index()
            rows += [about | {str(k): v for k, v in row.items()} for row in joined.to_dict("records")]
    return frame("clock", rows)
