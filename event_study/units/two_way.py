"""Two-way fixed effects of a long table, row by row: least squares and Poisson, clustered errors.

y = x b + unit + period + e, or E y = exp(x b + unit + period). Balanced or not, any order of the rows
gives the same bytes. Agrees with pyfixest at ``ssc(k_fixef="none")`` times the factor of our own.
Not here: event columns (``lags``), tables too large to load (``fit``), inference that holds with a
shock common to all units (``pre_post``, ``triple``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from event_study.errors import DuplicateKey, InfiniteValue, NonPositiveLog, SpecError, counted
from event_study.units.absorb import Effects, Rows, arrange
from event_study.units.prune import prune
from event_study.units.result import UnitStudy, clustered, notes
from event_study.units.separation import separated
from event_study.units.solve import Solved, least_squares, poisson


def fit_twfe(
    df: pd.DataFrame,
    *,
    y: str,
    unit: str,
    time: str,
    columns: Sequence[str],
    cluster: str,
    weights: str | None = None,
) -> UnitStudy:
    """Least squares of ``y`` on ``columns`` with effects of ``unit`` and ``time``, CRV1 by ``cluster``.

    k of the factor counts the columns and the levels of those effects that are not nested in the
    clusters. Raises ``SpecError`` (no such column), ``DuplicateKey``, ``InfiniteValue``,
    ``CollinearLags`` and ``RankDeficient``; singletons are dropped and counted.
    """
    rows, clusters = read_rows(
        df, y=y, unit=unit, time=time, columns=columns, cluster=cluster, weights=weights
    )
    rows, dropped = prune(rows, counts=False)
    rows, effects = arrange(rows)
    solved = least_squares(rows, effects, columns)
    return _study(rows, effects, solved, clusters[rows.place], columns, dropped)


def fit_ppml(
    df: pd.DataFrame,
    *,
    y: str,
    unit: str,
    time: str,
    columns: Sequence[str],
    cluster: str,
    weights: str | None = None,
) -> UnitStudy:
    """Poisson pseudo-maximum likelihood, the coefficients log ratios; otherwise as ``fit_twfe``.

    Raises also ``NonPositiveLog`` (a count below 0), ``SeparatedBin`` (columns whose coefficients have
    no finite value) and ``NotConverged``. Units and periods without a count, singletons and zeros that
    the effects alone predict are dropped and counted.
    """
    rows, clusters = read_rows(
        df, y=y, unit=unit, time=time, columns=columns, cluster=cluster, weights=weights
    )
    rows, dropped = countable(rows, columns)
    rows, effects = arrange(rows)
    solved = poisson(rows, effects, columns)
    return _study(rows, effects, solved, clusters[rows.place], columns, dropped)


def countable(rows: Rows, names: Sequence[str]) -> tuple[Rows, Counter[str]]:
    """The rows that a count model learns from, and what was dropped. Raises ``NonPositiveLog``,
    ``SeparatedBin``, ``RankDeficient``."""
    if (rows.total < 0).any():
        raise NonPositiveLog("a count model needs counts of 0 or more")
    dropped: Counter[str] = Counter()
    while True:
        rows, gone = prune(rows, counts=True)
        dropped += gone
        if not (alone := separated(rows, names)).any():
            return rows, dropped
        dropped["separated"] += int(rows.count[alone].sum())
        rows = rows.take(~alone)


def read_rows(
    df: pd.DataFrame,
    *,
    y: str,
    unit: str,
    time: str,
    columns: Sequence[str],
    cluster: str,
    weights: str | None = None,
) -> tuple[Rows, np.ndarray]:
    """Rows sorted by unit and period, codes in the order of the values, and each row's cluster's code.

    Raises ``SpecError``, ``DuplicateKey``, ``InfiniteValue``, ``NonPositiveLog`` (a weight not above 0).
    """
    needed = [y, unit, time, cluster, *columns, *([weights] if weights else [])]
    if absent := [name for name in needed if name not in df.columns]:
        raise SpecError(f"no column {', '.join(absent)} among {', '.join(map(str, df.columns))}")
    codes = [_codes(df[name], name) for name in (unit, time, cluster)]
    order = np.lexsort((codes[1], codes[0]))
    u, t, g = (code[order] for code in codes)
    if (twice := np.flatnonzero((np.diff(u) == 0) & (np.diff(t) == 0))).size:
        key = df[[unit, time]].iloc[order[twice[0]]]
        raise DuplicateKey(
            f"two rows for {{unit}} in {key[time]} ({counted(len(twice), 'such pair')})", unit=str(key[unit])
        )
    X = np.column_stack([_numbers(df, name, order) for name in columns]) if columns else np.zeros((len(u), 0))
    weight = _numbers(df, weights, order) if weights else np.ones(len(u))
    if (weight <= 0).any():
        raise NonPositiveLog(f"{weights} must be above 0")
    place = np.arange(len(u))
    return Rows(u, t, np.ones(len(u)), weight, weight * _numbers(df, y, order), X, place), g


def _codes(values: pd.Series, name: str) -> np.ndarray:
    if lost := int(values.isna().sum()):
        raise InfiniteValue(f"{counted(lost, 'row')} without a {name}")
    try:
        return np.asarray(pd.factorize(values, sort=True)[0])
    except TypeError as error:
        raise SpecError(f"column {name} holds values that have no order: {error}") from error


def _numbers(df: pd.DataFrame, name: str, order: np.ndarray) -> np.ndarray:
    numbers = pd.to_numeric(df[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if bad := int((~np.isfinite(numbers)).sum()):
        raise InfiniteValue(f"{name} is missing, infinite or no number in {counted(bad, 'row')}")
    return np.asarray(numbers[order])


def _study(
    rows: Rows,
    effects: Effects,
    solved: Solved,
    cluster: np.ndarray,
    names: Sequence[str],
    dropped: Counter[str],
) -> UnitStudy:
    group = np.unique(cluster, return_inverse=True)[1]
    g, n = int(group.max()) + 1, len(group)
    member = sparse.csr_array((np.ones(n), (group, np.arange(n))), shape=(g, n))
    scores = member @ (solved.partial * (rows.total - solved.fit)[:, None])
    k = len(names) + _free_levels(rows, group, effects)
    vcov, factor = clustered(scores, solved.bread, n=n, k=k, g=g)
    treated = len(np.unique(group[(rows.X != 0).any(axis=1)]))
    said = notes(dropped, g, treated)
    return UnitStudy(tuple(names), solved.coef, vcov, n, k, g, factor, dict(dropped), said)


def _free_levels(rows: Rows, group: np.ndarray, effects: Effects) -> int:
    """Levels of the effects that are not nested in the clusters; of both, the independent ones."""
    loose = [code for code in (rows.unit, rows.time) if not _nested(code, group)]
    return effects.levels if len(loose) == 2 else sum(int(code.max()) + 1 for code in loose)


def _nested(code: np.ndarray, group: np.ndarray) -> bool:
    """Whether all rows of a level are in one cluster."""
    order = np.argsort(code, kind="stable")
    return not ((np.diff(code[order]) == 0) & (np.diff(group[order]) != 0)).any()
