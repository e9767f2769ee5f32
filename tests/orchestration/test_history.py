"""A run from the terminal is recorded in files that Dagster's own storage reads."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
from sqlalchemy import create_engine, text

from orchestration.command.history import open_instance


@dg.asset
def counted() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"dagster/row_count": 3})


@dg.asset_check(asset=counted)
def is_there() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False)


def test_the_ui_sees_a_run_from_the_terminal(tmp_path: Path) -> None:
    with open_instance(tmp_path) as instance:
        made = dg.materialize([counted, is_there], instance=instance)
        assert made.success
    with dg.DagsterInstance.from_config(str(tmp_path)) as ui:
        (run,) = ui.get_runs()
        assert run.status is dg.DagsterRunStatus.SUCCESS
        event = ui.get_latest_materialization_event(dg.AssetKey("counted"))
        assert event is not None
        assert event.asset_materialization is not None
        assert event.asset_materialization.metadata["dagster/row_count"].value == 3
        (check,) = ui.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey("counted"), "is_there"), limit=10
        )
        assert check.status.value == "FAILED"
        assert len(ui.all_logs(run.run_id)) > 5


def test_a_second_run_goes_into_the_same_history(tmp_path: Path) -> None:
    for _ in range(2):
        with open_instance(tmp_path) as instance:
            assert dg.materialize([counted, is_there], instance=instance).success
    with dg.DagsterInstance.from_config(str(tmp_path)) as ui:
        assert ui.get_runs_count() == 2


@dg.asset(deps=[counted], code_version="1")
def after() -> None: ...


def test_one_asset_alone_is_recorded_too(tmp_path: Path) -> None:
    """Its event's tags are stored within a transaction, before anything else asked for the tables."""
    assets = [counted, after]
    with open_instance(tmp_path) as instance:
        assert dg.materialize(assets, instance=instance).success
    with open_instance(tmp_path) as instance:
        assert dg.materialize(assets, instance=instance, selection=["after"]).success


def test_no_wait_for_the_disk_while_it_is_open_and_the_usual_one_after(tmp_path: Path) -> None:
    def waits() -> int:
        with create_engine("sqlite://").connect() as connection:
            return int(connection.execute(text("pragma synchronous")).scalar_one())

    usual = waits()
    with open_instance(tmp_path):
        assert waits() == 0
    assert waits() == usual > 0
