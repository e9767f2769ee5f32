"""The origin rule "before 17:00 UTC is Chinese", and how often it is right.

The rule sees two classes, early and late; what it says of places is the 2 x G matrix M with
p_o = P(early | origin o) in its first row and 1 - p_o in its second. Reference: the replicated study
(arXiv 2606.15999) for the rule. Not here: undoing it (``inverse``), hour profiles (``profiles``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

PAPER_CUT = 17
CUTS = tuple(range(14, 21))


def is_early(utc_hour: np.ndarray, cut: int = PAPER_CUT) -> np.ndarray:
    """The paper's rule: an event counts as Chinese if its UTC hour (0 to 23) is before ``cut``."""
    return np.asarray(np.asarray(utc_hour) < cut)


def early_share(hours: np.ndarray, cut: int = PAPER_CUT) -> float:
    """p_o of one place: the share of its events (24 shares or counts by UTC hour) before ``cut``."""
    return float(hours[is_early(np.arange(24), cut)].sum() / hours.sum())


@dataclass(frozen=True)
class ClockMatrix:
    """``M`` (2, G): rows early and late, a column a place of ``origins``; ``cond`` its 2-norm
    condition number."""

    M: np.ndarray
    origins: tuple[str, ...]
    cut: int
    cond: float


def clock_matrix(hours: Mapping[str, np.ndarray], cut: int = PAPER_CUT) -> ClockMatrix:
    """The misclassification matrix from each place's 24 shares or counts by UTC hour.

    M = [p; 1 - p]; for a season and kind of day take ``profiles.origin_hours``, for labelled users
    the sum of their hour counts.
    """
    p = np.asarray([early_share(hours[place], cut) for place in hours])
    M = np.vstack([p, 1 - p])
    return ClockMatrix(M, tuple(hours), cut, float(np.linalg.cond(M)))


def stamped(
    hours: Mapping[str, np.ndarray], composition: Mapping[str, float], cut: int = PAPER_CUT
) -> pd.DataFrame:
    """What the two classes hold under a composition of events, one row a place of it.

    ``share`` w_o of all events; ``p_early``; ``of_early`` = w_o p_o / sum w p, which for China is the
    precision of "China-linked" while its ``p_early`` is the recall; ``of_late`` = w_o (1 - p_o) / sum.
    """
    w = np.asarray(list(composition.values()), dtype=float)
    w = w / w.sum()
    p = np.asarray([early_share(hours[place], cut) for place in composition])
    early, late = w * p, w * (1 - p)
    return pd.DataFrame(
        {"share": w, "p_early": p, "of_early": early / early.sum(), "of_late": late / late.sum()},
        index=pd.Index(list(composition), name="origin"),
    )


def class_share(
    hours: Mapping[str, np.ndarray], composition: Mapping[str, float], cut: int = PAPER_CUT
) -> float:
    """Share of all events that the clock calls early under a composition: sum w_o p_o."""
    table = stamped(hours, composition, cut)
    return float((table["share"] * table["p_early"]).sum())


@dataclass(frozen=True)
class ClockShift:
    """Change of the logarithm of early events, of late events, and of their gap."""

    early: float
    late: float
    gap: float


def clock_shift(
    before: Mapping[str, np.ndarray],
    after: Mapping[str, np.ndarray],
    composition: Mapping[str, float],
    cut: int = PAPER_CUT,
) -> ClockShift:
    """What a change of clocks does to the two classes while nobody changes what they do.

    early = log(e1 / e0), late = log((1 - e1) / (1 - e0)), gap = early - late, with e the early share.
    """
    e0, e1 = class_share(before, composition, cut), class_share(after, composition, cut)
    early, late = float(np.log(e1 / e0)), float(np.log((1 - e1) / (1 - e0)))
    return ClockShift(early, late, early - late)


def observed_ratio(hours: Mapping[str, np.ndarray], cut: int = PAPER_CUT) -> tuple[float, float]:
    """Between which values an early/late ratio of effects of one sign must lie, whoever they are:
    min and max of p_o / (1 - p_o)."""
    p = np.asarray([early_share(one, cut) for one in hours.values()])
    with np.errstate(divide="ignore"):
        odds = p / (1 - p)
    return float(odds.min()), float(odds.max())


def early_ranges(
    scenarios: Sequence[Mapping[str, np.ndarray]], cut: int = PAPER_CUT
) -> dict[str, tuple[float, float]]:
    """Smallest and largest p_o of each place over scenarios of the same places (24 shares each)."""
    p = np.asarray([[early_share(one, cut) for one in hours.values()] for hours in scenarios])
    return {
        place: (float(low), float(high))
        for place, low, high in zip(scenarios[0], p.min(axis=0), p.max(axis=0), strict=True)
    }


def cutoffs(
    hours: Mapping[str, np.ndarray],
    composition: Mapping[str, float],
    *,
    focal: str,
    other: str,
    cuts: Sequence[int] = CUTS,
) -> pd.DataFrame:
    """The rule at other cut-offs, one row a cut: how well it tells ``focal`` from ``other`` (``det``,
    ``cond`` of their 2 x 2 matrix), what its classes hold under the composition, and the range of
    early/late ratios (``observed_ratio``)."""
    rows = []
    for cut in cuts:
        table = stamped(hours, composition, cut)
        pair = clock_matrix({place: hours[place] for place in (focal, other)}, cut)
        low, high = observed_ratio({place: hours[place] for place in composition}, cut)
        rows.append(
            {
                "cut": cut,
                "p_focal": pair.M[0, 0],
                "p_other": pair.M[0, 1],
                "det": float(np.linalg.det(pair.M)),
                "cond": pair.cond,
                "early_share": class_share(hours, composition, cut),
                "precision": table.loc[focal, "of_early"],
                "recall": table.loc[focal, "p_early"],
                "other_of_late": table.loc[other, "of_late"],
                "ratio_low": low,
                "ratio_high": high,
            }
        )
    return pd.DataFrame(rows).set_index("cut")
