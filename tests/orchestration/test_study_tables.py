"""What `chokepoint estimate` prints, read as a stranger: leads, comparisons, weights, at any width."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from orchestration.command.terminal import table
from tests.orchestration.conftest import printed
from tests.orchestration.shops import SPEC, shops

Captured = pytest.CaptureFixture[str]
WIDTHS = (40, 60, 80, 120, 200)
NUMBER = re.compile(r"(?<![\w.,-])-?\d[\d,]*\.\d+(?![\w.,-]*\d)")


def said(capsys: Captured, *arguments: str) -> str:
    return printed(capsys, "estimate", "own.yml", "--panel", "panel.csv", *arguments)


def test_leads_and_their_joint_p_are_shown_without_asking(folder: Path, capsys: Captured) -> None:
    shown = said(capsys)
    made = json.loads(said(capsys, "--json"))
    (test,) = (
        r for r in made["diagnostics"] if r["diagnostic"] == "pre_trend_test" and "/none/" in r["estimate_id"]
    )
    assert f"leads together: p {test['p_value']:.3f} ({test['note']})" in shown
    for distance in ("12 to 7 before", "3 to 1 before", "0 to 2 after", "12 or more after"):
        assert re.search(rf"^{distance} +-?\d", shown, re.MULTILINE), distance
    assert "measured from the mean of the 6 to 1 months before" in shown


def test_what_stands_beside_is_shown_as_it_is_written(folder: Path, capsys: Captured) -> None:
    shown, made = said(capsys), json.loads(said(capsys, "--json", "--out", "out"))
    rows = {row["spec_id"]: row for row in made["further"]["estimates"] if row["trend"] == "none"}
    for name, spec in (("synthetic control", "synth"), ("synthetic diff-in-diff", "sdid"),
                       ("placebo date, April 2020", "in_time_placebo")):  # fmt: skip
        found = re.search(rf"^{name} +(-?[\d.]+) ", shown, re.MULTILINE)
        assert found is not None, name
        assert float(found[1]) == pytest.approx(rows[f"shop_window_{spec}"]["estimate"], abs=5e-4)
    weights = {
        row["diagnostic"].removeprefix("donor_weight:"): row["value"]
        for row in made["further"]["diagnostics"]
        if row["diagnostic"].startswith("donor_weight:") and "_synth/" in row["estimate_id"]
    }
    heaviest = max(weights, key=weights.__getitem__)
    assert re.search(rf"^{heaviest} +{weights[heaviest]:.3f} ", shown, re.MULTILINE)
    assert re.search(r"^10 others together +0\.\d{3} +0\.\d{3}", shown, re.MULTILINE)
    assert re.search(r"^donors’ mean +0\.\d+ +0\.\d+ +0\.05\d? +without shop \d\d", shown, re.MULTILINE)
    written = pd.read_parquet(folder / "out" / "estimates.parquet")
    assert len(written) == len(made["estimates"]) + len(made["further"]["estimates"])
    diagnostics = pd.read_parquet(folder / "out" / "diagnostics.parquet")
    assert diagnostics["diagnostic"].str.startswith("donor_weight:").sum() == 40


def test_weights_that_event_sets_share_are_shown_once(folder: Path, capsys: Captured) -> None:
    (folder / "own.yml").write_text(
        SPEC.replace("2021-07-01", "2021-07-01, sale: 2022-03-01") + "event_sets: {b: [opening], a: [sale]}\n"
    )
    shown = said(capsys)
    assert shown.count("Weights of donors") == 1
    assert shown.index("\na          0 to 2 after") < shown.index("\nb          0 to 2 after")
    assert "leads of a together: no test, no complete month in the reference window" in shown
    assert "leads of b together: p" in shown


def test_one_series_under_many_names_is_one_line_of_warning(folder: Path, capsys: Captured) -> None:
    rows = shops()
    first = rows.loc[rows["shop_id"] == "shop 00", "sales"].to_numpy()
    donors = rows["shop_id"] != "Lyon <3"
    rows.loc[donors, "sales"] = list(first) * rows.loc[donors, "shop_id"].nunique()
    rows.to_csv(folder / "panel.csv", index=False)
    shown = said(capsys)
    (line,) = (line for line in shown.splitlines() if line.startswith("DegeneratePlacebo"))
    assert "shop 00, shop 01" in line
    assert "and 10 more (all of them: --json)" in " ".join(shown.split())
    assert re.search(r"^donors’ mean +0\.\d+ +0\.\d+ +by none", shown, re.MULTILINE)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_number_is_cut_and_no_line_is_longer_than_the_terminal(
    width: int, folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    wide = said(capsys)
    monkeypatch.setenv("COLUMNS", str(width))
    narrow = said(capsys)
    assert max(map(len, narrow.splitlines())) <= width
    assert sorted(NUMBER.findall(narrow)) == sorted(NUMBER.findall(wide))


def test_brackets_in_names_are_no_markup(folder: Path, capsys: Captured) -> None:
    (folder / "own.yml").write_text(SPEC.replace("Lyon <3", "'[red]Lyon'") + "title: What [bold]it sells\n")
    rows = shops()
    rows["shop_id"] = rows["shop_id"].replace({"Lyon <3": "[red]Lyon", "shop 03": "[/]shop"})
    rows.to_csv(folder / "panel.csv", index=False)
    shown = said(capsys)
    assert "What [bold]it sells" in shown and "Estimates: [red]Lyon against" in shown


def test_a_row_that_has_no_room_is_a_paragraph() -> None:
    console = Console(width=30, record=True, force_terminal=False)
    row = ("a name of twenty-odd letters", 0.125, "-1.234 to 5.678", "because of this and that and more")
    table(console, "What", ("name", "estimate", "set", "why"), [row])
    lines = [line.rstrip() for line in console.export_text().splitlines()]
    assert lines == [
        "", "What", "a name of twenty-odd letters", "  estimate: 0.125;", "  set: -1.234 to 5.678;",
        "  why: because of this and", "  that and more",
    ]  # fmt: skip
