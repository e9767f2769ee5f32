"""LLM leaderboards: who uploaded a model built on which base, as the boards said on a day.

Publisher: github.com/fboulnois/llm-leaderboard-csv (MPL-2.0), from the Hugging Face Open LLM
Leaderboard (versions 1 and 2) and LMArena, whose data licence is not stated. A version lies in
``<board>/<day>/<board>.csv``. Version 2 changed every header name in December 2024, and three flags
mean the opposite of their header: ``features_is_not_available_on_hub`` is true for models that are
there, ``merged`` of version 1 for models that are not merges; ``flagged`` of the first generation is
not loaded for the same reason. Run alone: ``python -m dlt_sources llm_leaderboards DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from dlt_sources.archive import Snapshot, iter_read
from dlt_sources.tables import Reader, Rejects, Source, Table, csv_strings, stamped

V2_FIRST_HEADERS = {
    "fullname": "fullname",
    "base_model": "base_model",
    "type": "model_type",
    "architecture": "model_architecture",
    "weight_type": "weight_type",
    "precision": "precision",
    "available_on_the_hub": "is_available_on_hub",
    "hub_license": "hub_license",
    "hub_hearts": "hub_hearts",
    "params_b": "params_billions",
    "upload_to_hub_date": "upload_date",
    "submission_date": "submission_date",
    "features_is_merged": "is_merged",  # the first generation has its opposite, see not_merged
    "not_merged": "is_not_merged",
    "features_is_official_provider": "is_official_provider",
}
V2_SECOND_HEADERS = {
    "model_name": "fullname",
    "metadata_base_model": "base_model",
    "model_type": "model_type",
    "model_architecture": "model_architecture",
    "model_weight_type": "weight_type",
    "model_precision": "precision",
    "features_is_not_available_on_hub": "is_available_on_hub",
    "metadata_hub_license": "hub_license",
    "metadata_hub_hearts": "hub_hearts",
    "metadata_params_billions": "params_billions",
    "metadata_upload_date": "upload_date",
    "metadata_submission_date": "submission_date",
    "features_is_merged": "is_merged",
    "not_merged": "is_not_merged",
    "features_is_official_provider": "is_official_provider",
}
V2_OPTIONAL = ("base_model", "features_is_merged", "not_merged", "features_is_official_provider")
V1_HEADERS = {
    "fullname": "fullname",
    "type": "model_type",
    "weight_type": "weight_type",
    "precision": "precision",
    "merged": "is_not_merged",
    "hub_license": "hub_license",
    "hub_hearts": "hub_hearts",
    "params_b": "params_billions",
    "date": "submitted",
}
ARENA_HEADERS = {
    "rank": "rank",
    "model": "model",
    "arena_score": "arena_score",
    "votes": "votes",
    "organization": "organization",
    "license": "license",
}

_VERSION = pa.field("version", pa.date32(), nullable=False)
_MODEL = [
    pa.field("fullname", pa.string(), nullable=False),
    pa.field("model_type", pa.string()),
    pa.field("weight_type", pa.string()),
    pa.field("precision", pa.string()),
    pa.field("is_not_merged", pa.bool_()),
    pa.field("hub_license", pa.string()),
    pa.field("hub_hearts", pa.int64()),
    pa.field("params_billions", pa.float64()),
]
V2_COLUMNS = pa.schema(
    [
        _VERSION,
        *_MODEL,
        pa.field("model_architecture", pa.string()),
        pa.field("base_model", pa.string()),
        pa.field("is_available_on_hub", pa.bool_()),
        pa.field("is_merged", pa.bool_()),
        pa.field("is_official_provider", pa.bool_()),
        pa.field("upload_date", pa.date32()),
        pa.field("submission_date", pa.date32()),
    ]
)
V1_COLUMNS = pa.schema([_VERSION, *_MODEL, pa.field("submitted", pa.timestamp("us", "UTC"))])
ARENA_COLUMNS = pa.schema(
    [
        _VERSION,
        pa.field("board", pa.string(), nullable=False),
        pa.field("rank", pa.int64(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
        pa.field("arena_score", pa.float64(), nullable=False),
        pa.field("votes", pa.int64()),
        pa.field("organization", pa.string()),
        pa.field("license", pa.string()),
    ]
)


def _v2_headers(data: bytes) -> Mapping[str, str]:
    first_line = data.split(b"\n", 1)[0]
    return V2_SECOND_HEADERS if b"model_name" in first_line else V2_FIRST_HEADERS


def _reader(table: str, *globs: str) -> Reader:
    def read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
        for file, data in iter_read(snapshot, *globs):
            board, version, _ = file.path.split("/")
            headers = {
                "huggingface_v2": _v2_headers(data),
                "huggingface_v1": V1_HEADERS,
                "lmarena": ARENA_HEADERS,
            }[table]
            rows = csv_strings(data, file, headers, rejects, table, V2_OPTIONAL)
            yield stamped(rows, version=version, board=board)

    return read


def _table(name: str, columns: pa.Schema, description: str, *globs: str) -> Table:
    return Table(name, columns, globs, _reader(name, *globs), description)


SOURCE = Source(
    name="llm_leaderboards",
    title="LLM leaderboards",
    tables=(
        _table(
            "huggingface_v2",
            V2_COLUMNS,
            "Open LLM Leaderboard 2: one row per version, model and precision",
            "huggingface_v2/*/huggingface_v2.csv",
        ),
        _table(
            "huggingface_v1",
            V1_COLUMNS,
            "Open LLM Leaderboard 1: one row per version, model and precision; no upload date",
            "huggingface_v1/*/huggingface_v1.csv",
        ),
        _table(
            "lmarena",
            ARENA_COLUMNS,
            "LMArena text ranking: one row per board, version, rank and model",
            "lmsys/*/lmsys.csv",
            "lmarena_text/*/lmarena_text.csv",
        ),
    ),
    cadence="0 7 1 * *",
)
