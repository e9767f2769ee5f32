"""Hour files: which are asked for, what a hole is and what a young hour, and what was put there anew."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from hypothesis import given, settings
from hypothesis import strategies as st

from dlt_sources.fetch import service_of
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import BudgetSpentError, FetchError, PinError
from dlt_sources.fetch.event_hours import BETWEEN, due_hours, hour_path
from dlt_sources.fetch.fetching import Fetched
from dlt_sources.fetch.plan import plan
from dlt_sources.fetch.service import DaySpan, Part
from dlt_sources.fetch.services.github_events import GH_ARCHIVE
from dlt_sources.fetch.tracked import read_tracked, tracked_names
from dlt_sources.fetch.wire import Budget
from tests.servers.fetches import Fetching
from tests.servers.gharchive import EventStore, hour_file, star
from tests.servers.stand_in import LASTING, NOW, PASSING

SERVICE = service_of("github_events", "hours")


def only_mornings(session: ServiceSession, span: DaySpan) -> list[Part]:
    return list(SERVICE.parts(session, replace(span, first_hour=8, last_hour=11)))


MORNINGS = replace(SERVICE, parts=only_mornings)
DAY = date(2026, 11, 16)
MORNING = datetime(2026, 11, 16, 8, tzinfo=UTC)
BESIDE = {"manifest.json", "repositories.csv", "salt.txt"}


def but_for_some(faults: Iterable[str], *quick: str) -> list[ParameterSet]:
    """The unit suite sees those that an hour file alone can have."""
    return [pytest.param(name, marks=() if name in quick else pytest.mark.slow) for name in sorted(faults)]


@pytest.fixture
def store(fetching: Fetching, monkeypatch: pytest.MonkeyPatch) -> EventStore:
    """Four hours of a morning, and a salt that is the same in every archive."""
    monkeypatch.setattr("dlt_sources.fetch.tracked.secrets.token_hex", lambda size: "5a" * size)
    store = EventStore()
    store.fill(MORNING, 4)
    store.serve(fetching.server)
    return store


def fetched(fetching: Fetching, **given: Any) -> Fetched:
    """Those four hours."""
    return fetching.fetch(MORNINGS, DAY, DAY, **given)


def hours(fetching: Fetching, archive: str = "archive") -> set[str]:
    return {path for path in fetching.files(SERVICE, archive) if path.startswith("hours/")}


def test_a_day_is_its_hours_their_salt_and_what_is_tracked(store: EventStore, fetching: Fetching) -> None:
    done = fetched(fetching)
    assert (done.problem, done.requests, done.absent) == (None, 4, [])
    files = fetching.files(SERVICE)
    assert files.keys() == BESIDE | {f"hours/2026-11-16-{hour}.json.gz" for hour in range(8, 12)}
    assert files["hours/2026-11-16-9.json.gz"] == store.files["2026-11-16-9.json.gz"]
    assert re.fullmatch(rb"[0-9a-f]{32}\n", files["salt.txt"])
    tracked = list(csv.DictReader(files["repositories.csv"].decode().splitlines()))
    assert {"repository": "78/xiaozhi-esp32", "github_id": "", "name": "78/xiaozhi-esp32"} in tracked
    asked = {asked.path for asked in fetching.server.asked}
    assert "/2026-11-16-9.json.gz" in asked and "/2026-11-16-89.json.gz" not in asked


def test_a_span_may_begin_and_end_within_a_day(store: EventStore, fetching: Fetching) -> None:
    span = SERVICE.span(DAY, DAY + timedelta(days=1), 22, 1)
    found = [hour_path(hour) for hour in due_hours(GH_ARCHIVE, span, NOW)]
    assert found == [f"hours/2026-11-{place}.json.gz" for place in ("16-22", "16-23", "17-0", "17-1")]


@settings(max_examples=20)
@given(
    st.datetimes(datetime(2011, 1, 1), datetime(2027, 1, 1)),
    st.integers(0, 24 * 40),
    st.datetimes(datetime(2011, 1, 1), datetime(2027, 1, 1)),
)
def test_months_part_the_hours_of_a_span(first: datetime, length: int, now: datetime) -> None:
    last = first + timedelta(hours=length)
    span = DaySpan(first.date(), last.date(), first.hour, last.hour)
    whole = list(span.hours())
    assert len(whole) == length + 1
    assert [hour for month in span.months() for hour in month.hours()] == whole
    for month in span.whole_months():
        assert {hour.month for hour in month.hours()} == {month.since.month}
        assert len(list(month.hours())) % 24 == 0
    due = due_hours(GH_ARCHIVE, span, now.replace(tzinfo=UTC).timestamp())
    assert all(hour + timedelta(minutes=70) <= now.replace(tzinfo=UTC) for hour in due)


def test_an_old_hour_that_is_not_there_is_a_hole_and_is_asked_for_once(
    store: EventStore, fetching: Fetching
) -> None:
    del store.files["2026-11-16-10.json.gz"]
    done = fetched(fetching)
    assert (done.problem, done.absent) == (None, ["hours/2026-11-16-10.json.gz"])
    assert fetching.clock.slept.count(BETWEEN) == 0
    again = fetched(fetching)
    assert (again.absent, again.requests, again.taken) == ([], 3, [])


def test_a_young_hour_is_waited_for_and_asked_for_again_by_the_next_fetch(
    store: EventStore, fetching: Fetching
) -> None:
    young = datetime.fromtimestamp(NOW, UTC).replace(hour=8, minute=0, second=0)
    fetching.clock.time = (young + timedelta(minutes=75)).timestamp()
    for waited in (2, 2):
        done = fetching.fetch(MORNINGS, young.date(), young.date())
        assert done.problem is None
        assert hour_path(young) in done.absent
        assert fetching.clock.slept.count(BETWEEN) == waited
        fetching.clock.time += 5 * 3600  # by then none of the four is late
    store.put(young, hour_file([star(1, young)]))
    assert hour_path(young) in fetching.fetch(MORNINGS, young.date(), young.date()).taken


def test_an_hour_that_is_not_over_is_not_asked_for(store: EventStore, fetching: Fetching) -> None:
    now = datetime.fromtimestamp(fetching.clock.now(), UTC)
    fetching.fetch(SERVICE, now.date(), now.date())
    asked = {asked.path for asked in fetching.server.asked}
    newest = now - timedelta(minutes=70)
    assert f"/{newest:%Y-%m-%d}-{newest.hour}.json.gz" in asked
    assert f"/{newest:%Y-%m-%d}-{newest.hour + 1}.json.gz" not in asked


def test_recent_hours_are_asked_whether_they_changed_and_settled_ones_are_not(
    store: EventStore, fetching: Fetching
) -> None:
    fetched(fetching)
    store.put(MORNING, hour_file([star(1, MORNING), star(2, MORNING)]))
    again = fetched(fetching)
    assert (again.taken, again.requests) == (["hours/2026-11-16-8.json.gz"], 4)
    assert fetching.files(SERVICE)["hours/2026-11-16-8.json.gz"] == store.files["2026-11-16-8.json.gz"]
    fetching.clock.time += 50 * 86_400
    assert (fetched(fetching).requests, fetched(fetching).unchanged) == (0, 5)


def test_an_hour_that_was_put_there_anew_and_lost_much_is_looked_at_first(
    store: EventStore, fetching: Fetching
) -> None:
    store.put(MORNING, hour_file(star(n * n, MORNING) for n in range(99)))
    fetched(fetching)
    before = fetching.files(SERVICE)
    store.put(MORNING, hour_file([star(1, MORNING)]))
    done = fetched(fetching)
    assert isinstance(done.problem, PinError)
    assert "hours/2026-11-16-8.json.gz: " in str(done.problem) and "--accept" in str(done.problem)
    assert fetching.files(SERVICE) == before
    assert fetched(fetching, is_accepting=True).taken == ["hours/2026-11-16-8.json.gz"]


def test_neither_a_quiet_hour_nor_years_between_two_fetches_stop_one(
    store: EventStore, fetching: Fetching
) -> None:
    """Volume fell a hundredfold and more in outages; which months are fetched is the user's choice."""
    store.put(MORNING, hour_file(star(n * n, MORNING) for n in range(999)))
    early = datetime(2012, 3, 1, tzinfo=UTC)
    store.fill(early + timedelta(hours=8), 4)
    assert fetching.fetch(MORNINGS, early.date(), early.date()).problem is None
    assert fetched(fetching).problem is None
    assert len(hours(fetching)) == 8


@pytest.mark.parametrize(
    "content",
    [b"", gzip.compress(b'{"type":"WatchEvent"}\n' * 9)[:-9], b"\x1f\x8b\x08"],
    ids=["empty", "cut", "a head"],
)
def test_a_file_that_is_empty_or_cut_at_the_publisher_is_taken_as_it_is(
    store: EventStore, fetching: Fetching, content: bytes
) -> None:
    store.put(MORNING, content)
    done = fetched(fetching)
    assert (done.problem, done.requests) == (None, 4)
    assert fetching.files(SERVICE)["hours/2026-11-16-8.json.gz"] == content


@pytest.mark.parametrize(
    "name",
    but_for_some(PASSING.keys() - {"an empty answer"}, "cut short", "gzip cut short", "a web page with 200"),
)
def test_whatever_passes_leaves_the_bytes_of_an_undisturbed_fetch(
    store: EventStore, fetching: Fetching, name: str
) -> None:
    """But for a body of nothing, which is what some hours are."""
    fetched(fetching, archive="undisturbed")
    expected = fetching.files(SERVICE, "undisturbed")
    done = fetched(fetching, archive=name, fault=replace(PASSING[name], at=3))
    assert done.problem is None
    assert fetching.files(SERVICE, name) == expected


@pytest.mark.parametrize("name", but_for_some(LASTING, "401", "a redirect in a circle"))
def test_whatever_lasts_lists_no_hour(store: EventStore, fetching: Fetching, name: str) -> None:
    done = fetched(fetching, archive=name, fault=LASTING[name])
    assert str(done.problem).startswith("fetch: github_events")
    assert fetching.files(SERVICE, name).keys() == BESIDE


def test_a_budget_ends_a_fetch_and_the_next_one_goes_on_with_the_same_salt(
    store: EventStore, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched(fetching, archive="undisturbed")
    stopped = fetched(fetching, budget=Budget(2))
    assert isinstance(stopped.problem, BudgetSpentError)
    monkeypatch.setattr("dlt_sources.fetch.tracked.secrets.token_hex", lambda size: "00" * size)
    done = fetched(fetching)
    assert done.problem is None
    assert fetching.files(SERVICE) == fetching.files(SERVICE, "undisturbed")


def test_a_salt_that_is_gone_is_not_made_anew_where_something_was_hidden_with_it(
    store: EventStore, fetching: Fetching
) -> None:
    fetched(fetching)
    shelf = fetching.folder / "archive" / "github_events"
    manifest = (shelf / "manifest.json").read_text().replace("salt.txt", "profiles.jsonl.gz")
    (shelf / "manifest.json").write_text(manifest)
    assert str(fetched(fetching).problem) == (
        "fetch: github_events: salt.txt is not listed, and profiles.jsonl.gz was made with it; "
        "put it back, or fetch into another archive"
    )


def test_ids_that_are_known_of_tracked_repositories_stay(store: EventStore, fetching: Fetching) -> None:
    fetched(fetching)
    place = fetching.folder / "archive" / "github_events" / "repositories.csv"
    place.write_text("repository,github_id,name\n78/xiaozhi-esp32,7,78/xiaozhi-esp32\n")
    fetched(fetching)
    assert {row.github_id for row in read_tracked(place) if row.repository == "78/xiaozhi-esp32"} == {7}
    assert place.read_text().count("\n") > 600


def test_a_listed_name_is_the_registrys_repository_whatever_its_capitals(tmp_path: Path) -> None:
    listed = tracked_names(["New/Thing", "JoshPXYNE/gpt-migrate"])
    names = {name: repository for repository, _, name in listed}
    assert len({name.lower() for name in names}) == len(names) == len(listed)
    assert names["New/Thing"] == "new/thing"  # spelled as it is asked for elsewhere
    assert names["joshpxyne/gpt-migrate"] == "0xpayne/gpt-migrate"


def test_the_mirror_begins_in_september_2026_and_is_another_host(fetching: Fetching) -> None:
    mirror = service_of("github_events", "mirror_hours")
    store = EventStore(host="gharchive.open-digger.cn")
    store.fill(datetime(2026, 9, 6, 8, tzinfo=UTC), 4)
    store.serve(fetching.server)
    done = fetching.fetch(mirror, date(2026, 9, 1), date(2026, 9, 6))
    assert (done.problem, len(hours(fetching)), len(done.absent)) == (None, 4, 20)
    assert {asked.host for asked in fetching.server.asked} == {store.host}


def test_a_plan_counts_hours_and_bytes_by_era_and_leaves_out_what_is_there(
    store: EventStore, fetching: Fetching
) -> None:
    def told(since: date, until: date, archive: str = "none") -> tuple[int, int]:
        found = plan(SERVICE, fetching.folder / archive, SERVICE.span(since, until), {})
        assert found.key is None
        return found.requests, found.bytes // 10**6

    assert told(date(2025, 1, 1), date(2025, 1, 1)) == (24, 24 * 135)
    assert told(date(2025, 5, 31), date(2025, 6, 1)) == (48, 24 * 129 + 24 * 99)
    assert told(date(2011, 2, 1), date(2011, 2, 12)) == (24, 24 * 13)
    hours_of_all, megabytes = told(date(2011, 2, 12), date(2026, 11, 18))
    assert hours_of_all == 24 * (date(2026, 11, 19) - date(2011, 2, 12)).days
    assert 2.9e6 < megabytes < 3.3e6
    fetched(fetching)
    assert told(DAY, DAY, "archive") == (20, 20 * 27)


def test_what_is_not_named_does_not_come_along_and_goes_back_a_month() -> None:
    assert SERVICE.is_on_request
    span = SERVICE.span(None, date(2026, 11, 18))
    assert (span.since, span.until) == (date(2026, 10, 18), date(2026, 11, 18))
    assert SERVICE.span(date(2001, 1, 1), DAY, 7).since == date(2011, 2, 1)
    assert SERVICE.span(date(2001, 1, 1), DAY, 7).first_hour == 0


def test_a_way_that_there_is_not_is_no_service() -> None:
    with pytest.raises(KeyError):
        service_of("github_events", "pigeon")
    assert issubclass(PinError, FetchError)
