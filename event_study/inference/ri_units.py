"""Sides permuted over units: how often do sides drawn at random differ as much as the real ones?

A description of how much a few units carry, and no test of an event: units of one side share its shocks,
which a permutation breaks up, so that it rejects a true null as often as those are strong. Not here: tests
that hold (``ri_windows``).
"""

from __future__ import annotations

import numpy as np

from event_study.inference.ri_studentised import TIE


def permuted_p(
    before: np.ndarray, after: np.ndarray, treated: np.ndarray, *, log: bool, draws: int, seed: int
) -> float | None:
    """p = (1 + #{draws with as large a change}) / (1 + draws), two-sided.

    ``before``, ``after`` (N) sums of each unit, ``treated`` (N) mask; the change is that of the log ratio of
    the sides' sums (``log``), or of the difference of their means. None where the real sides have no change
    to speak of; a draw without one (a side without a count) counts as large.
    """
    own = _change(before, after, treated[None, :], log)[0]
    if not np.isfinite(own):
        return None
    order = np.argsort(np.random.default_rng(seed).random((draws, len(treated))), axis=1)
    drawn = _change(before, after, treated[order], log)
    return float((1 + (~(np.abs(drawn) < abs(own) - TIE)).sum()) / (1 + draws))


def _change(before: np.ndarray, after: np.ndarray, treated: np.ndarray, log: bool) -> np.ndarray:
    """Of every row of ``treated`` (R, N), shape (R)."""
    if not log:
        change = after - before
        return np.asarray(treated @ change / treated.sum(axis=1) - ~treated @ change / (~treated).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        sides = [np.log(mask @ after) - np.log(mask @ before) for mask in (treated, ~treated)]
        return np.asarray(sides[0] - sides[1])
