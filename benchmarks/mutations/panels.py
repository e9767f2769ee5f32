"""Mutations of the weekly panels of repositories, of customs statistics and of tracked models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from benchmarks.mutations import changes as do

if TYPE_CHECKING:
    from benchmarks.mutations.catalogue import Mutation

Make = Callable[..., "Mutation"]


def mutations(make: Make) -> Iterator[Mutation]:
    yield from _libraries(make)
    yield from _rankings(make)
    yield from _commits(make)
    yield from _trade(make)
    yield from _tracked(make)


def _libraries(make: Make) -> Iterator[Mutation]:
    runs = "ml-tooling/*_projects.csv"
    yield from _of_frame(make, "best_of_ml", runs, {
        "a run's stars times 1000": do.multiplied("star_count", 1000),
        "a run's stars and forks exchanged": do.columns_exchanged("star_count", "fork_count"),
        "a run's stars shuffled": do.shuffled("star_count"),
        "half of a run": do.half,
        "a run's rows twice": do.doubled,
        "a run's stars renamed": do.renamed_column("star_count", "stars"),
        "a run without projects": do.emptied,
    })  # fmt: skip
    yield make("best_of_ml", "a run is an old one", do.copied(runs, 0, -1))
    yield make("best_of_ml", "a run is absent", do.removed(runs, -20))


def _rankings(make: Make) -> Iterator[Mutation]:
    days = "github-ranking-*.csv"
    yield from _of_frame(make, "github_ranking_ai", days, {
        "a day's stars times 1000": do.multiplied("stars", 1000),
        "a day's stars and forks exchanged": do.columns_exchanged("stars", "forks"),
        "a day's stars shuffled": do.shuffled("stars"),
        "a day without one list": do.without("item", "LLM"),
        "half of a day": do.half,
        "a day's rows twice": do.doubled,
    })  # fmt: skip
    yield make("github_ranking_ai", "a day is an old one", do.copied(days, 0, -1))


def _commits(make: Make) -> Iterator[Mutation]:
    yield from _of_frame(make, "commit_weeks", "commit_weeks.csv", {
        "commits times 1000": do.multiplied("commits", 1000),
        "China's clock times 50": do.multiplied("commits", 50, utc_offset="+0800"),
        "China's and America's clocks exchanged": do.swapped_values("utc_offset", "+0800", "-0800"),
        "commits and authors exchanged": do.columns_exchanged("commits", "authors"),
        "commits shuffled": do.shuffled("commits"),
        "without China's clock": do.without("utc_offset", "+0800"),
        "weeks one later": do.days_moved("week", 7),
        "weeks a day later": do.days_moved("week", 1),
        "cut at a line end": do.cut(0.6),
        "half the rows": do.half,
        "rows twice": do.doubled,
    })  # fmt: skip
    yield from _of_frame(make, "commit_weeks", "repositories.csv", {
        "owners' countries rotated": do.rotated("owner_country"), "half the repositories": do.half,
    })  # fmt: skip


def _trade(make: Make) -> Iterator[Mutation]:
    yield from _of_frame(make, "chip_trade", "KOR_EXPORTS.csv", {
        "chips times 1000": do.multiplied("8542", 1000),
        "chips a hundredth": do.multiplied("8542", 0.01),
        "chips and machines exchanged": do.columns_exchanged("8542", "8486"),
        "chips shuffled": do.shuffled("8542"),
        "without the newest month": do.cut(0.98),
        "months a year later": do.days_moved("Date", 365),
        "cut at a line end": do.cut(0.6),
        "rows twice": do.doubled,
    })  # fmt: skip
    yield from _of_frame(make, "chip_trade", "DUTCH_EXPORTS.csv", {
        "China and Hong Kong exchanged": do.columns_exchanged("Exports_China", "Exports_HK"),
        "China halved": do.multiplied("Exports_China", 0.5),
    })  # fmt: skip


def _tracked(make: Make) -> Iterator[Mutation]:
    models = "*/models.csv"
    yield make("atom_tracked_models", "the newest list is the oldest", do.copied(models, 0, -1))
    yield from _of_frame(make, "atom_tracked_models", models, {
        "half of the newest list": do.half, "the newest list's rows twice": do.doubled,
    })  # fmt: skip


def _of_frame(make: Make, source: str, glob: str, kinds: dict[str, do.FrameChange]) -> Iterator[Mutation]:
    for name, change in kinds.items():
        yield make(source, name, do.of_frame(glob, change))
