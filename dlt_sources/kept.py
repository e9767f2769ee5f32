"""What was read of a large file, kept by the file's name and hash: a new week reads no old one again.

The folder is given by who runs the load (``Snapshot.kept``), and is of one version of the code that reads;
where there is none, nothing is kept. A file that was kept is still checked against its manifest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO
from weakref import WeakKeyDictionary

import pyarrow as pa
import pyarrow.ipc

from dlt_sources.archive import File, Snapshot
from dlt_sources.atomic import write_atomically

Tables = Mapping[str, pa.Table]
# of the snapshot that is being loaded, whose tables share one reading; gone with it
_READ: WeakKeyDictionary[Snapshot, dict[str, Tables]] = WeakKeyDictionary()


def kept(
    snapshot: Snapshot, file: File, names: tuple[str, ...], read: Callable[[BinaryIO], Tables]
) -> Tables:
    """The tables of these names that ``read`` makes of a file, made once."""
    known = _READ.setdefault(snapshot, {})
    if file.path not in known:
        with snapshot.opened(file) as content:
            known[file.path] = _from_disk(snapshot.kept, file, names) or _made(
                snapshot.kept, file, read(content)
            )
    return known[file.path]


def _from_disk(folder: Path | None, file: File, names: tuple[str, ...]) -> Tables | None:
    if folder is None:
        return None
    try:
        return {name: _table(_path(folder, file, name)) for name in names}
    except (OSError, pa.ArrowInvalid):  # never kept, or half of it is gone
        return None


def _table(path: Path) -> pa.Table:
    with pa.ipc.open_file(path.read_bytes()) as content:
        return content.read_all()


def _made(folder: Path | None, file: File, tables: Tables) -> Tables:
    if folder is not None:
        for name, table in tables.items():
            sink = pa.BufferOutputStream()
            with pa.ipc.new_file(sink, table.schema) as out:
                out.write_table(table)
            write_atomically(_path(folder, file, name), sink.getvalue().to_pybytes())
    return tables


def _path(folder: Path, file: File, name: str) -> Path:
    key = hashlib.sha256(f"{file.path}\n{file.sha256}".encode()).hexdigest()  # rows name their file
    return folder / f"{key}.{name}.arrow"
