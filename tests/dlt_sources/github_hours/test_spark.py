"""Spark gives the scanner's rows: on this machine, from an object store, on a cluster that loses a worker."""

from __future__ import annotations

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from s3fs import S3FileSystem

from dlt_sources.github_hours.engines import reduce_month
from dlt_sources.github_hours.reduction_job import EngineError, MonthTables
from tests.dlt_sources.github_hours import object_store
from tests.dlt_sources.github_hours.spark_cluster import cluster, kill_at_work
from tests.dlt_sources.github_hours.trap_hours import BAD_LINES, job, trap_hours, write

QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # a JVM of a few seconds compiles less
LOCAL = "local[2]"


def rows(made: MonthTables) -> dict[str, list[dict[str, Any]]]:
    """All rows by table, but for the engine's name."""
    return {
        name: [{key: value for key, value in row.items() if key != "engine"} for row in table.to_pylist()]
        for name, table in made.tables.items()
    }


@pytest.fixture
def hours(tmp_path: Path) -> Path:
    write(tmp_path / "hours", trap_hours())
    cut = tmp_path / "hours" / "2024-01-31-22.json.gz"
    cut.write_bytes(cut.read_bytes()[:-400])
    return tmp_path / "hours"


@pytest.fixture(autouse=True)
def quick_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", QUICK)
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    S3FileSystem.clear_instance_cache()


@pytest.mark.slow
def test_spark_on_this_machine_gives_the_scanners_rows(hours: Path) -> None:
    scanned, modules = reduce_month("scan", job(str(hours))), [*sys.path]
    by_spark = reduce_month("spark", job(str(hours), spark_master=LOCAL))
    assert sys.path == modules  # what Spark adds is gone with its session; imports after it would stumble
    assert rows(by_spark) == rows(scanned)
    assert by_spark.notes == scanned.notes
    tables = rows(scanned)
    assert sum(row["duplicates"] for row in tables["hours"]) > 50
    written = {hour.name: sum(line in BAD_LINES for line in hour.lines) for hour in trap_hours()}
    whole = [row for row in tables["hours"] if row["is_whole"]]
    bad_lines = {f"{row['hour']:%Y-%m-%d}-{row['hour'].hour}.json.gz": row["bad_lines"] for row in whole}
    assert bad_lines == {name: written[name] for name in bad_lines} and sum(bad_lines.values()) > 10
    assert [row["hour"].isoformat()[:13] for row in tables["hours"] if not row["is_whole"]] == [
        "2024-01-31T22"
    ]
    assert {row["stated_country"] for row in tables["actor_hours"]} == {None, "CN", "DE"}
    assert {row["repository"] for row in tables["repository_hours"]} == {
        "lab/model",
        "lab/tool",
        "old/timeline",
    }
    page = hours / "2024-01-01-3.json.gz"
    page.write_bytes(b"<html>busy</html>")
    for engine in ("scan", "spark"):
        with pytest.raises(EngineError) as refused:
            reduce_month(engine, job(str(hours), spark_master=LOCAL))
        assert str(refused.value).startswith(f"file://{page}: no gzip file")


@pytest.mark.slow
def test_hours_in_an_object_store_are_read_where_they_lie(
    hours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = rows(reduce_month("scan", job(str(hours))))
    (tmp_path / "store").mkdir()
    with object_store.serving(tmp_path / "store") as address:
        store = S3FileSystem(key=object_store.KEY, secret=object_store.SECRET, endpoint_url=address)
        store.put(f"{hours}/", f"{object_store.BUCKET}/gharchive/", recursive=True)
        url = f"s3://{object_store.BUCKET}/gharchive"
        for name, value in object_store.environment(address).items():
            monkeypatch.setenv(name, value)
        assert rows(reduce_month("scan", job(url))) == expected
        assert rows(reduce_month("spark", job(url, spark_master=LOCAL))) == expected
        denied = object_store.environment(address, object_store.DENIED_KEY, object_store.DENIED_SECRET)
        for name, value in denied.items():
            monkeypatch.setenv(name, value)
        S3FileSystem.clear_instance_cache()
        for engine in ("scan", "spark"):
            with pytest.raises(
                EngineError, match=rf"^hours_url: {url}: access denied; .*right to list"
            ) as refused:
                reduce_month(engine, job(url, spark_master=LOCAL))
            assert "\n" not in str(refused.value)


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_in_mid_run_gives_the_scanners_rows(
    hours: Path, tmp_path: Path
) -> None:
    expected = rows(reduce_month("scan", job(str(hours))))
    killed_at: list[float] = []
    with cluster(tmp_path) as (master, workers), ThreadPoolExecutor() as beside:
        killing = beside.submit(kill_at_work, workers[0], tmp_path / "0")
        killing.add_done_callback(lambda _: killed_at.append(time.monotonic()))
        found = rows(reduce_month("spark", job(str(hours), spark_master=master)))
        ended_at = time.monotonic()
        killing.result()
        assert [worker.poll() for worker in workers] == [-signal.SIGKILL, None]
    assert killed_at[0] < ended_at
    assert found == expected


def test_what_keeps_spark_from_a_start_is_one_line(hours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusal(master: str) -> str:
        began = time.monotonic()
        with pytest.raises(EngineError) as refused:
            reduce_month("spark", job(str(hours), spark_master=master))
        assert time.monotonic() - began < 20
        assert "\n" not in str(refused.value)
        return str(refused.value)

    assert refusal("spark://127.0.0.1:9").startswith("spark_master: spark://127.0.0.1:9: cannot be reached (")
    assert refusal("sc://127.0.0.1:9").startswith("spark_master: sc://127.0.0.1:9: cannot be reached (")
    assert refusal("mesos://there") == (
        "spark_master: is 'mesos://there', expected local[*], spark://host:port or sc://host:port; "
        "correct the setting"
    )
    monkeypatch.setenv("JAVA_HOME", str(hours))
    assert refusal(LOCAL).startswith("spark: no Java; install a runtime of 17 or later")
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(hours))
    assert refusal("spark://127.0.0.1:9").startswith("spark: no Java;")
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    assert refusal(LOCAL) == "spark: is not installed; pip install 'chokepoint[spark]'"
