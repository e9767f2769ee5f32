"""What an answer may be, whoever the unknown are: the union of its sets over all allotments.

Each inference makes its own set of every allotment: a rank its closed form; conventional errors the interval
of Imbens and Manski between the lowest and the highest estimate; where nothing is tested the estimate alone
is bounded. Where an outcome is also counted without its largest owners, the unknown of each size may have a
share of their own. Not here: allotments and unions (``bounds``), what is said of an answer so bounded
(``answer``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from event_study.bounds.allotment import COARSE, Allotments, allotments
from event_study.bounds.identified_set import UnionBounds, imbens_manski
from event_study.bounds.refit import Refits, Sets, refits_by_class
from event_study.errors import EventStudyError
from event_study.estimators.design import Design
from event_study.estimators.registry import additive
from event_study.inference.conformal import conformal_set
from event_study.inference.conventional import Conventional
from event_study.inference.ferman_pinto import ferman_pinto
from event_study.inference.ri_persistent import forecasts
from event_study.inference.ri_studentised import RankTest
from event_study.panel.balance import Balanced, Outcome, in_log_points, reference_mean
from event_study.panel.data import Data
from event_study.panel.unknown import Unknown, classes_of_size, unknown_beside
from event_study.periods import GRIDS, ordinals
from event_study.study.case import Case
from event_study.study.fits import Fit

OPEN = -math.inf, math.inf
# what an outcome may be counted without: ever more of the owners that were the largest before the events
LARGEST_OWNERS = {"top_20_owners": "the 20 largest owners", "top_100_owners": "the next 80"}


def bounds_of_fit(
    fit: Fit, weights: np.ndarray, test: RankTest | None, inference: str, alpha: float
) -> UnionBounds | None:
    """Of the contrast ``weights`` (P) of a fit, and of its rank test where it has one; None where nothing
    is unknown, or cannot be counted."""
    found = fit.refits
    if found is None:
        return None
    if test is None:
        return bounds_of_points(found.made, found.coef @ weights)
    if inference == "ri_persistent":
        sets = _forecast(fit, found, weights, test)
    elif inference == "ferman_pinto":
        sets = _rescaled(fit, found.made, weights, alpha)
    else:
        sets = found.ranked(weights, test.critical, alpha, fit.among[1:])
    return sets.union(found.made)


def classes_of_owners(data: Data, fit: Fit) -> tuple[Unknown, ...] | None:
    """The unknown of a fit's panel by the size of their owners before the events; None where the outcome is
    not counted without its largest owners, or nothing is unknown.

    Raises ``EventStudyError`` where a count without them cannot be followed.
    """
    panel, case = fit.panel, fit.case
    counted_without = [data.outcomes.get(f"{case.outcome}/{name}") for name in LARGEST_OWNERS]
    if not isinstance(panel.unknown, Unknown) or case.sample.without or None in counted_without:
        return None
    treated, periods, left = panel.units[0], list(panel.periods), []
    for one in counted_without:
        if not isinstance(one, Outcome):
            raise one or EventStudyError("not counted")
        wide = one.wide.reindex(periods)
        wide[treated] = wide.get(treated, 0.0)
        left.append(unknown_beside(wide, treated, periods, panel.frequency))
    return classes_of_size(panel.unknown, left)


def ends_by_class(
    fit: Fit, classes: tuple[Unknown, ...], weights: np.ndarray, test: RankTest
) -> tuple[float, float]:
    """The union of the rank sets of the contrast ``weights`` (P), each class of the unknown with a constant
    share of its own; infinite ends are open."""
    found = refits_by_class(fit.panel.values, classes, fit.design, fit.case.estimator)
    return found.ranked(weights, test.critical, fit.case.alpha, fit.among[1:]).ends


def bounds_of_points(made: Allotments, estimate: np.ndarray) -> UnionBounds:
    """Of estimates (S) that have no set: NaN is open."""
    return Sets.around(estimate, 0.0).union(made)


def _forecast(fit: Fit, found: Refits, weights: np.ndarray, test: RankTest) -> Sets:
    when = ordinals(fit.panel.periods, fit.case.frequency)
    known = forecasts(found.gaps[:, None], fit.design, when, weights[None])
    return Sets.around(found.coef @ weights - known.mean[:, 0, 0], test.critical * known.error[:, 0, 0])


def _rescaled(fit: Fit, made: Allotments, weights: np.ndarray, alpha: float) -> Sets:
    """Open where an allotment leaves the treated unit outside the donors' sizes, or without a scale."""
    X, pre, among = fit.design.X, fit.design.pre, fit.among
    least_squares = X @ np.linalg.inv(X.T @ X) @ weights
    ends = []
    for s in range(len(made.before)):
        levels = made.panel(fit.panel.values, s)[among]
        differences = additive(levels, fit.case.estimator) @ least_squares
        try:
            rescaled = ferman_pinto(differences, levels[:, pre].mean(axis=1), alpha)
        except EventStudyError:
            ends.append((math.nan, *OPEN))
            continue
        test = rescaled.test
        ends.append((test.estimate, *(OPEN if rescaled.extrapolated else (test.low, test.high))))
    return Sets(*np.asarray(ends).T)


def bounds_of_conventional(
    panel: Balanced,
    found: Refits,
    weights: np.ndarray,
    fitted: Callable[[Balanced], Conventional],
    alpha: float,
) -> UnionBounds:
    """Between the allotments of the lowest and the highest estimate by least squares, which ``fitted`` fits
    anew; the breakdown is that of the estimate's sign: a set of every allotment would need every error."""
    made, estimate = found.made, found.coef @ weights
    points = bounds_of_points(made, estimate)
    ends: dict[str, float] = {}
    for name, of in (("", made.constant), ("worst_", np.ones_like(made.constant))):
        if not np.isfinite(estimate[of]).all():
            ends |= {f"{name}low": -math.inf, f"{name}high": math.inf}
            continue
        at = np.flatnonzero(of)
        try:
            both = (
                fitted(replace(panel, values=made.panel(panel.values, int(at[end(estimate[of])]))))
                for end in (np.argmin, np.argmax)
            )
            low, high = sorted(both, key=lambda one: one.estimate)  # GLS may turn them round
            interval = imbens_manski(low.estimate, high.estimate, low.std_error, high.std_error, alpha)
        except EventStudyError:  # the errors of an end cannot be made
            interval = OPEN
        ends |= {f"{name}low": interval[0], f"{name}high": interval[1]}
    return UnionBounds(**ends, breakdown=points.sign_breakdown, sign_breakdown=points.sign_breakdown)


def bounds_of_conformal(
    panel: Balanced, unknown: Unknown, design: Design, estimator: str, alpha: float
) -> UnionBounds:
    """Of the sets of permuted periods, made anew for every allotment of a coarse grid."""
    made = allotments(panel.values[0], unknown, design.pre, COARSE)
    ends = []
    for s in range(len(made.before)):
        levels = additive(made.panel(panel.values, s), estimator)
        try:
            effects = conformal_set(levels, design.pre, ~design.pre, alpha=alpha)
        except EventStudyError:  # no scale under this allotment
            ends.append((math.nan, *OPEN))
            continue
        is_set = not math.isnan(effects.low)  # else every effect is rejected
        ends.append((effects.estimate, *((effects.low, effects.high) if is_set else OPEN)))
    return Sets(*np.asarray(ends).T).union(made)


def is_informative(low: float, high: float, case: Case) -> bool:
    """Whether a set leaves out a halving or a doubling, in log points or of the mean level just before the
    events; a level that is no base for per cents has neither."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return False
    half, double = math.log(0.5), math.log(2.0)
    if not in_log_points(case.estimator):
        if case.panel is None:
            return True
        first = min(day for _, day in case.joint)
        base = reference_mean(case.panel, GRIDS[case.frequency].reference, first)
        if base is None or base <= 0:
            return True
        half, double = -base / 2, base
    return not (low <= half and high >= double)
