"""Versions, settings, keys, disk, and whether every listed byte of the archive is there."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console

from dlt_sources import SOURCES
from dlt_sources.archive import open_snapshot, sources_in
from dlt_sources.fetch import NAMES as FETCHABLE
from dlt_sources.fetch import service_of
from orchestration.command.terminal import table
from orchestration.home import stages
from orchestration.home.archives import check_archive, check_simulation, is_to_be_written
from orchestration.home.lock import refuse_other_origin, refuse_unusable
from orchestration.settings import Settings

PACKAGES = ("chokepoint", "dagster", "dagster-dbt", "dlt", "dbt-core", "dbt-duckdb", "duckdb",
            "great-expectations", "pandas", "numpy", "statsmodels", "pyarrow")  # fmt: skip


def examine(settings: Settings, console: Console) -> None:
    """Print what someone asks first when a run behaves oddly.

    Raises:
        ArchiveError: a run would refuse the archive, or a listed file has another hash or
            is beyond the limits.
        UserError: a run would refuse the home.
    """
    table(console, "Versions", ("package", "version"),
          [("python", platform.python_version()), *((n, _version(n)) for n in PACKAGES)])  # fmt: skip
    table(console, "Settings", ("setting", "value"),
          [(name, str(value)) for name, value in settings.model_dump().items()]
          + [("home in use", str(settings.home_path)),
             ("archive in use", str(settings.archive_path))])  # fmt: skip
    keys, remedies = _keys()
    table(console, "Keys of services", ("variable", "state", "without it", "sources"), keys)
    for variable, how in remedies.items():
        console.print(f"{variable}: {how}", highlight=False, soft_wrap=True)
    refuse_unusable(settings)
    refuse_other_origin(settings)
    home = settings.home_path
    while not home.exists():
        home = home.parent
    free = shutil.disk_usage(home).free / 1e9
    console.print(f"\nfree disk at {home}: {free:.1f} GB", highlight=False)
    if is_to_be_written(settings):
        check_simulation(settings)
        console.print("archive: not written yet; `chokepoint run` writes it", highlight=False)
        return
    check_archive(settings)
    known = {source.name: source for source in SOURCES}
    rows = []
    for name in sources_in(settings.archive_path):
        snapshot = open_snapshot(settings.archive_path, name, settings.limits)
        if name not in known:
            rows.append((name, len(snapshot.files), "read by nobody"))
            continue
        for file in snapshot.matching(*known[name].files):
            snapshot.read(file)
        ignored = len(snapshot.ignored(known[name].files))
        rows.append((name, len(snapshot.files), f"hashes agree, {ignored} files ignored"))
    table(console, "Archive", ("source", "files", "health"), rows)
    stale = stages.stale(settings)
    console.print(f"\nstages to make: {', '.join(stale) or 'none'}", highlight=False, soft_wrap=True)


def _keys() -> tuple[list[tuple[str, str, str, str]], dict[str, str]]:
    """A row a key that services declare, and how to get those that are missing; no value is shown."""
    asked: dict[tuple[str, bool], list[str]] = {}
    remedies: dict[str, str] = {}
    for name in FETCHABLE:
        if key := service_of(name).key:
            asked.setdefault((key.env, key.is_needed), []).append(name)
            if not key.value():
                remedies[key.env] = key.how
    rows = [
        (env, "missing" if env in remedies else "set", "skipped" if is_needed else "slower", ", ".join(names))
        for (env, is_needed), names in sorted(asked.items())
    ]
    return rows, remedies


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
