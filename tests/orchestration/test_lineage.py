"""Which columns a column was made of: told from SQL alone, and whole from mart to raw table."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from dlt_sources import SOURCES
from dlt_sources.tables import POSITION, REJECTED
from orchestration.lineage import column_lineage, raw_columns
from orchestration.translators import Models
from orchestration.warehouse import manifest

MANIFEST = {
    "nodes": {
        "model.p.countries": {
            "name": "countries", "resource_type": "model", "fqn": ["p", "marts", "countries"],
            "depends_on": {"nodes": ["seed.p.countries_seed", "source.p.innovation_graph.git_pushes"]},
        },
        "seed.p.countries_seed": {
            "name": "countries_seed", "resource_type": "seed", "fqn": ["p", "countries_seed"],
        },
    },
    "sources": {
        "source.p.innovation_graph.git_pushes": {
            "name": "git_pushes", "source_name": "innovation_graph", "resource_type": "source",
            "relation_name": "read_parquet('raw/innovation_graph/git_pushes/*.parquet')",
        },
    },
}  # fmt: skip
COLUMNS = {"countries_seed": ["country", "title", "note"]}
COUNTRIES = """
with countries_seed as (select * from "w"."main"."countries_seed"),
pushes as (select * from read_parquet('raw/innovation_graph/git_pushes/*.parquet'))
select
    countries_seed.country, upper(title) || note as label, sum(git_pushes)::double as value,
    'push' as what
from countries_seed left join pushes on pushes.iso2_code = countries_seed.country and year > 2020
group by all
"""


def pairs(lineage: dg.TableColumnLineage) -> dict[str, set[str]]:
    return {
        column: {f"{dep.asset_key.to_user_string()}.{dep.column_name}" for dep in deps}
        for column, deps in lineage.deps_by_column.items()
    }


def of(sql: str) -> dict[str, dg.TableColumnLineage]:
    return column_lineage({"model.p.countries": sql}, COLUMNS, MANIFEST, Models().get_asset_key)


def test_values_count_and_filters_do_not() -> None:
    assert pairs(of(COUNTRIES)["model.p.countries"]) == {
        "country": {"seeds/countries_seed.country"},
        "label": {"seeds/countries_seed.title", "seeds/countries_seed.note"},
        "value": {"raw/innovation_graph/git_pushes.git_pushes"},
        "what": set(),
    }


def test_a_star_is_told_apart() -> None:
    found = pairs(of('select * exclude (note) from "w"."main"."countries_seed"')["model.p.countries"])
    assert found == {"country": {"seeds/countries_seed.country"}, "title": {"seeds/countries_seed.title"}}


@pytest.mark.parametrize("sql", ["select from where", "select ((1 as x"])
def test_what_the_parser_does_not_understand_is_left_out(sql: str) -> None:
    assert of(sql) == {}


def test_raw_columns_are_those_the_loader_writes() -> None:
    columns = raw_columns()
    for source in SOURCES:
        assert columns[source.name, "_rejected"] == REJECTED.names
        for table in source.tables:
            assert columns[source.name, table.name][-2:] == [field.name for field in POSITION]


def of_run(home: Path) -> dict[str, dict[str, set[str]]]:
    """What Dagster holds of the run: ``{asset: {column: {parent asset.column}}}``, of every model."""
    found = {}
    with dg.DagsterInstance.from_config(str(home / "state" / "dagster")) as instance:
        for key in instance.all_asset_keys():
            if key.path[0] in {"staging", "intermediate", "marts", "publishable"}:
                event = instance.get_latest_materialization_event(key)
                assert event is not None and event.asset_materialization is not None
                entry = event.asset_materialization.metadata.get("dagster/column_lineage")
                assert isinstance(entry, dg.TableColumnLineageMetadataValue), key
                found[key.to_user_string()] = pairs(entry.value)
    return found


@pytest.mark.slow
def test_a_run_tells_a_marts_column_back_to_the_raw_tables(sample_home: Path) -> None:
    lineage = of_run(sample_home)
    models = [node for node in manifest()["nodes"].values() if node["resource_type"] == "model"]
    assert lineage.keys() == {Models().get_asset_key(node).to_user_string() for node in models}
    pushes = "raw/innovation_graph/git_pushes.git_pushes"
    own = upstream(lineage, "intermediate/int_activity__innovation_graph.value")
    assert {pushes, "raw/innovation_graph/developers.developers"} <= own
    assert any(place.startswith("staging/stg_innovation_graph__git_pushes.") for place in own)
    assert not any(place.startswith("raw/github_ranking/") for place in own)
    # a fact is a filter of the union of all activity, and columns know no filter
    assert own < upstream(lineage, "marts/fct_activity_country_quarter.value")


def upstream(lineage: dict[str, dict[str, set[str]]], column: str) -> set[str]:
    """The column, and every column that it was made from, at whatever distance."""
    reached: set[str] = set()
    edge = {column}
    while edge:
        reached |= edge
        parts = (place.rpartition(".") for place in edge)
        edge = set().union(*(lineage.get(asset, {}).get(name, set()) for asset, _, name in parts)) - reached
    return reached
