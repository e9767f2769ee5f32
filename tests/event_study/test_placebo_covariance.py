"""Placebo covariance: a hand example, what it estimates, its shrinkage, what a clustered error would say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import DegeneratePlacebo, InfiniteValue, RankDeficient
from event_study.estimators.gaps import gap_matrix
from event_study.inference.placebo_covariance import ar1_covariance, placebo_cov
from tests.event_study.honest_example import gap_covariance


def panels(rng: np.random.Generator, units: int, length: int, rho: float = 0.8) -> np.ndarray:
    y = rng.normal(size=(units, length))
    for t in range(1, length):
        y[:, t] = rho * y[:, t - 1] + np.sqrt(1 - rho**2) * y[:, t]
    return y


def quarters(n_pre: int, n_post: int) -> np.ndarray:
    """Maps (K, T) from months to quarters measured from the one between."""
    bins = n_pre + 1 + n_post
    means = np.kron(np.eye(bins), np.full((1, 3), 1 / 3))
    return np.delete(np.eye(bins) - np.eye(bins)[n_pre], n_pre, axis=0) @ means


def test_hand_computed() -> None:
    """Donors on the treated unit's scale: (1, 0), (3, 2), (2, 4), three of them; their mean (2, 2)."""
    target = np.eye(2)
    b = np.array([[9.0, 9.0], [1.0, 0.0], [1.5, 1.0], [4.0, 8.0]])
    found = placebo_cov(b, np.array([2.0, 2.0, 1.0, 4.0]), target)
    S = np.array([[1.0, 1.0], [1.0, 4.0]])
    # sums of squares of the products about their means: 1, 1, 0 | 2, 0, 0 twice | 4, 0, 4
    scatter = (2 / 3 + 2 * 8 / 3 + 32 / 3) * 3 / 8
    weight = min(1.0, scatter / ((S - target) ** 2).sum())
    assert found.shrunk and found.shrinkage == pytest.approx(weight)
    np.testing.assert_allclose(found.S, (1 - weight) * S + weight * target)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8), st.floats(1e-3, 1e3))
def test_the_treated_unit_gives_its_scale_alone(seed: int, size: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    b, scale = rng.normal(size=(size + 8, size)), rng.lognormal(size=size + 8)
    found = placebo_cov(b, scale)
    assert not found.shrunk
    moved = b.copy()
    moved[0] += 100
    assert placebo_cov(moved, scale).S.tolist() == found.S.tolist()
    # coefficients and scales in another unit; the treated unit's scale alone; another donor's own unit
    np.testing.assert_allclose(placebo_cov(unit * b, unit * scale).S, unit**2 * found.S)
    wider = np.append(3 * scale[0], scale[1:])
    np.testing.assert_allclose(placebo_cov(b, wider).S, 9 * found.S)
    own = np.where(np.arange(len(b)) == 2, unit, 1.0)
    np.testing.assert_allclose(placebo_cov(own[:, None] * b, own * scale).S, found.S)
    assert np.linalg.eigvalsh(found.S)[0] > 0


def test_estimates_the_covariance_of_the_treated_coefficients() -> None:
    """Equal variances: right on average up to the placebos' (J/(J-1))^2 against 1 + 1/J. A clustered error's
    1/(J+1) of it makes the intervals that the reference shows."""
    rng, maps, J = np.random.default_rng(1), quarters(4, 4), 40
    found = np.zeros((8, 8))
    for _ in range(150):
        gaps = gap_matrix(panels(rng, J + 1, 27))
        found += placebo_cov(gaps @ maps.T, np.ones(J + 1)).S / 150
    true = gap_covariance(4, 4, length=3)
    assert np.abs(found - true).max() < 0.08 * true.max()
    mean = np.append(np.zeros(4), np.full(4, 0.25))
    assert np.sqrt(mean @ true @ mean) == pytest.approx((3.19 + 0.39) / 2 / 1.96, abs=0.003)
    assert np.sqrt(mean @ found @ mean / 41) == pytest.approx((1.68 - 1.12) / 2 / 1.96, abs=0.01)


def test_unequal_variances_are_put_on_the_treated_units_scale() -> None:
    rng, maps, J = np.random.default_rng(2), quarters(4, 4), 40
    plain, scaled = [], []
    for _ in range(150):
        sd = np.append(0.5, rng.lognormal(0, 0.6, J))
        gaps = gap_matrix(sd[:, None] * panels(rng, J + 1, 27 + 60))
        scale = gaps[:, :60].std(axis=1)
        b = gaps[:, 60:] @ maps.T
        scaled.append(np.trace(placebo_cov(b, scale).S))
        plain.append(np.trace(placebo_cov(b, np.ones(J + 1)).S))
    true = 0.25 * np.trace(gap_covariance(4, 4, length=3))
    assert np.median(scaled) == pytest.approx(true, rel=0.35)
    assert np.median(plain) > 3 * true


def test_few_donors_are_shrunk_to_an_ar1() -> None:
    """Twelve donors for twelve coefficients: singular alone; shrunk, definite and nearer the truth."""
    rng, maps, J = np.random.default_rng(3), quarters(6, 6), 12
    true, alone, shrunk = gap_covariance(6, 6, length=3, donors=J), [], []
    for _ in range(60):
        gaps = gap_matrix(panels(rng, J + 1, 39 + 60))
        pre = np.arange(99) < 60
        at_end = np.hstack([np.zeros((12, 60)), maps])
        target = ar1_covariance(gaps, at_end, pre)
        scale = gaps[:, pre].std(axis=1)
        b = gaps @ at_end.T
        found = placebo_cov(b, scale, target)
        assert found.shrunk and np.linalg.eigvalsh(found.S)[0] > 0
        c = b[1:] * (scale[0] / scale[1:])[:, None]
        S = np.cov(c.T)
        assert np.linalg.matrix_rank(S) < 12
        alone.append(((S - true) ** 2).sum())
        shrunk.append(((found.S - true) ** 2).sum())
    assert np.median(shrunk) < 0.6 * np.median(alone)


def test_ar1_covariance_is_the_designs() -> None:
    """With rho and the scale known from a long series it is the covariance of the coefficients."""
    rng, maps = np.random.default_rng(4), quarters(4, 4)
    gaps = gap_matrix(panels(rng, 41, 4000 + 27))
    found = ar1_covariance(gaps, np.hstack([np.zeros((8, 4000)), maps]), np.arange(4027) < 4000)
    assert found == pytest.approx(gap_covariance(4, 4, length=3), rel=0.12)


def test_what_cannot_be_estimated_is_named() -> None:
    rng = np.random.default_rng(5)
    b, scale = rng.normal(size=(10, 4)), np.ones(10)
    with pytest.raises(RankDeficient, match="9 donors for the covariance of 4 coefficients: more than 9"):
        placebo_cov(b, scale)
    assert not placebo_cov(rng.normal(size=(11, 4)), np.ones(11)).shrunk
    with pytest.raises(RankDeficient, match="1 donor: "):
        placebo_cov(b[:2], scale[:2], np.eye(4))
    with pytest.raises(InfiniteValue, match="placebo"):
        placebo_cov(np.where(np.arange(10)[:, None] == 3, np.inf, b)[:, :1], scale)
    with pytest.raises(DegeneratePlacebo, match="donor 2"):
        placebo_cov(b[:, :1], np.where(np.arange(10) == 2, 0.0, scale))
    with pytest.raises(DegeneratePlacebo, match="the treated unit"):
        ar1_covariance(np.zeros((3, 10)), np.ones((1, 10)), np.arange(10) < 5)
    with pytest.raises(DegeneratePlacebo, match="every donor"):
        ar1_covariance(np.eye(3, 10) * [[1], [0], [0]], np.ones((1, 10)), np.arange(10) < 5)
