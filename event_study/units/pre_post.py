"""Pre/post by group as published studies report it, and the difference between groups with its own test.

Within each group y = unit + week + e gives week effects: in a balanced panel the weekly mean less a
constant. A group's change is the mean over the events of (h weeks from the event on) - (h weeks before
it); the difference is that of the weekly gap of the two groups, one series however many units there
are, tested among placebo dates. Errors clustered by unit stand beside it as conventional: units
are replicates of the same weekly disturbance, which they cannot see (with 10 000 units a true null is
rejected more than four times in five). Not here: lags of several events (``fit``), other
comparisons that a common shock drops out of (``triple``).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy import sparse

from event_study.errors import (
    EventOutsidePanel,
    MissingReference,
    NoDonors,
    RankDeficient,
    SpecError,
    counted,
)
from event_study.inference.ri_dates import DatesTest, dates_test
from event_study.periods import ordinals
from event_study.units.absorb import Rows
from event_study.units.result import interval, percent_of
from event_study.units.two_way import read_rows


@dataclass(frozen=True)
class Change:
    """Mean change of ``y`` a unit and period; ``base`` the group's mean in the reference windows and
    ``percent`` the change in percent of it; the error and p are clustered, conventional."""

    group: Hashable
    change: float
    base: float
    percent: float
    std_error: float
    conventional_p: float
    units: int


@dataclass(frozen=True)
class GroupChanges:
    """``treated`` and ``comparison`` change, and their ``difference``, whose error and p are conventional:
    clustered by ``clusters`` units of both groups. ``series`` (2, T): each group's week effects at ``when``
    (T), ordinals."""

    treated: Change
    comparison: Change
    std_error: float
    conventional_p: float
    clusters: int
    series: np.ndarray
    when: np.ndarray

    @property
    def difference(self) -> float:
        return self.treated.change - self.comparison.change

    @property
    def gap(self) -> np.ndarray:
        """Treated less comparison (T)."""
        return np.asarray(self.series[0] - self.series[1])

    @property
    def percent(self) -> float:
        """The difference in percent of the treated base."""
        return percent_of(self.difference, self.treated.base)

    @property
    def percent_points(self) -> float:
        """Difference of the groups' percent changes: zero where one number multiplies both."""
        return self.treated.percent - self.comparison.percent


@dataclass(frozen=True)
class PrePost(GroupChanges):
    """The same with the difference's ``test`` among placebo dates."""

    test: DatesTest


def pre_post(
    df: pd.DataFrame,
    *,
    y: str,
    unit: str,
    group: str,
    time: str,
    treated: Hashable,
    comparison: Hashable,
    events: Sequence[date],
    half: int,
    reference: tuple[int, int],
    draws: int,
    seed: int,
    cluster: str | None = None,
    frequency: str = "week",
) -> PrePost:
    """``group_changes`` with the test of their difference among ``draws`` vectors of placebo dates.

    Raises as ``group_changes``, and as ``ri_dates.dates_test`` ``EventOutsidePanel`` and
    ``ResolutionTooCoarse``.
    """
    found = group_changes(
        df, y=y, unit=unit, group=group, time=time, treated=treated, comparison=comparison, events=events,
        half=half, reference=reference, cluster=cluster, frequency=frequency,
    )  # fmt: skip
    days = ordinals(list(events), frequency).tolist()
    test = dates_test(found.gap, found.when, days, half=half, draws=draws, seed=seed)
    return PrePost(**vars(found), test=test)


def group_changes(
    df: pd.DataFrame,
    *,
    y: str,
    unit: str,
    group: str,
    time: str,
    treated: Hashable,
    comparison: Hashable,
    events: Sequence[date] | Sequence[int],
    half: int,
    reference: tuple[int, int],
    cluster: str | None = None,
    frequency: str = "week",
) -> GroupChanges:
    """Rows (unit, group, time, y) of two groups; a unit's effect is of unit in group.

    ``half`` periods a side of an event, ``reference`` (first, last) lags of the base mean, such as
    (-8, -3); ``cluster`` is the unit unless named; ``frequency`` as in ``periods.ordinals``. Raises
    ``SpecError``, ``NoDonors`` (a group without rows), ``DuplicateKey``, ``InfiniteValue``,
    ``MissingReference``, ``EventOutsidePanel`` and ``RankDeficient`` (weeks that no unit links).
    """
    if group not in df.columns or time not in df.columns:
        raise SpecError(f"no column {group} or {time} among {', '.join(map(str, df.columns))}")
    days = ordinals(events, frequency)
    sides = [
        _Side.of(df[df[group] == g], y, unit, time, cluster or unit, frequency, g)
        for g in (treated, comparison)
    ]
    when = np.intersect1d(sides[0].when, sides[1].when)
    weights = _change_weights(when, days, half)
    parts = [side.estimate(when, weights, days, reference) for side in sides]
    (own, own_series, own_scores), (other, other_series, other_scores) = parts
    scores = own_scores.sub(other_scores, fill_value=0.0)
    error, clusters = _error(scores.to_numpy()), len(scores)
    p_value = interval(own.change - other.change, error, clusters)[0]
    return GroupChanges(own, other, error, p_value, clusters, np.stack([own_series, other_series]), when)


def _change_weights(when: np.ndarray, days: np.ndarray, half: int) -> np.ndarray:
    """c (T) with c'g = mean over events of the change of g. Raises ``EventOutsidePanel``."""
    weights = np.zeros(len(when))
    for day in days:
        after, before = (when >= day) & (when < day + half), (when < day) & (when >= day - half)
        if after.sum() < half or before.sum() < half:
            raise EventOutsidePanel(
                f"an event's window of {counted(half, 'period')} a side is not seen in full"
            )
        weights += (after.astype(float) - before) / half
    return weights / len(days)


def _error(scores: np.ndarray) -> float:
    """Root of G/(G-1) times the sum of squared scores; nan with one cluster."""
    g = len(scores)
    return float(np.sqrt(g / (g - 1) * scores @ scores)) if g > 1 else float("nan")


@dataclass(frozen=True)
class _Side:
    """One group's rows, with the ordinals of its periods and the names of its clusters."""

    label: Hashable
    rows: Rows
    when: np.ndarray
    cluster: np.ndarray
    names: np.ndarray

    @classmethod
    def of(
        cls, df: pd.DataFrame, y: str, unit: str, time: str, cluster: str, frequency: str, label: Hashable
    ) -> _Side:
        if df.empty:
            raise NoDonors("no row of {group}", group=str(label))
        rows, code = read_rows(df, y=y, unit=unit, time=time, columns=(), cluster=cluster)
        when = ordinals(sorted(df[time].unique()), frequency)
        return cls(label, rows, when, code, np.asarray(sorted(df[cluster].unique())))

    def estimate(
        self, when: np.ndarray, weights: np.ndarray, days: np.ndarray, reference: tuple[int, int]
    ) -> tuple[Change, np.ndarray, pd.Series]:
        """The change, week effects at ``when``, and each cluster's score of the change."""
        rows, at = self.rows, np.searchsorted(self.when, when)
        contrast = np.zeros(len(self.when))
        contrast[at] = weights
        table = sparse.coo_array((np.ones(len(rows.unit)), (rows.unit, rows.time))).tocsr()
        size = np.asarray(table.sum(axis=1))
        normal = np.diag(np.asarray(table.sum(axis=0))) - (table.T @ (table / size[:, None])).toarray()
        mean = np.bincount(rows.unit, rows.total) / size
        sums = np.bincount(rows.time, rows.total - mean[rows.unit])
        solved = np.linalg.lstsq(normal, np.column_stack([sums, contrast]), rcond=1e-12)[0]
        if np.abs(normal @ solved[:, 1] - contrast).max() > 1e-8:
            raise RankDeficient("no unit links the periods before an event with those after it")
        series, influence = solved.T
        unit_part = [np.bincount(rows.unit, v[rows.time]) / size for v in (series, influence)]
        residual = rows.total - mean[rows.unit] - series[rows.time] + unit_part[0][rows.unit]
        row_score = (influence[rows.time] - unit_part[1][rows.unit]) * residual
        scores = pd.Series(np.bincount(self.cluster, row_score), index=self.names)
        lags = self.when[rows.time][:, None] - days
        inside = ((lags >= reference[0]) & (lags <= reference[1])).any(axis=1)
        if not inside.any():
            raise MissingReference(f"no row in the reference window, {reference[0]} to {reference[1]}")
        base, change, error = (
            float(rows.total[inside].mean()),
            float(series[at] @ weights),
            _error(scores.to_numpy()),
        )
        p_value = interval(change, error, len(scores))[0]
        units = int(rows.unit.max()) + 1
        return (
            Change(self.label, change, base, percent_of(change, base), error, p_value, units),
            series[at],
            scores,
        )
