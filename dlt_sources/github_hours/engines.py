"""The engines that reduce a month of GitHub's events to the same tables. A new one is a module and a line
here.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from importlib import import_module

import pyarrow.parquet as pq

from dlt_sources.github_hours.definition import ENGINES
from dlt_sources.github_hours.reduction_job import EngineError, Job, MonthTables

# each has ``reduce(job) -> MonthTables``; imported when it is asked for, as Spark is an extra
MODULES = {"scan": "one_machine", "spark": "spark", "clickhouse": "clickhouse"}


def reduce_month(engine: str, job: Job) -> MonthTables:
    """One month by one engine.

    Raises:
        EngineError: no such engine, or what keeps it from its answer.
    """
    if engine not in MODULES:
        raise EngineError(f"engine: is {engine!r}, expected one of {', '.join(ENGINES)}; correct the setting")
    made: MonthTables = import_module(f"dlt_sources.github_hours.{MODULES[engine]}").reduce(job)
    return made


def month_files(engine: str, made: MonthTables) -> Mapping[str, bytes]:
    """Parquet files by name, as an archive keeps a month (``months/2024-01/<name>``); equal tables, equal
    bytes.
    """
    files = {}
    for name, table in made.tables.items():
        content = io.BytesIO()
        said = {"engine": engine, "notes": "; ".join(made.notes)}
        pq.write_table(table.replace_schema_metadata(said), content, compression="zstd")
        files[f"{name}.parquet"] = content.getvalue()
    return files
