"""Values far larger than what varies of them: cells are exact, or the panel goes row by row by name."""

from __future__ import annotations

from fractions import Fraction

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.units.fit import fit_panel
from event_study.units.result import UnitStudy

EXACT = 1.5e-8


def panel(level: float, spread: float, seed: int, units: int = 11, periods: int = 9) -> pd.DataFrame:
    """Unbalanced, whole numbers around ``level`` that vary by ``spread``."""
    rng = np.random.default_rng(seed)
    unit, time = (grid.ravel() for grid in np.mgrid[:units, :periods])
    there = (time >= unit % 3) & (time < periods - unit % 2)
    unit, time = unit[there], time[there]
    step = ((unit % 2 == 0) & (time > 4)).astype(int)
    base = rng.integers(int(level / 2), int(level), units)[unit]
    noise = rng.normal(0, spread, len(unit)).astype(np.int64)
    return pd.DataFrame(
        {"unit": unit, "group": unit % 2, "time": time, "step": step, "y": base + noise + step * int(spread)}
    )


def solution(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction]:
    """Gauss, in fractions."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        pivot = next(j for j in range(i, len(rows)) if rows[j][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for j in range(len(rows)):
            if j != i and rows[j][i]:
                factor = rows[j][i] / rows[i][i]
                rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i], strict=True)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


def by_fractions(rows: pd.DataFrame) -> tuple[float, float]:
    """Step and clustered error (without its factor) of dummies' least squares, without rounding."""
    columns = [rows["step"], *(rows["unit"] == u for u in rows["unit"].unique())]
    columns += [rows["time"] == t for t in sorted(rows["time"].unique())[1:]]
    X = [[Fraction(int(v)) for v in column] for column in columns]
    y = [Fraction(int(v)) if float(v).is_integer() else Fraction(float(v)) for v in rows["y"]]

    def dot(a: list[Fraction], b: list[Fraction]) -> Fraction:
        return sum((p * q for p, q in zip(a, b, strict=True) if p), Fraction(0))

    gram = [[dot(a, b) for b in X] for a in X]
    beta = solution(gram, [dot(a, y) for a in X])
    others = solution([row[1:] for row in gram[1:]], [row[0] for row in gram[1:]])
    scores: dict[int, Fraction] = {}
    mass = Fraction(0)
    for i, unit in enumerate(rows["unit"]):
        partial = X[0][i] - sum((c * x[i] for c, x in zip(others, X[1:], strict=True)), Fraction(0))
        residual = y[i] - sum((b * x[i] for b, x in zip(beta, X, strict=True)), Fraction(0))
        scores[unit] = scores.get(unit, Fraction(0)) + partial * residual
        mass += partial * partial
    meat = sum((score * score for score in scores.values()), Fraction(0))
    return float(beta[0]), float(meat / mass / mass) ** 0.5


def fitted(rows: pd.DataFrame) -> UnitStudy:
    with duckdb.connect() as con:
        con.register("given", rows)
        con.execute("create table panel as select * from given")
        return fit_panel((con, "panel"), y="y", unit="unit", group="group", time="time",
                         columns=["step"])["ols"]  # fmt: skip


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(
    level=st.sampled_from([1e3, 1e8, 3e8, 1e10, 4e14, 5e17]),
    share=st.sampled_from([1.0, 1e-2, 1e-4, 1e-6, 1e-9]),
    kind=st.sampled_from(["int64", "float64"]),
    seed=st.integers(0, 99),
)
def test_errors_are_those_of_fractions_at_every_size(
    level: float, share: float, kind: str, seed: int
) -> None:
    rows = panel(level, max(level * share, 20.0), seed).astype({"y": kind})
    step, error = by_fractions(rows)
    made = fitted(rows)
    assert made.coef[0] == pytest.approx(step, rel=EXACT)
    assert np.sqrt(made.vcov[0, 0] / made.factor) == pytest.approx(error, rel=EXACT)


def test_heavy_tails_keep_their_digits() -> None:
    rng = np.random.default_rng(4)
    rows = panel(1e3, 20.0, 1)
    rows["y"] = (3e8 * rng.pareto(1.1, len(rows))).astype(np.int64)
    step, error = by_fractions(rows)
    made = fitted(rows)
    assert (made.coef[0], np.sqrt(made.vcov[0, 0] / made.factor)) == pytest.approx((step, error), rel=EXACT)


def test_what_sums_by_cell_would_round_away_goes_row_by_row_and_says_so() -> None:
    assert fitted(panel(1e10, 1e6, 0)).way == "cells"
    made = fitted(panel(4e14, 1e4, 0))
    assert made.way == "rows"
    assert any("values too large beside their variation" in warning for warning in made.warnings)
