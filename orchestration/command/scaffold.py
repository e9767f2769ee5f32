"""``chokepoint new``: writes a source, outcome, event, estimator or spec that works, and its registration.

Nothing is overwritten: files are new, and a registry gets a line. Not here: what is written (``drafts``),
what the things mean (CONTRIBUTING.md), whether what was made of them is right (`make lint test`).
"""

from __future__ import annotations

import keyword
import re
from typing import Annotated

import typer
from rich.console import Console

from orchestration.command.drafts import DRAFTS, EVENT_NAME, EVENT_NAMES, Draft, Kind, Wish, own_spec
from orchestration.errors import UserError
from orchestration.settings import IS_CHECKOUT, PROJECT

LONGEST = 40  # letters of a name: lines that hold it stay within the line length


def new(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help="source, outcome, event, estimator, spec")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="an event's ends in its day or month")],
    model: Annotated[
        str | None, typer.Option("--from", metavar="MODEL", help="staging model that an outcome counts")
    ] = None,
    value: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="column that an outcome adds up [rows are counted]")
    ] = None,
    is_own: Annotated[
        bool, typer.Option("--own", help="a spec for `estimate` on a panel of your own, written here")
    ] = False,
) -> None:
    """Write a source, outcome, event, estimator or spec that works, to be made your own."""
    draft = draft_of(kind, Wish(name, model, value, is_own))
    write(draft)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for path in (*draft.files, *draft.registries):
        what = "wrote" if path in draft.files else "added a line to"
        console.print(f"{what} {path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path}")
    console.print(f"next: {draft.next_step}")


def draft_of(kind: Kind, wish: Wish) -> Draft:
    """What ``new`` would write; nothing is written.

    Raises:
        UserError: the name cannot be one or is taken, there is no checkout to write into, or an outcome's
            model is not there; one line.
    """
    is_own = kind == "spec" and (wish.is_own or not IS_CHECKOUT)
    if not IS_CHECKOUT and not is_own:
        raise UserError(
            f"new: {kind}: is written into a checkout, and this is an installed copy; clone the repository "
            "and run it there (`new spec` works anywhere)"
        )
    is_name = EVENT_NAME.fullmatch if kind == "event" else _is_identifier
    if len(wish.name) > LONGEST or not is_name(wish.name):
        expected = EVENT_NAMES if kind == "event" else "lower-case words joined by _"
        raise UserError(
            f"new: {kind}: {wish.name!r}: is no name, expected {expected}, at most {LONGEST} letters; "
            "choose another"
        )
    draft = own_spec(wish) if is_own else DRAFTS[kind](wish)
    if present := next((path for path in draft.files if path.exists()), None):
        raise UserError(f"new: {kind}: {wish.name}: {present} is there already; choose another name")
    return draft


def write(draft: Draft) -> None:
    """Write the files, then the registries, so that nothing is registered that is not there.

    Raises:
        FileExistsError: one of the files came to be meanwhile.
    """
    from dlt_sources.atomic import write_atomically

    for path, text in draft.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    for path, text in draft.registries.items():
        write_atomically(path, text.encode())


def _is_identifier(name: str) -> bool:
    return bool(re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)) and not keyword.iskeyword(name)
