"""ACL volumes: affiliations by author's place, no persons, no mailboxes; bad XML; the real counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlt_sources.acl_anthology_affiliations import AFFILIATIONS, PAPERS, SOURCE
from dlt_sources.archive import ArchiveError
from dlt_sources.sample import acl_anthology_affiliations as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive, query

EVENT = """<?xml version='1.0' encoding='UTF-8'?>
<collection id="2023.acl"><volume id="long" ingest-date="2023-07-08" type="proceedings">
<meta><booktitle>Proceedings</booktitle><editor><first>An</first><last>Editor</last></editor>
<month>July</month><year>2023</year><venue>acl</venue></meta>
<frontmatter><url>2023.acl-long.0</url></frontmatter>
<paper id="1"><title>Parsing <fixed-case>C</fixed-case>hinese in
 <tex-math>O(n)</tex-math></title>
<author><first>A</first><last>Person</last><affiliation>Huawei Noah’s Ark Lab</affiliation></author>
<author><first>B</first><last>Person</last></author>
<author><first>C</first><last>Person</last><affiliation>c.person@pku.edu.cn</affiliation></author></paper>
</volume></collection>"""


def test_a_paper_and_the_affiliations_of_its_authors(make_archive: MakeArchive) -> None:
    tables = load(SOURCE, make_archive("acl_anthology_affiliations", {"2023.acl.xml": EVENT.encode()}))
    (paper,) = tables["papers"].to_pylist()
    assert paper["paper"] == "2023.acl-long.1"
    assert paper["title"] == "Parsing Chinese in O(n)"
    assert (paper["venue"], paper["year"], paper["month"]) == ("acl", 2023, "July")
    assert (paper["authors"], paper["affiliated_authors"]) == (3, 2)
    assert query(tables, "select author, affiliation from affiliations") == [(1, "Huawei Noah’s Ark Lab")]


def test_no_persons() -> None:
    assert not {"first", "last", "name", "editor", "abstract"} & {*PAPERS.names, *AFFILIATIONS.names}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<collection id='x'><volume", "not XML"),
        (b"<collection id='x'/>", "expected a collection of volumes with papers"),
        (b"<html><body>404</body></html>", "expected a collection of volumes with papers"),
        (b"<!DOCTYPE c [<!ENTITY x 'boo'>]><collection>&x;</collection>", "declares an entity"),
    ],
    ids=["cut", "empty", "page", "entity"],
)
def test_bad_files_are_one_clear_line(make_archive: MakeArchive, data: bytes, message: str) -> None:
    with pytest.raises(ArchiveError, match=f"acl_anthology_affiliations/2023.acl.xml: .*{message}"):
        load(SOURCE, make_archive("acl_anthology_affiliations", {"2023.acl.xml": data}))


def test_a_paper_without_title_is_rejected(make_archive: MakeArchive) -> None:
    bare = EVENT.replace("</volume>", '<paper id="2"><title/></paper></volume>').encode()
    tables = load(SOURCE, make_archive("acl_anthology_affiliations", {"2023.acl.xml": bare}))
    (rejected,) = tables["_rejected"].to_pylist()
    assert (rejected["position"], rejected["field"]) == (2, "title")


def test_the_sample_plants_its_traps(make_archive: MakeArchive) -> None:
    files = sample.write(World(1))
    archive = make_archive("acl_anthology_affiliations", {path: f.data for path, f in files.items()})
    tables = load(SOURCE, archive)
    full = "select avg((affiliated_authors = authors)::int) from papers where volume <> 'tutorials' and year"
    ((early,),) = query(tables, f"{full} = 2023")
    ((late,),) = query(tables, f"{full} = 2024")
    assert early == 1.0 > 0.7 > late
    assert query(tables, "select count(*) from affiliations where contains(affiliation, '@')") == [(0,)]
    assert query(tables, "select count(*) > 0 from affiliations where affiliation = 'KAIST and Naver'") == [
        (True,)
    ]
    assert files == sample.write(World(1))


@pytest.mark.real
@pytest.mark.slow
def test_counts_on_the_real_files(real_archive: Path) -> None:
    tables = load(SOURCE, real_archive)
    counted = query(
        tables,
        "select collection || '-' || volume, count(*), count(*) filter (where affiliated_authors > 0), "
        "count(*) filter (where affiliated_authors = authors) from papers group by 1",
    )
    volumes = {name: tuple(numbers) for name, *numbers in counted}
    assert volumes["2022.emnlp-main"] == (828, 828, 823)
    assert volumes["2023.acl-long"] == (909, 909, 909)
    assert volumes["2024.acl-long"] == (771, 765, 134)
    assert volumes["2022.findings-acl"] == (331, 0, 0)
    assert tables["papers"].num_rows == 6_954
    assert tables["_rejected"].num_rows == 0
