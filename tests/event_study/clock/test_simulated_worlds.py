"""The SIMULATED worlds: counts of the shape of hour files, with the truth that they say they have."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from event_study.clock.origin import early_share
from event_study.clock.profiles import load_clock
from event_study.clock.simulated_worlds import WorldCounts, first_hours, load_worlds, simulate
from event_study.errors import SpecError

STATED = load_worlds()
GOLDEN = {"CN": [(date(2022, 10, 1), date(2022, 10, 7))]}


def world(name: str, seed: int = 1) -> WorldCounts:
    return simulate(name, STATED, load_clock(), seed, GOLDEN)


@pytest.fixture(scope="module")
def nothing() -> WorldCounts:
    return world("nothing_happens")


def week(counts: WorldCounts, day: date) -> int:
    return counts.weeks.index(day)


def test_a_world_has_the_hours_and_the_rise_that_it_states() -> None:
    counts = world("world_rises")
    before = counts.people[:, : week(counts, date(2022, 8, 8))]
    hours = before.reshape(*before.shape[:-1], 7, 24).sum(axis=(0, 1, 2))
    shares = first_hours(STATED, load_clock())
    expected = sum(level * early_share(shares[place]) for place, level in STATED.levels.items())
    assert early_share(hours) == pytest.approx(expected / STATED.forks, abs=0.005)
    weekly = counts.people.sum(axis=(0, 2)) / len(counts.people)
    assert weekly[:150].mean() == pytest.approx(STATED.forks, rel=0.02)
    assert weekly[-15:].mean() == pytest.approx(1.4 * STATED.forks, rel=0.03)
    assert sum(counts.truth.values()) == pytest.approx(0.1 * STATED.forks)


def test_rows_are_those_of_reduced_hour_files(nothing: WorldCounts) -> None:
    rows = nothing.rows()
    assert list(rows) == ["repository", "week", "hour_of_week", "event", "is_bot", "events"]
    assert rows["events"].min() == 1
    assert rows["hour_of_week"].between(0, 167).all()
    assert {day.weekday() for day in rows["week"]} == {0}
    assert not rows.duplicated(["repository", "week", "hour_of_week", "is_bot"]).any()
    assert rows.groupby("is_bot")["events"].sum().tolist() == [nothing.people.sum(), nothing.bots.sum()]


def test_what_disturbs_a_world_is_where_it_is_stated(nothing: WorldCounts) -> None:
    down = week(nothing, date(2024, 11, 18))
    assert not nothing.people[:, down].reshape(-1, 7, 24)[:, :, :12].any()
    assert nothing.people[:, down].reshape(-1, 7, 24)[:, :, 12:].all(axis=2).any()
    assert np.flatnonzero(~nothing.is_complete.all(axis=1)).tolist() == [
        week(nothing, date(2022, 8, 1)),
        down,
    ]
    started = week(nothing, date(2023, 10, 16))
    assert not nothing.bots[:, :started].any()
    assert nothing.bots[:, started].sum() == pytest.approx(300, rel=0.3)
    golden, usual = (
        nothing.people[:, week(nothing, day)].sum() for day in (date(2022, 10, 3), date(2022, 9, 19))
    )
    assert 0.85 < golden / usual < 0.98
    assert nothing.daylight["CN"].max() == 0
    assert nothing.daylight["US"].max() == 1
    assert 0 < nothing.daylight["EU"][week(nothing, date(2022, 10, 24))] < 1  # back on the week's Sunday


def test_the_same_seed_is_the_same_world() -> None:
    assert np.array_equal(world("china_rises").people, world("china_rises").people)
    assert not np.array_equal(world("china_rises").people, world("china_rises", 2).people)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("first_week: 2019-09-02", "first_week: 2019-09-03", "first_week: 2019-09-03, expected a Monday"),
        ("rise: {CN: .25}", "rise: {FR: .25}", "worlds.china_rises.rise: FR, expected a place of the file"),
        ("repositories: 24", "repositories: none", "repositories"),
        ("persistence: .5", "persistence: 1", "weekly.persistence"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (Path(simulate.__code__.co_filename).parent / "simulated_worlds.yml").read_text()
    assert old in text
    (tmp_path / "simulated_worlds.yml").write_text(text.replace(old, new))
    with pytest.raises(SpecError, match=said):
        load_worlds(tmp_path / "simulated_worlds.yml")
