"""NeurIPS affiliations: incidences as published, with countries that are not to be believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlt_sources.archive import ArchiveError
from dlt_sources.neurips_affiliations import AFFILIATIONS, REGIONS, SOURCE
from dlt_sources.sample import neurips_affiliations as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive, query

HEADER = "year,affiliation,paper_count,region,country\n"
REGION_ROW = b"year,region,paper_count,share\n2021,China,605,0.147\n"


def test_rows_as_published(make_archive: MakeArchive) -> None:
    rows = HEADER + '2021,"23andMe, Inc.",1,Other/Unknown,Unknown\n2021,Namibia U,2,Africa,NA\n'
    archive = make_archive("neurips_affiliations", {AFFILIATIONS: rows.encode(), REGIONS: REGION_ROW})
    tables = load(SOURCE, archive)
    assert query(tables, "select affiliation, paper_count, country from affiliation_years") == [
        ("23andMe, Inc.", 1, "Unknown"),
        ("Namibia U", 2, "NA"),
    ]
    assert query(tables, "select year, paper_count from region_years") == [(2021, 605)]


def test_a_row_of_no_papers_is_rejected_and_a_renamed_column_stops(make_archive: MakeArchive) -> None:
    files = {AFFILIATIONS: (HEADER + "2021,A,0,x,y\n2021,B,1,x,y\n").encode(), REGIONS: REGION_ROW}
    (rejected,) = load(SOURCE, make_archive("neurips_affiliations", files))["_rejected"].to_pylist()
    assert (rejected["field"], rejected["reason"]) == ("paper_count", "is outside 1 to 50000")
    files[AFFILIATIONS] = files[AFFILIATIONS].replace(b"paper_count", b"papers")
    with pytest.raises(ArchiveError, match="column 'paper_count' is absent"):
        load(SOURCE, make_archive("neurips_affiliations", files))


def test_the_sample_plants_its_traps(make_archive: MakeArchive) -> None:
    files = {path: written.data for path, written in sample.write(World(1)).items()}
    tables = load(SOURCE, make_archive("neurips_affiliations", files))
    assert query(
        tables, "select distinct country from affiliation_years where affiliation = 'Western University'"
    ) == [("Cambodia",)]
    assert query(
        tables, "select distinct region from affiliation_years where country in ('Hong Kong', 'Taiwan')"
    ) == [("China",)]


@pytest.mark.real
def test_counts_on_the_real_files(real_archive: Path) -> None:
    tables = load(SOURCE, real_archive)
    assert tables["affiliation_years"].num_rows == 5_743
    sums = "select year, sum(paper_count)::int from affiliation_years where {} group by 1 order by 1"
    assert query(tables, sums.format("country = 'China'")) == [
        (2021, 869), (2022, 1276), (2023, 1609), (2024, 2931), (2025, 4937),
    ]  # fmt: skip
    # a college of teachers with more papers than most countries: names were matched onto others
    college = "affiliation like 'Regent University C%'"
    assert query(tables, f"select sum(paper_count)::int from affiliation_years where {college}") == [(374,)]
