"""Checks of the activity facts, the panels that event studies read: one set for every frequency.

Each frame has one row per outcome (or outcome and period), so that a failure names what to mend.
Not here: the zero rules of single cells, which are dbt's tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from expectations import anchors, earned
from expectations.checks import Check, Suite

Frequency = Literal["month", "quarter", "year"]
GROUPS = ["EU", "EZ", "UN", "XX", "OECD", "NATO", "ASEAN"]
MAX_UNKNOWN_SHARE = 0.8  # above it an outcome is refused, below it bounded (contract, rule 3)
JUMP_SCORE = 10  # robust deviations; the floor of the deviation makes it at least a factor of two
MAX_LEFT_OUT_SHARE = 0.5
ROUNDING = 1e-6  # sums of the same flows in another order
SEVERAL = 3  # what only one or two countries write, such as export rules, says nothing of a third
LEAST_VALUE = 10  # logarithms of smaller counts jump by chance


def fact(suite: Suite, period: Frequency) -> Iterator[Check]:
    """Checks of ``fct_activity_country_<period>``."""
    yield _not_negative(suite)
    yield suite.between(
        "shares_at_most_one",
        "error",
        "An outcome of the family share above 1: numerator and denominator count different things. Correct "
        "the outcome's intermediate model.",
        "select outcome, max(value) as most from data join dim_outcome using (outcome) where family = "
        "'share' group by outcome",
        "most",
        high=1,
        uses=("dim_outcome",),
    )
    yield suite.never(
        "no_country_groups",
        "error",
        "A group of countries stands among its members and is counted twice. Leave it out in the staging "
        "model.",
        "select country, count(*) as row_count from data group by country",
        "country",
        GROUPS,
    )
    yield _china_in_every_period(suite, period)
    yield _without_holes(suite, period)
    yield from _shares_usable(suite)
    yield _common_jumps(suite, period)
    yield from earned.zeros(suite, period)
    yield from anchors.activity(suite, period)
    if period == "month":
        yield _themes_within_total(suite)


def _china_in_every_period(suite: Suite, period: Frequency) -> Check:
    return suite.zero(
        "china_in_every_period",
        "warning",
        "CN has no row in a period for which the outcome has others (where absence means unknown: in none "
        f"at all, while {SEVERAL} countries or more have some): its part of the source is missing, or too "
        "sparse for an effect. Read identification first.",
        f"""
        with seen as (
            select
                outcome,
                count(distinct {period}) as periods,
                count(distinct {period}) filter (where country = 'CN') as with_cn,
                count(distinct country) filter (where country <> 'ZZ') as countries
            from data group by outcome
        )
        select outcome, periods, periods - with_cn as without_cn,
            if(zero_rule in ('truncated', 'not_collected') and countries < {SEVERAL}
                or zero_rule = 'truncated' and with_cn > 0, 0, without_cn) as lacking
        from seen join dim_outcome using (outcome)
        """,
        "lacking",
        uses=("dim_outcome",),
    )


def _shares_usable(suite: Suite) -> Iterator[Check]:
    yield suite.between(
        "unknown_share_small",
        "warning",
        f"More than {MAX_UNKNOWN_SHARE:.0%} of an outcome has no certain country: it is described, not "
        "estimated. Add evidence to the registries for the owners that count most.",
        "select outcome, coalesce(sum(value) filter (where country = 'ZZ'), 0) / nullif(sum(value), 0) as "
        "unknown_share from data group by outcome",
        "unknown_share",
        high=MAX_UNKNOWN_SHARE,
    )
    yield suite.between(
        "incomplete_share_small",
        "warning",
        "More than half of an outcome's rows are incomplete: publication lag or breaks have swallowed its "
        "window. Shorten the window in the seed of outcomes, or add the missing files.",
        "select outcome, avg((not is_complete)::int) as incomplete_share from data group by outcome",
        "incomplete_share",
        high=0.5,
    )


def _not_negative(suite: Suite) -> Check:
    return suite.between(
        "values_not_negative",
        "error",
        "A value below zero: a falling counter became a negative flow. Mark the break in the outcome's "
        "intermediate model instead.",
        "select outcome, min(value) as least from data group by outcome",
        "least",
        low=0,
    )


def _without_holes(suite: Suite, period: Frequency) -> Check:
    # truncated outcomes know no zero: a period without any row is a quiet one
    return suite.zero(
        f"{period}s_without_holes",
        "warning" if period == "year" else "error",  # a venue may skip a year
        f"A {period} between the first and the last has no row of any country: a file is missing or a join "
        "dropped it, and leads and lags would shift. Add the file; a gap of the source belongs in the rows "
        "as is_complete = false.",
        f"select outcome, date_diff('{period}', min({period}), max({period})) + 1 - count(distinct {period}) "
        "as missing from data join dim_outcome using (outcome) where zero_rule in ('true_zero', "
        "'suppressed') group by outcome",
        "missing",
        uses=("dim_outcome",),
    )


def _common_jumps(suite: Suite, period: Frequency) -> Check:
    return suite.between(
        "common_jumps_rare",
        "warning",
        "All countries at once rise or fall by more than a factor of two, far beyond the outcome's usual "
        "change: a file in other units, a changed collector or keyword set. Mark the regime in the "
        "outcome's intermediate model.",
        f"""
        with steps as (
            select
                outcome,
                {period},
                country,
                ln(value / lag(value) over series) as step,
                least(value, lag(value) over series) as least,
                lag({period}) over series + interval 1 {period} = {period} as is_next
            from data
            where is_complete and country <> 'ZZ'
            window series as (partition by outcome, country, regime order by {period})
        ),
        common as (
            select outcome, {period}, median(step) as step, count(*) as countries
            from steps where is_next and least >= {LEAST_VALUE} group by all having count(*) >= 5
        ),
        usual as (
            select outcome, median(step) as centre, mad(step) as spread from common group by outcome
        )
        select
            outcome,
            {period},
            countries,
            exp(step) as factor,
            abs(step - centre) / greatest(1.4826 * spread, ln(2) / {JUMP_SCORE}) as score
        from common join usual using (outcome)
        """,
        "score",
        high=JUMP_SCORE,
    )


def _themes_within_total(suite: Suite) -> Check:
    return suite.zero(
        "themes_within_total",
        "error",
        "More documents of one theme than documents: a join repeats them. Count distinct documents in the "
        "policy model.",
        """
        with total as (
            select country, month, value as documents from data where outcome = 'policy_documents'
        )
        select outcome, max(value - coalesce(documents, 0)) as excess
        from data left join total using (country, month)
        where outcome like 'policy_documents_%' group by outcome
        """,
        "excess",
    )


def vintage(suite: Suite) -> Iterator[Check]:
    """Checks of ``fct_activity_country_vintage``."""
    yield from earned.versions(suite)
    yield suite.ordered(
        "vintage_after_period",
        "error",
        "A version speaks for a period that begins after it: version and period are swapped, or an estimate "
        "as of that day would see the future. Correct the intermediate model.",
        "select outcome, vintage, max(period) as period from data group by all",
        later="vintage",
        earlier="period",
    )


LARGER_THAN_WHOLE = """
        with cells as (  -- by the places of teams units move between countries: their sum is held
            select outcome, left_out, period, if(left_out = 'team_places', 'all', country) as place,
                sum(value) as value
            from data group by all
        ), whole as (
            select outcome, month as period, unnest([country, 'all']) as place, value
            from fct_activity_country_month
        ), totals as (select outcome, period, place, sum(value) as value from whole group by all)
        select outcome, left_out, max(cells.value - coalesce(totals.value, 0)) as excess
        from cells left join totals using (outcome, period, place) group by all
"""


def left_out(suite: Suite) -> Iterator[Check]:
    """Checks of ``fct_activity_left_out``, against the whole that it leaves units out of."""
    yield _not_negative(suite)
    yield suite.between(
        "no_more_than_the_whole",
        "error",
        "An outcome is larger without some of its units than with all of them, or has a cell that the whole "
        "lacks: the two count different things. Correct the outcome's intermediate model.",
        LARGER_THAN_WHOLE,
        "excess",
        high=ROUNDING,
        uses=("fct_activity_country_month",),
    )
    yield suite.zero(
        "periods_as_in_the_whole",
        "error",
        "A period of the whole has no row once units are left out, though absence is no zero there: a join "
        "dropped it, and leads and lags would shift. Correct the outcome's intermediate model.",
        """
        with whole as (
            select outcome, count(distinct month) as periods from fct_activity_country_month group by outcome
        )
        select outcome, left_out, any_value(periods) - count(distinct period) as lacking
        from data join whole using (outcome) join dim_outcome using (outcome)
        where zero_rule = 'true_zero' group by all
        """,
        "lacking",
        uses=("fct_activity_country_month", "dim_outcome"),
    )
    yield suite.between(
        "left_out_share_small",
        "warning",
        f"More than {MAX_LEFT_OUT_SHARE:.0%} of an outcome is left out: what remains is another outcome, and "
        "an effect without these units says little of the one with them. Look at what the names match.",
        """
        with whole as (
            select outcome, sum(value) as total from fct_activity_country_month group by outcome
        )
        select outcome, left_out, 1 - sum(value) / nullif(any_value(total), 0) as left_out_share
        from data join whole using (outcome)
        where left_out not in ('top_20_owners', 'top_100_owners') -- they are there to be much of it
        group by all
        """,
        "left_out_share",
        high=MAX_LEFT_OUT_SHARE,
        uses=("fct_activity_country_month",),
    )
