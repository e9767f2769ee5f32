"""Github-Ranking: a week's file once the week is over, pinned to a commit, the same under every fault."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dlt_sources.fetch import service_of
from dlt_sources.github_ranking import SOURCE
from dlt_sources.tables import load
from tests.servers.fetches import Fetching
from tests.servers.github import Repository
from tests.servers.stand_in import LASTING, PASSING

SERVICE = service_of("github_ranking")
HEADER = "rank,item,repo_name,stars,forks,language,repo_url,username,issues,last_commit,description\n"
SINCE, UNTIL = date(2026, 10, 26), date(2026, 11, 18)


def day_file(day: date, rows: int = 20) -> bytes:
    lines = [
        f"{n},top-100-stars,repo{n},{1000 - n},{n},Python,https://github.com/o/repo{n},o,1,"
        f'{day}T06:36:41Z,"a, ""quoted"" line"\n'
        for n in range(1, rows + 1)
    ]
    return (HEADER + "".join(lines)).encode()


@pytest.fixture
def repository(fetching: Fetching) -> Repository:
    days = [date(2026, 10, 26) + timedelta(days=n) for n in range(24)]
    absent = {date(2026, 11, 4)}  # a Wednesday
    files = {f"Data/github-ranking-{day}.csv": day_file(day) for day in days if day not in absent}
    repository = Repository(
        "EvanLi/Github-Ranking", [("2026-11-18", {**files, "Data/x.txt": b"x"})], "master"
    )
    repository.serve(fetching.server)
    return repository


def test_a_week_that_is_over_gives_the_day_nearest_to_its_wednesday(
    repository: Repository, fetching: Fetching
) -> None:
    done = fetching.fetch(SERVICE, SINCE, UNTIL)
    assert done.problem is None
    assert done.taken == [
        f"Data/github-ranking-2026-{day}.csv" for day in ("10-28", "11-03", "11-11")
    ]  # the week of the 18th is not over
    assert load(SOURCE, fetching.folder / "archive")["rankings"].num_rows == 60


@pytest.mark.parametrize("name", PASSING)
@pytest.mark.parametrize("at", [2, 3])
def test_what_passes_leaves_no_trace(repository: Repository, fetching: Fetching, name: str, at: int) -> None:
    fetching.fetch(SERVICE, SINCE, UNTIL, archive="undisturbed")
    fault = PASSING[name]
    done = fetching.fetch(SERVICE, SINCE, UNTIL, fault=type(fault)(**{**vars(fault), "at": at}))
    assert done.problem is None
    assert fetching.files(SERVICE) == fetching.files(SERVICE, "undisturbed")


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_stops_with_one_line_and_lists_nothing_half(
    repository: Repository, fetching: Fetching, name: str
) -> None:
    done = fetching.fetch(SERVICE, SINCE, UNTIL, fault=LASTING[name])
    assert done.taken == []
    assert str(done.problem).startswith("fetch: github_ranking: ")
    assert set(fetching.files(SERVICE)) == {"manifest.json"}
    assert fetching.fetch(SERVICE, SINCE, UNTIL).problem is None  # and the next one makes it good


def test_what_we_have_is_not_asked_for_again_even_if_a_better_day_is_added(
    repository: Repository, fetching: Fetching
) -> None:
    fetching.fetch(SERVICE, SINCE, UNTIL)
    before = fetching.files(SERVICE)
    files = {**repository.versions[-1][1], "Data/github-ranking-2026-11-04.csv": day_file(date(2026, 11, 4))}
    repository.versions.append(("2026-11-19", files))
    again = fetching.fetch(SERVICE, SINCE, UNTIL)
    assert (again.taken, again.unchanged, again.requests) == ([], 3, 2)
    assert fetching.files(SERVICE) == before


def test_a_file_with_another_hash_than_gits_is_never_listed(
    repository: Repository, fetching: Fetching
) -> None:
    repository.broken = {"Data/github-ranking-2026-11-03.csv"}
    done = fetching.fetch(SERVICE, SINCE, UNTIL)
    assert done.taken == ["Data/github-ranking-2026-10-28.csv"]
    assert "sha1 is" in str(done.problem)


def test_a_day_cut_to_few_rows_is_taken_only_when_accepted(
    repository: Repository, fetching: Fetching
) -> None:
    fetching.fetch(SERVICE, SINCE, date(2026, 11, 8))
    short = {
        **repository.versions[-1][1],
        "Data/github-ranking-2026-11-11.csv": day_file(date(2026, 11, 11), 6),
    }
    repository.versions.append(("2026-11-19", short))
    done = fetching.fetch(SERVICE, SINCE, UNTIL)
    assert done.taken == []
    assert "bytes, the last had" in str(done.problem)
    assert "--accept" in str(done.problem)
    assert fetching.fetch(SERVICE, SINCE, UNTIL, is_accepting=True).taken == [
        "Data/github-ranking-2026-11-11.csv"
    ]
    assert b"taken although it differs" in fetching.files(SERVICE)["manifest.json"]
