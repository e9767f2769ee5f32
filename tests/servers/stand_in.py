"""One local server for every host: ``<address>/<host>/<path>`` is answered as ``https://<host>/<path>``.

A service is a function from a request to an answer, in the publisher's own protocol, with the publisher's own
addresses in it. What goes wrong is injected below it (``Fault``), so that every connector is tested with the
same faults without knowing of them. ``FakeClock`` waits for nobody and knows how long one would have waited.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dlt_sources.fetch.pace import WallClock

NOW = 1_795_000_000.0  # 2026-11-18T08:26:40Z


class FakeClock(WallClock):
    """A clock that jumps instead of waiting; ``skew`` is by how much it is wrong."""

    def __init__(self, now: float = NOW, skew: float = 0.0) -> None:
        self.time, self.skew = now, skew
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time + self.skew

    def elapsed(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@dataclass(frozen=True)
class Asked:
    """A request as the server got it."""

    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    method: str = "GET"


@dataclass(frozen=True)
class Answer:
    """What a service says. ``is_file``: it has an ETag, and parts of it may be asked for."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    is_file: bool = False


def json_answer(content: Any, status: int = 200, **headers: str) -> Answer:
    given = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return Answer(json.dumps(content).encode(), status, given)


def file_answer(body: bytes, content_type: str = "application/octet-stream") -> Answer:
    return Answer(body, 200, {"Content-Type": content_type}, is_file=True)


NOT_FOUND = Answer(b"404: Not Found", 404, {"Content-Type": "text/plain"})
Respond = Callable[[Asked], Answer]


@dataclass(frozen=True)
class Fault:
    """What happens to some of the requests: the ``at``-th and the ``times`` - 1 after it."""

    kind: str
    at: int = 2
    times: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 500
    body: bytes = b"{}"


PASSING: Mapping[str, Fault] = {
    "429 with Retry-After": Fault("status", status=429, headers={"Retry-After": "7"}),
    "429 without": Fault("status", status=429),
    "500 twice": Fault("status", times=2),
    "503 with a web page": Fault("status", status=503, body=b"<html>busy</html>"),
    "reset in mid-body": Fault("reset"),
    "closed before an answer": Fault("close"),
    "cut short": Fault("short"),
    "gzip cut short": Fault("gzip short"),
    "a slow byte": Fault("slow"),
    "an empty answer": Fault("replace", body=b""),
    "a web page with 200": Fault("replace", body=b"<!DOCTYPE html><title>Are you human?</title>"),
    "a pause asked by date": Fault("status", status=503, headers={"Retry-After": "@+30"}),
}
"""Faults after which an undisturbed service answers as if nothing had been."""

LASTING: Mapping[str, Fault] = {
    "a redirect in a circle": Fault("circle", at=1, times=99),
    "a gzip bomb": Fault("bomb", at=1, times=99),
    "401": Fault("status", at=1, times=99, status=401),
    "410": Fault("status", at=1, times=99, status=410),
    "500 for ever": Fault("status", at=1, times=99),
    "a large file's pointer": Fault(
        "replace", at=1, times=99, body=b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n"
    ),
}
"""Faults that no patience mends: the fetch stops with one line, and nothing half is listed."""


class StandIn:
    """The server. ``on`` adds a service; ``asked`` is what came; ``fault`` is what goes wrong."""

    def __init__(self) -> None:
        self.services: dict[str, Respond] = {}
        self.asked: list[Asked] = []
        self.fault: Fault | None = None
        self.now: float | None = None  # what the server thinks that the time is
        self.has_stalled, self.may_go_on = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        outer = self

        class Handler(_Handler):
            stand_in = outer

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)
        self._thread.start()

    def on(self, host: str, respond: Respond) -> None:
        self.services[host] = respond

    def begin(self, fault: Fault | None = None) -> None:
        """Forget what was asked; from now on this goes wrong."""
        self.asked, self.fault = [], fault
        self.has_stalled.clear()
        self.may_go_on.clear()

    def note(self, asked: Asked) -> Fault | None:
        """Write a request down; the fault that befalls it."""
        with self._lock:
            self.asked.append(asked)
            number, fault = len(self.asked), self.fault
        return fault if fault and fault.at <= number < fault.at + fault.times else None

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A line that was cut on purpose is no error of the server's."""


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandIn
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # a head and a body go out together

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asked = _asked(self.command, self.path, self.headers, self.rfile.read(length))
        fault = self.stand_in.note(asked)
        respond = self.stand_in.services.get(asked.host)
        answer = _part_of(respond(asked), asked) if respond else NOT_FOUND
        with suppress(OSError):  # who asked may have gone
            (getattr(self, "_" + fault.kind.replace(" ", "_")) if fault else self._well)(answer, fault)

    do_POST = do_GET  # noqa: N815

    def _head(self, status: int, headers: Mapping[str, str], length: int) -> None:
        self.send_response_only(status)
        now = self.stand_in.now if self.stand_in.now is not None else time.time()
        self.send_header("Date", formatdate(now, usegmt=True))
        for name, value in headers.items():
            given = formatdate(now + float(value[1:]), usegmt=True) if value.startswith("@") else value
            self.send_header(name, given)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _well(self, answer: Answer, _: Fault | None = None) -> None:
        body, headers = answer.body, dict(answer.headers)
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(body) > 200 and not answer.is_file:
            body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        self._head(answer.status, headers, len(body))
        self.wfile.write(body)
        self.wfile.flush()

    def _status(self, _: Answer, fault: Fault) -> None:
        self._head(fault.status, {"Content-Type": "application/json", **fault.headers}, len(fault.body))
        self.wfile.write(fault.body)

    def _replace(self, answer: Answer, fault: Fault) -> None:
        self._well(Answer(fault.body, 200, {"Content-Type": answer.headers.get("Content-Type", "")}))

    def _half(self, answer: Answer, headers: Mapping[str, str], body: bytes) -> None:
        self._head(answer.status, {**answer.headers, **headers}, len(body))
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()

    def _reset(self, answer: Answer, _: Fault) -> None:
        self._half(answer, {}, answer.body)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())  # closing it would wait for the handler's own files
        self.close_connection = True

    def _stall(self, answer: Answer, _: Fault) -> None:
        """Half an answer, and nothing until the test says so."""
        self._half(answer, {}, answer.body)
        self.stand_in.has_stalled.set()
        self.stand_in.may_go_on.wait(30)
        self.close_connection = True

    def _short(self, answer: Answer, _: Fault) -> None:
        self._half(answer, {}, answer.body)
        self.close_connection = True

    def _gzip_short(self, answer: Answer, _: Fault) -> None:
        packed = gzip.compress(answer.body)[:-6]
        self._head(answer.status, {**answer.headers, "Content-Encoding": "gzip"}, len(packed))
        self.wfile.write(packed)

    def _close(self, _: Answer, __: Fault) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _slow(self, answer: Answer, _: Fault) -> None:
        self._head(answer.status, answer.headers, len(answer.body))
        self.wfile.write(answer.body[:1])
        self.wfile.flush()
        time.sleep(0.01)
        self.wfile.write(answer.body[1:])

    def _circle(self, _: Answer, __: Fault) -> None:
        self._head(302, {"Location": "https:/" + self.path}, 0)

    def _bomb(self, answer: Answer, _: Fault) -> None:
        packed = gzip.compress(bytes(64 << 20), 1)
        self._head(200, {**answer.headers, "Content-Encoding": "gzip"}, len(packed))
        self.wfile.write(packed)

    def log_message(self, format: str, *args: Any) -> None:
        """The tests say what went wrong."""


def _asked(method: str, target: str, headers: Any, body: bytes) -> Asked:
    parts = urlsplit(target)
    _, host, *rest = parts.path.split("/")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Asked(host, "/" + "/".join(rest), query, dict(headers.items()), body, method)


def etag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'


def _part_of(answer: Answer, asked: Asked) -> Answer:
    """What a web server does for a file: ETag, 304, a part of it."""
    if not answer.is_file or answer.status != 200:
        return answer
    etag = etag_of(answer.body)
    headers = {**answer.headers, "ETag": etag}
    wanted = asked.headers
    if wanted.get("If-None-Match") == etag:
        return Answer(b"", 304, headers, is_file=True)
    if "Range" in wanted and wanted.get("If-Range", etag) == etag:
        begin = int(wanted["Range"].removeprefix("bytes=").partition("-")[0])
        if begin >= len(answer.body):
            return Answer(b"", 416, headers, is_file=True)
        end = len(answer.body)
        return Answer(
            answer.body[begin:],
            206,
            {**headers, "Content-Range": f"bytes {begin}-{end - 1}/{end}"},
            is_file=True,
        )
    return Answer(answer.body, 200, headers, is_file=True)
