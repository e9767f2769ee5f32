"""Lag columns of several events for one treated group, as a table by group and period.

Two events whose distance is the edge of a bin share columns and cannot be told apart (8 weeks between
the first two rules): the earlier one then keeps the bins before the later one, which absorbs the rest.
Not here: whether what is left is of full rank in a given panel (``solve.independent`` says).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from event_study.errors import SpecError
from event_study.periods import Bin, ordinals

WEEKLY = (Bin(0, 3), Bin(4, 7), Bin(8, 11), Bin(12, 25), Bin(26, None))


def separable_bins(
    events: Mapping[str, date], bins: Sequence[Bin] = WEEKLY, frequency: str = "week"
) -> dict[str, tuple[Bin, ...]]:
    """The bins that each event keeps: all, or those over before a later event that begins at an edge."""
    when = dict(zip(events, ordinals(list(events.values()), frequency).tolist(), strict=True))
    edges = {b.first for b in bins}
    kept = {}
    for name, start in when.items():
        ends = [w - start for w in when.values() if w > start and w - start in edges]
        limit = min(ends, default=None)
        kept[name] = tuple(b for b in bins if limit is None or (b.last is not None and b.last < limit))
    return kept


def lag_table(
    periods: Sequence[date],
    groups: Sequence[Hashable],
    *,
    treated: Hashable,
    events: Mapping[str, date],
    group: str,
    time: str,
    bins: Mapping[str, Sequence[Bin]] | None = None,
    frequency: str = "week",
) -> pd.DataFrame:
    """Columns ``group``, ``time`` and one ``event:k=+lag`` a bin: 1 for the treated group in that bin.

    ``bins`` by event, ``separable_bins`` unless given; the reference is every period before.
    """
    when = ordinals(periods, frequency)
    table = pd.MultiIndex.from_product([groups, periods], names=[group, time]).to_frame(index=False)
    own = np.repeat([g == treated for g in groups], len(periods))
    for name, kept in (bins or separable_bins(events, frequency=frequency)).items():
        lag = np.tile(when - ordinals([events[name]], frequency), len(groups))
        for one in kept:
            table[f"{name}:{one.name}"] = (one.holds(lag) & own).astype(np.int8)
    return table


def regressors(
    lags: pd.DataFrame, group: str, groups: np.ndarray, time: str, times: np.ndarray
) -> np.ndarray:
    """The columns (n, K) of a lag table at given groups and periods (n).

    Raises ``SpecError`` where the table has not each of them once.
    """
    keyed = lags.assign(**{time: _comparable(lags[time])}).set_index([group, time])
    asked = pd.MultiIndex.from_arrays([groups, _comparable(pd.Series(times))])
    if not keyed.index.is_unique or not asked.isin(keyed.index).all():
        raise SpecError(f"the lag table needs each {group} and {time} of the panel once")
    return keyed.loc[asked].to_numpy(dtype=float)


def _comparable(values: pd.Series) -> pd.Series:
    """Dates of any kind as one kind, other periods as they are."""
    dated = len(values) and isinstance(values.iloc[0], date)
    return pd.to_datetime(values).astype("datetime64[us]") if dated else values
