"""Synthetic control: the weighted donors that follow the treated unit before the first event.

w = argmin |Y_pre' w - y_pre|^2 on the simplex, outcomes only; inference by running every donor as a
placebo. Reference: Abadie, Diamond and Hainmueller (2010). Not here: the solver (``simplex``), the
scale of the studentised rank (``ri_studentised``), a version with intercept (``sdid``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from event_study.errors import DegeneratePlacebo, Note, ResolutionTooCoarse
from event_study.estimators.matrices import as_treated, check_windows
from event_study.estimators.simplex import simplex_least_squares
from event_study.inference.ri_studentised import DEGENERATE, TIE, RankTest, rank_test

TREATED = "the treated unit"
EXACT = "is fitted exactly before the first event: its estimate has no scale"


@dataclass(frozen=True)
class Synthetic:
    """``weights`` (J), ``gap`` (T) = y_1 - w'Y; ``effect`` its mean after, ``rmspe_pre`` and
    ``rmspe_post`` its root mean square, ``ratio`` post/pre (infinite when the fit is exact);
    ``entropy`` = -sum w log w, so exp(entropy) donors of equal weight."""

    weights: np.ndarray
    gap: np.ndarray
    rmspe_pre: float
    rmspe_post: float
    effect: float
    ratio: float
    entropy: float
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class RatioRank:
    """``ratios`` (1+J), treated first; p = ``rank``/(J+1); ``exact``: placebos fitted exactly, whose
    infinite ratios all count against the treated unit."""

    ratios: np.ndarray
    rank: int
    p_value: float
    p_floor: float
    exact: int
    notes: tuple[Note, ...]


def synth(Y: np.ndarray, pre: np.ndarray, post: np.ndarray) -> Synthetic:
    """Synthetic control of row 0 of ``Y`` (1+J, T); ``pre``, ``post`` (T) booleans, disjoint.

    Periods in neither window count in ``gap`` only. Notes ``DonorsExceedPrePeriods`` when J >= T0 (the
    fit before is then mechanically close and w need not be unique) and ``DegeneratePlacebo`` when the
    fit is exact: an RMSPE below 1e-8 of the donors' own distance from the treated unit.
    Raises what ``check_windows`` raises, ``NotConverged``.
    """
    check_windows(Y, pre, post)
    donors = Y[1:]
    weights = simplex_least_squares(donors[:, pre].T, Y[0, pre])
    gap = Y[0] - weights @ donors
    before, after = _rms(gap[pre]), _rms(gap[post])
    exact = before <= DEGENERATE * _rms(donors[:, pre] - Y[0, pre])
    notes = (Note.DONORS_EXCEED_PRE_PERIODS,) if len(donors) >= pre.sum() else ()
    positive = weights[weights > 0]
    return Synthetic(
        weights=weights,
        gap=gap,
        rmspe_pre=before,
        rmspe_post=after,
        effect=float(gap[post].mean()),
        ratio=np.inf if exact else after / before,
        entropy=float(-(positive * np.log(positive)).sum()),
        notes=(*notes, Note.DEGENERATE_PLACEBO) if exact else notes,
    )


def synth_all(Y: np.ndarray, pre: np.ndarray, post: np.ndarray) -> tuple[Synthetic, ...]:
    """``synth`` of every row of ``Y`` (1+J, T); row 0 is no donor of any placebo, which have J - 1."""
    return tuple(synth(as_treated(Y, j), pre, post) for j in range(len(Y)))


def ratio_rank(Y: np.ndarray, pre: np.ndarray, post: np.ndarray, alpha: float = 0.05) -> RatioRank:
    """Rank of the treated unit's RMSPE ratio among all J+1, ties against it.

    Raises ``DegeneratePlacebo`` when the treated unit is fitted exactly, ``ResolutionTooCoarse`` when
    1/(J+1) > ``alpha``, and what ``synth`` raises.
    """
    resolve(len(Y), alpha)
    fits = synth_all(Y, pre, post)
    if Note.DEGENERATE_PLACEBO in fits[0].notes:
        raise DegeneratePlacebo(TREATED, EXACT)
    ratios = np.asarray([fit.ratio for fit in fits])
    rank = int((ratios >= ratios[0] - TIE * ratios[0]).sum())
    exact = int(np.isinf(ratios).sum())
    return RatioRank(
        ratios=ratios,
        rank=rank,
        p_value=rank / len(Y),
        p_floor=1 / len(Y),
        exact=exact,
        notes=(*fits[0].notes, Note.DEGENERATE_PLACEBO) if exact else fits[0].notes,
    )


def synth_rank(
    Y: np.ndarray, pre: np.ndarray, post: np.ndarray, scale: np.ndarray, alpha: float = 0.05
) -> RankTest:
    """Rank of |effect_j| / s_j among all J+1, with its confidence set in closed form: w does not see
    the periods after, so an effect theta moves the treated estimate by theta and no other.

    ``scale`` (1+J) is s_j of the headline test, the pre-period RMSE of unit j's gap to the mean of the
    donors around its own mean; the synthetic control's own RMSPE would give the placebos with a close
    fit the largest ratios. Raises ``DegeneratePlacebo``, ``ResolutionTooCoarse``, what ``synth`` raises.
    """
    resolve(len(Y), alpha)
    check_scale(scale)
    return rank_test(np.asarray([fit.effect for fit in synth_all(Y, pre, post)]), scale, alpha)


def resolve(units: int, alpha: float) -> None:
    """Refuse, before any placebo is fitted, a rank test that can never reject."""
    if np.floor(alpha * units + TIE) < 1:
        raise ResolutionTooCoarse(units - 1, alpha)


def check_scale(scale: np.ndarray) -> None:
    """Refuse a scale (1+J) that nothing can be divided by; ``ri_studentised.usable`` says which rows
    to leave out beforehand. Raises ``DegeneratePlacebo``."""
    for j in np.flatnonzero(~(np.isfinite(scale) & (scale > 0))):
        raise DegeneratePlacebo(TREATED if j == 0 else f"donor {j}")


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt((values**2).mean()))
