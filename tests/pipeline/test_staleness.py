"""What a run would make and what Dagster shows as not up to date: the same, whatever was changed.

Dagster compares code and data versions asset by asset; a run compares the stages' records. The table
that this test writes is the one in docs/reference/staleness.md.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest
from tabulate import tabulate

from dlt_sources.archive import listed_entry
from orchestration import definitions
from orchestration.home import stages
from orchestration.jobs import assets_to_make
from orchestration.settings import Settings, read_settings
from orchestration.translators import stage_of
from orchestration.warehouse import manifest
from tests.conftest import ROOT, chokepoint

pytestmark = pytest.mark.slow
DOCUMENT = ROOT / "docs" / "reference" / "staleness.md"
SOURCE = "innovation_graph"


@dataclass
class Place:
    """A finished home, its archive and a copy of the project, all to be changed at will."""

    home: Path
    archive: Path
    project: Path
    until: str | None = None

    @property
    def settings(self) -> Settings:
        return read_settings(home=self.home, archive=self.archive, until=self.until)


@pytest.fixture
def place(
    lean_home: Path, lean_archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    """Of one source: what is stale is told from records and code, whatever the data are."""
    project = tmp_path / "project"
    for room in ("dlt_sources", "dbt_project", "event_study", "expectations", "report", "orchestration"):
        ignored = shutil.ignore_patterns("__pycache__", "logs", "target")
        shutil.copytree(ROOT / room, project / room, ignore=ignored)
    shutil.copy(ROOT / "requirements.lock", project)
    parsed = manifest()
    monkeypatch.setattr(stages, "PROJECT", project)
    monkeypatch.setattr(definitions, "read_manifest", lambda: parsed)
    yield Place(lean_home, lean_archive, project)
    stages.code_version.cache_clear()


def _append(*path: str) -> Callable[[Place], object]:
    def change(place: Place) -> None:
        file = place.project.joinpath(*path)
        file.write_text(file.read_text() + "\n")

    return change


def _another_file(place: Place) -> None:
    folder = place.archive / SOURCE
    content = json.loads((folder / "manifest.json").read_text())
    entry = content["files"][0]
    data = (folder / entry["path"]).read_bytes() + b"\n"
    (folder / entry["path"]).write_bytes(data)
    entry |= listed_entry(entry["path"], data, entry["retrieved"], entry["observed"])
    (folder / "manifest.json").write_text(json.dumps(content))


def _accept(place: Place) -> None:
    entry = {"table": "dim_event", "check": "four_shocks", "reason": "told", "by": "me", "at": "2026-01-01"}
    (place.home / "gate" / "accepted.json").write_text(json.dumps([entry]))


def _edit(place: Place) -> None:
    (place.home / "results" / "claims.parquet").write_bytes(b"edited by hand")


def _until(place: Place) -> None:
    place.until = "2025-06-01"


CHANGES: dict[str, Callable[[Place], object]] = {
    "nothing": lambda place: None,
    "a specification": _append("event_study", "specs", "primary.yml"),
    "a specification of units": _append("event_study", "specs", "units", "commits.yml"),
    "code of the event study": _append("event_study", "errors.py"),
    "a seed": _append("dbt_project", "seeds", "outcomes.csv"),
    "a dbt model": _append("dbt_project", "models", "marts", "dim_month.sql"),
    "an expectation": _append("expectations", "marts.py"),
    "a template": _append("report", "templates", "index.html.jinja"),
    "a source's file": _another_file,
    "a source's code": _append("dlt_sources", f"{SOURCE}.py"),
    "the setting `until`": _until,
    "an accepted check of a mart": _accept,
    "an output, edited by hand": _edit,
}


def _by_stage(keys: set[dg.AssetKey]) -> str:
    """The stages of these assets, each only if all of its assets are among them."""
    return ", ".join(stage for stage in stages.ALL if stage in {stage_of(key) for key in keys}) or "–"


def _both(place: Place) -> tuple[set[dg.AssetKey], set[dg.AssetKey]]:
    """The assets that a run would make, and those that Dagster shows as not up to date."""
    stages.code_version.cache_clear()
    graph = definitions.build_defs(place.settings).resolve_asset_graph()
    keys = {key for key in graph.get_all_asset_keys() if stage_of(key) is not None}
    with dg.DagsterInstance.from_config(str(place.home / "state" / "dagster")) as instance:
        resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
        shown = {key for key in keys if resolver.get_status(key) is not StaleStatus.FRESH}
    return assets_to_make(keys, stages.stale(place.settings)), shown


def test_dagster_shows_as_stale_what_a_run_would_make(
    place: Place, finished_lean_home: Path, tmp_path: Path
) -> None:
    rows = []
    shutil.copytree(place.archive, tmp_path / "as it was")
    for name, change in CHANGES.items():
        change(place)
        to_make, shown = _both(place)
        assert to_make == shown, name
        assert bool(to_make) == (name != "nothing")
        rows.append((name, _by_stage(to_make), _by_stage(shown)))
        place.until = None
        originals = [(tmp_path / "as it was", place.archive)]
        originals += [(finished_lean_home / room, place.home / room) for room in ("gate", "results")]
        for original, changed in originals:
            shutil.rmtree(changed)
            shutil.copytree(original, changed)
        for room in ("event_study", "dbt_project", "expectations", "report", "dlt_sources"):
            shutil.copytree(ROOT / room, place.project / room, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("__pycache__", "logs", "target"))  # fmt: skip
    table = tabulate(rows, ("changed", "`chokepoint run` makes", "Dagster shows as not up to date"), "pipe")
    if os.environ.get("CHOKEPOINT_WRITE_REFERENCE"):
        before = DOCUMENT.read_text().partition("| changed")[0]
        DOCUMENT.write_text(f"{before}{table}\n")
    assert table in DOCUMENT.read_text()


def test_what_is_made_again_alike_is_up_to_date_in_both(place: Place) -> None:
    _edit(place)
    assert _by_stage(_both(place)[0]) == "results"
    for selection in ((), ("--select", "results/estimates")):
        done = chokepoint("run", "--home", place.home, "--archive", place.archive, *selection)
        assert done.code == 0, done.err
        assert _both(place) == (set(), set())
