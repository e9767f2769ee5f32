"""What a run ends with: what was made, what is identified, the headline, and where the page lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from dlt_sources.archive import sources_in
from dlt_sources.fetch import NAMES as FETCHABLE
from orchestration.command.run import Run
from orchestration.command.unit_summary import COLUMNS as UNIT_COLUMNS
from orchestration.command.unit_summary import SIDES, forks_by_place, print_forks, print_units, unit_rows
from orchestration.home.archives import unread
from orchestration.settings import Settings

HEADLINE = ("outcome", "contrast", "trend", "estimate", "ci_low", "ci_high", "bound_low", "bound_high",
            "worst_low", "worst_high", "breakdown", "p_value", "donors", "share_unknown_country", "status",
            "planted")  # fmt: skip

MADE = {  # first part of an asset's key: what it is, and where under home it lies
    "archive": ("archive, checked", ""),
    "raw": ("raw tables", "lake/raw/"),
    "seeds": ("curated seeds", "warehouse.duckdb"),
    "staging": ("staging models", "warehouse.duckdb"),
    "intermediate": ("intermediate models", "warehouse.duckdb"),
    "marts": ("marts", "marts/"),
    "publishable": ("what of them may be published", "publishable/"),
    "gate": ("gates passed", "gate/"),
    "results": ("result tables", "results/"),
    "site": ("page", "site/index.html"),
    "release": ("release", "current/"),
}
CLAIMS = ("claim", "quantity", "kind", "trend", "published_estimate", "ours_corrected", "ours_corrected_low",
          "ours_corrected_high", "minimum_detectable_effect", "verdict", "why")  # fmt: skip
CONTRAST, EVENT_SET = "CN_donors", "tightening"  # of the headline
CONVENTIONAL = "conventional"  # the glossary's group of inferences that are never a headline
SLOPE = "pre_trend_slope"  # the diagnostic of a row that takes the gap before the events as level
UNTESTABLE = "not_identified"
NEEDS = "All that each of them lacks: `needs` in results/identification.parquet, and on the page."
NOTE = (
    "{rows} more rows have no estimate; the reasons are in results/estimates.parquet. Slope before: of the "
    "gap, a period; a small p there rejects the level gap that the row without a trend assumes."
)
WIDEST = 39  # the longest outcome: the tables of all statuses stand in line


@dataclass(frozen=True)
class Titles:
    """``results/glossary`` by kind and name; a name without an entry stands for itself."""

    entries: Mapping[tuple[str, str], Mapping[str, Any]]

    @classmethod
    def of(cls, settings: Settings) -> Titles:
        rows = _rows(settings, "glossary", ["kind", "name", "title", "short", "group", "order"])
        return cls({(row["kind"], row["name"]): row for row in rows})

    def title(self, kind: str, name: str) -> str:
        return str(self.entries.get((kind, name), {}).get("title") or name)

    def short(self, kind: str, name: str) -> str:
        return str(self.entries.get((kind, name), {}).get("short") or self.title(kind, name))

    def names(self, kind: str, group: str | None = None) -> list[str]:
        """The kind's names (of one group) in reading order."""
        rows = [r for (k, _), r in self.entries.items() if k == kind and group in (None, r["group"])]
        return [row["name"] for row in sorted(rows, key=lambda row: row["order"])]


def _rows(settings: Settings, table: str, columns: list[str]) -> list[dict[str, Any]]:
    """Of a result table; none where it is absent or damaged: a selection may not have made it again."""
    try:
        read = pq.ParquetFile(settings.results / f"{table}.parquet").read(columns)
    except (OSError, pa.ArrowException):
        return []
    rows: list[dict[str, Any]] = read.to_pylist()
    return rows if {*columns} == {*read.column_names} else []


def summarise(settings: Settings, outcome: Run) -> dict[str, Any]:
    """The end table as plain data (``--json``)."""
    asked = ["outcome", "event_set", "contrast", "status", "reason", "needs", "share_unknown_country"]
    identification = _rows(settings, "identification", asked)
    columns = [*HEADLINE, "estimate_id", "spec_id", "family", "term", "event_set", "inference"]
    estimates = _rows(settings, "estimates", columns)
    of_units = _rows(settings, "estimates", [*UNIT_COLUMNS])
    words = Titles.of(settings)
    place = {name: n for n, name in enumerate(words.names("contrast"))}
    slopes = {
        row["estimate_id"]: {"slope_before": row["value"], "slope_before_p": row["p_value"]}
        for row in _rows(settings, "diagnostics", ["estimate_id", "diagnostic", "value", "p_value"])
        if row["diagnostic"] == SLOPE
    }
    headline = [
        row | slopes.get(row["estimate_id"], dict.fromkeys(("slope_before", "slope_before_p")))
        for row in estimates
        if row["family"] == "headline" and row["term"] == "mean_step"
    ]
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
            key=lambda r: (
                r["status"] != "ok",
                place.get(r["contrast"], len(place)),
                r["outcome"],
                r["trend"],
            ),
        ),
        "inferences": _inferences(headline, estimates, words.names("inference", CONVENTIONAL)),
        "units": unit_rows(of_units),
        "forks": forks_by_place(of_units),
        "claims": _rows(settings, "claims", list(CLAIMS)),
        "specifications": _specifications(
            estimates, _rows(settings, "specification_curve", ["estimate"]), words.names("family")
        ),
        "unread": unread(settings.archive_path),
        "absent": _absent(settings.archive_path),
        "page": str(page) if (page := settings.site / "index.html").is_file() else None,
        "log": str(outcome.log) if outcome.log else None,
    }


def _absent(archive: Path) -> list[str]:
    """Sources that a fetch would bring, of which the archive holds nothing."""
    there = sources_in(archive) if archive.is_dir() else []
    return sorted({*FETCHABLE} - set(there))


def _inferences(
    headline: Sequence[Mapping[str, Any]],
    estimates: Sequence[Mapping[str, Any]],
    names: Sequence[str],
) -> list[dict[str, Any]]:
    """China's tested headline rows, with what conventional errors make of the same question."""
    asked = ("outcome", "event_set", "contrast", "term", "trend")
    conventional: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in estimates:
        if row["inference"] in names and row["event_set"] == EVENT_SET:
            held = conventional.setdefault(tuple(row[name] for name in asked), {})
            held[row["inference"]] = {name: row[name] for name in ("estimate", "ci_low", "ci_high")}
    return [
        {name: row[name] for name in (*asked, "estimate", "ci_low", "ci_high")} | conventional.get(key, {})
        for row in headline
        if row["status"] == "ok" and row["contrast"] == CONTRAST
        for key in [tuple(row[name] for name in asked)]
    ]


def _specifications(
    estimates: Sequence[Mapping[str, Any]], curve: Sequence[Mapping[str, Any]], families: Sequence[str]
) -> dict[str, int]:
    """How many specifications gave a number, by family: what a reader must hold a p-value against."""
    tried = {
        (row["family"], row["spec_id"], row["outcome"], row["event_set"], row["contrast"], row["trend"])
        for row in estimates
        if row["estimate"] is not None
    }
    counts = Counter(family for family, *_ in tried)
    counts["curve"] = sum(row["estimate"] is not None for row in curve)
    return {family: counts[family] for family in families}


def print_summary(console: Console, content: dict[str, Any], words: Titles) -> None:
    """Print the end table; names appear in the ``words`` of the results' glossary."""
    if not content["made"]:
        console.print(f"nothing changed: all {len(content['up_to_date'])} stages are up to date "
                      f"({content['total_seconds']:.1f} s)", highlight=False)  # fmt: skip
    else:
        _print_made(console, content["made"])
    _print_identification(console, content, words)
    _print_headline(console, content, words)
    _print_inferences(console, content, words)
    print_forks(console, content, words)
    print_units(console, content, words.title("contrast", SIDES))
    _print_claims(console, content, words)
    _print_specifications(console, content["specifications"], words)
    if folders := content["unread"]:
        of = (
            "1 folder of the archive is"
            if len(folders) == 1
            else f"{len(folders)} folders of the archive are"
        )
        console.print(f"\n{of} read by no source: {', '.join(folders)}", highlight=False)
    if names := content["absent"]:
        console.print(
            f"\nnothing in the archive of: {', '.join(names)}; what bringing it costs: "
            f"chokepoint fetch {' '.join(names)} --plan",
            highlight=False,
            soft_wrap=True,
        )
    console.print()
    made, kept = len(content["made"]), len(content["up_to_date"])
    console.print(
        f"{made} assets made, {kept} stages up to date, {content['total_seconds']:.1f} s", highlight=False
    )
    if content["page"]:  # a selection may have made none yet
        console.print(f"page: {content['page']}", highlight=False, soft_wrap=True)


def _print_made(console: Console, made: list[str]) -> None:
    from orchestration.command.terminal import table

    counts = Counter(key.split("/")[0] for key in made)
    table(console, "Made", ("what", "assets", "where"),
          [(what, counts[part], where) for part, (what, where) in MADE.items() if counts[part]])  # fmt: skip


def _print_identification(console: Console, content: dict[str, Any], words: Titles) -> None:
    """A table a status, the testable outcomes first."""
    from orchestration.command.terminal import judged, table  # heavy: Dagster

    asked = [
        row
        for row in content["identification"]
        if row["event_set"] == EVENT_SET and row["contrast"] == CONTRAST
    ]
    question = f"{words.title('contrast', CONTRAST)}, {words.short('event_set', EVENT_SET)}"
    for status in words.names("status"):
        rows = [row for row in asked if row["status"] == status]
        if not rows:
            continue
        title = f"{words.title('status', status)}: {len(rows)} of {len(asked)} outcomes"
        title = f"{title[0].upper()}{title[1:]} ({question})"
        if status == UNTESTABLE:
            table(console, title, ("what is missing first", f"{'outcomes':<{WIDEST}}"), _missing(rows))
            console.print(NEEDS, style="italic", highlight=False)
        else:
            table(console, title, (f"{'outcome':<{WIDEST}}", "unknown", "reason"),
                  [(r["outcome"], _percent(r["share_unknown_country"]), judged(r))
                   for r in rows])  # fmt: skip


def _missing(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Outcomes by the first thing that they lack, the most common first."""
    lacking: dict[str, list[str]] = {}
    for row in rows:
        lacking.setdefault((row["needs"] or row["reason"] or "").split("; ")[0], []).append(row["outcome"])
    return [(what, ", ".join(lacking[what])) for what in sorted(lacking, key=lambda w: -len(lacking[w]))]


def _print_headline(console: Console, content: dict[str, Any], words: Titles) -> None:
    """A table a contrast."""
    from orchestration.command.terminal import shown, table

    rows = [row for row in content["headline"] if row["status"] in {"ok", "descriptive"}]
    simulated = content["simulated"]
    columns = ["outcome", "trend", "estimate", "confidence set", "p"]
    columns += ["truth"] * simulated + ["slope before (p)"]
    for contrast in dict.fromkeys(row["contrast"] for row in rows):
        lines = [
            (
                row["outcome"], words.short("trend", row["trend"]), row["estimate"], _tested(row),
                row["p_value"], *[row["planted"]] * simulated, _slope(row),
            )
            for row in rows if row["contrast"] == contrast
        ]  # fmt: skip
        title = (
            f"headline, {words.title('contrast', contrast)}: mean step of the three tightenings, log points"
        )
        table(console, "SIMULATED " * simulated + title, columns, lines)
        for said in _bounds([row for row in rows if row["contrast"] == contrast], words):
            console.print(said, highlight=False, markup=False)
    if rows:
        without = shown(len(content["headline"]) - len(rows))
        console.print(NOTE.format(rows=without), style="italic", highlight=False)


def _bounds(rows: Sequence[Mapping[str, Any]], words: Titles) -> list[str]:
    """What rows may be, whoever the unknown are, a sentence each."""
    from event_study.study.sides import bounds_sentence

    said = (
        bounds_sentence(row, "country", f"{row['outcome']} {words.short('trend', row['trend'])} trends", "")
        for row in rows
    )
    return [one for one in said if one]


def _tested(row: Mapping[str, Any]) -> str:
    return "no test" if row["ci_low"] is None else _set(row)


def _slope(row: Mapping[str, Any]) -> str:
    from orchestration.command.terminal import number

    slope, p_value = row["slope_before"], row["slope_before_p"]
    return "–" if slope is None else f"{number(slope)} ({p_value:.3f})"


def _print_inferences(console: Console, content: dict[str, Any], words: Titles) -> None:
    """The same question under conventional errors, so that a reader sees what the choice does."""
    from orchestration.command.terminal import table

    rows = content["inferences"]
    if not rows:
        return
    conventional = words.names("inference", CONVENTIONAL)
    lines = [
        (row["outcome"], words.short("trend", row["trend"]), _set(row),
         *(_set(row.get(name)) for name in conventional))
        for row in rows
    ]  # fmt: skip
    simulated = "SIMULATED " * content["simulated"]
    headings = [words.short("inference", name) for name in ("ri_studentised", *conventional)]
    table(console, f"{simulated}what the choice of inference does, {words.title('contrast', CONTRAST)}",
          ("outcome", "trend", *headings), lines)  # fmt: skip


def _set(row: Mapping[str, Any] | None) -> str:
    from orchestration.command.terminal import number

    if row is None or row["ci_low"] is None:
        return "–"
    return f"{number(row['ci_low'])} to {number(row['ci_high'])}"


def _print_claims(console: Console, content: dict[str, Any], words: Titles) -> None:
    """The replicated study's claims, those with a number of ours first in full, the others counted."""
    from orchestration.command.terminal import number, table

    rows = [row for row in content["claims"] if row["kind"] != "comparison"]
    shown = [row for row in rows if row["ours_corrected"] is not None]
    if not shown:
        return
    lines = [
        (
            f"{row['claim']} {row['quantity'].removesuffix('_unit_trend')}",
            words.short("trend", row["trend"] or "–"), row["ours_corrected"],
            "no test" if row["ours_corrected_low"] is None
            else f"{number(row['ours_corrected_low'])} to {number(row['ours_corrected_high'])}",
            row["minimum_detectable_effect"], words.title("verdict", row["verdict"]),
        )
        for row in shown
    ]  # fmt: skip
    title = f"{'SIMULATED ' * content['simulated']}claims of the replicated study, and what our estimates say"
    columns = ("claim", "trend", "ours", "confidence set", "detectable", "verdict")
    rest = f"{len(rows) - len(shown)} more rows have no number of ours; why: results/claims.parquet"
    table(console, title, columns, lines, caption=rest)


def _print_specifications(console: Console, counts: Mapping[str, int], words: Titles) -> None:
    parts = [f"{count} {words.short('family', family)}" for family, count in counts.items() if count]
    if parts:
        total = sum(counts.values())
        console.print(f"{total} specifications gave a number: {', '.join(parts)}", highlight=False)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
