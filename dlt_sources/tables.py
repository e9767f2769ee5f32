"""From parsed text to typed tables: declared columns, enforced, with rejects counted.

dlt checks nothing on Arrow data, so this module does: a reader yields tables of strings,
``conform`` converts each column to its declared type, and a row that does not convert goes
to the source's ``_rejected`` table with file, position, field and reason (contract, section 3).
Not here: what a file looks like (one module per source).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from pydantic import BaseModel, ValidationError

from dlt_sources.archive import ArchiveError, File, Snapshot, iter_read, local_snapshot, open_snapshot
from dlt_sources.documents import DocumentError, first_fault, strict_json
from dlt_sources.packed import USUAL, Limits

POSITION = (
    pa.field("_source_file", pa.string(), nullable=False),
    pa.field("_row", pa.int64(), nullable=False),
)
REJECTED = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("table", pa.string(), nullable=False),
        pa.field("file", pa.string(), nullable=False),
        pa.field("position", pa.int64()),
        pa.field("field", pa.string()),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("record", pa.string()),
    ]
)
RECORD_LIMIT = 2_000
DUCKDB_TYPES = {
    pa.string(): "varchar",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us", "UTC"): "timestamptz",
}

MIN_REJECTED = 10
YEARS = (1900, 2100)  # a date outside is a misprint, whatever the source

M = TypeVar("M", bound=BaseModel)
Reader = Callable[[Snapshot, "Rejects"], Iterable[pa.Table]]


@dataclass(frozen=True)
class Table:
    """One kind of record: its columns, the files it comes from, and how they are read.

    ``read(snapshot, rejects)`` yields tables whose columns are ``columns`` as strings (or already
    typed) plus ``_source_file`` and ``_row`` (1-based record number in the file); columns besides are for
    what is derived. ``bounds`` are inclusive limits of numeric columns beyond which a number can only be a
    misprint. ``derived`` makes rows, by name of another table of the source, of each table that its reader
    yields: so that no file is read twice.
    """

    name: str
    columns: pa.Schema
    files: tuple[str, ...]
    read: Reader
    description: str
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    may_be_empty: bool = False  # a file may say that there was nothing
    derived: Mapping[str, Callable[[pa.Table], pa.Table]] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A publisher's data set. ``cadence`` is the cron line of its scheduled refresh (UTC)."""

    name: str
    title: str
    tables: tuple[Table, ...]
    cadence: str
    max_rejected_share: float = 0.01
    local: Path | None = None  # a source that ships with the repository, real in every origin

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(glob for table in self.tables for glob in table.files))


@dataclass
class Rejects:
    """Rows a parser refused, by table and file, and how many rows each file had."""

    source: str
    rows: list[tuple[str, str, int | None, str | None, str, str | None]] = field(default_factory=list)

    def add(
        self,
        table: str,
        file: str,
        position: int | None,
        field_name: str | None,
        reason: str,
        record: str | None,
    ) -> None:
        clipped = record[:RECORD_LIMIT] if record else None
        self.rows.append((table, file, position, field_name, reason, clipped))

    def per_file(self) -> Counter[tuple[str, str]]:
        return Counter((row[0], row[1]) for row in self.rows)

    def to_arrow(self) -> pa.Table:
        ordered = sorted(self.rows, key=lambda r: (r[0], r[1], r[2] or 0, r[3] or ""))
        columns = list(zip(*((self.source, *row) for row in ordered), strict=True)) or [()] * len(REJECTED)
        return pa.Table.from_arrays(
            [pa.array(values, f.type) for values, f in zip(columns, REJECTED, strict=True)], schema=REJECTED
        )


def csv_strings(
    data: bytes,
    file: File,
    headers: Mapping[str, str],
    rejects: Rejects,
    table: str,
    optional: Iterable[str] = (),
) -> pa.Table:
    """Read one CSV as strings. ``headers`` maps the file's headers to our column names.

    An empty cell is null; ``NA`` stays text (it is Namibia). A record with another number of cells
    is rejected with its position. Headers in ``optional`` may be absent and become null columns.

    Raises:
        ArchiveError: one of these columns is absent (renamed upstream?), the bytes are no CSV, or they end
            within a record.
    """
    where = f"archive: {rejects.source}/{file.path}"
    plain = data.removeprefix(b"\xef\xbb\xbf")
    first_line = csv_header(plain)
    absent = [name for name in headers if name not in first_line and name not in set(optional)]
    if absent:
        raise ArchiveError(
            f"{where}: column {absent[0]!r} is absent (renamed?); expected "
            f"{', '.join(headers)}; fetch it again or teach the source its new layout"
        )
    try:
        content, broken = _parsed(plain, headers)
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0]
        raise ArchiveError(f"{where}: not a readable CSV ({reason}); fetch it again") from None
    for row in broken:
        reason = f"{row.actual_columns} cells, expected {row.expected_columns}"
        rejects.add(table, file.path, row.number - 1 if row.number else None, None, reason, row.text)
    short = [row.text for row in broken if row.actual_columns < row.expected_columns]
    if short and plain.endswith(short[-1].encode()):  # a whole file ends its last record's line
        raise ArchiveError(f"{where}: ends within a record ({short[-1][:60]!r}): truncated; fetch it again")
    if short and short[-1].count('"') % 2:  # whatever comes after it would be one reject
        raise ArchiveError(f"{where}: a quote is opened ({short[-1][:60]!r}) and never closed; correct it")
    return with_position(content.rename_columns([headers[n] for n in content.column_names]), file)


def csv_header(data: bytes) -> list[str]:
    """The cells of the first record, whatever ends a line."""
    text = data[:65_536].decode("utf-8-sig", "replace")
    return next(csv.reader(StringIO(text, newline=None)), [])


def _parsed(plain: bytes, columns: Iterable[str]) -> tuple[pa.Table, list[pa_csv.InvalidRow]]:
    """These columns as strings, and the records with another number of cells than the header."""
    broken: list[pa_csv.InvalidRow] = []

    def skip(row: pa_csv.InvalidRow) -> str:
        broken.append(row)
        return "skip"

    content = pa_csv.read_csv(
        BytesIO(plain),
        read_options=pa_csv.ReadOptions(use_threads=False),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()),
            include_columns=list(columns),
            include_missing_columns=True,
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    return content, broken


def csv_reader(
    table: str,
    glob: str,
    headers: Mapping[str, str],
    of_file: Callable[[File], Mapping[str, str | None]] = lambda _: {},
) -> Reader:
    """Reads a table of CSV files of one layout; ``of_file`` gives the columns that the file stands for."""

    def read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
        for file, data in iter_read(snapshot, glob):
            yield stamped(csv_strings(data, file, headers, rejects, table), **of_file(file))

    return read


def json_content(data: bytes, where: str) -> Any:
    """What a JSON file says.

    Raises:
        ArchiveError: the bytes are no JSON in UTF-8, or such as ``documents`` takes.
    """
    try:
        return strict_json(data)
    except DocumentError as error:
        raise ArchiveError(f"{where}: {error}; fetch it again") from None


def validated(model: type[M], content: object, where: str) -> M:
    """What a document says, as a model.

    Raises:
        ArchiveError: a field is of another kind; the first one is named.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ArchiveError(f"{where}: {first_fault(error)}; fetch it again") from None


def stamped(rows: pa.Table, **values: str | None) -> pa.Table:
    """Add text columns with the same value in every row."""
    for name, value in values.items():
        rows = rows.append_column(name, pa.repeat(pa.scalar(value, pa.string()), len(rows)))
    return rows


def with_position(content: pa.Table, file: File) -> pa.Table:
    """Add ``_source_file`` and a 1-based ``_row``."""
    content = stamped(content, _source_file=file.path)
    return content.append_column(POSITION[1], pa.array(range(1, len(content) + 1), pa.int64()))


def conform(raw: pa.Table, table: Table, rejects: Rejects) -> pa.Table:
    """Cast to the declared types; a row with a value that does not convert, is out of bounds, or is
    a null where none may be, is rejected whole with its first such field.

    Raises:
        KeyError: the reader did not give a declared column (a defect of the reader).
    """
    raw = raw.select([*table.columns.names, *(f.name for f in POSITION)])
    with _database().cursor() as con:
        con.register("raw", raw)
        return _conformed(con, raw.schema, table, rejects)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for the process, as opening one costs more than most tables; each table has a cursor of its own."""
    con = duckdb.connect()
    con.execute("set threads=1; set global TimeZone='UTC'; set enable_progress_bar=false")
    return con


def _conformed(con: duckdb.DuckDBPyConnection, given: pa.Schema, table: Table, rejects: Rejects) -> pa.Table:
    """As ``conform``, of the view ``raw`` with these columns."""
    schema = pa.schema([*table.columns, *POSITION])
    casts, problems = [], []
    for column in schema:
        name, target = _quoted(column.name), DUCKDB_TYPES[column.type]
        plain = pa.types.is_string(given.field(column.name).type)
        value = f"trim({name})" if plain and target != "varchar" else name
        typed = f"try_cast({value} as {target})"
        casts.append(f"{typed} as {name}")
        problems.append(f"when {name} is not null and {typed} is null then '{column.name}:is no {target}'")
        if plain and target == "bigint":  # the cast alone would round 1.5
            whole = f"regexp_full_match({value}, '[+-]?[0-9]+([.]0+)?')"
            problems.append(f"when not {whole} then '{column.name}:is no {target}'")
        if target == "double":
            problems.append(f"when not isfinite({typed}) then '{column.name}:is not finite'")
        if not column.nullable:
            problems.append(f"when {name} is null then '{column.name}:is empty'")
        if limits := table.bounds.get(column.name):
            problems.append(_outside(typed, column.name, limits))
        if target in ("date", "timestamptz"):
            problems.append(_outside(f"year({typed})", column.name, YEARS))
    con.execute(f"create temp table judged as select *, case {' '.join(problems)} end as _problem from raw")
    record = ", ".join(f"{_quoted(n)} := {_quoted(n)}" for n in table.columns.names)
    for file, row, problem, content in con.execute(
        f"select _source_file, _row, _problem, cast(struct_pack({record}) as varchar) from judged "
        "where _problem is not null order by 1, 2"
    ).fetchall():
        field_name, reason = problem.split(":", 1)
        rejects.add(table.name, file, row, field_name, reason, content)
    good = con.execute(
        f"select {', '.join(casts)} from judged where _problem is null order by _source_file, _row"
    ).to_arrow_table()
    return good.cast(schema)


def _outside(value: str, name: str, limits: tuple[float, float]) -> str:
    low, high = limits
    return f"when {value} not between {low} and {high} then '{name}:is outside {low} to {high}'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def load(source: Source, root: Path, limits: Limits = USUAL, kept: Path | None = None) -> dict[str, pa.Table]:
    """Every table of a source, typed, and its ``_rejected``; an absent source gives empty tables.

    Everything is read before anything is written, so bad input leaves the lake as it was. ``kept`` is a
    folder for what is read of large files, of this version of the source's code.

    Raises:
        ArchiveError: bad manifest or bytes, or more than the tolerated share (and at least ten) of
            a file's rows were rejected.
    """
    snapshot = (
        local_snapshot(source.local) if source.local else open_snapshot(root, source.name, limits, kept)
    )
    rejects = Rejects(source.name)
    parts = {t.name: [pa.schema([*t.columns, *POSITION]).empty_table()] for t in source.tables}
    for table in source.tables:
        made_of_it = [(t, make) for t in source.tables if (make := t.derived.get(table.name))]
        for raw in table.read(snapshot, rejects):
            parts[table.name].append(conform(raw, table, rejects))
            for other, make in made_of_it:
                parts[other.name].append(conform(make(raw), other, rejects))
    content = {name: pa.concat_tables(tables).combine_chunks() for name, tables in parts.items()}
    for table in source.tables:
        if not table.may_be_empty:
            _refuse_empty_files(snapshot, table, content[table.name], rejects)
    _refuse_broken_files(source, content, rejects)
    content["_rejected"] = rejects.to_arrow()
    return content


def _refuse_empty_files(snapshot: Snapshot, table: Table, content: pa.Table, rejects: Rejects) -> None:
    """A header without records would be a quiet period to everything downstream."""
    seen = set(pc.unique(content["_source_file"]).to_pylist()) | {row[1] for row in rejects.rows}
    for file in snapshot.matching(*table.files):
        if file.path not in seen:
            raise ArchiveError(
                f"archive: {snapshot.source}/{file.path}: no record of {table.name}, expected some; "
                "fetch it again or remove the entry"
            )


def _refuse_broken_files(source: Source, content: dict[str, pa.Table], rejects: Rejects) -> None:
    for (table, file), rejected in sorted(rejects.per_file().items()):
        kept = pc.sum(pc.equal(content[table]["_source_file"], file)).as_py() or 0
        if rejected >= MIN_REJECTED and rejected > source.max_rejected_share * (kept + rejected):
            first = min(row[2:5] for row in rejects.rows if row[:2] == (table, file))
            raise ArchiveError(
                f"archive: {source.name}/{file}: {rejected} of {kept + rejected} rows rejected, first: "
                f"row {first[0]}, {first[1] or 'record'} {first[2]}; fetch it again or correct it"
            )
