"""Figures: that they draw what they are given, alike every time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from report import drawing, effects, figures, findings, formats, queries
from report.effects import Estimate
from report.inputs import Inputs, Tables
from report.site import event_study_previews


@pytest.fixture
def rows(make_inputs: Callable[..., Inputs]) -> list[Estimate]:
    return effects.estimates(Tables(make_inputs("sample")))


def event_study(rows: list[Estimate], outcome: str) -> str:
    chosen = findings.dynamics(rows, outcome, "tightening")
    return drawing.svg(figures.event_study(chosen, outcome))


def test_previews_are_the_tested_outcomes_alike_every_time(make_inputs: Callable[..., Inputs]) -> None:
    inputs = make_inputs("sample")
    drawn = event_study_previews(inputs)
    assert sorted(drawn) == ["ai_articles", "developers", "git_pushes", "open_models_notable"]
    assert all(image.startswith(b"\x89PNG") for image in drawn.values())
    assert event_study_previews(inputs) == drawn
    assert event_study_previews(make_inputs("archive")) != drawn  # only the sample's say SIMULATED


def test_svg_is_the_same_every_time(rows: list[Estimate]) -> None:
    assert event_study(rows, "git_pushes") == event_study(rows, "git_pushes")


def test_described_points_are_hollow_and_without_bars(rows: list[Estimate]) -> None:
    assert figures.CHINA in event_study(rows, "git_pushes")
    assert figures.CHINA not in event_study(rows, "title_mention_share")


def test_an_outcome_without_rows_is_an_empty_frame_not_an_error(rows: list[Estimate]) -> None:
    assert event_study(rows, "nothing").startswith("<svg")


def test_levels_with_zeros_leave_the_log_scale() -> None:
    series = [{"period": date(2020, 1, 1), "line": "China", "value": 0.0, "run": 0},
              {"period": date(2021, 1, 1), "line": "China", "value": 120.0, "run": 0}]  # fmt: skip
    assert drawing.svg(figures.levels(series, [date(2020, 6, 1)], "models", is_index=True)).startswith("<svg")


def test_no_line_crosses_a_gap(make_inputs: Callable[..., Inputs]) -> None:
    def drop_a_year(tables: dict[str, list[dict[str, Any]]]) -> None:
        rows = tables["fct_activity_country_quarter"]
        tables["fct_activity_country_quarter"] = [
            row for row in rows if row["country"] != "CN" or row["quarter"].year != 2021
        ]

    tables = Tables(make_inputs("archive", drop_a_year))
    series = queries.level_series(tables, date(2022, 10, 7), None)["git_pushes"]
    runs = {
        line: {row["run"] for row in series if row["line"] == line} for line in ("China", "United States")
    }
    assert runs == {"China": {0, 1}, "United States": {0}}
    assert all(row["period"].year > 2021 for row in series if row["run"])


def test_the_machine_s_time_zone_does_not_reach_a_figure() -> None:
    code = (
        "from datetime import date; from report import drawing, figures; "
        "rows = [{'period': date(2020 + n, 1, 1), 'line': 'China', 'value': 1.0 + n, 'run': 0} "
        "for n in range(4)]; "
        "import sys; sys.stdout.write(drawing.svg(figures.levels(rows, [date(2022, 10, 7)], 'x', False)))"
    )
    drawn = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "TZ": zone}, check=True, capture_output=True
        ).stdout
        for zone in ("America/Los_Angeles", "Asia/Shanghai")
    }
    assert len(drawn) == 1


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (formats.number(-0.25, signed=True), "−0.250"),
        (formats.number(float("nan")), "–"),
        (formats.percent(0.3414), "+34.1%"),
        (formats.share(0.004), "<1%"),
        (formats.share(0.0), "0%"),
        (formats.p_value(0.0001), "<0.001"),
        (formats.rank(2 / 41, 1 / 41), "2 of 41"),
        (formats.rank(None, None), "–"),
        (formats.size(3_456_789), "3.5 MB"),
        (formats.size(12), "12 B"),
        (formats.period(date(2022, 10, 1), "quarter"), "2022 Q4"),
        (formats.amount(1234.5), "1,234"),
        (formats.amount(0.0), "0.000"),
        (formats.amount(0.00321), "0.00321"),
        (formats.amount(-4.219e-9, signed=True), "−4.22×10⁻⁹"),
        (formats.amount(3.2e-198), "3.20×10⁻¹⁹⁸"),
        (formats.amount(123_456_789_012.0), "123,456,789,012"),
        (formats.amount(4.2e14, signed=True), "+4.20×10¹⁴"),
        (formats.amount(float("inf")), "–"),
        (formats.effect(0.0003), "+3.00×10⁻⁴"),
        (formats.effect(-0.159), "−0.159"),
        (formats.effect(1e-16), "+0.000"),
        (formats.listed(["a", "b", "c"]), "a, b and c"),
        (formats.listed([]), ""),
        (
            formats.warnings("Many(53); Many(7); Odd", {"Many": {"sentence": "left out: {detail}"}}),
            "left out: 53, 7; Odd",
        ),
    ],
)
def test_numbers_are_written_for_people(written: str, wanted: str) -> None:
    assert written == wanted
