"""The curated list of hours in which GitHub's public event files are not what they seem (``breaks.yml``)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from dlt_sources.github_hours.definition import HOUR

LIST = Path(__file__).with_name("breaks.yml")
BREAKS = pa.schema(
    [
        pa.field("starts_at", HOUR, nullable=False),
        pa.field("ends_at", HOUR),
        pa.field("event", pa.string()),
        pa.field("note", pa.string(), nullable=False),
    ]
)


def _in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class _Break(BaseModel):
    model_config = ConfigDict(extra="forbid")

    starts_at: Moment = Field(alias="from")
    ends_at: Moment | None = Field(None, alias="until")
    event: tuple[str, ...] = ()
    note: str


@cache
def breaks() -> pa.Table:
    """One row per break and type of event (GitHub's name) that it is one of; null means all types.

    ``ends_at`` is not included and null where the break goes on.
    """
    listed = TypeAdapter(list[_Break]).validate_python(yaml.safe_load(LIST.read_text(encoding="utf-8")))
    return pa.Table.from_pylist(
        [
            {"starts_at": one.starts_at, "ends_at": one.ends_at, "event": event, "note": one.note}
            for one in listed
            for event in one.event or (None,)
        ],
        BREAKS,
    )
