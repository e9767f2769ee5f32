"""The curated registries: complete, without conflicts, and in step with the sources they serve.

Keys, relations and accepted values are dbt tests beside the seeds. Here stands what dbt cannot see:
the packages the country list was made from, the spellings in the real sources, and what other
registries say about the same organisations.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import duckdb
import holidays
import pytest
import pytz
import yaml

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
EU_REGION = set(
    "AT BE BG CH CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LT LU LV NL NO PL PT RO SE SI SK".split()
)
# Where another registry says otherwise, and why ours stands. A disagreement that is not here fails.
RESOLVED_ATOM = {
    "ai21labs": "head office Tel Aviv",
    "eleutherai": "a US non-profit, though its members sit in many places",
    "vidore": "a region is no country",
}


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def country_of() -> dict[tuple[str, str], str]:
    """Country by service and name."""
    country = {row["organisation_id"]: row["country"] for row in seed("organisations")}
    return {
        (row["service"], row["name"]): country[row["organisation_id"]] for row in seed("organisation_names")
    }


@pytest.fixture(scope="module")
def spellings() -> set[str]:
    return {row["name"] for row in seed("country_names")}


def test_countries_are_the_iso_list_and_the_unknown() -> None:
    assert {row["country"] for row in seed("countries")} == {*pytz.country_names, "ZZ"}


def test_holiday_calendars_exist() -> None:
    supported = holidays.list_supported_countries(include_aliases=False)
    for row in seed("countries"):
        assert row["holiday_calendar"] == (row["country"] if row["country"] in supported else ""), row


def test_namibia_survives_readers_that_take_na_for_missing() -> None:
    countries = f"read_csv('{SEEDS / 'countries.csv'}')"
    assert duckdb.sql(f"select country from {countries} where name = 'Namibia'").fetchall() == [("NA",)]
    assert '\n"NA",Namibia' in (SEEDS / "countries.csv").read_text(encoding="utf-8")


def test_a_name_belongs_to_one_organisation() -> None:
    rows = seed("organisation_names")
    keys = [(row["service"], row["name"].lower()) for row in rows if row["service"] != "epoch"]
    keys += [("epoch", row["name"]) for row in rows if row["service"] == "epoch"]
    assert len(keys) == len(set(keys))


def test_persons_have_a_country_only_where_they_state_it() -> None:
    for row in seed("organisations"):
        stated = bool(row["country_statement"])
        assert stated == (row["kind"] == "person" and row["country"] != "ZZ"), row


def test_affiliation_words_find_companies_and_not_parts_of_words() -> None:
    words = [row["name"] for row in seed("organisation_names") if row["service"] == "affiliation"]
    assert (
        len({row["organisation_id"] for row in seed("organisation_names") if row["service"] == "affiliation"})
        >= 60
    )

    def found(affiliation: str) -> set[str]:
        return {word for word in words if re.search(rf"\b{re.escape(word)}\b", affiliation.lower())}

    assert found("Alibaba Group, Hangzhou") == {"alibaba"}
    assert found("JD.com, Inc.") >= {"jd"}
    assert found("Metabolic Research Unit, Pineapple University") == set()


def distinct(path: Path, start: str) -> set[str]:
    """Distinct values of the column whose name starts so; none where no column does."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.reader(lines)
        header = next(rows)
        places = [place for place, column in enumerate(header) if column.lower().startswith(start)]
        return {row[places[0]] for row in rows if row[places[0]]} if places else set()


@pytest.mark.real
def test_every_spelling_of_the_sources_is_known(real_archive: Path, spellings: set[str]) -> None:
    epoch = {
        part
        for path in (real_archive / "epoch_models").rglob("*.csv")
        for value in distinct(path, "country (")
        for part in value.split(",")
    }
    tracker = {
        value
        for path in (real_archive / "eto_country_activity" / "cat").glob("*.csv")
        for value in distinct(path, "country")
    }
    papers = duckdb.sql(
        f"""select distinct unnest(string_split_regex(aff_country_unique, '[;+]'))
        from read_json('{real_archive}/conference_papers/*/*.json',
            columns={{aff_country_unique: 'varchar'}}, maximum_object_size=33554432)"""
    ).fetchall()
    affiliations = {value.strip() for (value,) in papers if value}
    assert len(epoch) > 40 and len(tracker) > 200 and len(affiliations) > 60
    assert (epoch | tracker | affiliations) - {""} <= spellings


@pytest.mark.real
def test_atom_regions_agree(real_archive: Path, country_of: dict[tuple[str, str], str]) -> None:
    disagreeing = set()
    for path in (real_archive / "atom_tracked_models").glob("*/metadata/organization_regions.csv"):
        for row in csv.DictReader(path.open(encoding="utf-8")):
            country = country_of["hugging_face", row["hf_org"].lower()]
            region = {"US": "us", "CN": "china", "ZZ": "unknown"}.get(country, "other")
            region = "eu" if country in EU_REGION else region
            if region != row["region"]:
                disagreeing.add(row["hf_org"].lower())
    assert disagreeing == set(RESOLVED_ATOM)


def labelled_logins(labels: Path, label: str) -> set[str]:
    """GitHub logins under a label file or folder, not those of labels it points to."""
    folder = labels / label
    files = sorted(folder.glob("*.yml")) if folder.is_dir() else [folder.with_suffix(".yml")]
    documents: list[Any] = [yaml.load(path.read_bytes(), yaml.CSafeLoader) for path in files]
    return {
        organisation["name"].lower()
        for document in documents
        for platform in (document or {}).get("data", {}).get("platforms") or []
        for organisation in platform.get("orgs") or []
        if platform["name"] == "GitHub"
    }


@pytest.mark.real
def test_open_digger_divisions_agree(real_archive: Path, country_of: dict[tuple[str, str], str]) -> None:
    labels = real_archive / "open_digger_labels" / "labeled_data"
    said: dict[str, set[str]] = {}
    for path in (labels / "divisions").glob("*/*.yml"):
        division = yaml.load(path.read_bytes(), yaml.CSafeLoader) or {}
        for label in division.get("data", {}).get("labels") or []:
            if label.startswith(":companies/"):
                for login in labelled_logins(labels, label.removeprefix(":")):
                    said.setdefault(login, set()).add(path.parent.name)
    disagreeing = {
        login
        for login, countries in said.items()
        if ("github", login) in country_of and countries != {country_of["github", login]}
    }
    assert disagreeing == {row["owner_login"] for row in seed("owner_country_resolutions")}


@pytest.mark.real
def test_epoch_names_no_other_country(real_archive: Path, country_of: dict[tuple[str, str], str]) -> None:
    """Where Epoch names one organisation and one country, that country is ours."""
    codes = {row["name"]: row["country"] for row in seed("country_names")}
    said: dict[str, set[str]] = {}
    newest = real_archive / "epoch_models" / "notable_ai_models" / "2026-01-26" / "notable-ai-models.csv"
    for row in csv.DictReader(newest.open(encoding="utf-8-sig")):
        name, country = row["Organization"].strip(), row["Country (of organization)"]
        if ("epoch", name) in country_of and country and "," not in country:
            said.setdefault(name, set()).add(codes[country])
    compared = {name: countries - {"ZZ"} for name, countries in said.items()}
    assert len(compared) > 60
    assert {name for name, found in compared.items() if found - {country_of["epoch", name]}} == set()
