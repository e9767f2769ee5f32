"""A simulated BMList: big models with day and affiliations to June 2023, in JSON.

Planted beside them: the element that says when the list was updated, several affiliations, one that no
registry knows, a name with commas, parameters of several sizes, and a list hardly kept after August 2022.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from dlt_sources.sample.model_makers import CHINESE, NOBODY, OTHERS, releases
from dlt_sources.sample.world import World, Written

OBSERVED = date(2026, 6, 7)
FIRST, LAST_KEPT, LAST = date(2020, 1, 1), date(2022, 8, 31), date(2023, 5, 31)


def write(world: World) -> Mapping[str, Written]:
    makers = (*CHINESE, *OTHERS, NOBODY)
    found = [
        *releases(world, "bmlist", makers, FIRST, LAST_KEPT, scale=0.6),
        *releases(world, "bmlist/late", makers, date(2022, 9, 1), LAST, scale=0.1),
    ]
    entries: list[dict[str, object]] = [{"last_updated": "2023/06/01"}]
    for number, release in enumerate(found):
        affiliation = [release.maker.organisation]
        if number % 6 == 0:
            affiliation.append("ENS, PSL University")
        entry: dict[str, object] = {
            "name": release.line,
            "release_date": f"{release.day:%Y/%m/%d}",
            "affiliation": affiliation,
            "language": ["English"],
            "domain": ["Text"],
            "paper/news": "https://example.org",
            "parameters_dense": ["1.5B", "7B"] if number % 3 == 0 else ["7B"],
        }
        if number % 2:
            entry["parameters_MoE"] = ["137B"]
            entry["model"] = entry["code"] = f"https://github.com/{release.maker.github}/{release.line}"
        entries.append(entry)
    return {"all_models.json": Written(json.dumps(entries, indent=4).encode(), OBSERVED)}
