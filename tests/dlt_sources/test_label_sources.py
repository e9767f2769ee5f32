"""Look-ups: institutions' countries, and labels on owners named from the top or from their own folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlt_sources import institutions, open_digger_labels
from dlt_sources.archive import ArchiveError
from dlt_sources.sample import open_digger_labels as sample
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive, query

COMPANY = b"""name: 360
data:
  labels: [pikiwidb]
  platforms:
    - name: GitHub
      type: Code Hosting
      orgs:
        - {id: 4082929, name: Qihoo360}
"""
DIVISION = b"name: Beijing\ndata:\n  labels:\n    - ':companies/360'\n    - CN-XX\n"


def test_labels_and_what_they_name(make_archive: MakeArchive) -> None:
    files = {
        "labeled_data/companies/360/index.yml": COMPANY,
        "labeled_data/divisions/CN/CN-BJ.yml": DIVISION,
        "labeled_data/divisions/VA/index.yml": b"name: Vatican\n",
    }
    tables = load(open_digger_labels.SOURCE, make_archive("open_digger_labels", files))
    assert query(tables, "select label, owner, owner_id from owners") == [
        ("companies/360", "Qihoo360", 4082929)
    ]
    assert query(tables, "select label, labelled from links") == [
        ("companies/360", "companies/360/pikiwidb"),
        ("divisions/CN/CN-BJ", "companies/360"),
        ("divisions/CN/CN-BJ", "divisions/CN/CN-XX"),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"data: {labels: [x", "not YAML"),
        (b"data: &a {labels: [x]}\nmore: *a\n", "an alias or a tag"),
        (COMPANY.replace(b"4082929", b"many"), "id: is 'many', expected a whole number"),
        (b"data: {labels: x}", "labels: is 'x', expected a list"),
    ],
    ids=["cut", "alias", "word", "one"],
)
def test_bad_labels_are_one_clear_line(make_archive: MakeArchive, data: bytes, message: str) -> None:
    archive = make_archive("open_digger_labels", {"labeled_data/companies/x/index.yml": data})
    with pytest.raises(ArchiveError, match=f"open_digger_labels/labeled_data/.*{message}"):
        load(open_digger_labels.SOURCE, archive)


def test_the_sample_plants_its_traps(make_archive: MakeArchive) -> None:
    files = {path: written.data for path, written in sample.write(World(1)).items()}
    tables = load(open_digger_labels.SOURCE, make_archive("open_digger_labels", files))
    twice = "select label from links where labelled = 'companies/tenstorrent' order by 1"
    assert query(tables, twice) == [("divisions/CA",), ("divisions/US",)]
    assert query(tables, "select count(distinct platform) from owners") == [(2,)]


@pytest.mark.real
def test_real_look_ups(real_archive: Path) -> None:
    countries = load(institutions.SOURCE, real_archive)
    chinese = "count(*) filter (where country_code = 'cn')"
    assert query(countries, f"select count(*), {chinese} from countries") == [(452, 39)]
    assert query(countries, "select count(*) from countries where country_code = 'us'") == [(0,)]
    labels = load(open_digger_labels.SOURCE, real_archive)
    assert (labels["owners"].num_rows, labels["links"].num_rows) == (897, 5_245)
    assert labels["_rejected"].num_rows == 0
