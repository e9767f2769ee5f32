"""`chokepoint estimate`: anyone's panel, no home, one line for what the user can mend."""

from __future__ import annotations

import itertools
import json
import math
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from event_study.schemas import SCHEMAS
from tests.conftest import ROOT
from tests.orchestration.conftest import printed, refused

Captured = pytest.CaptureFixture[str]
SPEC = """id: own
title: Somebody's study
panel: {unit: country, time: month, outcome: value, frequency: month, estimator: ols_log, treated: NA}
events: {law: 2021-07-01}
trends: [none]
"""
TABLES = ("identification", "estimates", "diagnostics", "placebos")


def panel(donors: int = 20) -> pd.DataFrame:
    """Namibia, whose code a careless reader takes for a missing value, and its donors."""
    rng = np.random.default_rng(2)
    units = ["NA", *(f"D{k:02d}" for k in range(donors))]
    days = [stamp.date() for stamp in pd.date_range("2019-01-01", periods=48, freq="MS")]
    values = np.exp(rng.normal(4, 0.3, (len(units), 1)) + rng.normal(0, 0.05, (len(units), 48)))
    values[0, 30:] *= 1.3
    return pd.DataFrame(
        {"country": np.repeat(units, 48), "month": days * len(units), "value": values.ravel()}
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with spec and panel, and no pipeline anywhere."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.yml").write_text(SPEC)
    panel().to_csv(tmp_path / "panel.csv", index=False)
    return tmp_path


def said(capsys: Captured, *arguments: object) -> str:
    return printed(capsys, "estimate", *arguments)


def test_it_says_what_can_be_estimated_and_then_estimates(folder: Path, capsys: Captured) -> None:
    shown = said(capsys, "own.yml", "--panel", "panel.csv")
    assert "1,008 rows, 21 countries, 48 months from January 2019 to December 2022" in shown
    assert shown.index("What the panel can carry") < shown.index("Estimates: NA against its donors")
    assert "can be tested" in shown and "mean_step" in shown and "+" in shown and "0.048" in shown
    assert sorted(path.name for path in folder.iterdir()) == ["own.yml", "panel.csv"]


def test_what_another_would_have_read_otherwise_is_printed(folder: Path, capsys: Captured) -> None:
    rows = panel()
    rows = rows[rows["month"] != pd.Timestamp("2020-03-01").date()]
    at_night = [f"{day}T23:00:00Z" for day in rows["month"]]
    rows.assign(month=at_night).to_csv(folder / "panel.csv", index=False)
    shown = " ".join(said(capsys, "own.yml", "--panel", "panel.csv").split())
    assert "nobody has March 2020" in shown
    assert "month: times of day are 23:00, which may be midnights of another time zone" in shown
    made = json.loads(said(capsys, "own.yml", "--panel", "panel.csv", "--json"))["read"]
    assert made["holes"] == ["March 2020"] and len(made["asides"]) == 1


def test_csv_and_parquet_are_the_same_panel(folder: Path, capsys: Captured) -> None:
    rows = panel()
    rows.to_parquet(folder / "columns.parquet", index=False)
    rows.set_index(["country", "month"]).to_parquet(folder / "index.parquet")
    rows.to_csv(folder / "PANEL.CSV", index=False)
    made = [
        json.loads(said(capsys, "own.yml", "--panel", name, "--json"))
        for name in ("panel.csv", "PANEL.CSV", "columns.parquet", "index.parquet")
    ]
    assert all(other == made[0] for other in made)
    step = next(row for row in made[0]["estimates"] if row["term"] == "mean_step")
    assert step["ci_low"] < np.log(1.3) < step["ci_high"] and step["treated"] == "NA"
    assert made[0]["left_out"] == [] and made[0]["written"] == []


def test_the_tables_are_written_in_the_contracts_columns_and_the_same_bytes(
    folder: Path, capsys: Captured
) -> None:
    asked = ("own.yml", "--panel", "panel.csv", "--out", "made/here")
    first = said(capsys, *asked)
    out = folder / "made" / "here"
    bytes_before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert set(bytes_before) == {f"{name}.parquet" for name in TABLES}
    for name in TABLES:
        content = pq.read_table(out / f"{name}.parquet")
        assert content.schema.equals(SCHEMAS[name]) and content.num_rows
        assert content.schema.metadata[b"origin"] == b"own_panel"
    assert said(capsys, *asked) == first
    assert {path.name: path.read_bytes() for path in out.iterdir()} == bytes_before


def test_what_is_left_out_is_named(folder: Path, capsys: Captured) -> None:
    rows = panel()
    rows[~((rows["country"] > "D07") & (rows["month"] == rows["month"][3]) & (rows["country"] < "E"))].to_csv(
        folder / "gaps.csv", index=False
    )
    shown = said(capsys, "own.yml", "--panel", "gaps.csv")
    assert "1 month  fewer than half of the donors have a value  2019-04-01" in shown
    assert "PeriodsDropped(1)" in shown and "periods left out: 1" in shown


def test_too_few_donors_and_a_late_event_end_well_and_say_why(folder: Path, capsys: Captured) -> None:
    panel(6).to_csv(folder / "few.csv", index=False)
    few = said(capsys, "own.yml", "--panel", "few.csv")
    assert "only described" in few and "6 donors have the outcome" in few and "none" in few
    (folder / "late.yml").write_text(SPEC.replace("2021-07-01", "2031-07-01"))
    late = said(capsys, "late.yml", "--panel", "panel.csv")
    assert "not identified" in late and "no complete month after the law of 1 July 2031" in late
    assert "Estimates" not in late


def test_conventional_errors_are_labelled(folder: Path, capsys: Captured) -> None:
    (folder / "crv1.yml").write_text(SPEC + "inference: crv1\n")
    shown = said(capsys, "crv1.yml", "--panel", "panel.csv")
    assert "Conventional errors: NA against" in shown and "95 % interval" in shown
    assert "reject a true null far too often" in shown and "OneTreatedCluster" in shown


def _spec(folder: Path, old: str, new: str) -> None:
    (folder / "own.yml").write_text(SPEC.replace(old, new))


def _panel(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    change(panel().astype({"value": object})).to_csv(folder / "panel.csv", index=False)


def _cell(value: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda rows: rows.assign(value=[value, *rows["value"][1:]])


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no spec": (lambda f: (f / "own.yml").unlink(), "spec: own.yml: no such file, expected a file"),
    "no panel": (lambda f: (f / "panel.csv").unlink(), "panel: panel.csv: no such file, expected a file"),
    "the panel is a folder": (
        lambda f: ((f / "panel.csv").unlink(), (f / "panel.csv").mkdir()), "panel: panel.csv: is a folder",
    ),
    "spec is no spec": (lambda f: _spec(f, SPEC, "- 1"), "own.yml: top level: is list, expected a mapping"),
    "a field": (lambda f: _spec(f, "month, est", "moon, est"), "own.yml: panel.frequency: is 'moon', exp"),
    "a column": (
        lambda f: _spec(f, "outcome: value", "outcome: x"),
        "own.yml: panel.outcome: 'x' is no column of the panel, expected one of country, month, value; corr",
    ),
    "a unit": (lambda f: _spec(f, "treated: NA", "treated: XX"), "own.yml: panel.treated: 'XX' is no unit"),
    "no text": (
        lambda f: (f / "panel.csv").write_bytes(b"country,month,value\n\xff\xfe,1,2\n"), "panel.csv: no CSV",
    ),
    "an empty file": (lambda f: (f / "panel.csv").write_text(""), "panel.csv: no CSV (Empty CSV file"),
    "a comma in a number": (
        lambda f: (f / "panel.csv").write_text("country,month,value\nNA,2019-01,5\nNA,2019-02,1,200\n"),
        "panel.csv: no CSV (CSV parse error: Row #3: Expected 3 columns, got 4: NA,2019-02,1,200)",
    ),
    "a cell too few": (
        lambda f: (f / "panel.csv").write_text("country,month,value\nNA,2019-01\n"),
        "panel.csv: no CSV (CSV parse error: Row #2: Expected 3 columns, got 2",
    ),
    "a header only": (
        lambda f: (f / "panel.csv").write_text("country,month,value\n"), "panel.csv: PanelError: rows: there",
    ),
    "a word": (
        lambda f: _panel(f, _cell("many")), "panel.csv: PanelError: value: is 'many' in row 1, expected",
    ),
    "infinity": (
        lambda f: _panel(f, _cell("inf")), "panel.csv: InfiniteValue: value: NA is infinite in January 2019",
    ),
    "twice": (
        lambda f: _panel(f, lambda rows: pd.concat([rows, rows.iloc[:1]])),
        "panel.csv: DuplicateKey: month: 2 rows for NA in January 2019 (2019-01-01), expected one; keep one",
    ),
    "no variation": (
        lambda f: _panel(f, lambda rows: rows.assign(value=rows["value"].mask(rows["country"] == "NA", 3))),
        "panel.csv: DegeneratePlacebo: NA is 3 in all 48 months it has",
    ),
    "out is a file": (lambda f: (f / "out").write_text(""), "out: out: is a file, expected a folder"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_slip_is_one_line_and_writes_nothing(fault: str, folder: Path, capsys: Captured) -> None:
    break_it, message = FAULTS[fault]
    break_it(folder)
    line = refused(capsys, "estimate", "own.yml", "--panel", "panel.csv", "--out", "out")
    assert line.startswith(message)
    assert not (folder / "out").is_dir()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("p.parquet", "p.parquet: no Parquet file ("),
        ("p.xlsx", "panel: p.xlsx: ends in .xlsx, expected .parquet or .csv; convert it"),
    ],
)
def test_another_kind_of_file(name: str, message: str, folder: Path, capsys: Captured) -> None:
    (folder / name).write_bytes(b"not that")
    assert refused(capsys, "estimate", "own.yml", "--panel", name).startswith(message)


def test_a_slip_is_told_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom orchestration.command.cli import main\n"
        "try:\n    main(['estimate', 'own.yml', '--panel', 'panel.csv'])\n"
        "except SystemExit as left:\n    print(left.code, {'pandas', 'scipy', 'dagster'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True,
        text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.strip() == "2 set()"


@pytest.mark.parametrize(
    ("estimator", "size"),
    [("ols_log", 1e-198), *itertools.product(("ols", "ols_log"), (1e-9, 1e-4, 1.0, 1e6, 1e14))],
)
def test_numbers_are_readable_at_every_size(
    folder: Path, capsys: Captured, size: float, estimator: str
) -> None:
    """No estimate, bound or base is a row of zeros, and none is thirty digits long."""
    rows = panel()
    rows["value"] *= size
    rows.to_csv(folder / "panel.csv", index=False)
    text = (folder / "own.yml").read_text()
    (folder / "own.yml").write_text(re.sub(r"estimator: \w+", f"estimator: {estimator}", text))
    lines = said(capsys, "own.yml", "--panel", "panel.csv").splitlines()
    cells = [line.split() for line in lines if re.match(r"\w+_\w+ +without ", line)]
    base = re.search(r"base mean ([^ ]+),", " ".join(lines))
    assert cells and base is not None and float(base[1].replace(",", "")) > 0
    for line in cells:
        numbers = [float(cell.replace(",", "")) for cell in (line[2], line[3], line[5])]
        assert all(0 < abs(number) < math.inf for number in numbers), line
        assert max(map(len, line)) <= 18
