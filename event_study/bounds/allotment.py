"""Whose the unknown may be: panels completed by giving a column of values without a unit to someone.

A share of the unknown is the treated unit's: one number before the first event, one from it on. The rest
goes to the other units as their known values stand to each other in the same period, or to none of those
compared; both are tried. Who of the donors it is among themselves is not varied: a mean of J donors moves
by a J-th of that, and no placebo's gap to the other donors moves at all. Shares that change from period to
period are not tried either: owners are not redrawn every month. Where the unknown come in classes, each may
have a share of its own. Not here: estimates (``refit``), unions (``identified_set``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from event_study.panel.unknown import Unknown

GRID = np.linspace(0.0, 1.0, 13) ** 1.5  # dense near 0, where a share of much unknown moves a count most
COARSE = np.asarray([0.0, 0.5, 1.0])  # for estimators that are fitted one panel at a time
BY_CLASS = np.asarray([0.0, 0.25, 0.5, 0.75, 1.0])  # of each of a few classes: their combinations are many


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
    return Allotments(before, after, spread, *_completed(treated, share * unknown.values, unknown, spread))


def allotments_by_class(
    treated: np.ndarray, classes: Sequence[Unknown], pre: np.ndarray, grid: np.ndarray = BY_CLASS
) -> Allotments:
    """Every combination of one share of ``grid`` a class throughout, the rest going to nobody compared and
    to all; ``treated`` (T) and ``pre`` (T) as in ``allotments``, ``classes`` of one panel: their ``others``
    are the same.

    ``before`` and ``after`` are the treated unit's shares of all classes together: they differ where the
    classes grow apart, though every class keeps its owners.

    >>> import numpy as np
    >>> known = np.array([8.0, 8.0])
    >>> large, small = Unknown(np.array([4.0, 4.0]), known), Unknown(np.array([4.0, 12.0]), known)
    >>> made = allotments_by_class(np.ones(2), [large, small], np.array([True, False]), np.array([0.0, 1.0]))
    >>> made.treated[~made.spread]
    array([[ 1.,  1.],
           [ 5., 13.],
           [ 5.,  5.],
           [ 9., 17.]])
    >>> made.before[1].item(), made.after[1].item()
    (0.5, 0.75)
    """
    amounts = np.stack([one.values for one in classes])
    whole = Unknown(amounts.sum(axis=0), classes[0].others)
    axes = np.meshgrid([0.0, 1.0], *(grid for _ in classes), indexing="ij")
    spread, shares = axes[0].ravel() > 0, np.stack([axis.ravel() for axis in axes[1:]], axis=1)
    given = shares @ amounts
    before, after = (
        given[:, when].sum(axis=1) / max(float(whole.values[when].sum()), np.finfo(float).tiny)
        for when in (pre, ~pre)
    )
    return Allotments(before, after, spread, *_completed(treated, given, whole, spread))


def _completed(
    treated: np.ndarray, given: np.ndarray, unknown: Unknown, spread: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The treated unit's values with what is ``given`` (S, T) to it, and what multiplies the others'."""
    others = unknown.others
    rest = np.divide(unknown.values - given, others, out=np.zeros_like(given), where=others > 0)
    return treated + given, 1.0 + spread[:, None] * rest
