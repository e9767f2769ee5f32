"""Which lines of a piece of an hour file begin as events have begun since 2015, and which of them may matter.

No line is looked at alone: eight bytes at a time are gathered at one place of all lines, and compared. What
begins otherwise, or may be of a tracked repository, is named for a reader of JSON; of the others the type is
known. Not here: what a line says.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from dlt_sources.github_hours.definition import Tracked

Words = np.ndarray[Any, np.dtype[np.uint64]]  # little-endian: eight bytes as they lie
BLOCK = 1 << 16  # bytes whose line ends are looked for at once: what is made of them stays in the cache
LONG_LINE = 1_500  # bytes; longer lines are fewer than what a search for each costs
PADDING = 256  # bytes behind a piece that may be gathered and mean nothing
TYPES = (
    "PushEvent", "CreateEvent", "WatchEvent", "DeleteEvent", "PullRequestEvent", "IssueCommentEvent",
    "IssuesEvent", "ForkEvent", "PullRequestReviewEvent", "PullRequestReviewCommentEvent", "ReleaseEvent",
    "CommitCommentEvent",
    "MemberEvent", "GollumEvent", "PublicEvent", "DiscussionEvent", "SponsorshipEvent", "TeamAddEvent",
)  # fmt: skip
ID_WORDS, LOGIN_WORDS = 2, 6  # of eight bytes: the longest login has 39 and may end in [bot]
ONES, HIGH = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
LOWER = np.uint64(0x2020202020202020)
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
SLOTS = 12  # bits of a table of types


def _word(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text[:8].ljust(8, b"\0"), "little"))


HEAD, HEAD_MASK = _word(b'{"id":"'), np.uint64(0x00FFFFFFFFFFFFFF)
AFTER_ID, ACTOR, ACTOR_ID = _word(b'","type"'), _word(b'","actor'), _word(b'":{"id":')
LOGIN, NAME = _word(b',"login":'), _word(b',"name":')
REPO_TEXT = b'},"repo":{"id":'
REPO, REPO_ID = _word(REPO_TEXT), _word(REPO_TEXT[7:])
ID_DIGITS = (11, 10, 9, 12, 8)
# between login and repository, as it stands since 2016: what is not the login or the actor's id
BETWEEN = len(
    b'","display_login":"","gravatar_id":"","url":"https://api.github.com/users/'
    b'","avatar_url":"https://avatars.githubusercontent.com/u/?"'
)
BOT_SUFFIX = len(b"[bot]")


def _mixed(*words: Words) -> Words:
    total = words[0]
    for word in words[1:]:
        total = total * MULTIPLIER + word
    return total * MULTIPLIER


def _table_of_types() -> tuple[Words, np.ndarray, np.ndarray]:
    """By slot the mixed words of a type, its length and its number; no two share a slot."""
    mixed = np.zeros(1 << SLOTS, np.uint64)
    lengths, numbers = (np.zeros(1 << SLOTS, np.int64) for _ in range(2))
    for number, name in enumerate(TYPES):
        text = f':"{name}","actor":{{"id":'.encode()
        value = _mixed(*(np.array([_word(text[at : at + 8])]) for at in (0, 8, 16)))[0]
        slot = int(value >> np.uint64(64 - SLOTS))
        assert not mixed[slot], name
        mixed[slot], lengths[slot], numbers[slot] = value, len(name), number
    return mixed, lengths, numbers


MIXED, LENGTHS, NUMBERS = _table_of_types()


class Marks:
    """The first eight bytes of what tracked repositories are known by, as a table that errs on the safe
    side."""

    BITS = 16

    def __init__(self, beginnings: list[bytes]) -> None:
        self.is_empty = not beginnings
        self._is_vague = any(len(one) < 8 for one in beginnings)
        self._marked = np.array([_word(one) for one in beginnings], np.uint64)
        self._table = np.zeros(1 << self.BITS, np.bool_)
        self._table[self._slots(self._marked)] = True

    def may_be(self, words: Words) -> np.ndarray:
        """Whether a repository may be known by these words; true of all that are, and of few others."""
        if self._is_vague:
            return np.ones(len(words), np.bool_)
        may_be: np.ndarray = self._table[self._slots(words)]
        few = np.flatnonzero(may_be)
        may_be[few] = np.isin(words[few], self._marked)
        return may_be

    def _slots(self, words: Words) -> np.ndarray:
        return ((words * MULTIPLIER) >> np.uint64(64 - self.BITS)).astype(np.int64)


class Filter(NamedTuple):
    """Ids as they stand in a line, and lower-case names of repositories without one."""

    ids: Marks
    names: Marks

    @classmethod
    def of(cls, tracked: Tracked) -> Filter:
        named = [name for name, repository in tracked.by_name.items() if repository in tracked.without_id]
        return cls(
            Marks([f'{github_id},"name":'.encode() for github_id in tracked.by_id]),
            Marks([bytes(letter | 0x20 for letter in name.encode()[:8]) for name in named]),
        )


class Piece:
    """Whole lines in a buffer: ``size`` bytes of it, the last of which ends a line, and ``PADDING`` behind
    them."""

    def __init__(self, buffer: bytearray, size: int) -> None:
        self.buffer, self.size = buffer, size
        self.bytes = np.frombuffer(buffer, np.uint8)
        # eight bytes from every place on: overlapping, never copied as a whole
        self._words = np.ndarray(len(buffer) - 7, "<u8", buffer, 0, (1,))

    def words(self, places: np.ndarray) -> Words:
        words: Words = self._words[places]
        return words

    def ends(self) -> np.ndarray:
        """The place of every line's end."""
        first = self.buffer.find(b"\n", 0, self.size)
        if first >= LONG_LINE or self.size <= BLOCK:
            return np.array(self._ends_one_by_one(), np.int64)
        mask, found = np.empty(BLOCK, np.bool_), []
        for at in range(0, self.size, BLOCK):
            block = self.bytes[at : min(at + BLOCK, self.size)]
            found.append(np.flatnonzero(np.equal(block, 10, out=mask[: len(block)])) + at)
        return np.concatenate(found)

    def _ends_one_by_one(self) -> list[int]:
        ends: list[int] = []
        find, size, at = self.buffer.find, self.size, -1
        while (at := find(b"\n", at + 1, size)) >= 0:
            ends.append(at)
        return ends

    def until(self, byte: int, places: np.ndarray, rounds: int) -> np.ndarray:
        """Bytes between each place and the first ``byte`` from there on; -1 if it is not within 8 a round."""
        wanted = ONES * np.uint64(byte)
        found = _first_zero_byte(self._words[places] ^ wanted)
        for turn in range(1, rounds):
            left = np.flatnonzero(found == 8 * turn)
            if not len(left):
                return found
            found[left] += _first_zero_byte(self._words[places[left] + 8 * turn] ^ wanted)
        found[found == 8 * rounds] = -1
        return found


def _first_zero_byte(words: Words) -> np.ndarray:
    """Its place in each word, 8 where there is none."""
    zero = _zero_bytes(words)
    places: np.ndarray = np.bitwise_count((zero & -zero) - np.uint64(1)) >> 3
    return places.astype(np.int64)


def _zero_bytes(words: Words) -> Words:
    """Not zero where a byte of a word is zero; its lowest bit is in the first of them."""
    return (words - ONES) & ~words & HIGH


class Recognised(NamedTuple):
    """``kinds`` counts the types of lines that need no reader; ``unread`` are the (begin, end) of the others,
    each with its number among the ``lines`` of the piece, from 0."""

    kinds: Counter[str]
    unread: list[tuple[int, int, int]]
    lines: int


def recognised(piece: Piece, tracked: Filter) -> Recognised:
    """Lines of a piece, told apart by their heads."""
    ends = piece.ends()
    begins = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
    with np.errstate(over="ignore"):  # words wrap
        usual, numbers, repositories = _usual(piece, begins, ends)
        places = repositories[usual]
        may_matter = tracked.ids.may_be(piece.words(places))
        comma = piece.until(ord(","), places, ID_WORDS)
        follows = (comma > 0) & (piece.words(places + np.maximum(comma, 0)) == NAME)
        if not tracked.names.is_empty:
            names = piece.words(places + comma + len(b',"name":"'))
            has_escape = _zero_bytes(names ^ (ONES * np.uint64(ord("\\")))) != 0
            may_matter |= tracked.names.may_be(names | LOWER) | has_escape
    counted = np.zeros(len(ends), np.bool_)
    counted[usual] = follows & ~may_matter
    if piece.buffer.find(b"\0", 0, piece.size) >= 0:
        counted[np.searchsorted(ends, np.flatnonzero(piece.bytes[: piece.size] == 0))] = False
    totals = np.bincount(numbers[counted], minlength=len(TYPES)).tolist()
    unread = np.flatnonzero(~counted).tolist()
    return Recognised(
        Counter({kind: count for kind, count in zip(TYPES, totals, strict=True) if count}),
        [(int(begins[line]), int(ends[line]), line) for line in unread],
        len(ends),
    )


def _usual(piece: Piece, begins: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which lines are of the usual layout; of all lines the type's number and the repository id's place."""
    numbers, repositories = (np.zeros(len(begins), np.int64) for _ in range(2))
    words = piece.words
    is_whole = piece.bytes[np.maximum(ends - 1, 0)] == ord("}")
    left = np.flatnonzero(is_whole & ((words(begins) & HEAD_MASK) == HEAD))
    at = _after_id(piece, begins[left])
    left, at = left[at > 0], at[at > 0]
    mixed = _mixed(words(at), words(at + 8), words(at + 16))
    slots = (mixed >> np.uint64(64 - SLOTS)).astype(np.int64)
    at = at + len(b':"') + LENGTHS[slots]
    known = (MIXED[slots] == mixed) & (words(at) == ACTOR) & (words(at + 8) == ACTOR_ID)
    left, at = left[known], at[known] + len(b'","actor":{"id":')
    numbers[left] = NUMBERS[slots[known]]
    digits = piece.until(ord(","), at, ID_WORDS)
    named = (digits > 0) & (words(at + np.maximum(digits, 0)) == LOGIN)
    left, digits, at = left[named], digits[named], (at + digits)[named] + len(b',"login":"')
    length = piece.until(ord('"'), at, LOGIN_WORDS)
    left, digits, at, length = (of[length > 0] for of in (left, digits, at, length))
    is_bot = piece.bytes[at + length - 1] == ord("]")
    repository = at + 3 * length - BOT_SUFFIX * is_bot + digits + BETWEEN
    repository = np.minimum(repository, ends[left])
    fits = (words(repository) == REPO) & (words(repository + 7) == REPO_ID)
    for other in np.flatnonzero(~fits).tolist():
        repository[other] = _searched(piece, int(at[other]), int(ends[left[other]]))
    found = repository > 0
    repositories[left[found]] = repository[found] + len(REPO_TEXT)
    return left[found], numbers, repositories


def _after_id(piece: Piece, begins: np.ndarray) -> np.ndarray:
    """Where the name of the type begins, with its colon; 0 where the id has an unusual number of digits."""
    at, left = np.zeros(len(begins), np.int64), np.arange(len(begins))
    for digits in ID_DIGITS:
        place = begins[left] + len(b'{"id":"') + digits
        hit = piece.words(place) == AFTER_ID
        at[left[hit]] = place[hit] + len(b'","type"')
        left = left[~hit]
        if not len(left):
            break
    return at


def _searched(piece: Piece, place: int, end: int) -> int:
    """Where the repository follows the actor, of whom ``place`` is within; 0 if objects are in between."""
    begin = piece.buffer.find(REPO_TEXT, place, end)
    return begin if begin >= 0 and piece.buffer.find(b"{", place, begin) < 0 else 0
