"""Claims as data: what ships loads and holds, bad fields are one line, every verdict has its reason."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from event_study.claims.claims import Claim, claims_table, load_claims, validate_claims
from event_study.claims.verdict import Evidence, judge
from event_study.errors import SpecError
from event_study.schemas import KEYS, SCHEMAS, frame
from event_study.specs.folder import load_specs, load_unit_specs
from event_study.specs.model import Spec
from event_study.specs.unit_model import UnitSpec
from event_study.study.sides import finite

SEEDS = Path(__file__).parents[3] / "dbt_project" / "seeds" / "outcomes.csv"
SMALL = """
smallest_interesting: {percent: 10, why: because}
claims:
  - claim: 2
    title: Engagement rises
    quantities:
      - quantity: forks
        title: Forks
        claimed: rise
        published: {estimate: 0.143, unit: log points, definition: d, source: s, confidence: B2}
        ours_corrected:
          {spec_id: primary, outcome: forks, event_set: tightening,
          contrast: CN_donors, term: mean_step, unit: log points}
        ours_their_method:
          {spec_id: replication, outcome: forks, event_set: paper_four,
          contrast: CN_donors, term: mean_step, unit: forks}
      - quantity: downloads
        kind: comparison
        title: Downloads
        published: {estimate: 0.69, unit: share, definition: d, source: s, confidence: unmarked}
        nothing_because: nothing of ours counts downloads
"""


@pytest.fixture(scope="session")
def shipped(spec_folder: Path) -> tuple[Claim, ...]:
    return load_claims(spec_folder / "paper.yml")


@pytest.fixture(scope="session")
def specs(spec_folder: Path) -> list[Spec | UnitSpec]:
    return [*load_specs(spec_folder), *load_unit_specs(spec_folder)]


@pytest.fixture
def small(tmp_path: Path) -> Any:
    """Loads ``SMALL`` with one text replaced by another."""

    def load(old: str = "", new: str = "") -> tuple[Claim, ...]:
        assert old in SMALL
        path = tmp_path / "paper.yml"
        path.write_text(SMALL.replace(old, new, 1))
        return load_claims(path)

    return load


def estimate_row(trend: str = "none", **given: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(SCHEMAS["estimates"].names)
    row |= {"spec_id": "primary", "outcome": "forks", "event_set": "tightening", "contrast": "CN_donors"}
    row |= {"term": "mean_step", "trend": trend, "estimator": "ppml", "status": "ok", "base_mean": 4.0}
    row |= given
    return row | {"estimate_id": f"{row['spec_id']}/{row['outcome']}/{trend}"}


def table(
    claims: tuple[Claim, ...],
    rows: list[dict[str, Any]],
    detectable: dict[str, float] | None = None,
    judged: list[dict[str, Any]] | None = None,
    curve: pd.DataFrame | None = None,
) -> pd.DataFrame:
    power = [
        {"estimate_id": k, "diagnostic": "minimum_detectable_effect", "value": v}
        for k, v in (detectable or {}).items()
    ]
    made = claims_table(
        claims,
        frame("estimates", rows),
        frame("diagnostics", power),
        frame("identification", judged or []),
        curve,
    )
    return made.set_index(made["quantity"].rename(None))


# what ships


def test_the_six_claims_ship_with_the_published_numbers_alone(shipped: tuple[Claim, ...]) -> None:
    assert [c.claim for c in shipped] == [1, 2, 3, 4, 5, 6]
    own = [q for c in shipped for q in c.quantities if q.kind == "claim"]
    numbers = {q.quantity: q.published.estimate for q in own if q.published.estimate is not None}
    assert numbers == {"forks_china": 0.143, "forks_united_states": 0.012, "forks_ratio": 11.9}
    assert all("2606.15999v1" in q.published.source for q in own)
    others = Counter(q.published.estimate for c in shipped for q in c.quantities if q.kind == "comparison")
    assert sorted(others.elements()) == [0.01, 0.158, 0.171, 0.63, 0.69, 723e6, 1150e6]


def test_every_reference_is_a_row_that_a_shipped_spec_makes(
    shipped: tuple[Claim, ...], specs: list[Spec | UnitSpec]
) -> None:
    outcomes = pd.read_csv(SEEDS)
    validate_claims(shipped, specs, outcomes)
    held = {q.ours_corrected.outcome for c in shipped for q in c.quantities if q.ours_corrected}
    said = " ".join(q.nothing_because or "" for c in shipped for q in c.quantities)
    for outcome in outcomes.query("is_primary and claim.notna()")["outcome"]:
        assert outcome in held or outcome in said, f"{outcome} answers a claim that does not name it"


def test_without_any_estimate_nothing_is_identified_and_each_row_says_why(
    shipped: tuple[Claim, ...],
) -> None:
    made = table(shipped, [])
    assert not made.duplicated(list(KEYS["claims"])).any()
    assert set(made["verdict"]) == {"not_identified"}
    assert made["why"].str.len().gt(10).all()
    assert made.reset_index(drop=True).equals(
        made.sort_values(list(KEYS["claims"]), kind="stable").reset_index(drop=True)
    )
    for name, of in made.items():
        pa.array([None if pd.isna(v) else v for v in of], SCHEMAS["claims"].field(name).type)


# what cannot be meant


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: Forks", "titel: Forks", r"paper.yml: claims.0.quantities.0.title: Field required"),
        ("estimate: 0.143", "estimate: many", r"paper.yml: claims.0.quantities.0.published.estimate: "),
        ("confidence: B2", "confidence: sure", r"confidence: is 'sure', expected 'A', 'B2'"),
        ("claim: 2", "claim: 7", r"paper.yml: claims.0.claim: Input should be less than or equal to 6"),
        ("claimed: rise", "claimed: null", r"judged by a claimed sign"),
        ("        nothing_because: nothing of ours counts downloads\n", "", r"either ours_corrected or"),
        ("quantity: downloads", "quantity: forks_unit_trend", r"claim 2 forks_unit_trend stands 2 times"),
        ("percent: 10", "percent: 0", r"smallest_interesting.percent: Input should be greater than 0"),
        ("claims:", "claims: [", r"paper.yml: YAML: "),
    ],
)
def test_a_bad_field_is_one_line(small: Any, old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError, match=message) as error:
        small(old, new)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("spec_id: primary", "spec_id: second", r"forks.ours_corrected: spec_id: 'second' is no spec"),
        ("spec_id: primary", "spec_id: conventional", r"conventional errors judge no claim"),
        ("outcome: forks", "outcome: spoons", r"outcome: 'spoons' is not in dim_outcome"),
        ("outcome: forks", "outcome: stars", r"outcome: primary does not ask for stars"),
        ("event_set: tightening", "event_set: loosening", r"event_set: primary has no loosening"),
        ("contrast: CN_donors", "contrast: US_CN", r"contrast: primary has no US_CN"),
        ("term: mean_step", "term: step", r"term: primary does not make step"),
        ("unit: log points}", "unit: forks}", r"unit: is 'forks', the ppml of primary estimates log points"),
        ("unit: forks}", "unit: log points}", r"their_method: unit: is 'log points', the ols of replication"),
        ("claim: 2", "claim: 3", r"claim 3: forks.ours_corrected: outcome: forks does not answer claim 3"),
    ],
)
def test_a_reference_to_no_row_of_a_spec_is_refused(
    small: Any, specs: list[Spec | UnitSpec], old: str, new: str, message: str
) -> None:
    outcomes = pd.DataFrame(
        {"outcome": ["forks", "stars"], "estimator": "ppml", "is_primary": [True, False], "claim": 2.0}
    )
    validate_claims(small(), specs, outcomes)
    with pytest.raises(SpecError, match=message):
        validate_claims(small(old, new), specs, outcomes)


# the verdict

LOOSE = st.sampled_from([None, math.nan, -math.inf, math.inf, *(x / 4 for x in range(-8, 9))])
NUMBERS = st.one_of(LOOSE, st.floats(-3, 3))


@given(st.sampled_from([-1, 1]), NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["", "why"]))
@example(1, 0.1, 0.3, 0.5, 0.2, None, "")  # agrees
@example(1, 0.1, 0.3, 0.5, 0.4, None, "")  # differs: leaves no room for the published number
@example(1, -0.3, -0.1, 0.5, None, 0.1, "")  # differs: other side
@example(1, -0.1, 0.1, 0.05, 0.5, 0.1, "")  # differs: contains 0 and excludes the published number
@example(1, -0.05, 0.05, 0.03, 0.04, 0.1, "")  # within what is interesting, but holds the published number
@example(1, -0.1, 0.1, 0.05, None, 0.11, "")  # no effect as large as the smallest interesting one
@example(1, -0.1, 0.1, 0.05, None, 0.1, "")  # reaches it: not identified, whatever the power
@example(1, 0.0, 0.1, 0.05, None, 0.2, "")  # a closed set: 0 is in it
def test_every_evidence_has_one_verdict_by_the_words_of_the_rule(
    sign: Any, low: Any, high: Any, detectable: Any, published: Any, smallest: Any, reason: str
) -> None:
    low, high = sorted((low, high)) if finite(low) is not None and finite(high) is not None else (low, high)
    verdict, why = judge(Evidence(sign, low, high, detectable, published, smallest, "x", reason))
    assert why and "\n" not in why and "nan" not in why
    p, m = finite(published), finite(smallest)
    if finite(low) is None or finite(high) is None:
        assert verdict == "not_identified"
        return
    excludes_zero = low > 0 or high < 0
    claimed_side = low > 0 if sign > 0 else high < 0
    excludes_published = p is not None and (p < low or p > high)
    words = {
        "agrees": excludes_zero and claimed_side and not excludes_published,
        "differs": excludes_published or (excludes_zero and not claimed_side),
        "no_effect": not excludes_zero and p is None and m is not None and -abs(m) < low and high < abs(m),
    }
    assert sum(words.values()) <= 1
    assert verdict == next((name for name, is_true in words.items() if is_true), "not_identified")


SETS = [(0.1, 0.3), (-0.3, -0.1), (-0.02, 0.03), (0.2, 0.3)]  # agrees, differs, no effect, agrees


@pytest.mark.parametrize("note", ["VarianceChanges", "FewEffectiveDonors"])
@pytest.mark.parametrize("found", SETS)
def test_no_set_speaks_beside_a_warning_that_its_level_is_not_held(
    note: str, found: tuple[float, float]
) -> None:
    seen = Evidence(1, *found, 0.01, None, 0.1, "x", "", warnings=("HighVIF", note), forecast=found)
    verdict, why = judge(seen)
    assert verdict == "not_identified" and f"is not held to its level ({note}): " in why
    assert judge(replace(seen, warnings=("HighVIF",)))[0] != "not_identified"


@pytest.mark.parametrize("found", SETS)
@pytest.mark.parametrize("forecast", [(-0.5, 0.6), (-math.inf, math.inf), (0.15, 0.9), (-0.9, -0.15)])
@pytest.mark.parametrize("warnings", [(), ("SerialCorrelationDiffers",)])
def test_a_set_speaks_only_where_the_test_by_forecasts_says_the_same(
    found: tuple[float, float], forecast: tuple[float, float], warnings: tuple[str, ...]
) -> None:
    seen = Evidence(1, *found, 0.01, None, 0.1, "x", "", warnings=warnings, forecast=forecast)
    alone = judge(replace(seen, warnings=(), forecast=None))[0]
    same_side = (found[0] > 0 and forecast[0] > 0) or (found[1] < 0 and forecast[1] < 0)
    verdict, why = judge(seen)
    assert verdict == (alone if same_side else "not_identified")
    assert same_side or "is not confirmed: the test by forecasts" in why
    assert "inf" not in why


def test_without_a_test_by_forecasts_a_warning_of_persistence_withholds_the_side() -> None:
    seen = Evidence(1, 0.1, 0.3, 0.01, None, 0.1, "x", "")
    assert judge(seen)[0] == "agrees"
    verdict, why = judge(replace(seen, warnings=("SerialCorrelationDiffers",)))
    assert verdict == "not_identified" and "no test by forecasts was made" in why
    assert (
        judge(replace(seen, forecast=(0.2, 0.9), published=0.15))[0] == "not_identified"
    )  # only one holds it


# the table


def test_a_row_carries_the_estimate_its_power_and_the_other_method(small: Any) -> None:
    rows = [
        estimate_row(estimate=0.2, ci_low=0.1, ci_high=0.3, percent_effect=math.expm1(0.2)),
        estimate_row("unit_linear", estimate=0.05, ci_low=-0.2, ci_high=0.3),
        estimate_row(spec_id="replication", event_set="paper_four", estimate=7.0, ci_low=6.0, ci_high=8.0,
                     estimator="ols"),
    ]  # fmt: skip
    power = {"primary/forks/none": 0.12, "primary/forks/unit_linear": 0.1}
    curve = pd.DataFrame({"outcome": "forks", "event_set": "tightening", "status": ["ok", "ok", "refused"]})
    made = table(small(), rows, power, curve=curve)
    assert list(made.index) == ["downloads", "forks", "forks_unit_trend"]
    forks = made.loc["forks"]
    assert (forks["verdict"], forks["claim"], forks["trend"]) == ("agrees", 2, "none")
    assert (forks["published_source"], forks["published_confidence"]) == ("s", "B2")
    assert [forks[f"ours_corrected{part}"] for part in ("", "_low", "_high")] == [0.2, 0.1, 0.3]
    assert [forks[f"ours_their_method{part}"] for part in ("", "_low", "_high")] == [7.0, 6.0, 8.0]
    assert (forks["unit"], forks["their_method_unit"]) == ("log points", "forks")
    assert (forks["minimum_detectable_effect"], forks["n_specifications"]) == (0.12, 2)
    assert (forks["estimate_id"], forks["base_mean"]) == ("primary/forks/none", 4.0)
    assert forks["smallest_interesting_effect"] == math.log1p(0.1)
    assert made.loc["forks_unit_trend", "verdict"] == "not_identified"  # it holds 0, and the published 0.143
    downloads = made.loc["downloads"]
    assert (downloads["verdict"], downloads["why"]) == ("not_identified", "nothing of ours counts downloads")
    assert downloads["trend"] is None and downloads["ours_corrected"] is None


def test_only_like_is_compared_with_like(small: Any) -> None:
    # the set excludes 0.143, which is no reason to differ when 0.143 is in another unit or of another thing
    rows = [estimate_row(estimate=0.6, ci_low=0.5, ci_high=0.7)]
    assert table(small(), rows).loc["forks", "verdict"] == "differs"
    other = table(small("unit: log points, d", "unit: forks per repository-week, d"), rows).loc["forks"]
    assert other["verdict"] == "agrees"
    assert "0.143 is in forks per repository-week, ours in log points: not compared" in other["why"]
    proxy = table(small("claimed: rise\n", "claimed: rise\n        proxy: stars\n"), rows).loc["forks"]
    assert proxy["verdict"] == "agrees"
    assert proxy["why"].endswith("0.143 is of another quantity: not compared; proxy: stars")


def test_a_claimed_fall_is_judged_on_its_own_side(small: Any) -> None:
    rows = [estimate_row(estimate=-0.6, ci_low=-0.7, ci_high=-0.5)]
    falls = small(
        "claimed: rise\n        published: {estimate: 0.143",
        "claimed: fall\n        published: {estimate: null",
    )
    assert table(falls, rows).loc["forks", "verdict"] == "agrees"


def test_the_smallest_effect_is_in_the_estimates_scale(small: Any) -> None:
    claims = small("estimate: 0.143", "estimate: null")
    levels = [estimate_row(estimate=0.1, ci_low=-0.1, ci_high=0.39, estimator="ols", base_mean=4.0)]
    found = table(claims, levels, {"primary/forks/none": 0.5}).loc["forks"]
    assert found["smallest_interesting_effect"] == pytest.approx(0.4)
    assert found["verdict"] == "no_effect"
    levels[0]["ci_low"] = -0.41
    missed = table(claims, levels, {"primary/forks/none": 0.01}).loc["forks"]
    assert missed["verdict"] == "not_identified" and "reaches the smallest interesting 0.4" in missed["why"]
    levels[0]["base_mean"] = math.nan
    unknown = table(claims, levels, {"primary/forks/none": 0.01}).loc["forks"]
    assert unknown["verdict"] == "not_identified" and "base" in unknown["why"]
    assert "no effect of whatever size" in table(claims, levels).loc["forks", "why"]


def test_what_has_no_set_says_why(small: Any) -> None:
    judged = {"outcome": "forks", "event_set": "tightening", "contrast": "CN_donors", "reason": "one donor"}
    claims = small()
    refused = table(claims, [estimate_row(status="refused", reason="44 % unknown")]).loc["forks"]
    assert refused["why"] == "44 % unknown" and refused["verdict"] == "not_identified"
    unbounded = table(claims, [estimate_row(estimate=0.1, warnings="HighVIF; UnboundedSet")]).loc["forks"]
    assert "unbounded" in unbounded["why"] and unbounded["ours_corrected"] == 0.1
    absent = table(claims, [], judged=[judged]).loc["forks"]
    assert absent["why"].startswith("primary made no 95 % set of forks") and absent["why"].endswith(
        "one donor"
    )


def test_a_row_is_judged_with_its_warnings_and_the_test_by_forecasts_of_its_question(small: Any) -> None:
    row = estimate_row(estimate=0.2, ci_low=0.1, ci_high=0.3, warnings="ZeroUnitsDropped(2); HighVIF")
    claims = small("estimate: 0.143", "estimate: null")
    assert table(claims, [row]).loc["forks", "verdict"] == "agrees"
    for note in ("VarianceChanges", "FewEffectiveDonors", "SerialCorrelationDiffers"):
        doubted = table(claims, [row | {"warnings": f"HighVIF; {note}"}]).loc["forks"]
        assert doubted["verdict"] == "not_identified" and f"({note})" in doubted["why"]
    forecast = estimate_row(spec_id="second", inference="ri_persistent", ci_low=0.05, ci_high=0.6)
    other = estimate_row("unit_linear", spec_id="second", inference="ri_persistent", ci_low=-1, ci_high=1)
    warned = row | {"warnings": "SerialCorrelationDiffers"}
    assert table(claims, [warned, forecast, other]).loc["forks", "verdict"] == "agrees"
    wider = forecast | {"ci_low": -0.01}
    unconfirmed = table(claims, [row, wider, other]).loc["forks"]
    assert unconfirmed["verdict"] == "not_identified" and "gives -0.01 to 0.6" in unconfirmed["why"]
    failed = forecast | {"inference": "none", "ci_low": None, "ci_high": None, "status": "not_identified"}
    assert "gives no bound" in table(claims, [row, failed, other]).loc["forks", "why"]


def test_a_reference_to_two_rows_is_refused(small: Any) -> None:
    with pytest.raises(SpecError, match="is 2 rows of the estimates, expected one"):
        table(small(), [estimate_row(), estimate_row()])
