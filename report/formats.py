"""How numbers, days and periods are written. Nothing here decides what a number means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

ABSENT = "–"
LARGEST_CHANGE = 10.0  # a change beyond +1,000% is written as "over": its digits inform nobody
SMALLEST_PLAIN, LARGEST_PLAIN = 0.001, 1e12  # an amount between them is written without a power of ten
ROUNDING = 1e-12  # of a logarithm
_MINUS = "−"
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float | None, digits: int = 3, signed: bool = False) -> str:
    """A plain number with a true minus sign; an absent or infinite one is a dash."""
    if value is None or not math.isfinite(value):
        return ABSENT
    text = f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"
    return text.replace("-", _MINUS)


def count(value: float | None) -> str:
    return number(value, digits=0)


def amount(value: float | None, signed: bool = False) -> str:
    """A level of unknown size: about three figures that matter, ``3.21×10⁻⁹`` where zeros would hide them."""
    if value is None or not math.isfinite(value):
        return ABSENT
    size = abs(value)
    if value and not SMALLEST_PLAIN <= size < LARGEST_PLAIN:
        mantissa, exponent = f"{value:{'+' if signed else ''}.2e}".split("e")
        return _power(mantissa, exponent)
    digits = 0 if size >= 100 else 1 if size >= 10 else 3 if size >= 0.01 or not size else 5
    return number(value, digits=digits, signed=signed)


def _power(mantissa: str, exponent: str) -> str:
    raised = str(int(exponent)).translate(_RAISED)
    return f"{mantissa}×10{raised}".replace("-", _MINUS)


def effect(value: float | None) -> str:
    """An effect in log points, signed: three digits, more where those would be zeros; rounding is zero."""
    if value is None or not ROUNDING < abs(value) < 0.0005:
        return number(value, signed=True)
    return amount(value, signed=True)


def percent(value: float | None) -> str:
    """A change given as a fraction, in per cent with its sign: 0.341 is ``+34.1%``."""
    if value is not None and value > LARGEST_CHANGE:
        return f"over {number(100 * LARGEST_CHANGE, digits=0, signed=True)}%"
    return ABSENT if value is None else f"{number(100 * value, digits=1, signed=True)}%"


def share(value: float | None) -> str:
    """A fraction 0–1 as per cent: ``12%``; small but real shares stay visible."""
    if value is None:
        return ABSENT
    return "<1%" if 0 < value < 0.01 else f"{number(100 * value, digits=0)}%"


def warnings(names: str | None, words: Mapping[str, Mapping[str, Any]]) -> str:
    """An estimate's warnings as sentences; the results name them ``ZeroUnitsDropped(53); HighVIF``."""
    details: dict[str, list[str]] = {}
    for entry in (names or "").split("; "):
        name, _, detail = entry.partition("(")
        details.setdefault(name, []).append(detail.removesuffix(")"))
    return "; ".join(
        str(words.get(name, {}).get("sentence") or name).replace("{detail}", ", ".join(parts))
        for name, parts in details.items()
    )


def times(value: float | None) -> str:
    """A multiple to two figures that matter: ``0.03``, ``1.4``, ``12``."""
    if value is None:
        return ABSENT
    return number(value, digits=0 if abs(value) >= 10 else 1 if abs(value) >= 1 else 2)


def p_value(value: float | None) -> str:
    """Three digits; what rounds to nothing is said to be small, not zero."""
    return "<0.001" if value is not None and value < 0.0005 else number(value)


def rank(p_value: float | None, floor: float | None) -> str:
    """The rank behind a randomisation p-value: ``2 of 21``, where ``floor`` is 1 of 21."""
    if p_value is None or not floor:
        return ABSENT
    return f"{round(p_value / floor):,} of {round(1 / floor):,}"


def size(value: int | None) -> str:
    """Bytes in the decimal units of disks and downloads."""
    if value is None:
        return ABSENT
    for unit, divisor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= divisor:
            return f"{value / divisor:,.1f} {unit}"
    return f"{value} B"


def day(value: date | None) -> str:
    return ABSENT if value is None else f"{value.day} {value:%B %Y}"


def period(value: date | None, frequency: str | None) -> str:
    """A period by its first day: ``2022``, ``2022 Q4`` or ``Oct 2022``."""
    if value is None:
        return ABSENT
    if frequency == "year":
        return f"{value:%Y}"
    return f"{value:%Y} Q{(value.month + 2) // 3}" if frequency == "quarter" else f"{value:%b %Y}"


def listed(items: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def web_addresses(text: str | None) -> list[str]:
    """The addresses that links may carry; what is not plain http(s) is none."""
    words = (word.strip(",;") for word in (text or "").split())
    return [word for word in dict.fromkeys(words) if word.startswith(("https://", "http://"))]
