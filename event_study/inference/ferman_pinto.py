"""Ferman-Pinto: placebos of other sizes, rescaled by how variance depends on size.

For estimates that are means over groups of different sizes, where a small group's placebo says
nothing about a large treated group. Reference: Ferman and Pinto (2019), sections II and III. Not here:
scales measured on each unit's own past (``ri_studentised``), which need no variance function.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from event_study.errors import DegeneratePlacebo
from event_study.inference.ri_studentised import RankTest, binding_rank, rank_test


@dataclass(frozen=True)
class FermanPinto:
    """``test``: rank of |W_j| / sqrt(v_j); ``variance`` (1+J) v_j = ``floor`` + ``slope`` / q_j;
    ``extrapolated``: the treated unit is larger or smaller than every donor."""

    test: RankTest
    variance: np.ndarray
    floor: float
    slope: float
    extrapolated: bool


def ferman_pinto(d: np.ndarray, q: np.ndarray, alpha: float = 0.05) -> FermanPinto:
    """Rank of the treated unit's difference among placebos brought to its own variance.

    ``d`` (1+J) = post mean - pre mean of each unit, treated first; ``q`` (1+J) > 0 its size: the
    observations behind it, or 1 / (an outside measure of its variance).

    W_1 = d_1 - mean(donors), W_j = d_j - mean(the other donors); v_j = a + b / q_j, a and b >= 0 by
    least squares of the donors' W_j^2 on 1 and 1/q_j (so no fitted variance is negative);
    p = #{j in all J+1: |W_j| sqrt(v_1 / v_j) >= |W_1|} / (J+1). The authors draw the rescaled W_j with
    replacement; with one treated unit and many donors their p is this rank's limit, and the rank has
    no seed. The treated unit enters neither a placebo nor the variance function, so the confidence set
    |b_1 - theta| <= q sqrt(v_1) is exact for this test. Beyond the donors' sizes v_1 is extrapolated
    and the test rejects too often, worst for a treated unit much larger than they, whose v_1 is the
    floor that they hardly show. Raises ``DegeneratePlacebo`` (a size that is not above 0, or donors
    that do not differ), ``ResolutionTooCoarse``.

    >>> import numpy as np
    >>> from event_study import ferman_pinto
    >>> differences, sizes = np.append(5.0, np.arange(19) / 10), np.append(9.0, np.arange(1, 20))
    >>> ferman_pinto(differences, sizes).test.p_value
    0.05
    """
    binding_rank(len(d), alpha)
    for j in np.flatnonzero(~(np.isfinite(q) & (q > 0))):
        unit = "the treated unit" if j == 0 else f"donor {j}"
        raise DegeneratePlacebo(unit, f"has size {q[j]:g}: its estimate has no scale")
    donors = d[1:]
    others = (donors.sum() - donors) / (len(donors) - 1)
    W = np.concatenate([[d[0] - donors.mean()], donors - others])
    regressors = np.column_stack([np.ones(len(d)), q.min() / q])  # in units of the smallest size
    (floor, slope), _ = nnls(regressors[1:], W[1:] ** 2)
    variance = regressors @ np.asarray([floor, slope])
    if not variance.all():
        raise DegeneratePlacebo("every donor", "has the same difference: no estimate has a scale")
    return FermanPinto(
        test=rank_test(W, np.sqrt(variance), alpha),
        variance=variance,
        floor=float(floor),
        slope=float(slope * q.min()),
        extrapolated=bool(q[0] < q[1:].min() or q[0] > q[1:].max()),
    )
