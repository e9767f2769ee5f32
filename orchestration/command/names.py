"""``chokepoint list``: the names that other commands, specs and pages use, each with one line on what it is.

Not here: the things themselves; every list is read from where its kind is registered.
"""

from __future__ import annotations

import csv
import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from rich.console import Console

from orchestration.errors import UserError, did_you_mean
from orchestration.home.curated import OUTCOMES, SPECS
from orchestration.settings import Settings

NAME = 30  # columns; a longer name has its description on the next line
Entries = Mapping[str, str]


def _sources(_: Settings) -> Entries:
    from dlt_sources import SOURCES

    return {source.name: source.title for source in SOURCES}


def _outcomes(_: Settings) -> Entries:
    with OUTCOMES.open(newline="", encoding="utf-8") as file:
        return {r["outcome"]: f"{r['title']} ({r['unit']} a {r['frequency']})" for r in csv.DictReader(file)}


def _events(_: Settings) -> Entries:
    from dlt_sources import policy_timeline
    from dlt_sources.tables import load

    rows = load(policy_timeline.SOURCE, policy_timeline.EVENTS)["events"].to_pylist()
    return {row["event_id"]: _event(row) for row in sorted(rows, key=lambda row: row["announced"])}


def _event(row: Mapping[str, Any]) -> str:
    announced: date = row["announced"]
    return f"{announced:%Y-%m-%d}, {row['direction']}: {row['title']}"


def _event_sets(_: Settings) -> Entries:
    from event_study.specs.folder import load_names

    return {name: words.title for name, words in load_names(SPECS)["event_sets"].items()}


def _specs(_: Settings) -> Entries:
    from event_study.specs.folder import load_specs

    return {spec.id: f"{spec.family}: {spec.title}" for spec in load_specs(SPECS)}


def _estimators(_: Settings) -> Entries:
    from event_study.estimators.registry import ESTIMATORS

    return {name: _first_sentence(fit.__doc__) for name, fit in ESTIMATORS.items()}


def _assets(settings: Settings) -> Entries:
    from orchestration.definitions import build_defs

    graph = build_defs(settings).resolve_asset_graph()
    return {
        key.to_user_string(): _first_sentence(graph.get(key).description)
        for key in graph.toposorted_asset_keys
        if graph.get(key).is_executable
    }


def _first_sentence(text: str | None) -> str:
    words = " ".join((text or "").split())
    return words.split(". ")[0].rstrip(".")


KINDS: dict[str, Callable[[Settings], Entries]] = {
    "sources": _sources,
    "outcomes": _outcomes,
    "events": _events,
    "event_sets": _event_sets,
    "specs": _specs,
    "estimators": _estimators,
    "assets": _assets,
}


def print_names(settings: Settings, kind: str | None, console: Console, *, as_json: bool) -> None:
    """Print one kind of name, or all; a line a name where it is piped, folded on a terminal.

    Raises:
        UserError: there is no such kind.
    """
    if kind is not None and kind not in KINDS:
        raise UserError(
            f"list: {kind!r}: is no kind of name{did_you_mean(kind, KINDS)}, expected one of "
            f"{', '.join(KINDS)}; name one, or none for all"
        )
    found = {name: KINDS[name](settings) for name in ([kind] if kind else KINDS)}
    if as_json:
        content = {
            name: [{"name": key, "description": said} for key, said in entries.items()]
            for name, entries in found.items()
        }
        sys.stdout.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        return
    for name, entries in found.items():
        if kind is None:
            console.print(f"{name.replace('_', ' ')} ({len(entries)})", style="bold", highlight=False)
        width = console.width if console.is_terminal else None
        for line in _lines(entries, width):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        if name != next(reversed(found)):
            console.print()


def _lines(entries: Entries, width: int | None) -> Iterable[str]:
    for name, said in entries.items():
        if width is None:
            yield f"{name:<{NAME}}  {said}".rstrip()
            continue
        if len(name) > NAME:
            yield name
            name = ""
        indent = " " * (NAME + 2)
        yield from textwrap.wrap(
            said, width, initial_indent=f"{name:<{NAME}}  ", subsequent_indent=indent
        ) or [name]
