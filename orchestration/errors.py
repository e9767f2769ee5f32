"""How a command fails: by the user's hand, or by ours.

Rooms that may not import this one have error types of their own: ``mendable`` lists them all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from errno import EDQUOT, ENOSPC, EROFS

NO_ROOM: Mapping[int, tuple[str, str]] = {
    ENOSPC: ("the disk is full", "free some space there or give another --home, and run again"),
    EDQUOT: (
        "your share of the disk is used up",
        "free some space there or give another --home, and run again",
    ),
    EROFS: ("the disk takes no writes", "give a --home that can be written"),
}
SQLITE_IS_FULL = "database or disk is full"
_PATH = re.compile(r"""['"](/[^'"]+)['"]""")


class UserError(RuntimeError):
    """Something the user can mend; one line, exit code 2."""


class DefectError(RuntimeError):
    """A defect of ours; exit code 1, the log has the rest."""


def mendable() -> tuple[type[Exception], ...]:
    """Every type of error whose one line is for the user."""
    from dlt_sources.archive import ArchiveError
    from dlt_sources.fetch.errors import FetchError
    from dlt_sources.github_hours.reduction_job import EngineError
    from event_study.errors import SpecError
    from report.inputs import InputError

    return UserError, ArchiveError, FetchError, EngineError, SpecError, InputError


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`` (did you mean X?)`` where a known name is close to this one, else nothing."""
    close = get_close_matches(name, sorted(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def no_room(error: BaseException, place: object = "system") -> str | None:
    """The line for a disk that takes no more, where that is what stopped us; None where it is not.

    Libraries wrap the system's error or keep its words alone; ``place`` is named where nobody says which
    file it was.
    """
    for cause in _chain(error):
        text = " ".join(str(cause).split())
        for number, (what, remedy) in NO_ROOM.items():
            is_it = isinstance(cause, OSError) and cause.errno == number
            if is_it or os.strerror(number) in text or (number == ENOSPC and SQLITE_IS_FULL in text):
                named = _PATH.search(text)
                path = getattr(cause, "filename", None) or (named[1] if named else place)
                return f"{path}: {what}; {remedy}"
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, the first cause first: it knows the path."""
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        seen.append(cause)
        cause = cause.__cause__ or cause.__context__
    return reversed(seen)
