"""Simulated patent documents in the office's XML, as two sources' writers lay them out in files."""

from __future__ import annotations

from datetime import date

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE us-patent-{kind} SYSTEM "us-patent-{kind}-v45-2014-04-03.dtd" [ ]>
<us-patent-{kind} lang="EN" dtd-version="v4.5 2014-04-03" country="US">
<us-bibliographic-data-{kind}>
<publication-reference><document-id><country>US</country><doc-number>{number}</doc-number>
<date>{published:%Y%m%d}</date></document-id></publication-reference>
<application-reference appl-type="utility"><document-id><country>US</country>
<date>{filed:%Y%m%d}</date></document-id></application-reference>
<classifications-cpc><main-cpc><classification-cpc><section>G</section><class>06</class>
<subclass>{subclass}</subclass></classification-cpc></main-cpc></classifications-cpc>
<invention-title id="d1">{title}</invention-title>
{parties}
</us-bibliographic-data-{kind}>
<abstract id="abstract"><p>{abstract}</p></abstract>
<description id="description"><p>{description}</p></description>
<claims><claim id="c1"><claim-text>1. A method, comprising a step.</claim-text></claim></claims>
</us-patent-{kind}>
"""
ADDRESS = "<address><city>Somewhere</city><country>{country}</country></address>"


def document(
    kind: str,
    number: str,
    filed: date,
    published: date,
    parties: str,
    *,
    title: str,
    subclass: str,
    abstract: str,
    description: str = "As said.",
) -> str:
    """One grant or application; ``parties`` is XML."""
    return DOCUMENT.format(
        kind=kind,
        number=number,
        filed=filed,
        published=published,
        parties=parties,
        title=title,
        subclass=subclass,
        abstract=abstract,
        description=description,
    )


def applicants(*members: str) -> str:
    """Parties since December 2012."""
    return f"<us-parties><us-applicants>{''.join(members)}</us-applicants></us-parties>"


def company(tag: str, country: str) -> str:
    """An organisation as applicant or assignee."""
    address = ADDRESS.format(country=country)
    return f"<{tag}><addressbook><orgname>Simulated Lab</orgname>{address}</addressbook></{tag}>"


def person(tag: str, country: str) -> str:
    """An inventor who applies."""
    address = ADDRESS.format(country=country)
    return f"<{tag}><addressbook><last-name>SIMULATED</last-name>{address}</addressbook></{tag}>"
