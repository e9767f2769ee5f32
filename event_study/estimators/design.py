"""Event columns and what the data can tell apart: joint steps, pooled leads and lags, rank.

X = [1, (time), event columns]; a linear ``map`` takes fitted coefficients to named ones (for leads
and lags: measured from the mean of the reference window). Not here: outcomes, inference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from event_study.errors import CollinearLags, EventOutsidePanel, MissingReference, RankDeficient, counted
from event_study.limits import MIN_PRE, VIF_HOPELESS, VIF_LIMIT
from event_study.periods import Bin, Grid, exposure, ordinals, period_name


@dataclass(frozen=True)
class Design:
    """``X`` (T, P); ``names`` (N) of the coefficients ``map @ b`` with ``map`` (N, P); ``pre`` (T)
    marks the periods wholly before the first event; ``weights`` (N): event-periods behind each."""

    X: np.ndarray
    names: tuple[str, ...]
    map: np.ndarray
    pre: np.ndarray
    trend: bool
    weights: np.ndarray
    vif: float

    @property
    def rank(self) -> int:
        return int(np.linalg.matrix_rank(self.X))

    def contrast(self, names: Sequence[str], weights: Sequence[float]) -> np.ndarray:
        """Row vector (P) over fitted coefficients of the weighted sum of named ones."""
        chosen = np.asarray([self.names.index(n) for n in names])
        return np.asarray(np.asarray(weights, dtype=float) @ self.map[chosen])


def step_design(
    periods: Sequence[date], frequency: str, events: Sequence[tuple[str, date]], *, trend: bool
) -> Design:
    """One step an event, by the share of the period on or after its day; all steps jointly.

    Raises ``EventOutsidePanel``, ``MissingReference``, ``RankDeficient``, ``CollinearLags``.

    >>> from datetime import date
    >>> from event_study import step_design
    >>> years = [date(year, 1, 1) for year in range(2014, 2020)]
    >>> step_design(years, "year", [("rule", date(2018, 7, 2))], trend=False).X[:, 1].round(2)
    array([0. , 0. , 0. , 0. , 0.5, 1. ])
    """
    columns = np.column_stack([exposure(periods, frequency, day) for _, day in events])
    for (name, _), column in zip(events, columns.T, strict=True):
        if column.max() == 0.0 or column.min() > 0.0:
            side = "after" if column.max() == 0.0 else "before"
            span = f"{period_name(periods[0], frequency)} to {period_name(periods[-1], frequency)}"
            raise EventOutsidePanel(f"no complete {frequency} {side} {{event}} ({span})", event=name)
    pre = columns.max(axis=1) == 0.0
    names = tuple(name for name, _ in events)
    identity = np.eye(len(names))
    return _design(periods, frequency, columns, names, identity, pre, columns.sum(axis=0), trend)


def lag_design(
    periods: Sequence[date], frequency: str, events: Sequence[tuple[str, date]], grid: Grid, *, trend: bool
) -> Design:
    """Leads and lags pooled over the events (one common shape), both ends binned.

    Column k counts the events that are k periods away; coefficients are measured from the mean of
    the reference window. Raises as ``step_design``.
    """
    when = ordinals(periods, frequency)
    lags = [when - ordinals([day], frequency) for _, day in events]
    if not any(b.first is not None and b.first >= 0 for b, *_ in _filled(lags, grid)):
        raise EventOutsidePanel(f"no complete {frequency} after the events")
    pre = np.column_stack(lags).max(axis=1) < 0
    return _binned(periods, frequency, lags, grid, pre, trend)


def lead_design(periods: Sequence[date], frequency: str, event: date, grid: Grid, *, trend: bool) -> Design:
    """Leads of one event alone, ``periods`` (all of them before any event): no effect is in them.

    Measured as ``lag_design`` does. With as many bins as periods the fit is exact; its scale is the gap's.
    Raises ``MissingReference``, ``RankDeficient``, ``CollinearLags``.
    """
    lags = [ordinals(periods, frequency) - ordinals([event], frequency)]
    pre = np.ones(len(periods), dtype=bool)
    return _binned(periods, frequency, lags, grid, pre, trend, may_be_exact=True)


def _filled(lags: Sequence[np.ndarray], grid: Grid) -> list[tuple[Bin, np.ndarray]]:
    """The bins that any event has, with how many events each period is so far away from (T)."""
    columns = [(b, np.asarray(sum(b.holds(lag).astype(float) for lag in lags))) for b in grid.bins]
    return [(b, column) for b, column in columns if column.any()]


def _binned(
    periods: Sequence[date],
    frequency: str,
    lags: Sequence[np.ndarray],
    grid: Grid,
    pre: np.ndarray,
    trend: bool,
    may_be_exact: bool = False,
) -> Design:
    """A column a bin, coefficients measured from the mean of the reference window."""
    filled = _filled(lags, grid)
    bins, columns = [b for b, _ in filled], np.column_stack([column for _, column in filled])
    span = range(grid.reference[0], grid.reference[1] + 1)
    inside = np.asarray([sum(bool(b.holds(np.asarray(k))) for k in span) for b in bins], dtype=float)
    inside[[b.first is None or b.last is None for b in bins]] = 0.0
    if not inside.any():
        raise MissingReference(
            f"no complete {frequency} in the reference window, {-span[0]} to {-span[-1]} before the events"
        )
    # the first reference bin is left out of the fit; the map puts it back and centres on the window
    left_out = int(np.argmax(inside > 0))
    fitted = [i for i in range(len(bins)) if i != left_out]
    pad = np.eye(len(bins))[:, fitted]
    normalised = pad - np.outer(np.ones(len(bins)), inside / inside.sum() @ pad)
    names = tuple(b.name for b in bins)
    return _design(
        periods, frequency, columns[:, fitted], names, normalised, pre, columns.sum(axis=0), trend,
        fitted_names=[names[i] for i in fitted], may_be_exact=may_be_exact,
    )  # fmt: skip


def _design(
    periods: Sequence[date],
    frequency: str,
    columns: np.ndarray,
    names: tuple[str, ...],
    event_map: np.ndarray,
    pre: np.ndarray,
    weights: np.ndarray,
    trend: bool,
    fitted_names: Sequence[str] | None = None,
    may_be_exact: bool = False,
) -> Design:
    if pre.sum() < MIN_PRE + trend:
        raise MissingReference(
            f"{counted(int(pre.sum()), f'complete {frequency}')} before the first event, "
            f"at least {MIN_PRE + trend} are needed"
        )
    when = ordinals(periods, frequency)
    base = [np.ones(len(periods))]
    if trend:
        base.append((when - when.mean()) / max(float(np.ptp(when)), 1.0))
    Z = np.column_stack(base)
    within = columns - Z @ np.linalg.lstsq(Z, columns, rcond=None)[0]
    check_rank(within, fitted_names or names, len(periods) - Z.shape[1] + may_be_exact)
    X = np.column_stack([Z, columns])
    full_map = np.column_stack([np.zeros((len(names), Z.shape[1])), event_map])
    inflation = variance_inflation(columns, within)
    if inflation.max() > VIF_HOPELESS:
        hopeless = inflation > VIF_LIMIT
        raise CollinearLags([n for n, bad in zip(fitted_names or names, hopeless, strict=True) if bad])
    return Design(X, names, full_map, pre, trend, weights, float(inflation.max()))


def check_rank(within: np.ndarray, names: Sequence[str], freedom: int) -> None:
    """Refuse event columns that the constant (and trend) leave without independent variation."""
    size = within.shape[1]
    if size >= freedom:
        raise RankDeficient(f"{counted(max(freedom, 0), 'period')} left for {counted(size, 'event column')}")
    scaled = within / np.maximum(np.linalg.norm(within, axis=0), 1e-300)
    alone = np.linalg.norm(within, axis=0) < 1e-10
    rank = np.linalg.matrix_rank(scaled, tol=1e-8)
    if rank < size or alone.any():
        spare = [
            name
            for i, name in enumerate(names)
            if alone[i] or np.linalg.matrix_rank(np.delete(scaled, i, axis=1), tol=1e-8) == rank
        ]
        raise CollinearLags(spare)


def variance_inflation(columns: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Variance inflation factor of each event column, trend included as a regressor."""
    spread = ((columns - columns.mean(axis=0)) ** 2).sum(axis=0)
    return np.asarray(spread * np.diag(np.linalg.inv(within.T @ within)))
