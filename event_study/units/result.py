"""What a unit-level fit gives back, and its clustered covariance with a factor of our own.

Conventional by name: where all units share one shock no clustering rescues these errors, and more
units make it worse. Not here: fits (``solve``), tests that hold (``pre_post``, ``triple``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from event_study.errors import Note, RankDeficient, UnitNote, counted
from event_study.limits import MIN_DONORS


@dataclass(frozen=True)
class UnitStudy:
    """``coef`` (K) of ``names`` and their ``vcov`` (K, K), clustered (CRV1), ``factor`` included.

    ``n`` rows, ``k`` coefficients counted, ``g`` clusters behind the factor; ``dropped`` says how many
    rows, units or periods were left out, by reason; ``way`` is ``cells`` or ``rows``.
    """

    names: tuple[str, ...]
    coef: np.ndarray
    vcov: np.ndarray
    n: int
    k: int
    g: int
    factor: float
    dropped: Mapping[str, int]
    warnings: tuple[str, ...]
    way: str = "rows"

    @property
    def std_error(self) -> np.ndarray:
        """Clustered errors (K): conventional, never a headline."""
        return np.asarray(np.sqrt(np.diag(self.vcov)))


def clustered(scores: np.ndarray, bread: np.ndarray, *, n: int, k: int, g: int) -> tuple[np.ndarray, float]:
    """V = f A^-1 (sum_g S_g S_g') A^-1 and f = G/(G-1) (N-1)/(N-k).

    ``scores`` (G', K) with G' <= G: a cluster whose score is zero need not be there. k counts the K
    coefficients and the levels of the effects that are not nested in clusters (Cameron and
    Miller 2015 on the choice). Own because pyfixest 0.60's default count depends on the hash seed
    of the process. Raises ``RankDeficient`` with one cluster, or without a degree of freedom.
    """
    if g < 2:
        raise RankDeficient(f"{counted(g, 'cluster')}: no clustered error from fewer than two")
    if n <= k:
        raise RankDeficient(f"{counted(n, 'row')} for {counted(k, 'coefficient')}")
    factor = g / (g - 1) * (n - 1) / (n - k)
    half = scores @ bread
    return factor * (half.T @ half), factor


def notes(dropped: Mapping[str, int], g: int, treated_clusters: int) -> tuple[str, ...]:
    """Warnings of a fit; ``treated_clusters`` are those in which any regressor is not zero."""
    said = [
        f"{note}({dropped[reason]})"
        for reason, note in (
            ("zero_units", Note.ZERO_UNITS_DROPPED),
            ("zero_periods", Note.PERIODS_DROPPED),
            ("singletons", UnitNote.SINGLETONS_DROPPED),
            ("separated", UnitNote.SEPARATED_ROWS_DROPPED),
        )
        if dropped.get(reason)
    ]
    said += [Note.FEW_CLUSTERS] if g <= MIN_DONORS else []
    return (*said, *([Note.ONE_TREATED_CLUSTER] if treated_clusters == 1 else []))


def interval(estimate: float, error: float, g: int, alpha: float = 0.05) -> tuple[float, float, float]:
    """Two-sided p, low and high of a clustered estimate, t with G - 1 degrees of freedom."""
    if not error > 0:
        return float("nan"), estimate, estimate
    reach = float(stats.t.ppf(1 - alpha / 2, g - 1)) * error
    return float(2 * stats.t.sf(abs(estimate) / error, g - 1)), estimate - reach, estimate + reach


def percent_of(change: float, base: float) -> float:
    """A level change as percent of its base mean; nan without a base above 0."""
    return 100.0 * change / base if base > 0 else float("nan")
