"""The end table of panels of single repositories: the change around each event, ranked among other dates.

Not here: the other end tables (``summary``), how a table is drawn (``terminal``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

COLUMNS = ("outcome", "contrast", "event_set", "term", "estimate", "ci_low", "ci_high", "p_value",
           "disjoint_windows", "status", "planted")  # fmt: skip
TERM = "window_change"
SIDES = "CN_owners"  # shown in full; the other sides and what is only described are counted


def unit_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of the estimates, the changes in panels of repositories that gave a number."""
    return [
        dict(row)
        for row in rows
        if row["term"] == TERM and row["disjoint_windows"] is not None and row["estimate"] is not None
    ]


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
