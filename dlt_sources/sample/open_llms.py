"""A simulated README of open-llms: two tables of models and one of data sets.

Planted beside them: a day hidden in a comment, a model in both tables, a link to a collection before that of
the maker, a table of data sets, and an end of keeping in May 2024.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from dlt_sources.sample.model_makers import CHINESE, NOBODY, OTHERS, SampleRelease, releases
from dlt_sources.sample.world import World, Written

OBSERVED = date(2025, 2, 12)
FIRST, LAST_KEPT = date(2023, 1, 1), date(2024, 5, 31)
HEADER = (
    "| Language Model | Release Date | Checkpoints | Paper/Blog | Params (B) | Context Length | Licence "
    "| Try it |"
)
RULE = "| --- | --- | --- | --- | --- | --- | --- |---|"


def _row(release: SampleRelease, number: int) -> str:
    day = f"<!--{release.day.day:02d}-->" if number % 2 else ""
    hub = f"https://huggingface.co/{release.maker.hub}/{release.line}-7B"
    collection = "[all](https://huggingface.co/collections/x), " if number % 5 == 0 else ""
    checkpoints = f"{collection}[{release.line}-7B]({hub})"
    code = f"https://github.com/{release.maker.github}/{release.line}"
    return (
        f"| {release.line} | {release.day:%Y/%m}{day} | {checkpoints} | [code]({code}) | 7 "
        "| 4096 | [Apache 2.0](https://example.org/licence) | |"
    )


def write(world: World) -> Mapping[str, Written]:
    makers = (*CHINESE, *OTHERS, NOBODY)
    found = releases(world, "open_llms", makers, FIRST, LAST_KEPT, scale=0.5)
    rows = [_row(release, number) for number, release in enumerate(found)]
    late = releases(world, "open_llms/late", makers, date(2024, 12, 1), date(2024, 12, 31), scale=0.2)
    rows += [_row(release, 0) for release in late]
    lines = [
        "# Open LLMs", "", HEADER, RULE, *rows, "",
        "## Open LLMs for code", "", HEADER, RULE, _row(found[3], 0), "",
        "## Open LLM datasets for pre-training", "",
        "| Name | Release Date | Paper/Blog | Dataset | Tokens (T) | License |",
        "| --- | --- | --- | --- | --- | ---- |",
        "| RedPajama | 2023/04 | [blog](https://example.org) | - | 1.2 | Apache 2.0 |", "",
    ]  # fmt: skip
    return {"README.md": Written("\n".join(lines).encode(), OBSERVED)}
