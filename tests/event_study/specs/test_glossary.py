"""Every name that a result can have is explained once, and a new spec brings its own words."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from event_study.errors import Note, SpecError, UnitNote
from event_study.estimators.registry import ESTIMATORS, described
from event_study.schemas import to_arrow
from event_study.specs.folder import load_names, load_specs
from event_study.specs.glossary import load_glossary


@pytest.fixture
def folder(tmp_path: Path, spec_folder: Path) -> Path:
    return Path(shutil.copytree(spec_folder, tmp_path / "specs"))


def test_every_name_has_a_title_and_a_place(spec_folder: Path) -> None:
    rows = to_arrow("glossary", load_glossary(spec_folder).table()).to_pylist()
    names = {(row["kind"], row["name"]) for row in rows}
    assert {("spec", spec.id) for spec in load_specs(spec_folder)} <= names
    for kind, entries in load_names(spec_folder).items():
        assert {(kind.removesuffix("s"), name) for name in entries} <= names
    assert {("warning", note.value) for note in (*Note, *UnitNote)} <= names
    assert all(row["title"] for row in rows)
    assert not [row for row in rows if "{unit" in "".join(str(value) for value in row.values())]
    for kind in {row["kind"] for row in rows}:
        places = sorted(row["order"] for row in rows if row["kind"] == kind)
        assert places == list(range(1, len(places) + 1))


def test_every_diagnostic_of_a_study_is_explained(study: Any) -> None:
    words = load_glossary().entries["diagnostic"]
    found = set(study.estimate().diagnostics["diagnostic"])
    assert {name.partition(":")[0] for name in found} <= set(words)
    assert {"effective_donors", "variance_change", "serial_correlation"} <= found
    assert "FewEffectiveDonors" in load_glossary().sentence("diagnostic", "effective_donors")


def test_a_new_spec_stands_under_its_own_title_in_a_group_of_others(folder: Path) -> None:
    (folder / "donors_baltic.yml").write_text(
        "id: donors_baltic\ntitle: Baltic donors only\nfamily: robustness\noutcomes: primary\n"
        "event_sets: [tightening]\ncontrasts: [CN_donors]\nterms: [mean_step]\n"
    )
    glossary = load_glossary(folder)
    assert glossary.title("spec", "donors_baltic") == "Baltic donors only"
    rows = glossary.table()
    own = rows[rows["name"] == "donors_baltic"].iloc[0]
    assert own["group"] == "Other"
    with_a_place = [spec for spec in load_specs(folder) if spec.order is not None]
    assert own["order"] > len(with_a_place)


def test_an_estimator_without_words_here_is_called_as_its_function_says(spec_folder: Path) -> None:
    shipped = load_glossary(spec_folder)
    given = {"ols": ("another", "another"), "median": ("gap to the median", "outcome’s unit")}
    glossary = load_glossary(spec_folder, estimators=given)
    assert glossary.title("estimator", "ols") == shipped.title("estimator", "ols")
    assert list(glossary.entries["estimator"]) == [*shipped.entries["estimator"], "median"]
    assert glossary.title("estimator", "median") == "gap to the median"
    assert set(described()) == set(ESTIMATORS) and all(title for title, _ in described().values())


def test_units_are_called_by_the_panels_own_noun(spec_folder: Path) -> None:
    shops = load_glossary(spec_folder, "shop", "shops")
    assert shops.title("trend", "unit_linear") == "with shop trends"
    assert shops.short("trend", "unit_linear") == "with"
    assert shops.warnings("ZeroUnitsDropped(3)") == {
        "ZeroUnitsDropped": "shops left out for having no count, or too few: 3"
    }


def test_details_of_one_warning_stand_together(spec_folder: Path) -> None:
    said = load_glossary(spec_folder).warnings("EventNotSeen(a); HighVIF; EventNotSeen(b); Unheard(7)")
    assert said["EventNotSeen"].endswith(": a, b")
    assert said["Unheard"] == "Unheard"
    assert list(said) == ["EventNotSeen", "HighVIF", "Unheard"]
    assert load_glossary(spec_folder).warnings(None) == {}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  HighVIF:", "  HighVif:", r"warning\.HighVIF: is missing"),
        ("verdict:\n", "verdict:\n  maybe: {title: maybe}\n", r"verdict\.maybe: is no verdict, expected one"),
        ("title: only described", "titel: only described", r"status\.descriptive\.title: Field required"),
        ("  ok: {title: estimated and tested}", "  ok: [tested]", r"status\.ok"),
    ],
)
def test_a_slip_is_one_line_that_names_it(folder: Path, old: str, new: str, fault: str) -> None:
    path = folder / "glossary.yml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(SpecError, match=rf"^glossary\.yml: {fault}") as caught:
        load_glossary(folder)
    assert not re.search(r"\n", str(caught.value))
