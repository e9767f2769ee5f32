"""The house as documents show it is the house as it stands."""

from __future__ import annotations

import re
import runpy
from types import SimpleNamespace

import pytest

from tests.conftest import ROOT

IMAGES = ROOT / "docs" / "images"


@pytest.fixture(scope="module")
def rooms() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(IMAGES / "rooms.py")))


@pytest.mark.parametrize("room", ["event_study", "orchestration"])
def test_pictures_and_figures_are_of_this_house(rooms: SimpleNamespace, room: str) -> None:
    house = rooms.survey(room)
    assert house.back == set()
    assert (IMAGES / f"rooms-{room}.svg").read_text() == rooms.drawing(room, house)
    page = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
    row = re.search(rf"^\| `{room}`, by noun \| (\d+) \| (\d+) \| (\d+) \| 0 \|$", page, re.MULTILINE)
    assert row is not None
    figures = (len(house.floors), max(house.floors.values()), len(house.arrows))
    assert tuple(map(int, row.groups())) == figures


def test_an_implied_arrow_is_not_drawn(rooms: SimpleNamespace) -> None:
    house = rooms.House({"a": 2, "b": 1, "c": 1}, {("a", "b"), ("b", "c"), ("a", "c")}, set(), {})
    assert rooms.drawn_arrows(house) == [("a", "b"), ("b", "c")]  # a -> c is implied
