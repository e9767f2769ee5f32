"""Dagster's UI and daemon, on loopback only: it has no login."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from orchestration.settings import Settings, top_level_file

# `dagster dev` recommends the command of a package that is not installed
DAGSTERS_OWN = "ignore:Function `dev_command` is superseded"


def serve(settings: Settings, port: int) -> None:
    """Replace this process by ``dagster dev`` over this home; its history is the command line's too."""
    folder = settings.state / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(top_level_file("dagster.yaml"), folder / "dagster.yaml")
    given = {"ORIGIN": settings.origin, "HOME": settings.home_path, "SEED": settings.seed,
             "ARCHIVE": settings.archive and settings.archive_path, "UNTIL": settings.until}  # fmt: skip
    os.environ.update(
        {f"CHOKEPOINT_{name}": str(value) for name, value in given.items() if value is not None}
    )
    os.environ["DAGSTER_HOME"] = str(folder)
    os.environ.setdefault("PYTHONWARNINGS", DAGSTERS_OWN)
    dagster, workspace = Path(sys.executable).with_name("dagster"), top_level_file("workspace.yaml")
    options = ["--workspace", str(workspace), "--host", "127.0.0.1", "--port", str(port)]
    os.chdir(folder)  # whose dagster.yaml is read: Dagster warns of another one where it stands
    os.execv(dagster, [str(dagster), "dev", *options])
