"""From long country-period rows to one balanced matrix: treated unit first, donors below.

Fixes periods and donors by a rule that looks at presence only, never at effects; zero and missing
are different things here. Not here: event columns (``design``), statistics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from event_study.errors import (
    DuplicateKey,
    EventStudyError,
    MissingReference,
    NoDonors,
    NonPositiveLog,
    UnbalancedPanel,
    counted,
)
from event_study.limits import MAX_BRIDGED, MIN_HOLIDAY, MIN_PRE
from event_study.panel.bridge import bridged
from event_study.panel.calendar import regressors
from event_study.panel.unknown import UNKNOWN, Unknown, unknown_beside
from event_study.periods import day_name, last_days, ordinals, over_by, period_name
from event_study.specs.model import Sample


@dataclass(frozen=True)
class Outcome:
    """One outcome's panel: ``wide`` is periods x countries of complete values, NaN where unknown."""

    outcome: str
    frequency: str
    wide: pd.DataFrame
    window_start: date | None
    window_end: date | None
    share_unknown: float | None


@dataclass(frozen=True)
class Balanced:
    """``values`` (1+J, T), treated first, in levels; ``periods`` first days, length T.

    ``zero_units``: donors without a scale, left out; ``cells_bridged``: of donors, filled by ``bridge``;
    ``periods_for_donors``: left out because too few donors have them. ``unknown``: what has no unit in these
    periods; None where there is none of it, the error where it cannot be counted.
    """

    values: np.ndarray
    units: tuple[str, ...]
    periods: tuple[date, ...]
    frequency: str
    share_complete: float
    zero_units: int
    cells_bridged: int = 0
    periods_for_donors: int = 0
    unknown: Unknown | EventStudyError | None = None

    @property
    def donors(self) -> int:
        return len(self.units) - 1

    def first(self, periods: int) -> Balanced:
        """The same in the first periods alone."""
        unknown = self.unknown.first(periods) if isinstance(self.unknown, Unknown) else self.unknown
        return replace(self, values=self.values[:, :periods], periods=self.periods[:periods], unknown=unknown)


def outcome_panel(
    rows: pd.DataFrame,
    *,
    outcome: str,
    frequency: str,
    window: tuple[date | None, date | None],
    until: date | None,
) -> Outcome:
    """Rows of one outcome (country, period, value, is_complete) as a wide matrix.

    Incomplete periods and nulls stay NaN; ``until``: the month by whose end a period must be over.
    Raises ``DuplicateKey``.
    """
    # numbers until the end: dates as objects are sorted, compared and hashed one by one
    rows = rows.assign(period=pd.to_datetime(rows["period"]).dt.normalize())
    keep = rows["period"].notna()
    if window[0] is not None:
        keep &= rows["period"] >= pd.Timestamp(window[0])
    if window[1] is not None:
        keep &= rows["period"] <= pd.Timestamp(window[1])
    if until is not None:
        keep &= over_by(list(rows["period"].dt.date), frequency, until)
    rows = rows[keep].sort_values(["period", "country"], kind="stable")
    if (twice := rows[rows.duplicated(["country", "period"])]).shape[0]:
        first = twice.iloc[0]
        when = period_name(first["period"], frequency)
        raise DuplicateKey(f"two rows for {{unit}} in {when}", unit=str(first["country"]))
    complete = rows[rows["is_complete"].astype(bool) & np.isfinite(rows["value"].astype(float))]
    wide = complete.pivot(index="period", columns="country", values="value").astype(float)
    wide = wide.sort_index().sort_index(axis=1)
    wide.index = pd.Index(pd.DatetimeIndex(wide.index).date, name="period")
    values = complete["value"].astype(float)
    total = float(values.abs().sum())
    unknown = float(values[complete["country"] == UNKNOWN].abs().sum())
    return Outcome(
        outcome=outcome,
        frequency=frequency,
        wide=wide,
        # incomplete periods count: they are what is not complete of the window
        window_start=window[0] if rows.empty else rows["period"].min().date(),
        window_end=window[1] if rows.empty else rows["period"].max().date(),
        share_unknown=unknown / total if total > 0 else None,
    )


def sampled(panel: Outcome, sample: Sample, ends_before: date | None, events: Sequence[date]) -> Outcome:
    """The part of an outcome's periods that a spec reads; the window shrinks with it.

    A period is left out when it is not wholly inside ``start``..``end`` (or ends after ``ends_before``),
    lies at most ``drop_before`` periods before an event, or is filled by a tenth with holiday weeks of
    ``drop``. Raises ``MissingReference`` where periods are too long for holidays to matter.
    """
    days, frequency = list(panel.wide.index), panel.frequency
    first = np.asarray(days, dtype="datetime64[D]")
    after = last_days(days, frequency)
    keep = np.ones(len(days), dtype=bool)
    if sample.start is not None:
        keep &= first >= np.datetime64(sample.start, "D")
    for end in filter(None, (sample.end, ends_before and ends_before - timedelta(days=1))):
        keep &= after <= np.datetime64(end, "D")
    when = ordinals(days, frequency)
    for event in events:
        lead = ordinals([event], frequency)[0] - when
        keep &= (lead < 1) | (lead > sample.drop_before)
    if sample.drop and days:
        off = _holiday_share(tuple(days), frequency, sample.drop) >= MIN_HOLIDAY
        if not off.any():
            raise MissingReference(f"holiday weeks fill no {frequency} by a tenth: none to leave out")
        keep &= ~off
    wide = panel.wide[keep]
    if keep.all() or wide.empty:
        return replace(panel, wide=wide)
    inside = {"window_start": wide.index[0], "window_end": wide.index[-1]}
    return replace(panel, wide=wide, **inside)


@lru_cache(maxsize=64)
def _holiday_share(days: tuple[date, ...], frequency: str, names: tuple[str, ...]) -> np.ndarray:
    """Share of each period's days that lie in one of the holiday weeks."""
    return regressors(days, frequency)[list(names)].sum(axis=1).to_numpy()


def balance(
    panel: Outcome, *, treated: str, pool: Sequence[str], estimator: str, first_event: date, needed: int
) -> Balanced:
    """The balanced matrix of ``treated`` and those of ``pool`` that have the outcome throughout.

    A period counts when the treated unit has it and at least half of the pool's countries that the
    outcome knows at all (one missing year of a few donors must not cost them all, a year nobody but
    the treated has must not cost every donor). A donor has the outcome when it lacks at most a tenth of
    these periods, which are bridged, and, on a log scale, something else than zero before
    ``first_event`` (a ratio to nothing has no scale); for logarithms no zero at all. Where that leaves
    fewer donors than ``needed`` for a rank, periods that few have are left out until it does not.
    Raises ``UnbalancedPanel``, ``MissingReference``, ``NonPositiveLog``, ``NoDonors``.
    """
    treated_values, matrix, donors, shared = _compared(panel, treated, pool)
    days = panel.wide.index.to_numpy()
    pre = np.asarray([day < first_event for day in days])
    _check_shared(panel, treated, shared, pre, first_event)
    if estimator.endswith("_log"):
        _check_logs(panel, treated, shared & (treated_values[:, 0] <= 0))
    chosen = _chosen(matrix, shared, pre, estimator, needed)
    treated_values, matrix = treated_values[chosen], matrix[chosen]
    carrying, empty = carried(matrix, pre[chosen]), _without_scale(matrix, pre[chosen], estimator)
    usable = carrying & ~empty
    if not usable.any():
        if set(panel.wide.columns) <= {treated, UNKNOWN}:
            raise NoDonors(
                "counted of {unit} alone: nothing tells an effect from a change that all would share",
                unit=treated,
            )
        span = counted(int(chosen.sum()), panel.frequency)
        raise NoDonors(f"no donor has values in the {span} that {{unit}} has", unit=treated)
    matrix = matrix[:, usable]
    if estimator == "ppml" and (np.nanmin(matrix) < 0 or (treated_values < 0).any()):
        raise NonPositiveLog("a count is negative, and a count model needs values from 0 on")
    periods = tuple(days[chosen])
    spanned = ordinals((panel.window_start or periods[0], panel.window_end or periods[-1]), panel.frequency)
    return Balanced(
        values=np.hstack([treated_values, bridged(matrix, estimator)]).T.copy(),
        units=(treated, *(c for c, keep in zip(donors, usable, strict=True) if keep)),
        periods=periods,
        frequency=panel.frequency,
        share_complete=min(1.0, len(periods) / float(spanned[1] - spanned[0] + 1)),
        zero_units=int((carrying & empty).sum()),
        cells_bridged=int(np.isnan(matrix).sum()),
        periods_for_donors=int((shared & ~chosen).sum()),
        unknown=_unknown(panel, treated, periods),
    )


def compared_days(panel: Outcome, treated: str, pool: Sequence[str]) -> list[date]:
    """First days of the periods that ``balance`` may compare, whatever the events. Raises
    ``UnbalancedPanel``."""
    *_, shared = _compared(panel, treated, pool)
    return list(panel.wide.index[shared])


def _compared(
    panel: Outcome, treated: str, pool: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, list[str], np.ndarray]:
    """Values of ``treated`` (T, 1) and of donors (T, J), who these are, and the periods (T) that count."""
    place = {country: i for i, country in enumerate(panel.wide.columns.tolist())}
    if treated not in place:
        raise UnbalancedPanel(f"{{unit}} has no complete {panel.frequency}", unit=treated)
    donors = [c for c in sorted(set(pool)) if c in place and c != treated]
    values = panel.wide.to_numpy()
    treated_values, matrix = (values[:, [place[c] for c in names]] for names in ([treated], donors))
    shared = (~np.isnan(matrix)).sum(axis=1) * 2 >= len(donors)
    return treated_values, matrix, donors, shared & ~np.isnan(treated_values[:, 0])


def _unknown(panel: Outcome, treated: str, periods: Sequence[date]) -> Unknown | EventStudyError | None:
    try:
        return unknown_beside(panel.wide, treated, periods, panel.frequency)
    except EventStudyError as error:
        return error


def _check_shared(
    panel: Outcome, treated: str, shared: np.ndarray, pre: np.ndarray, first_event: date
) -> None:
    if not shared.any():
        raise MissingReference(
            f"{{unit}} shares no complete {panel.frequency} with at least half of the donors", unit=treated
        )
    if not (shared & pre).any():
        raise MissingReference(f"no complete {panel.frequency} before {day_name(first_event)}")


def _check_logs(panel: Outcome, treated: str, low: np.ndarray) -> None:
    if low.any():
        least = panel.wide[treated][low].min()
        when = period_name(panel.wide.index[int(np.argmax(low))], panel.frequency)
        said = f"{{unit}} is {least:g} in {when}, and a logarithm needs values above 0"
        raise NonPositiveLog(said, unit=treated)


def carried(matrix: np.ndarray, pre: np.ndarray) -> np.ndarray:
    """Which donors (J) of ``matrix`` (T, J) have the outcome: they lack at most a tenth of the periods, and
    at most half of those from the first event on, where an effect would show (``pre``, T: before it)."""
    missing = np.isnan(matrix)
    few = missing.sum(axis=0) <= MAX_BRIDGED * len(matrix)
    return np.asarray(few & (2 * missing[~pre].sum(axis=0) <= (~pre).sum()))


def _chosen(
    matrix: np.ndarray, shared: np.ndarray, pre: np.ndarray, estimator: str, needed: int
) -> np.ndarray:
    """The periods (T) compared: of those ``shared``, without the ones that most of their donors lack; and
    where donors are too few for a rank, without those that fewest donors have, as few as possible."""
    has = ~np.isnan(matrix)

    def donors(kept: np.ndarray) -> np.ndarray:
        empty = _without_scale(matrix[kept], pre[kept], estimator)
        return np.asarray(carried(matrix[kept], pre[kept]) & ~empty)

    def settled(kept: np.ndarray) -> np.ndarray:
        thin = kept & (2 * has[:, who := donors(kept)].sum(axis=1) < who.sum())
        return settled(kept & ~thin) if thin.any() and (kept & ~thin & pre).any() else kept

    first = kept = settled(shared)
    while donors(kept).sum() < needed:
        coverage = np.where(kept, has.sum(axis=1), len(matrix[0]) + 1)
        kept = settled(kept & (coverage > coverage.min()))
        if (kept & pre).sum() < MIN_PRE or not (kept & ~pre).any():
            return first  # no choice of periods has as many donors
    return kept


def _without_scale(matrix: np.ndarray, pre: np.ndarray, estimator: str) -> np.ndarray:
    """Which donors (J) of ``matrix`` (T, J) a log ratio cannot be made of: nothing before the first event
    (``pre``, T) or, where logarithms are taken, a zero anywhere."""
    empty = np.zeros(matrix.shape[1], dtype=bool)
    if in_log_points(estimator):
        empty = ~np.nan_to_num(matrix[pre]).any(axis=0)
    if estimator.endswith("_log"):
        empty |= np.nan_to_num(matrix, nan=1.0).min(axis=0, initial=1.0) <= 0
    return empty


def in_log_points(estimator: str) -> bool:
    """Whether the estimator's effects are log points: it counts, or it was given logarithms."""
    return estimator == "ppml" or estimator.endswith("_log")


def reference_mean(panel: Balanced, reference: tuple[int, int], first_event: date) -> float | None:
    """Mean level of the treated unit over the reference window before the first event."""
    lag = ordinals(panel.periods, panel.frequency) - ordinals([first_event], panel.frequency)
    inside = (lag >= reference[0]) & (lag <= reference[1])
    return float(panel.values[0, inside].mean()) if inside.any() else None


def as_days(values: Mapping[Any, Any]) -> dict[str, date]:
    """Dates of a dimension's column by key, nulls left out."""
    return {str(k): pd.Timestamp(v).date() for k, v in values.items() if not pd.isna(v)}
