"""The headline test: where does the treated unit's studentised estimate rank among the placebos'?

r_j = |b_j| / s_j with s_j the pre-period RMSE of unit j's own gap; p = rank / (J + 1), ties against
us; the confidence set is closed form because placebos exclude the treated unit. References: Conley
and Taber (2011); MacKinnon and Webb (2020); Ferman and Pinto (2019); Romano and Wolf (2005).
Not here: fits (``estimators``), other inference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from event_study.errors import DegeneratePlacebo, ResolutionTooCoarse

TIE = 1e-12


@dataclass(frozen=True)
class RankTest:
    """``estimate`` of the treated unit; ``ratios`` (1+J) = |b|/s, treated first; ``p_floor`` =
    1/(J+1); ``critical`` = the m-th largest placebo ratio; ``low``/``high`` infinite when unbounded."""

    estimate: float
    ratios: np.ndarray
    ranks: np.ndarray
    p_value: float
    p_floor: float
    critical: float
    low: float
    high: float


def usable(scale: np.ndarray, units: Sequence[str], rounding: float) -> np.ndarray:
    """Mask of units whose scale is more than ``rounding`` (``estimators.gaps``), the donors' as well as the
    treated unit's: noise of the last digit has a rank like any other. Raises ``DegeneratePlacebo`` for the
    treated."""
    fine = scale > rounding
    if not fine[0]:
        raise DegeneratePlacebo(units[0])
    return np.asarray(fine)


def binding_rank(units: int, alpha: float) -> int:
    """m = floor(alpha (J+1)): the placebos that may lie beyond the confidence set's end. Raises
    ``ResolutionTooCoarse`` when m is 0: such a test can never reject."""
    m = int(np.floor(alpha * units + TIE))
    if m < 1:
        raise ResolutionTooCoarse(units - 1, alpha)
    return m


def rank_test(b: np.ndarray, scale: np.ndarray, alpha: float = 0.05) -> RankTest:
    """Rank of |b_1|/s_1 among all J+1; ``b`` and ``scale`` (1+J), treated first, no degenerate unit.

    Keeps theta while |b_1 - theta| <= q s_1, q the m-th largest placebo ratio, m the ``binding_rank``,
    whose error it raises.

    >>> import numpy as np
    >>> from event_study import rank_test
    >>> test = rank_test(np.arange(20.0, 0.0, -1.0), np.ones(20))
    >>> test.p_value, test.low, test.high
    (0.05, 1.0, 39.0)
    """
    size, m = len(b), binding_rank(len(b), alpha)
    ratios = np.abs(b) / scale
    critical = float(np.sort(ratios[1:])[-m])
    reach = critical * float(scale[0])
    return RankTest(
        estimate=float(b[0]),
        ratios=ratios,
        ranks=size - np.searchsorted(np.sort(ratios), ratios - TIE),
        p_value=float((ratios >= ratios[0] - TIE).sum() / size),
        p_floor=1.0 / size,
        critical=critical,
        low=float(b[0]) - reach,
        high=float(b[0]) + reach,
    )


def joint_ratios(b: np.ndarray, scale: np.ndarray, width: np.ndarray) -> np.ndarray:
    """|b_jk| / (w_k s_j) for ``b`` (1+J, K) and the design's common widths w_k; shape (1+J, K)."""
    return np.asarray(np.abs(b) / (width[None, :] * scale[:, None]))


def joint_p(ratios: np.ndarray) -> float:
    """p of "no event has an effect": the rank of the treated unit's largest ratio."""
    largest = ratios.max(axis=1)
    return float((largest >= largest[0] - TIE).mean())


def romano_wolf(ratios: np.ndarray) -> np.ndarray:
    """Step-down adjusted p-values (H) of the treated row of ``ratios`` (1+J, H).

    From the largest statistic down, each is ranked against the placebos' maximum over the hypotheses
    not yet passed; p-values never fall along the way.

    >>> import numpy as np
    >>> from event_study import romano_wolf
    >>> romano_wolf(np.vstack([[3.0, 1.0], np.full((19, 2), 2.0)]))
    array([0.05, 1.  ])
    """
    order = np.argsort(-ratios[0], kind="stable")
    adjusted, floor = np.empty(ratios.shape[1]), 0.0
    for step, h in enumerate(order):
        rivals = ratios[1:, order[step:]].max(axis=1)
        floor = max(floor, float((1 + (rivals >= ratios[0, h] - TIE).sum()) / len(ratios)))
        adjusted[h] = floor
    return adjusted
