"""An installed package, without a checkout: the whole way from any folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """``chokepoint`` as its wheel installs it; the libraries are those of this environment."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        (target := tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    build = ["wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path / "wheel"), "."]
    pip = [sys.executable, "-m", "pip"]
    subprocess.run([*pip, *build], cwd=tmp_path / "source", check=True)
    shutil.rmtree(tmp_path / "source")
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=False)
    place = tmp_path / "venv" / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    (place / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([*pip, "--python", str(python), "install", "-q", "--no-deps", str(wheel)], check=True)
    return python.with_name("chokepoint")


def test_an_installed_program_runs_from_any_folder(program: Path, lean_archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "somewhere"
    folder.mkdir()
    environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    environment |= {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=900
        )

    asked = ("run", "--archive", str(lean_archive))
    done = run(*asked)
    assert done.returncode == 0, done.stderr + done.stdout
    assert (folder / "data" / "sample" / "current" / "datapackage.json").is_file()
    again = run(*asked)
    assert again.returncode == 0 and "nothing changed" in again.stdout
    # what `new` writes belongs into a checkout, but for a spec of one's own
    refused = run("new", "source", "harbour")
    assert refused.returncode == 2
    assert refused.stderr.startswith("chokepoint: new: source: is written into a checkout, and this is an")
    assert run("new", "spec", "ports").returncode == 0
    assert (folder / "ports.yml").is_file()
