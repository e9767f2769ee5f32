"""Checks peculiar to single facts, but for the activity panels (``activity``). What every mart gets
is in ``marts``."""

from __future__ import annotations

from collections.abc import Iterator

from expectations import anchors
from expectations.checks import Check, Suite


def repository_week(suite: Suite) -> Iterator[Check]:
    """Checks of ``fct_repository_week``."""
    yield suite.zero(
        "totals_cover_flows",
        "error",
        "More stars or forks gained in a week than there are in all at the next sight of the repository: a "
        "flow across a rename that joined two. Correct the chain in the seed of repository names.",
        """
        with seen as (
            select
                *,  -- a total is seen before its week ends
                greatest(stars_total, lead(stars_total) over weeks) as stars_then,
                greatest(forks_total, lead(forks_total) over weeks) as forks_then
            from data
            window weeks as (partition by repository_id, country, country_method order by week)
        )
        select repository_id, max(greatest(stars - stars_then, forks - forks_then)) as excess
        from seen group by repository_id
        """,
        "excess",
    )
    yield suite.between(
        "gains_plausible",
        "warning",
        "A repository that gained more than 150,000 stars in a week: two repositories under one id, or "
        "bought stars. Look at its names and mark the week incomplete if it is a join.",
        "select repository_id, max(stars) as most_stars from data group by repository_id",
        "most_stars",
        high=150_000,
    )
    yield suite.between(
        "incomplete_share_small",
        "warning",
        "More than 60 % of a source's repository-weeks of a year are incomplete: a gap in the archive or a "
        "break that swallowed the year. Estimates over it rest on few repositories; add the missing files.",
        "select source, year(week) as year, avg((not is_complete)::int) as incomplete_share from data group "
        "by all having count(distinct week) >= 26",
        "incomplete_share",
        high=0.6,
    )


def origin_share(suite: Suite) -> Iterator[Check]:
    """Checks of ``fct_origin_share``."""
    yield suite.between(
        "shares_near_innovation_graph",
        "warning",
        "By what actors state, a country with 5 % of all public pushes or more has under a tenth or over "
        "ten times its share of a quarter's events: the gazetteer misreads a place, or people of a place "
        "state none. Look at the profiles of that country before estimates by profile are read.",
        "select quarter, event, country, share / graph_share as times from data "
        "where graph_share >= 0.05 and all_events >= 1000",
        "times",
        low=0.1,
        high=10,
    )


def source_coverage(suite: Suite) -> Iterator[Check]:
    """Checks of ``fct_source_coverage``."""
    yield suite.zero(
        "months_without_holes",
        "error",
        "A source has no coverage row for a month between its first and last: months without data must say "
        "0, or a gap looks like a quiet time. Build the months from dim_month in its coverage model.",
        # a yearly source speaks in January only
        "select source, if(bool_and(month(month) = 1), date_diff('year', min(month), max(month)), "
        "date_diff('month', min(month), max(month))) + 1 - count(distinct month) as missing from data group "
        "by source",
        "missing",
    )
    yield suite.between(
        "share_is_observed_over_expected",
        "error",
        "A share that its own counts do not give: numerator and denominator were taken at different stages. "
        "Compute it in one place, the coverage model.",
        "select source, max(abs(share - least(1, observed / expected))) as difference from data where "
        "expected > 0 group by source",
        "difference",
        high=1e-9,
    )
    yield suite.between(
        "gaps_rare",
        "warning",
        "A source saw less than half of what it should in more than a tenth of its months. Files are "
        "missing from the archive; months with little coverage are incomplete in the facts.",
        "select source, avg((share < 0.5)::int) as share_of_poor_months from data group by source",
        "share_of_poor_months",
        high=0.1,
    )
    yield suite.between(
        "rejected_share_small",
        "warning",
        "More than 1 % of a source's observed rows of a month were refused by its parser. See the source's "
        "_rejected table for field and reason.",
        "select source, month, rejected / (rejected + observed) as rejected_share from data where rejected "
        ">= 10 and unit = 'documents'",
        "rejected_share",
        high=0.01,
    )


def model_release(suite: Suite) -> Iterator[Check]:
    """Checks of ``fct_model_release``."""
    yield from anchors.releases(suite)
    yield suite.ordered(
        "released_before_last_seen",
        "warning",
        "A model released after the version of the source that lists it: an announced date, or a wrong "
        "year. Compare with the source; keep it out of the panel if it was only announced.",
        "select model_id, released, source_version from data",
        later="source_version",
        earlier="released",
    )
    yield _in_bridge(
        suite,
        "every_release_has_a_country_row",
        "Releases without a row in bridge_model_release_country, not even ZZ: they vanish from every count. "
        "Correct the country split in the intermediate model.",
        "model_id",
        "bridge_model_release_country",
        "without_country",
    )


def model_derivative(suite: Suite) -> Iterator[Check]:
    """Checks of ``fct_model_derivative``."""
    yield suite.unknown("base_country", high=0.3)


def policy_document(suite: Suite) -> Iterator[Check]:
    """Checks of ``fct_policy_document``."""
    yield suite.ordered(
        "proposed_before_published",
        "warning",
        "A document published before it was proposed: the publisher's activity date is not the date of "
        "publication. See which date the model takes.",
        "select document_id, proposed, published from data",
        later="published",
        earlier="proposed",
    )
    yield _in_bridge(
        suite,
        "every_document_has_a_theme",
        "Documents without a theme, not even other: they are missing from every theme's count. Correct the "
        "theme rules.",
        "document_id",
        "bridge_policy_document_theme",
        "without_theme",
    )


def patent(suite: Suite) -> Iterator[Check]:
    """Checks of ``fct_patent``."""
    yield suite.ordered(
        "filed_before_published",
        "warning",
        "A patent document published before it was filed: a swapped or misread day. Look at the document.",
        "select document_id, filed, published from data",
        later="published",
        earlier="filed",
    )
    yield _in_bridge(
        suite,
        "every_patent_has_a_country_row",
        "Patent documents without a row in bridge_patent_country, not even ZZ: they vanish from every count. "
        "Correct the country split in the intermediate model.",
        "document_id",
        "bridge_patent_country",
        "without_country",
    )
    yield suite.between(
        "families_named_after_their_release",
        "warning",
        "More than 5 % of the documents that name a model family were published before its release: the "
        "classifier takes another word for the name. Read their snippets in the source's table mentions and "
        "give the rule a context (dlt_sources/names).",
        "with named as (select distinct document_id, family_id from bridge_patent_mention) "
        "select avg((data.published < first_release)::int) as share_too_early from named join data using "
        "(document_id) join dim_model_family using (family_id) where first_release is not null and "
        "data.published is not null having count(*) >= 20",
        "share_too_early",
        high=0.05,
        uses=("bridge_patent_mention", "dim_model_family"),
    )


def _in_bridge(suite: Suite, name: str, description: str, key: str, bridge: str, without: str) -> Check:
    return suite.zero(
        name,
        "error",
        description,
        f"select source, count(*) filter (where {key} not in (select {key} from {bridge})) as {without} from "
        "data group by source",
        without,
        uses=(bridge,),
    )


def paper(suite: Suite) -> Iterator[Check]:
    """Checks of ``fct_paper``."""
    yield from anchors.papers(suite)
    yield suite.between(
        "venue_papers_have_countries",
        "warning",
        "More than 60 % of a venue's papers of all years have no country: its file lists no affiliations. "
        "Country counts of that venue stand on the rest; leave it out of comparisons.",
        """
        with known as (select distinct paper_id from bridge_paper_country where country <> 'ZZ')
        select venue, count(*) as papers, avg((known.paper_id is null)::int) as unknown_share
        from data left join known using (paper_id) where date_kind = 'venue' group by venue
        """,
        "unknown_share",
        high=0.6,
        uses=("bridge_paper_country",),
    )
    yield suite.between(
        "some_papers_are_mentions",
        "warning",
        "Not one title mentions a model family: the patterns or the titles are not what they were. Look at "
        "the seed of mention patterns.",
        "select count(*) filter (where paper_id in (select paper_id from bridge_paper_mention)) as "
        "mentioning from data where date_kind = 'submitted' having count(*) >= 1000",
        "mentioning",
        low=1,
        uses=("bridge_paper_mention",),
    )
