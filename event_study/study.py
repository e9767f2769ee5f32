"""The two calls of this room: ``identify``, then ``estimate`` what was identified.

Both are pure functions of DataFrames and specs; every question becomes a row, with a number or with
the reason why not. Not here: formulas (their own modules), files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from event_study.errors import SpecHashMismatch
from event_study.identify import Case, Data, assess, identification_row, outcomes_of
from event_study.records import Context
from event_study.rows import case_rows
from event_study.specs import Pool, Spec, specs_sha256
from event_study.tables import KEYS, SCHEMAS

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
    """What each outcome x event set x contrast of ``specs`` can carry, one row each.

    ``panel``: frequency -> rows of country, period (first day), outcome, value, is_complete; other
    columns are ignored. ``until``: the month by whose end a period must be over. No estimate is made.
    """
    data = Data.of(panel, dim_outcome, dim_event, dim_country, until)
    cases: dict[tuple[str, str, str], Case] = {}
    for spec in specs:
        for outcome in outcomes_of(spec, data):
            for event_set in spec.event_sets:
                for contrast in spec.contrasts:
                    key = (outcome, event_set.name, contrast.name)
                    if key not in cases:
                        cases[key] = assess(data, outcome, event_set, contrast, Pool())
    hashed = specs_sha256(specs)
    return _frame("identification", [identification_row(cases[k], hashed) for k in sorted(cases)])


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
    """
    hashed = specs_sha256(specs)
    if len(identification) and set(identification["specs_sha256"]) != {hashed}:
        raise SpecHashMismatch(
            "identification: specs_sha256: differs from the specs to estimate; identify again first"
        )
    data = Data.of(panel, dim_outcome, dim_event, dim_country, until)
    keys = zip(*(identification[c] for c in ("outcome", "event_set", "contrast")), strict=True)
    judged = dict(zip(keys, identification["status"], strict=True))
    estimates: list[dict[str, object]] = []
    diagnostics: list[dict[str, object]] = []
    placebos: list[dict[str, object]] = []
    for spec in sorted(specs, key=lambda s: s.id):
        context = Context(spec, data, planted, origin, inputs_sha256)
        for outcome in outcomes_of(spec, data):
            for event_set in spec.event_sets:
                for contrast in spec.contrasts:
                    case = assess(data, outcome, event_set, contrast, spec.pool, spec.estimator)
                    if spec.pool.is_default and spec.estimator == "outcome":
                        _same_verdict(judged, case)
                    made = case_rows(context, case)
                    estimates += made.estimates
                    diagnostics += made.diagnostics
                    placebos += made.placebos
    return StudyTables(
        _frame("estimates", estimates), _frame("diagnostics", diagnostics), _frame("placebos", placebos)
    )


def _same_verdict(judged: Mapping[tuple[str, str, str], str], case: Case) -> None:
    key = (case.outcome, case.event_set.name, case.contrast.name)
    if judged.get(key) != case.status:
        raise SpecHashMismatch(
            f"identification: {'/'.join(key)}: says {judged.get(key)}, the data say {case.status}; "
            "identify again from the same data"
        )


def _frame(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows as a frame of the table's columns, sorted by its key."""
    frame = pd.DataFrame(rows, columns=list(SCHEMAS[name].names), dtype=object)
    return frame.sort_values(list(KEYS[name]), kind="stable", ignore_index=True)
