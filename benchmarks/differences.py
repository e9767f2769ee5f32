"""What differs between the tables of two homes: `python -m benchmarks.differences HOME HOME`.

For a change of structure that must move no number: both homes are made from one archive, by two
commits. Rows are aligned by the tables' keys; a column that only one home has is named, not compared.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from tabulate import tabulate

from event_study.schemas import KEYS

COLUMNS = ("table", "rows", "other rows", "other texts", "largest difference", "columns of one home")
FOLDERS = ("marts", "results")
HASHES = ("inputs_sha256", "spec_sha256", "specs_sha256", "spec_hash")  # of code and specs, not of numbers


def main(old: Path, new: Path) -> None:
    rows = []
    for folder in FOLDERS:
        names = sorted({p.stem for home in (old, new) for p in (home / folder).glob("*.parquet")})
        paths = [(old / folder / f"{name}.parquet", new / folder / f"{name}.parquet") for name in names]
        rows += [_compared(*pair) for pair in paths]
    print(tabulate(rows, COLUMNS))
    differ = [row[0] for row in rows if any(row[2:5])]
    largest = max((row[4] for row in rows), default=0.0)
    print(f"largest difference: {largest:g}; tables that differ: {', '.join(differ) or 'none'}")


def _compared(old: Path, new: Path) -> tuple[str, int, int, int, float, str]:
    if not (old.is_file() and new.is_file()):
        return new.stem, 0, 0, 0, 0.0, f"all: in the {'second' if new.is_file() else 'first'} home alone"
    one, two = pq.read_table(old).to_pandas(), pq.read_table(new).to_pandas()
    alone = sorted({*one.columns} ^ {*two.columns})
    shared = [c for c in one.columns if c in two.columns and c not in HASHES]
    key = [c for c in KEYS.get(new.stem, ()) if c in shared] + [c for c in shared if c.startswith("choice_")]
    if key and not one.duplicated(key).any() and not two.duplicated(key).any():
        one, two = one.set_index(key, drop=False), two.set_index(key, drop=False)
    same = one.index.intersection(two.index)
    others = len(one) + len(two) - 2 * len(same)
    one, two = one.loc[same, shared], two.loc[same, shared]
    texts, largest = 0, 0.0
    for column in shared:
        a, b = one[column], two[column]
        if pd.api.types.is_float_dtype(a):
            x, y = a.to_numpy(float), b.to_numpy(float)
            texts += int((np.isnan(x) != np.isnan(y)).sum())
            both = ~(np.isnan(x) | np.isnan(y))
            largest = max(largest, float(np.abs(x[both] - y[both]).max(initial=0.0)))
        else:
            x, y = (v.astype(object).where(v.notna(), "").astype(str).to_numpy() for v in (a, b))
            texts += int((x != y).sum())
    return new.stem, len(same), others, texts, largest, ", ".join(alone)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
