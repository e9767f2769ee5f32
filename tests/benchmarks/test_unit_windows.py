"""The rank among dates on simulated panels: drawn as said, its level kept in the committed numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import unit_windows
from benchmarks.unit_windows import SHAPES, SHOCKS, draw, line, markdown, ranked

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
COMMITTED = unit_windows.read((REFERENCE / "unit-windows.csv").read_text())


def test_panels_have_the_shape_that_is_said_and_an_effect_where_it_is() -> None:
    shape = SHAPES[0]
    flows, moved = (draw(shape, SHOCKS[0], np.random.default_rng(1), effect) for effect in (0.0, 2.0))
    assert flows.values.shape == (66, 395) and (flows.places == "CN").sum() == 30
    at = shape.events[unit_windows.ASKED]
    entered = flows.first > flows.weeks[0]
    assert entered.sum() == 18 + 16 - (flows.first[[*range(12, 30), *range(50, 66)]] == flows.weeks[0]).sum()
    assert np.isnan(flows.values).sum() == ((flows.first - flows.weeks[0]).astype(int) // 7).sum()
    before, after = (m.values[:12, at:].sum() / m.values[:12, :at].sum() for m in (flows, moved))
    assert np.log(after / before) == pytest.approx(2.0, abs=0.05)
    spec, sides = unit_windows.asked(shape)
    assert ranked(moved, shape, spec, sides).p_value < 0.05


def test_the_same_seed_gives_the_same_line() -> None:
    first, again = (line(SHAPES[1], SHOCKS[2], 3, np.random.SeedSequence(5)) for _ in range(2))
    assert first == again and first.draws == 3 and first.rejected_low <= first.rejected <= first.rejected_high


def test_the_committed_document_is_that_of_the_committed_numbers() -> None:
    text = (REFERENCE / "unit-windows.md").read_text()
    assert text == markdown(COMMITTED, unit_windows.SEED)
    assert "SIMULATED" in text and {row.origin for row in COMMITTED} == {"SIMULATED"}
    assert {(row.shape, row.shocks) for row in COMMITTED} == {
        (s.name, k.title) for s in SHAPES for k in SHOCKS
    }


def test_the_dates_keep_their_level_and_the_others_do_not() -> None:
    low, high = unit_windows.SIZE
    assert all(low <= row.rejected_high and row.rejected_low <= high for row in COMMITTED)
    assert all(0.9 < row.covered < 0.99 for row in COMMITTED)
    strongest = [row for row in COMMITTED if row.shocks == SHOCKS[3].title]
    assert all(row.clustered > 2 * row.rejected and row.permutation > 2 * row.rejected for row in strongest)
    assert all(row.windows >= 20 for row in COMMITTED)
