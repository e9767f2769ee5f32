"""Undoing the rule: worked numbers, round trips, coverage over committed seeds, bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from event_study.clock.inverse import effect_bounds, inverse_interval, invert_clock
from event_study.clock.origin import clock_matrix, early_share
from event_study.clock.profiles import load_clock, origin_hours, season_monday
from event_study.errors import NotAMixture, SingularClock

CLOCK = load_clock()
HOURS = origin_hours(CLOCK, ["CN", "US", "EU", "IN"], season_monday("summer", 2023))
PAIR = {place: HOURS[place] for place in ("CN", "US")}
M = clock_matrix(PAIR).M
NONE = np.zeros((2, 2))
EXTRA = {"CN": 0.10, "US": 0.05}

effects = st.floats(-1, 1)
shares = st.floats(0.01, 0.99)


def test_inverse_by_hand() -> None:
    back = np.column_stack([invert_clock(unit, NONE, M).coef for unit in np.eye(2)])
    assert back == pytest.approx(np.array([[1.2009, -1.4728], [-0.2009, 2.4728]]), abs=5e-5)


@pytest.mark.parametrize(
    ("extra", "early", "late", "said"),
    [
        ({"CN": 0.1, "US": 0.1}, 0.1476, 0.0524, (0.1, 0.1)),
        ({"CN": 0.1}, 0.0925, 0.0075, (0.1, 0.0)),
        ({"US": 0.1}, 0.0551, 0.0449, (0.0, 0.1)),
        ({"EU": 0.1}, 0.0728, 0.0272, (0.0474, 0.0526)),  # neither place: the inverse is wrong
    ],
)
def test_true_extra_events(
    extra: dict[str, float], early: float, late: float, said: tuple[float, float]
) -> None:
    seen = clock_matrix({place: HOURS[place] for place in extra}).M @ list(extra.values())
    assert seen == pytest.approx([early, late], abs=5e-5)
    assert invert_clock(seen, NONE, M).coef == pytest.approx(said, abs=5e-5)


def test_published_increments_and_noise() -> None:
    found = invert_clock(np.array([0.143, 0.012]), 0.02**2 * np.eye(2), M)
    assert found.coef == pytest.approx([0.1541, 0.0009], abs=5e-5)
    assert np.sqrt(np.diag(found.vcov)) / 0.02 == pytest.approx([1.90, 2.48], abs=5e-3)
    assert found.cond == pytest.approx(3.35, abs=5e-3)


@given(shares, shares, effects, effects)
def test_round_trip(p: float, q: float, china: float, america: float) -> None:
    matrix, x = np.array([[p, q], [1 - p, 1 - q]]), np.array([china, america])
    try:
        found = invert_clock(matrix @ x, np.eye(2), matrix)
    except SingularClock as refused:
        assert refused.cond > 100 and abs(p - q) < 0.02
        return
    assert found.coef == pytest.approx(x, abs=1e-9)
    assert matrix @ found.vcov @ matrix.T == pytest.approx(np.eye(2), abs=1e-6)


def test_places_that_cannot_be_told_apart() -> None:
    alike = clock_matrix({"CN": HOURS["CN"], "JP": HOURS["CN"]}).M
    with pytest.raises(SingularClock, match="cannot tell the places apart"):
        invert_clock(np.ones(2), NONE, alike)
    with pytest.raises(SingularClock) as refused:
        invert_clock(np.ones(2), NONE, clock_matrix(HOURS).M)  # four places, two classes
    assert refused.value.cond == np.inf


def labelled(
    rng: np.random.Generator, hours: dict[str, np.ndarray], number: int = 200
) -> dict[str, np.ndarray]:
    """Hour counts of users whose own days scatter around their place's, some much busier than others."""
    return {
        place: np.array(
            [
                rng.multinomial(events, own)
                for events, own in zip(
                    rng.geometric(1 / 40, size=number), rng.dirichlet(8 * p, size=number), strict=True
                )
            ]
        )
        for place, p in hours.items()
    }


def misclassified(rng: np.random.Generator, rows: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Mean change of early and late events per repository-week, and its variance, when true events
    of both places change by ``EXTRA`` and each is stamped by its hour."""
    base = {"CN": 0.5, "US": 1.0}
    classes = []
    for after in (0, 1):
        early, late = np.zeros(rows), np.zeros(rows)
        for place, p in PAIR.items():
            events = rng.poisson(base[place] + after * EXTRA[place], size=rows)
            stamped = rng.binomial(events, early_share(p))
            early, late = early + stamped, late + events - stamped
        classes.append(np.vstack([early, late]))
    before, after_ = classes
    return (after_ - before).mean(axis=1), (np.cov(before) + np.cov(after_)) / rows


def test_the_truth_lies_in_the_interval() -> None:
    """50 committed seeds, pooled: covered not less often than 95 %, exact binomial test at 1 %."""
    truth = np.array(list(EXTRA.values()))
    covered, naive = [], []
    for seed in range(50):
        rng = np.random.default_rng(seed)
        users = labelled(rng, PAIR)
        est, vcov = misclassified(rng)
        found = inverse_interval(est, vcov, users, rng, draws=499)
        covered.append((found.low <= truth) & (truth <= found.high))
        reach = 1.96 * np.sqrt(np.diag(vcov))
        naive.append((est - reach <= truth) & (truth <= est + reach))
    for hits in np.array(covered).T:
        assert binomtest(int(hits.sum()), 50, 0.95, alternative="less").pvalue >= 0.01
    # the two classes taken for the two places: refused by the same test
    assert binomtest(int(np.array(naive).all(axis=1).sum()), 50, 0.95, alternative="less").pvalue < 0.01


def test_interval_carries_the_users_noise() -> None:
    """Without noise in the effects the interval is that of the labelled users, wider with fewer."""
    est = M @ np.array([0.1, 0.05])
    width = []
    for number in (20, 500):
        rng = np.random.default_rng(3)
        found = inverse_interval(est, NONE, labelled(rng, PAIR, number), rng, draws=299)
        assert found.singular == 0
        width.append(found.high - found.low)
    assert (width[1] > 0).all() and (width[0] > 2 * width[1]).all()


def test_interval_is_unbounded_where_users_cannot_tell_places_apart() -> None:
    rng = np.random.default_rng(5)
    users = labelled(rng, {"US": HOURS["US"], "also US": HOURS["US"]}, 10)
    found = inverse_interval(np.array([0.1, 0.1]), NONE, users, rng, draws=199)
    assert found.singular > 0.05
    assert np.isinf(found.low).all() and np.isinf(found.high).all()


def test_interval_repeats_with_its_seed() -> None:
    users = labelled(np.random.default_rng(1), PAIR, 30)
    once, twice = (
        inverse_interval(np.array([0.1, 0.1]), 1e-4 * np.eye(2), users, np.random.default_rng(9), draws=99)
        for _ in range(2)
    )
    assert (once.low == twice.low).all() and (once.high == twice.high).all()


def points(place: str) -> tuple[float, float]:
    p = early_share(HOURS[place])
    return p, p


def test_bounds_of_two_known_places_are_the_inverse() -> None:
    seen = M @ np.array([0.1, 0.05])
    bounds = effect_bounds((seen[0], seen[0]), (seen[1], seen[1]), {place: points(place) for place in PAIR})
    assert bounds.to_numpy() == pytest.approx(np.array([[0.1, 0.1], [0.05, 0.05]]), abs=1e-9)


def test_bounds_of_the_published_increments() -> None:
    """Under the reference's hours only China's make a ratio above 11.9, so nearly all must be Chinese; hours
    .06 looser, and it may all be Indian."""
    bounds = effect_bounds((0.143, 0.143), (0.012, 0.012), {place: points(place) for place in HOURS})
    assert bounds.loc["CN", "high"] == pytest.approx(0.1541, abs=5e-5)
    assert 0.14 < bounds.loc["CN", "low"] < 0.1541
    loose = {place: (points(place)[0] - 0.05, points(place)[1] + 0.06) for place in HOURS}
    freed = effect_bounds((0.143, 0.143), (0.012, 0.012), loose)
    assert freed.loc["CN", "low"] == pytest.approx(0, abs=1e-9)
    assert freed.loc["IN", "high"] == pytest.approx(0.155, abs=1e-6)


def test_bounds_of_a_fall_mirror_those_of_a_rise() -> None:
    p = {place: points(place) for place in HOURS}
    rise = effect_bounds((0.1, 0.12), (0.02, 0.03), p)
    fall = effect_bounds((-0.12, -0.1), (-0.03, -0.02), p)
    assert fall["low"].to_numpy() == pytest.approx(-rise["high"].to_numpy())
    assert fall["high"].to_numpy() == pytest.approx(-rise["low"].to_numpy())
    both = effect_bounds((-0.12, 0.12), (-0.03, 0.03), p)
    assert (both["low"] < 0).all() and (both["high"] > 0).all()


@settings(deadline=None)
@example([0.0, 0.0, 1e-290, 1e-290])
@example([5e-324, 0.0, 1e-300, 2e-289])
@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
@example([0.0, 0.0, 0.0, 5e-324])  # below the normal numbers a product loses its digits
@example([1e-300, 0.0, 1e-320, 0.0])
@example([5e-324, 1.0, 0.0, 0.0])
def test_bounds_hold_the_truth(extra: list[float]) -> None:
    x = np.array(extra)
    seen = clock_matrix(HOURS).M @ x
    ranges = {place: (points(place)[0] - 0.02, points(place)[1] + 0.02) for place in HOURS}
    bounds = effect_bounds((seen[0], seen[0]), (seen[1], seen[1]), ranges)
    assert (bounds["low"].to_numpy() <= x + 1e-6).all() and (x <= bounds["high"].to_numpy() + 1e-6).all()


def test_no_mixture_makes_it() -> None:
    with pytest.raises(NotAMixture, match=r"no effects of one sign of CN, US give 0\.5 to 0\.5 early"):
        effect_bounds((0.5, 0.5), (0.0, 0.0), {place: points(place) for place in PAIR})
