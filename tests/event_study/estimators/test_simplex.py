"""Simplex least squares: conditions of optimality, the optimum by search, and pysyncon."""

from __future__ import annotations

from itertools import combinations
from time import process_time

import numpy as np
import pandas as pd
import pysyncon
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import NotConverged
from event_study.estimators import simplex
from event_study.estimators.simplex import simplex_least_squares


def problem(seed: int, rows: int, columns: int, size: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(rows, columns)).cumsum(axis=0) + rng.normal(size=columns) * 3
    return size * A, size * (rng.normal(size=rows).cumsum() + rng.normal() * 3)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 70),
    st.integers(1, 70),
    st.booleans(),
    st.sampled_from([0.0, 1e-6, 1.0, 1e6]),
    st.sampled_from([1e-6, 1.0, 1e6]),
)
def test_conditions_of_optimality(
    seed: int, rows: int, columns: int, intercept: bool, ridge: float, size: float
) -> None:
    """Karush-Kuhn-Tucker: on the simplex, the gradient is smallest, and equal, where w > 0; also with
    more columns than rows."""
    A, y = problem(seed, rows, columns, size)
    w = simplex_least_squares(A, y, intercept=intercept, ridge=ridge * size**2)
    assert w.min() >= 0 and w.sum() == pytest.approx(1, abs=1e-12)
    B = A - y[:, None]
    B = B - B.mean(axis=0) * intercept
    gradient = B.T @ (B @ w) + ridge * size**2 * w
    unit = (B**2).sum(axis=0).max() + ridge * size**2
    assert (gradient - gradient @ w).min() >= -1e-8 * unit
    assert np.abs((gradient - gradient @ w)[w > 0]).max() <= 1e-8 * unit


def best_of_all_supports(B: np.ndarray, ridge: float) -> np.ndarray:
    """The optimum by looking: least squares with sum 1 on every set of columns, the best w >= 0."""
    columns, found = B.shape[1], []
    H = B.T @ B + ridge * np.eye(columns)
    for size in range(1, columns + 1):
        for chosen in map(list, combinations(range(columns), size)):
            part = np.linalg.solve(H[np.ix_(chosen, chosen)], np.ones(size))
            if part.min() >= 0:
                w = np.zeros(columns)
                w[chosen] = part / part.sum()
                found.append((float(w @ H @ w), *w))
    return np.asarray(min(found)[1:])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8), st.booleans(), st.sampled_from([0.0, 1.0]))
def test_is_the_best_of_all_supports(seed: int, columns: int, intercept: bool, ridge: float) -> None:
    A, y = problem(seed, columns + 8, columns)
    B = A - y[:, None]
    B = B - B.mean(axis=0) * intercept
    w = simplex_least_squares(A, y, intercept=intercept, ridge=ridge)
    assert w == pytest.approx(best_of_all_supports(B, ridge), abs=1e-8)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 9))
def test_never_worse_than_pysyncon(seed: int, columns: int) -> None:
    """pysyncon divides every row by its standard deviation over all units before weighing by V, so
    with V = 1 it solves the scaled rows. Its SLSQP stops where the objective still falls by less than
    1e-6, which is near the optimum and never below it; the weights are held to 1e-8 against the search
    above, which does not stop short."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(columns + 12, columns + 1))).rename(columns=str)
    peer = pysyncon.Synth()
    X0, X1 = frame.drop(columns="0"), frame["0"]
    peer.fit(X0=X0, X1=X1, Z0=X0, Z1=X1, custom_V=np.ones(len(frame)))
    scaled = frame.div(frame.std(axis=1), axis=0).to_numpy()
    A, y = scaled[:, 1:], scaled[:, 0]
    w = simplex_least_squares(A, y)
    own, theirs = ((A @ w - y) ** 2).sum(), ((A @ np.asarray(peer.W) - y) ** 2).sum()
    assert own - 1e-9 <= theirs <= own + 1e-4  # its weights sum to one to rounding only
    assert w == pytest.approx(np.asarray(peer.W), abs=2e-3)


def test_hand_computed() -> None:
    A = np.array([[0.0, 4.0], [0.0, 0.0]])
    assert simplex_least_squares(A, np.array([1.0, 7.0])) == pytest.approx([0.75, 0.25])
    assert simplex_least_squares(A, np.array([9.0, 0.0])) == pytest.approx([0.0, 1.0])
    # w2 minimises (4 w2 - 1)^2 + 16 ((1 - w2)^2 + w2^2): 96 w2 = 40
    assert simplex_least_squares(A, np.array([1.0, 0.0]), ridge=16.0)[1] == pytest.approx(20 / 48)
    # with an intercept only the difference of the rows, 4 w2 = 1, counts
    assert simplex_least_squares(A, np.array([101.0, 100.0]), intercept=True) == pytest.approx([0.75, 0.25])


def test_one_column_and_columns_all_equal_to_the_target() -> None:
    assert simplex_least_squares(np.ones((3, 1)), np.zeros(3)).tolist() == [1.0]
    w = simplex_least_squares(np.ones((3, 4)), np.ones(3))
    assert w.min() >= 0 and w.sum() == pytest.approx(1)


def test_the_order_of_columns_moves_the_weights_along() -> None:
    A, y = problem(3, 48, 30)
    order = np.random.default_rng(3).permutation(30)
    assert simplex_least_squares(A[:, order], y) == pytest.approx(
        simplex_least_squares(A, y)[order], abs=1e-9
    )


def test_sixty_problems_of_sixty_donors_take_a_moment() -> None:
    problems = [problem(seed, 48, 60) for seed in range(60)]
    start = process_time()
    for A, y in problems:
        simplex_least_squares(A, y, ridge=1.0)
    assert process_time() - start < 0.5


def test_a_solver_that_stops_short_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    A, y = problem(1, 30, 40)
    solve = simplex.nnls
    monkeypatch.setattr(simplex, "nnls", lambda M, b, maxiter: solve(M, b, maxiter=2))
    with pytest.raises(NotConverged, match="in 1200 iterations"):
        simplex_least_squares(A, y)
