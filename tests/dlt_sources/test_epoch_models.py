"""Epoch's lists: renamed headers, line breaks, columns that are never read, rows without a name."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from dlt_sources.archive import ArchiveError, open_snapshot
from dlt_sources.epoch_models import COLUMNS, HEADERS, SOURCE
from dlt_sources.sample import epoch_models as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive

NOTABLE = "notable_ai_models/2026-01-26/notable-ai-models.csv"
FULL_VIEW = "all_ml_systems_full_view/2024-11-25-china-ai-trends/All_ML_Systems_full_view.csv"
ROW = {
    "Model": "Yi-34B",
    "Organization": "01.AI",
    "Publication date": "2023-11-02",
    "Domain": "Language",
    "Parameters": "34000000000",
    "Training compute (FLOP)": "6.1e+23",
    "Confidence": "Confident",
    "Authors": "A. Person",
    "Abstract": "write to a.person@example.org",
    "Country (of organization)": "China,China",
    "Model accessibility": "Open weights (restricted use)",
    "Base model": "",
}


def text_of(*rows: Mapping[str, str], bom: str = "") -> bytes:
    text = StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return (bom + text.getvalue()).encode()


def renamed(row: Mapping[str, str], **names: str) -> dict[str, str]:
    return {names.get(key.split(" (")[0].replace(" ", "_"), key): value for key, value in row.items()}


def test_the_newest_layout(make_archive: MakeArchive) -> None:
    content = load(SOURCE, make_archive("epoch_models", {NOTABLE: text_of(ROW)}))["notable_ai_models"]
    (row,) = content.to_pylist()
    assert row["model"] == "Yi-34B"
    assert row["country"] == "China,China"
    assert row["publication_date"] == date(2023, 11, 2)
    assert row["training_compute_flop"] == 6.1e23
    assert row["organization_categorization"] is None
    assert row["version"] == date(2026, 1, 26)


def test_earlier_headers_a_byte_order_mark_and_a_labelled_version(make_archive: MakeArchive) -> None:
    old = renamed(
        ROW, Model="System", Country="Country (from Organization)", Model_accessibility="Open-source"
    )
    data = text_of(old | {"System": "Two\nlines"}, bom="\ufeff")
    (row,) = load(SOURCE, make_archive("epoch_models", {FULL_VIEW: data}))[
        "all_ml_systems_full_view"
    ].to_pylist()
    assert row["model"] == "Two\nlines"
    assert row["model_accessibility"] is None
    assert row["version"] == date(2024, 11, 25)


def test_an_unknown_header_stops_the_load(make_archive: MakeArchive) -> None:
    data = text_of(renamed(ROW, Country="Nation"))
    with pytest.raises(ArchiveError, match=r"'Country \(of organization\)' is absent \(renamed\?\)"):
        load(SOURCE, make_archive("epoch_models", {NOTABLE: data}))


def test_a_row_without_a_name_or_with_a_broken_date_is_refused(make_archive: MakeArchive) -> None:
    data = text_of(ROW, ROW | {"Model": ""}, ROW | {"Publication date": "autumn 2023"})
    content = load(SOURCE, make_archive("epoch_models", {NOTABLE: data}))
    assert content["_rejected"]["field"].to_pylist() == ["model", "publication_date"]
    assert content["notable_ai_models"].num_rows == 1


def test_persons_are_never_read(make_archive: MakeArchive) -> None:
    content = load(SOURCE, make_archive("epoch_models", {NOTABLE: text_of(ROW, ROW | {"Model": ""})}))
    assert not {"authors", "abstract"} & set(COLUMNS.names)
    assert "Authors" not in {name for names in HEADERS.values() for name in names}
    for table in content.values():
        assert "example.org" not in str(table.to_pylist())


def test_lists_that_are_not_read_are_reported(make_archive: MakeArchive) -> None:
    frontier = "frontier_ai_models/2025-12-02/frontier_ai_models.csv"
    root = make_archive("epoch_models", {NOTABLE: text_of(ROW), frontier: text_of(ROW)})
    assert open_snapshot(root, SOURCE.name).ignored(SOURCE.files) == [frontier]


def test_the_sample_is_read_whole_and_holds_its_traps(make_archive: MakeArchive) -> None:
    files = {path: written.data for path, written in sample.write(World(1)).items()}
    content = load(SOURCE, make_archive("epoch_models", files))
    assert content["_rejected"]["reason"].to_pylist() == ["is empty"]
    notable = content["notable_ai_models"].to_pandas()
    assert set(notable["version"]) == set(sample.NOTABLE)
    assert notable["model"].str.contains("\n").any()
    assert notable["organization"].str.contains("\n", na=False).any()
    assert notable["country"].str.split(",").map(lambda c: len(c) > len(set(c)), na_action="ignore").any()
    assert {"Multinational"} < set(notable["country"]) and notable["country"].isna().any()
    by_version = notable.groupby("version")["model"].agg(set)
    assert sample.OLD_NAME in by_version.iloc[0] and sample.OLD_NAME not in by_version.iloc[-1]
    late = by_version.iloc[1] - by_version.iloc[0]
    before = notable[notable["model"].isin(late)]["publication_date"] < sample.NOTABLE[0]
    assert before.any()  # published before the first version, listed only later
    assert content["all_ai_models"].to_pandas().query("model == 'AMPLIFY'")["organization"].nunique() == 2
    assert (
        content["all_ml_systems_full_view"]["model_accessibility"].null_count
        == content["all_ml_systems_full_view"].num_rows
    )


@pytest.mark.real
def test_the_real_archive_holds_what_was_counted_on_it(real_archive: Path) -> None:
    content = load(SOURCE, real_archive)
    versions = pd.concat(
        [t.to_pandas().assign(list=name) for name, t in content.items() if name != "_rejected"]
    ).groupby(["list", "version"])
    assert {f"{name} {version}": n for (name, version), n in versions.size().items()} == {
        "notable_ai_models 2024-12-24": 884,
        "notable_ai_models 2025-12-02": 952,
        "notable_ai_models 2026-01-26": 976,
        "large_scale_ai_models 2025-12-02": 473,
        "all_ai_models 2025-04-23": 2_228 - 3,  # three rows without a name are refused
        "all_ml_systems_full_view 2024-03-08": 1_411,
        "all_ml_systems_full_view 2024-07-02": 1_595 - 1,
        "all_ml_systems_full_view 2024-10-16": 1_755,
        "all_ml_systems_full_view 2024-11-25": 2_080 - 1,
    }
    assert content["_rejected"]["reason"].to_pylist() == ["is empty"] * 5
    newest = versions.get_group(("notable_ai_models", date(2026, 1, 26)))
    assert newest["publication_date"].max() == date(2025, 12, 31)
    assert (newest["country"].isna().sum(), newest["model_accessibility"].isna().sum()) == (19, 255)
    countries = newest["country"].dropna().str.split(",")
    assert (countries.map(len) > 1).sum() == 338
    assert countries.map(len).max() == 37
    assert (countries.map(lambda c: len({name.strip() for name in c}) < len(c))).sum() == 223
