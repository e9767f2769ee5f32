"""Do bounds hold the truth where countries are hidden, and what would the known alone have said?

``python -m benchmarks.unknowns [--draws N] [--seed N] [--processes N] [--out DIR]`` simulates panels of which
a part is hidden and writes unknowns.csv and unknowns.md. The sets must hold the planted effect as often as
their level says: judged by the exact binomial probability of so few hits.
"""

from __future__ import annotations

import argparse
import csv
import io
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from benchmarks.calibrate import OUT, THREADS
from benchmarks.calibration.worlds import MONTHS, ar1
from event_study.bounds.refit import unknown_bounds, unknown_bounds_by_class
from event_study.estimators.design import Design, step_design
from event_study.estimators.registry import ESTIMATORS
from event_study.inference.ri_studentised import rank_test
from event_study.panel.unknown import Unknown

SEED, DRAWS = 20221007, 1000
DONORS, PERIODS, BREAK = 39, 60, 48  # of 40 units a rank at 5 % rejects a true null in exactly 5 %
EFFECT, NOMINAL = 0.6, 0.95
LEVEL, SIZES, NOISE = 200.0, 0.5, 0.15  # per month; log sd of the units' sizes and of their own course
LEAST = 0.01  # probability of so few hits below which a set is said to miss its level
SETS = ("union", "by_size", "worst")  # beside the one of what is known
COLUMNS = ("world", "estimator", "draws", "seed", "known", *SETS, *(f"{name}_p" for name in SETS), "asked")

Rng = np.random.Generator
# known (1+J, T), unknown by class (K, T), known others (T)
Hidden = tuple[np.ndarray, np.ndarray, np.ndarray]


def design() -> Design:
    return step_design(MONTHS[:PERIODS], "month", [("rule", MONTHS[BREAK])], trend=False)


def thinned(treated: tuple[float, float], donors: tuple[float, float]) -> Callable[[Rng, np.ndarray], Hidden]:
    """Every unit's values are hidden with a probability of its kind, before the event and from it on."""

    def hide(rng: Rng, truth: np.ndarray) -> Hidden:
        after = np.arange(PERIODS) >= BREAK
        share = np.vstack(
            [np.where(after, *reversed(treated)), np.tile(np.where(after, *reversed(donors)), (DONORS, 1))]
        )
        hidden = rng.binomial(truth.astype(int), share).astype(float)
        known = truth - hidden
        return known, hidden.sum(axis=0)[None], known[1:].sum(axis=0)

    return hide


def pooled(share: tuple[float, float], outside: bool) -> Callable[[Rng, np.ndarray], Hidden]:
    """The unknown have a course of their own, and are two and a half times as many after the event; of them
    the treated unit owns a share. The rest is the donors' as their values stand to each other or,
    ``outside``, of units that are not compared."""

    def hide(rng: Rng, truth: np.ndarray) -> Hidden:
        after = np.arange(PERIODS) >= BREAK
        course = np.exp(NOISE * ar1(rng, (PERIODS,)) + np.log(2.5) * after)
        most = 0.8 * (truth[0] / course).min() / max(share)  # the treated unit owns what is given to it
        unknown = most * course
        own = np.where(after, share[1], share[0]) * unknown
        known, rest = truth.copy(), unknown - own
        known[0] -= own
        others = truth[1:].sum(axis=0)
        if outside:
            return known, unknown[None], others
        known[1:] *= 1 - rest / others
        return known, unknown[None], others - rest

    return hide


def classes(large: float, small: float) -> Callable[[Rng, np.ndarray], Hidden]:
    """Of the unknown of large owners, and of small ones that grow fivefold at the event, the treated unit
    owns a constant share each; the rest is of units that are not compared."""

    def hide(rng: Rng, truth: np.ndarray) -> Hidden:
        growth = np.where(np.arange(PERIODS) >= BREAK, 5.0, 1.0)
        amounts = np.exp(NOISE * ar1(rng, (2, PERIODS))) * np.stack([4 * np.ones(PERIODS), growth])
        own = np.array([large, small]) @ amounts
        amounts *= 0.8 * (truth[0] / own).min()  # the treated unit owns what is given to it
        known = truth.copy()
        known[0] -= np.array([large, small]) @ amounts
        return known, amounts, truth[1:].sum(axis=0)

    return hide


@dataclass(frozen=True)
class HiddenWorld:
    """``constant``: whether the treated unit's share of the unknown is the same before and after, but for
    what the effect itself adds, so that the union is held to its level too; ``by_size``: whether that of
    every class is, where the whole's is not."""

    name: str
    title: str
    hide: Callable[[Rng, np.ndarray], Hidden]
    constant: bool = True
    estimator: str = "ols_log"
    by_size: bool = False

    @property
    def asked(self) -> tuple[str, ...]:
        """The sets that are held to their level."""
        if self.constant:
            return SETS
        return ("by_size", "worst") if self.by_size else ("worst",)


AT_RANDOM = thinned((0.3, 0.3), (0.3, 0.3))
OF_TREATED = thinned((0.2, 0.5), (0.2, 0.2))
QUARTER = pooled((0.25, 0.25), outside=False)
WORLDS = (  # new ones go to the end: the place in this list is part of a world's seed
    HiddenWorld("random", "hidden at random, 30 % of everybody’s", AT_RANDOM),
    HiddenWorld(
        "size", "small owners hidden: 50 % of the treated unit’s, 25 % of the donors’",
        thinned((0.5, 0.5), (0.25, 0.25)),
    ),
    HiddenWorld(
        "more_after", "more hidden after the event, of everybody’s: 20 %, then 50 %",
        thinned((0.2, 0.5), (0.2, 0.5)),
    ),
    HiddenWorld(
        "treated_after", "more hidden after the event, of the treated unit’s alone: 20 %, then 50 %",
        OF_TREATED, constant=False,
    ),
    HiddenWorld(
        "pool", "more unknown after the event, a quarter of them the treated unit’s throughout", QUARTER
    ),
    HiddenWorld(
        "pool_outside", "the same, the rest of units that are not compared",
        pooled((0.25, 0.25), outside=True),
    ),
    HiddenWorld(
        "pool_after", "the same, a tenth the treated unit’s before and 40 % after",
        pooled((0.1, 0.4), outside=False), constant=False,
    ),
    HiddenWorld(
        "counts_random", "counts, hidden at random, 30 % of everybody’s", AT_RANDOM, estimator="ppml"
    ),
    HiddenWorld(
        "counts_pool", "counts, more unknown after the event, a quarter of them the treated unit’s", QUARTER,
        estimator="ppml",
    ),
    HiddenWorld(
        "counts_after", "counts, more hidden after the event, of the treated unit’s alone", OF_TREATED,
        constant=False, estimator="ppml",
    ),
    HiddenWorld(
        "classes", "small owners’ unknown fivefold after the event, nine tenths of them the treated unit’s, "
        "and a tenth of the large owners’", classes(0.1, 0.9), constant=False, by_size=True,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """How many of ``draws`` sets held the effect: that of what is known alone, the union, the union by class,
    the worst case."""

    draws: int
    known: int
    union: int
    by_size: int
    worst: int

    def probability(self, hits: int) -> float:
        """Of so few hits, or fewer, of a set that holds its level."""
        return float(binomtest(hits, self.draws, NOMINAL, alternative="less").pvalue)


def run(world: HiddenWorld, draws: int, seed: int) -> Held:
    """Draws of a world, from a seed that its place among the worlds decides."""
    rng = np.random.default_rng([seed, [one.name for one in WORLDS].index(world.name)])
    asked, contrast, hits = design(), np.array([0.0, 1.0]), np.zeros(1 + len(SETS), dtype=int)
    for _ in range(draws):
        size = np.log(LEVEL) + SIZES * rng.normal(size=(1 + DONORS, 1))
        course = size + NOISE * ar1(rng, (1 + DONORS, PERIODS))
        course[0] += EFFECT * ~asked.pre
        truth = rng.poisson(np.exp(course)).astype(float) if world.estimator == "ppml" else np.exp(course)
        known, unknown, others = world.hide(rng, np.rint(truth) if world.estimator == "ppml" else truth)
        fits = ESTIMATORS[world.estimator](known, asked)
        alone = rank_test(fits.coef @ contrast, fits.scale)
        whole, parts = Unknown(unknown.sum(axis=0), others), [Unknown(part, others) for part in unknown]
        made = unknown_bounds(known, whole, asked, contrast, world.estimator)
        union, worst = (made.low, made.high), (made.worst_low, made.worst_high)
        apart = union  # of one class
        if len(parts) > 1:
            apart = unknown_bounds_by_class(known, parts, asked, contrast, world.estimator)
        ends = ((alone.low, alone.high), union, apart, worst)
        hits += [low <= EFFECT <= high for low, high in ends]
    return Held(draws, *(int(hit) for hit in hits))


def row(world: HiddenWorld, held: Held, seed: int) -> dict[str, object]:
    """Shares that held the effect, and how probable so few are; ``asked``: the sets that must."""
    shares = {name: round(getattr(held, name) / held.draws, 4) for name in ("known", *SETS)}
    probable = {f"{name}_p": round(held.probability(getattr(held, name)), 4) for name in SETS}
    about = {"world": world.name, "estimator": world.estimator, "draws": held.draws, "seed": seed}
    return {**about, **shares, **probable, "asked": " ".join(world.asked)}


def missed(rows: list[dict[str, object]]) -> list[str]:
    """The sets that hold less than their level says."""
    return [
        f"{one['world']} {name}" for one in rows for name in SETS
        if name in str(one["asked"]).split() and float(str(one[f"{name}_p"])) < LEAST
    ]  # fmt: skip


def markdown(rows: list[dict[str, object]]) -> str:
    draws, seed = rows[0]["draws"], rows[0]["seed"]
    titles = {world.name: world.title for world in WORLDS}
    lines = [
        "# Whether bounds hold the truth where countries are hidden (SIMULATED)",
        "",
        "Written by `make calibrate` (`python -m benchmarks.unknowns`); not edited by hand. Shares of "
        f"{draws:,} simulated panels in which a set holds the planted effect of {EFFECT}, seed {seed}: one "
        f"treated unit, {DONORS} donors, {PERIODS} months, the event after {BREAK}, AR(.8) noise; a part of "
        "every unit, or of some, is counted without its unit. Nominal 0.95. Known alone: the rank set of "
        "what is left. Union: `bound_low` to `bound_high`, over every constant share of the unknown. By "
        "size: `unknown_by_size_low` to `unknown_by_size_high`, a constant share for the unknown of every "
        "size of owners (most worlds have one size). Worst: `worst_low` to `worst_high`, shares free before "
        "and after. In brackets the exact binomial probability of so few hits, or fewer, at 0.95; bold is "
        "asked for. The union is not asked where the treated unit’s share of all the unknown itself jumps at "
        "the event: that is what the worst case and the breakdown are for, and the sizes where each keeps "
        "its owners.",
        "",
        f"- A set that misses its level (probability below {LEAST}): {', '.join(missed(rows)) or 'none'}.",
        "",
        "| world | estimator | known alone | union | by size | worst |",
        "|---|---|---|---|---|---|",
    ]
    for one in rows:
        cells = []
        for name in SETS:
            share = f"{one[name]:.3f}"
            bold = f"**{share}**" if name in str(one["asked"]).split() else share
            cells.append(f"{bold} ({one[f'{name}_p']:.2f})")
        title, known = titles[str(one["world"])], f"{one['known']:.3f}"
        lines.append(f"| {title} | `{one['estimator']}` | {known} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write(out: Path, rows: list[dict[str, object]]) -> None:
    buffer = io.StringIO()
    table = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    out.mkdir(parents=True, exist_ok=True)
    (out / "unknowns.csv").write_text(buffer.getvalue(), encoding="utf-8")
    (out / "unknowns.md").write_text(markdown(rows), encoding="utf-8")


def _job(job: tuple[int, int, int]) -> dict[str, object]:
    place, draws, seed = job
    return row(WORLDS[place], run(WORLDS[place], draws, seed), seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    os.environ.update(dict.fromkeys(THREADS, "1"))
    with ProcessPoolExecutor(given.processes, multiprocessing.get_context("spawn")) as pool:
        work = [(place, given.draws, given.seed) for place in range(len(WORLDS))]
        rows = list(pool.map(_job, work))
    write(given.out, rows)
    for one in rows:
        print(", ".join(f"{name} {one[name]}" for name in COLUMNS))
    print(f"sets that miss their level: {', '.join(missed(rows)) or 'none'}; written to {given.out}")


if __name__ == "__main__":
    main()
