"""Months as they came: a sample whose faults are planted before its last months, replayed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import replay

pytestmark = pytest.mark.slow


def test_each_month_is_compared_with_the_one_before_and_says_what_blocks(
    sample_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replay.main(["--home", str(sample_home), "--archive", str(sample_home / "archive"), "--months", "2"])
    lines = capsys.readouterr().out.splitlines()
    months = [line for line in lines if re.match(r"\d{4}-\d\d \d+ block, \d+ warnings of \d+$", line)]
    assert len(months) == 2 and months[0] < months[1]
    blocks = sum(int(line.split()[1]) for line in months)
    assert blocks == len([line for line in lines if line.startswith("    ")]) == 0
