"""``python -m benchmarks.mutations --home HOME --archive DIR``: the table, and the share missed.

The home must have been made by a run from that archive. ``--raw`` stops after the raw gate. With
``--baseline`` the last accepted run has read the ``same`` files, or (``earlier``) all but the newest of each
table. ``--only``: mutations of which the name or source has this text.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tabulate import tabulate

from benchmarks.mutations.catalogue import mutations
from benchmarks.mutations.trial import Found, Home, Trial
from dlt_sources.archive import open_snapshot
from orchestration import environment  # noqa: F401  (must precede dbt)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.mutations", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("data/sample"))
    parser.add_argument("--archive", type=Path, default=None)
    parser.add_argument("--raw", action="store_true")
    parser.add_argument("--baseline", choices=["same", "earlier"])
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    archive = given.archive or given.home / "archive"
    origin = open_snapshot(archive, "innovation_graph").origin or "archive"
    trial = Trial(
        Home(given.home.resolve(), archive.resolve(), origin, given.baseline), has_marts=not given.raw
    )
    outcomes = []
    for mutation in mutations():
        if given.only in f"{mutation.source}: {mutation.name}" and (outcome := trial.outcome(mutation)):
            outcomes.append(outcome)
            sys.stdout.write(f"{_line(outcome)}\n")
            sys.stdout.flush()
    sys.stdout.write(f"\n{summary(outcomes)}\n")


def _line(outcome: Found) -> str:
    mark = "ok" if outcome.is_right else "MISSED" if not outcome.mutation.is_control else "FALSE ALARM"
    name = f"{outcome.mutation.source}: {outcome.mutation.name}"
    return f"{mark:11} {outcome.seconds:5.1f}s {outcome.noticed or '-':6} {name}: {outcome.by[:150]}"


def summary(outcomes: list[Found]) -> str:
    """By source: mutations, noticed by stage, missed; controls and their false alarms."""
    rows = []
    for source in [*dict.fromkeys(o.mutation.source for o in outcomes), "all"]:
        of_source = [o for o in outcomes if source in (o.mutation.source, "all")]
        faults = [o for o in of_source if not o.mutation.is_control]
        stages = Counter(o.noticed for o in faults)
        controls = [o for o in of_source if o.mutation.is_control]
        missed = stages[""]
        rows.append(
            [source, len(faults), *(stages[s] for s in ("load", "raw", "dbt", "marts")), missed,
             f"{missed / max(1, len(faults)):.1%}", len(controls), sum(not o.is_right for o in controls)]
        )  # fmt: skip
    columns = ("source", "mutations", "load", "raw", "dbt", "marts", "missed", "share", "controls", "alarms")
    return tabulate(rows, columns)


if __name__ == "__main__":
    main()
