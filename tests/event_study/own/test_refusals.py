"""What other tools estimate is refused by name, wherever in a spec it is asked for, and never ignored."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from event_study.errors import SpecError
from event_study.own.refusals import COVARIATES, NO_COVARIATES, ONE_TREATED, STAGGERED
from event_study.own.spec import OwnSpec, PanelColumns, load_own_spec

PANEL = {"unit": "shop", "time": "month", "outcome": "sales", "frequency": "month", "estimator": "ols",
         "treated": "Lyon"}  # fmt: skip


def refused(folder: Path, **changed: object) -> str:
    panel = PANEL | dict(changed.pop("panel", {}))  # type: ignore[call-overload]
    body = {"id": "own", "panel": panel, "events": {"opening": "2021-04-01"}, **changed}
    (folder / "own.yml").write_text(yaml.safe_dump(body))
    with pytest.raises(SpecError) as caught:
        load_own_spec(folder / "own.yml")
    said = str(caught.value)
    assert "\n" not in said
    return said.removeprefix("own.yml: ")


@pytest.mark.parametrize(
    "field", ["covariates", "Controls", "x_formla", "xformla", "fixed-effects", "predictors"]
)
def test_covariates_are_refused(field: str, tmp_path: Path) -> None:
    assert refused(tmp_path, **{field: ["price"]}) == f"{field}: {NO_COVARIATES}"
    assert refused(tmp_path, panel={field: "price"}) == f"panel.{field}: {NO_COVARIATES}"


@pytest.mark.parametrize("field", ["cohort", "gname", "first_treat", "firstTreated", "adoption_time"])
def test_staggered_starts_are_refused(field: str, tmp_path: Path) -> None:
    assert refused(tmp_path, panel={field: "g"}) == f"panel.{field}: {ONE_TREATED}"
    assert refused(tmp_path, **{field: "g"}) == f"{field}: {ONE_TREATED}"


@pytest.mark.parametrize("treated", [["Lyon", "Metz"], {"Lyon": "2021-04", "Metz": "2022-01"}])
def test_several_treated_units_are_refused(treated: object, tmp_path: Path) -> None:
    said = refused(tmp_path, panel={"treated": treated})
    assert said == f"panel.treated: names 2 units, expected one: {ONE_TREATED}"


def test_a_list_of_one_is_a_slip_not_another_study(tmp_path: Path) -> None:
    assert "expected a valid string; correct the field" in refused(tmp_path, panel={"treated": ["Lyon"]})


def test_no_field_of_ours_is_taken_for_another_tool_s() -> None:
    ours = {field.replace("_", "") for field in (*OwnSpec.model_fields, *PanelColumns.model_fields)}
    assert not ours & (COVARIATES | STAGGERED)


def test_the_library_refuses_as_the_command_does() -> None:
    with pytest.raises(ValueError, match="covariates are not estimated here"):
        OwnSpec.model_validate(
            {"id": "own", "panel": PANEL, "events": {"o": "2021-04-01"}, "covariates": "x"}
        )
