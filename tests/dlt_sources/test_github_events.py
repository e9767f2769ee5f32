"""Hour files as a source: recorded lines of every layout, faults each in one line, and nothing personal."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from dlt_sources import github_events
from dlt_sources.archive import ArchiveError
from dlt_sources.github_events import SOURCE
from dlt_sources.github_hours.definition import Tracked
from dlt_sources.github_hours.scan import Scanned, scan
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive, query

SALT = b"00112233445566778899aabbccddeeff\n"
LISTED = b"repository,github_id,name\nlab/llm,4242,lab/llm\n"
PERSONAL = re.compile(r"@|user-\d|ann-lee|Person \d|Springfield|Beijing")


def line(
    number: int = 1, kind: str = "ForkEvent", at: str = "2024-05-21T03:10:00Z", repository: int = 4242
) -> bytes:
    content = {
        "id": str(number),
        "type": kind,
        "actor": {"id": 501, "login": "ann-lee"},
        "repo": {"id": repository, "name": "lab/llm"},
        "payload": {"commits": [{"author": {"email": "ann@example.org"}}]},
        "created_at": at,
    }
    return json.dumps(content).encode() + b"\n"


def files(**hours: bytes) -> dict[str, bytes]:
    """``h3=b"…"``: the third hour of 2024-05-21 holds these lines."""
    packed = {
        f"hours/2024-05-21-{name[1:]}.json.gz": gzip.compress(text, mtime=0) for name, text in hours.items()
    }
    return {**packed, "repositories.csv": LISTED, "salt.txt": SALT}


def refused(make_archive: MakeArchive, content: Mapping[str, bytes]) -> str:
    with pytest.raises(ArchiveError) as error:
        load(SOURCE, make_archive("github_events", content))
    assert "\n" not in str(error.value)
    return str(error.value)


def test_an_event_counts_once_in_the_hour_that_it_says(make_archive: MakeArchive) -> None:
    late = line(2, at="2024-05-21T02:59:59Z")
    hours = files(h3=line(1) + late + line(3, repository=5), h4=line(1) + line(1, "WatchEvent"))
    tables = load(SOURCE, make_archive("github_events", hours))
    grain = "select week::varchar, hour_of_week, event, events, actors, _source_file from repository_hours"
    first, second = "hours/2024-05-21-3.json.gz", "hours/2024-05-21-4.json.gz"
    assert query(tables, f"{grain} order by 2, 3") == [
        ("2024-05-20", 26, "fork", 1, 1, first),
        ("2024-05-20", 27, "fork", 1, 1, first),
        ("2024-05-20", 27, "star", 1, 1, second),
    ]
    assert query(tables, "select lines, duplicates from hours order by hour") == [(3, 0), (2, 1)]
    assert query(tables, "select event, events, tracked from hour_counts order by hour, event") == [
        ("ForkEvent", 3, 2), ("ForkEvent", 1, 0), ("WatchEvent", 1, 1)
    ]  # fmt: skip
    assert tables["breaks"].num_rows > 10


def test_a_late_hour_reads_one_file(
    make_archive: MakeArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(SOURCE, make_archive("github_events", files(h3=line(1), h5=line(2))), kept=tmp_path / "kept")
    read: list[int] = []

    def counted(content: BinaryIO, hour: datetime, tracked: Tracked, salt: bytes) -> Scanned:
        read.append(hour.hour)
        return scan(content, hour, tracked, salt)

    monkeypatch.setattr(github_events, "scan", counted)
    root = make_archive("github_events", files(h3=line(1), h4=line(1), h5=line(2)))
    tables = load(SOURCE, root, kept=tmp_path / "kept")
    assert read == [4]
    assert tables["repository_hours"]["events"].to_pylist() == [2]


def test_what_an_hour_lacks_is_counted_and_named(make_archive: MakeArchive) -> None:
    content = files(h3=line(1) + b"ann@example.org\n" + line(2), h5=b"", h9=line(3))
    cut = gzip.compress(b"".join(line(n) for n in range(10, 900)))
    content["hours/2024-05-21-4.json.gz"] = cut[: len(cut) // 2]
    tables = load(SOURCE, make_archive("github_events", content))
    assert query(tables, "select bad_lines, is_whole from hours order by hour") == [
        (1, True), (0, False), (0, False), (0, True)
    ]  # fmt: skip
    rejected = {(row["file"], row["position"], row["reason"]) for row in tables["_rejected"].to_pylist()}
    assert rejected == {
        ("hours/2024-05-21-3.json.gz", 2, "no JSON"),
        ("hours/2024-05-21-4.json.gz", None, "cut or corrupt: read up to its last whole line"),
        ("hours/2024-05-21-5.json.gz", None, "it holds no event"),
        ("hours/2024-05-21-6.json.gz", None, "3 hours from this one on are absent"),
    }


def test_what_the_user_can_mend_is_one_line(make_archive: MakeArchive) -> None:
    good = files(h3=line())
    page = {**good, "hours/2024-05-21-3.json.gz": b"<!DOCTYPE html>"}
    assert "3.json.gz: no gzip file (an error page of the server?); fetch" in refused(make_archive, page)
    twice = {**good, "hours/mirror/2024-05-21-03.json.gz": gzip.compress(line(2))}
    assert "21-03.json.gz: the same hour as hours/2024-05-21-3.json.gz" in refused(make_archive, twice)
    odd = {**good, "hours/may.json.gz": b""}
    assert "hours/may.json.gz: is no hour, expected" in refused(make_archive, odd)
    for name in ("salt.txt", "repositories.csv"):
        lacking = {path: data for path, data in good.items() if path != name}
        assert f"github_events/{name}: absent" in refused(make_archive, lacking)
    assert "salt.txt: expected 32" in refused(make_archive, {**good, "salt.txt": b"secret"})
    both = {**good, "months/2024-05/repository_hours.parquet": b""}
    assert "its month is there as months/2024-05/repository_hours.parquet too" in refused(make_archive, both)


def test_profiles_become_countries_and_nothing_else_of_them_remains(make_archive: MakeArchive) -> None:
    rows = [("a" * 16, "Beijing, China"), ("b" * 16, "Georgia"), ("c" * 16, None), ("ann-lee", "Springfield")]
    lines = [json.dumps({"actor": a, "location": text, "observed": "2024-01-31"}) for a, text in rows]
    content = {**files(h3=line()), "profiles.jsonl": "\n".join(lines).encode()}
    tables = load(SOURCE, make_archive("github_events", content))
    assert tables["profiles"]["country"].to_pylist() == ["CN", "ZZ", "ZZ"]
    assert tables["profiles"]["is_ambiguous"].to_pylist() == [False, True, False]
    assert not PERSONAL.search(" ".join(str(table.to_pylist()) for table in tables.values()))


def packed_recordings(folder: Path) -> dict[str, bytes]:
    def lines(pattern: str) -> bytes:
        return b"".join(path.read_bytes().rstrip(b"\n") + b"\n" for path in sorted(folder.glob(pattern)))

    hours = {
        "2011-02-12-0": lines("g0a*"),
        "2013-01-01-8": lines("g0b_2013*"),
        "2014-06-01-8": lines("g0b_2014*"),
        "2021-09-11-9": lines("g1*") + lines("bad*"),
        "2025-12-15-0": lines("g2*"),
    }
    return {f"hours/{name}.json.gz": gzip.compress(text, mtime=0) for name, text in hours.items()}


@pytest.mark.real
def test_recorded_lines_of_every_layout(make_archive: MakeArchive, recorded: Path) -> None:
    hours = packed_recordings(recorded / "gharchive")
    names: dict[str, int | None] = {}
    for data in hours.values():
        for text in gzip.decompress(data).splitlines():
            try:
                content = json.loads(text)
            except ValueError:
                continue
            repository = content.get("repo") or content.get("repository") or {}
            if github_id := repository.get("id"):
                owner = f"{repository['owner']}/" if "owner" in repository else ""
                names.setdefault(f"{owner}{repository['name']}", github_id)
    listed = "".join(f"{name.lower()},{github_id},{name}\n" for name, github_id in names.items())
    content = {**hours, "repositories.csv": f"repository,github_id,name\n{listed}".encode(), "salt.txt": SALT}
    tables = load(SOURCE, make_archive("github_events", content))
    assert query(tables, "select generation, lines, bad_lines from hours order by hour") == [
        ("g0a", 34, 0), ("g0b", 17, 0), ("g0b", 35, 0), ("g1", 8, 1), ("g2", 4, 0)
    ]  # fmt: skip
    counts = "select sum(events)::int, sum(tracked)::int from hour_counts group by hour order by hour"
    assert query(tables, counts) == [
        (34, 26), (17, 15), (35, 35), (7, 7), (4, 4)
    ]  # fmt: skip
    kinds = "select event, is_bot, sum(events)::int from repository_hours group by all order by all"
    assert query(tables, kinds) == [
        ("fork", False, 7), ("issue", False, 7), ("pull_request", False, 7),
        ("push", False, 10), ("push", True, 1), ("star", False, 8),
    ]  # fmt: skip
    stated = query(tables, "select count(distinct actor) from actor_hours where stated_country is not null")
    assert stated[0][0] > 5
    rows = [
        [value for name, value in row.items() if name != "repository"]
        for name in ("actor_hours", "hours", "hour_counts", "_rejected")
        for row in tables[name].to_pylist()
    ]
    assert not PERSONAL.search(str(rows))
