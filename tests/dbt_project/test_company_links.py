"""Companies in the real affiliations: the models' own SQL on the seeds finds at least what a short list
of 20 company names finds."""

from __future__ import annotations

from pathlib import Path

import duckdb
import jinja2
import pytest

from dlt_sources.conference_papers import SOURCE
from dlt_sources.tables import load

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MODELS = (
    "stg_conference_papers__papers", "int_papers__conference",
    "int_organisation_seats", "int_papers__companies",
)  # fmt: skip
DAYS = "types = {'valid_from': 'date', 'valid_until': 'date'}"
COUNTRY_ON = PROJECT / "macros" / "country_on.sql"


@pytest.mark.real
def test_company_linked_papers_of_real_venues(real_archive: Path) -> None:
    with duckdb.connect() as con:
        con.register("papers", load(SOURCE, real_archive)["papers"])
        for seed in ("organisations", "organisation_names"):
            con.execute(f"create table {seed} as select * from read_csv(?, all_varchar = true)",
                        [str(PROJECT / "seeds" / f"{seed}.csv")])  # fmt: skip
        con.execute(f"create table organisation_places as select * from read_csv(?, {DAYS})",
                    [str(PROJECT / "seeds" / "organisation_places.csv")])  # fmt: skip
        # the other collection of papers is not what the short list was counted on
        con.execute("create table int_papers__acl (paper_id varchar, year bigint, affiliations varchar)")
        for model in MODELS:
            (path,) = PROJECT.glob(f"models/**/{model}.sql")
            sql = jinja2.Template(COUNTRY_ON.read_text() + path.read_text()).render(
                ref=lambda name: name, source=lambda _, table: table, config=lambda **_: ""
            )
            con.execute(f"create table {model} as {sql}")
        linked = dict(
            con.execute(
                "select venue || year, count(distinct paper_id) from int_papers__companies "
                "join int_papers__conference using (paper_id) group by 1"
            ).fetchall()
        )
        papers = con.execute(
            "select count(*), count(distinct paper_id) from int_papers__conference"
        ).fetchone()
    short_list = {"acl2021": 263, "acl2022": 350, "naacl2024": 219, "ijcai2021": 125, "ijcai2024": 96}
    assert {venue for venue, n in short_list.items() if linked[venue] < n} == set()
    assert linked["colm2025"] >= 155
    assert papers == (17_681, 17_681)  # 17 691 listed, 9 of them rejected, one twice
