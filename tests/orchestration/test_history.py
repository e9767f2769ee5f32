"""A run from the terminal is recorded in files that Dagster's own storage reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import psutil
import pytest
from sqlalchemy import Engine, create_engine, event, text

from orchestration.command.history import FROM_COMMAND_LINE, open_instance, settle
from orchestration.errors import UserError
from orchestration.settings import read_settings

RUN = "1" * 36


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


@pytest.mark.parametrize("from_us", [True, False])
@pytest.mark.parametrize("is_ui_open", [True, False])
@pytest.mark.parametrize("status", ["STARTING", "STARTED", "CANCELING"])
def test_runs_that_dagster_thinks_are_in_progress(
    from_us: bool, is_ui_open: bool, status: str, tmp_path: Path
) -> None:
    settings = read_settings(home=tmp_path)
    tags = {FROM_COMMAND_LINE: "true"} if from_us else {}
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(
            dg.DagsterRun(job_name="refresh", run_id=RUN, status=dg.DagsterRunStatus(status), tags=tags)
        )
        if is_ui_open and not from_us:
            with pytest.raises(UserError, match=r"already in progress in Dagster's UI \(11111111\)"):
                settle(settings, instance, is_ui_open=True)
            return
        settle(settings, instance, is_ui_open=is_ui_open)  # its process was ended: we hold the home
        ended = instance.get_run_by_id(RUN)
        assert ended is not None and ended.status is dg.DagsterRunStatus.FAILURE


@pytest.mark.parametrize("status", [None, "FAILURE", "STARTED"])
def test_a_pool_that_a_dead_run_took_is_free_again(status: str | None, tmp_path: Path) -> None:
    """Else the next run would wait for it, for good."""
    settings = read_settings(home=tmp_path)
    with open_instance(tmp_path) as instance:
        slots = instance.event_log_storage
        slots.set_concurrency_slots("warehouse", 1)
        if status is not None:
            run = dg.DagsterRun(job_name="refresh", run_id=RUN, status=dg.DagsterRunStatus(status))
            instance.add_run(run)
        assert slots.claim_concurrency_slot("warehouse", RUN, "warehouse").is_claimed
        assert not slots.claim_concurrency_slot("warehouse", "2" * 36, "warehouse").is_claimed
        settle(settings, instance, is_ui_open=False)
        assert slots.claim_concurrency_slot("warehouse", "2" * 36, "warehouse").is_claimed


def test_what_a_run_prints_in_the_terminal_is_copied_by_nobody(tmp_path: Path) -> None:
    """The processes that would copy it get the terminal's Ctrl-C too, and answer with a traceback."""

    @dg.asset
    def helpers() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata={"names": [p.name() for p in psutil.Process().children()]})

    with open_instance(tmp_path) as instance:
        result = dg.materialize([helpers], instance=instance)
    (made,) = result.asset_materializations_for_node("helpers")
    assert not {"tail"}.intersection(made.metadata["names"].value)  # type: ignore[arg-type]


def test_connections_do_not_grow_with_what_a_run_tells(tmp_path: Path) -> None:
    """Dagster alone makes one for every event, which was a quarter of a run's time."""

    def connections(number: int) -> int:
        @dg.multi_asset(specs=[dg.AssetSpec(f"made_{i}") for i in range(number)])
        def many() -> Iterator[dg.MaterializeResult[None]]:
            for i in range(number):
                yield dg.MaterializeResult(asset_key=f"made_{i}")

        made = 0

        def count(*_: object) -> None:
            nonlocal made
            made += 1

        with open_instance(tmp_path / str(number)) as instance:
            event.listen(Engine, "connect", count)
            try:
                assert dg.materialize([many], instance=instance).success
            finally:
                event.remove(Engine, "connect", count)
        return made

    for number in (1, 30):
        (tmp_path / str(number)).mkdir()
    assert connections(30) <= connections(1) + 1


def test_the_ui_reads_while_a_run_is_being_told(tmp_path: Path) -> None:
    read: list[int] = []

    @dg.asset(deps=[counted])
    def meanwhile() -> None:
        with dg.DagsterInstance.from_config(str(tmp_path)) as ui:
            read.append(ui.get_runs_count())
            assert ui.get_latest_materialization_event(dg.AssetKey("counted")) is not None
            ui.add_run(dg.DagsterRun(job_name="refresh", run_id=RUN))  # and writes

    with open_instance(tmp_path) as instance:
        assert dg.materialize([counted, meanwhile], instance=instance).success
    assert read == [1]
