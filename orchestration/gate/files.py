"""The gate's files: what was checked, what that means for each table, and who may read it.

``checks.parquet`` (every check of the newest state), ``verdicts.json`` (per table, bound to the
bytes by sha256), ``history.parquet`` (every check of every run, only ever appended to) and
``accepted.json`` (failed checks that a person let pass, with the reason). A reader of marts calls
``require`` first. Not here: the checks (``expectations``) and Dagster (``assets``).
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, TypeAdapter

from dlt_sources.atomic import write_atomically
from dlt_sources.documents import strict_json
from expectations import Result
from orchestration.errors import UserError, did_you_mean
from orchestration.gate.columns import ALL_RUNS, COLUMNS, NEWEST, RUN
from orchestration.gate.extents import extent, is_worse
from orchestration.home import acceptances
from orchestration.home.acceptances import Acceptance
from orchestration.home.stages import digest

if TYPE_CHECKING:
    import pyarrow as pa

CHECKS, HISTORY = Path("gate", "checks.parquet"), Path("gate", "history.parquet")
VERDICTS, ACCEPTED = Path("gate", "verdicts.json"), Path("gate", acceptances.ACCEPTED)
STALE = "not run on these bytes: the table was changed outside the pipeline; build it again"
DBT_PASSED = {"pass", "success"}
DBT_FAILED = {"fail", "warn"}


class Failure(BaseModel):
    """A check that blocks: what was seen and what was expected."""

    check: str
    observed: str | None
    expected: str


class Waiver(BaseModel):
    """A check that failed and that a person accepted."""

    check: str
    reason: str


class Verdict(BaseModel):
    """What a gate says of a table, bound to the bytes by their hash."""

    gate: Literal["raw", "marts"]
    sha256: str | None
    passed: bool
    failed: list[Failure]
    accepted: list[Waiver]
    warnings: list[str]


_VERDICTS = TypeAdapter(dict[str, Verdict])


class GateError(UserError):
    """A table may not be read, or a gate file is not usable: one line with the remedy."""


def write_results(
    home: Path, results: Iterable[Result], *, run_id: str, started_at: datetime, origin: str
) -> dict[str, dict[str, Any]]:
    """Record results: checks, verdicts, then history. Returns the verdicts of all tables.

    Results replace those of the same table and tool, so give all of a table's checks by one tool
    together. Results that speak for other bytes than Great Expectations just read turn into errors,
    for nobody ran them on these; those without a sha256 (dbt's on a source or a view) stand.

    Raises:
        GateError: the history or the accepted checks are there but cannot be read.
    """
    new = sorted(results, key=_key)
    history = _read(home / HISTORY, RUN | COLUMNS)
    merged = _merge(_earlier(home), new)
    stamp = {"run_id": run_id, "started_at": started_at}
    verdicts = _verdicts(merged, accepted(home))
    _write(home / CHECKS, [_row(result) for result in merged], COLUMNS, origin, NEWEST)
    _write_json(home / VERDICTS, verdicts)
    extended = [*history, *(stamp | _row(result) for result in new)]
    _write(home / HISTORY, extended, RUN | COLUMNS, origin, ALL_RUNS)
    return verdicts


def _earlier(home: Path) -> list[Result]:
    """The newest results of all tables; none where the file cannot be read, for the gate fills it again."""
    try:
        return newest(home)
    except GateError:
        return []


def is_intact(home: Path, gate: str) -> bool:
    """Whether what this gate's audits wrote is there and can be read; it is made anew where not."""
    try:
        checked = {result.gate for result in newest(home)}
    except GateError:
        return False
    return gate in checked & {verdict["gate"] for verdict in verdicts(home).values()}


def _key(result: Result) -> tuple[str, str, str, str]:
    return (result.gate, result.table, result.tool, result.check)


def _merge(old: Iterable[Result], new: Sequence[Result]) -> list[Result]:
    replaced = {(result.gate, result.table, result.tool) for result in new}
    kept = [result for result in old if (result.gate, result.table, result.tool) not in replaced]
    now: dict[tuple[str, str], str] = {}
    for result in sorted(new, key=lambda result: result.tool == "gx"):  # gx reads the bytes there are
        if result.table_sha256 is not None:
            now[result.gate, result.table] = result.table_sha256
    return sorted((_of(result, now.get((result.gate, result.table))) for result in [*kept, *new]), key=_key)


def _of(result: Result, sha256: str | None) -> Result:
    """The result if it speaks for these bytes (or for none in particular), else an error."""
    if sha256 is None or result.table_sha256 in (None, sha256):
        return result
    return replace(
        result,
        success=False,
        observed=None,
        failing_rows=None,
        rows=None,
        table_sha256=sha256,
        error=STALE,
    )


def _row(result: Result) -> dict[str, object]:
    content = asdict(result)
    return {name: content[name] for name in COLUMNS}


def is_accepted(result: Result, entries: Mapping[tuple[str, str], Acceptance]) -> bool:
    """Whether a person let this check fail, and by no less than it does now."""
    entry = entries.get((result.table, result.check))
    return entry is not None and not is_worse(extent(result), entry.extent)


def _verdicts(
    results: Iterable[Result], entries: Mapping[tuple[str, str], Acceptance]
) -> dict[str, dict[str, Any]]:
    verdicts: dict[str, dict[str, Any]] = {}
    for result in sorted(results, key=_key):
        verdict = verdicts.setdefault(
            result.table,
            {"gate": result.gate, "sha256": result.table_sha256, "passed": True,
             "failed": [], "accepted": [], "warnings": []},
        )  # fmt: skip
        verdict["sha256"] = verdict["sha256"] or result.table_sha256
        if result.success:
            continue
        if result.severity == "warning":
            verdict["warnings"].append(result.check)
        elif is_accepted(result, entries):
            reason = entries[result.table, result.check].reason
            verdict["accepted"].append({"check": result.check, "reason": reason})
        else:
            verdict["passed"] = False
            seen = f"did not run ({result.error})" if result.error else _seen(result, entries)
            verdict["failed"].append(
                {"check": result.check, "observed": seen, "expected": result.expected or "a pass"}
            )
    return verdicts


def _seen(result: Result, entries: Mapping[tuple[str, str], Acceptance]) -> str | None:
    entry = entries.get((result.table, result.check))
    if entry is None:
        return result.observed
    return f"{result.observed}: {extent(result)}, {entry.extent} when it was accepted"


def require(home: Path, tables: Mapping[str, str], gate: Literal["raw", "marts"] = "marts") -> None:
    """Refuse unless every table, by its name and its current sha256, passed its gate.

    Raises:
        GateError: a table was never checked, changed since, or failed a check that nobody accepted.
    """
    found = verdicts(home)
    for table, sha256 in sorted(tables.items()):
        where = f"gate: marts/{table}.parquet" if gate == "marts" else f"gate: raw/{table}"
        verdict = found.get(table)
        if verdict is None or verdict["gate"] != gate:
            raise GateError(f"{where} was never checked; run the gate")
        if verdict["sha256"] != sha256:
            raise GateError(
                f"{where} changed since it was checked (sha256 {sha256}); run the gate or restore the file"
            )
        if not verdict["passed"]:
            first = verdict["failed"][0]
            raise GateError(
                f"{where} failed {first['check']}: {first['observed']}, expected {first['expected']}; "
                "mend the data or accept it with a reason"
            )


def verdicts(home: Path) -> dict[str, dict[str, Any]]:
    """The verdict of every table that was ever checked, by name; none where the file cannot be read, for
    the gate writes it again."""
    try:
        found = _VERDICTS.validate_python(strict_json((home / VERDICTS).read_bytes()))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return {table: verdict.model_dump() for table, verdict in found.items()}


def verdicts_sha256(home: Path, gate: Literal["raw", "marts"]) -> str:
    """One hash over a gate's verdicts."""
    found = verdicts(home)
    return digest({table: verdict for table, verdict in found.items() if verdict["gate"] == gate})


def accepted(home: Path) -> dict[tuple[str, str], Acceptance]:
    """What people accepted, by table and check."""
    return {(one.table, one.check): one for one in acceptances.acceptances((home / ACCEPTED).parent)}


def accept(home: Path, table: str, check: str, *, reason: str, by: str, at: datetime) -> None:
    """Let a failed check pass as long as it fails by no more than now; it is still shown. Accepting again
    replaces the reason and the extent.

    Raises:
        GateError: no such check was run, it is a warning (which blocks nothing), or no reason.
    """
    table = table.removeprefix("marts/").removeprefix("raw/")
    results = newest(home)
    found = [result for result in results if (result.table, result.check) == (table, check)]
    if not found:
        if table not in (known := {result.table for result in results}):
            raise GateError(
                f"gate: accept: {table}: no such table was checked{did_you_mean(table, known)}; "
                "see `chokepoint check`"
            )
        checks = {result.check for result in results if result.table == table}
        of_table = sorted(result.check for result in results if result.table == table and not result.success)
        expected = f"one of {', '.join(of_table)}" if of_table else "a failed check"
        raise GateError(
            f"gate: accept: {table} {check}: no such check was run{did_you_mean(check, checks)}, "
            f"expected {expected}"
        )
    if all(result.severity == "warning" for result in found):
        raise GateError(f"gate: accept: {table} {check}: is a warning, which blocks nothing; leave it")
    if not reason.encode(errors="ignore").decode().strip():
        raise GateError(f"gate: accept: {table} {check}: reason: is empty, expected why it is no fault")
    reason = reason.encode(errors="replace").decode().strip()  # a terminal may give half a character
    failed = next((result for result in found if not result.success), found[0])
    entry = Acceptance(
        table=table, check=check, reason=reason, by=by, at=at.isoformat(), **extent(failed).model_dump()
    )
    entries = accepted(home) | {(table, check): entry}
    _write_json(home / ACCEPTED, [entries[key].model_dump(exclude_none=True) for key in sorted(entries)])
    _write_json(home / VERDICTS, _verdicts(results, entries))


def dbt_results(
    run_results: Iterable[Mapping[str, Any]], manifest: Mapping[str, Any], sha256s: Mapping[str, str]
) -> list[Result]:
    """dbt's data tests as results: ``run_results`` are its entries.

    A test belongs to the model or source it is attached to; one written as a query of its own to
    the first fact or other mart it reads. Tests of staging and intermediate models are at the marts
    gate under the model's name. A test that dbt skipped or could not run is an error, not a pass.
    """
    out = []
    for entry in run_results:
        node = manifest["nodes"].get(entry["unique_id"])
        if node is None or node["resource_type"] != "test":
            continue
        gate, table = _tested(node, manifest)
        out.append(_dbt_result(entry, node, gate, table, sha256s.get(table)))
    return sorted(out, key=_key)


def _tested(node: Mapping[str, Any], manifest: Mapping[str, Any]) -> tuple[Literal["raw", "marts"], str]:
    read = sorted(node["depends_on"]["nodes"], key=lambda name: _importance(name, manifest))
    tested = node.get("attached_node") or (read[0] if read else node["unique_id"])
    if tested in manifest["sources"]:
        source = manifest["sources"][tested]
        return "raw", f"{source['source_name']}/{source['name']}"
    return "marts", manifest["nodes"][tested]["name"]


def _importance(unique_id: str, manifest: Mapping[str, Any]) -> tuple[int, str]:
    node = manifest["nodes"].get(unique_id)
    if node is None:
        return 3, unique_id
    is_mart = node["fqn"][1] == "marts"
    return (0 if node["name"].startswith("fct_") else 1) if is_mart else 2, unique_id


def _dbt_result(
    entry: Mapping[str, Any],
    node: Mapping[str, Any],
    gate: Literal["raw", "marts"],
    table: str,
    sha256: str | None,
) -> Result:
    status = str(getattr(entry["status"], "value", entry["status"]))
    ran = status in DBT_PASSED | DBT_FAILED
    failures = entry.get("failures")
    configured = str(node["config"].get("severity", "error")).lower()
    message = " ".join(str(entry.get("message") or "").split())
    return Result(
        gate=gate,
        tool="dbt",
        table=table,
        check=node["name"],
        severity="warning" if status == "warn" or configured == "warn" else "error",
        success=status in DBT_PASSED,
        observed=f"{failures or 0} failing rows" if ran else None,
        expected="0 failing rows",
        failing_rows=int(failures or 0) if ran else None,
        rows=None,
        table_sha256=sha256,
        error=None if ran else f"{status}: {message}".removesuffix(": "),
    )


def newest(home: Path) -> list[Result]:
    """The newest result of every check, the rows of ``checks.parquet``; none where it is absent.

    Raises:
        GateError: the file is there but cannot be read.
    """
    rows = _read(home / CHECKS, COLUMNS)
    if rows and (absent := next((name for name in COLUMNS if name not in rows[0]), None)):
        raise GateError(f"gate: {CHECKS}: {absent}: no such column; move it away and run the gate again")
    return [Result(**row) for row in rows]


def _read(path: Path, columns: Mapping[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """The rows of a gate's table, of these columns those that it has, in their types."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
        known = [field for field in _fields(columns) if field.name in table.column_names]
        content: list[dict[str, Any]] = (
            table.select([f.name for f in known]).cast(pa.schema(known)).to_pylist()
        )
    except FileNotFoundError:
        return []
    except (OSError, pa.ArrowException) as error:
        raise GateError(
            f"gate: {path.parent.name}/{path.name}: not a readable Parquet file "
            f"({str(error).splitlines()[0]}); restore it or move it away"
        ) from None
    return content


def _fields(columns: Mapping[str, tuple[str, str]]) -> list[pa.Field]:
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "bool": pa.bool_(),
        "int64": pa.int64(),
        "double": pa.float64(),
        "time": pa.timestamp("us", "UTC"),
    }
    return [
        pa.field(name, types[kind], metadata={"description": sentence})
        for name, (kind, sentence) in columns.items()
    ]


def _write(
    path: Path, rows: list[dict[str, Any]], columns: Mapping[str, tuple[str, str]], origin: str, meaning: str
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(_fields(columns), metadata={"origin": origin, "description": meaning})
    content = pa.Table.from_pylist(rows, schema=schema)
    buffer = io.BytesIO()
    pq.write_table(content, buffer, compression="zstd")
    write_atomically(path, buffer.getvalue())


def _write_json(path: Path, content: object) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write_atomically(path, text.encode())
