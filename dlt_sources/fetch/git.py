"""Git histories: commits alone, read of a bare clone without trees and blobs, which is gone afterwards.

``git`` is the client. It gets an environment of its own: no configuration and no password of the user's, no
hook, no template, no submodule, no other protocol than the one that is asked with. Of a commit come its
author's time and clock and a salted hash of the author's address; names and addresses are dropped here.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

from dlt.sources.helpers.requests import Request

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError, PassingError, RefusedError
from dlt_sources.packed import CHUNK

ABSENT = 404
LONGEST = 3600.0  # seconds of one clone
LARGEST = 4 << 30  # bytes of one clone: a server that cannot leave out trees sends them
KEPT_FROM_US = ("PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR")
OURS = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "SSH_ASKPASS": "false",
    "GCM_INTERACTIVE": "never",
    "LC_ALL": "C",
}
SETTINGS = (
    "credential.helper=",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "gc.auto=0",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
)
FIELDS = "%x00".join(("%H", "%ad", "%ae", "%an", "%ce"))
WEB = b"noreply@github.com"  # who commits what is merged on GitHub's pages
_CLOCK = re.compile(rb"(-?\d{1,18}) ([+-]\d{4})")
_NOT_THERE = re.compile(
    rb"repository '[^']*' not found|Repository not found|terminal prompts disabled|could not read Username"
    rb"|returned error: 4(?:01|04|10|51)|unavailable due to DMCA|repository has been disabled"
)
_FOR_GOOD = re.compile(
    rb"Maximum \(\d+\) redirects|from redirection|not allowed|not supported|returned error: 403"
)
_BOT = re.compile(
    rb"\[bot\]|(?:^|[\s._-])bot$|^(?:dependabot|renovate|github-actions|pytorch(?:merge)?bot|copybara-service)\b",
    re.IGNORECASE,
)


class Commit(NamedTuple):
    """``author``: hexadecimal digits that stand for an address within one salt. No time: none that can be."""

    id: str
    time: int | None  # seconds since 1970, by the author's own clock
    utc_offset: str
    author: str
    is_web: bool
    is_bot: bool


def newest(session: ServiceSession, url: str) -> str:
    """The commit that a repository's default branch is at.

    Raises:
        RefusedError: there is none, or not for everybody (status 404). FetchError: no answer that is one.
    """
    said = _asked(session, url, ["ls-remote", "--", url, "HEAD"])
    commit = said.decode("ascii", "replace").partition("\t")[0].strip()
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", commit):
        raise RefusedError(f"fetch: {session.service.source}: {url}: has no commit", ABSENT)
    return commit


def clone(session: ServiceSession, url: str, folder: Path) -> None:
    """The commits of the default branch, into a folder that what a stopped clone left in is taken from.

    Raises:
        RefusedError, FetchError: as ``newest``.
    """
    what = ["--bare", "--single-branch", "--no-tags", "--filter=tree:0", "--template=", "--quiet"]
    _asked(session, url, ["clone", *what, "--", url, str(folder)], folder)


def commits(folder: Path, salt: bytes) -> Iterator[Commit]:
    """Every commit of a clone, from the newest on.

    Raises:
        FetchError: the clone is not whole.
    """
    asked = ["log", "--no-show-signature", "--no-mailmap", "--no-notes", "--date=raw", f"--format={FIELDS}"]
    command = _command([f"--git-dir={folder}", "--no-replace-objects", *asked, "HEAD", "--"])
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(""),
    ) as log:
        assert log.stdout is not None
        for line in log.stdout:
            yield _commit(line.rstrip(b"\n").split(b"\0"), salt)
    if log.returncode:
        raise FetchError(f"fetch: a clone cannot be read (git says {log.returncode}); fetch again")


def _commit(fields: Sequence[bytes], salt: bytes) -> Commit:
    """Of one line, in which a name may hold anything but a line's end."""
    known, when, address, name, committer = [*fields, b"", b"", b"", b"", b""][:5]
    clock = _CLOCK.fullmatch(when)
    local = address.partition(b"@")[0]
    return Commit(
        known.decode("ascii", "replace"),
        int(clock[1]) if clock else None,
        clock[2].decode() if clock else "",
        hashlib.blake2b(address.strip().lower(), key=salt, digest_size=8).hexdigest(),
        committer == WEB,
        any(_BOT.search(word) for word in (name.strip(), local)),
    )


def _asked(session: ServiceSession, url: str, arguments: list[str], folder: Path | None = None) -> bytes:
    """What git says, asked again as long as it says that it could not reach the server."""
    request = session.prepare_request(Request("GET", url))

    def attempt() -> bytes:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        with session.turn(request):
            session.budget.ask()
            return _run(session, url, arguments, folder)

    return session.persist(request, attempt)


def _run(session: ServiceSession, url: str, arguments: list[str], folder: Path | None) -> bytes:
    """One command of git's, ended where it takes too long or too much."""
    protocol, elsewhere = _real_place(session, url)
    with TemporaryFile() as out, TemporaryFile() as err:
        process = subprocess.Popen(
            _command(arguments, *elsewhere),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=_environment(protocol),
            start_new_session=True,
        )
        try:
            _watch(process, session, url, folder)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # git's helpers with it
                process.wait()
        out.seek(0)
        err.seek(0)
        if process.returncode:
            _judge(session, url, err.read(CHUNK))
        return out.read()


def _watch(process: subprocess.Popen[bytes], session: ServiceSession, url: str, folder: Path | None) -> None:
    began, counted = monotonic(), 0
    is_running = True
    while is_running:
        try:
            process.wait(1.0)
            is_running = False
        except subprocess.TimeoutExpired:
            pass
        size = _size(folder) if folder is not None else 0
        session.budget.take_in(size - counted)
        counted = size
        if size > LARGEST or monotonic() - began > LONGEST:
            raise FetchError(
                f"fetch: {session.service.source}: {url}: more than {LARGEST >> 30} GB or "
                f"{LONGEST / 60:.0f} minutes of history; leave it out of the list"
            )


def _size(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.stat().st_size
        except OSError:  # git renamed it meanwhile
            continue
    return size


def _judge(session: ServiceSession, url: str, said: bytes) -> None:
    """Raise what git's words mean."""
    where = f"fetch: {session.service.source}: {url}"
    if _NOT_THERE.search(said):
        raise RefusedError(f"{where}: no such repository for everybody", ABSENT)
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    words = " ".join((lines or ["no word"])[-1].split())[:200]
    if _FOR_GOOD.search(said):
        raise FetchError(f"{where}: git says {words!r}; look at the address")
    raise PassingError(f"git says {words!r}")


def _command(arguments: Sequence[str], *settings: str) -> list[str]:
    return ["git", *(word for s in (*SETTINGS, *settings) for word in ("-c", s)), *arguments]


def _environment(protocol: str) -> dict[str, str]:
    """``protocol``: the only one that git may speak; the empty one reads what is here."""
    kept = {name: os.environ[name] for name in KEPT_FROM_US if name in os.environ}
    return {**kept, **OURS, "HOME": os.devnull, "GIT_ALLOW_PROTOCOL": protocol}


def _real_place(session: ServiceSession, url: str) -> tuple[str, list[str]]:
    """The protocol, and how git finds a host at a stand-in's."""
    if session.stand_in is None:
        return "https", []
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    place = f"{session.stand_in.rstrip('/')}/{urlsplit(url).hostname}"
    return urlsplit(session.stand_in).scheme, [f"url.{place}.insteadOf={origin}"]
