"""What is timed is the same thing: ours and the peers' numbers, and how runs are printed."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import printed, study_cost
from event_study.estimators.design import step_design
from event_study.estimators.matrices import as_treated
from event_study.estimators.sdid import sdid
from event_study.estimators.synthetic import synth
from event_study.inference.ri_dates import dates_test

pytestmark = pytest.mark.slow


def test_all_placebos_are_the_peers_fits() -> None:
    Y = study_cost.panel(study_cost.UNITS, study_cost.MONTHS)
    coef, test, joint, stepwise = study_cost.all_placebos(Y)
    design = step_design(study_cost.PERIODS, "month", study_cost.EVENTS, trend=False)
    for j in (0, 7, 60):
        rows = study_cost.stacked(as_treated(Y, j), design.X[:, 1:])
        for fit in (study_cost.by_pyfixest(rows), study_cost.by_statsmodels(rows)):
            assert coef[j] == pytest.approx(fit(), abs=1e-9)
    assert test.p_floor == 1 / 61 and test.low < test.estimate < test.high
    assert 0 < joint <= 1 and stepwise.min() == pytest.approx(joint)


def test_vectors_of_dates_are_those_of_the_loop() -> None:
    gaps, when = study_cost.panel(3, study_cost.WEEKS), np.arange(study_cost.WEEKS)
    observed = [
        dates_test(gap, when, study_cost.DATES, half=study_cost.HALF, draws=9, seed=1).estimate
        for gap in gaps
    ]
    assert observed == pytest.approx(
        study_cost.by_loop(gaps, np.asarray([study_cost.DATES]))[:, 0], abs=1e-12
    )


def test_weighed_donors_fit_no_worse_than_the_peers() -> None:
    Y = study_cost.panel(12, study_cost.MONTHS)
    pre = step_design(study_cost.PERIODS, "month", study_cost.EVENTS, trend=False).pre
    assert synth(Y, pre, ~pre).rmspe_pre <= study_cost.by_pysyncon(Y, pre)() + 1e-9
    assert sdid(Y, pre, ~pre).effect == pytest.approx(study_cost.by_diff_diff(Y, pre)(), abs=0.02)


def test_rows_hold_the_spread_under_their_columns(capsys: pytest.CaptureFixture[str]) -> None:
    printed.setting(("numpy",))
    printed.header("seconds", "CPU s")
    printed.row("a run", [3.0, 1.0, 2.5], "4.2")
    machine, versions, _, columns, row = capsys.readouterr().out.splitlines()
    assert "cores, load " in machine and versions.startswith("numpy ")
    assert row.split()[2:] == ["1.0", "2.5", "3.0", "4.2"] and len(row) == len(columns)


def test_a_target_that_is_missed_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    study_cost.target("median", 60.0, 50, "ms")
    study_cost.target("median", 5.0, 50, "ms")
    missed, met = capsys.readouterr().out.splitlines()
    assert missed.endswith("MISSED") and met.endswith("met")
