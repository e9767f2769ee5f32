"""The side of zero that an estimate may be said to lie on: its set's, where nothing stands against it.

Pages, tables and verdicts read it here, so that none claims what another denies. Not here: whether a
published number agrees (``claims.verdict``), the tests.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

from event_study.errors import Note
from event_study.limits import MIN_UNKNOWN
from event_study.sensitivity.doubts import DOUBTS

Set = tuple[float, float]
Question = tuple[str, ...]
EVERYTHING: Set = (-math.inf, math.inf)
RANKED = "ri_studentised"
FORECAST = "ri_persistent"


def finite(value: object) -> float | None:
    """A finite number, or None for whatever a frame holds where there is none."""
    if not isinstance(value, Real) or not math.isfinite(value):
        return None
    return float(value)


def side(low: float, high: float) -> int:
    """Of zero on which a closed set lies: 1, -1, or 0 where it contains zero."""
    return (low > 0) - (high < 0)


def spoken(row: Mapping[str, Any]) -> Set | None:
    """The set that a row speaks from: bounds of a tested row where there are unknowns, else its confidence
    set; None where it has none, or an open one."""
    if row["status"] != "ok" or Note.UNBOUNDED_SET in warned(row):
        return None
    low, high = finite(row["ci_low"]), finite(row["ci_high"])
    if low is None or high is None:
        return None
    outer = finite(row.get("bound_low")), finite(row.get("bound_high"))
    return (low, high) if outer[0] is None or outer[1] is None else (outer[0], outer[1])


def bounds_sentence(row: Mapping[str, Any], noun: str, about: str, unit: str) -> str | None:
    """What a row may be, whoever the unknown are, for people; None where it has no bounds, or too little is
    unknown for them to matter. ``about``: what the effect is of, in words; ``unit`` of the effect."""
    low, high, share = (
        finite(row.get(name)) for name in ("bound_low", "bound_high", "share_unknown_country")
    )
    if low is None or high is None or share is None or share <= MIN_UNKNOWN:
        return None
    who = f"Whoever the {100 * share:.0f} % without a certain {noun} are"
    return f"{who}, {about} lies between {low:.3g} and {high:.3g}{unit}."


def question(row: Mapping[str, Any]) -> Question:
    """What a row of the estimates answers, whatever the spec, sample and test."""
    return tuple(str(row[name]) for name in ("outcome", "event_set", "contrast", "term", "trend"))


def forecasts(rows: Sequence[Mapping[str, Any]]) -> dict[Question, Set]:
    """Question -> the set that the specs ranked by forecasts made of it, unbounded where they made none;
    of several their hull, so that each has to agree."""
    specs = {row["spec_id"] for row in rows if row["inference"] == FORECAST}
    made: dict[Question, Set] = {}
    for row in (row for row in rows if row["spec_id"] in specs):
        here = spoken(row) or EVERYTHING
        there = made.get(question(row), here)
        made[question(row)] = min(here[0], there[0]), max(here[1], there[1])
    return made


def warned(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of a row's warnings, without what they name in parentheses."""
    said = row["warnings"]
    return tuple(one.partition("(")[0] for one in said.split("; ")) if isinstance(said, str) and said else ()


def claimed(rows: Sequence[dict[str, Any]]) -> None:
    """Fill ``side`` of the rows (in place) that rank units: that of the set, 0 where it contains zero or has
    no bound. Where it excludes zero and the test by forecasts of the same question does not say so on
    the same side, the row has no side and the warning ``NotConfirmed``; it has none either where a warning
    says that the test's level is not held (``docs/reference/persistence.md`` has the rates)."""
    confirming = forecasts(rows)
    for row in rows:
        if row["status"] != "ok" or row["inference"] != RANKED:
            continue
        here = spoken(row)
        on = 0 if here is None else side(*here)
        names, forecast = warned(row), confirming.get(question(row))
        if on and not _confirmed(on, names, forecast):
            row["warnings"] = "; ".join([*filter(None, [row["warnings"]]), Note.NOT_CONFIRMED])
            row["side"] = None
        else:
            row["side"] = None if on and any(note in names for note in DOUBTS) else on


def _confirmed(on: int, names: Sequence[str], forecast: Set | None) -> bool:
    """By the test by forecasts; where nobody made one, by the absence of the warning that asks for it."""
    if forecast is None:
        return Note.SERIAL_CORRELATION_DIFFERS not in names
    return side(*forecast) == on
