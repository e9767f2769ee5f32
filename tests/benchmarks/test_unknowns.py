"""Bounds where countries are hidden: they hold the truth at their level, and what is known alone need not."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.unknowns import DRAWS, SEED, WORLDS, Held, missed, row, run

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
BY_NAME = {world.name: world for world in WORLDS}


@pytest.mark.parametrize("name", [world.name for world in WORLDS])
def test_sets_hold_the_truth_at_their_level(name: str) -> None:
    draws = 120 if BY_NAME[name].estimator == "ols_log" else 25
    held = run(BY_NAME[name], draws, seed=3)
    assert missed([row(BY_NAME[name], held, 3)]) == []
    assert held.worst >= held.union >= held.known


def test_what_is_known_alone_misses_what_the_bounds_hold() -> None:
    """Otherwise these worlds would prove nothing."""
    pool, after = (run(BY_NAME[name], 120, seed=3) for name in ("pool", "treated_after"))
    assert pool.probability(pool.known) < 1e-4 and pool.probability(pool.union) > 0.5
    assert after.probability(after.union) < 1e-4 and after.probability(after.worst) > 0.5
    apart = run(BY_NAME["classes"], 120, seed=3)
    assert apart.probability(apart.union) < 1e-4 and apart.probability(apart.by_size) > 0.5


def test_too_few_hits_are_named() -> None:
    short = row(BY_NAME["random"], Held(1000, known=0, union=925, by_size=950, worst=950), 1)
    assert missed([short]) == ["random union"]
    assert missed([row(BY_NAME["treated_after"], Held(1000, 0, 0, 0, 940), 1)]) == []


def test_the_committed_document_is_of_these_worlds() -> None:
    made = pd.read_csv(REFERENCE / "unknowns.csv")
    assert list(made["world"]) == [world.name for world in WORLDS]
    assert set(made["draws"]) == {DRAWS} and set(made["seed"]) == {SEED}
    rows = [{str(name): value for name, value in one.items()} for one in made.to_dict("records")]
    assert missed(rows) == []
