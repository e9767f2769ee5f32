"""Records of a service as ``chokepoint fetch`` keeps them: one JSON object a line, in columns of one kind."""

from __future__ import annotations

from io import BytesIO

import pyarrow as pa
import pyarrow.json as pa_json

from dlt_sources.archive import ArchiveError, File, Snapshot
from dlt_sources.tables import with_position


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
