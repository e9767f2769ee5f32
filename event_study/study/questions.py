"""The two calls of this room: ``identify``, then ``estimate`` what was identified.

Both are pure functions of DataFrames and specs; every question becomes a row, with a number or with
the reason why not. Not here: formulas (their own modules), files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
from threadpoolctl import threadpool_limits

from event_study.errors import SpecError, SpecHashMismatch, did_you_mean
from event_study.estimators.registry import ESTIMATORS
from event_study.panel.adapter import from_marts
from event_study.panel.data import Data
from event_study.schemas import frame
from event_study.specs.model import Pool, Spec, specs_sha256
from event_study.study.answer import Question
from event_study.study.case import Case, assess, identification_row, outcomes_of
from event_study.study.data_needs import data_needs
from event_study.study.multiplicity import adjusted
from event_study.study.records import Context, Records
from event_study.study.sides import claimed
from event_study.study.terms import question_rows

Planted = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class StudyTables:
    """The contract's three tables, sorted by key."""

    estimates: pd.DataFrame
    diagnostics: pd.DataFrame
    placebos: pd.DataFrame


def identify(
    panel: Mapping[str, pd.DataFrame],
    dim_outcome: pd.DataFrame,
    dim_event: pd.DataFrame,
    dim_country: pd.DataFrame,
    specs: Sequence[Spec],
    *,
    until: date | None = None,
) -> pd.DataFrame:
    """What each outcome x event set x contrast of ``specs`` can answer, one row each.

    ``panel``: frequency -> rows of country, period (first day), outcome, value, is_complete; other
    columns are ignored. ``until``: the month by whose end a period must be over. No estimate is made.

    >>> from datetime import date
    >>> import pandas as pd
    >>> from event_study import SHIPPED, identify, load_specs
    >>> headline = [spec for spec in load_specs(SHIPPED) if spec.id == "primary"]
    >>> outcome = {"outcome": "papers", "frequency": "year", "estimator": "ols", "is_primary": True}
    >>> rows = [("CN", date(year, 1, 1), "papers", 9.0, True) for year in range(2014, 2025)]
    >>> rules = date(2022, 10, 7), date(2023, 10, 17), date(2024, 12, 2)
    >>> table = identify(
    ...     {"year": pd.DataFrame(rows, columns=["country", "period", "outcome", "value", "is_complete"])},
    ...     pd.DataFrame([{**outcome, "window_start": None, "window_end": None}]),
    ...     pd.DataFrame({"event_id": headline[0].event_sets[0].events, "announced": [*rules]}),
    ...     pd.DataFrame({"country": ["CN"], "is_default_donor": [False]}),
    ...     headline,
    ... )
    >>> table.loc[0, ["status", "reason"]].tolist()
    ['not_identified', 'counted of CN alone: nothing tells an effect from a change that all would share']
    """
    with threadpool_limits(limits=1, user_api="blas"):  # sums of two threads differ
        return identified(from_marts(panel, dim_outcome, dim_event, dim_country, until), specs)


def estimate(
    panel: Mapping[str, pd.DataFrame],
    dim_outcome: pd.DataFrame,
    dim_event: pd.DataFrame,
    dim_country: pd.DataFrame,
    specs: Sequence[Spec],
    identification: pd.DataFrame,
    *,
    until: date | None = None,
    planted: Planted | None = None,
    origin: str,
    inputs_sha256: str,
) -> StudyTables:
    """Every spec's rows, for what ``identification`` (of the same data and specs) allows.

    ``planted``: ``{outcome: {event_id: log effect}}`` of simulated data, ``{}`` for a planted null;
    an outcome that is not named has no known truth. ``percent_effect`` is a fraction (0.35 = +35 %).
    Raises ``SpecHashMismatch`` when the identification was made from other specs.

    >>> import pandas as pd
    >>> from event_study import estimate
    >>> outcome = ["outcome", "frequency", "estimator", "is_primary", "window_start", "window_end"]
    >>> empty = [pd.DataFrame(columns=names) for names in (
    ...     outcome, ["event_id", "announced"], ["country", "is_default_donor"],
    ...     ["outcome", "event_set", "contrast", "status", "specs_sha256"],
    ... )]
    >>> len(estimate({}, *empty[:3], [], empty[3], origin="mine", inputs_sha256="").estimates)
    0
    """
    with threadpool_limits(limits=1, user_api="blas"):
        data = from_marts(panel, dim_outcome, dim_event, dim_country, until)
        return estimated(
            data, specs, identification, planted=planted, origin=origin, inputs_sha256=inputs_sha256
        )


def identified(data: Data, specs: Sequence[Spec]) -> pd.DataFrame:
    """``identify`` on a study's plain inputs."""
    check_registered(specs)
    cases, hashed = _cases(data, specs), specs_sha256(specs)
    rows = [identification_row(cases[k], data_needs(cases[k], data), hashed) for k in sorted(cases)]
    return frame("identification", rows)


def estimated(
    data: Data,
    specs: Sequence[Spec],
    identification: pd.DataFrame,
    *,
    planted: Planted | None = None,
    origin: str,
    inputs_sha256: str,
) -> StudyTables:
    """``estimate`` on a study's plain inputs."""
    check_registered(specs)
    hashed = specs_sha256(specs)
    if len(identification) and set(identification["specs_sha256"]) != {hashed}:
        raise SpecHashMismatch(
            "identification: specs_sha256: differs from the specs to estimate; identify again first"
        )
    keys = zip(*(identification[c] for c in ("outcome", "event_set", "contrast")), strict=True)
    judged = dict(zip(keys, identification["status"], strict=True))
    for case in _cases(data, [spec for spec in specs if spec.is_default]).values():
        _check_verdict(judged, case)
    records = Records()
    for spec in sorted(specs, key=lambda s: s.id):
        context = Context(spec, data, planted, origin, inputs_sha256)
        for question in _questions(spec, data):
            question_rows(records, context, question)
    for headline, diagnostics in adjusted(records.headlines):
        records.diagnose(headline, diagnostics)
    claimed(records.estimates)
    return StudyTables(
        **{name: frame(name, getattr(records, name)) for name in ("estimates", "diagnostics", "placebos")}
    )


def check_registered(specs: Iterable[Spec]) -> None:
    """Refuse a spec whose estimator nobody registered. Raises ``SpecError`` in one line."""
    known = ("outcome", *ESTIMATORS)
    for spec in specs:
        if spec.estimator not in known:
            raise SpecError(
                f"{spec.id}.yml: estimator: is {spec.estimator!r}{did_you_mean(spec.estimator, known)}, "
                f"expected one of {', '.join(known)}; correct the field"
            )


def _cases(data: Data, specs: Sequence[Spec]) -> dict[tuple[str, str, str], Case]:
    """What is asked of all donors and periods, at the level of the spec that asks it: the headline's before
    any other's, else the first's."""
    cases: dict[tuple[str, str, str], Case] = {}
    for spec in sorted(specs, key=lambda spec: (spec.family != "headline", not spec.is_default, spec.id)):
        for asked in _questions(spec, data):
            key = (asked.outcome, asked.event_set.name, asked.contrast.name)
            if key not in cases:
                cases[key] = assess(
                    data, asked.outcome, asked.event_set, asked.contrast, Pool(), alpha=spec.alpha
                )
    return cases


def _questions(spec: Spec, data: Data) -> Iterator[Question]:
    """Every outcome, event set and contrast of a spec."""
    for outcome in outcomes_of(spec, data):
        for event_set in spec.event_sets:
            for contrast in spec.contrasts:
                yield Question(spec, outcome, event_set, contrast)


def _check_verdict(judged: Mapping[tuple[str, str, str], str], case: Case) -> None:
    key = (case.outcome, case.event_set.name, case.contrast.name)
    if judged.get(key) != case.status:
        raise SpecHashMismatch(
            f"identification: {'/'.join(key)}: says {judged.get(key)}, the data say {case.status}; "
            "identify again from the same data"
        )
