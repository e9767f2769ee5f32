"""The replicated paper's claims as data, and the verdict of our estimates on each of their quantities.

A published number is held against an estimate only in the same unit; everything else is judged by its
sign and by what the test could have seen. Not here: the claims themselves (``specs/paper.yml``), the
rule of the verdict (``verdict``), any estimate.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import pandas as pd
from pydantic import Field, model_validator

from event_study.claims.verdict import Evidence, judge
from event_study.errors import Note, SpecError, did_you_mean
from event_study.panel.balance import in_log_points
from event_study.schemas import SCHEMAS, frame
from event_study.specs.folder import named_model
from event_study.specs.model import CONVENTIONAL, Spec, Strict, Term
from event_study.specs.unit_model import UnitSpec, UnitTerm
from event_study.study.records import Row
from event_study.study.sides import Question, Set, finite, forecasts, question, spoken, warned

LOG_POINTS = "log points"
LEVEL = 0.05  # of the set that a verdict reads
UNIT_TREND = "_unit_trend"


class Publication(Strict):
    """What was published, by whom, and how sure it is that it says this (marks as in ``paper.yml``)."""

    estimate: float | None
    unit: str
    definition: str
    source: str
    confidence: Literal["A", "B2", "B1", "I", "G", "unmarked"]


class Reference(Strict):
    """A row of the estimates table, but for its trend; ``unit`` is that of its estimate."""

    spec_id: str
    outcome: str
    event_set: str
    contrast: str
    term: Term | UnitTerm
    unit: str


class Smallest(Strict):
    """The smallest effect worth finding, declared before looking."""

    percent: float = Field(gt=0)
    why: str

    def effect(self, row: Row) -> float | None:
        """In the scale of an estimate: log(1 + percent / 100), or that part of the base mean."""
        if in_log_points(str(row["estimator"])):
            return math.log1p(self.percent / 100)
        base = finite(row["base_mean"])
        return abs(base) * self.percent / 100 if base else None


class Quantity(Strict):
    """One number of a claim, and the estimate that is judged by it, or why none is."""

    quantity: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str
    kind: Literal["claim", "comparison"] = "claim"
    claimed: Literal["rise", "fall"] | None = None
    published: Publication
    ours_corrected: Reference | None = None
    ours_their_method: Reference | None = None
    trends: tuple[Literal["none", "unit_linear"], ...] = Field(default=("none", "unit_linear"), min_length=1)
    proxy: str | None = None
    nothing_because: str | None = None

    @model_validator(mode="after")
    def is_judged_or_says_why_not(self) -> Self:
        if (self.ours_corrected is None) == (self.nothing_because is None):
            raise ValueError("give either ours_corrected or nothing_because")
        if self.ours_corrected is not None and self.claimed is None:
            raise ValueError("an estimate is judged by a claimed sign: claimed is rise or fall")
        return self

    def rows(self) -> Iterator[tuple[str, str | None]]:
        """(key, trend) of the rows it makes."""
        if self.ours_corrected is None:
            yield self.quantity, None
            return
        for trend in self.trends:
            yield self.quantity + (UNIT_TREND if trend == "unit_linear" else ""), trend


class Claim(Strict):
    """One of the paper's six claims."""

    claim: int = Field(ge=1, le=6)
    title: str
    smallest_interesting: Smallest
    quantities: tuple[Quantity, ...] = Field(min_length=1)


class _Paper(Strict):
    smallest_interesting: Smallest
    claims: tuple[Claim, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def one_smallest_effect_for_all(cls, body: dict[str, Any]) -> dict[str, Any]:
        shared, claims = body.get("smallest_interesting"), body.get("claims")
        if shared is None or not isinstance(claims, list):
            return body
        given = [{"smallest_interesting": shared, **one} if isinstance(one, dict) else one for one in claims]
        return {**body, "claims": given}

    @model_validator(mode="after")
    def keys_are_unique(self) -> Self:
        keys = Counter((c.claim, key) for c in self.claims for q in c.quantities for key, _ in q.rows())
        keys.update((c.claim, "") for c in self.claims)
        for (claim, quantity), times in keys.items():
            if times > 1:
                raise ValueError(f"claim {claim} {quantity or 'itself'} stands {times} times")
        return self


def load_claims(path: Path) -> tuple[Claim, ...]:
    """The claims of ``path``. Raises ``SpecError`` in one line: file, field, what is wrong."""
    return named_model(_Paper, path, {}).claims


def validate_claims(
    claims: Sequence[Claim], specs: Sequence[Spec | UnitSpec], dim_outcome: pd.DataFrame
) -> None:
    """Refuse a claim held against a row that no spec makes, in a unit the row has not, or of an outcome
    that answers another claim. Raises ``SpecError``."""
    spec_of = {spec.id: spec for spec in specs}
    facts = {str(fact["outcome"]): fact for fact in dim_outcome.to_dict("records")}
    for claim in claims:
        for quantity in claim.quantities:
            for field in ("ours_corrected", "ours_their_method"):
                ours: Reference | None = getattr(quantity, field)
                if ours is None:
                    continue
                where = f"paper.yml: claim {claim.claim}: {quantity.quantity}.{field}"
                if ours.spec_id not in spec_of:
                    near = did_you_mean(ours.spec_id, spec_of)
                    raise SpecError(f"{where}: spec_id: {ours.spec_id!r} is no spec of this folder{near}")
                if ours.outcome not in facts:
                    near = did_you_mean(ours.outcome, facts)
                    raise SpecError(f"{where}: outcome: {ours.outcome!r} is not in dim_outcome{near}")
                trends = quantity.trends if field == "ours_corrected" else ("none",)
                for problem in _problems(ours, trends, spec_of[ours.spec_id], facts[ours.outcome]):
                    raise SpecError(f"{where}: {problem}")
                spec = spec_of[ours.spec_id]
                if field == "ours_corrected" and isinstance(spec, Spec) and spec.inference in CONVENTIONAL:
                    raise SpecError(f"{where}: spec_id: conventional errors judge no claim; use another spec")
                if finite(facts[ours.outcome].get("claim")) != claim.claim:
                    raise SpecError(f"{where}: outcome: {ours.outcome} does not answer claim {claim.claim}")


def _problems(
    ours: Reference, trends: Sequence[str], spec: Spec | UnitSpec, fact: Mapping[Any, Any]
) -> Iterator[str]:
    asked = spec.outcomes
    if not (asked == "all" or ours.outcome in asked or (asked == "primary" and fact["is_primary"])):
        yield f"outcome: {spec.id} does not ask for {ours.outcome}"
    if ours.event_set not in [e.name for e in spec.event_sets]:
        yield f"event_set: {spec.id} has no {ours.event_set}"
    if ours.contrast not in [c.name for c in spec.contrasts]:
        yield f"contrast: {spec.id} has no {ours.contrast}"
    made = spec.trends if isinstance(spec, Spec) else ("none",)
    if ours.term not in spec.terms or not set(trends) <= set(made):
        yield f"term: {spec.id} does not make {ours.term} under the trends {', '.join(trends)}"
    if spec.alpha != LEVEL:
        yield f"spec_id: {spec.id} makes sets at {spec.alpha:g}, a verdict reads those at {LEVEL:g}"
    estimator = fact["estimator"] if spec.estimator == "outcome" else spec.estimator
    if isinstance(spec, UnitSpec) and spec.design == "pre_post":
        estimator = "ols"
    if in_log_points(estimator) != (ours.unit == LOG_POINTS):
        scale = LOG_POINTS if in_log_points(estimator) else "levels"
        yield f"unit: is {ours.unit!r}, the {estimator} of {spec.id} estimates {scale}"


def claims_table(
    claims: Sequence[Claim],
    estimates: pd.DataFrame,
    diagnostics: pd.DataFrame,
    identification: pd.DataFrame,
    curve: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row a claim and quantity (a quantity under a unit trend has a key of its own), sorted by key.

    Frames are the result tables; ``curve`` the specification curve where it was made: then
    ``n_specifications`` is how many of its combinations gave a number for this outcome and event set.
    ``percent_effect`` is a fraction. ``ours_their_method`` has the conventional set of the replication;
    no verdict reads it. Raises ``SpecError`` when a reference means more than one row.
    """
    tables = _Tables.of(estimates, diagnostics, identification, curve)
    rows: list[Row] = []
    for claim in claims:
        for quantity in claim.quantities:
            rows += [_row(claim, quantity, key, trend, tables) for key, trend in quantity.rows()]
    return frame("claims", rows)


@dataclass(frozen=True)
class _Tables:
    """The result tables by what a claim asks them for."""

    rows: Mapping[tuple[str, ...], list[Row]]
    detectable: Mapping[str, float]
    forecasts: Mapping[Question, Set]
    reasons: Mapping[tuple[str, ...], str]
    specifications: Mapping[tuple[str, ...], int] | None

    @classmethod
    def of(
        cls,
        estimates: pd.DataFrame,
        diagnostics: pd.DataFrame,
        identification: pd.DataFrame,
        curve: pd.DataFrame | None,
    ) -> Self:
        names = ("spec_id", "outcome", "event_set", "contrast", "term", "trend")
        rows: dict[tuple[str, ...], list[Row]] = {}
        for row in estimates.to_dict("records"):
            rows.setdefault(tuple(str(row[n]) for n in names), []).append({str(k): v for k, v in row.items()})
        power = diagnostics[diagnostics["diagnostic"] == "minimum_detectable_effect"]
        judged = zip(*(identification[name] for name in names[1:4]), strict=True)
        counted: Counter[tuple[str, ...]] | None = None
        if curve is not None:
            fitted = curve[curve["status"] == "ok"]
            counted = Counter(zip(fitted["outcome"], fitted["event_set"], strict=True))
        return cls(
            rows=rows,
            detectable=dict(zip(power["estimate_id"], power["value"], strict=True)),
            forecasts=forecasts([row for same in rows.values() for row in same]),
            reasons=dict(zip(judged, identification["reason"], strict=True)),
            specifications=counted,
        )

    def row(self, ours: Reference, trend: str) -> Row | None:
        """The one row that ``ours`` means. Raises ``SpecError`` when there are several."""
        key = (ours.spec_id, ours.outcome, ours.event_set, ours.contrast, ours.term, trend)
        estimates = self.rows.get(key, [])
        if len(estimates) > 1:
            raise SpecError(
                f"paper.yml: {'/'.join(key)}: is {len(estimates)} rows of the estimates, expected one"
            )
        return estimates[0] if estimates else None

    def reason(self, ours: Reference, row: Row | None) -> str:
        """Why there is no 95 % set: the row's own reason, else what was judged before any estimate."""
        if row is not None and (given := _text(row["reason"])):
            return given
        if row is not None and Note.UNBOUNDED_SET in (_text(row["warnings"]) or ""):
            return "the 95 % set is unbounded: no effect of whatever size is rejected"
        judged = _text(self.reasons.get((ours.outcome, ours.event_set, ours.contrast)))
        nothing = f"{ours.spec_id} made no 95 % set of {ours.outcome} for {ours.event_set}, {ours.contrast}"
        return f"{nothing}: {judged}" if judged else nothing


def _row(claim: Claim, quantity: Quantity, key: str, trend: str | None, tables: _Tables) -> Row:
    published, ours = quantity.published, quantity.ours_corrected
    row: Row = dict.fromkeys(SCHEMAS["claims"].names)
    row |= {
        "claim": claim.claim,
        "quantity": key,
        "kind": quantity.kind,
        "title": claim.title,
        "quantity_title": quantity.title,
        "claimed": quantity.claimed,
        "published_estimate": published.estimate,
        "published_unit": published.unit if published.estimate is not None else None,
        "published_definition": published.definition,
        "published_source": published.source,
        "published_confidence": published.confidence,
        "trend": trend,
    }
    row |= _their_method(quantity, tables)
    if ours is None or trend is None:
        return row | {"verdict": "not_identified", "why": quantity.nothing_because}
    estimate = tables.row(ours, trend)
    row |= _ours(estimate, "ours_corrected") | {"unit": ours.unit}
    low, high = (estimate is not None and spoken(estimate)) or (None, None)
    row |= {"ours_corrected_low": low, "ours_corrected_high": high}
    if tables.specifications is not None:
        row["n_specifications"] = tables.specifications.get((ours.outcome, ours.event_set), 0)
    if estimate is not None:
        row |= {
            "estimate_id": estimate["estimate_id"],
            "base_mean": finite(estimate["base_mean"]),
            "percent_effect": finite(estimate["percent_effect"]),
            "minimum_detectable_effect": finite(tables.detectable.get(str(estimate["estimate_id"]))),
            "smallest_interesting_effect": claim.smallest_interesting.effect(estimate),
        }
    verdict, why = judge(_evidence(quantity, ours, row, estimate, tables))
    return row | {"verdict": verdict, "why": "; ".join([why, *_caveats(quantity, ours)])}


def _evidence(
    quantity: Quantity, ours: Reference, row: Row, estimate: Row | None, tables: _Tables
) -> Evidence:
    return Evidence(
        sign=-1 if quantity.claimed == "fall" else 1,
        low=finite(row["ours_corrected_low"]),
        high=finite(row["ours_corrected_high"]),
        detectable=finite(row["minimum_detectable_effect"]),
        published=None if _not_compared(quantity, ours) else quantity.published.estimate,
        smallest=finite(row["smallest_interesting_effect"]),
        unit=ours.unit,
        reason=tables.reason(ours, estimate),
        warnings=() if estimate is None else warned(estimate),
        forecast=None if estimate is None else tables.forecasts.get(question(estimate)),
    )


def _not_compared(quantity: Quantity, ours: Reference) -> str | None:
    """Why the published number is not held against ours: only like is compared with like."""
    published = quantity.published
    if published.unit != ours.unit:
        return f"is in {published.unit}, ours in {ours.unit}"
    return None if quantity.proxy is None else "is of another quantity"


def _caveats(quantity: Quantity, ours: Reference) -> Iterator[str]:
    """What a reader of the verdict must know besides."""
    other = _not_compared(quantity, ours)
    if quantity.published.estimate is not None and other is not None:
        yield f"the published {quantity.published.estimate:g} {other}: not compared"
    if quantity.proxy is not None:
        yield f"proxy: {quantity.proxy}"


def _their_method(quantity: Quantity, tables: _Tables) -> Row:
    theirs = quantity.ours_their_method
    if theirs is None:
        return {}
    estimate = tables.row(theirs, "none")
    name = None if estimate is None else estimate["estimate_id"]
    return _ours(estimate, "ours_their_method") | {
        "their_method_unit": theirs.unit,
        "their_method_estimate_id": name,
    }


def _ours(estimate: Row | None, prefix: str) -> Row:
    if estimate is None:
        return {}
    parts = {"": "estimate", "_low": "ci_low", "_high": "ci_high"}
    return {f"{prefix}{part}": finite(estimate[column]) for part, column in parts.items()}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
