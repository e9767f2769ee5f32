"""Stage keys: what each stage is made of, and whether what it made is still that.

A stage's key hashes its inputs' keys, the code of its rooms, the pinned packages and the settings
that matter (design, section 4). Same key and untouched outputs: the stage is skipped. This is the
only skip mechanism. No heavy import here, because ``run`` asks before it imports anything heavy.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dlt_sources import SOURCES
from dlt_sources.archive import local_snapshot, open_snapshot
from dlt_sources.atomic import write_atomically
from orchestration.settings import PROJECT, Settings

CODE = {".py", ".sql", ".yml", ".csv", ".css", ".jinja"}
NOT_CODE = {"target", "logs", "__pycache__"}
RAW = tuple(f"raw/{source.name}" for source in SOURCES)
ALL = (*RAW, "gate/raw", "marts", "gate/marts", "results", "site", "release")
BEFORE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(RAW, ()),
    "gate/raw": RAW,
    "marts": ("gate/raw", *RAW),
    "gate/marts": ("marts",),
    "results": ("gate/marts", "marts"),
    "site": ("results", "gate/marts", "marts"),
    "release": ("site", "results", "gate/marts", "marts"),
}
LOADING = (
    "dlt_sources/tables.py",
    "dlt_sources/archive.py",
    "dlt_sources/atomic.py",
    "dlt_sources/pipeline.py",
)
GATING = ("expectations", "orchestration/gate")
ROOMS: Mapping[str, tuple[str, ...]] = {
    **{f"raw/{s.name}": (f"dlt_sources/{s.name}.py", *LOADING) for s in SOURCES},
    "gate/raw": GATING,
    "marts": ("dbt_project", "orchestration/warehouse.py", "orchestration/assets/models.py"),
    "gate/marts": GATING,
    "results": (
        "event_study",
        "orchestration/assets/result_files.py",
        "orchestration/assets/results.py",
        "orchestration/home/provenance.py",
    ),
    "site": ("report", "orchestration/assets/publication.py", "orchestration/home/archives.py"),
    "release": ("orchestration/release.py", "orchestration/home/provenance.py"),
}
# made when asked for by name, beside a stage's outputs; the page takes in what is there
ON_REQUEST: Mapping[str, tuple[str, ...]] = {"results": ("results/specification_curve.parquet",)}
OUTPUTS: Mapping[str, tuple[str, ...]] = {
    **{stage: (f"lake/{stage}",) for stage in RAW},
    "gate/raw": (),
    "marts": ("marts", "warehouse.duckdb"),
    "gate/marts": ("gate/checks.parquet", "gate/verdicts.json"),
    "results": ("results",),
    "site": ("site",),
    "release": ("current/SHA256SUMS",),
}


def digest(*parts: object) -> str:
    """sha256 of the parts as JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@cache
def code_version(*places: str) -> str:
    """Hash of the code at these places of the project (files or folders) and of the pinned packages.

    Raises:
        FileNotFoundError: a place holds no code (a defect: its changes would go unnoticed).
    """
    found = [PROJECT / "requirements.lock"]
    for place in places:
        path = PROJECT / place
        inside = [path] if path.is_file() else sorted(p for p in path.rglob("*") if _is_code(p))
        if not inside:
            raise FileNotFoundError(f"{place}: no code here")
        found += inside
    return digest([(p.relative_to(PROJECT).as_posix(), _sha256(p)) for p in found])


def _is_code(path: Path) -> bool:
    return path.suffix in CODE and not NOT_CODE.intersection(path.parts) and path.is_file()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def keys(settings: Settings) -> dict[str, str]:
    """The key every stage would have if all were made now.

    Raises:
        ArchiveError: a manifest is malformed.
    """
    out: dict[str, str] = {}
    for stage in ALL:
        out[stage] = key(settings, stage, out)
    return out


def key(settings: Settings, stage: str, known: Mapping[str, str]) -> str:
    """One stage's key, made of the keys ``known`` of the stages before it.

    Raises:
        ArchiveError: a manifest is malformed.
    """
    code = code_version(*ROOMS[stage])
    if stage in RAW:
        source = SOURCES[RAW.index(stage)]
        snapshot = (
            local_snapshot(source.local)
            if source.local
            else open_snapshot(settings.archive_path, source.name)
        )
        return digest(stage, snapshot.manifest_sha256, code, settings.origin)
    upstream = {name: known.get(name) for name in BEFORE[stage]}
    return digest(stage, upstream, code, settings.origin, _extra(settings, stage))


def _extra(settings: Settings, stage: str) -> object:
    if stage == "results":
        return settings.until, settings.seed if settings.origin == "sample" else None
    if stage == "site":
        asked = [settings.home_path / name for names in ON_REQUEST.values() for name in names]
        return [_sha256(path) for path in asked if path.is_file()]
    if stage.startswith("gate/"):
        accepted = settings.gate / "accepted.json"
        entries = json.loads(accepted.read_text()) if accepted.is_file() else []
        # raw tables are named <source>/<table>, marts without a slash
        return [entry for entry in entries if ("/" in entry["table"]) == (stage == "gate/raw")]
    return None


@dataclass(frozen=True)
class Made:
    """What a stage recorded when it ended: its key, and size, mtime and sha256 of each output."""

    key: str
    outputs: Mapping[str, tuple[int, int, str]]


def recorded(settings: Settings, stage: str) -> Made | None:
    """The record of the stage, or None where it never ended."""
    try:
        content = json.loads(_record(settings, stage).read_text())
    except (OSError, ValueError):
        return None
    return Made(content["key"], {path: tuple(state) for path, state in content["outputs"].items()})


def _record(settings: Settings, stage: str) -> Path:
    return settings.state / "stages" / f"{stage.replace('/', '__')}.json"


def begin(settings: Settings, stage: str) -> str:
    """The stage is about to change its outputs: until it ends, it is not made.

    Returns its key, of its inputs as they are now: what changes while it works must not count as seen.
    """
    _record(settings, stage).unlink(missing_ok=True)
    known = {name: made.key for name in BEFORE[stage] if (made := recorded(settings, name))}
    return key(settings, stage, known)


def record(settings: Settings, stage: str, begun: str) -> None:
    """Remember that the stage has just ended; ``begun`` is the key that ``begin`` gave."""
    outputs = {path: _state(settings.home_path / path) for path in _files(settings, stage)}
    content = {"key": begun, "outputs": outputs}
    write_atomically(_record(settings, stage), json.dumps(content, indent=1).encode())


def _files(settings: Settings, stage: str) -> list[str]:
    """The stage's output files, by path under home; dlt's bookkeeping beside the tables is none."""
    home = settings.home_path
    found: list[str] = []
    for output in OUTPUTS[stage]:
        path = home / output
        inside = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        names = [p.relative_to(home).as_posix() for p in inside if not p.name.startswith(".")]
        found += [name for name in names if "/_dlt" not in name and not name.endswith("/init")]
    return sorted(set(found) - set(ON_REQUEST.get(stage, ())))


def _state(path: Path) -> tuple[int, int, str]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, _sha256(path)


def is_untouched(settings: Settings, stage: str) -> bool:
    """The outputs the stage recorded are there, no more and no less, with the same bytes."""
    made = recorded(settings, stage)
    if made is None or sorted(made.outputs) != _files(settings, stage):
        return False
    for name, (size, modified, sha256) in made.outputs.items():
        path = settings.home_path / name
        try:
            status = path.stat()
        except OSError:
            return False
        if status.st_size != size:
            return False
        if status.st_mtime_ns != modified and _sha256(path) != sha256:
            return False
    return True


def stale(settings: Settings, stages: Iterable[str] = ALL) -> list[str]:
    """The stages that must be made, in order: key changed, outputs touched, or never made."""
    now = keys(settings)
    return [
        stage
        for stage in stages
        if (made := recorded(settings, stage)) is None
        or made.key != now[stage]
        or not is_untouched(settings, stage)
    ]
