"""An hour file is read the same whatever the spacing, the order of keys and the escapes of its JSON."""

from __future__ import annotations

import gzip
import io
import json
import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlt_sources.github_hours import scan as scanner
from dlt_sources.github_hours.definition import COUNTED, Tracked, actor_hash, event_key
from dlt_sources.github_hours.generations import event_of
from dlt_sources.github_hours.heads import TYPES
from dlt_sources.github_hours.scan import NoHourError, Scanned, scan

HOUR = datetime(2024, 5, 21, 3, tzinfo=UTC)
SALT = bytes(range(16))
LISTED = [("lab/llm", 4242, "lab/llm"), ("lab/llm", 4242, "lab/old-name"), ("ann/tool", None, "Ann/Tool")]
TRACKED = Tracked.of(LISTED)
SHORT = Tracked.of([*LISTED, ("x/y", None, "x/y")])  # a name too short to be told apart by its first bytes


def scanned(text: bytes, packed: bytes | None = None, tracked: Tracked = TRACKED) -> Scanned:
    return scan(io.BytesIO(gzip.compress(text) if packed is None else packed), HOUR, tracked, SALT)


def event(
    kind: str = "PushEvent", repository: tuple[int | None, str] = (4242, "lab/llm"), **more: Any
) -> dict[str, Any]:
    login = more.pop("login", "ann-lee")
    actor = more.pop("actor", 501)
    github_id, name = repository
    repo = {"id": github_id, "name": name, "url": f"https://api.github.com/repos/{name}"}
    return {
        "id": more.pop("id", "38549213316"),
        "type": kind,
        "actor": {
            "id": actor,
            "login": login,
            "display_login": login.removesuffix("[bot]"),
            "gravatar_id": "",
            "url": f"https://api.github.com/users/{login}",
            "avatar_url": f"https://avatars.githubusercontent.com/u/{actor}?",
        },
        "repo": repo if github_id is not None else {key: repo[key] for key in ("name", "url")},
        "payload": {"ref": "refs/heads/main", "text": 'a "quoted" },"repo":{"id":4242 text'},
        "public": True,
        "created_at": "2024-05-21T03:10:00Z",
        **more,
    }


def compact(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def respelled(content: Any, rng: random.Random) -> str:
    """The same JSON with other spaces, another order of keys and escapes for some letters."""
    space = lambda: rng.choice(["", "", " ", "\t", "  "])  # noqa: E731
    if isinstance(content, dict):
        keys = list(content)
        if rng.random() < 0.5:
            rng.shuffle(keys)
        fields = (
            f"{space()}{respelled(k, rng)}{space()}:{space()}{respelled(content[k], rng)}" for k in keys
        )
        return "{" + ",".join(fields) + space() + "}"
    if isinstance(content, str) and rng.random() < 0.5:
        plain = json.dumps(content)[1:-1] if not content.isalnum() else content
        return (
            f'"{plain}"'
            if plain != content
            else '"'
            + "".join(f"\\u{ord(letter):04x}" if rng.random() < 0.2 else letter for letter in content)
            + '"'
        )
    return json.dumps(content)


def expected(events: list[dict[str, Any]], tracked: Tracked) -> tuple[Counter[str], list[dict[str, Any]]]:
    """What a reading of every line as JSON gives."""
    kinds, rows = Counter(one["type"] for one in events), []
    for one in events:
        read = event_of(one)
        repository = tracked.repository(read.repository_id, read.repository_name)
        if repository is not None:
            canonical = orjson.dumps(one, option=orjson.OPT_SORT_KEYS)
            rows.append(
                {
                    "hour": HOUR,
                    "key": event_key(read.kind, read.event_id, read.created, canonical),
                    "created_at": read.created,
                    "repository": repository,
                    "event": read.kind,
                    "actor": actor_hash(SALT, read.actor_id, read.login),
                    "is_bot": read.is_bot,
                    "stated_country": read.stated_country,
                }
            )
    return kinds, rows


LOGIN = st.sampled_from(
    ["a", "ann", "ann-lee", "a" * 39, "1234567", "12345678", "dependabot[bot]", "b" * 34 + "[bot]"]
)
REPOSITORY = st.sampled_from(
    [(4242, "lab/llm"), (4242, "new/name"), (42421, "lab/llm"), (7, "x/y"), (None, "X/Y"), (99, "ann/TOOL"),
     (424, "other/thing"), (1_251_357_380, "user/customers")]
)  # fmt: skip
EVENTS = st.lists(
    st.builds(
        event,
        kind=st.sampled_from([*TYPES, "ForkApplyEvent", "PullRequestReviewThreadEvent"]),
        repository=REPOSITORY,
        login=LOGIN,
        actor=st.integers(1, 999_999_999),
        id=st.integers(1, 10**12).map(str),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(EVENTS, st.integers(0, 1000).map(random.Random), st.booleans(), st.sampled_from([TRACKED, SHORT]))
def test_spacing_key_order_and_escapes_change_no_row(
    events: list[dict[str, Any]], rng: random.Random, is_usual: bool, tracked: Tracked
) -> None:
    lines = [
        compact(one) if is_usual or rng.random() < 0.3 else respelled(one, rng).encode() for one in events
    ]
    found = scanned(b"\n".join(lines) + b"\n", tracked=tracked)
    assert (found.lines, found.bad_lines, found.faults) == (len(events), 0, [])
    assert (found.kinds, found.rows) == expected(events, tracked)


def test_usual_lines_of_other_repositories_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    logins = ("ann", "dependabot[bot]", "a-" * 18 + "z")
    lines = [compact(event(kind, (90_000_000, "a/b"), login=login)) for kind in TYPES for login in logins]
    monkeypatch.setattr(scanner, "_read", lambda *_: pytest.fail("a line was read"))
    assert scanned(b"\n".join([*lines, b""])).kinds == Counter(dict.fromkeys(TYPES, 3))


def test_a_renamed_repository_is_followed_by_id_and_a_namesake_is_another() -> None:
    known = [(4242, "new/name"), (77, "lab/llm"), (None, "LAB/old-name")]
    lines = [event("ForkEvent", repository) for repository in known]
    assert [row["repository"] for row in scanned(b"\n".join(map(compact, lines))).rows] == ["lab/llm"] * 2


def test_bad_lines_are_counted_and_the_first_is_named_without_a_word_of_it() -> None:
    good = compact(event())
    bad = [
        b"<html>secret@example.org</html>",
        good[:-40],
        b"[1]",
        b'{"type":"me@example.org"}',
        good[:200] + good,  # two events in one line, the first of them cut
        good.replace(b"refs", b"re\0fs"),
        b"\0" * 50,
        compact(event(created_at="2024-05-21 03:10")),
    ]
    found = scanned(b"\n".join([good, *bad, good, b""]))
    assert (found.lines, found.bad_lines, len(found.rows)) == (10, 8, 2)
    assert found.faults == [(2, "no JSON")]


def test_a_nul_byte_in_another_repositorys_event_is_a_bad_line() -> None:
    line = compact(event(repository=(5, "a/b")))
    assert scanned(b"\n".join([line, line.replace(b"refs", b"\0"), line, b""])).bad_lines == 1


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_cut_file_is_read_up_to_its_last_whole_line(kept: float) -> None:
    rng = random.Random(1)
    lines = [compact(event(id=str(n), payload={"x": rng.randbytes(300).hex()})) for n in range(5_000)]
    packed = gzip.compress(b"\n".join([*lines, b""]))
    found = scanned(b"", packed[: int(len(packed) * kept)])
    assert not found.is_whole and found.faults == [(None, "cut or corrupt: read up to its last whole line")]
    assert 0 < found.lines < 5_000 and found.lines == len(found.rows) and not found.bad_lines
    assert abs(found.lines / 5_000 - kept) < 0.05


def test_several_members_and_padding_are_one_file_and_what_follows_otherwise_is_a_fault() -> None:
    part = gzip.compress(compact(event()) + b"\n")
    assert (scanned(b"", part * 3 + b"\0" * 600).lines, scanned(b"", part * 3 + b"\0" * 600).is_whole) == (
        3,
        True,
    )
    assert (scanned(b"", part + b"<html>").lines, scanned(b"", part + b"<html>").is_whole) == (1, False)


@pytest.mark.parametrize("packed", [b"", gzip.compress(b"", mtime=0)])
def test_an_empty_hour_is_not_whole(packed: bytes) -> None:
    found = scanned(b"", packed)
    assert (found.lines, found.is_whole, found.generation) == (0, False, None)
    assert found.faults[-1] == (None, "it holds no event")


def test_an_error_page_is_no_hour() -> None:
    with pytest.raises(NoHourError, match="no gzip file"):
        scanned(b"", b"<!DOCTYPE html><p>503")


@pytest.mark.slow
@pytest.mark.parametrize("is_last", [True, False])
def test_a_line_of_fifty_megabytes_is_refused_within_bounds(is_last: bool) -> None:
    good = compact(event()) + b"\n"
    text = good + b'{"id":"' + b"9" * 50_000_000 + (b"" if is_last else b'"}\n' + good)
    found = scanned(text)
    assert (found.lines, found.bad_lines, len(found.rows)) == ((2, 1, 1) if is_last else (3, 1, 2))
    assert found.faults == [(2, "longer than 25 MB")]


def test_every_counted_type_is_known_at_a_glance() -> None:
    assert set(COUNTED) <= set(TYPES)
