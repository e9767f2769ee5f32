"""What draws add up to: counts, shares with their Monte-Carlo interval, power curves.

Not here: how they are reported (``document``, ``figure``).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest


class Kind(StrEnum):
    """What a row is there for. Of ``HEADLINE`` the level is asked; ``FAMILY`` may err at most at it;
    ``UNADJUSTED`` and ``CONVENTIONAL`` are for comparison; ``STRESS`` is outside what is promised."""

    HEADLINE = "headline"
    FAMILY = "family"
    UNADJUSTED = "unadjusted"
    CONVENTIONAL = "conventional"
    STRESS = "stress"


class Key(NamedTuple):
    world: str
    trend: bool
    test: str
    kind: Kind


@dataclass(frozen=True)
class Count:
    """``verdicts`` draws that the test decided, ``silent`` those it did not; of the former ``rejected`` a
    true null, ``covered`` 0, and ``covered_planted`` the planted effect; ``power``: rejections by effect.
    None where the test makes no set or no curve."""

    verdicts: int
    silent: int
    rejected: int
    covered: int | None
    covered_planted: int | None
    power: tuple[int, ...] | None

    def __add__(self, other: Count) -> Count:
        power = None
        if self.power is not None and other.power is not None:
            power = tuple(a + b for a, b in zip(self.power, other.power, strict=True))
        return Count(
            self.verdicts + other.verdicts, self.silent + other.silent, self.rejected + other.rejected,
            _sum(self.covered, other.covered), _sum(self.covered_planted, other.covered_planted), power,
        )  # fmt: skip


def _sum(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


@dataclass(frozen=True)
class Row:
    """One line of calibration.csv; shares of ``draws``, intervals exact binomial at 95 %."""

    origin: str
    design: str
    trend: str
    donors: int
    test: str
    kind: str
    draws: int
    without_verdict: int
    rejected: float
    rejected_low: float
    rejected_high: float
    exact_size: float
    coverage: float | None
    coverage_planted: float | None
    planted_sd: float | None
    power_1sd: float | None
    power_2sd: float | None
    power_3sd: float | None
    power_4sd: float | None
    detectable_80: float | None


@dataclass(frozen=True)
class Point:
    """One line of power.csv: ``rejected`` at an effect of ``effect_sd`` sd of the treated unit's series."""

    origin: str
    design: str
    trend: str
    donors: int
    effect_sd: float
    rejected: float


ORIGIN = "SIMULATED"
TREND = {False: "none", True: "unit"}


def exact_size(donors: int, alpha: float) -> float:
    """Rejections of a rank among 1 + J that are all equally likely: floor(alpha (J+1)) / (J+1)."""
    return float(np.floor(alpha * (donors + 1) + 1e-12) / (donors + 1))


def row(key: Key, donors: int, count: Count, planted: float, grid: np.ndarray, alpha: float) -> Row:
    """A count as shares; ``planted``: mean planted effect, ``grid`` (G): effects of the power curve."""
    n = count.verdicts
    ranked = key.kind is not Kind.CONVENTIONAL
    bounds = binomtest(count.rejected, n).proportion_ci(0.95, method="exact")
    curve = None if count.power is None else np.asarray(count.power) / n
    at = {sd: None if curve is None else _round(curve[np.isclose(grid, sd)][0]) for sd in (1, 2, 3, 4)}
    return Row(
        origin=ORIGIN, design=key.world, trend=TREND[key.trend], donors=donors, test=key.test, kind=key.kind,
        draws=n, without_verdict=count.silent, rejected=_round(count.rejected / n),
        rejected_low=_round(bounds.low), rejected_high=_round(bounds.high),
        exact_size=_round(exact_size(donors, alpha) if ranked else alpha),
        coverage=None if count.covered is None else _round(count.covered / n),
        coverage_planted=None if count.covered_planted is None else _round(count.covered_planted / n),
        planted_sd=None if count.covered_planted is None else planted,
        power_1sd=at[1], power_2sd=at[2], power_3sd=at[3], power_4sd=at[4],
        detectable_80=None if curve is None else detectable(grid, curve, 0.8),
    )  # fmt: skip


def detectable(grid: np.ndarray, curve: np.ndarray, power: float) -> float | None:
    """Effect at which the curve first reaches ``power``, between grid points on a line; None beyond."""
    reached = np.flatnonzero(curve >= power)
    if not len(reached):
        return None
    i = int(reached[0])
    if i == 0:
        return float(grid[0])
    share = (power - curve[i - 1]) / (curve[i] - curve[i - 1])
    return round(float(grid[i - 1] + share * (grid[i] - grid[i - 1])), 2)


def points(key: Key, donors: int, count: Count, grid: np.ndarray) -> list[Point]:
    """The power curve of a count, if it has one."""
    return [
        Point(ORIGIN, key.world, TREND[key.trend], donors, float(effect), _round(n / count.verdicts))
        for effect, n in zip(grid, count.power or (), strict=count.power is not None)
    ]


def csv_text(rows: Sequence[Row] | Sequence[Point]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(rows[0])], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(one) for one in rows)
    return text.getvalue()


def total(counts: Iterable[dict[Key, Count]]) -> dict[Key, Count]:
    """Chunks added up, keys in the order in which the first chunk has them."""
    made: dict[Key, Count] = {}
    for found in counts:
        for key, count in found.items():
            made[key] = made[key] + count if key in made else count
    return made


def _round(share: float) -> float:
    return round(float(share), 4)
