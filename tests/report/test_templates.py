"""The templates as code: lines that a reader and a diff can take in."""

from __future__ import annotations

from pathlib import Path

import pytest

from report import site

TEMPLATES = sorted(Path(site.__file__).with_name("templates").glob("*.jinja"))
LONGEST_LINE = 159


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_lines_are_short_enough_to_read(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > LONGEST_LINE] == []
