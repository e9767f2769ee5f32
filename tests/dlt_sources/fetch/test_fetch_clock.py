"""Wrong clocks, ours or theirs, lengthen no wait; what drips is left; processes take turns."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from filelock import FileLock, Timeout
from hypothesis import given
from hypothesis import strategies as st

from dlt_sources.fetch import pace as pace_module
from dlt_sources.fetch import service_of
from dlt_sources.fetch.pace import Pace
from dlt_sources.fetch.parts import gathered
from dlt_sources.fetch.service import Service
from tests.servers.fetches import Fetching
from tests.servers.stand_in import NOW, FakeClock, Fault, json_answer

HOST = "api.example.org"
HOUR, DAY = 3600.0, 86_400.0
LIMIT = {"X-RateLimit-Remaining": "0"}


@pytest.fixture
def service(fetching: Fetching) -> Service:
    fetching.server.on(HOST, lambda _: json_answer([{"id": 1}]))
    part = gathered(
        "2026-11/records.jsonl.gz",
        lambda session: ((str(row["id"]), row) for row in session.json(f"https://{HOST}/works")),
    )
    return replace(
        service_of("github_ranking"),
        source="example",
        hosts={HOST: 0.0},
        parts=lambda *_: [part],
        since=date(2026, 1, 1),
    )


@pytest.mark.parametrize("ours", [-DAY, -HOUR, 0.0, HOUR, 30 * DAY])
@pytest.mark.parametrize("theirs", [-DAY, 0.0, HOUR])
@pytest.mark.parametrize("unit", ["a date", "seconds since 1970"])
def test_a_wait_until_a_time_of_day_is_read_by_the_servers_own_clock(
    service: Service, fetching: Fetching, ours: float, theirs: float, unit: str
) -> None:
    fetching.clock = FakeClock(skew=ours)
    fetching.server.now = NOW + theirs
    until = str(int(NOW + theirs) + 30)
    headers = {"Retry-After": "@+30"} if unit == "a date" else {**LIMIT, "X-RateLimit-Reset": until}
    done = fetching.fetch(service, fault=Fault("status", at=1, status=503, headers=headers))
    assert done.problem is None
    assert sum(fetching.clock.slept) == pytest.approx(30, abs=1.5)


def test_a_clock_that_is_set_right_while_one_waits_is_waited_for_no_longer_than_was_asked(
    tmp_path: Path,
) -> None:
    fast = FakeClock(skew=30 * DAY)
    Pace(tmp_path, fast).rest(HOST, 60)
    assert Pace(tmp_path, FakeClock()).until_free(HOST, 5) == 60


@given(
    set_by=st.floats(-1e9, 1e9), since=st.floats(0, 1e6), rest=st.floats(0, 1e4), interval=st.floats(0, 100)
)
def test_no_clock_makes_a_wait_longer_than_was_asked(
    tmp_path_factory: pytest.TempPathFactory, set_by: float, since: float, rest: float, interval: float
) -> None:
    clock = FakeClock()
    pace = Pace(tmp_path_factory.getbasetemp() / "pace", clock)
    pace.rest(HOST, rest)
    clock.time += since
    clock.skew = set_by
    wait = pace.until_free(HOST, interval)
    assert 0 <= wait <= max(rest, interval)
    if set_by == 0 and since >= max(rest, interval):
        assert wait == 0


class Hurried(FakeClock):
    """Each look at it takes so many seconds, in which a chunk of a body came."""

    seconds = 0.0

    def elapsed(self) -> float:
        self.time += self.seconds
        return self.time


@pytest.mark.parametrize(("seconds", "comes"), [(20.0, True), (200.0, False)])
def test_a_body_that_drips_is_a_dead_line(
    service: Service, fetching: Fetching, seconds: float, comes: bool
) -> None:
    """A megabyte in chunks of 64 kB at most; the least is 1000 bytes a second."""
    answer = json_answer([{"id": "x" * (1 << 20)}])
    fetching.server.on(HOST, lambda _: answer)
    fetching.clock = Hurried()
    fetching.clock.seconds = seconds
    bare = replace(service, headers={"Accept-Encoding": "identity"}, patience=10_000.0)
    done = fetching.fetch(bare)
    assert (done.problem is None) == comes
    if not comes:
        assert " bytes in " in str(done.problem) and "fetch again later" in str(done.problem)


OTHER = f"""
import importlib.util, sys
from pathlib import Path

# it alone: imports take long
found = importlib.util.spec_from_file_location("pace", {pace_module.__file__!r})
pace = sys.modules["pace"] = importlib.util.module_from_spec(found)
found.loader.exec_module(pace)

class Clock:
    slept = []
    now = staticmethod(lambda: {NOW} + sum(Clock.slept))
    sleep = slept.append

with pace.Pace(Path(sys.argv[1]), Clock).turn("api.example.org", 5.0):
    print(Clock.slept, flush=True)
    sys.stdin.readline()
"""


def test_processes_take_turns_at_a_host_and_keep_its_interval(tmp_path: Path) -> None:
    ours = FakeClock()
    pace = Pace(tmp_path, ours)
    with pace.turn(HOST, 5.0):
        pass
    command = [sys.executable, "-c", OTHER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None and other.stdout is not None
        assert other.stdout.readline() == "[5.0]\n"  # it waited for the interval after our turn
        with pytest.raises(Timeout), FileLock(tmp_path / f"{HOST}.lock", timeout=0):
            pass  # and has the host to itself
        other.stdin.write("\n")
        other.stdin.flush()
        other.wait(10)
    with pace.turn(HOST, 5.0):
        assert ours.slept == [5.0]  # and no longer, although by its clock its turn was later
