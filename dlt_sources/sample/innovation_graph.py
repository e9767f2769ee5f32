"""Simulated Innovation Graph: dated vintages, suppressed cells, EU beside its members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from dlt_sources.sample.world import World, Written, period_ends, quarters

VINTAGES = (date(2024, 4, 8), date(2025, 1, 23), date(2025, 8, 13), date(2026, 1, 27))
LAG_DAYS = 110  # after the quarter's end; between the first two vintages two quarters came together
SUPPRESSED_BELOW = 100
MEASURES = {"git_pushes": 0.0, "developers": -1.0, "repositories": 0.3, "organizations": -3.5}  # log shift
EU = ("DE", "FR", "NL", "PL", "SE", "ES", "IT")
LEVELS = {
    "CN": 15.0,
    "US": 16.5,
    "IN": 15.6,
    "HK": 12.5,
    "TW": 13.0,
    **dict.fromkeys(
        "DE FR NL PL SE ES IT GB JP KR BR CA AU SG CH TR MX AR CO VN ID TH MY PH UA RO CZ PT GR HU "
        "DK NO FI AT BE IE IL ZA EG NG KE PK BD NZ CL PE".split(),
        13.0,
    ),
    "NA": 8.0,
    "XK": 8.0,
    "MT": 5.6,
    "LI": 5.0,
}


def write(world: World) -> Mapping[str, Written]:
    """``vintages/<day>/data/<measure>.csv`` as the publisher writes it: value first, largest first."""
    files: dict[str, Written] = {}
    starts = quarters(date(2020, 1, 1), VINTAGES[-1])
    ends = period_ends(starts, 3)
    countries = sorted(LEVELS)
    rng = world.rng("innovation_graph/levels")
    spread = {c: LEVELS[c] + rng.normal(0, 0.7) for c in countries}
    for measure, shift in MEASURES.items():
        paths = world.log_paths(
            measure,
            countries,
            starts,
            ends,
            level={c: v + shift for c, v in spread.items()},
            growth=0.03,
            sd=0.06,
            common=world.demand(starts, ends),
        )
        values = np.rint(np.exp(paths)).astype(int)
        for vintage in VINTAGES:
            text = _csv(measure, countries, starts, values, _seen(ends, vintage))
            files[f"vintages/{vintage}/data/{measure}.csv"] = Written(text.encode(), vintage)
    files["meta/LICENSE.md"] = Written(b"SIMULATED data, MIT\n")
    return files


def _seen(ends: Sequence[date], vintage: date) -> list[int]:
    return [t for t, end in enumerate(ends) if (vintage - end).days >= LAG_DAYS]


def _csv(
    measure: str, countries: Sequence[str], starts: Sequence[date], values: np.ndarray, periods: Sequence[int]
) -> str:
    lines = [f"{measure},iso2_code,year,quarter"]
    members = [countries.index(c) for c in EU]
    for t in periods:
        cells = {c: int(values[i, t]) for i, c in enumerate(countries) if values[i, t] >= SUPPRESSED_BELOW}
        cells["EU"] = int(values[members, t].sum())
        stamp = f"{starts[t].year},{(starts[t].month + 2) // 3}"
        lines += [
            f"{value},{code},{stamp}" for code, value in sorted(cells.items(), key=lambda c: (-c[1], c[0]))
        ]
    return "\n".join([*lines, ""])
