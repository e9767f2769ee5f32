"""``gate/accepted.json``: failed checks that a person let pass, with the reason.

A person may have written it, so that nothing in it is passed over. Not here: who may accept what
(``gate``), and what it means for a verdict.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from dlt_sources.documents import DocumentError, first_fault, strict_json
from orchestration.errors import UserError

ACCEPTED = "accepted.json"
Words = Annotated[str, Field(pattern=r"\S")]


class Acceptance(BaseModel):
    """One entry: the table and check as ``chokepoint check`` prints them, why, and who when (ISO 8601)."""

    model_config = ConfigDict(strict=True, extra="forbid")

    table: Words
    check: Words
    reason: Words
    by: str = ""
    at: str = ""


def acceptances(gate: Path) -> list[dict[str, str]]:
    """The entries of the folder's file; none where there is no file.

    Raises:
        UserError: it is no list of entries as ``chokepoint accept`` writes them.
    """
    where = f"gate: gate/{ACCEPTED}"
    remedy = "correct it, or move it away and accept again"
    try:
        content = strict_json((gate / ACCEPTED).read_bytes())
        entries = TypeAdapter(list[Acceptance]).validate_python(content)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except DocumentError as error:
        raise UserError(f"{where}: {error}; {remedy}") from None
    except ValidationError as error:
        raise UserError(f"{where}: {first_fault(error)}; {remedy}") from None
    return [entry.model_dump() for entry in entries]
