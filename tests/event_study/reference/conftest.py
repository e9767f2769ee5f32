"""Data sets that ship inside the installed packages, what pyfixest is asked for, and tolerances.

Every file is checked against the hash its numbers were computed from. Nothing here goes online:
loaders that would download, or make data up when they cannot, are not used.
"""

from __future__ import annotations

import hashlib
from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from event_study.estimators.design import Design

# what the reference table promises of a row
OLS, PPML, ERROR = 1e-8, 1e-6, 1e-6

# pyfixest's default k_fixef ("nonnested") depends on PYTHONHASHSEED; these two do not. All four options
# are given because its docstring and its signature name different defaults.
NONE = {"k_adj": True, "k_fixef": "none", "G_adj": True, "G_df": "min"}
FULL = NONE | {"k_fixef": "full"}

TEXAS = 48  # FIPS code of the state
PRISONS = date(1993, 1, 1)  # from when on Texas built prisons


def right(rows: int, regressors: int, levels: int) -> float:
    """Factor from an error under ``NONE`` to one that also counts the ``levels`` of the fixed effects
    that are not nested in the cluster: sqrt((N - K) / (N - K - levels))."""
    return float(np.sqrt((rows - regressors) / (rows - regressors - levels)))


def long(Y: np.ndarray, design: Design) -> pd.DataFrame:
    """``Y`` (1+J, T) as rows y, unit, time, and x0, x1, ...: the treated unit's event columns."""
    units, periods = Y.shape
    unit, time = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    frame = pd.DataFrame({"y": Y.ravel(), "unit": unit, "time": time})
    for k, column in enumerate(design.X.T[1:]):
        frame[f"x{k}"] = np.where(frame["unit"] == 0, column[frame["time"]], 0.0)
    return frame


def packaged(package: str, path: str, sha256: str) -> str:
    """Path of a data file of an installed package, if it is the file that the numbers are from."""
    pytest.importorskip(package)
    file = files(package).joinpath(path)
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    assert found.startswith(sha256), f"{package}/{path} is {found[:8]}, the numbers are from {sha256}"
    return str(file)


@pytest.fixture(scope="session")
def df_het() -> pd.DataFrame:
    """1,500 units in 40 states, 31 years, two treated cohorts with growing effects (pyfixest)."""
    frame = pd.read_csv(packaged("pyfixest", "did/data/df_het.csv", "2b67a1f9"))
    assert frame.shape == (46_500, 14)
    return frame


@pytest.fixture(scope="session")
def texas() -> pd.DataFrame:
    """Black male prisoners in 51 states, 1985 to 2000; Texas builds prisons from 1993 (causaldata)."""
    frame = pd.read_stata(packaged("causaldata", "texas/texas.dta", "dec7c0d9"))
    frame = frame[["statefip", "year", "bmprison"]].astype({"statefip": int, "year": int, "bmprison": float})
    assert frame.shape == (51 * 16, 3)
    return frame.assign(D=((frame["statefip"] == TEXAS) & (frame["year"] >= PRISONS.year)).astype(float))


@pytest.fixture(scope="session")
def grunfeld() -> pd.DataFrame:
    """Investment of 11 firms, 1935 to 1954 (statsmodels). Newey-West in pyfixest needs numeric ids."""
    frame = sm.datasets.grunfeld.load_pandas().data.astype({"year": int})
    assert len(frame) == 220
    return frame.assign(firm_id=frame["firm"].astype("category").cat.codes.astype(int))


@pytest.fixture(scope="session")
def nile() -> pd.DataFrame:
    """Flow of the Nile at Aswan, 1871 to 1970 (statsmodels)."""
    frame: pd.DataFrame = sm.datasets.nile.load_pandas().data
    return frame.astype({"year": int})


@pytest.fixture(scope="session")
def mpdta() -> pd.DataFrame:
    """Teen employment in 500 counties, 2003 to 2007; minimum wages rise in 2004, 2006, 2007 (moderndid)."""
    raw = pytest.importorskip("moderndid").load_mpdta()
    frame = pd.DataFrame(raw.to_dict(as_series=False)).rename(columns={"first.treat": "g"})
    assert len(frame) == 2_500
    return frame.assign(D=((frame["g"] > 0) & (frame["year"] >= frame["g"])).astype(float))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder is slow: the packages compile when they are first called."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
