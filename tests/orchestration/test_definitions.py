"""The code location: loads cheaply and offline, one graph, nothing without owner or words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
import yaml

from dlt_sources import SOURCES
from orchestration.command.ui import Services, serve
from orchestration.definitions import build_defs
from orchestration.definitions import defs as location
from orchestration.home import stages
from orchestration.settings import Settings, read_settings
from orchestration.translators import CURVE_KEY, stage_of

ROOT = Path(__file__).resolve().parents[2]
LOAD = """
import json, socket, sys, time
def refuse(*args, **kwargs): raise OSError("no network here")
socket.socket.connect = refuse
from orchestration.definitions import defs
started = time.process_time()
location = defs
loaded = location.load() if hasattr(location, "load") else location()
print(json.dumps({"cpu": time.process_time(), "heavy": [m for m in
    ("great_expectations", "statsmodels", "pyfixest", "altair") if m in sys.modules]}))
"""


@pytest.fixture(scope="module")
def defs(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return build_defs(read_settings(home=tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def specs(defs: dg.Definitions) -> list[dg.AssetSpec]:
    return list(defs.resolve_all_asset_specs())


def test_every_asset_says_what_it_is(specs: list[dg.AssetSpec]) -> None:
    groups = {"sources", "staging", "marts", "gate", "results", "site"}
    for spec in specs:
        name = spec.key.to_user_string()
        assert spec.group_name in groups, name
        assert spec.owners, name
        assert spec.kinds, name
        assert spec.description and len(spec.description) > 15, name


def test_tables_show_their_columns(specs: list[dg.AssetSpec]) -> None:
    tables = [s for s in specs if s.key.path[0] in {"raw", "marts", "results"}]
    bare = [s.key.to_user_string() for s in tables if "dagster/column_schema" not in s.metadata]
    assert not bare


def test_metadata_can_be_shown(specs: list[dg.AssetSpec]) -> None:
    """What Dagster cannot write down it shows as ``[Name] (unserializable)``."""
    names = {spec.key.to_user_string() for spec in specs}
    assert names >= {"raw/innovation_graph/git_pushes", "marts/dim_event", "release"}
    for spec in specs:
        for name, value in spec.metadata.items():
            assert isinstance(value, str | int | float | bool | None | dg.MetadataValue | dg.TableSchema), (
                f"{spec.key.to_user_string()}: {name} is {type(value).__name__}"
            )


def test_the_graph_is_one_piece_from_raw_to_release(specs: list[dg.AssetSpec]) -> None:
    neighbours: dict[dg.AssetKey, set[dg.AssetKey]] = {s.key: set() for s in specs}
    for spec in specs:
        for dep in spec.deps:
            assert dep.asset_key in neighbours, f"{spec.key} depends on {dep.asset_key}, which nothing makes"
            neighbours[spec.key].add(dep.asset_key)
            neighbours[dep.asset_key].add(spec.key)
    reached, edge = set(), {dg.AssetKey("release")}
    while edge:
        reached |= edge
        edge = set().union(*(neighbours[key] for key in edge)) - reached
    assert reached == set(neighbours)


def test_every_source_is_an_upstream_of_the_release(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    upstream = dg.AssetSelection.assets("release").upstream().resolve(graph)
    for source in SOURCES:
        for table in source.tables:
            assert dg.AssetKey(["raw", source.name, table.name]) in upstream


def test_a_source_job_makes_its_tables_and_all_that_follows(defs: dg.Definitions) -> None:
    job = defs.resolve_job_def("refresh_innovation_graph")
    keys = {key.to_user_string() for key in job.asset_layer.executable_asset_keys}
    assert {"raw/innovation_graph/git_pushes", "marts/fct_activity_country_quarter", "release"} <= keys
    assert "raw/github_ranking/rankings" not in keys


def _tick(defs: dg.Definitions, name: str) -> tuple[set[dg.AssetKey], str | None]:
    with dg.DagsterInstance.ephemeral() as instance:
        tick = defs.resolve_schedule_def(name).evaluate_tick(dg.build_schedule_context(instance=instance))
    requests = tick.run_requests or []
    return {key for request in requests for key in request.asset_selection or ()}, tick.skip_message


def test_schedules_are_off_and_ask_for_what_a_run_would_make(
    defs: dg.Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"monthly_refresh", *(f"{source.name}_cadence" for source in SOURCES)}
    assert {schedule.name for schedule in defs.schedules or []} == names
    assert all(s.default_status is dg.DefaultScheduleStatus.STOPPED for s in defs.schedules or [])
    refresh = defs.resolve_job_def("refresh").asset_layer.executable_asset_keys
    assert CURVE_KEY not in refresh
    for name in names:
        assert _tick(defs, name) == (set(refresh), None)  # nothing was made yet
        monkeypatch.setattr(stages, "stale", lambda settings: ["site", "release"])
        asked, _ = _tick(defs, name)
        assert {key.to_user_string() for key in asked if key.path[0] != "archive"} == {
            "site/pages",
            "release",
        }
        monkeypatch.setattr(stages, "stale", lambda settings: [])
        assert _tick(defs, name) == (set(), f"nothing changed: all {len(stages.ALL)} stages are up to date")
        monkeypatch.undo()


def test_stages_stand_behind_each_other_as_in_dagsters_graph(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    before: dict[str, set[str]] = {stage: set() for stage in stages.ALL}
    for key in graph.get_all_asset_keys():
        if (stage := stage_of(key)) is not None:
            above = {stage_of(parent) for parent in graph.get(key).parent_keys}
            before[stage] |= {name for name in above if name is not None} - {stage}
        else:
            assert key == CURVE_KEY or key.path[0] == "archive"
    assert before == {stage: set(names) for stage, names in stages.BEFORE.items()}


def test_every_asset_has_its_stages_key_as_code_version(defs: dg.Definitions, tmp_path: Path) -> None:
    versions = {}
    for spec in defs.resolve_all_asset_specs():
        if stage := stage_of(spec.key):
            versions.setdefault(stage, set()).add(spec.code_version)
    assert {stage: len(found) for stage, found in versions.items()} == dict.fromkeys(stages.ALL, 1)
    assert None not in set().union(*versions.values())


def test_blocking_checks_stand_where_the_contract_says_error(defs: dg.Definitions) -> None:
    specs = [spec for checks in defs.asset_checks or [] for spec in checks.check_specs]
    assert {spec.asset_key.path[0] for spec in specs} == {"raw", "marts"}
    for spec in specs:
        assert spec.blocking == (spec.metadata["severity"] == "error")


def test_loads_anywhere_without_environment_network_or_heavy_imports(tmp_path: Path) -> None:
    build_defs(read_settings(home=tmp_path))  # a first load parses dbt's project, and keeps it
    bare = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    bare["CHOKEPOINT_HOME"] = str(tmp_path / "home")
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=tmp_path, env=bare, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["heavy"] == []
    # without DAGSTER_HOME it says, once, where history is kept and how
    kept = tmp_path / "home" / "state" / "dagster"
    assert done.stderr.startswith("chokepoint: DAGSTER_HOME is not set, so runs started here are forgotten")
    assert f"history is in {kept}, and `chokepoint ui --home {tmp_path / 'home'}`" in done.stderr
    assert done.stderr.count("\n") == 1


def test_history_that_is_kept_is_not_spoken_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("CHOKEPOINT_HOME", str(tmp_path / "home"))
    location()
    assert capfd.readouterr().err == ""


def test_the_ui_starts_where_its_own_configuration_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster warns of a ``dagster.yaml`` where it starts that is not the one it reads."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(os, "environ", {**os.environ})  # the process is the UI's from then on
    started: list[tuple[list[str], Path]] = []
    monkeypatch.setattr(Services, "run", lambda _, command, folder: started.append((command, folder)))
    serve(Settings(home=Path(os.path.relpath(tmp_path))), 3871)
    (command, folder), *others = started
    assert not others and folder == Path(os.environ["DAGSTER_HOME"]) == tmp_path / "state" / "dagster"
    assert (folder / "dagster.yaml").read_bytes() == (ROOT / "dagster.yaml").read_bytes()
    assert os.environ["CHOKEPOINT_HOME"] == str(tmp_path)
    assert command[1:4] == ["dev", "--workspace", str(ROOT / "workspace.yaml")]
    ignored = [one.split(":")[1] for one in os.environ["PYTHONWARNINGS"].split(",")]
    assert all(ignored) and len(ignored) == 3  # by what they say: another warning is seen


def test_telemetry_is_off_everywhere(tmp_path: Path) -> None:
    assert yaml.safe_load((ROOT / "dagster.yaml").read_text())["telemetry"]["enabled"] is False
    from orchestration.warehouse import manifest

    assert manifest()["metadata"]["send_anonymous_usage_stats"] is False
    probe = (
        "from orchestration import environment\n"
        "from dlt.common.configuration.specs import RuntimeConfiguration\n"
        "from dlt.common.configuration.resolve import resolve_configuration\n"
        "import os\n"
        "assert resolve_configuration(RuntimeConfiguration()).dlthub_telemetry is False\n"
        "assert os.environ['DBT_SEND_ANONYMOUS_USAGE_STATS'] == 'false'\n"
        "assert os.environ['GX_ANALYTICS_ENABLED'] == 'false'\n"
        "from dagster import DagsterInstance\n"
        "with DagsterInstance.from_config(os.getcwd()) as instance:\n"
        "    assert instance.telemetry_enabled is False\n"
    )
    (tmp_path / "dagster.yaml").write_text((ROOT / "dagster.yaml").read_text())
    bare = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=tmp_path, env=bare, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
