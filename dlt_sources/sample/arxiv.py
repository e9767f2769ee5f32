"""Simulated arXiv: records of three sets by the month of their last change, a growing number of papers.

Planted beside them: papers in two sets, records that changed and stand in two months, one that was deleted,
days of creation months after the id's, an id of the old style, families that only the abstract names, and
titles that look like a family's.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from dlt_sources.sample.paper_titles import (
    FAMILIES,
    FIRST_ARXIV_MONTH,
    LOOKALIKES,
    NAMING,
    PLAIN,
    TOPICS,
)
from dlt_sources.sample.world import LAST, World, Written, months

SETS = ("cs.AI", "cs.CL", "cs.LG")
OLD_STYLE, DELETED = "cs/0112017", 7  # a paper of 2001; every month's paper of this number is withdrawn


def write(world: World) -> Mapping[str, Written]:
    """``<set>/<month>.jsonl.gz``."""
    rng = world.rng("arxiv")
    files: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    starts = months(FIRST_ARXIV_MONTH, LAST)
    for index, month in enumerate(starts):
        for record in _papers(rng, month, 30 + index // 2 + int(rng.integers(8))):
            later = min(index + int(rng.geometric(0.5)), len(starts) - 1)
            is_revised = rng.random() < 0.2
            for category in record["categories"].split():
                files[f"{category}/{month:%Y-%m}.jsonl.gz"][record["id"]] = record
                if is_revised and later > index:
                    day = starts[later] + timedelta(days=4)
                    changed = record | {"datestamp": f"{day}", "updated": f"{day - timedelta(days=1)}"}
                    if int(record["id"][-5:]) == DELETED:
                        changed = dict.fromkeys(record) | {
                            "id": record["id"], "datestamp": f"{day}", "is_deleted": True
                        }  # fmt: skip
                    files[f"{category}/{starts[later]:%Y-%m}.jsonl.gz"][record["id"]] = changed
    old = _record(OLD_STYLE, date(2001, 12, 10), "Statistical Parsing, Revisited", "cs.CL", "")
    files[f"cs.CL/{FIRST_ARXIV_MONTH:%Y-%m}.jsonl.gz"][OLD_STYLE] = old | {
        "datestamp": f"{FIRST_ARXIV_MONTH}"
    }
    return {path: _written(records) for path, records in files.items()}


def _papers(rng: np.random.Generator, month: date, number: int) -> Iterator[dict[str, Any]]:
    """The month's new papers; a family is named in titles and twice as often in abstracts alone."""
    families = [(name, weight) for since, name, weight in FAMILIES if since <= month]
    weights = np.array([weight for _, weight in families])
    for n in range(1, number + 1):
        title = f"{PLAIN[n % len(PLAIN)].format(TOPICS[int(rng.integers(len(TOPICS)))])}, Part {n}"
        abstract = "We study what language models know."
        if n <= len(LOOKALIKES):
            title = LOOKALIKES[n - 1]
        elif rng.random() < min(0.4, 0.02 * weights.sum()):
            family = families[int(rng.choice(len(families), p=weights / weights.sum()))][0]
            if n % 3 == 0:
                title = NAMING[n % len(NAMING)].format(family)
            abstract += f" We fine-tune {family} on it."
        day = month + timedelta(days=n % 28)
        slip = timedelta(days=100) if n == 9 and month.month == 3 else timedelta()
        sets = rng.permutation(SETS)[: 1 + int(rng.random() < 0.4)]
        paper = _record(f"{month:%y%m}.{n:05d}", day, title, " ".join(sets), abstract)
        yield paper | {"created": f"{day + slip}"}


def _record(number: str, day: date, title: str, categories: str, abstract: str) -> dict[str, Any]:
    return {
        "id": number, "datestamp": f"{day}", "created": f"{day}", "updated": None, "categories": categories,
        "title": title, "abstract": abstract or None, "is_deleted": False,
    }  # fmt: skip


def _written(records: Mapping[str, Mapping[str, Any]]) -> Written:
    lines = (json.dumps(records[key], sort_keys=True, separators=(",", ":")) for key in sorted(records))
    return Written(gzip.compress(("\n".join([*lines, ""])).encode(), 1, mtime=0))
