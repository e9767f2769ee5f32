"""Anyone's panel as the plain inputs of a study, and what is identified and estimated from them.

A DataFrame and the names of its columns become rows of unit, period and value, checked; what cannot
be read is a named error, what is left out is counted. Not here: the spec (``spec``), time
(``time``), files, statistics (``study``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from event_study.errors import (
    DegeneratePlacebo,
    NonPositiveLog,
    Note,
    SpecError,
    counted,
)
from event_study.own.reading import Reading, inside_window, listed, read_panel, when
from event_study.own.robustness import (
    MOST_DONORS,
    TOO_MANY,
    in_time_spec,
    robustness_diagnostics,
    weighed_specs,
)
from event_study.own.spec import OwnSpec, PanelColumns
from event_study.own.treatment import check_treatment
from event_study.panel.balance import outcome_panel
from event_study.panel.data import Data, Facts, Unit
from event_study.panel.unknown import UNKNOWN
from event_study.schemas import frame
from event_study.specs.model import Spec
from event_study.study.answer import Question
from event_study.study.case import Case
from event_study.study.questions import StudyTables, estimated, identified

ORIGIN = "own_panel"
UNSPOKEN = ("id", "code", "name", "key", "no", "number")  # ends of a column's name that are no part of a noun
IDS = (["code"], ["name"], ["key"], ["number"])


@dataclass(frozen=True)
class Dropped:
    """A donor or a period that an event set's estimates do without, and why; ``is_incomplete`` for a
    donor that lacks periods (the others have no scale)."""

    event_set: str
    kind: str
    name: str
    why: str
    is_incomplete: bool = False


@dataclass(frozen=True)
class OwnStudy:
    """What can be estimated, the contract's three tables of what was asked and those of what stands beside
    (``further``: weighed donors, a placebo date), what was read and left out; ``notes`` say what was not
    computed, ``cases`` are the panels that answered, one an event set; ``placebo_date`` is the day taken for
    an event before any, ``values`` (periods x units) what the units compared have."""

    identification: pd.DataFrame
    tables: StudyTables
    further: StudyTables
    reading: Reading
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...]
    cases: tuple[Case, ...]
    placebo_date: date | None
    values: pd.DataFrame

    @property
    def both(self) -> StudyTables:
        """The tables of what was asked and of what stands beside, as one."""
        one, other = self.tables, self.further
        joined = {
            name: pd.concat([getattr(one, name), getattr(other, name)], ignore_index=True)
            for name in ("estimates", "diagnostics", "placebos")
        }
        return StudyTables(**joined)


def study_of(df: pd.DataFrame, own_spec: OwnSpec) -> OwnStudy:
    """``identify`` and ``estimate`` on a panel of one's own: one row of ``df`` a unit and period.

    Row order does not matter. A value that is empty (or whose ``complete`` is false) is unknown. Raises
    ``SpecError`` (a column or unit that is not there), ``PanelError`` (a cell of the wrong kind),
    ``DuplicateKey``, ``InfiniteValue``, ``NonPositiveLog`` (a negative count), ``DegeneratePlacebo`` (a
    treated unit that never varies); every other fault is a row with its reason.

    >>> import numpy as np, pandas as pd
    >>> from event_study import OwnSpec, study_of
    >>> keys = pd.MultiIndex.from_product([range(21), range(2010, 2022)], names=["shop", "year"])
    >>> panel = keys.to_frame(index=False)
    >>> panel["sales"] = 9 + np.sin(panel["shop"] * 7 + panel["year"])
    >>> panel.loc[panel.eval("shop == 0 and year >= 2020"), "sales"] += 4
    >>> columns = {"unit": "shop", "time": "year", "outcome": "sales", "treated": "0"}
    >>> spec = OwnSpec.model_validate({
    ...     "id": "window", "panel": {**columns, "frequency": "year", "estimator": "ols"},
    ...     "events": {"opening": "2020-01-01"}, "terms": ["mean_step"], "trends": ["none"],
    ... })
    >>> row = study_of(panel, spec).tables.estimates.iloc[0]
    >>> round(row["estimate"], 2), round(row["p_value"], 3)
    (3.6, 0.048)
    """
    with threadpool_limits(limits=1, user_api="blas"):  # sums of two threads differ
        rows, reading = read_panel(df, own_spec.panel)
        check_treatment(rows, own_spec)
        _check_names(rows, own_spec)
        inside = inside_window(rows, own_spec.panel)
        _check_values(inside, own_spec.panel)
        data, spec = _data(rows, own_spec), own_spec.as_spec()
        hashed, pool = _sha256(rows, own_spec), data.donors(spec.contrasts[0], spec.pool)
        identification = identified(data, [spec])
        tables = estimated(data, [spec], identification, origin=ORIGIN, inputs_sha256=hashed)
        weighed = weighed_specs(own_spec) if len(pool) <= MOST_DONORS else []
        known = inside[(inside["country"] == own_spec.panel.treated) & inside["value"].notna()]
        in_time = in_time_spec(own_spec, list(known["period"]))
        wide = data.outcome(own_spec.panel.outcome).wide.reindex(sorted(set(inside["period"])))
        cases = [
            Question(spec, own_spec.panel.outcome, event_set, spec.contrasts[0]).case(data)
            for event_set in spec.event_sets
        ]
        dropped = [one for case in cases for one in _dropped(wide, case, pool)]
        further = _further(data, weighed, in_time, hashed, dropped)
        tables = _with_counts(tables, dropped, robustness_diagnostics(data, [spec], tables.estimates))
        day = None if in_time is None else next(iter(in_time.event_sets[0].days.values()))
        return OwnStudy(
            identification, tables, further, reading, tuple(dropped),
            (TOO_MANY,) * (len(pool) > MOST_DONORS), tuple(cases), day,
            wide[[unit for unit in wide.columns if unit in (own_spec.panel.treated, *pool)]],
        )  # fmt: skip


def _further(
    data: Data, weighed: Sequence[Spec], in_time: Spec | None, hashed: str, dropped: Sequence[Dropped]
) -> StudyTables:
    """Rows of the weighed comparisons and of the placebo date."""
    specs = [*weighed, *([in_time] if in_time else [])]
    tables = estimated(data, specs, identified(data, specs), origin=ORIGIN, inputs_sha256=hashed)
    return _with_counts(tables, dropped, robustness_diagnostics(data, weighed, tables.estimates))


def _data(rows: pd.DataFrame, own_spec: OwnSpec) -> Data:
    """The plain inputs of a study: every unit but the treated one is a donor by default."""
    columns = own_spec.panel
    panel = outcome_panel(
        rows,
        outcome=columns.outcome,
        frequency=columns.frequency,
        window=columns.window or (None, None),
        until=None,
    )
    units = {
        unit: Unit(
            name=unit, is_donor=unit not in (columns.treated, UNKNOWN), is_treated=unit == columns.treated
        )
        for unit in sorted(set(rows["country"]))
    }
    return Data(
        outcomes={columns.outcome: panel},
        facts={columns.outcome: Facts(columns.frequency, columns.estimator, is_primary=True)},
        days={"announced": own_spec.events},
        kinds={event: event for event in own_spec.events},
        units=units,
        noun=noun_of(columns.unit),
    )


def noun_of(column: str) -> str:
    """What the units of a column are called: ``shop`` of ``shop_id``; ``unit`` where the name is no word."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).replace("_", " ").lower().split()
    while len(words) > 1 and words[-1] in UNSPOKEN:
        words.pop()
    is_word = all(word.isalpha() and len(word) > 2 for word in words) and words[-1:] not in ([], *IDS)
    return " ".join(words) if is_word else "unit"


def _check_names(rows: pd.DataFrame, own_spec: OwnSpec) -> None:
    units = sorted(set(rows["country"]) - {UNKNOWN})
    for field, names in (("treated", [own_spec.panel.treated]), ("donors", own_spec.panel.donors)):
        for name in names:
            if name not in units:
                raise SpecError(
                    f"panel.{field}: {name!r} is no unit of column {own_spec.panel.unit}, expected one of "
                    f"{listed(units)}; correct the name"
                )
    for event in own_spec.events:
        if event in units:
            raise SpecError(f"events: {event!r} is a unit's name too, expected another; rename the event")


def _check_values(inside: pd.DataFrame, columns: PanelColumns) -> None:
    """Of the units compared: no negative count, and a treated unit that varies."""
    complete = inside[inside["is_complete"] & inside["value"].notna()]
    if columns.donors:
        complete = complete[complete["country"].isin([columns.treated, *columns.donors])]
    negative = complete[complete["value"] < 0]
    if columns.estimator == "ppml" and len(negative):
        first = negative.iloc[0]
        raise NonPositiveLog(
            f"{columns.outcome}: {first['country']} is {first['value']:g} in "
            f"{when(first['period'], columns)}, and a count model needs values from 0 on "
            f"({counted(len(negative), 'such row')}); correct the panel or choose estimator ols"
        )
    treated_values = complete.loc[complete["country"] == columns.treated, "value"]
    if len(treated_values) > 1 and treated_values.nunique() == 1:
        raise DegeneratePlacebo(
            columns.treated,
            f"is {treated_values.iloc[0]:g} in all {counted(len(treated_values), columns.frequency)} it has, "
            "expected a unit that varies; name another treated unit or outcome",
        )


def _dropped(wide: pd.DataFrame, case: Case, pool: Sequence[str]) -> list[Dropped]:
    """Donors and periods that the case's panel does without; none where there is no panel."""
    if case.panel is None:
        return []
    name, kept, several = case.event_set.name, list(case.panel.periods), len(case.panel.periods)
    of_all = f"of the {counted(several, case.frequency)} compared"
    out = []
    for donor in sorted(set(pool) - set(case.panel.units)):
        series = wide[donor].reindex(kept) if donor in wide.columns else pd.Series(np.nan, index=kept)
        missing, zero = int(series.isna().sum()), int((series <= 0).sum())
        if missing:
            why = f"lacks {missing} {of_all}"
        elif case.estimator == "ols_log":
            why = f"is not above 0 in {zero} {of_all}: no logarithm"
        else:
            why = f"has no count, or too few, before the first event ({several - zero} {of_all})"
        out.append(Dropped(name, "donor", donor, why, is_incomplete=missing > 0))
    for day in wide.index.difference(kept):
        has = case.contrast.treated in wide.columns and pd.notna(wide.loc[day, case.contrast.treated])
        known = sorted(set(pool) & set(wide.columns))
        if not has:
            why = f"{case.contrast.treated} has no value"
        elif 2 * wide.loc[day, known].notna().sum() < len(known):
            why = "fewer than half of the donors have a value"
        else:
            why = f"left out so that {counted(case.panel.donors, 'donor')} have a value throughout"
        out.append(Dropped(name, case.frequency, str(day), why))
    return out


def _with_counts(
    tables: StudyTables, dropped: Sequence[Dropped], of_steps: Iterable[dict[str, object]]
) -> StudyTables:
    """The tables with the steps' diagnostics and what was left out: a warning on every number, names in the
    diagnostics."""
    estimates = tables.estimates.copy()
    diagnostics: list[dict[str, object]] = [
        {str(name): value for name, value in row.items()} for row in tables.diagnostics.to_dict("records")
    ]
    diagnostics += of_steps
    for row in estimates[estimates["estimate"].notna()].itertuples():
        here = [one for one in dropped if one.event_set == row.event_set]
        donors = [one for one in here if one.kind == "donor"]
        periods = [one for one in here if one.kind != "donor"]
        incomplete = sum(one.is_incomplete for one in donors)
        counts = ((Note.INCOMPLETE_UNITS_DROPPED, incomplete), (Note.PERIODS_DROPPED, len(periods)))
        notes = [f"{note}({count})" for note, count in counts if count]
        said = [row.warnings] if isinstance(row.warnings, str) else []
        estimates.loc[row.Index, "warnings"] = "; ".join([*said, *notes]) or None
        for diagnostic, ones in (("donors_dropped", donors), ("periods_dropped", periods)):
            if ones:
                note = listed([f"{one.name} {one.why}" for one in ones])
                diagnostics.append(
                    {"estimate_id": row.estimate_id, "diagnostic": diagnostic, "value": float(len(ones)),
                     "p_value": None, "note": note}
                )  # fmt: skip
    return StudyTables(estimates, frame("diagnostics", diagnostics), tables.placebos)


def _sha256(rows: pd.DataFrame, own_spec: OwnSpec) -> str:
    """Of the panel as read, in order of its key, and of the whole spec."""
    value = rows["value"].to_numpy(dtype="<f8", copy=True)
    value[np.isnan(value)] = np.nan  # one NaN, whatever its bits were
    sha = hashlib.sha256(own_spec.model_dump_json().encode())
    sha.update("\0".join(rows["country"]).encode())
    sha.update(np.asarray(rows["period"], dtype="datetime64[D]").astype("<i8").tobytes())
    sha.update(value.tobytes() + rows["is_complete"].to_numpy(dtype=bool).tobytes())
    return sha.hexdigest()
