"""One chunk of one world: what the headline and the conventional errors say of every draw.

The headline goes through event_study's own public functions, one draw after the other. Not here: the
worlds, the conventional formulas, what the counts add up to (``tally``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.calibration.conventional import Wald, crv1, gls_ar1, iid, poisson
from benchmarks.calibration.tally import Count, Key, Kind
from benchmarks.calibration.worlds import Panels, PanelWorld, simulate
from event_study.estimators.design import Design
from event_study.estimators.gaps import UnitFits
from event_study.estimators.ppml import grouped_logit
from event_study.estimators.registry import ESTIMATORS
from event_study.inference.conventional import crv1_ppml
from event_study.inference.ri_studentised import TIE, RankTest, joint_p, joint_ratios, rank_test, romano_wolf

ALPHA = 0.05
ONE_TRUE = 6.0  # sd: an effect that is found nearly always, so that the others are what is left to err on

SINGLE, MEAN_STEP, LARGEST = "rank", "rank, mean step", "rank, largest of the four steps"
STEPWISE, STEPWISE_ONE_TRUE = "Romano-Wolf, no effect", "Romano-Wolf, the last step true"
UNADJUSTED = "rank, any of four, not adjusted"
CRV1, CRV1_JOINT, CRV1_ANY = "CRV1 by unit", "CRV1 by unit, joint Wald", "CRV1 by unit, any of four"
IID, POISSON, GLS = "iid OLS", "Poisson's own errors", "AR(1)-GLS on the gap"

Found = tuple[Key, Count]


@dataclass(frozen=True)
class Asked:
    """A design with its contrast, the mean of its steps."""

    design: Design
    contrast: np.ndarray

    @classmethod
    def of(cls, world: PanelWorld, trend: bool) -> Asked:
        design = world.design(trend)
        size = len(design.names)
        return cls(design, design.contrast(design.names, [1 / size] * size))


def chunk(world: PanelWorld, donors: int, draws: int, seed: np.random.SeedSequence) -> dict[Key, Count]:
    """Every test of ``world`` on ``draws`` new panels."""
    panels = simulate(world, donors, draws, np.random.default_rng(seed))
    found: dict[Key, Count] = {}
    for trend in world.trends:
        asked = Asked.of(world, trend)
        for key, count in (*_headline(world, panels, asked), *_conventional(world, panels, asked)):
            found[key] = count
    return found


def fit(world: PanelWorld, values: np.ndarray, asked: Asked) -> tuple[UnitFits, np.ndarray]:
    """All units' fits and their contrasts, infinite for a placebo without a finite estimate."""
    fits = ESTIMATORS[world.estimator](values, asked.design)
    return fits, np.where(fits.separated, np.inf, fits.coef @ asked.contrast)


def _headline(world: PanelWorld, panels: Panels, asked: Asked) -> Iterator[Found]:
    tests, covered_planted, joint, stepwise, singly = [], [], [], [], []
    truth = panels.sd * np.mean(world.planted)
    overlapping = len(world.events) > 1
    width = _width(asked.design)
    for i, values in enumerate(panels.values):
        fits, b = fit(world, values, asked)
        tests.append(rank_test(b, fits.scale, ALPHA))
        other, b_planted = fit(world, panels.planted[i], asked)
        planted = rank_test(b_planted, other.scale, ALPHA)
        covered_planted.append(planted.low <= truth[i] <= planted.high)
        if overlapping:
            steps = fits.coef @ asked.design.map.T
            ratios = joint_ratios(steps, fits.scale, width)
            joint.append((joint_p(ratios), romano_wolf(ratios).min()))
            singly.append(min(rank_test(step, fits.scale, ALPHA).p_value for step in steps.T))
            stepwise.append(_smallest_of_true_nulls(world, values, panels.sd[i], asked, width))
    rejected = np.asarray([test.p_value <= ALPHA for test in tests])
    covered = np.asarray([test.low <= 0.0 <= test.high for test in tests])
    yield _found(
        world, asked, MEAN_STEP if overlapping else SINGLE, Kind.HEADLINE, rejected,
        covered=covered, covered_planted=np.asarray(covered_planted),
        power=power_rejections(world, panels, asked, tests),
    )  # fmt: skip
    if overlapping:
        at_most = np.asarray(np.asarray(joint) <= ALPHA)
        yield _found(world, asked, LARGEST, Kind.HEADLINE, at_most[:, 0])
        yield _found(world, asked, STEPWISE, Kind.HEADLINE, at_most[:, 1])
        yield _found(world, asked, STEPWISE_ONE_TRUE, Kind.FAMILY, np.less_equal(stepwise, ALPHA))
        yield _found(world, asked, UNADJUSTED, Kind.UNADJUSTED, np.less_equal(singly, ALPHA))


def _width(design: Design) -> np.ndarray:
    return np.asarray(np.sqrt(np.diag(design.map @ np.linalg.inv(design.X.T @ design.X) @ design.map.T)))


def _smallest_of_true_nulls(
    world: PanelWorld, values: np.ndarray, sd: float, asked: Asked, width: np.ndarray
) -> float:
    """Smallest adjusted p of the steps without an effect when the last step has one."""
    values = values.copy()
    values[0] += ONE_TRUE * sd * world.steps[:, -1]
    fits, _ = fit(world, values, asked)
    ratios = joint_ratios(fits.coef @ asked.design.map.T, fits.scale, width)
    return float(romano_wolf(ratios)[:-1].min())


def power_rejections(world: PanelWorld, panels: Panels, asked: Asked, tests: list[RankTest]) -> np.ndarray:
    """Draws (G) that reject under each effect of ``GRID``.

    No placebo and no scale looks at the treated unit after the event, so only its own estimate is made
    anew; a p-value of ALPHA or less is a ratio above the critical one.
    """
    b = estimates_alone(world, panels, asked)
    scale = np.asarray([(test.high - test.low) / (2 * test.critical) for test in tests])
    critical = np.asarray([test.critical for test in tests])
    return np.asarray((np.abs(b) / scale[:, None] - TIE > critical[:, None]).sum(axis=0))


def estimates_alone(world: PanelWorld, panels: Panels, asked: Asked) -> np.ndarray:
    """The treated unit's contrast under each effect of ``GRID`` (D, G), without fitting a placebo."""
    donors, moved, X = panels.values[:, 1:], panels.moved, asked.design.X
    if not world.counts:
        gap = moved - donors.mean(axis=1)[:, None]
        return np.asarray(gap @ (X @ np.linalg.inv(X.T @ X) @ asked.contrast))
    flat = (-1, moved.shape[2])
    total = moved + donors.sum(axis=1)[:, None]
    coef, separated = grouped_logit(moved.reshape(flat), total.reshape(flat), X)
    # a treated unit without a finite estimate is not identified: no rejection
    return np.where(separated, 0.0, coef @ asked.contrast).reshape(moved.shape[:2])


def _conventional(world: PanelWorld, panels: Panels, asked: Asked) -> Iterator[Found]:
    design, c = asked.design, asked.contrast
    if world.counts:
        fitted = [crv1_ppml(values, design, c, ALPHA) for values in panels.values]
        inside = np.asarray([f.low <= 0.0 <= f.high for f in fitted])
        yield _found(world, asked, CRV1, Kind.CONVENTIONAL, ~inside, covered=inside)
        own, others = panels.values[:, 0], panels.values[:, 1:].sum(axis=1)
        gaps = np.log((own + 0.5) / (others + 0.5))
        yield _wald(world, asked, POISSON, poisson(panels.values, design))
    else:
        gaps = panels.values[:, 0] - panels.values[:, 1:].mean(axis=1)
        clustered = crv1(panels.values, design)
        yield _wald(world, asked, CRV1, clustered)
        yield _wald(world, asked, IID, iid(panels.values, design))
        if len(world.events) > 1:
            joint = clustered.joint_rejects(design.map, ALPHA)
            yield _found(world, asked, CRV1_JOINT, Kind.CONVENTIONAL, joint)
            singly = np.vstack([clustered.covers(row, 0.0, ALPHA) for row in design.map])
            yield _found(world, asked, CRV1_ANY, Kind.CONVENTIONAL, ~np.asarray(singly.all(axis=0)))
    yield _wald(world, asked, GLS, gls_ar1(gaps, design.X))


def _wald(world: PanelWorld, asked: Asked, test: str, wald: Wald) -> Found:
    judged = wald.has_verdict
    inside = wald.covers(asked.contrast, 0.0, ALPHA)[judged]
    return _found(world, asked, test, Kind.CONVENTIONAL, ~inside, covered=inside, silent=int((~judged).sum()))


def _found(
    world: PanelWorld,
    asked: Asked,
    test: str,
    kind: Kind,
    rejected: np.ndarray,
    *,
    covered: np.ndarray | None = None,
    covered_planted: np.ndarray | None = None,
    power: np.ndarray | None = None,
    silent: int = 0,
) -> Found:
    kind = Kind.STRESS if world.stress and kind is Kind.HEADLINE else kind
    return Key(world.name, asked.design.trend, test, kind), Count(
        verdicts=len(rejected),
        silent=silent,
        rejected=int(rejected.sum()),
        covered=None if covered is None else int(covered.sum()),
        covered_planted=None if covered_planted is None else int(covered_planted.sum()),
        power=None if power is None else tuple(int(n) for n in power),
    )
