"""How a command fails: by the user's hand, or by ours.

Rooms that may not import this one have error types of their own: ``mendable`` lists them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(RuntimeError):
    """Something the user can mend; one line, exit code 2."""


class DefectError(RuntimeError):
    """A defect of ours; exit code 1, the log has the rest."""


def mendable() -> tuple[type[Exception], ...]:
    """Every type of error whose one line is for the user."""
    from dlt_sources.archive import ArchiveError
    from event_study.errors import SpecError
    from report.inputs import InputError

    return UserError, ArchiveError, SpecError, InputError


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`` (did you mean X?)`` where a known name is close to this one, else nothing."""
    close = get_close_matches(name, sorted(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
