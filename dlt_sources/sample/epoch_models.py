"""Simulated Epoch AI lists: dated versions, renamed headers, repeated countries, late entries.

The number of open releases of a country and month is Poisson around a latent log path, so that a
Poisson model of them is the true model.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import StringIO

import numpy as np

from dlt_sources.sample.world import FIRST, World, Written, months, period_ends

NOTABLE = (date(2024, 12, 24), date(2025, 12, 2), date(2026, 6, 15))
LARGE_SCALE = date(2026, 6, 15)
ALL_MODELS, FULL_VIEW = date(2025, 4, 23), date(2024, 3, 8)
RENAMED_SINCE = date(2025, 1, 1)  # versions from here on have the newer header of the country column
FIRST_SHARE = 0.5  # share of releases that a version made on the same day would list; all after a year
OLD_NAME, NEW_NAME = "Renamed-1", "Renamed-2"
CHINA, AMERICA = "China", "United States of America"
DONORS = {
    "Australia": 0.3,
    "Austria": 0.0,
    "Belgium": 0.0,
    "Brazil": 0.2,
    "Canada": 0.8,
    "Denmark": 0.0,
    "Egypt": 0.0,
    "Finland": 0.1,
    "France": 0.8,
    "Germany": 0.7,
    "India": 0.5,
    "Indonesia": 0.0,
    "Israel": 0.4,
    "Italy": 0.1,
    "Japan": 0.6,
    "Korea (Republic of)": 0.6,
    "Netherlands": 0.2,
    "Norway": 0.0,
    "Poland": 0.1,
    "Saudi Arabia": 0.1,
    "Singapore": 0.4,
    "Spain": 0.1,
    "Sweden": 0.1,
    "Switzerland": 0.4,
    "Turkey": 0.0,
    "United Arab Emirates": 0.3,
    "United Kingdom of Great Britain and Northern Ireland": 0.9,
    "Viet Nam": 0.0,
}
LEVELS = {CHINA: 0.9, AMERICA: 1.4, **DONORS}  # log open releases a month
MAKERS = {
    CHINA: ("DeepSeek", "Alibaba", "Tsinghua University"),
    AMERICA: ("Meta AI", "Google DeepMind", "Booz Allen Hamilton, McLean\nVirginia"),
    "France": ("Mistral AI", "Hugging Face"),
    "Korea (Republic of)": ("NAVER", "LG AI Research"),
    "United Arab Emirates": ("Technology Innovation Institute",),
    "United Kingdom of Great Britain and Northern Ireland": ("Stability AI",),
}
OPEN = ("Open weights (unrestricted)", "Open weights (restricted use)", "Open weights (non-commercial)")
OTHER = ("API access", "Unreleased", "Hosted access (no API)", "")
BASES = ("Llama 2-7B", "Qwen2.5-72B", "Mistral 7B", "")
HEADER = (
    "Model,Organization,Publication date,Domain,Task,Parameters,Training compute (FLOP),Confidence,Authors,"
    "Abstract,Organization categorization,{country},Model accessibility,Base model"
)
FULL_VIEW_HEADER = (
    "System,Organization,Publication date,Domain,Task,Parameters,Training compute (FLOP),Confidence,Authors,"
    "Abstract,Organization categorization,{country},Open-source,Base model"
)


@dataclass(frozen=True)
class ModelRelease:
    """One line of a list. ``lateness`` in [0, 1): the later, the longer a version lacks it."""

    name: str
    organisation: str
    published: date
    country: str
    accessibility: str
    base: str
    parameters: float
    lateness: float


def write(world: World) -> Mapping[str, Written]:
    """``<list>/<day>/*.csv`` in the layouts that the dated versions had."""
    notable = [*_releases(world, "open_models_notable", "Sim"), *_odd_releases()]
    large = _releases(world, "open_models_large_scale", "Large")
    files = {
        f"notable_ai_models/{version}/notable_ai_models.csv": _csv(notable, version) for version in NOTABLE
    }
    files[f"large_scale_ai_models/{LARGE_SCALE}/large_scale_ai_models.csv"] = _csv(large, LARGE_SCALE)
    files[f"all_ai_models/{ALL_MODELS}/all_ai_models.csv"] = _csv(
        [*notable[::8], *large[::8], *_twins_and_nameless()], ALL_MODELS
    )
    files[f"all_ml_systems_full_view/{FULL_VIEW}/All_ML_Systems_full_view.csv"] = _csv(
        notable[::8], FULL_VIEW, FULL_VIEW_HEADER
    )
    return files


def _releases(world: World, outcome: str, prefix: str) -> list[ModelRelease]:
    """Open releases by the latent path of each country, and an eighth as many that are not open."""
    starts = months(FIRST, max(NOTABLE))
    ends = period_ends(starts, 1)
    names = sorted(LEVELS)
    codes = ["CN" if name == CHINA else name for name in names]  # planted steps are China's, by code
    paths = world.log_paths(
        outcome,
        codes,
        starts,
        ends,
        level=dict(zip(codes, (LEVELS[n] for n in names), strict=True)),
        sd=0.10,
        common=world.demand(starts, ends),
    )
    rng = world.rng(f"epoch_models/{outcome}")
    opened = rng.poisson(np.exp(paths))
    closed = rng.poisson(np.exp(paths) / 8)
    draws = iter(rng.random((int(opened.sum() + closed.sum()), 4)).tolist())
    releases = []
    for i, country in enumerate(names):
        for t, start in enumerate(starts):
            for n in range(opened[i, t] + closed[i, t]):
                name = f"{prefix}-{i:02}-{start:%y%m}-{n}"
                kinds = OPEN if n < opened[i, t] else OTHER
                releases.append(_release(next(draws), country, start, ends[t], name, kinds[n % len(kinds)]))
    return sorted(releases, key=lambda r: (r.published, r.name), reverse=True)


def _release(
    draw: Sequence[float], country: str, start: date, end: date, name: str, accessibility: str
) -> ModelRelease:
    day, lateness, oddity, size = draw
    makers = MAKERS.get(country, (f"{country} Laboratory",))
    countries = country
    if oddity < 0.08:  # two institutes of one country
        countries = f"{country},{country}"
    elif oddity < 0.14 and country not in (CHINA, AMERICA):  # a joint release
        countries = f"{country},{AMERICA},{country}"
    return ModelRelease(
        name=name.replace("-", "\n", 1) if oddity > 0.995 else name,
        organisation=makers[int(oddity * 1000) % len(makers)],
        published=start + timedelta(int(day * (end - start).days)),
        country=countries,
        accessibility=accessibility,
        base=BASES[int(size * 100) % len(BASES)],
        parameters=float(round(10 ** (8 + 3 * size))),
        lateness=lateness,
    )


PLAIN = ModelRelease("", "BigSimulation", date(2022, 3, 9), AMERICA, OPEN[0], "", 1e9, 0.0)


def _odd_releases() -> list[ModelRelease]:
    """Releases without a certain country, and one that was renamed after 2025."""
    unknown = [
        replace(
            PLAIN,
            name=f"Nowhere-{n}",
            country=("Multinational", "")[n % 2],
            published=date(2019 + n % 6, 3, 9),
        )
        for n in range(24)
    ]
    return [*unknown, replace(PLAIN, name=OLD_NAME)]


def _twins_and_nameless() -> list[ModelRelease]:
    twins = [replace(PLAIN, name="AMPLIFY", organisation=maker) for maker in ("Amgen", "Mila")]
    return [*twins, PLAIN]


def _csv(releases: Sequence[ModelRelease], version: date, header: str = HEADER) -> Written:
    text = StringIO()
    renamed = version >= RENAMED_SINCE
    column = "Country (of organization)" if renamed else "Country (from Organization)"
    text.write(header.format(country=column) + "\n")
    writer = csv.writer(text, lineterminator="\n")
    old_layout = header is FULL_VIEW_HEADER
    for r in releases:
        age = (version - r.published).days
        if age < 0 or r.lateness > FIRST_SHARE + (1 - FIRST_SHARE) * age / 365:
            continue
        name = NEW_NAME if renamed and r.name == OLD_NAME else r.name
        access = "" if old_layout else r.accessibility
        compute = f"{r.parameters * 2e13:.3g}"
        writer.writerow(
            f"{name}|{r.organisation}|{r.published}|Language||{r.parameters:.0f}|{compute}||SIMULATED|SIMULATED|"
            f"Industry|{r.country}|{access}|{r.base}".split("|")
        )
    bom = b"\xef\xbb\xbf" if old_layout else b""
    return Written(bom + text.getvalue().encode())
