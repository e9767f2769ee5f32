"""A study of one's own panel: the same numbers as the direct way, whatever the columns and their order."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.errors import SpecError
from event_study.own.panel import OwnStudy, read_panel, study_of
from event_study.own.spec import load_own_spec
from event_study.schemas import KEYS, SCHEMAS, to_arrow
from event_study.study import case
from tests.event_study.firms import EFFECT, EVENT, counts, firms, months, put, spec

NUMBERS = ["estimate", "ci_low", "ci_high", "p_value", "p_floor", "percent_effect", "base_mean", "donors"]


def row(study: OwnStudy, term: str = "mean_step", trend: str = "none") -> pd.Series:
    made = study.tables.estimates
    return made[(made["term"] == term) & (made["trend"] == trend)].iloc[0]


def two_way(rows: pd.DataFrame, unit: str) -> tuple[float, float]:
    """The step of ``unit`` by least squares on unit and month dummies, and its residual's RMSE before
    the event: nothing of the rooms' own code."""
    after = (rows["month"] >= EVENT).to_numpy() & (rows["firm"] == unit).to_numpy()
    dummies = pd.get_dummies(rows[["firm", "month"]].astype(str), drop_first=True).to_numpy(dtype=float)
    X = np.column_stack([after, np.ones(len(rows)), dummies])
    b = np.linalg.lstsq(X, np.log(rows["sales"].to_numpy(dtype=float)), rcond=None)[0][0]
    wide = rows.assign(sales=np.log(rows["sales"].astype(float))).pivot(
        index="month", columns="firm", values="sales"
    )
    gap = wide[unit] - wide.drop(columns=unit).mean(axis=1)
    before = gap[gap.index < EVENT]
    return float(b), float(np.sqrt(((before - before.mean()) ** 2).mean()))


def test_it_is_the_two_way_estimate_and_its_rank() -> None:
    rows = firms()
    made = row(study_of(rows, spec()))
    b, s = two_way(rows, "A")
    donors = rows[rows["firm"] != "A"]
    ratios = [abs(found) / scale for found, scale in (two_way(donors, d) for d in donors["firm"].unique())]
    assert made["estimate"] == pytest.approx(b, abs=1e-10)
    assert made["p_value"] == pytest.approx((1 + sum(r >= abs(b) / s for r in ratios)) / 25)
    assert made["ci_high"] - made["estimate"] == pytest.approx(max(ratios) * s, rel=1e-9)
    assert made["ci_low"] < EFFECT < made["ci_high"] and made["p_floor"] == pytest.approx(0.04)
    assert made["percent_effect"] == pytest.approx(np.expm1(b))


@settings(max_examples=12)
@given(
    seed=st.integers(0, 2**32 - 1),
    names=st.lists(st.text("abcdé /{}", min_size=1, max_size=6), min_size=3, max_size=3, unique=True),
)
def test_row_order_and_column_names_do_not_matter(seed: int, names: list[str]) -> None:
    rows, asked = firms(20), spec(trends=["none"], terms=["mean_step", "pre_trend"])
    columns = dict(zip(("firm", "month", "sales"), names, strict=True))
    other = rows.sample(frac=1, random_state=seed).rename(columns=columns)[sorted(names)]
    renamed = spec(
        {"unit": names[0], "time": names[1], "outcome": names[2]}, trends=["none"],
        terms=["mean_step", "pre_trend"],
    )  # fmt: skip
    first, second = study_of(rows, asked), study_of(other, renamed)
    pd.testing.assert_frame_equal(first.tables.estimates[NUMBERS], second.tables.estimates[NUMBERS])
    assert first.reading == second.reading and first.dropped == second.dropped
    assert set(second.tables.estimates["outcome"]) == {names[2]}


def test_the_inputs_hash_follows_values_and_not_their_order() -> None:
    def hashed(rows: pd.DataFrame) -> str:
        return str(study_of(rows, spec()).tables.estimates["inputs_sha256"].iloc[0])

    rows = firms()
    assert hashed(rows) == hashed(rows.iloc[::-1])
    assert hashed(rows) != hashed(put(rows, 1.0, "D03", month=date(2020, 1, 1)))


@pytest.mark.parametrize(
    ("frequency", "times"),
    [
        ("month", [day.isoformat() for day in months()]),
        ("month", [f"{day:%Y-%m}" for day in months()]),
        ("month", [datetime(day.year, day.month, 28, 23, 59) for day in months()]),
        ("month", [f"{day} 00:00:00+08:00" for day in months()]),
        ("month", pd.period_range("2019-01", periods=60, freq="M")),
        ("month", pd.date_range("2019-01-01", periods=60, freq="MS", tz="Asia/Shanghai")),
        ("quarter", [f"{2010 + k // 4}-Q{k % 4 + 1}" for k in range(60)]),
        ("quarter", [f"{2010 + k // 4}Q{k % 4 + 1}" for k in range(60)]),
        ("year", list(range(1990, 2050))),
        ("year", [str(year) for year in range(1990, 2050)]),
        ("week", [f"{2019 + k // 52}-W{k % 52 + 1:02d}" for k in range(52)]),
        ("week", pd.date_range("2019-01-02", periods=60, freq="7D")),
    ],
)
def test_times_are_read_as_first_days(frequency: str, times: object) -> None:
    given_times = pd.Series(times)
    table = pd.DataFrame({"firm": "A", "month": given_times, "sales": 1.0})
    rows, reading = read_panel(table, spec({"frequency": frequency}).panel)
    assert reading.periods == len(given_times) and len(rows) == len(given_times)
    first = rows["period"].min()
    expected = {
        "month": date(2019, 1, 1), "quarter": date(2010, 1, 1), "year": date(1990, 1, 1),
        "week": date(2018, 12, 31),
    }  # fmt: skip
    assert first == expected[frequency]
    if frequency == "week":
        assert {day.weekday() for day in rows["period"]} == {0}


@pytest.mark.parametrize(("frequency", "freq", "size"), [("week", "W-MON", 160), ("quarter", "QS", 40)])
def test_other_frequencies_find_the_planted_step(frequency: str, freq: str, size: int) -> None:
    start = {"week": "2020-01-06", "quarter": "2016-01-01"}[frequency]
    days = [stamp.date() for stamp in pd.date_range(start, periods=size, freq=freq)]
    made = study_of(firms(periods=days), spec({"frequency": frequency}))
    assert made.identification["status"].tolist() == ["identified"]
    found = row(made)
    assert found["ci_low"] < EFFECT < found["ci_high"] and found["p_value"] == found["p_floor"]


def test_a_long_weekly_panel_with_few_donors_is_ranked_among_dates() -> None:
    days = [stamp.date() for stamp in pd.date_range("2019-01-07", periods=240, freq="W-MON")]
    made = study_of(firms(5, days), spec({"frequency": "week"}))
    assert made.identification["inference"].tolist() == ["ri_dates"]
    dated = made.tables.estimates.query("inference == 'ri_dates'").iloc[0]
    assert dated["status"] == "ok" and dated["p_value"] < 0.05 and len(made.tables.placebos)


def test_units_and_values_may_be_numbers_or_text() -> None:
    rows = firms().assign(firm=lambda r: r["firm"].map(lambda u: 0 if u == "A" else int(u[1:]) + 1))
    expected = row(study_of(firms(), spec()))
    text = rows.assign(sales=rows["sales"].map(repr), month=rows["month"].map(str))
    for same in (rows, rows.assign(firm=rows["firm"].astype(float)), text.astype({"firm": str})):
        made = row(study_of(same, spec({"treated": 0})))
        assert made["estimate"] == pytest.approx(expected["estimate"], abs=1e-12)


def test_unknown_values_and_incomplete_rows_are_counted_and_what_they_cost_is_told() -> None:
    rows = put(firms(), None, "D03", last=date(2019, 7, 1))
    rows = put(rows, None, "D05", first=date(2020, 6, 1), last=date(2020, 7, 1))
    rows = put(rows, "NA", "A", month=date(2020, 5, 1)).assign(ok=True)
    rows.loc[(rows["firm"] == "D07") & (rows["month"] == date(2021, 1, 1)), "ok"] = False
    made = study_of(rows, spec({"complete": "ok"}))
    assert (made.reading.unknown, made.reading.incomplete, made.reading.rows) == (10, 1, 1500)
    assert {(d.kind, d.name, d.why) for d in made.dropped} == {
        ("donor", "D03", "lacks 7 of the 59 months compared"),
        ("month", "2020-05-01", "A has no value"),
    }
    made_of_all = made.tables.estimates[~made.tables.estimates["term"].str.startswith("k=-")]
    for _, number in made_of_all.iterrows():  # leads read the periods before alone
        assert number["warnings"].endswith("CellsBridged(3); IncompleteUnitsDropped(1); PeriodsDropped(1)")
        assert number["donors"] == 23 and number["n_periods"] == 59
    found = made.tables.diagnostics.query("diagnostic == 'donors_dropped'").iloc[0]
    assert found["value"] == 1 and "D03 lacks 7" in found["note"]
    whole = study_of(firms(), spec())
    assert whole.dropped == () and whole.tables.estimates["warnings"].fillna("").eq("").sum() >= 3


def test_a_month_that_few_donors_have_is_left_out_and_named() -> None:
    rows = firms()
    few = (rows["month"] == date(2019, 1, 1)) & (rows["firm"] > "D08")
    made = study_of(rows[~few], spec())
    assert [(d.kind, d.name, d.why) for d in made.dropped] == [
        ("month", "2019-01-01", "fewer than half of the donors have a value")
    ]


def test_a_window_cuts_the_panel_and_counts_what_it_leaves() -> None:
    made = study_of(firms(), spec({"window": ["2019-07", "2023-06"]}))
    found = row(made)
    assert (found["window_start"], found["window_end"]) == (date(2019, 7, 1), date(2023, 6, 1))
    assert made.reading.outside_window == 12 * 25 and made.reading.periods == 48


def test_donors_by_name_and_sets_of_events() -> None:
    names = [f"D{i:02d}" for i in range(19)]
    events = {"cut": EVENT, "rise": date(2022, 9, 1)}
    made = study_of(
        firms(),
        spec({"donors": names}, events=events, event_sets={"first": ["cut"], "both": ["cut", "rise"]}),
    )
    steps = made.tables.estimates.query("term == 'mean_step' and trend == 'none'").set_index("event_set")
    assert set(steps["donors"]) == {19}
    assert set(made.identification["columns"]) == {2}  # the steps of all events stand in every model
    assert steps.loc["first", "ci_low"] < EFFECT < steps.loc["first", "ci_high"]
    assert steps.loc["both", "estimate"] < steps.loc["first", "estimate"]


def test_counts_with_zeros_and_the_unknown_unit() -> None:
    rows = counts(mean=2.0)
    unknown = rows[rows["firm"] == "D00"].assign(firm="ZZ")
    made = study_of(pd.concat([rows, unknown]), spec({"estimator": "ppml"}))
    assert made.identification["share_unknown_country"].iloc[0] == pytest.approx(1 / 26, rel=0.2)
    assert row(made)["donors"] == 24 and row(made)["ci_low"] < 0 < row(made)["ci_high"]


def test_the_unknown_may_have_another_name() -> None:
    """The same numbers whatever it is called, and bounds that hold the set of what is known."""
    rows = firms()
    unknown = rows[rows["firm"] == "D00"].assign(firm="no firm")
    named = study_of(pd.concat([rows, unknown]), spec({"unknown": "no firm"}))
    plain = study_of(pd.concat([rows, unknown.assign(firm="ZZ")]), spec())
    step = row(named)
    assert step["bound_low"] < step["ci_low"] < step["ci_high"] <= step["bound_high"]
    numbers = ["estimate", "ci_low", "bound_low", "worst_high", "breakdown", "side", "status"]
    assert step[numbers].equals(row(plain)[numbers])


def test_the_unknown_is_a_unit_of_the_panel_and_none_that_is_compared() -> None:
    with pytest.raises(SpecError, match="'nobody' is no unit of column firm"):
        study_of(firms(), spec({"unknown": "nobody"}))
    both = firms().replace({"firm": {"D00": "ZZ"}})
    with pytest.raises(SpecError, match="'ZZ' is a unit, and stands for the unknown too"):
        study_of(both, spec({"unknown": "D01"}))
    with pytest.raises(ValueError, match="stands for the unknown, and is compared too"):
        spec({"unknown": "D01", "donors": ["D01", "D02"]})


def test_every_table_is_the_contracts() -> None:
    made = study_of(put(firms(), None, "D03", last=EVENT), spec())
    for name, frame in (("identification", made.identification), *vars(made.tables).items()):
        content = to_arrow(name, frame)
        assert content.schema.equals(SCHEMAS[name]) and content.num_rows
        keys = content.select(list(KEYS[name])).to_pylist()
        assert len({tuple(key.values()) for key in keys}) == len(keys)


def test_an_own_study_is_never_a_headline_and_conventional_errors_are_labelled() -> None:
    assert spec().as_spec().family == "robustness"
    made = study_of(firms(), spec(inference="crv1")).tables.estimates
    assert set(made["family"]) == {"replication"} and set(made["inference"]) == {"crv1"}
    assert made["warnings"].str.startswith("OneTreatedCluster").all()


def test_terms_that_are_not_given_follow_the_inference() -> None:
    assert spec().terms == ("mean_step", "pre_trend", "average_post", "dynamics")
    assert spec(inference="crv1").terms == ("mean_step",)
    assert (spec(inference="conformal").terms, spec(inference="conformal").trends) == (
        ("average_post",), ("none",)
    )  # fmt: skip


SPEC = """id: price
title: A price cut
panel: {unit: firm, time: month, outcome: sales, frequency: month, estimator: ols_log, treated: A}
events: {cut: 2021-07-01}
"""


def test_a_spec_file_is_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text(SPEC)
    assert load_own_spec(tmp_path / "own.yml") == spec(title="A price cut")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("frequency: month", "frequency: daily", r"panel.frequency: is 'daily', expected 'week', 'month'"),
        ("estimator: ols_log", "estimator: gmm", r"panel.estimator: is 'gmm', expected 'ols', 'ols_log'"),
        ("treated: A", "treated: NO", r"panel.treated: is False, expected a name; YAML reads it as false"),
        ("treated: A", "treated: A, donors: [NO]", r"panel.donors.0: is False, expected a name"),
        ("treated: A", "treated: A, donors: []", r"panel.donors: is \[\], expected all, or a list"),
        ("treated: A", "treated: A, donors: [A, B]", r"panel: A is treated and named among the donors"),
        ("treated: A", "treated: A, window: [2021-05, 2020-01]", r"panel: window begins 2021-05-01 and ends"),
        ("treated: A", "treated: A, window: [2021-13, 2022-01]", r"panel.window.0: is '2021-13', expected a"),
        (
            "unit: firm",
            "unit: month",
            r"panel: two of unit, time, outcome, complete and treatment",
        ),
        ("unit: firm, ", "", r"panel.unit: is missing, expected a value"),
        ("unit: firm", "units: firm", r"panel.unit: is missing"),
        ("treated: A", "treated: A, weights: w", r"panel.weights: is no field, expected one of unit, time"),
        ("id: price", "id: A price", r"id: is 'A price', expected letters, digits and signs as in"),
        ("2021-07-01", "2021-07", r"events.cut: is '2021-07', expected a day that the calendar has"),
        ("2021-07-01", "2021-02-30", r"YAML: day is out of range for month"),
        ("{cut: 2021-07-01}", "{cut: 2021-07-01, cut: 2022-01-01}", r"YAML: cut stands twice, line 4"),
        ("{cut: 2021-07-01}", "{}", r"events: is \{\}, expected at least one"),
        ("cut:", "c/t:", r"events.c/t: is 'c/t', expected letters"),
        ("title: A price cut", "alpha: 0.7", r"alpha: is 0.7, expected less than 0.5"),
        ("title: A price cut", "seed: -1", r"seed: is -1, expected greater than or equal to 0"),
        ("title: A price cut", "inference: t", r"inference: is 't', expected 'ri_studentised'"),
        ("title: A price cut", "terms: [k]", r"terms.0: is 'k', expected 'mean_step'"),
        ("title: A price cut", "terms: [step, step]", r"terms names a choice twice"),
        ("title: A price cut", "event_sets: {a: [b]}", r"event_sets.a names 'b', expected one of cut"),
        ("title: A price cut", "event_sets: {a: []}", r"event_sets.a is empty"),
        ("title: A price cut", "event_sets: {a: [cut, cut]}", r"event_sets.a names an event twice"),
        (
            "title: A price cut",
            "inference: crv1\nterms: [pre_trend]",
            r"terms names pre_trend, for which crv1 has",
        ),
        (
            "title: A price cut",
            "inference: conformal\ntrends: [unit_linear]",
            r"trends names unit_linear, for",
        ),
        ("id: price", "id: [", r"YAML: while parsing"),
        (SPEC, "- id", r"top level: is list, expected a mapping"),
        (SPEC, "", r"top level: is NoneType, expected a mapping"),
    ],
)
def test_a_spec_that_cannot_be_meant_is_one_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "own.yml"
    assert old in SPEC
    path.write_text(SPEC.replace(old, new))
    with pytest.raises(SpecError, match=rf"^own.yml: {said}") as caught:
        load_own_spec(path)
    assert "\n" not in str(caught.value) and ";" in str(caught.value)


def test_a_spec_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"own.yml: file: is missing"):
        load_own_spec(tmp_path / "own.yml")
    (tmp_path / "own.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpecError, match=r"own.yml: YAML: is no UTF-8 text"):
        load_own_spec(tmp_path / "own.yml")


def test_a_case_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """To identify, to estimate and to count what is left out."""
    judged, judge = [], case._assessed
    monkeypatch.setattr(case, "_assessed", lambda *asked: judged.append(asked) or judge(*asked))
    study_of(firms(), spec(event_sets={"one": ["cut"], "same": ["cut"]}))
    asked = [(event_set.name, estimator) for _, _, event_set, _, _, estimator, *_ in judged]
    assert len(asked) == len(set(asked)) and {("one", "outcome"), ("same", "outcome")} <= set(asked)
