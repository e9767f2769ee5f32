"""Triple difference: treated less comparison places, in units of one kind less units of another kind.

For every country j the outcome is Y_j = log(sum of kind A in j) - log(sum of kind B in j), or a
difference of levels; the gap of gaps is then the usual gap of Y, and every test of comparison units
applies unchanged. In logs of sums (the Poisson ratio) whatever multiplies all of a country's activity
drops out: a holiday week, the hour of the clock, growth of the platform. In levels nothing does.
Reference: Gruber (1994); Olden and Moen (2022). Not here: designs of lags, other tests.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from event_study.errors import MissingReference, NoDonors, SpecError
from event_study.estimators.gaps import gap_matrix, rounding
from event_study.estimators.matrices import Matrix, check_windows, matrix_of
from event_study.inference.ri_studentised import RankTest, rank_test, usable
from event_study.units.result import percent_of


@dataclass(frozen=True)
class Triple:
    """``test`` of the gap of gaps, mean after less mean before; ``percent`` its effect: exp(b) - 1 in
    logs, b over ``base`` in levels. ``base``: mean of the treated country's kind A in the reference
    periods, ``base_other`` the same of kind B. ``gap`` (T) of ``times``; ``left_out`` donors without a
    scale."""

    test: RankTest
    percent: float
    base: float
    base_other: float
    gap: np.ndarray
    times: tuple[Hashable, ...]
    donors: int
    left_out: tuple[Hashable, ...]


def triple_matrix(
    df: pd.DataFrame,
    *,
    y: str,
    kind: str,
    kinds: tuple[Hashable, Hashable],
    country: str,
    time: str,
    treated: Hashable,
    donors: Sequence[Hashable] | None = None,
    log: bool = True,
) -> Matrix:
    """Y (1+J, T) of ``kinds`` (A, B), treated first; rows of any grain, summed by country and period.

    Raises ``SpecError`` (no such column or kind) and, by ``matrix_of``, ``UnbalancedPanel`` (a country
    lacks a kind in a period: write a row of 0 where nothing happened), ``InfiniteValue``,
    ``NonPositiveLog`` and ``NoDonors``.
    """
    own, other = _sums(df, y, kind, kinds, country, time, treated, donors, log)
    if own.units != other.units or own.times != other.times:
        odd = sorted(set(own.units) ^ set(other.units) or set(own.times) ^ set(other.times), key=str)
        raise SpecError(f"{odd[0]} has rows of only one of {kinds[0]} and {kinds[1]}")
    return Matrix(own.values - other.values, own.units, own.times)


def triple(
    df: pd.DataFrame,
    *,
    y: str,
    kind: str,
    kinds: tuple[Hashable, Hashable],
    country: str,
    time: str,
    treated: Hashable,
    pre: Sequence[bool] | np.ndarray,
    post: Sequence[bool] | np.ndarray,
    reference: Sequence[bool] | np.ndarray | None = None,
    donors: Sequence[Hashable] | None = None,
    log: bool = True,
    alpha: float = 0.05,
) -> Triple:
    """Mean of the gap of gaps in ``post`` less that in ``pre`` (T booleans, periods in order), ranked
    among countries after division by each one's RMSE in ``pre``.

    ``reference`` (T): periods of the base means, ``pre`` unless given. Raises as ``triple_matrix``,
    ``check_windows``, ``rank_test`` (``ResolutionTooCoarse``) and ``usable`` (``DegeneratePlacebo``).
    """
    matrix = triple_matrix(
        df, y=y, kind=kind, kinds=kinds, country=country, time=time, treated=treated, donors=donors, log=log
    )
    before, after = np.asarray(pre), np.asarray(post)
    check_windows(matrix.values, before, after, least=2)
    inside = before if reference is None else np.asarray(reference)
    if inside.shape != before.shape or not inside.any():
        raise MissingReference("no period in the reference window")
    if len(matrix.units) == 2:
        raise NoDonors("one donor only: no placebo to rank the treated country among")
    gaps = gap_matrix(matrix.values)
    effects = gaps[:, after].mean(axis=1) - gaps[:, before].mean(axis=1)
    scale = gaps[:, before].std(axis=1)
    levels = _sums(df, y, kind, kinds, country, time, treated, donors, log=False)
    noise = max(rounding(level.values, log) for level in levels)
    fine = usable(scale, [str(u) for u in matrix.units], noise)
    test = rank_test(effects[fine], scale[fine], alpha)
    base, base_other = (float(level.values[0, inside].mean()) for level in levels)
    percent = 100.0 * float(np.expm1(test.estimate)) if log else percent_of(test.estimate, base)
    left_out = tuple(u for u, kept in zip(matrix.units, fine, strict=True) if not kept)
    return Triple(test, percent, base, base_other, gaps[0], matrix.times, int(fine.sum()) - 1, left_out)


def _sums(
    df: pd.DataFrame,
    y: str,
    kind: str,
    kinds: tuple[Hashable, Hashable],
    country: str,
    time: str,
    treated: Hashable,
    donors: Sequence[Hashable] | None,
    log: bool,
) -> tuple[Matrix, Matrix]:
    """The two kinds' sums by country and period, or their logs."""
    if absent := [name for name in (y, kind, country, time) if name not in df.columns]:
        raise SpecError(f"no column {', '.join(absent)} among {', '.join(map(str, df.columns))}")
    made = []
    for one in kinds:
        rows = df[df[kind] == one]
        if rows.empty:
            raise SpecError(f"no row with {kind} {one}")
        # skipna would turn a missing count into a smaller sum
        sums = rows.groupby([country, time], sort=True)[y].agg(lambda v: v.sum(skipna=False)).reset_index()
        made.append(matrix_of(sums, y=y, unit=country, time=time, treated=treated, donors=donors, log=log))
    return made[0], made[1]
