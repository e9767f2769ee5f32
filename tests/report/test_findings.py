"""The wording rules: what may be claimed from which sets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.effects import Estimate
from report.findings import (
    Conclusion,
    Finding,
    abstract,
    conclude,
    dynamics,
    findings_of,
    headline,
    headline_rows,
)

ROW = Estimate(
    estimate_id="primary/git_pushes/tightening/CN_donors/mean_step/none/ri_studentised", spec_id="primary",
    family="headline", contrast="CN_donors", outcome="git_pushes", event_set="tightening", term="mean_step",
    trend="none", donors=40, estimator="ols_log", inference="ri_studentised", estimate=0.3, std_error=None,
    ci_low=0.1, ci_high=0.5, p_value=0.024, p_floor=1 / 41, placebo_windows=None, disjoint_windows=None,
    percent_effect=0.35, base_mean=10.0, n_units=41, n_periods=24,
    window_start=date(2020, 1, 1), window_end=date(2025, 10, 1), share_unknown_country=0.0, status="ok",
    reason=None, warnings=None, side=1, planted=None,
    frequency="quarter", slope_before=0.002, slope_before_p=0.61,
    contrast_short="CN", contrast_place=1, spec_title="Mean step", spec_group="Headline", spec_place=1,
    event_set_title="the three rules", event_set_place=1, prediction=None,
    trend_title="without country trends", trend_short="without", trend_place=1, estimator_title="logs",
    unit="log points", inference_title="ranked", inference_group=None, inference_place=1,
)  # fmt: skip


def lies(low: float, high: float) -> int:
    return (low > 0) - (high < 0)


def pair(first: tuple[float, float], second: tuple[float, float]) -> list[Estimate]:
    return [
        replace(ROW, ci_low=first[0], ci_high=first[1], side=lies(*first)),
        replace(
            ROW,
            ci_low=second[0],
            ci_high=second[1],
            side=lies(*second),
            trend="unit_linear",
            trend_title="with country trends",
            slope_before=None,
            slope_before_p=None,
        ),
    ]


def finding(kind: Conclusion, rows: list[Estimate], is_headline: bool = True) -> Finding:
    return Finding(f"{kind}", f"Outcome {kind}", kind, tuple(rows), "why", is_headline)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0.1, 0.5), (0.05, 0.4), Conclusion.ABOVE),
        ((-0.5, -0.1), (-0.4, -0.05), Conclusion.BELOW),
        ((0.1, 0.5), (-0.05, 0.4), Conclusion.DEPENDS),
        ((0.1, 0.5), (-0.5, -0.1), Conclusion.DEPENDS),
        ((-0.1, 0.5), (-0.05, 0.4), Conclusion.CONTAINS_ZERO),
        ((0.0, 0.5), (0.1, 0.4), Conclusion.DEPENDS),
    ],
)
def test_a_claim_needs_both_variants_on_one_side(
    first: tuple[float, float], second: tuple[float, float], expected: Conclusion
) -> None:
    assert conclude(pair(first, second), "identified") is expected


def test_one_variant_alone_is_never_a_claim() -> None:
    assert conclude([ROW], "identified") is Conclusion.DEPENDS
    assert conclude([replace(ROW, ci_low=-0.1, side=0)], "identified") is Conclusion.CONTAINS_ZERO


@pytest.mark.parametrize("second", [(0.1, 0.5), (-0.1, 0.5)])
def test_a_side_that_the_study_does_not_claim_is_not_claimed_here(second: tuple[float, float]) -> None:
    first, other = pair((0.1, 0.5), second)
    rows = [replace(first, side=None), other]
    assert conclude(rows, "identified") is Conclusion.DOUBTED
    said = headline([finding(Conclusion.DOUBTED, rows)])
    assert "does not confirm the side" in said and "pulled ahead" not in said
    assert abstract([finding(Conclusion.DOUBTED, rows)], []).points[0][0] is Conclusion.DOUBTED


def test_a_set_without_bounds_holds_zero_and_says_so() -> None:
    unbounded = replace(ROW, ci_low=None, ci_high=None, side=0)
    assert (
        conclude([unbounded, replace(unbounded, trend="unit_linear")], "identified")
        is Conclusion.CONTAINS_ZERO
    )
    assert unbounded.interval == "unbounded"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("descriptive", Conclusion.DESCRIBED),
        ("refused", Conclusion.REFUSED),
        ("not_identified", Conclusion.NOT_IDENTIFIED),
        ("anything else", Conclusion.NOT_IDENTIFIED),
    ],
)
def test_identification_outranks_a_set_that_is_there(status: str, expected: Conclusion) -> None:
    assert conclude(pair((0.1, 0.5), (0.1, 0.5)), status) is expected


UNKNOWN = {
    "share_unknown_country": 0.28, "bound_low": -0.05, "bound_high": 0.5, "worst_low": -0.7,
    "worst_high": 1.1, "breakdown": 0.0, "side": 0,
}  # fmt: skip


def test_bounds_are_a_sentence() -> None:
    row = replace(ROW, **UNKNOWN)
    assert row.bounds_in_words == (
        "Whoever the 28% without a certain country are, the effect without country trends lies between −4.9% "
        "and +64.9%; where China’s share of them may jump at the events, −50.3% to +200.4%, and a constant "
        "share already overturns the side of zero."
    )
    jump = replace(row, breakdown=0.2).bounds_in_words or ""
    assert jump.endswith("and a jump of 20% of them overturns the side of zero.")
    never = replace(row, breakdown=None, ci_low=-0.1).bounds_in_words or ""
    assert never.endswith("and no jump overturns the sign.")
    assert replace(row, share_unknown_country=0.004).bounds_in_words is None
    assert ROW.bounds_in_words is None


def test_what_the_unknown_leave_open_is_described() -> None:
    left_open = replace(ROW, **UNKNOWN | {"bound_low": -0.9, "bound_high": 0.8, "side": None})
    assert left_open.is_uninformative and not ROW.is_uninformative
    taken_back = replace(left_open, status="descriptive", ci_low=None, ci_high=None, p_value=None)
    assert conclude([taken_back, taken_back], "identified") is Conclusion.DESCRIBED
    for tested in (replace(ROW, **UNKNOWN), taken_back):
        assert "no test" not in (tested.bounds_in_words or "")
    alone = replace(taken_back, inference="none").bounds_in_words or ""
    assert "(no test: of the estimate alone)" in alone


def test_ranked_among_dates_has_no_set() -> None:
    dated = replace(ROW, inference="none", status="descriptive", ci_low=None, ci_high=None)
    assert conclude([dated], "identified") is Conclusion.NO_SET


@given(st.lists(st.sampled_from(list(Conclusion)), max_size=8))
def test_headline_claims_only_what_is_there(kinds: list[Conclusion]) -> None:
    said = headline([finding(kind, [ROW]) for kind in kinds])
    assert ("pulled ahead" in said) == (Conclusion.ABOVE in kinds)
    assert ("fell behind" in said) == (Conclusion.BELOW in kinds)
    assert "no effect" not in said


def test_outcomes_outside_the_headline_never_reach_it() -> None:
    rows = pair((0.1, 0.5), (0.1, 0.4))
    said = abstract([finding(Conclusion.ABOVE, rows, is_headline=False)], [])
    assert "no headline outcome can be tested" in headline(
        [finding(Conclusion.ABOVE, rows, is_headline=False)]
    )
    assert said.points == ()
    assert said.others[0].endswith("set above zero")


def test_answer_writes_both_variants_in_per_cent() -> None:
    said = abstract([finding(Conclusion.ABOVE, pair((0.0953102, 0.5), (0.05, 0.4)))], [date(2022, 10, 7)])
    assert "(7 October 2022)" in said.lead
    assert "+35.0% without country trends (set +10.0% to +64.9%; slope before" in said.points[0][2][0]
    assert "with country trends" in said.points[0][2][0]
    assert said.caution is not None
    assert "cannot say that the rules were the cause" in said.caution


def test_wide_sets_are_called_uninformative_and_their_digits_are_not_written() -> None:
    said = abstract([finding(Conclusion.CONTAINS_ZERO, pair((-5.0, 9.0), (-2.0, 3.0)))], [])
    assert said.points[0][2][0].endswith("uninformative, for the sets contain both a halving and a doubling")
    assert "−99.3% to over +1,000%" in said.points[0][2][0]
    narrow = abstract([finding(Conclusion.CONTAINS_ZERO, pair((-0.1, 0.1), (-2.0, 3.0)))], [])
    assert "uninformative" not in narrow.points[0][2][0]


def test_no_caution_is_needed_where_nothing_is_tested() -> None:
    said = abstract([finding(Conclusion.DESCRIBED, [])], [])
    assert said.caution is None
    assert "Of 1 outcomes, 1 were named" in said.lead


def test_other_outcomes_take_the_widest_spec_and_headline_ones_their_own() -> None:
    wide = replace(ROW, family="robustness", spec_id="all_outcomes")
    rows = [
        ROW, wide, replace(wide, outcome="developers"), replace(wide, outcome="developers", spec_id="narrow"),
        replace(wide, outcome="papers"), replace(ROW, outcome="developers", contrast="US_donors"),
    ]  # fmt: skip
    chosen = headline_rows(rows, "tightening")
    assert chosen["git_pushes"] == [ROW]
    assert [row.spec_id for row in chosen["developers"]] == ["all_outcomes"]


def test_every_outcome_has_a_finding_with_a_reason() -> None:
    known = {"outcome": "papers", "event_set": "tightening", "contrast": "CN_donors", "status": "refused",
             "reason": "41% unknown"}  # fmt: skip
    made = findings_of([ROW], [known], {"git_pushes": "Git pushes", "silent": "Silent"}, "tightening")
    assert {one.outcome: one.conclusion for one in made} == {
        "git_pushes": Conclusion.NOT_IDENTIFIED,  # an estimate without a row of identification claims nothing
        "papers": Conclusion.REFUSED,
        "silent": Conclusion.NOT_IDENTIFIED,
    }
    assert all(one.reason for one in made)


def test_dynamics_are_one_spec_and_never_the_replication() -> None:
    lag = replace(ROW, term="k=+0", family="robustness", spec_id="all_outcomes")
    rows = [
        replace(lag, term="k=+3"), lag, replace(lag, term="k=-2"), replace(lag, trend="unit_linear"),
        replace(lag, contrast="CN_US"), replace(lag, event_set="rule_2022"),
        replace(lag, family="replication", spec_id="a_paper"),
    ]  # fmt: skip
    assert [row.term for row in dynamics(rows, "git_pushes", "tightening")] == ["k=-2", "k=+0", "k=+3"]
    assert dynamics(rows[-1:], "git_pushes", "tightening") == []


def test_a_slope_before_stands_beside_the_number_that_assumes_none() -> None:
    level, trended = pair((-0.1, 0.5), (-0.05, 0.4))
    calm = finding(Conclusion.CONTAINS_ZERO, [level, trended])
    assert "another path" not in headline([calm])
    said = abstract([calm], []).points[0][2][0]
    assert "slope before +0.002 log points a quarter, p 0.610)" in said
    assert said.count("slope before") == 1  # the row with trends assumes no level gap
    sloped = replace(level, slope_before=-0.159, slope_before_p=1 / 145,
                     warnings="SlopeBefore(-0.159 a quarter, p 0.0069)")  # fmt: skip
    drifting = finding(Conclusion.CONTAINS_ZERO, [sloped, trended])
    sentence = headline([drifting])
    assert f"In {drifting.title} China was on another path than they before the first control" in sentence
    assert "log points" not in sentence  # the first screen has no word of statistics
    assert "cannot be taken for an effect" in sentence
    assert "p 0.007, which rejects the level gap" in abstract([drifting], []).points[0][2][0]
