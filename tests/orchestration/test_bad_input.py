"""What a user can get wrong before anything is loaded: one line, exit code 2, nothing touched."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from filelock import FileLock

from dlt_sources import policy_timeline
from orchestration.home import curated
from tests.orchestration.conftest import CSV, refused

Captured = pytest.CaptureFixture[str]


def _entry(archive: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((archive / "innovation_graph" / "manifest.json").read_text())
    return content


def _rewrite(archive: Path, **changed: object) -> None:
    content = _entry(archive) | changed
    (archive / "innovation_graph" / "manifest.json").write_text(json.dumps(content))


def _list_as(archive: Path, **changed: object) -> None:
    _rewrite(archive, files=[_entry(archive)["files"][0] | changed])


def _link(archive: Path) -> None:
    file = archive / "innovation_graph" / CSV
    file.rename(archive / "elsewhere.csv")
    file.symlink_to(archive / "elsewhere.csv")


def _pipe(archive: Path) -> None:
    file = archive / "innovation_graph" / CSV
    file.unlink()
    os.mkfifo(file)
    _list_as(archive, bytes=0)  # what a pipe says it holds


def _manifest_is_a_pipe(archive: Path) -> None:
    (archive / "innovation_graph" / "manifest.json").unlink()
    os.mkfifo(archive / "innovation_graph" / "manifest.json")


def _second_origin(archive: Path) -> None:
    other = archive / "epoch_models"
    other.mkdir()
    content = _entry(archive) | {"source": "epoch_models", "origin": "live", "files": []}
    (other / "manifest.json").write_text(json.dumps(content))


def _manifest_is_a_folder(archive: Path) -> None:
    (archive / "innovation_graph" / "manifest.json").unlink()
    (archive / "innovation_graph" / "manifest.json").mkdir()


MANIFEST = "archive: innovation_graph/manifest.json"
FILE = f"archive: innovation_graph/{CSV}"
ARCHIVE_FAULTS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "folder missing": (shutil.rmtree, "archive: ", "give one with --archive"),
    "folder empty": (
        lambda a: shutil.rmtree(a / "innovation_graph"), "archive: ", "give another folder with --archive",
    ),
    "manifest cut": (
        lambda a: (a / "innovation_graph" / "manifest.json").write_text('{"source": '),
        f"{MANIFEST}: not JSON", "write it again",
    ),
    "manifest lacks a field": (lambda a: _rewrite(a, licence=None), f"{MANIFEST}: licence: missing", "add"),
    "manifest is unreadable": (_manifest_is_a_folder, "archive: ", ""),
    "files is no list": (
        lambda a: _rewrite(a, files="all"), f"{MANIFEST}: files: is 'all', expected a list", "correct",
    ),
    "another source's": (
        lambda a: _rewrite(a, source="epoch_models"), f"{MANIFEST}: source: is 'epoch_models'", "rename",
    ),
    "listed file absent": (
        lambda a: (a / "innovation_graph" / CSV).unlink(), f"{FILE}: listed in the manifest but absent",
        "fetch it again or remove the entry",
    ),
    "file cut": (
        lambda a: (a / "innovation_graph" / CSV).write_bytes(b"git_pushes,iso2"),
        f"{FILE}: 15 bytes, manifest says 58", "fetch it again or remove the entry",
    ),
    "path escapes": (
        lambda a: _list_as(a, path="../../outside.csv"), f"{MANIFEST}: files[0]: path: ../../outside.csv",
        "use a relative path",
    ),
    "path is absolute": (
        lambda a: _list_as(a, path="/etc/passwd"), f"{MANIFEST}: files[0]: path: /etc/passwd", "relative",
    ),
    "file is a link": (_link, f"{FILE}: is a link", "fetch it again"),
    "file is a pipe": (_pipe, f"{FILE}: is a link, a folder, a pipe", "fetch it again"),
    "manifest is a pipe": (_manifest_is_a_pipe, "archive: ", ""),
    "no manifest": (
        lambda a: (shutil.copytree(a / "innovation_graph", a / "epoch_models"),
                   (a / "epoch_models" / "manifest.json").unlink()),
        "archive: epoch_models/manifest.json: absent", "write it or remove the folder",
    ),
    "a list twice": (
        lambda a: _rewrite(
            a, files=[e | {"path": e["path"] + g} for e in _entry(a)["files"] for g in ("", ".gz")]
        ),
        f"{MANIFEST}: files: {CSV} and {CSV}.gz are one list", "remove one entry",
    ),
    "hash is no hash": (lambda a: _list_as(a, sha256="abc"), f"{MANIFEST}: files[0]: sha256", "correct it"),
    "day is no day": (
        lambda a: _list_as(a, observed="2026-13-01"), f"{MANIFEST}: files[0]: observed: is '2026-13-01'",
        "correct it",
    ),
    "mixed origins": (
        _second_origin, "archive: epoch_models/manifest.json: origin: is 'live', expected 'archive'",
        "give another archive",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", ARCHIVE_FAULTS)
def test_a_bad_archive_stops_the_run_before_anything_is_loaded(
    fault: str, archive: Path, tmp_path: Path, capsys: Captured
) -> None:
    break_it, said, remedy = ARCHIVE_FAULTS[fault]
    break_it(archive)
    home = tmp_path / "home"
    (home / "results").mkdir(parents=True)
    (home / "results" / "estimates.parquet").write_bytes(b"earlier")
    asked = ("--origin", "archive", "--archive", archive, "--home", home)
    line = refused(capsys, "run", *asked)
    assert line.startswith(said)
    assert remedy in line
    assert refused(capsys, "doctor", *asked) == line
    assert (home / "results" / "estimates.parquet").read_bytes() == b"earlier"
    assert {p.name for p in home.rglob("*") if p.is_file()} <= {"estimates.parquet", "run.lock"}


def test_an_archive_of_another_origin_is_refused(archive: Path, tmp_path: Path, capsys: Captured) -> None:
    for command in ("run", "doctor"):
        line = refused(capsys, command, "--archive", archive, "--home", tmp_path / "home")
        assert "origin: is 'archive', expected 'sample'" in line


def test_origins_never_share_a_home(archive: Path, tmp_path: Path, capsys: Captured) -> None:
    state = tmp_path / "home" / "state"
    state.mkdir(parents=True)
    (state / "home.json").write_text('{"origin": "sample", "archive": "x"}')
    for command in ("run", "doctor"):
        line = refused(
            capsys, command, "--origin", "archive", "--archive", archive, "--home", tmp_path / "home"
        )
        assert "holds a run of origin sample, asked for archive" in line


def test_a_timeline_entry_without_a_day_stops_even_the_simulation(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "dlt_sources" / "events"
    shutil.copytree(policy_timeline.EVENTS, folder)
    content = yaml.safe_load((folder / "2022.yml").read_text())
    entry = content["events"][0]
    del entry["dates"]["announced"]
    (folder / "2022.yml").write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
    monkeypatch.setattr(policy_timeline, "SOURCE", replace(policy_timeline.SOURCE, local=folder))
    line = refused(capsys, "run", "--home", tmp_path / "home")
    assert refused(capsys, "doctor", "--home", tmp_path / "home") == line
    assert line == (
        f"dlt_sources/events/2022.yml: {entry['id']}: dates.announced: missing; correct the entry"
    )
    assert not (tmp_path / "home" / "archive").exists()


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("primary.yml", "outcomes: primary", "outcomes: [git_pushs]", "primary.yml: outcomes: 'git_pushs'"),
        ("primary.yml", "[tightening]", "[tightning]", "primary.yml: event_sets: 'tightning' is unknown"),
        ("primary.yml", "terms: [mean_step]", "terms: [mean]", "primary.yml: terms.0: "),
        ("primary.yml", "alpha: 0.05", "alpha: [", "primary.yml: YAML: "),
        ("event_sets.yml", "bis-acs-rule-2023-10-17", "bis-acs-rule-2024", "'bis-acs-rule-2024' is not in"),
    ],
)
def test_a_spec_that_cannot_be_meant_stops_before_loading(
    file: str, old: str, new: str, said: str,
    archive: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder = tmp_path / "specs"
    shutil.copytree(curated.SPECS, folder)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    monkeypatch.setattr(curated, "SPECS", folder)
    home = tmp_path / "home"
    line = refused(capsys, "run", "--origin", "archive", "--archive", archive, "--home", home)
    assert line.startswith("event_study/specs/")
    assert said in line
    assert not (home / "lake").exists()


@pytest.mark.parametrize("place", ["a file", "/sys/chokepoint"])
def test_a_home_that_cannot_be_used(place: str, archive: Path, tmp_path: Path, capsys: Captured) -> None:
    home = Path(place)
    if place == "a file":
        home = tmp_path / "home"
        home.write_text("no folder")
    elif not home.parent.is_dir():
        pytest.skip("no /sys here: nothing that even root may not write")
    line = refused(capsys, "run", "--origin", "archive", "--archive", archive, "--home", home)
    assert line.startswith(f"home: {home}")
    assert line.endswith("make it readable and writable or give another --home")
    if place == "a file":
        asked = ("--origin", "archive", "--archive", archive, "--home", home)
        assert refused(capsys, "doctor", *asked) == line


@pytest.mark.parametrize("kind", ["file", "pipe", "link to nowhere"])
def test_the_samples_place_is_taken(kind: str, tmp_path: Path, capsys: Captured) -> None:
    place = tmp_path / "home" / "archive"
    place.parent.mkdir()
    if kind == "file":
        place.write_text("no folder")
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(tmp_path / "nowhere")
    said = f"archive: {place}: is no folder, expected none; remove it"
    assert refused(capsys, "run", "--home", tmp_path / "home") == said
    assert refused(capsys, "doctor", "--home", tmp_path / "home") == said


@pytest.mark.parametrize("command", ["run", "doctor"])
def test_an_archive_that_is_not_there_is_not_said_to_be_written(
    command: str, tmp_path: Path, capsys: Captured
) -> None:
    line = refused(capsys, command, "--archive", tmp_path / "absent", "--home", tmp_path / "home")
    assert line.startswith(f"archive: {tmp_path / 'absent'}: No such file or directory")


@pytest.mark.parametrize("place", ["file", "file/below", "file/far/below", "pipe"])
def test_a_simulation_is_written_into_a_folder(place: str, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "file").write_text("mine")
    os.mkfifo(tmp_path / "pipe")
    taken = tmp_path / place.split("/")[0]
    line = refused(capsys, "simulate", tmp_path / place)
    assert line == f"archive: {taken}: is no folder, expected one to write into; give another"
    assert (tmp_path / "file").read_text() == "mine"


def test_a_simulation_replaces_no_real_files(archive: Path, capsys: Captured) -> None:
    line = refused(capsys, "simulate", archive)
    assert line.startswith(f"archive: {archive / 'innovation_graph'}: holds files of origin archive")
    assert (archive / "innovation_graph" / CSV).is_file()


@pytest.mark.parametrize("command", [("run",), ("check",), ("accept", "fct_x", "rows", "--reason", "so")])
def test_a_run_in_progress_is_not_disturbed(
    command: tuple[str, ...], archive: Path, tmp_path: Path, capsys: Captured
) -> None:
    home = tmp_path / "home"
    (home / "state").mkdir(parents=True)
    (home / "state" / "home.json").write_text(json.dumps({"origin": "archive", "archive": str(archive)}))
    (home / "marts").mkdir()
    (home / "marts" / "fct_x.parquet").write_bytes(b"")
    given = ("--origin", "archive", "--archive", archive) if command == ("run",) else ()
    with FileLock(home / "state" / "run.lock"):
        line = refused(capsys, *command, *given, "--home", home)
    assert line == f"home: {home}: a run is already in progress; wait for it or give another --home"
