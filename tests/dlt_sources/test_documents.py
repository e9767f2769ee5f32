"""Documents from outside: JSON and YAML are taken as they are meant or refused with the reason."""

from __future__ import annotations

import json

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from dlt_sources.documents import DEEPEST, DocumentError, first_fault, strict_json, strict_yaml

DEEP = 100_000


@pytest.mark.parametrize("content", [None, [], {"a": [1, {"b": "ü [{"}]}, "\U0001f600", [[[{}], []]] * 99])
def test_json_says_what_it_said(content: object) -> None:
    assert strict_json(json.dumps(content).encode()) == content
    assert strict_json(b"\xef\xbb\xbf" + json.dumps(content, ensure_ascii=False).encode()) == content


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not JSON (Expecting value"),
        (b"{} {}", "not JSON (Extra data"),
        (b'["\xff"]', "not JSON ('utf-8' codec"),
        (b'{"a": 1, "b": {"a": 1, "a": 2}}', "the key 'a' is given twice in one object"),
        (b'{"bytes": 1, "byte\\u0073": 1}', "the key 'bytes' is given twice in one object"),
        (b"[NaN]", "not JSON (NaN is no number there)"),
        (b"[-Infinity]", "not JSON (-Infinity is no number there)"),
        (b'["\\ud800"]', "contains half a character (\\ud800)"),
        (b'{"\\uDC01": 1}', "contains half a character (\\udc01)"),
        (b"[" + b"9" * 5000 + b"]", "not JSON (Exceeds the limit"),
        (b"[" * DEEP + b"]" * DEEP, f"nested deeper than {DEEPEST} levels"),
        (b'{"a":' * DEEP, f"nested deeper than {DEEPEST} levels"),
        (b'[{"a":' * DEEP + b"1" + b"}]" * DEEP, f"nested deeper than {DEEPEST} levels"),
    ],
)
def test_json_that_could_be_read_otherwise_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        strict_json(data)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_brackets_in_text_are_no_nesting() -> None:
    text = "[" * DEEP + '\\"' + "{" * DEEP
    assert strict_json(json.dumps([text, text]).encode()) == [text, text]


def test_yaml_says_what_it_said() -> None:
    assert strict_yaml("a: [1, ü]\nb: {c: null}\n".encode()) == {"a": [1, "ü"], "b": {"c": None}}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a: [", "not YAML ("),
        (b"a: 1\nb: 2\na: 3\n", "the key 'a' is given twice, line 1"),
        (b"b:\n  c: 1\n  c: 2\n", "the key 'c' is given twice, line 2"),
        (b"1: a\n0x1: b\n", "the key '0x1' is given twice, line 1"),
        (b"a: 2022-13-45\n", "not YAML (month must be in 1..12)"),
        (b"a: \xff\n", "not YAML ('utf-8' codec"),
        (b"a: \x00\n", "not YAML ("),
        (b"a: !!python/name:os.system x\n", "an alias or a tag in line 1"),
        (b"a: &x [1]\nb: [*x, *x]\n", "an alias or a tag in line 2"),
        (b"[" * DEEP, f"nested deeper than {DEEPEST} levels"),
        (b"- " * DEEP, f"nested deeper than {DEEPEST} levels"),
    ],
)
def test_yaml_that_could_be_read_otherwise_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        strict_yaml(data)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


class _File(BaseModel):
    model_config = ConfigDict(strict=True)
    path: str
    bytes: int


class _Listing(BaseModel):
    files: list[_File]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "is [], expected an object"),
        ({}, "files: missing"),
        ({"files": "all"}, "files: is 'all', expected a list"),
        ({"files": [7]}, "files[0]: is 7, expected an object"),
        ({"files": [{"path": "a", "bytes": True}]}, "files[0]: bytes: is True, expected a whole number"),
        ({"files": [{"path": None, "bytes": 1}]}, "files[0]: path: missing"),
        ({"files": [{"path": ["x" * 999], "bytes": 1}]}, f"files[0]: path: is ['{'x' * 75}…, expected text"),
    ],
)
def test_the_first_fault_is_named(content: object, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        _Listing.model_validate(content)
    assert first_fault(caught.value) == said
