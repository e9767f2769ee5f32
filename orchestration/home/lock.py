"""A home serves one run at a time, and one origin for good.

``state/home.json`` remembers whose home it is, so that ``check`` and ``accept`` need not be told.
Not here: where things lie in it (``settings``) and what is up to date (``stages``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from dlt_sources.atomic import write_atomically
from orchestration.errors import UserError
from orchestration.settings import Settings, SettingsError, read_settings

LOCK, OWNER = "run.lock", "home.json"


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Keep every other command that writes out of this home.

    Raises:
        UserError: the home cannot be written, or another command is at work in it.
    """
    # one lock object a path, so that a run's stages may each say that they hold the home
    lock = FileLock(settings.state / LOCK, timeout=0, is_singleton=True, thread_local=False)
    try:
        settings.state.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise UserError(
            f"home: {settings.home_path}: a run is already in progress; wait for it or give another --home"
        ) from None
    except OSError as error:
        raise unusable(settings, error) from None
    try:
        yield
    finally:
        lock.release()


def unusable(settings: Settings, error: OSError) -> UserError:
    """What the system refused, as a line that names the path."""
    return UserError(
        f"home: {error.filename or settings.home_path}: {error.strerror or error}; "
        "make it readable and writable or give another --home"
    )


def refuse_other_origin(settings: Settings) -> None:
    """Origins never share a home.

    Raises:
        UserError: another origin's run was made here.
    """
    owner = _owner(settings.state)
    if owner is not None and owner["origin"] != settings.origin:
        raise UserError(
            f"home: {settings.home_path}: holds a run of origin {owner['origin']}, asked for "
            f"{settings.origin}; origins never share a home, give another --home"
        )


def remember(settings: Settings) -> None:
    """Write down whose home this is and which archive it was last made of."""
    content = {"origin": settings.origin, "archive": str(settings.archive_path)}
    if _owner(settings.state) != content:
        write_atomically(settings.state / OWNER, json.dumps(content, indent=1).encode())


def settings_of(origin: str | None, home: Path | None) -> Settings:
    """Settings of a home that a run left, as that run had them.

    Raises:
        SettingsError: no run was made there.
    """
    asked = read_settings(origin=origin, home=home, archive=Path() if origin == "archive" else None)
    owner = _owner(asked.state)
    if owner is None:
        raise SettingsError(f"home: {asked.home_path}: no run was made here; start with `chokepoint run`")
    return read_settings(origin=owner["origin"], archive=Path(owner["archive"]), home=asked.home_path)


def _owner(state: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads((state / OWNER).read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return content
