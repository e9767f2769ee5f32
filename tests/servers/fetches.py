"""How a connector is tested: fetched from its stand-in, undisturbed and under every fault, into folders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from dlt_sources.fetch.fetching import Fetched, Terms, fetch
from dlt_sources.fetch.pace import Pace
from dlt_sources.fetch.service import Service
from dlt_sources.fetch.wire import Budget
from tests.servers.stand_in import LASTING, PASSING, FakeClock, Fault, StandIn


@dataclass
class Fetching:
    """Fetches a service from the stand-in into archives under ``folder``."""

    server: StandIn
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)

    def fetch(
        self,
        service: Service,
        since: date | None = None,
        until: date = date(2026, 11, 18),
        *,
        archive: str = "archive",
        fault: Fault | None = None,
        budget: Budget | None = None,
        is_accepting: bool = False,
    ) -> Fetched:
        self.server.begin(fault)
        pace = Pace(self.folder / "pace", self.clock)
        terms = Terms(pace, budget or Budget(), self.server.address, is_accepting)
        return fetch(service, self.folder / archive, service.span(since, until), terms)

    def files(self, service: Service, archive: str = "archive") -> dict[str, bytes]:
        """Every file of the source's folder by its path, the manifest too."""
        top = self.folder / archive / service.source
        found = sorted(path for path in top.rglob("*") if path.is_file())
        return {path.relative_to(top).as_posix(): path.read_bytes() for path in found}

    def assert_same_whatever_passes(self, service: Service, since: date | None = None, at: int = 2) -> None:
        """Every fault that passes, at the ``at``-th request, leaves the bytes of an undisturbed fetch."""
        self.fetch(service, since, archive="undisturbed")
        expected = self.files(service, "undisturbed")
        assert len(expected) > 1
        for name, fault in PASSING.items():
            done = self.fetch(service, since, archive=name, fault=replace(fault, at=at))
            assert (name, done.problem) == (name, None)
            assert self.files(service, name) == expected, name

    def assert_refused_whatever_lasts(
        self, service: Service, since: date | None = None, but: Iterable[str] = ()
    ) -> None:
        """Every fault that lasts stops the fetch with its line and lists nothing."""
        for name in LASTING.keys() - set(but):
            done = self.fetch(service, since, archive=name, fault=LASTING[name])
            assert str(done.problem).startswith(f"fetch: {service.source}"), name
            assert done.taken == [], name
            assert set(self.files(service, name)) == {"manifest.json"}, name
