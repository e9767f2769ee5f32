"""The calibration: its batches are event_study's functions, and what it says is what was asked for."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import binom
from statsmodels.genmod.families import Poisson

from benchmarks import calibrate
from benchmarks.calibration import document, figure, tally, trials, wald
from benchmarks.calibration.tally import Kind
from benchmarks.calibration.worlds import (
    COUNT_NOISE,
    FACTOR_STEP,
    GRID,
    RHO,
    SPREAD,
    WORLDS,
    PanelWorld,
    ar1,
    simulate,
)
from event_study.errors import NotConverged
from event_study.inference.conventional import crv1_ols, gls_ar1
from event_study.inference.ri_studentised import rank_test

pytestmark = pytest.mark.slow

EXACT = 1e-10
DONORS = (20, 40, 60)
DRAWS = 12
REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


def world(name: str) -> PanelWorld:
    return next(one for one in WORLDS if one.name == name)


def drawn(name: str, seed: int = 1, draws: int = DRAWS, donors: int = 20) -> trials.Panels:
    return simulate(world(name), donors, draws, np.random.default_rng(seed))


def asked(name: str, trend: bool) -> trials.Asked:
    return trials.Asked.of(world(name), trend)


CASES = [("unequal", False), ("extreme", False), ("overlap_unequal", False), ("overlap_unequal", True)]


# --- the batches are the public functions -------------------------------------------------------------


@pytest.mark.parametrize(("name", "trend"), CASES)
@pytest.mark.parametrize("seed", [1, 2])
def test_clustered_errors_are_crv1_ols(name: str, trend: bool, seed: int) -> None:
    values, one = drawn(name, seed).values, asked(name, trend)
    batch = wald.crv1(values, one.design)
    for i, Y in enumerate(values):
        alone = crv1_ols(Y, one.design, one.contrast, 0.05)
        assert batch.coef[i] @ one.contrast == pytest.approx(alone.estimate, abs=EXACT)
        error = np.sqrt(one.contrast @ batch.cov[i] @ one.contrast)
        assert error == pytest.approx(alone.std_error, rel=EXACT)
        assert batch.covers(one.contrast, 0.0, 0.05)[i] == (alone.low <= 0 <= alone.high)


@pytest.mark.parametrize(("name", "trend"), CASES)
@pytest.mark.parametrize("seed", [1, 2])
def test_gls_is_gls_ar1(name: str, trend: bool, seed: int) -> None:
    values, one = drawn(name, seed).values, asked(name, trend)
    gaps = values[:, 0] - values[:, 1:].mean(axis=1)
    batch = wald.gls_ar1(gaps, one.design.X)
    assert batch.has_verdict.any()
    for i, gap in enumerate(gaps):
        if not batch.has_verdict[i]:
            with pytest.raises(NotConverged):
                gls_ar1(gap, one.design.X, one.contrast, 0.05)
            continue
        alone = gls_ar1(gap, one.design.X, one.contrast, 0.05)
        error = np.sqrt(one.contrast @ batch.cov[i] @ one.contrast)
        assert batch.coef[i] @ one.contrast == pytest.approx(alone.estimate, abs=EXACT)
        assert error == pytest.approx(alone.std_error, rel=EXACT)
        assert batch.covers(one.contrast, 0.0, 0.05)[i] == (alone.low <= 0 <= alone.high)


def test_gls_has_no_verdict_where_gls_ar1_has_none() -> None:
    one = asked("equal", False)
    wave = np.sin(np.arange(60) / 10)  # slower than the panel is long: the autocorrelation passes 1
    with pytest.raises(NotConverged):
        gls_ar1(wave, one.design.X, one.contrast, 0.05)
    steady = ar1(np.random.default_rng(1), (60,))
    assert list(wald.gls_ar1(np.vstack([wave, steady]), one.design.X).has_verdict) == [False, True]


def dummies(units: int, periods: int, columns: np.ndarray) -> np.ndarray:
    """Treated columns, unit dummies, period dummies but the first; rows by unit, then period."""
    treated = np.zeros((units, 1))
    treated[0] = 1.0
    return np.column_stack([
        np.kron(treated, columns), np.kron(np.eye(units), np.ones((periods, 1))),
        np.kron(np.ones((units, 1)), np.eye(periods)[:, 1:]),
    ])  # fmt: skip


@pytest.mark.parametrize(("name", "trend"), CASES)
def test_iid_errors_are_least_squares_on_all_dummies(name: str, trend: bool) -> None:
    values, one = drawn(name, draws=3, donors=8).values, asked(name, trend)
    batch = wald.iid(values, one.design)
    _, units, periods = values.shape
    X = dummies(units, periods, one.design.X[:, 1:])
    contrast = np.zeros(X.shape[1])
    contrast[: len(one.contrast) - 1] = one.contrast[1:]
    for i, Y in enumerate(values):
        fit = sm.OLS(Y.ravel(), X).fit(method="qr")
        assert fit.df_resid == batch.freedom
        assert batch.coef[i] @ one.contrast == pytest.approx(contrast @ fit.params, abs=1e-9)
        error = np.sqrt(one.contrast @ batch.cov[i] @ one.contrast)
        assert error == pytest.approx(float(np.sqrt(contrast @ fit.cov_params() @ contrast)), rel=1e-9)


def test_poisson_errors_are_the_dummy_models_own() -> None:
    values, one = drawn("counts", draws=2, donors=9).values, asked("counts", False)
    batch = wald.poisson(values, one.design)
    X = dummies(10, 60, one.design.X[:, 1:])
    for i, Y in enumerate(values):
        fit = sm.GLM(Y.ravel(), X, family=Poisson()).fit(tol=1e-12)
        assert batch.coef[i, 1] == pytest.approx(fit.params[0], abs=1e-7)
        assert np.sqrt(batch.cov[i, 1, 1]) == pytest.approx(fit.bse[0], rel=1e-6)


def test_joint_wald_is_that_of_all_coefficients() -> None:
    values, one = drawn("overlap_unequal").values, asked("overlap_unequal", True)
    batch = wald.crv1(values, one.design)
    stat = [b[2:] @ np.linalg.inv(V[2:, 2:]) @ b[2:] for b, V in zip(batch.coef, batch.cov, strict=True)]
    level = np.exp(-np.asarray(stat) / 2) * (1 + np.asarray(stat) / 2)  # chi-square tail, 4 degrees
    assert list(batch.joint_rejects(one.design.map, 0.05)) == list(level <= 0.05)
    assert list(batch.joint_rejects(one.design.map, 1e-9)) == list(level <= 1e-9)


@pytest.mark.parametrize(("name", "trend"), [*CASES, ("counts", False)])
def test_power_is_the_test_of_every_moved_panel(name: str, trend: bool) -> None:
    one, panels, asked_ = world(name), drawn(name), asked(name, trend)
    tests, again = [], np.zeros(len(GRID), dtype=int)
    for i, values in enumerate(panels.values):
        fits, b = trials.fit(one, values, asked_)
        tests.append(rank_test(b, fits.scale, 0.05))
        for g in range(len(GRID)):
            moved = values.copy()
            moved[0] = panels.moved[i, g]
            fits, b = trials.fit(one, moved, asked_)
            again[g] += rank_test(b, fits.scale, 0.05).p_value <= 0.05
    counted = trials.power_rejections(one, panels, asked_, tests)
    assert list(counted) == list(again)
    assert counted[0] == sum(test.p_value <= 0.05 for test in tests)
    assert counted[-1] > counted[0]


@pytest.mark.parametrize(("name", "trend"), [*CASES, ("counts", False)])
def test_the_treated_unit_alone_has_the_estimate_of_the_whole_panel(name: str, trend: bool) -> None:
    one, panels, asked_ = world(name), drawn(name, draws=4), asked(name, trend)
    alone = trials.estimates_alone(one, panels, asked_)
    for i, g in np.ndindex(alone.shape):
        moved = panels.values[i].copy()
        moved[0] = panels.moved[i, g]
        assert alone[i, g] == pytest.approx(trials.fit(one, moved, asked_)[1][0], abs=EXACT)


# --- the worlds are what they say ---------------------------------------------------------------------


def test_noise_is_stationary_with_the_autocorrelation_it_says() -> None:
    noise = ar1(np.random.default_rng(3), (20000, 60))
    assert noise.var(axis=0) == pytest.approx(np.ones(60), abs=0.05)
    assert (noise[:, 1:] * noise[:, :-1]).mean() == pytest.approx(RHO, abs=0.01)


def test_spreads_and_loadings_are_as_declared() -> None:
    unequal = drawn("unequal", draws=3000)
    assert np.log(unequal.sd).std() == pytest.approx(SPREAD, abs=0.03)
    assert set(drawn("high").sd) == {2.0}
    assert set(drawn("low").sd) == {0.5}
    extreme, alike = drawn("extreme", draws=3000).values, drawn("factor", draws=3000).values
    # a random walk of step f over 60 months ends with variance 60 f^2, loaded 2 or N(0, 1)
    assert extreme[:, 0, -1].var() == pytest.approx(1 + 4 * 60 * FACTOR_STEP**2, rel=0.08)
    assert extreme[:, 1, -1].var() == pytest.approx(1 + 60 * FACTOR_STEP**2, rel=0.15)
    assert alike[:, 0, -1].var() == pytest.approx(1 + 60 * FACTOR_STEP**2, rel=0.15)


@pytest.mark.parametrize("name", ["unequal", "overlap_unequal"])
def test_a_planted_effect_is_what_the_design_reads_without_noise(name: str) -> None:
    one, panels = world(name), drawn(name)
    design = one.design(trend=False)
    found = np.linalg.lstsq(design.X, (panels.planted - panels.values)[:, 0].T, rcond=None)[0][1:].T
    assert found == pytest.approx(panels.sd[:, None] * np.asarray(one.planted), abs=1e-9)
    assert (panels.planted[:, 1:] == panels.values[:, 1:]).all()


def test_a_planted_count_is_multiplied_after_the_event_alone() -> None:
    panels, one = drawn("counts", draws=4000, donors=1), world("counts")
    before = one.design(trend=False).pre
    assert (panels.planted[:, 0, before] == panels.values[:, 0, before]).all()
    assert (panels.moved[:, :, before] == panels.values[:, :1][:, :, before]).all()
    assert (panels.moved[:, 0] == panels.values[:, 0]).all()
    ratio = panels.planted[:, 0, ~before].mean() / panels.values[:, 0, ~before].mean()
    assert np.log(ratio) == pytest.approx(COUNT_NOISE * 2.0, abs=0.02)


def test_stress_worlds_differ_from_the_promised_one_by_strength_alone() -> None:
    same = next(one for one in WORLDS if one.stress and one.factor == world("extreme").factor)
    assert replace(same, name="extreme", title=world("extreme").title, stress=False) == world("extreme")


# --- draws, chunks, counts ----------------------------------------------------------------------------


def test_chunks_add_up_and_have_their_own_seeds() -> None:
    listed = calibrate.jobs(600, seed=1, donors=(20,))
    mine = [job for job in listed if job[0].name == "equal"]
    assert [job[2] for job in mine] == [250, 250, 100]
    assert len({tuple(job[3].generate_state(4)) for job in listed}) == len(listed)
    small = [(w, j, 20, seed) for w, j, _, seed in mine]
    counts = [calibrate.work(job)[0] for job in small]
    summed = tally.total(counts)
    for key, count in summed.items():
        assert count.verdicts + count.silent == 60
        assert count.rejected == sum(one[key].rejected for one in counts)
    assert calibrate.work(small[0])[0] == counts[0]
    assert counts[0] != counts[1]


@pytest.fixture
def deaf() -> Iterator[None]:
    """What this process starts ignores SIGTERM, as what a careless parent starts does."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGTERM, before)


def test_files_are_the_same_whoever_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deaf: None
) -> None:
    for name in calibrate.THREADS:  # what the pool sets for its workers is undone with the test
        monkeypatch.setenv(name, "1")
    listed = calibrate.jobs(20, seed=3, donors=(20,))
    pooled, cpu = calibrate.calibrate(listed, processes=2)
    alone = {(job[0], job[1]): calibrate.work(job)[0] for job in listed}
    assert cpu > 0
    assert pooled == alone
    said = calibrate.write(tmp_path / "pooled", pooled, 3)
    assert said == calibrate.write(tmp_path / "alone", alone, 3)
    for name in ("calibration.csv", "power.csv", "calibration.md", "power.svg"):
        assert (tmp_path / "pooled" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()


def test_rows_hold_shares_and_their_exact_interval() -> None:
    key = tally.Key("equal", False, trials.SINGLE, Kind.HEADLINE)
    curve = (5, *[50] * 7, 80, *[100] * 8)
    made = tally.row(key, 40, tally.Count(100, 0, 5, 95, 94, curve), 2.0, GRID, 0.05)
    assert (made.rejected, made.coverage, made.coverage_planted) == (0.05, 0.95, 0.94)
    assert made.exact_size == round(2 / 41, 4)
    # Clopper-Pearson: each bound is where the tail beyond what was seen is 2.5 %
    assert binom.sf(4, 100, made.rejected_low) == pytest.approx(0.025, abs=2e-4)
    assert binom.cdf(5, 100, made.rejected_high) == pytest.approx(0.025, abs=2e-4)
    assert (made.power_1sd, made.power_2sd, made.power_4sd) == (0.5, 0.8, 1.0)
    assert made.detectable_80 == 2.0


def test_detectable_effect_lies_between_grid_points_and_may_be_beyond_them() -> None:
    assert tally.detectable(np.array([0.0, 1.0, 2.0]), np.array([0.05, 0.7, 0.9]), 0.8) == 1.5
    assert tally.detectable(np.array([0.0, 1.0]), np.array([0.05, 0.7]), 0.8) is None


def test_a_small_calibration_is_within_exact_binomial_bounds() -> None:
    """300 draws a cell; each bound is passed by chance in fewer than one of ten thousand runs."""
    made: dict[tuple[str, bool, str], tally.Count] = {}
    for one in WORLDS:
        if one.name not in ("equal", "extreme", "overlap_unequal", "counts"):
            continue
        seed = np.random.SeedSequence([20221007, WORLDS.index(one)])
        for key, count in trials.chunk(one, 40, 300, seed).items():
            made[key.world, key.trend, key.test] = count
    low, high = binom.ppf(1e-5, 300, 2 / 41), binom.isf(1e-5, 300, 0.07)
    headlines = [n for (_, _, test), n in made.items() if test in (trials.SINGLE, trials.MEAN_STEP)]
    assert len(headlines) == 5
    for count in headlines:
        assert low <= count.rejected <= high
        assert count.covered == 300 - count.rejected
        assert count.covered_planted is not None
        assert 300 - high <= count.covered_planted <= 300 - low
    for trend in (False, True):
        joint, stepwise, one_true, singly = (
            made["overlap_unequal", trend, test].rejected
            for test in (trials.LARGEST, trials.STEPWISE, trials.STEPWISE_ONE_TRUE, trials.UNADJUSTED)
        )
        assert joint == stepwise
        assert one_true <= high < singly
    # "as in the paper": errors clustered by unit reject a true null most of the time
    for name in ("equal", "extreme", "counts"):
        assert made[name, False, trials.CRV1].rejected > 0.6 * 300
    assert made["equal", False, trials.GLS].rejected > made["equal", False, trials.SINGLE].rejected


# --- what is committed --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def committed() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "calibration.csv", keep_default_na=False, na_values=[""])


def test_committed_headline_keeps_its_level_and_its_sets_cover(committed: pd.DataFrame) -> None:
    headline = committed[committed["kind"] == Kind.HEADLINE]
    asked_of = [one.name for one in WORLDS if not one.stress]
    single = headline[headline["test"].isin([trials.SINGLE, trials.MEAN_STEP])]
    for name in asked_of:
        assert sorted(set(single.loc[single["design"] == name, "donors"])) == list(DONORS), name
    assert set(headline["design"]) == set(asked_of)
    assert (headline["draws"] >= 2000).all()
    assert headline["rejected"].between(0.03, 0.07).all(), headline.loc[
        ~headline["rejected"].between(0.03, 0.07), ["design", "trend", "donors", "test", "rejected"]
    ].to_string()
    assert single["coverage"].between(0.93, 0.97).all()
    assert single["coverage_planted"].between(0.93, 0.97).all()
    assert (single["planted_sd"] > 0).all()
    assert single[["power_1sd", "power_4sd"]].notna().all(axis=None)


def test_committed_conventional_errors_stand_beside_on_the_same_draws(committed: pd.DataFrame) -> None:
    place = ["design", "trend", "donors"]
    single = committed[committed["test"].isin([trials.SINGLE, trials.MEAN_STEP])]
    for test in (trials.CRV1, trials.GLS):
        beside = single.merge(committed[committed["test"] == test], on=place, suffixes=("", "_beside"))
        assert len(beside) == len(single)
        assert (beside["draws_beside"] + beside["without_verdict_beside"] == beside["draws"]).all()
    equal = committed[(committed["design"] == "equal") & (committed["test"] == trials.CRV1)]
    assert (equal["rejected"] > 0.6).all()
    family = committed[committed["kind"] == Kind.FAMILY]
    assert len(family) == 12
    assert (family["rejected"] <= 0.07).all()


def test_committed_numbers_all_say_that_they_are_simulated(committed: pd.DataFrame) -> None:
    curves = pd.read_csv(REFERENCE / "power.csv")
    assert set(committed["origin"]) == set(curves["origin"]) == {"SIMULATED"}
    assert "(SIMULATED)" in (REFERENCE / "calibration.md").read_text().splitlines()[0]
    assert "SIMULATED:" in (REFERENCE / "power.svg").read_text()


def rows_of(committed: pd.DataFrame) -> list[tally.Row]:
    blank = committed.astype(object).where(committed.notna(), None)
    return [tally.Row(**line) for line in blank.to_dict("records")]


def test_verdict_names_the_rows_outside_what_was_asked(committed: pd.DataFrame) -> None:
    rows = rows_of(committed)
    assert "rows within" in document.verdict(rows)[0]
    rows[0] = replace(rows[0], rejected=0.081, coverage=0.919)
    level, sets = document.verdict(rows)[:2]
    assert "outside it: equal, 20 donors: 8.1 %" in level
    assert "outside it: equal, 20 donors: 91.9 %" in sets
    assert "rows within" not in level + sets


def test_page_and_figure_are_those_of_the_committed_numbers(committed: pd.DataFrame) -> None:
    page = (REFERENCE / "calibration.md").read_text()
    seed_line = re.search(r"seed (\d+)\. (Made with .*)", page)
    assert seed_line is not None
    assert document.markdown(rows_of(committed), seed=int(seed_line[1]), made_with=seed_line[2]) == page
    curves = pd.read_csv(REFERENCE / "power.csv", keep_default_na=False)
    points = [tally.Point(**line) for line in curves.to_dict("records")]
    drawn_now, there = figure.power_svg(points), (REFERENCE / "power.svg").read_text()
    curve = re.compile(r' d="(M[\d.]+,[\d.]+(?:L[\d.]+,[\d.]+){16})"')  # words may be set otherwise elsewhere
    assert curve.findall(there) == curve.findall(drawn_now)
    assert len(curve.findall(there)) == len(figure.PANELS) * len(DONORS)
    at_one = committed[committed["power_1sd"].notna() & (committed["kind"] == Kind.HEADLINE)]
    merged = at_one.merge(curves[curves["effect_sd"] == 1.0], on=["design", "trend", "donors"])
    assert len(merged) == len(at_one)
    assert (merged["power_1sd"] == merged["rejected_y"]).all()
