"""Small panels of repositories, origins and weeks, and pyfixest with every choice spelled out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyfixest as pf

from event_study.units.lags import lag_table
from event_study.units.result import UnitStudy

EVENTS = {"d1": date(2022, 8, 9), "d2": date(2022, 10, 7), "d3": date(2023, 10, 17), "d4": date(2024, 12, 2)}
WEEKS = [date(2022, 5, 30) + timedelta(weeks=w) for w in range(165)]
KEYS = {"y": "forks", "unit": "repo", "group": "origin", "time": "week"}


def lags(weeks: Sequence[date] = WEEKS) -> tuple[pd.DataFrame, list[str]]:
    """The weekly design of the four events: 17 columns."""
    table = lag_table(weeks, ["CN", "US"], treated="CN", events=EVENTS, group="origin", time="week")
    return table, list(table.columns[2:])


def staggered(seed: int, repos: int = 12, cohorts: int = 3, exits: bool = True) -> pd.DataFrame:
    """Counts with entry (and exit) cohorts and the 17 columns; ``cohorts`` 1 is balanced."""
    rng, (table, names) = np.random.default_rng(seed), lags()
    rows = []
    for repo in range(repos):
        first = 5 * (repo % cohorts)
        last = len(WEEKS) - (3 * (repo % 2) if exits and cohorts > 1 else 0)
        for origin in ("CN", "US"):
            rows += [(f"r{repo:03d}", origin, week) for week in WEEKS[first:last]]
    frame = pd.DataFrame(rows, columns=["repo", "origin", "week"]).merge(table, on=["origin", "week"])
    size = rng.normal(0, 1, repos)[frame["repo"].str[1:].astype(int)] + (frame["origin"] == "US")
    mean = np.exp(size + frame[names].to_numpy() @ np.linspace(-0.3, 0.5, len(names)))
    return frame.assign(forks=rng.poisson(mean))


def ragged(seed: int) -> pd.DataFrame:
    """A random unbalanced panel of any missing rows: unit, time, three columns, y, counts, weights."""
    rng = np.random.default_rng(seed)
    units, periods = rng.integers(8, 30, 2)
    full = pd.MultiIndex.from_product([range(units), range(periods)], names=["unit", "time"]).to_frame(
        index=False
    )
    frame = full[rng.random(len(full)) < rng.uniform(0.4, 1)].reset_index(drop=True)
    for name in ("a", "b", "c"):
        frame[name] = rng.normal(size=len(frame)) + 0.01 * frame["unit"] * frame["time"]
    frame["y"] = rng.normal(size=len(frame)) + frame["a"] + 0.1 * frame["time"]
    frame["n"] = rng.poisson(np.exp(rng.normal(size=units)[frame["unit"]] + 0.3 * frame["b"] - 0.5))
    frame["w"] = rng.uniform(0.5, 2, len(frame))
    frame["team"] = frame["unit"] // rng.integers(1, 3)
    return frame


def peer(
    frame: pd.DataFrame, y: str, columns: Sequence[str], unit: str, time: str, cluster: str, *,
    family: str = "ols", weights: str | None = None,
) -> tuple[np.ndarray, np.ndarray, int]:  # fmt: skip
    """pyfixest's coefficients, errors at its own factor without effects counted, and rows."""
    formula = f"{y} ~ {' + '.join(columns)} | {unit} + {time}"
    options = {"vcov": {"CRV1": cluster}, "ssc": pf.ssc(k_adj=True, k_fixef="none", G_adj=True, G_df="min")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if family == "ols":
            fit = pf.feols(formula, frame, weights=weights, **options)
        else:
            # its default demeaning, to 1e-6, leaves its errors wrong in the sixth digit
            checks = {
                "separation_check": ["fe", "ir"], "iwls_tol": 1e-12, "iwls_maxiter": 200, "fixef_tol": 1e-12,
                "fixef_maxiter": 100_000,
            }  # fmt: skip
            fit = pf.fepois(formula, frame, **checks, **options)
    return fit.coef().to_numpy(), fit.se().to_numpy(), int(fit._N)


def factored(errors: np.ndarray, made: UnitStudy) -> np.ndarray:
    """The peer's errors with effects that are not nested in clusters counted among k."""
    return np.asarray(errors * np.sqrt((made.n - len(made.names)) / (made.n - made.k)))
