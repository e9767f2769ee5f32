"""Separation against the linear programme in all coefficients, dummies and all, on sparse panels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from event_study.errors import RankDeficient, SeparatedBin
from event_study.units.absorb import Rows
from event_study.units.prune import prune
from event_study.units.separation import separated
from event_study.units.two_way import read_rows
from tests.event_study.units.panels import ragged

COLUMNS = ["a", "d"]


def sparse_rows(seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    frame = ragged(seed)
    frame["n"] = rng.poisson(frame["n"] * rng.choice([0.1, 0.3, 1]))
    frame["d"] = ((frame["unit"] < 4) & (frame["time"] > 5)).astype(float)
    rows, _ = read_rows(frame, y="n", unit="unit", time="time", columns=COLUMNS, cluster="unit")
    return prune(rows, counts=True)[0]


def separable(rows: Rows, columns: np.ndarray) -> bool:
    """Whether some combination of columns and dummies is 0 on counts, >= 0 on zeros and not all 0."""
    dummies = [(code[:, None] == np.unique(code)).astype(float) for code in (rows.unit, rows.time)]
    X, zero = np.hstack([columns, *dummies]), rows.total == 0
    found = linprog(
        -X[zero].sum(axis=0), A_eq=X[~zero], b_eq=np.zeros(int((~zero).sum())), bounds=(None, None),
        A_ub=np.vstack([-X[zero], X[zero]]), b_ub=np.repeat([0.0, 1.0], int(zero.sum())),
    )  # fmt: skip
    return bool(found.fun < -0.5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
@example(1184)  # two columns beyond the counts, one of which separates
@example(1109)  # pyfixest's "ir" drops a row here though a maximum exists
def test_separation_is_the_one_of_all_coefficients(seed: int) -> None:
    try:
        rows = sparse_rows(seed)
    except RankDeficient:
        assume(False)
    try:
        alone = separated(rows, COLUMNS)
    except SeparatedBin as error:
        assert separable(rows, rows.X)
        assert any(name in str(error) for name in COLUMNS)
        return
    assert alone.any() == separable(rows, np.zeros((len(alone), 0)))
    assert alone.any() or not separable(rows, rows.X)
    assert not rows.total[alone].any()


def test_the_columns_at_fault_are_named() -> None:
    with pytest.raises(SeparatedBin, match="no count at all tells d: a log ratio"):
        separated(sparse_rows(1184), COLUMNS)
