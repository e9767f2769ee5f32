"""SIGINT and SIGTERM in every stage: one line, the right exit code, no process left, no byte lost.

And SIGKILL, which leaves neither a line nor time to clear up: no byte lost either.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil
import pytest

from tests.conftest import CHOKEPOINT, ROOT, chokepoint
from tests.pipeline.conftest import contents

pytestmark = pytest.mark.slow
LINE = "interrupted; run again"
PATIENCE = 300.0  # seconds until a stage is reached, on a machine that others use too
PROMPT = 10.0  # seconds until all has ended; 3 on a machine of one's own
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
STAGES = [
    "innovation_graph",
    "raw_checks",
    "warehouse",
    "mart_checks",
    "event_study",
    "site__pages",
    "release",
]


@dataclass
class Running:
    """A command at work in a process group of its own, as a terminal gives it."""

    process: subprocess.Popen[bytes]
    printed: tuple[IO[bytes], IO[bytes]]  # files, which no log fills as it would a pipe

    def wait_for(self, condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := condition():
                return found
            assert self.process.poll() is None, "it ended before the moment came"
            time.sleep(0.01)
        raise AssertionError("the moment never came")

    def interrupt(self, number: signal.Signals, *, times: int = 1, is_group: bool = False) -> None:
        """Send a signal to it (or to its group, as a terminal does) and hold it to what was promised."""
        everyone = psutil.Process(self.process.pid).children(recursive=True)
        began = time.monotonic()
        for _ in range(times):
            with suppress(ProcessLookupError):
                (os.killpg if is_group else os.kill)(self.process.pid, number)
            time.sleep(0.005)
        self.process.wait(timeout=60)
        seconds = time.monotonic() - began
        out, err = (file.seek(0) or file.read().decode() for file in self.printed)
        sys.stdout.write(f"{number.name}: {seconds:.2f} s\n")
        assert self.process.returncode == CODES[number], err + out
        assert err.splitlines()[-1:] == [LINE], err
        assert "Traceback" not in err + out
        assert seconds < PROMPT
        deadline = time.monotonic() + 2
        while any(map(is_alive, everyone)) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [process for process in everyone if is_alive(process)] == []


def is_alive(process: psutil.Process) -> bool:
    """Not ended; nor ended and not yet collected by the process that took it over."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


@contextmanager
def running(*arguments: object) -> Iterator[Running]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CHOKEPOINT_")}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, subprocess.Popen(
        [*CHOKEPOINT, *map(str, arguments)], cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=out, stderr=err, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield Running(process, (out, err))
        finally:
            with suppress(ProcessLookupError):
                process.kill()


def has_begun(home: Path, step: str) -> Callable[[], bool]:
    """Whether a run that starts from now on has begun the step, as its log says."""
    earlier = set((home / "logs").glob("run-*.log"))
    words = f'STEP_START - Started execution of step "{step}"'

    def is_there() -> bool:
        logs = set((home / "logs").glob("run-*.log")) - earlier
        return any(words in log.read_text(encoding="utf-8") for log in logs)

    return is_there


def kill_at(moment: Callable[[], Any], *arguments: object) -> None:
    """Start a run and end it, and all that it started, by SIGKILL."""
    with running(*arguments) as run:
        run.wait_for(moment)
        os.killpg(run.process.pid, signal.SIGKILL)


def test_a_run_ended_in_every_stage_ends_as_one_that_was_not(
    finished_lean_home: Path, lean_archive: Path, tmp_path: Path
) -> None:
    """One home suffers every end, each where the one before it left off."""
    home = tmp_path / "interrupted"
    asked = ("run", "--archive", lean_archive, "--home", home)
    kill_at((home / "lake" / "raw" / "innovation_graph").exists, *asked)  # while sources are loaded
    for count, stage in enumerate(STAGES):
        if stage == "mart_checks":  # between the first mart that is exported and the last
            kill_at(lambda: any((home / "marts").glob("*.parquet")), *asked)
            (home / "marts" / ".dim_country.parquet.tmp").write_bytes(b"PAR1 cut off")  # a kill mid-file
        moment = has_begun(home, stage)
        with running(*asked) as run:
            run.wait_for(moment)
            if stage == "warehouse":  # dbt itself, not what precedes it
                run.wait_for((home / "warehouse.duckdb").is_file)
            number = (signal.SIGINT, signal.SIGTERM)[count % 2]
            run.interrupt(number, times=1 + count % 3, is_group=count % 4 < 2)
        time.sleep(1)  # logs are named by the second
    done = chokepoint(*asked)
    assert done.code == 0, done.err
    moment = has_begun(home, "specification_curve")
    with running(*asked, "--select", "results/specification_curve") as run:
        run.wait_for(moment)
        run.interrupt(signal.SIGTERM)
    done = chokepoint(*asked)
    assert done.code == 0, done.err
    for room in ("marts", "results", "current"):
        found, expected = contents(home, room), contents(finished_lean_home, room)
        assert found.keys() == expected.keys()
        assert [name for name in expected if found[name] != expected[name]] == []


def is_listening(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process catches SIGTERM: the command line is loaded, and what it does has begun."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="/proc says which signals are caught")
@pytest.mark.parametrize("number", CODES, ids=lambda number: number.name)
@pytest.mark.parametrize("command", ["check", "estimate", "simulate", "doctor", "list"])
def test_every_other_command_answers_alike(
    command: str, number: signal.Signals, lean_home: Path, tmp_path: Path
) -> None:
    panel = tmp_path / "panel.csv"
    panel.write_text("unit,month,value\n")
    arguments: dict[str, list[object]] = {
        "check": ["--home", lean_home],
        "estimate": [tmp_path / "spec.yml", "--panel", panel],
        "simulate": [tmp_path / "simulated"],
        "doctor": ["--home", lean_home],
        "list": ["assets"],
    }
    with running(command, *arguments[command]) as run:
        run.wait_for(lambda: is_listening(run.process))
        if command == "check":  # its second process is there
            run.wait_for(lambda: len(psutil.Process(run.process.pid).children()) > 1)
        run.interrupt(number, is_group=True)


LAUNCH = """mutation($job: JobOrPipelineSelector!) { launchRun(executionParams: {selector: $job}) {
  ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
TERMINATE = "mutation($id: String!) { terminateRun(runId: $id) { __typename } }"
STATE = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status stepStats { stepKey } } } }"


@dataclass
class Webserver:
    """The UI's own interface to runs."""

    port: int

    def ask(self, query: str, **variables: object) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["data"]

    def is_up(self) -> bool:
        with suppress(OSError):
            return bool(self.ask("{ assetNodes { id } }")["assetNodes"])
        return False

    def launch(self, *key: str) -> str:
        job = {"repositoryLocationName": "chokepoint", "repositoryName": "__repository__",
               "jobName": "__ASSET_JOB", "assetSelection": [{"path": key}]}  # fmt: skip
        return str(self.ask(LAUNCH, job=job)["launchRun"]["run"]["runId"])

    def has_begun(self, run: str, step: str) -> bool:
        return step in {stats["stepKey"] for stats in self.ask(STATE, id=run)["runOrError"]["stepStats"]}

    def status(self, run: str) -> str:
        return str(self.ask(STATE, id=run)["runOrError"]["status"])


def test_the_ui_ends_whole_and_its_runs_leave_a_home_that_the_next_finishes(
    lean_home: Path, lean_archive: Path
) -> None:
    before = contents(lean_home, "marts", "results", "current")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    asked = ("--archive", lean_archive, "--home", lean_home)
    web = Webserver(port)
    with running("ui", *asked, "--port", port) as ui:
        ui.wait_for(web.is_up)
        again = chokepoint("ui", *asked)
        assert again.code == 2 and "Dagster's UI is already open over it" in again.err
        terminated = web.launch("results", "estimates")
        ui.wait_for(lambda: web.has_begun(terminated, "event_study"))
        assert web.ask(TERMINATE, id=terminated)["terminateRun"]["__typename"] == "TerminateRunSuccess"
        began = time.monotonic()
        ui.wait_for(lambda: web.status(terminated) in {"CANCELED", "FAILURE"})
        seconds = time.monotonic() - began
        sys.stdout.write(f"terminated in the UI: {seconds:.2f} s\n")
        assert seconds < PROMPT
        cut_off = web.launch("site", "pages")
        ui.wait_for(lambda: web.has_begun(cut_off, "site__pages"))
        ui.interrupt(signal.SIGTERM, is_group=True)
    done = chokepoint("run", *asked)
    assert done.code == 0, done.err
    assert contents(lean_home, "marts", "results", "current") == before
