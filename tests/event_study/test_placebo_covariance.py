"""Placebo covariance: a hand example, what it estimates, what a clustered error would say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import DegeneratePlacebo, InfiniteValue, RankDeficient
from event_study.estimators.gaps import gap_matrix
from event_study.inference.placebo_covariance import placebo_cov
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
    """Donors on the treated unit's scale, of them the covariance; the treated unit is far away."""
    rng = np.random.default_rng(0)
    donors, scale = rng.normal(size=(9, 2)), rng.lognormal(size=10)
    b = np.vstack([[9.0, 9.0], donors * (scale[1:] / scale[0])[:, None]])
    np.testing.assert_allclose(placebo_cov(b, scale), np.cov(donors.T))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8), st.floats(1e-3, 1e3))
def test_the_treated_unit_gives_its_scale_alone(seed: int, size: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    b, scale = rng.normal(size=(size + 8, size)), rng.lognormal(size=size + 8)
    found = placebo_cov(b, scale)
    moved = b.copy()
    moved[0] += 100
    assert placebo_cov(moved, scale).tolist() == found.tolist()
    # coefficients and scales in another unit; the treated unit's scale alone; another donor's own unit
    np.testing.assert_allclose(placebo_cov(unit * b, unit * scale), unit**2 * found)
    wider = np.append(3 * scale[0], scale[1:])
    np.testing.assert_allclose(placebo_cov(b, wider), 9 * found)
    own = np.where(np.arange(len(b)) == 2, unit, 1.0)
    np.testing.assert_allclose(placebo_cov(own[:, None] * b, own * scale), found)
    assert np.linalg.eigvalsh(found)[0] > 0


def test_estimates_the_covariance_of_the_treated_coefficients() -> None:
    """Equal variances: right on average up to the placebos' (J/(J-1))^2 against 1 + 1/J. A clustered error's
    1/(J+1) of it makes the intervals that the reference shows."""
    rng, maps, J = np.random.default_rng(1), quarters(4, 4), 40
    found = np.zeros((8, 8))
    for _ in range(150):
        gaps = gap_matrix(panels(rng, J + 1, 27))
        found += placebo_cov(gaps @ maps.T, np.ones(J + 1)) / 150
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
        scaled.append(np.trace(placebo_cov(b, scale)))
        plain.append(np.trace(placebo_cov(b, np.ones(J + 1))))
    true = 0.25 * np.trace(gap_covariance(4, 4, length=3))
    assert np.median(scaled) == pytest.approx(true, rel=0.35)
    assert np.median(plain) > 3 * true


def test_what_cannot_be_estimated_is_named() -> None:
    rng = np.random.default_rng(5)
    b, scale = rng.normal(size=(10, 4)), np.ones(10)
    with pytest.raises(RankDeficient, match="9 donors for the covariance of 4 coefficients: more than 9"):
        placebo_cov(b, scale)
    assert placebo_cov(rng.normal(size=(11, 4)), np.ones(11)).shape == (4, 4)
    with pytest.raises(RankDeficient, match="1 donor: "):
        placebo_cov(b[:2], scale[:2])
    with pytest.raises(InfiniteValue, match="placebo"):
        placebo_cov(np.where(np.arange(10)[:, None] == 3, np.inf, b)[:, :1], scale)
    with pytest.raises(DegeneratePlacebo, match="donor 2"):
        placebo_cov(b[:, :1], np.where(np.arange(10) == 2, 0.0, scale))
