"""Named errors (what stops a row) and warnings (what a reader of a row must know).

An error becomes a row with status ``not_identified`` whose reason is its message in names a reader
knows; only bad specs and hash mismatches reach the caller. Not here: when each one applies.
"""

# ruff: noqa: N818 (the names are the literature's conditions, not Python's errors)
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum


class EventStudyError(Exception):
    """Base of every error of this room; the message is one line, readable as a reason.

    ``ids`` are the countries and events that ``{field}``s of the message stand for; a message without
    any is taken as it is.
    """

    def __init__(self, message: str, **ids: str | Sequence[str]) -> None:
        self._message, self._ids = message, ids
        super().__init__(self.reason({}))

    def reason(self, names: Mapping[str, str]) -> str:
        """The message with what ``names`` calls the ids; an id without a name stands for itself."""
        if not self._ids:
            return self._message
        said = {
            field: named(names, [value] if isinstance(value, str) else value)
            for field, value in self._ids.items()
        }
        return self._message.format(**said)


def named(names: Mapping[str, str], ids: Sequence[str]) -> str:
    """``a, b and c`` with the names of ids."""
    *first, last = [names.get(one, one) for one in ids]
    return f"{', '.join(first)} and {last}" if first else last


def counted(number: int, noun: str) -> str:
    """``1 month``, ``2 months``."""
    return f"{number} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """``months``, ``countries``, ``branches``."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "z", "ch", "sh")) else f"{noun}s"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """`` (did you mean X?)`` where a known name is close to this one, else nothing."""
    close = get_close_matches(str(name), sorted(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


class SpecError(EventStudyError):
    """A spec that cannot be meant: ``file: field: what is, what was expected; remedy``."""


class SpecHashMismatch(EventStudyError):
    """The identification was made from other specs than the estimate is asked for."""


class PanelError(EventStudyError):
    """A panel that cannot be read: ``column: what is, what was expected; remedy``."""


class UnbalancedPanel(EventStudyError):
    """A unit lacks a period that the others have."""


class DuplicateKey(EventStudyError):
    """Two rows for one unit and period."""


class MissingReference(EventStudyError):
    """No complete period in the reference window."""


class EventOutsidePanel(EventStudyError):
    """An event with no complete period before it, or none after it."""


class CollinearLags(EventStudyError):
    """Event columns that the data cannot part, or hardly; ``sets`` names them."""

    def __init__(self, sets: Sequence[str]) -> None:
        self.sets = tuple(sets)
        super().__init__("the data cannot tell apart {sets}", sets=self.sets)


class RankDeficient(EventStudyError):
    """Fewer periods, or fewer independent columns, than coefficients."""


class NoDonors(EventStudyError):
    """No donor has the outcome in every period."""


class ResolutionTooCoarse(EventStudyError):
    """So few donors, or placebo windows, that the smallest p-value is above the level of the test."""

    def __init__(self, donors: int, alpha: float = 0.05, why: str | None = None) -> None:
        self.donors = donors
        super().__init__(
            why
            or f"{counted(donors, 'donor')}: the smallest p-value is 1/{donors + 1}, "
            f"a test at {alpha:g} can never reject"
        )


class DegeneratePlacebo(EventStudyError):
    """A unit without variation before the first event, so nothing to scale its estimate by."""

    def __init__(
        self, unit: str, why: str = "does not vary before the first event: its estimate has no scale"
    ) -> None:
        self.unit = unit
        super().__init__(f"{{unit}} {why}", unit=unit)


class SeparatedBin(EventStudyError):
    """A count model in which the treated unit, or all donors, have no count at all in a window."""


class NonPositiveLog(EventStudyError):
    """A zero or negative value where a logarithm is asked for."""


class InfiniteValue(EventStudyError):
    """A value that is infinite, missing or no number, where every unit and period needs one."""


class NotConverged(EventStudyError):
    """An iterative fit that did not reach its tolerance."""

    def __init__(self, iterations: int, tolerance: float) -> None:
        self.iterations, self.tolerance = iterations, tolerance
        super().__init__(f"no convergence to {tolerance:g} in {iterations} iterations")


class NotCollapsible(EventStudyError):
    """A panel of units that no table of cells stands for exactly; the message is why."""


class ProfileNotNormalised(EventStudyError):
    """An hour profile, or the shares of a place's time zones, that do not add up as they say."""

    def __init__(self, subject: str, found: float, stated: float) -> None:
        self.subject, self.found, self.stated = subject, found, stated
        super().__init__(f"{subject} add up to {found:g}, not to {stated:g} as stated")


class SingularClock(EventStudyError):
    """Places that the hour of an event cannot tell apart; ``cond`` is infinite with too many places."""

    def __init__(self, cond: float) -> None:
        self.cond = cond
        super().__init__(f"the hour of an event cannot tell the places apart: condition number {cond:.3g}")


class NotAMixture(EventStudyError):
    """Hours or effects that no mixture of the places could have made."""


class Note(StrEnum):
    """Warnings recorded in ``estimates.warnings``, joined by '; '."""

    FEW_CLUSTERS = "FewClusters"
    ONE_TREATED_CLUSTER = "OneTreatedCluster"
    HIGH_VIF = "HighVIF"
    SERIAL_CORRELATION_DIFFERS = "SerialCorrelationDiffers"
    NOT_CONFIRMED = "NotConfirmed"
    VARIANCE_CHANGES = "VarianceChanges"
    FEW_EFFECTIVE_DONORS = "FewEffectiveDonors"
    ZERO_UNITS_DROPPED = "ZeroUnitsDropped"
    INCOMPLETE_UNITS_DROPPED = "IncompleteUnitsDropped"
    PERIODS_DROPPED = "PeriodsDropped"
    CELLS_BRIDGED = "CellsBridged"
    DEGENERATE_PLACEBO = "DegeneratePlacebo"
    DONORS_EXCEED_PRE_PERIODS = "DonorsExceedPrePeriods"
    SEPARATED_BIN = "SeparatedBin"
    UNBOUNDED_SET = "UnboundedSet"
    EVENT_NOT_SEEN = "EventNotSeen"
    EARLIER_EVENT_IN_BASE = "EarlierEventInBase"
    HOLIDAY_IN_REFERENCE = "HolidayInReference"
    DST_IN_WINDOW = "DSTInWindow"
    LOW_PRETREND_POWER = "LowPretrendPower"
    SLOPE_BEFORE = "SlopeBefore"
    KNOWN_ONLY = "KnownOnly"


class UnitNote(StrEnum):
    """Warnings of ``units.result.UnitStudy`` beside those of ``Note``."""

    SINGLETONS_DROPPED = "SingletonsDropped"
    SEPARATED_ROWS_DROPPED = "SeparatedRowsDropped"
    NOT_COLLAPSIBLE = "NotCollapsible"
