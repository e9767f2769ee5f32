"""Simulated posts on Federal Register documents: months that were never searched, documents posted twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from dlt_sources.sample.bis_documents import rules_of_bis
from dlt_sources.sample.world import World, Written, months

NEVER_SEARCHED = (
    (date(2019, 1, 1), date(2019, 12, 31)),
    (date(2020, 5, 1), date(2020, 12, 31)),
    (date(2021, 6, 1), date(2021, 12, 31)),
    (date(2024, 6, 1), date(2024, 12, 31)),
    (date(2025, 5, 1), date(2025, 6, 30)),
    (date(2026, 2, 6), date(2026, 12, 31)),
)
MINED = "2026-02-05 19:08:05 +0000"
OTHERS = (
    "Request for Information on \\“Trustworthy\\” Artificial Intelligence",
    "Notice of Receipt of Complaint: Certain Semiconductor Devices",
    "National Artificial Intelligence Advisory Committee: Funding and Workforce",
    "Technical Standards for Artificial Intelligence and Their Development",
)


def write(world: World) -> Mapping[str, Written]:
    rng = world.rng("federal_register_posts")
    files = {}
    for place, (number, day, title) in enumerate(sorted(_documents(world))):
        copies = 3 if place % 40 == 7 else 1  # mined again, under another name
        abstract = place % 9 != 4
        for _ in range(copies):
            stamp = f"{day.isoformat()}-19-08-02-{number}-{int(rng.integers(16**6)):06x}"
            files[f"posts/{stamp}.md"] = Written(_post(number, day, title, abstract).encode())
    return files


def _documents(world: World) -> Iterator[tuple[str, date, str]]:
    rng = world.rng("federal_register_posts/documents")
    for number, day, title in rules_of_bis(world):
        if _is_searched(day) and rng.random() < 0.97:
            yield number, day, title
    for month in months(date(2020, 1, 1), date(2026, 1, 31)):
        for place in range(int(rng.integers(2, 5))):
            day = month + timedelta(days=int(rng.integers(27)))
            if _is_searched(day):
                yield f"{day:%Y}-{day:%j}{place:02}", day, OTHERS[rng.integers(len(OTHERS))]


def _is_searched(day: date) -> bool:
    return not any(first <= day <= last for first, last in NEVER_SEARCHED)


def _post(number: str, day: date, title: str, has_abstract: bool) -> str:
    quoted = json.dumps(title, ensure_ascii=False)
    address = f"https://www.federalregister.gov/documents/{day:%Y/%m/%d}/{number}/simulated"
    abstract = (
        f"In this document, simulated, {title}\n concerns the office."
        if has_abstract
        else "No summary provided."
    )
    return (
        f"---\nlayout: post\ntitle: {quoted}\ndate: {MINED}\ncategories: breaking-news\n"
        "source: federal_register\nsource_name: Federal Register\nauthor: a simulated agent\n"
        f"item_id: federal_register:{number}\noriginal_published: {day.isoformat()} 00:00:00 +0000\n"
        f"significance: 8.00\n---\n\n# {title}\n\n**Document Number:** {number}\n\n"
        f"## Summary\n\n{abstract}\n\n"
        f"## Sources\n\n- Primary source: [Federal Register]({address})\n"
        f"- API: https://www.federalregister.gov/api/v1/documents/{number}\n\n## Context\n\n*Simulated.*\n"
    )
