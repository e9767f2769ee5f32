"""The specification curve: every combination once, refusals with their reason, a placebo curve a donor."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_study.claims.curve import Curve, joint_p, load_curve, specification_curve
from event_study.errors import SpecError
from event_study.panel.adapter import from_marts

ROWS = ["outcome", "event_set", "spec_hash"]


def drawn(study: Any, curve: Curve) -> pd.DataFrame:
    return specification_curve(
        from_marts(study.panel, study.dim_outcome, study.dim_event, study.dim_country, None), curve
    )


@pytest.fixture(scope="session")
def curve(spec_folder: Path) -> Curve:
    return load_curve(spec_folder)


def narrowed(curve: Curve, **choices: Any) -> Curve:
    return curve.model_copy(update={"choices": curve.choices.model_copy(update=choices)})


def test_every_combination_stands_once_and_the_headline_is_one_of_them(study: Any, curve: Curve) -> None:
    few = narrowed(curve, estimator=("outcome",), timing=("announced", "effective"))
    table = drawn(study, few)
    choices = few.choices
    expected = 2 * len(choices.donors) * len(choices.sample) * 2
    assert len(table) == expected == table.drop_duplicates(ROWS).shape[0]
    assert table["reason"].isna().eq(table["status"] == "ok").all()
    assert (
        table.loc[table["status"] == "ok", ["estimate", "p_value", "p_floor", "donors"]]
        .notna()
        .all(axis=None)
    )
    same = table.query(
        "choice_donors == 'all' and choice_sample == 'whole' and choice_trend == 'none' "
        "and choice_timing == 'announced'"
    )
    headline = study.only("primary").estimate().estimates.set_index("estimate_id")
    row = headline.loc["primary/pushes/tightening/CN_donors/mean_step/none/ri_studentised"]
    assert same.iloc[0]["estimate"] == pytest.approx(row["estimate"], rel=1e-12)
    assert same.iloc[0]["p_value"] == row["p_value"]


def test_a_pool_that_no_donor_is_in_says_so(study: Any, curve: Curve) -> None:
    table = drawn(study, narrowed(curve, estimator=("outcome",), timing=("announced",)))
    europe = table[table["choice_donors"] == "europe"]  # the study's donors are all Asian
    assert (europe["status"] == "not_identified").all() and europe["estimate"].isna().all()
    assert europe["reason"].str.contains("no donor has values").all()


def test_an_effect_in_every_specification_ranks_first_jointly(study: Any, curve: Curve) -> None:
    table = drawn(study, narrowed(curve, estimator=("outcome",), trend=("none",)))
    assert table["joint_p"].astype(float).unique() == pytest.approx([1 / 25])


@given(st.integers(19, 60), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_joint_p_is_a_rank_that_the_order_of_specifications_does_not_move(
    donors: int, specifications: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    units = ["CN", *(f"D{j}" for j in range(donors))]
    curves = [dict(zip(units, rng.normal(size=donors + 1), strict=True)) for _ in range(specifications)]
    p = joint_p(curves)
    assert p is not None and 1 / (donors + 1) <= p <= 1
    assert p == joint_p(curves[::-1])
    far = [{**curve, "CN": 1e6} for curve in curves]
    assert joint_p(far) == pytest.approx(1 / (donors + 1))


def test_too_few_donors_in_most_specifications_give_no_joint_p() -> None:
    assert joint_p([{"CN": 3.0, "D0": 0.1}] * 3) is None
    assert joint_p([{}, {}]) is None


def test_more_combinations_than_a_curve_may_have_are_refused(spec_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(spec_folder, tmp_path / "specs")
    path = folder / "curve.yml"
    many = "\n".join(f"    pool_{i}: {{exclude: [IN, SG]}}" for i in range(40))
    path.write_text(path.read_text().replace("    all: {}", f"    all: {{}}\n{many}"))
    with pytest.raises(SpecError, match=r"curve.yml: .*combinations of choices, at most 500"):
        load_curve(folder)
