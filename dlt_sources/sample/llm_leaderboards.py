"""Simulated leaderboards: six versions of the Open LLM Leaderboard 2 in both header generations.

Planted beside them: the hub's fill day, removed bases, merges, models that name themselves as base,
several precisions of one model, missing upload days, flags that mean their header's opposite, models
that are called after nothing (or after a data set with a family's name) so that only the class and
size of their weights tell the base, and a board that stops in March 2025.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from dlt_sources.sample.world import World, Written

VERSIONS = tuple(
    date.fromisoformat(day)
    for day in ("2024-07-30", "2024-08-31", "2024-10-31", "2024-12-31", "2025-02-28", "2025-03-21")
)
OPENED, CLOSED = date(2024, 6, 26), date(2025, 3, 13)
FIRST_UPLOAD = date(2023, 4, 1)
FILL_DAY = date(2022, 3, 2)
MODELS = 900
# base model, open from, weight, growth of the weight a month after it opened
BASES = (
    ("meta-llama/Llama-2-7b-hf", date(2023, 7, 18), 5.0, -0.05),
    ("mistralai/Mistral-7B-v0.1", date(2023, 9, 27), 4.0, -0.04),
    ("meta-llama/Meta-Llama-3-8B", date(2024, 4, 18), 8.0, -0.02),
    ("Qwen/Qwen2-7B", date(2024, 6, 6), 3.0, 0.0),
    ("Qwen/Qwen2.5-7B", date(2024, 9, 19), 6.0, 0.10),
    ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", date(2025, 1, 20), 8.0, 0.0),
    ("google/gemma-2-9b", date(2024, 6, 27), 4.0, 0.0),
    ("microsoft/phi-4", date(2024, 12, 12), 3.0, 0.0),
    ("tiiuae/Falcon3-7B-Base", date(2024, 12, 17), 1.0, 0.0),
    ("01-ai/Yi-1.5-9B", date(2024, 5, 13), 1.0, 0.0),
    ("sample-lab/Nebula-7B", date(2023, 4, 1), 2.0, 0.0),
)
# class and parameters that a fine-tune keeps from its base
WEIGHTS = {
    "meta-llama/Llama-2-7b-hf": ("LlamaForCausalLM", 6.738),
    "mistralai/Mistral-7B-v0.1": ("MistralForCausalLM", 7.242),
    "meta-llama/Meta-Llama-3-8B": ("LlamaForCausalLM", 8.03),
    "Qwen/Qwen2-7B": ("Qwen2ForCausalLM", 7.616),
    "Qwen/Qwen2.5-7B": ("Qwen2ForCausalLM", 7.616),
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B": ("Qwen2ForCausalLM", 7.616),
    "google/gemma-2-9b": ("Gemma2ForCausalLM", 9.242),
    "microsoft/phi-4": ("Phi3ForCausalLM", 14.66),
    "tiiuae/Falcon3-7B-Base": ("LlamaForCausalLM", 7.456),
    "01-ai/Yi-1.5-9B": ("LlamaForCausalLM", 8.829),
}
FIRST_HEADERS = (
    "t,model,average,ifeval,ifeval_raw,bbh,bbh_raw,math_lvl_5,math_lvl_5_raw,gpqa,gpqa_raw,musr,musr_raw,"
    "mmlupro,mmlupro_raw,type,architecture,weight_type,precision,not_merged,hub_license,params_b,"
    "hub_hearts,available_on_the_hub,model_sha,flagged,moe,submission_date,upload_to_hub_date,"
    "chat_template,maintainers_highlight,fullname,generation,base_model,url"
).split(",")
SECOND_HEADERS = (
    "id,model_name,model_sha,model_precision,model_type,model_weight_type,model_architecture,"
    "model_average_score,model_has_chat_template,features_is_not_available_on_hub,features_is_merged,"
    "features_is_moe,features_is_flagged,features_is_official_provider,metadata_upload_date,"
    "metadata_submission_date,metadata_generation,metadata_base_model,metadata_hub_license,"
    "metadata_hub_hearts,metadata_params_billions,metadata_co2_cost"
).split(",")
ARENA_HEADERS = "rank,model,arena_score,95_pct_ci,votes,organization,license,knowledge_cutoff,url".split(",")
ARENA = (
    ("GPT-4o-2024-05-13", "OpenAI", "Proprietary"),
    ("Qwen2.5-72B-Instruct", "Alibaba", "Qwen"),
    ("DeepSeek-R1", "DeepSeek AI", "MIT"),
    ("DeepSeek-V2.5", "DeepSeek", "DeepSeek"),
    ("Mixtral-8x7B", "Mistral", "Apache 2.0"),
    ("Yi-34B-Chat", "01 AI", "Apache-2.0"),
)


@dataclass(frozen=True)
class Model:
    """A submitted model; ``uploaded`` is None where the board lost the day."""

    name: str
    base: str
    kind: str
    uploaded: date | None
    submitted: date
    precisions: tuple[str, ...] = ("bfloat16",)
    weight_type: str = "Original"
    architecture: str = "?"
    parameters: float = 7.0


ORIGINALS = (
    Model("openai-community/gpt2", "openai-community/gpt2", "pretrained", FILL_DAY, OPENED),
    Model("EleutherAI/gpt-neo-2.7B", "EleutherAI/gpt-neo-2.7B", "pretrained", FILL_DAY, OPENED),
    Model("google/flan-t5-base", "google/flan-t5-base", "chatmodels", FILL_DAY, OPENED),
    Model("Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-7B", "pretrained", date(2024, 9, 15), date(2024, 9, 20)),
)


def _models(rng: np.random.Generator) -> list[Model]:
    span = (CLOSED - FIRST_UPLOAD).days
    days = np.sort(np.floor(span * rng.random(MODELS) ** 0.5).astype(int))
    models = list(ORIGINALS)
    for number, offset in enumerate(days):
        day = FIRST_UPLOAD + timedelta(days=int(offset))
        bases = [base for base in BASES if base[1] <= day]
        ages = np.array([(day - base[1]).days / 30 for base in bases])
        weights = np.array([base[2] for base in bases]) * np.exp([base[3] for base in bases] * ages)
        base = bases[int(rng.choice(len(bases), p=weights / weights.sum()))][0]
        kind = "basemergesandmoerges" if number % 3 == 0 else "fine-tunedondomain-specificdatasets"
        models.append(_derivative(rng, number, base, "chatmodels" if number % 5 == 0 else kind, day))
    return models


def _derivative(rng: np.random.Generator, number: int, base: str, kind: str, day: date) -> Model:
    called = {3: "Nightfall", 5: "alpaca_data_score"}.get(number % 8, base.split("/")[1])
    name = f"user{number % 97}/{called}-tune{number}"
    stated = {0: name, 1: "Removed", 2: base, 3: base}[number % 4]
    if kind == "basemergesandmoerges":
        stated = f"{name} (Merge)"
    submitted = max(day, OPENED) + timedelta(days=int(rng.integers(0, 40)))
    return Model(
        name,
        stated,
        kind,
        None if number % 11 == 0 else day,
        min(submitted, CLOSED),
        ("bfloat16", "float16") if number % 25 == 0 else ("bfloat16",),
        "Adapter" if number % 40 == 7 else "Original",
        *WEIGHTS.get(base, ("LlamaForCausalLM", 7.0)),
    )


def _csv(headers: Sequence[str], rows: list[dict[str, object]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, headers, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _upper(value: bool) -> str:
    return "TRUE" if value else "FALSE"


def _first_generation(model: Model, precision: str) -> dict[str, object]:
    merged = "merge" in model.kind
    words = {"pretrained": "🟢 pretrained", "basemergesandmoerges": "🤝 base merges and moerges"}
    return {
        "t": words.get(model.kind, "🔶")[0],
        "model": model.name,
        "average": 20.5,
        "type": words.get(model.kind, "🔶 fine-tuned on domain-specific datasets"),
        "architecture": model.architecture,
        "weight_type": model.weight_type,
        "precision": precision,
        "not_merged": _upper(not merged),
        "hub_license": "apache-2.0",
        "params_b": round(model.parameters),
        "hub_hearts": 3,
        "available_on_the_hub": "TRUE",
        "flagged": "TRUE",
        "moe": "TRUE",
        "submission_date": model.submitted,
        "upload_to_hub_date": model.uploaded or "",
        "fullname": model.name,
        "generation": 1,
        "base_model": model.base,
        "url": f"https://huggingface.co/{model.name}",
    }


def _second_generation(model: Model, precision: str) -> dict[str, object]:
    return {
        "id": f"{model.name}_{precision}",
        "model_name": model.name,
        "model_precision": precision,
        "model_type": model.kind,
        "model_weight_type": model.weight_type,
        "model_architecture": model.architecture,
        "model_average_score": 20.5,
        "features_is_not_available_on_hub": _upper(model.uploaded is not None),
        "features_is_merged": _upper("merge" in model.kind),
        "features_is_flagged": "FALSE",
        "features_is_official_provider": _upper(model in ORIGINALS),
        "metadata_upload_date": model.uploaded or "",
        "metadata_submission_date": model.submitted,
        "metadata_generation": 1,
        "metadata_base_model": model.base,
        "metadata_hub_license": "apache-2.0",
        "metadata_hub_hearts": 3,
        "metadata_params_billions": model.parameters,
    }


def write(world: World) -> Mapping[str, Written]:
    models = _models(world.rng("llm_leaderboards"))
    files: dict[str, Written] = {}
    for version in VERSIONS:
        shown = [(m, p) for m in models if m.submitted <= version for p in m.precisions]
        if version < date(2024, 12, 1):
            # the oldest version had no base model yet
            lacking = {"generation", "base_model"} if version == VERSIONS[0] else set()
            headers = [name for name in FIRST_HEADERS if name not in lacking]
            rows = [_first_generation(m, p) for m, p in shown]
            rows = [{key: row[key] for key in row if key not in lacking} for row in rows]
        else:
            headers, rows = SECOND_HEADERS, [_second_generation(m, p) for m, p in shown]
            if version < date(2025, 1, 1):
                old, new = "features_is_official_provider", "features_is_highlighted_by_maintainer"
                headers = [new if name == old else name for name in headers]
                rows = [{new if key == old else key: row[key] for key in row} for row in rows]
        files[f"huggingface_v2/{version}/huggingface_v2.csv"] = Written(_csv(headers, rows))
    files["huggingface_v1/2024-07-13/huggingface_v1.csv"] = Written(_version_one(models))
    arena = [
        {"rank": n, "model": name, "arena_score": 1300 - 20 * n, "votes": 5000, "organization": maker,
         "license": licence}
        for n, (name, maker, licence) in enumerate(ARENA, start=1)
    ]  # fmt: skip
    files["lmsys/2025-01-29/lmsys.csv"] = Written(_csv(ARENA_HEADERS, arena))
    files["lmarena_text/2025-08-06/lmarena_text.csv"] = Written(_csv(ARENA_HEADERS, arena))
    return files


def _version_one(models: Sequence[Model]) -> bytes:
    """The closed first board: submission times, no upload day, ``merged`` true for what is none."""
    headers = [
        {"not_merged": "merged", "submission_date": "date"}.get(name, name)
        for name in FIRST_HEADERS
        if name not in ("upload_to_hub_date", "generation", "base_model")
    ]
    rows = []
    for model in models[:150]:
        row = _first_generation(model, "bfloat16")
        row |= {"merged": row["not_merged"], "date": "2024-03-01T12:00:00Z"}
        rows.append({key: row[key] for key in headers if key in row})
    return _csv(headers, rows)
