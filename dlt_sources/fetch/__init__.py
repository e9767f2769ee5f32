"""Fetching: how the files of a source come from its publisher's service into a live archive.

A connector is one file, ``services/<source>.py``, with a ``SERVICE``; it is found by its source's name. The
rest is here, once: ``client`` (asking), ``waits`` and ``pace`` (when), ``wire`` (keys), ``answers`` and
``downloads`` (checking), ``ledger`` (going on), ``pins`` (comparing), ``shelf`` (listing), ``fetching`` (all
of it in order). Knows nothing of Dagster, of the lake and of what a file's rows mean.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from dlt_sources.fetch import services

if TYPE_CHECKING:  # a command that only asks for names, or fails, waits for no client
    from dlt_sources.fetch.service import Service

NAMES = tuple(sorted(module.name for module in iter_modules(services.__path__)))


@cache
def service_of(source: str, way: str | None = None) -> Service:
    """The service that feeds a source, or another one that feeds it too.

    Raises:
        KeyError: none does, or none is called so.
    """
    if source not in NAMES:
        raise KeyError(source)
    service: Service = import_module(f"{services.__name__}.{source}").SERVICE
    return service.ways[way] if way else service
