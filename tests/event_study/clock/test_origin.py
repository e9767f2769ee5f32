"""The rule and what its classes hold, against reference values."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from event_study.clock.origin import (
    CUTS,
    clock_matrix,
    clock_shift,
    cutoffs,
    early_ranges,
    is_early,
    observed_ratio,
    stamped,
)
from event_study.clock.profiles import load_clock, origin_hours, season_monday

CLOCK = load_clock()
WINTER, SUMMER = season_monday("winter", 2023), season_monday("summer", 2023)
MIX = {"CN": 15, "US": 25, "EU": 25, "IN": 12, "JP": 5, "RU": 5, "BR": 5, "UK": 8}
PAIR = {"CN": 15, "US": 15}


def hours(monday: date, composition: dict[str, int] = MIX) -> dict[str, np.ndarray]:
    return origin_hours(CLOCK, list(composition), monday)


def test_the_rule() -> None:
    assert is_early(np.asarray([0, 16, 17, 23])).tolist() == [True, True, False, False]
    assert is_early(np.asarray([16, 17, 20]), cut=20).tolist() == [True, True, False]


def test_two_place_matrix() -> None:
    summer = clock_matrix(hours(SUMMER, PAIR))
    said = np.array([[0.9249, 0.5509], [0.0751, 0.4491]])
    assert np.abs(summer.M - said).max() < 5e-5
    assert np.linalg.det(summer.M) == pytest.approx(0.374, abs=5e-4)
    assert summer.cond == pytest.approx(3.35, abs=5e-3)
    assert summer.origins == ("CN", "US")


def test_labelled_counts_serve_as_hours() -> None:
    shares = hours(SUMMER, PAIR)
    counts = {place: 1000 * one for place, one in shares.items()}
    assert np.allclose(clock_matrix(counts).M, clock_matrix(shares).M, rtol=1e-12)


def test_composition() -> None:
    table = stamped(hours(SUMMER), MIX)
    assert table.loc["CN", "of_early"] == pytest.approx(0.190, abs=5e-4)  # precision
    assert table.loc["CN", "p_early"] == pytest.approx(0.925, abs=5e-4)  # recall
    assert table.loc["US", "of_late"] == pytest.approx(0.416, abs=5e-4)
    alone = stamped(hours(SUMMER, PAIR), PAIR)
    assert alone.loc["CN", "of_early"] == pytest.approx(0.627, abs=5e-4)
    assert alone.loc["US", "of_late"] == pytest.approx(0.857, abs=5e-4)
    for column in ("share", "of_early", "of_late"):
        assert table[column].sum() == pytest.approx(1)


def test_the_end_of_summer_time_moves_the_gap() -> None:
    """The reference's -1.77 % and +4.65 % are log points; in percent they are -1.76 and +4.76."""
    shift = clock_shift(hours(SUMMER), hours(WINTER), MIX)
    assert shift.early == pytest.approx(-0.0177, abs=5e-5)
    assert shift.late == pytest.approx(0.0465, abs=5e-5)
    assert shift.gap == pytest.approx(-0.064, abs=5e-4)
    alone = clock_shift(hours(SUMMER, PAIR), hours(WINTER, PAIR), PAIR)
    assert alone.gap == pytest.approx(-0.004, abs=5e-4)
    assert np.expm1(shift.late) == pytest.approx(0.0476, abs=5e-5)


def test_ratio_that_one_place_alone_shows() -> None:
    """The ratio column of the reference table of true extra events."""
    one = hours(SUMMER)
    for place, ratio in {"CN": 12.31, "US": 1.23, "EU": 2.68, "IN": 6.6}.items():
        low, high = observed_ratio({place: one[place]})
        assert low == high == pytest.approx(ratio, abs=0.01)
    both = clock_matrix({place: one[place] for place in ("CN", "US")}).M @ [0.1, 0.1]
    assert both[0] / both[1] == pytest.approx(2.81, abs=0.01)
    low, high = observed_ratio(one)
    assert low == pytest.approx(1.23, abs=0.01) and high == pytest.approx(12.31, abs=0.01)


def test_cutoffs() -> None:
    table = cutoffs(hours(SUMMER), MIX, focal="CN", other="US")
    assert tuple(table.index) == CUTS == (14, 15, 16, 17, 18, 19, 20)
    assert table.loc[17, "cond"] == pytest.approx(3.35, abs=5e-3)
    assert table.loc[17, "precision"] == pytest.approx(0.190, abs=5e-4)
    for column in ("p_focal", "p_other", "early_share", "recall"):
        assert table[column].is_monotonic_increasing
    assert table["precision"].is_monotonic_decreasing
    assert table["det"].to_numpy() == pytest.approx((table["p_focal"] - table["p_other"]).to_numpy())


def test_ranges_over_scenarios() -> None:
    scenarios = [origin_hours(CLOCK, ["CN", "US"], WINTER, scenario=name) for name in CLOCK.scenarios]
    ranges = early_ranges(scenarios)
    assert ranges["CN"][0] == pytest.approx(17 / 24) == ranges["US"][1]  # flat is everybody's edge
    assert ranges["CN"][1] > 0.9249
