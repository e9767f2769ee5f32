"""Simulated worlds with a known truth: sets cover it, nulls are not flagged (the sample's designs)."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy.stats import binomtest

from dlt_sources.policy_timeline import announced_dates
from dlt_sources.sample.world import World, months, period_ends, quarters
from event_study.estimators.design import step_design
from event_study.estimators.gaps import rounding
from event_study.estimators.registry import ESTIMATORS
from event_study.inference.ri_studentised import rank_test, usable

WORLDS = 60
TIGHTENING = (
    "bis-advanced-computing-rule-2022-10-07",
    "bis-acs-rule-2023-10-17",
    "bis-hbm-sme-package-2024-12-02",
)
COUNTRIES = ["CN", *(f"D{i:02d}" for i in range(42))]
DESIGNS = {
    "quarter": (quarters(date(2020, 1, 1), date(2025, 9, 30)), 3, "ols_log", 13.0, 0.06),
    "year": ([date(y, 1, 1) for y in range(2016, 2026)], 12, "ols_log", 9.0, 0.05),
    "month": (months(date(2019, 1, 1), date(2025, 12, 31)), 1, "ppml", 1.0, 0.10),
}


@pytest.mark.parametrize(
    ("frequency", "planted", "null"),
    [
        ("quarter", "git_pushes", "developers"),
        ("year", "ai_articles", "llm_articles"),
        ("month", "open_models_notable", "open_models_large_scale"),
    ],
)
def test_sets_cover_and_nulls_stay_quiet(frequency: str, planted: str, null: str) -> None:
    starts, length, estimator, level, sd = DESIGNS[frequency]
    events = [(e, announced_dates()[e]) for e in TIGHTENING]
    designs = [step_design(starts, frequency, events, trend=trend) for trend in (False, True)]
    ends = period_ends(starts, length)
    inside, flagged = np.zeros(2, dtype=int), np.zeros(2, dtype=int)
    for seed in range(1, WORLDS + 1):
        world = World(seed)
        for outcome in (planted, null):
            rng = world.rng(f"calibration/{outcome}")
            levels = {c: level + (c == "CN") * 0.5 + rng.normal(0, 0.7) for c in COUNTRIES}
            course = np.exp(world.log_paths(outcome, COUNTRIES, starts, ends, level=levels, sd=sd))
            Y = rng.poisson(course).astype(float) if estimator == "ppml" else np.rint(course)
            truth = sum(world.truth["effects"].get(outcome, {}).get(e, 0.0) for e in TIGHTENING) / 3
            for i, design in enumerate(designs):
                fits = ESTIMATORS[estimator](Y, design)
                fine = usable(fits.scale, COUNTRIES, rounding(Y, estimator != "ols"))
                values = np.where(
                    fits.separated, np.inf, fits.coef @ design.contrast(TIGHTENING, [1 / 3] * 3)
                )
                test = rank_test(values[fine], fits.scale[fine])
                inside[i] += test.low <= truth <= test.high
                flagged[i] += (outcome == null) and test.p_value <= 0.05
    for i in range(2):
        assert binomtest(int(inside[i]), 2 * WORLDS, 0.95, alternative="less").pvalue > 0.01
        assert binomtest(int(flagged[i]), WORLDS, 0.05, alternative="greater").pvalue > 0.01
