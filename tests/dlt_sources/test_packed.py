"""What one file may hold: a small file that unpacks to a large one is refused before it fills the memory."""

from __future__ import annotations

import gzip
import resource
import time
from pathlib import Path

import pytest

from dlt_sources.archive import ArchiveError, iter_read, open_snapshot
from dlt_sources.packed import BeyondLimitError, Limits, refuse_many_rows, unpacked
from tests.dlt_sources.conftest import MakeArchive

FEW = Limits(max_file_mb=20, max_file_rows=1000, max_unpacked_ratio=10)


def bomb() -> bytes:
    """Two megabytes of gzip that unpack to two gigabytes of zeros."""
    return gzip.compress(bytes(64 << 20), 9, mtime=0) * 32


def refused(root: Path, limits: Limits) -> str:
    with pytest.raises(ArchiveError) as caught:
        list(iter_read(open_snapshot(root, "demo", limits), "*"))
    return str(caught.value)


def test_a_megabyte_does_not_become_two_gigabytes() -> None:
    data = bomb()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BeyondLimitError, match="unpacks to more than 100 times its"):
        unpacked(data, Limits(max_file_mb=500))
    with pytest.raises(BeyondLimitError, match="has more than 200 MB unpacked"):
        unpacked(data, Limits(max_unpacked_ratio=10_000))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 20  # kilobytes: one gigabyte


def test_members_count_together() -> None:
    half = gzip.compress(bytes(15 << 20), mtime=0)
    assert len(unpacked(half, FEW)) == 15 << 20
    with pytest.raises(BeyondLimitError, match="unpacks to more than 10 times its"):
        unpacked(half * 2, FEW)


def test_a_ratio_says_nothing_of_a_small_file(make_archive: MakeArchive) -> None:
    root = make_archive("demo", {"b.gz": gzip.compress(bytes(1 << 20), mtime=0)})
    ((_, content),) = iter_read(open_snapshot(root, "demo", FEW), "*")
    assert len(content) == 1 << 20


def test_a_large_plain_file_is_not_read(make_archive: MakeArchive) -> None:
    root = make_archive("demo", {"a.csv": b"x" * 20_000_001})
    line = refused(root, FEW)
    assert line == ("archive: demo/a.csv: has more than 20 MB unpacked; if it is right, raise max_file_mb")


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a.csv", b"x\n" * 1001),
        ("a.csv", b"x\r" * 1001),
        ("a.csv.gz", gzip.compress(b"\n" * 1001, mtime=0)),
        ("a.json", b"[" + b"0," * 1001 + b"0]"),
        ("a.json.gz", gzip.compress(b"[" + b"{}," * 1001 + b"{}]", mtime=0)),
    ],
    ids=["lf", "cr", "lf packed", "json", "json packed"],
)
def test_many_short_rows_are_refused_before_they_are_parsed(
    make_archive: MakeArchive, path: str, data: bytes
) -> None:
    what = "values" if ".json" in path else "lines"
    assert refused(make_archive("demo", {path: data}), FEW).endswith(
        f"demo/{path}: has more than 1,000 {what}; if it is right, raise max_file_rows"
    )


def test_forty_million_rows_have_an_answer() -> None:
    data = b"1\n" * 40_000_000
    began = time.perf_counter()
    with pytest.raises(BeyondLimitError, match="has more than 1,000,000 lines"):
        refuse_many_rows(data, "a.csv", Limits())
    assert time.perf_counter() - began < 10
