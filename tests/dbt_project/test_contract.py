"""The marts are what other people's programs read: keys and columns of contract version 1.

A column may be added; renaming or dropping one is a new major version, and breaks this test.
"""

from __future__ import annotations

import pytest

from orchestration.warehouse import manifest, mart_keys, models

ACTIVITY = "value n_units coverage is_complete regime source"
CONTRACT = {
    "dim_country": ("country", "name region is_treated is_default_donor holiday_calendar"),
    "dim_month": (
        "month",
        "quarter year cn_holiday_days us_holiday_days is_dst_us is_dst_eu has_golden_week",
    ),
    "dim_outcome": (
        "outcome",
        "title description unit frequency grain family estimator country_role zero_rule window_start "
        "window_end claim licence publishable is_primary",
    ),
    "bridge_outcome_source": ("outcome source", ""),
    "dim_event": (
        "event_id",
        "title instrument actor_country target_country direction announced published effective "
        "compliance_deadline date_precision citation url is_shock summary is_verified",
    ),
    "bridge_event_scope": ("event_id scope", ""),
    "dim_confounder": ("confounder_id", "title kind start_date end_date summary citation"),
    "bridge_confounder_affects": ("confounder_id what value", ""),
    "bridge_confounder_occurrence": ("confounder_id start_date end_date", ""),
    "dim_organisation": ("organisation_id", "name country kind country_statement evidence source"),
    "bridge_organisation_name": ("organisation_id service name", ""),
    "dim_model_family": (
        "family_id",
        "title organisation_id country first_release date_source is_ambiguous context_rule",
    ),
    "bridge_model_family_pattern": ("family_id pattern", ""),
    "dim_repository": (
        "repository_id",
        "name owner_login country country_method category is_language_model first_observed source",
    ),
    "bridge_repository_name": ("repository_id name first_seen last_seen", ""),
    "fct_activity_country_month": ("country month outcome", ACTIVITY),
    "fct_activity_country_quarter": ("country quarter outcome", ACTIVITY),
    "fct_activity_country_year": ("country year outcome", ACTIVITY),
    "fct_activity_country_vintage": ("country period frequency outcome vintage", "value source"),
    "fct_activity_left_out": (
        "country period frequency outcome left_out",
        "value n_units is_complete regime source",
    ),
    "fct_activity_repository_week": (
        "repository_id country country_method week outcome",
        "value is_complete regime source first_week kind",
    ),
    "fct_repository_week": (
        "repository_id country country_method week",
        "stars forks commits stars_total forks_total days_observed is_complete regime source",
    ),
    "fct_repository_hour": (
        "repository_id week hour_of_week event",
        "events actors is_complete regime source",
    ),
    "fct_actor_hour": ("actor country year hour_of_day event", "events"),
    "fct_origin_confusion": ("year event method method_country profile_country", "events actors"),
    "fct_origin_share": ("quarter country event", "events all_events share graph_share"),
    "fct_model_release": (
        "model_id",
        "name organisation_id released date_precision is_open_weights parameters training_compute_flop "
        "base_family_id source source_version first_seen_version",
    ),
    "bridge_model_release_country": ("model_id country", ""),
    "fct_model_derivative": (
        "derivative_id",
        "created hub_model base_model base_family_id base_country relation source",
    ),
    "fct_policy_share": (
        "comparison country frequency period theme",
        "collection documents with_theme share is_complete source",
    ),
    "fct_release_recall": ("list country quarter", "listed in_epoch share_in_epoch"),
    "fct_paper": (
        "paper_id",
        "title date date_kind date_precision venue is_company_linked is_efficiency source",
    ),
    "bridge_paper_country": ("paper_id country", ""),
    "bridge_paper_company_country": ("paper_id country", ""),
    "bridge_paper_mention": ("paper_id family_id", ""),
    "fct_patent": ("document_id", "kind filed filed_precision published is_ai source"),
    "fct_patent_family_age": (
        "family_id kind age_years",
        "country documents naming_documents share reference_share visible_share verdict",
    ),
    "bridge_patent_country": ("document_id country", ""),
    "bridge_patent_mention": ("document_id family_id place", ""),
    "fct_policy_document": (
        "document_id",
        "title jurisdiction issuer published proposed mentions_open_source language url source",
    ),
    "bridge_policy_document_theme": ("document_id theme", ""),
    "bridge_policy_document_mention": ("document_id family_id place", ""),
    "fct_source_coverage": ("source month", "expected observed rejected share unit regime note"),
}
PLAIN = {"varchar", "bigint", "integer", "double", "boolean", "date"}


@pytest.fixture(scope="module")
def marts() -> dict[str, dict[str, str]]:
    return {
        node["name"]: {name: column["data_type"] for name, column in node["columns"].items()}
        for node in models(manifest(), "marts")
    }


@pytest.mark.parametrize("mart", CONTRACT)
def test_key_and_columns(mart: str, marts: dict[str, dict[str, str]]) -> None:
    key, columns = (part.split() for part in CONTRACT[mart])
    assert mart in marts
    assert list(marts[mart])[: len(key)] == key or set(key) <= set(marts[mart])
    assert not [column for column in (*key, *columns) if column not in marts[mart]]
    assert sorted(mart_keys(manifest())[mart]) == sorted(key)


def test_plain_tables_only(marts: dict[str, dict[str, str]]) -> None:
    odd = {
        f"{mart}.{column}": kind
        for mart, columns in marts.items()
        for column, kind in columns.items()
        if kind.lower() not in PLAIN
    }
    assert not odd


def test_bridges_are_all_key(marts: dict[str, dict[str, str]]) -> None:
    for mart, columns in marts.items():
        if mart.startswith("bridge_"):
            assert len(columns) == len(CONTRACT[mart][0].split()), mart
