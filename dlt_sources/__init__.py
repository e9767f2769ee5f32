"""Raw sources: how each one's bytes are checked and read into typed tables.

One module a source, registered by one line here: its sample's writer is found under the same name.
Knows nothing of Dagster, dbt or pandas.
"""

from __future__ import annotations

from importlib import import_module

from dlt_sources.tables import Source

NAMES = (
    "acl_anthology_affiliations",
    "agora_fulltext",
    "agora_policy",
    "arxiv",
    "atom_tracked_models",
    "best_of_ml",
    "bmlist",
    "ccl_rules",
    "china_policy_documents",
    "china_policy_lists",
    "chinese_pretrained_models",
    "chip_trade",
    "commit_weeks",
    "conference_papers",
    "ecosystem_graphs",
    "epoch_models",
    "eto_country_activity",
    "federal_register_posts",
    "github_events",
    "github_ranking",
    "github_ranking_ai",
    "github_trending",
    "hf_model_trees",
    "hugging_face_hub",
    "innovation_graph",
    "institutions",
    "llm_leaderboards",
    "model_registry_dates",
    "neurips_affiliations",
    "nlp_arxiv_daily",
    "open_digger_labels",
    "open_llms",
    "openalex",
    "policy_timeline",
    "regulations_gov_bis",
    "repository_metadata",
    "us_patents",
    "uspto_patents",
)
SOURCES: tuple[Source, ...] = tuple(import_module(f"dlt_sources.{name}").SOURCE for name in NAMES)
