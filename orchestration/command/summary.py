"""What a run ends with: what was made, what is identified, the headline, and where the page lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console

from orchestration.command.run import Outcome
from orchestration.settings import Settings

HEADLINE = ("outcome", "contrast", "trend", "estimate", "ci_low", "ci_high", "p_value", "donors",
            "status", "planted")  # fmt: skip

TRENDS = {"none": "without", "unit_linear": "with"}
CONTRASTS = ("CN_donors", "US_donors", "CN_US")
STATUSES = {
    "identified": "Can be tested (China against donors, the three tightenings)",
    "descriptive": "Only described",
    "refused": "Refused, too much has no certain country",
    "not_identified": "Not identified",
}
MADE = {  # first part of an asset's key: what it is, and where under home it lies
    "archive": ("archive, checked", ""),
    "raw": ("raw tables", "lake/raw/"),
    "seeds": ("curated seeds", "warehouse.duckdb"),
    "staging": ("staging models", "warehouse.duckdb"),
    "intermediate": ("intermediate models", "warehouse.duckdb"),
    "marts": ("marts", "marts/"),
    "gate": ("gates passed", "gate/"),
    "results": ("result tables", "results/"),
    "site": ("page", "site/index.html"),
    "release": ("release", "current/"),
}
CLAIMS = ("claim", "quantity", "kind", "trend", "published_estimate", "ours_corrected", "ours_corrected_low",
          "ours_corrected_high", "minimum_detectable_effect", "verdict", "why")  # fmt: skip
CONVENTIONAL = {"crv1": "clustered", "ar1_gls": "AR(1)-GLS"}  # labelled so, never a headline
FAMILIES = {
    "headline": "named as headline before looking",
    "robustness": "robustness",
    "placebo": "placebo",
    "replication": "with conventional errors",
    "curve": "on the specification curve",
}
WIDEST = 39  # the longest outcome: the tables of all statuses stand in line


def _rows(settings: Settings, table: str, columns: list[str]) -> list[dict[str, Any]]:
    path = settings.results / f"{table}.parquet"
    return pq.ParquetFile(path).read(columns).to_pylist() if path.is_file() else []


def summarise(settings: Settings, outcome: Outcome) -> dict[str, Any]:
    """The end table as plain data (``--json``)."""
    asked = ["outcome", "event_set", "contrast", "status", "reason", "share_unknown_country"]
    identification = _rows(settings, "identification", asked)
    columns = [*HEADLINE, "spec_id", "family", "term", "event_set", "inference"]
    estimates = _rows(settings, "estimates", columns)
    headline = [row for row in estimates if row["family"] == "headline" and row["term"] == "mean_step"]
    return {
        "origin": outcome.origin,
        "simulated": outcome.origin == "sample",
        "home": str(outcome.home),
        "made": outcome.made,
        "up_to_date": outcome.up_to_date,
        "seconds": {step: round(seconds, 2) for step, seconds in outcome.seconds.items()},
        "rows": outcome.rows,
        "total_seconds": round(outcome.total_seconds, 2),
        "identification": identification,
        "headline": sorted(
            headline,
            key=lambda r: (r["status"] != "ok", CONTRASTS.index(r["contrast"]), r["outcome"], r["trend"]),
        ),
        "inferences": _inferences(headline, estimates),
        "claims": _rows(settings, "claims", list(CLAIMS)),
        "specifications": _specifications(estimates, _rows(settings, "specification_curve", ["estimate"])),
        "page": str(settings.site / "index.html"),
        "log": str(outcome.log) if outcome.log else None,
    }


def _inferences(
    headline: Sequence[Mapping[str, Any]], estimates: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """China's tested headline rows, with what conventional errors make of the same question."""
    asked = ("outcome", "event_set", "contrast", "term", "trend")
    conventional: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in estimates:
        if row["inference"] in CONVENTIONAL and row["event_set"] == "tightening":
            held = conventional.setdefault(tuple(row[name] for name in asked), {})
            held[row["inference"]] = {name: row[name] for name in ("estimate", "ci_low", "ci_high")}
    return [
        {name: row[name] for name in (*asked, "estimate", "ci_low", "ci_high")} | conventional.get(key, {})
        for row in headline
        if row["status"] == "ok" and row["contrast"] == CONTRASTS[0]
        for key in [tuple(row[name] for name in asked)]
    ]


def _specifications(
    estimates: Sequence[Mapping[str, Any]], curve: Sequence[Mapping[str, Any]]
) -> dict[str, int]:
    """How many specifications gave a number, by family: what a reader must hold a p-value against."""
    tried = {
        (row["family"], row["spec_id"], row["outcome"], row["event_set"], row["contrast"], row["trend"])
        for row in estimates
        if row["estimate"] is not None
    }
    counts = Counter(family for family, *_ in tried)
    counts["curve"] = sum(row["estimate"] is not None for row in curve)
    return {family: counts[family] for family in FAMILIES}


def print_summary(console: Console, content: dict[str, Any]) -> None:
    if not content["made"]:
        console.print(f"nothing changed: all {len(content['up_to_date'])} stages are up to date "
                      f"({content['total_seconds']:.1f} s)", highlight=False)  # fmt: skip
    else:
        _print_made(console, content["made"])
    _print_identification(console, content)
    _print_headline(console, content)
    _print_inferences(console, content)
    _print_claims(console, content)
    _print_specifications(console, content["specifications"])
    console.print()
    made, kept = len(content["made"]), len(content["up_to_date"])
    console.print(
        f"{made} assets made, {kept} stages up to date, {content['total_seconds']:.1f} s", highlight=False
    )
    console.print(f"page: {content['page']}", highlight=False, soft_wrap=True)


def _print_made(console: Console, made: list[str]) -> None:
    from orchestration.command.terminal import table

    counts = Counter(key.split("/")[0] for key in made)
    table(console, "Made", ("what", "assets", "where"),
          [(what, counts[part], where) for part, (what, where) in MADE.items() if counts[part]])  # fmt: skip


def _print_identification(console: Console, content: dict[str, Any]) -> None:
    """A table a status, the testable outcomes first."""
    from orchestration.command.terminal import table  # heavy: Dagster

    asked = [
        row
        for row in content["identification"]
        if row["event_set"] == "tightening" and row["contrast"] == "CN_donors"
    ]
    for status, meaning in STATUSES.items():
        rows = [row for row in asked if row["status"] == status]
        if rows:
            table(console, f"{meaning}: {len(rows)} of {len(asked)} outcomes",
                  (f"{'outcome':<{WIDEST}}", "unknown", "reason"),
                  [(r["outcome"], _percent(r["share_unknown_country"]), r["reason"] or "")
                   for r in rows])  # fmt: skip


def _print_headline(console: Console, content: dict[str, Any]) -> None:
    from orchestration.command.terminal import shown, table

    rows = [row for row in content["headline"] if row["status"] in {"ok", "descriptive"}]
    if not rows:
        return
    simulated = content["simulated"]
    columns = ["outcome", "contrast", "trend", "estimate", "confidence set", "p"] + ["truth"] * simulated
    lines = [
        (
            row["outcome"], row["contrast"], TRENDS.get(row["trend"], row["trend"]), row["estimate"],
            "no test" if row["ci_low"] is None else f"{row['ci_low']:.3f} to {row['ci_high']:.3f}",
            row["p_value"], *[row["planted"]] * simulated,
        )
        for row in rows
    ]  # fmt: skip
    table(console, f"{'SIMULATED ' * simulated}headline: mean step of the three tightenings, log points",
          columns, lines,
          caption=f"{shown(len(content['headline']) - len(rows))} more rows carry no estimate; "
                  "the reasons are in results/estimates.parquet")  # fmt: skip


def _print_inferences(console: Console, content: dict[str, Any]) -> None:
    """The same question under conventional errors, so that a reader sees what the choice does."""
    from orchestration.command.terminal import table

    rows = content["inferences"]
    if not rows:
        return
    lines = [
        (row["outcome"], TRENDS.get(row["trend"], row["trend"]), _set(row),
         *(_set(row.get(name)) for name in CONVENTIONAL))
        for row in rows
    ]  # fmt: skip
    simulated = "SIMULATED " * content["simulated"]
    table(console, f"{simulated}what the choice of inference does, China against donors",
          ("outcome", "trend", "ranked (ours)", *CONVENTIONAL.values()), lines)  # fmt: skip


def _set(row: Mapping[str, Any] | None) -> str:
    if row is None or row["ci_low"] is None:
        return "–"
    return f"{row['ci_low']:.3f} to {row['ci_high']:.3f}"


def _print_claims(console: Console, content: dict[str, Any]) -> None:
    """The replicated study's claims, those with a number of ours first in full, the others counted."""
    from orchestration.command.terminal import table

    rows = [row for row in content["claims"] if row["kind"] != "comparison"]
    shown = [row for row in rows if row["ours_corrected"] is not None]
    if not shown:
        return
    lines = [
        (
            f"{row['claim']} {row['quantity'].removesuffix('_unit_trend')}",
            TRENDS.get(row["trend"], "–"), row["ours_corrected"],
            "no test" if row["ours_corrected_low"] is None
            else f"{row['ours_corrected_low']:.3f} to {row['ours_corrected_high']:.3f}",
            row["minimum_detectable_effect"], row["verdict"].replace("_", " "),
        )
        for row in shown
    ]  # fmt: skip
    title = f"{'SIMULATED ' * content['simulated']}claims of the replicated study, and what our estimates say"
    columns = ("claim", "trend", "ours", "confidence set", "detectable", "verdict")
    rest = f"{len(rows) - len(shown)} more rows carry no number of ours; why: results/claims.parquet"
    table(console, title, columns, lines, caption=rest)


def _print_specifications(console: Console, counts: Mapping[str, int]) -> None:
    told = ", ".join(f"{counts[family]} {meaning}" for family, meaning in FAMILIES.items() if counts[family])
    if told:
        console.print(f"{sum(counts.values())} specifications gave a number: {told}", highlight=False)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
