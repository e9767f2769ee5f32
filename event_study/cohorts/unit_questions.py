"""The two calls for panels of units: ``identify_units``, then ``estimate_units``.

A question is one outcome, one set of events and two sides; a spec's ``design`` answers it, one function a
design, registered by a line of ``DESIGNS``. Not here: designs, formulas (their own modules), files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
from threadpoolctl import threadpool_limits

from event_study.cohorts.actor_places import Clocks
from event_study.cohorts.change_design import changes_around
from event_study.cohorts.event_time_design import event_time
from event_study.cohorts.triple_design import triple_changes
from event_study.cohorts.unit_answers import Planted, Row, UnitAnswer, UnitData, identified
from event_study.cohorts.window_design import windows_around
from event_study.errors import SpecHashMismatch
from event_study.panel.balance import as_days
from event_study.schemas import frame
from event_study.specs.model import specs_sha256
from event_study.specs.unit_model import Design, Sides, UnitSpec

NO_CLOCKS = Clocks.of()
NO_METHODS: Mapping[str, str] = {}
Answering = Callable[[UnitData, UnitSpec, str, Sides], Iterator[UnitAnswer]]
DESIGNS: Mapping[Design, Answering] = {
    "window": windows_around,
    "pre_post": changes_around,
    "event_time": event_time,
    "triple": triple_changes,
}


@dataclass(frozen=True)
class UnitTables:
    """The contract's tables of panels of units, sorted by key."""

    estimates: pd.DataFrame
    diagnostics: pd.DataFrame
    placebos: pd.DataFrame


def identify_units(
    weeks: pd.DataFrame, dim_outcome: pd.DataFrame, dim_event: pd.DataFrame, specs: Sequence[UnitSpec],
    *, until: date | None = None, clocks: Clocks = NO_CLOCKS,
) -> pd.DataFrame:  # fmt: skip
    """What each outcome, event set and pair of sides can answer, as rows of the table ``identification``.

    ``weeks``: rows of a unit and week (columns as ``flows.NEEDED``); ``until``: the month by whose end a week
    must be over; ``clocks``: hours of events.
    """
    hashed = specs_sha256(specs)
    own = [spec for spec in specs if not spec.is_variant]
    answers = _answers(weeks, dim_outcome, dim_event, own, until, clocks)
    return frame("identification", [one.identification() | {"specs_sha256": hashed} for one in answers])


def estimate_units(
    weeks: pd.DataFrame, dim_outcome: pd.DataFrame, dim_event: pd.DataFrame, specs: Sequence[UnitSpec],
    identification: pd.DataFrame, *, until: date | None = None, planted: Planted | None = None,
    placed_by: Mapping[str, str] = NO_METHODS, origin: str, inputs_sha256: str, clocks: Clocks = NO_CLOCKS,
) -> UnitTables:  # fmt: skip
    """Every question's rows, with the placebo dates they were ranked among and what stands beside them.

    ``identification``: rows of ``identify_units`` for the same data and specs. ``planted``: ``{outcome:
    {event_id: log effect}}`` of simulated data, put into places known by the method that ``placed_by`` has of
    the outcome (``owner`` unless named): no other method's rows have a truth. Raises ``SpecHashMismatch``.
    """
    if len(identification) and set(identification["specs_sha256"]) != {specs_sha256(specs)}:
        raise SpecHashMismatch(
            "identification: specs_sha256: differs from the unit specs to estimate; identify again first"
        )
    columns = (identification[name] for name in ("outcome", "event_set", "contrast", "status"))
    judged = {tuple(key): status for *key, status in zip(*columns, strict=True)}
    tables: dict[str, list[Row]] = {name: [] for name in ("estimates", "diagnostics", "placebos")}
    said = {"origin": origin, "inputs_sha256": inputs_sha256}
    for answer in _answers(weeks, dim_outcome, dim_event, specs, until, clocks):
        status = identified(answer.status)
        if not answer.spec.is_variant and judged.get(answer.key) != status:
            raise SpecHashMismatch(
                f"identification: {'/'.join(answer.key)}: says {judged.get(answer.key)}, the data say "
                f"{status}; identify again from the same data"
            )
        knows = placed_by.get(answer.outcome, "owner") == answer.sides.method and not answer.sides.correction
        for found in answer.found(planted if knows else None):
            row = found.row | said
            tables["estimates"].append(row)
            for name, beside in (("diagnostics", found.diagnostics), ("placebos", found.placebos)):
                tables[name] += [{"estimate_id": row["estimate_id"], **one} for one in beside]
    return UnitTables(**{name: frame(name, rows) for name, rows in tables.items()})


def _answers(
    weeks: pd.DataFrame, dim_outcome: pd.DataFrame, dim_event: pd.DataFrame, specs: Sequence[UnitSpec],
    until: date | None, clocks: Clocks,
) -> Iterator[UnitAnswer]:  # fmt: skip
    estimators = dict(zip(dim_outcome["outcome"], dim_outcome["estimator"], strict=True))
    rows = {
        (str(k[0]), str(k[1])): part
        for k, part in weeks.groupby(["outcome", "country_method"], observed=True)
    }
    days = as_days(dim_event.set_index("event_id")["announced"].to_dict())
    asked = UnitData(rows, estimators, days, until, clocks)
    with threadpool_limits(limits=1, user_api="blas"):  # sums of two threads differ
        for spec in specs:
            for outcome in spec.outcomes:
                for sides in spec.contrasts:
                    yield from DESIGNS[spec.design](asked, spec, outcome, sides)
