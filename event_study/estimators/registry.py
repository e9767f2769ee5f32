"""Every unit's fit at once: the treated unit against the donors, and each donor as a placebo.

An estimator takes levels (1+J, T), treated first, and a design, and returns all coefficients and
each unit's scale before the first event. One function an estimator, registered by a line of ``LEVELS``,
which gives it its name and, with ``_log`` behind, that of the same on logarithms.
Not here: p-values (``ri_studentised``), conventional errors (``conventional``).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from event_study.errors import NonPositiveLog
from event_study.estimators.design import Design
from event_study.estimators.gaps import UnitFits, gap_matrix, pre_scale, share_gaps
from event_study.estimators.matched import fit_sdid, fit_synth
from event_study.estimators.ppml import grouped_logit


def fit_gaps(Y: np.ndarray, design: Design) -> UnitFits:
    """OLS of every gap on the design; in a balanced panel with one treated unit these are exactly
    the two-way fixed-effects coefficients.

    >>> from datetime import date
    >>> import numpy as np
    >>> from event_study import fit_gaps, step_design
    >>> years = [date(year, 1, 1) for year in range(2014, 2020)]
    >>> design = step_design(years, "year", [("rule", date(2018, 1, 1))], trend=False)
    >>> Y = np.array([[5.0, 6, 5, 6, 9, 9], [1, 2, 1, 2, 1, 2], [3, 3, 4, 4, 3, 4]])
    >>> fit_gaps(Y, design).coef[0]  # gap before, and its step
    array([3. , 3.5])
    """
    gaps = gap_matrix(Y)
    X = design.X
    coef = gaps @ X @ np.linalg.inv(X.T @ X)
    return UnitFits(coef, pre_scale(gaps, design), gaps, np.zeros(len(Y), dtype=bool))


def logs(Y: np.ndarray) -> np.ndarray:
    """log of levels. Raises ``NonPositiveLog``."""
    if (Y <= 0).any():
        raise NonPositiveLog("a log needs values above 0")
    return np.asarray(np.log(Y))


def additive(Y: np.ndarray, estimator: str) -> np.ndarray:
    """Levels on the scale on which this estimator's effect adds: logs, or levels as they are.

    Raises ``NonPositiveLog``: counts with zeros have no such scale.
    """
    if estimator == "ppml":
        raise NonPositiveLog("counts with zeros have no scale on which an effect is the same for all")
    return logs(Y) if estimator.endswith("_log") else Y


def plain_gaps(Y: np.ndarray, estimator: str) -> np.ndarray:
    """Every unit's gap to the others (1+J, T) on the estimator's scale, no donor weighed above another but by
    its count. Raises ``NonPositiveLog``."""
    return share_gaps(Y) if estimator == "ppml" else gap_matrix(additive(Y, estimator))


def fit_ppml(Y: np.ndarray, design: Design) -> UnitFits:
    """Poisson pseudo-maximum likelihood with unit and period effects, every unit as its own placebo.

    With one unit of interest the other units may be summed exactly, and a Poisson model of two rows
    with period effects is a logit of the unit's share of the period's total: P coefficients a unit
    instead of J + T dummies. The scale is the pre-period RMSE of log((y+.5)/(others+.5)).
    Reference: Santos Silva and Tenreyro (2006).

    >>> from datetime import date
    >>> import numpy as np
    >>> from event_study import fit_ppml, step_design
    >>> years = [date(year, 1, 1) for year in range(2014, 2020)]
    >>> design = step_design(years, "year", [("rule", date(2018, 1, 1))], trend=False)
    >>> Y = np.array([[10, 10, 10, 10, 20, 20], [50, 50, 50, 50, 50, 50], [20, 20, 20, 20, 20, 20]])
    >>> float(np.exp(fit_ppml(Y, design).coef[0, 1]).round(6))  # the count doubles
    2.0
    """
    donors = Y[1:]
    others = np.vstack([donors.sum(axis=0), donors.sum(axis=0) - donors])
    gaps = share_gaps(Y)
    if len(donors) == 1:  # no placebo: the only donor has nobody to be compared with
        only, is_separated = grouped_logit(Y[:1], Y[:1] + others[:1], design.X)
        coef, separated = np.vstack([only, np.full_like(only, np.nan)]), np.append(is_separated, False)
    else:
        coef, separated = grouped_logit(Y, Y + others, design.X)
    return UnitFits(coef, pre_scale(gaps, design), gaps, separated)


Fitter = Callable[[np.ndarray, Design], UnitFits]


def _in_logs(fit: Fitter) -> Fitter:
    def fit_logs(Y: np.ndarray, design: Design) -> UnitFits:
        return fit(logs(Y), design)

    fit_logs.__doc__ = f"In logs: {fit.__doc__}"
    return fit_logs


LEVELS: dict[str, Fitter] = {
    "ols": fit_gaps,
    "sdid": fit_sdid,
    "synth": fit_synth,
}
_LOGS = {f"{name}_log": _in_logs(fit) for name, fit in LEVELS.items()}
ESTIMATORS: dict[str, Fitter] = dict(sorted({**LEVELS, **_LOGS, "ppml": fit_ppml}.items()))


def described() -> dict[str, tuple[str, str]]:
    """Of each registered estimator its function's own first sentence, and the unit of its effects."""
    said = {name: " ".join((fit.__doc__ or name).split()) for name, fit in ESTIMATORS.items()}
    return {
        name: (text.split(". ")[0].rstrip("."), "outcome’s unit" if name in LEVELS else "log points")
        for name, text in said.items()
    }
