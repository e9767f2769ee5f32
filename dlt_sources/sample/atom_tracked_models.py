"""Simulated versions of ATOM's list of tracked models.

Planted beside them: days on which one of the two lists alone has a version, comments above the header of the
corrected days, a region that is not the registry's country, an organisation that the registry does not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from dlt_sources.sample.model_makers import CHINESE, NOBODY, OTHERS, SampleRelease, releases
from dlt_sources.sample.world import World, Written

VERSIONS = tuple(date.fromisoformat(day) for day in ("2025-12-30", "2026-02-08", "2026-05-17", "2026-06-15"))
FIRST = date(2023, 1, 1)
REGIONS = {"China": "china", "USA": "us"}
HEADER = "org,model,modelId"


def _list(found: Sequence[SampleRelease]) -> bytes:
    rows = [f"{r.maker.hub},{r.line}-7B,{r.maker.hub}/{r.line}-7B" for r in found]
    return "\n".join([HEADER, *dict.fromkeys(rows), ""]).encode()


def write(world: World) -> Mapping[str, Written]:
    makers = (*CHINESE, *OTHERS, NOBODY)
    found = releases(world, "atom_tracked_models", makers, FIRST, VERSIONS[-1])
    files = {}
    for number, version in enumerate(VERSIONS):
        tracked = [release for release in found if release.day < version]
        files[f"{version}/models.csv"] = _list(tracked[::2])
        if number:
            files[f"{version}/extra_models.csv"] = _list(tracked[1::20])
    extra = date(2026, 6, 1)  # a day on which the smaller list alone was changed
    files[f"{extra}/extra_models.csv"] = _list([r for r in found if r.day < extra][1::20])
    folder = f"{VERSIONS[-1]}/metadata"
    regions = [f"{m.hub},{_region(m.hub, m.nationality)}," for m in makers]
    files[f"{folder}/organization_regions.csv"] = "\n".join(
        ["hf_org,region,notes", *regions, "ai21labs,us,its head office is elsewhere", ""]
    ).encode()
    first = next(release for release in found[::2])
    model = f"{first.maker.hub}/{first.line}-7B"
    files[f"{folder}/release_date_corrections.csv"] = (
        "# Manual release date corrections\n# Format: model_id,hf_created_at,actual_release_date,notes\n"
        "model_id,hf_created_at,actual_release_date,notes\n"
        f"{model},{first.day},{first.day},same day\n"
    ).encode()
    files[f"{folder}/model_parameters.csv"] = (
        f'model_id,total_params_b,active_params_b,is_moe,notes\n{model},7.2,1.1,true,"an estimate, ours"\n'
    ).encode()
    return {path: Written(data) for path, data in files.items()}


def _region(hub: str, nationality: str) -> str:
    if hub == "mistralai":
        return "eu"
    return REGIONS.get(nationality, "unknown" if nationality == "unknown" else "other")
