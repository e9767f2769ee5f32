"""The repository itself: what its documents promise, and what no file of it may hold.

Not here: style (`make lint`), and the conventions of the dbt project (`tests/dbt_project`).
"""

from __future__ import annotations

import ast
import csv
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
import yaml

from dlt_sources import NAMES
from dlt_sources.policy_timeline import announced_dates

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 400
MAX_FUNCTION = 50
MAX_TEMPLATE_LINE = 160
MAX_PAGE_LINES = 60
ROOMS = ["dlt_sources", "dbt_project", "expectations", "event_study", "report", "orchestration"]
OWN_TO_EACH_ROOM = {"__init__", "__main__", "errors"}
# Dagster takes a storage of another class from dagster.yaml, and gives no public name to derive it from
DAGSTER_STORAGE = {"orchestration/command/run_storage.py"}
INDEX_HOSTS = re.compile(r"(pypi|pythonhosted|anaconda)\.(org|com)|\s--(extra-)?index-url", re.IGNORECASE)
MACHINE_PATHS = re.compile(r"(?<![\w.-])/(work|root|home|Users|mnt|private)/\w")
TEMPORARY_PATHS = re.compile(r"(?<![\w.-])/tmp/\w")
LEFT_OVER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def repository_files() -> list[Path]:
    """What a commit would hold: tracked files and new ones that are not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing says which files are the repository's")
    return [path for name in sorted(set(listed.stdout.splitlines())) if (path := ROOT / name).is_file()]


def written(*suffixes: str) -> Iterator[tuple[str, str]]:
    """(path, text) of the files people wrote; registries and the publishers' own texts are data."""
    for path in repository_files():
        data = path.suffix in {".csv", ".png", ".svg"} or "events" in path.parts
        if not data and (not suffixes or path.suffix in suffixes):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def lines_with(pattern: re.Pattern[str], files: Iterator[tuple[str, str]]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in files
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_locks_hold_hashes_and_no_addresses() -> None:
    for lock in sorted(ROOT.glob("requirements*.lock")):
        text = lock.read_text()
        assert "://" not in text, lock.name
        assert text.count("==") <= text.count("--hash=sha256:"), lock.name


def test_no_file_names_a_machine_or_a_package_index() -> None:
    here = Path(__file__).relative_to(ROOT).as_posix()
    files = [(name, text) for name, text in written() if name != here]
    assert lines_with(MACHINE_PATHS, iter(files)) == []
    assert lines_with(INDEX_HOSTS, iter(files)) == []
    outside_tests = [(name, text) for name, text in files if not name.startswith("tests/")]
    assert lines_with(TEMPORARY_PATHS, iter(outside_tests)) == []


def test_nothing_is_left_for_later() -> None:
    assert lines_with(LEFT_OVER, written()) == []


def test_files_can_be_read_in_one_go() -> None:
    long = {name: n for name, text in written(".py", ".sql") if (n := text.count("\n")) > MAX_LINES}
    assert long == {}


def modules() -> Iterator[tuple[PurePosixPath, ast.Module]]:
    """(path, syntax tree) of every Python file that is no test."""
    for name, text in written(".py"):
        if not name.startswith("tests/"):
            yield PurePosixPath(name), ast.parse(text, name)


def test_functions_can_be_read_at_one_sight() -> None:
    long = {
        f"{path}:{node.name}": lines
        for path, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and (lines := node.end_lineno - node.lineno + 1) > MAX_FUNCTION
    }
    assert long == {}


def test_every_module_says_what_is_in_it() -> None:
    assert [str(path) for path, module in modules() if not ast.get_docstring(module)] == []


def in_two_rooms(places: Iterator[tuple[str, PurePosixPath]]) -> dict[str, list[str]]:
    """Names that stand in more than one room, and where."""
    by_name: dict[str, set[PurePosixPath]] = defaultdict(set)
    for name, path in places:
        by_name[name].add(path)
    return {
        name: sorted(map(str, paths))
        for name, paths in by_name.items()
        if len({path.parts[0] for path in paths}) > 1
    }


def test_a_module_or_folder_name_stands_for_one_thing() -> None:
    files = {path for path, _ in modules()}
    folders = {folder for path in files for folder in path.parents if folder.name}
    # a source and the writer of its sample share their name, in one room
    names = ((path.stem, path) for path in files | folders if path.stem not in OWN_TO_EACH_ROOM)
    assert in_two_rooms(names) == {}


def test_a_class_name_stands_for_one_thing() -> None:
    classes = (
        (node.name, path)
        for path, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
    )
    assert in_two_rooms(classes) == {}


def test_no_library_is_entered_by_its_back_door() -> None:
    imported = (
        (path, name)
        for path, module in modules()
        for node in ast.walk(module)
        for name in (
            [f"{node.module}.{alias.name}" for alias in node.names]
            if isinstance(node, ast.ImportFrom) and node.module
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    )
    private = {
        f"{path}: {name}"
        for path, name in imported
        if any(part.startswith("_") and not part.startswith("__") for part in name.split("."))
        and not (str(path) in DAGSTER_STORAGE and name.startswith("dagster."))
    }
    assert private == set()


def test_template_lines_can_be_compared() -> None:
    folder = ROOT / "report" / "templates"
    long = [
        f"{path.name}:{number}"
        for path in sorted(folder.iterdir())
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > MAX_TEMPLATE_LINE
    ]
    assert long == []


def test_documents_name_paths_that_are_there() -> None:
    """In backquotes, from the root; ``<name>`` stands for any. A bare file name is some file's."""
    files = {path.relative_to(ROOT).as_posix() for path in repository_files()}
    paths = files | {str(folder) for name in files for folder in PurePosixPath(name).parents}
    tops, names = {name.split("/")[0] for name in files}, {PurePosixPath(name).name for name in files}
    suffixes = {PurePosixPath(name).suffix for name in files} - {"", ".parquet"}
    absent = []
    for document, text in written(".md"):
        publishers = document.startswith("docs/reference/sources/")  # whose files' names stand there
        for quoted in re.findall(r"`([^`\s]+)`", text):
            pattern = "/" + re.sub(r"<\w+>", "*", quoted.rstrip("/"))
            inside = "/" in quoted and quoted.split("/")[0] in tops
            bare = "/" not in quoted and PurePosixPath(quoted).suffix in suffixes and not publishers
            there = paths if inside else names
            if (inside or bare) and not any(PurePosixPath("/", name).match(pattern) for name in there):
                absent.append(f"{document}: {quoted}")
    assert absent == []


def test_documents_link_to_what_is_there() -> None:
    broken = [
        f"{name}: {target}"
        for name, text in written(".md")
        for target in re.findall(r"\]\(([^)#\s]+)", text)
        if "://" not in target and not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert broken == []


def test_readme_maps_the_folders() -> None:
    readme = ROOT / "README.md"
    if not readme.is_file():
        pytest.skip("no README")
    text = readme.read_text(encoding="utf-8")
    assert text.count("\n") < 150
    map_rows = "\n".join(line for line in text.splitlines() if line.startswith("| `"))
    named = set(re.findall(r"`(\w+)/`", map_rows))
    assert set(ROOMS) <= named
    outer = {name for name in named if (ROOT / name).is_dir()}
    inner = {name for name in named if any((ROOT / room / name).is_dir() for room in ROOMS)}
    assert named == outer | inner


def test_every_source_has_its_page() -> None:
    """In the sections a reader of one page expects on the next."""
    sections = [
        "A row",
        "Span and cadence",
        "Licence and attribution",
        "Limits and traps",
        "What it makes testable",
        "Access",
    ]
    pages = {
        path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs/reference/sources").glob("*.md")
    }
    assert set(pages) == set(NAMES)
    for name, text in pages.items():
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == sections, name
        assert text.startswith("# "), name
        assert len(text.splitlines()) <= MAX_PAGE_LINES, name


def test_rooms_have_their_tests() -> None:
    for room in ROOMS:
        assert list((ROOT / "tests" / room).glob("test_*.py")), room


def test_planted_truth_names_outcomes_of_the_registry() -> None:
    truth = yaml.safe_load((ROOT / "dlt_sources" / "sample" / "planted.yml").read_text())
    with (ROOT / "dbt_project" / "seeds" / "outcomes.csv").open(newline="", encoding="utf-8") as rows:
        outcomes = {row["outcome"] for row in csv.DictReader(rows)}
    assert {*truth["effects"], *truth["made_of"], *truth["nulls"]} <= outcomes


def test_event_sets_name_events_of_the_timeline() -> None:
    declared = yaml.safe_load((ROOT / "event_study" / "specs" / "event_sets.yml").read_text())
    sets = {**declared["packages"], **declared["event_sets"]}
    named = {event for one in sets.values() for event in one["events"] if event not in one.get("days", {})}
    assert named <= set(announced_dates())
