"""Checks of the sources that list models: is the maker still told, and each version whole?

What every raw table gets is in ``raw``.
"""

from __future__ import annotations

from collections.abc import Iterator

from expectations.checks import Check, Suite


def makers(suite: Suite, accounts: tuple[str, ...]) -> Iterator[Check]:
    """A list whose makers are told by the accounts that its rows link."""
    yield suite.between(
        "accounts_linked",
        "warning",
        "More than a tenth of a list's models link no account of their maker, so that no country can be "
        "found: the publisher's links have another form. Look at the newest rows; teach the source's module.",
        f"select avg((coalesce({', '.join(accounts)}) is not null)::int) as linked_share from data",
        "linked_share",
        low=0.9,
    )


def listed_projects(suite: Suite) -> Iterator[Check]:
    """First days of model ids by project."""
    yield suite.zero(
        "counted_project_present",
        "error",
        "LLaMA-Factory, whose ids alone are counted, has none: the project was renamed or its file changed. "
        "Look at the derivation; correct the name in the outcome's intermediate model.",
        # an archive without the source has no rows at all, and that is no fault of it
        "select (count(*) > 0 and count(*) filter (where registry = 'hiyouga/LLaMA-Factory') = 0)::int "
        "as missing from data",
        "missing",
    )


def trees(suite: Suite) -> Iterator[Check]:
    """Fine-tunes by tree."""
    yield suite.between(
        "one_base_a_tree",
        "error",
        "A tree without its base, or with two: its models would be of no country, or counted twice. Fetch "
        "the tree again.",
        "select tree, count(*) filter (where depth = 0) as bases from data group by tree",
        "bases",
        low=1,
        high=1,
    )


def tracked(suite: Suite) -> Iterator[Check]:
    """Versions of two lists that change on days of their own."""
    yield suite.between(
        "lists_do_not_shrink",
        "warning",
        "A version of a list with fewer rows than 95 % of the one before: the publisher dropped models, or "
        "the download was cut. Compare both files before the stock is read.",
        "with sizes as (select list, version, count(*) as row_count from data group by all) select *, "
        "row_count / lag(row_count) over (partition by list order by version) as growth from sizes",
        "growth",
        low=0.95,
    )
