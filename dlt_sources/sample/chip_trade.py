"""Simulated exports to China: three flows, one of them falling at the first rule, and a world-wide slump."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from io import StringIO

import numpy as np

from dlt_sources.sample.world import World, Written, months, period_ends, share_after

FIRST_MONTH, LAST_MONTH = date(2016, 1, 1), date(2023, 5, 1)
SLUMP = (date(2022, 7, 1), -0.2)  # memory prices: every flow of chips, whoever buys them
FLOWS = {  # outcome: log level in the publisher's unit
    "korean_chip_machine_exports_to_china": 12.6,
    "korean_chip_exports_to_china": 15.3,
    "dutch_chip_machine_exports_to_china": 18.9,
}


def write(world: World) -> Mapping[str, Written]:
    starts = months(FIRST_MONTH, LAST_MONTH)
    ends = period_ends(starts, 1)
    slump = SLUMP[1] * share_after(SLUMP[0], starts, ends)
    machines, chips, dutch = (
        np.exp(
            world.log_paths(
                outcome, ["CN"], starts, ends, level={"CN": level}, sd=0.1, growth=0.004,
                common=slump if outcome == "korean_chip_exports_to_china" else None,
            )[0]
        )
        for outcome, level in FLOWS.items()
    )  # fmt: skip
    through = world.rng("chip_trade/HK").lognormal(13.5, 0.8, len(starts))
    return {
        "KOR_EXPORTS.csv": _wide(["Date", "8486", "8542"], starts, machines.round(), chips.round()),
        "DUTCH_EXPORTS.csv": _wide(["Date", "Exports_China", "Exports_HK"], starts, dutch.round(), through),
    }


def _wide(header: list[str], starts: list[date], *columns: np.ndarray) -> Written:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    for start, *values in zip(starts, *columns, strict=True):
        first, second = values
        writer.writerow([start.isoformat(), int(first), f"{second:.2f}" if second % 1 else int(second)])
    return Written(out.getvalue().encode())
