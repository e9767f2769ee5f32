"""One stand-in for all tests of a session; each test has an archive, a clock and a pace of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.fetches import Fetching
from tests.servers.stand_in import StandIn


@pytest.fixture(scope="session")
def server() -> Iterator[StandIn]:
    stand_in = StandIn()
    yield stand_in
    stand_in.close()


@pytest.fixture
def fetching(server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fetching:
    """No key of the machine's own environment is used."""
    for name in ("GITHUB_TOKEN", "HF_TOKEN", "OPENALEX_API_KEY", "USPTO_ODP_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    server.begin()
    server.now = None
    return Fetching(server, tmp_path)
