"""The Federal Register's API as far as it is asked: conditions, a cap, pages behind a cursor, an echo."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from tests.servers.stand_in import Answer, Asked, json_answer

NAMES = {"industry-and-security-bureau": "Industry and Security Bureau", "epa": "Environmental Agency"}


def document(
    number: str, day: str, title: str, agency: str = "epa", text: str = "", **more: Any
) -> dict[str, Any]:
    """``text``: what a search looks through besides the title, and no answer holds."""
    return {
        "document_number": number,
        "title": title,
        "type": "Rule",
        "action": "Final rule.",
        "abstract": None,
        "agencies": [{"raw_name": "DEPARTMENT", "id": 54, "parent_id": None}, {"slug": agency, "id": 241}],
        "publication_date": day,
        "effective_on": None,
        "dates": "This rule is effective at once.",
        "citation": "99 FR 1234",
        "cfr_references": [{"chapter": None, "citation_url": None, "part": "774", "title": 15}],
        "html_url": f"https://www.federalregister.gov/documents/{day.replace('-', '/')}/{number}/x",
        "_text": text,
        **more,
    }


@dataclass
class Register:
    """``page``: documents an answer. ``cap``: what counts are cut to. ``drops``: conditions that it loses."""

    documents: Sequence[dict[str, Any]]
    page: int = 1000
    cap: int = 10_000
    drops: set[str] = field(default_factory=set)
    loses: set[str] = field(default_factory=set)  # numbers that are counted and never come

    def __call__(self, asked: Asked) -> Answer:
        query = {name: value for name, value in asked.query.items() if name not in self.drops}
        since, until = query["conditions[publication_date][gte]"], query["conditions[publication_date][lte]"]
        agency, term = query.get("conditions[agencies][]"), query.get("conditions[term]", "").strip('"')
        found = sorted(
            (
                d
                for d in self.documents
                if since <= d["publication_date"] <= until and self._has(d, agency, term)
            ),
            key=lambda d: (d["publication_date"], d["document_number"]),
        )
        said = [
            *([f"from {NAMES[agency]}"] if agency else []),
            *([f"matching '\"{term}\"'"] if term else []),
            f"published from {date.fromisoformat(since):%m/%d/%Y} to {date.fromisoformat(until):%m/%d/%Y}",
        ]
        count = min(len(found), self.cap)
        answer: dict[str, Any] = {"description": "Documents " + " and ".join(said), "count": count}
        if not found:
            return json_answer(answer)
        first = _place(query.get("search_after_cursor"))
        here = [d for d in found[first : first + self.page] if d["document_number"] not in self.loses]
        answer["results"] = [{k: v for k, v in d.items() if k != "_text"} for d in here]
        answer["total_pages"] = min(50, -(-count // self.page))
        if first + self.page < len(found):
            cursor = base64.urlsafe_b64encode(json.dumps(first + self.page).encode()).decode()
            more = urlencode({**asked.query, "format": "json", "search_after_cursor": cursor})
            answer["next_page_url"] = f"https://www.federalregister.gov/api/v1/documents?{more}"
        return json_answer(answer)

    def _has(self, document: dict[str, Any], agency: str | None, term: str) -> bool:
        if agency and agency not in {known.get("slug") for known in document["agencies"]}:
            return False
        return term.lower() in f"{document['title']} {document['abstract']} {document['_text']}".lower()


def _place(cursor: str | None) -> int:
    return int(json.loads(base64.urlsafe_b64decode(cursor))) if cursor else 0
