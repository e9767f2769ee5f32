"""Run checks over Parquet files with Great Expectations, and say what became of each.

DuckDB makes each check's frame and fetches the sample of failing rows (asking Great Expectations
for row identities costs 100 times the validation); Great Expectations judges it. A check that
could not run is an error of the check, never a verdict on the data. Not here: which checks there
are (``raw``, ``marts``) and what a verdict stops (the caller's).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from expectations.checks import Check, Result, quoted, text

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

SAMPLE_ROWS = 10
CELL_LIMIT = 80
ERROR_LIMIT = 300
LONG = 10_000  # rows; a batch costs little beside judging so many
COLUMN_ARGUMENTS = ("column", "column_A", "column_B")
OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def import_great_expectations() -> ModuleType:
    """The slow import (8 CPU seconds), for whoever can do it while something else runs.

    It would import Spark where that is installed, which no check needs and which ends the process where a
    package of Spark Connect is missing.
    """
    spark = {name: sys.modules.pop(name) for name in [*sys.modules] if name.split(".")[0] == "pyspark"}
    sys.modules["pyspark"] = None  # type: ignore[assignment]  # as if not installed
    try:
        import great_expectations
    finally:
        del sys.modules["pyspark"]
        sys.modules.update(spark)
    return great_expectations


def run(
    checks: Iterable[Check], paths: Mapping[str, Sequence[Path]], sha256s: Mapping[str, str]
) -> list[Result]:
    """One result per check, by table.

    ``paths`` gives every table's Parquet files, of the tables checked and of those their queries
    use; ``sha256s`` the content hash of each checked table, which becomes part of its results.
    """
    import duckdb

    by_frame = sorted(checks, key=lambda check: (check.gate, check.table, check.query, check.name))
    with duckdb.connect(config=OFFLINE) as con:
        con.execute("set TimeZone = 'UTC'")
        tables = {table for check in by_frame for table in (check.table, *check.uses)}
        unusable = {table: reason for table in tables if (reason := _view(con, table, paths.get(table, ())))}
        _origin(con, [file for table in sorted(tables - unusable.keys()) for file in paths[table]])
        results = list(_Judge(con, _batches(), sha256s, unusable).judge(by_frame))
    return sorted(results, key=lambda r: (r.gate, r.table, r.check))


def _view(con: duckdb.DuckDBPyConnection, table: str, files: Sequence[Path]) -> str | None:
    """Make the table's files readable under its name, or say why they are not."""
    import duckdb

    if not files:
        return f"no file of {table}"
    listed = ", ".join(text(str(file)) for file in files)
    try:
        con.execute(f"create view {quoted(table)} as select * from read_parquet([{listed}])")
    except duckdb.Error as error:
        return f"{table} is not readable: {error}"
    return None


def _origin(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    """The view ``origin``: what the files' metadata says they were made from, ``sample`` if nothing."""
    listed = ", ".join(text(str(file)) for file in files[:1])
    origin = f"(select decode(value) from parquet_kv_metadata({listed}) where decode(key) = 'origin')"
    con.execute(f"create view origin as select coalesce({origin if files else 'null'}, 'sample') as value")


def _batches() -> Any:
    """A batch definition in an ephemeral context: every write to a context costs 30 ms, so only one."""
    gx = import_great_expectations()
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    in_memory = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),  # makes no folders
        progress_bars=ProgressBarsConfig(globally=False),
    )
    context = gx.get_context(mode="ephemeral", project_config=in_memory)
    asset = context.data_sources.add_pandas("duckdb").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


@dataclass(frozen=True)
class _Frame:
    """What a query gave of the columns that its checks judge."""

    data: pd.DataFrame
    checks: Sequence[Check]


@dataclass
class _Judge:
    """Judges checks. ``batches`` makes a batch of Great Expectations from a frame; ``unusable`` says which
    tables cannot be read, and why; ``shown`` is the table that ``data`` stands for."""

    con: duckdb.DuckDBPyConnection
    batches: Any
    sha256s: Mapping[str, str]
    unusable: Mapping[str, str]
    shown: str | None = None

    def judge(self, checks: Sequence[Check]) -> Iterator[Result]:
        """The result of each check; those of one query stand together.

        A batch and its validator cost as much as several checks. Frames of equally many rows are therefore
        judged side by side in one batch, whichever table they are of; no value changes by that. Long ones are
        judged as they are read, and not kept.
        """
        import duckdb

        frames: list[_Frame] = []
        for _, of_query in groupby(checks, key=lambda check: (check.table, check.query)):
            sound = []
            for check in of_query:
                reasons = [self.unusable[t] for t in (check.table, *check.uses) if t in self.unusable]
                if reasons:
                    yield self._crashed(check, reasons[0])
                else:
                    sound.append(check)
            if not sound:
                continue
            try:
                frame = _Frame(self._read(sound), sound)
            except duckdb.Error as error:
                for check in sound:
                    yield self._crashed(check, f"{type(error).__name__}: {error}")
                continue
            if _rows(frame) > LONG:
                yield from self._validate([frame])
            else:
                frames.append(frame)
        for _, of_length in groupby(sorted(frames, key=_rows), key=_rows):
            yield from self._validate(list(of_length))

    def _show(self, table: str) -> None:
        """Let ``data`` be this table; not for each query, as it opens the table's files."""
        if table != self.shown:
            self.con.execute(f"create or replace temp view data as select * from {quoted(table)}")
            self.shown = table

    def _read(self, checks: Sequence[Check]) -> pd.DataFrame:
        """The frame of these checks, which share a query; what nobody judges of it is for the sample."""
        self._show(checks[0].table)
        judged = dict.fromkeys(column for check in checks for column in _columns(check).values())
        return self.con.execute(checks[0].query).df().filter(items=[*judged])

    def _validate(self, frames: Sequence[_Frame]) -> Iterator[Result]:
        """The results of the checks of frames of one length, a column's place before its name."""
        import great_expectations as gx
        import pandas as pd
        from great_expectations.exceptions.exceptions import GreatExpectationsError
        from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
        from great_expectations.expectations.metadata_types import FailureSeverity

        asked: dict[int, tuple[Check, int]] = {}
        expectations = []
        for place, frame in enumerate(frames):
            for check in frame.checks:
                placed = {argument: f"{place} {column}" for argument, column in _columns(check).items()}
                configuration = ExpectationConfiguration(
                    type=check.expectation,
                    kwargs={**check.kwargs, **placed},
                    meta={"check": len(asked)},
                    description=check.description,
                    severity=FailureSeverity.CRITICAL
                    if check.severity == "error"
                    else FailureSeverity.WARNING,
                )
                try:
                    expectations.append(configuration.to_domain_obj())
                    asked[len(asked)] = check, place
                except (GreatExpectationsError, TypeError, ValueError) as error:
                    yield self._crashed(check, f"{type(error).__name__}: {error}")
        beside = pd.concat([f.data.add_prefix(f"{place} ") for place, f in enumerate(frames)], axis="columns")
        suite = gx.ExpectationSuite(name="checks", expectations=expectations)
        batch = self.batches.get_batch({"dataframe": beside})
        validated = batch.validate(suite, result_format={"result_format": "BASIC"})
        for evaluation in validated.results:  # in an order of its own
            if evaluation.expectation_config is not None:
                check, place = asked.pop(evaluation.expectation_config.meta["check"])
                if message := _crash(evaluation.exception_info):
                    yield self._crashed(check, message.replace(f'"{place} ', '"'))
                else:
                    yield self._result(check, frames[place].data, evaluation)
        for check, _ in asked.values():
            yield self._crashed(check, "LookupError: Great Expectations gave no result")

    def _result(self, check: Check, frame: pd.DataFrame, evaluation: Any) -> Result:
        failing = evaluation.result.get("unexpected_count")
        return Result(
            gate=check.gate,
            tool="gx",
            table=check.table,
            check=check.name,
            severity=check.severity,
            success=bool(evaluation.success),
            observed=_observed(check, frame, evaluation),
            expected=expected(check),
            failing_rows=None if failing is None else int(failing),
            rows=len(frame),
            table_sha256=self.sha256s.get(check.table),
            beyond=None if evaluation.success else _beyond(check, frame),
            sample=None if evaluation.success else self._sample(check),
        )

    def _crashed(self, check: Check, message: str) -> Result:
        return Result(
            gate=check.gate,
            tool="gx",
            table=check.table,
            check=check.name,
            severity=check.severity,
            success=False,
            observed=None,
            expected=expected(check),
            failing_rows=None,
            rows=None,
            table_sha256=self.sha256s.get(check.table),
            error=" ".join(message.split())[:ERROR_LIMIT],
        )

    def _sample(self, check: Check) -> str | None:
        condition = _violation(check)
        if condition is None:
            return None
        where, parameters = condition
        self._show(check.table)
        rows = self.con.execute(
            f"select * from ({check.query}) where {where} order by all limit {SAMPLE_ROWS}", parameters
        )
        names = [column[0] for column in rows.description]
        lines = [names, ["---"] * len(names), *([_cell(v) for v in row] for row in rows.fetchall())]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _crash(info: Mapping[str, Any]) -> str | None:
    """The message of an expectation that raised, in either of the two shapes it comes in."""
    if "raised_exception" in info:
        return str(info["exception_message"]) if info["raised_exception"] else None
    return "; ".join(sorted({str(one["exception_message"]) for one in info.values()})) or None


def _rows(frame: _Frame) -> int:
    return len(frame.data)


def _columns(check: Check) -> dict[str, str]:
    """The expectation's arguments that name a column of the frame, with the column."""
    return {name: str(check.kwargs[name]) for name in COLUMN_ARGUMENTS if name in check.kwargs}


def _violation(check: Check) -> tuple[str, list[object]] | None:
    """The SQL condition of a failing row, or None where the expectation is about the whole frame."""
    kwargs = check.kwargs
    match check.expectation:
        case "expect_column_values_to_be_between":
            column = quoted(str(kwargs["column"]))
            bounds = [(f"{column} < ?", kwargs.get("min_value")), (f"{column} > ?", kwargs.get("max_value"))]
            limits = [(sql, bound) for sql, bound in bounds if bound is not None]
            return " or ".join(sql for sql, _ in limits), [bound for _, bound in limits]
        case "expect_column_pair_values_a_to_be_greater_than_b":
            return f"{quoted(str(kwargs['column_A']))} < {quoted(str(kwargs['column_B']))}", []
        case "expect_column_values_to_not_be_in_set":
            return f"list_contains(?, {quoted(str(kwargs['column']))})", [kwargs["value_set"]]
        case _:
            return None


def expected(check: Check) -> str:
    """The expectation in words."""
    kwargs = check.kwargs
    match check.expectation:
        case "expect_column_values_to_be_between":
            low, high = kwargs.get("min_value"), kwargs.get("max_value")
            if low == high:
                return f"{kwargs['column']} = {_plain(low)}"
            left = "" if low is None else f"{_plain(low)} <= "
            right = "" if high is None else f" <= {_plain(high)}"
            return f"{left}{kwargs['column']}{right}"
        case "expect_column_pair_values_a_to_be_greater_than_b":
            return f"{kwargs['column_A']} >= {kwargs['column_B']}"
        case "expect_column_values_to_not_be_in_set":
            values = kwargs["value_set"]
            assert isinstance(values, list)
            return f"{kwargs['column']} in none of {', '.join(values)}"
        case _:
            return f"{check.expectation} {dict(kwargs)}"


def _observed(check: Check, frame: pd.DataFrame, evaluation: Any) -> str:
    """What was seen, as one short line: the range of the judged column and how many rows fail."""
    result = evaluation.result
    if "unexpected_count" not in result:
        return str(result.get("observed_value")) if evaluation.success is False else f"{len(frame)} rows"
    failing, rows = int(result["unexpected_count"]), len(frame)
    column = check.kwargs.get("column")
    if check.expectation == "expect_column_pair_values_a_to_be_greater_than_b":
        return f"{failing} of {rows} rows"
    if check.expectation != "expect_column_values_to_be_between" or column is None:
        shown = ", ".join(dict.fromkeys(_plain(v) for v in result["partial_unexpected_list"][:3]))
        return f"{failing} of {rows} rows" + (f", such as {shown}" if shown else "")
    values = frame[str(column)].dropna()
    if values.empty:
        return f"{column} nowhere in {rows} rows"
    low, high = _plain(values.min()), _plain(values.max())
    span = low if low == high else f"{low} to {high}"
    return f"{column} {span}" + (f" ({failing} of {rows} rows)" if failing else "")


def _beyond(check: Check, frame: pd.DataFrame) -> float | None:
    """How far the worst value lies outside the bounds, in its unit (dates: days); null for other checks."""
    column = check.kwargs.get("column")
    if check.expectation != "expect_column_values_to_be_between" or column is None:
        return None
    values: Any = frame[str(column)].dropna()
    low, high = (check.kwargs.get(name) for name in ("min_value", "max_value"))
    if values.empty:
        return None
    outside = [values.max() - high] if high is not None else []
    outside += [low - values.min()] if low is not None else []
    far = [by.total_seconds() / 86400 if hasattr(by, "total_seconds") else float(by) for by in outside]
    worst = max(far, default=0.0)
    return worst if 0 < worst < float("inf") else None


def _plain(value: object) -> str:
    if isinstance(value, datetime):  # pandas' timestamps included
        return value.date().isoformat()
    try:
        return f"{float(value):.6g}"  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)


def _cell(value: object) -> str:
    """A value that cannot break out of a Markdown table."""
    plain = "" if value is None else _plain(value) if isinstance(value, float | datetime) else str(value)
    clipped = " ".join(plain.split())[:CELL_LIMIT]
    return clipped.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
