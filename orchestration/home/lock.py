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

from filelock import BaseFileLock, FileLock, Timeout
from pydantic import BaseModel

from dlt_sources.atomic import write_atomically
from dlt_sources.documents import strict_json
from orchestration.errors import UserError, no_room
from orchestration.settings import Folder, Origin, Settings, SettingsError, read_settings

LOCK, UI_LOCK, OWNER = "run.lock", "ui.lock", "home.json"


class InUseError(UserError):
    """Another process has the home; it is opened by the system when that process ends, however it ends."""


class Owner(BaseModel):
    """Whose home it is, and which archive it was last made of."""

    origin: Origin
    archive: Folder


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Keep every other command that writes out of this home.

    Raises:
        InUseError: another command is at work in it.
        UserError: the home cannot be written, or its disk is full.
    """
    refuse_unusable(settings)
    in_use = "a run is already in progress; wait for it or give another --home"
    # one lock object a path, so that a run's stages may each say that they hold the home
    with _locked(settings, FileLock(settings.state / LOCK, is_singleton=True, thread_local=False), in_use):
        yield


@contextmanager
def open_to_ui(settings: Settings) -> Iterator[None]:
    """Say that Dagster's UI is open over this home; runs from the terminal are not kept out.

    Raises:
        InUseError: it is open already.
        UserError: the home cannot be written.
    """
    in_use = "Dagster's UI is already open over it; use that one or give another --home"
    with _locked(settings, FileLock(settings.state / UI_LOCK), in_use):
        yield


def is_open_to_ui(settings: Settings) -> bool:
    try:
        with open_to_ui(settings):
            return False
    except InUseError:
        return True


@contextmanager
def _locked(settings: Settings, lock: BaseFileLock, in_use: str) -> Iterator[None]:
    try:
        settings.state.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise InUseError(f"home: {settings.home_path}: {in_use}") from None
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
