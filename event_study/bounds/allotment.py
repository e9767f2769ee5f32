"""Whose the unknown may be: panels completed by giving a column of values without a unit to someone.

A share of the unknown is the treated unit's: one number before the first event, one from it on. The rest
goes to the other units as their known values stand to each other in the same period, or to none of those
compared; both are tried. Who of the donors it is among themselves is not varied: a mean of J donors moves
by a J-th of that, and no placebo's gap to the other donors moves at all. Shares that change from period to
period are not tried either: owners are not redrawn every month. Not here: estimates (``refit``), unions
(``identified_set``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from event_study.panel.unknown import Unknown

GRID = np.linspace(0.0, 1.0, 13) ** 1.5  # dense near 0, where a share of much unknown moves a count most
COARSE = np.asarray([0.0, 0.5, 1.0])  # for estimators that are fitted one panel at a time


@dataclass(frozen=True)
class Allotments:
    """S ways to allot. ``before``, ``after`` (S): the treated unit's share of the unknown before the first
    event and from it on; ``spread`` (S): whether the rest goes to the other units; ``treated`` (S, T): its
    values so completed; ``factor`` (S, T): what the others' values are multiplied by. The first one is what
    is known alone."""

    before: np.ndarray
    after: np.ndarray
    spread: np.ndarray
    treated: np.ndarray
    factor: np.ndarray

    @property
    def constant(self) -> np.ndarray:
        """Which of them (S) give the treated unit one share throughout."""
        return np.asarray(self.before == self.after)

    @property
    def difference(self) -> np.ndarray:
        return np.asarray(np.abs(self.after - self.before))

    def panel(self, Y: np.ndarray, which: int) -> np.ndarray:
        """``Y`` (1+J, T), treated first, completed in one way."""
        return np.vstack([self.treated[which], Y[1:] * self.factor[which]])


def allotments(treated: np.ndarray, unknown: Unknown, pre: np.ndarray, grid: np.ndarray = GRID) -> Allotments:
    """Every pair of shares of ``grid``, the rest going to nobody compared and to all; ``treated`` (T) as
    known, ``pre`` (T): the periods before the first event.

    >>> import numpy as np
    >>> unknown = Unknown(np.array([4.0, 4.0]), np.array([8.0, 8.0]))
    >>> made = allotments(np.array([2.0, 2.0]), unknown, np.array([True, False]), np.array([0.0, 1.0]))
    >>> made.treated[made.constant & made.spread], made.factor[made.constant & made.spread]
    (array([[2., 2.],
           [6., 6.]]), array([[1.5, 1.5],
           [1. , 1. ]]))
    """
    spread, before, after = (axis.ravel() for axis in np.meshgrid([False, True], grid, grid, indexing="ij"))
    share = np.where(pre, before[:, None], after[:, None])
    others = unknown.others
    ratio = np.divide(unknown.values, others, out=np.zeros_like(others), where=others > 0)
    return Allotments(
        before, after, spread, treated + share * unknown.values,
        1.0 + spread[:, None] * (1.0 - share) * ratio,
    )  # fmt: skip
