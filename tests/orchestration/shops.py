"""A panel of shops by month and the spec of what a new window sells, for the tests of the terminal."""

from __future__ import annotations

import numpy as np
import pandas as pd

SPEC = """id: shop_window
panel: {unit: shop_id, time: month, outcome: sales, frequency: month, estimator: ols_log, treated: Lyon <3}
events: {opening: 2021-07-01}
"""


def shops(donors: int = 20, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    units = ["Lyon <3", *(f"shop {k:02d}" for k in range(donors))]
    days = [stamp.date() for stamp in pd.date_range("2019-01-01", periods=48, freq="MS")]
    values = np.exp(rng.normal(4, 0.3, (len(units), 1)) + rng.normal(0, 0.05, (len(units), 48)))
    values[0, 30:] *= 1.3
    return pd.DataFrame(
        {"shop_id": np.repeat(units, 48), "month": days * len(units), "sales": values.ravel()}
    )
