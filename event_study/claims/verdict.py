"""The verdict of an estimate on a published claim: agrees, differs, no effect, or not identified.

Every evidence has exactly one verdict and a reason. Not here: the claims, and which estimate each is
held against (``claims``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Literal

Verdict = Literal["agrees", "differs", "no_effect", "not_identified"]


def finite(value: object) -> float | None:
    """A finite number, or None for whatever a frame holds where there is none."""
    if not isinstance(value, Real) or not math.isfinite(value):
        return None
    return float(value)


@dataclass(frozen=True)
class Evidence:
    """What one verdict rests on, all in one unit: the 95 % set and what the test could have seen of an
    estimate (``reason`` where there is no set), the claimed sign, the published number if there is one
    in this unit, and the smallest interesting effect."""

    sign: Literal[-1, 1]
    low: float | None
    high: float | None
    detectable: float | None
    published: float | None
    smallest: float | None
    unit: str
    reason: str


def judge(seen: Evidence) -> tuple[Verdict, str]:
    """The verdict on one quantity and why, by the first of these rules that applies:

    1. no set: not_identified, with the estimate's own reason;
    2. the set excludes the published number: differs, whether or not it contains 0 (the rule names this
       case without exception, so that a set around 0 that leaves no room for the published number is no
       mere "no effect");
    3. the set excludes 0: agrees on the claimed side, differs on the other;
    4. the set contains 0 and the minimum detectable effect is below the published one (in size), or the
       smallest interesting one where none was published: no_effect;
    5. otherwise not_identified. Sets are closed: a bound of 0 contains 0.
    """
    low, high = finite(seen.low), finite(seen.high)
    if low is None or high is None:
        return "not_identified", seen.reason or "no 95 % set was made"
    published, detectable = finite(seen.published), finite(seen.detectable)
    said = f"the 95 % set {low:.3g} to {high:.3g} {seen.unit}"
    holds_zero = low <= 0 <= high
    if published is not None and not low <= published <= high:
        too = ", though not 0" if holds_zero else ""
        return "differs", f"{said} excludes the published {published:g}{too}"
    beside = f" and contains the published {published:g}" if published is not None else ""
    if not holds_zero:
        if (low > 0) == (seen.sign > 0):
            rest = beside or "; no published number to hold it against"
            return "agrees", f"{said} lies on the claimed side of 0{rest}"
        return "differs", f"{said} lies on the other side of 0 than claimed{beside}"
    smallest = published if published is not None else finite(seen.smallest)
    name = "published" if published is not None else "smallest interesting"
    said += f" contains 0{beside}"
    if detectable is None:
        return "not_identified", f"{said}, and no effect of whatever size is sure to be found"
    power = f"the smallest effect found with 80 % power is {detectable:.3g}"
    if smallest is None:
        return "not_identified", f"{said}; {power}, and the base that makes an effect interesting is unknown"
    if detectable < abs(smallest):
        return "no_effect", f"{said}; {power}, below the {name} {abs(smallest):.3g}"
    return (
        "not_identified",
        f"{said}; {power}, not below the {name} {abs(smallest):.3g}: it may have been missed",
    )
