"""Simulated Country Activity Tracker: groups beside countries, incomplete years, absent zero rows."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from io import StringIO

import numpy as np

from dlt_sources.sample.world import World, Written

YEARS = tuple(range(2016, 2027))
COMPLETE = {"articles": 2025, "granted": 2019, "applications": 2021}  # last complete year
UNFINISHED = 0.35  # share that is counted in each further year, compounding
DONORS = (
    "Argentina;Australia;Austria;Bangladesh;Belgium;Brazil;Canada;Chile;Colombia;Czechia;Denmark;Egypt;Finland;"
    "France;Germany;Greece;Hungary;India;Indonesia;Iran;Ireland;Israel;Italy;Japan;Malaysia;Mexico;Netherlands;"
    "New Zealand;Norway;Pakistan;Poland;Portugal;Romania;Russia;Saudi Arabia;Singapore;South Africa;"
    "South Korea;Spain;Sweden;Switzerland;Thailand;Turkey;Ukraine;United Kingdom;Vietnam"
).split(";")
GROUPS = {"EU": ("France", "Germany", "Italy", "Spain"), "Asia": ("China (mainland)", "India", "Japan")}
LEVELS = {"China (mainland)": 10.2, "United States": 10.3, **dict.fromkeys(DONORS, 8.0)}


def write(world: World) -> Mapping[str, Written]:
    """``cat/*.csv`` as the publisher writes them: long, unordered by country, ``complete`` as True/False."""
    rng = world.rng("eto_country_activity/levels")
    level = {name: value + rng.normal(0, 0.6) for name, value in LEVELS.items()}
    articles = {
        "All": _counts(world, "ai_articles", level, growth=0.10),
        "Large language models": _counts(world, "llm_articles", level, shift=-2.5, growth=0.25),
        "Robotics": _counts(world, "robotics_articles", level, shift=-2.0, growth=0.08),
    }
    granted = {"All": _counts(world, "ai_patents_granted", level, shift=-1.5, growth=0.2)}
    applications = {"All": _counts(world, "ai_patent_applications", level, shift=-1.0, growth=0.2)}
    return {
        "cat/publications_yearly_articles.csv": _file(
            "num_articles", articles, COMPLETE["articles"], _odd_rows()
        ),
        "cat/patents_yearly_granted.csv": _file("num_patent_granted", granted, COMPLETE["granted"]),
        "cat/patents_yearly_applications.csv": _file(
            "num_patent_applications", applications, COMPLETE["applications"]
        ),
        "cat/publications_summary.csv": Written(
            b"country,field,num_articles,num_citations\nFrance,All,9,9\n"
        ),
    }


def _counts(
    world: World, outcome: str, level: Mapping[str, float], *, shift: float = 0.0, growth: float
) -> dict[str, np.ndarray]:
    starts, ends = [date(y, 1, 1) for y in YEARS], [date(y + 1, 1, 1) for y in YEARS]
    names = sorted(level)
    # China goes by another name here; its effects are found by its code
    codes = ["CN" if name == "China (mainland)" else name for name in names]
    paths = world.log_paths(
        outcome,
        codes,
        starts,
        ends,
        level={code: level[name] + shift for code, name in zip(codes, names, strict=True)},
        growth=growth,
        sd=0.06,
        common=world.demand(starts, ends),
    )
    return dict(zip(names, np.rint(np.exp(paths)).astype(int), strict=True))


def _file(
    measure: str,
    fields: Mapping[str, Mapping[str, np.ndarray]],
    complete: int,
    further: Iterable[tuple[str, str, int, int]] = (),
) -> Written:
    rows = list(further)
    for field, counts in fields.items():
        groups = {group: np.sum([counts[m] for m in members], axis=0) for group, members in GROUPS.items()}
        for name, values in {**counts, **groups}.items():
            rows += [(name, field, year, int(v)) for year, v in zip(YEARS, values, strict=True)]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["country", "field", "year", measure, "complete"])
    for name, field, year, value in rows:
        count = round(value * UNFINISHED ** max(year - complete, 0))
        if count > 0:
            writer.writerow([name, field, year, count, year <= complete])
    return Written(text.getvalue().encode())


def _odd_rows() -> list[tuple[str, str, int, int]]:
    """Congo stands for two countries; Monaco has articles, but on language models in one year only."""
    congo = [("Congo", "All", year, n) for year in YEARS[:-1] for n in (2, 9)]
    monaco = [("Monaco", "All", year, 40) for year in YEARS]
    return [*congo, *monaco, ("Monaco", "Large language models", 2023, 3)]
