"""AGORA's full texts on Zenodo: every text of the newest version, in place of the last version's.

They lie in the same ``agora.zip`` as the tables, one file a document under its number. A text that did not
change keeps the day of the version that brought it. Texts that a version no longer has are kept: what was
read of them was said. ETO's terms forbid redistribution: what is fetched stays in the user's own archive.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator
from datetime import date

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError
from dlt_sources.fetch.service import Bounds, DaySpan, FetchCost, Part, Service
from dlt_sources.fetch.services.agora_policy import CONCEPT, DEPOSIT, FOLDER, ZIP_BYTES
from dlt_sources.fetch.zenodo import ZENODO_LIMITS, newest_deposit

TEXT = re.compile(rf"{FOLDER}/(fulltext/[0-9]+\.txt)")
ANY = Bounds(0.0, float("inf"))  # a bill is rewritten at will


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    deposit = newest_deposit(session, CONCEPT, DEPOSIT)
    if deposit.day not in span:
        return
    with zipfile.ZipFile(deposit.bring(session)) as packed:
        names = [name for name in sorted(packed.namelist()) if TEXT.fullmatch(name)]
    if not names:
        raise FetchError(
            f"fetch: agora_fulltext: record {deposit.record} of Zenodo has no {FOLDER}/fulltext/<number>.txt"
            "; look whether the publisher renamed them"
        )
    for name in names:
        yield Part(
            name.removeprefix(f"{FOLDER}/"),
            deposit.member(name),
            url=deposit.url,
            observed=deposit.day,
            note=f"Zenodo record {deposit.record}",
            version=str(deposit.day),
            is_final=False,
            bounds=ANY,
        )


def _estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
    return FetchCost(2, ZIP_BYTES)


SERVICE = Service(
    source="agora_fulltext",
    title="Full texts of AGORA's documents",
    parts=_parts,
    estimate=_estimate,
    since=date(2024, 10, 3),
    cadence="0 7 3 * *",
    licence="ETO terms of use: citation required, no redistribution",
    attribution="Emerging Technology Observatory, AGORA dataset, full texts",
    homepage=f"https://zenodo.org/records/{CONCEPT}",
    **ZENODO_LIMITS,
)
