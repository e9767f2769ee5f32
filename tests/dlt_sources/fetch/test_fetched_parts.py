"""A part's bytes hang on what was said, not on when; a part begun anew; what a new version may not lack."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlt_sources.fetch import service_of
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import BudgetSpentError, OutdatedError
from dlt_sources.fetch.parts import gathered, whole
from dlt_sources.fetch.service import Part, Service
from dlt_sources.fetch.wire import Budget
from tests.servers.fetches import Fetching
from tests.servers.stand_in import Answer, Asked, file_answer, json_answer

HOST = "api.example.org"
NOBODY = cast(ServiceSession, None)  # who asks is nobody's business here
RECORDS = st.dictionaries(
    st.text("0123456789abc/", min_size=1, max_size=5),
    st.fixed_dictionaries({"n": st.integers(), "text": st.text(max_size=5)}),
    min_size=1,
    max_size=20,
)


def service_with(*parts: Part) -> Service:
    return replace(
        service_of("github_ranking"),
        source="example",
        hosts={HOST: 0.0},
        parts=lambda *_: list(parts),
        since=date(2026, 1, 1),
    )


@settings(max_examples=25)
@given(records=RECORDS, chance=st.randoms(use_true_random=False))
def test_neither_order_nor_a_page_that_came_twice_shows_in_the_bytes(
    tmp_path_factory: pytest.TempPathFactory, records: dict[str, dict[str, Any]], chance: random.Random
) -> None:
    """Fields in another order, too: services send them as they like."""
    shuffled = [*records.items(), *chance.choices(list(records.items()), k=3)]
    chance.shuffle(shuffled)
    turned = [(key, dict(reversed(record.items()))) for key, record in shuffled]
    written = []
    for rows in (list(records.items()), turned):
        target = tmp_path_factory.getbasetemp() / "gathered.jsonl.gz"
        assert gathered("2026-11/x.jsonl.gz", lambda _, rows=rows: rows).make(NOBODY, target)
        written.append(target.read_bytes())
    assert written[0] == written[1]
    assert gzip.decompress(written[0]).count(b"\n") == len(records)


def test_of_two_versions_of_a_record_the_same_one_is_kept_in_any_order(fetching: Fetching) -> None:
    versions = [("1", {"id": 1, "title": title}) for title in ("old", "new", "newer")]
    written = set()
    for rows in (versions, versions[::-1]):
        target = fetching.folder / "x.jsonl.gz"
        gathered("2026-11/x.jsonl.gz", lambda _, rows=rows: rows).make(NOBODY, target)
        written.add(target.read_bytes())
    assert len(written) == 1


@pytest.mark.parametrize("times", [1, 2])
def test_a_cursor_that_is_known_no_more_begins_the_part_anew_once(fetching: Fetching, times: int) -> None:
    """What was kept of it goes: the first page is asked for again."""
    outdated = iter([True] * times + [False] * 9)

    def records(session: ServiceSession) -> Iterator[tuple[str, dict[str, Any]]]:
        for page in (1, 2):
            answer = session.json(f"https://{HOST}/works", {"page": page})
            if page == 2 and next(outdated):
                raise OutdatedError("the cursor is known no more")
            yield str(page), answer

    fetching.server.on(HOST, lambda asked: json_answer({"page": asked.query["page"]}))
    service = service_with(gathered("2026-11/x.jsonl.gz", records))
    done = fetching.fetch(service)
    pages = [asked.query["page"] for asked in fetching.server.asked]
    assert pages == ["1", "2", "1", "2"]
    assert (done.problem is None) == (times == 1)
    if times == 2:
        assert str(done.problem) == (
            "fetch: example/2026-11/x.jsonl.gz: the cursor is known no more; fetch again later"
        )
        assert fetching.fetch(service).problem is None  # later


@pytest.mark.parametrize("times", [1, 2])
def test_a_list_that_is_known_no_more_is_asked_for_anew_once(fetching: Fetching, times: int) -> None:
    outdated = iter([True] * times + [False] * 9)

    def parts(session: ServiceSession, _: object) -> Iterator[Part]:
        session.json(f"https://{HOST}/list")
        if next(outdated):
            raise OutdatedError("the list moved on")
        yield day("2026-05-01")

    fetching.server.on(HOST, lambda asked: json_answer([1]) if asked.path == "/list" else _rows(asked))
    done = fetching.fetch(replace(service_with(), parts=parts))
    assert [asked.path for asked in fetching.server.asked][:2] == ["/list", "/list"]
    assert str(done.problem) == (
        "None" if times == 1 else "fetch: example: the list moved on; fetch again later"
    )


def test_a_first_fetch_that_was_stopped_takes_what_an_undisturbed_one_takes(fetching: Fetching) -> None:
    """A hole in what a publisher has is no loss to an archive that begins; a later one is."""
    fetching.server.on(HOST, _rows)
    parts = [day(when) for when in ("2020-08-05", "2020-09-02", "2020-12-02", "2020-12-09")]
    service = service_with(*parts)
    assert fetching.fetch(service, archive="undisturbed").problem is None
    for allowed in (2, 0, 1):
        stopped = fetching.fetch(service, budget=Budget(allowed))
        assert isinstance(stopped.problem, BudgetSpentError)
    assert fetching.fetch(service).problem is None
    assert fetching.files(service) == fetching.files(service, "undisturbed")
    later = fetching.fetch(service_with(*parts, day("2021-06-02")))
    assert "no file for 5 months from 2021-01 on" in str(later.problem)


def day(when: str) -> Part:
    return whole(f"days/{when}.csv", f"https://{HOST}/{when}")


def files(when: str, *names: str) -> list[Part]:
    return [whole(f"{when}/{name}.csv", f"https://{HOST}/{name}-{when}", version=when) for name in names]


def _rows(_: Asked) -> Answer:
    return file_answer(b"name,n\n" + b"a,1\n" * 50, "text/csv")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ([day("2026-05-01")], [day("2026-06-30")], None),
        ([day("2026-05-01")], [day(f"2026-{month:02}-01") for month in range(6, 10)], None),
        ([day("2026-05-01")], [day("2026-09-01")], "no file for 3 months from 2026-06 on"),
        ([day("2025-12-31")], [day("2026-02-01")], "no file for 1 months from 2026-01 on"),
        (files("2026-05-01", "a", "b"), files("2026-09-01", "a", "b", "c"), None),
        (files("2026-05-01", "a", "b"), files("2026-05-02", "a"), "b.csv has no successor"),
    ],
    ids=[
        "the next month",
        "all months of a pause",
        "three months later",
        "over new year",
        "a file more",
        "a file less",
    ],
)
def test_what_the_last_had_and_the_new_one_lacks_is_taken_only_when_accepted(
    fetching: Fetching, before: list[Part], after: list[Part], words: str | None
) -> None:
    def answer(asked: Asked) -> Answer:
        body = _rows(asked).body + asked.path.encode() + b",1\n"
        return file_answer(body, "text/csv")

    fetching.server.on(HOST, answer)
    assert fetching.fetch(service_with(*before)).problem is None
    listed = set(fetching.files(service_with()))
    done = fetching.fetch(service_with(*after))
    if words is None:
        assert (done.problem, len(done.taken)) == (None, len(after))
        return
    assert words in str(done.problem)
    assert set(fetching.files(service_with())) == listed
    accepted = fetching.fetch(service_with(*after), is_accepting=True)
    assert (accepted.problem, len(accepted.taken)) == (None, len(after))
