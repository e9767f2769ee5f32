"""Every named error and warning that a panel, a spec or an event can provoke: raised in one line, or
the reason or warning of a row, with what was dropped counted; never a number in silence.

Not here: what only other modules raise or record; their own tests do.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from event_study import errors
from event_study.errors import (
    CollinearLags,
    DegeneratePlacebo,
    DuplicateKey,
    EventOutsidePanel,
    EventStudyError,
    InfiniteValue,
    MissingReference,
    NoDonors,
    NonPositiveLog,
    NotConverged,
    Note,
    PanelError,
    RankDeficient,
    SeparatedBin,
    SpecError,
    SpecHashMismatch,
    UnbalancedPanel,
)
from event_study.estimators import ppml
from event_study.own.panel import OwnStudy, study_of
from tests.event_study.firms import EVENT, counts, firms, months, put, spec

PPML = {"estimator": "ppml"}
MID = date(2021, 1, 1)


def _with(rows: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    return rows.assign(**columns)


def _twice(rows: pd.DataFrame, day: date) -> pd.DataFrame:
    extra = rows[(rows["firm"] == "D03") & (rows["month"] == MID)].assign(month=day)
    return pd.concat([rows, extra])


RAISED: dict[str, tuple[type[EventStudyError], Callable[[], OwnStudy], str]] = {
    "a column that is not there": (
        SpecError, lambda: study_of(firms(), spec({"outcome": "slaes"})),
        "panel.outcome: 'slaes' is no column of the panel, expected one of firm, month, sales; correct",
    ),
    "a treated unit that is not there": (
        SpecError, lambda: study_of(firms(), spec({"treated": "B"})),
        "panel.treated: 'B' is no unit of column firm, expected one of A, D00, ",
    ),
    "a donor that is not there": (
        SpecError, lambda: study_of(firms(), spec({"donors": ["D00", "X"]})),
        "panel.donors: 'X' is no unit of column firm",
    ),
    "an event named as a unit": (
        SpecError, lambda: study_of(firms(), spec(events={"D00": EVENT})),
        "events: 'D00' is a unit's name too, expected another; rename the event",
    ),
    "no rows": (PanelError, lambda: study_of(firms().iloc[:0], spec()), "rows: there are none"),
    "a unit without a name": (
        PanelError, lambda: study_of(_with(firms(), firm=[None, *firms()["firm"][1:]]), spec()),
        "firm: is empty in row 1, expected the name of a unit",
    ),
    "no time": (
        PanelError, lambda: study_of(_with(firms(), month=[*firms()["month"][:-1], None]), spec()),
        "month: is empty in row 1500, expected a day (2020-02-01) or a month (2020-02)",
    ),
    "a time that is a number": (
        PanelError, lambda: study_of(_with(firms(), month=202001), spec()),
        "month: is 202001 in row 1, expected a day (2020-02-01) or a month (2020-02); correct",
    ),
    "a day that no calendar has": (
        PanelError, lambda: study_of(_with(firms(), month="2020-02-30"), spec()), "month: is '2020-02-30'",
    ),
    "a time too coarse": (
        PanelError, lambda: study_of(_with(firms(), month="2020-02"), spec({"frequency": "week"})),
        "month: is '2020-02' in row 1, expected a day (2020-02-01) or a week (2020-W05)",
    ),
    "another frequency than the spec says": (
        PanelError,
        lambda: study_of(firms(periods=[date(2000 + k // 4, k % 4 * 3 + 1, 1) for k in range(60)]), spec()),
        "month: every period begins 3 months or more after the one before, expected one a month",
    ),
    "a value that is no number": (
        PanelError, lambda: study_of(put(firms(), "1,200", month=MID), spec()),
        "sales: is '1,200' in row 25, expected a number or an empty cell (1 such row); correct the panel",
    ),
    "an outcome of days": (
        PanelError, lambda: study_of(_with(firms(), sales=pd.Timestamp("2020-01-01")), spec()),
        "sales: holds datetime64",
    ),
    "a truth value that is none": (
        PanelError, lambda: study_of(_with(firms(), ok="maybe"), spec({"complete": "ok"})),
        "ok: is 'maybe' in row 1, expected true or false",
    ),
    "two rows for a unit and period": (
        DuplicateKey, lambda: study_of(_twice(firms(), MID), spec()),
        "month: 2 rows for D03 in January 2021 (2021-01-01), expected one; keep one of them",
    ),
    "two days in one period": (
        DuplicateKey, lambda: study_of(_twice(firms(), MID + timedelta(14)), spec()),
        "month: 2 rows for D03 in January 2021 (2021-01-01, 2021-01-15), expected one; sum or average them",
    ),
    "infinite": (
        InfiniteValue, lambda: study_of(put(firms(), np.inf, "D05", month=MID), spec()),
        "sales: D05 is infinite in January 2021, expected a number or an empty cell (1 such row)",
    ),
    "infinite, as text": (
        InfiniteValue, lambda: study_of(put(firms(), "-inf", "D05", month=MID), spec()), "sales: D05 is inf",
    ),
    "too large to be squared": (
        InfiniteValue, lambda: study_of(put(firms(), 1e200, month=MID), spec()),
        "sales: A is 1e+200, too large to be squared in January 2021",
    ),
    "a negative count": (
        NonPositiveLog, lambda: study_of(put(counts(), -1, "D05", month=MID), spec(PPML)),
        "sales: D05 is -1 in January 2021, and a count model needs values from 0 on (1 such row)",
    ),
    "a treated unit without variation": (
        DegeneratePlacebo, lambda: study_of(put(firms(), 7.0), spec()),
        "A is 7 in all 60 months it has, expected a unit that varies; name another treated unit",
    ),
    "counts of nothing at all": (
        DegeneratePlacebo, lambda: study_of(put(counts(), 0), spec(PPML)), "A is 0 in all 60 months it has",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", RAISED)
def test_a_panel_that_cannot_be_read_is_one_line(fault: str) -> None:
    kind, run, said = RAISED[fault]
    with pytest.raises(kind) as caught:
        run()
    message = str(caught.value)
    assert message.startswith(said) and "\n" not in message
    assert "expected" in message or "needs" in message


def _gap_never_moves() -> OwnStudy:
    rows = firms()
    donors = rows[rows["firm"] != "A"]
    mean = np.exp(np.log(donors["sales"].astype(float)).groupby(donors["month"]).mean())
    return study_of(
        rows.assign(sales=rows["sales"].mask(rows["firm"] == "A", rows["month"].map(mean))), spec()
    )


NOT_IDENTIFIED: dict[str, tuple[type[EventStudyError], Callable[[], OwnStudy], str]] = {
    "no value of the treated unit": (
        UnbalancedPanel, lambda: study_of(put(firms(), None), spec()), "A has no complete month",
    ),
    "everything outside the window": (
        UnbalancedPanel, lambda: study_of(firms(), spec({"window": ["2030-01", "2031-01"]})),
        "A has no complete month",
    ),
    "an event after the panel": (
        EventOutsidePanel, lambda: study_of(firms(), spec(events={"late": date(2030, 5, 1)})),
        "no complete month after the late of 1 May 2030: the newest is December 2023",
    ),
    "an event in the panel's last days": (
        EventOutsidePanel, lambda: study_of(firms(), spec(events={"late": date(2023, 12, 20)})),
        "39 % of the newest complete month (December 2023) lie after the late of 20 December 2023",
    ),
    "an event before the panel": (
        MissingReference, lambda: study_of(firms(), spec(events={"early": date(2010, 5, 1)})),
        "no complete month before 1 May 2010",
    ),
    "too little before the event": (
        MissingReference, lambda: study_of(firms(), spec(events={"early": date(2019, 3, 1)})),
        "2 complete months before the first event, at least 4 are needed",
    ),
    "two events of one day": (
        CollinearLags, lambda: study_of(firms(), spec(events={"a": EVENT, "b": EVENT})),
        "the data cannot tell apart the a of 1 July 2021 and the b of 1 July 2021",
    ),
    "more events than periods": (
        RankDeficient,
        lambda: study_of(
            firms(periods=months(8)),
            spec(events={f"e{k}": date(2019, 5, 1) + timedelta(13 * k) for k in range(7)}),
        ),
        "7 periods left for 7 event columns",
    ),
    "no donors": (
        NoDonors, lambda: study_of(firms(0), spec()), "counted of A alone",
    ),
    "a zero where a logarithm is asked for": (
        NonPositiveLog, lambda: study_of(put(firms(), 0.0, month=MID), spec()),
        "A is 0 in January 2021, and a logarithm needs values above 0",
    ),
    "a treated unit whose gap does not vary": (
        DegeneratePlacebo, _gap_never_moves, "A does not vary before the first event",
    ),
    "no count after the event": (
        SeparatedBin, lambda: study_of(put(counts(), 0, first=EVENT), spec(PPML)),
        "A has no count at all after the cut of 1 July 2021: a log ratio has no finite value",
    ),
    "hardly a count before the event": (
        MissingReference, lambda: study_of(put(counts(), 0, last=date(2021, 5, 1)), spec(PPML)),
        "A has counts in 1 of the 30 months before the first event, at least a quarter is needed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", NOT_IDENTIFIED)
def test_what_cannot_be_estimated_is_a_row_with_its_reason(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, run, said = NOT_IDENTIFIED[fault]
    told, kinds = EventStudyError.reason, set()

    def seen(error: EventStudyError, names: Mapping[str, str]) -> str:
        kinds.add(type(error))
        return told(error, names)

    monkeypatch.setattr(EventStudyError, "reason", seen)
    made = run()
    assert kind in kinds
    rows = made.tables.estimates
    assert set(rows["status"]) == {"not_identified"} and rows["estimate"].isna().all()
    assert rows["reason"].str.startswith(said).all(), rows["reason"].unique()
    assert rows[["p_value", "ci_low", "ci_high"]].isna().all(axis=None)
    assert not rows["reason"].str.contains("\n").any()


def test_a_fit_that_does_not_converge_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ppml, "MAX_ITERATIONS", 1)
    made = study_of(counts(), spec(PPML, terms=["mean_step"], trends=["none"])).tables.estimates
    assert made["status"].tolist() == ["not_identified"]
    assert made["reason"].tolist() == [NotConverged(1, ppml.TOLERANCE).reason({})]


def test_fewer_donors_than_a_p_value_needs_show_the_gap_without_one() -> None:
    made = study_of(firms(18), spec())
    assert made.identification["status"].tolist() == ["descriptive"]
    rows = made.tables.estimates
    assert set(rows["status"]) == {"descriptive"} and rows["estimate"].notna().all()
    assert rows[["p_value", "p_floor", "ci_low", "ci_high"]].isna().all(axis=None)
    assert rows["reason"].str.startswith("18 donors have the outcome, a rank test at 5 % needs 19").all()


def test_the_identification_must_be_of_the_same_spec(study: Any) -> None:
    made = study.identify()
    with pytest.raises(SpecHashMismatch):
        study.only("primary").estimate(made)


def _warnings(made: OwnStudy, term: str = "mean_step", trend: str = "none") -> str:
    rows = made.tables.estimates
    return str(rows[(rows["term"] == term) & (rows["trend"] == trend)]["warnings"].iloc[0])


def _serial() -> OwnStudy:
    """A treated unit that drifts among donors that only jitter."""
    rows = firms(45)
    drift = np.cumsum(np.random.default_rng(5).normal(0, 0.2, 60))
    at = rows["firm"] == "A"
    rows.loc[at, "sales"] = rows.loc[at, "sales"] * np.exp(drift)
    return study_of(rows, spec())


def _flat_donor() -> OwnStudy:
    """D03 is the mean of the other donors until the event."""
    rows = firms()
    others = rows[~rows["firm"].isin(["A", "D03"])]
    mean = np.exp(np.log(others["sales"]).groupby(others["month"]).mean())
    at = (rows["firm"] == "D03") & (rows["month"] < EVENT)
    return study_of(rows.assign(sales=rows["sales"].mask(at, rows["month"].map(mean))), spec())


def _louder() -> OwnStudy:
    """From the event on the treated unit jumps up and down by a quarter."""
    rows = firms()
    at = (rows["firm"] == "A") & (rows["month"] >= EVENT)
    jumps = np.where(np.arange(at.sum()) % 2, 1.25, 0.8)
    rows.loc[at, "sales"] *= jumps
    return study_of(rows, spec())


def _giant_donor() -> OwnStudy:
    rows = counts()
    return study_of(
        rows.assign(sales=rows["sales"].where(rows["firm"] != "D03", rows["sales"] * 500)), spec(PPML)
    )


def _sloped() -> OwnStudy:
    """A treated unit that grows by 1 % a month, before the event as after it."""
    rows = firms()
    grown = rows["sales"] * np.exp(0.01 * rows["month"].map({day: k for k, day in enumerate(months())}))
    return study_of(rows.assign(sales=rows["sales"].mask(rows["firm"] == "A", grown)), spec())


WARNED: dict[str, tuple[Callable[[], OwnStudy], str]] = {
    Note.FEW_CLUSTERS: (lambda: study_of(firms(12), spec(inference="crv1")), "FewClusters"),
    Note.ONE_TREATED_CLUSTER: (lambda: study_of(firms(), spec(inference="crv1")), "OneTreatedCluster"),
    Note.HIGH_VIF: (
        lambda: study_of(firms(), spec(events={"a": EVENT, "b": date(2021, 8, 1)})), "HighVIF",
    ),
    Note.SERIAL_CORRELATION_DIFFERS: (_serial, "SerialCorrelationDiffers"),
    Note.VARIANCE_CHANGES: (_louder, "VarianceChanges"),
    Note.FEW_EFFECTIVE_DONORS: (_giant_donor, "FewEffectiveDonors"),
    Note.ZERO_UNITS_DROPPED: (
        lambda: study_of(put(firms(), 0.0, "D03", month=MID), spec()), "ZeroUnitsDropped(1)",
    ),
    Note.INCOMPLETE_UNITS_DROPPED: (
        lambda: study_of(put(firms(), None, "D03", first=MID), spec()), "IncompleteUnitsDropped(1)",
    ),
    Note.CELLS_BRIDGED: (
        lambda: study_of(put(firms(), None, "D03", month=MID), spec()), "CellsBridged(1)",
    ),
    Note.PERIODS_DROPPED: (lambda: study_of(put(firms(), None, month=MID), spec()), "PeriodsDropped(1)"),
    Note.DEGENERATE_PLACEBO: (_flat_donor, "DegeneratePlacebo(D03)"),
    Note.SEPARATED_BIN: (
        lambda: study_of(put(counts(), 0, "D03", first=EVENT), spec(PPML)), "SeparatedBin(D03)",
    ),
    Note.UNBOUNDED_SET: (
        lambda: study_of(put(counts(19), 0, "D03", first=EVENT), spec(PPML)), "UnboundedSet",
    ),
    Note.SLOPE_BEFORE: (_sloped, "SlopeBefore(+0.0109 a month, p 0.04)"),
    Note.EVENT_NOT_SEEN: (
        lambda: study_of(firms(), spec(events={"cut": EVENT, "late": date(2030, 5, 1)})),
        "EventNotSeen(late)",
    ),
    Note.EARLIER_EVENT_IN_BASE: (
        lambda: study_of(
            firms(), spec(events={"old": date(2015, 5, 1), "cut": EVENT}, event_sets={"all": ["cut"]})
        ),
        "EarlierEventInBase(old)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("note", WARNED)
def test_a_warning_stands_on_the_row_it_is_about(note: str) -> None:
    run, said = WARNED[note]
    assert said in _warnings(run()).split("; ")
    plain = (
        study_of(firms(), spec()) if "Cluster" not in note else study_of(firms(), spec(inference="ar1_gls"))
    )
    assert said not in _warnings(plain)


def test_dropped_zero_donors_are_named() -> None:
    made = study_of(put(firms(), 0.0, "D03", month=MID), spec())
    assert [(d.name, d.why) for d in made.dropped] == [
        ("D03", "is not above 0 in 1 of the 60 months compared: no logarithm")
    ]
    quiet = study_of(put(counts(), 0, "D03", last=date(2021, 6, 1)), spec(PPML))
    assert [(d.name, d.is_incomplete) for d in quiet.dropped] == [("D03", False)]
    assert quiet.dropped[0].why.startswith("has no count, or too few, before the first event")
    assert "ZeroUnitsDropped(1)" in _warnings(quiet)


def test_every_named_error_and_warning_has_its_case() -> None:
    """Here, or in the tests of the module that raises or records it."""
    here = {kind.__name__ for kind, *_ in [*RAISED.values(), *NOT_IDENTIFIED.values()]}
    here |= {"NotConverged", "SpecHashMismatch", "EventStudyError"}
    raised = {
        name: (name,)
        for name, one in inspect.getmembers(errors, inspect.isclass)
        if issubclass(one, EventStudyError) and name not in here
    }
    warned = {str(note): (str(note), f"Note.{note.name}") for note in Note if note not in WARNED}
    elsewhere = [p for p in Path(__file__).parents[1].rglob("test_*.py") if p.name != Path(__file__).name]
    text = "".join(path.read_text(encoding="utf-8") for path in elsewhere)
    untested = [name for name, spelled in {**raised, **warned}.items() if not any(s in text for s in spelled)]
    assert untested == []
