"""Screenshots of Dagster's UI and of the page, taken from a finished home.

    .venv/bin/python docs/images/make.py HOME [--origin archive --archive DIR] [--only NAME …]

Needs ``chromium`` on PATH and the development environment (websockets, pillow). Starts
``chokepoint ui`` over the home, waits until it knows the home's materialisations, drives a headless
browser over its DevTools socket, and writes one PNG a view beside this file. Pages wait for what they
show, not for a time.
"""

from __future__ import annotations

import argparse
import base64
import io
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from websockets.sync.client import ClientConnection, connect

HERE = Path(__file__).resolve().parent
PATIENCE = 90.0  # seconds until something that should appear is given up
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--hide-scrollbars", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--remote-debugging-port=0")  # fmt: skip
MATERIALISED = "{ assetNodes { id assetMaterializations(limit: 1) { timestamp } } }"


@dataclass(frozen=True)
class View:
    """One picture: where it is, how large, what must be there first, and what is done before it is taken."""

    name: str
    url: str
    width: int
    height: int
    ready: str  # JavaScript that is true once the content is there
    before: str = "null"  # JavaScript run then, for instance to scroll
    mobile: bool = False


def entry(label: str) -> str:
    """JavaScript: the row of this metadata entry, undefined until it is there."""
    return f"[...document.querySelectorAll('tr')].find(row => row.innerText.trim().startsWith('{label}'))"


def opened(label: str) -> str:
    """JavaScript: a click on the entry's ``[Show Markdown]``."""
    link = "element => element.innerText === '[Show Markdown]'"
    return f"[...{entry(label)}.querySelectorAll('*')].filter({link}).at(-1).click()"


def views(ui: str, page: str) -> list[View]:
    """The pictures, in the order of a visit."""
    mart = f"{ui}/assets/marts/fct_activity_country_quarter"
    domain = f"{ui}/assets/intermediate/int_activity__innovation_graph"  # of a mart it would be all domains
    study = f"{ui}/assets/results/estimates"
    said = "document.body.innerText.includes"
    return [
        View("asset-groups", f"{ui}/asset-groups", 1500, 500, f"{said}('staging')"),
        View("asset-lineage", f"{domain}?view=lineage&lineageScope=upstream&lineageDepth=2", 1700, 640,
             f"{said}('git_pushes')"),
        View("asset-checks", f"{mart}?view=checks", 1400, 900, f"{said}('observed')"),
        View("column-lineage", f"{mart}?view=events", 1400, 900, entry("columns from"),
             f"{entry('columns from')}.scrollIntoView()"),
        View("estimates", f"{study}?view=events", 1500, 900, entry("headline"), opened("headline")),
        View("event-study", f"{ui}/assets/site/pages?view=events", 1400, 900, entry("plot: git_pushes"),
             opened("plot: git_pushes")),
        View("page-1280", page, 1280, 900, "document.readyState === 'complete'"),
        View("page-390", page, 390, 844, "document.readyState === 'complete'", mobile=True),
    ]  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(command: list[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process and its children, ended with the block."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, start_new_session=True, **quiet, **options) as running:
        try:
            yield running
        finally:
            os.killpg(running.pid, signal.SIGTERM)


@contextmanager
def serving(arguments: list[str]) -> Iterator[str]:
    """``chokepoint ui`` with these arguments; yields its address once it knows a materialisation."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", "from orchestration.command.cli import main; main()", "ui", *arguments]
    with process([*command, "--port", str(port)], cwd=HERE.parents[1]):
        wait_for(lambda: any(node["assetMaterializations"] for node in assets(address)), "the UI's assets")
        yield address


def assets(address: str) -> list[dict[str, Any]]:
    request = urllib.request.Request(
        f"{address}/graphql",
        json.dumps({"query": MATERIALISED}).encode(),
        {"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            nodes: list[dict[str, Any]] = json.load(answer)["data"]["assetNodes"]
    except OSError:  # not up yet
        return []
    return nodes


def wait_for(condition: Any, what: str) -> Any:
    """What ``condition()`` gives once it is true.

    Raises:
        SystemExit: it never was.
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.5)
    raise SystemExit(f"images: {what} did not appear in {PATIENCE:.0f} s")


class Browser:
    """One tab, over its DevTools socket."""

    def __init__(self, tab: ClientConnection) -> None:
        self.tab = tab
        self.numbers = itertools.count(1)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self.numbers)
        self.tab.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (answer := json.loads(self.tab.recv(timeout=PATIENCE))).get("id") != number:
            pass
        if "error" in answer:
            raise SystemExit(f"images: {method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def run(self, script: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        return answer["result"].get("value")

    def picture(self, view: View) -> bytes:
        self.call("Emulation.setDeviceMetricsOverride", width=view.width, height=view.height,
                  deviceScaleFactor=1, mobile=view.mobile)  # fmt: skip
        self.call("Page.navigate", url=view.url)
        wait_for(lambda: self.run(f"Boolean({view.ready})"), view.name)
        self.run(view.before)
        time.sleep(3)  # layouts of the graph are animated
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])


@contextmanager
def browser() -> Iterator[Browser]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        active = Path(profile) / "DevToolsActivePort"
        with process(["chromium", *FLAGS, f"--user-data-dir={profile}", "about:blank"]):
            wait_for(active.is_file, "chromium")
            port = active.read_text().splitlines()[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
                tab = next(entry for entry in json.load(answer) if entry["type"] == "page")
            with connect(tab["webSocketDebuggerUrl"], max_size=None) as socket_:
                yield Browser(socket_)


def shrunk(png: bytes) -> bytes:
    """The picture in 256 colours: screens of text lose nothing that can be seen."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("home", type=Path)
    parser.add_argument("--origin", default="sample")
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--only", nargs="*", help="names of views")
    given = parser.parse_args()
    home = given.home.resolve()
    arguments = ["--home", str(home), "--origin", given.origin]
    arguments += ["--archive", str(given.archive.resolve())] if given.archive else []
    with serving(arguments) as address, browser() as tab:
        for view in views(address, (home / "site" / "index.html").as_uri()):
            if not given.only or view.name in given.only:
                content = shrunk(tab.picture(view))
                (HERE / f"{view.name}.png").write_bytes(content)
                sys.stdout.write(f"{view.name}.png: {len(content) / 1e3:.0f} kB\n")


if __name__ == "__main__":
    main()
