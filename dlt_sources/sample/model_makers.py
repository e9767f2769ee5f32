"""Makers of open models as the sample's lists of models spell them: one company of the real registry a row.

Not here: wire formats, which are each list's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from dlt_sources.sample.world import World, months


@dataclass(frozen=True)
class Maker:
    """Accounts of a maker and the word that its models begin with; ``rate`` is releases a month."""

    hub: str
    github: str
    organisation: str
    nationality: str
    word: str
    rate: float


@dataclass(frozen=True)
class SampleRelease:
    """A simulated model: ``line`` names it without size."""

    maker: Maker
    line: str
    day: date


CHINESE = (
    Maker("Qwen", "QwenLM", "Alibaba", "China", "Qwen", 1.6),
    Maker("deepseek-ai", "deepseek-ai", "DeepSeek", "China", "DeepSeek-V", 1.2),
    Maker("internlm", "InternLM", "Shanghai AI Laboratory", "China", "internlm", 1.2),
    Maker("zai-org", "zai-org", "Zhipu AI", "China", "GLM-", 1.0),
    Maker("openbmb", "OpenBMB", "Tsinghua University", "China", "MiniCPM", 1.0),
)
OTHERS = (
    Maker("meta-llama", "meta-llama", "Meta", "USA", "Llama-", 1.0),
    Maker("google", "google-deepmind", "Google", "USA", "gemma-", 1.0),
    Maker("microsoft", "microsoft", "Microsoft", "USA", "phi-", 0.8),
    Maker("mistralai", "mistralai", "Mistral AI", "USA", "Mistral-", 0.8),  # France: the list's slip
    Maker("tiiuae", "tiiuae", "Technology Innovation Institute", "UAE", "falcon", 0.4),
    Maker("upstage", "UpstageAI", "Upstage", "South Korea", "SOLAR-", 0.4),
)
NOBODY = Maker("sample-lab", "sample-lab", "Sample Lab", "unknown", "Nebula-", 1.0)  # in no registry


def releases(
    world: World, name: str, makers: Sequence[Maker], first: date, last: date, scale: float = 1.0
) -> list[SampleRelease]:
    """Releases of the makers from month to month, as one list saw them; no event moves them."""
    rng = world.rng(name)
    found = []
    for maker in makers:
        number = 0
        for month in months(first, last):
            for _ in range(int(rng.poisson(maker.rate * scale))):
                number += 1
                day = month.replace(day=1 + int(rng.integers(0, 28)))
                found.append(SampleRelease(maker, f"{maker.word}{1 + number // 10}.{number % 10}", day))
    return sorted(found, key=lambda release: (release.day, release.line))


def sizes(rng: np.random.Generator) -> list[str]:
    """One to three sizes of a release."""
    return [("1.5B", "7B", "72B")[n] for n in range(1 + int(rng.integers(0, 3)))]
