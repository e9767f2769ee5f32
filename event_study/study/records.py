"""Answers as rows of the result tables: every column of the contract filled, or null with a reason.

Not here: what is fitted and tested (``answer``, ``terms``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from event_study.inference.ri_studentised import RankTest
from event_study.panel.balance import Balanced, in_log_points, reference_mean
from event_study.panel.data import Data
from event_study.periods import GRIDS
from event_study.schemas import SCHEMAS
from event_study.sensitivity.diagnostics import Diagnostic
from event_study.specs.model import Spec
from event_study.study.answer import Answer
from event_study.study.fits import Fit
from event_study.study.sides import side

Row = dict[str, object]


@dataclass(frozen=True)
class Context:
    """What all answers to a spec share."""

    spec: Spec
    data: Data
    planted: Mapping[str, Mapping[str, float]] | None
    origin: str
    inputs_sha256: str

    @cached_property
    def spec_sha256(self) -> str:
        """The spec's hash, computed once for all of its rows."""
        return self.spec.sha256


@dataclass
class Records:
    """Rows so far of the three tables, and the headlines among the answers."""

    estimates: list[Row] = field(default_factory=list)
    diagnostics: list[Row] = field(default_factory=list)
    placebos: list[Row] = field(default_factory=list)
    headlines: list[Answer] = field(default_factory=list)

    def add(self, context: Context, answer: Answer) -> None:
        """One row of the estimates."""
        self.estimates.append(estimate_row(context, answer))

    def diagnose(self, answer: Answer, diagnostics: Iterable[Diagnostic]) -> None:
        """Diagnostics of an answer."""
        self.diagnostics += [{"estimate_id": answer.estimate_id, **vars(one)} for one in diagnostics]

    def add_placebos(self, answer: Answer, fit: Fit, test: RankTest) -> None:
        """Every placebo's studentised statistic and rank."""
        for unit, ratio, rank in zip(fit.units[1:], test.ratios[1:], test.ranks[1:], strict=True):
            self.add_placebo(answer, unit, float(ratio), int(rank))

    def add_placebo(self, answer: Answer, placebo: str, statistic: float, rank: int) -> None:
        """One placebo's statistic; null where its count model has no finite maximum."""
        value = statistic if math.isfinite(statistic) else None
        self.placebos.append(
            {"estimate_id": answer.estimate_id, "placebo": placebo, "statistic": value, "rank": rank}
        )


def estimate_row(context: Context, answer: Answer) -> Row:
    """The answer as a row of the estimates table."""
    spec, case, asked = context.spec, answer.case, answer.question
    row: Row = dict.fromkeys(SCHEMAS["estimates"].names)
    row |= {
        "estimate_id": answer.estimate_id,
        "spec_id": spec.id,
        "family": spec.family,
        "contrast": case.contrast.name,
        "outcome": case.outcome,
        "event_set": case.event_set.name,
        "term": asked.term,
        "trend": asked.trend,
        "treated": case.contrast.treated,
        "estimator": case.estimator,
        "inference": answer.inference,
        "share_unknown_country": case.share_unknown,
        "status": answer.status,
        "reason": answer.reason,
        "inputs_sha256": context.inputs_sha256,
        "spec_sha256": context.spec_sha256,
        "origin": context.origin,
    }
    return row if answer.estimate is None else row | _numbers(context, answer, answer.estimate)


def _numbers(context: Context, answer: Answer, estimate: float) -> Row:
    """The columns that a computed estimate has. ``percent_effect`` is a fraction: exp(b) - 1 on the log
    scale, b over the base mean in levels, where that is a base at all."""
    case, panel, fit = answer.case, answer.case.panel, answer.fit
    if panel is None:
        raise ValueError(f"{answer.estimate_id}: an estimate without a panel")
    base = reference_mean(panel, GRIDS[case.frequency].reference, min(day for _, day in case.joint))
    percent: float | None = None
    if in_log_points(case.estimator):
        percent = math.expm1(estimate) if estimate < 700 else None
    elif base is not None and _is_base(base, panel, min(day for _, day in case.joint)):
        percent = estimate / base
    return {
        "donors": panel.donors if fit is None else len(fit.units) - 1,
        "estimate": estimate,
        "std_error": answer.std_error,
        "ci_low": answer.low,
        "ci_high": answer.high,
        "p_value": answer.p_value,
        "p_floor": answer.p_floor,
        **_bounds(answer),
        "percent_effect": percent,
        "base_mean": base,
        "n_obs": int(panel.values.size),
        "n_units": len(panel.units),
        "n_periods": len(panel.periods),
        "window_start": panel.periods[0],
        "window_end": panel.periods[-1],
        "share_complete": panel.share_complete,
        "warnings": "; ".join(answer.notes) or None,
        "planted": planted_truth(context, answer),
    }


def _bounds(answer: Answer) -> Row:
    """Open ends are null; the breakdown is that of the test where it rejects, else of the estimate's sign."""
    found = answer.bounds
    if found is None:
        return {}
    rejects = answer.set is not None and side(*answer.set) != 0
    ends = {"bound_low": found.low, "bound_high": found.high}
    ends |= {"worst_low": found.worst_low, "worst_high": found.worst_high}
    row: Row = {name: end if math.isfinite(end) else None for name, end in ends.items()}
    return row | {"breakdown": found.breakdown if rejects else found.sign_breakdown}


def _is_base(base: float, panel: Balanced, first: date) -> bool:
    """Whether a level is one to take per cents of: positive, and further from zero than the treated unit's
    values stray from their mean before the first event."""
    before = panel.values[0, [day < first for day in panel.periods]]
    return base > max(float(before.std()), np.finfo(float).eps * float(np.abs(before).max()))


def planted_truth(context: Context, answer: Answer) -> float | None:
    """The planted value of a step or of the mean of the set's steps; null where none is known. Only
    the unit that events aim at has an effect; a replication's estimand is another one."""
    case, term = answer.case, answer.question.term
    effects = (context.planted or {}).get(case.outcome)
    if effects is None or context.spec.family == "replication" or term not in ("mean_step", "step"):
        return None
    if not context.data.unit(case.contrast.treated).is_treated or case.event_set.is_placebo:
        return 0.0
    signs = case.event_set.signs
    seen = [e for e in case.event_set.events if e not in case.unseen]
    total = math.fsum(signs.get(e, 1) * effects.get(e, 0.0) for e in seen)
    return total / len(case.events) if term == "mean_step" else total
