"""Simulated labels: a file of YAML a label, on owners that are registered.

Planted: a company under two countries, labels named from the top and from their own folder, an owner on
another host, divisions with parts and without anything, a number where a name stands.
"""

from __future__ import annotations

from collections.abc import Mapping

from dlt_sources.sample.world import World, Written

COMPANIES = {
    "360": "Qihoo360",
    "baidu": "PaddlePaddle",
    "deepmind": "deepmind",
    "openai": "openai",
    "tenstorrent": "tenstorrent",
}
DIVISIONS = {
    "CN/index": [":companies/baidu", "CN-BJ"],
    "CN/CN-BJ": [":companies/360", ":communities/openmmlab"],
    "US/index": [":companies/tenstorrent", ":companies/deepmind"],
    "US/US-CA": [":companies/openai"],
    "CA/index": [":companies/tenstorrent"],
    "GB/index": [":companies/deepmind"],
    "VA/index": [],
}


def _label(name: str, kind: str, labels: list[str], platforms: list[str]) -> Written:
    lines = [f"name: {name}", f"type: {kind}"]
    if labels or platforms:
        lines.append("data:")
    if labels:
        lines += ["  labels:", *(f"    - '{label}'" for label in labels)]
    if platforms:
        lines += ["  platforms:", *platforms]
    return Written("\n".join([*lines, ""]).encode())


def _platform(host: str, kind: str, number: int, name: str) -> list[str]:
    return [
        f"    - name: {host}",
        "      type: Code Hosting",
        f"      {kind}:",
        f"        - id: {number}",
        f"          name: {name}",
    ]


def write(world: World) -> Mapping[str, Written]:
    files = {}
    for number, (company, owner) in enumerate(COMPANIES.items(), 1):
        hosts = _platform("GitHub", "orgs", number, owner)
        hosts += _platform("Gitee", "orgs", 900 + number, owner)
        files[f"companies/{company}/index"] = _label(company, "Company", ["project"], hosts)
        project = _platform("GitHub", "repos", 100 + number, f"{owner}/project")
        files[f"companies/{company}/project"] = _label("Project", "Project", [], project)
    for path, labels in DIVISIONS.items():
        files[f"divisions/{path}"] = _label(path.split("/")[0], "Division-0", labels, [])
    llm = _platform("GitHub", "repos", 612427246, "tatsu-lab/stanford_alpaca")
    files["technology/ai/index"] = _label("AI", "Tech-0", [":companies/openai/project"], llm)
    return {f"labeled_data/{path}.yml": content for path, content in files.items()}
