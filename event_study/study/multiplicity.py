"""One family of hypotheses over events and outcomes: p-values adjusted for having looked at them all.

The step-down of Romano and Wolf (2005) on the matrix of studentised placebo statistics: units in rows
(those that carry every outcome), hypotheses in columns. Not here: the step-down itself
(``ri_studentised``), one outcome's own steps (``findings``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from event_study.inference.ri_studentised import romano_wolf
from event_study.limits import MIN_DONORS
from event_study.study.findings import Finding, studentised_steps
from event_study.study.fits import Fit
from event_study.study.records import Row

Headline = tuple[Row, Fit]


def adjusted(headlines: Iterable[Headline]) -> Iterator[tuple[Row, list[Finding]]]:
    """The findings of every headline row, by contrast, event set and trend.

    ``romano_wolf``: the mean step's p over outcomes; ``romano_wolf:<event>``: each step's over events
    and outcomes. A family whose outcomes share too few donors for a test at 5 % says so instead.
    """
    families: dict[tuple[object, ...], list[Headline]] = defaultdict(list)
    for row, fit in headlines:
        families[row["contrast"], row["event_set"], row["trend"]].append((row, fit))
    for family in families.values():
        yield from _family(family)


def _family(family: Sequence[Headline]) -> Iterator[tuple[Row, list[Finding]]]:
    fits = [fit for _, fit in family]
    shared = set.intersection(*(set(fit.units[1:]) for fit in fits))
    told = f"over {len(fits)} outcomes, among the {len(shared)} donors that carry all of them"
    if len(shared) < MIN_DONORS:
        for row, _ in family:
            yield (
                row,
                [Finding("romano_wolf", None, None, f"not adjusted {told}: at least {MIN_DONORS} needed")],
            )
        return
    order = [np.asarray([0, *_positions(fit, shared)]) for fit in fits]
    means = np.column_stack([_mean_step(fit)[rows] for fit, rows in zip(fits, order, strict=True)])
    steps = [studentised_steps(fit)[rows] for fit, rows in zip(fits, order, strict=True)]
    ends = np.cumsum([block.shape[1] for block in steps])
    p_means, p_steps = romano_wolf(means), np.split(romano_wolf(np.hstack(steps)), ends[:-1])
    for (row, fit), p_mean, p_own, ratio in zip(family, p_means, p_steps, means[0], strict=True):
        found = [Finding("romano_wolf", float(ratio), float(p_mean), f"mean step, step-down {told}")]
        found += [
            Finding(f"romano_wolf:{event}", None, float(p), f"step, step-down over {ends[-1]} steps {told}")
            for event, p in zip(fit.design.names, p_own, strict=True)
        ]
        yield row, found


def _positions(fit: Fit, shared: set[str]) -> list[int]:
    place = {unit: i for i, unit in enumerate(fit.units)}
    return [place[unit] for unit in sorted(shared)]


def _mean_step(fit: Fit) -> np.ndarray:
    own = fit.case.own
    values = fit.values(fit.design.contrast(own, fit.case.event_set.weights(own)))
    return np.asarray(np.abs(values) / fit.fits.scale)
