"""``chokepoint fetch`` as a user types it, against a stand-in for all services."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from orchestration.command.cli import main
from tests.servers.github import Repository
from tests.servers.stand_in import LASTING, StandIn

HEADER = "rank,item,repo_name,stars,forks,language,repo_url,username,issues,last_commit,description\n"
ROW = "1,top-100-stars,r,{n},1,Python,https://github.com/o/r,o,1,2026-11-02T06:36:41Z,x\n"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    stand_in = StandIn()
    monkeypatch.setenv("CHOKEPOINT_FETCH_FROM", stand_in.address)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)
    days = [date(2026, 9, 2) + timedelta(days=7 * n) for n in range(6)]
    files = {f"Data/github-ranking-{day}.csv": (HEADER + ROW.format(n=day.day)).encode() for day in days}
    Repository("EvanLi/Github-Ranking", [("2026-11-18", files)], "master").serve(stand_in)
    yield stand_in
    stand_in.close()


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
