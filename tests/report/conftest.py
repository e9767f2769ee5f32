"""A small home for the page: marts, gate and results as the contract names them, written to Parquet.

Five kinds of outcome at three frequencies: tested and clear, tested and open, tested and torn between the
trend variants, described, refused, not identified. Numbers follow simple formulas, so that a test can say
what the page must show.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from report.inputs import GATE, MARTS, RESULTS, ArchiveSource, Inputs, Origin
from report.site import build
from tests.report.further_rows import (
    beside_the_headline,
    claims,
    clock,
    curve,
    diagnostics,
    glossary,
    named,
    revisions,
    worlds,
)

Tables = dict[str, list[dict[str, Any]]]
ARROW = {
    "varchar": pa.string(), "double": pa.float64(), "bigint": pa.int64(), "boolean": pa.bool_(),
    "date": pa.date32(),
}  # fmt: skip
DONORS = "AT AU BR CA CH DE ES FR GB ID IN IT JP KR MX NL PL SE SG TR".split()
SHOCKS = {
    "chips-and-science-act-2022-08": ("CHIPS and Science Act signed", "support", date(2022, 8, 9)),
    "bis-advanced-computing-rule-2022-10-07": ("Advanced computing rule", "tightening", date(2022, 10, 7)),
    "bis-acs-rule-2023-10-17": ("Advanced computing rule, second", "tightening", date(2023, 10, 17)),
    "bis-hbm-sme-package-2024-12-02": ("Memory and equipment package", "tightening", date(2024, 12, 2)),
}
# outcome: title, frequency, family, estimator, status, (estimate, half width) without and with trends
OUTCOMES: Mapping[str, tuple[str, str, str, str, str, tuple[tuple[float, float], ...]]] = {
    "git_pushes": ("Git pushes", "quarter", "count", "ols_log", "identified", ((0.31, 0.12), (0.24, 0.15))),
    "developers": ("Developers", "quarter", "count", "ols_log", "identified", ((0.03, 0.11), (-0.02, 0.2))),
    "ai_articles": ("AI articles", "year", "count", "ols_log", "identified", ((0.22, 0.1), (0.05, 0.3))),
    "open_models_notable": (
        "Notable open models", "month", "count", "ppml", "identified", ((0.52, 0.61), (0.4, 1.1)),
    ),
    "title_mention_share": (
        "Title mentions", "month", "share", "ols", "descriptive", ((0.04, 0.0), (0.03, 0.0)),
    ),
    "trending_llm_repositories": (
        "Trending repositories", "month", "count", "ppml", "descriptive", ((0.9, 0.0), (0.7, 0.0)),
    ),
    "policy_documents": ("Policy documents", "month", "count", "ppml", "refused", ()),
    "ai_patents_granted": ("AI patents granted", "year", "count", "ppml", "not_identified", ()),
}  # fmt: skip
HEADLINE = ("git_pushes", "ai_articles", "open_models_notable", "title_mention_share", "policy_documents")
REASONS = {
    "identified": "20 donors, 14 periods before and 11 after",
    "descriptive": "9 donors carry it, 19 are needed",
    "refused": "41% of the outcome has no known country, 30% is the limit",
    "not_identified": "no complete year after the last event",
}


def periods(frequency: str) -> list[date]:
    step = {"month": 1, "quarter": 3, "year": 12}[frequency]
    return [date(2019 + index // 12, 1 + index % 12, 1) for index in range(0, 84, step)]


def activity(frequency: str) -> list[dict[str, Any]]:
    rows = []
    for outcome, (_, every, family, _, status, effects) in OUTCOMES.items():
        if every != frequency or status == "not_identified":
            continue
        for index, period in enumerate(periods(frequency)):
            years = (period - date(2019, 1, 1)).days / 365
            for rank, country in enumerate(["CN", "US", *DONORS, "ZZ"]):
                step = sum(period >= day for _, _, day in list(SHOCKS.values())[1:])
                effect = (
                    effects[0][0] * step / 2 if effects and country == "CN" and family == "count" else 0.0
                )
                wave = 0.05 * math.sin(index * (1 + rank / 7))
                value = (900 / (1 + rank)) * math.exp(0.15 * years + effect + wave)
                if outcome == "open_models_notable":
                    value = float(round(value / 200))
                if family == "share":
                    value = 0.02 + 0.02 * step if country == "CN" else 0.1
                rows.append({
                    frequency: period, "country": country, "outcome": outcome, "value": value,
                    "is_complete": index < len(periods(frequency)) - 1,
                })  # fmt: skip
    return rows


def identification() -> list[dict[str, Any]]:
    rows = []
    for outcome, (_, frequency, _, _, status, _) in OUTCOMES.items():
        for event_set in ("tightening", "us_2022_package"):
            rows.append({
                "outcome": outcome, "event_set": event_set, "contrast": "CN_donors", "frequency": frequency,
                "pre_periods": 14, "post_periods": 11, "donors_carrying": 20 if status == "identified" else 9,
                "share_unknown_country": 0.41 if status == "refused" else 0.08, "share_complete": 0.97,
                "inference": "ri_studentised" if status == "identified" else "none", "status": status,
                "reason": REASONS[status],
            })  # fmt: skip
    return rows


def estimates(simulated: bool) -> list[dict[str, Any]]:
    rows = []
    for outcome, (_, _, _, estimator, status, effects) in OUTCOMES.items():
        tested = status == "identified"
        common = {
            "outcome": outcome, "contrast": "CN_donors", "event_set": "tightening", "estimator": estimator,
            "donors": 20, "base_mean": 812.5, "n_periods": 26, "window_start": date(2019, 1, 1),
            "window_end": date(2025, 10, 1), "share_unknown_country": 0.08,
            "family": "headline" if outcome in HEADLINE else "robustness",
            "spec_id": "primary" if outcome in HEADLINE else "all_outcomes",
            "inference": "ri_studentised" if tested else "none",
            "status": "ok" if tested else status, "reason": None if tested else REASONS[status],
        }  # fmt: skip
        for trend, (effect, half) in zip(("none", "unit_linear"), effects, strict=bool(effects)):
            row = {
                **common, "term": "mean_step", "trend": trend, "estimate": effect,
                "percent_effect": math.expm1(effect) if estimator != "ols" else None,
                "planted": 0.3 if simulated and outcome == "git_pushes" else None,
            }  # fmt: skip
            if tested:
                p_value = (1 if effect > half else 8) / 21
                row |= {
                    "ci_low": effect - half,
                    "ci_high": effect + half,
                    "p_value": p_value,
                    "p_floor": 1 / 21,
                }
            rows += [row, {**row, "contrast": "US_donors", "estimate": effect / 3}]
        if not effects:
            rows += [{**common, "term": "mean_step", "trend": trend} for trend in ("none", "unit_linear")]
        for k in [*range(-6, -1), *range(13)] if effects else []:
            effect = 0.02 * math.cos(3 * k) + (effects[0][0] * min(1, k / 4 + 0.2) if k >= 0 else 0)
            row = {
                **common,
                "family": "robustness",
                "spec_id": "all_outcomes",
                "term": f"k={k:+d}",
                "trend": "none",
                "estimate": effect,
            }
            rows.append(row | ({"ci_low": effect - 0.12, "ci_high": effect + 0.13} if tested else {}))
        if tested:
            rows.append({
                **common, "family": "replication", "spec_id": "paper", "term": "mean_step", "trend": "none",
                "estimate": effects[0][0], "std_error": 0.004, "ci_low": effects[0][0] - 0.008,
                "ci_high": effects[0][0] + 0.008, "p_value": 0.0001, "inference": "crv1",
            })  # fmt: skip
            rows.append({**rows[-1], "family": "robustness", "spec_id": "leave_one_out", "term": "mean_step"})
    rows += beside_the_headline(rows)
    for row in list(rows):
        asked = (row["spec_id"], row["outcome"], row["contrast"], row["term"])
        if asked == ("primary", "git_pushes", "CN_donors", "mean_step"):  # the leads' own average
            rows.append({**row, "spec_id": "all_outcomes", "family": "robustness", "term": "average_post"})
    for row in rows:
        row["estimate_id"] = named(row)
        low, high = row.get("ci_low"), row.get("ci_high")
        row["side"] = None if low is None or high is None else (low > 0) - (high < 0)
    return rows


def contents(simulated: bool) -> Tables:
    """Every table's rows by name, before a test changes them."""
    rows = estimates(simulated)
    pushes = [
        row for row in rows if named(row).startswith("primary/git_pushes/tightening/CN_donors/mean_step")
    ]
    return {
        "dim_country": [{"country": country, "is_default_donor": country in DONORS} for country in
                        ["CN", "US", "HK", "ZZ", *DONORS]],
        "dim_outcome": [
            {"outcome": outcome, "title": title, "description": f"{title} by country.", "unit": "count",
             "frequency": frequency, "family": family, "estimator": estimator, "country_role": "actor",
             "zero_rule": "suppressed", "claim": 2, "is_primary": outcome in HEADLINE}
            for outcome, (title, frequency, family, estimator, status, _) in OUTCOMES.items()
        ],
        "bridge_outcome_source": [{"outcome": outcome, "source": "innovation_graph"} for outcome in OUTCOMES],
        "dim_event": [
            {"event_id": slug, "title": title, "actor_country": "US", "target_country": "CN",
             "direction": direction, "announced": day, "effective": day, "citation": "87 FR 1",
             "url": "https://www.federalregister.gov/citation/87-FR-1", "is_shock": True, "summary": title,
             "is_verified": True}
            for slug, (title, direction, day) in SHOCKS.items()
        ] + [
            {"event_id": "h20-resumes-2025-07", "title": "H20 sales resume", "actor_country": "US",
             "target_country": "CN", "direction": "loosening", "announced": date(2025, 7, 14),
             "is_shock": False, "is_verified": False},
        ],
        "dim_confounder": [{"confounder_id": "chatgpt-2022-11-30", "title": "ChatGPT released",
                            "kind": "demand_shock", "start_date": date(2022, 11, 30),
                            "summary": "Demand jumps."}],
        **{f"fct_activity_country_{every}": activity(every) for every in ("month", "quarter", "year")},
        "fct_activity_repository_week": [], "fct_origin_share": [],
        "fct_source_coverage": [
            {"source": source, "month": month, "expected": 30, "observed": 30 - 10 * (index % 9 == 4),
             "rejected": 0, "share": 1 - (index % 9 == 4) / 3, "unit": "files", "regime": "v1"}
            for source in ("github_trending", "innovation_graph")
            for index, month in enumerate(periods("month"))
        ],
        "checks": [
            {"gate": "marts", "tool": "gx", "table": "fct_source_coverage", "check": "share_between_0_and_1",
             "severity": "error", "success": True, "observed": "0..1", "expected": "0..1", "rows": 168},
            {"gate": "raw", "tool": "gx", "table": "github_trending/entries", "check": "rows_per_day",
             "severity": "warning", "success": False, "observed": "60", "expected": "15..30",
             "failing_rows": 2, "rows": 900},
        ],
        "identification": identification(),
        "estimates": rows,
        "diagnostics": diagnostics(pushes), "specification_curve": curve(),
        "claims": claims([*pushes, *(row for row in rows if row["spec_id"] == "paper")]),
        "revisions": revisions(pushes), "clock": clock(), "clock_worlds": worlds(),
        "glossary": glossary(),
    }  # fmt: skip


def archive_of(names: list[str]) -> list[ArchiveSource]:
    return [
        {
            "source": name, "licence": "CC0-1.0", "attribution": f"{name}, its publisher",
            "homepage": f"https://example.org/{name}", "files": 12, "bytes": 3_456_789,
            "manifest_sha256": "ab" * 32, "retrieved_first": "2026-07-01T08:00:00Z",
            "retrieved_last": "2026-07-03T08:00:00Z",
            "ignored": 1, "rejected": 0,
        }
        for name in names
    ]  # fmt: skip


def write_home(
    home: Path,
    origin: Origin = "archive",
    change: Callable[[Tables], None] | None = None,
    empty: bool = False,
    absent: bool = False,
) -> Inputs:
    """Write a home and return its Inputs; ``change`` edits the tables' rows before they are written."""
    tables = contents(simulated=origin == "sample")
    if change:
        change(tables)
    for folder, schemas in (("marts", MARTS), ("gate", GATE), ("results", RESULTS)):
        (home / folder).mkdir(exist_ok=True, parents=True)
        for name, columns in schemas.items():
            schema = pa.schema([(column, ARROW[kind]) for column, kind in columns.items()])
            rows = [] if empty else tables[name]
            if not absent:
                pq.write_table(pa.Table.from_pylist(rows, schema), home / folder / f"{name}.parquet")
    if not absent:
        accepted = [{"check": "rows_per_day", "reason": "known day"}]
        verdict = {"sha256": "cd" * 32, "passed": True, "failed": [], "accepted": accepted}
        verdicts = {} if empty else {"github_trending/entries": verdict}
        (home / "gate" / "verdicts.json").write_text(json.dumps(verdicts))
    return Inputs(
        marts=home / "marts", gate=home / "gate", results=home / "results",
        archive=[] if empty or absent else archive_of(["innovation_graph", "github_trending"]),
        origin=origin, seed=7 if origin == "sample" else None, until=date(2025, 12, 1),
        code_version="0.1.0+abc",
    )  # fmt: skip


@pytest.fixture
def make_inputs(tmp_path: Path) -> Callable[..., Inputs]:
    """``write_home`` into this test's own folder."""
    return partial(write_home, tmp_path)


@pytest.fixture(scope="session", params=["sample", "archive"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Inputs, Path]:
    """A home of either origin and its site, built once: for tests that only look."""
    inputs = write_home(tmp_path_factory.mktemp("home"), request.param)
    return inputs, build(inputs, tmp_path_factory.mktemp("out") / "site").index.parent
