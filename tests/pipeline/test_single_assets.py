"""Any asset alone, as a click in Dagster's UI makes it, leaves a chain that the next one accepts."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from expectations.worker import Worker, start_worker
from orchestration.definitions import build_defs
from orchestration.home import stages
from orchestration.settings import Settings, read_settings
from orchestration.translators import CURVE_KEY, stage_of
from tests.conftest import chokepoint
from tests.pipeline.conftest import contents

pytestmark = pytest.mark.slow
GATE = dg.AssetKey(["gate", "raw"])


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """One for all: starting it takes longer than most assets."""
    with start_worker() as running:
        yield running


def _maker(settings: Settings, worker: Worker) -> tuple[list[dg.AssetKey], Callable[..., None]]:
    """Every asset, in the order of the graph, and what makes some alone; fails where one is refused."""
    defs = build_defs(settings)
    assets = [*(defs.assets or ()), *(defs.asset_checks or ())]
    resources = {**(defs.resources or {}), "gate_worker": worker}
    instance = dg.DagsterInstance.ephemeral()

    def make(*keys: dg.AssetKey) -> None:
        dg.materialize(assets, selection=keys, resources=resources, instance=instance)  # type: ignore[arg-type]

    return list(defs.resolve_asset_graph().toposorted_asset_keys), make


def _cut(keys: list[dg.AssetKey], chance: random.Random) -> Iterator[list[dg.AssetKey]]:
    while keys:
        size = chance.choice([1, 12, 40])
        yield keys[:size]
        keys = keys[size:]


def test_a_fresh_home_made_piece_by_piece_is_the_one_that_a_run_makes(
    finished_lean_home: Path, lean_archive: Path, tmp_path: Path, worker: Worker
) -> None:
    """In pieces of one to forty assets, cut where chance has it: stages are made in part and taken up.

    Every asset is made of whatever archive there is; of one source it takes a third of the time.
    """
    home = tmp_path / "home"
    settings = read_settings(home=home, archive=lean_archive)
    keys, make = _maker(settings, worker)
    before_the_gate = [key for key in keys if key.path[0] in {"archive", "raw"}]
    after_it = [key for key in keys if key not in {*before_the_gate, GATE, CURVE_KEY}]
    chance = random.Random(2)
    for piece in [*_cut(before_the_gate, chance), [GATE], *_cut(after_it, chance)]:
        make(*piece)
    assert stages.stale(settings) == []
    assert "nothing changed" in chokepoint("run", "--archive", lean_archive, "--home", home).out
    assert contents(home, "current") == contents(finished_lean_home, "current")


def test_one_asset_of_every_stage_made_again_in_any_order(
    copied_home: Callable[[], Path], worker: Worker
) -> None:
    home = copied_home()
    settings = read_settings(home=home)
    keys, make = _maker(settings, worker)
    chance = random.Random(1)
    by_stage = {stage: [key for key in keys if stage_of(key) == stage] for stage in stages.ALL}
    chosen = [chance.choice(of) for of in by_stage.values()]
    before = contents(home, "current")
    for key in chance.sample(chosen, len(chosen)):
        make(key)
        assert stages.stale(settings) == [], key
    assert contents(home, "current") == before
