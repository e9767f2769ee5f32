"""A home serves one run at a time, and one origin for good.

``state/home.json`` remembers whose home it is, so that ``check`` and ``accept`` need not be told.
Not here: where things lie in it (``settings``) and what is up to date (``stages``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EACCES, ENOTDIR
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel

from dlt_sources.atomic import write_atomically
from dlt_sources.documents import strict_json
from orchestration.errors import UserError, no_room
from orchestration.settings import Folder, Origin, Settings, SettingsError, read_settings

LOCK, OWNER = "run.lock", "home.json"


class Owner(BaseModel):
    """Whose home it is, and which archive it was last made of."""

    origin: Origin
    archive: Folder


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Keep every other command that writes out of this home.

    Raises:
        UserError: the home cannot be written, its disk is full, or another command is at work in it.
    """
    refuse_unusable(settings)
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
    except Exception as error:
        if full := no_room(error, settings.home_path):
            raise UserError(full) from error
        raise
    finally:
        lock.release()


def refuse_unusable(settings: Settings) -> None:
    """What ``held`` would find of the folder, with nothing written.

    Raises:
        UserError: the home cannot be written.
    """
    above = next(place for place in (settings.state, *settings.state.parents) if os.path.lexists(place))
    if not above.is_dir():
        raise unusable(settings, NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(above)))
    if not os.access(above, os.W_OK | os.X_OK):
        raise unusable(settings, PermissionError(EACCES, os.strerror(EACCES), str(above)))


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
    if owner is not None and owner.origin != settings.origin:
        raise UserError(
            f"home: {settings.home_path}: holds a run of origin {owner.origin}, asked for "
            f"{settings.origin}; origins never share a home, give another --home"
        )


def remember(settings: Settings) -> None:
    """Write down whose home this is and which archive it was last made of."""
    owner = Owner(origin=settings.origin, archive=settings.archive_path)
    if _owner(settings.state) != owner:
        content = json.dumps(owner.model_dump(mode="json"), indent=1)
        write_atomically(settings.state / OWNER, content.encode())


def settings_of(origin: str | None, home: Path | None) -> Settings:
    """Settings of a home that a run left, as that run had them.

    Raises:
        SettingsError: no run was made there.
    """
    asked = read_settings(origin=origin, home=home, archive=Path() if origin == "archive" else None)
    owner = _owner(asked.state)
    if owner is None:
        raise SettingsError(f"home: {asked.home_path}: no run was made here; start with `chokepoint run`")
    return read_settings(origin=owner.origin, archive=owner.archive, home=asked.home_path)


def _owner(state: Path) -> Owner | None:
    """None where no run wrote it down, or what stands there says nothing."""
    try:
        return Owner.model_validate(strict_json((state / OWNER).read_bytes()))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
