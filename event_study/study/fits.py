"""A case fitted to a design, for the treated unit and every usable placebo.

Not here: what is asked of it (``answer``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from event_study.bounds.refit import Refits, refits
from event_study.errors import Note, SeparatedBin
from event_study.estimators.design import Design
from event_study.estimators.gaps import UnitFits, rounding
from event_study.estimators.registry import ESTIMATORS
from event_study.inference.ri_studentised import usable
from event_study.limits import VIF_LIMIT
from event_study.panel.balance import Balanced, in_log_points
from event_study.panel.data import MATCHED
from event_study.panel.unknown import Unknown
from event_study.study.case import Case


def refit_steps(fit: Fit, unknown: Unknown) -> Refits:
    """The coefficients of the design, whoever the unknown are."""
    return refits(fit.panel.values, unknown, fit.design, fit.case.estimator)


@dataclass(frozen=True)
class Fit:
    """``units`` are those with a usable scale, treated first; ``notes`` are warnings of the fit,
    ``rounding`` the scale below which a gap is noise of the last digit; ``refit`` makes what ``fits`` are
    once more for every allotment of the unknown."""

    case: Case
    panel: Balanced
    design: Design
    units: tuple[str, ...]
    fits: UnitFits
    notes: tuple[str, ...]
    rounding: float = 0.0
    refit: Callable[[Fit, Unknown], Refits] = refit_steps

    def values(self, contrast: np.ndarray) -> np.ndarray:
        """Each unit's contrast; infinite for a placebo whose count model has no finite maximum, so
        that it counts against the treated unit."""
        return np.where(self.fits.separated, np.inf, self.fits.coef @ contrast)

    @cached_property
    def refits(self) -> Refits | None:
        """The fits of the treated unit, whoever the unknown are; None where nothing is unknown, or cannot be
        counted."""
        unknown = self.panel.unknown
        return self.refit(self, unknown) if isinstance(unknown, Unknown) else None

    @property
    def among(self) -> np.ndarray:
        """Which of the panel's units (1+J) are in ``units``."""
        return np.asarray([unit in self.units for unit in self.panel.units])

    def mean_step(self) -> np.ndarray:
        """The contrast (P) of the mean of the set's steps."""
        return self.design.contrast(self.case.events, self.case.event_set.weights(self.case.events))


def fit_case(case: Case, panel: Balanced, design: Design) -> Fit:
    """Fit all units. Raises ``SeparatedBin`` and ``DegeneratePlacebo`` for the treated one; a placebo
    of either kind is kept as infinite, or dropped, with a warning."""
    fits = ESTIMATORS[case.estimator](panel.values, design)
    if fits.separated[0]:
        raise SeparatedBin(
            "{unit} has no count at all in one of the windows: its log ratio has no finite value",
            unit=panel.units[0],
        )
    notes: list[str] = []
    if design.vif > VIF_LIMIT:
        notes.append(Note.HIGH_VIF)
    notes += case.notes
    if panel.zero_units:
        notes.append(f"{Note.ZERO_UNITS_DROPPED}({panel.zero_units})")
    if panel.cells_bridged:
        notes.append(f"{Note.CELLS_BRIDGED}({panel.cells_bridged})")
    if case.estimator.startswith(MATCHED) and panel.donors >= design.pre.sum():
        notes.append(Note.DONORS_EXCEED_PRE_PERIODS)
    keep = np.ones(len(panel.units), dtype=bool)
    noise = rounding(panel.values, in_log_points(case.estimator))
    if case.inference == "ri_studentised":  # else nobody is ranked, and a sum of donors drops none
        keep = usable(fits.scale, panel.units, noise)
        notes += [f"{Note.DEGENERATE_PLACEBO}({panel.units[j]})" for j in np.flatnonzero(~keep)]
        notes += [f"{Note.SEPARATED_BIN}({panel.units[j]})" for j in np.flatnonzero(fits.separated & keep)]
    kept = UnitFits(fits.coef[keep], fits.scale[keep], fits.gaps[keep], fits.separated[keep])
    units = tuple(u for u, k in zip(panel.units, keep, strict=True) if k)
    return Fit(case, panel, design, units, kept, tuple(notes), noise)
