"""Innovation Graph: a release is a vintage of whole files, taken together; what lost rows is not taken."""

from __future__ import annotations

from datetime import date

import pytest

from dlt_sources.fetch import service_of
from dlt_sources.innovation_graph import SOURCE
from dlt_sources.tables import load
from tests.servers.fetches import Fetching
from tests.servers.github import Repository
from tests.servers.stand_in import LASTING, PASSING

SERVICE = service_of("innovation_graph")
MEASURES = ("git_pushes", "repositories", "developers", "organizations")
FIRST, SECOND = "2026-07-14", "2026-11-03"


def release(quarters: int) -> dict[str, bytes]:
    """``data/`` as it is after so many quarters of three economies, with what is not ours beside it."""
    files = {"data/topics.csv": b"num_pushers,topic,iso2_code,year,quarter\n1,ai,CN,2024,1\n"}
    for measure in MEASURES:
        rows = "".join(
            f"{900 + n},{code},{2024 + n // 4},{n % 4 + 1}\n"
            for n in range(quarters)
            for code in ("CN", "EU", "NA")
        )
        files[f"data/{measure}.csv"] = f"{measure},iso2_code,year,quarter\n{rows}".encode()
    return files


def paths(day: str) -> list[str]:
    return [f"vintages/{day}/data/{measure}.csv" for measure in MEASURES]


@pytest.fixture
def repository(fetching: Fetching) -> Repository:
    repository = Repository("github/innovationgraph", [(FIRST, {"README.md": b"1", **release(9)})])
    repository.serve(fetching.server)
    return repository


def test_each_release_is_a_vintage_that_the_source_reads(repository: Repository, fetching: Fetching) -> None:
    assert fetching.fetch(SERVICE).taken == paths(FIRST)
    repository.versions.append((SECOND, release(10)))
    assert fetching.fetch(SERVICE).taken == paths(SECOND)
    pushes = load(SOURCE, fetching.folder / "archive")["git_pushes"]
    assert pushes.num_rows == 27 + 30
    assert {str(day) for day in pushes["vintage"].to_pylist()} == {FIRST, SECOND}
    assert "NA" in pushes["iso2_code"].to_pylist()


def test_a_commit_that_leaves_the_data_is_no_release(repository: Repository, fetching: Fetching) -> None:
    fetching.fetch(SERVICE)
    before = fetching.files(SERVICE)
    repository.versions.append((SECOND, {"README.md": b"2", **release(9)}))
    again = fetching.fetch(SERVICE)
    assert (again.problem, again.taken, again.unchanged, again.requests) == (None, [], 4, 3)
    repository.versions.append(("2026-11-04", {**release(9), "data/topics.csv": b"topic\nrobots\n"}))
    again = fetching.fetch(SERVICE)  # data/ was touched, but nothing of ours
    assert (again.problem, again.taken, again.unchanged) == (None, [], 4)
    assert fetching.files(SERVICE) == before


def test_a_release_of_one_changed_file_is_taken_with_its_others(
    repository: Repository, fetching: Fetching
) -> None:
    fetching.fetch(SERVICE)
    changed = {"data/developers.csv": release(10)["data/developers.csv"]}
    repository.versions.append((SECOND, {**release(9), **changed}))
    done = fetching.fetch(SERVICE)
    assert (done.problem, done.taken) == (None, paths(SECOND))


@pytest.mark.parametrize("day", ["2026-07-13", "2026-07-15"])
def test_a_release_outside_the_span_is_not_taken(
    repository: Repository, fetching: Fetching, day: str
) -> None:
    since, until = (None, date.fromisoformat(day)) if day < FIRST else (date.fromisoformat(day), date.max)
    done = fetching.fetch(SERVICE, since, until)
    assert (done.problem, done.taken) == (None, [])


@pytest.mark.parametrize("name", PASSING)
@pytest.mark.parametrize("at", [2, 5])
def test_what_passes_leaves_no_trace(repository: Repository, fetching: Fetching, name: str, at: int) -> None:
    fetching.fetch(SERVICE, archive="undisturbed")
    fault = PASSING[name]
    done = fetching.fetch(SERVICE, fault=type(fault)(**{**vars(fault), "at": at}))
    assert done.problem is None
    assert fetching.files(SERVICE) == fetching.files(SERVICE, "undisturbed")


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_lists_nothing_half(repository: Repository, fetching: Fetching, name: str) -> None:
    done = fetching.fetch(SERVICE, fault=LASTING[name])
    assert str(done.problem).startswith("fetch: innovation_graph: ")
    assert set(fetching.files(SERVICE)) == {"manifest.json"}


def test_a_large_files_pointer_among_the_files_refuses_the_whole_release(
    repository: Repository, fetching: Fetching
) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n"
    repository.versions.append((SECOND, {**release(10), "data/developers.csv": pointer}))
    done = fetching.fetch(SERVICE)
    assert done.taken == []
    assert "the pointer to a large file" in str(done.problem)
    assert set(fetching.files(SERVICE)) == {"manifest.json"}


def test_a_release_without_one_of_the_measures_is_refused(repository: Repository, fetching: Fetching) -> None:
    repository.versions[-1][1].pop("data/organizations.csv")
    assert "data/organizations.csv: not there" in str(fetching.fetch(SERVICE).problem)


def test_a_release_that_lost_rows_is_taken_only_when_accepted(
    repository: Repository, fetching: Fetching
) -> None:
    fetching.fetch(SERVICE)
    files = release(10)
    files["data/git_pushes.csv"] = files["data/git_pushes.csv"].replace(b"902,CN,2024,3\n", b"")
    repository.versions.append((SECOND, files))
    done = fetching.fetch(SERVICE)
    assert done.taken == []
    assert "git_pushes.csv: speaks no more for CN 2024Q3" in str(done.problem)
    assert "--accept" in str(done.problem)
    assert fetching.fetch(SERVICE, is_accepting=True).taken == paths(SECOND)
    assert b"taken although it differs" in fetching.files(SERVICE)["manifest.json"]
