"""Rows of estimates ranked among dates: placebos away from holidays, clock changes and other events."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from event_study.panel.calendar import HOLIDAY_WEEKS, is_in_week, is_saving

RULES = {
    "bis-advanced-computing-rule-2022-10-07": date(2022, 10, 7),
    "bis-acs-rule-2023-10-17": date(2023, 10, 17),
    "bis-hbm-sme-package-2024-12-02": date(2024, 12, 2),
}


def series(rng: np.random.Generator, units: int, size: int, rho: float = 0.8) -> np.ndarray:
    noise = rng.normal(size=(units, size + 50))
    for t in range(1, size + 50):
        noise[:, t] = rho * noise[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    return noise[:, 50:]


def weekly(make_study: Callable[..., Any], first: date, weeks: int, calendar: str | None) -> Any:
    """China and five donors by week: too few for ranks among countries."""
    made = make_study(donors=5)
    days = [first + timedelta(7 * k) for k in range(weeks)]
    countries = [c for c in made.dim_country["country"] if c != "US"]
    rng = np.random.default_rng(31)
    levels = np.exp(10 + 0.05 * series(rng, len(countries), weeks))
    levels[0] *= np.exp(0.3 * np.asarray([day >= RULES["bis-acs-rule-2023-10-17"] for day in days]))
    made.panel = {
        "week": pd.DataFrame(
            {
                "country": np.repeat(countries, weeks),
                "period": days * len(countries),
                "outcome": "stars",
                "value": levels.ravel(),
                "is_complete": True,
            }
        )
    }
    made.dim_outcome = pd.DataFrame(
        {"outcome": ["stars"], "frequency": ["week"], "estimator": ["ols_log"], "is_primary": [True],
         "window_start": [None], "window_end": [None]}
    )  # fmt: skip
    made.dim_country["holiday_calendar"] = [
        calendar if c == "CN" else None for c in made.dim_country["country"]
    ]
    return made.only("primary")


def dated(study: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    tables = study.estimate()
    rows = tables.estimates.query("inference == 'ri_dates' and contrast == 'CN_donors'")
    return rows, tables.placebos[tables.placebos["estimate_id"].isin(rows["estimate_id"])]


@pytest.mark.parametrize("level", [1.0, 1e-9, 1e11])
def test_a_gap_of_rounding_is_ranked_among_no_dates(make_study: Callable[..., Any], level: float) -> None:
    """China is the donors' mean but for the last digit, whatever the unit of the data."""
    made = weekly(make_study, date(2019, 12, 30), 300, None)
    week = made.panel["week"]
    wide = week.pivot(index="country", columns="period", values="value")
    mean = level * np.exp(np.log(wide.drop("CN")).mean())
    value = (week["value"] * level).mask(week["country"] == "CN", week["period"].map(mean))
    made.panel["week"] = week.assign(value=value)
    rows, placebos = dated(made)
    assert (rows["status"] == "not_identified").all() and len(rows) and placebos.empty
    assert rows["reason"].str.contains("China does not vary before the first event").all()


def event_set(make_study: Callable[..., Any], name: str) -> tuple[Any, ...]:
    return next((e,) for spec in make_study().specs for e in spec.event_sets if e.name == name)


def windows(reason: str) -> int:
    found = re.search(r"(\d+) disjoint windows", reason)
    assert found is not None
    return int(found[1])


def test_the_row_avoids_holidays_clock_changes_and_other_events(make_study: Callable[..., Any]) -> None:
    plain, _ = dated(weekly(make_study, date(2017, 1, 2), 468, None))
    rows, placebos = dated(weekly(make_study, date(2017, 1, 2), 468, "CN"))
    assert rows["status"].tolist() == plain["status"].tolist() == ["ok"]
    found = rows.iloc[0]
    assert "without holiday weeks and clock changes" in found["reason"]
    assert "holiday" not in plain.iloc[0]["reason"] and plain.iloc[0]["warnings"] is None
    assert found["estimate"] == plain.iloc[0]["estimate"]
    assert found["warnings"] == "HolidayInReference; DSTInWindow"  # October's events have both
    starts = {date.fromisoformat(d) for name in placebos["placebo"] for d in name.split()}
    for start in starts:
        window = [start + timedelta(k) for k in range(-28, 28)]
        assert not any(is_in_week(name, day) for name in HOLIDAY_WEEKS for day in window)
        assert len({is_saving("America/New_York", day) for day in window}) == 1
        assert all(abs((start - day).days) > 8 * 7 - 7 for day in RULES.values())


def test_the_windows_of_events_that_are_not_asked_about_hold_no_placebo(
    make_study: Callable[..., Any],
) -> None:
    study = weekly(make_study, date(2017, 1, 2), 468, None)
    one = study.specs[0].model_copy(update={"event_sets": event_set(make_study, "rule_2023")})
    study.specs = [one]
    rows, placebos = dated(study)
    assert rows["p_floor"].tolist() == [pytest.approx(1 / (1 + windows(rows.iloc[0]["reason"])))]
    for name in placebos["placebo"]:
        assert all(abs((date.fromisoformat(name) - day).days) > 8 * 7 - 7 for day in RULES.values())


def test_a_row_without_enough_clean_weeks_says_so(make_study: Callable[..., Any]) -> None:
    study = weekly(make_study, date(2020, 1, 6), 300, "CN")
    seen = study.verdict("stars")
    assert (seen["status"], seen["inference"]) == ("descriptive", "none")
    assert "fit without holiday weeks and clock changes where a test over dates needs 20" in seen["reason"]
    rows, _ = dated(study)
    assert rows.empty
    unaware = weekly(make_study, date(2020, 1, 6), 300, None).verdict("stars")
    assert unaware["inference"] == "ri_dates"  # no calendar is known there: every week counts


@pytest.mark.parametrize("calendar", ["CN", None])
@pytest.mark.parametrize("weeks", [400, 468])
def test_as_many_windows_are_judged_as_the_row_has(
    make_study: Callable[..., Any], calendar: str | None, weeks: int
) -> None:
    study = weekly(make_study, date(2017, 1, 2), weeks, calendar)
    seen, (rows, _) = study.verdict("stars"), dated(study)
    promised = re.search(r"(\d+) disjoint placebo windows", seen["reason"])
    assert promised is not None and int(promised[1]) == windows(rows.iloc[0]["reason"])
    assert ("without holiday weeks" in seen["reason"]) is (calendar == "CN")
