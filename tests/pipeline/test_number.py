"""One number, followed from a file that somebody published to a sentence on the page.

The stops are those of docs/explanation/the-way-of-a-number.md.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import re
from datetime import date
from html import unescape
from pathlib import Path

import duckdb
import numpy as np
import pytest
import yaml

from tests.conftest import ROOT

QUARTER = (2022, 4)
RULES = (
    "bis-advanced-computing-rule-2022-10-07",
    "bis-acs-rule-2023-10-17",
    "bis-hbm-sme-package-2024-12-02",
)
PAGE = ROOT / "docs" / "explanation" / "the-way-of-a-number.md"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def one(sql: str) -> object:
    """The one value that a query gives."""
    ((value,),) = duckdb.sql(sql).fetchall()
    return value


@pytest.mark.slow
def test_chinas_pushes_from_the_file_to_the_page(sample_home: Path) -> None:
    source = sample_home / "archive" / "innovation_graph"
    manifest = json.loads((source / "manifest.json").read_text())
    newest = max(f["path"] for f in manifest["files"] if f["path"].endswith("git_pushes.csv"))
    listed = next(f for f in manifest["files"] if f["path"] == newest)
    assert listed["sha256"] == sha256(source / newest)
    with (source / newest).open() as lines:
        published = [
            int(row["git_pushes"])
            for row in csv.DictReader(lines)
            if (row["iso2_code"], int(row["year"]), int(row["quarter"])) == ("CN", *QUARTER)
        ]
    assert len(published) == 1

    lake = sample_home / "lake" / "raw" / "innovation_graph" / "git_pushes" / "*.parquet"
    where = f"_source_file = '{newest}' and iso2_code = 'CN' and (year, quarter) = {QUARTER}"
    assert one(f"select git_pushes from '{lake}' where {where}") == published[0]
    mart = sample_home / "marts" / "fct_activity_country_quarter.parquet"
    where = "country = 'CN' and outcome = 'git_pushes' and quarter = '2022-10-01'"
    assert one(f"select value from '{mart}' where {where} and source = 'innovation_graph'") == published[0]

    verdict = json.loads((sample_home / "gate" / "verdicts.json").read_text())[mart.stem]
    assert verdict["passed"] and verdict["sha256"] == sha256(mart)

    step = mean_step(mart, [announced(rule) for rule in RULES])
    estimates = sample_home / "results" / "estimates.parquet"
    where = "estimate_id like 'primary/git_pushes/tightening/CN_donors/mean_step/none/%'"
    assert one(f"select estimate from '{estimates}' where {where}") == pytest.approx(step, abs=1e-10)

    index = sample_home / "site" / "index.html"
    answer = " ".join(unescape(re.sub(r"<[^>]+>", " ", index.read_text(encoding="utf-8"))).split())
    assert f"Git pushes: {100 * math.expm1(step):+.1f}% without country trends" in answer

    release = sample_home / "current"
    sums = dict(line.split("  ")[::-1] for line in (release / "SHA256SUMS").read_text().splitlines())
    assert sums["site/index.html"] == sha256(index)
    assert sums["results/estimates.parquet"] == sha256(estimates)


def announced(rule: str) -> date:
    for path in (ROOT / "dlt_sources" / "events").glob("20*.yml"):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["events"]:
            if entry["id"] == rule:
                return date.fromisoformat(str(entry["dates"]["announced"]))
    raise AssertionError(rule)


def mean_step(mart: Path, rules: list[date]) -> float:
    """The headline by hand: least squares of China's log gap to the donors on three shares of a quarter."""
    wide = duckdb.sql(
        f"select quarter, country, value from '{mart}' where outcome = 'git_pushes' and is_complete"
    ).df()
    panel = np.log(wide.pivot(index="quarter", columns="country", values="value").dropna(axis=1))
    donors = panel.columns.difference(["CN", "US", "HK", "MO", "TW", "ZZ"])
    gap = (panel["CN"] - panel[donors].mean(axis=1)).to_numpy()
    starts = panel.index.to_numpy().astype("datetime64[D]")
    ends = (starts.astype("datetime64[M]") + 3).astype("datetime64[D]")
    days = (ends - starts).astype(int)
    shares = [np.clip((ends - np.datetime64(day, "D")).astype(int) / days, 0, 1) for day in rules]
    X = np.column_stack([np.ones(len(gap)), *shares])
    return float(np.linalg.lstsq(X, gap, rcond=None)[0][1:].mean())


def test_the_page_has_at_most_twenty_stops_and_each_place_exists() -> None:
    stops = re.findall(r"^(\d+)\. .*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(n) for n in stops] == list(range(1, len(stops) + 1))
    assert 10 <= len(stops) <= 20
