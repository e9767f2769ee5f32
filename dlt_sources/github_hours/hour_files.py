"""Hour files at any address that fsspec reads: a folder, a bucket, a share. What goes wrong there is one
line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple, cast

import fsspec
from fsspec.core import url_to_fs

from dlt_sources.github_hours.definition import Tracked, hour_of
from dlt_sources.github_hours.reduction_job import REACH, EngineError, Job
from dlt_sources.github_hours.scan import NoHourError, Scanned, scan


class HourFile(NamedTuple):
    hour: datetime
    url: str


def files_of(job: Job) -> list[HourFile]:
    """The hour files that the month is reduced from, in time order.

    Raises:
        EngineError: no address, none that can be listed, an hour twice, or no hour of the month there.
    """
    if not job.hours_url:
        raise EngineError(
            "hours_url: not given, expected the folder or bucket of the hour files; set CHOKEPOINT_HOURS_URL"
        )
    found: dict[datetime, str] = {}
    with _faults_named(f"hours_url: {job.hours_url}"):
        system, root = url_to_fs(job.hours_url)
        listed = system.ls(root, detail=False)
    for path in sorted(listed):
        hour = hour_of(path)
        if hour is None or not job.begins - REACH <= hour < job.ends + REACH:
            continue
        url = system.unstrip_protocol(path)
        if hour in found:
            raise EngineError(f"hours_url: {url}: the same hour as {found[hour]}; remove one of the two")
        found[hour] = url
    if not any(job.begins <= hour < job.ends for hour in found):
        raise EngineError(
            f"hours_url: {job.hours_url}: no hour of {job.month:%Y-%m}, expected files such as "
            f"{job.month:%Y-%m}-01-0.json.gz; give the folder that holds them"
        )
    return [HourFile(hour, found[hour]) for hour in sorted(found)]


class HourRead(NamedTuple):
    """``bytes`` as the file lies there, packed."""

    scanned: Scanned
    bytes: int


def read_hour(file: HourFile, tracked: Tracked, salt: bytes) -> HourRead:
    """One file, read as a stream where it lies.

    Raises:
        EngineError: it cannot be opened or read, or is no gzip file.
    """
    with _faults_named(file.url), fsspec.open(file.url, "rb") as content:
        size = content.seek(0, 2)
        content.seek(0)
        return HourRead(scan(cast(BinaryIO, content), file.hour, tracked, salt), size)


def hour_row(file: HourFile, read: HourRead) -> dict[str, object]:
    """What is known of a file itself, a row of ``HOURS_READ``."""
    return {
        "hour": file.hour,
        "lines": read.scanned.lines,
        "bad_lines": read.scanned.bad_lines,
        "bytes": read.bytes,
        "is_whole": read.scanned.is_whole,
        "generation": read.scanned.generation,
    }


@contextmanager
def _faults_named(where: str) -> Iterator[None]:
    try:
        yield
    except NoHourError as error:
        raise EngineError(f"{where}: {error}; copy it there again or remove it") from None
    except PermissionError:
        raise EngineError(
            f"{where}: access denied; give the credentials of this machine (or of the executors) the right "
            "to list and to read it"
        ) from None
    except FileNotFoundError:
        raise EngineError(f"{where}: not there; correct the address") from None
    except ImportError as error:
        raise EngineError(f"{where}: {_first_line(error)}; install it where the files are read") from None
    except (OSError, ValueError) as error:
        raise EngineError(f"{where}: cannot be read ({_first_line(error)}); correct the address") from None
    except Exception as error:
        if not _is_storage(error):
            raise
        raise EngineError(f"{where}: {_first_line(error)}; correct address or credentials") from None


def _is_storage(error: Any) -> bool:
    """Whether an object store's client raised it: those have a base of their own, which is no OSError."""
    return any(
        kind.__module__.split(".")[0] in ("botocore", "google", "azure") for kind in type(error).__mro__
    )


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__
