"""A small panel in the marts' columns, and the specs that ship."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import event_study
from event_study.specs.folder import load_specs
from event_study.specs.model import Spec
from event_study.study.questions import StudyTables, estimate, identify

SPECS = Path(event_study.__file__).parent / "specs"
NAMES = {"CN": "China", "US": "United States"}
EVENTS = {
    "chips-and-science-act-2022-08": date(2022, 8, 9),
    "bis-advanced-computing-rule-2022-10-07": date(2022, 10, 7),
    "bis-acs-rule-2023-10-17": date(2023, 10, 17),
    "bis-hbm-sme-package-2024-12-02": date(2024, 12, 2),
}


def quarters() -> list[date]:
    return [date(y, m, 1) for y in range(2020, 2026) for m in (1, 4, 7, 10)][:23]


def months() -> list[date]:
    return [date(y, m, 1) for y in range(2019, 2026) for m in range(1, 13)]


@dataclass
class Study:
    """Everything ``identify`` and ``estimate`` take; tests change what they are about."""

    panel: dict[str, pd.DataFrame]
    dim_outcome: pd.DataFrame
    dim_event: pd.DataFrame
    dim_country: pd.DataFrame
    specs: list[Spec]
    planted: dict[str, dict[str, float]]

    def identify(self, **options: object) -> pd.DataFrame:
        dims = (self.dim_outcome, self.dim_event, self.dim_country)
        return identify(self.panel, *dims, self.specs, **options)  # type: ignore[arg-type]

    def estimate(self, identification: pd.DataFrame | None = None, **options: object) -> StudyTables:
        made = self.identify(**options) if identification is None else identification
        dims = (self.dim_outcome, self.dim_event, self.dim_country)
        return estimate(
            self.panel, *dims, self.specs, made, planted=self.planted, origin="sample",
            inputs_sha256="0" * 64, **options,  # type: ignore[arg-type]
        )  # fmt: skip

    def only(self, *ids: str) -> Study:
        self.specs = [s for s in self.specs if s.id in ids]
        return self

    def quarterly(self) -> Study:
        """Without the monthly counts, whose fits take most of the time."""
        self.dim_outcome = self.dim_outcome[self.dim_outcome["outcome"] == "pushes"]
        return self

    def verdict(self, outcome: str, event_set: str = "tightening", contrast: str = "CN_donors") -> pd.Series:
        made = self.identify()
        keys = (made["outcome"] == outcome) & (made["event_set"] == event_set)
        return made[keys & (made["contrast"] == contrast)].iloc[0]


def rows(outcome: str, values: np.ndarray, units: list[str], periods: list[date]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "country": np.repeat(units, len(periods)),
            "period": periods * len(units),
            "outcome": outcome,
            "value": values.ravel().astype(float),
            "is_complete": True,
        }
    )
    return frame.assign(n_units=1, coverage=1.0, regime=None, source="s")


def build(donors: int = 24, seed: int = 1) -> Study:
    rng = np.random.default_rng(seed)
    units = ["CN", "US", *(f"D{i:02d}" for i in range(donors))]
    effect = np.array([(d >= date(2022, 10, 1)) * 0.5 for d in quarters()])
    level = rng.normal(10, 1, (len(units), 1))
    logs = level + rng.normal(0, 0.03, (len(units), len(quarters())))
    logs[0] += effect
    counts = rng.poisson(np.exp(rng.normal(1.2, 0.3, (len(units), 1))), (len(units), len(months())))
    return Study(
        panel={
            "quarter": rows("pushes", np.exp(logs), units, quarters()),
            "month": rows("models", counts, units, months()),
        },
        dim_outcome=pd.DataFrame(
            {
                "outcome": ["pushes", "models"],
                "frequency": ["quarter", "month"],
                "estimator": ["ols_log", "ppml"],
                "is_primary": True,
                "window_start": None,
                "window_end": None,
            }
        ),
        dim_event=pd.DataFrame(
            {
                "event_id": list(EVENTS),
                "instrument": ["statute", "rule", "rule", None],
                "announced": list(EVENTS.values()),
            }
        ),
        dim_country=pd.DataFrame(
            {
                "country": units,
                "name": [NAMES.get(u, u) for u in units],
                "is_treated": [u == "CN" for u in units],
                "is_default_donor": [u not in ("CN", "US") for u in units],
                "region": ["Eastern Asia"] * len(units),
            }
        ),
        # a spec that names outcomes names those of the marts
        specs=[spec for spec in load_specs(SPECS) if isinstance(spec.outcomes, str)],
        planted={"pushes": {"bis-advanced-computing-rule-2022-10-07": 0.5}, "models": {}},
    )


@pytest.fixture
def study() -> Study:
    return build().quarterly()


@pytest.fixture
def both() -> Study:
    """The quarterly outcome and the monthly counts."""
    return build()


@pytest.fixture(scope="session")
def make_study() -> Callable[..., Study]:
    return build


@pytest.fixture(scope="session")
def spec_folder() -> Path:
    return SPECS
