"""JSON and YAML as strictly as their standards allow, for whatever comes from outside the program.

A key given twice, a number that is none, half a character or a thousand brackets are refused with the
reason; Python's own readers keep the last of two keys, make NaN of ``NaN`` and end in RecursionError.
Not here: where a document lies and what to do about it, which its reader says.
"""

from __future__ import annotations

import json
import re
from typing import Any

import yaml
from pydantic import ValidationError

DEEPEST = 64  # levels; what publishers send has six
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_EXPECTED = {
    "string_type": "text",
    "string_pattern_mismatch": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "greater_than_equal": "a whole number, zero or more",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


class DocumentError(ValueError):
    """Why a document cannot be read, in one line without its place and the remedy."""


def strict_json(data: bytes) -> Any:
    """What a JSON document in UTF-8 says.

    Raises:
        DocumentError: it is no JSON, gives a key twice, holds NaN, an infinity or half a character, or
            is nested deeper than ``DEEPEST`` pairs of brackets of one kind.
    """
    try:
        if _is_too_deep(data):
            raise DocumentError(f"nested deeper than {DEEPEST} levels")
        content = json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_each_key_once, parse_constant=_refuse_constant
        )
        if b"\\ud" in data.lower():  # an escape that is half a character alone
            json.dumps(content, ensure_ascii=False).encode()
    except DocumentError:
        raise
    except UnicodeEncodeError as error:
        half = ascii(error.object[error.start])[1:-1]
        raise DocumentError(f"contains half a character ({half})") from None
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"not JSON ({error})") from None
    return content


def _is_too_deep(data: bytes) -> bool:
    """Pairs of brackets are taken away from the inside; no document is walked that deep."""
    if data.count(b"[") + data.count(b"{") <= DEEPEST:
        return False
    brackets = _STRING.sub(b"", data).translate(None, _NO_BRACKET)
    for _ in range(DEEPEST):
        inner, brackets = brackets, brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(brackets) == len(inner):
            break  # all gone, or such as the parser will refuse
    return len(brackets) > DEEPEST


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DocumentError(f"the key {twice!r} is given twice in one object")
    return content


def _refuse_constant(name: str) -> None:
    raise DocumentError(f"not JSON ({name} is no number there)")


def strict_yaml(data: bytes) -> Any:
    """What a YAML document in UTF-8 says.

    Raises:
        DocumentError: it is no YAML, gives a key twice, is nested deeper than ``DEEPEST`` levels, or
            holds an alias or a tag, which a curated file needs none of.
    """
    try:
        text = data.decode("utf-8-sig")
        depth = 0
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):  # the loader itself would recurse
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise DocumentError(f"nested deeper than {DEEPEST} levels")
            if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None) is not None:
                line = event.start_mark.line + 1 if event.start_mark else "?"
                raise DocumentError(f"an alias or a tag in line {line}, expected it written out")
        return yaml.load(text, Loader=_UniqueYamlKeys)
    except DocumentError:
        raise
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # ValueError: a day no calendar has
        raise DocumentError(f"not YAML ({' '.join(str(error).split())})") from None


class _UniqueYamlKeys(yaml.CSafeLoader):
    """YAML lets a later key replace an earlier one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        content = super().construct_mapping(node, deep)
        if len(content) != len(node.value):
            names = [key.value for key, _ in node.value]
            twice = next((name for name in names if names.count(name) > 1), names[-1])
            raise DocumentError(f"the key {twice!r} is given twice, line {node.start_mark.line + 1}")
        return content


def first_fault(error: ValidationError) -> str:
    """``files[0]: bytes: is True, expected a whole number``: the first thing that a model refused.

    What a validator of ours says comes as it is.
    """
    fault = error.errors(include_url=False)[0]
    where = ""
    for part in fault["loc"]:
        where += f"[{part}]" if isinstance(part, int) else f": {part}" if where else str(part)
    kind, given = fault["type"], fault["input"]
    if kind == "missing" or (given is None and fault["loc"]):
        what = "missing"
    elif kind == "value_error":
        what = fault["msg"].removeprefix("Value error, ")
    elif kind == "extra_forbidden":
        what = "is no field"
    else:
        expected = _EXPECTED.get(kind) or fault["msg"].removeprefix("Input should be ")
        what = f"is {_shown(given)}, expected {expected}"
    return f"{where}: {what}" if where else what


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
