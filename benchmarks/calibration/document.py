"""calibration.md: what was asked, the verdict, then every number, the headline first.

Not here: the numbers (``tally``), the figure (``figure``). No clock: the same draws give the same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from benchmarks.calibration.tally import Kind, Row
from benchmarks.calibration.trials import (
    CRV1,
    CRV1_ANY,
    CRV1_JOINT,
    GLS,
    IID,
    LARGEST,
    MEAN_STEP,
    POISSON,
    SINGLE,
    STEPWISE,
    STEPWISE_ONE_TRUE,
    UNADJUSTED,
)
from benchmarks.calibration.worlds import RHO, SHOCKS, WORLDS

LEVEL, SETS = (0.03, 0.07), (0.93, 0.97)  # what is asked of the headline at 5 %

TITLES = {world.name: world.title for world in WORLDS}


def markdown(rows: Sequence[Row], *, seed: int, made_with: str) -> str:
    """The document; ``made_with``: machine and versions on one line."""
    draws = sorted({row.draws + row.without_verdict for row in rows})
    return "\n\n".join([
        "# Calibration of the headline test (SIMULATED)",
        "Written by `make calibrate` (`python -m benchmarks.calibrate`); not edited by hand. Every number on "
        "this page comes from simulated panels with a known truth, none from data. "
        f"{' and '.join(f'{n:,}' for n in draws)} draws for every row, seed {seed}. {made_with}",
        _asked(),
        "## Verdict\n\n" + "\n".join(f"- {line}" for line in verdict(rows)),
        "## One event\n\n" + _HOW_TO_READ + "\n\n" + _headlines(rows, overlapping=False),
        "## Four overlapping events\n\n" + _OVERLAP + "\n\n" + _headlines(rows, overlapping=True),
        _ALL_FOUR + "\n\n" + _families(rows),
        "## Power\n\n![SIMULATED: power against effect size](power.svg)\n\n" + _POWER + "\n\n" + _power(rows),
        "## Where the level is lost\n\n" + _STRESS + "\n\n" + _stress(rows),
    ]) + "\n"  # fmt: skip


def _asked() -> str:
    worlds = "\n".join(f"| {world.name} | {world.title} |" for world in WORLDS if not world.stress)
    return (
        "## What was asked\n\n"
        "At a nominal 5 %, with 20, 40 and 60 donors: does the headline (rank of |b|/s, `ri_studentised`) "
        "reject 3 to 7 % of true nulls, do its closed-form sets cover 93 to 97 %, and what do conventional "
        f"errors say on the same draws? Noise is Gaussian AR({RHO:g}) by month; one event with 12 (or 30) "
        f"months after it in 60, or {', '.join(name for name, _ in SHOCKS)} in 70 months from January 2020. "
        "Fits and tests are `event_study`'s own functions.\n\n"
        f"| design | what differs |\n|---|---|\n{worlds}"
    )


_HOW_TO_READ = (
    "Share of true nulls rejected, in brackets its exact 95 % Monte-Carlo interval. With J donors a rank "
    "test can only reject floor(0.05 (J+1)) of J+1 times: that is its exact size where units are "
    "exchangeable. A set covers exactly what its test does not reject, so coverage of no effect is one less "
    "the rejected share. The planted effect (2 sd) is put in and everything is estimated anew; for an effect "
    "that adds, coverage must come out the same, since neither a placebo nor a scale sees the treated unit "
    "after the event; for counts it need not. CRV1 is clustered by unit; iid is ordinary least squares (for "
    "counts: the Poisson model's own errors)."
)
_OVERLAP = (
    "All four steps in one regression, without and with a unit trend. The headline is the mean step; planted "
    "for coverage: 2, 0, 1 and 1 sd. CRV1, iid and AR(1)-GLS are of the same mean step."
)
_ALL_FOUR = (
    "The four events looked at together, share of draws with an error anywhere. Without any effect the "
    "step-down rejects exactly where the largest step does. With the last step true (6 sd), an error is a "
    "rejection among the other three. CRV1's joint test is chi-square with 4 degrees of freedom."
)
_POWER = (
    "Share of draws in which the headline rejects, by the effect in sd of the treated unit's own series (for "
    "counts: of its log intensity); with overlapping events the same effect at each. The last column is the "
    "effect found with 80 % power, between grid points of 0.25 sd on a line."
)
_STRESS = (
    "Not promised, so that a reader knows the limit. The treated unit loads twice a donor's sd on a common "
    "random walk: trends are not parallel, and its gap is more persistent than the donors'. The factor's "
    "strength is its sd over 48 months in sd of a unit's noise; at 1 it is the design `extreme` above, drawn "
    "anew. A weak factor weighs in the treated unit's gap alone, whose later mean it moves more than it "
    "widens the months before: the test rejects too often. A strong one gives all units one ratio but for "
    "their noise, of which the treated unit has the least: the test hardly rejects at all.\n\n"
    "Many more worlds, those in which this test lies among them, and a test that holds there: "
    "[persistence](persistence.md)."
)


def verdict(rows: Sequence[Row]) -> list[str]:
    """Lines that say what was found, and which cells are outside what was asked."""
    headline = [row for row in rows if row.kind == Kind.HEADLINE]
    lines = [_range("The headline rejects a true null in", headline, "rejected", LEVEL)]
    for column, covered in (("coverage", "no effect"), ("coverage_planted", "the planted effect")):
        sets = [row for row in headline if getattr(row, column) is not None]
        lines.append(_range(f"Its sets cover {covered} in", sets, column, SETS))
    off = [row for row in headline if not row.rejected_low <= row.exact_size <= row.rejected_high]
    lines.append(
        f"In {len(off)} of {len(headline)} headline rows the exact size lies outside the 95 % Monte-Carlo "
        f"interval, where chance alone gives about {0.05 * len(headline):.0f}"
        + (f": {_named(off, 'rejected')}." if off else ".")
    )
    family = [row for row in rows if row.kind == Kind.FAMILY]
    lines.append(_range("Romano-Wolf with one true effect errs in", family, "rejected", (0.0, LEVEL[1])))
    if stressed := [row for row in rows if row.kind == Kind.STRESS]:
        low, high = (pick(stressed, key=attrgetter("rejected")) for pick in (min, max))
        lines.append(
            "Not promised: with a treated unit of extreme loading the level hangs on the strength of the "
            f"factor. It rejects between {_percent(low.rejected)} ({_name(low)}) and "
            f"{_percent(high.rejected)} ({_name(high)}); see the last table."
        )
    unadjusted = [row for row in rows if row.kind == Kind.UNADJUSTED]
    lines.append(f"Taking any of the four events' own p-values would err in {_span(unadjusted, 'rejected')}.")
    stress = {world.name for world in WORLDS if world.stress}
    conventional = [row for row in rows if row.kind == Kind.CONVENTIONAL and row.design not in stress]
    for test in dict.fromkeys(row.test for row in conventional):
        own = [row for row in conventional if row.test == test]
        lines.append(
            f"Conventional, on the same draws: {test} rejects {_span(own, 'rejected')}{_silent(own)}."
        )
    return lines


def _range(said: str, rows: Sequence[Row], column: str, band: tuple[float, float]) -> str:
    low, high = (pick(rows, key=attrgetter(column)) for pick in (min, max))
    outside = [row for row in rows if not band[0] <= getattr(row, column) <= band[1]]
    asked = f"asked: {100 * band[0]:.0f} to {100 * band[1]:.0f} %"
    met = f"outside it: {_named(outside, column)}" if outside else f"all {len(rows)} rows within"
    return (
        f"{said} between {_percent(getattr(low, column))} ({_name(low)}) and "
        f"{_percent(getattr(high, column))} ({_name(high)}); {asked}, {met}."
    )


def _span(rows: Sequence[Row], column: str) -> str:
    values = [getattr(row, column) for row in rows]
    return f"between {_percent(min(values))} and {_percent(max(values))}"


def _silent(rows: Sequence[Row]) -> str:
    lost, asked = (
        sum(row.without_verdict for row in rows),
        sum(row.draws + row.without_verdict for row in rows),
    )
    return f" (no convergence in {lost:,} of {asked:,} draws, left out)" if lost else ""


def _name(row: Row) -> str:
    trend = " with a unit trend" if row.trend == "unit" else ""
    test = "" if row.test.startswith("rank") and row.power_1sd is not None else f", {row.test}"
    return f"{row.design}{trend}, {row.donors} donors{test}"


def _named(rows: Iterable[Row], column: str) -> str:
    return "; ".join(f"{_name(row)}: {_percent(getattr(row, column))}" for row in rows)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"


def _interval(row: Row) -> str:
    return f"{_percent(row.rejected)} [{100 * row.rejected_low:.1f}, {100 * row.rejected_high:.1f}]"


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    return "\n".join(
        f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines)
    )  # fmt: skip


def _headlines(rows: Sequence[Row], *, overlapping: bool) -> str:
    """The headline with its sets, and conventional errors of the same number on the same draws."""
    test = MEAN_STEP if overlapping else SINGLE
    ranks = [row for row in rows if row.kind == Kind.HEADLINE and row.test == test]
    head = [
        "design",
        *(["unit trend"] if overlapping else []),
        "donors",
        "exact size",
        "**headline rejects**",
        "covers no effect",
        "covers planted",
        "CRV1",
        "iid",
        "AR(1)-GLS",
    ]
    return _table(head, (
        [*_place(r, overlapping), _percent(r.exact_size), f"**{_interval(r)}**", _percent(r.coverage),
         _percent(r.coverage_planted), *_conventional(rows, r)]
        for r in ranks
    ))  # fmt: skip


def _place(row: Row, overlapping: bool) -> list[str]:
    trend = ["with" if row.trend == "unit" else "without"] if overlapping else []
    return [row.design, *trend, str(row.donors)]


def _conventional(rows: Sequence[Row], headline: Row) -> list[str]:
    """CRV1, iid and AR(1)-GLS on the draws of a headline row."""
    same = {
        row.test: _percent(row.rejected)
        for row in rows
        if row.kind in (Kind.CONVENTIONAL, Kind.STRESS)
        and (row.design, row.trend, row.donors) == (headline.design, headline.trend, headline.donors)
    }
    return [same[CRV1], same.get(IID) or same[POISSON], same[GLS]]


def _families(rows: Sequence[Row]) -> str:
    """Every test that looks at all four events."""
    tests = [LARGEST, STEPWISE, STEPWISE_ONE_TRUE, UNADJUSTED, CRV1_JOINT, CRV1_ANY]
    found = {(row.design, row.trend, row.donors, row.test): row for row in rows}
    places = [row for row in rows if row.test == LARGEST]
    return _table(["design", "unit trend", "donors", *tests], (
        [*_place(r, True), *(_interval(found[r.design, r.trend, r.donors, test]) for test in tests)]
        for r in places
    ))  # fmt: skip


def _power(rows: Sequence[Row]) -> str:
    curves = [row for row in rows if row.power_1sd is not None and row.kind == Kind.HEADLINE]
    return _table(
        ["design", "unit trend", "donors", "1 sd", "2 sd", "3 sd", "4 sd", "found with 80 %"],
        (
            [*_place(r, True),
             *(_percent(p) for p in (r.power_1sd, r.power_2sd, r.power_3sd, r.power_4sd)),
             "above 4 sd" if r.detectable_80 is None else f"{r.detectable_80:.2f} sd"]
            for r in curves
        ),
    )  # fmt: skip


def _stress(rows: Sequence[Row]) -> str:
    names = [world.name for world in WORLDS if world.stress]
    ranks = [row for row in rows if row.design in names and row.test == SINGLE]
    head = ["world", "donors", "exact size", "headline rejects", "CRV1", "iid", "AR(1)-GLS"]
    return _table(head, (
        [TITLES[r.design], str(r.donors), _percent(r.exact_size), _interval(r), *_conventional(rows, r)]
        for r in ranks
    ))  # fmt: skip
