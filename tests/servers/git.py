"""Git repositories made by hand, served from disk as they lie or over loopback by git's own server."""

from __future__ import annotations

import hashlib
import subprocess
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from tests.servers.stand_in import NOT_FOUND, Answer, Asked, StandIn

WEB = b"GitHub <noreply@github.com>"


class Change(NamedTuple):
    """A commit to be: the author as git spells one, and the raw time and offset of the author's clock."""

    author: bytes = b"Ann <ann@example.org>"
    when: bytes = b"1700000000 +0800"
    committer: bytes = b"Ann <ann@example.org>"
    message: bytes = b"work\n"


CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[uploadpack]\n\tallowFilter = true\n"


def _write(folder: Path, kind: bytes, content: bytes) -> str:
    """An object as git keeps it, which nobody checks before it is asked for."""
    data = b"%s %d\0%s" % (kind, len(content), content)
    known = hashlib.sha1(data).hexdigest()
    place = folder / "objects" / known[:2] / known[2:]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(zlib.compress(data))
    return known


@dataclass(frozen=True)
class GitHost:
    """Bare repositories under ``<folder>/<host>/<owner>/<name>``."""

    folder: Path
    host: str = "github.com"

    def place(self, name: str) -> Path:
        return self.folder / self.host / name

    def write(self, name: str, changes: Sequence[Change], onto: str | None = None) -> str:
        """Commits, one after the other, onto another one or none; the branch is at the last of them."""
        folder = self.place(name)
        (folder / "refs" / "heads").mkdir(parents=True, exist_ok=True)
        (folder / "objects").mkdir(exist_ok=True)
        (folder / "HEAD").write_text("ref: refs/heads/main\n")
        (folder / "config").write_text(CONFIG)
        blob = _write(folder, b"blob", b"a file " * 1000)
        tree = _write(folder, b"tree", b"100644 file\0" + bytes.fromhex(blob))
        for change in changes:
            parent = f"parent {onto}\n" if onto else ""
            head = f"tree {tree}\n{parent}author ".encode() + change.author + b" " + change.when
            committer = b"\ncommitter " + change.committer + b" 1700000000 +0000\n\n"
            onto = _write(folder, b"commit", head + committer + change.message)
        if onto:
            (folder / "refs" / "heads" / "main").write_text(onto + "\n")
        return onto or ""

    def serve(self, server: StandIn) -> None:
        server.on(self.host, self.answer)

    def answer(self, asked: Asked) -> Answer:
        """What git's own server says, which is asked as a web server asks it."""
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "GIT_PROJECT_ROOT": str(self.folder / self.host),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": asked.path,
            "QUERY_STRING": urlencode(asked.query),
            "REQUEST_METHOD": asked.method,
            "CONTENT_TYPE": asked.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(asked.body)),
            "HTTP_CONTENT_ENCODING": asked.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": asked.headers.get("Git-Protocol", ""),
        }
        command = ["git", "http-backend"]
        said = subprocess.run(
            command, input=asked.body, env=environment, capture_output=True, check=True
        ).stdout
        head, _, body = said.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200").split()[0])
        return Answer(body, status, headers) if status < 400 else NOT_FOUND
