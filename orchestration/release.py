"""Releases: a consistent, dated set of marts, gate, results and pages, published by one rename.

A reader of ``current`` sees the old set or the new one. What may not be passed on stays out:
rows of sources that allow aggregates only, and persons' countries (contract, rules 3 and 8).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.gate import files as gate
from orchestration.home import stages
from orchestration.settings import Settings
from orchestration.warehouse import ROW_GROUP, mart_keys

CONTRACT_VERSION = "1"
SUMS = "SHA256SUMS"
DRAFT = ".draft"
RELEASE = re.compile(r"\d{4}-\d\d-\d\d-\d+")
WITHHELD = "withheld"
# what hangs on a row-level fact goes with it: {mart: (fact, its key, the mart's column)}
DEPENDENTS = {
    "bridge_model_release_country": ("fct_model_release", "model_id"),
    "bridge_paper_country": ("fct_paper", "paper_id"),
    "bridge_paper_company_country": ("fct_paper", "paper_id"),
    "bridge_paper_mention": ("fct_paper", "paper_id"),
    "bridge_policy_document_theme": ("fct_policy_document", "document_id"),
}
ROW_LEVEL = ("fct_model_release", "fct_model_derivative", "fct_paper", "fct_policy_document",
             "fct_repository_week")  # fmt: skip


@dataclass(frozen=True)
class Published:
    """A release: its id, where it lies, and whether this run made it."""

    id: str
    path: Path
    is_new: bool
    files: int


def publish(settings: Settings, manifest: Mapping[str, Any], sources: list[dict[str, object]],
            today: date) -> Published:  # fmt: skip
    """Check the chain of hashes, write the set, and point ``current`` at it.

    Raises:
        GateError: a mart has no passing verdict for its present bytes.
        ChainError: results or site were made from other files than those that are there.
    """
    home = settings.home_path
    gate.require(home, {path.stem: stages.sha256_of(path) for path in settings.marts.glob("*.parquet")})
    for stage in ("results", "site"):
        stages.require(settings, stage)
    settings.releases.mkdir(parents=True, exist_ok=True)
    draft = settings.releases / DRAFT
    if draft.exists():  # of a run that was killed
        shutil.rmtree(draft)
    keys = mart_keys(manifest)
    _write_marts(settings, draft / "marts", keys)
    for stage, wanted in (("gate", ("checks.parquet", "verdicts.json", "accepted.json")),
                          ("results", None), ("site", None)):  # fmt: skip
        _copy(home / stage, draft / stage, wanted)
    _write_datapackage(draft, settings, manifest, sources, keys)
    sums = "".join(f"{sha256}  {name}\n" for name, sha256 in _sums(draft))
    (draft / SUMS).write_text(sums)
    current = home / "current"
    newest = _newest(settings.releases)
    if newest is not None and _sums_in(newest) == sums:
        shutil.rmtree(draft)
        _point(current, newest)  # a run that was killed may have left it pointing at the one before
        return Published(newest.name, newest, False, sums.count("\n"))
    target = settings.releases / _next_id(settings.releases, today)
    _sync(draft)
    draft.rename(target)
    _point(current, target)
    return Published(target.name, target, True, sums.count("\n"))


def _copy(source: Path, target: Path, wanted: tuple[str, ...] | None) -> None:
    names = sorted(p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file())
    for name in names:
        if wanted is None or name in wanted:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target / name)


def _sync(draft: Path) -> None:
    """On disk before its name is: after a power cut, a release is whole or not there."""
    for path in [p for p in draft.rglob("*") if p.is_file()]:
        with path.open("rb+") as written:
            os.fsync(written.fileno())


def _write_marts(settings: Settings, target: Path, keys: Mapping[str, list[str]]) -> None:
    target.mkdir(parents=True)
    con = duckdb.connect()
    con.execute("set threads = 1")
    for path in sorted(settings.marts.glob("*.parquet")):
        con.execute(f"create view {path.stem} as select * from '{path}'")
    for path in sorted(settings.marts.glob("*.parquet")):
        query = _published(path.stem)
        if query is None:
            shutil.copyfile(path, target / path.name)
        else:
            con.execute(
                f"copy ({query} order by {', '.join(keys.get(path.stem, ['all']))}) "
                f"to '{target / path.name}' (format parquet, compression zstd, "
                f"row_group_size {ROW_GROUP}, kv_metadata {{origin: '{settings.origin}'}})"
            )


ALLOWED = """source not in (
    select source from bridge_outcome_source
    where outcome in (select outcome from dim_outcome where publishable = 'aggregate'))"""
PERSONS = """select lower(names.name) from bridge_organisation_name as names
        inner join dim_organisation as organisations
            on names.organisation_id = organisations.organisation_id
        where names.service = 'github' and organisations.kind = 'person'"""
# a person's at any time: the weeks before a repository went to an organisation carry their country
OWNED_BY_PERSON = f"""repository_id in (
    select repository_id from dim_repository where lower(owner_login) in ({PERSONS})
    union all
    select repository_id from bridge_repository_name
    where lower(split_part(name, '/', 1)) in ({PERSONS}))"""


MADE_BY_PERSON = """coalesce(organisation_id in (
    select organisation_id from dim_organisation where kind = 'person'), false)"""


def _published(mart: str) -> str | None:
    """The query that gives a mart's publishable rows, or None where all of it may be published."""
    withheld = {
        "dim_repository": ("country",), "fct_repository_week": ("country",), "dim_model_family": ("country",),
        "dim_organisation": ("country", "country_statement", "evidence"),
    }  # fmt: skip
    conditions = [ALLOWED] if mart in ROW_LEVEL else []
    if mart in DEPENDENTS:
        fact, key = DEPENDENTS[mart]
        conditions = [f"{key} in (select {key} from {fact} where {ALLOWED})"]
    if mart == "bridge_model_release_country":
        conditions.append(f"model_id not in (select model_id from fct_model_release where {MADE_BY_PERSON})")
    columns = "*"
    if mart in withheld:
        is_person = OWNED_BY_PERSON if "repository" in mart else MADE_BY_PERSON
        replaced = [f"if({is_person}, null, {column}) as {column}" for column in withheld[mart]]
        if "repository" in mart:
            replaced.append(f"if({is_person}, '{WITHHELD}', country_method) as country_method")
        columns = f"* replace ({', '.join(replaced)})"
    if columns == "*" and not conditions:
        return None
    return f"select {columns} from {mart}" + (f" where {' and '.join(conditions)}" if conditions else "")


def _write_datapackage(draft: Path, settings: Settings, manifest: Mapping[str, Any],
                       sources: list[dict[str, object]], keys: Mapping[str, list[str]]) -> None:  # fmt: skip
    described = {n["name"]: n for n in manifest["nodes"].values() if n["resource_type"] == "model"}
    resources = [
        _resource(path, draft, described.get(path.stem, {}), keys.get(path.stem, []))
        for path in sorted(draft.glob("*/*.parquet"))
    ]
    content = {
        "name": "chokepoint",
        "title": "chokepoint: open AI activity by country on the timeline of US hardware policy"
        + (" (SIMULATED)" if settings.origin == "sample" else ""),
        "contract_version": CONTRACT_VERSION,
        "origin": settings.origin,
        "sources": [
            {
                "title": s["title"],
                "path": s["homepage"],
                "licence": s["licence"],
                "attribution": s["attribution"],
                "manifest_sha256": s["manifest_sha256"],
            }
            for s in sources
        ],
        "resources": resources,
    }
    (draft / "datapackage.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def _resource(path: Path, draft: Path, node: Mapping[str, Any], key: list[str]) -> dict[str, object]:
    columns = duckdb.sql(f"describe select * from '{path}'").fetchall()
    documented = node.get("columns", {})
    return {
        "name": path.stem,
        "path": path.relative_to(draft).as_posix(),
        "description": node.get("description", ""),
        "format": "parquet",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}",
        "schema": {
            "primaryKey": [] if key == ["all"] else key,
            "fields": [
                {
                    "name": name,
                    "type": kind.lower(),
                    "description": documented.get(name, {}).get("description", ""),
                }
                for name, kind, *_ in columns
            ],
        },
    }


def _sums(folder: Path) -> list[tuple[str, str]]:
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != SUMS)
    return [(p.relative_to(folder).as_posix(), hashlib.sha256(p.read_bytes()).hexdigest()) for p in files]


def _sums_in(release: Path) -> str | None:
    sums = release / SUMS
    return sums.read_text() if sums.is_file() else None


def _newest(releases: Path) -> Path | None:
    """The release made last: by day, then by counter."""
    found = [p for p in releases.iterdir() if RELEASE.fullmatch(p.name)]
    return max(found, key=lambda p: (p.name[:10], int(p.name[11:])), default=None)


def _next_id(releases: Path, today: date) -> str:
    taken = {p.name for p in releases.iterdir()}
    counter = 1
    while f"{today.isoformat()}-{counter}" in taken:
        counter += 1
    return f"{today.isoformat()}-{counter}"


def _point(link: Path, target: Path) -> None:
    temporary = link.with_name(f".{link.name}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(os.path.relpath(target, link.parent))
    temporary.replace(link)
