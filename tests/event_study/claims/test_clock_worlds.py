"""Methods against SIMULATED worlds: the paper's rule misleads where it must, the correction holds the truth.

Over fifty seeds, by exact binomial tests at 1 %: a method that loses its correction fails them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, ttest_1samp

from event_study.claims import clock_worlds as module
from event_study.claims.clock_worlds import clock_worlds
from event_study.clock.profiles import load_clock
from event_study.clock.simulated_worlds import load_worlds, simulate
from event_study.schemas import KEYS, to_arrow
from event_study.specs.glossary import NAMES
from event_study.units.pre_post import pre_post

WORLDS = NAMES["world"]
SEEDS = range(1, 51)


def of(table: pd.DataFrame, world: str, method: str, quantity: str) -> pd.DataFrame:
    names = ["world", "method", "quantity"]
    rows = table[(table[names] == [world, method, quantity]).all(axis=1)]
    return rows[["estimate", "ci_low", "ci_high", "truth"]].astype(float)


def covered(rows: pd.DataFrame) -> int:
    return int(((rows["ci_low"] <= rows["truth"]) & (rows["truth"] <= rows["ci_high"])).sum())


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return clock_worlds(cuts=[16, 17])


def test_the_table_is_whole_and_says_that_it_is_simulated(table: pd.DataFrame) -> None:
    written = to_arrow("clock_worlds", table)
    assert not table.duplicated(list(KEYS["clock_worlds"])).any()
    assert set(table["label"]) == {"SIMULATED"}
    assert table["sentence"].str.startswith("SIMULATED: ").all()
    for column, kind in (("world", "world"), ("method", "world_method"), ("quantity", "world_quantity")):
        assert set(table[column]) == set(NAMES[kind])
    assert tuple(load_worlds().worlds) == WORLDS
    assert written.schema.metadata[b"description"].startswith(b"SIMULATED")
    places = table[table["method"] == "places"].drop(columns="cut_off")
    assert not places.drop_duplicates().duplicated(["world", "quantity"]).any()  # the same at every cut-off


def test_one_seed_shows_what_fifty_do(table: pd.DataFrame) -> None:
    at = table[table["cut_off"] == 17]
    for world in WORLDS:
        assert covered(of(at, world, "places", "china_effect")) == 1
    for world in ("world_rises", "europe_rises", "nothing_happens"):
        (paper,) = of(at, world, "paper", "difference").itertuples()
        assert paper.ci_low > max(paper.truth, 0.0), world
    ratio, alone = (
        of(at, "world_rises", name, "ratio")["estimate"].item() for name in ("paper", "clock_alone")
    )
    assert ratio == pytest.approx(alone, rel=0.25)
    assert of(at, "china_rises", "places", "china_effect")["ci_low"].item() > 0
    assert covered(of(at, "europe_rises", "two_places", "china")) == 0  # two places cannot tell Europe apart


@pytest.mark.slow
def test_the_papers_changes_are_those_of_its_panel_regression(table: pd.DataFrame) -> None:
    """Weekly means of a balanced panel give what unit and week effects do."""
    stated = load_worlds()
    years = range(2019, 2026)
    off = {"CN": [module.holiday_week("golden_week", year) for year in years]}
    counts = simulate("nothing_happens", stated, load_clock(), module.SEED, off)
    hours = module.hours_of_day(counts.people + counts.bots)
    panel = pd.concat(
        pd.DataFrame(
            {
                "repository": np.repeat(np.arange(len(hours)), len(counts.weeks)),
                "week": np.tile(np.asarray(counts.weeks), len(hours)),
                "forks": part.sum(axis=2).ravel().astype(float),
                "origin": origin,
            }
        )
        for origin, part in (("CN", hours[..., :17]), ("US", hours[..., 17:]))
    )
    made = pre_post(
        panel, y="forks", unit="repository", group="origin", time="week", treated="CN", comparison="US",
        events=stated.events, half=4, reference=(-8, -3), draws=199, seed=1,
    )  # fmt: skip
    at = table[table["cut_off"] == 17]
    for quantity, change in (
        ("china", made.treated.change),
        ("united_states", made.comparison.change),
        ("difference", made.difference),
    ):
        row = of(at, "nothing_happens", "paper", quantity)
        assert row["estimate"].item() == pytest.approx(change, abs=1e-8)


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    return pd.concat([clock_worlds(seed, cuts=[17]) for seed in SEEDS], ignore_index=True)


def rarely_wrong(hits: int) -> bool:
    """Whether so many of the seeds are what 95 % intervals give."""
    return bool(binomtest(hits, len(SEEDS), 0.95, alternative="less").pvalue > 0.01)


def mostly(hits: int, share: float = 0.8) -> bool:
    """Whether so many of the seeds show that it happens in more than ``share`` of worlds."""
    return bool(binomtest(hits, len(SEEDS), share, alternative="greater").pvalue < 0.01)


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
def test_the_corrections_intervals_hold_the_truth(many: pd.DataFrame, world: str) -> None:
    for quantity in ("china", "united_states", "difference", "china_effect"):
        rows = of(many, world, "places", quantity)
        assert rarely_wrong(covered(rows)), quantity
        bias = rows["estimate"] - rows["truth"]
        assert ttest_1samp(bias, 0.0).pvalue > 0.01, quantity


@pytest.mark.slow
def test_a_rise_of_the_whole_world_is_read_as_chinese(many: pd.DataFrame) -> None:
    ratio, alone = (of(many, "world_rises", name, "ratio")["estimate"] for name in ("paper", "clock_alone"))
    assert np.median(ratio) == pytest.approx(alone.iloc[0], rel=0.1)
    paper = of(many, "world_rises", "paper", "difference")
    assert (paper["truth"] < 0).all()  # in truth more of the rise is American
    assert mostly(int((paper["ci_low"] > 0).sum()), 0.9)


@pytest.mark.slow
def test_a_rise_of_china_is_seen_by_both(many: pd.DataFrame) -> None:
    assert mostly(int((of(many, "china_rises", "paper", "difference")["ci_low"] > 0).sum()), 0.9)
    assert mostly(int((of(many, "china_rises", "places", "china_effect")["ci_low"] > 0).sum()), 0.5)
    assert rarely_wrong(covered(of(many, "china_rises", "two_places", "china")))
    short = of(many, "china_rises", "paper", "difference")  # what China does at night is taken for American
    assert ttest_1samp(short["estimate"] - short["truth"], 0.0, alternative="less").pvalue < 0.01


@pytest.mark.slow
def test_a_rise_of_europe_is_read_as_chinese(many: pd.DataFrame) -> None:
    for method, quantity in (("paper", "china"), ("paper", "difference"), ("two_places", "china")):
        assert mostly(int((of(many, "europe_rises", method, quantity)["ci_low"] > 0).sum()))
    bounds = of(many, "europe_rises", "bounds", "china")
    assert rarely_wrong(
        int((bounds["ci_low"] <= 1e-9).sum())
    )  # two numbers alone allow that China did nothing


@pytest.mark.slow
def test_nothing_at_all_is_read_as_chinese(many: pd.DataFrame) -> None:
    for method, quantity in (("paper", "china"), ("paper", "difference"), ("two_places", "china")):
        assert mostly(int((of(many, "nothing_happens", method, quantity)["ci_low"] > 0).sum()), 0.9)
