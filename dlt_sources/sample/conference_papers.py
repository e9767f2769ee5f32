"""Simulated conference papers: venue-years with affiliations and machine-filled countries.

Planted beside them: Hong Kong filed under China, blank authors and countries, several affiliations an
author, venues without countries or affiliations, rejected papers, a paper listed twice, one without id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from dlt_sources.sample.world import World, Written

PANEL = {"ijcai": 60, "aistats": 40, "uai": 30, "acml": 20}
UNSTATED = {"aistats": 0.4, "uai": 0.45}
OTHERS = {("acl", 2021): 40, ("aaai", 2022): 40, ("naacl", 2024): 40, ("colm", 2025): 40}
INSTITUTIONS = (
    ("Tsinghua University", "China", 14.0),
    ("Hong Kong University of Science and Technology", "China", 3.0),  # as the publisher files it
    ("Huawei Noah's Ark Lab", "China", 2.0),
    ("Alibaba Group", "China", 2.0),
    ("Stanford University", "United States", 12.0),
    ("Google Research", "United States", 3.0),
    ("Microsoft Research", "United States", 2.0),
    ("University of Cambridge", "United Kingdom", 5.0),
    ("Technical University of Munich", "Germany", 4.0),
    ("University of Toronto", "Canada", 4.0),
    ("Inria", "France", 3.0),
    ("KAIST", "South Korea", 3.0),
    ("University of Tokyo", "Japan", 3.0),
    ("National University of Singapore", "Singapore", 3.0),
    ("University of Melbourne", "Australia", 3.0),
    ("IIT Bombay", "India", 2.0),
    ("ETH Zurich", "Switzerland", 2.0),
    ("University of Amsterdam", "Netherlands", 2.0),
    ("Technion", "Israel", 2.0),
    ("University of Bologna", "Italy", 2.0),
    ("Somewhere Institute", "Unknown", 0.5),
)
TITLES = (
    "Efficient Attention for {}",
    "On the Sample-Efficient Learning of {}",
    "A Logic of {}",
    "Large Language Models for {}",
    "Bounds for {}",
    "Fine-Tuning Llama 2 and BERT for {}",
    "Falcon-Eyed Search and Bloom Filters for {}",
)
TOPICS = ("Bandits", "Planning", "Auctions", "Causal Graphs", "Kernels", "Dialogue", "Scheduling")


def _paper(rng: np.random.Generator, venue: str, year: int, number: int) -> dict[str, object]:
    weights = np.array([weight for _, _, weight in INSTITUTIONS])
    chosen = rng.choice(len(INSTITUTIONS), size=int(rng.integers(2, 5)), p=weights / weights.sum())
    names = [INSTITUTIONS[i][0] for i in chosen]
    countries = list(dict.fromkeys(INSTITUTIONS[i][1] for i in chosen))
    title = TITLES[number % len(TITLES)].format(TOPICS[int(rng.integers(len(TOPICS)))])
    paper: dict[str, object] = {
        "id": f"{venue}{year}p{number}",
        "title": f"{title} ({number})",
        "track": "main",
        "status": "Poster",
        "abstract": "SIMULATED abstract.",
        "author": "; ".join(f"A{i} Sample" for i in range(len(names))),
        "keywords": "Machine Learning: Theory" if venue == "ijcai" else "",
        "bibtex": f"@inproceedings{{{venue}{year}p{number}, year = {{{year}}}, month = {{8}}}}",
        "email": ";".join(["sample.org"] * len(names)),
        "author_num": len(names),
    }
    if rng.random() < UNSTATED.get(venue, 0.02):
        return paper | {"aff": ";" * (len(names) - 1)}
    if number % 7 == 0:
        names[0] = f"{names[0]}+{INSTITUTIONS[0][0]}"
        countries = list(dict.fromkeys([*countries, "China"]))
    if number % 9 == 0:
        names, countries = [*names, ""], [*countries, ""]
    return paper | {
        "aff": ";".join(names),
        "aff_unique_norm": ";".join(dict.fromkeys(names)),
        "aff_country_unique": ";".join(countries),
    }


def write(world: World) -> Mapping[str, Written]:
    rng = world.rng("conference_papers")
    sizes = {(venue, year): n for venue, n in PANEL.items() for year in range(2021, 2025)} | OTHERS
    listed = {
        (venue, year): [_paper(rng, venue, year, n) for n in range(count + 2 * (year - 2021))]
        for (venue, year), count in sizes.items()
    }
    listed["ijcai", 2021].append(dict(listed["ijcai", 2021][-1]))
    without_countries = [_paper(rng, "emnlp", 2023, n) for n in range(30)]
    for n, paper in enumerate(without_countries):
        paper.pop("aff_country_unique", None)
        paper["status"] = "Reject" if n < 3 else "Long Main"
    listed["emnlp", 2023] = without_countries
    bare = ("id", "title", "track", "status", "abstract", "author", "bibtex")
    listed["emnlp", 2022] = [{key: _paper(rng, "emnlp", 2022, n)[key] for key in bare} for n in range(30)]
    listed["emnlp", 2022][0]["id"] = ""
    return {
        f"{venue}/{venue}{year}.json": Written(json.dumps(papers, indent=1).encode())
        for (venue, year), papers in listed.items()
    }
