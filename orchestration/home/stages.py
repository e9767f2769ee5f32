"""The one memory of what was made from what: a record a stage, and whether what it made is still that.

A stage's key hashes its inputs' keys, the code of its rooms, the pinned packages and the settings that
matter (design, section 4). Same key, inputs and outputs: the stage is skipped; there is no other skip.
No heavy import here, because ``run`` asks before it imports anything heavy; Dagster is told the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, field_validator

from dlt_sources import SOURCES
from dlt_sources.archive import ArchiveError, local_snapshot, open_snapshot
from dlt_sources.atomic import write_atomically
from dlt_sources.documents import strict_json
from orchestration.errors import UserError
from orchestration.home.acceptances import acceptances
from orchestration.home.lock import held
from orchestration.settings import PROJECT, Settings, top_level_file

CODE = {".py", ".sql", ".yml", ".csv", ".css", ".jinja"}
NOT_CODE = {"target", "logs", "__pycache__"}
RAW = tuple(f"raw/{source.name}" for source in SOURCES)
IDENTIFICATION = "results/identification"
ALL = (*RAW, "gate/raw", "marts", "gate/marts", IDENTIFICATION, "results", "site", "release")
# as Dagster's graph says (tested), typed because deciding what is stale must not import Dagster
BEFORE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(RAW, ()),
    "gate/raw": RAW,
    "marts": ("gate/raw", *RAW),
    "gate/marts": ("marts",),
    IDENTIFICATION: ("gate/marts", "marts"),
    "results": (IDENTIFICATION, "gate/marts", "marts"),
    "site": ("results", IDENTIFICATION, "gate/marts", "marts"),
    "release": ("site", "results", IDENTIFICATION, "gate/marts", "gate/raw", "marts"),
}
LOADING = (
    "dlt_sources/json_lines.py",
    "dlt_sources/kept.py",
    "dlt_sources/markup.py",
    "dlt_sources/patent_documents.py",
    "dlt_sources/ranking_files.py",
    "dlt_sources/tables.py",
    "dlt_sources/archive.py",
    "dlt_sources/atomic.py",
    "dlt_sources/documents.py",
    "dlt_sources/packed.py",
    "dlt_sources/pipeline.py",
)
NAMING = ("dlt_sources/model_names.py", "dlt_sources/names")  # of a source that has a table of mentions
# what a single source is read with besides
BESIDE: Mapping[str, tuple[str, ...]] = {"github_events": ("dlt_sources/github_hours",)}
GATING = ("expectations", "orchestration/gate", "orchestration/home/acceptances.py")
STUDY = (
    "event_study",
    "orchestration/assets/result_files.py",
    "orchestration/assets/results.py",
    "orchestration/home/curated.py",
)
ROOMS: Mapping[str, tuple[str, ...]] = {
    **{
        f"raw/{s.name}": (
            f"dlt_sources/{s.name}.py",
            *LOADING,
            *BESIDE.get(s.name, ()),
            *(NAMING if any(table.name == "mentions" for table in s.tables) else ()),
        )
        for s in SOURCES
    },
    "gate/raw": GATING,
    "marts": (
        "dbt_project",
        "orchestration/warehouse.py",
        "orchestration/table_tests.py",
        "orchestration/assets/models.py",
    ),
    "gate/marts": GATING,
    IDENTIFICATION: STUDY,
    "results": STUDY,
    "site": ("report", "orchestration/assets/publication.py", "orchestration/home/archives.py"),
    "release": (
        "orchestration/release.py",
        "orchestration/datapackage.py",
        "orchestration/assets/publication.py",
    ),
}
OUTPUTS: Mapping[str, tuple[str, ...]] = {
    **{stage: (f"lake/{stage}",) for stage in RAW},
    "gate/raw": (),
    "marts": ("marts", "publishable", "warehouse.duckdb"),
    "gate/marts": ("gate/checks.parquet", "gate/verdicts.json"),
    IDENTIFICATION: (f"{IDENTIFICATION}.parquet",),
    "results": ("results",),
    "site": ("site",),
    "release": ("current/SHA256SUMS",),
}
CURVE = "results/specification_curve.parquet"  # made when asked for by name; the page takes in what is there
APART: Mapping[str, tuple[str, ...]] = {"results": (f"{IDENTIFICATION}.parquet", CURVE)}
UNREAD = "warehouse.duckdb"  # by other stages; its bytes differ from build to build


class ChainError(UserError):
    """A file is not the one that what stands behind it was made from; one line."""


class TestOutcome(BaseModel):
    """What is kept of one of dbt's tests, as it came."""

    unique_id: str
    status: str
    failures: int | None = None
    message: str | None = None


class Record(BaseModel):
    """What a stage left behind; a file a stage, in ``state/stages``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = ""
    is_finished: bool = False  # or the stage is at work, or was stopped
    code_version: str = ""
    missing: list[str] = []  # the assets that were not made by this key and from these inputs
    inputs: dict[str, str] = {}  # hash of the outputs of each stage before, and of what is read besides
    outputs: dict[str, tuple[int, int, str]] = {}  # by path: size, mtime, sha256
    audit: dict[str, str] = {}  # of a gate, by table: hash of what its verdict rests on
    tests: list[dict[str, Any]] = []  # of the marts: dbt's results of the last build

    @field_validator("tests")
    @classmethod
    def _tests_say_what_became_of_them(cls, tests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for test in tests:
            TestOutcome.model_validate(test)
        return tests

    @property
    def sha256(self) -> str:
        """One hash over the bytes that other stages read."""
        return combined(sha256 for path, (_, _, sha256) in self.outputs.items() if path != UNREAD)


class Making(NamedTuple):
    """A stage at work: its key, and whether it makes again what it had made by this key."""

    key: str
    is_same: bool


def digest(*parts: object) -> str:
    """sha256 of the parts as JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def sha256_of(*files: Path) -> str:
    """sha256 of a file's bytes; of several, one over theirs, whatever their names."""
    return combined(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)


def combined(sha256s: Iterable[str]) -> str:
    """One sha256 for several, in the order of their content; of one, itself."""
    listed = sorted(sha256s)
    return listed[0] if len(listed) == 1 else hashlib.sha256("\n".join(listed).encode()).hexdigest()


@cache
def code_version(*places: str) -> str:
    """Hash of the code at these places of the project (files or folders) and of the pinned packages.

    Raises:
        FileNotFoundError: a place holds no code (a defect: its changes would go unnoticed).
    """
    found: list[Path] = []
    for place in places:
        path = PROJECT / place
        inside = [path] if path.is_file() else sorted(p for p in path.rglob("*") if _is_code(p))
        if not inside:
            raise FileNotFoundError(f"{place}: no code here")
        found += inside
    code = [(p.relative_to(PROJECT).as_posix(), sha256_of(p)) for p in found]
    return digest(sha256_of(top_level_file("requirements.lock", PROJECT)), code)


def _is_code(path: Path) -> bool:
    folders = path.relative_to(PROJECT).parts
    return path.suffix in CODE and not NOT_CODE.intersection(folders) and path.is_file()


def keys(settings: Settings) -> dict[str, str]:
    """The key every stage would have if all were made now.

    Raises:
        ArchiveError: a manifest is malformed.
        UserError: what people accepted is.
    """
    out: dict[str, str] = {}
    for stage in ALL:
        out[stage] = key(settings, stage, out)
    return out


def key(settings: Settings, stage: str, before: Mapping[str, str]) -> str:
    """One stage's key, made of the keys of the stages before it, as far as they have one.

    Raises:
        ArchiveError: a manifest is malformed.
        UserError: what people accepted is.
    """
    upstream = {name: before.get(name) for name in BEFORE[stage]} | _outside(settings, stage)
    return digest(stage, upstream, code_version(*ROOMS[stage]), settings.origin, _extra(settings, stage))


def _outside(settings: Settings, stage: str) -> dict[str, str]:
    """Hashes of what the stage reads and no stage before it makes: a source's manifest, the curve."""
    if stage in RAW:
        source = SOURCES[RAW.index(stage)]
        snapshot = (
            local_snapshot(source.local)
            if source.local
            else open_snapshot(settings.archive_path, source.name)
        )
        return {"archive": snapshot.manifest_sha256 or "absent"}
    curve = settings.home_path / CURVE
    return {CURVE: sha256_of(curve)} if stage == "site" and curve.is_file() else {}


def _extra(settings: Settings, stage: str) -> object:
    if stage in {IDENTIFICATION, "results"}:
        return settings.until, settings.seed if settings.origin == "sample" else None
    if stage.startswith("gate/"):
        # raw tables are named <source>/<table>, marts without a slash
        return [
            one.model_dump()
            for one in acceptances(settings.gate)
            if ("/" in one.table) == (stage == "gate/raw")
        ]
    return None


def recorded(settings: Settings, stage: str) -> Record:
    """The record of the stage; an empty one where it was never made, or the file says nothing."""
    try:
        return Record.model_validate(strict_json(_path(settings, stage).read_bytes()))
    except (OSError, ValueError):
        return Record()


def note(settings: Settings, stage: str, **fields: object) -> Record:
    """Write these fields of the stage's record, and leave the others."""
    record = recorded(settings, stage).model_copy(update=fields)
    write_atomically(_path(settings, stage), record.model_dump_json(indent=1).encode())
    return record


def _path(settings: Settings, stage: str) -> Path:
    return settings.state / "stages" / f"{stage.replace('/', '__')}.json"


@contextmanager
def making(
    settings: Settings, stage: str, chosen: Collection[str] = (), of: Collection[str] = ()
) -> Iterator[Making]:
    """Hold the home while the stage changes its outputs: until the block ends well, it is not made.

    ``chosen`` are the assets to be made where they may be a part ``of`` the stage's; parts made one by
    one, by one key and from the same inputs, are a whole in the end. The key is of the inputs as they
    are at the start: what changes while the stage works must not count as seen.

    Raises:
        UserError: another command is at work in this home.
    """
    with held(settings):
        before = {n: r for n in BEFORE[stage] if (r := recorded(settings, n)).is_finished}
        old = recorded(settings, stage)
        now = key(settings, stage, {name: record.key for name, record in before.items()})
        inputs = {n: r.sha256 for n, r in before.items() if not n.startswith("gate/")}
        inputs |= _outside(settings, stage)
        is_again = (old.key, old.inputs) == (now, inputs)
        missing = {*chosen, *(old.missing if is_again and not _gone(settings, old) else of)}
        untouched = {path: _stat(settings, path) for path in _files(settings, stage)}
        note(settings, stage, key=now, inputs=inputs, missing=sorted(missing), is_finished=False)
        yield Making(now, is_again and old.is_finished)
        is_whole = {*chosen} == {*of}
        outputs = {path: state for path, state in old.outputs.items() if not is_whole}
        for path in (files := _files(settings, stage)):
            if is_whole or _stat(settings, path) != untouched.get(path):
                outputs[path] = (*_stat(settings, path), sha256_of(settings.home_path / path))
        missing -= {*chosen}
        note(
            settings, stage, is_finished=not missing, missing=sorted(missing),
            code_version=code_version(*ROOMS[stage]),
            outputs={path: outputs[path] for path in files if path in outputs},
        )  # fmt: skip


def _gone(settings: Settings, record: Record) -> list[str]:
    """The files that the stage wrote and that are no longer there."""
    return [path for path in record.outputs if not (settings.home_path / path).is_file()]


def _files(settings: Settings, stage: str) -> list[str]:
    """The stage's output files, by path under home; dlt's bookkeeping beside the tables is none."""
    home = settings.home_path
    found: list[str] = []
    for output in OUTPUTS[stage]:
        path = home / output
        inside = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        names = [p.relative_to(home).as_posix() for p in inside if not p.name.startswith(".")]
        found += [name for name in names if "/_dlt" not in name and not name.endswith("/init")]
    return sorted(set(found) - set(APART.get(stage, ())))


def _is_whole(path: Path) -> bool:
    """A file that ends as its kind does; no heavy import."""
    try:
        content = path.read_bytes()
        return content.endswith(b"PAR1") if path.suffix == ".parquet" else bool(strict_json(content))
    except (OSError, ValueError):
        return False


def _stat(settings: Settings, path: str) -> tuple[int, int]:
    status = (settings.home_path / path).stat()
    return status.st_size, status.st_mtime_ns


def touched(settings: Settings, stage: str) -> str | None:
    """The first file that is not as the stage left it: changed, gone or added; None if all are."""
    if stage == "gate/raw":  # both gates write into the same files, which the later one's record holds
        return next((f for f in OUTPUTS["gate/marts"] if not _is_whole(settings.home_path / f)), None)
    outputs, files = recorded(settings, stage).outputs, _files(settings, stage)
    for name in sorted({*files} ^ {*outputs}):
        return name
    for name, (size, modified, sha256) in outputs.items():
        now = _stat(settings, name)
        if now[0] != size or (now[1] != modified and sha256_of(settings.home_path / name) != sha256):
            return name
    return None


def stale(settings: Settings) -> list[str]:
    """The stages that must be made, in order: never made, key or inputs changed, or outputs touched."""
    now = keys(settings)
    records = {stage: recorded(settings, stage) for stage in ALL}
    return [
        stage
        for stage, record in records.items()
        if not record.is_finished
        or record.key != now[stage]
        or _other_input(record, records) is not None
        or touched(settings, stage) is not None
    ]


def versions(settings: Settings) -> dict[str, str]:
    """Each stage's key, as Dagster's code version, which it compares with that of what was made.

    A stage to be made by the key it was made by (its files were touched, it was stopped) has another:
    no key is. Empty where archive or acceptances cannot be read: what is wrong is for a run to say.
    """
    try:
        now, waiting = keys(settings), stale(settings)
    except (ArchiveError, UserError):
        return {}
    return {
        stage: digest("again", key) if stage in waiting and recorded(settings, stage).key == key else key
        for stage, key in now.items()
    }


def _other_input(record: Record, records: Mapping[str, Record]) -> str | None:
    """A stage before, made again since, whose bytes are not those that the record's were made from."""
    remade = (n for n, r in records.items() if n in record.inputs and r.is_finished)
    return next((name for name in remade if records[name].sha256 != record.inputs[name]), None)


def require(settings: Settings, stage: str) -> None:
    """Check that what ``stage`` was made from is still there, byte for byte.

    Raises:
        ChainError: the stage was never made, or a file it was made from changed since.
    """
    record = recorded(settings, stage)
    if record.missing:
        names = ", ".join(record.missing[:3]) + (", …" if record.missing[3:] else "")
        raise ChainError(f"{stage}: not made from what is there now: {names}; make {stage} first")
    if not record.is_finished:
        raise ChainError(f"{stage}: never made to its end; make it first")
    records = {name: recorded(settings, name) for name in record.inputs if name in ALL}
    outside = _outside(settings, stage).items() ^ {i for i in record.inputs.items() if i[0] not in records}
    changed = [name for name, _ in outside] + [f for name in records if (f := touched(settings, name))]
    if other := next(iter(changed), _other_input(record, records)):
        raise ChainError(f"{other}: not the file that {stage} was made from; make {stage} again")
