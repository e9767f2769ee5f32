"""The mutations, by source: what is changed in which file. Each has one name, used in the table.

A count table gets every kind that a table of country, period and number can have; lists, days and
JSON files get their own. Controls change bytes and nothing that the bytes say: none may be noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from benchmarks.mutations import changes as do
from benchmarks.mutations import lists, panels
from benchmarks.mutations.listed import Change


@dataclass(frozen=True)
class Mutation:
    """``is_short`` ones make the form for every commit; a control must stay unnoticed."""

    source: str
    name: str
    change: Change
    is_control: bool = False
    is_short: bool = False


@dataclass(frozen=True)
class CountFile:
    """A CSV of counts by country and period, and what its columns and countries are called."""

    source: str
    glob: str
    label: str
    country: str
    value: str
    quarter: str | None
    china: str
    states: str
    germany: str


INNOVATION_GRAPH = partial(
    CountFile,
    "innovation_graph",
    country="iso2_code",
    quarter="quarter",
    china="CN",
    states="US",
    germany="DE",
)
ETO = partial(
    CountFile, "eto_country_activity", country="country", quarter=None, china="China (mainland)",
    states="United States", germany="Germany",
)  # fmt: skip
COUNTS = (
    INNOVATION_GRAPH("vintages/*/data/git_pushes.csv", "pushes", value="git_pushes"),
    INNOVATION_GRAPH("vintages/*/data/developers.csv", "developers", value="developers"),
    ETO("cat/publications_yearly_articles.csv", "articles", value="num_articles"),
    ETO("cat/patents_yearly_granted.csv", "grants", value="num_patent_granted"),
)


def mutations() -> tuple[Mutation, ...]:
    return (
        *(mutation for table in COUNTS for mutation in _counts(table)),
        *_applications(),
        *_eto_fields(),
        *_innovation_graph_versions(),
        *_epoch(),
        *_leaderboards(),
        *_ranking(),
        *lists.mutations(Mutation),
        *panels.mutations(Mutation),
    )


SHORT = {"China and the United States swapped", "a year of zeros", "header only", "times 1000"}


def _counts(table: CountFile) -> Iterator[Mutation]:
    china = {table.country: table.china}
    year = {"year": "2021"}
    period = ("year", table.quarter)
    kinds = {
        "China and the United States swapped": do.swapped_values(table.country, table.china, table.states),
        "times 1000": do.multiplied(table.value, 1000),
        "China times 1000": do.multiplied(table.value, 1000, **china),
        "China's 2021 times 50": do.multiplied(table.value, 50, **china, **year),
        "China halved": do.multiplied(table.value, 0.5, **china),
        "2021 halved": do.multiplied(table.value, 0.5, **year),
        "a hundredth": do.multiplied(table.value, 0.01),
        "periods one later": do.moved(*period),
        "values shuffled": do.shuffled(table.value),
        "countries rotated": do.rotated(table.country),
        "the newest period is the one before": do.last_is_the_one_before(*period, table.value, table.country),
        "without the newest period": do.without_last(*period),
        "header only": do.emptied,
        "half the rows": do.half,
        "half the countries of 2021": do.half_of(table.country, **year),
        "a year of zeros": do.set_to(table.value, "0", **year),
        "China's 2021 is zero": do.set_to(table.value, "0", **china, **year),
        "without China after 2021": do.without(table.country, table.china, since="2022"),
        "without China": do.without(table.country, table.china),
        "without Germany": do.without(table.country, table.germany),
        "cut at a line end": do.cut(0.6),
        "rows twice": do.doubled,
        "column renamed": do.renamed_column(table.value, "n"),
    }
    for name, change in kinds.items():
        of_file = do.of_frame(table.glob, change)
        yield Mutation(
            table.source,
            f"{table.label}: {name}",
            of_file,
            is_short=name in SHORT and table.label != "grants",
        )
    for name, change in {
        "rows in another order": do.shuffled_rows,
        "columns in another order": do.reversed_columns,
    }.items():
        yield Mutation(
            table.source, f"{table.label}: {name}", do.of_frame(table.glob, change), is_control=True
        )


def _applications() -> Iterator[Mutation]:
    glob, value = "cat/patents_yearly_applications.csv", "num_patent_applications"
    kinds = {
        "China and the United States swapped": do.swapped_values(
            "country", "China (mainland)", "United States"
        ),
        "times 1000": do.multiplied(value, 1000),
        "years one later": do.moved("year", None),
        "header only": do.emptied,
        "cut at a line end": do.cut(0.7),
        "a year of zeros": do.set_to(value, "0", year="2018"),
    }
    for name, change in kinds.items():
        yield Mutation("eto_country_activity", f"applications: {name}", do.of_frame(glob, change))
    yield Mutation(
        "eto_country_activity", "applications: the grants' numbers",
        lambda files: {
            "cat/patents_yearly_applications.csv": files.read("cat/patents_yearly_granted.csv").replace(
                b"num_patent_granted", value.encode(), 1
            )
        },
    )  # fmt: skip


def _eto_fields() -> Iterator[Mutation]:
    glob = "cat/publications_yearly_articles.csv"
    kinds = {
        "field renamed to LLMs": do.renamed_value("field", "Large language models", "LLMs"),
        "field All renamed": do.renamed_value("field", "All", "Total"),
        "country renamed to China": do.renamed_value("country", "China (mainland)", "China"),
        "fields exchanged": do.swapped_values("field", "All", "Large language models"),
        "every year complete": do.set_to("complete", "True"),
        "no year complete": do.set_to("complete", "False"),
        "Asia without China": do.without("country", "Asia"),
    }
    for name, change in kinds.items():
        yield Mutation("eto_country_activity", f"articles: {name}", do.of_frame(glob, change))


def _innovation_graph_versions() -> Iterator[Mutation]:
    pushes = "vintages/*/data/git_pushes.csv"
    ours = partial(Mutation, "innovation_graph")
    yield ours("pushes: newest vintage under a new date", do.redated(pushes, "2026-08-15"), is_short=True)
    yield ours("pushes: newest vintage is the one before", do.copied(pushes, -2, -1), is_short=True)
    yield ours("pushes: an older vintage has the newest's rows", do.copied(pushes, -1, 0))
    yield ours("pushes: a vintage between is absent", do.removed(pushes, 1))
    yield ours("pushes: developers' numbers", lambda files: {
        files.paths(pushes)[-1]: files.read(files.paths("vintages/*/data/developers.csv")[-1])
        .replace(b"developers", b"git_pushes", 1)})  # fmt: skip
    older = do.swapped_values("iso2_code", "CN", "US")
    yield ours("pushes: China and the United States swapped, first vintage", do.of_frame(pushes, older, 0))
    yield ours("pushes: quarters exchanged", do.of_frame(pushes, do.swapped_values("quarter", "1", "4")))
    yield ours("pushes: codes in lower case", do.of_frame(pushes, do.lower("iso2_code")))


def _epoch() -> Iterator[Mutation]:
    for label, glob in {
        "notable": "notable_ai_models/*/*.csv",
        "large-scale": "large_scale_ai_models/*/*.csv",
    }.items():
        kinds = {
            "China and the United States swapped": do.swapped(
                "Country (of organization)", "China", "United States of America"
            ),
            "countries shuffled": do.shuffled("Country (of organization)"),
            "openness inverted": do.inverted(
                "Model accessibility",
                **{
                    "Open weights (unrestricted)": "API access",
                    "Open weights (restricted use)": "Unreleased",
                },
            ),
            "openness shuffled": do.shuffled("Model accessibility"),
            "Open weights spelled Open-weights": do.renamed_value(
                "Model accessibility", "Open weights", "Open-weights"
            ),
            "openness emptied": do.set_to("Model accessibility", ""),
            "days and months exchanged": do.days_and_months_exchanged("Publication date"),
            "a year early": do.days_moved("Publication date", -365),
            "a month late": do.days_moved("Publication date", 31),
            "dates shuffled": do.shuffled("Publication date"),
            "without China after 2019": do.without(
                "Country (of organization)", "China", since="2020", moment="Publication date"
            ),
            "China called PRC": do.renamed_value("Country (of organization)", "China", "PRC"),
            "header only": do.emptied,
            "half the rows": do.half,
            "cut at a line end": do.cut(0.5),
            "rows twice": do.doubled,
        }
        for name, change in kinds.items():
            is_short = name == "China and the United States swapped"
            yield Mutation("epoch_models", f"{label}: {name}", do.of_frame(glob, change), is_short=is_short)
        yield Mutation(
            "epoch_models",
            f"{label}: rows in another order",
            do.of_frame(glob, do.shuffled_rows),
            is_control=True,
        )
    notable = "notable_ai_models/*/*.csv"
    yield Mutation("epoch_models", "notable: newest under a new date", do.redated(notable, "2026-09-30"))
    yield Mutation("epoch_models", "notable: newest is the one before", do.copied(notable, -2, -1))


def _leaderboards() -> Iterator[Mutation]:
    board = "huggingface_v2/*/huggingface_v2.csv"
    kinds = {
        "availability inverted": do.inverted("features_is_not_available_on_hub", TRUE="FALSE"),
        "merges inverted": do.inverted("features_is_merged", TRUE="FALSE"),
        "bases shuffled": do.shuffled("metadata_base_model"),
        "bases emptied": do.set_to("metadata_base_model", ""),
        "days and months exchanged": do.days_and_months_exchanged("metadata_upload_date"),
        "uploads a year early": do.days_moved("metadata_upload_date", -365),
        "header only": do.emptied,
        "half the rows": do.half,
        "cut at a line end": do.cut(0.6),
        "Qwen called Llama": do.renamed_value("metadata_base_model", "Qwen", "Llama"),
    }
    for name, change in kinds.items():
        yield Mutation("llm_leaderboards", f"board 2: {name}", do.of_frame(board, change))
    yield Mutation("llm_leaderboards", "board 2: newest under a new date", do.redated(board, "2026-02-28"))
    yield Mutation("llm_leaderboards", "board 2: newest is the one before", do.copied(board, -2, -1))
    rows = do.of_frame(board, do.shuffled_rows)
    yield Mutation("llm_leaderboards", "board 2: rows in another order", rows, is_control=True)


def _ranking() -> Iterator[Mutation]:
    days = "Data/github-ranking-*.csv"
    ours = partial(Mutation, "github_ranking")
    kinds = {
        "one day ten times the stars": do.multiplied("stars", 10),
        "one day a tenth of the stars": do.multiplied("stars", 0.1),
        "one day half as many stars again": do.multiplied("stars", 1.5),
        "stars shuffled": do.shuffled("stars"),
        "stars and forks exchanged": do.columns_exchanged("stars", "forks"),
        "repositories shuffled": do.shuffled("repo_url"),
        "half the rows": do.half,
        "header only": do.emptied,
        "cut at a line end": do.cut(0.4),
        "without Python": do.without("item", "Python"),
        "Python called python": do.renamed_value("item", "Python", "python"),
        "rows twice": do.doubled,
        "stars are zero": do.set_to("stars", "0"),
    }
    for name, change in kinds.items():
        is_short = name == "one day ten times the stars"
        yield ours(f"day: {name}", do.of_frame(days, change, -40), is_short=is_short)
    yield ours("day: the day before's file", do.copied(days, -41, -40))
    yield ours("day: the file of a year before", do.copied(days, -90, -40))
    yield ours("day: rows in another order", do.of_frame(days, do.shuffled_rows, -40), is_control=True)
