"""The short form of ``make mutations``: what every commit must still notice, and must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.mutations.catalogue import mutations
from benchmarks.mutations.trial import Found, Home, Trial

pytestmark = pytest.mark.slow


def outcomes(home: Path, accepted: str | None) -> list[Found]:
    trial = Trial(Home(home, home / "archive", "sample", accepted), has_marts=False)
    chosen = [m for m in mutations() if m.is_short or m.is_control]
    return [found for mutation in chosen if (found := trial.outcome(mutation))]


@pytest.mark.parametrize("accepted", [None, "earlier"])
def test_faults_are_noticed_and_controls_are_not(sample_home: Path, accepted: str | None) -> None:
    found = outcomes(sample_home, accepted)
    assert sum(not outcome.mutation.is_control for outcome in found) >= 15
    wrong = [f"{o.mutation.source}: {o.mutation.name}: {o.noticed} {o.by}" for o in found if not o.is_right]
    assert not wrong, "\n".join(wrong)


def test_mutations_are_many_and_have_names_of_their_own() -> None:
    names = [(mutation.source, mutation.name) for mutation in mutations()]
    assert len(names) == len(set(names)) >= 120
    assert len({source for source, _ in names}) >= 10
