"""The command line: what it offers, what it refuses, and the archive that `simulate` writes."""

from __future__ import annotations

import filecmp
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from dlt_sources.archive import check_origin
from dlt_sources.fetch import NAMES, service_of
from dlt_sources.sample import WRITERS, innovation_graph
from dlt_sources.sample.world import World
from orchestration.command.cli import app, main
from tests.orchestration.conftest import refused

Captured = pytest.CaptureFixture[str]
BUILT = {"fetch", "run", "list", "new", "simulate", "check", "accept", "estimate", "ui", "doctor"}


def _said(capsys: Captured, *arguments: object) -> str:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    assert left.value.code == 0
    return capsys.readouterr().out


def test_help_names_what_is_built_and_nothing_else(capsys: Captured) -> None:
    names = {c.name or c.callback.__name__ for c in app.registered_commands if c.callback}
    assert names == BUILT
    shown = _said(capsys, "--help")
    assert set(re.findall(r"^\W*([a-z]+) {2,}", shown, re.MULTILINE)) >= BUILT
    for planned in ("diff", "gc"):
        assert not re.search(rf"^\W*{planned} ", shown, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nosuch",), "No such command 'nosuch'; see `chokepoint --help`"),
        (("run", "--nope"), "No such option"),
        (("run", "--until", "2024-13"), "Invalid value for '--until'"),
        (("run", "--seed", "x"), "Invalid value for '--seed'"),
        (("fetch", "github_rankin"), "fetch: github_rankin: has no service (did you mean github_ranking?)"),
        (("run", "--origin", "moon"), "settings: origin: is 'moon'"),
        (("run", "--origin", "archive"), "settings: archive: not given"),
        (("accept", "fct_x", "rows"), "Missing option '--reason'"),
        (("ui", "--port", "80000"), "Invalid value for '--port'"),
        (("ui", "--port", "0"), "Invalid value for '--port'"),
        (("simulate", "/proc/nowhere"), "/proc/nowhere: "),
        (("doctor", "--origin", "archive", "--archive", "/nowhere"), "archive: /nowhere: No such file"),
    ],
)
def test_a_slip_on_the_command_line_is_one_line(
    arguments: tuple[str, ...], said: str, capsys: Captured
) -> None:
    assert refused(capsys, *arguments).startswith(said)


def test_help_shows_the_defaults(capsys: Captured) -> None:
    shown = " ".join(_said(capsys, "run", "--help").split())
    assert "[data/<origin>]" in shown and "[1]" in shown


def test_the_version_is_the_packages(capsys: Captured) -> None:
    assert _said(capsys, "--version") == f"chokepoint {version('chokepoint')}\n"


@pytest.mark.parametrize("command", [("check",), ("accept", "fct_x", "rows", "--reason", "so")])
def test_where_no_run_was_made_there_is_nothing_to_judge(
    command: tuple[str, ...], tmp_path: Path, capsys: Captured
) -> None:
    line = refused(capsys, *command, "--home", tmp_path / "home")
    assert line == f"home: {tmp_path / 'home'}: no run was made here; start with `chokepoint run`"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"seed = ", "settings: chokepoint.toml: no TOML"),
        (b"sed = 3\n", "settings: sed: is no setting"),
        (b"seed = 1\nseed = 2\n", "settings: chokepoint.toml: no TOML"),
        (b"home = '\xff'\n", "settings: chokepoint.toml: no TOML"),
        (b"seed = " + b"[" * 100_000, "settings: chokepoint.toml: no TOML"),
        (b"home = ''\n", "settings: home: is '', expected the path of a folder"),
        (b'home = "a\\u0000b"\n', "settings: home: is 'a\\x00b', expected the path of a folder"),
        (b'archive = "a\\nb"\n', "settings: archive: is 'a\\nb', expected the path of a folder"),
        (b"home = 7\n", "settings: home: is 7, "),
        (b"max_file_mb = 0\n", "settings: max_file_mb: is 0, "),
        (b"max_file_rows = 'many'\n", "settings: max_file_rows: is 'many', "),
    ],
)
def test_a_settings_file_that_cannot_be_meant(
    text: bytes, said: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chokepoint.toml").write_bytes(text)
    assert refused(capsys, "run").startswith(said)


def test_a_setting_lets_a_large_file_pass(
    archive: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("doctor", "--origin", "archive", "--archive", archive, "--home", tmp_path / "home")
    monkeypatch.setenv("CHOKEPOINT_MAX_FILE_ROWS", "2")
    assert refused(capsys, *asked).endswith("has more than 2 lines; if it is right, raise max_file_rows")
    monkeypatch.setenv("CHOKEPOINT_MAX_FILE_ROWS", "3")
    assert "hashes agree" in _said(capsys, *asked)


def _files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.mark.slow
def test_simulate_is_small_and_the_same_for_a_seed(tmp_path: Path, capsys: Captured) -> None:
    one, again = tmp_path / "one", tmp_path / "again"
    assert "SIMULATED archive, seed 1" in _said(capsys, "simulate", one)
    _said(capsys, "simulate", again)
    assert sum((one / name).stat().st_size for name in _files(one)) < 30_000_000
    assert check_origin(one, "sample") == sorted(WRITERS)
    equal, different, absent = filecmp.cmpfiles(one, again, _files(one), shallow=False)
    assert (len(equal), different, absent) == (len(_files(one)), [], [])
    assert _files(one) == _files(again)
    other = innovation_graph.write(World(2))
    same = [
        name for name, file in other.items() if (one / "innovation_graph" / name).read_bytes() == file.data
    ]
    assert len(same) < len(other) / 2  # descriptions of columns know no seed


def test_doctor_says_which_keys_of_services_are_there_and_shows_none(
    archive: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = {key.env: key for name in NAMES if (key := service_of(name).key)}
    assert len(declared) >= 4
    for variable in declared:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HF_TOKEN", "s3cret")
    monkeypatch.setenv("OPENALEX_API_KEY", " ")
    shown = _said(
        capsys, "doctor", "--origin", "archive", "--archive", archive, "--home", tmp_path / "home"
    )
    assert "s3cret" not in shown
    for variable, key in declared.items():
        states = {line.split()[1] for line in shown.splitlines() if line.split()[:1] == [variable]}
        assert states == ({"set"} if variable == "HF_TOKEN" else {"missing"})
        assert (f"{variable}: {key.how}" in shown) == (variable != "HF_TOKEN")


def test_doctor_finds_what_a_size_does_not_show(archive: Path, tmp_path: Path, capsys: Captured) -> None:
    asked = ("doctor", "--origin", "archive", "--archive", archive, "--home", tmp_path / "home")
    shown = _said(capsys, *asked)
    assert "hashes agree" in shown
    assert "stages to make: raw/acl_anthology_affiliations" in shown
    assert not (tmp_path / "home").exists()
    file = next(archive.rglob("*.csv"))
    file.write_bytes(file.read_bytes().replace(b"CN", b"KP"))
    assert ": sha256 is " in refused(capsys, *asked)
