"""What a fetch remembers of a part that is not whole yet, so that it goes on where it was stopped.

A part's answers are kept as they came, each written at once and whole; asked again, the part's maker is given
them from here. Beside them lie the download that is under way and, once the part is whole and checked, what
the manifest will say of it. All of it goes when the part is taken; thrown away, it costs requests and nothing
else. It lies in ``<archive>/.fetch/<source>``, on the archive's own disk.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlt_sources.atomic import write_atomically
from dlt_sources.documents import DocumentError, strict_json

PLACE = ".fetch"
KEPT_FOR = 86_400.0  # seconds: a cursor expires, and a list moves on


@dataclass(frozen=True)
class Kept:
    """An answer as it came: its status, the headers that are read of it, its unpacked body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Progress:
    """One unfinished part: a folder of answers, a download, what is known of it when it is whole."""

    folder: Path

    @property
    def target(self) -> Path:
        """Where the part's bytes are made."""
        return self.folder / "whole"

    @property
    def download(self) -> Path:
        return self.folder / "download"

    def answer(self, key: str) -> Kept | None:
        """The answer to this request, if it was kept; a file that cannot be read is none."""
        with suppress(OSError, DocumentError, KeyError, TypeError):
            head, _, body = (self.folder / "answers" / key).read_bytes().partition(b"\n")
            known = strict_json(head)
            if known["sha256"] == hashlib.sha256(body).hexdigest():
                return Kept(int(known["status"]), known["headers"], body)
        return None

    def keep(self, key: str, answer: Kept) -> None:
        known = {
            "status": answer.status,
            "headers": dict(answer.headers),
            "sha256": hashlib.sha256(answer.body).hexdigest(),
        }
        write_atomically(self.folder / "answers" / key, json.dumps(known).encode() + b"\n" + answer.body)

    def recall(self, name: str) -> dict[str, Any]:
        """A small note of this part; empty where there is none."""
        with suppress(OSError, DocumentError):
            content = strict_json((self.folder / f"{name}.json").read_bytes())
            if isinstance(content, dict):
                return content
        return {}

    def note(self, name: str, content: Mapping[str, Any]) -> None:
        write_atomically(self.folder / f"{name}.json", json.dumps(content, sort_keys=True).encode())

    def has(self, name: str) -> bool:
        return (self.folder / f"{name}.json").is_file()

    def forget(self, name: str) -> None:
        (self.folder / f"{name}.json").unlink(missing_ok=True)

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def drop_if_old(self, now: float) -> None:
        """Answers of yesterday do not go together with today's."""
        answers = self.folder / "answers"
        times = [path.stat().st_mtime for path in answers.iterdir()] if answers.is_dir() else []
        if times and now - min(times) > KEPT_FOR:
            shutil.rmtree(answers, ignore_errors=True)


@dataclass(frozen=True)
class Ledger:
    """All that is remembered of a source between two fetches."""

    folder: Path

    @classmethod
    def of(cls, archive: Path, source: str) -> Ledger:
        return cls(archive / PLACE / source)

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def taken(self) -> Path:
        """The source's folder of the archive."""
        return self.folder.parents[1] / self.folder.name

    def progress(self, path: str) -> Progress:
        """That of the part that will lie at this path of the source's folder."""
        name = hashlib.sha256(path.encode()).hexdigest()[:24]
        return Progress(self.folder / "parts" / name)

    def listing(self) -> Progress:
        """Answers about what there is, asked before the parts; a fetch that is resumed sees the same list."""
        return Progress(self.folder / "listing")

    def validator(self, url: str) -> dict[str, str]:
        """ETag and date of the last version of this address that was taken."""
        found = Progress(self.folder).recall("validators").get(url)
        return found if isinstance(found, dict) else {}

    def remember_validator(self, url: str, validator: Mapping[str, str]) -> None:
        known = Progress(self.folder).recall("validators")
        Progress(self.folder).note("validators", {**known, url: dict(validator)})

    def is_first(self, has_entries: bool) -> bool:
        """Whether the source's first fetch is under way; remembered until one has ended well."""
        first = Progress(self.folder)
        if not has_entries:
            first.note("first", {})
        return first.has("first")

    def clear_finished(self) -> None:
        """After a fetch that ended well nothing is unfinished."""
        Progress(self.folder).forget("first")
        self.listing().clear()
        shutil.rmtree(self.folder / "parts", ignore_errors=True)
