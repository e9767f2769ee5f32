"""The treated unit's estimate and scale under every allotment of the unknown.

A rank is drawn among the donors, whose own gaps to the other donors no allotment moves: all their values are
multiplied by the same numbers, which a logarithm's gap does not see, and of which a count model only sees how
much each period weighs (there the donors' ranks are those of what is known: an approximation). So they are
fitted once, and only the treated unit again. In levels nothing cancels: there all are fitted anew. Not here:
the allotments, unions of what is found (``identified_set``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from event_study.bounds.allotment import (
    BY_CLASS,
    COARSE,
    GRID,
    Allotments,
    allotments,
    allotments_by_class,
)
from event_study.bounds.identified_set import UnionBounds, union
from event_study.estimators.design import Design
from event_study.estimators.gaps import gap_matrix, pre_scale
from event_study.estimators.matched import sdid_steps, synth_steps
from event_study.estimators.ppml import grouped_logit
from event_study.estimators.registry import ESTIMATORS, LEVELS
from event_study.inference.ri_studentised import binding_rank, rank_test
from event_study.memory import remembered
from event_study.panel.unknown import Unknown


@dataclass(frozen=True)
class Sets:
    """``estimate`` and its set [``low``, ``high``] (S) under each of S allotments; infinite ends are open,
    and so are both where there is no estimate (NaN)."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def around(cls, estimate: np.ndarray, reach: np.ndarray | float) -> Sets:
        """[``estimate`` - ``reach``, ``estimate`` + ``reach``]."""
        finite = np.isfinite(estimate) & np.isfinite(reach)
        return cls(
            estimate,
            np.where(finite, estimate - reach, -np.inf),
            np.where(finite, estimate + reach, np.inf),
        )

    @property
    def ends(self) -> tuple[float, float]:
        """The union over all of them."""
        return float(self.low.min()), float(self.high.max())

    def union(self, made: Allotments) -> UnionBounds:
        return union(made, np.nan_to_num(self.estimate), self.low, self.high)  # none: the sign is not known


@dataclass(frozen=True)
class Refits:
    """Fits of the treated unit's ``gaps`` (S, T) under ``made``: ``coef`` (S, P), NaN where its count model
    is separated, and ``scale`` (S) before the first event. ``placebos``: the donors' coefficients (S, J, P)
    and scales (S, J), where an allotment moves those."""

    made: Allotments
    coef: np.ndarray
    gaps: np.ndarray
    scale: np.ndarray
    placebos: tuple[np.ndarray, np.ndarray] | None = None

    def ranked(self, contrast: np.ndarray, critical: float, alpha: float, among: np.ndarray) -> Sets:
        """Sets of the rank test of ``contrast`` (P); ``critical`` the multiple of its scale that a known
        panel's placebos reach, ``among`` (J) the donors that have a scale."""
        reach = critical * self.scale
        if self.placebos is not None:
            coef, scale = (part[:, among] for part in self.placebos)
            ratios = np.sort(np.abs(coef @ contrast) / scale, axis=1)
            reach = ratios[:, -binding_rank(1 + ratios.shape[1], alpha)] * self.scale
        return Sets.around(self.coef @ contrast, reach)


@remembered(16)  # terms and event sets of one panel share a fit, and differ in what they ask of it
def refits(Y: np.ndarray, unknown: Unknown, design: Design, estimator: str) -> Refits:
    """``Y`` (1+J, T) of known levels, treated first, fitted again for whoever the unknown are.

    Raises what the estimator raises.
    """
    grid = COARSE if _is_matched(estimator) else GRID
    return refits_under(allotments(Y[0], unknown, design.pre, grid), Y, design, estimator)


def refits_by_class(Y: np.ndarray, classes: Sequence[Unknown], design: Design, estimator: str) -> Refits:
    """The same where each of a few classes of the unknown has a share of its own: what is made of it is one
    union, and no breakdown.

    Raises what the estimator raises.
    """
    grid = COARSE if _is_matched(estimator) else BY_CLASS
    return refits_under(allotments_by_class(Y[0], classes, design.pre, grid), Y, design, estimator)


def _is_matched(estimator: str) -> bool:
    return estimator.startswith(("synth", "sdid"))


def refits_under(made: Allotments, Y: np.ndarray, design: Design, estimator: str) -> Refits:
    """``Y`` (1+J, T) as ``made`` complete it. Raises what the estimator raises."""
    X = design.X
    if estimator == "ols":
        return _levels(Y, made, design)
    if estimator in LEVELS:
        fits = [ESTIMATORS[estimator](made.panel(Y, s), design) for s in range(len(made.before))]
        coef, gaps, scale = (np.stack([getattr(fit, part) for fit in fits]) for part in
                             ("coef", "gaps", "scale"))  # fmt: skip
        return Refits(made, coef[:, 0], gaps[:, 0], scale[:, 0], (coef[:, 1:], scale[:, 1:]))
    if estimator == "ppml":
        others = Y[1:].sum(axis=0) * made.factor
        gaps = np.log((made.treated + 0.5) / (others + 0.5))
        coef, separated = grouped_logit(made.treated, made.treated + others, X)
        coef[separated] = np.nan
    else:
        gaps = np.log(made.treated) - np.log(made.factor) - np.log(Y[1:]).mean(axis=0)
        coef = gaps @ X @ np.linalg.inv(X.T @ X)
    scale = pre_scale(gaps, design)
    if _is_matched(estimator):
        steps = synth_steps if estimator.startswith("synth") else sdid_steps
        weighed = [steps(np.log(made.panel(Y, s)), design) for s in range(len(gaps))]
        coef, gaps = (np.stack(part) for part in zip(*weighed, strict=True))
    return Refits(made, coef, gaps, scale)


def _levels(Y: np.ndarray, made: Allotments, design: Design) -> Refits:
    """Least squares of levels, all units at once: a donor’s gap to donors multiplied alike is its own gap
    so multiplied."""
    known = gap_matrix(Y)
    gaps = np.concatenate(
        [(made.treated - made.factor * Y[1:].mean(axis=0))[:, None], made.factor[:, None] * known[1:]], axis=1
    )
    coef = gaps @ design.X @ np.linalg.inv(design.X.T @ design.X)
    scale = pre_scale(gaps.reshape(-1, gaps.shape[-1]), design).reshape(gaps.shape[:2])
    treated = gaps[:, 0].copy()  # a view would keep the gaps of all donors in memory
    return Refits(made, coef[:, 0], treated, scale[:, 0], (coef[:, 1:], scale[:, 1:]))


def unknown_bounds(
    Y: np.ndarray, unknown: Unknown, design: Design, contrast: np.ndarray, estimator: str, alpha: float = 0.05
) -> UnionBounds:
    """What a contrast (P) of the fitted coefficients may be, whoever the unknown are: the unions of its rank
    sets, for ``Y`` (1+J, T) of known levels, treated first.

    Raises what the estimator raises, and ``ResolutionTooCoarse``.

    >>> from datetime import date
    >>> import numpy as np
    >>> from event_study import Unknown, step_design, unknown_bounds
    >>> years = [date(year, 1, 1) for year in range(2010, 2022)]
    >>> design = step_design(years, "year", [("rule", date(2018, 1, 1))], trend=False)
    >>> Y = np.exp(3 + np.sin(np.arange(20.0)[:, None] * 7 + np.arange(12.0)) / 10)
    >>> Y[0, 8:] *= 2
    >>> unknown = Unknown(np.full(12, 40.0), Y[1:].sum(axis=0))
    >>> found = unknown_bounds(Y, unknown, design, np.array([0.0, 1.0]), "ols_log")
    >>> round(found.low, 2), round(found.high, 2), round(found.breakdown, 2)
    (0.27, 0.74, 0.41)
    """
    found = refits(Y, unknown, design, estimator)
    return _ranked(Y, found, design, contrast, estimator, alpha).union(found.made)


def unknown_bounds_by_class(
    Y: np.ndarray,
    classes: Sequence[Unknown],
    design: Design,
    contrast: np.ndarray,
    estimator: str,
    alpha: float = 0.05,
) -> tuple[float, float]:
    """The same union where each of ``classes`` has a constant share of its own: classes that grow apart need
    no share that changes. It is as wide as that of one share for all, or wider, but for the coarser grid.

    Raises what ``unknown_bounds`` raises.
    """  # fmt: skip
    found = refits_by_class(Y, classes, design, estimator)
    return _ranked(Y, found, design, contrast, estimator, alpha).ends


def _ranked(
    Y: np.ndarray, found: Refits, design: Design, contrast: np.ndarray, estimator: str, alpha: float
) -> Sets:
    fits = ESTIMATORS[estimator](Y, design)
    test = rank_test(np.where(fits.separated, np.inf, fits.coef @ contrast), fits.scale, alpha)
    return found.ranked(contrast, test.critical, alpha, np.ones(len(Y) - 1, dtype=bool))
