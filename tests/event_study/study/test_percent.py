"""Per cents are of a base that is positive and not near zero; else there is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from event_study.own.panel import study_of
from tests.event_study.firms import EVENT, firms, spec

LEVEL = {"estimator": "ols"}


def levels(base: float, noise: float = 1.0, effect: float = 142.0) -> pd.DataFrame:
    """Firm A around ``base``, the donors far above; ``effect`` more from the event on."""
    rows, rng = firms(), np.random.default_rng(6)
    own = base + rng.normal(0, noise, len(rows)) + effect * (rows["month"] >= EVENT)
    donors = 1000 + rng.normal(0, noise, len(rows))
    return rows.assign(sales=np.where(rows["firm"] == "A", own, donors))


def percents(rows: pd.DataFrame) -> list[float | None]:
    estimates = study_of(rows, spec(LEVEL, terms=("mean_step", "average_post"))).tables.estimates
    assert estimates["estimate"].notna().all() and (estimates["base_mean"].notna()).all()
    return estimates["percent_effect"].tolist()


@pytest.mark.parametrize(
    ("base", "noise"), [(-422.0, 10.0), (0.0, 10.0), (3.0, 10.0), (-1e-9, 1e-10), (1e-13, 1e-10)]
)
def test_no_per_cent_of_a_base_below_or_near_zero(base: float, noise: float) -> None:
    assert percents(levels(base, noise)) == [None] * 4


@pytest.mark.parametrize(("base", "noise"), [(422.0, 10.0), (1e-7, 1e-9), (4e9, 1e6)])
def test_a_positive_base_of_whatever_size_has_per_cents(base: float, noise: float) -> None:
    assert percents(levels(base, noise, effect=base / 2)) == pytest.approx([0.5] * 4, abs=0.05)
