"""A panel of units in a file, however many rows: by cells where that is exact, else row by row.

Not here: either way's own steps (``collapse`` to ``scores``, ``two_way``).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
from threadpoolctl import threadpool_limits

from event_study.errors import NonPositiveLog, NotCollapsible, SpecError, UnitNote
from event_study.units.cells import fit_cells
from event_study.units.collapse import Relation, clear, collapse, load, opened
from event_study.units.lags import regressors
from event_study.units.result import UnitStudy
from event_study.units.scores import cluster_scores, study
from event_study.units.two_way import fit_ppml, fit_twfe

FAMILIES = {"ols": ("ols",), "ppml": ("ppml",), "both": ("ols", "ppml")}
MEMORY = "250MB"


def fit_panel(
    panel: Path | tuple[duckdb.DuckDBPyConnection, str],
    *,
    y: str,
    unit: str,
    group: str,
    time: str,
    columns: Sequence[str] | pd.DataFrame,
    cluster: str | None = None,
    family: str = "ols",
    threads: int | None = None,
    memory_limit: str = MEMORY,
) -> dict[str, UnitStudy]:
    """y = x b + effect of unit in group + effect of period, by ``family``: "ols", "ppml" or "both".

    ``panel`` is a Parquet file, or a connection and the name of a table in it. ``columns`` are names in
    the panel, or a lag table: ``group``, ``time`` and one column a regressor. ``cluster`` is the unit
    unless named. The panel goes by cells; where these are not exact (a unit with a gap or in two
    clusters, a regressor that differs inside a cell) it is loaded and fitted row by row, and
    ``NotCollapsible(why)`` stands among the warnings. Raises as ``two_way.fit_twfe`` and ``fit_ppml``.

    >>> import duckdb
    >>> from event_study import fit_panel
    >>> con = duckdb.connect()
    >>> _ = con.execute(
    ...     "create table panel as select u, u % 2 as g, t, (u % 2 = 0 and t > 4)::int as step, "
    ...     "10 * u + t + 3 * step + (u * t) % 3 as y from range(12) a(u), range(8) b(t)"
    ... )
    >>> fits = fit_panel((con, "panel"), y="y", unit="u", group="g", time="t", columns=["step"])
    >>> float(fits["ols"].coef[0].round(1))
    3.0
    """
    if family not in FAMILIES:
        raise SpecError(f"family is {family}, expected one of {', '.join(FAMILIES)}")
    lags = columns if isinstance(columns, pd.DataFrame) else None
    names = tuple(str(c) for c in columns if lags is None or c not in (group, time))
    if not names:
        raise SpecError("no column to estimate")
    own = () if lags is not None else names
    with ExitStack() as stack:
        stack.enter_context(threadpool_limits(limits=1, user_api="blas"))  # sums of two threads differ
        if isinstance(panel, tuple):
            con, relation = panel
        else:
            con, relation = stack.enter_context(opened(panel, threads, memory_limit))
        source = Relation(con, relation, y, unit, group, time, cluster or unit, own)
        if isinstance(panel, tuple):
            stack.callback(clear, source)
        return _fitted(source, names, lags, FAMILIES[family])


def _fitted(
    source: Relation, names: tuple[str, ...], lags: pd.DataFrame | None, families: Sequence[str]
) -> dict[str, UnitStudy]:
    try:
        cells = collapse(source, lags)
        if "ppml" in families and cells.least < 0:
            raise NonPositiveLog("a count model needs counts of 0 or more")
        fits = [fit_cells(cells, names, family) for family in families]
        scores = cluster_scores(source, cells, fits)
    except NotCollapsible as why:
        return _long(source, names, lags, families, str(why))
    return {
        family: study(cells, fit, own, names) for family, fit, own in zip(families, fits, scores, strict=True)
    }


def _long(
    source: Relation, names: tuple[str, ...], lags: pd.DataFrame | None, families: Sequence[str], why: str
) -> dict[str, UnitStudy]:
    """Row by row, the effect being of unit and group together."""
    rows = load(source)
    if lags is not None:
        X = regressors(lags, source.group, rows[source.group].to_numpy(), source.time,
                       rows[source.time].astype(object).to_numpy())  # fmt: skip
        rows = pd.concat([rows, pd.DataFrame(X, columns=list(names), index=rows.index)], axis=1)
    both = "\0".join([source.unit, source.group])  # a name that no column of the panel has
    rows[both] = rows.groupby([source.unit, source.group], dropna=False).ngroup()
    made = {}
    for family in families:
        fit = fit_ppml if family == "ppml" else fit_twfe
        given = _lowered(rows, source.y, both) if family == "ols" else rows
        done = fit(given, y=source.y, unit=both, time=source.time, columns=names, cluster=source.cluster)
        made[family] = replace(done, warnings=(*done.warnings, f"{UnitNote.NOT_COLLAPSIBLE}({why})"))
    return made


def _lowered(rows: pd.DataFrame, y: str, unit: str) -> pd.DataFrame:
    """The rows, each unit's y less its lowest: a unit's effect takes up any constant, and what is far
    smaller than the level keeps its digits (integers all of them)."""
    kind = rows[y].dtype
    if pd.api.types.is_bool_dtype(kind) or not pd.api.types.is_numeric_dtype(kind):
        return rows
    return rows.assign(**{y: rows[y] - rows.groupby(unit)[y].transform("min")})
