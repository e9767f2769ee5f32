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
    snapshot: Snapshot,
    file: File,
    names: tuple[str, ...],
    read: Callable[[BinaryIO], Tables],
    given: str = "",
) -> Tables:
    """The tables of these names that ``read`` makes of a file, made once.

    ``given`` says what else they are made of: kept tables of another value are read anew.
    """
    known = _READ.setdefault(snapshot, {})
    if file.path not in known:
        with snapshot.opened(file) as content:
            folder = snapshot.kept
            places = {name: _path(folder, file, name, given) for name in names} if folder else {}
            known[file.path] = _from_disk(places) or _made(places, read(content))
    return known[file.path]


def _from_disk(places: Mapping[str, Path]) -> Tables | None:
    try:
        return {name: _table(path) for name, path in places.items()}
    except (OSError, pa.ArrowInvalid):  # never kept, or half of it is gone
        return None


def _table(path: Path) -> pa.Table:
    with pa.ipc.open_file(path.read_bytes()) as content:
        return content.read_all()


def _made(places: Mapping[str, Path], tables: Tables) -> Tables:
    for name, path in places.items():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, tables[name].schema) as out:
            out.write_table(tables[name])
        write_atomically(path, sink.getvalue().to_pybytes())
    return tables


def _path(folder: Path, file: File, name: str, given: str) -> Path:
    key = hashlib.sha256(f"{file.path}\n{file.sha256}\n{given}".encode()).hexdigest()  # rows name their file
    return folder / f"{key}.{name}.arrow"
