"""Epoch's lists: a version a day where one changed, held against the last; each real list is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from dlt_sources.epoch_models import SOURCE
from dlt_sources.fetch import service_of
from dlt_sources.tables import load
from tests.servers.fetches import Fetching
from tests.servers.stand_in import NOT_FOUND, Answer, Asked, file_answer

SERVICE = service_of("epoch_models")
LISTS = ("all_ai_models", "large_scale_ai_models", "notable_ai_models")
DAY, LATER = "2026-11-18", 30 * 86_400
HEADER = (
    "Model,Organization,Publication date,Domain,Parameters,Training compute (FLOP),"
    "Country (of organization)\n"
)


def a_list(systems: int, first_year: int = 2018) -> bytes:
    """Systems of three makers, one a year in turn, some with a name of two lines."""
    rows = [
        f'"Qwen\n{n}","Alibaba,Qwen",{first_year + n % 9}-03-14,Language,7e9,3.1e+22,"China,China"\n'
        if n % 3
        else f"Open-{n},01.AI,{first_year + n % 9}-11-02,Language,100000000.0,,China\n"
        for n in range(systems)
    ]
    return (HEADER + "".join(rows)).encode()


@dataclass
class Epoch:
    lists: dict[str, bytes] = field(default_factory=lambda: {name: a_list(40) for name in LISTS})

    def __call__(self, asked: Asked) -> Answer:
        data = self.lists.get(asked.path.removeprefix("/data/").removesuffix(".csv"))
        return NOT_FOUND if data is None else file_answer(data, "text/csv")


@pytest.fixture
def epoch(fetching: Fetching) -> Epoch:
    epoch = Epoch()
    fetching.server.on("epoch.ai", epoch)
    return epoch


def paths(day: str, *names: str) -> list[str]:
    return [f"{name}/{day}/{name}.csv" for name in names or LISTS]


def test_each_list_is_a_version_of_its_day_that_the_source_reads(epoch: Epoch, fetching: Fetching) -> None:
    assert fetching.fetch(SERVICE).taken == paths(DAY)
    content = load(SOURCE, fetching.folder / "archive")
    assert [content[name].num_rows for name in LISTS] == [40, 40, 40]
    assert content["_rejected"].num_rows == 0
    assert content["all_ai_models"]["version"].to_pylist()[0] == date(2026, 11, 18)


def test_an_unchanged_list_costs_a_request_and_no_bytes(epoch: Epoch, fetching: Fetching) -> None:
    fetching.fetch(SERVICE)
    again = fetching.fetch(SERVICE)
    assert (again.requests, again.unchanged) == (0, 3)  # a day has one version
    fetching.clock.time += LATER
    epoch.lists["notable_ai_models"] = a_list(44)
    later = fetching.fetch(SERVICE, until=date(2026, 12, 31))
    assert (later.problem, later.taken) == (None, paths("2026-12-18", "notable_ai_models"))
    assert (later.requests, later.unchanged) == (3, 2)
    assert later.bytes == len(epoch.lists["notable_ai_models"])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (a_list(20), "bytes, the last had"),
        (a_list(43, first_year=2019), "speaks no more for 2018"),
        (a_list(39)[:-1] + b"\nOpen-41,01.AI,", "a last row of 3 fields"),
    ],
)
def test_a_list_that_lost_something_is_not_taken(
    epoch: Epoch, fetching: Fetching, changed: bytes, said: str
) -> None:
    fetching.fetch(SERVICE)
    fetching.clock.time += LATER
    epoch.lists["large_scale_ai_models"] = changed
    done = fetching.fetch(SERVICE, until=date(2026, 12, 31))
    assert said in str(done.problem)
    assert done.taken == []


def test_a_list_that_is_gone_is_said_to_be(epoch: Epoch, fetching: Fetching) -> None:
    del epoch.lists["notable_ai_models"]
    done = fetching.fetch(SERVICE)
    assert "epoch.ai/data/notable_ai_models.csv: status 404" in str(done.problem)


def test_no_other_days_than_today_are_there(epoch: Epoch, fetching: Fetching) -> None:
    done = fetching.fetch(SERVICE, until=date(2026, 11, 17))
    assert (done.problem, done.taken, done.requests) == (None, [], 0)


def test_what_passes_leaves_no_trace(epoch: Epoch, fetching: Fetching) -> None:
    fetching.assert_same_whatever_passes(SERVICE)


def test_what_lasts_lists_nothing_half(epoch: Epoch, fetching: Fetching) -> None:
    fetching.assert_refused_whatever_lasts(SERVICE)


@pytest.mark.parametrize("name", ["large_scale_ai_models_2025-12", "notable_ai_models_2025-12"])
def test_a_recorded_list_is_fetched_and_read(
    epoch: Epoch, fetching: Fetching, recorded: Path, name: str
) -> None:
    kept = name.removesuffix("_2025-12")
    epoch.lists[kept] = (recorded / "epoch" / f"{name}.csv").read_bytes()
    assert fetching.fetch(SERVICE).problem is None
    content = load(SOURCE, fetching.folder / "archive")
    assert content[kept].num_rows > 5
    assert content["_rejected"].num_rows == 0
