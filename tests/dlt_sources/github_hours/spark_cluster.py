"""A standalone cluster of Spark on loopback: a master and two workers, each a process that can be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark

PATIENCE = 600.0  # seconds; a machine may be busy with other work
SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
DAEMON = "org.apache.spark.deploy"


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Yields the master's address and the workers; worker n keeps its executors' logs in ``folder/n``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    master = f"spark://127.0.0.1:{port}"
    with ExitStack() as processes:
        own = ["--host", "127.0.0.1", "--webui-port", "0"]
        processes.enter_context(
            _running(folder / "master.log", f"{DAEMON}.master.Master", *own, "--port", str(port))
        )
        _await_port(port, folder / "master.log")
        started = [
            processes.enter_context(
                _running(
                    folder / f"{n}.log",
                    f"{DAEMON}.worker.Worker",
                    *own,
                    *("--cores", "1", "--memory", "1g", "--work-dir", str(folder / str(n)), master),
                )
            )
            for n in range(workers)
        ]
        yield master, started


def kill_at_work(worker: subprocess.Popen[bytes], work: Path) -> None:
    """Take the machine away, executors and all, once the first task is done there."""
    until = time.monotonic() + PATIENCE
    while not any("Finished task" in log.read_text(errors="replace") for log in work.glob("*/*/stderr")):
        assert time.monotonic() < until, "the worker was given no task"
        time.sleep(0.02)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


@contextmanager
def _running(log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "SPARK_DAEMON_MEMORY": "256m", "SPARK_LOCAL_HOSTNAME": "127.0.0.1"}
    with (
        log.open("wb") as written,
        subprocess.Popen(
            [str(SPARK_CLASS), *command],
            stdout=written,
            stderr=written,
            env=environment,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _await_port(port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        with socket.socket() as tried:
            tried.settimeout(1)
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < until, log.read_text(errors="replace")[-2000:]
        time.sleep(0.1)
