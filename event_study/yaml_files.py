"""YAML that people write, taken as it is meant: specifications, names, profiles of hours.

YAML lets a later key replace an earlier one (an event named twice would be dropped in silence), lets ten
lines stand for a billion by aliases of aliases, and its readers recurse. Not here: what a file may say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

DEEPEST = 64  # levels; ours have six
MOST = 100_000  # values, an alias counted as what it stands for; ours have two thousand
MERGE, TEXT = "<<", "tag:yaml.org,2002:str"


class YamlError(ValueError):
    """Why a text cannot be read as YAML, in one line without its place and the remedy."""


@dataclass
class _Open:
    """A mapping or list whose end was not seen yet."""

    before: int  # values counted when it began
    anchor: str | None
    keys: set[str] | None  # of a mapping; None: a list
    is_key_next: bool = True


@dataclass
class _Count:
    """What was seen of a text so far."""

    values: int = 0
    open: list[_Open] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)  # by anchor

    def see(self, event: yaml.Event) -> None:
        line = f"line {event.start_mark.line + 1}" if event.start_mark else "a line"
        if isinstance(event, yaml.CollectionEndEvent):
            closed = self.open.pop()
            if closed.anchor:
                self.sizes[closed.anchor] = self.values - closed.before
            return
        if not isinstance(event, yaml.NodeEvent):
            return
        if (tag := getattr(event, "tag", None)) not in (None, TEXT):
            raise YamlError(f"{tag} is a tag, {line}, expected plain values")
        is_alias = isinstance(event, yaml.AliasEvent)
        if is_alias and event.anchor not in self.sizes:
            raise YamlError(f"*{event.anchor} stands for what it is part of, or for nothing, {line}")
        self._place(event, line)
        self.values += self.sizes[event.anchor or ""] if is_alias else 1
        if self.values > MOST:
            raise YamlError(f"more than {MOST:,} values, {line}")
        if isinstance(event, yaml.ScalarEvent) and event.anchor:
            self.sizes[event.anchor] = 1
        if isinstance(event, yaml.CollectionStartEvent):
            keys: set[str] | None = set() if isinstance(event, yaml.MappingStartEvent) else None
            self.open.append(_Open(self.values - 1, event.anchor, keys))
            if len(self.open) > DEEPEST:
                raise YamlError(f"nested deeper than {DEEPEST} levels, {line}")

    def _place(self, event: yaml.NodeEvent, line: str) -> None:
        """Whether it is a mapping's key, and then whether it stood there before."""
        mapping = self.open[-1] if self.open else None
        if mapping is None or mapping.keys is None:
            return
        if mapping.is_key_next and isinstance(event, yaml.ScalarEvent) and event.value != MERGE:
            if event.value in mapping.keys:
                raise YamlError(f"{event.value} stands twice, {line}")
            mapping.keys.add(event.value)
        mapping.is_key_next = not mapping.is_key_next


def read_yaml(data: bytes) -> Any:
    """What a YAML text in UTF-8 says, aliases resolved.

    Raises ``YamlError``: no YAML, a key given twice, a tag, more than ``DEEPEST`` levels or ``MOST`` values.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlError("is no UTF-8 text") from error
    count = _Count()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            count.see(event)
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, OverflowError) as error:
        raise YamlError(" ".join(str(error).split())) from error
    except ValueError as error:  # a day that no calendar has
        raise error if isinstance(error, YamlError) else YamlError(" ".join(str(error).split())) from error
