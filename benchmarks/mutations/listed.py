"""A source's files as a mutation reads and writes them: plain bytes, unpacked, by path.

Not here: what is changed (``changes``), and the manifest that is made true (``trial``).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dlt_sources.archive import open_snapshot

Changes = Mapping[str, bytes | None]  # by path; None: no longer listed
Change = Callable[["Files"], Changes]


@dataclass(frozen=True)
class Files:
    """The listed files of one source in an archive."""

    root: Path
    source: str

    def paths(self, glob: str) -> list[str]:
        """Listed paths that match, oldest first where the path has a date."""
        return [file.path for file in open_snapshot(self.root, self.source).matching(glob)]

    def read(self, path: str) -> bytes:
        snapshot = open_snapshot(self.root, self.source)
        return snapshot.read(next(file for file in snapshot.files if file.path == path))

    def frame(self, path: str) -> pd.DataFrame:
        """A CSV as text, empty cells as empty text."""
        content = self.read(path).decode("utf-8-sig")
        return pd.read_csv(io.StringIO(content), dtype=str, keep_default_na=False)

    def json(self, path: str) -> Any:
        return json.loads(self.read(path))


def csv_bytes(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\n").encode()


def json_bytes(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()
