"""Long rows to a matrix: order does not matter, and what cannot be used has a name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import (
    DuplicateKey,
    EventOutsidePanel,
    EventStudyError,
    InfiniteValue,
    MissingReference,
    NoDonors,
    NonPositiveLog,
    SpecError,
    UnbalancedPanel,
)
from event_study.estimators.matrices import Matrix, as_treated, check_windows, matrix_of

ROWS = pd.DataFrame(
    {
        "place": ["B", "A", "C", "A", "C", "B"],
        "year": [2001, 2000, 2000, 2001, 2001, 2000],
        "jobs": [4, 1, 5, 2, 6, 3],
    }
)


def made(rows: pd.DataFrame = ROWS, **options: object) -> Matrix:
    return matrix_of(rows, **{"y": "jobs", "unit": "place", "time": "year", "treated": "B", **options})  # type: ignore[arg-type]


def test_treated_first_donors_and_times_in_order() -> None:
    matrix = made()
    assert matrix.values.tolist() == [[3, 4], [1, 2], [5, 6]]
    assert (matrix.units, matrix.times) == (("B", "A", "C"), (2000, 2001))


def test_only_the_named_donors() -> None:
    matrix = made(donors=["C"])
    assert (matrix.units, matrix.values.tolist()) == (("B", "C"), [[3, 4], [5, 6]])


def test_logarithms() -> None:
    assert made(log=True).values == pytest.approx(np.log([[3, 4], [1, 2], [5, 6]]))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 7), st.integers(1, 7), st.randoms(use_true_random=False), st.booleans())
def test_any_order_of_any_keys_gives_the_same_matrix(donors: int, periods: int, random, dates: bool) -> None:  # type: ignore[no-untyped-def]
    units = list(range(40, 41 + donors))
    times = list(pd.date_range("2020-01-01", periods=periods, freq="MS")) if dates else list(range(periods))
    rows = pd.DataFrame([(u, t, random.gauss(0, 1)) for u in units for t in times], columns=["u", "t", "v"])
    rows["u"] = rows["u"].astype("int8")
    order = random.sample(range(len(rows)), len(rows))
    options = {"y": "v", "unit": "u", "time": "t", "treated": random.choice(units)}
    one, other = matrix_of(rows, **options), matrix_of(rows.iloc[order], **options)
    assert one.values.tolist() == other.values.tolist()
    assert (one.units, one.times) == (other.units, other.times)
    assert one.units[0] == options["treated"] and sorted(one.units) == units and list(one.times) == times
    for i, u in enumerate(one.units):
        assert one.values[i].tolist() == rows[rows["u"] == u]["v"].tolist()


def test_categorical_units_with_unused_levels() -> None:
    kinds = pd.CategoricalDtype(["C", "A", "B", "Z"], ordered=False)
    assert made(ROWS.astype({"place": kinds})).units == ("B", "A", "C")


def without(**keys: object) -> pd.DataFrame:
    return ROWS[~np.logical_and.reduce([ROWS[k] == v for k, v in keys.items()])]


def with_value(value: object) -> pd.DataFrame:
    return ROWS.astype({"jobs": object}).assign(
        jobs=[value if (u, t) == ("C", 2001) else 1.5 for u, t in zip(ROWS.place, ROWS.year, strict=True)]
    )


@pytest.mark.parametrize(
    ("rows", "options", "error", "message"),
    [
        (pd.concat([ROWS, ROWS.iloc[[2]]]), {}, DuplicateKey, "two rows for C in 2000"),
        (without(place="C", year=2001), {}, UnbalancedPanel, "C lacks 1 of 2 periods, first 2001"),
        (without(year=2001), {"donors": ["A", "Q"]}, UnbalancedPanel, "Q has no row"),
        (without(place="B"), {}, UnbalancedPanel, "B has no row"),
        (ROWS.iloc[:0], {"donors": ["A"]}, UnbalancedPanel, "B has no row"),
        (ROWS[ROWS["place"] == "B"], {}, NoDonors, "no comparison unit beside B"),
        (ROWS, {"donors": []}, NoDonors, "no comparison unit beside B"),
        (with_value(np.nan), {}, InfiniteValue, "C is nan in 2001, not a finite number"),
        (with_value(-np.inf), {}, InfiniteValue, "C is -inf in 2001, not a finite number"),
        (with_value(None), {}, InfiniteValue, "C is nan in 2001, not a finite number"),
        (with_value("{n/a}"), {}, InfiniteValue, "C is {n/a} in 2001, not a finite number"),
        (with_value(0), {"log": True}, NonPositiveLog, "C is 0 in 2001, and a logarithm needs"),
        (ROWS.assign(place=["B", None, *"CACB"]), {}, InfiniteValue, "1 row without a place or a year"),
        (ROWS, {"y": "wages"}, SpecError, "no column wages among place, year, jobs"),
        (ROWS, {"donors": ["A", "B"]}, SpecError, "the treated unit is among its donors"),
        (ROWS, {"donors": ["A", "A"]}, SpecError, "a donor is named twice"),
        (ROWS.assign(year=[2001, "x", *[2000] * 4]), {}, SpecError, "column year holds values that have no"),
    ],
)
def test_what_cannot_be_used_is_named(
    rows: pd.DataFrame, options: dict[str, object], error: type[EventStudyError], message: str
) -> None:
    with pytest.raises(error) as caught:
        made(rows, **options)
    assert message in str(caught.value)


def test_all_units_that_lack_a_period_are_counted() -> None:
    with pytest.raises(UnbalancedPanel, match=r"B lacks 1 of 2 periods, first 2001 \(1 other unit too\)"):
        made(without(year=2001, place="C").drop(index=0))


def test_an_unasked_unit_may_be_anything() -> None:
    assert made(with_value(np.inf), donors=["A"]).units == ("B", "A")


@pytest.mark.parametrize(
    ("Y", "pre", "post", "error", "message"),
    [
        (np.ones((1, 3)), [1, 1, 0], [0, 0, 1], NoDonors, "no comparison unit"),
        (np.ones((2, 3)), [1, 0, 0], [0, 0, 1], MissingReference, "1 period before .* at least 2 needed"),
        (np.ones((2, 3)), [1, 1, 1], [0, 0, 0], EventOutsidePanel, "no period after"),
        (np.array([[1, 2, 3], [1, np.nan, 3]]), [1, 1, 0], [0, 0, 1], InfiniteValue, "row 1 is nan in"),
        (np.ones((2, 3)), [1, 1, 1], [0, 0, 1], ValueError, "both before and after"),
        (np.ones((2, 3)), [1, 1], [0, 1], ValueError, "must be 3 booleans"),
    ],
)  # fmt: skip
def test_windows_that_no_estimator_can_use(
    Y: np.ndarray, pre: list[int], post: list[int], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        check_windows(Y, np.array(pre, bool), np.array(post, bool), least=2)


def test_no_placebo_has_the_treated_unit_among_its_donors() -> None:
    Y = np.arange(4)[:, None] * np.ones((4, 2))
    assert as_treated(Y, 0)[:, 0].tolist() == [0, 1, 2, 3]
    assert as_treated(Y, 2)[:, 0].tolist() == [2, 1, 3]
