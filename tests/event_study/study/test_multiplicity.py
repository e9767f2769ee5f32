"""Romano-Wolf over events and outcomes: adjusted p-values that a family deserves."""

from __future__ import annotations

from typing import Any

import pandas as pd


def found(tables: Any, outcome: str, diagnostic: str) -> pd.Series:
    estimate_id = f"primary/{outcome}/tightening/CN_donors/mean_step/none/ri_studentised"
    rows = tables.diagnostics.set_index(["estimate_id", "diagnostic"])
    return rows.loc[(estimate_id, diagnostic)]


def test_the_family_spans_outcomes_and_events_and_never_lowers_a_p(both: Any) -> None:
    both.planted = {}
    tables = both.only("primary").estimate()
    plain = tables.estimates.set_index("estimate_id")["p_value"]
    for outcome in ("pushes", "models"):
        mean = found(tables, outcome, "romano_wolf")
        assert "over 2 outcomes, among the" in mean["note"]
        estimate_id = f"primary/{outcome}/tightening/CN_donors/mean_step/none/ri_studentised"
        assert plain[estimate_id] - 1e-12 <= mean["p_value"] <= 1
        names = [d for d in tables.diagnostics["diagnostic"].unique() if d.startswith("romano_wolf:")]
        assert len(names) == 3
        assert "over 6 steps over 2 outcomes" in found(tables, outcome, names[0])["note"]


def test_a_family_that_shares_too_few_donors_says_so(both: Any) -> None:
    models = both.panel["month"]
    both.panel["month"] = models.assign(country=models["country"].str.replace("D", "E"))
    more = both.dim_country[both.dim_country["is_default_donor"]].assign(
        country=lambda d: d["country"].str.replace("D", "E"), name=lambda d: d["country"]
    )
    both.dim_country = pd.concat([both.dim_country, more], ignore_index=True)
    tables = both.only("primary").estimate()
    row = found(tables, "pushes", "romano_wolf")
    assert pd.isna(row["p_value"])
    shared = "among the 0 donors that have all of them: at least 19 needed"
    assert row["note"] == f"not adjusted over 2 outcomes, {shared}"
