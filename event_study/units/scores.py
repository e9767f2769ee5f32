"""Cluster scores of cell fits by one pass over the rows, and the covariance they give.

A cluster's score is sum over its rows of partial x (y - fit). Regressors less effects add up to zero
over a unit's span, so a unit's own effect is not needed: the score is sum of partial x y less a constant
of the unit's pattern, and rows with y = 0 (most, for counts) are never read. All fits share one pass.
Partials (of small integers) or products (of all else) are rounded to a grid of 2^-52 of the largest
possible score: sums are then exact, so that the order of rows and threads changes no byte. What the
rounding can have cost is bounded, and refused where errors would not be good to about eight digits. Not
here: the fits (``cells``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from event_study.errors import NotCollapsible, RankDeficient
from event_study.units.cells import CellFit
from event_study.units.collapse import Cells, Relation, stream
from event_study.units.result import UnitStudy, clustered, notes

SMALL = 2.0**22  # sum of integers in a cluster that leaves the partials 29 bits
TOLERANCE = 1e-7  # worst share of the scores that rounding may be


def cluster_scores(source: Relation, cells: Cells, fits: Sequence[CellFit]) -> list[np.ndarray]:
    """Scores (G, K) of each fit, all clusters of the panel; zero for those that a fit does not use.

    Raises ``NotCollapsible`` where values are so much larger than what is left of them that rounding
    could show in the errors.
    """
    partial = np.hstack([_everywhere(cells, fit, fit.solved.partial) for fit in fits])
    grid = _grid(cells, partial)
    scaled, small = partial * grid, cells.integer and cells.largest < SMALL
    if small:
        scaled = np.rint(scaled)
    sums = np.zeros((cells.clusters, partial.shape[1]))
    mass, rows = np.zeros(cells.clusters), np.zeros(cells.clusters)
    for cluster, cell, y in stream(source):
        mass += np.bincount(cluster, np.abs(y), cells.clusters)
        rows += np.bincount(cluster, minlength=cells.clusters)
        if small:
            shape = (cells.clusters, len(scaled))
            sums += sparse.coo_array((y, (cluster, cell)), shape=shape).tocsr() @ scaled
        else:
            for k, column in enumerate(scaled.T):
                sums[:, k] += np.bincount(cluster, np.rint(y * column[cell]), cells.clusters)
    ends = np.cumsum([fit.solved.partial.shape[1] for fit in fits])[:-1]
    own = zip(np.split(sums / grid, ends, axis=1), fits, strict=True)
    scores = [part - _constants(cells, fit) for part, fit in own]
    if cells.clusters > 1:  # of one, the scores add up to nothing but rounding
        _check_rounding(scores, fits, (mass if small else rows) / (2 * grid), mass)
    return scores


def _check_rounding(
    scores: Sequence[np.ndarray], fits: Sequence[CellFit], rounding: np.ndarray, mass: np.ndarray
) -> None:
    """``rounding`` (G): what each score may be off by the grid; products and constants of doubles are off
    by a part of the cluster's ``mass`` (G) too."""
    for own, fit in zip(scores, fits, strict=True):
        largest = np.abs(fit.solved.partial).max(axis=0, initial=0.0)
        off = rounding[:, None] + mass[:, None] * largest * 2 * np.finfo(float).eps
        if (np.linalg.norm(off, axis=0) > TOLERANCE * np.linalg.norm(own, axis=0)).any():
            raise NotCollapsible("values too large beside their variation for sums by cell")


def study(cells: Cells, fit: CellFit, scores: np.ndarray, names: Sequence[str]) -> UnitStudy:
    """The fit with its clustered covariance; unit effects are nested in clusters, so k counts the
    columns and the periods."""
    members = cells.members
    used = members[fit.kept[members["pattern"]] & (members["active"].to_numpy() > 0 if fit.active else True)]
    g, k = int(used["cluster"].nunique()), len(names) + fit.periods
    if g < 2:
        raise RankDeficient("one cluster: no clustered error from fewer than two")
    touched = np.zeros(len(cells.units), dtype=bool)
    touched[cells.pattern[(cells.X != 0).any(axis=1)]] = True
    treated = int(used["cluster"][touched[used["pattern"]]].nunique())
    vcov, factor = clustered(scores, fit.solved.bread, n=fit.n, k=k, g=g)
    said = notes(fit.dropped, g, treated)
    return UnitStudy(
        tuple(names), fit.solved.coef, vcov, fit.n, k, g, factor, dict(fit.dropped), said, "cells"
    )


def _everywhere(cells: Cells, fit: CellFit, values: np.ndarray) -> np.ndarray:
    """Values of the fitted cells among all cells, zero where a cell was dropped."""
    full = np.zeros((len(cells.pattern), values.shape[1]))
    full[fit.place] = values
    return full


def _grid(cells: Cells, partial: np.ndarray) -> float:
    """The power of two whose multiples any cluster's sum counts exactly in a double."""
    most = float(np.abs(partial).max(initial=0.0)) * max(cells.largest, 1.0)
    return float(2.0 ** np.floor(51 - np.log2(max(most, 1e-300))))


def _constants(cells: Cells, fit: CellFit) -> np.ndarray:
    """What the fit takes off the scores (G, K): a constant for each unit of a pattern."""
    taken = _everywhere(cells, fit, fit.solved.partial * fit.solved.fit[:, None])
    units = cells.active if fit.active else cells.units
    each = np.zeros((len(units), taken.shape[1]))
    np.add.at(each, cells.pattern, taken)
    each /= np.maximum(units, 1)[:, None]
    members = cells.members
    number = members["active" if fit.active else "units"].to_numpy(dtype=float)
    table = sparse.coo_array(
        (number, (members["cluster"], members["pattern"])), shape=(cells.clusters, len(units))
    )
    return np.asarray(table.tocsr() @ each)
