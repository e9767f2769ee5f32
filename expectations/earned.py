"""A zero is earned: where absence is written as zero, the source must have looked and found nothing.

A name that changed or a file that ends early looks like a fall to zero; these checks tell them apart by
what stands around the zero. Not here: which cells are filled (the intermediate models, and dbt's tests).
"""

from __future__ import annotations

from collections.abc import Iterator

from expectations.checks import Check, Suite

LARGE = 50  # a count of this size does not end from one period to the next


def zeros(suite: Suite, period: str) -> Iterator[Check]:
    """Checks of ``fct_activity_country_<period>``."""
    yield suite.between(
        "outcomes_have_values", "error",
        "Every cell of an outcome is zero: its category, field or label was renamed, and absence was "
        "written as none. Map the new name in the staging model.",
        "select outcome, count(*) as cells, sum(value) as total from data group by outcome",
        "total", low=1e-9,
    )  # fmt: skip
    yield suite.between(
        "zeros_are_earned", "error",
        f"A country that had {LARGE} or more before has a zero without a unit behind it: its rows "
        "are absent from the file, not from the world. Compare the file with the publisher's.",
        f"select outcome, country, {period}, before, value from (select *, lag(value) over (partition by "
        f"outcome, country order by {period}) as before from data where is_complete) where value = 0 and "
        "before > 0 and coalesce(n_units, 0) = 0",  # a repository that was seen and did nothing is no absence
        "before", high=LARGE,
    )  # fmt: skip
    yield suite.between(
        "china_has_values", "error",
        "China has nothing in an outcome in which others have much: its rows or its name are gone. Compare "
        "the file with the publisher's, or map the new name.",
        "select outcome, sum(value) filter (where country = 'CN') as china, sum(value) as total, china / "
        "total as share from data join dim_outcome using (outcome) where zero_rule = 'true_zero' group by "
        "outcome having total >= 200",
        "share", low=1e-6, uses=("dim_outcome",),
    )  # fmt: skip


def versions(suite: Suite) -> Iterator[Check]:
    """Checks of ``fct_activity_country_vintage``: shares of zero and totals against the version before."""
    frame = (
        "with sums as (select outcome, vintage, avg((value = 0)::int) as zero_share, sum(value) as total, "
        "sum(value) filter (where country = 'CN') as china from data group by all) select *, zero_share - "
        "lag(zero_share) over versions as more_zeros, total / lag(total) over versions as growth, china / "
        "lag(china) over versions as times, case when times > 1 then times / greatest(growth, 1) else times "
        "end as growth_of_china from sums window versions as (partition by outcome order by vintage)"
    )
    for name, column, low, high, what in (
        ("zero_shares_steady", "more_zeros", -0.05, 0.05, "another share of zeros"),
        ("versions_add_up", "growth", 0.85, 3.0, "far less or more in all"),
        ("china_adds_up", "growth_of_china", 0.85, 3.0, "less of China, or far more than of the whole"),
    ):
        yield suite.between(
            name, "error",
            f"A version of a source gives an outcome {what} than the version before: a label, a country or a "
            "unit changed. Compare the two files.",
            frame, column, low=low, high=high,
        )  # fmt: skip
