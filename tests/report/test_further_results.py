"""The sections beside the headline: what they show of their tables, and what they say when one is absent."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from report import choices, drawing, effects, figures, findings, formats, further_results
from report.inputs import RESULTS, Inputs, Tables
from report.site import build
from tests.report.further_rows import clock, glossary

Make = Callable[..., Inputs]
Built = tuple[Inputs, Path]
TABLES = ("specification_curve", "claims", "revisions", "clock", "clock_worlds")
WITHOUT = {
    "specification_curve": "chokepoint run --select results/specification_curve",
    "claims": "No table of claims in this run",
    "revisions": "No table of revisions in this run",
    "clock": "No table of the clock in this run",
    "clock_worlds": "No table of worlds in this run",
}


def read(site: Path) -> str:
    return (site / "index.html").read_text(encoding="utf-8")


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def section(html: str, name: str) -> str:
    begins = html.index(f'<section id="{name}"')
    return html[begins : html.index("</section>", begins)]


def rows_of(html: str) -> list[tuple[str, str]]:
    """Estimate id and text of every table row that is one estimate."""
    found = re.findall(r'<tr data-estimate="([^"]+)"[^>]*>(.*?)</tr>', html, re.DOTALL)
    return [(name, words(cells)) for name, cells in found]


@pytest.fixture
def study(make_inputs: Make) -> tuple[list[effects.Estimate], list[findings.Finding], Tables]:
    tables = Tables(make_inputs("archive"))
    rows = effects.estimates(tables)
    known = tables.rows("select * from identification")
    return rows, findings.findings_of(rows, known, {}, "tightening"), tables


def beside(study: tuple[list[effects.Estimate], list[findings.Finding], Tables]) -> choices.Alternatives:
    rows, found, _ = study
    return next(
        one for one in choices.alternatives(rows, found, "tightening") if one.finding.outcome == "git_pushes"
    )


@pytest.mark.slow
@pytest.mark.parametrize("absent", TABLES)
def test_a_table_that_is_not_there_is_said_and_nothing_else_is_lost(
    make_inputs: Make, tmp_path: Path, absent: str
) -> None:
    inputs = make_inputs("archive")
    (inputs.results / f"{absent}.parquet").unlink()
    text = words(read(build(inputs, tmp_path / "site").index.parent))
    assert [name for name, said in WITHOUT.items() if said in text] == [absent]


def test_every_estimate_and_every_file_named_on_the_page_exists(built: Built) -> None:
    inputs, site = built
    html = read(site)
    known = set(pq.read_table(inputs.results / "estimates.parquet")["estimate_id"].to_pylist())
    shown = set(re.findall(r'data-estimate="([^"]+)"', html))
    assert shown <= known
    assert len(shown) > 60
    for file in set(re.findall(r'<span class="source">From (.*?)</span>', html)):
        for name in re.findall(r"<code>([^<]+)</code>", file):
            if name.startswith("data/"):
                assert (site / name).is_file(), name
            elif name.startswith("results/"):
                assert name.removeprefix("results/").removesuffix(".parquet") in RESULTS
    for name in ("claims", "clock", "worlds", "robustness", "sensitivity", "revisions"):
        assert '<span class="source">' in section(html, name)


def test_every_figure_with_numbers_says_when_they_are_simulated(built: Built) -> None:
    inputs, site = built
    captions = re.findall(r"figures/([^\"]+)\.svg.*?<figcaption>(.*?)</figcaption>", read(site), re.DOTALL)
    drawn = {name: "SIMULATED." in caption for name, caption in captions if name != "timeline"}
    assert {"git-pushes-choices", "git-pushes-vintages", "clock", "curve-1"} <= set(drawn)
    assert drawn.pop("clock-worlds")  # simulated in every origin
    assert set(drawn.values()) == {inputs.origin == "sample"}


def test_numbers_beside_the_headline_are_those_of_the_table(built: Built) -> None:
    inputs, site = built
    estimates = {row.estimate_id: row for row in effects.estimates(Tables(inputs))}
    shown = rows_of(section(read(site), "robustness"))
    assert len(shown) >= 20
    for name, cells in shown:
        row = estimates[name]
        if row.estimate is None:
            assert (row.reason or "") in cells
        else:
            assert row.written(row.estimate) in cells
            assert row.interval in cells


def test_choices_are_drawn_left_as_they_were_or_not_asked(
    study: tuple[list[effects.Estimate], list[findings.Finding], Tables],
) -> None:
    found = beside(study)
    assert [one.label for one in found.choices] == [
        "Asian donors only", "Placebos rescaled by size (Ferman–Pinto)",
    ]  # fmt: skip
    assert [one.label for one in found.neutral] == ["Without Golden Week and Lunar New Year"]
    assert [(one.label, one.reason) for one in found.empty] == [
        ("From 2021 on", "1 complete quarter before the event")
    ]


def test_tallies_count_tested_choices_by_the_side_of_their_set(
    study: tuple[list[effects.Estimate], list[findings.Finding], Tables],
) -> None:
    for tally in beside(study).tallies:
        assert (len(tally.rows), tally.above, tally.below) == (2, 1, 0)
        assert tally.span is not None
        smallest, largest = (row.estimate for row in tally.span)
        assert smallest == pytest.approx(tally.headline.estimate / 4)  # type: ignore[operator]
        assert largest == tally.headline.estimate


def test_conventional_errors_stand_beside_the_headline_and_not_among_the_replication(built: Built) -> None:
    html = read(built[1])
    inference = html[html.index("What the choice of inference does") : html.index("Loosenings apart")]
    replication = html[html.index("by the conventional method") : html.index('<section id="claims"')]
    for spec_id in ("conventional", "conventional_ar1", "ferman_pinto"):
        assert f'data-estimate="{spec_id}/git_pushes' in inference
        assert f'data-estimate="{spec_id}/' not in replication
    clustered = dict(rows_of(inference))["conventional/git_pushes/tightening/CN_donors/mean_step/none/crv1"]
    assert "conventional: errors clustered by country +0.310 +0.300 to +0.320 0.08" in clustered


def test_placebos_that_find_something_are_named(built: Built) -> None:
    text = words(section(read(built[1]), "robustness"))
    assert "3 such tests could be made, and 1 gives a set beyond zero" in text
    assert "(Git pushes, the cybersecurity rule of 2021, without country trends)" in text
    assert "none after" in text  # the loosenings, with the reason


def test_specifications_are_counted_once_each(built: Built) -> None:
    inputs, site = built
    estimates = pq.read_table(inputs.results / "estimates.parquet").to_pylist()
    names = ("spec_id", "outcome", "event_set", "contrast", "trend")
    given = {
        (row["family"], *(row[name] for name in names)) for row in estimates if row["estimate"] is not None
    }
    text = words(section(read(site), "robustness"))
    families = {row["name"]: row["title"] for row in glossary() if row["kind"] == "family"}
    for family, said in families.items():
        own = sum(one[0] == family for one in given) if family != "curve" else 6
        assert re.search(rf"{re.escape(said)} \d+ {own} \d+", text), family
    assert re.search(rf"In all [\d,]+ {len(given) + 6:,} ", text)


def test_the_curve_is_in_order_and_outcomes_without_a_number_say_why(
    study: tuple[list[effects.Estimate], list[findings.Finding], Tables],
) -> None:
    _, found, tables = study
    first, second = further_results.curves(tables, found)
    sizes = [row["estimate"] for row in first["rows"]]
    assert sizes == sorted(sizes)
    assert (first["above"], first["below"]) == (2, 1)
    assert [one["joint_p"] for one in first["trends"]] == [0.143, 0.5]
    assert [(one["low"], one["high"]) for one in first["trends"]] == [
        (pytest.approx(0.1), pytest.approx(0.3)), (pytest.approx(-0.2), pytest.approx(0.0)),
    ]  # fmt: skip
    assert (second["rows"], second["reason"]) == ([], "41% unknown")


@pytest.mark.parametrize(("estimate", "shown"), [(0.4, "+256.3%"), (-0.4, "−71.9%"), (0.0, "+256.3%")])
def test_what_could_have_been_found_is_on_the_side_of_the_estimate(estimate: float, shown: str) -> None:
    assert further_results.found_from(1.2705, estimate, "log points") == shown
    assert further_results.found_from(None, estimate, "log points") == formats.ABSENT


def test_a_claim_shows_what_was_published_their_method_ours_and_why(built: Built) -> None:
    html = section(read(built[1]), "claims")
    text = words(html)
    for wanted in (
        "Of 2 quantities: 1 “not identified”, 1 “depends on the trend”.",
        "+0.143 forks per repository-week", "+5,120 pushes a quarter interval +4,000 to +6,000",
        "Corrected, without country trends +36.3% agrees set +20.9% to +53.7%",
        "Corrected, with country trends +27.1% not identified",
        "without country trends: the set says agrees", "too much has no country",
        "Source: two summaries; known from two public summaries that agree.",
        "What other studies say of the same (1)", "+1,150,000,000 downloads",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert ("SIMULATED. These verdicts judge planted effects" in text) == (built[0].origin == "sample")
    assert html.count("Whoever forks early.") == 2  # once for the claim, once in the table of other studies


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.0953102, "log points", "+10.0%"), (None, "log points", "–"), (-0.02, "share of titles", "−0.020"),
        (-999_050.65, "pushes a quarter", "−999,051"), (90.0, "log points", "over +1,000%"),
    ],
)  # fmt: skip
def test_effects_are_written_in_their_unit(value: float | None, unit: str, said: str) -> None:
    assert further_results.in_words(value, unit) == said


def test_sensitivity_shows_power_adjusted_p_and_what_overturns(built: Built) -> None:
    shown = rows_of(section(read(built[1]), "sensitivity"))
    plain = "primary/git_pushes/tightening/CN_donors/mean_step/none/ri_studentised"
    trended = plain.replace("/none/", "/unit_linear/")
    of_plain = [cells for name, cells in shown if name == plain]
    of_trended = [cells for name, cells in shown if name == trended]
    assert "+0.310 +0.187 0.048 0.062" in of_plain[0]
    assert "+0.222 +0.111 to +0.333 contains zero already" in of_plain[1]
    assert "+0.222 +0.111 to +0.333 0.07" in of_trended[1]
    assert "+0.015" in of_plain[2]


def test_a_sensitivity_analysis_that_was_not_made_says_why(make_inputs: Make, tmp_path: Path) -> None:
    def spoil(tables: dict[str, list[dict[str, Any]]]) -> None:
        for row in tables["diagnostics"]:
            if row["diagnostic"] == "honest_estimate":
                row |= {"value": None, "note": "no sensitivity analysis: 1 lead"}

    html = read(build(make_inputs("archive", spoil), tmp_path / "site").index.parent)
    assert words(section(html, "sensitivity")).count("no sensitivity analysis: 1 lead") == 2


def test_revisions_split_the_move_and_give_every_vintage(built: Built) -> None:
    html = section(read(built[1]), "revisions")
    moves = dict(rows_of(html))["primary/git_pushes/tightening/CN_donors/mean_step/none/ri_studentised"]
    assert "without 3 2 +0.260 +0.310 +0.050 +0.020 +0.000 +0.030 0.050" in moves
    text = words(html)
    assert "18 January 2024 without too few quarters" in text
    assert "27 January 2026" in text


def test_the_clock_s_sentences_are_its_table(built: Built) -> None:
    text = words(section(read(built[1]), "clock"))
    for wanted in (
        "before 17:00 UTC", "grows 2.4 to 3.0 times as much", "(2.2 to 3.3 if the 3% of developers",
        "The published ratio of 11.9 needs 92% of all additional events",
        "In 1 of 2 scenarios a rise in China could make it: 80% of all additional events",
        "54 times the world’s", "In 1 no rise in China", "not reachable by China alone",
        "people keep office hours",
    ):  # fmt: skip
        assert wanted in text, wanted


def test_simulated_worlds_are_told_as_such_in_every_origin(built: Built) -> None:
    site = built[1]
    html = section(read(site), "worlds")
    text = words(html)
    assert text.index("SIMULATED.") < text.index("A program makes worlds")
    for wanted in (
        "2. Only China rises China forks more. The paper’s rule reports +16.4 forks", "where +17.6 is true",
        "1. Only Europe rises Europe forks more. The paper’s rule still reports +9.5 forks",
        "is +0.4 (−2.6 to +3.4); the truth is 0", "2.5 times as much as the United States",
        "SIMULATED. Change at an event", "seed 7",
    ):  # fmt: skip
        assert wanted in text, wanted
    (alt,) = re.findall(r'alt="([^"]+)"', html)
    assert alt.startswith("SIMULATED.")
    assert (
        "Only Europe rises: in truth China +0.0 and United States +0.0; the paper’s rule reports China +9.5"
        in alt
    )
    assert ">SIMULATED</text>" in (site / "figures" / "clock-worlds.svg").read_text()
    assert (site / "data" / "clock_worlds.csv").is_file()


def test_figures_are_the_same_every_time_and_keep_to_their_frame(
    study: tuple[list[effects.Estimate], list[findings.Finding], Tables],
) -> None:
    found = beside(study)
    forest = figures.choices(found.finding.rows, found.choices, 2.5)
    rows = further_results.curves(study[2], [])[0]["rows"]
    for spec in (forest, figures.curve(rows, 2.5), figures.clock(clock(), 11.9)):
        assert drawing.svg(spec) == drawing.svg(spec)
    wide = [{**row, "ci_low": -90.0, "ci_high": 90.0} for row in rows]
    drawn = figures.curve(wide, 2.5).to_dict()["vconcat"][0]["layer"][1]["encoding"]["y"]["scale"]
    assert drawn["domain"] == [-2.5, 2.5]


def test_vintages_are_marked_on_their_own_day_and_only_where_there_is_a_number(
    study: tuple[list[effects.Estimate], list[findings.Finding], Tables],
) -> None:
    _, found, tables = study
    (moves,) = further_results.revisions(tables, found)
    spec = figures.vintages(moves["rows"], 2.5, moves["unit"])
    values = spec.to_dict()["datasets"].values()
    assert sorted({row["vintage"] for rows in values for row in rows if "vintage" in row}) == [
        "2025-01-23",
        "2026-01-27",
    ]
    assert "Jan 2025" in drawing.svg(spec)


def test_a_spec_that_only_results_and_glossary_know_has_its_own_title(
    make_inputs: Make, tmp_path: Path
) -> None:
    """No line of Python names it: a choice of a new group, and a question of its own with its sentence."""

    def add(tables: dict[str, list[dict[str, Any]]]) -> None:
        placebo = [row for row in tables["estimates"] if row["spec_id"] == "support"]
        choice = [row for row in tables["estimates"] if row["spec_id"] == "donors_asia"]
        for spec_id, rows in (("lunar_donors", choice), ("lunar_days", placebo)):
            tables["estimates"] += [
                {
                    **row,
                    "spec_id": spec_id,
                    "estimate_id": row["estimate_id"].replace(row["spec_id"], spec_id),
                }
                for row in rows
            ]
        words = {"kind": "spec", "short": None, "order": 90}
        tables["glossary"] += [
            {**words, "name": "lunar_donors", "title": "Donors on the moon", "group": "Sky",
             "sentence": None},
            {**words, "name": "lunar_days", "title": "Days on the moon", "group": "Questions apart",
             "sentence": "Nothing happened there."},
        ]  # fmt: skip

    html = section(read(build(make_inputs("archive", add), tmp_path / "site").index.parent), "robustness")
    assert "Donors on the moon" in words(html)
    assert "<h3>Days on the moon</h3>" in html
    assert "Nothing happened there." in html
    assert "lunar_donors" not in words(html)


def test_without_a_glossary_names_stand_for_themselves(make_inputs: Make, tmp_path: Path) -> None:
    inputs = make_inputs("archive")
    (inputs.results / "glossary.parquet").unlink()
    text = words(section(read(build(inputs, tmp_path / "site").index.parent), "robustness"))
    assert "donors_asia" in text
    assert "ri_studentised" in text
