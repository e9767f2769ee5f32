"""What a reader needs beside an estimate: what could have been seen, and what it hangs on.

Not here: the tests themselves (``ri_studentised``), which of these an estimate gets (``study``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from event_study.errors import DegeneratePlacebo
from event_study.estimators.design import Design
from event_study.estimators.gaps import UnitFits
from event_study.inference.ri_studentised import rank_test, usable

POWER = 0.8


@dataclass(frozen=True)
class Diagnostic:
    """One row of the diagnostics table, but for its estimate."""

    diagnostic: str
    value: float | None
    p_value: float | None
    note: str


@dataclass(frozen=True)
class LeaveOneOut:
    """Smallest and largest estimate and p over the donors left out, and whose leaving gives them; no p where
    fewer donors than a test needs are left."""

    lowest: float
    highest: float
    p_lowest: float | None
    p_highest: float | None
    lowest_without: str
    highest_without: str


def minimum_detectable(b: np.ndarray, scale: np.ndarray, critical: float) -> float | None:
    """Smallest effect that the rank test finds with 80 % power: the placebos' studentised estimates,
    both signs, stand for the noise; null when unbounded."""
    z = b[1:] / scale[1:]
    noise = np.concatenate([z, -z])
    if not np.isfinite(critical) or not np.isfinite(noise).all():
        return None
    # power jumps only where some z + d reaches q, so those d are all the candidates there are
    candidates = np.sort(np.concatenate([critical - noise, [0.0]]))
    for d in candidates[candidates >= 0]:
        if (np.abs(noise + d) >= critical - 1e-12).mean() >= POWER:
            return float(d * scale[0])
    return None


def leave_one_out(
    Y: np.ndarray,
    units: tuple[str, ...],
    fit: Callable[[np.ndarray, Design], UnitFits],
    design: Design,
    contrast: np.ndarray,
    alpha: float,
    rounding: float,
) -> LeaveOneOut | None:
    """Refit without each donor in turn; null for a single donor, and where the treated unit's own scale
    fails without one."""
    rows, p_values = [], []
    for j in range(1, len(units)):
        kept = np.delete(np.arange(len(units)), j)
        if len(kept) < 2:
            return None
        fits = fit(Y[kept], design)
        try:
            fine = usable(fits.scale, [units[i] for i in kept], rounding)
        except DegeneratePlacebo:
            return None
        b = np.where(fits.separated, np.inf, fits.coef @ contrast)
        rows.append((float(b[0]), units[j]))
        if fine.sum() * alpha >= 1:
            p_values.append(rank_test(b[fine], fits.scale[fine], alpha).p_value)
    if not rows:
        return None
    low, high = min(rows), max(rows)
    has_test = len(p_values) == len(rows)
    return LeaveOneOut(
        low[0],
        high[0],
        min(p_values) if has_test else None,
        max(p_values) if has_test else None,
        low[1],
        high[1],
    )


def pre_trend_slopes(gaps: np.ndarray, design: Design, when: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope per period of every gap before the first event, and its RMSE around that line.

    Returns (1+J), (1+J). Exact because least squares on a constant and time.
    """
    pre = gaps[:, design.pre]
    time = when[design.pre] - when[design.pre].mean()
    slope = pre @ time / (time @ time)
    residual = pre - pre.mean(axis=1, keepdims=True) - slope[:, None] * time
    return slope, np.sqrt((residual**2).mean(axis=1))


def bias_of_slope(design: Design, contrast: np.ndarray, when: np.ndarray) -> float:
    """What a pure linear drift of one unit per period would show up as in the contrast."""
    X = design.X
    return float(contrast @ np.linalg.solve(X.T @ X, X.T @ (when - when.mean())))


def serial_correlation_p(gaps: np.ndarray, design: Design) -> float:
    """Two-sided rank p of the treated gap's first-order autocorrelation among all gaps' before the
    first event: small means the exchangeability behind the rank test is in doubt."""
    pre = gaps[:, design.pre]
    centred = pre - pre.mean(axis=1, keepdims=True)
    rho = (centred[:, 1:] * centred[:, :-1]).sum(axis=1) / np.maximum((centred**2).sum(axis=1), 1e-300)
    above, below = (rho >= rho[0] - 1e-12).mean(), (rho <= rho[0] + 1e-12).mean()
    return float(min(1.0, 2 * min(above, below)))


def dispersion(Y: np.ndarray, design: Design, coef: np.ndarray) -> float:
    """Pearson dispersion of the treated unit in the count model, 1 for Poisson; (P) ``coef``."""
    total = Y.sum(axis=0)
    share = 1 / (1 + np.exp(-(design.X @ coef)))
    fitted, seen = total * share, total > 0
    variance = fitted * (1 - share)
    pearson = ((Y[0] - fitted)[seen] ** 2 / np.maximum(variance[seen], 1e-300)).sum()
    return float(pearson / max(1, int(seen.sum()) - design.X.shape[1]))
