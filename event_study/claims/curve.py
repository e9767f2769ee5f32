"""The specification curve: the headline's question under every combination of defensible choices.

A cross product of donors, windows, event dates, trends and estimators; every combination is fitted for
the treated unit and for each donor as a placebo, so that the whole curve has a placebo distribution
too. Reference: Simonsohn, Simmons and Nelson (2020). Not here: a single answer (``study.answer``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from event_study.errors import ResolutionTooCoarse
from event_study.inference.ri_studentised import TIE, RankTest
from event_study.limits import MIN_DONORS
from event_study.panel.data import Data
from event_study.schemas import frame
from event_study.specs.folder import load_names, named_model
from event_study.specs.model import Contrast, EventSet, Pool, Sample, Spec, Strict
from event_study.study.answer import Question, answer
from event_study.study.case import outcomes_of
from event_study.study.questions import check_registered

MAX_SPECIFICATIONS = 500


class Choices(Strict):
    """What a reasonable person might have chosen instead; each name becomes a column's value."""

    estimator: tuple[str, ...] = ("outcome",)
    trend: tuple[Literal["none", "unit_linear"], ...] = ("none", "unit_linear")
    donors: dict[str, Pool] = Field(default_factory=lambda: {"all": Pool()})
    sample: dict[str, Sample] = Field(default_factory=lambda: {"whole": Sample()})
    timing: tuple[Literal["announced", "published", "effective"], ...] = ("announced",)


class Curve(Strict):
    """One curve: what is asked, and the choices it is asked under."""

    id: str
    title: str
    outcomes: Literal["primary"] | tuple[str, ...]
    event_sets: tuple[EventSet, ...] = Field(min_length=1)
    contrasts: tuple[Contrast, ...] = Field(min_length=1, max_length=1)
    choices: Choices
    alpha: float = Field(default=0.05, gt=0, lt=0.5)

    @model_validator(mode="after")
    def can_be_drawn(self) -> Self:
        size = sum(1 for _ in self.combinations())
        if size > MAX_SPECIFICATIONS:
            raise ValueError(f"{size} combinations of choices, at most {MAX_SPECIFICATIONS} are drawn")
        return self

    def combinations(self) -> Iterator[tuple[dict[str, str], Spec]]:
        """Each combination's names, and the spec it stands for."""
        c = self.choices
        for estimator, trend, donors, sample, timing in product(
            c.estimator, c.trend, c.donors, c.sample, c.timing
        ):
            names = {"estimator": estimator, "trend": trend, "donors": donors, "sample": sample}
            yield {**names, "timing": timing}, Spec(
                id=self.id, title=self.title, family="robustness", outcomes=self.outcomes,
                event_sets=self.event_sets, contrasts=self.contrasts, terms=("mean_step",), trends=(trend,),
                estimator=estimator, pool=c.donors[donors], alpha=self.alpha,
                sample=c.sample[sample].model_copy(update={"timing": timing}),
            )  # fmt: skip


def load_curve(folder: Path) -> Curve:
    """``curve.yml`` of ``folder``. Raises ``SpecError``."""
    curve = named_model(Curve, folder / "curve.yml", load_names(folder))
    check_registered(spec for _, spec in curve.combinations())
    return curve


def specification_curve(data: Data, curve: Curve) -> pd.DataFrame:
    """One row an outcome, event set and combination: its estimate and set, or why there is none.

    ``joint_p``: the treated unit's median signed b/s over the combinations of one trend, ranked by size
    among the same median of every donor that most of them have. Each trend has its own: with and without
    it are two answers, and a median between them would be neither.
    """
    rows: list[dict[str, object]] = []
    combinations = list(curve.combinations())
    for outcome in outcomes_of(combinations[0][1], data):
        for event_set in curve.event_sets:
            drawn = [_row(data, outcome, event_set, names, spec) for names, spec in combinations]
            for trend in curve.choices.trend:
                half = [(row, curved) for row, curved in drawn if row["choice_trend"] == trend]
                joint = joint_p([studentised for _, studentised in half])
                rows += [row | {"joint_p": joint} for row, _ in half]
    return frame("specification_curve", rows)


def joint_p(curves: Sequence[dict[str, float]]) -> float | None:
    """Rank p of the treated unit's |median b/s|; ``curves``: unit -> b/s by combination, treated first.

    Null where fewer donors than a test at 5 % needs stand in most of the combinations.
    """
    fitted = [curve for curve in curves if curve]
    if not fitted:
        return None
    table = pd.DataFrame(fitted)
    in_most = table.loc[:, table.notna().mean() > 0.5]
    median = np.abs(in_most.median().to_numpy())
    if len(median) <= MIN_DONORS:
        return None
    return float((median >= median[0] - TIE).mean())


def _row(
    data: Data, outcome: str, event_set: EventSet, names: dict[str, str], spec: Spec
) -> tuple[dict[str, object], dict[str, float]]:
    row: dict[str, object] = {"outcome": outcome, "event_set": event_set.name, "spec_hash": spec.sha256}
    row |= {f"choice_{choice}": name for choice, name in names.items()}
    question = Question(spec, outcome, event_set, spec.contrasts[0], names["trend"])
    case = question.case(data)
    row |= {"status": case.status, "reason": case.reason}
    if case.inference != "ri_studentised":
        return row, {}
    drawn = answer(question, data)
    fit, test, weights = drawn.fit, drawn.test, drawn.weights
    if fit is None or weights is None:
        return row | {"status": drawn.status, "reason": drawn.reason}, {}
    if drawn.status != "ok" and test is not None:  # the unknown leave everything open
        return row | {"status": drawn.status, "reason": drawn.reason}, {}
    if test is None:  # a case of enough donors, of which too few have a scale
        coarse = ResolutionTooCoarse(len(fit.units) - 1, spec.alpha)
        return row | {"status": "not_identified", "reason": str(coarse)}, {}
    studentised = dict(zip(fit.units, fit.values(weights) / fit.fits.scale, strict=True))
    return row | _numbers(test), studentised


def _numbers(test: RankTest) -> dict[str, object]:
    return {
        "status": "ok",
        "reason": None,
        "estimate": test.estimate,
        "ci_low": test.low,
        "ci_high": test.high,
        "p_value": test.p_value,
        "p_floor": test.p_floor,
        "donors": len(test.ratios) - 1,
    }
