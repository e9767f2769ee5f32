"""The archive refuses what it cannot trust, with one line that names file, field and remedy."""

from __future__ import annotations

import gzip
import json
import os
import socket
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from dlt_sources.archive import (
    ArchiveError,
    check_origin,
    iter_read,
    listed_entry,
    open_snapshot,
    sources_in,
    write_manifest,
)
from dlt_sources.atomic import write_atomically
from tests.dlt_sources.conftest import MakeArchive

CONTENT = {"a/one.csv": b"x\n1\n", "b.csv.gz": gzip.compress(b"x\n2\n")}


def manifest_of(root: Path, source: str = "demo") -> dict[str, object]:
    content: dict[str, object] = json.loads((root / source / "manifest.json").read_text())
    return content


def change(root: Path, **fields: object) -> None:
    (root / "demo" / "manifest.json").write_text(json.dumps(manifest_of(root) | fields))


def change_file(root: Path, **fields: object) -> None:
    files = manifest_of(root)["files"]
    assert isinstance(files, list)
    change(root, files=[files[0] | fields, *files[1:]])


def refused(root: Path, source: str = "demo") -> str:
    with pytest.raises(ArchiveError) as caught:
        for _ in iter_read(open_snapshot(root, source), "*"):
            pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_reads_listed_bytes_and_unpacks_gzip(make_archive: MakeArchive) -> None:
    snapshot = open_snapshot(make_archive("demo", CONTENT), "demo")
    assert [(f.path, data) for f, data in iter_read(snapshot, "*")] == [
        ("a/one.csv", b"x\n1\n"),
        ("b.csv.gz", b"x\n2\n"),
    ]
    assert [f.path for f in snapshot.matching("b.csv")] == ["b.csv.gz"]


def test_an_absent_source_is_empty(tmp_path: Path) -> None:
    snapshot = open_snapshot(tmp_path, "nowhere")
    assert (snapshot.files, snapshot.manifest_sha256) == ((), None)


def test_unread_and_unlisted_files_are_reported(make_archive: MakeArchive) -> None:
    root = make_archive("demo", CONTENT)
    (root / "demo" / "LICENSE").write_text("MIT")
    assert open_snapshot(root, "demo").ignored(["a/*.csv"]) == ["LICENSE", "b.csv.gz"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="expected a folder of sources"):
        sources_in(tmp_path / "absent")


def test_a_folder_without_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no source folder"):
        check_origin(tmp_path, "archive")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "is [], expected an object"),
        ("null", "is None, expected an object"),
        (
            '{"source": "demo", "source": "demo"}',
            "the key 'source' is given twice in one object; write it again",
        ),
        ("[" * 100_000, "nested deeper than 64 levels; write it again"),
        ('{"source": NaN}', "not JSON (NaN is no number there)"),
        ('{"source": "demo"}', "origin: missing"),
    ],
)
def test_a_malformed_manifest_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "manifest.json").write_text(text)
    assert said in refused(tmp_path)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"source": "other"}, "source: is 'other', expected 'demo'"),
        ({"origin": "guess"}, "origin: is 'guess', expected one of sample, archive, live"),
        ({"files": {}}, "files: is {}, expected a list; correct it"),
        ({"files": ["a"]}, "files[0]: is 'a', expected an object"),
        ({"licence": 7}, "licence: is 7, expected text; correct it"),
        ({"attribution": "  "}, "attribution: is '  ', expected text"),
        ({"homepage": ["x"]}, "homepage: is ['x'], expected text"),
    ],
)
def test_a_wrong_manifest_field_is_named(
    make_archive: MakeArchive, fields: Mapping[str, object], said: str
) -> None:
    root = make_archive("demo", CONTENT)
    change(root, **fields)
    assert said in refused(root)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"path": "../secret"}, "leaves the source's folder"),
        ({"path": "/etc/hosts"}, "leaves the source's folder"),
        ({"path": "a\\b.csv"}, "leaves the source's folder"),
        ({"sha256": "abc"}, "expected 64 hexadecimal digits"),
        ({"bytes": -1}, "files[0]: bytes: is -1, expected a whole number, zero or more; correct it"),
        ({"bytes": True}, "files[0]: bytes: is True, expected a whole number"),
        ({"bytes": 4.0}, "files[0]: bytes: is 4.0, expected a whole number"),
        ({"bytes": "4"}, "files[0]: bytes: is '4', expected a whole number"),
        ({"sha256": 7}, "files[0]: sha256: is 7, expected text"),
        ({"url": {}}, "files[0]: url: is {}, expected text"),
        ({"retrieved": 2026}, "files[0]: retrieved: is 2026, expected text"),
        ({"path": ""}, "files[0]: path: '' is no file name"),
        ({"path": "./"}, "files[0]: path: './' is no file name"),
        ({"path": ["a"]}, "files[0]: path: is ['a'], expected text"),
        ({"path": "a/one\n.csv"}, "files[0]: path: 'a/one\\n.csv' is no file name"),
        ({"path": "../\n"}, "files[0]: path: '../\\n' is no file name"),
        ({"path": "a/one\u2028.csv"}, "files[0]: path: 'a/one\\u2028.csv' is no file name"),
        ({"observed": "20260127"}, "files[0]: observed: is '20260127', expected an ISO day"),
        ({"observed": "2026-W05-2"}, "files[0]: observed: is '2026-W05-2', expected an ISO day"),
        ({"observed": True}, "files[0]: observed: is True, expected an ISO day or null"),
        ({"observed": "yesterday"}, "observed: is 'yesterday', expected an ISO day"),
        ({"retrieved": None}, "retrieved: missing"),
        ({"path": "b.csv.gz"}, "b.csv.gz is listed twice"),
        ({"path": "gone.csv"}, "demo/gone.csv: listed in the manifest but absent"),
        ({"bytes": 3}, "4 bytes, manifest says 3"),
        ({"sha256": "0" * 64}, "manifest says 000"),
        ({"path": "a/one\x00.csv"}, "files[0]: path: 'a/one\\x00.csv' is no file name"),
        ({"path": "a/\ud800.csv"}, "demo/manifest.json: contains half a character (\\ud800)"),
        ({"observed": 20260127}, "files[0]: observed: is 20260127, expected an ISO day or null"),
    ],
)
def test_a_wrong_entry_is_named(make_archive: MakeArchive, fields: Mapping[str, object], said: str) -> None:
    root = make_archive("demo", CONTENT)
    change_file(root, **fields)
    assert said in refused(root)


def test_a_link_out_of_the_archive_is_refused(make_archive: MakeArchive, tmp_path: Path) -> None:
    root = make_archive("demo", CONTENT)
    outside = tmp_path / "outside.csv"
    outside.write_bytes(b"x\n1\n")
    (root / "demo" / "a" / "one.csv").unlink()
    (root / "demo" / "a" / "one.csv").symlink_to(outside)
    assert "a link or a path outside the archive" in refused(root)


def test_a_truncated_gzip_file_is_refused(make_archive: MakeArchive) -> None:
    root = make_archive("demo", {"b.csv.gz": gzip.compress(b"x\n2\n" * 99)[:-9]})
    assert "not a whole gzip file" in refused(root)


def test_mixed_origins_are_refused(make_archive: MakeArchive) -> None:
    root = make_archive("demo", CONTENT)
    listing = manifest_of(root)
    origin = str(listing["origin"])
    write_manifest(root, listing | {"source": "other", "origin": "live" if origin != "live" else "archive"})
    with pytest.raises(ArchiveError, match="origins are never mixed"):
        check_origin(root, origin)


def test_a_second_write_replaces_the_first_and_leaves_nothing_behind(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new" / "file", b"one")
    write_atomically(tmp_path / "new" / "file", b"two")
    assert {p.name: p.read_bytes() for p in (tmp_path / "new").iterdir()} == {"file": b"two"}


def test_an_entry_is_what_reading_checks() -> None:
    entry = listed_entry("a.csv", b"x", "2026-01-01", observed="2025-12-31")
    assert (entry["bytes"], entry["observed"], len(str(entry["sha256"]))) == (1, "2025-12-31", 64)


def packed(*members: bytes) -> bytes:
    return b"".join(gzip.compress(member, mtime=0) for member in members)


def unpacked_file(make_archive: MakeArchive, data: bytes) -> bytes:
    ((_, content),) = iter_read(open_snapshot(make_archive("demo", {"b.csv.gz": data}), "demo"), "*")
    return content


def test_gzip_files_of_several_members_and_zeros_behind_them_are_whole(make_archive: MakeArchive) -> None:
    assert unpacked_file(make_archive, packed(b"x\n", b"", b"1\n") + b"\0" * 512) == b"x\n1\n"
    large = bytes(range(256)) * 20_000  # more than one chunk
    assert unpacked_file(make_archive, packed(large)) == large


WHOLE = packed(b"x\n2\n" * 99)
FLIPPED = bytearray(packed(bytes(range(256)) * 9))
FLIPPED[40] ^= 0xFF


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain,text\n",
        WHOLE[:9],
        WHOLE[:-9],
        WHOLE[:-1],
        WHOLE[:-8] + b"\0\0\0\0" + WHOLE[-4:],  # another checksum
        WHOLE[:-4] + b"\0\0\0\1",  # another length
        WHOLE + b"more",
        WHOLE + WHOLE[:12],
        WHOLE[:10] + b"\xff" * 20 + WHOLE[30:],  # a block of no kind
        bytes(FLIPPED),
    ],
)
def test_a_gzip_file_that_is_not_whole_is_refused(make_archive: MakeArchive, data: bytes) -> None:
    line = refused(make_archive("demo", {"b.csv.gz": data}))
    assert line.startswith("archive: demo/b.csv.gz: not a whole gzip file (")
    assert line.endswith("fetch it again or remove the entry")


@pytest.mark.parametrize(
    "pair", [("b.csv", "b.csv.gz"), ("a/b.json.gz", "a/b.json"), ("a//b.csv", "a/b.csv.gz")]
)
def test_a_list_beside_its_packed_copy_is_refused(make_archive: MakeArchive, pair: tuple[str, str]) -> None:
    content = b"x\n1\n"
    root = make_archive("demo", {p: packed(content) if p.endswith(".gz") else content for p in pair})
    names = " and ".join(sorted(p.replace("//", "/") for p in pair))
    assert f"demo/manifest.json: files: {names} are one list, packed and not; remove one" in refused(root)


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "socket"])
def test_what_is_no_plain_file_is_refused_at_once(make_archive: MakeArchive, kind: str) -> None:
    root = make_archive("demo", CONTENT)
    place = root / "demo" / "a" / "one.csv"
    place.unlink()
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(str(place))
    else:
        try:
            os.mknod(place, stat.S_IFCHR | 0o600, os.makedev(1, 5))
        except PermissionError:
            pytest.skip("only root makes devices")
    assert "demo/a/one.csv: is no plain file; fetch it again or remove the entry" in refused(root)


@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_a_manifest_that_is_no_plain_file_is_refused_at_once(make_archive: MakeArchive, kind: str) -> None:
    root = make_archive("demo", CONTENT)
    place = root / "demo" / "manifest.json"
    place.rename(root / "elsewhere.json")
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to(root / "elsewhere.json")
    assert "demo/manifest.json: is no plain file; make it a file" in refused(root)
