"""Simulated trees of fine-tunes: two base models, in both layouts of columns.

Planted beside them: answers that could not be fetched, a model in both trees, a base that no pattern of a
family names, models without a stated base, and one on the leaderboard as well.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from dlt_sources.sample.world import World, Written

TAKEN = date(2025, 4, 7)
FULL = ("model_id", "metadata", "depth", "children", "children_count", "adapters", "adapters_count")
SHORT = ("", *FULL[:5])
BOARD_MODEL = "user3/Llama-2-7b-hf-tune3"


def _answer(model: str, created: date, base: str | None) -> str:
    tags = ["transformers"]
    if base:
        tags += [f"base_model:{base}", f"base_model:finetune:{base}"]
    return json.dumps(
        {
            "id": model,
            "author": model.split("/")[0],
            "created_at": f"{created} 11:42:28+00:00",
            "downloads": 12,
            "likes": 3,
            "tags": tags,
            "pipeline_tag": "text-generation",
        }
    )


def _tree(world: World, base: str, opened: date, models: int) -> list[tuple[str, str, int]]:
    """(model id, answer, depth) of the base and what was built on it."""
    rng = world.rng(f"hf_model_trees/{base}")
    span = (TAKEN - opened).days
    rows = [(base, _answer(base, opened, None), 0)]
    for number in range(models):
        model = f"tuner{number % 40}/{base.split('/')[1]}-ft{number}"
        created = opened + timedelta(days=int(rng.integers(1, span)))
        depth = 2 if number % 9 == 8 else 1
        rows.append((model, _answer(model, created, None if number % 7 == 0 else base), depth))
        if number % 50 == 49:
            rows.append((f"https://huggingface.co/{model}x", "N/A", 1))
    return rows


def _csv(headers: Sequence[str], rows: Sequence[tuple[str, str, int]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, headers, restval="", lineterminator="\n")
    writer.writeheader()
    for model, answer, depth in rows:
        writer.writerow({"model_id": model, "metadata": answer, "depth": depth, "children_count": 0})
    return out.getvalue().encode()


def write(world: World) -> Mapping[str, Written]:
    llama = _tree(world, "meta-llama/Llama-2-7b", date(2023, 7, 9), 150)
    video = _tree(world, "THUDM/CogVideoX-5b", date(2024, 8, 17), 60)
    shared = ("both/merge-ft", _answer("both/merge-ft", date(2024, 10, 1), None))
    llama += [(*shared, 2), (BOARD_MODEL, _answer(BOARD_MODEL, date(2023, 8, 1), llama[0][0]), 1)]
    video += [(*shared, 1)]
    return {
        "Llama-2-7b.derived.csv": Written(_csv(FULL, llama), TAKEN),
        "CogVideoX-5b.csv": Written(_csv(SHORT, video), TAKEN),
    }
