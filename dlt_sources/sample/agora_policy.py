"""Simulated AGORA: one dated snapshot with byte order mark, tag flags, two dates and their slips."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from io import StringIO

import numpy as np

from dlt_sources.sample.agora_documents import DOCUMENTS, SUBJECTS
from dlt_sources.sample.world import LAST, World, Written

SNAPSHOT = LAST
NEWEST = date(2026, 6, 18)
BROKEN_COLLECTIONS = """Name,Description
executive orders,
U.S. regulations,
and agency policies,
U.S. federal laws,"AI-related federal laws, both proposed and enacted."
"U.S. regulations, executive orders, and agency policies",U.S. federal regulations.
"""
AUTHORITIES = {  # name: jurisdiction, parent, share of documents
    "United States Congress": ("United States", "Federal government", 0.60),
    "Department of Commerce": ("United States", "Federal government", 0.08),
    "California": ("United States", "State governments", 0.14),
    "Chinese central government": ("China", "", 0.08),
    "European Union": ("Multinational", "", 0.02),
    "OECD": ("Multinational", "", 0.01),
    "Government of the United Kingdom": ("Other countries", "", 0.02),
    "Government of Turkey": ("Other countries", "", 0.01),
    "Government of Singapore": ("Other countries", "", 0.01),
    "Private-sector companies": ("", "", 0.02),
    "Other authorities": ("", "", 0.01),
}
BASE_COLUMNS = (
    "AGORA ID,Official name,Casual name,Link to document,Authority,Collections,Most recent activity,"
    "Most recent activity date,Proposed date,Annotated?,Validated?,Primarily applies to the government,"
    "Primarily applies to the private sector,Short summary,Long summary,Tags,"
    "Summaries and tags may include unreviewed machine output,Official plaintext retrieved,"
    "Official plaintext source,Official plaintext unavailable/infeasible,Official pdf source,"
    "Official pdf retrieved,Number of segments created"
).split(",")
TAGS = [
    f"{group}: {tag}"
    for group, tags in {
        "Applications": "Education|Government: military and public safety|Transportation",
        "Harms": "Detrimental content|Discrimination|Harm to infrastructure",
        "Incentives": "Fines|Subsidies",
        "Risk factors": "Bias|Reliability: Robustness|Safety|Security: Cybersecurity|Transparency",
        "Strategies": "Convening|Disclosure|Disclosure: In standard form|Evaluation|"
        "Evaluation: Conformity assessment|Governance development|Government study or report|"
        "Government support|Government support: For R&D|Input controls: Compute circulation|"
        "Licensing, registration, and certification|Pilots and testbeds",
    }.items()
    for tag in tags.split("|")
]


def write(world: World) -> Mapping[str, Written]:
    rng = world.rng("agora_policy")
    authorities = list(AUTHORITIES)
    weights = np.array([share for _, _, share in AUTHORITIES.values()])
    rows = [
        _document(rng, number, authorities[rng.choice(len(authorities), p=weights / weights.sum())])
        for number in range(1, DOCUMENTS + 1)
    ]
    issuers = [(name, jurisdiction, parent) for name, (jurisdiction, parent, _) in AUTHORITIES.items()]
    parents = [("Federal government", "United States", ""), ("State governments", "United States", "")]
    return {
        f"{SNAPSHOT}/documents.csv": _csv([*BASE_COLUMNS, *TAGS], rows),
        f"{SNAPSHOT}/authorities.csv": _csv(["Name", "Jurisdiction", "Parent authority"], issuers + parents),
        f"{SNAPSHOT}/collections.csv": Written(b"\xef\xbb\xbf" + BROKEN_COLLECTIONS.encode()),
    }


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Written:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return Written(b"\xef\xbb\xbf" + out.getvalue().encode())


def _document(rng: np.random.Generator, number: int, authority: str) -> list[str]:
    first = date(2019, 6, 1) if rng.random() < 0.05 else date(2021, 1, 4)
    proposed = first + timedelta(days=int((NEWEST - first).days * rng.beta(2.0, 1.6)))
    status = ("Enacted", "Defunct", "Proposed")[rng.choice(3, p=[0.45, 0.4, 0.15])]
    activity = proposed if status == "Proposed" else min(proposed + timedelta(days=240), NEWEST)
    shown = proposed.isoformat()
    unknown = rng.random() < 0.33
    if number == 7:  # a bill that died, and when it was proposed is not known
        status, shown = "Defunct", ""
    elif number % 120 == 11:  # the two dates changed places
        shown, activity = min(proposed + timedelta(days=30), NEWEST).isoformat(), proposed
    elif status == "Enacted" and unknown:
        shown = ""
    annotated = rng.random() < 0.45
    tags = sorted(rng.choice(len(TAGS), size=int(rng.integers(1, 6)), replace=False)) if annotated else []
    subject = SUBJECTS[rng.integers(len(SUBJECTS))]
    name = f'Simulated act {number}, Section {number % 40} ("{subject}")'
    base = [
        str(1000 + number),
        name,
        f"Act {number}",
        f"https://example.org/agora/{1000 + number}",
        authority,
        "U.S. federal laws" if authority == "United States Congress" else "Miscellaneous documents",
        status,
        activity.isoformat(),
        shown,
        str(annotated).lower(),
        str(annotated and rng.random() < 0.5).lower(),
        "true",
        "false",
        f"Concerns {subject}.",
        f"Concerns {subject}.\n\nRequires a report, within 90 days.",
        # the publisher names a tag once for every segment that has it
        ";".join([TAGS[t] for t in tags] + [TAGS[t] for t in tags[:1]]),
        str(not annotated).lower(),
        activity.isoformat(),
        f"https://example.org/text/{number}",
        "false",
        "",
        "",
        "1",
    ]
    return [*base, *(str(t in tags) for t in range(len(TAGS)))]
