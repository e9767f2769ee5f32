"""A panel in a Parquet file or DuckDB table, summed exactly to cells of units that look alike.

A cell is (pattern, period), a pattern the group and the first and last period of a unit: with unit and
period effects and regressors that are the same within cells, sums by cell give the unit-level
coefficients to the last digits. References: Wong et al. (2021), "You Only Compress Once". All sums are
of integers, so neither threads nor the order of rows change a byte. The only module that speaks to a
database. Not here: fits (``cells``), cluster scores (``scores``).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from event_study.errors import DuplicateKey, InfiniteValue, NotCollapsible, SpecError, counted
from event_study.units.lags import regressors

BATCH = 1 << 20  # rows of the panel at a time
INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "BOOLEAN"}


@dataclass(frozen=True)
class Relation:
    """A relation of an open connection and the names of its columns; a unit's effect is of ``unit`` in
    ``group`` (a repository's events from one country)."""

    con: duckdb.DuckDBPyConnection
    relation: str
    y: str
    unit: str
    group: str
    time: str
    cluster: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Cells:
    """C cells of S patterns: ``pattern``, ``time`` codes, ``total`` (C) sums of y, ``X`` (C, K).

    ``units`` (S) of each pattern and ``active`` (S) of them with any y other than 0. ``members`` has
    the columns cluster, pattern, units, active; ``clusters`` of them in all. ``largest`` is a cluster's
    largest sum of abs(y), ``least`` the smallest y, ``integer`` whether all are whole by their type.
    """

    pattern: np.ndarray
    time: np.ndarray
    total: np.ndarray
    X: np.ndarray
    units: np.ndarray
    active: np.ndarray
    members: pd.DataFrame
    clusters: int
    largest: float
    least: float
    integer: bool


@contextmanager
def opened(
    path: Path, threads: int | None, memory_limit: str
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A connection of its own to a Parquet file, and the relation's name in it."""
    with tempfile.TemporaryDirectory() as spill, duckdb.connect() as con:
        con.execute(f"SET memory_limit = '{memory_limit}'")
        con.execute(f"SET temp_directory = '{_text(spill)}'")
        con.execute("SET preserve_insertion_order = false")
        if threads:
            con.execute(f"SET threads = {threads}")
        yield con, f"read_parquet('{_text(str(path))}')"


def collapse(source: Relation, lags: pd.DataFrame | None = None) -> Cells:
    """Cells of the panel; regressors from ``source.columns``, or from ``lags`` by group and period.

    Raises ``SpecError`` (no such column, ``lags`` without a group and period), ``InfiniteValue``,
    ``DuplicateKey``, and ``NotCollapsible`` where a unit has a gap, changes cluster, or a regressor
    differs inside a cell.
    """
    kinds = _kinds(source)
    integer = kinds[source.y] in INTEGERS
    scale = 1.0 if integer else _scale(source)
    y = f"r.{_name(source.y)}"
    whole = f"{y}::BIGINT" if integer else f"round({y}::DOUBLE * {scale!r})::BIGINT"
    times = _periods(source)
    _units(source, whole)
    _check_units(source)
    patterns = _patterns(source)
    pattern, time = np.repeat(patterns["pattern"], patterns["last"] - patterns["first"] + 1), _spans(patterns)
    if lags is not None:
        labels, values = patterns["label"].to_numpy()[pattern], np.asarray(times, dtype=object)[time]
        X = regressors(lags, source.group, labels, source.time, values)
    else:
        X = _columns(source, patterns["label"], np.asarray(pattern), time)
    members = source.con.execute(
        "SELECT cluster, pattern, count(*)::INTEGER AS units, count(*) FILTER (mass > 0)::INTEGER AS active "
        "FROM _units JOIN _patterns USING (label, first, last) GROUP BY ALL ORDER BY ALL"
    ).df()
    bounds = source.con.execute(
        "SELECT max(m)::DOUBLE, min(l)::DOUBLE, count(*) FROM "
        "(SELECT sum(mass) AS m, min(least) AS l FROM _units GROUP BY cluster)"
    ).fetchall()[0]
    return Cells(
        pattern=np.asarray(pattern),
        time=time,
        total=_sums(source, whole, len(time)) / scale,
        X=X,
        units=patterns["units"].to_numpy(),
        active=patterns["active"].to_numpy(),
        members=members,
        clusters=int(bounds[2]),
        largest=bounds[0] / scale,
        least=bounds[1] / scale,
        integer=integer,
    )


def stream(source: Relation) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """After ``collapse``: cluster, cell and y of every row whose y is not 0, in batches, any order."""
    for batch in source.con.execute("SELECT cluster, cell, y FROM _counted").to_arrow_reader(BATCH):
        cluster, cell, y = (batch.column(i).to_numpy(zero_copy_only=False) for i in range(3))
        yield cluster, cell, y.astype(float)


def clear(source: Relation) -> None:
    """Drop the tables of ``collapse`` from a connection that goes on."""
    for name in ("_periods", "_spans", "_units", "_patterns", "_based", "_counted"):
        source.con.execute(f"DROP TABLE IF EXISTS temp.{name}")


def load(source: Relation) -> pd.DataFrame:
    """The columns of the panel, every row."""
    names = dict.fromkeys([source.y, source.unit, source.group, source.time, source.cluster, *source.columns])
    return source.con.execute(f"SELECT {', '.join(map(_name, names))} FROM {source.relation}").df()


def _text(text: str) -> str:
    return text.replace("'", "''")


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _kinds(source: Relation) -> dict[str, str]:
    """Types of the columns asked for. Raises ``SpecError`` for one that is not there."""
    described = source.con.execute(f"DESCRIBE SELECT * FROM {source.relation}").fetchall()
    kinds = {row[0]: row[1] for row in described}
    asked = [source.y, source.unit, source.group, source.time, source.cluster, *source.columns]
    if absent := [name for name in asked if name not in kinds]:
        raise SpecError(f"no column {', '.join(absent)} among {', '.join(kinds)}")
    return kinds


def _scale(source: Relation) -> float:
    """A power of two that takes the outcome to integers of 62 bits: rounds nothing that a sum of
    doubles would keep, and makes the sum the same in any order."""
    y = f"{_name(source.y)}::DOUBLE"
    top, bad = source.con.execute(
        f"SELECT max(abs({y})), count(*) FILTER (WHERE NOT isfinite({y}) OR {y} IS NULL) "
        f"FROM {source.relation}"
    ).fetchall()[0]
    if bad:
        raise InfiniteValue(f"{source.y} is missing, infinite or no number in {counted(bad, 'row')}")
    return float(2.0 ** (61 - np.ceil(np.log2(max(top, 1e-300)))))


def _periods(source: Relation) -> tuple[object, ...]:
    """Table of the periods: value, code, and the hashes up to it, folded into one."""
    time = _name(source.time)
    source.con.execute(
        "CREATE OR REPLACE TEMP TABLE _periods AS SELECT value, (row_number() OVER by_value - 1)::INTEGER AS "
        "code, bit_xor(hash(value)) OVER by_value AS running, hash(value) AS own "
        f"FROM (SELECT DISTINCT {time} AS value FROM {source.relation} WHERE {time} IS NOT NULL) "
        "WINDOW by_value AS (ORDER BY value)"
    )
    return tuple(row[0] for row in source.con.execute("SELECT value FROM _periods ORDER BY code").fetchall())


def _units(source: Relation, whole: str) -> None:
    """Table of the units: span, rows, cluster, sum of abs(y). ``seen`` folds the hashes of its periods into
    one, so that a unit with as many rows as its span is long, but one of them twice, is reported."""
    unit, group, time, cluster, y = (
        f"r.{_name(name)}" for name in (source.unit, source.group, source.time, source.cluster, source.y)
    )
    own = source.cluster == source.unit
    span = "NULL, NULL, true" if own else f"min({cluster}), max({cluster}), count({cluster}) = count(*)"
    source.con.execute(
        "CREATE OR REPLACE TEMP TABLE _spans AS "
        f"SELECT {unit} AS unit, {group} AS label, min({time}) AS a, max({time}) AS b, count(*) AS rows, "
        f"count({time}) AS dated, count({y}) AS valued, bit_xor(hash({time})) AS seen, "
        f"sum(abs({whole})) AS mass, min({whole}) AS least, "
        + "{} AS c, {} AS d, {} AS clustered ".format(*span.split(", "))
        + f"FROM {source.relation} r GROUP BY 1, 2"
    )
    low = "unit" if own else "c"
    source.con.execute(
        "CREATE OR REPLACE TEMP TABLE _units AS WITH named AS (SELECT value, row_number() OVER "
        f"(ORDER BY value) - 1 AS cluster FROM (SELECT DISTINCT {low} AS value FROM _spans)) "
        "SELECT s.*, cluster::INTEGER AS cluster, f.code AS first, l.code AS last, "
        "s.seen = xor(xor(l.running, f.running), f.own) AS once "
        f"FROM _spans s JOIN _periods f ON s.a = f.value JOIN _periods l ON s.b = l.value "
        f"JOIN named ON named.value = s.{low}"
    )


def _check_units(source: Relation) -> None:
    lost, valued, gaps, moved = source.con.execute(
        "SELECT (SELECT count(*) FROM _spans WHERE unit IS NULL OR label IS NULL OR dated < rows OR "
        "NOT clustered), (SELECT count(*) FROM _spans WHERE valued < rows), "
        "count(*) FILTER (WHERE rows <> last - first + 1 OR NOT once), count(*) FILTER (WHERE c <> d) "
        "FROM _units"
    ).fetchall()[0]
    if lost:
        raise InfiniteValue(f"{counted(lost, 'unit')} with a row that lacks a key")
    if valued:
        raise InfiniteValue(f"{source.y} is missing in {counted(valued, 'unit')}")
    if gaps:
        unit, group, time = (f"r.{_name(name)}" for name in (source.unit, source.group, source.time))
        twice = source.con.execute(
            f"SELECT {unit}, {group}, {time} FROM {source.relation} r SEMI JOIN (SELECT unit, label FROM "
            f"_units WHERE rows <> last - first + 1 OR NOT once) s ON {unit} = s.unit AND {group} = s.label "
            "GROUP BY 1, 2, 3 HAVING count(*) > 1 ORDER BY 1, 2, 3 LIMIT 1"
        ).fetchall()
        if twice:
            raise DuplicateKey("two rows for {unit} in {group} in " + str(twice[0][2]),
                               unit=str(twice[0][0]), group=str(twice[0][1]))  # fmt: skip
        raise NotCollapsible(f"{counted(gaps, 'unit')} without a row in a period between first and last")
    if moved:
        raise NotCollapsible(f"{counted(moved, 'unit')} in more than one {source.cluster}")


def _patterns(source: Relation) -> pd.DataFrame:
    """Table of the patterns; units get ``base``, so that base + period's code is the cell."""
    source.con.execute(
        "CREATE OR REPLACE TEMP TABLE _patterns AS WITH alike AS (SELECT label, first, last, "
        "count(*)::INTEGER AS units, count(*) FILTER (mass > 0)::INTEGER AS active FROM _units GROUP BY ALL) "
        "SELECT *, (row_number() OVER by_key - 1)::INTEGER AS pattern, "
        "(sum(last - first + 1) OVER by_key - last - 1)::INTEGER AS base "
        "FROM alike WINDOW by_key AS (ORDER BY label, first, last)"
    )
    source.con.execute(
        "CREATE OR REPLACE TEMP TABLE _based AS SELECT unit, label, cluster, base FROM _units "
        "JOIN _patterns USING (label, first, last)"
    )
    return source.con.execute("SELECT * FROM _patterns ORDER BY pattern").df()


def _joined(source: Relation) -> str:
    return (
        f"FROM {source.relation} r JOIN _based u ON r.{_name(source.unit)} = u.unit AND "
        f"r.{_name(source.group)} = u.label JOIN _periods p ON r.{_name(source.time)} = p.value"
    )


def _spans(patterns: pd.DataFrame) -> np.ndarray:
    return np.concatenate(
        [np.arange(a, b + 1) for a, b in zip(patterns["first"], patterns["last"], strict=True)]
    )


def _sums(source: Relation, whole: str, cells: int) -> np.ndarray:
    """Scaled sums (C) of the cells. Rows that count are kept in a table, spilled to disk where memory
    ends: sums need no other row, scores neither."""
    source.con.execute(
        f"CREATE OR REPLACE TEMP TABLE _counted AS SELECT u.cluster, u.base + p.code AS cell, "
        f"r.{_name(source.y)} AS y {_joined(source)} WHERE r.{_name(source.y)} <> 0"
    )
    found = source.con.execute(
        f"SELECT cell, sum({whole})::DOUBLE AS total "
        f"FROM (SELECT cell, y AS {_name(source.y)} FROM _counted) r GROUP BY cell"
    ).fetchnumpy()
    sums = np.zeros(cells)
    sums[np.asarray(found["cell"])] = np.asarray(found["total"])
    return sums


def _columns(source: Relation, labels: pd.Series, pattern: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Regressors (C, K): looked up by group and period first, which needs no join; the few that differ
    there by cell. Raises ``InfiniteValue``, ``NotCollapsible``."""
    lost = " OR ".join(f"r.{_name(name)} IS NULL" for name in source.columns)
    # asked apart, because a file's statistics answer it without reading
    if source.con.execute(f"SELECT count(*) FROM {source.relation} r WHERE {lost}").fetchall()[0][0]:
        raise InfiniteValue(f"one of {', '.join(source.columns)} is missing")
    groups = pd.Index(labels.unique())
    sides = f"r.{_name(source.group)} AS label, r.{_name(source.time)} AS value"
    read = source.con.execute(
        "SELECT * FROM ("
        f"SELECT {sides}, {_extremes(source.columns)} FROM {source.relation} r GROUP BY ALL"
        ") JOIN _periods USING (value)"
    ).df()
    at = np.full((len(groups), int(time.max()) + 1), -1)
    at[groups.get_indexer(read["label"]), read["code"]] = np.arange(len(read))
    row = at[groups.get_indexer(labels)[pattern], time]
    low, high = (
        read[[f"{end}{k}" for k in range(len(source.columns))]].to_numpy(float) for end in ("low", "high")
    )
    varying = np.flatnonzero((low != high).any(axis=0))
    X = np.asarray(low[row])
    if varying.size:
        names = [source.columns[k] for k in varying]
        cells = source.con.execute(
            f"SELECT {_extremes(names)} {_joined(source)} GROUP BY u.base + p.code ORDER BY u.base + p.code"
        ).df()
        for i, (k, name) in enumerate(zip(varying, names, strict=True)):
            if not np.array_equal(cells[f"low{i}"], cells[f"high{i}"], equal_nan=True):
                raise NotCollapsible(
                    f"{name} differs between units of one {source.group}, span and {source.time}"
                )
            X[:, k] = cells[f"low{i}"]
    if not np.isfinite(X).all():
        raise InfiniteValue(f"one of {', '.join(source.columns)} is infinite or no number")
    return X


def _extremes(columns: Sequence[str]) -> str:
    each = ((k, f"r.{_name(name)}") for k, name in enumerate(columns))
    return ", ".join(f"min({x})::DOUBLE AS low{k}, max({x})::DOUBLE AS high{k}" for k, x in each)
