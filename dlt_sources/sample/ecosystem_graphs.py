"""A simulated table of Ecosystem Graphs: models, data sets and applications.

Planted beside them: access in two cases of letters, a year in place of a day, nationalities that name no
country or two, a nationality that the registry knows better, and data sets and applications beside the
models.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date

from dlt_sources.sample.model_makers import CHINESE, NOBODY, OTHERS, releases
from dlt_sources.sample.world import World, Written

OBSERVED = date(2025, 1, 24)
FIRST, LAST_KEPT = date(2022, 6, 1), date(2024, 4, 30)
HEADER = (
    "access", "created_date", "dependencies", "description", "license", "name", "nationality", "organization",
    "size", "type",
)  # fmt: skip
TRAPS: tuple[dict[str, str], ...] = (
    {"access": "open", "created_date": "2022", "name": "Year-only", "type": "application"},
    {"access": "Open", "created_date": "2023-06-05", "name": "Capital", "nationality": "USA",
     "organization": "Google, Sample Lab", "type": "model"},
    {"access": "open", "created_date": "2023-07-05", "name": "Two-seats", "nationality": "Canada/Switzerland",
     "organization": "Sample Lab, Other Lab", "type": "model"},
    {"access": "open", "created_date": "2023-08-05", "name": "Everywhere", "nationality": "International",
     "organization": "Sample Workshop", "type": "model"},
    {"access": "limited", "created_date": "2023-09-05", "name": "On-request", "nationality": "USA",
     "organization": "Meta", "size": "7B parameters (dense)", "type": "model"},
)  # fmt: skip


def write(world: World) -> Mapping[str, Written]:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, restval="", lineterminator="\n")
    writer.writeheader()
    found = releases(world, "ecosystem_graphs", (*CHINESE, *OTHERS, NOBODY), FIRST, LAST_KEPT, scale=0.6)
    for number, release in enumerate(found):
        kind = "dataset" if number % 11 == 10 else "model"
        writer.writerow(
            {
                "access": "closed" if number % 4 == 3 else "open",
                "created_date": release.day.isoformat(),
                "dependencies": "['Llama 2', 'C4']",
                "description": 'A model, "simulated",\nin two lines.',
                "license": "Apache 2.0",
                "name": release.line,
                "nationality": release.maker.nationality,
                "organization": release.maker.organisation,
                "size": "7B parameters (dense)",
                "type": kind,
            }
        )
    writer.writerows(TRAPS)
    return {"all_assets.derived.csv": Written(out.getvalue().encode(), OBSERVED)}
