"""The section of single repositories: rows and what they were ranked among, figures where there is a test."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from report.inputs import Inputs
from report.site import build
from tests.report.conftest import write_home

Tables = dict[str, list[dict[str, Any]]]
FIRST = date(2022, 7, 4)
EVENTS = ("rule_2022", "rule_2023")


def weekly(tables: Tables) -> None:
    """Two outcomes by week: commits are tested by owner, stars described; a clock beside them."""
    for outcome, title in (
        ("open_ml_commits", "Commits by week"),
        ("open_llm_stars_gained", "Stars by week"),
    ):
        is_tested = outcome == "open_ml_commits"
        about = next(row for row in tables["dim_outcome"] if row["outcome"] == "git_pushes")
        tables["dim_outcome"].append({**about, "outcome": outcome, "title": title, "frequency": "week"})
        for contrast in ("CN_owners", "CN_clock") if is_tested else ("CN_owners",):
            for place, event_set in enumerate(EVENTS):
                ident = "/".join(("unit", outcome, event_set, contrast, "window_change/none"))
                key = {"outcome": outcome, "event_set": event_set, "contrast": contrast}
                status = "ok" if is_tested else "descriptive"
                tables["identification"].append({**key, "frequency": "week", "status": status})
                tested = (
                    {"p_value": 0.31, "p_floor": 1 / 38, "ci_low": -0.4, "ci_high": 0.88} if is_tested else {}
                )
                tables["estimates"].append({
                    **key, **(tested if is_tested else {}), "estimate_id": ident, "spec_id": "unit",
                    "family": "robustness",
                    "term": "window_change", "trend": "none", "estimator": "ppml", "status": status,
                    "inference": "ri_dates" if is_tested else "none", "estimate": 0.24 + place,
                    "percent_effect": 0.271, "placebo_windows": 286,
                    "disjoint_windows": 37 if is_tested else 16,
                    "n_units": 41, "window_start": FIRST + timedelta(7 * 5), "share_unknown_country": 0.3,
                    "window_end": FIRST + timedelta(7 * 13 + 300 * place),
                })  # fmt: skip
                for name, value in (("permutation", 0.123), ("clustered_error", 0.02),
                                    ("without_largest_treated", 0.19), ("without_largest_comparison", 0.2),
                                    ("unknown_low", -0.61), ("unknown_high", 0.93)):  # fmt: skip
                    tables["diagnostics"].append(
                        {"estimate_id": ident, "diagnostic": name, "value": value, "p_value": value}
                    )
    for number, country in enumerate(("CN", "CN", "US", "ZZ")):
        for n in range(30):
            week = FIRST + timedelta(7 * n)
            tables["fct_activity_repository_week"].append({
                "repository_id": f"r{number}", "country": country, "country_method": "owner", "week": week,
                "outcome": "open_ml_commits", "value": 10.0 + n, "is_complete": n not in (3, 20, 21, 22),
                # the second Chinese repository came too late for a cohort, with many commits
                "first_week": FIRST + timedelta(70 * (number == 1)), "cn_holiday_days": 5 * (n == 12),
            })  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    home = write_home(tmp_path_factory.mktemp("weekly"), "archive", change=weekly)
    made = build(home, tmp_path_factory.mktemp("out") / "site").index
    return made.read_text(), made.parent


def test_rows_say_how_many_windows_are_disjoint(page: tuple[str, Path]) -> None:
    html = page[0].partition('id="repositories"')[2].partition("</section>")[0]
    assert html.count("data-estimate=") == 6
    assert html.index("Commits by week") < html.index("Stars by week")  # tested first
    assert ">37<" in html and ">16<" in html and html.count(">no test<") == 2
    assert "+0.240" in html and "−0.400 to +0.880" in html and "−0.610 to +0.930" in html
    assert "Singapore" in html


def test_figures_and_numbers_are_of_tested_outcomes(page: tuple[str, Path]) -> None:
    html, folder = page
    assert {p.name for p in (folder / "figures").glob("open-*-[wc]*")} == {
        "open-ml-commits-weeks.svg", "open-ml-commits-changes.svg"
    }  # fmt: skip
    with (folder / "data" / "repository_weeks.csv").open() as file:
        rows = list(csv.DictReader(file))
    own = [row for row in rows if row["line"] == "Chinese owners"]
    # neither weeks that are not complete nor the holiday week, and one repository of two
    assert len(own) == 25 and [row["run"] for row in own] == ["0"] * 18 + ["1"] * 7
    assert {row["outcome"] for row in rows} == {"open_ml_commits"}
    other = [row["value"] for row in rows if row["line"] != "Chinese owners"]
    assert [row["value"] for row in own] == other
    assert "simulated" not in html.partition('id="repositories"')[2].partition("</section>")[0].lower()


def test_a_run_without_panels_says_so(built: tuple[Inputs, Path]) -> None:
    assert "No panel of single repositories in this run." in (built[1] / "index.html").read_text()
