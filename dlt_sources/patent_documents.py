"""US patent documents in the office's XML (Red Book, 2005 on): what one document says.

Shared by the sources that read such documents. A document's country is that of its applicants where they
are organisations, else of its assignees, else of the persons who applied: from December 2012 a company
applies itself, before that it is an assignee, and a reading of assignees alone would see companies vanish.
Names and addresses of persons are not taken. Full text is read for words and model names, and not kept.
Not here: how a week's documents stand in one file (``uspto_patents``), which patents are counted (dbt).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

import pyarrow as pa

from dlt_sources.documents import DocumentError
from dlt_sources.markup import tree, words

KINDS = {"us-patent-grant": "grant", "us-patent-application": "application"}
SEQUENCES = "sequence-cwu"  # lists of genes that stand between grants under the number of the one before
OLD = {"PATDOC": "2001 to 2004", "patent-application-publication": "2001 to 2004"}
COUNTRY = re.compile(r"[A-Z]{2}")  # the office writes "unknown" and "omitted" too
DAY = re.compile(r"(\d{4})(\d\d)(\d\d)")
PARTS = ("title", "abstract", "claims", "description")
SHORT_PARTS = PARTS[:3]  # a description speaks of machine learning in passing
AI_WORDS = re.compile(
    r"\b(?:artificial intelligence|machine[- ]learn\w*|deep[- ]learning|neural net\w*|language models?"
    r"|(?:un|semi|self)?[- ]?supervised (?:learn|train|classif)\w*|reinforcement learning"
    r"|support vector machines?|natural language (?:process|understand|generat)\w*|generative models?"
    r"|computer vision|(?:image|pattern|face|facial|object|gesture|character|handwriting|speech) recogni\w*"
    r"|learning (?:algorithm|model|machine|module|engine|system)s?|trained (?:model|classifier|network)s?"
    r"|training (?:data|set|sample|example|image|corpus)\w*|decision trees?|random forests?)\b",
    re.IGNORECASE,
)
TITLE_LIMIT = 1_000  # characters

DOCUMENTS = pa.schema(
    [
        pa.field("number", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("application_type", pa.string()),
        pa.field("filed", pa.date32()),
        pa.field("published", pa.date32(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("subclasses", pa.string()),
        pa.field("countries", pa.string()),
        pa.field("country_from", pa.string()),
        pa.field("is_g06n", pa.bool_(), nullable=False),
        pa.field("has_ai_words", pa.bool_(), nullable=False),
    ]
)


class Patent(NamedTuple):
    """One document. Days are ISO days or null; ``countries`` and ``subclasses`` sorted, joined by ``;``."""

    number: str | None
    kind: str
    application_type: str | None
    filed: str | None
    published: str | None
    title: str | None
    subclasses: str | None
    countries: str | None
    country_from: str | None
    is_g06n: bool
    has_ai_words: bool
    texts: tuple[str | None, ...]  # by ``PARTS``


def patent(data: bytes) -> Patent | None:
    """What one document says; None of a list of sequences, which is part of another.

    Raises:
        DocumentError: no XML, or of another layout.
    """
    root = tree(data)
    if root.tag == SEQUENCES:
        return None
    if root.tag in OLD:
        raise DocumentError(f"a document in the layout of {OLD[root.tag]}, expected one of 2005 or later")
    kind = KINDS.get(root.tag)
    record = None if kind is None else root.find(f"us-bibliographic-data-{kind}")
    if kind is None or record is None:
        raise DocumentError(f"root {root.tag!r}, expected {' or '.join(KINDS)} with bibliographic data")
    texts = (
        words(record.find("invention-title")),
        words(root.find("abstract")),
        words(root.find("claims")),
        words(root.find("description")),
    )
    application = record.find("application-reference")
    subclasses, (countries, country_from) = _subclasses(record), _countries(record)
    return Patent(
        number=_number(record.findtext("publication-reference/document-id/doc-number")),
        kind=kind,
        application_type=None if application is None else application.get("appl-type"),
        filed=_day(record.findtext("application-reference/document-id/date")),
        published=_day(record.findtext("publication-reference/document-id/date")),
        title=texts[0][:TITLE_LIMIT] if texts[0] else None,
        subclasses=";".join(subclasses) or None,
        countries=";".join(countries) or None,
        country_from=country_from,
        is_g06n="G06N" in subclasses,
        has_ai_words=has_ai_words(texts[: len(SHORT_PARTS)]),
        texts=texts,
    )


def has_ai_words(texts: Iterable[str | None]) -> bool:
    """A text speaks of artificial intelligence or of a method that is.

    >>> has_ai_words(["Tilt latch", None]), has_ai_words(["Training a Neural Network"])
    (False, True)
    """
    return any(text and AI_WORDS.search(text) for text in texts)


def document_table(patents: Sequence[Patent]) -> pa.Table:
    """Rows of ``DOCUMENTS`` whose days are still to be judged, and the texts of ``PARTS``, not to be kept."""
    rows = [patent._asdict() | dict(zip(PARTS, patent.texts, strict=True)) for patent in patents]
    fields = [f if pa.types.is_boolean(f.type) else pa.field(f.name, pa.string()) for f in DOCUMENTS]
    return pa.Table.from_pylist(rows, pa.schema([*fields, *(pa.field(p, pa.string()) for p in PARTS[1:])]))


def normal_number(number: str) -> str:
    """A publication's number as all lists of it can write it: without zeros in front and kind behind.

    >>> normal_number("06859910"), normal_number("D0701016"), normal_number("US7070215B2")
    ('US6859910', 'USD701016', 'US7070215')
    """
    match = re.fullmatch(r"(?:US)?([A-Z]{0,2})0*(\d+)(?:[A-Z]\d?)?", number.strip())
    return f"US{match[1]}{match[2]}" if match else number.strip()


def _number(text: str | None) -> str | None:
    return normal_number(text) if text else None


def _day(text: str | None) -> str | None:
    """20240110 as 2024-01-10; what is no such day stays as it is, to be refused with its reason."""
    match = DAY.fullmatch(text.strip()) if text else None
    return "-".join(match.groups()) if match else text


def _subclasses(record: Element) -> list[str]:
    """CPC and, of documents before it, IPC."""
    found = {
        "".join(one.findtext(name) or "" for name in ("section", "class", "subclass"))
        for path in ("classifications-cpc//classification-cpc", "classifications-ipcr/classification-ipcr")
        for one in record.findall(path)
    }
    whole = record.findall("classification-ipc/*")  # "G06F015/00" in the layout of 2005
    found |= {(one.text or "")[:4] for one in whole if one.tag.endswith("classification")}
    return sorted(code for code in found if re.fullmatch(r"[A-HY]\d\d[A-Z]", code))


def _countries(record: Element) -> tuple[list[str], str | None]:
    """Countries of the first of three kinds of parties that states any, and which kind it was."""
    applicants = [*record.iterfind("us-parties/us-applicants/us-applicant")]
    applicants += record.iterfind("parties/applicants/applicant")
    organisations = [a for a in applicants if a.find("addressbook/orgname") is not None]
    parties = {
        "applicant": organisations,
        "assignee": record.findall("assignees/assignee"),
        "applicant_inventor": [a for a in applicants if a not in organisations],
    }
    for kind, members in parties.items():
        found = {code for member in members for code in _country_of(member)}
        if found:
            return sorted(found), kind
    return [], None


def _country_of(party: Element) -> Iterator[str]:
    for path in ("addressbook/address/country", "residence/country"):
        code = (party.findtext(path) or "").strip()
        if COUNTRY.fullmatch(code):
            yield code
            return
