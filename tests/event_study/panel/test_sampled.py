"""The part of a panel that a spec reads, down to none of it."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from event_study.errors import UnbalancedPanel
from event_study.panel.balance import balance, outcome_panel, sampled
from event_study.specs.model import Sample


@pytest.mark.parametrize(
    "sample", [Sample(), Sample(drop=("golden_week",)), Sample(start=date(2030, 1, 1)), Sample(drop_before=2)]
)
def test_a_panel_cut_before_its_first_period_has_a_reason_not_a_defect(sample: Sample) -> None:
    rows = pd.DataFrame(
        {"country": ["CN", "US"], "period": date(2022, 1, 1), "value": 1.0, "is_complete": True}
    )
    panel = outcome_panel(
        rows, outcome="pushes", frequency="month", window=(None, None), until=date(2021, 12, 1)
    )
    left = sampled(panel, sample, None, [date(2022, 10, 7)])
    assert left.wide.empty
    with pytest.raises(UnbalancedPanel, match="has no complete month"):
        balance(left, treated="CN", pool=["US"], estimator="ols", first_event=date(2022, 10, 7), needed=19)
