"""Simulated NeurIPS affiliations: papers by year and affiliation, spelled and placed as the publisher does.

Planted beside them: names that the publisher's program files under a wrong country or matched other names
onto, one country under two spellings, unknown countries, Hong Kong and Taiwan in the region China.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import StringIO

from dlt_sources.sample.world import World, Written

YEARS = range(2021, 2026)
CHINA, US, EUROPE, ASIA, OTHER = (
    "China",
    "United States",
    "Europe",
    "Asia-Pacific (excl. China)",
    "Other/Unknown",
)
AFFILIATIONS = (
    ("Tsinghua University", CHINA, CHINA, 120),
    ("Peking University", CHINA, CHINA, 80),
    ("Huawei", CHINA, CHINA, 40),
    ("The Chinese University of Hong Kong", CHINA, "Hong Kong", 50),
    ("National Taiwan University", CHINA, "Taiwan", 10),
    ("University of Macau", CHINA, CHINA, 6),
    ("Northeastern University", CHINA, CHINA, 20),
    ("Stanford University", US, US, 180),
    ("Carnegie Mellon University", US, US, 150),
    ("Google", US, US, 200),
    ("Austin College", US, US, 40),
    ("University of Oxford", EUROPE, "United Kingdom", 90),
    ("Google DeepMind", EUROPE, "United Kingdom", 60),
    ("ETH Zurich", EUROPE, "Switzerland", 70),
    ("Inria", EUROPE, "France", 30),
    ("KAIST", ASIA, "South Korea", 50),
    ("Seoul National University", ASIA, "Korea, Republic of", 40),
    ("Western University", ASIA, "Cambodia", 6),
    ("Regent University College of Science and Technology", "Middle East & Africa", "Ghana", 70),
    ("University of Toronto", "Canada", "Canada", 60),
    ("Anthropic", OTHER, "Unknown", 10),
    ("Independent, Researcher", OTHER, "Unknown", 15),
)


def write(world: World) -> Mapping[str, Written]:
    rng = world.rng("neurips_affiliations")
    rows, regions = [], []
    for year in YEARS:
        papers = {
            name: int(rng.poisson(size * 1.15 ** (year - 2021))) + 1 for name, _, _, size in AFFILIATIONS
        }
        rows += [[year, name, papers[name], region, country] for name, region, country, _ in AFFILIATIONS]
        known = sorted({region for _, region, _, _ in AFFILIATIONS} - {OTHER})
        totals = {r: sum(papers[n] for n, region, _, _ in AFFILIATIONS if region == r) for r in known}
        regions += [[year, r, max(1, int(0.7 * n)), n / sum(totals.values())] for r, n in totals.items()]
    return {
        "data/processed/affiliation_counts_full.csv": _csv(
            ["year", "affiliation", "paper_count", "region", "country"], rows
        ),
        "data/processed/region_paper_counts.csv": _csv(["year", "region", "paper_count", "share"], regions),
    }


def _csv(header: list[str], rows: list[list[object]]) -> Written:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return Written(text.getvalue().encode())
