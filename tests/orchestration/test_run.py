"""How a run ends: Dagster calls an empty run a success, and we do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from dlt_sources.archive import ArchiveError
from orchestration.command.run import _refuse, run
from orchestration.command.selection import selected
from orchestration.errors import DefectError, UserError
from orchestration.settings import Settings, read_settings

LOG = Path("run.log")
KEY = dg.AssetKey("mart")


def _run(body: Callable[[], object], checks: bool = False) -> dg.ExecuteInProcessResult:
    @dg.multi_asset(specs=[dg.AssetSpec("mart", skippable=True)])
    def mart():  # type: ignore[no-untyped-def]
        body()
        return
        yield  # nothing: the asset may be skipped

    @dg.asset(name="mart")
    def checked() -> None: ...

    @dg.asset_check(asset="mart", blocking=True)
    def rows_present() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False, metadata={"observed": "row_count 0"})

    defs = dg.Definitions(
        assets=[checked if checks else mart], asset_checks=[rows_present] if checks else [],
        jobs=[dg.define_asset_job("all")],
    )  # fmt: skip
    with dg.DagsterInstance.ephemeral() as instance:
        return defs.resolve_job_def("all").execute_in_process(instance=instance, raise_on_error=False)


def _raised(error: Exception) -> Exception:
    """The error as Python chains it where a library wraps what a source said."""
    try:
        raise RuntimeError("extract failed") from error
    except RuntimeError as wrapped:
        return wrapped


def test_fewer_assets_than_were_asked_for_is_a_failure_of_ours() -> None:
    result = _run(lambda: None)
    assert result.success  # so Dagster says
    with pytest.raises(DefectError, match=r"run: 1 assets were not made, first mart; log: run\.log"):
        _refuse(result, [], {KEY}, LOG, "")
    _refuse(result, [], set(), LOG, "")


def test_bad_input_is_told_as_its_author_wrote_it() -> None:
    line = "archive: a/b.csv: sha256 is 0, manifest says 1; fetch it again or remove the entry"
    with pytest.raises(UserError) as refused:
        _refuse(_run(lambda: None), [_raised(ArchiveError(line))], {KEY}, LOG, "")
    assert str(refused.value) == line


def test_a_file_that_may_not_be_read_is_the_users_to_mend() -> None:
    with pytest.raises(UserError, match=r"home: .*Permission denied: '/data'; make it readable"):
        _refuse(_run(lambda: None), [PermissionError(13, "Permission denied", "/data")], {KEY}, LOG, "")


def test_any_other_error_is_a_defect_with_the_log() -> None:
    with pytest.raises(DefectError, match=r"run: ZeroDivisionError: one two; log: run\.log") as refused:
        _refuse(_run(lambda: None), [ZeroDivisionError("one\ntwo")], {KEY}, LOG, "")
    assert "\n" not in str(refused.value)


def test_a_blocking_check_names_itself_and_what_it_saw() -> None:
    with pytest.raises(UserError, match=r"gate: mart: rows_present failed \(row_count 0\); see"):
        _refuse(_run(lambda: None, checks=True), [], set(), LOG, "")


@pytest.mark.parametrize("selection", ["nothing", "group:nothing", "((", ""])
def test_a_selection_that_matches_nothing_is_refused(selection: str) -> None:
    @dg.asset(key=["results", "estimates"])
    def estimates() -> None: ...

    defs = dg.Definitions(assets=[estimates])
    assert selected("results/estimates", defs) == {dg.AssetKey(["results", "estimates"])}
    with pytest.raises(UserError, match=r"^select: ") as refused:
        selected(selection, defs)
    assert "\n" not in str(refused.value)


def test_an_error_nobody_foresaw_leaves_its_trace_in_a_log(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(_: Settings) -> list[str]:
        raise KeyError("stage")

    monkeypatch.setattr("orchestration.home.stages.stale", burst)
    settings = read_settings(origin="archive", archive=archive, home=tmp_path / "home")
    from rich.console import Console

    with pytest.raises(DefectError, match=r"run: KeyError: 'stage'; log: ") as refused:
        run(settings, None, Console(quiet=True))
    assert "Traceback" in Path(str(refused.value).rsplit("log: ", 1)[1]).read_text()
