"""One event of GitHub's public history, of any of its four layouts, from parsed JSON.

g0a (2011): as today, ids of repositories and actors often absent. g0b (2012 to 2014): the actor is a login,
``repository`` is in the place of ``repo``, no id, the time is Pacific. g1 (2015 to 2025): full payloads.
g2 (from 2025-10-07): short ones. E-mails and other payload are never touched; of a location only the country
remains that it names. Not here: what is counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dlt_sources.github_hours.definition import TRIMMED, is_bot
from dlt_sources.github_hours.gazetteer import place

TIMELINE = "g0b"
TYPE = re.compile(r"[A-Z][A-Za-z]{0,59}Event")
# as in 2011 and from 2015 on; 2012/03/11 00:00:00 -0800 for some weeks of 2012
TIME = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|[+-]\d\d):?(\d\d)?")


class EventError(ValueError):
    """What parsed JSON lacks to be an event; says nothing of its content."""


class Event(NamedTuple):
    """``repository_name`` is owner/name as the event spells it; ``stated_country`` ISO 3166 or None."""

    kind: str
    event_id: str | None
    created: datetime
    repository_id: int | None
    repository_name: str | None
    actor_id: int | None
    login: str | None
    is_bot: bool
    stated_country: str | None


def kind_of(content: object) -> str:
    """The type of an event, ``ForkEvent``.

    Raises:
        EventError: no JSON object, or its type is no name of one.
    """
    if not isinstance(content, dict):
        raise EventError("no JSON object")
    kind = content.get("type")
    if not isinstance(kind, str) or not TYPE.fullmatch(kind):
        raise EventError("no type of an event")
    return kind


def event_of(content: object) -> Event:
    """An event of any generation.

    Raises:
        EventError: it has no type or no time.
    """
    kind = kind_of(content)
    assert isinstance(content, dict)
    created = _moment(content.get("created_at"))
    attributes = _object(content.get("actor_attributes"))
    actor, event_id = content.get("actor"), content.get("id")
    is_login = isinstance(actor, str)
    actor_id = None if is_login else _number(_object(actor).get("id"))
    login = _text(actor) if is_login else _text(_object(actor).get("login"))
    repository_id, name = repository_of(content)
    return Event(
        kind,
        _text(event_id) or (str(event_id) if _number(event_id) is not None else None),
        created,
        repository_id,
        name,
        actor_id,
        login,
        is_bot(login, _text(attributes.get("type"))),
        place(_text(attributes.get("location"))).country,
    )


def repository_of(content: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """Id and name (owner/name as spelled) of the repository that an event befell: of a fork the parent."""
    if "repo" in content:
        repository = _object(content["repo"])
        name = _text(repository.get("name"))
    else:
        repository = _object(content.get("repository"))
        owner, own = repository.get("owner"), repository.get("name")
        name = f"{owner}/{own}" if isinstance(owner, str) and isinstance(own, str) else None
    return _number(repository.get("id")), name


def is_timeline(content: Mapping[str, Any]) -> bool:
    """Whether an event has the layout of 2012 to 2014, whose actors are logins."""
    return isinstance(content.get("actor"), str)


def dated_generation(hour: datetime) -> str:
    """The layout of an hour whose actors are objects."""
    if hour.year < 2015:
        return "g0a"
    return "g1" if hour.date() < TRIMMED else "g2"


def _moment(value: object) -> datetime:
    match = TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise EventError("no time with its zone")
    year, month, day, time, zone, minutes = match.groups()
    offset = "+00:00" if zone == "Z" else f"{zone}:{minutes or '00'}"
    try:
        return datetime.fromisoformat(f"{year}-{month}-{day}T{time}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise EventError("no time with its zone") from None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
