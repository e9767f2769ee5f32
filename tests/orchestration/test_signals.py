"""What ends a process that listens: the signal itself, whatever its libraries make of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.conftest import ROOT

LINE = "interrupted; run again\n"
REPLACED = {
    "nothing": "",
    "swallowed": "signal.signal(signal.SIGTERM, lambda *_: None)",
    "raised": """
class Interruption(BaseException): ...
def throw(*_): raise Interruption
signal.signal(signal.SIGTERM, throw)
""",
    "led to the other's": "signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))",
}


HEAD = "import os, signal, sys, time\nfrom orchestration import interrupts\n"


def _at_a_terminal() -> None:
    """These tests may themselves run under ``nohup``, whose children inherit that they hang up on nothing."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _started(script: str, prepare: Callable[[], object] = _at_a_terminal) -> subprocess.Popen[str]:
    """A script in a process of its own that has printed its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", HEAD + script], env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=prepare,
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline()
    return process


def _ended(script: str, number: signal.Signals = signal.SIGTERM, times: int = 1,
           prepare: Callable[[], object] = _at_a_terminal) -> tuple[int, str]:  # fmt: skip
    """Exit code and standard error of a script that is sent a signal once it has printed a line."""
    with _started(script, prepare) as process:
        for _ in range(times):
            process.send_signal(number)
        _, err = process.communicate(timeout=30)
    return process.returncode, err


WAIT = "\nprint('ready', flush=True)\ntime.sleep(20)\n"


@pytest.mark.parametrize("replaced", REPLACED)
@pytest.mark.parametrize("times", [1, 2, 200])
def test_a_handler_in_the_place_of_ours_changes_nothing(replaced: str, times: int) -> None:
    code, said = _ended("interrupts.listen()\n" + REPLACED[replaced] + WAIT, times=times)
    assert code == 143
    if replaced == "raised" and times > 1:  # a second throw may hit the very report of the first
        assert said.endswith(LINE)
    else:
        assert said == LINE


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_the_exit_code_names_the_signal(number: signal.Signals, code: int) -> None:
    assert _ended("interrupts.listen()" + WAIT, number) == (code, LINE)


def test_what_a_shell_starts_in_the_background_answers_too() -> None:
    ignored = lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)  # noqa: E731  (as such a shell does)
    assert _ended("interrupts.listen()" + WAIT, signal.SIGINT, prepare=ignored) == (130, LINE)


def test_a_hang_up_that_is_ignored_stays_so() -> None:
    ignored = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731  (as nohup does)
    script = "interrupts.listen()\nprint('ready', flush=True)\ntime.sleep(1)\n"
    assert _ended(script, signal.SIGHUP, prepare=ignored) == (0, "")


def test_a_main_thread_that_is_thrown_out_waits_for_the_answer() -> None:
    """And what is said on its way out is not for the reader."""
    script = """
interrupts.listen()
interrupts.before_leaving(lambda: time.sleep(0.3))
def leave(*_): sys.exit(2)
signal.signal(signal.SIGTERM, leave)
"""
    assert _ended(script + WAIT) == (143, LINE)


def test_who_can_end_it_another_way_has_the_grace_to() -> None:
    handled = "\nsignal.signal(signal.SIGTERM, lambda *_: os._exit(3))" + WAIT
    assert _ended("interrupts.listen(grace=5)" + handled) == (3, "")
    swallowed = "\nsignal.signal(signal.SIGTERM, lambda *_: None)" + WAIT
    assert _ended("interrupts.listen(grace=0.1)" + swallowed) == (143, LINE)


def test_children_end_before_it_does() -> None:
    script = """
import multiprocessing
interrupts.listen()
child = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
child.start()
print(child.pid, flush=True)
time.sleep(20)
"""
    assert _ended(script) == (143, LINE)  # a child that lived on would hold standard error open


def test_nobody_who_reads_is_nobody_to_wait_for() -> None:
    filled = """
interrupts.listen()
os.set_blocking(2, False)
try:
    while True:
        os.write(2, b"x" * 4096)
except BlockingIOError:
    os.set_blocking(2, True)
"""
    with _started(filled + WAIT) as process:
        process.terminate()
        assert process.wait(timeout=30) == 143
