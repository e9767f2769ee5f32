"""Forks per repository and week by who forks: one table a set of events, a column a way of knowing who.

Not here: the changes and their tests, the clock's own ratio (``further_results``), wording (the template).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from report.effects import Estimate
from report.inputs import Row, Tables
from report.sheet import Page, numbers

SPECS = ("forks_paper", "forks_by_place")  # as published, then around the three rules
PARTS = ("change_treated", "change_comparison", "change_difference", "change_ratio")
GROUP = "Forks by who forks"  # of specs, in the glossary
OTHERS = ("change_difference", "window_change", "triple_change")
POOLED = ("paper_four", "tightening")


@dataclass(frozen=True)
class WhoForks:
    """One set of events: ``ways`` of knowing who forks, by title, and a row a part: its title and a cell a
    way, none where that way has no such row."""

    title: str
    ways: tuple[str, ...]
    parts: tuple[tuple[str, tuple[Estimate | None, ...]], ...]
    refused: tuple[tuple[str, str], ...]


def who_forks(page: Page, tables: Tables, rows: Sequence[Estimate]) -> list[WhoForks]:
    """The pooled sets of events, the paper's first; a set of which nothing was seen has no table."""
    own = [row for row in rows if row.spec_id in SPECS]
    page.data["forks_by_who_forks.csv"] = [
        {"spec": row.spec_id, "contrast": row.contrast, **numbers(row)} for row in own
    ]
    titles = tables.words("term")
    found = [_table([row for row in own if row.event_set == one], titles) for one in POOLED]
    return [one for one in found if one is not None]


def stated_places(page: Page, tables: Tables) -> list[Row]:
    """Each year's shares of forks by who states China or the United States, beside GitHub's own shares of
    pushes by address; ``events`` of people who state any country."""
    page.data["stated_places.csv"] = tables.rows("select * from fct_origin_share order by all")
    return tables.rows("""
        select
            extract(year from quarter)::int as year,
            (sum(events) filter (country = 'CN') / sum(events))::double as china,
            avg(graph_share) filter (country = 'CN') as china_by_address,
            (sum(events) filter (country = 'US') / sum(events))::double as united_states,
            avg(graph_share) filter (country = 'US') as united_states_by_address,
            sum(events)::bigint as events
        from fct_origin_share
        where event = 'fork'
        group by all
        having sum(events) > 0
        order by year
    """)


def other_choices(rows: Sequence[Estimate]) -> list[Estimate]:
    """The difference under every other choice that gave a number, single events among them, in the order of
    specs."""
    found = [
        row
        for row in rows
        if row.spec_group == GROUP
        and row.term.partition(":")[0] in OTHERS
        and row.estimate is not None
        and not (row.spec_id in SPECS and row.event_set in POOLED)
    ]
    place = {row.estimate_id: (row.spec_place, row.event_set_place, row.contrast_place) for row in found}
    return sorted(found, key=lambda row: (place[row.estimate_id], len(row.term), row.term))


def _table(rows: Sequence[Estimate], titles: Mapping[str, Row]) -> WhoForks | None:
    if not any(row.estimate is not None for row in rows):
        return None
    ways = sorted({(row.contrast_place, row.contrast, row.contrast_short) for row in rows})
    cells = {(row.contrast, row.term): row for row in rows}
    seen = [way for way in ways if any(row.estimate is not None for row in rows if row.contrast == way[1])]
    said = {part: titles[part]["title"] if part in titles else part for part in PARTS}
    parts = tuple((said[part], tuple(cells.get((way[1], part)) for way in seen)) for part in PARTS)
    refused = tuple(
        (way[2], next(row.reason or row.status for row in rows if row.contrast == way[1]))
        for way in ways if way not in seen
    )  # fmt: skip
    return WhoForks(rows[0].event_set_title, tuple(way[2] for way in seen), parts, refused)
