"""GitHub's GraphQL: a hundred repositories a question; who is unknown is data, every other error is none."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_sources.fetch import service_of
from dlt_sources.fetch.errors import KeyAbsentError
from dlt_sources.fetch.plan import plan
from dlt_sources.fetch.services import repository_metadata
from dlt_sources.repository_metadata import SOURCE
from dlt_sources.tables import load
from tests.servers.any_json import ANY_JSON
from tests.servers.fetches import Fetching
from tests.servers.graphql import GraphQL, repository
from tests.servers.stand_in import NOW, Answer, Asked, json_answer

SERVICE = service_of("repository_metadata")
DAY = "2026-11-18"
PATH = f"{DAY}/repositories.jsonl.gz"
NAMES = [f"lab/model-{n:03}" for n in range(250)]


@pytest.fixture
def github(fetching: Fetching, monkeypatch: pytest.MonkeyPatch) -> GraphQL:
    monkeypatch.setenv("GITHUB_TOKEN", "a-token-of-mine")
    monkeypatch.setattr(repository_metadata, "followed_repositories", lambda: NAMES)
    known = {name: repository(1000 + n, name) for n, name in enumerate(NAMES)}
    known[NAMES[1]] = repository(1001, "Other-Lab/model", licenseInfo=None, primaryLanguage=None)
    known[NAMES[2]] = repository(1002, NAMES[2], isArchived=True, archivedAt="2026-02-01T00:00:00Z")
    del known[NAMES[3]]
    github = GraphQL(known)
    fetching.server.on("api.github.com", github)
    return github


def rows(fetching: Fetching, archive: str = "archive") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = load(SOURCE, fetching.folder / archive)["repositories"].to_pylist()
    return found


def test_names_are_asked_for_in_hundreds_and_read(github: GraphQL, fetching: Fetching) -> None:
    done = fetching.fetch(SERVICE)
    assert (done.problem, done.taken, done.requests) == (None, [PATH], 3)
    assert github.batches == [100, 100, 50]
    plain, renamed, archived, gone = rows(fetching)[:4]
    assert (plain["github_id"], plain["name"], plain["licence"]) == (1000, NAMES[0], "Apache-2.0")
    assert (renamed["asked_name"], renamed["name"], renamed["language"]) == (
        NAMES[1],
        "Other-Lab/model",
        None,
    )
    assert (archived["is_archived"], str(archived["archived_at"])[:10]) == (True, "2026-02-01")
    assert (gone["is_there"], gone["github_id"]) == (False, None)


def test_a_day_on_which_nothing_changed_is_no_version(github: GraphQL, fetching: Fetching) -> None:
    fetching.fetch(SERVICE)
    fetching.clock.time += 30 * 86_400
    again = fetching.fetch(SERVICE, until=date(2026, 12, 31))
    assert (again.problem, again.taken, again.unchanged) == (None, [], 1)
    github.known = {**github.known, NAMES[0]: repository(1000, NAMES[0], isArchived=True)}
    fetching.clock.time += 86_400
    later = fetching.fetch(SERVICE, until=date(2026, 12, 31))
    assert (later.problem, later.taken) == (None, ["2026-12-19/repositories.jsonl.gz"])


def test_points_that_are_used_up_are_waited_for(github: GraphQL, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, archive="undisturbed")
    fetching.server.now = NOW
    github.points = 1
    done = fetching.fetch(SERVICE)
    assert done.problem is None
    assert max(fetching.clock.slept) == pytest.approx(1200, abs=60)
    assert fetching.files(SERVICE) == fetching.files(SERVICE, "undisturbed")


def test_an_error_of_another_kind_is_asked_again(github: GraphQL, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, archive="undisturbed")
    github.errors = [{"type": "RESOURCE_LIMITS_EXCEEDED", "path": ["r7"], "message": "too much"}]
    done = fetching.fetch(SERVICE)
    assert (done.problem, done.requests) == (None, 4)
    assert fetching.files(SERVICE) == fetching.files(SERVICE, "undisturbed")


def test_a_null_that_no_error_explains_is_not_believed(github: GraphQL, fetching: Fetching) -> None:
    github.loses = {NAMES[7]}
    done = fetching.fetch(SERVICE)
    assert "r7 is null, and no error says why" in str(done.problem)
    assert done.taken == []


def test_a_name_that_is_not_answered_is_not_taken_for_gone(github: GraphQL, fetching: Fetching) -> None:
    def respond(asked: Asked) -> Answer:
        said = json.loads(github(asked).body)
        del said["data"]["r9"]
        return json_answer(said)

    fetching.server.on("api.github.com", respond)
    assert "lab/model-009: is not in the answer" in str(fetching.fetch(SERVICE).problem)


def test_a_github_that_knows_none_is_not_believed(github: GraphQL, fetching: Fetching) -> None:
    github.known = {}
    assert "GitHub knows none of 250 repositories" in str(fetching.fetch(SERVICE).problem)


def test_without_a_token_nothing_is_asked(
    github: GraphQL, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    with pytest.raises(KeyAbsentError, match="no GITHUB_TOKEN in the environment"):
        fetching.fetch(SERVICE)
    assert fetching.server.asked == []


def test_what_passes_leaves_no_trace(github: GraphQL, fetching: Fetching) -> None:
    fetching.assert_same_whatever_passes(SERVICE)


def test_what_lasts_lists_nothing_half(github: GraphQL, fetching: Fetching) -> None:
    fetching.assert_refused_whatever_lasts(SERVICE)


def test_the_registry_and_the_counted_histories_are_followed(fetching: Fetching) -> None:
    names = repository_metadata.followed_repositories()
    assert len(names) > 700
    assert "hiyouga/LLaMA-Factory" in names
    assert len({name.lower() for name in names}) == len(names)
    told = plan(SERVICE, fetching.folder / "none", SERVICE.span(None, date(2026, 11, 18)), {})
    assert (told.requests, told.key, told.is_key_there) == (8, "GITHUB_TOKEN", False)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("graphql_not_found_2024", "is not in the answer"),
        ("graphql_error_2023", "GraphQL says UNPROCESSABLE"),
        ("graphql_pages_2024", "is not in the answer"),
        ("repo_2025", "no data and no error"),
    ],
)
def test_a_recorded_answer_is_refused_with_its_reason(
    github: GraphQL, fetching: Fetching, recorded: Path, name: str, words: str
) -> None:
    answer = json.loads((recorded / "github" / f"{name}.json").read_text())[0]["body"]
    fetching.server.on("api.github.com", lambda asked: json_answer(answer))
    done = fetching.fetch(SERVICE)
    assert words in str(done.problem)
    assert done.taken == []


@given(st.sampled_from(sorted(repository(1, "a/b"))), ANY_JSON)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutated_record_is_read_or_refused_in_one_line(
    github: GraphQL, fetching: Fetching, name: str, value: object
) -> None:
    def respond(asked: Asked) -> Answer:
        said = json.loads(github(asked).body)
        said["data"]["r0"][name] = value
        return json_answer(said)

    fetching.server.on("api.github.com", respond)
    archive = str(abs(hash((name, repr(value)))))
    done = fetching.fetch(SERVICE, archive=archive)
    if done.problem is None:
        read = load(SOURCE, fetching.folder / archive)
        assert read["repositories"].num_rows + read["_rejected"].num_rows == 250
    else:
        assert str(done.problem).startswith("fetch: repository_metadata")
        assert "\n" not in str(done.problem)


@given(ANY_JSON | st.fixed_dictionaries({"data": ANY_JSON, "errors": ANY_JSON}))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_answer_of_any_shape_is_refused_in_one_line(
    github: GraphQL, fetching: Fetching, answer: object
) -> None:
    fetching.server.on("api.github.com", lambda asked: json_answer(answer))
    done = fetching.fetch(SERVICE)
    assert str(done.problem).startswith("fetch: repository_metadata")
    assert "\n" not in str(done.problem)
