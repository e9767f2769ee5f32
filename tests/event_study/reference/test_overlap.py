"""Four overlapping events by month: what windows around each event mix, and what joint steps part.

Months January 2020 to October 2025; whole-month steps (an event moved to the first of its month),
so that every number is the gap's own and none the share of a month.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import numpy as np
import pytest

from event_study.errors import CollinearLags
from event_study.estimators.design import Design, check_rank, lag_design, step_design, variance_inflation
from event_study.periods import Bin, Grid, ordinals

DAYS = [date(2022, 8, 9), date(2022, 10, 7), date(2023, 10, 17), date(2024, 12, 2)]
MONTHS = [date(2020 + i // 12, i % 12 + 1, 1) for i in range(70)]
WEEKS = [date(2020, 1, 6) + timedelta(weeks=i) for i in range(300)]
EVENTS = [(f"d{i + 1}", day.replace(day=1)) for i, day in enumerate(DAYS)]
AT = [MONTHS.index(day) for _, day in EVENTS]
NOW = np.arange(len(MONTHS))


def steps() -> Design:
    return step_design(MONTHS, "month", EVENTS, trend=False)


def each(at: int) -> np.ndarray:
    return np.asarray(at <= NOW, dtype=float)


def fading(at: int) -> np.ndarray:
    return np.asarray(np.where(at <= NOW, 0.8 ** np.maximum(NOW - at, 0), 0.0))


TRUTHS = {
    "a step at each": sum(each(at) for at in AT),
    "a step at the second": each(AT[1]),
    "fading after each": sum(fading(at) for at in AT),
    "a trend, no effect": NOW / 12,
}


def around(gap: np.ndarray, half: int) -> list[float]:
    """Mean of the ``half`` months from the event's on minus that of as many before, event by event."""
    return [float(gap[at : at + half].mean() - gap[at - half : at].mean()) for at in AT]


@pytest.mark.parametrize(
    ("truth", "six", "twelve", "joint"),
    [
        ("a step at each", (1.667, 1.667, 1, 1), (1.833, 1.833, 1, 1), (1, 1, 1, 1)),
        ("a step at the second", (0.667, 1, 0, 0), (0.833, 1, 0, 0), (0, 1, 0, 0)),
        (
            "fading after each",
            (1.107, 0.708, 0.420, 0.530),
            (0.760, 0.486, -0.205, 0.160),
            (0.900, -0.264, -0.256, 0.056),
        ),
        ("a trend, no effect", (0.5, 0.5, 0.5, 0.5), (1, 1, 1, 0.958), (1.375, 0.583, 1.083, 1.042)),
    ],
)
def test_windows_mix_events_that_joint_steps_part(
    truth: str, six: tuple[float, ...], twelve: tuple[float, ...], joint: tuple[float, ...]
) -> None:
    gap = np.asarray(TRUTHS[truth])
    assert around(gap, 6) == pytest.approx(six, abs=5e-4)
    assert around(gap, 12) == pytest.approx(twelve, abs=5e-4)
    design = steps()
    assert np.linalg.lstsq(design.X, gap, rcond=None)[0][1:] == pytest.approx(joint, abs=5e-4)


@pytest.mark.parametrize(
    ("truth", "half", "mean"),
    [
        ("a step at each", 6, 1.333),
        ("a step at each", 12, 1.417),
        ("a step at the second", 6, 0.417),
        ("a step at the second", 12, 0.458),
    ],
)
def test_mean_over_the_events_is_as_wrong(truth: str, half: int, mean: float) -> None:
    assert np.mean(around(np.asarray(TRUTHS[truth]), half)) == pytest.approx(mean, abs=5e-4)


def test_separability_of_the_steps() -> None:
    design = steps()
    columns = design.X[:, 1:]
    assert np.corrcoef(columns.T)[0, 1] == pytest.approx(0.944, abs=5e-4)
    inflation = variance_inflation(columns, columns - columns.mean(axis=0))
    assert inflation == pytest.approx([9.2, 10.2, 2.5, 1.5], abs=0.05)
    assert design.vif == pytest.approx(inflation.max())


def test_the_mean_of_four_steps_is_known_four_times_as_well_as_any_of_them() -> None:
    """AR(1) 0.8 of unit variance, exactly. The reference's draws lie 4 to 6 % above (1.00, .95, .89,
    .90; mean .232)."""
    design = steps()
    noise = 0.8 ** np.abs(np.subtract.outer(NOW, NOW))
    fitted = np.linalg.pinv(design.X)
    cov = (fitted @ noise @ fitted.T)[1:, 1:]
    single, mean = np.sqrt(np.diag(cov)), float(np.sqrt(cov.mean()))
    assert single == pytest.approx([1.00, 0.95, 0.89, 0.90], rel=0.05)
    assert mean == pytest.approx(0.232, rel=0.07)
    assert single.min() > 3.8 * mean


def dummies(
    periods: list[date], frequency: str, days: list[date], bins: list[Bin]
) -> tuple[np.ndarray, list[str]]:
    """One column an event and bin, less its mean, and its name."""
    when = ordinals(periods, frequency)
    pairs = list(product(range(len(days)), bins))
    columns = [b.holds(when - ordinals([days[s]], frequency)).astype(float) for s, b in pairs]
    matrix = np.column_stack(columns)
    return matrix - matrix.mean(axis=0), [f"d{s + 1}:{b.name}" for s, b in pairs]


def after(*edges: int) -> list[Bin]:
    return list(Grid.of((0, *edges), (-1, -1), 1).bins[1:])


QUARTERLY = after(3, 6, 12)
WEEKLY = after(4, 8, 12, 26)


@pytest.mark.parametrize(
    ("periods", "frequency", "bins", "rank"),
    [
        (MONTHS, "month", QUARTERLY, 14),
        (MONTHS, "month", after(2, 6, 12), 13),
        (WEEKS, "week", WEEKLY, 18),
    ],
    ids=["0-2 3-5 6-11 12+", "0-1 2-5 6-11 12+", "weeks"],
)
def test_bins_of_each_event_are_refused_by_name(
    periods: list[date], frequency: str, bins: list[Bin], rank: int
) -> None:
    within, names = dummies(periods, frequency, DAYS, bins)
    assert np.linalg.matrix_rank(within) == rank < len(names) == 4 * len(bins)
    with pytest.raises(CollinearLags) as caught:
        check_rank(within, names, len(periods) - 1)
    # leaving out all that is named leaves columns that the data can part
    kept = [i for i, name in enumerate(names) if name not in caught.value.sets]
    check_rank(within[:, kept], [names[i] for i in kept], len(periods) - 1)
    assert len(names) - len(caught.value.sets) < rank


def test_four_week_bins_of_the_first_event_up_to_the_second_are_a_working_design() -> None:
    """Seventeen columns: the first event's weeks 0-3 and 4-7, then the second's own bins take over."""
    within, names = dummies(WEEKS, "week", DAYS, WEEKLY)
    kept = [i for i, name in enumerate(names) if not name.startswith("d1") or name in ("d1:k=+0", "d1:k=+4")]
    assert np.linalg.matrix_rank(within[:, kept]) == len(kept) == 17
    check_rank(within[:, kept], [names[i] for i in kept], len(WEEKS) - 1)


def test_one_common_shape_is_well_conditioned() -> None:
    within, _ = dummies(MONTHS, "month", DAYS, QUARTERLY)
    pooled = within.reshape(len(MONTHS), len(DAYS), len(QUARTERLY)).sum(axis=1)
    assert np.linalg.matrix_rank(pooled) == 4
    assert np.linalg.cond(pooled / np.linalg.norm(pooled, axis=0)) == pytest.approx(1.43, abs=5e-3)
    # the pooled design of the study is these columns: the bin of all leads is its reference
    grid = Grid((Bin(-31, -1), *QUARTERLY), (-31, -1), 1)
    design = lag_design(MONTHS, "month", EVENTS, grid, trend=False)
    columns = design.X[:, 1:] - design.X[:, 1:].mean(axis=0)
    assert columns == pytest.approx(pooled, abs=1e-12)
