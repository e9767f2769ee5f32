"""Rows of the result tables: every column of the contract filled, or null with a reason.

Not here: what is fitted and tested (``rows``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from event_study.panel.balance import LOG_ESTIMATORS, Balanced, reference_mean
from event_study.panel.data import Data
from event_study.periods import GRIDS
from event_study.schemas import SCHEMAS
from event_study.specs.model import Spec
from event_study.study.case import Case
from event_study.study.findings import Finding
from event_study.study.fits import Fit

LOG_SCALE = (*LOG_ESTIMATORS, "ppml")
Row = dict[str, object]


@dataclass(frozen=True)
class Context:
    """What all cases of a spec share."""

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
class Made:
    """Rows made so far of the three tables."""

    estimates: list[Row] = field(default_factory=list)
    diagnostics: list[Row] = field(default_factory=list)
    placebos: list[Row] = field(default_factory=list)
    headlines: list[tuple[Row, Fit]] = field(default_factory=list)

    def found(self, row: Row, findings: Iterable[Finding]) -> None:
        """Diagnostics of an estimate."""
        for finding in findings:
            self.diagnostics.append({"estimate_id": row["estimate_id"], **finding.__dict__})

    def placebo(self, row: Row, placebo: str, statistic: float, rank: int) -> None:
        """One placebo's statistic; null where its count model has no finite maximum."""
        value = statistic if math.isfinite(statistic) else None
        self.placebos.append(
            {"estimate_id": row["estimate_id"], "placebo": placebo, "statistic": value, "rank": rank}
        )


def blank_row(
    context: Context,
    case: Case,
    term: str,
    trend: str,
    inference: str,
    *,
    status: str,
    reason: str | None = None,
) -> Row:
    """An estimate's row without numbers."""
    spec = context.spec
    names = (spec.id, case.outcome, case.event_set.name, case.contrast.name, term, trend, inference)
    row: Row = dict.fromkeys(SCHEMAS["estimates"].names)
    return row | {
        "estimate_id": "/".join(names),
        "spec_id": spec.id,
        "family": spec.family,
        "contrast": case.contrast.name,
        "outcome": case.outcome,
        "event_set": case.event_set.name,
        "term": term,
        "trend": trend,
        "treated": case.contrast.treated,
        "estimator": case.estimator,
        "inference": inference,
        "share_unknown_country": case.share_unknown,
        "status": status,
        "reason": reason,
        "inputs_sha256": context.inputs_sha256,
        "spec_sha256": context.spec_sha256,
        "origin": context.origin,
    }


def numbers(case: Case, panel: Balanced, estimate: float) -> Row:
    """The columns every computed estimate has. ``percent_effect`` is a fraction: exp(b) - 1 on the log
    scale, b over the base mean in levels."""
    first = min(day for _, day in case.joint)
    base = reference_mean(panel, GRIDS[case.frequency].reference, first)
    percent: float | None = None
    if case.estimator in LOG_SCALE:
        percent = math.expm1(estimate) if estimate < 700 else None
    elif base:
        percent = estimate / base
    return {
        "donors": panel.donors,
        "estimate": estimate,
        "percent_effect": percent,
        "base_mean": base,
        "n_obs": int(panel.values.size),
        "n_units": len(panel.units),
        "n_periods": len(panel.periods),
        "window_start": panel.periods[0],
        "window_end": panel.periods[-1],
        "share_complete": panel.share_complete,
    }


def planted_truth(context: Context, case: Case, term: str) -> float | None:
    """The planted value of a step or of the mean of the set's steps; null where none is known. Only
    the unit that events aim at carries an effect; a replication's estimand is another one."""
    effects = (context.planted or {}).get(case.outcome)
    if effects is None or context.spec.family == "replication":
        return None
    if not context.data.is_treated(case.contrast.treated):
        return 0.0
    if case.event_set.is_placebo:
        return 0.0
    signs = case.event_set.signs
    seen = [e for e in case.event_set.events if e not in case.unseen]
    total = math.fsum(signs.get(e, 1) * effects.get(e, 0.0) for e in seen)
    return total / len(case.own) if term == "mean_step" else total
