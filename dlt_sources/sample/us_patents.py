"""Simulated patents at hand: a search result of one day, a labelled set and documents in the office's XML.

Planted beside them: escaped characters in names, titles that do not say that they are about AI, labels that
words do not find and words without the label, characters of an absent DTD, zeros in front of numbers, a
country that is unknown, a company that applies itself and one that is an assignee behind persons.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, timedelta
from io import StringIO

from dlt_sources.sample.patent_texts import applicants, company, document, person
from dlt_sources.sample.world import World, Written

PUBLISHED = date(2024, 10, 10)
FOUND, LABELLED = 60, 200
SUBJECTS = (
    ("Guard Periods Between Symbols", "ACME WIRELESS LLC"),
    ("Machine Learning Based Defect Examination", "Simulated Materials Ltd."),
    ("Training a Neural Network on Images", "AB&amp;C Intellectual Property I, L.P."),
    ("Fine-Tuning a LLaMA Language Model", "Simulated Software Inc."),
    ("Submersible Pump with a Ball Valve", "SIMULATED OIL COMPANY"),
)
AI_TEXT = "a method in which a neural network is trained on labelled records"
HIDDEN_AI_TEXT = "a method in which images of parts are judged by what was seen before"
OTHER_TEXT = "a tilt latch for use on a double hung window"
HEADER = "ID,Source,Date Published,Pages,Title,Inventer,Filing Date,Applicant Name,Patent Number,Relevency"


def write(world: World) -> Mapping[str, Written]:
    samples = {f"uspto_samples/xml2014/{n}.xml": Written(text.encode()) for n, text in _documents().items()}
    return {
        "ppubs_export/ai_patents.csv": _found(world),
        "ai_classification/4K_Patents_AI_20p.csv": _labelled(world),
        **samples,
    }


def _found(world: World) -> Written:
    rng = world.rng("us_patents/found")
    rows = []
    for n in range(1, FOUND + 1):
        title, applicant = SUBJECTS[rng.integers(len(SUBJECTS))]
        filed = PUBLISHED - timedelta(int(rng.integers(110, 560)))
        names = [n, "US-PGPUB", PUBLISHED, 20, title.upper(), "SIMULATED; Person et al.", filed, applicant]
        rows.append([*names, 20240330000 + n, 4.0])
    return _csv(HEADER.split(","), rows)


def _labelled(world: World) -> Written:
    rng = world.rng("us_patents/labelled")
    rows = []
    for n in range(LABELLED):
        is_ai = n % 5 == 0
        text = OTHER_TEXT
        if is_ai:
            text = AI_TEXT if rng.random() < 0.5 else HIDDEN_AI_TEXT
        rows.append([n, f"US{7_000_000 + n}B2", int(is_ai), text, "G0", int(rng.integers(1981, 2019))])
    rows[1][3] = AI_TEXT  # words without the label
    return _csv(["", "app number", "actual", "abstract", "ipc c", "application year"], rows)


def _documents() -> dict[str, str]:
    filed, published = date(2012, 10, 9), date(2015, 1, 6)
    assigned = (
        f"<parties><applicants>{person('applicant', 'US')}</applicants></parties>"
        f"<assignees>{company('assignee', 'CN')}</assignees>"
    )
    persons = [person("us-applicant", country) for country in ("US", "unknown")]
    return {
        "US08900001": document(
            "grant", "08900001", filed, published, assigned, title="Trained judgment", subclass="N",
            abstract=f"It is {AI_TEXT}.", description="So said &ldquo;one&rdquo; of skill in the art.",
        ),
        "US08900002": document(
            "grant", "08900002", filed, published, applicants(company("us-applicant", "JP")),
            title="A latch", subclass="F", abstract=OTHER_TEXT,
        ),
        "US08900003": document(
            "grant", "08900003", filed, published, applicants(*persons),
            title="A pump", subclass="F", abstract="A pump.",
        ),
    }  # fmt: skip


def _csv(header: list[str], rows: list[list[object]]) -> Written:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return Written(text.getvalue().encode())
