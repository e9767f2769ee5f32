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


class Extent(BaseModel):
    """How far a check fails: ``failing_rows``, and how far ``beyond`` its bounds the worst lies, in its
    unit. Null where a check has none, or nobody measured."""

    model_config = ConfigDict(strict=True, extra="forbid")

    failing_rows: int | None = None
    beyond: float | None = None

    def __str__(self) -> str:
        rows = "" if self.failing_rows is None else f"{self.failing_rows} failing rows"
        far = "" if self.beyond is None else f"{self.beyond:.3g} beyond"
        return ", ".join(filter(None, [rows, far])) or "of no extent"


class Acceptance(Extent):
    """One entry: the table and check as ``chokepoint check`` prints them, why, who when (ISO 8601), and
    how far it failed then."""

    table: Words
    check: Words
    reason: Words
    by: str = ""
    at: str = ""

    @property
    def extent(self) -> Extent:
        return Extent(failing_rows=self.failing_rows, beyond=self.beyond)


def acceptances(gate: Path) -> list[Acceptance]:
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
    return entries
