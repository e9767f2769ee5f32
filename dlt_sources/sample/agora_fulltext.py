"""Simulated full texts of AGORA's documents: plain files named by id, of which some are missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from dlt_sources.sample.agora_documents import DOCUMENTS, SUBJECTS
from dlt_sources.sample.world import World, Written

READ_ON = date(2026, 3, 29)
CLAUSES = (
    "The Secretary shall publish a report on risks and safety.",
    "There is authorized to be appropriated such sums as may be necessary.",
    "Analysts may use open-source intelligence and OPEN SOURCE INFORMATION.",
    "Agencies shall prefer open-source software where it is fit.",
    "Semiconductors, data centers and computing power are covered articles.",
    "Nothing in this section limits export controls or the Entity List.",
)


def write(world: World) -> Mapping[str, Written]:
    rng = world.rng("agora_fulltext")
    files = {}
    for number in range(1, DOCUMENTS + 1):
        if number % 3 == 0:  # the collection is older than the texts, and some hold addresses
            continue
        subject = SUBJECTS[rng.integers(len(SUBJECTS))]
        picked = rng.choice(len(CLAUSES), size=int(rng.integers(0, 4)), replace=False)
        body = [f"SECTION {n}. {CLAUSES[place]}" for n, place in enumerate(sorted(picked), 2)]
        text = "\n\n".join(
            [f"SECTION 1. Simulated act {number} “on {subject}”. It concerns {subject}.", *body]
        )
        if number % 40 == 1:
            text += "\n\nIt concerns large language models such as Llama 2 and BERT."
        files[f"fulltext/{1000 + number}.txt"] = Written(text.encode(), observed=READ_ON)
    return files
