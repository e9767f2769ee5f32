"""The two calls: every status with its reason, zero and missing, truth, bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.ipc
import pytest

from event_study.errors import DegeneratePlacebo, SpecHashMismatch
from event_study.schemas import KEYS, SCHEMAS, to_arrow
from event_study.study.questions import StudyTables

ROOT = Path(__file__).resolve().parents[3]
RULE = "bis-advanced-computing-rule-2022-10-07"


def pick(tables: StudyTables, estimate_id: str) -> pd.Series:
    return tables.estimates.set_index("estimate_id").loc[estimate_id]


def of(panel: pd.DataFrame, country: str) -> pd.Series:
    return panel["country"] == country


def test_a_planted_step_is_found_event_by_event_and_as_a_mean(both: Any) -> None:
    made = both.only("primary", "events").estimate()
    step = pick(made, "events/pushes/rule_2022/CN_donors/step/none/ri_studentised")
    assert (step["status"], step["planted"]) == ("ok", 0.5)
    assert step["ci_low"] < 0.5 < step["ci_high"] and step["p_value"] == step["p_floor"] == 1 / 25
    assert step["percent_effect"] == pytest.approx(np.expm1(step["estimate"]))
    assert (step["n_units"], step["n_periods"], step["n_obs"]) == (25, 23, 575)
    assert step["window_start"] == date(2020, 1, 1) and step["window_end"] == date(2025, 7, 1)
    mean = pick(made, "primary/pushes/tightening/CN_donors/mean_step/none/ri_studentised")
    assert mean["planted"] == pytest.approx(0.5 / 3)
    assert mean["ci_low"] < 0.5 / 3 < mean["ci_high"]
    other = pick(made, "primary/pushes/tightening/US_donors/mean_step/none/ri_studentised")
    assert other["planted"] == 0.0 and other["ci_low"] < 0 < other["ci_high"]
    null = pick(made, "primary/models/tightening/CN_donors/mean_step/unit_linear/ri_studentised")
    assert null["planted"] == 0.0 and null["estimator"] == "ppml"


def test_one_donor_is_a_gap_without_a_p_value(both: Any) -> None:
    assert both.verdict("pushes", contrast="CN_US")["status"] == "descriptive"
    made = both.only("primary").estimate()
    for outcome in ("pushes", "models"):
        row = pick(made, f"primary/{outcome}/tightening/CN_US/mean_step/none/none")
        assert row["status"] == "descriptive" and np.isfinite(row["estimate"])
        assert row[["p_value", "ci_low", "ci_high", "p_floor"]].isna().all()
        assert "1 donor has the outcome, a rank test at 5 % needs 19" in row["reason"]


def test_eighteen_donors_describe_and_nineteen_identify(make_study: Callable[..., Any]) -> None:
    assert make_study(18).verdict("pushes")["status"] == "descriptive"
    nineteen = make_study(19).verdict("pushes")
    assert (nineteen["status"], nineteen["inference"]) == ("identified", "ri_studentised")
    assert "19 donors, 11 quarters before and 12 after" in nineteen["reason"]


def test_absent_outcome_and_absent_country(study: Any) -> None:
    row = pd.DataFrame([{**study.dim_outcome.iloc[0].to_dict(), "outcome": "nowhere"}])
    study.dim_outcome = pd.concat([study.dim_outcome, row])
    assert study.verdict("nowhere")["reason"] == "no country has a value in any quarter"
    pushes = study.panel["quarter"]
    study.panel["quarter"] = pushes[~of(pushes, "CN")]
    verdict = study.verdict("pushes")
    assert verdict["status"] == "not_identified" and verdict["reason"] == "China has no complete quarter"


def test_a_zero_has_no_logarithm_and_missing_is_not_zero(study: Any) -> None:
    pushes = study.panel["quarter"]
    at = of(pushes, "D03") & (pushes["period"] == date(2021, 1, 1))
    study.panel["quarter"] = pushes[~at]
    bridged = study.verdict("pushes")
    assert bridged["donors_carrying"] == 24 and "(1 missing value of donors bridged)" in bridged["reason"]
    study.panel["quarter"] = pushes.assign(value=pushes["value"].mask(at, 0.0))
    made = study.only("primary").estimate()
    row = pick(made, "primary/pushes/tightening/CN_donors/mean_step/none/ri_studentised")
    assert row["donors"] == 23 and "ZeroUnitsDropped(1)" in row["warnings"]
    here = of(pushes, "CN") & (pushes["period"] == date(2021, 1, 1))
    study.panel["quarter"] = pushes.assign(value=pushes["value"].mask(here, 0.0))
    verdict = study.verdict("pushes")
    assert verdict["status"] == "not_identified"
    assert verdict["reason"] == "China is 0 in Q1 2021, and a logarithm needs values above 0"


def test_nobody_to_compare_with(study: Any) -> None:
    study.dim_country = study.dim_country.assign(is_default_donor=False)
    assert study.verdict("pushes")["reason"] == ("no donor has values in the 23 quarters that China has")


def test_a_series_of_china_alone_says_why_its_own_history_is_no_answer(study: Any) -> None:
    pushes = study.panel["quarter"]
    study.panel["quarter"] = pushes[of(pushes, "CN")]
    said = "counted of China alone: nothing tells an effect from a change that all would share"
    assert study.verdict("pushes")["reason"] == said
    unknown = pushes[of(pushes, "CN")].assign(country="ZZ", value=1.0)  # nobody in particular
    study.panel["quarter"] = pd.concat([pushes[of(pushes, "CN")], unknown])
    assert study.verdict("pushes")["reason"] == said


def test_incomplete_periods_are_left_out(study: Any) -> None:
    pushes = study.panel["quarter"]
    late = pushes["period"] >= date(2025, 4, 1)
    study.panel["quarter"] = pushes.assign(
        is_complete=~late, value=pushes["value"].mask(late & of(pushes, "CN"), 1.0)
    )
    row = pick(
        study.only("primary").estimate(), "primary/pushes/tightening/CN_donors/mean_step/none/ri_studentised"
    )
    assert row["window_end"] == date(2025, 1, 1) and row["ci_low"] < 0.5 / 3 < row["ci_high"]


def test_a_count_without_a_count_before_or_after_is_no_ratio(both: Any) -> None:
    models = both.panel["month"]
    early = of(models, "CN") & (models["period"] < date(2022, 6, 1))
    both.panel["month"] = models.assign(value=models["value"].mask(early, 0.0))
    assert both.verdict("models")["reason"] == (
        "China has counts in 5 of the 46 months before the first event, at least a quarter is needed"
    )
    between = of(models, "CN") & models["period"].between(date(2023, 10, 1), date(2024, 11, 1))
    both.panel["month"] = models.assign(value=models["value"].mask(between, 0.0))
    verdict = both.verdict("models")
    assert verdict["status"] == "not_identified"
    told = "China has no count at all between the rule of 17 October 2023 and the event of 2 December 2024"
    assert verdict["reason"] == f"{told}: a log ratio has no finite value"
    nobody = ~of(models, "CN") & models["period"].between(date(2023, 10, 1), date(2024, 11, 1))
    both.panel["month"] = models.assign(value=models["value"].mask(nobody, 0.0))
    assert both.verdict("models")["reason"].startswith("the donors have no count at all between the rule")


def test_few_active_donors_describe_a_gap_to_their_sum(both: Any) -> None:
    """A model a year in each of 24 countries: no scale to rank, but together they are a comparison."""
    models = both.panel["month"]
    rare = models["country"].str.startswith("D") & (models["period"].map(lambda d: d.month != 5))
    few = models["value"].mask(rare, 0.0)
    alone = both.panel["month"] = models.assign(value=few)
    verdict = both.verdict("models")
    assert verdict["reason"].startswith("the donors together have counts in 4 of the 46 months")
    often = of(alone, "D00") & (alone["period"].map(lambda d: d.month % 2 == 0))
    both.panel["month"] = alone.assign(value=alone["value"].mask(often, 2.0))
    verdict = both.verdict("models")
    assert (verdict["status"], verdict["donors_carrying"]) == ("descriptive", 24)
    assert "24 donors have the outcome (1 in at least a quarter of the months" in verdict["reason"]
    row = pick(both.only("primary").estimate(), "primary/models/tightening/CN_donors/mean_step/none/none")
    assert row["donors"] == 24 and pd.isna(row["p_value"]) and pd.isna(row["warnings"])


def test_an_event_outside_the_panel_and_until(study: Any) -> None:
    made = study.identify(until=date(2024, 12, 1)).set_index(["outcome", "event_set", "contrast"])
    verdict = made.loc[("pushes", "rule_2024", "CN_donors")]
    assert verdict["status"] == "not_identified"
    assert verdict["reason"] == (
        "33 % of the newest complete quarter (Q4 2024) lie after the event of 2 December 2024, "
        "at least half is needed"
    )
    assert made.loc[("pushes", "tightening", "CN_donors"), "columns"] == 2
    rows = study.only("primary").estimate(until=date(2024, 12, 1))
    mean = pick(rows, "primary/pushes/tightening/CN_donors/mean_step/none/ri_studentised")
    assert mean["planted"] == 0.25 and "EventNotSeen(bis-hbm-sme-package-2024-12-02)" in mean["warnings"]
    early = study.only("primary").identify(until=date(2022, 9, 1))
    assert (early["status"] == "not_identified").all()
    assert set(early["reason"]) == {
        "no complete quarter after the rule of 7 October 2022: the newest is Q3 2022"
    }


def test_the_subsidy_cannot_be_told_from_the_rule_by_quarter(both: Any) -> None:
    verdict = both.verdict("pushes", "chips_act_2022")
    assert verdict["status"] == "not_identified" and verdict["reason"] == (
        "the data cannot tell apart the statute of 9 August 2022 and the rule of 7 October 2022"
    )
    assert both.verdict("models", "chips_act_2022")["columns"] == 4


def test_duplicates_are_an_error_of_that_outcome_only(both: Any) -> None:
    both.panel["quarter"] = pd.concat([both.panel["quarter"], both.panel["quarter"].iloc[:1]])
    assert both.verdict("pushes")["reason"] == "two rows for China in Q1 2020"
    assert both.verdict("models")["status"] == "identified"


def test_degenerate_donors_are_named_and_a_degenerate_treated_unit_is_a_reason(study: Any) -> None:
    pushes = study.panel["quarter"]
    donors = pushes[pushes["country"].str.startswith("D")]
    mean = np.exp(np.log(donors["value"]).groupby(donors["period"]).mean())
    flat = pushes["period"].map(mean)
    study.panel["quarter"] = pushes.assign(value=pushes["value"].mask(of(pushes, "CN"), flat))
    row = pick(study.only("primary").estimate(), "primary/pushes/tightening/CN_donors/mean_step/none/none")
    assert row["status"] == "not_identified" and row["reason"] == DegeneratePlacebo("CN").reason(
        {"CN": "China"}
    )


def test_replication_is_labelled(study: Any) -> None:
    made = study.only("replication", "conventional").estimate()
    assert set(made.estimates["family"]) == {"replication"}
    assert set(made.estimates["inference"]) == {"crv1"}
    assert made.estimates["planted"].isna().all()
    assert made.estimates["warnings"].str.startswith("OneTreatedCluster").all()
    assert (made.estimates["std_error"] > 0).all()


def test_a_replication_with_too_few_donors_has_no_p_either(make_study: Callable[..., Any]) -> None:
    made = make_study(18).quarterly().only("conventional").estimate().estimates
    assert set(made["status"]) == {"descriptive"} and made["reason"].str.startswith("18 donors have").all()
    assert made[["p_value", "ci_low", "ci_high"]].isna().all(axis=None)
    assert made["std_error"].notna().all() and made["warnings"].str.endswith("FewClusters").all()


def test_diagnostics_and_placebos_stand_beside_the_headline(study: Any) -> None:
    made = study.only("primary").estimate()
    name = "primary/pushes/tightening/CN_donors/mean_step/none/ri_studentised"
    found = made.diagnostics[made.diagnostics["estimate_id"] == name].set_index("diagnostic")
    assert found.loc["donors", "value"] == 24
    estimate = pick(made, name)["estimate"]
    assert found.loc["leave_one_out_low", "value"] <= estimate <= found.loc["leave_one_out_high", "value"]
    assert 0 < found.loc["minimum_detectable_effect", "value"] < 0.2
    assert found.loc[f"step:{RULE}", "p_value"] == pytest.approx(1 / 25)
    placebos = made.placebos[made.placebos["estimate_id"] == name]
    assert len(placebos) == 24 and placebos["rank"].min() == 2


def test_dynamics_start_at_the_reference(study: Any) -> None:
    made = study.only("all_outcomes").estimate()
    rows = made.estimates.query("outcome == 'pushes' and contrast == 'CN_donors' and trend == 'none'")
    k = rows[rows["term"].str.startswith("k=")].set_index("term")["estimate"].astype(float)
    assert k["k=-2"] + k["k=-1"] == pytest.approx(0, abs=1e-12)
    slope = rows.set_index("term").loc["pre_trend"]
    assert abs(slope["estimate"]) < 0.05 and slope["status"] == "ok"
    assert rows.set_index("term").loc["average_post", "status"] == "ok"


def test_identification_must_be_of_these_specs_and_data(study: Any) -> None:
    identification = study.identify()
    with pytest.raises(SpecHashMismatch, match="identify again"):
        study.only("primary").estimate(identification)
    fresh = study.identify()
    study.panel["quarter"] = study.panel["quarter"].iloc[:0]
    with pytest.raises(SpecHashMismatch, match="says identified, the data say not_identified"):
        study.estimate(fresh)


def digest(study: Any) -> str:
    identification = study.identify()
    made = study.estimate(identification)
    sha = hashlib.sha256()
    for name, frame in (("identification", identification), *made.__dict__.items()):
        table = to_arrow(name, frame)
        assert table.schema.equals(SCHEMAS[name])
        keys = table.select(list(KEYS[name])).to_pylist()
        assert len({tuple(k.values()) for k in keys}) == table.num_rows
        assert not any(
            isinstance(v, float) and not np.isfinite(v) for c in table.to_pydict().values() for v in c
        )
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        sha.update(sink.getvalue())
    return sha.hexdigest()


def test_shuffled_rows_give_the_same_bytes(make_study: Callable[..., Any]) -> None:
    study, shuffled = make_study().quarterly(), make_study().quarterly()
    for name, frame in shuffled.panel.items():
        shuffled.panel[name] = frame.sample(frac=1, random_state=3)
    for dimension in ("dim_outcome", "dim_event", "dim_country"):
        setattr(shuffled, dimension, getattr(shuffled, dimension).iloc[::-1])
    shuffled.specs = shuffled.specs[::-1]
    assert digest(study) == digest(shuffled)


@pytest.mark.slow
def test_no_hash_seed_and_no_thread_moves_a_byte() -> None:
    code = (
        "from tests.event_study.conftest import build\n"
        "from tests.event_study.study.test_study import digest\n"
        "print(digest(build(20)))"
    )
    digests = set()
    for seed, threads in zip("01234567", "12" * 4, strict=True):
        several = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), threads)
        env = {**os.environ, **several, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1 and len(digests.pop()) == 64


def test_empty_tables_keep_their_types() -> None:
    for name, schema in SCHEMAS.items():
        assert to_arrow(name, pd.DataFrame(columns=schema.names)).schema.equals(schema)


def test_the_slope_before_stands_beside_every_step_that_takes_the_gap_as_level(study: Any) -> None:
    """A drift of the treated unit alone is told on the row without a trend, and only there."""
    quarter = study.panel["quarter"]
    at, when = (
        quarter["country"] == "CN",
        quarter["period"].map({day: k for k, day in enumerate(sorted(set(quarter["period"])))}),
    )
    for drift, is_told in ((0.0, False), (0.08, True), (-0.08, True)):
        study.panel["quarter"] = quarter.assign(
            value=quarter["value"].mask(at, quarter["value"] * np.exp(drift * when))
        )
        tables = study.only("primary", "all_outcomes").estimate()
        names = "pushes/tightening/CN_donors"
        level = pick(tables, f"primary/{names}/mean_step/none/ri_studentised")
        trended = pick(tables, f"primary/{names}/mean_step/unit_linear/ri_studentised")
        line = pick(tables, f"all_outcomes/{names}/pre_trend/none/ri_studentised")
        slopes = tables.diagnostics[tables.diagnostics["diagnostic"] == "pre_trend_slope"].set_index(
            "estimate_id"
        )
        assert slopes.loc[level.name, "value"] == pytest.approx(line["estimate"], rel=1e-12)
        assert slopes.loc[level.name, "p_value"] == line["p_value"]
        assert trended.name not in slopes.index
        assert ("SlopeBefore" in (level["warnings"] or "")) is is_told is (line["p_value"] <= 0.05)
        assert "SlopeBefore" not in (trended["warnings"] or "")
