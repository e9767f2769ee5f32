"""The figure of forks week by week: a frame a way, and what is said where nothing is ranked or seen."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from report.site import build
from tests.report.conftest import write_home

WAYS = ("CN_US_clock_17utc", "CN_US_profile")


def weeks(tables: dict[str, list[dict[str, Any]]], *, tested: bool) -> None:
    inference = "ri_dates" if tested else "none"
    numbers = {"p_value": 0.04, "p_floor": 0.04, "ci_low": -0.5, "ci_high": 2.5} if tested else {}
    tables["estimates"] += [
        {
            "outcome": "git_pushes", "trend": "none", "spec_id": "forks_event_time", "family": "robustness",
            "event_set": "tightening", "contrast": way, "term": f"k={k:+d}", "estimator": "ols",
            "estimate": 0.25 * k + place, "status": "ok" if tested else "descriptive",
            "inference": inference, **numbers,
            "estimate_id": f"forks_event_time/git_pushes/tightening/{way}/k={k:+d}/none/{inference}",
        }
        for place, way in enumerate(WAYS) for k in range(-8, 8)
    ]  # fmt: skip


def section(folder: Path, tested: bool) -> tuple[str, Path]:
    site = build(write_home(folder, "sample", change=partial(weeks, tested=tested)), folder / "site")
    html = site.index.read_text()
    return html.partition('id="who-forks"')[2].partition("</section>")[0], site.index.parent


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    return section(tmp_path_factory.mktemp("ranked"), tested=True)


def test_every_way_and_week_is_drawn_described_and_listed(ranked: tuple[str, Path]) -> None:
    shown, site = ranked
    figure = shown.partition('src="figures/forks-by-week.svg"')[2].partition("</figure>")[0]
    assert "SIMULATED." in figure and "k=-8 -2.000" in figure.replace("−", "-")
    drawn = (site / "figures" / "forks-by-week.svg").read_text()
    assert all(way in drawn for way in WAYS)
    listed = (site / "data" / "forks_by_week.csv").read_text().splitlines()
    assert len(listed) == 1 + 2 * 16
    assert "does not reject" in shown and "No bars" not in shown


def test_weeks_without_a_rank_are_shown_without_bars(tmp_path: Path) -> None:
    shown, _ = section(tmp_path, tested=False)
    assert "forks-by-week.svg" in shown and "No bars" in shown


def test_an_archive_without_hours_has_no_such_figure(built: tuple[Any, Path]) -> None:
    assert "forks-by-week" not in (built[1] / "index.html").read_text()
