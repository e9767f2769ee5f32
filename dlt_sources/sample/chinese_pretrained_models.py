"""A simulated list of open models with Chinese ability, and its changelog.

Planted beside them: rows without a month, a name given to two releases, a model in two tables, a name in
bold, makers told by ModelScope or GitHub alone or in Chinese letters, foreign models, and months without an
entry.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date

from dlt_sources.sample.model_makers import CHINESE, NOBODY, OTHERS, releases
from dlt_sources.sample.world import World, Written, months

HEADER = ("list", "model", "month", "maker", "hf_org", "github_owner", "modelscope_org")
OBSERVED = date(2026, 6, 19)
FIRST = date(2023, 1, 1)
TABLES = ("base-llm", "chat-llm", "reasoning-llm")
TRAPS = (
    ("base-llm", "XVERSE-MoE", "2024-04", "xverse-ai", "xverse", "xverse-ai", ""),
    ("chat-llm", "XVERSE-MoE", "2024-04", "", "xverse", "xverse-ai", ""),
    ("base-llm", "XVERSE-MoE", "2024-09", "xverse-ai", "xverse", "xverse-ai", ""),
    ("chat-llm", "**Qwen3-Next**", "2025-09", "QwenLM", "Qwen", "QwenLM", ""),
    ("chat-llm", "紫东太初", "2023-07", "中科院自动化所", "", "", ""),
    ("chat-llm", "Tongyi-Finance-Chat", "2023-11", "TongyiFinance", "", "", "TongyiFinance"),
    ("base-llm", "Undated-Base", "", "", "Qwen", "", ""),
)


def write(world: World) -> Mapping[str, Written]:
    makers = (*CHINESE, NOBODY, *OTHERS[:2])
    found = releases(world, "chinese_pretrained_models", makers, FIRST, OBSERVED)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for number, release in enumerate(found):
        maker = release.maker
        month = release.day.strftime("%Y-%m")
        writer.writerow((TABLES[number % 3], release.line, month, maker.github, maker.hub, maker.github, ""))
    writer.writerows(TRAPS)
    files = {
        "models.derived.csv": out.getvalue(),
        "docs/changelog.md": _changelog(world),
    }
    return {path: Written(text.encode(), OBSERVED) for path, text in files.items()}


def _changelog(world: World) -> str:
    """Entries newest first, in some months none."""
    rng = world.rng("chinese_pretrained_models/changelog")
    lines = ["# 更新日志", "", "> 项目更新历史记录", ""]
    for month in reversed(months(date(2020, 11, 1), OBSERVED)):
        if rng.random() < 0.85:
            lines.append(
                f"- {month:%Y.%m}.{int(rng.integers(1, 29)):02d} 增加[Qwen2,ChatTTS](#Chat-LLM)、[Yi-1.5]"
            )
    return "\n".join([*lines, ""])
