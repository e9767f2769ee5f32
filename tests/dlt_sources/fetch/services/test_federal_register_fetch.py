"""Federal Register: whole months by agency and words, windows under the cap, no condition lost unseen."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_sources.federal_register_posts import SOURCE
from dlt_sources.fetch import service_of
from dlt_sources.fetch.plan import plan
from dlt_sources.tables import load
from tests.servers.any_json import ANY_JSON
from tests.servers.federal_register import Register, document
from tests.servers.fetches import Fetching

SERVICE = service_of("federal_register_posts")
SINCE, UNTIL = date(2026, 9, 1), date(2026, 10, 31)
BIS = "industry-and-security-bureau"
DOCUMENTS = [
    document("2026-18001", "2026-09-02", "Additions to the Entity List", BIS, effective_on="2026-09-05"),
    document("2026-18002", "2026-09-02", "Chocolate, a notice", BIS),
    document(
        "2026-18003", "2026-09-30", "On Artificial Intelligence in schools", abstract="A long abstract."
    ),
    document("2026-18004", "2026-09-30", "Fishing quotas", text="which artificial intelligence counts"),
    document("C1-2026-18001", "2026-10-01", "Correction", BIS),
    document("2026-19001", "2026-10-31", "A semiconductor fee", abstract="Semiconductor."),
    document("2026-20001", "2026-11-03", "Entity List again", BIS),
]


@pytest.fixture
def register(fetching: Fetching) -> Register:
    register = Register(DOCUMENTS)
    fetching.server.on("www.federalregister.gov", register)
    return register


def numbers(fetching: Fetching, archive: str = "archive") -> list[str]:
    return load(SOURCE, fetching.folder / archive)["posts"]["document_number"].to_pylist()


def test_whole_months_are_fetched_and_read(register: Register, fetching: Fetching) -> None:
    done = fetching.fetch(SERVICE, SINCE)
    assert (done.problem, done.taken) == (None, ["documents/2026-09.jsonl.gz", "documents/2026-10.jsonl.gz"])
    assert numbers(fetching) == ["2026-18001", "2026-18002", "2026-18003", "2026-19001", "C1-2026-18001"]
    [first, *_] = load(SOURCE, fetching.folder / "archive")["posts"].to_pylist()
    assert (first["agencies"], first["cfr_parts"]) == (BIS, "15 CFR 774")
    assert (first["published"], first["effective"]) == (date(2026, 9, 2), date(2026, 9, 5))
    again = fetching.fetch(SERVICE, SINCE)
    assert (again.taken, again.unchanged, again.requests) == ([], 2, 0)


def test_pages_and_windows_do_not_show(register: Register, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, SINCE, archive="whole")
    register.page = 1
    assert fetching.fetch(SERVICE, SINCE, archive="paged").problem is None
    assert fetching.files(SERVICE, "paged") == fetching.files(SERVICE, "whole")


def test_a_window_with_more_than_can_be_paged_is_halved(register: Register, fetching: Fetching) -> None:
    days = [f"2026-09-{day:02}" for day in range(1, 31)]
    register.documents = [document(f"{day}-{n}", day, "Entity List", BIS) for day in days for n in range(90)]
    done = fetching.fetch(SERVICE, SINCE, date(2026, 9, 30))
    assert done.problem is None
    assert (
        done.requests == 2 * (1 + 2 * 2) + 2
    )  # two queries over the cap, of two pages each half; two empty ones
    assert len(numbers(fetching)) == 2700


def test_a_day_over_the_cap_is_refused(register: Register, fetching: Fetching) -> None:
    register.documents = [document(f"{n}", "2026-09-02", "Entity List", BIS) for n in range(2001)]
    done = fetching.fetch(SERVICE, SINCE)
    assert "2026-09-02 to 2026-09-02: 2001 documents in one day, expected under 2000" in str(done.problem)


@pytest.mark.parametrize("name", ["conditions[agencies][]", "conditions[term]"])
def test_a_dropped_condition_is_seen(register: Register, fetching: Fetching, name: str) -> None:
    register.drops = {name}
    done = fetching.fetch(SERVICE, SINCE)
    assert "a condition was dropped" in str(done.problem)
    assert done.taken == []


def test_fewer_documents_than_were_counted_are_refused(register: Register, fetching: Fetching) -> None:
    register.loses = {"2026-18002"}
    assert "1 documents came, 2 were counted" in str(fetching.fetch(SERVICE, SINCE).problem)


def test_what_passes_leaves_no_trace(register: Register, fetching: Fetching) -> None:
    fetching.assert_same_whatever_passes(SERVICE, SINCE)


def test_what_lasts_lists_nothing_half(register: Register, fetching: Fetching) -> None:
    fetching.assert_refused_whatever_lasts(SERVICE, SINCE)


def test_a_plan_counts_months_that_are_missing(fetching: Fetching) -> None:
    told = plan(SERVICE, fetching.folder / "none", SERVICE.span(None, date(2026, 11, 18)), {})
    assert (told.requests, told.key, told.is_key_there) == (82 * 4, None, True)


RECORDED = {
    "2026-09_executive-order": "publication_date: missing",
    "2026-09_regulatory-document": None,
    "2026-09_search-newest-page-one": None,
    "2026-09_search-terminal": None,
    "2026-09_search_agency_page1": "agencies: missing",
    "2026-09_fields-unknown": "no count",
    "2026-09_invalid-cursor": "no count",
}


@pytest.mark.parametrize(("name", "fault"), RECORDED.items())
def test_a_recorded_answer_is_read_or_refused_with_its_reason(
    fetching: Fetching, recorded: Path, name: str, fault: str | None
) -> None:
    answer = json.loads((recorded / "federal_register" / f"{name}.json").read_text())
    results = [answer] if "document_number" in answer else answer.get("results", [])
    plain = Register([])

    def respond(asked: Any) -> Any:
        said = json.loads(plain(asked).body)
        if "description" in answer or results:
            said |= {"count": len(results), "results": results}
        body = said if "status" not in answer else answer
        return type(plain(asked))(json.dumps(body).encode(), 200, {"Content-Type": "application/json"})

    fetching.server.on("www.federalregister.gov", respond)
    problem = fetching.fetch(SERVICE, SINCE, date(2026, 9, 30)).problem
    # none of the recorded documents is of BIS or names a word: a month without any is not believed
    assert (fault or "0 records, expected at least 1") in str(problem)


@given(st.sampled_from(sorted(DOCUMENTS[0].keys() - {"_text"})), ANY_JSON, st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutated_record_is_read_or_refused_in_one_line(
    register: Register, fetching: Fetching, name: str, value: object, is_absent: bool
) -> None:
    plain = Register(DOCUMENTS)

    def respond(asked: Any) -> Any:
        said = json.loads(plain(asked).body)
        for found in said.get("results", []):
            found.update({name: value})
            if is_absent:
                del found[name]
        return type(plain(asked))(json.dumps(said).encode(), 200, {"Content-Type": "application/json"})

    fetching.server.on("www.federalregister.gov", respond)
    archive = f"{name} {value!r:.40} {is_absent}".replace("/", "")
    done = fetching.fetch(SERVICE, SINCE, archive=str(abs(hash(archive))))
    if done.problem is None:
        read = load(SOURCE, fetching.folder / str(abs(hash(archive))))
        assert read["posts"].num_rows + read["_rejected"].num_rows > 0
    else:
        assert str(done.problem).startswith("fetch: federal_register_posts")
        assert "\n" not in str(done.problem)
