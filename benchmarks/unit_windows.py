"""Does the rank among dates of panels of repositories keep its level, and what do others say of the draws?

``python -m benchmarks.unit_windows [--draws N] [--seed N]`` simulates panels shaped like the real ones, in
which the repositories of one country share shocks, and writes unit-windows.csv and unit-windows.md: the same
bytes for the same draws and seed. Tests are ``event_study``'s own. Not here: ranks among countries
(``calibrate``, ``persistence``).
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from benchmarks.calibration.hard_worlds import autoregressive
from event_study.cohorts.flows import Flows
from event_study.cohorts.windows import COMPARISON, TREATED, changes, members, side_of, windows
from event_study.inference.ri_units import permuted_p
from event_study.inference.ri_windows import WindowsTest, placebo_windows, windows_test
from event_study.specs.folder import SHIPPED, load_unit_specs
from event_study.specs.unit_model import Sides, UnitSpec
from event_study.units.result import interval
from event_study.units.two_way import fit_ppml

SEED, DRAWS = 20221007, 1000
OUT = Path(__file__).resolve().parents[1] / "docs" / "reference"
ALPHA, EFFECT, OWN_RHO = 0.05, 0.7, 0.5
SIZE = (0.03, 0.08)  # what is asked of the dates at 5 %: overlapping windows make it rough
BESIDE = 300  # draws of which the two others are made, which take most of the time
FIRST = np.datetime64("2018-01-01")


@dataclass(frozen=True)
class Shape:
    """``weeks`` of work, ``events`` their positions, units of both sides at the start and at the end."""

    name: str
    spec: str
    weeks: int
    events: tuple[int, ...]
    treated: tuple[int, int]
    comparison: tuple[int, int]


@dataclass(frozen=True)
class Shocks:
    """What the units of each side share: AR(``rho``) of standard deviation ``shared`` by week."""

    title: str
    rho: float
    shared: float


SHAPES = (
    Shape("commits", "unit_commits", 395, (222, 230, 279, 333), (12, 30), (20, 36)),
    Shape("libraries", "unit_libraries", 235, (62, 70, 116, 167), (32, 38), (110, 120)),
)
SHOCKS = (
    Shocks("nothing shared", 0.0, 0.0),
    Shocks("shared, independent by week, sd 0.3", 0.0, 0.3),
    Shocks("shared, AR(0.8), sd 0.2", 0.8, 0.2),
    Shocks("shared, AR(0.8), sd 0.6", 0.8, 0.6),
    Shocks("shared, AR(0.95), sd 0.6", 0.95, 0.6),
)
ASKED = 2  # the position of the event that is asked about among a shape's


@dataclass(frozen=True)
class Line:
    """Shares of ``draws`` without an effect that are rejected, with their exact 95 % interval; ``covered``
    sets that hold a planted effect of 0.7 log points, ``power`` draws with it that are rejected; the last
    two of the first 300 draws."""

    origin: str
    shape: str
    shocks: str
    windows: int
    placebos: int
    draws: int
    rejected: float
    rejected_low: float
    rejected_high: float
    covered: float
    power: float
    permutation: float
    clustered: float


def asked(shape: Shape) -> tuple[UnitSpec, Sides]:
    """The spec that ships, and its first pair of sides."""
    spec = next(spec for spec in load_unit_specs(SHIPPED) if spec.id == shape.spec)
    return spec, spec.contrasts[0]


def draw(shape: Shape, shocks: Shocks, rng: np.random.Generator, effect: float = 0.0) -> Flows:
    """Counts a week: a level, own AR(0.5) noise and the side's shocks, Poisson; units enter over time."""
    values, places, first = [], [], []
    weeks = FIRST + 7 * np.arange(shape.weeks)
    for place, (before, after) in (("CN", shape.treated), ("US", shape.comparison)):
        shared = shocks.shared * autoregressive(shocks.rho, rng.normal(size=(1, shape.weeks)))[0]
        if place == "CN":
            shared = shared + effect * (np.arange(shape.weeks) >= shape.events[ASKED])
        own = 0.5 * autoregressive(OWN_RHO, rng.normal(size=(after, shape.weeks)))
        made = rng.poisson(np.exp(rng.normal(1.5, 1.0, (after, 1)) + own + shared)).astype(float)
        entry = np.concatenate([np.zeros(before, dtype=int), rng.integers(0, shape.weeks, after - before)])
        made[np.arange(shape.weeks) < entry[:, None]] = np.nan
        values.append(made)
        places += [place] * after
        first.append(weeks[entry])
    names = np.asarray([f"r{n}" for n in range(len(places))], dtype=object)
    return Flows(np.vstack(values), names, np.asarray(places, dtype=object), np.concatenate(first), weeks)


def ranked(flows: Flows, shape: Shape, spec: UnitSpec, sides: Sides) -> WindowsTest:
    """The change at the event that is asked about, among the dates away from all events."""
    made = windows(flows, spec, sides)
    change, scale = changes(made, log=True)
    here = made.index(shape.events[ASKED], "")
    placebos = placebo_windows(made.at, change, scale, shape.events, spec.half)
    return windows_test(float(change[here]), float(scale[here]), placebos, ALPHA)


def others(flows: Flows, shape: Shape, spec: UnitSpec, sides: Sides) -> tuple[bool, bool]:
    """Whether a permutation of sides rejects, and a fit with errors clustered by repository."""
    at, half = shape.events[ASKED], spec.half
    kept = members(flows, spec, np.asarray([at]))[0][:, 0]
    side = side_of(flows, sides)[kept]
    window = flows.values[kept, at - half : at + half]
    before, after = window[:, :half].sum(axis=1), window[:, half:].sum(axis=1)
    p = permuted_p(before, after, side == TREATED, log=True, draws=199, seed=1)
    units, weeks = window.shape
    rows = pd.DataFrame({
        "unit": np.repeat(np.arange(units), weeks), "week": np.tile(np.arange(weeks), units),
        "step": np.outer(side == TREATED, np.arange(weeks) >= half).ravel().astype(float),
        "y": window.ravel(),
    })[np.repeat(np.isin(side, (TREATED, COMPARISON)), weeks)]  # fmt: skip
    fit = fit_ppml(rows, y="y", unit="unit", time="week", columns=["step"], cluster="unit")
    clustered = interval(float(fit.coef[0]), float(fit.std_error[0]), fit.g)[0]
    return p is not None and p <= ALPHA, clustered <= ALPHA


def line(shape: Shape, shocks: Shocks, draws: int, seed: np.random.SeedSequence) -> Line:
    """One shape under one kind of shocks."""
    spec, sides = asked(shape)
    rejected, beside, found, covered = 0, [], 0, 0
    tests: list[WindowsTest] = []
    for n, own in enumerate(seed.spawn(draws)):
        null, planted = (np.random.default_rng(one) for one in own.spawn(2))
        flows = draw(shape, shocks, null)
        tests.append(ranked(flows, shape, spec, sides))
        rejected += tests[-1].p_value <= ALPHA
        if n < BESIDE:
            beside.append(others(flows, shape, spec, sides))
        with_effect = ranked(draw(shape, shocks, planted, EFFECT), shape, spec, sides)
        found += with_effect.p_value <= ALPHA
        covered += with_effect.low <= EFFECT <= with_effect.high
    bounds = binomtest(int(rejected), draws).proportion_ci(0.95, method="exact")
    permutation, clustered = np.mean(beside, axis=0)
    windows_of = [len(tests[0].placebos.t), tests[0].placebos.windows]
    return Line(
        "SIMULATED", shape.name, shocks.title, windows_of[1], windows_of[0], draws, rejected / draws,
        round(bounds.low, 4), round(bounds.high, 4), covered / draws, found / draws,
        round(float(permutation), 4), round(float(clustered), 4),
    )  # fmt: skip


def lines(draws: int, seed: int) -> Iterator[Line]:
    cells = [(shape, shocks) for shape in SHAPES for shocks in SHOCKS]
    for (shape, shocks), own in zip(cells, np.random.SeedSequence(seed).spawn(len(cells)), strict=True):
        yield line(shape, shocks, draws, own)


def csv_of(rows: Sequence[Line]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Line)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return text.getvalue()


def read(text: str) -> list[Line]:
    """The rows of a csv of ``csv_of``."""
    kinds = {"int": int, "float": float, "str": str}
    types = {field.name: kinds[str(field.type)] for field in fields(Line)}
    cells = csv.DictReader(io.StringIO(text))
    return [Line(**{name: types[name](cell) for name, cell in row.items()}) for row in cells]


def markdown(rows: Sequence[Line], seed: int) -> str:
    """The document: what was asked, the verdict, every number."""
    low, high = SIZE
    outside = [row for row in rows if not low <= row.rejected <= high]
    said = "; ".join(f"{row.shape}, {row.shocks}: {row.rejected:.3f}" for row in outside) or "none"
    shares = [[getattr(row, name) for row in rows] for name in ("permutation", "clustered")]
    (p_low, p_high), (c_low, c_high) = [(min(found), max(found)) for found in shares]
    table = "\n".join(
        f"| {row.shape} | {row.shocks} | {row.windows} | {row.placebos} | **{row.rejected:.3f}** "
        f"[{row.rejected_low:.3f}, {row.rejected_high:.3f}] | {row.covered:.3f} | {row.power:.2f} "
        f"| {row.permutation:.2f} | {row.clustered:.2f} |"
        for row in rows
    )
    return "\n\n".join([
        "# The rank among dates in panels of repositories (SIMULATED)",
        "Written by `make calibrate` (`python -m benchmarks.unit_windows`); not edited by hand. Shares of "
        f"{rows[0].draws:,} draws, nominal 0.05, seed {seed}; in brackets the exact 95 % binomial interval. "
        "None is from data. Panels are shaped like the real ones (weeks, events, repositories of both sides "
        f"and their entry), counts are Poisson with own AR({OWN_RHO:g}) noise; repositories of a side share "
        "shocks. The event asked about is the third of four. Specs and tests are those that ship "
        "(`event_study/specs/units/`).",
        f"- Rejected by the dates outside {low:.2f} to {high:.2f}: {said}.\n"
        f"- A permutation over repositories rejects between {p_low:.2f} and {p_high:.2f} of the same nulls, "
        f"errors clustered by repository between {c_low:.2f} and {c_high:.2f}: both take the shocks that a "
        "side's repositories share for an effect. Neither is a test here; they stand beside the numbers.",
        "| panel | shocks | disjoint windows | placebo dates | **rejected by dates** "
        f"| sets hold {EFFECT:g} | power at {EFFECT:g} | permutation rejects | clustered rejects |\n"
        f"|---|---|---|---|---|---|---|---|---|\n{table}\n",
    ])  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS, help="panels of every kind")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    rows = list(lines(given.draws, given.seed))
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "unit-windows.csv").write_text(csv_of(rows), encoding="utf-8")
    (given.out / "unit-windows.md").write_text(markdown(rows, given.seed), encoding="utf-8")
    for row in rows:
        print(
            f"{row.shape}, {row.shocks}: {row.rejected:.3f} [{row.rejected_low:.3f}, {row.rejected_high:.3f}]"
        )


if __name__ == "__main__":
    main()
