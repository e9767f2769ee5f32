"""Simulated repositories by week, in the fact's columns, with a step of the treated side."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from event_study.specs.folder import SHIPPED, load_unit_specs
from event_study.specs.unit_model import UnitSpec

FIRST = date(2018, 1, 1)
RULES = {
    "chips-and-science-act-2022-08": date(2022, 8, 9),
    "bis-advanced-computing-rule-2022-10-07": date(2022, 10, 7),
    "bis-acs-rule-2023-10-17": date(2023, 10, 17),
    "bis-hbm-sme-package-2024-12-02": date(2024, 12, 2),
}
EVENTS = pd.DataFrame({"event_id": list(RULES), "announced": list(RULES.values())})
OUTCOMES = pd.DataFrame(
    [("open_ml_commits", "week", "ppml"), ("open_llm_pushed", "week", "ols")],
    columns=["outcome", "frequency", "estimator"],
)


def shipped(name: str = "unit_commits", **changes: object) -> UnitSpec:
    """A spec that ships, changed."""
    spec = next(spec for spec in load_unit_specs(SHIPPED) if spec.id == name)
    return UnitSpec.model_validate({**spec.model_dump(), **changes})


def commits(
    weeks: int = 400,
    sides: tuple[int, int, int] = (12, 16, 4),
    effect: float = 0.0,
    seed: int = 1,
    method: str = "owner",
    late: int = 0,
) -> pd.DataFrame:
    """Commits of Chinese, US and unknown owners; ``effect`` from the rule of 2023 on, ``late`` Chinese
    repositories begin only six weeks before it."""
    rng = np.random.default_rng(seed)
    mondays = [FIRST + timedelta(7 * week) for week in range(weeks)]
    ends = np.asarray([day + timedelta(7) > RULES["bis-acs-rule-2023-10-17"] for day in mondays])
    rows = []
    for country, number in zip(("CN", "US", "ZZ"), sides, strict=True):
        shared = rng.normal(0, 0.1, weeks) + effect * ends * (country == "CN")
        for n in range(number):
            first = FIRST if country != "CN" or n >= late else date(2023, 9, 4)
            values = rng.poisson(np.exp(2.5 + rng.normal(0, 0.3) + shared + rng.normal(0, 0.2, weeks)))
            rows += [
                (f"{country.lower()}{n}/r", country, day, float(value), first)
                for day, value in zip(mondays, values, strict=True)
                if day >= first
            ]
    frame = pd.DataFrame(rows, columns=["repository_id", "country", "week", "value", "first_week"])
    golden = frame["week"].map(lambda day: day.month == 10 and day.day <= 7)
    return frame.assign(
        country_method=method, outcome="open_ml_commits", is_complete=True,
        cn_holiday_days=np.where(golden, 5, 0),
    )  # fmt: skip
