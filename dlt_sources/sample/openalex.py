"""Simulated OpenAlex: one pull of works on arXiv by month, with sets of countries and the field by country.

Planted beside them: works of several countries, works without any, companies of another country than the
authors', a work without an arXiv id, days of publication on 1 January, and months that are still filling up.
No effect is planted.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from dlt_sources.sample.paper_titles import FIRST_ARXIV_MONTH
from dlt_sources.sample.world import LAST, World, Written, months

PULL = "2026-07"
WEIGHTS = {
    "CN": 0.3, "US": 0.28, "GB": 0.06, "DE": 0.06, "IN": 0.05, "KR": 0.04, "JP": 0.04, "FR": 0.03, "CA": 0.03,
    "SG": 0.02, "AU": 0.02, "HK": 0.02, "CH": 0.02, "IL": 0.01, "NL": 0.01, "TW": 0.01,
}  # fmt: skip
FILLING = {1: 0.4, 2: 0.6, 3: 0.8}  # share of the last months' works that is there when it is pulled


def write(world: World) -> Mapping[str, Written]:
    """``works/<month>/pulled-<month>.jsonl.gz`` and ``countries/…``."""
    rng, files = world.rng("openalex"), dict[str, Written]()
    starts = months(FIRST_ARXIV_MONTH, LAST)
    for index, month in enumerate(starts):
        number = int((28 + index // 2) * FILLING.get(len(starts) - index, 1.0))
        works = [_work(rng, month, n) for n in range(1, number + 1)]
        files[f"works/{month:%Y-%m}/pulled-{PULL}.jsonl.gz"] = _lines(works)
        field = {code: int(rng.poisson(9_000 * share)) for code, share in WEIGHTS.items()}
        groups = [{"country": c, "key": c, "works": n} for c, n in field.items()]
        groups.append({"country": "ZZ", "key": "UNKNOWN", "works": int(rng.poisson(4_000))})
        files[f"countries/{month:%Y-%m}/pulled-{PULL}.jsonl.gz"] = _lines(groups)
    return files


def _work(rng: np.random.Generator, month: date, n: int) -> dict[str, Any]:
    codes, weights = list(WEIGHTS), np.array(list(WEIGHTS.values()))
    size = 0 if rng.random() < 0.25 else 1 + int(rng.random() < 0.3)
    countries = sorted(rng.choice(codes, size=size, replace=False, p=weights / weights.sum()))
    company = [str(rng.choice(["US", "CN", "ZZ"], p=[0.6, 0.3, 0.1]))] if size and rng.random() < 0.2 else []
    authors = 1 + int(rng.integers(8))
    day = month if month.month == 1 and n % 4 == 0 else month + timedelta(days=n % 28)
    return {
        "id": f"W{month:%y%m}{n:04d}",
        "arxiv_id": None if n == 5 else f"{month:%y%m}.{n:05d}",
        "publication_date": f"{day}",
        "type": "preprint" if n % 3 else "article",
        "topic": ("T10028", "T10181", "T12026")[n % 3],
        "countries": ";".join(countries),
        "company_countries": ";".join(company),
        "authors": authors,
        "authors_without_country": authors if not size else int(rng.integers(authors)),
    }


def _lines(records: Iterable[Mapping[str, Any]]) -> Written:
    lines = (json.dumps(record, sort_keys=True, separators=(",", ":")) for record in records)
    return Written(gzip.compress(("\n".join([*lines, ""])).encode(), 1, mtime=0))
