"""How long a service wants to be left alone, each in its own unit, and how long we wait where none says.

Times of day are read against the server's own ``Date``, so that a wrong clock here lengthens nothing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from dlt.sources.helpers.requests import Response

Wait = Callable[[Response, float], float | None]
"""From an answer and our clock's seconds since 1970 to seconds to wait, or None where it says nothing."""

LIMITED = (429, 503)
LONGEST_GUESS = 120.0  # seconds that we wait unasked
_DRAFT = re.compile(r";\s*r=(\d+).*?;\s*t=(\d+)")


def server_now(response: Response, now: float) -> float:
    """The server's clock, where it shows it; else ours."""
    try:
        return parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return now


def retry_after(response: Response, now: float) -> float | None:
    """``Retry-After``, in seconds or as a date; some send it with every answer, so it is read of refusals."""
    given = response.headers.get("Retry-After", "").strip()
    if given.isdigit():
        return float(given)
    try:
        return max(0.0, parsedate_to_datetime(given).timestamp() - server_now(response, now))
    except (TypeError, ValueError):
        return None


def reset_at(remaining: str, reset: str) -> Wait:
    """A pair of headers: calls left, and the second since 1970 at which they are back (GitHub, Zenodo)."""

    def wait(response: Response, now: float) -> float | None:
        left, until = _number(response, remaining), _number(response, reset)
        if left is None or until is None or left > 0:
            return None
        return max(0.0, until - server_now(response, now)) + 1

    return wait


def reset_in(remaining: str, reset: str) -> Wait:
    """A pair of headers: calls left, and the seconds until they are all back (OpenAlex)."""

    def wait(response: Response, _: float) -> float | None:
        left, seconds = _number(response, remaining), _number(response, reset)
        return None if left is None or seconds is None or left > 0 else seconds + 1

    return wait


def rate_limit(response: Response, _: float) -> float | None:
    """The draft standard's ``RateLimit: "api";r=0;t=130``: seconds until the window ends (Hugging Face)."""
    found = _DRAFT.search(response.headers.get("RateLimit", ""))
    if found is None or (int(found[1]) > 0 and response.status_code not in LIMITED):
        return None
    return float(found[2]) + 1


def _number(response: Response, name: str) -> float | None:
    try:
        return float(response.headers[name])
    except (KeyError, ValueError):
        return None


def guess(attempt: int, least: float, rng: random.Random) -> float:
    """Where the service says nothing: exponential with full jitter, above the least it is known to want."""
    return least + rng.uniform(0.0, min(LONGEST_GUESS, 2.0**attempt))
