"""Dagster's own record files, written over connections that stay open.

Dagster connects anew for every statement, which suits its servers. A run from the terminal is one process and
tells three thousand events: connecting was a quarter of its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._config import StringSource
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine


class Connections:
    """One engine a file, kept until they are disposed of."""

    def __init__(self) -> None:
        self._engines: dict[str, Engine] = {}

    def __contains__(self, address: str) -> bool:
        return address in self._engines

    def engine(self, address: str) -> Engine:
        if address not in self._engines:
            self._engines[address] = create_engine(
                address, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
            )
        return self._engines[address]

    def dispose(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()


class EventLog(SqliteEventLogStorage):
    """Dagster's event log in the files where it looks for it: one of each run, one of all."""

    def __init__(self, base_dir: str) -> None:
        self._kept = Connections()
        self._tables: set[str] = set()
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        address = self.conn_string_for_shard(shard)
        if address not in self._kept:
            with super()._connect(shard):  # makes the file's tables
                pass
        with self._db_lock, self._kept.engine(address).begin() as connection:
            yield connection

    def has_table(self, table_name: str) -> bool:
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def dispose(self) -> None:
        super().dispose()
        self._kept.dispose()


class Runs(SqliteRunStorage):
    """Dagster's table of runs."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._kept = Connections()
        super().__init__(conn_string, inst_data)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self._kept.engine(self._conn_string).begin() as connection:
            yield connection

    def dispose(self) -> None:
        super().dispose()
        self._kept.dispose()


class HistoryStorage(DagsterSqliteStorage):
    """All that Dagster remembers, in the files of its usual storage below ``base_dir``."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._run_storage = Runs.from_local(f"{base_dir}/history/")
        self._event_log_storage = EventLog(f"{base_dir}/history/runs/")

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        return {"base_dir": StringSource}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> HistoryStorage:
        return cls.from_local(inst_data=inst_data, **config_value)
