"""What stands beside a change in an event's window: how few units carry it, and whose the unknown may be.

None of it is a test of the event. Not here: the change and its test (``windows``, ``inference.ri_windows``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from event_study.bounds.identified_set import UnionBounds
from event_study.cohorts.flows import Flows
from event_study.cohorts.windows import (
    COMPARISON,
    TREATED,
    Windows,
    changes,
    changes_of,
    members,
    side_of,
    without,
)
from event_study.errors import EventStudyError, counted
from event_study.inference.ri_studentised import TIE
from event_study.inference.ri_units import permuted_p
from event_study.inference.ri_windows import WindowsTest, placebo_windows, windows_test
from event_study.sensitivity.diagnostics import Diagnostic
from event_study.specs.unit_model import Sides, UnitSpec
from event_study.units.result import interval
from event_study.units.two_way import fit_ppml, fit_twfe


@dataclass(frozen=True)
class Judged:
    """A change with all that it was made from: ``at`` the event's position, ``here`` the index of its
    window, ``log`` whether it is one of log points, ``events`` the positions placebos keep away from."""

    spec: UnitSpec
    sides: Sides
    log: bool
    flows: Flows
    made: Windows
    at: int
    here: int
    change: float
    test: WindowsTest | None
    bounds: UnionBounds | None
    events: tuple[int, ...]


def beside(judged: Judged) -> Iterator[Diagnostic]:
    """Every diagnostic of one change."""
    units, before = judged.made.units[judged.here], judged.made.before[judged.here]
    for name, one in (("units_treated", TREATED), ("units_comparison", COMPARISON)):
        lost = int(before[one] - units[one])
        yield Diagnostic(name, float(units[one]), None, f"{lost} more lack a week of the event's window")
    if judged.test is not None:
        yield Diagnostic("statistic", judged.test.t, judged.test.p_value, "change over its own noise")
        yield Diagnostic("minimum_detectable_effect", judged.test.detectable, None, "80 % power")
    window = judged.flows.values[:, judged.at - judged.spec.half : judged.at + judged.spec.half]
    kept = members(judged.flows, judged.spec, np.asarray([judged.at]))[0][:, 0]
    side = np.where(kept, side_of(judged.flows, judged.sides), -1)
    yield from _permutation(judged, window, side)
    yield from _clustered(judged, window, side)
    yield from _without_largest(judged, window, side)
    if judged.log and judged.sides.comparison == "others":
        yield from _among_places(judged, window[kept], judged.flows.places[kept])
    if judged.bounds is not None:
        for name, end in (("unknown_low", judged.bounds.low), ("unknown_high", judged.bounds.high)):
            value = end if math.isfinite(end) else None
            yield Diagnostic(name, value, None, "over every share of the unknown given to the treated")


def _permutation(judged: Judged, window: np.ndarray, side: np.ndarray) -> Iterator[Diagnostic]:
    spec, inside = judged.spec, np.isin(side, (TREATED, COMPARISON))
    p = permuted_p(
        window[inside, : spec.half].sum(axis=1), window[inside, spec.half :].sum(axis=1),
        side[inside] == TREATED, log=judged.log, draws=spec.draws, seed=spec.seed,
    )  # fmt: skip
    yield Diagnostic("permutation", None, p, f"{spec.draws} draws of sides; no test of an event")


def _clustered(judged: Judged, window: np.ndarray, side: np.ndarray) -> Iterator[Diagnostic]:
    """The same change as a fit with unit and week effects gives it, with errors clustered by unit."""
    at, weeks = np.flatnonzero(np.isin(side, (TREATED, COMPARISON))), window.shape[1]
    rows = pd.DataFrame({
        "row": np.repeat(at, weeks),
        "unit": np.repeat(judged.flows.units[at], weeks),
        "week": np.tile(np.arange(weeks), len(at)),
        "step": np.outer(side[at] == TREATED, np.arange(weeks) >= judged.spec.half).ravel().astype(float),
        "y": window[at].ravel(),
    })  # fmt: skip
    try:
        fit = (fit_ppml if judged.log else fit_twfe)(
            rows, y="y", unit="row", time="week", columns=["step"], cluster="unit"
        )
    except EventStudyError as why:
        yield Diagnostic("clustered_error", None, None, f"no fit: {why.reason({})}")
        return
    error = float(fit.std_error[0])
    p = interval(float(fit.coef[0]), error, fit.g, judged.spec.alpha)[0]
    yield Diagnostic("clustered_error", error, p, f"{counted(fit.g, 'cluster')}: conventional")


def _among_places(judged: Judged, window: np.ndarray, places: np.ndarray) -> Iterator[Diagnostic]:
    """Each place's change against all others of known place, over its own noise in the window: the rank of
    the treated one. Places differ in how many units they rest on, so that this is a description too."""
    known = [str(place) for place in np.unique(places) if place != judged.sides.unknown]
    sums = np.stack([window[places == place].sum(axis=0) for place in known])
    made = changes_of(np.stack([sums, sums.sum(axis=0) - sums], axis=1))
    counts = np.isfinite(made[0]) & (made[1] > 0)
    own = known.index(judged.sides.treated)
    if counts.sum() < 2 or not counts[own]:
        return
    t = np.abs(made[0][counts] / made[1][counts])
    p = float((t >= t[counts[:own].sum()] - TIE).mean())
    alone = sum((places == place).sum() == 1 for place, fine in zip(known, counts, strict=True) if fine)
    yield Diagnostic(
        "rank_among_places", float(len(t) - 1), p,
        f"rank of the change among {len(t)} places, {alone} of them with one unit; no test of an event",
    )  # fmt: skip


def _without_largest(judged: Judged, window: np.ndarray, side: np.ndarray) -> Iterator[Diagnostic]:
    """The change and its p without the unit of each side that has most before the event, at every date."""
    before = window[:, : judged.spec.half].sum(axis=1)
    for name, one in (("without_largest_treated", TREATED), ("without_largest_comparison", COMPARISON)):
        largest = int(np.argmax(np.where(side == one, before, -1.0)))
        unit, share = judged.flows.units[largest], before[largest] / before[side == one].sum()
        made = without(judged.made, judged.flows, unit, judged.spec, judged.sides)
        change, scale = changes(made, judged.log)
        note = f"{unit}, {100 * share:.0f} % of its side before the event"
        if not np.isfinite(change[judged.here]):
            yield Diagnostic(name, None, None, f"{note}: too few are left")
            continue
        tested = _tested(judged, made, change, scale)
        yield Diagnostic(name, float(change[judged.here]), None if tested is None else tested.p_value, note)


def _tested(judged: Judged, made: Windows, change: np.ndarray, scale: np.ndarray) -> WindowsTest | None:
    placebos = placebo_windows(made.at, change, scale, judged.events, judged.spec.half)
    try:
        return windows_test(
            float(change[judged.here]), float(scale[judged.here]), placebos, judged.spec.alpha
        )
    except EventStudyError:
        return None
