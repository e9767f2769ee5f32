"""Owners are joined to countries by the day of the row: nobody reads a seat of today for a day of before.

Not here: what the macro answers (unit tests beside the models), what the registry says (``test_registry``).
"""

from __future__ import annotations

import re
from pathlib import Path

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models"
TODAY = {"dim_organisation", "int_organisation_seats"}  # may say where an organisation is now
DATED = "int_organisation_seats|int_owner_countries|int_hub_owners|int_organisation_words"
PASSES_ON = {"int_owner_countries", "int_hub_owners", "int_organisation_words", "int_repositories"}
LOOK_UP = {"int_owner_country_opinions"}  # labels have no day


def texts() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in MODELS.rglob("*.sql")}


def test_the_registry_is_read_through_its_seats() -> None:
    assert {name for name, text in texts().items() if "ref('organisations')" in text} <= {
        *TODAY, "int_organisation_words",  # their spellings
    }  # fmt: skip


def test_who_reads_a_seat_reads_it_by_a_day() -> None:
    readers = {name for name, text in texts().items() if re.search(rf"ref\('({DATED})'\)", text)}
    undated = {name for name in readers if "country_on(" not in texts()[name]}
    assert undated <= PASSES_ON | LOOK_UP | TODAY
    assert len(readers - undated) > 8


def test_weeks_of_repositories_are_those_of_the_owner_of_the_week() -> None:
    readers = {name for name, text in texts().items() if "ref('int_repositories')" in text}
    undated = {name for name in readers if "country_on(" not in texts()[name]}
    assert {name for name in undated if reads_an_owner(texts()[name])} <= {"dim_repository"}
    assert len(undated) < len(readers)


def reads_an_owner(text: str) -> bool:
    """Whether a model takes a country of ``int_repositories``; others ask who a repository is, not whose."""
    parts = re.findall(r"(\w+) as \(\n(.*?)\n\)", text, flags=re.DOTALL)
    name, body = next((name, body) for name, body in parts if "ref('int_repositories')" in body)
    columns = r"\b(country|earlier)\b" if "select *" not in body else rf"\b{name}\.(country|earlier)\b"
    return re.search(columns, body if "select *" not in body else text) is not None
