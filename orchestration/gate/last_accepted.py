"""What the last accepted run said, for the next to be compared with (``gate/baseline``).

``<source>.parquet``: aggregates of its tables, written only when both gates let the run pass, and no
input of any number. A baseline counts for the same reader and, of simulated files, for the same world:
another seed is no fault. ``checks.json``: how far each check failed that failed. Not here: what is
compared (``expectations.baseline``, ``extents``).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from dlt_sources.atomic import write_atomically
from dlt_sources.documents import strict_json
from dlt_sources.tables import Source
from expectations import Result, baseline
from orchestration.gate.extents import extent
from orchestration.home import stages
from orchestration.home.acceptances import Extent
from orchestration.settings import Settings

PREFIX = "baseline/"  # of the names by which checks read these files
WORLD = b"world"


class Standing(BaseModel):
    """``world``: the code and simulated world that these extents speak of; ``failed``: table -> check ->
    how far it failed."""

    model_config = ConfigDict(strict=True, extra="forbid")

    world: str
    failed: dict[str, dict[str, Extent]]


def path(settings: Settings, source: str) -> Path:
    return settings.gate / "baseline" / f"{source}.parquet"


def usable(settings: Settings, sources: Iterable[Source]) -> list[str]:
    """The sources that have a baseline made by the reader, and of the world, that there is now."""
    return [
        source.name
        for source in sources
        if _world_of(path(settings, source.name)) == _world(settings, source)
    ]


def keep(settings: Settings, sources: Iterable[Source], verdicts: Mapping[str, Mapping[str, object]]) -> None:
    """Write the baseline of every source whose tables, as they lie there, passed the raw gate."""
    for source in sources:
        files = {
            f"{source.name}/{table.name}": sorted(
                (settings.lake / "raw" / source.name / table.name).glob("*.parquet")
            )
            for table in source.tables
        }
        if all(_passed(verdicts.get(name, {}), found) for name, found in files.items()):
            _write(settings, source, files)


def extents(settings: Settings) -> dict[tuple[str, str], Extent]:
    """How far each check failed in the last accepted run, by table and check; nothing where that run's checks
    were others, or the file cannot be read."""
    try:
        standing = Standing.model_validate(strict_json(_standing(settings).read_bytes()))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    if standing.world != _world_of_checks(settings):
        return {}
    return {(table, check): one for table, of in standing.failed.items() for check, one in of.items()}


def keep_extents(settings: Settings, results: Iterable[Result]) -> None:
    """Write how far the checks failed that failed, for the next run's to be no worse."""
    failed: dict[str, dict[str, Extent]] = {}
    for result in results:
        if not result.success and not result.error:
            failed.setdefault(result.table, {})[result.check] = extent(result)
    standing = Standing(world=_world_of_checks(settings), failed=failed)
    _standing(settings).parent.mkdir(parents=True, exist_ok=True)
    write_atomically(_standing(settings), (standing.model_dump_json(indent=1) + "\n").encode())


def _standing(settings: Settings) -> Path:
    return settings.gate / "baseline" / "checks.json"


def _world_of_checks(settings: Settings) -> str:
    simulated = settings.state / "simulated.json"
    code = stages.code_version(*stages.GATING)
    return stages.digest(code, simulated.read_text() if simulated.is_file() else "")


def _passed(verdict: Mapping[str, object], files: Sequence[Path]) -> bool:
    return bool(files and verdict.get("passed")) and verdict.get("sha256") == stages.sha256_of(*files)


def aggregates(source: Source, files: Mapping[str, Sequence[Path]]) -> pa.Table:
    """What the source's tables add up to, of those that have ``files`` (by ``<source>/<table>``)."""
    types = {
        f"{source.name}/{table.name}": {column.name: str(column.type) for column in table.columns}
        for table in source.tables
    }
    return baseline.aggregates({name: (types[name], files[name]) for name in types if files.get(name)})


def _write(settings: Settings, source: Source, files: Mapping[str, Sequence[Path]]) -> None:
    content = aggregates(source, files)
    metadata = {WORLD: _world(settings, source), b"origin": settings.origin.encode()}
    buffer = io.BytesIO()
    pq.write_table(content.replace_schema_metadata(metadata), buffer, compression="zstd")
    path(settings, source.name).parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path(settings, source.name), buffer.getvalue())


def _world(settings: Settings, source: Source) -> bytes:
    simulated = settings.state / "simulated.json"
    reader = stages.code_version(*stages.ROOMS[f"raw/{source.name}"])
    return stages.digest(
        reader, simulated.read_text(errors="replace") if simulated.is_file() else ""
    ).encode()


def _world_of(file: Path) -> bytes | None:
    """What the baseline speaks of; none where it is absent or cannot be read, which counts as absent."""
    try:
        return (pq.read_schema(file).metadata or {}).get(WORLD)
    except (OSError, pa.ArrowException):
        return None
