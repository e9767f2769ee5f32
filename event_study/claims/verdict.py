"""The verdict of an estimate on a published claim: agrees, differs, no effect, or not identified.

Every evidence has exactly one verdict and a reason. A set whose test does not hold its level gives none: a
warning that says so is obeyed, and the test that allows for persistence must come to the same verdict
(``docs/reference/persistence.md`` has the rates). Not here: the claims, and which estimate each is held
against (``claims``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from event_study.errors import Note
from event_study.sensitivity.doubts import DOUBTS
from event_study.study.sides import finite, side

Verdict = Literal["agrees", "differs", "no_effect", "not_identified"]


@dataclass(frozen=True)
class Evidence:
    """What one verdict rests on, all in one unit: the 95 % set and what the test could have seen of an
    estimate (``reason`` where there is no set), the claimed sign, the published number if there is one
    in this unit, and the smallest interesting effect.

    ``warnings``: those of the estimate's row. ``forecast``: the set that the test by forecasts made
    of the same question, infinite where it has no bound, None where no spec asked it.
    """

    sign: Literal[-1, 1]
    low: float | None
    high: float | None
    detectable: float | None
    published: float | None
    smallest: float | None
    unit: str
    reason: str
    warnings: tuple[str, ...] = ()
    forecast: tuple[float, float] | None = None


def judge(seen: Evidence) -> tuple[Verdict, str]:
    """The verdict on one quantity and why, by the first of these rules that applies:

    1. no set: not_identified, with the estimate's own reason;
    2. a warning of ``sensitivity.doubts``: not_identified, for the test's level is not held;
    3. the set excludes the published number: differs, whether or not it contains 0;
    4. the set excludes 0: agrees on the claimed side, differs on the other;
    5. no number was published in this unit, and the whole set lies within the smallest interesting
       effect: no_effect. A set around 0 that holds a published number never is;
    6. otherwise not_identified. Sets are closed: a bound of 0 contains 0.

    What 3 to 5 say stands only where the set of the test by forecasts says the same on the same side; where
    nobody made one, only without a warning that persistence differs.
    """
    low, high = finite(seen.low), finite(seen.high)
    if low is None or high is None:
        return "not_identified", seen.reason or "no 95 % set was made"
    verdict, why = _of_set(low, high, seen)
    if verdict == "not_identified":
        return verdict, why
    said = f"the 95 % set {low:.3g} to {high:.3g} {seen.unit}"
    for note, doubt in DOUBTS.items():
        if note in seen.warnings:
            return "not_identified", f"{said} is not held to its level ({note}): {doubt}"
    if seen.forecast is None:
        if Note.SERIAL_CORRELATION_DIFFERS not in seen.warnings:
            return verdict, why
        return "not_identified", (
            f"{said} is not held to its level ({Note.SERIAL_CORRELATION_DIFFERS}), and no test by forecasts "
            "was made of this question"
        )
    if _of_set(*seen.forecast, seen)[0] == verdict and side(*seen.forecast) == side(low, high):
        return verdict, why
    found = "{:.3g} to {:.3g}".format(*seen.forecast) if math.isfinite(seen.forecast[1]) else "no bound"
    allows = "the test by forecasts, which allows for persistence"
    return "not_identified", f"{said} is not confirmed: {allows}, gives {found}"


def _of_set(low: float, high: float, seen: Evidence) -> tuple[Verdict, str]:
    """Rules 3 to 6."""
    published, smallest = finite(seen.published), finite(seen.smallest)
    said = f"the 95 % set {low:.3g} to {high:.3g} {seen.unit}"
    holds_zero = low <= 0 <= high
    if published is not None and not low <= published <= high:
        too = ", though not 0" if holds_zero else ""
        return "differs", f"{said} excludes the published {published:g}{too}"
    beside = f" and contains the published {published:g}" if published is not None else ""
    if not holds_zero:
        if side(low, high) == seen.sign:
            rest = beside or "; no published number to hold it against"
            return "agrees", f"{said} lies on the claimed side of 0{rest}"
        return "differs", f"{said} lies on the other side of 0 than claimed{beside}"
    said += f" contains 0{beside}"
    if published is None and smallest is not None and max(-low, high) < abs(smallest):
        return "no_effect", f"{said} and nothing as large as the smallest interesting {abs(smallest):.3g}"
    return "not_identified", f"{said}{_missed(seen, published, smallest)}"


def _missed(seen: Evidence, published: float | None, smallest: float | None) -> str:
    """What a set around 0 leaves open."""
    detectable = finite(seen.detectable)
    power = "; no effect of whatever size is sure to be found"
    if detectable is not None:
        power = f"; the smallest effect found with 80 % power is {detectable:.3g}"
    if published is not None:
        return power
    if smallest is None:
        return f"{power}, and the base that makes an effect interesting is unknown"
    return (
        f"{power}, and the set reaches the smallest interesting {abs(smallest):.3g}: it may have been missed"
    )
