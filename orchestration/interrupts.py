"""Ctrl-C, a polite kill, a closed terminal: a command ends at once, with one line, whatever it is at.

Dagster, dlt and dbt put handlers of their own in the place of ours; with them a run ends late, in an abort
or without a word. So nothing here hangs on handlers: for whatever handler is installed the interpreter also
writes the signal's number to a pipe, and a thread that reads it ends the process. Nothing is tidied up, and
nothing need be: every file of a home is renamed into place whole, a stage is recorded last, the system
opens a dead process's locks. Not here: what is left in Dagster's history (``history``).
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType

LINE = "interrupted; run again"
CLEAR_LINE, SHOW_CURSOR = "\r\x1b[K", "\x1b[?25h"  # a live line hides the cursor, and ^C stands in it
WRITABLE_WITHIN = 0.5  # seconds: nobody may be reading the other end any more
END_WITHIN = 5.0  # seconds that a main thread which is thrown out leaves to the answer
WITHOUT_HANDLER = (signal.SIG_DFL, signal.SIG_IGN, signal.default_int_handler)

_is_answering = threading.Event()
_endings: list[Callable[[], None]] = []


def listen(grace: float = 0.0) -> None:
    """From now on SIGINT, SIGTERM and SIGHUP end this process: exit code 128 + n, one line on stderr.

    ``grace`` are the seconds that whoever handles the signal besides has to end it in another way.
    To be called once, in the main thread. A SIGHUP that is ignored (``nohup``) stays so; SIGINT and
    SIGTERM do not, for a shell ignores SIGINT for what it starts in the background.
    """
    if sys.platform == "win32":
        return
    numbers = {signal.SIGINT, signal.SIGTERM}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.add(signal.SIGHUP)
    # as it is now: what runs may lead it elsewhere for a while; None where it was closed from the first
    stderr = os.dup(2) if sys.stderr else os.open(os.devnull, os.O_WRONLY)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in numbers:
        if signal.getsignal(number) in WITHOUT_HANDLER:  # the system's would write nothing to the pipe
            signal.signal(number, _do_nothing)
    _wait_when_thrown_out(reading, numbers)
    threading.Thread(
        target=_answer, args=(reading, numbers, stderr, grace), name="interrupts", daemon=True
    ).start()


def before_leaving(end: Callable[[], None]) -> None:
    """Have this called, in another thread, when a signal ends the process; it may take a second."""
    _endings.append(end)


def _answer(reading: int, numbers: set[signal.Signals], stderr: int, grace: float) -> None:
    number = 0
    while number not in numbers:
        select.select([reading], [], [])
        _is_answering.set()  # before the pipe is empty: one of the two tells that something came
        number = os.read(reading, 1)[0]
        if number not in numbers:
            _is_answering.clear()
    try:
        time.sleep(grace)
        _silence()
        _end_children()
        _say(stderr)
    finally:  # whatever fails on the way out (a closed stream, no file that can be opened), out it goes
        os._exit(128 + number)


def _silence() -> None:
    """What libraries say of it in the meantime is not for the reader."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        if os.isatty(stream):
            os.write(stream, (CLEAR_LINE + SHOW_CURSOR).encode())
        os.dup2(nowhere, stream)


def _end_children() -> None:
    for child in multiprocessing.active_children():
        child.kill()
    for end in _endings:
        end()


def _say(stderr: int) -> None:
    if select.select([], [stderr], [], WRITABLE_WITHIN)[1]:
        os.write(stderr, f"{LINE}\n".encode())


def _wait_when_thrown_out(reading: int, numbers: set[signal.Signals]) -> None:
    """A handler of a library may throw the main thread out before the answer is given: let that decide."""
    say_error = sys.excepthook

    def wait() -> None:
        if _is_answering.is_set() or select.select([reading], [], [], 0)[0]:
            for number in numbers:
                signal.signal(number, _do_nothing)
            time.sleep(END_WITHIN)

    def wait_and_say(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        wait()
        say_error(kind, error, where)

    sys.excepthook = wait_and_say
    atexit.register(wait)


def _do_nothing(_: int, __: FrameType | None) -> None:
    """What a signal leads to in the main thread."""
