"""How tables of dlt and models of dbt appear in Dagster: key, group, kinds, owner, description, columns.

All naming lives here. Keys: ``fetch/<source>``, ``archive/<source>``, ``raw/<source>/<table>``,
``seeds/<seed>``, ``<layer>/<model>``; and which stage makes the asset of a key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject
from dagster_dlt import DagsterDltTranslator
from dagster_dlt.translator import DltResourceTranslatorData

from dlt_sources.tables import POSITION, REJECTED, Source
from orchestration.home import stages

OWNER = "team:chokepoint"
FETCHED = "fetch"
REJECTED_TABLE = "_rejected"
OBJECTS = ("dagster_dbt/manifest", "dagster_dbt/dagster_dbt_translator")

CURVE_KEY = dg.AssetKey(["results", "specification_curve"])  # made on request, beside the stages


def stage_of(key: dg.AssetKey) -> str | None:
    """The stage that makes an asset; None for the archive, what is fetched into it, and what is made on
    request."""
    match key.path:
        case ["raw", source, _]:
            return f"raw/{source}"
        case ["gate", gate]:
            return f"gate/{gate}"
        case ["seeds" | "staging" | "intermediate" | "marts" | "publishable", _]:
            return "marts"
        case ["results", "identification"]:
            return stages.IDENTIFICATION
        case ["results" | "site" | "release" as stage, *_] if key != CURVE_KEY:
            return stage
    return None


def description_of(described: pa.Schema | pa.Field) -> str | None:
    """What a table's or a column's own metadata say that it is."""
    text = (described.metadata or {}).get(b"description")
    return text.decode() if text else None


def column_schema(schema: pa.Schema) -> dg.TableSchema:
    """An Arrow schema as Dagster shows it."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                field.name,
                str(field.type),
                description=description_of(field),
                constraints=dg.TableColumnConstraints(nullable=field.nullable),
            )
            for field in schema
        ]
    )


class SourceTables(DagsterDltTranslator):
    """Tables of one source; dlt's default would invent an upstream asset for each."""

    def __init__(self, source: Source) -> None:
        self.tables = {table.name: table for table in source.tables}
        self.source = source

    def get_asset_spec(self, data: DltResourceTranslatorData) -> dg.AssetSpec:
        name = data.resource.name
        table = self.tables.get(name)
        schema = pa.schema([*table.columns, *POSITION]) if table else REJECTED
        return (
            super()
            .get_asset_spec(data)
            .replace_attributes(
                key=raw_key(self.source.name, name),
                deps=[] if self.source.local else [archive_key(self.source.name)],
                group_name="sources",
                owners=[OWNER],
                kinds={"dlt", "parquet"},
                description=table.description
                if table
                else f"Rows of {self.source.title} that a parser refused, with file, position and reason.",
            )
            .merge_attributes(metadata={"dagster/column_schema": column_schema(schema)})
        )


def fetch_key(source: str) -> dg.AssetKey:
    return dg.AssetKey([FETCHED, source])


def archive_key(source: str) -> dg.AssetKey:
    return dg.AssetKey(["archive", source])


def raw_key(source: str, table: str) -> dg.AssetKey:
    return dg.AssetKey(["raw", source, table])


def tables_of(source: Source) -> list[str]:
    """The tables of a source, that of the rows its parsers refused among them."""
    return [*(table.name for table in source.tables), REJECTED_TABLE]


class Models(DagsterDbtTranslator):
    """dbt nodes: a model's layer is its folder, a source's key is the dlt table's."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_asset_checks=True))

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """A model that reads the lake stands behind the raw gate, not beside it.

        The manifest and the translator, which dagster-dbt keeps in the metadata for a run of its own, are not
        there: the UI could only say of them that they are unserializable.
        """
        spec = super().get_asset_spec(manifest, unique_id, project)
        spec = spec.replace_attributes(metadata={k: v for k, v in spec.metadata.items() if k not in OBJECTS})
        if any(dep.asset_key.path[0] == "raw" for dep in spec.deps):
            return spec.replace_attributes(deps=[*spec.deps, dg.AssetKey(["gate", "raw"])])
        return spec

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        name = dbt_resource_props["name"]
        match dbt_resource_props["resource_type"]:
            case "source":
                return raw_key(dbt_resource_props["source_name"], name)
            case "seed":
                return dg.AssetKey(["seeds", name])
            case _:
                layer = dbt_resource_props["fqn"][1]  # `release` is the last asset's own name
                return dg.AssetKey(["publishable" if layer == "release" else layer, name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        if dbt_resource_props["resource_type"] == "seed":
            return "sources"
        # the groups follow the way of a number; intermediate models are staging's second half
        return "marts" if dbt_resource_props["fqn"][1] in {"marts", "release"} else "staging"

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        return [OWNER]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props.get("description") or dbt_resource_props["name"])
