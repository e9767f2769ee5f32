"""What a run prints at its end."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from dlt_sources.fetch import NAMES as FETCHABLE
from orchestration.command import summary
from orchestration.command.run import Run
from orchestration.command.summary import Titles, print_summary, summarise
from orchestration.command.unit_summary import forks_by_place, unit_rows
from orchestration.settings import Settings, read_settings

STATUSES = ("identified", "descriptive", "not_identified")
NAMES = {
    **{
        ("status", name): {"name": name, "title": name.replace("_", " "), "group": None, "order": order}
        for order, name in enumerate(STATUSES)
    },
    ("contrast", "CN_donors"): {
        "name": "CN_donors",
        "title": "China against the donors",
        "group": None,
        "order": 1,
    },
    **{
        ("contrast", name): {"name": name, "title": name, "group": None, "order": order}
        for order, name in enumerate(("CN_US_clock", "CN_US_profile", "CN_US_mixture"), start=2)
    },
    **{
        ("term", f"change_{part}"): {"title": short, "short": short, "order": 1}
        for part, short in (("treated", "China"), ("comparison", "US"), ("difference", "difference"))
    },
    ("trend", "none"): {"title": "without country trends", "short": "without", "order": 1},
    ("trend", "unit_linear"): {"title": "with country trends", "short": "with", "order": 2},
}


def headline(trend: str, **changed: Any) -> dict[str, Any]:
    row = {"outcome": "git_pushes", "contrast": "CN_donors", "trend": trend, "estimate": -0.571,
           "ci_low": -1.477, "ci_high": 0.336, "p_value": 0.138, "donors": 144, "status": "ok",
           "planted": 0.25, "slope_before": None, "slope_before_p": None,
           "share_unknown_country": 0.0}  # fmt: skip
    bounds = dict.fromkeys(("bound_low", "bound_high", "worst_low", "worst_high", "breakdown"))
    return row | bounds | changed


def printed(
    rows: list[dict[str, Any]],
    is_simulated: bool = False,
    units: Sequence[dict[str, Any]] = (),
    identification: Sequence[dict[str, Any]] = (),
    forks: Sequence[dict[str, Any]] = (),
) -> str:
    console = Console(file=io.StringIO(), width=80)
    content = {
        "made": [], "up_to_date": ["results"], "total_seconds": 0.1, "identification": identification,
        "inferences": [],
        "claims": [], "specifications": {}, "page": "index.html", "headline": rows, "simulated": is_simulated,
        "unread": [], "absent": [], "units": units, "forks": forks_by_place(forks),
    }  # fmt: skip
    print_summary(console, content, Titles(NAMES))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def changed(**given: Any) -> dict[str, Any]:
    return {
        "spec_id": "unit_commits", "outcome": "open_ml_commits", "contrast": "CN_owners",
        "event_set": "rule_2022",
        "term": "window_change", "estimate": 0.24, "ci_low": -0.402, "ci_high": 0.882, "p_value": 0.352,
        "disjoint_windows": 37, "status": "ok", "planted": 0.4,
    } | given  # fmt: skip


def test_what_cannot_be_tested_stands_by_what_is_missing_first() -> None:
    """Dozens of reasons are no reading; one line says where they all are."""

    def judged(outcome: str, status: str, needs: str | None) -> dict[str, Any]:
        return {"outcome": outcome, "event_set": "tightening", "contrast": "CN_donors", "status": status,
                "reason": f"why {outcome}", "needs": needs, "share_unknown_country": None}  # fmt: skip

    said = printed([headline("none")], identification=[
        judged("a", "not_identified", "4 complete months before; 3 more donors"),
        judged("b", "not_identified", None),
        judged("c", "not_identified", "4 complete months before"),
        judged("d", "identified", None),
        judged("e", "descriptive", "2 more donors"),
    ])  # fmt: skip
    lines = [line.split() for line in said.splitlines()]
    assert ["4", "complete", "months", "before", "a,", "c"] in lines
    assert ["why", "b", "b"] in lines
    assert "3 more donors" not in said and "`needs` in results/identification.parquet" in said
    assert "why e. Would test it: 2 more donors" in " ".join(said.split())
    assert "why d" in said and "why d. Would" not in said


@pytest.mark.parametrize("is_simulated", [False, True])
def test_changes_by_week_stand_with_their_windows(is_simulated: bool) -> None:
    rows = [
        changed(), changed(contrast="CN_clock", estimate=0.111),
        changed(status="descriptive", p_value=None, ci_low=None, ci_high=None, estimate=0.555),
    ]  # fmt: skip
    said = printed([], is_simulated, units=rows)
    line = next(line for line in said.splitlines() if line.startswith("open_ml_commits"))
    assert (
        "0.240" in line
        and "-0.402 to 0.882" in line
        and "0.352 (37)" in line
        and ("0.400" in line) == is_simulated
    )
    assert "0.111" not in said and "0.555" not in said
    rest = " ".join(said.split())
    assert "1 more rows are of other sides, 1 are described without a test" in rest
    assert ("SIMULATED by week" in said) == is_simulated
    assert "by week" not in printed([], units=[changed(contrast="CN_clock")])


def test_changes_are_those_of_panels_of_units() -> None:
    ordinary = changed(disjoint_windows=None)  # a rank among dates of a country's own series
    empty = changed(estimate=None)
    assert unit_rows([changed(), ordinary, empty, changed(term="step")]) == [changed()]


@pytest.mark.parametrize("is_simulated", [False, True])
def test_forks_stand_by_who_forks_a_line_each_way_of_knowing(is_simulated: bool) -> None:
    def forks(contrast: str, term: str, estimate: float | None, **given: Any) -> dict[str, Any]:
        asked = {"spec_id": "forks_paper", "event_set": "paper_four", "contrast": contrast, "term": term}
        return changed(**asked | {"estimate": estimate} | given)

    said = printed([], is_simulated, forks=[
        forks("CN_US_clock", "change_treated", 0.143),
        forks("CN_US_clock", "change_difference", 0.131, ci_low=0.02, ci_high=0.27),
        forks("CN_US_profile", "change_difference", 0.0321, ci_low=None, ci_high=None),
        forks("CN_US_mixture", "change_treated", None),
        forks("CN_US_clock", "change_treated", 0.999, event_set="rule_2022"),
    ])  # fmt: skip
    title = next(line for line in said.splitlines() if "forks per repository-week" in line)
    assert ("SIMULATED" in title) == is_simulated
    clock = next(line for line in said.splitlines() if line.startswith("CN_US_clock"))
    assert "0.143" in clock and "0.131" in clock and "0.020 to 0.270" in clock
    assert "0.032" in next(line for line in said.splitlines() if line.startswith("CN_US_profile"))
    assert "CN_US_mixture" not in said and "0.999" not in said


@pytest.mark.parametrize("is_simulated", [False, True])
def test_the_slope_before_and_its_p_stand_in_the_headlines_line(is_simulated: bool) -> None:
    rows = [
        headline("none", slope_before=-0.159, slope_before_p=1 / 145),
        headline("unit_linear", estimate=0.23),
    ]
    lines = printed(rows, is_simulated).splitlines()
    without = next(line for line in lines if line.startswith("git_pushes") and "without" in line)
    assert "-0.571" in without
    assert "-0.159 (0.007)" in without  # in one line, where a terminal has 80 columns
    assert next(line for line in lines if " with " in line).rstrip().endswith("–")


def test_what_the_unknown_may_change_is_a_sentence() -> None:
    known = headline("none", share_unknown_country=0.001, bound_low=-1.5, bound_high=0.4)
    unknown = headline(
        "none", outcome="stars", share_unknown_country=0.281, bound_low=-0.437, bound_high=0.37
    )
    said = " ".join(printed([known, unknown]).split())
    assert said.count("Whoever") == 1
    who = "Whoever the 28 % without a certain country are"
    assert f"{who}, stars without trends lies between -0.437 and 0.37" in said


def test_a_headline_without_the_table_of_words_is_summed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """``run --select results/estimates`` on a fresh home makes no glossary."""
    asked = {"family": "headline", "term": "mean_step", "estimate_id": "a", "spec_id": "primary",
             "event_set": "tightening", "inference": "ri_studentised"}  # fmt: skip
    tables = {"estimates": [headline("none", contrast=name, **asked) for name in ("US_donors", "CN_donors")]}
    monkeypatch.setattr(summary, "_rows", lambda settings, table, columns: tables.get(table, []))
    run = SimpleNamespace(origin="sample", home="h", made=[], up_to_date=[], seconds={}, rows={},
                          total_seconds=1.0, log=None)  # fmt: skip
    content = summarise(read_settings(), run)  # type: ignore[arg-type]
    assert [row["contrast"] for row in content["headline"]] == ["US_donors", "CN_donors"]


def test_a_table_a_contrast() -> None:
    said = printed([headline("none"), headline("none", contrast="US_donors")])
    assert "headline, China against the donors" in said
    assert "headline, US_donors" in said


@pytest.mark.parametrize("is_there", [False, True])
def test_a_page_is_named_where_there_is_one(is_there: bool, tmp_path: Path) -> None:
    if is_there:
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "index.html").write_text("a page")
    content = summarise(
        Settings(home=tmp_path), Run(tmp_path, "sample", made=["raw/innovation_graph/topics"])
    )
    console = Console(file=io.StringIO(), width=80)
    print_summary(console, content, Titles({}))
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "raw tables" in said
    page = str(tmp_path / "site" / "index.html") if is_there else None
    assert content["page"] == page
    assert said.splitlines()[-1] == (
        f"page: {page}" if is_there else "1 assets made, 0 stages up to date, 0.0 s"
    )


@pytest.mark.parametrize(
    ("folders", "line"),
    [
        ([], None),
        (["innovation_graph"], None),
        (["innovation_graph", "other_list"], "1 folder of the archive is read by no source: other_list"),
        (["other_list", "a_list"], "2 folders of the archive are read by no source: a_list, other_list"),
    ],
)
def test_folders_that_no_source_reads_are_named(tmp_path: Path, folders: list[str], line: str | None) -> None:
    settings = Settings(home=tmp_path / "home", archive=tmp_path / "archive")
    for folder in folders:
        (tmp_path / "archive" / folder).mkdir(parents=True)
        (tmp_path / "archive" / folder / "manifest.json").write_text("{}")
    console = Console(file=io.StringIO(), width=80)
    print_summary(console, summarise(settings, Run(tmp_path, "archive", made=["raw/x/y"])), Titles({}))
    said = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert [one for one in said if "read by no source" in one] == ([line] if line else [])


def test_sources_that_a_fetch_would_bring_are_named_in_one_line(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", archive=tmp_path / "archive")
    for name in {*FETCHABLE} - {"github_events", "openalex"}:
        (tmp_path / "archive" / name).mkdir(parents=True)
        (tmp_path / "archive" / name / "manifest.json").write_text("{}")
    content = summarise(settings, Run(tmp_path, "archive", made=["raw/x/y"]))
    console = Console(file=io.StringIO(), width=80)
    print_summary(console, content, Titles({}))
    assert content["absent"] == ["github_events", "openalex"]
    assert (
        "nothing in the archive of: github_events, openalex; "
        "what bringing it costs: chokepoint fetch github_events openalex --plan\n"
    ) in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("is_cut", [True, False])
def test_result_tables_that_cannot_be_read_are_left_out(is_cut: bool, tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    for table in ("identification", "estimates", "glossary", "diagnostics", "claims", "specification_curve"):
        path = tmp_path / "results" / f"{table}.parquet"
        pq.write_table(pa.table({"other": [1]}), path)
        if is_cut:
            path.write_bytes(path.read_bytes()[:-9])
    content = summarise(Settings(home=tmp_path), Run(tmp_path, "sample", made=["raw/x/y"]))
    assert (content["identification"], content["headline"], content["claims"]) == ([], [], [])


def test_a_headline_without_a_glossary_is_still_one(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    text = {"estimate_id": "e", "spec_id": "primary", "family": "headline", "term": "mean_step",
            "event_set": "tightening", "inference": "ri_studentised"}  # fmt: skip
    row = {n: v for n, v in headline("none").items() if not n.startswith("slope")} | text
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "results" / "estimates.parquet")
    content = summarise(Settings(home=tmp_path), Run(tmp_path, "sample", made=["raw/x/y"]))
    assert [row["contrast"] for row in content["headline"]] == ["CN_donors"]
