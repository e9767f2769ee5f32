"""The last accepted run's aggregates: when they are kept, when they count, and what they notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from dlt_sources import SOURCES
from expectations import raw, validation
from orchestration.gate import last_accepted
from orchestration.home import stages
from orchestration.settings import Settings, read_settings

SOURCE = next(source for source in SOURCES if source.name == "china_policy_lists")
(TABLE,) = SOURCE.tables
NAME = f"{SOURCE.name}/{TABLE.name}"
COLUMNS = [column.name for column in TABLE.columns]
GOOD = """
    select {columns}, 'list-2024.csv' as _source_file, n as _row
    from (select *, 'document ' || n as title, 'ministry ' || n % 2 as issuing_department,
        date '2024-01-01' + n::int as publication_date from generate_series(1, 80) as numbers (n))
"""


def listed(change: str = "", **values: str) -> str:
    """The table as a query; ``values`` replace a column, ``change`` follows the whole."""
    made = {"title": "title", "issuing_department": "issuing_department"}
    made["publication_date"] = "publication_date"
    columns = []
    for column in TABLE.columns:
        kind = {"string": "varchar", "int64": "bigint", "date32[day]": "date"}.get(
            str(column.type), "varchar"
        )
        value = values.get(column.name, made.get(column.name, "'x'" if kind == "varchar" else "null"))
        columns.append(f"({value})::{kind} as {column.name}")
    return f"select * from ({GOOD.format(columns=', '.join(columns))}) {change}"


@dataclass
class Lake:
    """One table in a home, and what the checks against the baseline say of it."""

    settings: Settings

    @property
    def file(self) -> Path:
        return self.settings.lake / "raw" / NAME / "part-0.parquet"

    def write(self, query: str) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql(query).write_parquet(str(self.file))

    def accept(self, passed: bool = True) -> None:
        verdict = {"passed": passed, "sha256": stages.sha256_of(self.file)}
        last_accepted.keep(self.settings, [SOURCE], {NAME: verdict})

    def failing(self) -> set[str]:
        usable = last_accepted.usable(self.settings, [SOURCE])
        checks = [c for c in raw.checks([SOURCE], baselines=usable) if c.name.startswith("accepted_")]
        paths = {
            NAME: [self.file],
            f"baseline/{SOURCE.name}": [last_accepted.path(self.settings, SOURCE.name)],
        }
        results = validation.run(checks, paths, {})
        assert [r.error for r in results if r.error] == []
        assert len(results) == 3
        return {r.check for r in results if not r.success}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(read_settings(home=tmp_path / "home", archive=tmp_path / "archive"))
    made.write(listed())
    return made


CELLS, FILES = "accepted_cells_stand", "accepted_files_stand"
SAME: dict[str, str] = {
    "the same": listed(),
    "in another order": listed("order by title desc"),
    "a few documents more": listed(
        "union all from (" + listed("where _row <= 8", title="title || ' b'") + ")"
    ),
    "a newer file of more documents": listed().replace("list-2024", "list-2025"),
}
OTHER: dict[str, tuple[str, str]] = {
    "a department renamed": (listed(issuing_department="replace(issuing_department, ' 1', '-1')"), CELLS),
    "a department gone": (listed("where issuing_department <> 'ministry 1'"), CELLS),
    "a column emptied": (listed(publication_date="null"), CELLS),
    "cut at a line end": (listed("where _row <= 40"), FILES),
    "everything twice": (listed("union all from (" + listed() + ")"), FILES),
    "titles in other rows": (listed(title="'document ' || (81 - n)"), FILES),
    "another file in its place": (listed().replace("list-2024", "other-2024"), CELLS),
}


@pytest.mark.parametrize("now", SAME.values(), ids=SAME)
def test_what_only_grew_is_no_alarm(lake: Lake, now: str) -> None:
    lake.accept()
    lake.write(now)
    assert lake.failing() == set()


@pytest.mark.parametrize(("now", "check"), OTHER.values(), ids=OTHER)
def test_what_was_accepted_and_is_another_is_named(lake: Lake, now: str, check: str) -> None:
    lake.accept()
    lake.write(now)
    assert check in lake.failing()


def series(*years: int) -> str:
    """One file a year, its documents its own."""
    files = (listed(title=f"'{year} ' || n").replace("list-2024", f"list-{year}") for year in years)
    return " union all ".join(f"from ({file})" for file in files)


@pytest.mark.parametrize(
    ("now", "is_gone"),
    [
        ((2021, 2022, 2024, 2025), True),  # a day in the middle
        ((2022, 2023, 2024, 2025), True),  # the first
        ((2021, 2022, 2023, 2024), False),  # the newest: the publisher took it back, or it is not fetched yet
        ((2021, 2022, 2023, 2024, 2025, 2026), False),
        ((2024, 2025), False),  # versions that replace each other
    ],
)
def test_a_file_lost_from_a_series_is_named(lake: Lake, now: tuple[int, ...], is_gone: bool) -> None:
    lake.write(series(2021, 2022, 2023, 2024, 2025))
    lake.accept()
    lake.write(series(*now))
    assert ("accepted_files_stay" in lake.failing()) == is_gone


def test_only_bytes_that_passed_are_kept(lake: Lake) -> None:
    lake.accept()
    before = last_accepted.path(lake.settings, SOURCE.name).read_bytes()
    lake.write(listed("where _row <= 40"))
    lake.accept(passed=False)
    last_accepted.keep(lake.settings, [SOURCE], {NAME: {"passed": True, "sha256": "0" * 64}})
    assert last_accepted.path(lake.settings, SOURCE.name).read_bytes() == before
    lake.accept()
    assert last_accepted.path(lake.settings, SOURCE.name).read_bytes() != before


def _another_seed(lake: Lake) -> None:
    lake.settings.state.mkdir(parents=True, exist_ok=True)
    (lake.settings.state / "simulated.json").write_text('{"seed": 2}')


def _broken(lake: Lake) -> None:
    last_accepted.path(lake.settings, SOURCE.name).write_bytes(b"PAR1")


@pytest.mark.parametrize("change", [_another_seed, _broken, lambda lake: None])
def test_a_baseline_of_another_world_or_none_judges_nothing(
    lake: Lake, change: Callable[[Lake], None]
) -> None:
    if change in (_another_seed, _broken):
        lake.accept()
        change(lake)
    lake.write(listed("where _row <= 40"))
    assert last_accepted.usable(lake.settings, [SOURCE]) == []
    assert lake.failing() == set()
