"""Simulated Regulations.gov answers: days with a BIS document, other agencies beside it."""

from __future__ import annotations

from collections.abc import Mapping

from dlt_sources.sample.bis_documents import answers
from dlt_sources.sample.world import World, Written


def write(world: World) -> Mapping[str, Written]:
    return answers(world)
