"""`chokepoint estimate --plot`: what is drawn, what stands on it, and what is said of the rest."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from orchestration.command import pictures
from tests.orchestration.conftest import printed, refused
from tests.orchestration.shops import SPEC, shops

pytestmark = pytest.mark.slow

Captured = pytest.CaptureFixture[str]
PNG = b"\x89PNG"


def said(capsys: Captured, *arguments: object) -> str:
    return printed(capsys, "estimate", "own.yml", "--panel", "panel.csv", *arguments)


def words(path: Path) -> str:
    """The text of an SVG, one space between its pieces."""
    return " ".join(html.unescape(" ".join(re.findall(r">([^<>]+)<", path.read_text()))).split())


def change(folder: Path, old: str, new: str) -> None:
    assert old in SPEC
    (folder / "own.yml").write_text(SPEC.replace(old, new))


def test_a_folder_gets_both_pictures_as_png_and_svg_in_the_panels_words(
    folder: Path, capsys: Captured
) -> None:
    printed = said(capsys, "--plot", "made/pictures")
    made = folder / "made" / "pictures"
    names = ["event_study.png", "event_study.svg", "placebos.png", "placebos.svg"]
    assert sorted(path.name for path in made.iterdir()) == names
    assert all((made / name).read_bytes().startswith(PNG) for name in names if name.endswith("png"))
    assert "pictures: " + ", ".join(f"made/pictures/{name}" for name in names) in printed
    study, placebos = words(made / "event_study.svg"), words(made / "placebos.svg")
    for shown in (study, placebos):
        assert "Lyon <3" in shown and "20 other shops" in shown and "sales" in shown and "log points" in shown
        assert "opening (1 July 2021)" in shown and "not drawn" not in printed
    assert "months from the event" in study and "−12 to −7" in study and "Leads together: p " in study
    assert "95 % sets" in study and "mean step of Lyon <3 has rank 1 of 21, p 0.048" in placebos


def test_the_same_panel_is_drawn_alike(folder: Path, capsys: Captured) -> None:
    said(capsys, "--plot", "one")
    shops().sample(frac=1, random_state=1).to_csv(folder / "panel.csv", index=False)
    said(capsys, "--plot", "two")
    for path in (folder / "one").iterdir():
        assert path.read_bytes() == (folder / "two" / path.name).read_bytes(), path.name


def test_a_file_gets_them_one_beneath_the_other(folder: Path, capsys: Captured) -> None:
    assert "pictures: all.svg" in said(capsys, "--plot", "all.svg")
    assert "months from the event" in words(folder / "all.svg") and "rank 1 of 21" in words(
        folder / "all.svg"
    )
    made = json.loads(said(capsys, "--plot", "sub/All.PNG", "--json"))
    assert made["pictures"] == ["sub/All.PNG"] and made["not_drawn"] == []
    assert (folder / "sub" / "All.PNG").read_bytes().startswith(PNG)
    (folder / "odd.svg").mkdir()
    said(capsys, "--plot", "odd.svg")
    assert len(list((folder / "odd.svg").iterdir())) == 4


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("all.pdf", "plot: all.pdf: ends in .pdf, expected .png or .svg, or a folder; give one"),
        ("panel.csv", "plot: panel.csv: is a file, expected .png or .svg, or a folder; give another"),
    ],
)
def test_where_no_picture_can_be_written_is_one_line(
    target: str, message: str, folder: Path, capsys: Captured
) -> None:
    before = sorted(folder.iterdir())
    asked = ("estimate", "own.yml", "--panel", "panel.csv", "--plot", target, "--out", "out")
    assert refused(capsys, *asked) == message
    assert sorted(folder.iterdir()) == before


def test_what_is_not_identified_is_drawn_as_far_as_it_goes(folder: Path, capsys: Captured) -> None:
    change(folder, "2021-07-01", "2031-07-01")
    printed = said(capsys, "--plot", "late")
    assert sorted(path.name for path in (folder / "late").iterdir()) == ["placebos.png", "placebos.svg"]
    line = next(line for line in printed.splitlines() if line.startswith("event study: not drawn: "))
    assert "no complete month after the opening of 1 July 2031" in line
    assert "No rank among them: no complete month" in words(folder / "late" / "placebos.svg")


def test_without_a_donor_the_values_are_drawn(folder: Path, capsys: Captured) -> None:
    shops(0).to_csv(folder / "panel.csv", index=False)
    printed = said(capsys, "--plot", "alone")
    assert sorted(path.name for path in (folder / "alone").iterdir()) == ["values.png", "values.svg"]
    assert printed.count("not drawn: counted of") == 2
    assert "sales: Lyon <3 and no other shop" in words(folder / "alone" / "values.svg")
    assert "No gap is drawn: counted of" in words(folder / "alone" / "values.svg")


def test_few_donors_have_points_without_sets_and_gaps_without_a_rank(folder: Path, capsys: Captured) -> None:
    shops(3).to_csv(folder / "panel.csv", index=False)
    said(capsys, "--plot", "few")
    assert "No test, so no sets." in words(folder / "few" / "event_study.svg")
    shown = words(folder / "few" / "placebos.svg")
    assert "3 other shops" in shown and "No rank among them: 3 donors have the outcome" in shown


def test_an_inference_without_leads_says_so(folder: Path, capsys: Captured) -> None:
    (folder / "own.yml").write_text(SPEC + "inference: crv1\n")
    printed = said(capsys, "--plot", "made")
    assert "event study: not drawn: " in printed and "crv1" in printed
    assert (folder / "made" / "placebos.svg").exists()


def test_each_event_set_has_pictures_of_its_own_and_events_are_numbered(
    folder: Path, capsys: Captured
) -> None:
    (folder / "own.yml").write_text(
        SPEC.replace("2021-07-01", "2021-07-01, sale: 2022-03-01")
        + "event_sets: {first: [opening], second: [sale]}\n"
    )
    said(capsys, "--plot", "made")
    assert len(list((folder / "made").iterdir())) == 8
    shown = words(folder / "made" / "placebos_second.svg")
    assert "Lines: 1 opening (1 July 2021), 2 sale (1 March 2022)" in shown and "(second)" in shown
    assert "Line: opening (1 July 2021)." in words(folder / "made" / "event_study_first.svg")


def test_more_donors_than_lines_can_be_told_apart_are_counted(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_LINES", 7)
    said(capsys, "--plot", "made")
    assert "7 of them are drawn." in words(folder / "made" / "placebos.svg")


def test_levels_and_counts_are_drawn_in_their_own_unit(folder: Path, capsys: Captured) -> None:
    change(folder, "ols_log", "ols")
    said(capsys, "--plot", "levels")
    assert "in the outcome’s units" in words(folder / "levels" / "event_study.svg")
    change(folder, "ols_log", "ppml")
    said(capsys, "--plot", "counts")
    assert "log points" in words(folder / "counts" / "placebos.svg")
