"""Black men in prison, 51 states, 1985-2000 (Cunningham and Kang 2019); Texas builds from 1993."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import causaldata
import numpy as np
import pandas as pd

TEXAS = 48


class Prisons(NamedTuple):
    """``values`` (51, 16), Texas first; ``pre`` (16) the years before 1993."""

    values: np.ndarray
    units: tuple[int, ...]
    pre: np.ndarray


def prisons() -> Prisons:
    table = Path(causaldata.__file__).parent / "texas" / "texas.dta"
    assert sha256(table.read_bytes()).hexdigest().startswith("dec7c0d9")
    wide = pd.read_stata(table).pivot(index="statefip", columns="year", values="bmprison").astype(float)
    units = (TEXAS, *(int(state) for state in wide.index if state != TEXAS))
    return Prisons(wide.loc[list(units)].to_numpy(), units, np.asarray(wide.columns < 1993))
