"""The how-to, walked: its files are written, its commands run, and they print what it says they print."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from event_study import errors
from event_study.errors import EventStudyError, Note
from event_study.own.spec import OwnSpec, PanelColumns

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "estimate-your-own-panel.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """(language, content) of the page's code blocks, in order."""
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def printed(commands: str, folder: Path) -> str:
    """What a shell prints for these commands, ends of lines cut; ``chokepoint`` is this checkout's."""
    program = folder / "bin" / "chokepoint"
    program.parent.mkdir(exist_ok=True)
    program.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "from orchestration.command.cli import main; main()" "$@"\n'
    )
    program.chmod(0o755)
    path = os.pathsep.join([str(program.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    known = {k: v for k, v in os.environ.items() if not k.startswith("CHOKEPOINT_") and k != "COLUMNS"}
    done = subprocess.run(
        ["sh", "-c", commands], cwd=folder, env={**known, "PATH": path, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=120,
    )  # fmt: skip
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def walk(folder: Path) -> list[tuple[str, str]]:
    """(what the page says, what was printed) of every command block."""
    pairs, said = [], blocks()
    for (language, content), (_, after) in zip(said, [*said[1:], ("", "")], strict=True):
        if language == "sh":
            pairs.append((after.strip("\n"), printed(content, folder)))
        elif language in ("python", "yaml"):
            (folder / content.split("\n")[0].removeprefix("# ")).write_text(content)
    return pairs


NUMBER = re.compile(r"-?\d+\.\d+")


def assert_same_drawing(drawn: Path, shown: Path) -> None:
    """The same to the last pixel: another processor ends sums in other last digits (1e-12)."""
    ours, theirs = drawn.read_text(), shown.read_text()
    assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs), shown.name
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (ours, theirs)]
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-9, abs=1e-9), shown.name


@pytest.mark.slow
def test_every_command_prints_what_the_page_says(tmp_path: Path) -> None:
    pairs = walk(tmp_path)
    assert len(pairs) == 5
    for said, was_printed in pairs:
        assert was_printed == said
    assert {path.name for path in (tmp_path / "results").iterdir()} == {
        "identification.parquet", "estimates.parquet", "diagnostics.parquet", "placebos.parquet",
    }  # fmt: skip
    for name in ("event-study", "placebos"):
        drawn = tmp_path / "pictures" / f"{name.replace('-', '_')}.svg"
        assert_same_drawing(drawn, ROOT / "docs" / "images" / f"own-{name}.svg")


def test_the_page_names_every_field() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for field in [*OwnSpec.model_fields, *PanelColumns.model_fields]:
        assert re.search(rf"`(panel\.)?{field}`", page) or field == "panel", field


@pytest.mark.parametrize("section", ["What the errors say"])
def test_the_page_names_only_errors_and_warnings_there_are(section: str) -> None:
    kinds = {n for n, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, EventStudyError)}
    after = PAGE.read_text(encoding="utf-8").split(f"## {section}")[1]
    named = set(re.findall(r"`([A-Z][a-z]+[A-Z]\w+)`", after))
    assert named <= kinds | {str(note) for note in Note} and len(named) > 15
