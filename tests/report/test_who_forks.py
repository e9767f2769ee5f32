"""The section of the paper's own question: a table a set of events, a column a way of knowing who forks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from report.site import build
from tests.report.conftest import write_home

Tables = dict[str, list[dict[str, Any]]]
WAYS = {"CN_US_clock_17utc": 0.143, "CN_US_profile": 0.0321, "CN_US_clock_mixture": None}


def forks(tables: Tables) -> None:
    """Two ways with a number, one refused; a cohort beside them in log points."""
    common = {"outcome": "git_pushes", "trend": "none"}
    for contrast, estimate in WAYS.items():
        seen = {
            "estimate": estimate, "p_value": 0.04, "base_mean": 1.37, "percent_effect": 0.104, "status": "ok",
            "inference": "ri_dates", "ci_low": 0.02, "ci_high": 0.27,
        }  # fmt: skip
        refused = {"status": "refused", "reason": "430 events in the weeks before", "inference": "none"}
        for term in ("change_treated", "change_comparison", "change_difference", "change_ratio"):
            numbers = refused if estimate is None else seen
            if term == "change_ratio":
                numbers = {**numbers, "ci_low": None, "ci_high": None}
            tables["estimates"].append({
                **common, **numbers, "estimate_id": f"forks_paper/x/paper_four/{contrast}/{term}/none",
                "spec_id": "forks_paper", "family": "replication", "event_set": "paper_four",
                "contrast": contrast, "term": term, "estimator": "ols",
            })  # fmt: skip
    tables["glossary"].append({
        "kind": "term", "name": "change_treated", "title": "What the Chinese side did", "short": "China",
        "group": None, "order": 9, "sentence": None,
    })  # fmt: skip
    tables["glossary"].append({
        "kind": "spec", "name": "forks_cohorts", "title": "Cohorts before each rule", "short": None,
        "group": "Forks by who forks", "order": 107, "sentence": None,
    })  # fmt: skip
    tables["estimates"].append({
        **common, "estimate_id": "forks_cohorts/x/rule_2022/CN_US_profile/window_change/none",
        "spec_id": "forks_cohorts", "family": "robustness", "event_set": "rule_2022", "status": "descriptive",
        "contrast": "CN_US_profile", "term": "window_change", "estimator": "ppml", "inference": "none",
        "estimate": 0.649,
    })  # fmt: skip


def places(tables: Tables) -> None:
    """Two quarters of forks: China's share is 3 of 10, then 7 of 30; stars are another kind of event."""
    tables["fct_origin_share"] = [
        {
            "quarter": date(2023, month, 1), "country": country, "event": event, "events": events,
            "all_events": total, "share": events / total, "graph_share": graph,
        }
        for month, total, of in ((1, 10, {"CN": 3, "US": 7}), (4, 30, {"CN": 7, "US": 23}))
        for country, events in of.items()
        for graph in [0.1 if country == "CN" else 0.2]
        for event in ("fork", "star")
    ]  # fmt: skip


def section(home: Any, out: Path) -> str:
    html = build(home, out / "site").index.read_text()
    return html.partition('id="who-forks"')[2].partition("</section>")[0]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    home = write_home(tmp_path_factory.mktemp("forks"), "sample", change=forks)
    return section(home, tmp_path_factory.mktemp("out"))


def test_ways_are_columns_and_changes_are_rows(shown: str) -> None:
    assert shown.count("SIMULATED. Change in forks") == 1
    assert '<th scope="row">What the Chinese side did</th>' in shown
    for way in ("CN_US_clock_17utc", "CN_US_profile"):
        assert f"forks_paper/x/paper_four/{way}/change_difference/none" in shown
    cell = shown.partition("CN_US_clock_17utc/change_treated")[2].partition("</td>")[0]
    assert "0.143" in cell and "of 1.37" in cell and "0.020 to 0.270" in cell and "p 0.04" in cell
    ratio = shown.partition("CN_US_clock_17utc/change_ratio")[2].partition("</td>")[0]
    assert "no bound" in ratio


def test_a_way_that_is_refused_says_why_and_other_choices_stand_below(shown: str) -> None:
    assert "430 events in the weeks before" in shown
    assert "CN_US_clock_mixture/change_treated" not in shown
    assert "The difference under 1 other choices" in shown and "Cohorts before each rule" in shown


def test_an_archive_without_hours_says_how_to_fetch_them(built: tuple[Any, Path]) -> None:
    html = (built[1] / "index.html").read_text()
    said = html.partition('id="who-forks"')[2].partition("</section>")[0]
    assert "chokepoint fetch github_events" in said


def test_stated_places_stand_beside_addresses_year_by_year(tmp_path: Path) -> None:
    shown = section(write_home(tmp_path, "sample", change=places), tmp_path)
    row = shown.partition('<th scope="row">2023</th>')[2].partition("</tr>")[0]
    cells = [cell.partition("<")[0] for cell in row.split('<td class="n">')[1:]]
    assert cells == ["25%", "10%", "75%", "20%", "40"]
    assert "SIMULATED. Share of forks" in shown


def test_without_hours_nothing_is_said_of_stated_places(built: tuple[Any, Path]) -> None:
    assert "Do people who state a place" not in (built[1] / "index.html").read_text()
