"""Rows of what stands beside the headline in the small home: choices, curve, claims, vintages, clock.

Each follows from the headline's rows by a formula, so that a test can say what the page must show.
"""

from __future__ import annotations

from datetime import date
from typing import Any


def beside_the_headline(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Other choices for git pushes: one that moves the estimate, one that changes nothing, one that cannot be
    asked; other inferences, signs and placebo days."""
    made = []
    for first in rows:
        asked = (first["spec_id"], first["outcome"], first["contrast"], first["term"])
        if asked != ("primary", "git_pushes", "CN_donors", "mean_step"):
            continue
        row = {**first, "family": "robustness", "planted": None}
        effect, half = row["estimate"], row["ci_high"] - row["estimate"]
        empty = dict.fromkeys(("estimate", "ci_low", "ci_high", "p_value", "p_floor", "percent_effect"))
        moved = {"estimate": effect / 4, "ci_low": effect / 4 - half, "ci_high": effect / 4 + half}
        conventional = {"family": "replication", "ci_low": effect - 0.01, "ci_high": effect + 0.01}
        nothing = {**empty, "inference": "none", "status": "not_identified"}
        made += [
            {**row, **moved, "spec_id": "donors_asia", "p_value": 9 / 21},
            {**row, "spec_id": "holidays"},
            {**row, **nothing, "spec_id": "since_2021", "reason": "1 complete quarter before the event"},
            {**row, "spec_id": "ferman_pinto", "inference": "ferman_pinto"},
            {**row, **conventional, "spec_id": "conventional", "inference": "crv1"},
            {**row, **conventional, "spec_id": "conventional_ar1", "inference": "ar1_gls"},
            {**row, **nothing, "spec_id": "sign_test", "event_set": "loosening", "reason": "none after"},
            {**row, **moved, "spec_id": "sign_test", "event_set": "later_tightening"},
            {**row, **moved, "spec_id": "support", "event_set": "support"},
            {**row, **moved, "spec_id": "placebo_days", "event_set": "year_before", "family": "placebo"},
        ]  # fmt: skip
        if row["trend"] == "none":
            beyond = {"family": "placebo", "event_set": "unrelated_rule_2021", "spec_id": "placebo_days"}
            made.append({**row, **beyond})
    return made


def curve() -> list[dict[str, Any]]:
    rows = []
    for index, (trend, donors) in enumerate(
        (trend, donors) for trend in ("none", "unit_linear") for donors in ("all", "asia", "europe")
    ):
        row = {
            "outcome": "git_pushes", "event_set": "tightening", "spec_hash": f"{index:02}" * 32,
            "choice_estimator": "outcome", "choice_trend": trend, "choice_donors": donors,
            "choice_sample": "whole", "choice_timing": "announced", "status": "ok",
            "joint_p": 0.143 if trend == "none" else 0.5,
            "estimate": 0.3 - 0.1 * index, "ci_low": 0.2 - 0.1 * index, "ci_high": 0.4 - 0.1 * index,
            "p_value": (1 + index) / 21, "p_floor": 1 / 21, "donors": 20,
        }  # fmt: skip
        empty = dict.fromkeys(("estimate", "ci_low", "ci_high", "p_value", "p_floor", "joint_p"))
        rows.append(row)
        rows.append(
            row | empty | {"outcome": "policy_documents", "status": "refused", "reason": "41% unknown"}
        )
    return rows


def claims(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A quantity with two verdicts, one without an estimate, and a comparison point."""
    common = {"claim": "2", "title": "Engagement rises more in China", "kind": "claim", "claimed": "rise",
              "published_unit": "forks per repository-week", "published_definition": "Whoever forks early.",
              "published_source": "two summaries", "published_confidence": "B2"}  # fmt: skip
    theirs = next(row for row in rows if row["spec_id"] == "paper")
    made = []
    for row, verdict in zip(rows, ("agrees", "not_identified"), strict=False):
        made.append({
            **common, "quantity": "pushes" + "_unit_trend" * len(made), "quantity_title": "Pushes, China",
            "published_estimate": 0.143, "ours_their_method": 5120.0, "ours_their_method_low": 4000.0,
            "ours_their_method_high": 6000.0, "their_method_unit": "pushes a quarter",
            "their_method_estimate_id": theirs["estimate_id"], "ours_corrected": row["estimate"],
            "ours_corrected_low": row["ci_low"], "ours_corrected_high": row["ci_high"], "unit": "log points",
            "trend": row["trend"], "estimate_id": row["estimate_id"], "minimum_detectable_effect": 0.19,
            "verdict": verdict, "why": f"the set says {verdict}",
        })  # fmt: skip
    return [
        *made,
        {**common, "quantity": "forks", "quantity_title": "Forks, China", "trend": "none",
         "verdict": "not_identified", "why": "too much has no country"},
        {**common, "quantity": "downloads", "quantity_title": "Downloads", "kind": "comparison",
         "published_estimate": 1.15e9, "published_unit": "downloads", "verdict": "not_identified",
         "why": "nothing of ours counts downloads"},
    ]  # fmt: skip


def revisions(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Three vintages: without an estimate, with one, and moved by a revision and an added event."""
    made = []
    for row in rows:
        common = {name: row[name] for name in ("estimate_id", "outcome", "contrast", "trend")}
        moved = {"change": 0.05, "change_revised_cells": 0.02, "change_added_periods": 0.0,
                 "change_added_events": 0.03}  # fmt: skip
        first = row["estimate"] - 0.05
        made += [
            {**common, "vintage": date(2024, 1, 18), "status": "not_identified",
             "reason": "too few quarters"},
            {**common, "vintage": date(2025, 1, 23), "status": "ok", "estimate": first,
             "ci_low": first - 0.1, "ci_high": first + 0.1, "periods_added": 4, "cells_revised": 0},
            {**common, "vintage": date(2026, 1, 27), "status": "ok", "estimate": row["estimate"],
             "ci_low": row["ci_low"], "ci_high": row["ci_high"], "periods_added": 4, "cells_revised": 17,
             **moved},
        ]  # fmt: skip
    return made


def clock() -> list[dict[str, Any]]:
    return [
        {"day": quarter, "cut": cut, "scenario": scenario, "assumption": f"people keep {scenario} hours",
         "early_share": ratio / (1 + ratio), "ratio": ratio, "ratio_low": ratio - 0.2,
         "ratio_high": ratio + 0.3, "focal_of_early": 0.1, "other_of_late": 0.3, "needed_early": 11.9 / 12.9,
         "focal_alone": alone, "reachable": alone > 11.9, "unlisted_share": 0.03,
         **({"two_place_ratio": 90.0, "focal_excess": 0.8, "focal_multiple": 54.0} if alone > 11.9 else {})}
        for quarter in (date(2022, 10, 1), date(2024, 10, 1))
        for cut in (16, 17, 18)
        for scenario, ratio, alone in (("office", 3.0 + cut - 17, 27.0), ("flat", 2.4 + cut - 17, 2.4))
    ]  # fmt: skip


def worlds() -> list[dict[str, Any]]:
    """Two simulated worlds: in one the paper's rule finds a rise of China's that is none."""
    made = []
    for world, true, wrong in (("europe_rises", 0.0, 9.5), ("china_rises", 17.6, -1.2)):
        common = {"world": world, "cut_off": 17, "label": "SIMULATED", "seed": 7}
        for method, off in (("paper", wrong), ("two_places", wrong / 2), ("places", 0.4)):
            for quantity, truth in (("china", true), ("united_states", 0.0), ("china_effect", true)):
                estimate = truth + off
                made.append(
                    {
                        **common,
                        "method": method,
                        "quantity": quantity,
                        "estimate": estimate,
                        "ci_low": estimate - 3.0,
                        "ci_high": estimate + 3.0,
                        "truth": truth,
                    }
                )
        made.append({**common, "method": "paper", "quantity": "ratio", "estimate": 2.3})
        made.append({**common, "method": "clock_alone", "quantity": "ratio", "estimate": 2.5})
    return made


def diagnostics(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the two headline rows of git pushes, and the drifts allowed on the average effect."""
    made = []
    for row in rows:
        lead = {**row, "spec_id": "all_outcomes", "term": "average_post"}
        found = [
            (row, "minimum_detectable_effect", 0.187, None, "80% power"),
            (row, "romano_wolf", 2.5, 0.062, "over 3 outcomes"),
            (lead, "honest_estimate", 0.222, None, "measured from the last lead"),
            (lead, "smoothness_low:0.05", 0.111, None, "set"),
            (lead, "smoothness_high:0.05", 0.333, None, "set"),
            (lead, "smoothness_breakdown", None if row["trend"] == "none" else 0.07, None, "breakdown"),
            (lead, "roth_slope_80", 0.015, None, "slope"),
        ]
        if row["trend"] == "none":
            found.append((row, "pre_trend_slope", -0.012, 4 / 21, "rank 4 of 21"))
        for of, name, value, p_value, note in found:
            made.append({"estimate_id": named(of), "diagnostic": name, "value": value, "p_value": p_value,
                         "note": note})  # fmt: skip
    return made


def named(row: dict[str, Any]) -> str:
    parts = ("spec_id", "outcome", "event_set", "contrast", "term", "trend", "inference")
    return "/".join(str(row[part]) for part in parts)


def glossary() -> list[dict[str, Any]]:
    """What people read of the small home's names; title, short, group, sentence."""
    words: dict[str, dict[str, tuple[str | None, ...]]] = {
        "spec": {
            "primary": ("Mean step", None, "Headline", None),
            "donors_asia": ("Asian donors only", None, "Donors", None),
            "since_2021": ("Without the first year", "From 2021 on", "Window", None),
            "holidays": ("Without Golden Week and Lunar New Year", None, "Window", None),
            "ferman_pinto": ("Placebos rescaled by size (Ferman–Pinto)", None, "Inference", None),
            "all_outcomes": ("Every outcome", None, "Questions apart", None),
            "sign_test": ("Loosenings apart", None, "Questions apart", "Loosening should slow China down."),
            "support": ("Support apart", None, "Questions apart", None),
            "placebo_days": ("Placebo days", None, "Questions apart", "Days without a chip rule."),
            "paper": ("As in the paper", None, "Replication", None),
            "conventional": ("Clustered errors", None, "Replication", None),
            "conventional_ar1": ("AR(1) errors", None, "Replication", None),
            "leave_one_out": ("One donor left out", None, "Questions apart", None),
        },
        "event_set": {
            "loosening": ("the loosenings", None, None, "the other side"),
            "later_tightening": ("the H20 licence", None, None, "the headline’s side"),
            "unrelated_rule_2021": ("Cybersecurity rule", "the cybersecurity rule of 2021", None, None),
        },
        "contrast": {"CN_donors": ("China against the donors", "China", None, None)},
        "world": {
            "europe_rises": ("Only Europe rises", None, None, "Europe forks more."),
            "china_rises": ("Only China rises", None, None, "China forks more."),
        },
        "world_quantity": {
            "china": ("China", None, None, None),
            "united_states": ("United States", None, None, None),
        },
        "trend": {
            "none": ("without country trends", "without", None, None),
            "unit_linear": ("with country trends", "with", None, None),
        },
        "family": {
            "headline": ("named before looking", None, None, None),
            "robustness": ("other choices", None, None, None),
            "placebo": ("placebo days", None, None, None),
            "replication": ("conventional errors", None, None, None),
            "curve": ("on the specification curve", None, None, None),
        },
        "inference": {
            "ri_studentised": ("ranked among countries", None, None, None),
            "ferman_pinto": ("ranked, rescaled", None, None, None),
            "crv1": ("conventional: errors clustered by country", None, "conventional", None),
            "ar1_gls": ("conventional: AR(1)", None, "conventional", None),
        },
        "estimator": {
            "ols_log": ("least squares of logs", "logs", "log points", None),
            "ppml": ("Poisson", "counts", "log points", None),
            "ols": ("least squares", "levels", "outcome’s unit", None),
        },
        "status": {
            "identified": ("can be tested", None, None, "A set is given."),
            "descriptive": ("only described", None, None, None),
            "refused": ("refused", None, None, "Too much is unknown."),
            "not_identified": ("not identified", None, None, None),
        },
        "verdict": {
            "agrees": ("agrees", None, None, "our set excludes zero"),
            "not_identified": ("not identified", None, None, "these data cannot say"),
        },
        "confidence": {"B2": ("two public summaries that agree", None, None, None)},
        "warning": {"ZeroUnitsDropped": ("no scale", None, None, "countries left out: {detail}")},
    }
    return [
        {"kind": kind, "name": name, "title": title, "short": short, "group": group, "order": order,
         "sentence": sentence}
        for kind, entries in words.items()
        for order, (name, (title, short, group, sentence)) in enumerate(entries.items(), start=1)
    ]  # fmt: skip
