"""A study of one's own in the terminal: estimates, leads and lags, what stands beside them.

Here: choosing and spelling what the tables hold. Not here: reading files, what is estimated
(``event_study.own``), how a table is drawn (``terminal``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console

from orchestration.command.terminal import table

if TYPE_CHECKING:
    from event_study.own.panel import OwnStudy
    from event_study.own.robustness import StudyWeights
    from event_study.own.spec import OwnSpec
    from event_study.specs.glossary import Glossary

Row = Mapping[str, Any]
NUMBERS = ("estimate", "ci_low", "ci_high")
SMALLEST, LARGEST = 6, 10  # decimals, and digits before them, beyond which a number has a power of ten
NAMED_WEIGHTS, LEAST_WEIGHT = 10, 0.01  # donors whose weight is shown; the others are counted
COMPARISONS = {
    "ols": "donors’ mean", "ols_log": "donors’ mean", "ppml": "donors’ sum",
    "synth": "synthetic control", "synth_log": "synthetic control",
    "sdid": "synthetic diff-in-diff", "sdid_log": "synthetic diff-in-diff",
}  # fmt: skip


@dataclass(frozen=True)
class StudyRows:
    """A study's rows as plain values: ``asked`` and ``further`` of the estimates with a number,
    ``diagnostics`` of both by estimate."""

    own: OwnSpec
    study: OwnStudy
    asked: Sequence[Row]
    further: Sequence[Row]
    diagnostics: Mapping[str, Sequence[Row]]

    @property
    def unit(self) -> str:
        """What an effect is counted in."""
        return "in the outcome’s units" if self.own.panel.estimator == "ols" else "log points"

    @property
    def trend(self) -> str:
        """The trend that leads, and what stands beside, are shown under."""
        return self.own.trends[0]

    @property
    def sets(self) -> Sequence[str]:
        """Event sets with a number, in order."""
        with_number = {row["event_set"] for row in (*self.asked, *self.further)}
        return [name for name in sorted(self.own.sets) if name in with_number]

    def found(self, row: Row, diagnostic: str) -> Row | None:
        """The diagnostic of this name, if the estimate has it."""
        of_row = self.diagnostics.get(row["estimate_id"], ())
        return next((one for one in of_row if one["diagnostic"] == diagnostic), None)

    def named(self, row: Row) -> str:
        """What an estimate is compared with."""
        if row["family"] == "placebo" and self.study.placebo_date is not None:
            from event_study.own.reading import when

            return f"placebo date, {when(self.study.placebo_date, self.own.panel)}"
        return COMPARISONS[row["estimator"]]

    @property
    def steps(self) -> list[Row]:
        """The mean steps: as asked, by weighed donors, at the placebo date."""
        asked = [row for row in self.asked if row["term"] == "mean_step" and row["trend"] == self.trend]
        steps = [row for row in self.further if row["term"] == "mean_step"]
        further = [row for row in steps if row["family"] != "placebo"]
        placebo = [row for row in steps if row["family"] == "placebo" and row["trend"] == self.trend]
        sets = {name: place for place, name in enumerate(sorted(self.own.sets))}
        kinds = {f"{self.own.id}_{kind}": place for place, kind in enumerate(self.own.weighed, 1)}
        weighed = sorted(
            [*asked, *further], key=lambda row: (sets[row["event_set"]], kinds.get(row["spec_id"], 0))
        )
        return [*weighed, *placebo]


def print_estimates(console: Console, rows: StudyRows, words: Glossary) -> None:
    """Estimate, set, p, floor, donors, base and effect of each term but leads and lags; what is the same in
    every row stands below once."""
    asked, own = [row for row in rows.asked if not row["term"].startswith("k=")], rows.own
    if not asked:
        return
    is_conventional = own.as_spec().family == "replication"
    base = formatter(row["base_mean"] for row in asked)
    cells: dict[str, list[Any]] = {
        "event set": [row["event_set"] for row in asked],
        "term": [row["term"] for row in asked],
        "trend": [words.short("trend", row["trend"]) for row in asked],
        **_numbers(rows, asked),
        "floor": [p_text(row["p_floor"]) for row in asked],
        "donors": [row["donors"] for row in asked],
        "base mean": ["–" if row["base_mean"] is None else base(row["base_mean"]) for row in asked],
        "effect": [
            "–" if row["percent_effect"] is None else _percent(row["percent_effect"]) for row in asked
        ],
        "test": ["none" if row["p_value"] is None else row["inference"] for row in asked],
    }
    same = [
        f"{name} {cells.pop(name)[0]}"
        for name in ("event set", "floor", "donors", "base mean", "test")
        if len(set(cells[name])) == 1
    ]
    same = [one for one in same if not one.endswith(" –")]
    right = ("estimate", "p", "floor", "base mean", "effect")
    columns = {name: _right(values) if name in right else values for name, values in cells.items()}
    said = words.sentence("inference", own.inference) if is_conventional else ""
    table(
        console,
        f"{'Conventional errors' if is_conventional else 'Estimates'}: {own.panel.treated} against its "
        f"donors, {rows.unit}",
        list(columns), list(zip(*columns.values(), strict=True)),
        caption="\n".join(filter(None, [f"every row: {', '.join(same)}" if same else "", said])),
    )  # fmt: skip
    print_bounds(console, rows, words)


def print_bounds(console: Console, rows: StudyRows, words: Glossary) -> None:
    """What the mean steps may be, whoever the unknown are, a sentence each."""
    from event_study.study.sides import bounds_sentence

    unit = " log points" if rows.own.panel.estimator != "ols" else ""
    steps = [row for row in rows.asked if row["term"] in ("mean_step", "step", "mean_gap")]
    for row in steps:
        about = f"{row['term']} {words.short('trend', row['trend'])} trends"
        if len(rows.sets) > 1:
            about = f"{row['event_set']}: {about}"
        if said := bounds_sentence(row, words.unit, about, unit):
            console.print(said, highlight=False, markup=False)


def print_leads(console: Console, rows: StudyRows, words: Glossary) -> None:
    """Leads and lags by distance from the event, and the joint test of the leads."""
    from event_study.periods import GRIDS

    frequency = rows.own.panel.frequency
    grid = GRIDS[frequency]
    place = {one.name: number for number, one in enumerate(grid.bins)}
    label = {one.name: one.label(frequency) for one in grid.bins}
    shown = [row for row in rows.asked if row["term"] in place and row["trend"] == rows.trend]
    if not shown:
        return
    order = {name: number for number, name in enumerate(rows.sets)}
    shown.sort(key=lambda row: (order[row["event_set"]], place[row["term"]]))
    cells = {
        **({"event set": [row["event_set"] for row in shown]} if len(rows.sets) > 1 else {}),
        f"{frequency}s from the event": [label[row["term"]] for row in shown],
        **_numbers(rows, shown),
    }
    first, last = (-edge for edge in grid.reference)
    window = f"the {frequency} before" if first == last else f"the {first} to {last} {frequency}s before"
    table(
        console, f"Leads and lags, {words.title('trend', rows.trend)}, {rows.unit}",
        list(cells), list(zip(*cells.values(), strict=True)),
        caption="\n".join([f"measured from the mean of {window}", *_joint(rows)]),
    )  # fmt: skip


def _joint(rows: StudyRows) -> list[str]:
    """The joint test of the leads, a line an event set."""
    lines = []
    for name in rows.sets:
        for row in rows.asked:
            if row["event_set"] != name or row["trend"] != rows.trend:
                continue
            if (test := rows.found(row, "pre_trend_test")) is None:
                continue
            of_set = f" of {name}" if len(rows.sets) > 1 else ""
            if test["p_value"] is None:
                why = test["note"].removeprefix("no joint test of leads: ")
                lines.append(f"leads{of_set} together: no test, {why}")
            else:
                lines.append(f"leads{of_set} together: p {p_text(test['p_value'])} ({test['note']})")
    return lines or ["leads together: no test"]


def print_beside(console: Console, rows: StudyRows, words: Glossary) -> None:
    """The mean step by weighed donors and at a placebo date, and without each donor in turn."""
    steps = rows.steps
    compared = [row for row in steps if row["family"] != "replication"]  # whose errors are no rank
    if any(row in rows.further for row in compared):
        cells = {
            **_of_set(rows, compared),
            "comparison": [rows.named(row) for row in compared],
            **_numbers(rows, compared),
        }
        under = f"{words.title('trend', 'none')}, " if rows.trend == "none" else ""
        table(console, f"Mean step by other comparisons, {under}{rows.unit}", list(cells),
              list(zip(*cells.values(), strict=True)))  # fmt: skip
    left = [(row, low, high) for row in steps
            if (low := rows.found(row, "leave_one_out_low"))
            and (high := rows.found(row, "leave_one_out_high"))]  # fmt: skip
    if left:
        kept = [row for row, _, _ in left]
        numbers = [formatter([row["estimate"], low["value"], high["value"]], 3) for row, low, high in left]
        cells = {
            **_of_set(rows, kept),
            "comparison": [rows.named(row) for row in kept],
            "from": _right([form(low["value"]) for form, (_, low, _) in zip(numbers, left, strict=True)]),
            "to": _right([form(high["value"]) for form, (_, _, high) in zip(numbers, left, strict=True)]),
            "rank p": [_range_of_p(low, high) for _, low, high in left],
            "moved most": [_furthest(row, low, high) for row, low, high in left],
        }
        if not any(cells["rank p"]):
            del cells["rank p"]
        table(console, f"Mean step without one donor, {rows.unit}", list(cells),
              list(zip(*cells.values(), strict=True)))  # fmt: skip


def _of_set(rows: StudyRows, steps: Sequence[Row]) -> dict[str, list[Any]]:
    if len(rows.sets) < 2:
        return {}
    return {"event set": ["–" if row["family"] == "placebo" else row["event_set"] for row in steps]}


def _furthest(row: Row, low: Row, high: Row) -> str:
    """The donor without whom the estimate moves most, if it moves by more than rounding."""
    far = max(low, high, key=lambda one: abs(one["value"] - row["estimate"]))
    if math.isclose(far["value"], row["estimate"], rel_tol=1e-9):
        return "by none"
    return str(far["note"].split("; p: ")[0])


def _range_of_p(low: Row, high: Row) -> str:
    if low["p_value"] is None:
        return ""
    ends = [p_text(low["p_value"]), p_text(high["p_value"])]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def print_weights(console: Console, rows: StudyRows) -> None:
    """The weights of the weighed comparisons, largest first; the small ones are counted."""
    from event_study.own.robustness import weights_of

    shown: dict[str, list[str]] = {}  # a table once, whatever event sets share it
    tables: dict[str, dict[str, StudyWeights]] = {}
    for name in rows.sets:
        weighed = [row for row in rows.steps if row in rows.further and row["event_set"] == name]
        found = {rows.named(row): weights_of(rows.diagnostics.get(row["estimate_id"], ())) for row in weighed}
        found = {comparison: made for comparison, made in found.items() if made.donors}
        if found:
            shown.setdefault(repr(found), []).append(name)
            tables[repr(found)] = found
    for key, names in shown.items():
        of_sets = f" ({', '.join(names)})" if len(shown) > 1 else ""
        table(console, f"Weights of donors{of_sets}", ("donor", *tables[key]), _weight_lines(tables[key]),
              caption=_periods(rows, tables[key]))  # fmt: skip


def _weight_lines(found: Mapping[str, StudyWeights]) -> list[Sequence[str]]:
    """The heaviest donors by name, and what the others have together."""
    donors = {
        donor: [made.donors.get(donor, 0.0) for made in found.values()]
        for donor in dict.fromkeys(d for made in found.values() for d in made.donors)
    }
    ranked = sorted(donors, key=lambda donor: (-max(donors[donor]), donor))
    shown = [donor for donor in ranked[:NAMED_WEIGHTS] if max(donors[donor]) > LEAST_WEIGHT]
    lines: list[Sequence[str]] = [(donor, *(f"{weight:.3f}" for weight in donors[donor])) for donor in shown]
    if rest := ranked[len(shown) :]:
        sums = (f"{math.fsum(donors[donor][k] for donor in rest):.3f}" for k in range(len(found)))
        lines.append((f"{len(rest)} other{'s' * (len(rest) > 1)} together", *sums))
    return lines


def _periods(rows: StudyRows, found: Mapping[str, StudyWeights]) -> str | None:
    """The periods before that weigh most, where they are weighed."""
    from event_study.own.reading import when

    for comparison, made in found.items():
        if made.periods:
            most = sorted(made.periods, key=lambda day: (-made.periods[day], day))[:3]
            several = sum(weight > LEAST_WEIGHT for weight in made.periods.values())
            named = ", ".join(f"{when(day, rows.own.panel)} {made.periods[day]:.3f}" for day in most)
            return (
                f"{comparison} weighs {several} of the {len(made.periods)} {rows.own.panel.frequency}s "
                f"before by more than {LEAST_WEIGHT:g}, most: {named}"
            )
    return None


def print_terms(console: Console, rows: StudyRows, words: Glossary) -> None:
    """What each term of the estimates is."""
    terms = dict.fromkeys(
        "leads, lags" if row["term"].startswith("k=") else row["term"] for row in rows.asked
    )
    sentences = {
        name: words.sentence("term", "dynamics" if name == "leads, lags" else name) for name in terms
    }
    if sentences:
        table(console, "Terms", ("term", "what it is"), list(sentences.items()))


def _numbers(rows: StudyRows, shown: Sequence[Row]) -> dict[str, list[Any]]:
    """The columns estimate, set and p."""
    is_level = rows.own.panel.estimator == "ols"
    forms = [formatter([row[name] for name in NUMBERS], least=0 if is_level else 3) for row in shown]
    kind = "interval" if any(row["family"] == "replication" for row in shown) else "set"
    sets = [
        "none" if row["ci_low"] is None else f"{form(row['ci_low'])} to {form(row['ci_high'])}"
        for row, form in zip(shown, forms, strict=True)
    ]
    return {
        "estimate": _right([form(row["estimate"]) for row, form in zip(shown, forms, strict=True)]),
        f"{100 * (1 - rows.own.alpha):g} % {kind}": sets,
        "p": _right([p_text(row["p_value"]) for row in shown]),
    }


def p_text(value: float | None) -> str:
    """Three decimals; four below 0.001, for ranks among thousands."""
    if value is None or value < 0.0001:
        return "–" if value is None else "<0.0001"
    return f"{value:.3f}" if value >= 0.001 else f"{value:.4f}"


def formatter(values: Iterable[float | None], least: int = 0) -> Callable[[float], str]:
    """Three digits of the largest value, ``least`` decimals; a power of ten where zeros would hide them."""
    largest = max((abs(value) for value in values if value), default=1.0)
    places = 2 - math.floor(math.log10(largest))
    if not -LARGEST <= places <= SMALLEST:
        return lambda value: f"{value:.2e}"
    return _places(max(least, places, 0))


def _places(places: int) -> Callable[[float], str]:
    """Thousands marked, and no minus before a zero."""
    return lambda value: f"{round(value, places) + 0.0:,.{places}f}"


def _percent(share: float) -> str:
    return f"{round(100 * share, 1) + 0.0:+,.1f} %"


def _right(cells: Sequence[str]) -> list[str]:
    width = max(map(len, cells))
    return [cell.rjust(width) for cell in cells]
