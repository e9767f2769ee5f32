"""Leaderboards: two generations of headers, flags that mean their opposite, the real counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dlt_sources.archive import ArchiveError, open_snapshot
from dlt_sources.llm_leaderboards import SOURCE
from dlt_sources.sample import llm_leaderboards as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive

OLD = "huggingface_v2/2024-10-31/huggingface_v2.csv"
NEW = "huggingface_v2/2025-03-21/huggingface_v2.csv"
OLD_ROW = {
    "t": "🔶",
    "model": "shown name",
    "type": "🔶 fine-tuned on domain-specific datasets",
    "architecture": "Qwen2ForCausalLM",
    "weight_type": "Original",
    "precision": "bfloat16",
    "not_merged": "TRUE",
    "hub_license": "mit",
    "params_b": "77",
    "hub_hearts": "28",
    "available_on_the_hub": "TRUE",
    "submission_date": "2024-08-07",
    "upload_to_hub_date": "2024-07-24",
    "fullname": "dnhkng/RYS-XLarge",
    "base_model": "dnhkng/RYS-XLarge (Merge)",
}
NEW_ROW = {
    "model_name": "a/b",
    "model_precision": "float16",
    "model_type": "chatmodels",
    "model_weight_type": "Adapter",
    "model_architecture": "MistralForCausalLM",
    "features_is_not_available_on_hub": "TRUE",
    "features_is_merged": "FALSE",
    "features_is_official_provider": "FALSE",
    "metadata_upload_date": "",
    "metadata_submission_date": "2024-08-05",
    "metadata_base_model": "Removed",
    "metadata_hub_license": '""',
    "metadata_hub_hearts": "3",
    "metadata_params_billions": "7.242",
}


def csv_of(*rows: Mapping[str, str]) -> bytes:
    return "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows), ""]).encode()


def test_first_generation_of_headers(make_archive: MakeArchive) -> None:
    (row,) = load(SOURCE, make_archive("llm_leaderboards", {OLD: csv_of(OLD_ROW)}))[
        "huggingface_v2"
    ].to_pylist()
    assert (row["fullname"], row["base_model"]) == ("dnhkng/RYS-XLarge", "dnhkng/RYS-XLarge (Merge)")
    assert (row["is_not_merged"], row["is_merged"], row["is_official_provider"]) == (True, None, None)
    assert row["model_architecture"] == "Qwen2ForCausalLM"
    assert (row["upload_date"], row["version"]) == (date(2024, 7, 24), date(2024, 10, 31))


def test_second_generation_of_headers(make_archive: MakeArchive) -> None:
    (row,) = load(SOURCE, make_archive("llm_leaderboards", {NEW: csv_of(NEW_ROW)}))[
        "huggingface_v2"
    ].to_pylist()
    assert (row["fullname"], row["base_model"], row["upload_date"]) == ("a/b", "Removed", None)
    assert row["model_architecture"] == "MistralForCausalLM"
    assert (row["is_merged"], row["is_not_merged"]) == (False, None)
    assert row["is_available_on_hub"] is True  # the header says the opposite


def test_the_oldest_version_has_no_base(make_archive: MakeArchive) -> None:
    row = {key: value for key, value in OLD_ROW.items() if key != "base_model"}
    (read,) = load(SOURCE, make_archive("llm_leaderboards", {OLD: csv_of(row)}))["huggingface_v2"].to_pylist()
    assert read["base_model"] is None


def test_a_renamed_header_and_a_day_that_is_none(make_archive: MakeArchive) -> None:
    row = {("uploaded" if k == "metadata_upload_date" else k): v for k, v in NEW_ROW.items()}
    with pytest.raises(ArchiveError, match="column 'metadata_upload_date' is absent"):
        load(SOURCE, make_archive("llm_leaderboards", {NEW: csv_of(row)}))
    archive = make_archive(
        "llm_leaderboards", {NEW: csv_of(NEW_ROW, NEW_ROW | {"metadata_upload_date": "soon"})}
    )
    (rejected,) = load(SOURCE, archive)["_rejected"].to_pylist()
    assert (rejected["position"], rejected["field"]) == (2, "upload_date")


def test_arena_and_first_board(make_archive: MakeArchive) -> None:
    arena = {
        "rank": "1",
        "model": "DeepSeek-R1",
        "arena_score": "1360",
        "votes": "5000",
        "organization": "DeepSeek",
        "license": "MIT",
    }
    board = {
        key: OLD_ROW[key]
        for key in ("type", "weight_type", "precision", "hub_license", "hub_hearts", "params_b", "fullname")
    } | {"merged": "TRUE", "date": "2024-05-05T12:22:44Z"}
    files = {
        "lmsys/2025-01-29/lmsys.csv": csv_of(arena),
        "lmarena_text/2025-08-06/lmarena_text.csv": csv_of(arena),
        "huggingface_v1/2024-07-13/huggingface_v1.csv": csv_of(board),
    }
    tables = load(SOURCE, make_archive("llm_leaderboards", files))
    assert sorted(tables["lmarena"]["board"].to_pylist()) == ["lmarena_text", "lmsys"]
    (row,) = tables["huggingface_v1"].to_pylist()
    assert row["is_not_merged"] is True  # "merged" means its opposite there
    assert row["submitted"].isoformat() == "2024-05-05T12:22:44+00:00"


def test_the_sample_plants_its_traps(make_archive: MakeArchive) -> None:
    files = sample.write(World(1))
    tables = load(SOURCE, make_archive("llm_leaderboards", {path: w.data for path, w in files.items()}))
    board = tables["huggingface_v2"].to_pylist()
    newest = [r for r in board if r["version"] == date(2025, 3, 21)]
    assert tables["_rejected"].num_rows == 0
    assert len({r["version"] for r in board}) == 6
    assert len({r["fullname"] for r in newest}) < len(newest)
    assert any(r["upload_date"] == date(2022, 3, 2) for r in newest)
    assert {"Removed"} <= {r["base_model"] for r in newest}
    assert any((r["base_model"] or "").endswith("(Merge)") for r in newest)
    assert any(r["base_model"] == r["fullname"] for r in newest)
    assert files == sample.write(World(1))


@pytest.mark.real
def test_counts_on_the_real_boards(real_archive: Path) -> None:
    tables = load(SOURCE, real_archive)
    with duckdb.connect() as con:
        con.register("board", tables["huggingface_v2"])
        versions = dict(con.execute("select version::varchar, count(*) from board group by 1").fetchall())
        newest = con.execute(
            """
            select count(*), count(distinct fullname), count(*) filter (where upload_date is null),
                count(*) filter (where base_model = 'Removed'),
                count(*) filter (where base_model like '%(Merge)'),
                count(*) filter (where replace(base_model, ' (Merge)', '') = fullname),
                count(*) filter (where upload_date = date '2022-03-02'),
                count(*) filter (where upload_date is null and not is_available_on_hub)
            from board where version = date '2025-03-21'
            """
        ).fetchone()
        years = con.execute(
            "select year(upload_date), count(*) from board where version = date '2025-03-21' "
            "and upload_date >= date '2023-01-01' group by 1 order by 1"
        ).fetchall()
        con.register("first", tables["huggingface_v1"])
        first = con.execute(
            "select count(*), count(distinct fullname), count(*) filter (where submitted is null) from first"
        ).fetchone()
    assert versions["2024-07-30"] == 483
    assert newest == (4576, 4497, 530, 571, 2077, 3285, 17, 529)
    assert years == [(2023, 151), (2024, 2389), (2025, 1472)]
    assert first == (7169, 6811, 25)
    arena = tables["lmarena"].to_pylist()
    assert sum(row["board"] == "lmarena_text" for row in arena) == 266
    # lists that no table reads are told, not dropped in silence
    ignored = open_snapshot(real_archive, "llm_leaderboards").ignored(SOURCE.files)
    assert "merged/2025-06-06/merged.csv" in ignored
