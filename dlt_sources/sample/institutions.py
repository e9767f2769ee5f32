"""Simulated look-up of universities: names and lower-case country codes, none of the United States.

Planted: ``uk`` for GB, and a name that stands for universities in two countries.
"""

from __future__ import annotations

from collections.abc import Mapping

from dlt_sources.sample.world import World, Written

ROWS = (
    ("Chinese University of Hong Kong", "asia", "hk"),
    ("ETH Zurich", "europe", "ch"),
    ("Harbin Institute of Technology", "asia", "cn"),
    ("KAIST", "asia", "kr"),
    ("National University of Singapore", "asia", "sg"),
    ("Peking University", "asia", "cn"),
    ("Soochow University", "asia", "cn"),
    ("Tsinghua University", "asia", "cn"),
    ("University of Edinburgh", "europe", "uk"),
    ("University of Oxford", "europe", "uk"),
    ("University of Toronto", "canada", "ca"),
    ("Western University", "canada", "ca"),
    ("York University", "canada", "ca"),
)


def write(world: World) -> Mapping[str, Written]:
    lines = ["institution,region,countryabbrv", *(",".join(row) for row in ROWS)]
    return {"country-info.csv": Written("\n".join([*lines, ""]).encode())}
