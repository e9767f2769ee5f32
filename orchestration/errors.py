"""How a command fails: by the user's hand, or by ours."""

from __future__ import annotations


class UserError(RuntimeError):
    """Something the user can mend; one line, exit code 2."""


class DefectError(RuntimeError):
    """A defect of ours; exit code 1, the log has the rest."""
