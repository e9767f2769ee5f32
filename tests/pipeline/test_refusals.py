"""What is refused once something has been loaded: one line, exit code 2, earlier results as they were."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration.definitions import build_defs
from orchestration.home import stages
from orchestration.settings import read_settings
from tests.conftest import ROOT, Command, chokepoint
from tests.pipeline.conftest import contents, rewrite

pytestmark = pytest.mark.slow
KEPT = ("marts", "results", "site", "releases")


def _one_line(done: Command) -> str:
    assert done.code == 2, done.err + done.out
    assert len(done.err.splitlines()) == 1, done.err
    return done.err.removeprefix("chokepoint: ").rstrip()


FILE_FAULTS: dict[str, tuple[Callable[[bytes], bytes], bool, str]] = {
    "another hash": (lambda d: d.replace(b"CN", b"KP", 1), True, "sha256 is "),
    "renamed column": (
        lambda d: d.replace(b"git_pushes", b"pushes", 1),
        False,
        "column 'git_pushes' is absent",
    ),
    "type flip": (lambda d: d.replace(b",2020,", b",twenty,"), False, "year is no bigint"),
    "years out of range": (lambda d: d.replace(b",2020,", b",2999,"), False, "year is outside 2008 to 2100"),
    "cut upstream": (lambda d: d[: len(d) // 2].rstrip(b"\n").rsplit(b",", 1)[0], False, "truncated"),
}


@pytest.mark.parametrize("fault", FILE_FAULTS)
def test_a_bad_file_stops_its_source_and_leaves_what_was_made(
    fault: str, lean_home: Path, lean_archive: Path
) -> None:
    change, keep_hash, said = FILE_FAULTS[fault]
    rewrite(lean_archive, "git_pushes", change, keep_hash)
    before = contents(lean_home, *KEPT)
    lake = contents(lean_home, "lake/raw/innovation_graph/git_pushes")
    selected = 'key:"raw/innovation_graph/git_pushes"'
    line = _one_line(chokepoint("run", "--archive", lean_archive, "--home", lean_home, "--select", selected))
    assert line.startswith("archive: innovation_graph/vintages/")
    assert "git_pushes.csv: " in line
    assert said in line
    assert contents(lean_home, *KEPT) == before
    assert contents(lean_home, "lake/raw/innovation_graph/git_pushes") == lake


def test_a_day_of_sixty_rows_is_kept_and_flagged(sample_home: Path) -> None:
    weeks = duckdb.sql(
        f"select count(*) from '{sample_home}/marts/fct_repository_week.parquet' where regime = 'short_file'"
    ).fetchone()
    assert weeks is not None
    assert weeks[0] > 0
    checks = pq.read_table(sample_home / "gate" / "checks.parquet").to_pylist()
    short = [c for c in checks if (c["table"], c["check"]) == ("github_ranking/rankings", "lists_are_full")]
    assert [(c["success"], c["severity"]) for c in short] == [(False, "warning")]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the project whose curated files may be broken."""
    target = tmp_path / "tree"
    for room in ("dlt_sources", "dbt_project", "event_study", "expectations", "report", "orchestration"):
        shutil.copytree(ROOT / room, target / room, ignore=shutil.ignore_patterns("__pycache__", "logs"))
    for file in ("requirements.lock", "dagster.yaml", "pyproject.toml"):
        shutil.copy(ROOT / file, target)
    return target


def _in_tree(tree: Path, *arguments: object) -> Command:
    """The command line of the copy."""
    call = "from orchestration.command.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", call, *map(str, arguments)],
        cwd=tree, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tree), "HOME": str(tree)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Command(done.returncode, done.stdout, done.stderr)


def test_a_failed_test_of_a_view_is_shown_recorded_and_accepted(
    tree: Path, lean_home: Path, lean_archive: Path
) -> None:
    view, check = "int_left_out", "accepted_values_int_left_out_kind__family"
    (yml,) = (tree / "dbt_project" / "models").rglob(f"{view}.yml")
    column = "      - name: kind\n"
    new = f"{column}        data_tests: [{{accepted_values: {{arguments: {{values: [family]}}}}}}]\n"
    yml.write_text(yml.read_text().replace(column, new))
    run = ("run", "--archive", lean_archive, "--home", lean_home, "--select", f'key:"intermediate/{view}"')
    line = _one_line(_in_tree(tree, *run))
    assert line.startswith("dbt_project/models/intermediate/")
    assert "kind: value_field is 'epoch', n_records is 1, expected one of family" in line
    assert f"(2 failing of {check})" in line
    rows = pq.read_table(lean_home / "gate" / "checks.parquet").to_pylist()
    found = [r for r in rows if (r["table"], r["check"]) == (view, check)]
    assert [(r["success"], r["failing_rows"]) for r in found] == [(False, 2)]
    told = _in_tree(tree, "accept", view, check, "--reason", "told", "--home", lean_home)
    assert told.code == 0, told.err
    done = _in_tree(tree, *run)
    assert done.code == 0, done.err
    verdict = json.loads((lean_home / "gate" / "verdicts.json").read_text())[view]
    assert verdict["passed"]
    assert verdict["accepted"] == [{"check": check, "reason": "told"}]


def test_two_registry_rows_for_one_login_are_named(tree: Path, lean_home: Path, lean_archive: Path) -> None:
    names = tree / "dbt_project" / "seeds" / "organisation_names.csv"
    first = next(line for line in names.read_text().splitlines() if ",github," in line)
    login = first.rsplit(",", 1)[1]
    other = next(line for line in names.read_text().splitlines()[1:] if not line.startswith(first[:4]))
    names.write_text(names.read_text() + f"{other.split(',')[0]},github,{login}\n")
    before = contents(lean_home, *KEPT)
    line = _one_line(_in_tree(tree, "run", "--archive", lean_archive, "--home", lean_home))
    assert line.startswith("dbt_project/seeds/organisation_names.csv: service, name: ")
    assert f"name is '{login}', expected once" in line
    assert "correct the file" in line
    assert contents(lean_home, *KEPT) == before
    verdicts = json.loads((lean_home / "gate" / "verdicts.json").read_text())
    assert verdicts["organisation_names"]["passed"] is False


def _double_china(home: Path) -> None:
    mart = home / "marts" / "fct_activity_country_quarter.parquet"
    edited = duckdb.sql(
        f"select * replace (case when country = 'CN' then value * 2 else value end as value) from '{mart}'"
    )
    edited.write_parquet(str(mart) + ".new")
    shutil.move(str(mart) + ".new", mart)


def test_an_edited_mart_is_refused_until_it_is_built_again(lean_home: Path, lean_archive: Path) -> None:
    _double_china(lean_home)
    before = contents(lean_home, "results")
    asked = ("run", "--archive", lean_archive, "--home", lean_home)
    line = _one_line(chokepoint(*asked, "--select", "results/estimates"))
    changed = "gate: marts/fct_activity_country_quarter.parquet changed since it was checked (sha256"
    assert line.startswith(changed)
    assert contents(lean_home, "results") == before
    # the UI runs these definitions: the same refusal, as the failure of the step
    settings = read_settings(home=lean_home, archive=lean_archive)
    with dg.DagsterInstance.ephemeral() as instance:
        result = (
            build_defs(settings)
            .resolve_job_def("refresh")
            .execute_in_process(
                instance=instance,
                asset_selection=[dg.AssetKey(["results", "estimates"])],
                raise_on_error=False,
            )
        )
    assert not result.success
    failure = next(e for e in result.all_events if e.event_type_value == "STEP_FAILURE")
    assert changed in str(failure.step_failure_data.error)
    # checking the edited bytes does not launder them: dbt's tests do not speak for them
    checked = chokepoint("check", "--home", lean_home, "--json")
    assert checked.code == 2
    assert any("not run on these bytes" in (row["error"] or "") for row in json.loads(checked.out))
    assert "gate: " in checked.err
    # the whole run builds the mart from its inputs, and ends where it began
    assert chokepoint(*asked).code == 0
    assert contents(lean_home, "results") == before


def test_a_hole_stops_the_gate_until_a_person_accepts_it(lean_home: Path, lean_archive: Path) -> None:
    rewrite(
        lean_archive, "git_pushes",
        lambda data: b"\n".join(line for line in data.split(b"\n") if not line.rstrip().endswith(b",2021,2")),
    )  # fmt: skip
    asked = ("run", "--archive", lean_archive, "--home", lean_home, "--select",
             'key:"raw/innovation_graph/*" or key:"gate/raw"')  # fmt: skip
    stopped = chokepoint(*asked)
    line = _one_line(stopped)
    assert line.startswith("gate: raw/innovation_graph/git_pushes: ")
    table, hole = "innovation_graph/git_pushes", "quarters_without_holes"
    assert "checks to look at:" in stopped.out and f"      {table} {hole}\n" in stopped.out
    shown = chokepoint("check", "--home", lean_home)
    assert shown.code == 2
    assert f"error    {table} {hole}\n" in shown.out
    assert f"chokepoint accept {table} {hole} --reason TEXT" in shown.out
    rows = pq.read_table(lean_home / "gate" / "checks.parquet").to_pylist()
    failed = [row["check"] for row in rows
              if row["table"] == table and row["severity"] == "error" and not row["success"]]  # fmt: skip
    for check in failed:  # the hole itself, and what else a lost quarter looks like
        given = chokepoint("accept", table, check, "--reason", "the publisher lost it", "--home", lean_home)
        assert given.code == 0, given.err
    done = chokepoint(*asked)
    assert done.code == 0, done.err
    verdict = json.loads((lean_home / "gate" / "verdicts.json").read_text())[table]
    assert verdict["passed"]
    assert {"check": hole, "reason": "the publisher lost it"} in verdict["accepted"]


def test_check_prints_what_failed_with_its_names_whole(lean_home: Path) -> None:
    rows = pq.read_table(lean_home / "gate" / "checks.parquet").to_pylist()
    failed = {f"{row['severity']:<8} {row['table']} {row['check']}" for row in rows if not row["success"]}
    assert failed
    shown = chokepoint("check", "--home", lean_home, columns=40)  # names are wider than that
    assert shown.code == 0 and failed <= set(shown.out.splitlines()) and "passed" not in shown.out
    every = chokepoint("check", "--home", lean_home, "--all", columns=40).out
    assert failed <= set(every.splitlines()) and every.count("passed   ") == len(rows) - len(failed)


SIZES: dict[str, tuple[int | None, int | None]] = {
    "checks are gone": (None, 0),
    "checks are empty": (0, 100),
    "checks are cut": (100, None),
}  # bytes left of the checks and of the verdicts: each file in each of three ways, in three runs


@pytest.mark.parametrize("damage", SIZES)
def test_what_the_gate_wrote_and_is_no_more_is_made_again(
    lean_home: Path, lean_archive: Path, damage: str
) -> None:
    before = contents(lean_home, "gate", "current")
    settings = read_settings(home=lean_home, archive=lean_archive)
    written = {name: before[f"gate/{name}"] for name in ("checks.parquet", "verdicts.json")}
    damaged = dict(zip(written, SIZES[damage], strict=True))
    assert stages.stale(settings) == []
    for name, size in damaged.items():  # either file alone has the gate made again
        _cut(lean_home / "gate" / name, size)
        assert "gate/marts" in stages.stale(settings), name
        (lean_home / "gate" / name).write_bytes(written[name])
    for name, size in damaged.items():
        _cut(lean_home / "gate" / name, size)
    done = chokepoint("run", "--archive", lean_archive, "--home", lean_home)
    assert done.code == 0, done.err
    after = contents(lean_home, "gate", "current")
    assert {path for path in before if before[path] != after[path]} == {"gate/history.parquet"}


def _cut(file: Path, size: int | None) -> None:
    """Leave so many of the file's bytes, or no file."""
    file.unlink() if size is None else file.write_bytes(file.read_bytes()[:size])
