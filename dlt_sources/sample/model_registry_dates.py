"""Simulated first days of model ids in two projects that fine-tune.

Planted beside them: sizes of one release on one day, mirrors on ModelScope under another owner (one of a
model that no other account has), owners in two spellings, paths of web pages, and data sets in the project
that mixes them in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from dlt_sources.sample.model_makers import CHINESE, NOBODY, OTHERS, releases, sizes
from dlt_sources.sample.world import World, Written

OBSERVED = date(2026, 6, 30)
FIRST = date(2023, 10, 1)
COMMIT = "0" * 40
MODELS_ALONE, MIXED = "hiyouga/LLaMA-Factory", "modelscope/ms-swift"
TRAPS = (
    (MIXED, "qwen-7b-chat/summary", "2023-11-30"),
    (MIXED, "blog/introducing-something", "2024-03-01"),
    (MIXED, "pull/728", "2024-04-01"),
    (MIXED, "AI-ModelScope/alpaca-gpt4-data-en", "2024-01-10"),
    (MIXED, "mteb/scidocs-reranking", "2025-07-23"),
    (MODELS_ALONE, "AI-ModelScope/Phi-3-medium-4k-instruct", "2024-05-22"),
    (MODELS_ALONE, "AI-ModelScope/never-seen-elsewhere-7b", "2024-05-22"),
    (MODELS_ALONE, "ZhipuAI/GLM-0.9-9b-chat", "2024-02-02"),
)


def write(world: World) -> Mapping[str, Written]:
    rng = world.rng("model_registry_dates/sizes")
    rows = {(registry, model): day for registry, model, day in TRAPS}
    found = releases(world, "model_registry_dates", (*CHINESE, *OTHERS, NOBODY), FIRST, OBSERVED, scale=0.7)
    for number, release in enumerate(found):
        entered = min(release.day + timedelta(days=int(rng.integers(0, 20))), OBSERVED)
        for size in sizes(rng):
            name = f"{release.line}-{size}-Instruct"
            owners = [release.maker.hub]
            if number % 4 == 0:
                owners.append("LLM-Research" if release.maker in OTHERS else release.maker.hub.upper())
            for owner in owners:
                for registry in (MODELS_ALONE, MIXED):
                    rows.setdefault((registry, f"{owner}/{name}"), entered.isoformat())
    lines = [f"{registry},{COMMIT},{model},{day}" for (registry, model), day in sorted(rows.items())]
    text = "\n".join(["registry,commit,model_id,first_day", *lines, ""])
    return {"registry_ids.derived.csv": Written(text.encode(), OBSERVED)}
