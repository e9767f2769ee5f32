"""``chokepoint new``: each kind works as it is written, and needs no edit beside its files and its line."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from event_study.own.spec import load_own_spec
from orchestration.command import drafts, scaffold
from orchestration.command.cli import main
from orchestration.command.drafts import Wish
from tests.conftest import ROOT, Command
from tests.orchestration.conftest import refused

SOURCE, OUTCOME, EVENT = "harbour", "harbour_records", "port-rule-2026-03-04"
ESTIMATOR, SPEC = "median_gap", "harbour_medians"
WISHES = (
    ("source", SOURCE),
    ("outcome", OUTCOME, "--from", f"stg_{SOURCE}__records", "--value", "records"),
    ("event", EVENT),
    ("estimator", ESTIMATOR),
    ("spec", SPEC),
)
REGISTRIES = {
    "dbt_project/seeds/outcomes.csv": 1,
    "dlt_sources/__init__.py": 1,
    "event_study/estimators/registry.py": 2,  # its import and its name
}
OF_THE_HOUSE = (
    "tests/test_repository.py",
    "tests/test_house.py",
    "tests/dlt_sources/test_layers.py",
    "tests/dlt_sources/test_planted.py",
    "tests/dlt_sources/test_policy_timeline.py",
    "tests/dlt_sources/test_sample.py",
    "tests/dbt_project/test_conventions.py",
    "tests/event_study/specs",
    "tests/event_study/test_where_new_code_goes.py",
    "tests/orchestration/test_names.py",
)
Captured = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Checkout:
    """A copy of this checkout, in which commands are run as in any other."""

    folder: Path

    def run(self, program: str, *arguments: object) -> Command:
        """A program of this environment, on the code of the copy."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CHOKEPOINT_")}
        done = subprocess.run(
            [Path(sys.executable).with_name(program), *map(str, arguments)],
            cwd=self.folder,
            env={**environment, "PYTHONPATH": str(self.folder), "PYTHONWARNINGS": "ignore", "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )
        return Command(done.returncode, done.stdout, done.stderr)

    def chokepoint(self, *arguments: object) -> Command:
        return self.run("python", "-c", "from orchestration.command.cli import main; main()", *arguments)

    def new(self, suffix: str) -> list[Path]:
        """Files of this kind that are not the copy's first."""
        found = self.git("ls-files", "--others", "--exclude-standard")
        return [self.folder / name for name in found if name.endswith(suffix)]

    def git(self, *arguments: str) -> list[str]:
        git = ["git", "-c", "user.name=a test", "-c", "user.email=test@example.org", *arguments]
        return subprocess.run(
            git, cwd=self.folder, capture_output=True, text=True, check=True
        ).stdout.splitlines()


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """What a commit here would hold, committed."""
    folder = tmp_path_factory.mktemp("checkout")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing says which files are the repository's")
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (target := folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
    copy = Checkout(folder)
    copy.git("init", "-q")
    copy.git("add", "-A")
    copy.git("commit", "-q", "-m", "as it was")
    return copy


@pytest.fixture(scope="module")
def checkout(bare: Checkout) -> Checkout:
    """The copy with one of each kind, the spec asking for the outcome and the estimator."""
    for wish in WISHES:
        done = bare.chokepoint("new", *wish)
        assert done.code == 0, done.err
        assert done.out.splitlines()[-1].startswith("next: ")
    spec = bare.folder / "event_study" / "specs" / f"{SPEC}.yml"
    text = spec.read_text().replace("# estimator: outcome", f"estimator: {ESTIMATOR}")
    spec.write_text(text.replace("outcomes: primary", "outcomes: [git_pushes, developers]"))
    return bare


@pytest.mark.slow
def test_files_are_new_and_registries_have_a_line_more(checkout: Checkout) -> None:
    numbers = [line.split("\t") for line in checkout.git("diff", "--numstat")]
    assert {removed for _, removed, _ in numbers} == {"0"}
    added = {name: int(lines) for lines, _, name in numbers}
    assert added.pop("dlt_sources/events/2026.yml") > 10  # an entry
    assert added == REGISTRIES


@pytest.mark.slow
def test_style_layers_and_conventions_hold(checkout: Checkout) -> None:
    """What ``make lint`` and the tests of the house ask of anything, in the copy."""
    for asked in (
        ("ruff", "check", "-q", "."),
        ("ruff", "format", "--check", "-q", "."),
        ("lint-imports",),
        ("python", "-c", "from orchestration.warehouse import manifest; manifest()"),
        ("dbt-bouncer", "run", "--config-file", "dbt_project/dbt-bouncer.yml"),
        ("sqlfluff", "lint", "-q", "--disable-progress-bar", *map(str, checkout.new(".sql"))),
        ("python", "-m", "pytest", "-p", "no:cacheprovider", "-q", "-m", "not slow", *OF_THE_HOUSE),
    ):
        done = checkout.run(*asked)
        assert done.code == 0, f"{asked}\n{done.out}{done.err}"


@pytest.mark.slow
def test_it_is_loaded_counted_and_estimated(checkout: Checkout, tmp_path: Path) -> None:
    home, archive = tmp_path / "home", tmp_path / "archive"
    of_two = (
        f"from dlt_sources.sample import write_archive as write; from pathlib import Path; "
        f"write(Path({str(archive)!r}), 1, ({SOURCE!r}, 'innovation_graph'))"
    )
    assert checkout.run("python", "-c", of_two).code == 0
    upstream = '+key:"results/estimates" or +key:"results/glossary"'
    done = checkout.chokepoint("run", "--archive", archive, "--home", home, "--select", upstream)
    assert done.code == 0, done.out + done.err
    activity = pd.read_parquet(home / "marts" / "fct_activity_country_month.parquet")
    assert len(activity[activity["outcome"] == OUTCOME]) > 1_000
    coverage = pd.read_parquet(home / "marts" / "fct_source_coverage.parquet")
    assert SOURCE in set(coverage["source"])
    assert EVENT in set(pd.read_parquet(home / "marts" / "dim_event.parquet")["event_id"])
    estimates = pd.read_parquet(home / "results" / "estimates.parquet")
    own = estimates[estimates["spec_id"] == SPEC]
    assert set(own["estimator"]) == {f"{ESTIMATOR}_log"}  # of outcomes whose own scale is the logarithm
    assert own["estimate"].notna().all()
    of_all = estimates[(estimates["spec_id"] == "all_outcomes") & (estimates["outcome"] == OUTCOME)]
    assert of_all["estimate"].notna().any()
    words = pd.read_parquet(home / "results" / "glossary.parquet")
    words = words[(words["kind"] == "estimator") & words["name"].str.startswith(ESTIMATOR)]
    assert set(words["group"]) == {"log points", "outcome’s unit"}


@pytest.mark.parametrize(
    ("wish", "fault"),
    [
        (("source", "innovation_graph"), "new: source: innovation_graph: is there already; choose another"),
        (("source", "run"), "new: source: run: is the name of orchestration/command/run.py; choose another"),
        (("source", "Harbour"), "new: source: 'Harbour': is no name, expected lower-case words joined by _"),
        (("source", "class"), "new: source: 'class': is no name, expected lower-case words joined by _"),
        (("source", "../up"), "new: source: '../up': is no name"),
        (("source", "a" * 41), "at most 40 letters; choose another"),
        (("outcome", "git_pushes"), "new: outcome: git_pushes: is there already"),
        (
            ("outcome", "calls"),
            "new: outcome: --from: not given, expected what it counts, stg_<source>__<table>",
        ),
        (
            ("outcome", "calls", "--from", "stg_innovation_graph__developer"),
            "is no staging model (did you mean stg_innovation_graph__developers?)",
        ),
        (
            ("outcome", "calls", "--from", "stg_innovation_graph__developers", "--value", "developer"),
            "--value: stg_innovation_graph__developers has no column developer (did you mean developers?)",
        ),
        (
            ("outcome", "calls", "--from", "stg_agora_policy__authorities"),
            "has no column of a country (country, economy, iso2_code), only authority, jurisdiction",
        ),
        (("event", "bis-acs-rule-2023-10-17"), "new: event: bis-acs-rule-2023-10-17: is there already"),
        (
            ("event", "port-rule"),
            "is no name, expected lower-case words and the day or month, chips-2026-11-20",
        ),
        (("event", "port-rule-2026-02-30"), "ends in a day that no calendar has"),
        (("event", "port-rule-2026-13"), "ends in a day that no calendar has"),
        (("event", "port-rule-1926-02-03"), "ends in a year outside 2000 to 2040"),
        (("estimator", "ppml"), "new: estimator: ppml: is there already"),
        (("estimator", "sdid_log"), "new: estimator: sdid_log: is there already"),
        (("estimator", "panel"), "new: estimator: panel: is the name of event_study/panel; choose another"),
        (("spec", "primary"), "new: spec: primary: is there already"),
        (("spec", "glossary"), "event_study/specs/glossary.yml is there already; choose another name"),
        (("harbour", "spec"), "Invalid value for 'KIND'"),
    ],
)
def test_what_cannot_be_or_is_there_is_refused_in_one_line(
    capsys: Captured, wish: tuple[str, ...], fault: str
) -> None:
    assert fault in refused(capsys, "new", *wish)


@pytest.mark.parametrize(
    ("model", "value", "frequency", "counted"),
    [
        ("stg_innovation_graph__developers", "developers", "quarter", "sum(rows_read.developers)"),
        ("stg_innovation_graph__git_pushes", None, "quarter", "count(*)"),
    ],
)
def test_an_outcome_is_counted_by_the_columns_that_its_model_has(
    model: str, value: str | None, frequency: str, counted: str
) -> None:
    draft = scaffold.draft_of("outcome", Wish("calls", model=model, value=value))
    sql = next(text for path, text in draft.files.items() if path.suffix == ".sql")
    assert f"ref('{model}')" in sql and f"{counted}::double as value" in sql
    assert "rows_read.economy = countries.country" in sql
    (registry,) = draft.registries.values()
    row = list(csv.DictReader(registry.splitlines()))[-1]
    assert (row["outcome"], row["frequency"], row["sources"]) == ("calls", frequency, "innovation_graph")
    assert (row["licence"], row["publishable"]) == ("CC0-1.0", "full")  # as another outcome of the source


@pytest.mark.parametrize(
    ("name", "day", "precision"),
    [("port-rule-2026-03-04", "2026-03-04", "day"), ("port-rule-2026-03", "2026-03-01", "month"),
     ("port-rule-2027-02", "2027-02-01", "month")],
)  # fmt: skip
def test_an_event_has_every_field_and_goes_to_its_year(name: str, day: str, precision: str) -> None:
    draft = scaffold.draft_of("event", Wish(name))
    ((path, text),) = {**draft.files, **draft.registries}.items()
    assert path.name == f"{day[:4]}.yml"
    entry = yaml.safe_load(text)["events"][-1]
    assert (entry["id"], entry["dates"]["announced"], entry["date_precision"]) == (name, day, precision)
    before = path.read_text() if path.is_file() else "events:\n"
    assert text.startswith(before)


def test_a_spec_of_ones_own_is_estimated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    main_done(capsys, "new", "spec", "ports", "--own")
    spec = load_own_spec(tmp_path / "ports.yml")
    months = pd.date_range("2019-01-01", "2024-12-01", freq="MS").strftime("%Y-%m")
    units = ["CN", *(f"U{number:02}" for number in range(25))]
    values = np.exp(np.random.default_rng(1).normal(5, 0.1, (len(units), len(months))))
    panel = pd.DataFrame(values, index=units, columns=months).stack().reset_index()
    panel.columns = pd.Index([spec.panel.unit, spec.panel.time, spec.panel.outcome])
    panel.to_csv("panel.csv", index=False)
    printed = main_done(capsys, "estimate", "ports.yml", "--panel", "panel.csv", "--json")
    assert '"status": "ok"' in printed
    assert "is there already" in refused(capsys, "new", "spec", "ports", "--own")


def test_an_installed_copy_writes_specs_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(scaffold, "IS_CHECKOUT", False)
    for kind in drafts.DRAFTS:
        if kind != "spec":
            line = refused(capsys, "new", kind, EVENT)
            assert line.startswith(f"new: {kind}: is written into a checkout, and this is an installed copy")
    main_done(capsys, "new", "spec", "ports")
    assert load_own_spec(tmp_path / "ports.yml").id == "ports"
    assert [path.name for path in tmp_path.iterdir()] == ["ports.yml"]


def test_what_came_to_be_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("theirs")
    registry = tmp_path / "registry"
    with pytest.raises(FileExistsError):
        scaffold.write(drafts.Draft({tmp_path / "there": "ours"}, {registry: "a line"}))
    assert (tmp_path / "there").read_text() == "theirs"
    assert not registry.exists()


def main_done(capsys: Captured, *arguments: str) -> str:
    """What a command that ends well prints."""
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    printed = capsys.readouterr()
    assert left.value.code == 0, printed.err
    return printed.out
