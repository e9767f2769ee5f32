"""What a fetch would ask for, before anything is asked: requests, bytes, minutes at the service's rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dlt_sources.archive import open_snapshot
from dlt_sources.fetch.service import DaySpan, Service


@dataclass(frozen=True)
class Plan:
    """``key``: the environment variable that holds the key; ``is_key_there`` also where none is needed."""

    source: str
    span: DaySpan
    requests: int
    bytes: int
    minutes: float
    key: str | None
    is_key_there: bool
    how_to_get_it: str | None


def plan(
    service: Service, archive: Path, span: DaySpan, environment: Mapping[str, str] | None = None
) -> Plan:
    """An estimate from sizes and numbers that were measured; what is listed already is not counted.

    Raises:
        ArchiveError: the source's manifest cannot be read.
    """
    have = frozenset(file.path for file in open_snapshot(archive, service.source).files)
    requests, size = service.estimate(span, have)
    key = service.key
    is_there = key is None or bool(key.value(environment))
    return Plan(
        service.source,
        span,
        requests,
        size,
        requests * service.minutes_per_request,
        key.env if key else None,
        is_there or not (key and key.is_needed),
        key.how if key and not is_there else None,
    )
