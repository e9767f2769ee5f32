"""One family of hypotheses over events and outcomes: p-values adjusted for having looked at them all.

The step-down of Romano and Wolf (2005) on the matrix of studentised placebo statistics: units in rows
(those that have every outcome), hypotheses in columns. The statistics are those that the headline ranks, so
that an adjusted p is never below the headline's own; the test by forecasts confirms one verdict at a time
(``claims.verdict``) and is adjusted over one outcome's steps alone. Not here: the step-down itself
(``ri_studentised``), one outcome's own steps (``fit_diagnostics``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from event_study.inference.ri_studentised import romano_wolf
from event_study.sensitivity.diagnostics import Diagnostic
from event_study.study.answer import Answer
from event_study.study.fit_diagnostics import studentised_steps
from event_study.study.fits import Fit

Adjusted = tuple[Answer, list[Diagnostic]]


def adjusted(headlines: Iterable[Answer]) -> Iterator[Adjusted]:
    """The diagnostics of every headline, by contrast, event set and trend.

    ``romano_wolf``: the mean step's p over outcomes; ``romano_wolf:<event>``: each step's over events
    and outcomes. A family whose outcomes share too few donors for a test at its level says so instead.
    """
    families: dict[tuple[str, str, str], list[tuple[Answer, Fit]]] = defaultdict(list)
    for answer in headlines:
        if answer.fit is not None:
            asked = answer.question
            families[asked.contrast.name, asked.event_set.name, asked.trend].append((answer, answer.fit))
    for family in families.values():
        yield from _family(family)


def _family(family: Sequence[tuple[Answer, Fit]]) -> Iterator[Adjusted]:
    fits = [fit for _, fit in family]
    shared = set.intersection(*(set(fit.units[1:]) for fit in fits))
    among = f"over {len(fits)} outcomes, among the {len(shared)} donors that have all of them"
    needed = max(fit.case.needed for fit in fits)
    if len(shared) < needed:
        why = f"not adjusted {among}: at least {needed} needed"
        for answer, _ in family:
            yield answer, [Diagnostic("romano_wolf", None, None, why)]
        return
    order = [np.asarray([0, *_positions(fit, shared)]) for fit in fits]
    means = np.column_stack([_mean_step(fit)[rows] for fit, rows in zip(fits, order, strict=True)])
    steps = [studentised_steps(fit)[rows] for fit, rows in zip(fits, order, strict=True)]
    ends = np.cumsum([block.shape[1] for block in steps])
    p_means, p_steps = romano_wolf(means), np.split(romano_wolf(np.hstack(steps)), ends[:-1])
    for (answer, fit), p_mean, p_each, ratio in zip(family, p_means, p_steps, means[0], strict=True):
        over = f"step, step-down over {ends[-1]} steps {among}"
        yield (
            answer,
            [
                Diagnostic("romano_wolf", float(ratio), float(p_mean), f"mean step, step-down {among}"),
                *(
                    Diagnostic(f"romano_wolf:{event}", None, float(p), over)
                    for event, p in zip(fit.design.names, p_each, strict=True)
                ),
            ],
        )


def _positions(fit: Fit, shared: set[str]) -> list[int]:
    place = {unit: i for i, unit in enumerate(fit.units)}
    return [place[unit] for unit in sorted(shared)]


def _mean_step(fit: Fit) -> np.ndarray:
    return np.asarray(np.abs(fit.values(fit.mean_step())) / fit.fits.scale)
