"""The side of zero that may be claimed: one rule for tables, pages and verdicts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_study.claims.verdict import Evidence, judge
from event_study.errors import Note
from event_study.sensitivity.doubts import DOUBTS
from event_study.study.sides import claimed, forecasts, question, warned

ROW: dict[str, Any] = {
    "spec_id": "primary", "outcome": "pushes", "event_set": "tightening", "contrast": "CN_donors",
    "term": "mean_step", "trend": "none", "inference": "ri_studentised", "status": "ok", "ci_low": 0.1,
    "ci_high": 0.5, "warnings": None, "side": None,
}  # fmt: skip
FORECAST = ROW | {"spec_id": "persistent", "inference": "ri_persistent"}


def judged(*rows: dict[str, Any]) -> dict[str, Any]:
    made = [dict(row) for row in rows]
    claimed(made)
    return made[0]


@pytest.mark.parametrize(
    ("low", "high", "side"),
    [(0.1, 0.5, 1), (-0.5, -0.1, -1), (-0.1, 0.5, 0), (0.0, 0.5, 0), (-0.5, 0.0, 0), (None, None, 0)],
)
def test_the_side_is_that_of_the_set(low: float | None, high: float | None, side: int) -> None:
    assert judged(ROW | {"ci_low": low, "ci_high": high})["side"] == side


@pytest.mark.parametrize("note", DOUBTS)
def test_a_doubted_row_has_no_side(note: str) -> None:
    made = judged(ROW | {"warnings": f"HighVIF; {note}"})
    assert made["side"] is None and made["warnings"] == f"HighVIF; {note}"
    assert judged(ROW | {"warnings": str(note), "ci_low": -0.1})["side"] == 0


def test_what_forecasts_do_not_confirm_has_no_side_and_says_so() -> None:
    assert judged(ROW, FORECAST)["side"] == 1
    for low, high in ((-0.1, 0.5), (-0.5, -0.1), (None, None)):
        made = judged(ROW | {"warnings": "HighVIF"}, FORECAST | {"ci_low": low, "ci_high": high})
        assert made["side"] is None and made["warnings"] == "HighVIF; NotConfirmed"
    assert judged(ROW, FORECAST | {"trend": "unit_linear", "ci_low": -1.0})["side"] == 1  # another question
    alone = judged(ROW | {"warnings": "SerialCorrelationDiffers"})
    assert alone["side"] is None and "NotConfirmed" in alone["warnings"]


def test_rows_that_rank_no_units_claim_nothing() -> None:
    for changed in ({"inference": "crv1"}, {"inference": "ri_dates"}, {"status": "descriptive"}):
        assert judged(ROW | changed)["side"] is None
    assert judged(FORECAST)["side"] is None


bounds = st.tuples(st.floats(-1, 1), st.floats(-1, 1)).map(sorted)
notes = st.lists(st.sampled_from([*DOUBTS, Note.SERIAL_CORRELATION_DIFFERS, Note.HIGH_VIF]), unique=True)


@given(bounds, st.none() | bounds, notes)
def test_a_side_is_claimed_where_the_verdict_claims_one(
    here: list[float], there: list[float] | None, names: list[str]
) -> None:
    row = ROW | {"ci_low": here[0], "ci_high": here[1], "warnings": "; ".join(names) or None}
    rows = [row] if there is None else [row, FORECAST | {"ci_low": there[0], "ci_high": there[1]}]
    verdict, _ = judge(
        Evidence(
            1, here[0], here[1], None, None, None, "", "", warned(row), forecasts(rows).get(question(row))
        )
    )
    side = judged(*rows)["side"]
    assert (verdict in ("agrees", "differs")) == (side in (1, -1))
