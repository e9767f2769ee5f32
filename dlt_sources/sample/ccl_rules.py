"""Simulated rules that amend the Commerce Control List, months without one, and dated texts of entries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta

from dlt_sources.sample.bis_documents import rules_of_bis
from dlt_sources.sample.world import World, Written

KNOWN_ON = date(2025, 10, 2)
BEFORE = [date(1996, 1, 25), *(date(2014 + n // 2, 2 + 5 * (n % 2), 11) for n in range(10))]
TEXTS = {  # entry: change dates of the list with the text from then on; most repeat the one before
    "3A090.A": {
        "2023-01-17": "processors of 4800 TOPS or more",
        "2023-02-24": "processors of 4800 TOPS or more",
        "2023-11-17": "a total processing performance of 4800 or more",
        "2024-12-02": "a total processing performance of 4800 or more",
    },
    "4A090.A": {"2023-01-17": "computers with 3A090", "2024-04-04": "computers, assemblies and components"},
    "3A090.C": {"2024-12-23": "high bandwidth memory", "2025-01-16": "high-bandwidth memory"},
}


def write(world: World) -> Mapping[str, Written]:
    rng = world.rng("ccl_rules")
    rules = [(f"{day:%y}-{300 + n}", day, "Simulated revision of the list") for n, day in enumerate(BEFORE)]
    rules += [rule for rule in rules_of_bis(world) if rule[1] <= KNOWN_ON and rng.random() < 0.25]
    package = world.announced("bis-hbm-sme-package-2024-12-02")
    rules.append(("2024-99999", package + timedelta(days=3), "Advanced computing: simulated package"))
    documents = [_rule(*rule, delay=int(rng.choice([-3, 0, 0, 30]))) for rule in sorted(rules, reverse=True)]
    listing = {
        "generatedAt": f"{KNOWN_ON.isoformat()}T17:31:26.509Z",
        "supplements": ["1", "5", "6", "7"],
        "documentCount": len(documents),
        "documents": documents,
    }
    files = {"data/federal-register-documents.json": _written(listing)}
    for entry, versions in TEXTS.items():
        history = {
            "eccn": entry,
            "normalized": entry,
            "history": [{"version": v, "heading": text, "text": text} for v, text in versions.items()],
        }
        files[f"data/history/{entry}.json"] = _written(history)
    return files


def _written(content: object) -> Written:
    return Written(json.dumps(content, indent=2).encode(), observed=KNOWN_ON)


def _rule(number: str, day: date, title: str, delay: int) -> dict[str, object]:
    return {
        "documentNumber": number,
        "title": title,
        "htmlUrl": f"https://www.federalregister.gov/documents/{day:%Y/%m/%d}/{number}/simulated",
        "publicationDate": day.isoformat(),
        "effectiveOn": (day + timedelta(days=delay)).isoformat(),
        "type": "Rule",
        "action": None if number.startswith("9") else "Final rule.",
        "signingDate": None,
        "supplements": ["1", "5"] if delay else ["1"],
        "agencies": ["Commerce Department", "Industry and Security Bureau"],
        "citation": None,
        "docketIds": [],
        "cfrReferences": [],
    }
