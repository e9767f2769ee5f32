"""Simulated Hugging Face Hub: three monthly snapshots of models by month of creation.

Planted beside them: makers that no registry knows, models older than the Hub's own dates, a cohort of which
models were deleted between two snapshots, and models whose downloads are not told. No effect is planted.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np

from dlt_sources.sample.world import LAST, World, Written, months

SNAPSHOTS = (date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1))
FIRST_MONTH = date(2022, 4, 1)
MAKERS = {  # first month of derivatives, share of all models
    "google-bert": (date(2022, 4, 1), 0.05),
    "meta-llama": (date(2023, 7, 1), 0.08),
    "mistralai": (date(2023, 10, 1), 0.04),
    "qwen": (date(2023, 9, 1), 0.12),
    "deepseek-ai": (date(2024, 2, 1), 0.04),
    "(others)": (date(2022, 4, 1), 0.15),
}
DELETED = ("qwen", "2024-03", SNAPSHOTS[1])  # from this snapshot on two of its models are gone


def write(world: World) -> Mapping[str, Written]:
    """``snapshots/<day>/cohorts.jsonl.gz``."""
    return {
        f"snapshots/{day}/cohorts.jsonl.gz": _written(_cohorts(world.rng("hugging_face_hub"), day))
        for day in SNAPSHOTS  # the same draws, so that a cohort differs by its age alone
    }


def _cohorts(rng: np.random.Generator, day: date) -> Iterator[dict[str, Any]]:
    yield _sums("all", None, None, None, 40_000, 9_000_000)
    for index, month in enumerate(months(FIRST_MONTH, LAST)):
        total = int(rng.poisson(2_000 * 1.06**index))
        drawn = {maker: rng.poisson(total * share) for maker, (_, share) in MAKERS.items()}
        own = {maker: int(rng.integers(3, 30)) for maker in MAKERS}
        if month >= day:
            continue
        age = (day.year - month.year) * 12 + day.month - month.month
        there = {m: int(n) for m, n in drawn.items() if MAKERS[m][0] <= month}
        yield _sums("all", None, None, month, total, 200 * total * age)
        yield _sums("declared", None, None, month, sum(there.values()), 100 * sum(there.values()) * age)
        for maker, models in there.items():
            for relation, share in (("finetune", 0.5), ("quantized", 0.3), ("adapter", 0.2)):
                number = int(models * share)
                if number:
                    yield _sums("derived", maker, relation, month, number, 80 * number * age)
            if maker != "(others)":
                is_short = maker == DELETED[0] and f"{month:%Y-%m}" == DELETED[1] and day >= DELETED[2]
                yield _sums("own", maker, None, month, own[maker] - 2 * is_short, 50_000 * own[maker] * age)


def _sums(
    kind: str, owner: str | None, relation: str | None, month: date | None, models: int, ever: int
) -> dict[str, Any]:
    return {
        "kind": kind, "owner": owner, "relation": relation,
        "created_month": f"{month:%Y-%m}" if month else None, "models": models,
        "counted": models - (models > 1_000), "downloads": ever // 20, "downloads_all_time": ever,
    }  # fmt: skip


def _written(records: Iterator[dict[str, Any]]) -> Written:
    lines = (json.dumps(record, sort_keys=True, separators=(",", ":")) for record in records)
    return Written(gzip.compress(("\n".join([*lines, ""])).encode(), 1, mtime=0))
