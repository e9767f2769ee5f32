"""OpenAlex: works by cursor and groups by country, counted against what there are; sets, and no persons."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_sources import openalex
from dlt_sources.fetch import service_of
from dlt_sources.fetch.service import DaySpan
from dlt_sources.tables import load
from tests.servers.fetches import Fetching
from tests.servers.stand_in import Answer, Asked, Fault, json_answer

SERVICE = service_of("openalex")
SINCE = date(2026, 10, 1)
KEY = "canary-key-4711"
WORKS, COUNTRIES = (f"{folder}/2026-10/pulled-2026-11.jsonl.gz" for folder in ("works", "countries"))


def institution(country: str | None, kind: str = "education") -> dict[str, Any]:
    return {
        "id": "https://openalex.org/I1",
        "display_name": "An Institute",
        "country_code": country,
        "type": kind,
    }


def author(*institutions: dict[str, Any], countries: list[str] | None = None) -> dict[str, Any]:
    return {
        "author": {"id": "https://openalex.org/A1", "display_name": "Secret Name", "orcid": "0000-0001"},
        "raw_author_name": "Secret Name",
        "raw_affiliation_strings": ["Some Street 1, secret@example.org"],
        "countries": countries or [],
        "institutions": list(institutions),
    }


def work(number: int, *authors: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {
        "id": f"https://openalex.org/W{number}",
        "doi": f"https://doi.org/10.48550/arxiv.2610.{number:05d}",
        "publication_date": f"2026-10-{1 + number % 28:02d}",
        "type": "preprint",
        "primary_topic": {"id": "https://openalex.org/T10028"},
        "locations": [],
        "authorships": list(authors),
        **given,
    }


@dataclass
class OpenAlex:
    """Lists by cursor, the last page's leading to an empty one; ``told`` is how many there are said to be."""

    works: list[dict[str, Any]] = field(
        default_factory=lambda: [
            work(1, author(institution("CN")), author(institution("US", "company"), countries=["US"])),
            work(2, author(), author(institution(None, "company"))),
            work(3, author(countries=["FR"]), doi=None, locations=[{"landing_page_url": None, "id": None}]),
            work(
                4, doi=None, locations=[{"landing_page_url": "http://arxiv.org/abs/cs/0112017v2", "id": "x"}]
            ),
            work(5, authorships=None, primary_topic=None, locations=None, doi=None),
        ]
    )
    groups: list[tuple[str, int]] = field(
        default_factory=lambda: [("countries/CN", 70), ("countries/us", 60), ("unknown", 40), ("I-1", 1)]
    )
    told: dict[str, int] = field(default_factory=dict)
    per_page: int = 2

    def __call__(self, asked: Asked) -> Answer:
        if asked.query.get("api_key") != KEY:
            return json_answer({"error": "Invalid or missing API key", "message": "API key not found"}, 401)
        kind = "group_by" if "group_by" in asked.query else "results"
        rows: list[Any] = [
            {"key": f"https://openalex.org/{key}", "key_display_name": key, "count": count}
            for key, count in self.groups
        ] if kind == "group_by" else self.works  # fmt: skip
        first = 0 if asked.query["cursor"] == "*" else int(asked.query["cursor"])
        page = rows[first : first + self.per_page]
        counted = "groups_count" if kind == "group_by" else "count"
        meta = {"count": 999, "groups_count": None} | {counted: self.told.get(kind, len(rows))}
        meta["next_cursor"] = str(first + self.per_page) if page else None
        answer = json_answer({"meta": meta, kind: page})
        limits = {"x-ratelimit-remaining": "9000", "x-ratelimit-reset": "39950"}
        return Answer(answer.body, 200, {**answer.headers, **limits})


@pytest.fixture
def service(fetching: Fetching, monkeypatch: pytest.MonkeyPatch) -> OpenAlex:
    monkeypatch.setenv("OPENALEX_API_KEY", KEY)
    service = OpenAlex()
    fetching.server.on("api.openalex.org", service)
    return service


def lines(fetching: Fetching, path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(fetching.files(SERVICE)[path]).splitlines()]


def test_a_month_comes_whole_with_sets_of_countries_and_is_read(
    service: OpenAlex, fetching: Fetching
) -> None:
    done = fetching.fetch(SERVICE, SINCE)
    assert (done.problem, done.taken, done.requests) == (None, [WORKS, COUNTRIES], 7)
    sets = [(w["arxiv_id"], w["countries"], w["company_countries"]) for w in lines(fetching, WORKS)]
    assert sets == [
        ("2610.00001", "CN;US", "US"),
        ("2610.00002", "", "ZZ"),
        (None, "FR", ""),
        ("cs/0112017", "", ""),
        (None, "", ""),
    ]
    content = load(openalex.SOURCE, fetching.folder / "archive")
    assert content["works"]["authors_without_country"].to_pylist() == [0, 2, 0, 0, 0]
    assert set(content["works"]["pulled_month"].to_pylist()) == {date(2026, 11, 1)}
    by_country = {(g["country"], g["key"]): g["works"] for g in content["country_months"].to_pylist()}
    assert by_country == {("CN", "CN"): 70, ("US", "US"): 60, ("ZZ", "UNKNOWN"): 40, ("ZZ", "I-1"): 1}
    assert fetching.fetch(SERVICE, SINCE).requests == 0


def test_no_person_and_no_key_is_kept(service: OpenAlex, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, SINCE)
    kept = b"".join(
        gzip.decompress(data) if p.endswith("gz") else data for p, data in fetching.files(SERVICE).items()
    )
    for secret in (b"Secret", b"0000-0001", b"example.org", b"A1", KEY.encode()):
        assert secret not in kept


@pytest.mark.parametrize("kind", ["results", "group_by"])
def test_a_list_that_is_cut_is_none(service: OpenAlex, fetching: Fetching, kind: str) -> None:
    service.told = {kind: 200}
    done = fetching.fetch(SERVICE, SINCE)
    assert f"of 200 {kind} came" in str(done.problem)
    assert done.taken == []


def test_pages_out_of_order_and_twice_give_the_same_bytes(service: OpenAlex, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, SINCE, archive="plain")
    service.told = {"results": 5, "group_by": 4}
    service.works = [service.works[4], *service.works[::-1]]
    service.groups = [*service.groups[::-1], service.groups[0]]
    assert fetching.fetch(SERVICE, SINCE).problem is None
    kept, plain = fetching.files(SERVICE), fetching.files(SERVICE, "plain")
    assert [kept[p] for p in (WORKS, COUNTRIES)] == [plain[p] for p in (WORKS, COUNTRIES)]


def test_the_days_allowance_is_not_waited_for(service: OpenAlex, fetching: Fetching) -> None:
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "39950"}
    done = fetching.fetch(SERVICE, SINCE, fault=Fault("status", status=429, headers=spent, times=99))
    assert "wants no request for 666 minutes" in str(done.problem)
    fetching.clock.time += 40_000
    assert fetching.fetch(SERVICE, SINCE).taken == [WORKS, COUNTRIES]


def test_without_a_key_it_is_skipped_and_the_plan_says_so(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dlt_sources.fetch.errors import KeyAbsentError
    from dlt_sources.fetch.plan import plan

    monkeypatch.delenv("OPENALEX_API_KEY", raising=False)
    with pytest.raises(KeyAbsentError, match="no OPENALEX_API_KEY"):
        fetching.fetch(SERVICE, SINCE)
    asked = plan(SERVICE, fetching.folder / "none", DaySpan(date(2026, 9, 1), date(2026, 11, 18)), {})
    assert (asked.requests, asked.is_key_there, asked.key) == (226, False, "OPENALEX_API_KEY")


def test_what_passes_leaves_no_trace(service: OpenAlex, fetching: Fetching) -> None:
    fetching.assert_same_whatever_passes(SERVICE, SINCE)


def test_what_lasts_lists_nothing_half(service: OpenAlex, fetching: Fetching) -> None:
    fetching.assert_refused_whatever_lasts(SERVICE, SINCE)


NOTHING = st.sampled_from([None, [], {}])


@given(
    nothing=st.dictionaries(st.sampled_from(["doi", "primary_topic", "locations", "authorships"]), NOTHING)
)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_null_or_absent_a_work_is_read(
    service: OpenAlex, fetching: Fetching, tmp_path_factory: pytest.TempPathFactory, nothing: dict[str, Any]
) -> None:
    fetching.folder = tmp_path_factory.mktemp("fetched")
    service.works = [work(1, **nothing), work(2)]
    for name, value in nothing.items():
        if value is None:
            del service.works[0][name]
    assert fetching.fetch(SERVICE, SINCE).problem is None
    assert load(openalex.SOURCE, fetching.folder / "archive")["works"].num_rows == 2


def test_recorded_works_and_groups_are_read(service: OpenAlex, fetching: Fetching, recorded: Path) -> None:
    for path in sorted((recorded / "openalex").glob("*.json")):
        content = json.loads(path.read_bytes())
        if isinstance(content, dict) and isinstance(content.get("results"), list):
            service.works += [found for found in content["results"] if "authorships" in found]
        elif isinstance(content, dict) and "group_by" in content:
            service.groups = [(g["key"].partition("org/")[2], g["count"]) for g in content["group_by"]]
    service.works = list({found["id"]: found for found in service.works}.values())
    assert len(service.works) > 9
    assert fetching.fetch(SERVICE, SINCE).problem is None
    content = load(openalex.SOURCE, fetching.folder / "archive")
    assert content["works"].num_rows == len(service.works)
    assert content["_rejected"].num_rows == 0
