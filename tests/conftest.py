"""Fixtures every room's tests share: the real archive, and one finished run on the simulated sample."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
CHOKEPOINT = [sys.executable, "-c", "from orchestration.command.cli import main; main()"]

# how fast a machine is busy with other work must not decide a test
settings.register_profile("shared_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared_machine")

# slow files of more than a minute, longest first: workers take whole files, and what is left last is short
LONGEST = (
    "pipeline/test_seeds.py",
    "pipeline/test_interrupts.py",
    "benchmarks/test_mutations.py",
    "pipeline/test_single_assets.py",
    "pipeline/test_refusals.py",
    "event_study/claims/test_clock_worlds.py",
    "pipeline/test_live_refresh.py",
    "orchestration/test_scaffold.py",
    "pipeline/test_staleness.py",
    "dlt_sources/github_hours/test_spark.py",
    "pipeline/test_run.py",
    "pipeline/test_installed.py",
    "dbt_project/test_unit_tests.py",
    "benchmarks/test_replay.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; the others as they were collected."""
    rank = {ROOT / "tests" / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


@dataclass(frozen=True)
class Command:
    """A command of the command line, run as a user would: what it printed and how it ended."""

    code: int
    out: str
    err: str


def chokepoint(*arguments: object, cwd: Path = ROOT, columns: int = 200) -> Command:
    """Run a command in a process of its own, with no setting of ours in its environment."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CHOKEPOINT_")}
    done = subprocess.run(
        [*CHOKEPOINT, *map(str, arguments)],
        cwd=cwd,
        env={**environment, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns)},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,  # a run that hangs is a failure, not a wait
    )
    return Command(done.returncode, done.stdout, done.stderr)


def session_folder(factory: pytest.TempPathFactory) -> Path:
    """This session's temporary folder, the same one in each of xdist's workers."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that a finished sample run left; read it, do not change it.

    CHOKEPOINT_SAMPLE_HOME may name one (CI has just made one): a copy of it is taken if this code has nothing
    to make there.
    """
    home = session_folder(tmp_path_factory) / "sample-home"
    with FileLock(home.with_suffix(".lock")):  # one run for all of xdist's workers
        if not (home / "current").exists():
            if named := os.environ.get("CHOKEPOINT_SAMPLE_HOME"):
                shutil.copytree(named, home, symlinks=True)
            done = chokepoint("run", "--home", home)
            assert done.code == 0, done.err + done.out
            assert not named or "nothing changed" in done.out, f"{named}: not made by this code"
    return home


@pytest.fixture(scope="session")
def real_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real archive: a folder named by CHOKEPOINT_REAL_ARCHIVE, or the packed data that may lie
    beside the checkout, unpacked once and kept for later sessions. Skips where neither is there."""
    if named := os.environ.get("CHOKEPOINT_REAL_ARCHIVE"):
        return Path(named)
    unpack = ROOT.parent / "shared" / "data" / "unpack"
    if not unpack.is_file():
        pytest.skip("real archive not here: set CHOKEPOINT_REAL_ARCHIVE to a folder with manifests")
    packed = hashlib.sha256()
    for manifest in sorted(unpack.parent.glob("archive/*/manifest.json")):
        packed.update(manifest.read_bytes())
    folder = session_folder(tmp_path_factory).parent / f"real-archive-{packed.hexdigest()[:12]}"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.is_dir():
            unfinished = folder.with_suffix(".part")
            subprocess.run([sys.executable, str(unpack), str(unfinished)], check=True, capture_output=True)
            unfinished.rename(folder)
    return folder


@pytest.fixture(scope="session")
def recorded() -> Path:
    """Answers of services as they were recorded, a folder a service: that named by CHOKEPOINT_RECORDED, or
    one that may lie beside the checkout. Skips where neither is there."""
    folder = Path(os.environ.get("CHOKEPOINT_RECORDED", ROOT.parent / "shared" / "data" / "wire"))
    if not folder.is_dir():
        pytest.skip("recorded answers not here: set CHOKEPOINT_RECORDED to a folder of them")
    return folder
