"""Dagster's record of a run from the terminal: the same SQLite files as its own storage, kept open.

Dagster's storage makes an engine and a connection, compiles its SQL anew and waits for the disk at
every event, and a run here has two thousand: half a minute. The user interface reads these files
by Dagster's own class, also while this one writes. Not waiting for the disk can cost events in a
power cut, never results: those have files and stage keys of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, inspect, text


class RunEvents(SqliteEventLogStorage):
    """The event log with one connection a file, and no wait for the disk."""

    def __init__(self, base_dir: str) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir)
        # now, because it is asked again within transactions, which hold the one connection's lock
        self._tables = frozenset(inspect(self._engine(INDEX_SHARD_NAME)).get_table_names())

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                pool_size=1,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
            )
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection:
                connection.execute(text("pragma synchronous = off"))
            self._engines[shard] = engine
        return self._engines[shard]

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    def has_table(self, table_name: str) -> bool:
        return table_name in self._tables

    def dispose(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        super().dispose()


class RunStorage(DagsterSqliteStorage):
    """Dagster's storage with ``RunEvents`` in the place of its event log."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = RunEvents(self._event_log_storage._base_dir)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> RunStorage:
        return cls.from_local(inst_data=inst_data, **config_value)


def open_instance(folder: Path) -> dg.DagsterInstance:
    """The instance whose ``dagster.yaml`` lies in the folder, recording through ``RunStorage``."""
    storage = {"module": __name__, "class": RunStorage.__name__, "config": {"base_dir": str(folder)}}
    return dg.DagsterInstance.from_ref(
        InstanceRef.from_dir(str(folder), overrides={"storage": {"custom": storage}})
    )
