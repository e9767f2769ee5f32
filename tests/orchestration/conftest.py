"""A small archive, and the command line called in this process: what fails early needs no other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from dlt_sources.archive import listed_entry, write_manifest
from orchestration.command.cli import main
from tests.orchestration.shops import SPEC, shops
from tests.servers.github import Repository
from tests.servers.stand_in import StandIn

HEADER = "rank,item,repo_name,stars,forks,language,repo_url,username,issues,last_commit,description\n"
ROW = "1,top-100-stars,r,{n},1,Python,https://github.com/o/r,o,1,2026-11-02T06:36:41Z,x\n"
CSV = "vintages/2026-01-27/data/git_pushes.csv"


@pytest.fixture(autouse=True)
def no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CHOKEPOINT_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("COLUMNS", raising=False)  # which a worker of pytest sets


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the shops' spec and panel, and no pipeline anywhere."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.yml").write_text(SPEC)
    shops().to_csv(tmp_path / "panel.csv", index=False)
    return tmp_path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of one source with one file, two rows long."""
    folder = tmp_path / "archive"
    data = b"git_pushes,iso2_code,year,quarter\n7,CN,2020,1\n9,US,2020,1\n"
    target = folder / "innovation_graph" / CSV
    target.parent.mkdir(parents=True)
    target.write_bytes(data)
    write_source(folder, [listed_entry(CSV, data, "2026-01-27")])
    return folder


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A stand-in for all services, which a fetch of this test asks; it has six weeks of Github-Ranking."""
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


def write_source(archive: Path, files: list[dict[str, object]], **changed: object) -> None:
    """The manifest of the archive's one source, with fields changed at will."""
    manifest = {"source": "innovation_graph", "origin": "archive", "licence": "CC0-1.0",
                "attribution": "GitHub", "files": files}  # fmt: skip
    write_manifest(archive, manifest | changed)


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Standard output of a command that ends well."""
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    assert left.value.code == 0, said.err
    return said.out


def refused(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 2) -> str:
    """The one line on standard error of a command that ends with this exit code."""
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    assert left.value.code == code, printed.err
    lines = printed.err.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("chokepoint: ")
    return lines[0].removeprefix("chokepoint: ")
