"""Triple difference: common factors cancel in logs and not in levels; the usual gap, the usual rank."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from event_study.errors import (
    EventStudyError,
    MissingReference,
    NoDonors,
    NonPositiveLog,
    ResolutionTooCoarse,
    SpecError,
    UnbalancedPanel,
)
from event_study.estimators.registry import gap_matrix
from event_study.units.triple import Triple, kind_sums, triple

PERIODS = 30
PRE = np.arange(PERIODS) < 20
NAMES = {
    "y": "forks",
    "kind": "kind",
    "kinds": ("llm", "ml"),
    "country": "country",
    "time": "week",
    "treated": "CN",
}


def frame(seed: int = 0, countries: int = 22, effect: float = 0.0) -> pd.DataFrame:
    """Three repositories a country and kind; ``effect`` in logs on CN's language models after week 20."""
    rng = np.random.default_rng(seed)
    names = ["CN", *(f"D{j:02d}" for j in range(1, countries))]
    keys = pd.MultiIndex.from_product(
        [names, ("llm", "ml"), range(3), range(PERIODS)], names=["country", "kind", "repo", "week"]
    )
    rows = keys.to_frame(index=False)
    size = {name: rng.normal(4, 1) for name in names}
    hit = (rows["country"] == "CN") & (rows["kind"] == "llm") & (rows["week"] >= 20)
    log = rows["country"].map(size) + rng.normal(0, 0.1, len(rows)) + effect * hit
    return rows.assign(forks=np.exp(log))


def made(rows: pd.DataFrame, **options: object) -> Triple:
    return triple(rows, **{**NAMES, "pre": PRE, "post": ~PRE, **options})  # type: ignore[arg-type]


def golden_week(rows: pd.DataFrame) -> pd.DataFrame:
    """Everything Chinese falls to a third in weeks 20-23, whatever the kind."""
    away = (rows["country"] == "CN") & rows["week"].between(20, 23)
    return rows.assign(forks=rows["forks"].where(~away, rows["forks"] / 3))


def test_the_matrix_is_the_log_ratio_of_sums() -> None:
    rows = frame()
    matrix = kind_sums(rows, **NAMES)  # type: ignore[arg-type]
    sums = rows.groupby(["kind", "country", "week"])["forks"].sum()
    hand = np.log(sums["llm"]["D05"]) - np.log(sums["ml"]["D05"])
    assert matrix.units[0] == "CN"
    np.testing.assert_allclose(matrix.differences(log=True)[matrix.units.index("D05")], hand, rtol=1e-12)


def test_golden_week_cancels_in_logs_and_not_in_levels() -> None:
    rows = frame(effect=0.5)
    plain, holiday = made(rows), made(golden_week(rows))
    assert holiday.test.estimate == pytest.approx(plain.test.estimate, abs=1e-12)
    np.testing.assert_allclose(holiday.gap, plain.gap, atol=1e-12)
    levels = made(rows, log=False), made(golden_week(rows), log=False)
    assert levels[1].test.estimate < 0.8 * levels[0].test.estimate


def test_growth_of_the_platform_cancels_for_every_country() -> None:
    """A factor by week on all, and one by country and week on both kinds."""
    rows = frame(1)
    rng = np.random.default_rng(7)
    factor = rows.groupby(["country", "week"])["forks"].transform(lambda v: np.exp(rng.normal()))
    one, other = made(rows), made(rows.assign(forks=rows["forks"] * factor * np.exp(rows["week"] / 10)))
    np.testing.assert_allclose(other.test.ratios, one.test.ratios, rtol=1e-9)


def test_the_effect_its_percent_and_its_bases() -> None:
    rows = frame(effect=0.5)
    done = made(rows, reference=(np.arange(PERIODS) >= 12) & PRE)
    assert done.test.estimate == pytest.approx(0.5, abs=0.1)
    assert done.percent == pytest.approx(100 * (np.exp(done.test.estimate) - 1))
    inside = rows[(rows["country"] == "CN") & rows["week"].between(12, 19)]
    for kind, base in (("llm", done.base), ("ml", done.base_other)):
        assert base == pytest.approx(inside[inside["kind"] == kind].groupby("week")["forks"].sum().mean())
    assert (done.test.p_value, done.test.p_floor, done.donors) == (1 / 22, 1 / 22, 21)
    levels = made(rows, log=False)
    assert levels.percent == pytest.approx(100 * levels.test.estimate / levels.base)


def test_the_gap_of_gaps_is_a_difference_of_two_gaps() -> None:
    rows, kinds = frame(3), {}
    for kind in ("llm", "ml"):
        sums = rows[rows["kind"] == kind].groupby(["country", "week"])["forks"].sum().unstack()
        kinds[kind] = gap_matrix(np.log(sums.to_numpy()))[0]
    np.testing.assert_allclose(made(rows).gap, kinds["llm"] - kinds["ml"], atol=1e-12)


def test_a_donor_without_variation_is_left_out_and_named() -> None:
    rows = frame(4)
    sums = kind_sums(rows, **NAMES).differences(log=True)  # type: ignore[arg-type]
    assert made(rows).left_out == ()
    mean = np.delete(sums, [0, 5], axis=0).mean(axis=0)
    own = rows["country"] == "D05"
    flat = np.where(rows["kind"] == "llm", np.exp(mean[rows["week"]]), 1.0)
    done = made(rows.assign(forks=rows["forks"].where(~own, flat)))
    assert (done.left_out, done.donors) == (("D05",), 20)


Case = tuple[type[EventStudyError], str, Callable[[pd.DataFrame], pd.DataFrame], dict[str, object]]
BAD: dict[str, Case] = {
    "zero": (
        NonPositiveLog, "D03 is 0 in 4",
        lambda f: f.assign(forks=f["forks"].mask((f["country"] == "D03") & (f["week"] == 4), 0)), {},
    ),
    "gap": (
        UnbalancedPanel, "D03 lacks 1 of 30",
        lambda f: f.query("country != 'D03' or kind == 'ml' or week != 4"), {},
    ),
    "one kind": (
        SpecError, "D03 has rows of only one", lambda f: f.query("country != 'D03' or kind == 'ml'"), {},
    ),
    "no kind": (SpecError, "no row with kind llm", lambda f: f[f["kind"] == "ml"], {}),
    "no rows": (UnbalancedPanel, "Q has no row", lambda f: f, {"donors": ["D01", "Q"]}),
    "treated": (SpecError, "among its donors", lambda f: f, {"donors": ["D01", "CN"]}),
    "alone": (NoDonors, "no comparison unit beside CN", lambda f: f[f["country"] == "CN"], {}),
    "column": (SpecError, "no column forks", lambda f: f.drop(columns="forks"), {}),
    "few": (ResolutionTooCoarse, "10 donors", lambda f: f[f["country"] < "D11"], {}),
    "two": (NoDonors, "one donor only", lambda f: f[f["country"] < "D02"], {}),
    "window": (
        MissingReference, "no period in the reference", lambda f: f,
        {"reference": np.zeros(PERIODS, dtype=bool)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_compared_has_a_name(case: str) -> None:
    error, message, spoil, options = BAD[case]
    with pytest.raises(error, match=message):
        made(spoil(frame()), **options)


def test_a_missing_count_is_not_a_smaller_sum() -> None:
    rows = frame()
    with pytest.raises(EventStudyError, match="nan"):
        made(rows.assign(forks=rows["forks"].where(rows.index != 5)))
