"""From long rows to one matrix, treated unit first, for the comparison-unit estimators.

``matrix_of`` refuses what it cannot use instead of dropping it. Not here: the marts' own panels, whose
rule for periods and donors is ``panel.balance``; statistics.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from event_study.errors import (
    DuplicateKey,
    EventOutsidePanel,
    InfiniteValue,
    MissingReference,
    NoDonors,
    NonPositiveLog,
    SpecError,
    UnbalancedPanel,
    counted,
)


@dataclass(frozen=True)
class Matrix:
    """``values`` (1+J, T), treated first and donors in order; ``units`` (1+J), ``times`` (T) ascending."""

    values: np.ndarray
    units: tuple[Hashable, ...]
    times: tuple[Hashable, ...]


def matrix_of(
    df: pd.DataFrame,
    *,
    y: str,
    unit: str,
    time: str,
    treated: Hashable,
    donors: Sequence[Hashable] | None = None,
    log: bool = False,
) -> Matrix:
    """Rows (unit, time, y) as a balanced matrix; ``donors`` are all other units unless named.

    The order of the rows does not matter. Rows of units that are neither treated nor a named donor
    are not looked at; every other row is used, or named by the error it stops at: ``SpecError`` (a
    column that is not there or cannot be ordered, a treated donor, a donor named twice),
    ``DuplicateKey``, ``UnbalancedPanel`` (also a unit without any row), ``InfiniteValue``,
    ``NonPositiveLog`` (with ``log``), ``NoDonors``.
    """
    if absent := [column for column in (y, unit, time) if column not in df.columns]:
        raise SpecError(f"no column {', '.join(absent)} among {', '.join(map(str, df.columns))}")
    rows = df[[unit, time, y]]
    if lost := int(rows[[unit, time]].isna().any(axis=1).sum()):
        raise InfiniteValue(f"{counted(lost, 'row')} without a {unit} or a {time}")
    if donors is not None:
        if treated in donors or len(set(donors)) < len(donors):
            raise SpecError("the treated unit is among its donors, or a donor is named twice")
        rows = rows[rows[unit].isin([treated, *donors])]
    times = _ordered(rows[time].unique().tolist(), time)
    pool = rows[unit].unique().tolist() if donors is None else donors
    units = [treated, *_ordered([u for u in pool if u != treated], unit)]
    if len(units) == 1:
        raise NoDonors("no comparison unit beside {unit}", unit=str(treated))
    if len(twice := rows[rows.duplicated([unit, time])]):
        first = twice.sort_values([unit, time]).iloc[0]
        raise DuplicateKey(f"two rows for {{unit}} in {_plain(first[time])}", unit=str(first[unit]))
    keyed = rows.set_index([unit, time])[y]
    asked = pd.MultiIndex.from_product([units, times])
    _complete(asked.isin(keyed.index).reshape(len(units), len(times)), units, times)
    raw = keyed.reindex(asked)
    numbers = pd.to_numeric(raw, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    values = numbers.reshape(len(units), len(times))
    if (bad := np.argwhere(~np.isfinite(values))).size:
        i, t = bad[0]
        told = (
            f"{{unit}} is {_plain(raw.loc[(units[i], times[t])])} in {_plain(times[t])}, not a finite number"
        )
        raise InfiniteValue(told, unit=str(units[i]))
    if log:
        if (bad := np.argwhere(values <= 0)).size:
            i, t = bad[0]
            told = f"{{unit}} is {values[i, t]:g} in {_plain(times[t])}, and a logarithm needs values above 0"
            raise NonPositiveLog(told, unit=str(units[i]))
        values = np.log(values)
    return Matrix(values, tuple(units), tuple(times))


def _ordered(values: Iterable[Any], column: str) -> list[Any]:
    try:
        return sorted(values)
    except TypeError as error:
        raise SpecError(f"column {column} holds values that have no order: {error}") from error


def _plain(value: object) -> str:
    """Text of the user's that an error's message takes as it is."""
    return str(value).replace("{", "{{").replace("}", "}}")


def _complete(present: np.ndarray, units: Sequence[Hashable], times: Sequence[Hashable]) -> None:
    if not (seen := present.any(axis=1)).all():
        raise UnbalancedPanel("{unit} has no row", unit=str(units[int(np.argmin(seen))]))
    lacking = (~present).sum(axis=1)
    if not lacking.any():
        return
    i = int(np.argmax(lacking > 0))
    others = int((lacking > 0).sum()) - 1
    also = f" ({counted(others, 'other unit')} too)" if others else ""
    raise UnbalancedPanel(
        f"{{unit}} lacks {lacking[i]} of {counted(len(times), 'period')}, "
        f"first {_plain(times[int(np.argmin(present[i]))])}{also}",
        unit=str(units[i]),
    )


def check_windows(Y: np.ndarray, pre: np.ndarray, post: np.ndarray, *, least: int = 1) -> None:
    """Refuse a matrix (1+J, T) and windows (T) that no comparison-unit estimator can use.

    Raises ``NoDonors``, ``MissingReference`` (fewer than ``least`` periods before),
    ``EventOutsidePanel`` (none after), ``InfiniteValue``; ``ValueError`` for masks of another length
    or that share a period.
    """
    if pre.dtype != bool or post.dtype != bool or pre.shape != (Y.shape[1],) or post.shape != pre.shape:
        raise ValueError(f"pre and post must be {Y.shape[1]} booleans")
    if (pre & post).any():
        raise ValueError("a period cannot be both before and after")
    if len(Y) < 2:
        raise NoDonors("no comparison unit")
    if pre.sum() < least:
        raise MissingReference(
            f"{counted(int(pre.sum()), 'period')} before the first event, at least {least} needed"
        )
    if not post.any():
        raise EventOutsidePanel("no period after the first event")
    if (bad := np.argwhere(~np.isfinite(Y))).size:
        raise InfiniteValue(
            f"row {bad[0][0]} is {Y[tuple(bad[0])]} in period {bad[0][1]}, not a finite number"
        )


def as_treated(Y: np.ndarray, j: int) -> np.ndarray:
    """``Y`` (1+J, T) with row ``j`` in the treated unit's place and row 0 out of its donors, so that
    the treatment contaminates no placebo; ``Y`` itself for j = 0, else shape (J, T)."""
    return Y if j == 0 else np.vstack([Y[j], np.delete(Y, [0, j], axis=0)])
