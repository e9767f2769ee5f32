"""``chokepoint list``: every registered name with a line, and the nearest name for one that is not there."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from dlt_sources import NAMES
from dlt_sources.policy_timeline import announced_dates
from event_study.estimators.registry import ESTIMATORS
from event_study.specs.folder import SHIPPED, load_specs
from orchestration.command.cli import main
from orchestration.command.names import KINDS
from orchestration.settings import PROJECT
from tests.orchestration.conftest import refused

Captured = pytest.CaptureFixture[str]


def _printed(capsys: Captured, *arguments: str) -> str:
    with pytest.raises(SystemExit) as left:
        main(["list", *arguments])
    assert left.value.code == 0
    return capsys.readouterr().out


def test_every_kind_lists_what_is_registered_each_with_a_line(capsys: Captured) -> None:
    with (PROJECT / "dbt_project" / "seeds" / "outcomes.csv").open(newline="") as rows:
        outcomes = {row["outcome"] for row in csv.DictReader(rows)}
    content = json.loads(_printed(capsys, "--json"))
    names = {kind: [entry["name"] for entry in entries] for kind, entries in content.items()}
    assert list(names) == list(KINDS)
    assert names["sources"] == list(NAMES)
    assert set(names["outcomes"]) == outcomes
    assert set(names["events"]) == set(announced_dates())
    assert names["specs"] == [spec.id for spec in load_specs(SHIPPED)]
    assert names["estimators"] == list(ESTIMATORS)
    assert {"archive/innovation_graph", "raw/epoch_models/_rejected", "results/estimates", "release"} <= set(
        names["assets"]
    )
    said = [entry["description"] for entries in content.values() for entry in entries]
    assert all(said) and not any("\n" in line for line in said)


def test_in_a_pipe_each_name_is_one_line_that_begins_with_it(capsys: Captured) -> None:
    lines = _printed(capsys, "outcomes").splitlines()
    assert (
        len(lines) == len((PROJECT / "dbt_project" / "seeds" / "outcomes.csv").read_text().splitlines()) - 1
    )
    assert all(re.match(r"[a-z_]+ {2,}\S", line) for line in lines)


@pytest.mark.parametrize(
    ("selection", "near"),
    [
        ("results/estimate", "results/estimates"),
        ("estimates", "results/estimates"),
        ("fct_activity_country_mont", "marts/fct_activity_country_month"),
        ("raw/innovation_graf/git_pushes", "raw/innovation_graph/git_pushes"),
        ('+key:"gate/mart"', "gate/marts"),
        ("group:martz", "marts"),
        ("group:stagin and release", "staging"),
    ],
)
def test_a_selection_that_matches_nothing_names_the_nearest(
    selection: str, near: str, archive: Path, tmp_path: Path, capsys: Captured
) -> None:
    asked = ("--origin", "archive", "--archive", archive, "--home", tmp_path / "home")
    line = refused(capsys, "run", *asked, "--select", selection)
    assert f"(did you mean {near}?)" in line and "chokepoint list assets" in line


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (("rnu",), "run"),
        (("list", "event"), "events"),
        (("run", "--origin", "archiv"), "archive"),
        (("run", "--origin", "smaple"), "sample"),
        (("estimate", "firm.yml", "--panel", "firms.csv"), "firms.yml"),
    ],
)
def test_a_name_nearly_right_is_answered_by_the_one_that_is(
    arguments: tuple[str, ...], near: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("firms.yml").write_text("id: firms")
    assert re.search(rf"[Dd]id you mean '?{near}'?\?", refused(capsys, *arguments))
    assert "did you mean" not in refused(capsys, "run", "--origin", "zzz")
