"""Shares from histograms: round trips, the reference Monte-Carlo errors, coverage, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from event_study.clock.deconvolution import Method, deconvolve, profile_matrix, share_interval, users_redraw
from event_study.clock.profiles import load_clock, origin_hours, season_monday, utc_week
from event_study.errors import InfiniteValue, NotAMixture

CLOCK = load_clock()
SUMMER, WINTER = season_monday("summer", 2023), season_monday("winter", 2023)
FIVE = ("CN", "IN", "EU", "US-East", "US-West")
HOURS = origin_hours(CLOCK, FIVE, SUMMER)
F = profile_matrix(HOURS)
OFFICE_WEEK = profile_matrix(
    {place: utc_week(CLOCK.profiles["office"], CLOCK.origins[place].zones, SUMMER) for place in FIVE}
)
METHODS: tuple[Method, ...] = ("nnls", "em")


def test_condition_numbers() -> None:
    """China and the United States: 2.03 as in the reference. Its 12.8 for five places needs the European
    clock of winter beside the American one of summer; in one season it is 12.05 or 10.10."""
    pair = origin_hours(CLOCK, ["CN", "US"], SUMMER)
    assert np.linalg.cond(profile_matrix(pair)) == pytest.approx(2.03, abs=5e-3)
    winter = origin_hours(CLOCK, FIVE, WINTER)
    assert np.linalg.cond(F) == pytest.approx(12.05, abs=5e-3)
    assert np.linalg.cond(profile_matrix(winter)) == pytest.approx(10.10, abs=5e-3)
    mixed = profile_matrix({place: (winter if place == "EU" else HOURS)[place] for place in FIVE})
    assert np.linalg.cond(mixed) == pytest.approx(12.8, abs=0.05)


compositions = st.lists(st.floats(0, 1), min_size=5, max_size=5).filter(lambda c: sum(c) > 0.1)


@pytest.mark.parametrize("matrix", [F, OFFICE_WEEK], ids=["day", "week"])
@settings(deadline=None)
@given(c=compositions)
def test_nnls_round_trip(matrix: np.ndarray, c: list[float]) -> None:
    truth = np.array(c) / sum(c)
    found = deconvolve(1000 * matrix @ truth, matrix, FIVE)
    assert found.shares == pytest.approx(truth, abs=1e-8)
    assert found.shares.sum() == pytest.approx(1) and found.events == pytest.approx(1000)
    assert found.chi2 == pytest.approx(0, abs=1e-8)
    assert found.dof == len(matrix) - 5


@settings(max_examples=5, deadline=None)
@given(st.lists(st.floats(0.1, 1), min_size=5, max_size=5))
def test_em_round_trip(c: list[float]) -> None:
    """EM creeps where places are alike: the histogram is met first, the shares long after."""
    truth = np.array(c) / sum(c)
    found = deconvolve(F @ truth, F, FIVE, method="em", steps=20_000)
    assert F @ found.shares == pytest.approx(F @ truth, abs=1e-6)
    assert found.shares == pytest.approx(truth, abs=5e-3)


def test_a_week_tells_more_than_a_day() -> None:
    """With 168 bins the weekend's edge is seen: the same profile, better conditioned."""
    by_hour = OFFICE_WEEK.reshape(7, 24, 5).sum(axis=0)
    assert np.linalg.cond(OFFICE_WEEK) < np.linalg.cond(by_hour)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("events", "rmse"), [(200, 0.135), (2_000, 0.051), (20_000, 0.017)])
def test_error_of_the_chinese_share(method: Method, events: int, rmse: float) -> None:
    """Bias and root mean squared error of the reference, 200 draws of it: within Monte-Carlo error (four
    standard errors) and the reference's unknown composition of the other four places (a tenth)."""
    rng, truth = np.random.default_rng(20221007), np.full(5, 0.2)
    draws = rng.multinomial(events, F @ truth, size=200)
    off = np.array([deconvolve(h, F, FIVE, method=method).shares[0] for h in draws]) - 0.2
    assert abs(off.mean()) < 0.02 + 4 * rmse / np.sqrt(200)
    assert np.sqrt((off**2).mean()) == pytest.approx(rmse, rel=0.1 + 4 / np.sqrt(400))


def test_a_wrong_profile_does_not_go_away() -> None:
    """The Chinese profile an hour late in F: the bias is that of 2,000 events and of 200,000, and the
    fit says so."""
    wrong = F.copy()
    wrong[:, 0] = np.roll(F[:, 0], 1)
    rng, bias = np.random.default_rng(1), []
    for events in (2_000, 200_000):
        draws = rng.multinomial(events, F @ np.full(5, 0.2), size=50)
        found = [deconvolve(h, wrong, FIVE, method="em") for h in draws]
        bias.append(np.mean([one.shares[0] for one in found]) - 0.2)
    assert bias[0] == pytest.approx(0.05, abs=0.025) and bias[1] == pytest.approx(0.054, abs=0.005)
    assert all(one.p_value < 0.01 for one in found)


def test_fit_is_judged_fairly_under_the_right_profile() -> None:
    rng = np.random.default_rng(2)
    draws = rng.multinomial(20_000, F @ np.full(5, 0.2), size=300)
    p = np.array([deconvolve(h, F, FIVE).p_value for h in draws])
    assert (p < 0.05).mean() < 0.10 and 0.4 < p.mean() < 0.6


FOUR = ("CN", "IN", "EU", "US")
TRUTH = np.array([0.20, 0.15, 0.30, 0.35])


def test_the_truth_lies_in_the_interval() -> None:
    """50 committed seeds, pooled: 300 labelled users a place, a histogram of 20,000 events; with F
    drawn anew the truth is covered not less often than 95 % (exact binomial test at 1 %), with F taken
    as known it is not."""
    hours = origin_hours(CLOCK, FOUR, SUMMER)
    true_F = profile_matrix(hours)
    covered, as_known = [], []
    for seed in range(50):
        rng = np.random.default_rng(seed)
        users = {
            place: np.array(
                [
                    rng.multinomial(events, own)
                    for events, own in zip(
                        rng.geometric(1 / 40, size=300), rng.dirichlet(8 * p, size=300), strict=True
                    )
                ]
            )
            for place, p in hours.items()
        }
        measured = profile_matrix({place: counts.sum(axis=0) for place, counts in users.items()})
        h = rng.multinomial(20_000, true_F @ TRUTH)
        for kept, redraw in ((covered, users_redraw(users)), (as_known, None)):
            found = share_interval(h, measured, rng, draws=199, redraw=redraw)
            kept.append((found.low <= TRUTH) & (found.high >= TRUTH))
    for hits in np.array(covered).T:
        assert binomtest(int(hits.sum()), 50, 0.95, alternative="less").pvalue >= 0.01
    for hits in np.array(as_known).T:
        assert binomtest(int(hits.sum()), 50, 0.95, alternative="less").pvalue < 0.01


@pytest.mark.parametrize("method", METHODS)
def test_interval_agrees_with_the_spread_of_draws(method: Method) -> None:
    rng = np.random.default_rng(4)
    h = rng.multinomial(20_000, F @ np.full(5, 0.2))
    found = share_interval(h, F, rng, method=method, draws=199)
    assert found.se[0] == pytest.approx(0.017, rel=0.3)
    assert (found.low <= found.shares).all() and (found.shares <= found.high).all()
    assert found.high[0] - found.low[0] == pytest.approx(2 * 1.96 * found.se[0], rel=0.25)


def test_rows_of_clustered_events_widen_the_interval() -> None:
    """Weeks whose composition scatters: drawing weeks sees it, drawing events does not."""
    rng = np.random.default_rng(6)
    weeks = np.array([rng.multinomial(5000, F @ rng.dirichlet(np.full(5, 2.0))) for _ in range(40)])
    by_week = share_interval(weeks, F, np.random.default_rng(7), draws=199)
    by_event = share_interval(weeks.sum(axis=0), F, np.random.default_rng(7), draws=199)
    assert by_week.shares == pytest.approx(by_event.shares)
    assert by_week.se[0] > 2 * by_event.se[0]


def test_histograms_that_cannot_be_read() -> None:
    for bad in (np.zeros(24), np.full(24, -1.0), np.full(24, np.nan)):
        with pytest.raises(InfiniteValue):
            deconvolve(bad, F, FIVE)
    silent = F.copy()
    silent[3] = 0
    with pytest.raises(NotAMixture, match="hour 3"):
        deconvolve(np.ones(24), silent, FIVE)
