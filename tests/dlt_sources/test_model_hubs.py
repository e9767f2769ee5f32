"""Accounts on hubs of models: first days in projects, trees of fine-tunes, ATOM's tracked models."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dlt_sources import atom_tracked_models, hf_model_trees, model_registry_dates
from dlt_sources.archive import ArchiveError
from dlt_sources.sample import WRITERS
from dlt_sources.sample.world import World
from dlt_sources.tables import Source, load
from tests.dlt_sources.conftest import MakeArchive

HUBS: tuple[Source, ...] = (atom_tracked_models.SOURCE, hf_model_trees.SOURCE, model_registry_dates.SOURCE)
IDS = "registry_ids.derived.csv"
ANSWER = {
    "id": "a/tune",
    "author": "a",
    "created_at": "2024-08-17 11:42:28+00:00",
    "downloads": 12,
    "tags": ["license:mit", "base_model:b/base", "base_model:finetune:b/base", "base_model:merge:c/d"],
    "card_data": "someone@example.org",
}


def tree_of(*rows: tuple[str, str, int]) -> bytes:
    lines = [f'{model},"{answer.replace(chr(34), chr(34) * 2)}",{depth}' for model, answer, depth in rows]
    return "\n".join(["model_id,metadata,depth", *lines, ""]).encode()


@pytest.mark.parametrize("source", HUBS, ids=[source.name for source in HUBS])
def test_a_sample_is_read_with_its_planted_rejects(make_archive: MakeArchive, source: Source) -> None:
    files = {path: written.data for path, written in WRITERS[source.name](World(1)).items()}
    assert files == {path: written.data for path, written in WRITERS[source.name](World(1)).items()}
    content = load(source, make_archive(source.name, files))
    refused = {"atom_tracked_models": 0, "hf_model_trees": 4, "model_registry_dates": 3}
    assert content["_rejected"].num_rows == refused[source.name]
    assert all(table.num_rows for name, table in content.items() if name != "_rejected")


@pytest.mark.parametrize(
    "model",
    [
        "qwen-7b-chat/summary",
        "pull/728",
        "Blog/grok-2",
        "huggingface.co/Qwen",
        "alone",
        "a/b/c",
        "../x",
        "a/",
    ],
)
def test_what_is_no_id_of_a_model_is_refused_with_its_reason(make_archive: MakeArchive, model: str) -> None:
    text = f"registry,commit,model_id,first_day\np,c,{model},2024-01-01\np,c,01-ai/Yi-1.5_x,2024-01-02\n"
    content = load(model_registry_dates.SOURCE, make_archive("model_registry_dates", {IDS: text.encode()}))
    assert content["first_listings"]["model_id"].to_pylist() == ["01-ai/Yi-1.5_x"]
    (refused,) = content["_rejected"].to_pylist()
    assert (refused["position"], refused["field"], refused["record"]) == (1, "model_id", model)


def test_an_answer_of_the_hub_gives_day_and_stated_base_and_no_card(make_archive: MakeArchive) -> None:
    root = make_archive("hf_model_trees", {"Base.derived.csv": tree_of(("a/tune", json.dumps(ANSWER), 1))})
    (row,) = load(hf_model_trees.SOURCE, root)["models"].to_pylist()
    assert row["created_at"] == datetime(2024, 8, 17, 11, 42, 28, tzinfo=UTC)
    assert (row["tree"], row["relation"], row["base_model"]) == ("Base", "finetune", "b/base")
    assert "someone@example.org" not in str(row)


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ("N/A", "metadata"),
        ("", "metadata"),
        ("[1]", "metadata"),
        ('{"created_at": NaN}', "metadata"),
        ('{"created_at": "2024-01-01", "created_at": "2024-01-02"}', "metadata"),
        ('{"created_at": null, "tags": "x"}', "created_at"),
        ('{"created_at": "soon"}', "created_at"),
        ('{"created_at": "2024-08-17", "downloads": "many"}', "downloads"),
    ],
)
def test_an_answer_that_is_none_is_refused(make_archive: MakeArchive, answer: str, field: str) -> None:
    root = make_archive(
        "hf_model_trees", {"Base.csv": tree_of(("a/x", answer, 1), ("a/y", json.dumps(ANSWER), 1))}
    )
    content = load(hf_model_trees.SOURCE, root)
    assert content["models"]["model_id"].to_pylist() == ["a/y"]
    assert content["_rejected"]["field"].to_pylist() == [field]


def test_a_tree_of_which_a_third_was_not_fetched_is_refused(make_archive: MakeArchive) -> None:
    rows = [(f"a/{n}", json.dumps(ANSWER) if n % 3 else "N/A", 1) for n in range(30)]
    with pytest.raises(
        ArchiveError, match="10 of 30 rows rejected, first: row 1, metadata is no JSON object"
    ):
        load(hf_model_trees.SOURCE, make_archive("hf_model_trees", {"Base.csv": tree_of(*rows)}))


def test_comments_above_a_header_are_no_rows(make_archive: MakeArchive) -> None:
    text = (
        "# Manual release date corrections\n# Format: a,b\nmodel_id,hf_created_at,actual_release_date,notes\n"
        "Qwen/QwQ-32B-Preview,2024-11-27,2024-11-28,1 day early\n"
    )
    path = "2026-08-17/metadata/release_date_corrections.csv"
    (row,) = load(atom_tracked_models.SOURCE, make_archive("atom_tracked_models", {path: text.encode()}))[
        "release_corrections"
    ].to_pylist()
    assert (row["actual_release_date"], row["version"]) == (date(2024, 11, 28), date(2026, 8, 17))


@pytest.mark.real
def test_the_real_hubs_hold_what_was_counted_on_them(real_archive: Path) -> None:
    content = {source.name: load(source, real_archive) for source in HUBS}
    rows = {
        (name, table): data.num_rows for name, tables in content.items() for table, data in tables.items()
    }
    assert rows == {
        ("atom_tracked_models", "models"): 26_137,
        ("atom_tracked_models", "organisation_regions"): 118,
        ("atom_tracked_models", "release_corrections"): 40,
        ("atom_tracked_models", "parameters"): 299,
        ("atom_tracked_models", "_rejected"): 0,
        ("hf_model_trees", "models"): 1_930,
        ("hf_model_trees", "_rejected"): 81,
        ("model_registry_dates", "first_listings"): 3_889,
        ("model_registry_dates", "_rejected"): 739,
    }
    refused = content["hf_model_trees"]["_rejected"]["file"].to_pylist()
    assert Counter(refused).most_common(1) == [("gemma-7b.derived.csv", 41)]
    projects = Counter(content["model_registry_dates"]["first_listings"]["registry"].to_pylist())
    assert projects["hiyouga/LLaMA-Factory"] == 1_271
