"""Dagster's UI and daemon, on loopback only: it has no login."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from orchestration import interrupts
from orchestration.command.history import dagster_folder, open_instance, settle
from orchestration.home import lock
from orchestration.settings import Settings, top_level_file

# Dagster's own, and no other: `dagster dev` recommends the command of a package that is not installed, and
# dagster-dlt calls what dlt renamed
DAGSTERS_OWN = ",".join(
    ("ignore:Function `dev_command` is superseded", "ignore:drop_pending_packages is deprecated")
)


def serve(settings: Settings, port: int) -> int:
    """``dagster dev`` over this home until it ends, or a signal ends it and all that it started; its
    history is the command line's too. Returns its exit code.

    Raises:
        UserError: the UI is open over this home already, or the home cannot be written.
    """
    folder = dagster_folder(settings)
    given = settings.model_dump() | {"home": settings.home_path,
                                     "archive": settings.archive and settings.archive_path}  # fmt: skip
    os.environ.update(  # it starts elsewhere, where there is no file of settings
        {f"CHOKEPOINT_{name.upper()}": str(value) for name, value in given.items() if value is not None}
    )
    os.environ["DAGSTER_HOME"] = str(folder)
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, [os.environ.get("PYTHONWARNINGS"), DAGSTERS_OWN]))
    dagster, workspace = Path(sys.executable).with_name("dagster"), top_level_file("workspace.yaml")
    options = ["--workspace", str(workspace), "--host", "127.0.0.1", "--port", str(port)]
    with lock.open_to_ui(settings):
        _settle_dead_runs(settings, folder)
        services = Services()
        interrupts.before_leaving(services.end)
        return services.run([str(dagster), "dev", *options], folder)


def _settle_dead_runs(settings: Settings, folder: Path) -> None:
    try:
        with lock.held(settings), open_instance(folder) as instance:
            settle(settings, instance, is_ui_open=False)
    except lock.InUseError:
        return  # a run from the terminal is at work, which settled what it found


class Services:
    """A process and all that it starts, in a group of their own: Ctrl-C is not theirs to answer."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.mkdtemp(prefix="chokepoint-ui-")  # their sockets, which they may not clear
        self._changing = threading.Lock()

    def run(self, command: list[str], folder: Path) -> int:
        """Start it in the folder (Dagster warns of a ``dagster.yaml`` where it stands that is not the one
        it reads) and wait until it ends; returns its exit code. Whatever it started ends with it."""
        environment = {**os.environ, "TMPDIR": self._folder}
        with self._changing:
            self._process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, process_group=0
            )
        code = self._process.wait()
        self.end()
        return code

    def end(self) -> None:
        """Kill all of it. Dagster takes ten seconds to end by itself, and has nothing to lose: its history is
        a database, and a run that ends with it is settled by the next command."""
        self._changing.acquire(timeout=1)  # and keep it: from now on nothing is started, and one is enough
        if self._process is not None:
            with suppress(ProcessLookupError):  # nobody of it is left
                os.killpg(self._process.pid, signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)
