"""gov.cn: months of two libraries in every shape of an answer, none believed because its status is good."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_sources.china_policy_documents import SOURCE
from dlt_sources.fetch import service_of
from dlt_sources.fetch.plan import plan
from dlt_sources.tables import load
from tests.servers.any_json import ANY_JSON
from tests.servers.fetches import Fetching
from tests.servers.gov_cn import EMPTY, Library, entry
from tests.servers.stand_in import Answer, Asked, json_answer

SERVICE = service_of("china_policy_documents")
HOST = "sousuo.www.gov.cn"
SINCE, UNTIL = date(2026, 9, 1), date(2026, 10, 31)
STATE_COUNCIL = [
    entry("202609/content_1", "2026-09-10", "关于<em>人工智能</em>的意见"),
    entry("202610/content_9", "2026-10-02", "令（第88号）　　暂行条例<br>第一"),
]
MINISTRIES = [
    entry(f"202609/content_{n}", "2026-09-24", f"规划{n}", "交通运输部 国家铁路局") for n in range(100, 350)
]


@pytest.fixture
def library(fetching: Fetching) -> Library:
    library = Library(STATE_COUNCIL, MINISTRIES)
    fetching.server.on(HOST, library)
    return library


def documents(fetching: Fetching, archive: str = "archive") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = load(SOURCE, fetching.folder / archive)["documents"].to_pylist()
    return found


def test_months_of_both_libraries_are_fetched_and_read(library: Library, fetching: Fetching) -> None:
    done = fetching.fetch(SERVICE, SINCE)
    assert done.problem is None
    assert done.taken == ["gov_cn/2026-09.jsonl.gz", "gov_cn/2026-10.jsonl.gz"]
    found = documents(fetching)
    assert len(found) == 252
    by_page = {row["url"].rsplit("/", 1)[1]: row for row in found}
    first, last = by_page["content_1.htm"], by_page["content_9.htm"]
    assert (first["title"], first["issued"], first["published"]) == (
        "关于 人工智能 的意见",
        date(2026, 7, 8),
        date(2026, 9, 10),
    )
    assert last["title"] == "令（第88号） 暂行条例 第一"
    assert {row["library"] for row in found} == {"gov_cn"}
    assert by_page["content_100.htm"]["authority"] == "交通运输部 国家铁路局"
    assert by_page["content_100.htm"]["category"] == "科技/科技"


def test_shapes_and_pages_that_overlap_do_not_show(library: Library, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, SINCE, archive="usual")
    library.shape, library.overlap = "catalogue", 7
    assert fetching.fetch(SERVICE, SINCE, archive="other").problem is None
    assert fetching.files(SERVICE, "other") == fetching.files(SERVICE, "usual")


def test_fewer_documents_than_were_counted_are_refused(library: Library, fetching: Fetching) -> None:
    library.loses = 3
    problem = str(fetching.fetch(SERVICE, SINCE).problem)
    assert "1 documents came, 4 were counted" in problem


def test_a_month_without_any_is_not_believed(library: Library, fetching: Fetching) -> None:
    library.gongwen = library.bumenfile = ()
    assert "0 records, expected at least 1" in str(fetching.fetch(SERVICE, SINCE).problem)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            {"code": 200, "msg": "", "searchVO": {"q": None, "listVO": None, "catMap": {}}},
            "a parameter is missing",
        ),
        ({"code": 200, "msg": "", "data": None, "paramsVO": {"q": ""}}, "code 200 and no list"),
        ({"code": 500, "msg": "busy", "searchVO": None}, "code 500 and no list"),
        ([], "code None and no list"),
        ({"code": 200, "searchVO": {"listVO": [{"title": "x"}], "totalCount": 1}}, "url: missing"),
        ({"code": 200, "searchVO": {"listVO": [1], "totalCount": "many"}}, "of another kind"),
    ],
)
def test_a_good_status_is_no_good_answer(fetching: Fetching, answer: object, words: str) -> None:
    fetching.server.on(HOST, lambda asked: json_answer(answer))
    done = fetching.fetch(SERVICE, SINCE)
    assert words in str(done.problem)
    assert done.taken == []


def test_what_passes_leaves_no_trace(library: Library, fetching: Fetching) -> None:
    fetching.assert_same_whatever_passes(SERVICE, SINCE)


def test_what_lasts_lists_nothing_half(library: Library, fetching: Fetching) -> None:
    fetching.assert_refused_whatever_lasts(SERVICE, SINCE)


def test_a_plan_asks_for_no_key(fetching: Fetching) -> None:
    told = plan(SERVICE, fetching.folder / "none", SERVICE.span(SINCE, UNTIL), {})
    assert (told.requests, told.key) == (8, None)
    assert told.minutes == pytest.approx(8 * 4 / 60)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("2026-07_search_catmap_partial", None),
        ("2026_empty_code1001", "0 records"),
        ("2026_incomplete_params", "a parameter is missing"),
    ],
)
def test_a_recorded_answer_is_read_or_refused(
    fetching: Fetching, recorded: Path, name: str, words: str | None
) -> None:
    answer = json.loads((recorded / "gov_cn" / f"{name}.json").read_text())
    fetching.server.on(HOST, lambda asked: json_answer(answer))
    done = fetching.fetch(SERVICE, date(2026, 7, 1), date(2026, 7, 31))
    if words:
        assert words in str(done.problem)
    else:
        assert done.problem is None
        assert {row["authority"] for row in documents(fetching)} == {"国务院", "交通运输部 国家铁路局"}


@given(st.sampled_from(sorted(STATE_COUNCIL[0])), ANY_JSON)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutated_record_is_read_or_refused_in_one_line(
    fetching: Fetching, name: str, value: object
) -> None:
    plain = Library(STATE_COUNCIL, ())

    def respond(asked: Asked) -> Answer:
        said = json.loads(plain(asked).body)
        for found in (said["searchVO"] or {}).get("listVO", []):
            found[name] = value
        return json_answer(said)

    fetching.server.on(HOST, respond)
    archive = str(abs(hash((name, repr(value)))))
    done = fetching.fetch(SERVICE, SINCE, UNTIL, archive=archive)
    if done.problem is None:
        assert documents(fetching, archive)
    else:
        assert str(done.problem).startswith("fetch: china_policy_documents")
        assert "\n" not in str(done.problem)


def test_the_empty_answer_is_the_recorded_one(recorded: Path) -> None:
    assert json.loads((recorded / "gov_cn" / "2026_empty_code1001.json").read_text()) == EMPTY
