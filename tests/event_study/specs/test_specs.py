"""Specs as data: what ships loads and holds; what cannot be meant is one line."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from event_study.claims.curve import load_curve
from event_study.errors import CollinearLags, SpecError
from event_study.specs.folder import load_names, load_specs, validate_specs
from event_study.specs.model import EventSet, specs_sha256
from event_study.study.questions import check_registered

Edit = Callable[[Path, str, str], None]


@pytest.fixture
def folder(tmp_path: Path, spec_folder: Path) -> Path:
    return Path(shutil.copytree(spec_folder, tmp_path / "specs"))


def test_the_hash_does_not_follow_what_people_read(folder: Path) -> None:
    before = {s.id: s.sha256 for s in load_specs(folder)}
    for name in ("event_sets.yml", "contrasts.yml", "primary.yml", "donors_asia.yml"):
        text = (folder / name).read_text()
        (folder / name).write_text(
            text.replace("title: ", "title: In other words, ").replace("order: 1", "order: 9")
        )
    after = load_specs(folder)
    assert {s.id: s.sha256 for s in after} == before
    assert all(s.event_sets[0].title.startswith("In other words") for s in after)


def test_the_headline_is_primary_and_alone(spec_folder: Path) -> None:
    specs = {s.id: s for s in load_specs(spec_folder)}
    assert [s.id for s in specs.values() if s.family == "headline"] == ["primary"]
    primary = specs["primary"]
    assert [e.name for e in primary.event_sets] == ["tightening"]
    assert primary.trends == ("none", "unit_linear")
    assert [c.name for c in primary.contrasts] == ["CN_donors", "US_donors", "CN_US"]
    assert all(s.family == "replication" for s in specs.values() if s.inference == "crv1")


def test_no_two_entries_have_one_place(spec_folder: Path) -> None:
    for kind, entries in {"spec": load_specs(spec_folder), **load_names(spec_folder)}.items():
        named = entries.values() if isinstance(entries, Mapping) else entries
        places = [one.order for one in named if one.order is not None]
        assert len(places) == len(set(places)), kind


def test_the_package_is_one_step_by_quarter_and_two_by_month(spec_folder: Path) -> None:
    sets: dict[str, EventSet] = {e.name: e for s in load_specs(spec_folder) for e in s.event_sets}
    rule, chips = "bis-advanced-computing-rule-2022-10-07", "chips-and-science-act-2022-08"
    assert sets["us_2022_package"].steps("quarter")[1] == (rule,)
    assert sets["us_2022_package"].steps("month")[1] == (chips, rule)
    assert len(sets["paper_four"].steps("year")[0]) == 3
    assert sets["chips_act_2022"].steps("month")[1] == (chips,)
    with pytest.raises(CollinearLags, match=f"{chips} and {rule}"):
        sets["chips_act_2022"].steps("quarter")


def test_the_hash_follows_what_changes_a_number(folder: Path) -> None:
    before = load_specs(folder)
    path = folder / "event_sets.yml"
    text = path.read_text()
    rule = "    order: 2\n    events: [bis-advanced-computing-rule-2022-10-07]\n"
    assert f"{rule}    joint_with: tightening" in text
    path.write_text(text.replace(f"{rule}    joint_with: tightening", f"{rule}    joint_with: paper_four"))
    after = {s.id: s.sha256 for s in load_specs(folder)}
    changed = [s.id for s in before if s.sha256 != after[s.id]]
    assert changed == ["before_chatgpt", "events", "policy_shares"]
    assert specs_sha256(before) == specs_sha256(before[::-1]) != specs_sha256(load_specs(folder))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "primary.yml",
            "alpha: 0.05",
            "alfa: 0.05",
            r"primary.yml: alfa: is no field \(did you mean alpha\?\)",
        ),
        (
            "primary.yml",
            "[tightening]",
            "[slackening]",
            r"primary.yml: event_sets: 'slackening' is unknown.*; expected one of tightening",
        ),
        (
            "primary.yml",
            "[tightening]",
            "[tigtening]",
            r"'tigtening' is unknown \(did you mean tightening\?\)",
        ),
        (
            "primary.yml",
            "ri_studentised",
            "ri_studentized",
            r"is 'ri_studentized' \(did you mean ri_studentised",
        ),
        (
            "event_sets.yml",
            "joint_with: tightening",
            "joint_with: tightning",
            r"\(did you mean tightening\?\)",
        ),
        ("persistent.yml", "ri_persistent", "crv1", r"persistent.yml: spec: .*only family replication"),
        *(
            ("primary.yml", "ri_studentised", other, rf"primary.yml: inference: .*is {other}, a headline is")
            for other in ("crv1", "ri_persistent", "conformal", "ferman_pinto")
        ),
        ("events.yml", "robustness", "headline", r"events.yml: family: headline is what primary.yml names"),
        ("events.yml", "id: events", "id: primary", r"primary.yml: id: primary is taken"),
        ("events.yml", "chips_act_2022", "paper_four", r"paper_four is for family replication only"),
        ("event_sets.yml", "joint_with: tightening", "joint_with: nothing", r"joint_with: 'nothing' is not"),
        ("contrasts.yml", "treated: CN", "treatd: CN", r"contrasts.yml: CN_donors"),
        ("events.yml", "id: events", "id: [", r"events.yml: YAML: "),
        ("events.yml", "id: events", "id: events\nid: other", r"events.yml: YAML: id stands twice, line "),
        ("events.yml", "id: events", "id: " + "[" * 100_000, r"events.yml: YAML: nested deeper than 64"),
        ("event_sets.yml", "event_sets:", "event_sets: [x]\nother:", r"event_sets.yml: event_sets: "),
        ("event_sets.yml", "packages:", "packages: 7\nother:", r"event_sets.yml: packages: "),
        (
            "event_sets.yml",
            "joint_with: tightening",
            "joint_with: [tightening]",
            r"joint_with: \['tightening'\]",
        ),
        ("contrasts.yml", "CN_donors:", "CN_other: 7\nCN_donors:", r"contrasts.yml: CN_other: "),
    ],
)
def test_a_spec_that_cannot_be_meant_is_one_line(
    folder: Path, file: str, old: str, new: str, message: str
) -> None:
    path = folder / file
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(SpecError, match=message) as caught:
        load_specs(folder)
    assert "\n" not in str(caught.value)


def test_missing_files(folder: Path) -> None:
    (folder / "contrasts.yml").unlink()
    with pytest.raises(SpecError, match=r"contrasts.yml: file: is missing"):
        load_specs(folder)


def test_a_changed_copy_has_another_hash(folder: Path) -> None:
    spec = load_specs(folder)[0]
    before = spec.sha256
    assert spec.model_copy(update={"alpha": 0.01}).sha256 != before == spec.sha256


@pytest.mark.parametrize(("estimator", "near"), [("gmm", ""), ("synht", r" \(did you mean synth\?\)")])
def test_an_estimator_that_nobody_registered_is_refused(folder: Path, estimator: str, near: str) -> None:
    path = folder / "synthetic_control.yml"
    path.write_text(path.read_text().replace("estimator: synth", f"estimator: {estimator}"))
    said = rf"^synthetic_control\.yml: estimator: is '{estimator}'{near}, expected one of outcome, .*ppml, "
    with pytest.raises(SpecError, match=said):
        check_registered(load_specs(folder))
    path = folder / "curve.yml"
    path.write_text(re.sub(r"estimator: \[\w+", f"estimator: [{estimator}", path.read_text()))
    with pytest.raises(SpecError, match=rf"estimator: is '{estimator}'{near}, expected one of outcome"):
        load_curve(folder)


def test_unknown_outcome_and_event(folder: Path, both: Any) -> None:
    specs = [spec for spec in load_specs(folder) if isinstance(spec.outcomes, str)]
    named = {e for s in specs for chosen in s.event_sets for e in chosen.events if e not in chosen.days}
    more = pd.DataFrame({"event_id": sorted(named - set(both.dim_event["event_id"]))})
    both.dim_event = pd.concat([both.dim_event, more.assign(announced=date(2025, 5, 1))], ignore_index=True)
    validate_specs(specs, both.dim_outcome, both.dim_event)
    with pytest.raises(SpecError, match=r"event_sets.yml: .*'bis-acs-rule-2023-10-17' is not in dim_event"):
        validate_specs(specs, both.dim_outcome, both.dim_event.drop(index=2))
    undated = both.dim_event.assign(announced=None)
    with pytest.raises(SpecError, match="has no announced day"):
        validate_specs(specs, both.dim_outcome, undated)
    path = folder / "events.yml"
    path.write_text(path.read_text().replace("outcomes: all", "outcomes: [pushs]"))
    with pytest.raises(
        SpecError, match=r"events.yml: outcomes: 'pushs' is not in dim_outcome.*; expected one of models"
    ):
        changed = [spec for spec in load_specs(folder) if spec.id == "events"]
        validate_specs(changed, both.dim_outcome, pd.DataFrame(both.dim_event))
