"""A second process that imports Great Expectations while the run still loads and builds.

The import takes 8 CPU seconds and a thread would not help; a spawned process overlaps it with dlt
and dbt. With one core there is nothing to overlap, so checks run in this process. Not here: what
is checked (``raw``, ``marts``) and how (``validation``).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType

from expectations import validation
from expectations.checks import Check, Result


class Worker:
    """Runs checks, in its own process where there is one. Close it, or use it as a context."""

    def __init__(self, pool: ProcessPoolExecutor | None, processes: Sequence[BaseProcess] = ()) -> None:
        self._pool = pool
        self._processes = processes
        self._begun: list[tuple[list[Check], Mapping[str, str], Callable[[], list[Result]]]] = []

    def begin(
        self, checks: Iterable[Check], paths: Mapping[str, Sequence[Path]], sha256s: Mapping[str, str]
    ) -> None:
        """Judge already what ``run`` will be asked for; without a process of its own nothing is gained."""
        if self._pool is not None:
            early = list(checks)
            self._begun.append((early, dict(sha256s), self.submit(early, paths, sha256s)))

    def run(
        self, checks: Iterable[Check], paths: Mapping[str, Sequence[Path]], sha256s: Mapping[str, str]
    ) -> list[Result]:
        """As ``validation.run``. A worker that died (out of memory, killed) is replaced by this process.

        What was begun counts if it is asked for as it was, on bytes that are still the same.
        """
        remaining = {(check.table, check.name): check for check in checks}
        results: list[Result] = []
        for early, read, wait in self._begun:
            is_same = all(remaining.get((check.table, check.name)) == check for check in early)
            if is_same and all(sha256s.get(table) == sha256 for table, sha256 in read.items()):
                results += wait()
                for check in early:
                    del remaining[check.table, check.name]
        self._begun.clear()
        if remaining:
            results += self.submit(remaining.values(), paths, sha256s)()
        return sorted(results, key=lambda r: (r.gate, r.table, r.check))

    def submit(
        self, checks: Iterable[Check], paths: Mapping[str, Sequence[Path]], sha256s: Mapping[str, str]
    ) -> Callable[[], list[Result]]:
        """Begin (in this process: at the latest moment); what is returned waits for the results."""
        arguments = (list(checks), {name: list(files) for name, files in paths.items()}, dict(sha256s))
        if self._pool is None:
            return partial(validation.run, *arguments)
        try:
            future = self._pool.submit(validation.run, *arguments)
        except BrokenProcessPool:
            self.close()
            return partial(validation.run, *arguments)

        def wait() -> list[Result]:
            try:
                return future.result()
            except BrokenProcessPool:
                self.close()
                return validation.run(*arguments)

        return wait

    def close(self) -> None:
        """End the process at once: whatever it is still at, nobody will ask for, and it writes nothing."""
        for process in self._processes:
            process.kill()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()


def start_worker(cores: int | None = None) -> Worker:
    """Start the import now and return at once. ``cores`` are those this process may use, unless given."""
    if (cores or _usable_cores()) < 2:
        return Worker(None)
    others = multiprocessing.active_children()
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_prepare)
    with _ctrl_c_held_back():  # inherited: until it can say so itself, the process ignores Ctrl-C by this
        pool.submit(os.getpid)  # the pool starts its process at the first job
    return Worker(pool, [child for child in multiprocessing.active_children() if child not in others])


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """A signal that comes meanwhile reaches another thread, or this one at the end."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _prepare() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    validation.import_great_expectations()


def _end_with_parent() -> None:
    """A parent that was killed closes nothing, and its pool's pipes stay open: watch it instead."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
