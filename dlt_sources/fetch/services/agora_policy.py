"""AGORA on Zenodo: tables of the newest version of its record, as a snapshot dated by its publication.

The record holds one ``agora.zip``, whose MD5 is checked; its ``documents.csv`` and ``authorities.csv`` are
taken together. ETO's terms forbid redistribution: what is fetched stays in the user's own archive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.service import Bounds, DaySpan, FetchCost, Part, Service
from dlt_sources.fetch.zenodo import ZENODO_LIMITS, newest_deposit

CONCEPT = 13883066  # of all versions
DEPOSIT = "agora.zip"
FOLDER = "agora"
FILES = ("documents.csv", "authorities.csv")
GROWTH = Bounds(0.9, 3.0)  # documents are added by hand and seldom taken back
ZIP_BYTES = 25_000_000


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    deposit = newest_deposit(session, CONCEPT, DEPOSIT)
    if deposit.day not in span:
        return
    for name in FILES:
        yield Part(
            f"{deposit.day}/{name}",
            deposit.member(f"{FOLDER}/{name}"),
            url=deposit.url,
            observed=deposit.day,
            note=f"Zenodo record {deposit.record}, {DEPOSIT}, md5 {deposit.md5}",
            version=str(deposit.day),
            bounds=GROWTH,
        )


def _estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
    """At most one version; whether there is a new one is known only when it is asked."""
    return FetchCost(2, ZIP_BYTES)


SERVICE = Service(
    source="agora_policy",
    title="AGORA: AI laws, policies and standards",
    parts=_parts,
    estimate=_estimate,
    since=date(2024, 10, 3),
    cadence="0 7 3 * *",
    licence="ETO terms of use: citation required, no redistribution",
    attribution="Emerging Technology Observatory, AGORA dataset (eto.tech/dataset-docs/agora-dataset)",
    homepage=f"https://zenodo.org/records/{CONCEPT}",
    **ZENODO_LIMITS,
)
