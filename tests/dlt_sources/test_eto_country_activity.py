"""Country Activity Tracker: groups beside countries, a name for two of them, incomplete years."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlt_sources.archive import ArchiveError, open_snapshot
from dlt_sources.eto_country_activity import SOURCE
from dlt_sources.sample import eto_country_activity as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive

ARTICLES = "cat/publications_yearly_articles.csv"
HEADER = "country,field,year,num_articles,complete\n"


def test_lines_are_kept_as_published(make_archive: MakeArchive) -> None:
    text = (
        HEADER
        + "Congo,All,2024,5,True\nCongo,All,2024,36,True\nEU,All,2025,1,False\nCôte d'Ivoire,All,2024,2,True"
    )
    articles = load(SOURCE, make_archive("eto_country_activity", {ARTICLES: text.encode()}))[
        "publications_yearly_articles"
    ]
    assert articles["country"].to_pylist() == ["Congo", "Congo", "EU", "Côte d'Ivoire"]
    assert articles["complete"].to_pylist() == [True, True, False, True]


def test_summaries_are_reported_as_not_read(make_archive: MakeArchive) -> None:
    root = make_archive(
        "eto_country_activity", {ARTICLES: HEADER.encode(), "cat/companies_summary.csv": b"a\n"}
    )
    assert open_snapshot(root, SOURCE.name).ignored(SOURCE.files) == ["cat/companies_summary.csv"]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("France,All,2024,-2,True", "num_articles"),
        ("France,All,24,2,True", "year"),
        ("France,All,2024,2,partly", "complete"),
        (",All,2024,2,True", "country"),
    ],
)
def test_a_bad_cell_is_refused(make_archive: MakeArchive, line: str, field: str) -> None:
    content = load(SOURCE, make_archive("eto_country_activity", {ARTICLES: (HEADER + line + "\n").encode()}))
    assert content["_rejected"]["field"].to_pylist() == [field]


def test_without_the_mark_of_complete_years_nothing_is_loaded(make_archive: MakeArchive) -> None:
    root = make_archive(
        "eto_country_activity", {ARTICLES: b"country,field,year,num_articles\nFrance,All,2024,2\n"}
    )
    with pytest.raises(ArchiveError, match="column 'complete' is absent"):
        load(SOURCE, root)


def test_the_sample_is_read_whole_and_holds_its_traps(make_archive: MakeArchive) -> None:
    files = {path: written.data for path, written in sample.write(World(1)).items()}
    content = load(SOURCE, make_archive("eto_country_activity", files))
    assert content["_rejected"].num_rows == 0
    articles = content["publications_yearly_articles"].to_pandas()
    every = articles[articles["field"] == "All"]
    complete = every[every["complete"]]
    assert (complete["year"].min(), complete["year"].max()) == (2016, 2025)
    assert every.loc[~every["complete"], "year"].unique().tolist() == [2026]
    assert {"EU", "Asia", "Congo", "Monaco"} <= set(every["country"])
    assert every.duplicated(["country", "year"]).any()
    full = complete.groupby("country")["num_articles"].agg(["size", "min"])
    assert len(full[(full["size"] == 10) & (full["min"] >= 30)]) >= 45
    language = articles[articles["field"] == "Large language models"]
    assert language.loc[language["country"] == "Monaco", "year"].tolist() == [2023]


@pytest.mark.real
def test_the_real_archive_holds_what_was_counted_on_it(real_archive: Path) -> None:
    content = load(SOURCE, real_archive)
    assert content["_rejected"].num_rows == 0
    assert {name: table.num_rows for name, table in content.items() if name != "_rejected"} == {
        "publications_yearly_articles": 8_354,
        "patents_yearly_granted": 4_896,
        "patents_yearly_applications": 5_520,
    }
    articles = content["publications_yearly_articles"].to_pandas()
    assert articles["country"].nunique() == 203
    china = articles[articles["country"] == "China (mainland)"].set_index(["field", "year"])["num_articles"]
    assert [china["All", year] for year in (2019, 2022, 2024)] == [47_130, 82_165, 115_827]
    assert [china["Large language models", year] for year in (2021, 2024)] == [4_553, 13_352]
    granted = content["patents_yearly_granted"].to_pandas()
    assert granted["country"].nunique() == 68
    assert (~granted["complete"]).sum() == 2_448
    assert granted.loc[~granted["complete"], "year"].min() == 2020
    applications = content["patents_yearly_applications"].to_pandas()
    assert applications["country"].nunique() == 73
    assert ((~applications["complete"]).sum(), applications.loc[~applications["complete"], "year"].min()) == (
        1_572,
        2022,
    )
