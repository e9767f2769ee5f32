"""The seeds ``calendar.csv`` and ``calendar_weeks.csv`` say what the ``holidays`` package and the
time-zone database say.

They are made by ``calendar_csv`` and ``weeks_csv`` below: to extend them, raise ``LAST`` and write their
texts to the seeds.
"""

from __future__ import annotations

import calendar
import csv
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
SEED, WEEKS = SEEDS / "calendar.csv", SEEDS / "calendar_weeks.csv"
FIRST, LAST = 2018, 2027
ANNOUNCED = 2025  # China's State Council names the days off year by year; later years are by rule
HEADER = ("month", "cn_holiday_days", "us_holiday_days", "is_dst_us", "is_dst_eu", "has_golden_week")


def calendar_csv() -> str:
    """The seed's text: a month a row, holidays counted on Mondays to Fridays, daylight saving
    time as it stands at noon of the 15th, Golden Week where 1 October lies."""
    years = range(FIRST, LAST + 1)
    china, america = (
        holidays.country_holidays("CN", years=years),
        holidays.country_holidays("US", years=years),
    )
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for month in (date(year, m, 1) for year in years for m in range(1, 13)):
        days = [month + timedelta(n) for n in range(calendar.monthrange(month.year, month.month)[1])]
        weekdays = [day for day in days if day.weekday() < calendar.SATURDAY]
        middle = datetime(month.year, month.month, 15, 12)
        saving = [
            bool(middle.replace(tzinfo=ZoneInfo(zone)).dst())
            for zone in ("America/New_York", "Europe/Brussels")
        ]
        flags = [str(flag).lower() for flag in (*saving, month.month == 10)]
        writer.writerow(
            [month, sum(d in china for d in weekdays), sum(d in america for d in weekdays), *flags]
        )
    return text.getvalue()


def test_seed_is_what_the_package_says_for_announced_years() -> None:
    def known(text: str) -> list[dict[str, str]]:
        return [row for row in csv.DictReader(StringIO(text)) if int(row["month"][:4]) <= ANNOUNCED]

    assert known(SEED.read_text()) == known(calendar_csv())


def test_seed_holds_every_month_once() -> None:
    months = [row["month"] for row in csv.DictReader(StringIO(SEED.read_text()))]
    assert months == [f"{y}-{m:02}-01" for y in range(FIRST, LAST + 1) for m in range(1, 13)]


def test_daylight_saving_and_golden_week_by_hand() -> None:
    rows = {row["month"]: row for row in csv.DictReader(StringIO(SEED.read_text()))}
    assert rows["2022-03-01"]["is_dst_us"] == "true"  # from 13 March
    assert rows["2022-03-01"]["is_dst_eu"] == "false"  # from 27 March
    assert rows["2022-11-01"]["is_dst_us"] == "false"
    assert {m for m, row in rows.items() if row["has_golden_week"] == "true"} == {
        f"{y}-10-01" for y in range(FIRST, LAST + 1)
    }
    assert int(rows["2022-10-01"]["cn_holiday_days"]) == 5  # 3 to 7 October 2022


def weeks_csv() -> str:
    """The text of ``calendar_weeks.csv``: a Monday a row, holidays counted on Mondays to Fridays."""
    china = holidays.country_holidays("CN", years=range(FIRST, LAST + 2))
    america = holidays.country_holidays("US", years=range(FIRST, LAST + 2))
    first = date(FIRST, 1, 1)
    mondays = [first + timedelta(7 * n) for n in range((date(LAST, 12, 31) - first).days // 7 + 1)]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("week", "cn_holiday_days", "us_holiday_days"))
    for monday in mondays:
        days = [monday + timedelta(n) for n in range(5)]
        writer.writerow([monday, sum(d in china for d in days), sum(d in america for d in days)])
    return text.getvalue()


def test_weeks_are_what_the_package_says_for_announced_years() -> None:
    def known(text: str) -> list[dict[str, str]]:
        return [row for row in csv.DictReader(StringIO(text)) if int(row["week"][:4]) <= ANNOUNCED]

    assert known(WEEKS.read_text()) == known(weeks_csv())


def test_weeks_before_two_shocks_and_at_spring_festival_are_holidays() -> None:
    days = {row["week"]: int(row["cn_holiday_days"]) for row in csv.DictReader(StringIO(WEEKS.read_text()))}
    assert [days[week] for week in ("2022-10-03", "2023-10-02", "2024-02-12", "2022-08-08")] == [5, 5, 5, 0]
