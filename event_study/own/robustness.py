"""What stands beside the answer to a study of one's own: weighed donors, each donor left out, a date at which
nothing happened.

The questions are asked as specs of their own, so that they are judged and ranked as any other; what belongs
to a number (weights, estimates without a donor) are rows of the diagnostics. Not here: estimators, ranks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from event_study.errors import EventStudyError
from event_study.estimators.design import step_design
from event_study.estimators.matched import sdid_steps, synth_steps
from event_study.estimators.registry import additive
from event_study.estimators.sdid import sdid
from event_study.estimators.synthetic import synth
from event_study.own.spec import OwnSpec
from event_study.panel.balance import Balanced
from event_study.panel.data import MATCHED, Data
from event_study.sensitivity.diagnostics import Diagnostic
from event_study.specs.model import EventSet, Spec
from event_study.study.answer import Question
from event_study.study.case import Case
from event_study.study.fit_diagnostics import left_out_diagnostics
from event_study.study.fits import fit_case

IN_TIME = "in_time_placebo"
MOST_DONORS = 300  # beyond, weighing and leaving out every donor takes minutes
TOO_MANY = (
    f"donors are not weighed, and none is left out in turn, where they are more than {MOST_DONORS}: "
    "name fewer in panel.donors"
)
LEAST_BEFORE = 6  # periods before the events that a placebo date can part in two
SAME_STEP = ("ri_studentised", "ferman_pinto", "crv1", "none")  # inferences whose estimate is the plain step


def weighed_specs(own_spec: OwnSpec) -> list[Spec]:
    """The spec's mean step once more for each comparison with weighed donors, ranked."""
    plain = _ranked(own_spec)
    return [
        plain.model_copy(
            update={
                "id": f"{own_spec.id}_{kind}",
                "estimator": kind,
                "terms": ("mean_step",),
                "trends": ("none",),
            }
        )
        for kind in own_spec.weighed
    ]


def in_time_spec(own_spec: OwnSpec, periods: Sequence[date]) -> Spec | None:
    """The mean step at a date before any event, read from the periods before alone; None where they are
    too few. ``periods`` are those in which the treated unit has a value."""
    first = min(own_spec.events.values())
    before = [day for day in sorted(periods) if day < first]
    day = own_spec.placebo_date
    if day is None:
        if len(before) < LEAST_BEFORE:
            return None
        day = before[len(before) // 2]
    name = IN_TIME
    while name in {*own_spec.sets, *own_spec.events}:
        name += "_"
    placebo = EventSet(
        name=name, title="a date before any event", events=(name,), days={name: day}, ends_before=first
    )
    inference = own_spec.inference if own_spec.inference.startswith("ri_") else "ri_studentised"
    return _ranked(own_spec).model_copy(
        update={
            "id": f"{own_spec.id}_{IN_TIME}", "family": "placebo", "event_sets": (placebo,),
            "terms": ("mean_step",), "inference": inference,
        }
    )  # fmt: skip


def _ranked(own_spec: OwnSpec) -> Spec:
    plain = {"inference": "ri_studentised", "family": "robustness"}
    return own_spec.as_spec().model_copy(update=plain)


def robustness_diagnostics(
    data: Data, specs: Sequence[Spec], estimates: pd.DataFrame
) -> Iterator[dict[str, object]]:
    """Rows of the diagnostics: weights of donors (and periods), and the estimates without each donor, of
    every mean step of ``specs`` that ``estimates`` has a number for, under the first of its trends."""
    rows = estimates[(estimates["term"] == "mean_step") & estimates["estimate"].notna()]
    rows = rows[rows["inference"].isin(SAME_STEP)]
    for spec in specs:
        for event_set in spec.event_sets:
            found = rows[
                (rows["spec_id"] == spec.id) & (rows["event_set"] == event_set.name)
                & (rows["trend"] == spec.trends[0])
            ]  # fmt: skip
            for row in found.itertuples():
                asked = Question(spec, str(row.outcome), event_set, spec.contrasts[0], spec.trends[0])
                try:
                    made = _of_step(asked.case(data), asked)
                except EventStudyError:  # without one donor there may be no estimate: the range is not known
                    made = []
                yield from ({"estimate_id": row.estimate_id, **vars(one)} for one in made)


def _of_step(case: Case, asked: Question) -> list[Diagnostic]:
    panel = case.panel
    if panel is None or panel.donors > MOST_DONORS:
        return []
    design = step_design(panel.periods, case.frequency, case.joint, trend=asked.trend == "unit_linear")
    contrast = design.contrast(case.events, case.event_set.weights(case.events))
    if not case.estimator.startswith(MATCHED):
        return left_out_diagnostics(fit_case(case, panel, design), contrast, asked.spec.alpha)
    levels, pre = additive(panel.values, case.estimator), design.pre
    steps = synth_steps if case.estimator.startswith("synth") else sdid_steps
    without = [
        (float(steps(np.delete(levels, j, axis=0), design)[0] @ contrast), panel.units[j])
        for j in range(1, len(panel.units))
        if panel.donors > 1
    ]
    ends = (("leave_one_out_low", min), ("leave_one_out_high", max))
    return [
        *_weights(panel, levels, pre, case.estimator),
        *(
            Diagnostic(name, end(without)[0], None, f"without {end(without)[1]}")
            for name, end in ends
            if without
        ),
    ]  # fmt: skip


@dataclass(frozen=True)
class StudyWeights:
    """Weights of a comparison: donor -> weight, and first day of a period before the events -> weight; each
    sums to one, or is empty."""

    donors: Mapping[str, float]
    periods: Mapping[date, float]


def weights_of(diagnostics: Iterable[Mapping[str, Any]]) -> StudyWeights:
    """The weights among one estimate's rows of the diagnostics."""
    donors, periods = {}, {}
    for row in diagnostics:
        kind, _, name = str(row["diagnostic"]).partition(":")
        if kind == "donor_weight":
            donors[name] = float(row["value"])
        elif kind == "period_weight":
            periods[date.fromisoformat(name)] = float(row["value"])
    return StudyWeights(donors, periods)


def _weights(panel: Balanced, levels: np.ndarray, pre: np.ndarray, estimator: str) -> list[Diagnostic]:
    """A row a donor, and for synthetic difference-in-differences one a period before the first event."""
    if estimator.startswith("synth"):
        donors, times = synth(levels, pre, ~pre).weights, np.asarray([])
    else:
        both = sdid(levels, pre, ~pre)
        donors, times = both.unit_weights, both.time_weights
    before = [day for day, is_pre in zip(panel.periods, pre, strict=True) if is_pre]
    of_donors = zip(panel.units[1:], donors, strict=True)
    of_periods = zip(before, times, strict=True) if len(times) else ()
    return [
        *(Diagnostic(f"donor_weight:{name}", float(w), None, "weight of the donor") for name, w in of_donors),
        *(
            Diagnostic(f"period_weight:{day}", float(w), None, "weight of the period before")
            for day, w in of_periods
        ),
    ]
