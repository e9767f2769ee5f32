"""One mutation through what a run does: load, raw gate, dbt, marts gate, beside an unchanged home.

Only the changed files are parsed (readers work file by file) and their rows put in the place of the
old ones; dbt builds what is downstream of the source into a copy of the home's warehouse. Noticed is
what is refused at load, and a check or dbt test that fails here and passes on the unchanged home.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.mutations.catalogue import Mutation
from benchmarks.mutations.listed import Changes, Files
from dlt_sources import SOURCES
from dlt_sources.archive import ArchiveError, listed_entry, open_snapshot, write_manifest
from dlt_sources.tables import Source, load
from expectations import Check, marts, raw, validation
from orchestration.gate.last_accepted import aggregates
from orchestration.translators import tables_of

Failure = tuple[str, str]  # table, check


@dataclass(frozen=True)
class Found:
    """``noticed`` by which stage (load, raw, dbt, marts; empty: by none), and by what."""

    mutation: Mutation
    noticed: str
    by: str
    seconds: float

    @property
    def is_right(self) -> bool:
        return bool(self.noticed) != self.mutation.is_control


@dataclass(frozen=True)
class Home:
    """A home made by a run from this archive: what every mutation is compared with."""

    path: Path
    archive: Path
    origin: str
    accepted: str | None  # the files of the last accepted run: ``same``, ``earlier``, or there was none

    def raw_checks(self, source: Source) -> tuple[Check, ...]:
        return raw.checks([source], baselines=[source.name] if self.accepted else [])

    def baseline(self, source: Source) -> Path:
        """What a run that passed on the unchanged home would leave for the next."""
        path = self.folder / f"{source.name}.parquet"
        if not path.is_file():
            made = aggregates(source, self.raw_paths(source))
            pq.write_table(earlier(made) if self.accepted == "earlier" else made, path)
        return path

    @cached_property
    def folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="chokepoint-mutations-"))

    def raw_paths(self, source: Source) -> dict[str, Sequence[Path]]:
        lake = self.path / "lake" / "raw" / source.name
        return {f"{source.name}/{n}": sorted((lake / n).glob("*.parquet")) for n in tables_of(source)}

    def baseline_paths(self, source: Source) -> dict[str, Sequence[Path]]:
        return {f"baseline/{source.name}": [self.baseline(source)]} if self.accepted else {}

    @cached_property
    def standing_raw(self) -> dict[str, set[Failure]]:
        return {}

    def standing(self, source: Source) -> set[Failure]:
        """What the raw gate says of the unchanged files."""
        known = self.standing_raw
        if source.name not in known:
            paths = self.raw_paths(source) | self.baseline_paths(source)
            known[source.name] = failures(self.raw_checks(source), paths)
        return known[source.name]


def earlier(accepted: pa.Table) -> pa.Table:
    """The baseline of a run one file a table ago: without the newest, where older ones are of its kind."""
    kinds = pc.replace_substring_regex(accepted["file"], "[0-9]+", "0")
    files = accepted.append_column("kind", kinds).group_by(["table_name", "kind"])
    files = files.aggregate([("file", "max"), ("file", "count_distinct")])
    keys = set()
    for table in files["table_name"].unique().to_pylist():
        of_table = files.filter(pc.equal(files["table_name"], table)).sort_by("file_max")
        if of_table["file_count_distinct"][-1].as_py() > 1:
            keys.add((table, of_table["file_max"][-1].as_py()))
    rows = zip(accepted["table_name"].to_pylist(), accepted["file"].to_pylist(), strict=True)
    return accepted.filter(pa.array([row not in keys for row in rows]))


def failures(checks: Iterable[Check], paths: Mapping[str, Sequence[Path]]) -> set[Failure]:
    return {(r.table, r.check) for r in validation.run(checks, paths, {}) if not r.success}


class Trial:
    """Tries mutations against one home. ``has_marts``: what the raw gate lets pass goes on to dbt."""

    def __init__(self, home: Home, has_marts: bool) -> None:
        self.home, self.has_marts = home, has_marts
        self.sources = {source.name: source for source in SOURCES}

    def outcome(self, mutation: Mutation) -> Found | None:
        """None where the archive has no such file, or the change would change nothing."""
        began = time.perf_counter()
        files = Files(self.home.archive, mutation.source)
        try:
            changes = mutation.change(files)
        except (IndexError, KeyError, FileNotFoundError, StopIteration):
            return None
        old = {file.path for file in open_snapshot(self.home.archive, mutation.source).files}
        changes = {p: d for p, d in changes.items() if d is None or p not in old or d != files.read(p)}
        if not changes:
            return None
        with tempfile.TemporaryDirectory() as folder:
            noticed, by = self._noticed(self.sources[mutation.source], changes, Path(folder))
        return Found(mutation, noticed, by, time.perf_counter() - began)

    def _noticed(self, source: Source, changes: Changes, folder: Path) -> tuple[str, str]:
        _write_archive(self.home, source, changes, folder / "archive")
        try:
            tables = load(source, folder / "archive")
        except ArchiveError as error:
            return "load", str(error)
        paths = self._spliced(source, changes, tables, folder / "home")
        beside = paths | self.home.baseline_paths(source)
        new = failures(self.home.raw_checks(source), beside) - self.home.standing(source)
        if new or not self.has_marts:
            return ("raw" if new else ""), _listed(new)
        return self._noticed_in_marts(source, folder / "home")

    def _spliced(
        self, source: Source, changes: Changes, tables: Mapping[str, pa.Table], home: Path
    ) -> dict[str, Sequence[Path]]:
        """The source's tables with the changed files' rows in the place of the old ones."""
        gone = pa.array(sorted(changes), pa.string())
        paths: dict[str, Sequence[Path]] = {}
        for name, unchanged in self.home.raw_paths(source).items():
            table = name.split("/")[1]
            rows = tables[table]
            if unchanged:
                old = pa.concat_tables([pq.read_table(file) for file in unchanged])
                column = "file" if table == "_rejected" else "_source_file"
                old = old.filter(pc.invert(pc.is_in(old[column], gone)))
                rows = pa.concat_tables([old.select(rows.schema.names).cast(rows.schema), rows])
            target = home / "lake" / "raw" / name / "part-0.parquet"
            target.parent.mkdir(parents=True)
            pq.write_table(rows, target)
            paths[name] = [target]
        return paths

    def _noticed_in_marts(self, source: Source, home: Path) -> tuple[str, str]:
        from orchestration.settings import Settings
        from orchestration.warehouse import build, export_marts, manifest, mart_keys

        base = self.home.path
        for other in (base / "lake" / "raw").iterdir():
            if other.name != source.name:
                (home / "lake" / "raw" / other.name).symlink_to(other.resolve())
        shutil.copy(base / "warehouse.duckdb", home / "warehouse.duckdb")
        settings = Settings(origin=self.home.origin, home=home, archive=self.home.archive)
        built = build(settings, [f"source:{source.name}+"])
        if built.failed:
            return "dbt", ", ".join(sorted({node["unique_id"].split(".")[2] for node in built.failed})[:3])
        nodes = manifest()
        keys = mart_keys(nodes)
        made = {n["unique_id"].split(".")[-1] for n in built.nodes} & keys.keys()
        export_marts(settings, nodes, {node["unique_id"].split(".")[-1] for node in built.nodes})
        paths = {name: [(home if name in made else base) / "marts" / f"{name}.parquet"] for name in keys}
        moved = {n for n in made if _sha256(paths[n][0]) != _sha256(base / "marts" / f"{n}.parquet")}
        touched = [c for c in marts.checks(nodes) if moved & {c.table, *c.uses}]
        new = failures(touched, paths) - self._standing_marts(touched)
        if new:
            return "marts", _listed(new)
        return "", f"changed {', '.join(sorted(moved)) or 'no mart'}"

    def _standing_marts(self, checks: Sequence[Check]) -> set[Failure]:
        names = {table for check in checks for table in (check.table, *check.uses)}
        return failures(checks, {name: [self.home.path / "marts" / f"{name}.parquet"] for name in names})


def _write_archive(home: Home, source: Source, changes: Changes, root: Path) -> None:
    """An archive of the changed files alone, with a manifest that is true."""
    manifest = json.loads((home.archive / source.name / "manifest.json").read_text())
    known = {entry["path"]: entry for entry in manifest["files"]}
    entries = []
    for path, data in changes.items():
        if data is None:
            continue
        packed = gzip.compress(data, mtime=0) if path.endswith(".gz") else data
        target = root / source.name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(packed)
        observed = known.get(path, {}).get("observed")
        entries.append(listed_entry(path, packed, "2026-11-01T00:00:00Z", observed))
    (root / source.name).mkdir(parents=True, exist_ok=True)
    write_manifest(root, {**manifest, "files": entries})


def _listed(found: Iterable[Failure]) -> str:
    return ", ".join(f"{table.split('/')[-1]}: {check}" for table, check in sorted(found))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
