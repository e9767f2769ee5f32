"""A panel of firms and months, as somebody else's: what the tests of one's own panel start from."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from event_study.own.spec import OwnSpec

EFFECT = 0.3
EVENT = date(2021, 7, 1)


def months(size: int = 60) -> list[date]:
    return [date(2019 + k // 12, k % 12 + 1, 1) for k in range(size)]


def firms(donors: int = 24, periods: list[date] | None = None, seed: int = 1) -> pd.DataFrame:
    """Firm A and its donors; A is ``EFFECT`` log points higher from ``EVENT`` on."""
    days, rng = periods or months(), np.random.default_rng(seed)
    units = ["A", *(f"D{i:02d}" for i in range(donors))]
    logs = rng.normal(5, 0.5, (len(units), 1)) + rng.normal(0, 0.05, (len(units), len(days)))
    logs[0] += EFFECT * np.asarray([day >= EVENT for day in days])
    return pd.DataFrame(
        {"firm": np.repeat(units, len(days)), "month": days * len(units), "sales": np.exp(logs).ravel()}
    )


def counts(donors: int = 24, mean: float = 20.0) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = firms(donors)
    return rows.assign(sales=rng.poisson(mean, len(rows)))


def spec(panel: dict[str, Any] | None = None, **changed: Any) -> OwnSpec:
    columns = {"unit": "firm", "time": "month", "outcome": "sales", "frequency": "month",
               "estimator": "ols_log", "treated": "A", **(panel or {})}  # fmt: skip
    return OwnSpec.model_validate({"id": "price", "panel": columns, "events": {"cut": EVENT}, **changed})


def put(rows: pd.DataFrame, value: object, firm: str = "A", **where: date) -> pd.DataFrame:
    """The panel with the value of one firm changed in ``month``, or from ``first`` until ``last``."""
    first = where.get("month") or where.get("first") or date.min
    last = where.get("month") or where.get("last") or date.max
    hit = (rows["firm"] == firm) & (rows["month"] >= first) & (rows["month"] <= last)
    return rows.assign(sales=rows["sales"].astype(object).mask(hit, value).infer_objects())
