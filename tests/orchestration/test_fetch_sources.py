"""``chokepoint fetch`` as a user types it, against a stand-in for all services."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestration.command.cli import main
from tests.servers.git import Change, GitHost
from tests.servers.stand_in import LASTING, StandIn


def ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["fetch", "--archive", "live", *arguments])
    return int(end.value.code or 0)


def test_a_fetch_says_what_it_brought_and_a_second_one_brings_nothing(
    server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended("github_ranking", "--since", "2026-09", "--until", "2026-11-18", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [(row["source"], row["new files"], row["requests"], row["problem"]) for row in told] == [
        ("github_ranking", 6, 8, None)
    ]
    assert ended("github_ranking", "--since", "2026-09", "--until", "2026-11-18", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["new files"] == 0


def test_a_plan_asks_nothing(server: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("--plan", "--json") == 0
    plans = {row["source"]: row for row in json.loads(capsys.readouterr().out)}
    assert plans["github_ranking"]["requests"] > 400
    assert server.asked == []


def test_a_list_that_is_none_is_one_line_also_in_a_plan(
    server: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("list.csv").write_text("repository,owner_country,kind\nno name,CN,llm\n")
    monkeypatch.setenv("CHOKEPOINT_REPOSITORIES", "list.csv")
    for arguments in (["--plan"], []):
        assert ended("commit_weeks", *arguments) == 2
        assert "list.csv: line 2: repository: is 'no name', expected owner/name" in capsys.readouterr().err


def test_what_the_publisher_no_longer_has_is_named(
    server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    host = GitHost(tmp_path / "repositories")
    host.write("acme/x", [Change()])
    host.serve(server)
    Path("list.csv").write_text("repository,owner_country,kind\nacme/x,CN,llm\nann/gone,US,dl\n")
    monkeypatch.setenv("CHOKEPOINT_REPOSITORIES", "list.csv")
    assert ended("commit_weeks") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "commit_weeks: the publisher has no ann/gone/commit_weeks.csv.gz" in said


def test_a_budget_ends_a_fetch_cleanly_and_the_next_one_goes_on(
    server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended("github_ranking", "--max-requests", "4") == 2
    assert "chokepoint: fetch: github_ranking: 4 requests" in capsys.readouterr().err
    assert ended("github_ranking", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["requests"] == 4


def test_what_cannot_be_fetched_is_one_line(server: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    server.begin(LASTING["410"])
    assert ended("github_ranking") == 2
    assert capsys.readouterr().err.count("\n") == 1
