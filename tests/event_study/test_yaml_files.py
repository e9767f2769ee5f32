"""YAML that people write: taken as it is meant, or refused with the line."""

from __future__ import annotations

import time

import pytest

from event_study.yaml_files import DEEPEST, MOST, YamlError, read_yaml

DEEP = 100_000
BILLION = b"a0: &a0 [1, 1]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 10)
)


def test_aliases_and_merges_are_taken_as_they_are_meant() -> None:
    text = b"one: &x {a: 1, b: 2}\ntwo: *x\nthree:\n  <<: *x\n  b: 3\nfour:\n  <<: *x\n  c: [1, 1, 1]\n"
    assert read_yaml(text) == {
        "one": {"a": 1, "b": 2},
        "two": {"a": 1, "b": 2},
        "three": {"a": 1, "b": 3},
        "four": {"a": 1, "b": 2, "c": [1, 1, 1]},
    }


@pytest.mark.parametrize(
    ("text", "content"), [(b"", None), (b"[a, a]", ["a", "a"]), (b"a: !!str 1", {"a": "1"})]
)
def test_what_is_no_mapping_is_read_too(text: bytes, content: object) -> None:
    assert read_yaml(text) == content
    assert read_yaml(b"\xef\xbb\xbf" + text) == content


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a: 1\nb: {c: 1}\na: 2\n", "a stands twice, line 3"),
        (b"a:\n- {b: 1}\n- {b: 1, c: {}, b: 2}\n", "b stands twice, line 3"),
        (b"? [x]\n: 1\nb: 1\nb: 2\n", "b stands twice, line 4"),
        (b"a: [", "while parsing"),
        (b"a: 2022-02-30", "day is out of range for month"),
        (b"a: 0001-01-01 00:00:00 +99:99", ""),
        (b"a: \xff", "is no UTF-8 text"),
        (b"a: \x00", ""),
        (b"a: !!python/name:os.system x", "tag:yaml.org,2002:python/name:os.system is a tag, line 1"),
        (b"a: !!timestamp x", "tag:yaml.org,2002:timestamp is a tag, line 1"),
        (b"a: &x [*x]", "*x stands for what it is part of, or for nothing, line 1"),
        (b"a: *y", "*y stands for what it is part of, or for nothing, line 1"),
        (b"[" * DEEP, f"nested deeper than {DEEPEST} levels, line 1"),
        (b"- " * DEEP, f"nested deeper than {DEEPEST} levels, line 1"),
        (b"{a: " * DEEP, f"nested deeper than {DEEPEST} levels, line 1"),
        (BILLION, f"more than {MOST:,} values, line"),
    ],
)
def test_what_could_be_read_otherwise_is_refused_at_once(text: bytes, said: str) -> None:
    began = time.perf_counter()
    with pytest.raises(YamlError) as caught:
        read_yaml(text)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
    assert time.perf_counter() - began < 5
