"""What the classifier of model names costs and how right it is, a plain alternation of ``re`` beside it.

Texts are documents of 100,000 characters, this repository's own prose with a labelled sentence after every
hundredth line, as model names stand in policy documents and patents; and the labelled sentences alone, of
which every one holds a name or something that looks like one: the worst case. Speed in MB a second, one core.
"""

from __future__ import annotations

import csv
import random
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa

from benchmarks import printed
from dlt_sources.model_names import RULES, mentions

ROOT = Path(__file__).parents[1]
LABELLED = ROOT / "tests" / "dlt_sources"
RUNS = 5
DOCUMENT = 100_000


def main() -> None:
    printed.setting(["pyarrow"])
    rows = [row for name in ("mention_examples", "mention_sentences") for row in _rows(f"{name}.csv")]
    titles = [row["text"] for row in rows]
    few = _documents(rows, megabytes=20)
    printed.header("MB of text a second, one core", "texts")
    for label, texts in (("documents", few), ("titles", _titles(rows)), ("labelled sentences", titles * 20)):
        column = pa.array(texts)
        printed.row(
            f"classifier, {label}", _speeds(texts, lambda column=column: mentions(column)), f"{len(texts)}"
        )
    plain = re.compile("|".join(f"(?:{row['pattern']})" for row in _rules()), re.ASCII)
    some = few[:10]
    printed.row(
        "plain re, documents, no context rules",
        _speeds(some, lambda: [plain.findall(text) for text in some]),
        f"{len(some)}",
    )
    print(f"\n{'labelled texts':<{printed.LABEL}} {'texts':>8} {'precise':>8} {'recall':>8}")
    for part in ("examples", "tuning", "held_out"):
        chosen = [row for row in rows if row.get("part", "examples") == part]
        precision, recall = _judged(chosen)
        print(f"{part:<{printed.LABEL}} {len(chosen):8} {precision:8.3f} {recall:8.3f}")


def _rows(name: str) -> list[dict[str, str]]:
    with (LABELLED / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _rules() -> list[dict[str, str]]:
    with RULES.open(encoding="utf-8", newline="") as lines:
        # flags may stand at the start of a whole expression only
        return [
            row | {"pattern": re.sub(r"^\(\?i\)(.*)$", r"(?i:\1)", row["pattern"])}
            for row in csv.DictReader(lines)
        ]


def _documents(rows: Sequence[dict[str, str]], megabytes: int) -> list[str]:
    rng = random.Random(15)
    prose = [
        line
        for path in sorted((ROOT / "docs").rglob("*.md"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line
    ]
    length = sum(map(len, prose)) // len(prose) + 1
    return [
        "\n".join(
            rng.choice(rows)["text"] if number % 100 == 0 else rng.choice(prose)
            for number in range(DOCUMENT // length)
        )
        for _ in range(megabytes * 1_000_000 // DOCUMENT)
    ]


def _titles(rows: Sequence[dict[str, str]]) -> list[str]:
    """Short texts, of which one in a hundred is labelled, as in lists of papers."""
    rng = random.Random(16)
    prose = [line for text in _documents(rows, 2) for line in text.splitlines()]
    return [rng.choice(rows)["text"] if number % 100 == 0 else rng.choice(prose) for number in range(100_000)]


def _speeds(texts: Sequence[str], work: Callable[[], object]) -> list[float]:
    size = sum(len(text.encode()) for text in texts) / 1e6
    speeds = []
    for _ in range(RUNS):
        start = time.process_time()  # what a core spends, whatever else the machine does
        work()
        speeds.append(size / (time.process_time() - start))
    return speeds


def _judged(rows: Sequence[dict[str, str]]) -> tuple[float, float]:
    """Precision and recall of (text, family) pairs."""
    found = mentions(pa.array([row["text"] for row in rows]))
    got = set(zip(found["text"].to_pylist(), found["family_id"].to_pylist(), strict=True))
    labels = {(n, family) for n, row in enumerate(rows) for family in row["families"].split(";") if family}
    right = len(got & labels)
    return right / len(got), right / len(labels)


if __name__ == "__main__":
    main()
