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
TOLERANCE = 1e-8  # worst share of the scores, and so of errors, that rounding may be


def cluster_scores(source: Relation, cells: Cells, fits: Sequence[CellFit]) -> list[np.ndarray]:
    """Scores (G, K) of each fit, all clusters of the panel; zero for those that a fit does not use.

    Raises ``NotCollapsible`` where values are so much larger than what is left of them that rounding
    could show in the errors.
    """
    partial = np.hstack([_everywhere(cells, fit, fit.solved.partial) for fit in fits])
    grid = _grid(cells, partial)
    ends = np.cumsum([fit.solved.partial.shape[1] for fit in fits])[:-1]
    constants = [_constants(cells, fit) for fit in fits]
    small = cells.integer and cells.largest < SMALL
    for each_product in (False, True) if small else (True,):  # the first is quicker, the second finer
        sums, rounding, mass = _summed(source, cells, partial * grid, each_product)
        own = zip(np.split(sums / grid, ends, axis=1), constants, strict=True)
        scores = [part - constant for part, constant in own]
        # of one cluster, the scores add up to nothing but rounding
        if cells.clusters == 1 or _is_fine(scores, fits, rounding / grid, mass):
            return scores
    raise NotCollapsible("values too large beside their variation for sums by cell")


def _summed(
    source: Relation, cells: Cells, scaled: np.ndarray, each_product: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums (G, K) of partial x y in units of the grid, partials or each product rounded to it; by how much
    (G) that may be off; sums (G) of abs(y)."""
    sums = np.zeros((cells.clusters, scaled.shape[1]))
    mass, rows = np.zeros(cells.clusters), np.zeros(cells.clusters)
    whole = np.rint(scaled)
    for cluster, cell, y in stream(source):
        mass += np.bincount(cluster, np.abs(y), cells.clusters)
        rows += np.bincount(cluster, minlength=cells.clusters)
        if each_product:
            for k, column in enumerate(scaled.T):
                sums[:, k] += np.bincount(cluster, np.rint(y * column[cell]), cells.clusters)
        else:
            shape = (cells.clusters, len(scaled))
            sums += sparse.coo_array((y, (cluster, cell)), shape=shape).tocsr() @ whole
    return sums, (rows if each_product else mass) / 2, mass


def _is_fine(
    scores: Sequence[np.ndarray], fits: Sequence[CellFit], rounding: np.ndarray, mass: np.ndarray
) -> bool:
    """Whether ``rounding`` (G), and what doubles lose of products and constants, a part of the cluster's
    ``mass`` (G), are a tolerable share of every column's scores."""
    for own, fit in zip(scores, fits, strict=True):
        largest = np.abs(fit.solved.partial).max(axis=0, initial=0.0)
        off = rounding[:, None] + mass[:, None] * largest * 2 * np.finfo(float).eps
        if (np.linalg.norm(off, axis=0) > TOLERANCE * np.linalg.norm(own, axis=0)).any():
            return False
    return True


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
