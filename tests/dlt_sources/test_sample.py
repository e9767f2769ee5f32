"""The simulated archive: the same bytes for a seed, small, listed, with the truth written down."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml

from dlt_sources import SOURCES
from dlt_sources.archive import check_origin, open_snapshot
from dlt_sources.policy_timeline import announced_dates
from dlt_sources.sample import WRITERS, write_archive
from dlt_sources.sample.world import PLANTED, World, months, period_ends, quarters, share_after
from dlt_sources.tables import load


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sample")
    write_archive(root, 1)
    return root


def digest(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_a_seed_gives_the_same_bytes_and_another_seed_others(archive: Path, tmp_path: Path) -> None:
    write_archive(tmp_path, 2)
    other = digest(tmp_path)
    write_archive(tmp_path, 1)  # over what another seed left there
    assert digest(tmp_path) == digest(archive)
    pushes = "innovation_graph/vintages/2026-01-27/data/git_pushes.csv"
    assert other[pushes] != digest(archive)[pushes]


def test_it_is_small_and_says_what_it_is(archive: Path) -> None:
    assert sum(path.stat().st_size for path in archive.rglob("*") if path.is_file()) < 30e6
    assert check_origin(archive, "sample") == sorted(WRITERS)
    for source in WRITERS:
        assert "SIMULATED" in (open_snapshot(archive, source).attribution or "")
    assert (archive / "planted.yml").read_bytes() == PLANTED.read_bytes()


@pytest.mark.slow
def test_every_source_that_is_not_our_own_has_a_writer_and_is_read(archive: Path) -> None:
    assert set(WRITERS) == {source.name for source in SOURCES if source.local is None}
    for source in SOURCES:
        assert any(table.num_rows for table in load(source, archive).values()), source.name


def test_the_truth_names_events_of_the_timeline_and_sources_of_the_archive() -> None:
    truth = yaml.safe_load(PLANTED.read_text())
    for outcome, effects in truth["effects"].items():
        assert set(effects) <= set(announced_dates()), outcome
        assert outcome not in truth["nulls"]
    assert {trap["source"] for trap in truth["traps"]} <= set(WRITERS)
    assert all(trap["trap"] and trap["what"] for trap in truth["traps"])


def test_a_step_counts_by_the_share_of_the_period_after_the_day() -> None:
    starts = quarters(date(2022, 7, 1), date(2023, 1, 1))
    share = share_after(date(2022, 10, 7), starts, period_ends(starts, 3))
    assert share.tolist() == [0.0, 86 / 92, 1.0]
    steps = World(1).steps("git_pushes", starts, period_ends(starts, 3))
    effect = World(1).truth["effects"]["git_pushes"]["bis-advanced-computing-rule-2022-10-07"]
    assert np.allclose(steps, effect * share)
    assert not World(1).steps("developers", starts, period_ends(starts, 3)).any()


def test_adding_a_draw_of_one_name_moves_no_other() -> None:
    alone, after = World(3), World(3)
    after.rng("one").normal(size=5)
    assert alone.rng("two").random() == after.rng("two").random()


def test_only_china_is_moved_by_events_and_everyone_by_demand() -> None:
    starts = months(date(2021, 1, 1), date(2024, 12, 1))
    ends = period_ends(starts, 1)
    countries = ["CN", "FR", "US"]
    world = World(1)
    paths = {
        shock: world.log_paths(
            "open_models_notable",
            countries,
            starts,
            ends,
            level=dict.fromkeys(countries, 1.0),
            sd=0.0,
            common_sd=0.0,
            common=world.demand(starts, ends) if shock else None,
        )
        for shock in (False, True)
    }
    jump = paths[True] - paths[False]
    assert np.allclose(jump, jump[0])
    assert np.allclose(jump[:, -1], world.truth["common_shock"]["log_points"])
    assert np.allclose(paths[False][1:], 1.0)
    assert np.isclose(
        paths[False][0, -1] - paths[False][0, 0], world.steps("open_models_notable", starts, ends)[-1]
    )
