"""How often a host is asked, by all processes of one user together.

A host has a file with the time of the last request and of the end of a wait that the service asked for; a
lock beside it is held while a request is under way, so that no host sees two connections of ours at once.
Not here: how long a service wants to be left alone (``waits.py``).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock
from platformdirs import user_state_path

_IN_NO_NAME = re.compile(r"[^a-z0-9.-]")


class WallClock:
    """The time, and waiting for it; tests have one of their own, which no one waits for."""

    def now(self) -> float:
        """Seconds since 1970, by this machine's clock, which may be wrong and may be set back."""
        return time.time()

    def elapsed(self) -> float:
        """Seconds since some moment; never set back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def default_pace_folder() -> Path:
    """One for all archives of a user: a service counts its callers, not their folders."""
    return user_state_path("chokepoint") / "pace"


@dataclass(frozen=True)
class Pace:
    """Turns at the hosts. ``folder`` is shared by every process that should wait for the others.

    ``factor``: of the intervals; zero for a stand-in of one's own, which may be asked at any rate.
    """

    folder: Path = field(default_factory=default_pace_folder)
    clock: WallClock = field(default_factory=WallClock)
    factor: float = 1.0

    @contextmanager
    def turn(self, host: str, interval: float) -> Iterator[None]:
        """Wait for this host's turn, ``interval`` seconds after the last one, and keep it for the block."""
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.folder / _IN_NO_NAME.sub("_", host.lower())
        with FileLock(place.with_name(f"{place.name}.lock")):
            if (wait := self.until_free(host, interval)) > 0:
                self.clock.sleep(wait)
            try:
                yield
            finally:
                self._write(place, self.clock.now(), self._read(place)[1:])

    def until_free(self, host: str, interval: float) -> float:
        """Seconds until the host may be asked again. A clock that was set back lengthens no wait."""
        interval *= self.factor
        last, rest, since = self._read(self.folder / _IN_NO_NAME.sub("_", host.lower()))
        now = self.clock.now()
        return max(0.0, min(interval, last + interval - now), min(rest, since + rest - now))

    def rest(self, host: str, seconds: float) -> None:
        """Nobody asks this host again for so long."""
        place = self.folder / _IN_NO_NAME.sub("_", host.lower())
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write(place, self._read(place)[0], (seconds, self.clock.now()))

    def _read(self, place: Path) -> tuple[float, float, float]:
        with suppress(OSError, ValueError):
            last, rest, since = map(float, place.read_text().split())
            return last, rest, since
        return 0.0, 0.0, 0.0

    def _write(self, place: Path, last: float, rest: tuple[float, ...]) -> None:
        place.write_text(" ".join(map(repr, (last, *rest))))
