"""Anyone's panel as the plain inputs of a study, and what is identified and estimated from them.

A DataFrame and the names of its columns become rows of unit, period and value, checked; what cannot
be read is a named error, what is left out is counted. Not here: the spec (``spec``), time
(``time``), files, statistics (``study``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from event_study.errors import (
    DegeneratePlacebo,
    DuplicateKey,
    InfiniteValue,
    NonPositiveLog,
    Note,
    PanelError,
    SpecError,
    counted,
)
from event_study.own.spec import OwnSpec, PanelColumns
from event_study.own.time import first_days
from event_study.panel.balance import UNKNOWN, outcome_panel
from event_study.panel.data import Data, Facts, Unit
from event_study.periods import ordinals, period_name
from event_study.schemas import frame
from event_study.study.answer import Question
from event_study.study.case import Case
from event_study.study.questions import StudyTables, estimated, identified

ORIGIN = "own_panel"
MISSING_MARKS = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
TOO_LARGE = 1e150  # its square is no longer a number
TRUTHS = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}
NAMED_AT_MOST = 20
UNSPOKEN = ("id", "code", "name", "key", "no", "number")  # ends of a column's name that are no part of a noun
IDS = (["code"], ["name"], ["key"], ["number"])


@dataclass(frozen=True)
class Reading:
    """What was read: rows of the panel; of those with a period inside the window, units, periods,
    empty values (``unknown``) and rows marked incomplete."""

    rows: int
    outside_window: int
    units: int
    periods: int
    unknown: int
    incomplete: int


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
    """What can be estimated, the contract's three tables, and what was read and left out."""

    identification: pd.DataFrame
    tables: StudyTables
    reading: Reading
    dropped: tuple[Dropped, ...]


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
        _check_names(rows, own_spec)
        inside = _inside(rows, own_spec.panel)
        _check_values(inside, own_spec.panel)
        data, spec = _data(rows, own_spec), own_spec.as_spec()
        identification = identified(data, [spec])
        tables = estimated(data, [spec], identification, origin=ORIGIN, inputs_sha256=_sha256(rows, own_spec))
        periods = sorted(set(inside["period"]))
        dropped: list[Dropped] = []
        for event_set in spec.event_sets:
            case = Question(spec, own_spec.panel.outcome, event_set, spec.contrasts[0]).case(data)
            wide = data.outcome(own_spec.panel.outcome).wide.reindex(periods)
            dropped += _dropped(wide, case, data.donors(case.contrast, spec.pool))
        return OwnStudy(identification, _with_counts(tables, dropped), reading, tuple(dropped))


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


def read_panel(df: pd.DataFrame, columns: PanelColumns) -> tuple[pd.DataFrame, Reading]:
    """Rows of country (the unit), period (first day), outcome, value, is_complete, as ``study`` reads
    them, sorted. Raises ``SpecError``, ``PanelError``, ``DuplicateKey``, ``InfiniteValue``."""
    for field, column in columns.columns.items():
        if column not in df.columns:
            raise SpecError(
                f"panel.{field}: {column!r} is no column of the panel, expected one of "
                f"{_listed([str(c) for c in df.columns])}; correct the name"
            )
    if df.empty:
        raise PanelError("rows: there are none, expected one a unit and period; give another panel")
    df = df.reset_index(drop=True)
    given = df[columns.time]
    complete = pd.Series(True, index=df.index)
    rows = pd.DataFrame(
        {
            "country": _names(df[columns.unit], columns.unit),
            "period": first_days(given, columns.time, columns.frequency),
            "outcome": columns.outcome,
            "value": _numbers(df[columns.outcome], columns.outcome),
            "is_complete": _truths(df[columns.complete], columns.complete) if columns.complete else complete,
        }
    )
    _check_keys(rows, given, columns)
    _check_spacing(rows, columns)
    inside = _inside(rows, columns)
    wrong = inside[~(inside["value"].abs() <= TOO_LARGE) & inside["value"].notna()]
    if len(wrong):
        first = wrong.sort_values(["period", "country"]).iloc[0]
        what = "infinite" if np.isinf(first["value"]) else f"{first['value']:g}, too large to be squared"
        raise InfiniteValue(
            f"{columns.outcome}: {first['country']} is {what} in {_when(first['period'], columns)}, "
            f"expected a number or an empty cell ({counted(len(wrong), 'such row')}); correct the panel"
        )
    reading = Reading(
        rows=len(rows),
        outside_window=len(rows) - len(inside),
        units=inside["country"].nunique(),
        periods=inside["period"].nunique(),
        unknown=int(inside["value"].isna().sum()),
        incomplete=int((~inside["is_complete"]).sum()),
    )
    return rows.sort_values(["period", "country"], ignore_index=True), reading


def _names(values: pd.Series, column: str) -> pd.Series:
    """Units as text: 48 and 48.0 are 48."""
    if values.isna().any() or (values.astype(str) == "").any():
        row = int((values.isna() | (values.astype(str) == "")).to_numpy().argmax())
        raise PanelError(f"{column}: is empty in row {row + 1}, expected the name of a unit; name it")
    if pd.api.types.is_float_dtype(values) and (values % 1 == 0).all():
        values = values.astype("int64")
    return values.astype(object).map(str)


def _numbers(values: pd.Series, column: str) -> pd.Series:
    """Values as floats, NaN where the cell is empty; nothing else becomes NaN."""
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        raise PanelError(f"{column}: holds {values.dtype}, expected numbers; name another column")
    if pd.api.types.is_numeric_dtype(values):
        return pd.Series(values.to_numpy(dtype=float, na_value=np.nan), index=values.index)
    cells = values.astype(object)
    empty = cells.isna() | cells.map(lambda cell: isinstance(cell, str) and cell.strip() in MISSING_MARKS)
    numbers = pd.to_numeric(cells.mask(empty), errors="coerce").astype(float)
    if (wrong := numbers.isna() & ~empty).any():
        row = int(wrong.to_numpy().argmax())
        raise PanelError(
            f"{column}: is {cells.iloc[row]!r} in row {row + 1}, expected a number or an empty cell "
            f"({counted(int(wrong.sum()), 'such row')}); correct the panel"
        )
    return numbers


def _truths(values: pd.Series, column: str) -> pd.Series:
    truths = values.astype(object).map(lambda cell: TRUTHS.get(str(cell).strip().lower()))
    if truths.isna().any():
        row = int(truths.isna().to_numpy().argmax())
        raise PanelError(
            f"{column}: is {values.iloc[row]!r} in row {row + 1}, expected true or false; correct the panel"
        )
    return truths.astype(bool)


def _check_keys(rows: pd.DataFrame, given: pd.Series, columns: PanelColumns) -> None:
    twice = rows[rows.duplicated(["country", "period"], keep=False)]
    if twice.empty:
        return
    first = twice.sort_values(["period", "country"], kind="stable").iloc[0]
    same = twice[(twice["country"] == first["country"]) & (twice["period"] == first["period"])]
    times = sorted({str(given.iloc[row]) for row in same.index})
    remedy = "keep one of them"
    if len(times) > 1:
        remedy = f"sum or average them to one {columns.frequency} first, or correct panel.frequency"
    raise DuplicateKey(
        f"{columns.time}: {counted(len(same), 'row')} for {first['country']} in "
        f"{_when(first['period'], columns)} ({_listed(times)}), expected one; {remedy}"
    )


def _check_spacing(rows: pd.DataFrame, columns: PanelColumns) -> None:
    """A panel whose periods all lie several apart is of another frequency than the spec says."""
    when = np.unique(ordinals(list(rows["period"].unique()), columns.frequency))
    apart = int(np.gcd.reduce(np.diff(when))) if len(when) > 2 else 1
    if apart > 1:
        raise PanelError(
            f"{columns.time}: every period begins {counted(apart, columns.frequency)} or more after the one "
            f"before, expected one a {columns.frequency}; correct panel.frequency"
        )


def _inside(rows: pd.DataFrame, columns: PanelColumns) -> pd.DataFrame:
    return rows if columns.window is None else rows[rows["period"].between(*columns.window)]


def _check_names(rows: pd.DataFrame, own_spec: OwnSpec) -> None:
    units = sorted(set(rows["country"]) - {UNKNOWN})
    for field, names in (("treated", [own_spec.panel.treated]), ("donors", own_spec.panel.donors)):
        for name in names:
            if name not in units:
                raise SpecError(
                    f"panel.{field}: {name!r} is no unit of column {own_spec.panel.unit}, expected one of "
                    f"{_listed(units)}; correct the name"
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
            f"{_when(first['period'], columns)}, and a count model needs values from 0 on "
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
        why = "fewer than half of the donors have a value" if has else f"{case.contrast.treated} has no value"
        out.append(Dropped(name, case.frequency, str(day), why))
    return out


def _with_counts(tables: StudyTables, dropped: Sequence[Dropped]) -> StudyTables:
    """The tables with what was left out: a warning on every number, names in the diagnostics."""
    estimates = tables.estimates.copy()
    diagnostics: list[dict[str, object]] = [
        {str(name): value for name, value in row.items()} for row in tables.diagnostics.to_dict("records")
    ]
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
                note = _listed([f"{one.name} {one.why}" for one in ones])
                diagnostics.append(
                    {"estimate_id": row.estimate_id, "diagnostic": diagnostic, "value": float(len(ones)),
                     "p_value": None, "note": note}
                )  # fmt: skip
    return StudyTables(estimates, frame("diagnostics", diagnostics), tables.placebos)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _when(day: date, columns: PanelColumns) -> str:
    return period_name(day, columns.frequency)


def _sha256(rows: pd.DataFrame, own_spec: OwnSpec) -> str:
    """Of the panel as read, in order of its key, and of the whole spec."""
    value = rows["value"].to_numpy(dtype="<f8", copy=True)
    value[np.isnan(value)] = np.nan  # one NaN, whatever its bits were
    sha = hashlib.sha256(own_spec.model_dump_json().encode())
    sha.update("\0".join(rows["country"]).encode())
    sha.update(np.asarray(rows["period"], dtype="datetime64[D]").astype("<i8").tobytes())
    sha.update(value.tobytes() + rows["is_complete"].to_numpy(dtype=bool).tobytes())
    return sha.hexdigest()
