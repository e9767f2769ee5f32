"""Simulated weekly full text: applications of every Thursday, and four weeks of grants.

Planted beside them: lists of genes between grants, a week that was corrected, a document that is broken, one
of another office's country, publication four to eighteen months after filing, models named long after their
release and an animal of the same name.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from dlt_sources.sample.patent_texts import applicants, company, document
from dlt_sources.sample.world import World, Written, months, period_ends

FIRST, LAST = date(2021, 1, 7), date(2026, 6, 25)  # Thursdays
GRANT_WEEKS = (date(2024, 12, 31), date(2025, 1, 7), date(2025, 1, 14), date(2025, 1, 21))
LEVELS = {"US": 9.0, "CN": 6.0, "JP": 4.0, "KR": 3.0, "DE": 2.0, "TW": 1.0, "GB": 1.0}  # a month
LAG = (120, 540)  # days from filing to publication
SEQUENCES = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<sequence-cwu id="SEQLST-1"><number>1</number></sequence-cwu>'
)
AI, OTHER = "Training a neural network on records", "A tilt latch for a window"
NAMED = (
    "The encoder is a pretrained language model such as BERT.",
    "Prompts are answered by LLaMA-2-7B, a large language model.",
    "The language model is GPT-2 or T5, fine-tuned.",
    "A llama was shorn.",
)


def write(world: World) -> Mapping[str, Written]:
    rng = world.rng("uspto_patents")
    weeks: dict[date, list[str]] = {}
    for filed, country, number in _filings(world, rng):
        published = filed + timedelta(int(rng.integers(*LAG)))
        published += timedelta((3 - published.weekday()) % 7)
        if FIRST <= published <= LAST:
            weeks.setdefault(published, []).append(
                _text(rng, "application", f"{published.year}{number:07d}", filed, published, country)
            )
    thursdays = [FIRST + timedelta(7 * n) for n in range((LAST - FIRST).days // 7 + 1)]
    # some industry publishes every week
    files = {
        f"{day.year}/ipa{day:%y%m%d}.zip": _packed(f"ipa{day:%y%m%d}", weeks.get(day, [_filler(day)]))
        for day in thursdays
    }
    return files | _grants(rng)


def _filings(world: World, rng: np.random.Generator) -> list[tuple[date, str, int]]:
    """(day, country, running number) of every application: no effect of any event is planted."""
    starts = months(date(2020, 1, 1), date(2026, 3, 1))
    countries = sorted(LEVELS)
    paths = world.log_paths(
        "us_ai_patent_applications", countries, starts, period_ends(starts, 1),
        level={c: float(np.log(LEVELS[c])) for c in countries}, sd=0.05,
    )  # fmt: skip
    counts = rng.poisson(np.exp(paths))
    return [
        (start + timedelta(int(rng.integers(28))), country, 10_000 * m + 500 * c + n)
        for m, start in enumerate(starts)
        for c, country in enumerate(countries)
        for n in range(counts[c, m])
    ]


def _text(
    rng: np.random.Generator, kind: str, number: str, filed: date, published: date, country: str
) -> str:
    is_ai = rng.random() < 0.8
    named = NAMED[rng.integers(len(NAMED))] if is_ai and published.year >= 2024 and rng.random() < 0.1 else ""
    return document(
        kind, number, filed, published, applicants(company("us-applicant", country)),
        title=AI if is_ai else OTHER, subclass="N" if is_ai and rng.random() < 0.5 else "F",
        abstract=AI if is_ai else OTHER, description=named or "As said.",
    )  # fmt: skip


def _filler(day: date) -> str:
    return document(
        "application", f"{day.year}9999999", day - timedelta(LAG[1]), day, "",
        title=OTHER, subclass="F", abstract=OTHER,
    )  # fmt: skip


def _grants(rng: np.random.Generator) -> dict[str, Written]:
    files = {}
    for week, day in enumerate(GRANT_WEEKS):
        texts = [
            _text(rng, "grant", f"{12_000_000 + 100 * week + n}", day - timedelta(700), day, country)
            for n, country in enumerate([*LEVELS, "EP"])
        ]
        files[f"{day.year}/ipg{day:%y%m%d}.zip"] = _packed(f"ipg{day:%y%m%d}", [*texts, SEQUENCES])
    corrected, broken = f"ipg{GRANT_WEEKS[1]:%y%m%d}_r1", f"ipg{GRANT_WEEKS[2]:%y%m%d}"
    files[f"2025/{corrected}.zip"] = _packed(corrected, [*texts, SEQUENCES])
    files[f"2025/{broken}.zip"] = _packed(broken, [*texts, texts[0].replace("</abstract>", "")])
    return files


def _packed(name: str, texts: list[str]) -> Written:
    """A zip of one file, the same bytes on every day."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        entry = zipfile.ZipInfo(f"{name}.xml", (2026, 7, 1, 0, 0, 0))
        packed.writestr(entry, "".join(texts), zipfile.ZIP_DEFLATED, 6)
    return Written(out.getvalue())
