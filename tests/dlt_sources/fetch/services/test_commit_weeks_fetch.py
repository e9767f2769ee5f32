"""Git histories: counted by week and clock as commit_weeks has them, whatever a server or a history does."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from _pytest.mark import ParameterSet
from hypothesis import given, settings
from hypothesis import strategies as st

from dlt_sources.commit_weeks import SOURCE
from dlt_sources.fetch import service_of
from dlt_sources.fetch.errors import FetchError
from dlt_sources.fetch.fetching import Terms, fetch
from dlt_sources.fetch.git import Commit
from dlt_sources.fetch.pace import Pace
from dlt_sources.fetch.plan import plan
from dlt_sources.fetch.services.commit_weeks import OFFSETS, SETTING, History, Listed, listed_repositories
from dlt_sources.tables import load
from tests.servers.fetches import Fetching
from tests.servers.git import WEB, Change, GitHost
from tests.servers.stand_in import LASTING, PASSING, Fault

SERVICE = service_of("commit_weeks")
SUMMARIES = ["repositories.csv", "author_months.csv"]
ANN, BO = b"Ann <ann@example.org>", b"Bo <BO@example.org>"
USUAL = [
    Change(when=b"1699920000 +0800"),  # 2023-11-14, a Tuesday
    Change(when=b"1699920060 +0800", author=b"Ann at home <Ann@Example.org>"),
    Change(when=b"1699920120 +0800", author=BO, committer=WEB),
    Change(when=b"1700500000 -0700", author=BO),
    Change(author=b"dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"),
]


def at(when: datetime, offset: str) -> bytes:
    return f"{int(when.timestamp())} {offset}".encode()


def minutes_but_for(faults: Mapping[str, Fault], *quick: str) -> list[ParameterSet]:
    """git takes half a second a fetch; the unit suite sees two faults of each kind."""
    return [pytest.param(name, marks=() if name in quick else pytest.mark.slow) for name in faults]


def path(name: str) -> str:
    return f"{name}/commit_weeks.csv.gz"


@pytest.fixture
def host(fetching: Fetching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHost:
    host = GitHost(tmp_path / "repositories")
    host.write("acme/x", USUAL)
    host.write("Ann/y", [Change(when=b"1699920000 +0545", author=BO)])
    host.serve(fetching.server)
    listing(tmp_path, monkeypatch, "acme/x,CN,llm,", "Ann/y,NP,dl,")
    return host


def listing(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    (folder / "list.csv").write_text("\n".join(["repository,owner_country,kind,url", *lines, ""]))
    monkeypatch.setenv(SETTING, str(folder / "list.csv"))


def rows(fetching: Fetching, table: str, archive: str = "archive") -> list[dict[str, object]]:
    return load(SOURCE, fetching.folder / archive)[table].to_pylist()


def test_histories_are_counted_by_week_clock_and_way_of_committing(host: GitHost, fetching: Fetching) -> None:
    done = fetching.fetch(SERVICE)
    assert (done.problem, done.taken) == (None, [path("acme/x"), path("ann/y"), *SUMMARIES])
    counted = [
        (
            row["repository"],
            str(row["week"]),
            row["utc_offset"],
            row["web_flow"],
            row["commits"],
            row["authors"],
        )
        for row in rows(fetching, "commits")
    ]
    assert counted == [
        ("acme/x", "2023-11-13", "+0800", False, 2, 1),
        ("acme/x", "2023-11-13", "+0800", True, 1, 1),
        ("acme/x", "2023-11-20", "-0700", False, 1, 1),
        ("Ann/y", "2023-11-13", "+0545", False, 1, 1),
    ]
    [x, _] = rows(fetching, "repositories")
    assert (x["commits"], x["bot_commits_left_out"], x["faulty_commits_left_out"]) == (4, 1, 0)
    assert (x["share_plus0800"], str(x["last_week"])) == (0.75, "2023-11-20")
    months = {
        (m["utc_offset"], m["owner_group"]): m["distinct_authors"] for m in rows(fetching, "author_months")
    }
    assert months[("+0800", "CN")] == 2
    assert months[("+0545", "other")] == 1


def test_no_name_and_no_address_is_kept_anywhere(host: GitHost, fetching: Fetching) -> None:
    fetching.fetch(SERVICE)
    files = [file for file in (fetching.folder / "archive").rglob("*") if file.is_file()]
    for file in files:
        data = file.read_bytes()
        data = gzip.decompress(data) if file.suffix == ".gz" else data
        assert b"example.org" not in data.lower(), file
        assert b"Ann at home" not in data, file
    assert not [file for file in files if file.suffix == ".pack"]


def test_trees_and_blobs_stay_where_they_are(host: GitHost, fetching: Fetching) -> None:
    fetching.fetch(SERVICE)
    asked = [asked.body for asked in fetching.server.asked if asked.method == "POST"]
    assert any(b"filter tree:0" in body for body in asked)


@pytest.mark.parametrize("name", minutes_but_for(PASSING, "reset in mid-body", "429 with Retry-After"))
def test_what_passes_leaves_no_trace(host: GitHost, fetching: Fetching, name: str) -> None:
    fetching.fetch(SERVICE, archive="undisturbed")
    for at in (2, 5):  # a question where the branch is, and a pack
        fault = PASSING[name]
        done = fetching.fetch(SERVICE, archive=f"{at}", fault=type(fault)(**{**vars(fault), "at": at}))
        assert done.problem is None
        assert fetching.files(SERVICE, f"{at}") == fetching.files(SERVICE, "undisturbed")


@pytest.mark.parametrize("name", minutes_but_for(LASTING, "401", "a redirect in a circle"))
def test_what_lasts_stops_with_one_line_and_lists_nothing(
    host: GitHost, fetching: Fetching, name: str
) -> None:
    done = fetching.fetch(SERVICE, fault=LASTING[name])
    assert str(done.problem).startswith("fetch: commit_weeks: ")
    assert "\n" not in str(done.problem)
    assert set(fetching.files(SERVICE)) == {"manifest.json"}
    assert fetching.fetch(SERVICE).problem is None


def test_repositories_on_disk_are_read_the_same_way(host: GitHost, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, archive="loopback")
    terms = Terms(Pace(fetching.folder / "pace", fetching.clock), stand_in=f"file://{host.folder}")
    done = fetch(SERVICE, fetching.folder / "disk", SERVICE.span(None, date(2026, 11, 18)), terms)
    assert done.problem is None
    assert fetching.files(SERVICE, "disk") == fetching.files(SERVICE, "loopback")


def test_a_branch_that_did_not_move_costs_one_question(host: GitHost, fetching: Fetching) -> None:
    fetching.fetch(SERVICE)
    before = fetching.files(SERVICE)
    again = fetching.fetch(SERVICE)
    assert (again.problem, again.taken, again.unchanged, again.requests) == (None, [], 4, 2)
    assert fetching.files(SERVICE) == before


def test_a_kill_between_two_repositories_keeps_the_first(host: GitHost, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, archive="undisturbed")
    host.place("Ann/y").rename(host.folder / "aside")
    host.place("Ann/y").mkdir()
    assert fetching.fetch(SERVICE).absent == [path("ann/y")]
    host.place("Ann/y").rmdir()
    (host.folder / "aside").rename(host.place("Ann/y"))
    assert fetching.fetch(SERVICE).taken == [path("ann/y"), *SUMMARIES]
    assert [row["authors"] for row in rows(fetching, "commits")] == [1, 1, 1, 1]
    assert rows(fetching, "author_months") == rows(fetching, "author_months", "undisturbed")


def test_a_repository_that_vanished_is_named_and_keeps_its_history(host: GitHost, fetching: Fetching) -> None:
    fetching.fetch(SERVICE)
    host.place("Ann/y").rename(host.folder / "gone")
    done = fetching.fetch(SERVICE)
    assert (done.problem, done.absent, done.taken) == (None, [path("ann/y")], ["repositories.csv"])
    gone = {row["repo"]: row["vanished_on"] for row in rows(fetching, "repositories")}
    assert gone == {"acme/x": None, "Ann/y": date(2026, 11, 18)}
    assert "Ann/y" in {row["repository"] for row in rows(fetching, "commits")}


def test_a_host_where_all_are_gone_is_not_believed(host: GitHost, fetching: Fetching) -> None:
    fetching.fetch(SERVICE)
    before = fetching.files(SERVICE)
    host.folder.rename(fetching.folder / "moved")
    done = fetching.fetch(SERVICE)
    assert "none of the 2 repositories is there" in str(done.problem)
    assert fetching.files(SERVICE) == before


def test_a_rewritten_history_is_noticed_and_lost_weeks_are_taken_only_when_accepted(
    host: GitHost, fetching: Fetching
) -> None:
    fetching.fetch(SERVICE)
    host.write("acme/x", [*USUAL[:4], Change(when=b"1700500000 -0700")])  # onto nothing: another history
    assert fetching.fetch(SERVICE).problem is None
    marks = {row["repo"]: row["rewritten_on"] for row in rows(fetching, "repositories")}
    assert marks == {"acme/x": date(2026, 11, 18), "Ann/y": None}
    head = host.write("acme/x", USUAL[:3])
    done = fetching.fetch(SERVICE)
    assert "speaks no more for 2023-11-20" in str(done.problem)
    assert fetching.fetch(SERVICE, is_accepting=True).taken == [path("acme/x"), *SUMMARIES]
    host.write("acme/x", [Change(when=b"1700000000 +0800")], head)
    fetching.fetch(SERVICE)
    assert rows(fetching, "repositories")[0]["rewritten_on"] is not None  # it went on, and the mark stays


def test_a_hostile_history_is_counted_or_left_out(host: GitHost, fetching: Fetching) -> None:
    hostile = [
        Change(when=b"0 +0000"),
        Change(when=b"4102444800 +0800"),  # 2100
        Change(when=b"99999999999999999999 +0800"),
        Change(when=b"1700000000 +9959"),
        Change(when=b"1700000000 -1400"),
        Change(when=b"yesterday"),
        Change(author=b"no address at all"),
        Change(author=b"Eve\r<e\x01ve@example.org>\x00 <x>"),
        Change(message=b"large " * 500_000),
        Change(message=b"a NUL \x00 in the middle\n"),
        Change(author="Зоя\xff".encode("latin-1", "replace") + b"\xff\xfe <z@example.org>"),
        Change(when=b"1700000000 +0545"),
        Change(when=b"1700000000 -0000"),
    ]
    host.write("Ann/y", hostile)
    done = fetching.fetch(SERVICE)
    assert done.problem is None
    tables = load(SOURCE, fetching.folder / "archive")
    assert tables["_rejected"].num_rows == 0
    row = tables["repositories"].to_pylist()[1]
    assert row["commits"] + row["faulty_commits_left_out"] == len(hostile)
    assert row["faulty_commits_left_out"] >= 6
    assert {r["utc_offset"] for r in tables["commits"].to_pylist() if r["repository"] == "Ann/y"} == {
        "+0000",
        "+0545",
        "+0800",
    }


def test_an_empty_repository_is_absent(host: GitHost, fetching: Fetching) -> None:
    host.place("Ann/y").rename(host.folder / "aside")
    host.write("Ann/y", [])
    done = fetching.fetch(SERVICE)
    assert (done.problem, done.absent) == (None, [path("ann/y")])


def test_a_list_without_a_commit_that_counts_is_refused(
    host: GitHost, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.write("acme/z", [Change(when=b"0 +0000")])
    listing(fetching.folder, monkeypatch, "acme/z,CN,llm,")
    done = fetching.fetch(SERVICE)
    assert "none of the 1 repositories is there" in str(done.problem)


def test_the_users_own_git_has_no_say(
    host: GitHost, fetching: Fetching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text(f'[url "file://{tmp_path}/elsewhere"]\n\tinsteadOf = {fetching.server.address}\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    assert fetching.fetch(SERVICE).problem is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--upload-pack=x,CN,llm,", "repository: is '--upload-pack=x', expected owner/name"),
        ("a/..,CN,llm,", "expected owner/name"),
        ("a/x,China,llm,", "owner_country: is 'China', expected two capital letters"),
        ("a/x,CN,toy,", "kind: is 'toy', expected one of llm, llm_app"),
        ("a/x,CN,llm,file:///etc", "url: is 'file:///etc', expected an address that begins with https://"),
        ("a/x,CN,llm,ext::sh -c x", "expected an address that begins with https://"),
        ("A/x,CN,llm,\na/X,CN,llm,", "a/x is listed twice"),
        ("", "no repository, expected some"),
    ],
)
def test_a_line_that_is_none_is_named(
    host: GitHost, fetching: Fetching, monkeypatch: pytest.MonkeyPatch, line: str, words: str
) -> None:
    listing(fetching.folder, monkeypatch, line)
    assert words in str(fetching.fetch(SERVICE).problem)


def test_a_list_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "/nowhere/list.csv")
    with pytest.raises(FetchError, match=f"correct {SETTING}"):
        listed_repositories()


def test_the_list_of_the_repository_is_whole_and_a_plan_counts_it(fetching: Fetching) -> None:
    assert len(listed_repositories({})) == 83
    told = plan(SERVICE, fetching.folder / "none", SERVICE.span(None, date(2026, 11, 18)), {})
    assert (told.requests, told.key) == (166, None)
    assert told.bytes > 1e7


def test_offsets_are_those_of_public_clocks_and_have_a_country() -> None:
    shown = set()
    for zone in map(ZoneInfo, available_timezones()):
        for year in range(2005, 2027):
            for month in (1, 7):
                shown.add(f"{datetime(year, month, 15, tzinfo=zone):%z}")
    assert shown == OFFSETS
    with Path("dbt_project/seeds/clock_offsets.csv").open() as seed:
        assert {row["utc_offset"] for row in csv.DictReader(seed)} >= OFFSETS


LISTED = Listed("a/x", "CN", "llm", "https://github.com/a/x")
COMMITS = st.builds(
    Commit,
    st.text("0123456789abcdef", min_size=40, max_size=40),
    st.none() | st.integers(-(10**17), 10**17) | st.integers(1_100_000_000, 1_795_000_000),
    st.sampled_from(sorted(OFFSETS)) | st.sampled_from(["-0000", "+9999", "", "+0100x"]),
    st.sampled_from(["a", "b"]),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(COMMITS))
@settings(max_examples=60, deadline=None)
def test_every_commit_is_counted_once_or_left_out(found: list[Commit]) -> None:
    history = History.of(found, date(2026, 11, 18), None)
    assert history.cells.total() + history.bots + history.faulty == len(found)
    for week, offset, _ in history.cells:
        assert week.weekday() == 0
        assert offset in OFFSETS
    if history.cells:
        facts = history.facts(LISTED, "0" * 40)
        assert facts["first_week"] <= facts["last_week"] <= datetime.now(UTC).date().isoformat()
