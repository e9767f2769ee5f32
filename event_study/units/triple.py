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
from typing import Any

import numpy as np
import pandas as pd

from event_study.errors import (
    InfiniteValue,
    MissingReference,
    NoDonors,
    NonPositiveLog,
    SpecError,
    UnbalancedPanel,
    counted,
)
from event_study.estimators.gaps import gap_matrix, rounding
from event_study.estimators.matrices import check_windows
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


@dataclass(frozen=True)
class KindSums:
    """``values`` (2, 1+J, T): sums of kinds A and B, treated country first; ``units`` (1+J), ``times`` (T)
    ascending."""

    values: np.ndarray
    units: tuple[Hashable, ...]
    times: tuple[Hashable, ...]

    def differences(self, log: bool) -> np.ndarray:
        """Y (1+J, T): A less B, in logs of sums or in levels. Raises ``NonPositiveLog``."""
        if not log:
            return np.asarray(self.values[0] - self.values[1])
        if (bad := np.argwhere(self.values <= 0)).size:
            kind, i, t = bad[0]
            raise NonPositiveLog(
                f"{{unit}} is {self.values[kind, i, t]:g} in {self.times[t]}, and a logarithm needs values "
                "above 0",
                unit=str(self.units[i]),
            )
        logs = np.log(self.values)
        return np.asarray(logs[0] - logs[1])


def kind_sums(
    df: pd.DataFrame,
    *,
    y: str,
    kind: str,
    kinds: tuple[Hashable, Hashable],
    country: str,
    time: str,
    treated: Hashable,
    donors: Sequence[Hashable] | None = None,
) -> KindSums:
    """Rows of any grain, summed by kind (A, B), country and period; ``donors`` are all others unless named.

    Raises ``SpecError`` (no such column or kind, a country with rows of one kind only, a treated donor),
    ``UnbalancedPanel`` (a country lacks a kind in a period: write a row of 0 where nothing happened),
    ``InfiniteValue`` and ``NoDonors``.
    """
    if absent := [name for name in (y, kind, country, time) if name not in df.columns]:
        raise SpecError(f"no column {', '.join(absent)} among {', '.join(map(str, df.columns))}")
    rows = df
    if donors is not None:
        if treated in donors or len(set(donors)) < len(donors):
            raise SpecError("the treated unit is among its donors, or a donor is named twice")
        rows = df[df[country].isin([treated, *donors])]
    for one in kinds:
        if not (rows[kind] == one).any():
            raise SpecError(f"no row with {kind} {one}")
    grouped = rows[rows[kind].isin(kinds)].groupby([kind, country, time], observed=True)[y]
    sums = grouped.sum(skipna=False)  # else a missing count were a smaller sum
    pool: list[Any] = sums.index.unique(country).tolist() if donors is None else list(donors)
    units = [treated, *sorted(unit for unit in pool if unit != treated)]
    times = sorted(sums.index.unique(time).tolist())
    if len(units) == 1:
        raise NoDonors("no comparison unit beside {unit}", unit=str(treated))
    keys = pd.MultiIndex.from_product([kinds, units, times])
    shape = (2, len(units), len(times))
    _check_complete(keys.isin(sums.index).reshape(shape), kinds, units, times)
    values = sums.reindex(keys).to_numpy(dtype=float).reshape(shape)
    if (bad := np.argwhere(~np.isfinite(values))).size:
        of, i, t = bad[0]
        raise InfiniteValue(
            f"{{unit}} is {values[of, i, t]} in {times[t]}, not a finite number", unit=str(units[i])
        )
    return KindSums(values, tuple(units), tuple(times))


def _check_complete(
    present: np.ndarray,
    kinds: tuple[Hashable, Hashable],
    units: Sequence[Hashable],
    times: Sequence[Hashable],
) -> None:
    """Refuse sums (2, 1+J, T) of which some are not there, by who or when lacks them."""
    if not (seen := present.any(axis=(0, 2))).all():
        raise UnbalancedPanel("{unit} has no row", unit=str(units[int(np.argmin(seen))]))
    for names, axis in ((units, 1), (times, 0)):
        one, other = present[0].any(axis=axis), present[1].any(axis=axis)
        if (one != other).any():
            odd = names[int(np.argmax(one != other))]
            raise SpecError(f"{odd} has rows of only one of {kinds[0]} and {kinds[1]}")
    if not present.all():
        of, i, t = np.argwhere(~present)[0]
        raise UnbalancedPanel(
            f"{{unit}} lacks {(~present[of, i]).sum()} of {counted(len(times), 'period')}, first {times[t]}",
            unit=str(units[i]),
        )


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

    ``reference`` (T): periods of the base means, ``pre`` unless given; ``log``: of sums, else their
    levels. Raises as ``kind_sums``, ``KindSums.differences``, ``check_windows``, ``rank_test``
    (``ResolutionTooCoarse``) and ``usable`` (``DegeneratePlacebo``).
    """
    sums = kind_sums(
        df, y=y, kind=kind, kinds=kinds, country=country, time=time, treated=treated, donors=donors
    )
    Y = sums.differences(log)
    before, after = np.asarray(pre), np.asarray(post)
    check_windows(Y, before, after, least=2)
    inside = before if reference is None else np.asarray(reference)
    if inside.shape != before.shape or not inside.any():
        raise MissingReference("no period in the reference window")
    if len(sums.units) == 2:
        raise NoDonors("one donor only: no placebo to rank the treated country among")
    gaps = gap_matrix(Y)
    effects = gaps[:, after].mean(axis=1) - gaps[:, before].mean(axis=1)
    scale = gaps[:, before].std(axis=1)
    noise = max(rounding(levels, log) for levels in sums.values)
    fine = usable(scale, [str(u) for u in sums.units], noise)
    test = rank_test(effects[fine], scale[fine], alpha)
    base, base_other = (float(levels[0, inside].mean()) for levels in sums.values)
    percent = 100.0 * float(np.expm1(test.estimate)) if log else percent_of(test.estimate, base)
    left_out = tuple(u for u, kept in zip(sums.units, fine, strict=True) if not kept)
    return Triple(test, percent, base, base_other, gaps[0], sums.times, int(fine.sum()) - 1, left_out)
