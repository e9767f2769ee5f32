"""Exposure, joint steps, pooled leads and lags, and every refusal of a design."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from event_study.errors import CollinearLags, EventOutsidePanel, MissingReference, RankDeficient
from event_study.estimators.design import check_rank, lag_design, step_design
from event_study.periods import GRIDS, Grid, exposure, ordinals

SHOCKS = [date(2022, 8, 9), date(2022, 10, 7), date(2023, 10, 17), date(2024, 12, 2)]
NAMED = [(f"d{i + 1}", day) for i, day in enumerate(SHOCKS)]


def months(first: int, last: int) -> list[date]:
    return [date(y, m, 1) for y in range(first, last + 1) for m in range(1, 13)]


def test_exposure_is_the_share_of_the_period_from_the_day_on() -> None:
    days = [date(2023, 9, 1), date(2023, 10, 1), date(2023, 11, 1)]
    assert exposure(days, "month", date(2023, 10, 7)) == pytest.approx([0, 25 / 31, 1])
    assert exposure([date(2024, 1, 1)], "year", date(2024, 12, 2)) == pytest.approx([30 / 366])
    assert exposure([date(2022, 10, 3)], "week", date(2022, 10, 7)) == pytest.approx([3 / 7])
    assert exposure([date(2022, 10, 1)], "quarter", date(2022, 10, 7)) == pytest.approx([86 / 92])


def test_joint_steps_tell_apart_what_windows_around_each_event_mix() -> None:
    """A step at the second event only: windows of six months would give 0.667 to the first."""
    periods = months(2020, 2025)
    design = step_design(periods, "month", NAMED, trend=False)
    gap = exposure(periods, "month", SHOCKS[1])
    b = np.linalg.lstsq(design.X, gap, rcond=None)[0]
    assert b[1:] == pytest.approx([0, 1, 0, 0], abs=1e-12)
    assert design.vif > 9


def test_a_trend_is_an_effect_without_the_trend_variant_and_none_with_it() -> None:
    periods = months(2020, 2025)
    drift = np.arange(len(periods)) / 12
    plain = step_design(periods, "month", NAMED, trend=False)
    own = step_design(periods, "month", NAMED, trend=True)
    assert np.linalg.lstsq(plain.X, drift, rcond=None)[0][1:].mean() > 0.8
    assert np.linalg.lstsq(own.X, drift, rcond=None)[0][2:] == pytest.approx(np.zeros(4), abs=1e-9)


@pytest.mark.parametrize("frequency", ["month", "quarter", "year"])
def test_pooled_lags_find_a_common_shape_from_the_reference_on(frequency: str) -> None:
    periods = {
        "month": months(2019, 2025),
        "quarter": [d for d in months(2019, 2025) if d.month % 3 == 1],
        "year": [date(y, 1, 1) for y in range(2014, 2027)],
    }[frequency]
    events = [("a", SHOCKS[1]), ("b", SHOCKS[2]), ("c", SHOCKS[3])]
    grid = GRIDS[frequency]
    design = lag_design(periods, frequency, events, grid, trend=False)
    when = ordinals(periods, frequency)
    shape = {b.name: float(i * i % 7) for i, b in enumerate(grid.bins)}
    y = sum(
        shape[b.name] * b.holds(when - ordinals([day], frequency)) for _, day in events for b in grid.bins
    )
    named = design.map @ np.linalg.lstsq(design.X, y, rcond=None)[0]
    found = dict(zip(design.names, named, strict=True))
    low, high = grid.reference
    inside = [b for b in grid.bins if low <= b.anchor <= high]
    width = {b.name: sum(bool(b.holds(np.asarray(k))) for k in range(low, high + 1)) for b in inside}
    base = sum(shape[n] * w for n, w in width.items()) / sum(width.values())
    assert {n: shape[n] - base for n in found} == pytest.approx(found, abs=1e-9)


def test_events_eight_weeks_apart_are_not_two_steps_of_a_year() -> None:
    years = [date(y, 1, 1) for y in range(2015, 2026)]
    with pytest.raises(CollinearLags, match="cannot tell apart b and c") as caught:
        step_design(
            years, "year", [("a", SHOCKS[1]), ("b", date(2024, 1, 1)), ("c", date(2024, 1, 1))], trend=False
        )
    assert caught.value.sets == ("b", "c")


def test_events_three_days_apart_are_one_event_by_month() -> None:
    near = [("a", SHOCKS[1]), ("b", SHOCKS[1] + timedelta(days=3)), ("c", SHOCKS[2])]
    with pytest.raises(CollinearLags) as caught:
        step_design(months(2020, 2025), "month", near, trend=False)
    assert caught.value.sets == ("a", "b")
    assert caught.value.reason({"a": "the rule", "b": "its correction"}).endswith(
        "the rule and its correction"
    )


def test_four_week_bins_of_events_eight_weeks_apart_are_named() -> None:
    weeks = [date(2021, 1, 4) + timedelta(weeks=i) for i in range(120)]
    lags = [(ordinals(weeks, "week") - ordinals([day], "week")) for day in SHOCKS[:2]]
    columns = {
        f"d{s + 1}:{k}": (lag >= k) & (lag < k + 4) for s, lag in enumerate(lags) for k in (0, 4, 8, 12)
    }
    matrix = np.column_stack(list(columns.values())).astype(float)
    with pytest.raises(CollinearLags) as caught:
        check_rank(matrix - matrix.mean(axis=0), list(columns), 100)
    assert set(caught.value.sets) == {"d1:8", "d1:12", "d2:0", "d2:4"}


def test_refusals() -> None:
    with pytest.raises(
        EventOutsidePanel, match=r"no complete month after d4 \(January 2020 to December 2023"
    ):
        step_design(months(2020, 2023), "month", NAMED, trend=False)
    with pytest.raises(EventOutsidePanel, match="no complete month before d1"):
        step_design(months(2023, 2025), "month", NAMED[:1], trend=False)
    with pytest.raises(MissingReference, match="2 complete months before the first event, at least 4"):
        step_design(months(2022, 2025)[5:], "month", NAMED[:1], trend=False)
    years = [date(y, 1, 1) for y in range(2018, 2024)]
    many = [(f"e{m}", date(2022, m, 1)) for m in range(1, 6)]
    with pytest.raises(RankDeficient, match="5 periods left for 5 event columns"):
        step_design(years, "year", many, trend=False)
    with pytest.raises(MissingReference, match="no complete month in the reference window, 6 to 1 before"):
        gap = [d for d in months(2019, 2025) if not date(2022, 1, 1) <= d < date(2022, 10, 1)]
        lag_design(gap, "month", NAMED[1:2], GRIDS["month"], trend=False)
    with pytest.raises(EventOutsidePanel, match="after the events"):
        lag_design(months(2019, 2022)[:43], "month", NAMED[:1], GRIDS["month"], trend=False)


def test_bins_are_named_by_the_edge_nearest_to_the_event() -> None:
    grid = Grid.of((-2, 0, 3), (-2, -1), 1)
    assert [b.name for b in grid.bins] == ["k=-3", "k=-2", "k=+0", "k=+3"]
