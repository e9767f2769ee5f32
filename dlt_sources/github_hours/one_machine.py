"""The scanner as an engine: hour files one after the other, on one core of this machine."""

from __future__ import annotations

import pyarrow as pa

from dlt_sources.github_hours.definition import EVENTS
from dlt_sources.github_hours.hour_files import files_of, hour_row, read_hour
from dlt_sources.github_hours.reduction import reduced
from dlt_sources.github_hours.reduction_job import COUNTS_READ, HOURS_READ, Job, MonthTables, of_month


def reduce(job: Job) -> MonthTables:
    """The month's tables.

    Raises:
        EngineError: the files cannot be listed or read.
    """
    events, hours, counts = [EVENTS.empty_table()], [], []
    for file in files_of(job):
        read = read_hour(file, job.tracked, job.salt)
        events.append(read.scanned.events)
        hours.append(hour_row(file, read))
        counts += [
            {"hour": file.hour, "event": kind, "events": n} for kind, n in sorted(read.scanned.kinds.items())
        ]
    parts = dict(reduced(pa.concat_tables(events)))
    parts["hours"] = pa.Table.from_pylist(hours, HOURS_READ)
    parts["counts"] = pa.Table.from_pylist(counts, COUNTS_READ)
    return of_month(job, "scan", parts)
