"""Checks peculiar to single dimensions: what the design needs from the calendar, the timeline and
the registries. What every mart gets is in ``marts``."""

from __future__ import annotations

from collections.abc import Iterator

from expectations.checks import Check, Suite

DONORS = 19  # fewer donors and no outcome can be identified (contract, section 5)


def country(suite: Suite) -> Iterator[Check]:
    """Checks of ``dim_country``."""
    yield suite.between(
        "donors_enough",
        "error",
        f"Fewer than {DONORS} default donors: randomisation inference has no p-value below 0.05. Restore the "
        "seed of countries.",
        "select count(*) filter (where is_default_donor) as donors from data",
        "donors",
        low=DONORS,
    )


def event(suite: Suite) -> Iterator[Check]:
    """Checks of ``dim_event``."""
    yield suite.ordered(
        "announced_before_published",
        "warning",
        "An event published before it was announced: two dates swapped. Compare with the citation.",
        "select event_id, announced, published from data",
        later="published",
        earlier="announced",
    )
    yield suite.ordered(
        "effective_before_deadline",
        "warning",
        "An event whose compliance deadline lies before it takes effect: two dates swapped. Compare with "
        "the citation.",
        "select event_id, effective, compliance_deadline from data",
        later="compliance_deadline",
        earlier="effective",
    )
    yield suite.zero(
        "shocks_dated",
        "error",
        "A shock without the date it was announced: no period can be called after it. Add the date.",
        "select event_id, (announced is null)::int as undated from data where is_shock",
        "undated",
    )


def month(suite: Suite) -> Iterator[Check]:
    """Checks of ``dim_month``."""
    yield suite.zero(
        "months_without_holes",
        "error",
        "A month is missing from the calendar: every panel built from it would have a hole. Rebuild it from "
        "its range.",
        "select date_diff('month', min(month), max(month)) + 1 - count(distinct month) as missing from data",
        "missing",
    )


def organisation(suite: Suite) -> Iterator[Check]:
    """Checks of ``dim_organisation``."""
    yield suite.unknown("country", high=0.4)


def outcome(suite: Suite) -> Iterator[Check]:
    """Checks of ``dim_outcome``."""
    yield suite.ordered(
        "windows_ordered",
        "error",
        "A window that ends before it starts leaves nothing to estimate. Correct the seed of outcomes.",
        "select outcome, window_start, window_end from data",
        later="window_end",
        earlier="window_start",
    )


def repository(suite: Suite) -> Iterator[Check]:
    """Checks of ``dim_repository``."""
    yield suite.unknown("country", high=0.5)
    yield suite.count(
        "china_has_machine_learning_before_2022",
        "warning",
        "Hardly any Chinese repository of machine learning was seen before 2022: nothing can be compared "
        "before and after the first shock. Add evidence to the registry of repositories.",
        "select count(*) filter (where country = 'CN' and first_observed < date '2022-01-01') as row_count "
        "from data",
        low=10,
    )
