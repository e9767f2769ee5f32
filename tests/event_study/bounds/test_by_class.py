"""The unknown of large and small owners allotted apart: laws, and a world where one share is not enough."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.bounds.allotment import BY_CLASS, allotments, allotments_by_class
from event_study.bounds.refit import unknown_bounds, unknown_bounds_by_class
from event_study.estimators.design import step_design
from event_study.panel.unknown import Unknown, classes_of_size

YEARS = [date(year, 1, 1) for year in range(2008, 2022)]
DESIGN = step_design(YEARS, "year", [("rule", date(2017, 1, 1))], trend=False)
STEP, PRE = np.array([0.0, 1.0]), DESIGN.pre
few = settings(max_examples=15, deadline=None)
amounts = st.lists(st.floats(0.0, 90.0), min_size=len(YEARS), max_size=len(YEARS))


def panel(rng: np.random.Generator, effect: float) -> np.ndarray:
    Y = np.exp(4 + rng.normal(scale=0.1, size=(20, len(YEARS))))
    Y[0] *= np.exp(effect * ~PRE)
    return np.asarray(Y)


def estimates(treated: np.ndarray, factor: np.ndarray) -> np.ndarray:
    gap = np.log(treated) - np.log(factor)
    return np.asarray(gap[:, ~PRE].mean(axis=1) - gap[:, PRE].mean(axis=1))


@few
@given(st.lists(amounts, min_size=1, max_size=3))
def test_one_share_for_all_is_one_of_the_ways(classes: list[list[float]]) -> None:
    treated, others = np.full(len(YEARS), 50.0), np.full(len(YEARS), 900.0)
    parts = [Unknown(np.asarray(part), others) for part in classes]
    plain = allotments(treated, Unknown(np.sum(classes, axis=0), others), PRE, BY_CLASS)
    apart = allotments_by_class(treated, parts, PRE)
    same = estimates(plain.treated, plain.factor)[plain.constant]
    every = estimates(apart.treated, apart.factor)
    assert every.min() <= same.min() + 1e-9 and same.max() - 1e-9 <= every.max()
    if len(classes) == 1:
        np.testing.assert_allclose(sorted(every), sorted(same), atol=1e-9)
    given_away = apart.treated - treated + apart.spread[:, None] * (apart.factor - 1) * others
    whole = np.sum(classes, axis=0)
    np.testing.assert_allclose(given_away[apart.spread], np.tile(whole, (apart.spread.sum(), 1)), atol=1e-6)


@few
@given(amounts, st.floats(0.1, 0.9))
def test_classes_that_keep_their_proportion_widen_nothing(whole: list[float], part: float) -> None:
    """Whatever each class gives, together it is one constant share, which a fine grid holds too."""
    treated, others = np.full(len(YEARS), 50.0), np.full(len(YEARS), 900.0)
    total = np.asarray(whole)
    apart = allotments_by_class(
        treated, [Unknown(part * total, others), Unknown((1 - part) * total, others)], PRE
    )
    fine = allotments(treated, Unknown(total, others), PRE, np.linspace(0.0, 1.0, 41))
    every, same = (estimates(one.treated, one.factor) for one in (apart, fine))
    assert same[fine.constant].min() - 0.01 <= every.min() and every.max() <= same[fine.constant].max() + 0.01


@pytest.mark.slow
def test_only_shares_by_class_hold_the_truth_where_small_owners_come_in_after_the_event() -> None:
    """None of the large unknown is the treated unit's and nine tenths of the small, which grow fivefold: of
    all together it has 18 % before and half after, which is no one share."""
    rng, hits = np.random.default_rng(5), np.zeros(2)
    for _ in range(200):
        Y = panel(rng, 0.4)
        large, small = np.full(len(YEARS), 60.0), np.where(PRE, 15.0, 75.0)
        Y[0] = np.exp(5.0 + rng.normal(scale=0.1, size=len(YEARS)) + 0.4 * ~PRE) - 0.9 * small
        others = Y[1:].sum(axis=0)
        classes = [Unknown(large, others), Unknown(small, others)]
        plain = unknown_bounds(Y, Unknown(large + small, others), DESIGN, STEP, "ols_log")
        apart = unknown_bounds_by_class(Y, classes, DESIGN, STEP, "ols_log")
        hits += [plain.low <= 0.4 <= plain.high, apart[0] <= 0.4 <= apart[1]]
    assert hits[1] >= 0.92 * 200 > hits[0] + 20


@few
@given(st.lists(amounts, min_size=2, max_size=3))
def test_classes_add_up_to_the_whole_whatever_was_left(left: list[list[float]]) -> None:
    others = np.ones(len(YEARS))
    whole, *without = (Unknown(np.asarray(part), others) for part in left)
    made = classes_of_size(whole, [*without, None])
    assert len(made) == len(left) + 1 and not made[-1].values.any()
    np.testing.assert_allclose(np.sum([one.values for one in made], axis=0), whole.values)
