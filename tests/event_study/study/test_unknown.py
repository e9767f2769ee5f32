"""An outcome of which a part has no unit: what its rows say, and when they may say it."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_study.bounds.refit import refits
from event_study.errors import EventStudyError
from event_study.estimators.design import step_design
from event_study.inference.conformal import conformal_set
from event_study.inference.conventional import Conventional
from event_study.panel.balance import Balanced
from event_study.panel.unknown import Unknown, unknown_beside
from event_study.study.bounded import bounds_of_conformal, bounds_of_conventional
from event_study.study.sides import spoken
from tests.event_study.conftest import build

MEAN = "pushes/tightening/CN_donors/mean_step/none"
RULE = date(2022, 10, 1)


def with_unknown(study: Any, before: float, after: float) -> Any:
    """Unknown pushes, as a multiple of all known ones, before the first rule and from it on."""
    pushes = study.panel["quarter"]
    total = pushes.groupby("period")["value"].sum()
    times = np.where(total.index >= RULE, after, before)
    unknown = pushes[pushes["country"] == "D00"].assign(country="ZZ", value=total.to_numpy() * times)
    study.panel["quarter"] = pd.concat([pushes, unknown], ignore_index=True)
    return study


def by_size(study: Any, of_small: float) -> Any:
    """The same without the largest owners: what is known keeps a tenth, and the unknown ``of_small``."""
    pushes = study.panel["quarter"]
    keeps = np.where(pushes["country"] == "ZZ", of_small, 0.1)
    for name in ("top_20_owners", "top_100_owners"):
        less = pushes.assign(value=pushes["value"] * keeps, left_out=name)
        study.panel["quarter"] = pd.concat([study.panel["quarter"], less], ignore_index=True)
    return study


def sizes(study: Any) -> pd.DataFrame:
    tables = study.only("primary").estimate()
    found = tables.diagnostics[tables.diagnostics["diagnostic"].str.startswith("unknown_by_size")]
    return found[found["estimate_id"] == f"primary/{MEAN}/ri_studentised"].set_index("diagnostic")


def row_of(made: Any, name: str) -> pd.Series:
    return made.estimates.set_index("estimate_id").loc[name]


def found(study: Any, spec: str, inference: str) -> pd.Series:
    return row_of(study.only(spec).estimate(), f"{spec}/{MEAN}/{inference}")


def test_only_four_fifths_without_a_country_are_refused(study: Any) -> None:
    known = study.panel["quarter"]
    row = with_unknown(study, 6.0, 6.0).verdict("pushes")
    assert row["status"] == "refused" and row["share_unknown_country"] == pytest.approx(6 / 7)
    assert row["reason"].startswith("86 % of the outcome has no certain country, the limit is 80 %")
    refused = row_of(study.only("primary").estimate(), f"primary/{MEAN}/none")
    assert (refused["status"], refused["reason"]) == ("refused", row["reason"])
    study.panel["quarter"] = known
    assert with_unknown(study, 3.0, 3.0).verdict("pushes")["status"] == "identified"


def test_a_row_carries_what_it_may_be_and_speaks_from_it(study: Any) -> None:
    plain = found(build().quarterly(), "primary", "ri_studentised")
    row = found(with_unknown(study, 0.05, 0.05), "primary", "ri_studentised")
    assert plain[["bound_low", "bound_high", "worst_low", "worst_high", "breakdown"]].isna().all()
    ends = ["worst_low", "bound_low", "ci_low", "estimate", "ci_high", "bound_high", "worst_high"]
    assert row["status"] == "ok" and row[ends].is_monotonic_increasing
    assert row[["estimate", "ci_low", "ci_high", "p_value"]].equals(
        plain[["estimate", "ci_low", "ci_high", "p_value"]]
    )
    assert plain["side"] == row["side"] == 1 and row["bound_low"] > 0
    assert 0 < row["breakdown"] < 1


def test_no_side_is_claimed_where_a_constant_share_overturns_it(study: Any) -> None:
    """Sixteen times China without a country, less of it later: were all of it Chinese, China fell."""
    tables = with_unknown(study, 0.65, 0.6).only("primary").estimate()
    row = row_of(tables, f"primary/{MEAN}/ri_studentised")
    assert (row["status"], row["side"], row["breakdown"]) == ("ok", 0, 0.0)
    assert row["ci_low"] > 0 > row["bound_low"]
    signs = tables.diagnostics.set_index(["estimate_id", "diagnostic"])["value"]
    assert signs[row.name, "unknown_sign_breakdown"] == 0.0


def test_unknowns_that_appear_with_the_rule_leave_only_a_description(study: Any) -> None:
    tables = with_unknown(study, 0.0, 3.0).only("events").estimate()
    row = row_of(tables, "events/pushes/rule_2022/CN_donors/step/none/ri_studentised")
    assert row["status"] == "descriptive" and row["bound_low"] < np.log(0.5) < np.log(2) < row["bound_high"]
    assert row[["ci_low", "ci_high", "p_value", "p_floor", "side"]].isna().all()
    assert "of the outcome has no certain country: whoever it is of, its set, " in row["reason"]
    assert row["reason"].endswith("log points, holds both a halving and a doubling")
    assert row.name not in {*tables.placebos["estimate_id"], *tables.diagnostics["estimate_id"]}


def test_unknowns_that_cannot_be_followed_bound_nothing(study: Any) -> None:
    with_unknown(study, 0.4, 0.4)
    rows = study.panel["quarter"]
    late = (rows["country"] == "ZZ") & (rows["period"] < date(2023, 4, 1))
    study.panel["quarter"] = rows[~late]
    row = found(study, "primary", "ri_studentised")
    assert row["warnings"].startswith("KnownOnly(seen in 10 of 23 quarters)")
    assert row["status"] == "descriptive" and "what it may change has no bounds" in row["reason"]
    assert row[["bound_low", "worst_high", "breakdown", "ci_low"]].isna().all()
    few = rows["value"].where(rows["country"] != "ZZ", rows["value"] / 100)
    study.panel["quarter"] = rows.assign(value=few)[~late]
    row = found(study, "primary", "ri_studentised")  # less than a hundredth: a warning alone
    assert row["status"] == "ok" and "KnownOnly" in row["warnings"] and row["side"] == 1


@pytest.mark.parametrize(
    ("spec", "inference"),
    [
        ("persistent", "ri_persistent"), ("ferman_pinto", "ferman_pinto"),
        ("conventional", "crv1"), ("conventional_ar1", "ar1_gls"),
        ("synthetic_control", "ri_studentised"), ("synthetic_did", "ri_studentised"),
    ],
)  # fmt: skip
def test_every_inference_bounds_its_own_set(study: Any, spec: str, inference: str) -> None:
    row = found(with_unknown(study, 0.02, 0.02), spec, inference)
    assert row["status"] == "ok"
    assert row["worst_low"] <= row["bound_low"] < row["estimate"] < row["bound_high"] <= row["worst_high"]
    if inference not in ("crv1", "ar1_gls"):  # those of Imbens and Manski are those of large samples
        assert row["bound_low"] <= row["ci_low"] and row["ci_high"] <= row["bound_high"]


def test_ends_that_another_fit_turns_round_are_put_in_order() -> None:
    """The allotment of the lowest least-squares estimate may have the higher one by GLS."""
    days = [date(2018 + k // 4, 1 + 3 * (k % 4), 1) for k in range(24)]
    design = step_design(days, "quarter", [("rule", days[16])], trend=False)
    Y = np.exp(np.sin(2 * np.arange(3.0)[:, None] + np.arange(24.0)) / 9)
    unknown = Unknown(1.0 + ~design.pre, Y[1:].sum(axis=0))
    panel = Balanced(Y, ("CN", "DE", "FR"), tuple(days), "quarter", 1.0, 0, unknown=unknown)
    contrast, found = np.array([0.0, 1.0]), refits(Y, unknown, design, "ols_log")

    def turned(of: Balanced) -> Conventional:
        return Conventional(-of.values[0, -1], 0.1, 0.5, 0.0, 0.0)

    made = bounds_of_conventional(panel, found, contrast, turned, 0.05)
    assert made.worst_low <= made.low < made.high <= made.worst_high


def test_periods_permuted_are_bounded_too() -> None:
    days = [date(2018 + k // 4, 1 + 3 * (k % 4), 1) for k in range(24)]
    design = step_design(days, "quarter", [("rule", days[20])], trend=False)
    Y = np.exp(np.sin(2 * np.arange(3.0)[:, None] + np.arange(24.0)) / 9)
    Y[0] *= np.exp(0.8 * ~design.pre)
    unknown = Unknown(np.full(24, 0.1), Y[1:].sum(axis=0))
    panel = Balanced(Y, ("CN", "DE", "FR"), tuple(days), "quarter", 1.0, 0, unknown=unknown)
    alone = conformal_set(np.log(Y), design.pre, ~design.pre)
    made = bounds_of_conformal(panel, unknown, design, "ols_log", 0.05)
    assert made.worst_low <= made.low < alone.low < 0.8 < alone.high <= made.high < made.worst_high
    assert made.breakdown is None and np.isfinite([made.worst_low, made.worst_high]).all()


def test_a_described_gap_is_bounded_without_a_set(study: Any) -> None:
    tables = with_unknown(study, 0.02, 0.02).only("primary").estimate()
    row = row_of(tables, "primary/pushes/tightening/CN_US/mean_step/none/none")
    assert row["status"] == "descriptive" and "1 donor has the outcome" in row["reason"]
    assert row["worst_low"] < row["bound_low"] < row["bound_high"] < row["worst_high"]
    assert row["bound_low"] <= row["estimate"] <= row["bound_high"]


def test_a_row_without_a_test_speaks_of_no_set() -> None:
    row = {
        "status": "ok",
        "ci_low": 0.1,
        "ci_high": 0.3,
        "bound_low": -0.1,
        "bound_high": 0.4,
        "warnings": "",
    }
    assert spoken(row) == (-0.1, 0.4)
    assert spoken(row | {"bound_low": None, "bound_high": float("nan")}) == (0.1, 0.3)
    assert spoken(row | {"status": "descriptive"}) is None
    assert spoken(row | {"warnings": "HighVIF; UnboundedSet"}) is None
    assert spoken(row | {"ci_low": None, "ci_high": None}) is None


YEARS = [date(year, 1, 1) for year in range(2000, 2012)]
values = st.lists(st.floats(0.5, 1e4), min_size=12, max_size=12)


@settings(max_examples=40, deadline=None)
@given(values, st.sets(st.integers(0, 11), max_size=6), st.floats(0.01, 5.0), st.floats(0.01, 100.0))
def test_a_period_without_unknowns_has_its_neighbours_share(
    known: list[float], lost: set[int], share: float, scale: float
) -> None:
    """A constant share of what is known is found again whatever periods lack it, in any unit."""
    others, own = np.asarray(known), np.asarray(known[::-1])
    unknown = share * (others + own)
    seen = np.where(np.isin(np.arange(12), list(lost)), np.nan, unknown)
    wide = pd.DataFrame({"CN": own, "DE": others, "ZZ": seen}, index=YEARS) * scale
    made = unknown_beside(wide, "CN", YEARS, "year")
    assert made is not None
    np.testing.assert_allclose(made.values, unknown * scale, rtol=1e-9)
    np.testing.assert_allclose(made.others, others * scale)


def test_what_is_negative_belongs_to_nobody() -> None:
    wide = pd.DataFrame({"CN": 1.0, "DE": -2.0, "ZZ": 1.0}, index=YEARS)
    with pytest.raises(EventStudyError, match="0 or more"):
        unknown_beside(wide, "CN", YEARS, "year")
    assert unknown_beside(wide.drop(columns="ZZ"), "CN", YEARS, "year") is None
    assert unknown_beside(wide.assign(ZZ=0.0), "CN", YEARS, "year") is None
    assert len(Unknown(np.ones(3), np.ones(3)).first(2).values) == 2


def test_the_unknown_of_every_size_have_a_share_of_their_own(study: Any) -> None:
    with_unknown(study, 0.05, 0.08)
    row = found(study, "primary", "ri_studentised")
    assert sizes(study).empty  # nothing tells its owners by size
    ends = sizes(by_size(study, 0.75))
    low, high = (ends.loc[f"unknown_by_size_{end}", "value"] for end in ("low", "high"))
    assert low == pytest.approx(row["bound_low"], abs=0.02)
    assert high == pytest.approx(row["bound_high"], abs=0.02)  # they keep their proportion
    note = (
        "before the first event they are 25 % of the 20 largest owners, 0 % of the next 80, 75 % of the rest"
    )
    assert note in ends["note"].iloc[0]


def test_small_unknown_that_come_in_with_the_rule_open_the_set(study: Any) -> None:
    """The large ones are as many as before: all of the growth may be China's, which no one share says."""
    row = found(with_unknown(study, 0.05, 0.08), "primary", "ri_studentised")
    panel = by_size(study, 1.0).panel["quarter"]
    small = panel["left_out"].notna() & (panel["country"] == "ZZ")
    times = np.where(panel["period"] >= RULE, 0.03 / 0.08, 0.0)
    study.panel["quarter"] = panel.assign(value=panel["value"].mask(small, panel["value"] * times))
    ends = sizes(study)["value"]
    assert ends["unknown_by_size_high"] > row["bound_high"] + 0.1
    assert ends["unknown_by_size_low"] <= row["bound_low"] + 0.02
    study.panel["quarter"] = panel[~(small & (panel["period"] < date(2023, 4, 1)))]
    ends = sizes(study)
    assert ends["value"].isna().all()
    assert ends["note"].str.contains("cannot be counted: seen in 10 of 23 quarters").all()
