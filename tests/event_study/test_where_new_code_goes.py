"""The page that says where new code goes speaks of what the named file has."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "where-new-code-goes.md").read_text(encoding="utf-8")


def test_what_is_registered_in_a_file_is_in_that_file() -> None:
    """Names before a file's, in a cell of the table: each is a word of that file."""
    pairs = [
        (name, path)
        for names, path in re.findall(
            r"((?:`[A-Z][A-Za-z_.]+`(?: and |, | in |; )?)+)[^`|]*`([\w/]+\.py)`", PAGE
        )
        for name in re.findall(r"`([\w.]+)`", names)
    ]
    assert {"LEVELS", "TESTED", "Inference", "Term", "Note"} <= {name for name, _ in pairs}
    words = {path: set(re.findall(r"\w+", (ROOT / path).read_text(encoding="utf-8"))) for _, path in pairs}
    assert [(name, path) for name, path in pairs if not set(name.split(".")) <= words[path]] == []
