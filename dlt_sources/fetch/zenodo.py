"""What connectors to Zenodo share: the newest version of a record, and members of a zip file that it holds.

A version is immutable and dated; each of its files has an MD5. Sources: the records API, before and after
its move of 2023-10, by which only a file's address changed. It sends ``Retry-After`` with good answers too,
so that it is read of refusals alone, and counts calls down to a second since 1970.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from dlt_sources.documents import first_fault
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError
from dlt_sources.fetch.service import Make
from dlt_sources.fetch.waits import reset_at, retry_after

HOST = "zenodo.org"
API = f"https://{HOST}/api/records"
ZENODO_LIMITS: dict[str, Any] = {
    "hosts": {HOST: 1.0},  # 60 calls a minute
    "waits": (retry_after, reset_at("X-RateLimit-Remaining", "X-RateLimit-Reset")),
    "seconds_per_answer": 5.0,  # most of it the file's
}


class _Links(BaseModel):
    self: str


class _HeldFile(BaseModel):
    key: str
    size: int = Field(ge=0)
    checksum: str = Field(pattern=r"^md5:[0-9a-f]{32}$")
    links: _Links


class _Metadata(BaseModel):
    publication_date: date


class _Record(BaseModel):
    id: int
    metadata: _Metadata
    files: list[_HeldFile]


@dataclass(frozen=True)
class Deposit:
    """One file of one version of a record: its address, what the publisher says of it, and its day."""

    record: int
    day: date
    url: str
    size: int
    md5: str

    def bring(self, session: ServiceSession) -> Path:
        """The file, downloaded once a fetch and checked, and kept while the fetch is unfinished."""
        progress = session.ledger.progress(f"deposit {self.record} {self.md5}")
        if not (progress.recall("checked") and progress.target.is_file()):
            with session.keeping(progress):
                session.download(self.url, progress.target, size=self.size, md5=self.md5)
            progress.note("checked", {"md5": self.md5})
        return progress.target

    def member(self, path: str) -> Make:
        """How a member of this zip file becomes a file of the archive."""

        def make(session: ServiceSession, target: Path) -> bool:
            try:
                with zipfile.ZipFile(self.bring(session)) as packed:
                    target.write_bytes(packed.read(path))
            except KeyError:
                raise FetchError(
                    f"fetch: {session.service.source}: record {self.record} of Zenodo has no member {path}; "
                    "look whether the publisher renamed it"
                ) from None
            return True

        return make


def newest_deposit(session: ServiceSession, concept: int, name: str) -> Deposit:
    """The file of this name in the newest version of a record, by the number that all its versions share.

    Raises:
        FetchError: the answer is no record, or has no such file.
    """
    where = f"fetch: {session.service.source}: record {concept} of Zenodo"
    answer: Mapping[str, Any] = session.json(f"{API}/{concept}/versions/latest")
    try:
        record = _Record.model_validate(answer)
    except ValidationError as error:
        raise FetchError(f"{where}: {first_fault(error)}; look whether the service changed") from None
    for file in record.files:
        if file.key == name:
            md5 = file.checksum.removeprefix("md5:")
            return Deposit(record.id, record.metadata.publication_date, file.links.self, file.size, md5)
    raise FetchError(f"{where}: holds no {name}; look whether the publisher renamed it")
