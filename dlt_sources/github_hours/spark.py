"""Hour files on many machines: Spark hands them out, each executor scans its own, Spark counts.

Executors read the files themselves, through fsspec and with their own machine's credentials, by the very
scanner that one machine uses; the queries are those of ``reduction`` in Spark's dialect. So rows are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
import sqlglot

from dlt_sources.github_hours.definition import COUNTED, EVENTS, HOUR, Tracked
from dlt_sources.github_hours.hour_files import HourFile, files_of, hour_row, read_hour
from dlt_sources.github_hours.reduction import QUERIES, statements
from dlt_sources.github_hours.reduction_job import (
    COUNTS_READ,
    HOURS_READ,
    EngineError,
    Job,
    MonthTables,
    of_month,
)
from dlt_sources.github_hours.spark_session import session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

KINDS = pa.list_(pa.struct([COUNTS_READ.field("event"), COUNTS_READ.field("events")]))
# a row a file: what is known of it, the events of its tracked repositories, or why it could not be read
READ = pa.schema(
    [
        pa.field("hour", HOUR),
        pa.field("fault", pa.string()),
        *(pa.field(f.name, f.type) for f in HOURS_READ if f.name != "hour"),
        pa.field("kinds", KINDS),
        pa.field("rows", pa.list_(pa.struct([pa.field(f.name, f.type) for f in EVENTS]))),
    ]
)
VIEWS = {
    "events": "select place, entry.* from read lateral view posexplode(rows) as place, entry",
    "counts": "select hour, entry.* from read lateral view explode(kinds) as entry",
    "types": "select * from values {types} as types (type, event)",
}
TYPES = ", ".join(f"('{kind}', '{event}')" for kind, event in COUNTED.items())


def reduce(job: Job) -> MonthTables:
    """The month's tables.

    Raises:
        EngineError: no Spark, no Java, an unreachable master, files that cannot be listed or read, a job
            that fails.
    """
    files = files_of(job)
    with session(job.spark_master) as spark:
        return of_month(job, "spark", _parts(spark, job, files))


def _parts(spark: SparkSession, job: Job, files: list[HourFile]) -> dict[str, pa.Table]:
    from pyspark.sql.pandas.types import from_arrow_schema

    listed = spark.createDataFrame(pa.Table.from_pylist([file._asdict() for file in files]))
    read = listed.repartition(len(files)).mapInArrow(_reader(job.tracked, job.salt), from_arrow_schema(READ))
    read.persist().createOrReplaceTempView(
        "read"
    )  # a file is scanned once; lost with its executor, scanned again
    hours = read.select("fault", *HOURS_READ.names).orderBy("hour").toArrow()
    for fault in hours["fault"].to_pylist():
        if fault:
            raise EngineError(fault)
    for name, view in VIEWS.items():
        spark.sql(view.format(types=TYPES)).createOrReplaceTempView(name)
    for name, statement in statements().items():
        spark.sql(_translated(statement)).createOrReplaceTempView(name)
    spark.catalog.cacheTable("once")
    parts = {name: spark.sql(_translated(query)).toArrow() for name, query in QUERIES.items()}
    return parts | {"hours": hours.select(HOURS_READ.names), "counts": spark.table("counts").toArrow()}


def _translated(statement: str) -> str:
    return sqlglot.transpile(statement, read="duckdb", write="spark")[0]


def _reader(tracked: Tracked, salt: bytes) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for listed in batch.to_pylist():
                yield _read(HourFile(**listed), tracked, salt)

    return read


def _read(file: HourFile, tracked: Tracked, salt: bytes) -> pa.RecordBatch:
    try:
        found = read_hour(file, tracked, salt)
    except EngineError as error:
        return pa.RecordBatch.from_pylist([{"hour": file.hour, "fault": str(error)}], READ)
    kinds = [{"event": kind, "events": n} for kind, n in sorted(found.scanned.kinds.items())]
    row = pa.RecordBatch.from_pylist([hour_row(file, found) | {"kinds": kinds, "rows": []}], READ)
    events = found.scanned.events.combine_chunks().to_struct_array()
    events = events.combine_chunks() if isinstance(events, pa.ChunkedArray) else events
    rows = pa.ListArray.from_arrays([0, len(events)], events).cast(READ.field("rows").type)
    return row.set_column(READ.names.index("rows"), READ.field("rows"), rows)
