"""Running a gate over a home: which checks, over which files, and what is written down.

Dagster's check ops and ``chokepoint check`` both come here. Not here: the checks themselves
(``expectations``) and the files they end in (``gate``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from dlt_sources import SOURCES
from dlt_sources.archive import open_snapshot
from dlt_sources.policy_timeline import newest_year
from dlt_sources.tables import Source
from expectations import Check, Result, marts, raw
from expectations.checks import END
from expectations.worker import Worker
from orchestration.gate import files as gate
from orchestration.gate import last_accepted
from orchestration.gate.extents import worsened
from orchestration.home import stages
from orchestration.home.acceptances import Acceptance
from orchestration.settings import Settings


def last_day() -> date:
    """The last day that data may speak for: a new year on the timeline moves it."""
    return max(END, date(newest_year() + 1, 1, 1))


def raw_checks(settings: Settings, sources: Sequence[Source] = SOURCES) -> tuple[Check, ...]:
    """Checks of the raw gate; where the archive lists files of a table, it must hold rows.

    Not what is derived of other tables, and no mentions: texts may name no model.
    """
    present = []
    for source in sources:
        if source.local:
            present += [f"{source.name}/{table.name}" for table in source.tables]
            continue
        snapshot = open_snapshot(settings.archive_path, source.name)
        listed = (table for table in source.tables if snapshot.matching(*table.files))
        present += [
            f"{source.name}/{table.name}"
            for table in listed
            if not table.derived and table.name != "mentions"
        ]
    usable = last_accepted.usable(settings, sources)
    return raw.checks(sources, present=present, until=last_day(), baselines=usable)


def mart_checks(manifest: Mapping[str, Any]) -> tuple[Check, ...]:
    return marts.checks(manifest, until=last_day())


def files_of(settings: Settings, checks: Collection[Check]) -> dict[str, Sequence[Path]]:
    """Each table's Parquet files, of the tables checked and of those their queries use."""
    tables = {check.table for check in checks} | {table for check in checks for table in check.uses}
    return {table: _files(settings, table) for table in sorted(tables)}


def _files(settings: Settings, table: str) -> list[Path]:
    if table.startswith(last_accepted.PREFIX):
        return [last_accepted.path(settings, table.removeprefix(last_accepted.PREFIX))]
    if "/" in table:
        return sorted((settings.lake / "raw" / table).glob("*.parquet"))
    return [p for p in [settings.marts / f"{table}.parquet"] if p.is_file()]


def keep_as_accepted(settings: Settings) -> None:
    """Both gates let the run pass: what its raw tables add up to is what the next is compared with."""
    last_accepted.keep(settings, SOURCES, gate.verdicts(settings.home_path))
    last_accepted.keep_extents(settings, gate.newest(settings.home_path))


def ready(settings: Settings, checks: Sequence[Check]) -> list[Check]:
    """The checks of tables whose checks can all run. Those that read what was not made yet wait: the
    gate itself runs whatever nobody ran."""
    paths = files_of(settings, checks)
    waiting = {check.table for check in checks if not all(paths[table] for table in check.uses)}
    return [check for check in checks if check.table not in waiting]


def begin_audit(settings: Settings, checks: Sequence[Check], worker: Worker) -> None:
    """The tables have just been written: judge them while the run goes on, for ``audit`` to collect."""
    worker.begin(checks, *_read(settings, checks))


def _read(settings: Settings, checks: Collection[Check]) -> tuple[dict[str, Sequence[Path]], dict[str, str]]:
    """The files that the checks read, by table, and the sha256 of each table that has any."""
    paths = files_of(settings, checks)
    return paths, {table: stages.sha256_of(*files) for table, files in paths.items() if files}


def audit(
    settings: Settings,
    checks: Sequence[Check],
    worker: Worker,
    run_id: str,
    manifest: Mapping[str, Any] | None = None,
) -> list[Result]:
    """Run checks and write checks, verdicts and history before anyone acts on them.

    With dbt's manifest, the results of dbt's tests in the last build are written beside them.
    """
    started = datetime.now(UTC)
    paths, sha256s = _read(settings, checks)
    known = last_accepted.extents(settings)
    results = worsened(worker.run(checks, paths, sha256s), known)
    tests = []
    if manifest is not None:
        built = stages.recorded(settings, "marts")
        tests = worsened(gate.dbt_results(built.tests, manifest, mart_sha256s(built)), known)
    gate.write_results(
        settings.home_path, [*results, *tests], run_id=run_id, started_at=started, origin=settings.origin
    )
    stage = _gate_of(manifest)
    tables = {check.table for check in checks}
    crashed = {result.table for result in results if result.error}  # nobody judged these yet
    audited = {t: seen for t, seen in stages.recorded(settings, stage).audit.items() if t not in tables}
    audited |= {table: _judged(checks, table, sha256s) for table in tables - crashed}
    stages.note(settings, stage, audit=audited)
    return results


def _gate_of(manifest: Mapping[str, Any] | None) -> str:
    return "gate/raw" if manifest is None else "gate/marts"


def mart_sha256s(built: stages.Record) -> dict[str, str]:
    """``{mart: sha256}`` of the bytes that the last build wrote: dbt's tests speak for these alone."""
    files = {Path(path): sha256 for path, (_, _, sha256) in built.outputs.items()}
    return {path.stem: sha256 for path, sha256 in files.items() if path.parent.name == "marts"}


def audit_failed_tests(settings: Settings, run_id: str, manifest: Mapping[str, Any]) -> None:
    """Write down the tests of tables that failed one in the last build, which made no marts.

    They speak for no bytes; the gate refuses these tables until a build passes or a person accepts.
    """
    results = gate.dbt_results(stages.recorded(settings, "marts").tests, manifest, {})
    broken = {(r.gate, r.table) for r in results if not r.success and r.severity == "error" and not r.error}
    gate.write_results(
        settings.home_path, [r for r in results if (r.gate, r.table) in broken],
        run_id=run_id, started_at=datetime.now(UTC), origin=settings.origin,
    )  # fmt: skip


def remember_tests(settings: Settings, entries: Sequence[Mapping[str, Any]], is_whole: bool) -> None:
    """Keep the results of dbt's tests of the last build; a selection's replace only their own."""
    earlier = [] if is_whole else stages.recorded(settings, "marts").tests
    by_id = {entry["unique_id"]: dict(entry) for entry in [*earlier, *entries]}
    stages.note(settings, "marts", tests=[by_id[unique_id] for unique_id in sorted(by_id)])


def raw_sha256s(settings: Settings, sources: Sequence[Source] = SOURCES) -> dict[str, str]:
    """``{<source>/<table>: sha256}`` of the lake as it is, of the tables that the raw gate checks; empty
    where a table was not made yet."""
    checks = raw_checks(settings, sources)
    _, sha256s = _read(settings, checks)
    return {table: sha256s.get(table, "") for table in {check.table for check in checks}}


def audit_pending(
    settings: Settings,
    checks: Sequence[Check],
    worker: Worker,
    run_id: str,
    manifest: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Run what nobody ran yet: checks of tables that these very checks have not judged on these bytes.

    A gate that opens may have been reached without its checks (only the code of a check changed, or
    an earlier run failed here). Returns ``{table: sha256}`` of the gate's tables, to be required.
    """
    _, sha256s = _read(settings, checks)
    stage = _gate_of(manifest)
    is_intact = gate.is_intact(settings.home_path, stage.removeprefix("gate/"))
    audited = stages.recorded(settings, stage).audit if is_intact else {}
    tables = {check.table for check in checks}
    pending = {table for table in tables if audited.get(table) != _judged(checks, table, sha256s)}
    if pending:
        audit(settings, [c for c in checks if c.table in pending], worker, run_id, manifest)
    return {table: sha256s.get(table, "") for table in tables}


def _judged(checks: Iterable[Check], table: str, sha256s: Mapping[str, str]) -> str:
    """Hash of what the table's verdict rests on: its checks, and the bytes of every table they read."""
    ours = sorted((asdict(check) for check in checks if check.table == table), key=lambda c: str(c["name"]))
    read = {table}.union(*(check["uses"] for check in ours))
    return stages.digest(ours, sorted((name, sha256s.get(name)) for name in read))


def is_blocking(result: Result, accepted: Mapping[tuple[str, str], Acceptance]) -> bool:
    """An error check that failed, or could not run, and that nobody accepted."""
    return not result.success and result.severity == "error" and not gate.is_accepted(result, accepted)


def gate_summary(settings: Settings, name: str) -> dict[str, int]:
    """How many checks of a gate there are, and how many failed, by severity."""
    rows = pq.read_table(settings.gate / "checks.parquet").to_pylist()
    of_gate = [row for row in rows if row["gate"] == name]
    failed = [row["severity"] for row in of_gate if not row["success"]]
    return {
        "checks": len(of_gate),
        "failed errors": failed.count("error"),
        "failed warnings": failed.count("warning"),
        "accepted": len(gate.accepted(settings.home_path)),
    }
