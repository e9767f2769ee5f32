"""How far a failed check fails, so that one that stands, or that a person let pass, hides no new fault.

A warning that fails by more than in the last accepted run blocks like an error; an accepted check that
fails by more than when it was accepted is accepted no longer. Not here: where the last run's are kept
(``last_accepted``), what people accepted (``acceptances``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from expectations import Result
from orchestration.home.acceptances import Extent

FURTHER = 1.1  # of the rows, and of the distance beyond the bound: what a month of new data may add


def extent(result: Result) -> Extent:
    """Of a check that failed."""
    return Extent(failing_rows=result.failing_rows, beyond=result.beyond)


def is_worse(now: Extent, then: Extent) -> bool:
    """By a tenth more rows fail, or the worst lies further out. What was not measured then is no measure."""
    rows, far = (now.failing_rows, then.failing_rows), (now.beyond, then.beyond)
    more = rows[0] is not None and rows[1] is not None and rows[0] > FURTHER * rows[1]
    further = far[0] is not None and far[1] is not None and far[0] > FURTHER * far[1]
    return more or further


def worsened(results: Iterable[Result], known: Mapping[tuple[str, str], Extent]) -> list[Result]:
    """The results; warnings that fail by more than in the last accepted run are errors that say so."""
    return [_against(result, known.get((result.table, result.check))) for result in results]


def _against(result: Result, then: Extent | None) -> Result:
    if then is None or result.success or result.error or result.severity == "error":
        return result
    if not is_worse(extent(result), then):
        return result
    said = f"{result.observed}: {extent(result)}, {then} in the last accepted run"
    return replace(result, severity="error", observed=said)
