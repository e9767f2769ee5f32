"""What the page takes from the marts and the gate: rows chosen, counted and indexed for showing.

Here: SQL over the in-memory tables. Not here: wording, figures. Nothing that enters an estimate is made
here; indices and medians are for the eye and say so where they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from report.inputs import Row, Tables

# A country joins an index only with a base large enough that one unit more is not a jump of the line,
# and a median needs a few countries: below either, the figure shows plain levels.
SMALLEST_BASE = 5.0
FEWEST_DONORS = 3

_ACTIVITY = """
    activity as (
        select 'month' as frequency, month as period, country, outcome, value, is_complete
        from fct_activity_country_month
        union all
        select 'quarter', quarter, country, outcome, value, is_complete from fct_activity_country_quarter
        union all
        select 'year', year, country, outcome, value, is_complete from fct_activity_country_year
    ),
    complete as (
        select activity.*, dim_outcome.family, coalesce(dim_country.is_default_donor, false) as is_donor
        from activity
        inner join dim_outcome using (outcome, frequency)
        left join dim_country using (country)
        where activity.is_complete and activity.value is not null
            and (cast($until as date) is null or activity.period <= cast($until as date))
    )
"""
_LEVELS = f"""
    with {_ACTIVITY},
    based as (
        select outcome, country, is_donor, avg(value) as base
        from complete
        where family <> 'share' and cast($first as date) is not null
            and period >= date_trunc(frequency, cast($first as date)) - interval 1 year
            and period < date_trunc(frequency, cast($first as date))
        group by all
        having avg(value) >= {SMALLEST_BASE}
    ),
    indexed as (
        select outcome
        from based
        group by outcome
        having bool_or(country = 'CN') and count(*) filter (is_donor) >= {FEWEST_DONORS}
    ),
    lined as (
        select
            complete.outcome, complete.frequency, complete.period,
            indexed.outcome is not null as is_index,
            case
                when complete.country = 'CN' then 'China'
                when complete.country = 'US' then 'United States'
                else 'Donors'' median'
            end as line,
            case
                when indexed.outcome is null then complete.value else 100 * complete.value / based.base
            end as value
        from complete
        left join indexed using (outcome)
        left join based using (outcome, country)
        where (complete.country in ('CN', 'US') or complete.is_donor)
            and (indexed.outcome is null or based.base is not null)
    ),
    drawn as (
        select outcome, frequency, period, is_index, line, median(value) as value, count(*) as countries
        from lined
        group by all
    ),
    parted as (
        select
            *,
            date_diff('month', lag(period) over (partition by outcome, line order by period), period)
                > case frequency when 'month' then 1 when 'quarter' then 3 else 12 end as is_after_gap
        from drawn
    )
    select
        outcome, period, is_index, line, value, countries,
        coalesce(sum(is_after_gap::integer) over (partition by outcome, line order by period), 0) as run
    from parted
    order by outcome, line, period
"""


def outcomes(tables: Tables) -> list[Row]:
    """The outcomes with their sources joined by semicolons."""
    return tables.rows("""
        select dim_outcome.*, sources.sources
        from dim_outcome
        left join (
            select outcome, string_agg(source, '; ' order by source) as sources
            from bridge_outcome_source group by outcome
        ) as sources using (outcome)
        order by outcome
    """)


def level_series(tables: Tables, first_control: date | None, until: date | None) -> dict[str, list[Row]]:
    """Per outcome: period, line (China, United States, Donors' median), value, countries, is_index, run.

    Counts are indexed to the year before the first control where China and a few donors have a base;
    shares and small counts stay in their unit. Incomplete periods are left out; ``run`` counts the
    stretches without a gap, because a line drawn across a gap would invent what nobody saw.
    """
    rows = tables.rows(_LEVELS, {"until": until, "first": first_control})
    series: dict[str, list[Row]] = {}
    for row in rows:
        series.setdefault(row["outcome"], []).append(row)
    return series


def unknown_shares(tables: Tables, until: date | None) -> list[Row]:
    """Outcome by year: the share of the counted total whose country is unknown (ZZ)."""
    return tables.rows(
        f"""
        with {_ACTIVITY}
        select
            outcome, cast(year(period) as integer) as year,
            coalesce(sum(value) filter (country = 'ZZ'), 0) / nullif(sum(value), 0) as share
        from complete
        where family <> 'share'
        group by all
        having outcome in (select distinct outcome from complete where country = 'ZZ')
        order by outcome, year
        """,
        {"until": until},
    )


def coverage(tables: Tables) -> list[Row]:
    """Runs of months in which a source's share stays the same: source, first_month, end_month, share."""
    return tables.rows("""
        with marked as (
            select
                source, month, share,
                lag(share) over w is distinct from share
                    or lag(month) over w <> month - interval 1 month as starts
            from fct_source_coverage
            where share is not null
            window w as (partition by source order by month)
        ),
        numbered as (
            select *, sum(starts::integer) over (partition by source order by month) as run from marked
        )
        select
            source, min(month) as first_month, cast(max(month) + interval 1 month as date) as end_month,
            any_value(share) as share
        from numbered group by source, run order by source, first_month
    """)


def coverage_by_source(tables: Tables) -> list[Row]:
    """Source: first and last month, months seen in full, in part and not at all, rejected rows, notes."""
    return tables.rows("""
        select
            source, min(unit) as unit,
            min(month) filter (observed > 0) as first_month, max(month) filter (observed > 0) as last_month,
            count(*) filter (share >= 0.995) as full_months,
            count(*) filter (share > 0 and share < 0.995) as partial_months,
            count(*) filter (coalesce(share, 0) = 0) as empty_months,
            sum(rejected)::bigint as rejected, count(distinct regime) as regimes,
            string_agg(distinct note, '; ' order by note) as notes
        from fct_source_coverage
        group by source
        order by source
    """)


def checks_by_gate(tables: Tables) -> list[Row]:
    return tables.rows("""
        select
            gate, tool, count(*) as checks, count(distinct "table") as tables,
            count(*) filter (success) as passed,
            count(*) filter (not success and error is null and severity = 'error') as failed,
            count(*) filter (not success and error is null and severity <> 'error') as warned,
            count(*) filter (error is not null) as crashed
        from checks group by gate, tool order by gate, tool
    """)


def checks_not_passed(tables: Tables) -> list[Row]:
    return tables.rows("""
        select gate, tool, "table", "check", severity, observed, expected, failing_rows, rows, error
        from checks where not coalesce(success, false)
        order by severity, gate, "table", "check"
    """)


def accepted(verdicts: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Table, check and reason of every failure that a person accepted."""
    return [
        {"table": table, "check": entry["check"], "reason": entry["reason"]}
        for table in sorted(verdicts)
        for entry in verdicts[table].get("accepted", ())
    ]


def events(tables: Tables) -> list[Row]:
    """The policy timeline with one day per event (announced, else published, else effective)."""
    rows = tables.rows("""
        select *, coalesce(announced, published, effective) as day
        from dim_event
        where coalesce(announced, published, effective) is not null
        order by day, event_id
    """)
    shocks = [row["event_id"] for row in rows if row["is_shock"]]
    return [
        {**row, "number": str(shocks.index(row["event_id"]) + 1) if row["event_id"] in shocks else None}
        for row in rows
    ]


def other_shocks(tables: Tables, shocks: Sequence[date], days: int) -> list[Row]:
    """Dated demand and supply shocks within ``days`` of a policy shock, with the nearest one's distance."""
    if not shocks:
        return []
    return tables.rows(
        """
        select confounder_id, title, kind, start_date, summary, shock, start_date - shock as distance
        from dim_confounder, (select unnest($shocks) as shock)
        where kind in ('demand_shock', 'supply_shock') and abs(start_date - shock) <= $days
        qualify row_number() over (partition by confounder_id order by abs(start_date - shock), shock) = 1
        order by start_date, confounder_id
        """,
        {"shocks": list(shocks), "days": days},
    )
