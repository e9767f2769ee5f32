"""The treated unit's estimate and scale under every allotment of the unknown.

A rank is drawn among the donors, whose own gaps to the other donors no allotment moves: all their values are
multiplied by the same numbers, which a logarithm's gap does not see, and of which a count model only sees how
much each period weighs (there the donors' ranks are those of what is known: an approximation). So they are
fitted once, and only the treated unit again. In levels nothing cancels:
there all are fitted anew. Not here: the allotments, unions of what is found (``identified_set``).
"""

from __future__ import annotations

import numpy as np

from event_study.bounds.allotment import COARSE, GRID, Allotments, Unknown, allotments
from event_study.bounds.identified_set import UnionBounds, union
from event_study.estimators.design import Design
from event_study.estimators.gaps import pre_scale
from event_study.estimators.matched import sdid_steps, synth_steps
from event_study.estimators.ppml import grouped_logit
from event_study.estimators.registry import ESTIMATORS, LEVELS
from event_study.inference.ri_studentised import rank_test


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
    fits = ESTIMATORS[estimator](Y, design)
    values = np.where(fits.separated, np.inf, fits.coef @ contrast)
    test = rank_test(values, fits.scale, alpha)
    is_matched = estimator.startswith(("synth", "sdid"))
    made = allotments(Y[0], unknown, design.pre, COARSE if is_matched else GRID)
    if estimator in LEVELS:
        return _levels(Y, made, design, contrast, estimator, alpha)
    plain, estimate = _treated(Y, made, design, contrast, estimator)
    reach, finite = test.critical * pre_scale(plain, design), np.isfinite(estimate)
    low = np.where(finite, estimate - reach, -np.inf)
    high = np.where(finite, estimate + reach, np.inf)
    return union(made, np.where(finite, estimate, 0.0), low, high)


def _treated(
    Y: np.ndarray, made: Allotments, design: Design, contrast: np.ndarray, estimator: str
) -> tuple[np.ndarray, np.ndarray]:
    """The treated unit's plain gap (S, T) and its estimate (S), NaN where it is separated."""
    X = design.X
    if estimator == "ppml":
        others = Y[1:].sum(axis=0) * made.factor
        plain = np.log((made.treated + 0.5) / (others + 0.5))
        coef, separated = grouped_logit(made.treated, made.treated + others, X)
        return plain, np.where(separated, np.nan, coef @ contrast)
    plain = np.log(made.treated) - np.log(made.factor) - np.log(Y[1:]).mean(axis=0)
    if estimator == "ols_log":
        return plain, np.asarray(plain @ X @ np.linalg.inv(X.T @ X) @ contrast)
    steps = synth_steps if estimator.startswith("synth") else sdid_steps
    fitted = [steps(np.log(made.panel(Y, s)), design)[0] for s in range(len(plain))]
    return plain, np.asarray(fitted) @ contrast


def _levels(
    Y: np.ndarray, made: Allotments, design: Design, contrast: np.ndarray, estimator: str, alpha: float
) -> UnionBounds:
    """Every unit anew, for a level's gap to levels that are multiplied is another gap."""
    found = []
    for s in range(len(made.before)):
        fits = ESTIMATORS[estimator](made.panel(Y, s), design)
        test = rank_test(fits.coef @ contrast, fits.scale, alpha)
        found.append((test.estimate, test.low, test.high))
    return union(made, *np.asarray(found).T)
