"""What the clock makes by itself: the early to late ratio when the whole world rises alike.

If every account on earth adds the same number of events, the early class grows by sum_c n_c p_c and
the late class by sum_c n_c (1 - p_c), n_c developers and p_c early share of country c. The published
ratio is read against that. Reference: the replicated study (arXiv 2606.15999) for the rule; GitHub
Innovation Graph for n_c. Not here: effects, or any claim that accounts are equally active.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from event_study.clock.origin import PAPER_CUT, early_share
from event_study.clock.profiles import Clock, CountriesFile, hours_of, utc_week
from event_study.errors import DuplicateKey, InfiniteValue, SpecError


@dataclass(frozen=True)
class Counts:
    """Developers by listed country; those of economies without a stated clock (``unlisted``), and of
    ``groups``, which are not counted because their members are."""

    listed: dict[str, float]
    unlisted: dict[str, float]
    groups: dict[str, float]

    @property
    def unlisted_share(self) -> float:
        missing = sum(self.unlisted.values())
        return missing / (missing + sum(self.listed.values()))


@dataclass(frozen=True)
class MechanicalRatio:
    """``table`` one row a scenario; ``low`` and ``high`` the range of its ratios, over profiles and
    over whatever hours the unlisted economies keep; ``counts`` what the table rests on; ``focal`` the
    country that early events are ascribed to, ``other`` that of late ones."""

    table: pd.DataFrame
    low: float
    high: float
    counts: Counts
    focal: str
    other: str


def sorted_counts(developers: pd.DataFrame, countries: CountriesFile) -> Counts:
    """Developers (columns ``country``, ``developers``; one row a country) by what is known of their clock.

    Raises ``DuplicateKey`` for a country twice, ``InfiniteValue`` for a negative or missing count.
    """
    twice = developers.loc[developers["country"].duplicated(), "country"]
    if len(twice):
        raise DuplicateKey(f"country: {twice.iloc[0]} stands twice, one row a country was expected")
    values = developers["developers"].to_numpy(dtype=float)
    if not np.isfinite(values).all() or (values < 0).any():
        raise InfiniteValue("developers: a number of 0 or more was expected in every row")
    counts = Counts({}, {}, {})
    for country, number in zip(developers["country"].astype(str), values, strict=True):
        group = country in countries.groups
        kind = (
            counts.groups if group else counts.listed if country in countries.countries else counts.unlisted
        )
        kind[country] = float(number)
    return counts


def stamped_countries(
    developers: pd.DataFrame,
    clock: Clock,
    countries: CountriesFile,
    monday: date,
    *,
    scenario: str = "illustrative",
    cut: int = PAPER_CUT,
) -> pd.DataFrame:
    """How an equal rise per developer is stamped, one row a listed country, largest first.

    Columns ``developers``, ``p_early``, ``of_early`` (share of the early increment), ``of_late``. Put
    growth of developers in place of their number to see whose growth the clock calls Chinese. Raises
    as ``sorted_counts``.
    """
    listed = sorted_counts(developers, countries).listed
    n = np.asarray(list(listed.values()))
    p = _early_shares(list(listed), clock, countries, monday, scenario, cut)
    table = pd.DataFrame(
        {
            "developers": n,
            "p_early": p,
            "of_early": n * p / (n * p).sum(),
            "of_late": n * (1 - p) / (n * (1 - p)).sum(),
        },
        index=pd.Index(list(listed), name="country"),
    )
    return table.sort_values("developers", ascending=False, kind="stable")


def mechanical_ratio(
    developers: pd.DataFrame,
    clock: Clock,
    countries: CountriesFile,
    monday: date,
    *,
    focal: str = "CN",
    other: str = "US",
    scenarios: Sequence[str] | None = None,
    cut: int = PAPER_CUT,
) -> MechanicalRatio:
    """Ratio of early to late increments when every developer adds the same, under each scenario.

    ratio = P / (1 - P) with P = sum_c n_c p_c / sum_c n_c over listed countries. ``ratio_low`` and
    ``ratio_high`` put all unlisted developers late, and all early. ``focal_of_early`` and
    ``other_of_late`` say what the two classes hold of the countries that they are named after. Assumes
    equal activity per developer and the scenario's hours (column ``assumption``). Raises as
    ``sorted_counts``, and ``SpecError`` when the focal or the other country has no stated clock.
    """
    for place in (focal, other):
        if place not in countries.countries:
            raise SpecError(f"countries: {place} has no time zone; state one")
    counts = sorted_counts(developers, countries)
    n, missing = np.asarray(list(counts.listed.values())), sum(counts.unlisted.values())
    rows = []
    for scenario in clock.scenarios if scenarios is None else scenarios:
        p = _early_shares(list(counts.listed), clock, countries, monday, scenario, cut)
        early, late = dict(zip(counts.listed, n * p, strict=True)), float((n * (1 - p)).sum())
        total = float((n * p).sum())
        held_late = counts.listed.get(other, 0.0) - early.get(other, 0.0)
        rows.append(
            {
                "scenario": scenario,
                "assumption": clock.assumption(scenario),
                "early_share": total / (total + late),
                "ratio": total / late,
                "ratio_low": total / (late + missing),
                "ratio_high": (total + missing) / late,
                "focal_of_early": early.get(focal, 0.0) / total,
                "other_of_late": held_late / late,
            }
        )
    table = pd.DataFrame(rows).set_index("scenario")
    return MechanicalRatio(
        table, float(table["ratio_low"].min()), float(table["ratio_high"].max()), counts, focal, other
    )


def what_it_must_contain(
    mechanical: MechanicalRatio,
    clock: Clock,
    countries: CountriesFile,
    monday: date,
    *,
    published: float = 11.9,
    cut: int = PAPER_CUT,
) -> pd.DataFrame:
    """What a published early/late ratio R of increments says of the focal country, a row a scenario.

    ``needed_early`` = R / (1 + R), the early share of the increments; ``focal_alone`` = p / (1 - p),
    the ratio that extra events in the focal country and nowhere else would show. A ``reachable`` ratio
    lies below it; if it does not, no rise there makes it and what follows is missing.
    ``two_place_ratio`` = (R (1 - q) - q) / (p - R (1 - p)): the true focal/other ratio if nobody else
    rose, q the early share of the other country. ``focal_excess`` = (R/(1+R) - P) / (p - P): the part
    of all extra events that must be the focal country's beyond an equal rise of the world, whose early
    share is P. ``focal_multiple`` = 1 + excess / ((1 - excess) w): how many times the world's rise per
    developer its rise is then, w its share of developers; both are missing where it is not stamped
    early more often than the world. An excess below 0: the world alone makes more than R.
    """
    needed = published / (1 + published)
    listed, pair = mechanical.counts.listed, (mechanical.focal, mechanical.other)
    weight = listed.get(mechanical.focal, 0.0) / sum(listed.values())
    rows = []
    for scenario, early in mechanical.table["early_share"].items():
        p, q = _early_shares(pair, clock, countries, monday, str(scenario), cut)
        reachable = bool(needed < p)
        more = reachable and bool(early < p)
        excess = float((needed - early) / (p - early)) if more else np.nan
        rows.append(
            {
                "scenario": scenario,
                "needed_early": needed,
                "focal_alone": p / (1 - p),
                "reachable": reachable,
                "two_place_ratio": (published * (1 - q) - q) / (p - published * (1 - p))
                if reachable
                else np.nan,
                "focal_excess": excess,
                "focal_multiple": 1 + excess / ((1 - excess) * weight) if weight else np.nan,
            }
        )
    return pd.DataFrame(rows).set_index("scenario")


def _early_shares(
    places: Sequence[str],
    clock: Clock,
    countries: CountriesFile,
    monday: date,
    scenario: str,
    cut: int,
) -> np.ndarray:
    """p_c of each country in the week from ``monday`` under a scenario."""
    stated, zones = clock.scenarios[scenario], countries.countries
    return np.asarray(
        [
            early_share(hours_of(utc_week(clock.profiles[stated.profile(place)], zones[place], monday)), cut)
            for place in places
        ]
    )
