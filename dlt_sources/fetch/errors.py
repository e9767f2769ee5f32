"""Why a fetch stopped: one line that the user can act on, in which is no key and no signed address."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlt.sources.helpers.requests import Response


class FetchError(ValueError):
    """A service or a pin that cannot be taken as it is; what was fetched before is kept."""


class RefusedError(FetchError):
    """The service said no, and would say so again: 400, 401, 404, 410, 451 …"""

    def __init__(self, line: str, status: int) -> None:
        super().__init__(line)
        self.status = status


class KeyAbsentError(FetchError):
    """A service that answers nobody without a key; the line says how to get one."""


class BudgetSpentError(FetchError):
    """The number of requests or bytes that was allowed is used up."""


class WaitTooLongError(FetchError):
    """The service asks to be left alone for longer than a fetch waits."""


class PinError(FetchError):
    """The publisher's new version differs from the last one by more than its source does from day to day."""


class NotDataError(Exception):
    """An answer that is no data although its status says so; asked again unless ``is_lasting``."""

    def __init__(self, reason: str, is_lasting: bool = False) -> None:
        super().__init__(reason)
        self.is_lasting = is_lasting


class OutdatedError(Exception):
    """A cursor that the service no longer knows: the part is begun anew, without what was kept of it."""


class PassingError(Exception):
    """An answer that may be another one when asked again."""

    def __init__(self, reason: str, response: Response | None = None) -> None:
        super().__init__(reason)
        self.response = response
