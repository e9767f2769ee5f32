"""Pre/post by group, the gap between groups among placebo dates, and what clustered errors miss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from event_study.errors import (
    DuplicateKey,
    EventOutsidePanel,
    EventStudyError,
    MissingReference,
    NoDonors,
    RankDeficient,
    ResolutionTooCoarse,
    SpecError,
)
from event_study.units.pre_post import PrePost, pre_post

WEEKS = [date(2021, 1, 4) + timedelta(weeks=w) for w in range(240)]
EVENTS = [WEEKS[90], WEEKS[190]]
OPTIONS = {
    "y": "forks", "unit": "repo", "group": "origin", "time": "week", "treated": "CN", "comparison": "US",
    "events": EVENTS, "half": 4, "reference": (-8, -3), "draws": 199, "seed": 1,
}  # fmt: skip


def frame(
    repos: int = 8,
    effect: float = 0.0,
    rate: tuple[float, float] = (10.0, 1.0),
    entries: bool = False,
    seed: int = 0,
) -> pd.DataFrame:
    """Noisy events a week of repositories in two origins; ``effect`` adds to CN in each event's 4 weeks."""
    rng = np.random.default_rng(seed)
    rows = [
        (repo, origin, week, rate[o])
        for repo in range(repos)
        for o, origin in enumerate(("CN", "US"))
        for week in WEEKS[7 * (repo % 3) * entries :]
    ]
    made = pd.DataFrame(rows, columns=["repo", "origin", "week", "forks"])
    after = made["week"].map(lambda w: any(e <= w < e + timedelta(weeks=4) for e in EVENTS))
    made["forks"] += rng.normal(0, 0.05, len(made)) + effect * (after & (made["origin"] == "CN"))
    return made


def made(rows: pd.DataFrame, **options: object) -> PrePost:
    return pre_post(rows, **{**OPTIONS, **options})  # type: ignore[arg-type]


def hand(rows: pd.DataFrame, origin: str) -> float:
    """Mean over the events of the mean of 4 weeks after less that of 4 weeks before."""
    series = rows[rows["origin"] == origin].groupby("week")["forks"].mean()
    weeks = np.asarray(WEEKS)
    at = [WEEKS.index(e) for e in EVENTS]
    return float(np.mean([series[weeks[i : i + 4]].mean() - series[weeks[i - 4 : i]].mean() for i in at]))


def test_balanced_changes_are_differences_of_means() -> None:
    rows = frame(effect=0.4)
    done = made(rows)
    assert done.treated.change == pytest.approx(hand(rows, "CN"), abs=1e-12)
    assert done.comparison.change == pytest.approx(hand(rows, "US"), abs=1e-12)
    assert done.difference == pytest.approx(done.treated.change - done.comparison.change, abs=1e-12)
    assert done.treated.change == pytest.approx(0.4, abs=0.05)
    assert (done.treated.units, done.comparison.units, done.clusters) == (8, 8, 8)
    inside = [WEEKS.index(e) + k for e in EVENTS for k in range(-8, -2)]
    base = rows[(rows["origin"] == "CN") & rows["week"].isin([WEEKS[i] for i in inside])]["forks"].mean()
    assert done.treated.base == pytest.approx(base)
    assert done.treated.percent == pytest.approx(100 * done.treated.change / base)
    assert done.percent == pytest.approx(100 * done.difference / base)


def test_the_test_finds_a_real_change_and_its_floor_is_said() -> None:
    done = made(frame(effect=0.4))
    assert done.test.p_value == done.test.p_floor == 1 / 200
    assert made(frame()).test.p_value > 0.05


def test_a_common_factor_is_no_difference_in_percent() -> None:
    """+10 % everywhere: ten times the change where the base is ten times as high, the same percent."""
    rows = frame()
    after = rows["week"].map(lambda w: any(e <= w < e + timedelta(weeks=4) for e in EVENTS))
    done = made(rows.assign(forks=rows["forks"] * np.where(after, 1.1, 1.0)))
    assert done.treated.change / done.comparison.change == pytest.approx(10, rel=0.3)
    assert done.difference == pytest.approx(0.9, abs=0.05)
    assert abs(done.percent_points) < 3


def test_entry_of_large_units_is_no_change() -> None:
    """A repository that enters with ten times the events leaves the change of the others alone."""
    rows = frame(entries=True)
    late = pd.concat(
        [
            rows,
            rows[rows["week"] >= EVENTS[0]].assign(
                repo=lambda f: f["repo"] + 100, forks=lambda f: f["forks"] * 10
            ),
        ]
    )
    assert abs(hand(late, "CN")) > 10
    assert abs(made(late).treated.change) < 0.3


def test_clustered_errors_are_those_of_the_regression() -> None:
    """The score of the change is that of a regression on week dummies: one event, unbalanced."""
    rows = frame(entries=True, seed=3, repos=12)
    own = rows[rows["origin"] == "CN"].copy()
    done = made(rows, events=EVENTS[:1])
    weights = np.zeros(len(WEEKS))
    at = WEEKS.index(EVENTS[0])
    weights[at : at + 4], weights[at - 4 : at] = 0.25, -0.25
    X = (own["week"].to_numpy()[:, None] == np.asarray(WEEKS[1:])).astype(float)
    unit = pd.get_dummies(own["repo"]).to_numpy(dtype=float)
    coef = np.linalg.lstsq(np.hstack([X, unit]), own["forks"].to_numpy(), rcond=None)[0]
    assert done.treated.change == pytest.approx(coef[: X.shape[1]] @ weights[1:], abs=1e-9)
    residual = own["forks"].to_numpy() - np.hstack([X, unit]) @ coef
    within = X - unit @ (unit.T @ X / unit.sum(axis=0)[:, None])
    row = within @ np.linalg.solve(within.T @ within, weights[1:]) * residual
    scores = pd.Series(row).groupby(own["repo"].to_numpy()).sum()
    assert done.treated.std_error == pytest.approx(np.sqrt(12 / 11 * scores @ scores), rel=1e-9)


def test_a_common_weekly_disturbance_is_seen_by_placebo_dates_only() -> None:
    """One shock a week shared by all repositories of an origin: more repositories, smaller clustered
    error, the same doubt."""
    rng, wrong, kept = np.random.default_rng(5), 0, 0
    for draw in range(12):
        rows = frame(repos=12, seed=draw)
        weekly = rng.normal(0, 0.3, len(WEEKS))
        shared = rows["week"].map(dict(zip(WEEKS, weekly, strict=True))) * (rows["origin"] == "CN")
        done = made(rows.assign(forks=rows["forks"] + shared))
        wrong += done.conventional_p < 0.05
        kept += done.test.p_value >= 0.05
    assert wrong >= 8
    assert kept >= 10


def test_order_changes_nothing() -> None:
    rows = frame(entries=True)
    one, other = made(rows), made(rows.sample(frac=1, random_state=2))
    for name in ("difference", "std_error", "percent"):
        assert getattr(one, name) == getattr(other, name)
    assert replace(one.treated) == other.treated


Case = tuple[type[EventStudyError], str, Callable[[pd.DataFrame], pd.DataFrame], dict[str, object]]
BAD: dict[str, Case] = {
    "group": (NoDonors, "no row of IN", lambda f: f, {"comparison": "IN"}),
    "column": (SpecError, "no column country", lambda f: f, {"group": "country"}),
    "twice": (DuplicateKey, "two rows for 0", lambda f: pd.concat([f, f.iloc[:1]]), {}),
    "outside": (EventOutsidePanel, "not seen in full", lambda f: f, {"events": [WEEKS[-2]]}),
    "reference": (MissingReference, "no row in the reference", lambda f: f, {"reference": (-300, -290)}),
    "short": (
        ResolutionTooCoarse, "disjoint placebo windows",
        lambda f: f[f["week"] > WEEKS[150]], {"events": EVENTS[1:]},
    ),
    "unlinked": (
        RankDeficient, "no unit links",
        lambda f: f.assign(repo=f["repo"] + 100 * (f["week"] >= EVENTS[0])), {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_compared_has_a_name(case: str) -> None:
    error, message, spoil, options = BAD[case]
    with pytest.raises(error, match=message):
        made(spoil(frame(repos=3)), **options)
