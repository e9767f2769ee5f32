"""A simulated archive, SIMULATED everywhere it is shown: true wire formats, known truth.

``write_archive`` asks each writer for its files and lists them in manifests. One writer a
source (same name as the source's module), registered by one line here.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from dlt_sources.archive import listed_entry, write_manifest
from dlt_sources.atomic import write_atomically
from dlt_sources.sample import (
    agora_policy,
    china_policy_lists,
    conference_papers,
    epoch_models,
    eto_country_activity,
    github_ranking,
    github_trending,
    innovation_graph,
    llm_leaderboards,
    nlp_arxiv_daily,
    regulations_gov_bis,
)
from dlt_sources.sample.world import PLANTED, World, Written

RETRIEVED = "2026-07-01"


Writer = Callable[[World], Mapping[str, Written]]

WRITERS: dict[str, Writer] = {
    "agora_policy": agora_policy.write,
    "china_policy_lists": china_policy_lists.write,
    "conference_papers": conference_papers.write,
    "epoch_models": epoch_models.write,
    "eto_country_activity": eto_country_activity.write,
    "github_ranking": github_ranking.write,
    "github_trending": github_trending.write,
    "innovation_graph": innovation_graph.write,
    "llm_leaderboards": llm_leaderboards.write,
    "nlp_arxiv_daily": nlp_arxiv_daily.write,
    "regulations_gov_bis": regulations_gov_bis.write,
}


def write_archive(root: Path, seed: int, sources: Collection[str] = tuple(WRITERS)) -> None:
    """Write the archive (or some of its sources) under ``root``, replacing what an earlier seed left."""
    world = World(seed)
    for source in sources:
        write = WRITERS[source]
        shutil.rmtree(root / source, ignore_errors=True)
        entries = []
        for path, file in sorted(write(world).items()):
            target = root / source / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.data)
            entries.append(
                listed_entry(
                    path,
                    file.data,
                    RETRIEVED,
                    note=file.note,
                    observed=file.observed.isoformat() if file.observed else None,
                )
            )
        write_manifest(
            root,
            {
                "source": source,
                "origin": "sample",
                "licence": "MIT",
                "attribution": f"SIMULATED by chokepoint, seed {seed}",
                "homepage": None,
                "files": entries,
            },
        )
    write_atomically(root / "planted.yml", PLANTED.read_bytes())
