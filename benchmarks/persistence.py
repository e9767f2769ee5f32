"""Where the headline test lies, and what the test by forecasts makes of it.

``python -m benchmarks.persistence [--draws N] [--donors J ...]`` simulates the worlds of
``calibration.hard_worlds`` and writes persistence.csv and persistence.md. Every world is drawn from two
seeds: the one that was looked at when constants were chosen, and one that nobody looked at before. The same
draws and seeds give the same bytes. Not here: the calibration of the headline where it holds (``calibrate``).
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from scipy.stats import f as fisher

from benchmarks.calibration.hard_worlds import HARD, LIES, Hard
from benchmarks.calibration.worlds import MONTHS
from event_study.claims.verdict import Evidence, judge
from event_study.errors import DegeneratePlacebo, Note
from event_study.estimators.design import Design, lag_design, step_design
from event_study.estimators.gaps import UnitFits, rounding
from event_study.estimators.registry import ESTIMATORS
from event_study.inference.ri_persistent import forecasts
from event_study.inference.ri_studentised import RankTest, rank_test, usable
from event_study.limits import MIN_DONORS
from event_study.periods import GRIDS
from event_study.sensitivity.diagnostics import serial_correlation_p
from event_study.sensitivity.doubts import CHANGED, doubts

SEED, HELD_OUT, DRAWS, DONORS = 20221007, 20261127, 1000, (25, 40)
ALPHA, FOUND = 0.05, 0.6
OUT = Path(__file__).resolve().parents[1] / "docs" / "reference"
NOTES = (Note.SERIAL_CORRELATION_DIFFERS, Note.VARIANCE_CHANGES, Note.FEW_EFFECTIVE_DONORS)


@dataclass(frozen=True)
class Cell:
    """Shares of ``draws``: rejected by each test, ``claimed`` to lie on a side by the verdict, without enough
    donors for a test, warned of; ``power`` of the test by forecasts, and of the verdict, at the effect that
    the headline finds in 60 % of the draws."""

    design: str
    donors: int
    seed: int
    draws: int
    headline: float
    persistent: float
    claimed: float
    promise: float | None
    no_test: float
    power: float | None
    claim_power: float | None
    serial: float
    variance: float
    few_donors: float


@dataclass(frozen=True)
class Rates:
    headline: RankTest
    persistent: RankTest
    notes: tuple[bool, ...]

    def claims(self, effect: float = 0.0) -> bool:
        """Whether the verdict names a side of 0, with ``effect`` added: it moves a set and nothing else."""
        low, high = self.headline.low + effect, self.headline.high + effect
        forecast = self.persistent.low + effect, self.persistent.high + effect
        warnings = tuple(note for note, is_there in zip(NOTES, self.notes, strict=True) if is_there)
        verdict, _ = judge(Evidence(1, low, high, None, None, None, "", "", warnings, forecast))
        return verdict in ("agrees", "differs")


def asked(world: Hard) -> tuple[Design, np.ndarray]:
    """Design and contrast: the mean step, or the average after in leads and lags."""
    periods = MONTHS[: world.periods]
    if not world.lags:
        design = step_design(periods, "month", world.dated, trend=world.trend)
        size = len(design.names)
        return design, design.contrast(design.names, [1 / size] * size)
    design = lag_design(periods, "month", world.dated, GRIDS["month"], trend=world.trend)
    after = [i for i, name in enumerate(design.names) if int(name[2:]) >= 0]
    weights = design.weights[after] / design.weights[after].sum()
    return design, design.contrast([design.names[i] for i in after], weights)


def outcomes_of(world: Hard, panels: np.ndarray) -> list[Rates]:
    """Both tests and the warnings of every panel that has enough donors for a test."""
    design, contrast = asked(world)
    fitted = [ESTIMATORS[world.estimator](values, design) for values in panels]
    when = np.arange(world.periods)
    gaps = np.stack([fits.gaps for fits in fitted])
    with np.errstate(divide="ignore"):  # a degenerate donor's likelihood; it is left out below
        known = forecasts(gaps, design, when, contrast[None])
    each = zip(panels, fitted, known.mean[..., 0], known.error[..., 0], strict=True)
    found = [trial(world, design, contrast, *one) for one in each]
    return [one for one in found if one]


def trial(
    world: Hard,
    design: Design,
    contrast: np.ndarray,
    values: np.ndarray,
    fits: UnitFits,
    mean: np.ndarray,
    error: np.ndarray,
) -> Rates | None:
    """One panel's; ``mean`` and ``error`` (1+J) of the forecasts. None where too few units have a scale."""
    try:
        fine = usable(fits.scale, ["treated"], rounding(values, world.estimator != "ols"))
    except DegeneratePlacebo:
        return None
    if fine.sum() <= MIN_DONORS:
        return None
    b = np.where(fits.separated, np.inf, fits.coef @ contrast)[fine]
    gaps = fits.gaps[fine]
    reachable = max(ALPHA, 2 / len(b))
    doubted = doubts(values, gaps, design, world.estimator)
    return Rates(
        rank_test(b, fits.scale[fine], ALPHA),
        rank_test(b - mean[fine], error[fine], ALPHA),
        (serial_correlation_p(gaps, design) <= reachable, *(note in doubted for note in NOTES[1:])),
    )


def cell(world: Hard, donors: int, draws: int, seed: int) -> Cell:
    """One world; seeded by its place, not by who asks."""
    rng = np.random.default_rng([seed, HARD.index(world), donors])
    outcomes = outcomes_of(world, world.draw(rng, draws, 1 + donors, world))
    if not outcomes:
        none = (0.0, 0.0, 0.0, world.promise, 1.0, None, None, 0.0, 0.0, 0.0)
        return Cell(world.name, donors, seed, draws, *none)
    shares = [_share(one.headline.p_value <= ALPHA for one in outcomes),
              _share(one.persistent.p_value <= ALPHA for one in outcomes),
              _share(one.claims() for one in outcomes)]  # fmt: skip
    is_powered = world.promise is not None and len(outcomes) == draws
    power = _power(outcomes) if is_powered else (None, None)
    warned = [round(float(w), 4) for w in np.mean([one.notes for one in outcomes], axis=0)]
    return Cell(
        world.name, donors, seed, draws, *shares, world.promise, round(1 - len(outcomes) / draws, 4),
        *power, *warned,
    )  # fmt: skip


def _share(rejected: object) -> float:
    return round(float(np.mean(list(rejected))), 4)  # type: ignore[call-overload]


def _power(outcomes: Sequence[Rates]) -> tuple[float, float]:
    """Of the test by forecasts and of the verdict: an effect moves a set and nothing else, so power is the
    share of moved sets without zero."""
    low, high = np.asarray([(one.headline.low, one.headline.high) for one in outcomes]).T
    inner, outer = 0.0, float(np.abs(high - low).max())
    for _ in range(50):
        middle = (inner + outer) / 2
        enough = (low + middle > 0).mean() >= FOUND
        inner, outer = (inner, middle) if enough else (middle, outer)
    low, high = np.asarray([(one.persistent.low, one.persistent.high) for one in outcomes]).T
    found = (low + outer > 0) | (high + outer < 0)
    return round(float(found.mean()), 4), _share(one.claims(outer) for one in outcomes)


def markdown(cells: Sequence[Cell]) -> str:
    """The table, worlds in the order in which they are declared; of the seed held out the two shares that
    are promised."""
    told = {world.name: world.told for world in HARD}
    held_out = {(c.design, c.donors): c for c in cells if c.seed != SEED}
    seen = [c for c in cells if c.seed == SEED]
    lines = [
        f"| {told[c.design]} | {c.donors} | {c.headline:.3f} | {_both(c, held_out, 'persistent')} | "
        f"{_both(c, held_out, 'claimed')} | {'' if c.promise is None else f'{c.promise:.2f}'} | "
        f"{c.no_test:.3f} | {_shown(c.power)} | {_shown(c.claim_power)} | {c.serial:.2f} | "
        f"{c.variance:.2f} | {c.few_donors:.2f} |"
        for c in seen
    ]
    head = [
        "design", "donors", "`ri_studentised`", "`ri_persistent` (held out)", "claimed (held out)",
        "asked, at most", "no test", "power", "power of the verdict", *(f"`{note}`" for note in NOTES),
    ]  # fmt: skip
    return "\n".join([
        "# Where the headline test lies (SIMULATED)", "",
        "Written by `make calibrate` (`python -m benchmarks.persistence`); not edited by hand. Shares of "
        f"{cells[0].draws:,} draws without an effect, nominal {ALPHA:g}, seed {SEED}; in brackets those of "
        f"seed {HELD_OUT}, which was first drawn when every constant stood. None is from data. "
        "`ri_studentised` ranks the estimate over the spread before the events, `ri_persistent` what each "
        "unit's own AR(1) did not forecast, the treated unit's read at the upper end of its likelihood. "
        "Claimed: the verdict (`event_study/claims/verdict.py`) names a side of zero, for which both must "
        "reject on the same side and neither `VarianceChanges` nor `FewEffectiveDonors` may stand beside the "
        "row. That both must, with `SerialCorrelationDiffers` or without it, is because that warning sees a "
        "random walk after 30 months in a quarter of the draws only. Power is at the effect that "
        "`ri_studentised` finds in 60 % of the same draws; where the latter lies, its 60 % are worth "
        "nothing. No test: too few donors with a gap that is more than rounding. The last three columns: how "
        "often the warning stands beside the row.", "",
        *_over(cells), "",
        f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *lines, "",
        "## What a change of variance can be told from", "", _bound(), "",
    ])  # fmt: skip


def _both(cell: Cell, held_out: Mapping[tuple[str, int], Cell], share: str) -> str:
    other = held_out.get((cell.design, cell.donors))
    return f"**{getattr(cell, share):.3f}**" + (f" ({getattr(other, share):.3f})" if other else "")


def _shown(share: float | None) -> str:
    return "" if share is None else f"{share:.2f}"


def _over(cells: Sequence[Cell]) -> list[str]:
    """What does not keep what was asked, of either seed."""
    kept = {
        "`ri_persistent` above what was asked": [
            (c, c.persistent) for c in cells if c.promise is not None and c.persistent > c.promise
        ],
        f"A side claimed in more than {LIES:.2f} of the draws": [
            (c, c.claimed) for c in cells if c.claimed > LIES
        ],
    }
    return [
        f"- {what}: "
        + ("; ".join(f"{c.design}, {c.donors} donors, seed {c.seed}: {at:.3f}" for c, at in over) or "none")
        + "."
        for what, over in kept.items()
    ]


def _bound() -> str:
    """Power of the F test that knows the treated unit's autocorrelation, in the worlds' own periods."""
    rows = []
    for factor in (2, 4):
        world = next(w for w in HARD if w.name == {2: "treated_louder_2", 4: "treated_louder"}[factor])
        after, before = world.periods - world.begins - 1, world.begins - 1
        best = fisher.sf(fisher.isf(CHANGED, after, before) / factor, after, before)
        rows.append(f"times {factor}: {100 * best:.0f} %")
    return (
        f"`VarianceChanges` ranks the treated unit's growth of noise among the donors' at {CHANGED:g}. Even "
        "a test that knew the law of the noise and its autocorrelation, with 48 months before the event and "
        "12 after it (the F test of two variances), would see, at that rate of false alarms, a variance "
        f"{', '.join(rows)}. The table shows what is had without knowing either: 80 % of a doubled variance "
        "are not to be had in twelve months, and what is missed moves the claimed share little."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--donors", type=int, nargs="+", default=DONORS)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    cells = [
        cell(world, donors, given.draws, seed)
        for world in HARD for donors in given.donors for seed in (SEED, HELD_OUT)
    ]  # fmt: skip
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Cell)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(one) for one in cells)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "persistence.csv").write_text(text.getvalue(), encoding="utf-8")
    (given.out / "persistence.md").write_text(markdown(cells), encoding="utf-8")
    print(markdown(cells))


if __name__ == "__main__":
    main()
