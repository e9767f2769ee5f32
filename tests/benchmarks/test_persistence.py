"""The worst worlds: drawn as said, counted by event_study's own functions, kept within what was asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import persistence
from benchmarks.calibration.hard_worlds import HARD, autoregressive
from event_study.inference.ri_persistent import persistent_test

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


def test_every_world_draws_finite_panels_without_an_effect_on_the_treated_unit() -> None:
    for world in HARD:
        values = world.draw(np.random.default_rng(1), 2, 21, world)
        assert values.shape == (2, 21, world.periods) and np.isfinite(values).all()
    assert len({world.name for world in HARD}) == len(HARD)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9, 1.0])
def test_autoregressive_noise_is_what_it_says(rho: float) -> None:
    noise = autoregressive(rho, np.random.default_rng(2).normal(size=(20_000, 12)))
    last = 12.0 if rho == 1 else 1.0  # variance of the last period
    assert noise[:, -1].var() == pytest.approx(last, rel=0.05)
    assert np.mean(noise[:, -1] * noise[:, -2]) == pytest.approx(
        11.0 if rho == 1 else rho, rel=0.08, abs=0.03
    )


def test_a_batch_gives_what_one_panel_gives() -> None:
    world = next(world for world in HARD if world.name == "mixed")
    panels = world.draw(np.random.default_rng(3), 5, 21, world)
    design, contrast = persistence.asked(world)
    for values, found in zip(panels, persistence.outcomes_of(world, panels), strict=True):
        fits = persistence.ESTIMATORS["ols"](values, design)
        alone = persistent_test(
            fits.coef @ contrast, fits.gaps, design, np.arange(world.periods), contrast, 0.05
        )
        assert (found.persistent.low, found.persistent.p_value) == pytest.approx((alone.low, alone.p_value))


def test_identical_donors_have_no_test() -> None:
    world = next(world for world in HARD if world.name == "same_donors")
    assert persistence.cell(world, 25, 5, 1).no_test == 1.0


def test_a_claim_is_what_the_verdict_names() -> None:
    world = next(world for world in HARD if world.name == "ar9_5")
    found = persistence.outcomes_of(world, world.draw(np.random.default_rng(4), 60, 26, world))
    for one in found:
        both = one.headline.p_value <= 0.05 and one.persistent.p_value <= 0.05
        assert one.claims() <= (both and not any(one.notes[1:]))
    far = 2 * max(test.high - test.low for one in found for test in (one.headline, one.persistent))
    assert all(one.claims(far) != any(one.notes[1:]) for one in found)


def test_what_is_committed_keeps_what_was_asked_and_names_what_does_not_hold() -> None:
    made = pd.read_csv(REFERENCE / "persistence.csv")
    assert list(dict.fromkeys(made["design"])) == [world.name for world in HARD]
    assert set(made["seed"]) == {persistence.SEED, persistence.HELD_OUT}
    asked = made.dropna(subset=["promise"])
    assert (asked["persistent"] <= asked["promise"]).all()
    assert (made["claimed"] <= 0.1).all() and (asked["claimed"] <= asked["promise"]).all()
    rows = made.set_index("design")
    assert (rows.loc[["treated_louder"], "variance"] >= 0.8).all()
    assert (rows.loc[["giant_breaks", "giant_walk"], "few_donors"] >= 0.95).all()
    assert (rows.loc[["giant_breaks", "giant_walk"], "claimed"] == 0).all()
    good = rows.loc[[w.name for w in HARD if w.promise == 0.07 and w.name != "interpolated"]]
    assert (good[["variance", "few_donors"]] <= 0.1).all(axis=None)
    assert (rows.loc["rw_8_four", "headline"] > 0.3).all()
