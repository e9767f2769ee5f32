"""How every yardstick prints: the machine, what is installed, and the spread of repeated runs.

Not here: what is measured (``run_cost``, ``study_cost``).
"""

from __future__ import annotations

import os
import platform
import re
import statistics
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

LABEL = 44


def setting(packages: Sequence[str]) -> None:
    """Machine, cores, load and versions: without them a second says nothing."""
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"python {platform.python_version()}"
    )
    print(", ".join(f"{name} {version(name)}" for name in packages))


def header(title: str = "", *more: str) -> None:
    """The columns of ``row``, ``more`` the names of further ones, 8 wide each."""
    columns = "".join(f" {name:>8}" for name in more)
    print(f"\n{title:<{LABEL}} {'min':>8} {'median':>8} {'max':>8}{columns}", flush=True)


def row(label: str, values: Sequence[float], *more: str, digits: int = 1) -> None:
    """Fastest, median and slowest of the runs, and what stands beside them."""
    spread = (min(values), statistics.median(values), max(values))
    numbers = " ".join(f"{value:8,.{digits}f}" for value in spread)
    print(f"{label:<{LABEL}} {numbers}{''.join(f' {cell:>8}' for cell in more)}", flush=True)


def peak_megabytes() -> float:
    """The most memory of this process since its program began (Linux).

    ``ru_maxrss`` of a new process begins at what its parent held.
    """
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(peak[1]) / 1024 if peak else float("nan")
