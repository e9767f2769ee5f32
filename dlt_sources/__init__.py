"""Raw sources: how each one's bytes are checked and read into typed tables.

One module a source, registered by one line here. Knows nothing of Dagster, dbt or pandas.
"""

from __future__ import annotations

from dlt_sources import (
    agora_policy,
    china_policy_lists,
    conference_papers,
    epoch_models,
    eto_country_activity,
    github_ranking,
    github_trending,
    innovation_graph,
    llm_leaderboards,
    nlp_arxiv_daily,
    policy_timeline,
    regulations_gov_bis,
)
from dlt_sources.tables import Source

SOURCES: tuple[Source, ...] = (
    agora_policy.SOURCE,
    china_policy_lists.SOURCE,
    conference_papers.SOURCE,
    epoch_models.SOURCE,
    eto_country_activity.SOURCE,
    github_ranking.SOURCE,
    github_trending.SOURCE,
    innovation_graph.SOURCE,
    llm_leaderboards.SOURCE,
    nlp_arxiv_daily.SOURCE,
    policy_timeline.SOURCE,
    regulations_gov_bis.SOURCE,
)
