"""Stage keys: what is skipped is exactly what is still itself."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import grimp
import pytest

from dlt_sources.archive import listed_entry, write_manifest
from orchestration.home import stages
from orchestration.home.archives import SIMULATOR
from orchestration.settings import Settings, SettingsError, read_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    archive = tmp_path / "archive"
    _write_source(archive, b"git_pushes,iso2_code,year,quarter\n")
    return read_settings(origin="archive", archive=archive, home=tmp_path / "home")


def _write_source(archive: Path, data: bytes) -> None:
    path = "vintages/2026-01-27/data/git_pushes.csv"
    target = archive / "innovation_graph" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    manifest = {"source": "innovation_graph", "origin": "archive", "licence": "CC0-1.0"}
    files = [listed_entry(path, data, "2026-01-27")]
    write_manifest(archive, {**manifest, "attribution": "GitHub", "files": files})


def _make(settings: Settings, stage: str, content: str = "made") -> Path:
    output = settings.home_path / f"lake/{stage}" / "git_pushes" / "part.parquet"
    output.parent.mkdir(parents=True, exist_ok=True)
    with stages.making(settings, stage):
        output.write_text(content)
    return output


STAGE = "raw/innovation_graph"


def test_made_once_is_up_to_date(settings: Settings) -> None:
    assert STAGE in stages.stale(settings)
    _make(settings, STAGE)
    assert STAGE not in stages.stale(settings)


def test_a_new_manifest_makes_the_source_and_all_that_follows_stale(settings: Settings) -> None:
    _make(settings, STAGE)
    before = stages.keys(settings)
    _write_source(settings.archive_path, b"git_pushes,iso2_code,year,quarter\n7,CN,2020,1\n")
    after = stages.keys(settings)
    changed = {stage for stage in stages.ALL if before[stage] != after[stage]}
    assert changed == {STAGE, *(stage for stage in stages.ALL if stage not in stages.RAW)}
    assert STAGE in stages.stale(settings)


def test_an_edited_output_is_made_again_even_at_the_same_size(settings: Settings) -> None:
    output = _make(settings, STAGE, "made")
    output.write_text("mode")
    assert STAGE in stages.stale(settings)


def test_a_touched_but_equal_output_is_not(settings: Settings) -> None:
    output = _make(settings, STAGE, "made")
    output.write_text("made")
    assert STAGE not in stages.stale(settings)


def test_a_stage_that_was_interrupted_is_made_again(settings: Settings) -> None:
    _make(settings, STAGE)
    with pytest.raises(KeyboardInterrupt), stages.making(settings, STAGE):
        raise KeyboardInterrupt
    assert STAGE in stages.stale(settings)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": 1}', '{"outputs": {"a": 1}}', "\0"])
def test_a_record_that_says_nothing_is_a_stage_never_made(content: str, settings: Settings) -> None:
    _make(settings, STAGE)
    (settings.state / "stages" / "raw__innovation_graph.json").write_text(content)
    assert STAGE in stages.stale(settings)
    _make(settings, STAGE)
    assert STAGE not in stages.stale(settings)


PARTS = ("developers", "git_pushes", "repositories")


def _make_part(settings: Settings, name: str, content: str = "made") -> Path:
    output = settings.home_path / f"lake/{STAGE}" / name / "part.parquet"
    output.parent.mkdir(parents=True, exist_ok=True)
    with stages.making(settings, STAGE, [name], PARTS):
        output.write_text(content)
    return output


def test_a_part_made_again_leaves_the_whole_that_was_made_by_the_same_key(settings: Settings) -> None:
    other, *_ = [_make_part(settings, name) for name in PARTS]
    _make_part(settings, "git_pushes", "again")
    assert STAGE not in stages.stale(settings)
    other.write_text("edited by hand, then a part is made again")
    _make_part(settings, "git_pushes", "once more")
    assert stages.touched(settings, STAGE) == other.relative_to(settings.home_path).as_posix()
    other.write_text("made")
    assert STAGE not in stages.stale(settings)


@pytest.mark.parametrize("order", [*permutations(PARTS)])
def test_parts_made_one_by_one_are_a_whole_in_the_end(order: tuple[str, ...], settings: Settings) -> None:
    for name in order:
        assert STAGE in stages.stale(settings)
        _make_part(settings, name)
    assert STAGE not in stages.stale(settings)


def test_parts_of_other_inputs_or_with_a_file_gone_or_interrupted_are_no_whole(settings: Settings) -> None:
    first, second, third = PARTS
    _make_part(settings, first)
    _write_source(settings.archive_path, b"git_pushes,iso2_code,year,quarter\n7,CN,2020,1\n")
    gone, _ = (_make_part(settings, name) for name in (second, third))
    assert STAGE in stages.stale(settings)  # the first is of the manifest before
    gone.unlink()
    _make_part(settings, first)
    assert STAGE in stages.stale(settings)
    with pytest.raises(KeyboardInterrupt), stages.making(settings, STAGE, [first], PARTS):
        raise KeyboardInterrupt
    for name in (second, third):
        _make_part(settings, name)
    assert STAGE in stages.stale(settings)
    _make_part(settings, first)
    assert STAGE not in stages.stale(settings)


def test_other_bytes_by_the_same_key_make_what_follows_stale(settings: Settings) -> None:
    for stage in stages.ALL:
        with stages.making(settings, stage):
            for output in stages.OUTPUTS[stage]:
                file = settings.home_path / output
                file = file if file.suffix in {".parquet", ".json"} else file / "table.parquet"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text('{"made": true}' if file.suffix == ".json" else f"{stage} PAR1")
    assert stages.stale(settings) == []
    for file in (settings.gate / "checks.parquet", settings.gate / "verdicts.json"):  # of both gates
        content = file.read_bytes()
        file.write_bytes(content[:-1])
        assert "gate/raw" in stages.stale(settings)
        file.write_bytes(content)
    with stages.making(settings, "marts"):
        (settings.marts / "table.parquet").write_text("made on another machine")
    assert stages.stale(settings) == list(stages.ALL[stages.ALL.index("gate/marts") :])
    with pytest.raises(stages.ChainError, match="marts: not the file that results was made from"):
        stages.require(settings, "results")


def test_accepting_a_check_opens_the_gate_anew(settings: Settings) -> None:
    before = stages.keys(settings)
    settings.gate.mkdir(parents=True)
    (settings.gate / "accepted.json").write_text(
        '[{"table": "dim_event", "check": "four_shocks", "reason": "told"}]'
    )
    after = stages.keys(settings)
    assert before["gate/marts"] != after["gate/marts"]
    assert before["marts"] == after["marts"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"origin": "nowhere"}, "settings: origin: is 'nowhere'"),
        ({"fetch_from": "a mirror"}, "settings: fetch_from: is 'a mirror'"),
        ({"origin": "archive"}, "settings: archive: not given"),
        ({"seed": -1}, "settings: seed: is -1"),
    ],
)
def test_settings_refuse_in_one_line(given: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(**given)
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


def test_flags_win_over_environment_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chokepoint.toml").write_text("seed = 3\n")
    assert read_settings().seed == 3
    monkeypatch.setenv("CHOKEPOINT_SEED", "4")
    assert read_settings().seed == 4
    assert read_settings(seed=5).seed == 5


def test_an_output_nobody_made_makes_the_stage_stale(settings: Settings) -> None:
    output = _make(settings, STAGE)
    output.with_name("another.parquet").write_text("added by hand")
    assert STAGE in stages.stale(settings)


def test_what_changes_while_a_stage_works_is_not_taken_for_seen(settings: Settings) -> None:
    with stages.making(settings, STAGE):
        _write_source(settings.archive_path, b"git_pushes,iso2_code,year,quarter\n7,CN,2020,1\n")
    assert STAGE in stages.stale(settings)


def test_every_room_of_a_stage_has_code() -> None:
    for stage, places in stages.ROOMS.items():
        assert stages.code_version(*places), stage
    with pytest.raises(FileNotFoundError, match="no code here"):
        stages.code_version("orchestration/nowhere.py")


def test_hash_of_a_table_follows_content_not_file_names(tmp_path: Path) -> None:
    one, two = tmp_path / "a.parquet", tmp_path / "b.parquet"
    one.write_bytes(b"one")
    two.write_bytes(b"two")
    assert stages.sha256_of(one) == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    assert stages.sha256_of(one, two) == stages.sha256_of(two, one) != stages.sha256_of(one)


# where things lie and whether they are made, never what is made; the list of sources
WIRING = {f"orchestration.{name}" for name in ("settings", "errors", "environment", "translators", "lineage",
          "home.lock", "home.stages", "assets.table_metadata")} | {"dlt_sources"}  # fmt: skip
MAKERS = {
    **{stage: (f"dlt_sources.{Path(stage).name}", "dlt_sources.pipeline") for stage in stages.RAW},
    "gate/raw": ("orchestration.gate.audit", "expectations.raw"),
    "gate/marts": ("orchestration.gate.audit", "expectations.marts"),
    "marts": ("orchestration.assets.models",),
    stages.IDENTIFICATION: ("orchestration.assets.results",),
    "results": ("orchestration.assets.results",),
    "site": ("report.site", "orchestration.home.archives"),
    "release": ("orchestration.assets.publication", "orchestration.release"),
}


def test_a_stages_code_version_covers_every_module_that_makes_it() -> None:
    graph = grimp.build_graph("orchestration", "dlt_sources", "event_study", "report", "expectations")
    for stage in stages.ALL:
        above = {stage}
        for name in reversed(stages.ALL):
            if name in above:
                above.update(stages.BEFORE[name])
        places = {place for name in above for place in stages.ROOMS[name]}
        places |= (
            set(SIMULATOR) if stage not in stages.RAW else set()
        )  # an archive's bytes are in its manifest
        modules, edge = set(), set(MAKERS[stage])
        while edge:
            modules |= edge
            imported = {m for module in edge for m in graph.find_modules_directly_imported_by(module)}
            edge = imported - modules - WIRING
        paths = {module: Path(*module.split(".")) for module in modules}
        bare = {m for m, path in paths.items() if not any(_covers(place, path) for place in places)}
        assert bare == set(), stage


def _covers(place: str, module: Path) -> bool:
    return any(one in (place, f"{place}.py") or one.startswith(f"{place}/") for one in (
        module.as_posix(), f"{module}.py", f"{module}/__init__.py"))  # fmt: skip
