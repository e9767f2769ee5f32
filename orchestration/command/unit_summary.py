"""The end table of panels of single repositories: the change around each event, ranked among other dates.

Not here: the other end tables (``summary``), how a table is drawn (``terminal``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from rich.console import Console

COLUMNS = ("spec_id", "outcome", "contrast", "event_set", "term", "estimate", "ci_low", "ci_high", "p_value",
           "disjoint_windows", "status", "planted")  # fmt: skip
TERM = "window_change"
FORKS, POOLED = ("forks_paper", "forks_by_place"), ("paper_four", "tightening")
PARTS = ("change_treated", "change_comparison", "change_difference", "change_ratio")
SIDES = "CN_owners"  # shown in full; the other sides and what is only described are counted


class Wording(Protocol):
    """Names in the glossary's words, in its order."""

    def short(self, kind: str, name: str) -> str: ...

    def names(self, kind: str, group: str | None = None) -> list[str]: ...


def unit_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of the estimates, the changes in panels of repositories that gave a number."""
    return [
        dict(row)
        for row in rows
        if row["term"] == TERM
        and not row["spec_id"].startswith("forks_")
        and row["disjoint_windows"] is not None
        and row["estimate"] is not None
    ]


def forks_by_place(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of the estimates, the changes of the paper's design, pooled over its events, that gave a number."""
    return [
        dict(row)
        for row in rows
        if row["spec_id"] in FORKS and row["event_set"] in POOLED and row["estimate"] is not None
    ]


def print_forks(console: Console, content: Mapping[str, Any], words: Wording) -> None:
    """Changes in forks per repository and week: a row a way of knowing who forks, the difference with its
    set, and the ratio of the two changes."""
    from orchestration.command.terminal import number, table  # heavy: Dagster

    for event_set in POOLED:
        rows = [row for row in content["forks"] if row["event_set"] == event_set]
        cells = {(row["contrast"], row["term"]): row for row in rows}
        ways = [way for way in words.names("contrast") if way in {row["contrast"] for row in rows}]
        lines = []
        for way in ways:
            found = {part: cells.get((way, part)) for part in PARTS}
            own, other, gap, ratio = (one and one["estimate"] for one in found.values())
            ends = _set(found["change_difference"], number)
            lines.append((words.short("contrast", way), own, other, gap, ends, ratio))
        if lines:
            title = f"{'SIMULATED ' * content['simulated']}forks per repository-week by who forks"
            columns = ("who forks", *(words.short("term", part) for part in PARTS[:3]), "its set", "ratio")
            table(console, f"{title}: {words.short('event_set', event_set)}", columns, lines)


def _set(row: Mapping[str, Any] | None, number: Callable[[float], str]) -> str:
    if row is None or row["ci_low"] is None or row["ci_high"] is None:
        return ""
    return f"{number(row['ci_low'])} to {number(row['ci_high'])}"


def print_units(console: Console, content: Mapping[str, Any], sides: str) -> None:
    """Tested changes of one pair of sides, whose title in the glossary ``sides`` is."""
    from orchestration.command.terminal import number, table  # heavy: Dagster

    rows, simulated = content["units"], content["simulated"]
    shown = [row for row in rows if row["contrast"] == SIDES and row["status"] == "ok"]
    if not shown:
        return
    lines = [
        (
            row["outcome"], row["event_set"], row["estimate"],
            f"{number(row['ci_low'])} to {number(row['ci_high'])}",
            f"{number(row['p_value'])} ({row['disjoint_windows']})", *[row["planted"]] * simulated,
        )
        for row in shown
    ]  # fmt: skip
    described = sum(row["status"] != "ok" for row in rows)
    others = len(rows) - len(shown) - described
    columns = ["outcome", "event", "change", "confidence set", "p (windows)", *["truth"] * simulated]
    rest = (
        "ranked among other dates, of whose windows so many do not overlap. "
        f"{others} more rows are of other sides, {described} are described without a test: "
        "results/estimates.parquet"
    )
    title = f"{'SIMULATED ' * simulated}by week: {sides}, log points"
    table(console, title, columns, lines, caption=rest)
