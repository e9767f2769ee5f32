"""Ways in which a file can be wrong and still be a file: each makes one change of one kind.

Frames of text in, frames of text out; lists and objects for JSON. ``of_frame`` and ``of_json`` turn
them into changes of files. Nothing here is random but by a fixed seed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.mutations.listed import Change, Changes, Files, csv_bytes, json_bytes

FrameChange = Callable[[pd.DataFrame], pd.DataFrame]
SEED = 14


def of_frame(glob: str, change: FrameChange, place: int = -1) -> Change:
    """Change one CSV: the newest of those that match, or the one in this ``place``."""

    def changed(files: Files) -> Changes:
        path = files.paths(glob)[place]
        return {path: csv_bytes(change(files.frame(path)))}

    return changed


def of_json(glob: str, change: Callable[[Any], Any], place: int = -1) -> Change:
    def changed(files: Files) -> Changes:
        path = files.paths(glob)[place]
        return {path: json_bytes(change(files.json(path)))}

    return changed


def of_bytes(glob: str, change: Callable[[bytes], bytes], place: int = -1) -> Change:
    def changed(files: Files) -> Changes:
        path = files.paths(glob)[place]
        return {path: change(files.read(path))}

    return changed


def copied(glob: str, source: int, target: int) -> Change:
    """One file's bytes under the name of another."""

    def changed(files: Files) -> Changes:
        paths = files.paths(glob)
        return {paths[target]: files.read(paths[source])}

    return changed


def copied_within_venue(glob: str) -> Change:
    """The newest file of a venue is last year's, its ids renamed as the publisher would."""

    def changed(files: Files) -> Changes:
        before, newest = files.paths(glob)[-2:]
        years = [re.findall(r"\d{4}", path)[-1] for path in (before, newest)]
        text = files.read(before).decode().replace(f'"id": "{before.split("/")[0]}{years[0]}', '"id": "')
        return {newest: text.encode()}

    return changed


def redated(glob: str, day: str) -> Change:
    """The newest version once more, under a later day."""

    def changed(files: Files) -> Changes:
        path = files.paths(glob)[-1]
        return {re.sub(r"\d{4}-\d{2}-\d{2}", day, path): files.read(path)}

    return changed


def removed(glob: str, place: int) -> Change:
    return lambda files: {files.paths(glob)[place]: None}


# frames


def same(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


def shuffled_rows(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=SEED)


def reversed_columns(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame.columns[::-1]]


def swapped(column: str, one: str, other: str) -> FrameChange:
    """Two texts of a column exchanged, wherever they stand in a cell."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        cells = [c.replace(one, "\0").replace(other, one).replace("\0", other) for c in frame[column]]
        return frame.assign(**{column: cells})

    return change


def swapped_values(column: str, one: str, other: str) -> FrameChange:
    """Two whole values of a column exchanged."""
    return inverted(column, **{one: other})


def lower(column: str) -> FrameChange:
    return lambda frame: frame.assign(**{column: frame[column].str.lower()})


def columns_exchanged(one: str, other: str) -> FrameChange:
    return lambda frame: frame.assign(**{one: frame[other], other: frame[one]})


def multiplied(column: str, factor: float, **only: str) -> FrameChange:
    """A number times a factor, in the rows that have these values."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        chosen = _rows(frame, only) & (frame[column] != "")
        numbers = frame.loc[chosen, column].astype(float) * factor
        return _with(frame, chosen, column, numbers.round().astype("int64").astype(str))

    return change


def set_to(column: str, value: str, **only: str) -> FrameChange:
    return lambda frame: _with(frame, _rows(frame, only), column, value)


def renamed_value(column: str, old: str, new: str) -> FrameChange:
    return lambda frame: frame.assign(**{column: frame[column].str.replace(old, new, regex=False)})


def renamed_column(old: str, new: str) -> FrameChange:
    return lambda frame: frame.rename(columns={old: new})


def shuffled(column: str) -> FrameChange:
    """The same values in other rows."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        mixed = np.random.default_rng(SEED).permutation(frame[column].to_numpy(dtype=object))
        return frame.assign(**{column: mixed})

    return change


def rotated(column: str) -> FrameChange:
    """Each value takes the place of the next in order: every country is called as its neighbour."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        values = sorted(frame[column].unique())
        following = dict(zip(values, values[1:] + values[:1], strict=True))
        return frame.assign(**{column: frame[column].map(following)})

    return change


def emptied(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.head(0)


def half(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sample(frac=0.5, random_state=SEED).sort_index()


def cut(share: float) -> FrameChange:
    """The file ends at a line end, too early."""
    return lambda frame: frame.head(int(len(frame) * share))


def doubled(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, frame])


def half_of(column: str, **only: str) -> FrameChange:
    """Every second value of a column goes, in the rows that have these values."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        gone = sorted(frame.loc[_rows(frame, only), column].unique())[::2]
        return frame[~(_rows(frame, only) & frame[column].isin(gone))]

    return change


def without(column: str, value: str, since: str = "", moment: str = "year") -> FrameChange:
    """No row of one value (from a moment on)."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        late = frame[moment] >= since if since else True
        return frame[~(frame[column].str.contains(value, regex=False) & late)]

    return change


def without_last(column: str, other: str | None = None) -> FrameChange:
    """The newest period is gone."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        when = _moments(frame, column, other)
        return frame[when < when.max()]

    return change


def last_is_the_one_before(year: str, other: str | None, value: str, key: str) -> FrameChange:
    """The newest period repeats the values of the period before."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        when = _moments(frame, year, other)
        newest = when.max()
        before = frame[when == when[when < newest].max()].drop_duplicates(key).set_index(key)[value]
        repeated = frame[key].map(before).where(when == newest)
        return frame.assign(**{value: repeated.fillna(frame[value])})

    return change


def moved(year: str, other: str | None) -> FrameChange:
    """Every period is called as the one after it."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        years = frame[year].astype(int)
        if other is None:
            return frame.assign(**{year: (years + 1).astype(str)})
        numbers = years * 4 + frame[other].astype(int)
        return frame.assign(**{year: (numbers // 4).astype(str), other: (numbers % 4 + 1).astype(str)})

    return change


def days_moved(column: str, days: int) -> FrameChange:
    """Every day of a column is another by so many days."""
    return lambda frame: frame.assign(**{column: [day_moved(value, days) for value in frame[column]]})


def days_and_months_exchanged(column: str) -> FrameChange:
    """2024-03-05 becomes 2024-05-03 wherever that is a day."""
    return lambda frame: frame.assign(**{column: [exchanged(value) for value in frame[column]]})


def inverted(column: str, /, **pairs: str) -> FrameChange:
    """Texts exchanged both ways: TRUE and FALSE, open and closed."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        both = {**pairs, **{new: old for old, new in pairs.items()}}
        return frame.assign(**{column: frame[column].map(lambda value: both.get(value, value))})

    return change


def exchanged(value: str) -> str:
    found = re.match(r"(\d{4})-(\d{2})-(\d{2})(.*)", value)
    if found is None or int(found[3]) > 12:
        return value
    return f"{found[1]}-{found[3]}-{found[2]}{found[4]}"


def day_moved(value: str, days: int) -> str:
    try:
        return (date.fromisoformat(value[:10]) + timedelta(days)).isoformat() + value[10:]
    except ValueError:
        return value


def _rows(frame: pd.DataFrame, only: dict[str, str]) -> pd.Series:
    chosen = pd.Series(True, frame.index)
    for column, value in only.items():
        chosen &= frame[column] == value
    return chosen


def _with(frame: pd.DataFrame, rows: pd.Series, column: str, values: Any) -> pd.DataFrame:
    frame = frame.copy()
    frame.loc[rows, column] = values
    return frame


def _moments(frame: pd.DataFrame, year: str, other: str | None) -> pd.Series:
    years = frame[year].astype(int)
    return years if other is None else years * 4 + frame[other].astype(int)
