"""Simulated ACL volumes: XML of an event with the affiliations that authors give.

Planted beside them: one affiliation for several authors from 2024 on, findings before EMNLP 2022 without any,
a campus abroad with a name of its own, two institutions in one text, tutorials, markup in titles, a mailbox
for an affiliation, a university whose name stands for two.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

import numpy as np

from dlt_sources.sample.world import World, Written

EVENTS = {  # collection: (month, volumes with their number of papers)
    "2022.emnlp": ("December", {"main": 40, "tutorials": 2, "demos": 4}),
    "2022.findings": ("December", {"acl": 12, "emnlp": 25}),
    "2023.acl": ("July", {"long": 45, "short": 12, "demo": 4, "tutorials": 2}),
    "2024.acl": ("August", {"long": 45, "short": 8, "srw": 4}),
    "2024.findings": ("August", {"acl": 40, "eacl": 10}),
}
AFFILIATIONS = (
    ("Tsinghua University", 12.0),
    ("Peking University", 8.0),
    ("Harbin Institute of Technology, Shenzhen", 3.0),
    ("The Chinese University of Hong Kong, Shenzhen", 1.0),
    ("The Chinese University of Hong Kong", 2.0),
    ("Huawei Noah’s Ark Lab", 3.0),
    ("Alibaba Group", 3.0),
    ("Carnegie Mellon University", 9.0),
    ("Paul G. Allen School of Computer Science, University of Washington", 5.0),
    ("Google Research", 5.0),
    ("New York University", 3.0),
    ("Northeastern University", 2.0),
    ("University of Edinburgh", 5.0),
    ("Technische Universität Darmstadt", 4.0),
    ("KAIST and Naver", 3.0),
    ("National University of Singapore", 3.0),
    ("Universidad de los Pilotos, Chile", 1.0),
    ("Somewhere Institute", 2.0),
)
TITLES = (
    "Parsing <fixed-case>C</fixed-case>hinese",
    "Large Language Models for Dialogue",
    "Decoding in <tex-math>O(n)</tex-math>",
)


def write(world: World) -> Mapping[str, Written]:
    rng = world.rng("acl_anthology_affiliations")
    return {f"{name}.xml": Written(_event(rng, name, *EVENTS[name]).encode()) for name in EVENTS}


def _event(rng: np.random.Generator, collection: str, month: str, volumes: Mapping[str, int]) -> str:
    year, event = collection.split(".")
    lines = [f"<?xml version='1.0' encoding='UTF-8'?>\n<collection id=\"{collection}\">"]
    for volume, size in volumes.items():
        lines.append(f'  <volume id="{volume}" ingest-date="{year}-12-20" type="proceedings">\n    <meta>')
        lines.append(f"      <booktitle>SIMULATED proceedings, {volume}</booktitle><month>{month}</month>")
        lines.append(f"      <year>{year}</year><venue>{event}</venue>\n    </meta>")
        has_none = collection == "2022.findings" and volume == "acl"
        for number in range(1, size + 1):
            lines.append(_paper(rng, number, int(year), has_none or volume == "tutorials"))
        lines.append("  </volume>")
    return "\n".join([*lines, "</collection>\n"])


def _paper(rng: np.random.Generator, number: int, year: int, has_none: bool) -> str:
    weights = np.array([weight for _, weight in AFFILIATIONS])
    chosen = rng.choice(len(AFFILIATIONS), size=int(rng.integers(2, 5)), p=weights / weights.sum())
    authors = []
    for place, index in enumerate(chosen):
        stated = AFFILIATIONS[index][0] if number % 17 or place else "someone@sample.org"
        is_stated = not has_none and (year < 2024 or place == 0 or number % 4 == 0)
        affiliation = f"<affiliation>{escape(stated)}</affiliation>" if is_stated else ""
        authors.append(f"      <author><first>A{place}</first><last>Sample</last>{affiliation}</author>")
    title = f"      <title>{TITLES[number % len(TITLES)]} ({number})</title>"
    return "\n".join([f'    <paper id="{number}">', title, *authors, "    </paper>"])
