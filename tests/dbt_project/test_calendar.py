"""The seed ``calendar.csv`` says what the ``holidays`` package and the time-zone database say.

The seed is made by ``calendar_csv`` below: to extend it, raise ``LAST`` and write its text to the seed.
"""

from __future__ import annotations

import calendar
import csv
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays

SEED = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "calendar.csv"
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
