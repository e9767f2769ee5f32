"""Records of a service as ``chokepoint fetch`` keeps them: one JSON object a line, in columns of one kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO

import pyarrow as pa
import pyarrow.json as pa_json

from dlt_sources.archive import ArchiveError, File, Snapshot
from dlt_sources.tables import Reader, Rejects, stamped, with_position

OfFile = Callable[[File], Mapping[str, str]]


def json_lines(snapshot: Snapshot, file: File, data: bytes, columns: pa.Schema) -> pa.Table:
    """One file's records with their positions. A field that a record lacks is null, others are left out.

    Raises:
        ArchiveError: a line is no JSON object, or a field of it is of another kind.
    """
    options = pa_json.ParseOptions(explicit_schema=columns, unexpected_field_behavior="ignore")
    try:
        lines = pa_json.read_json(BytesIO(data), pa_json.ReadOptions(use_threads=False), options)
    except pa.ArrowInvalid as error:
        where, reason = f"archive: {snapshot.source}/{file.path}", str(error).splitlines()[0]
        raise ArchiveError(f"{where}: not JSON lines ({reason}); fetch it again") from None
    return with_position(lines.select(columns.names), file)


def json_lines_reader(glob: str, columns: pa.Schema, of_file: OfFile) -> Reader:
    """Reads a table of such files, all at once; ``of_file`` gives the columns that a file stands for.

    Days are read as text, so that one that is none is a reject.
    """
    kinds = {field.name: pa.string() if pa.types.is_date(field.type) else field.type for field in columns}

    def read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
        files = []
        for file in snapshot.matching(glob):
            stood_for = of_file(file)
            held = pa.schema([item for item in kinds.items() if item[0] not in stood_for])
            files.append(stamped(json_lines(snapshot, file, snapshot.read(file), held), **stood_for))
        if files:
            yield pa.concat_tables(files)

    return read
