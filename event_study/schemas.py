"""The result tables' schemas and sort keys; frames become Arrow tables without NaN or infinity.

What a table and each of its columns mean (``tables.yml``) goes with them as Arrow's metadata, under
``description``. Not here: where tables are written.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import yaml

_TEXT, _FLOAT, _INT, _DAY = pa.string(), pa.float64(), pa.int64(), pa.date32()

SCHEMAS: dict[str, pa.Schema] = {
    "identification": pa.schema(
        [
            ("outcome", _TEXT),
            ("event_set", _TEXT),
            ("contrast", _TEXT),
            ("frequency", _TEXT),
            ("pre_periods", _INT),
            ("post_periods", _INT),
            ("donors_carrying", _INT),
            ("rank", _INT),
            ("columns", _INT),
            ("share_unknown_country", _FLOAT),
            ("share_complete", _FLOAT),
            ("inference", _TEXT),
            ("placebo_windows", _INT),
            ("disjoint_windows", _INT),
            ("status", _TEXT),
            ("reason", _TEXT),
            ("needs", _TEXT),
            ("specs_sha256", _TEXT),
        ]
    ),
    "estimates": pa.schema(
        [
            ("estimate_id", _TEXT),
            ("spec_id", _TEXT),
            ("family", _TEXT),
            ("contrast", _TEXT),
            ("outcome", _TEXT),
            ("event_set", _TEXT),
            ("term", _TEXT),
            ("trend", _TEXT),
            ("treated", _TEXT),
            ("donors", _INT),
            ("estimator", _TEXT),
            ("inference", _TEXT),
            ("estimate", _FLOAT),
            ("std_error", _FLOAT),
            ("ci_low", _FLOAT),
            ("ci_high", _FLOAT),
            ("bound_low", _FLOAT),
            ("bound_high", _FLOAT),
            ("worst_low", _FLOAT),
            ("worst_high", _FLOAT),
            ("breakdown", _FLOAT),
            ("p_value", _FLOAT),
            ("p_floor", _FLOAT),
            ("placebo_windows", _INT),
            ("disjoint_windows", _INT),
            ("percent_effect", _FLOAT),
            ("base_mean", _FLOAT),
            ("n_obs", _INT),
            ("n_units", _INT),
            ("n_periods", _INT),
            ("window_start", _DAY),
            ("window_end", _DAY),
            ("share_complete", _FLOAT),
            ("share_unknown_country", _FLOAT),
            ("status", _TEXT),
            ("reason", _TEXT),
            ("warnings", _TEXT),
            ("side", _INT),
            ("inputs_sha256", _TEXT),
            ("spec_sha256", _TEXT),
            ("planted", _FLOAT),
            ("origin", _TEXT),
        ]
    ),
    "diagnostics": pa.schema(
        [
            ("estimate_id", _TEXT),
            ("diagnostic", _TEXT),
            ("value", _FLOAT),
            ("p_value", _FLOAT),
            ("note", _TEXT),
        ]
    ),
    "placebos": pa.schema(
        [("estimate_id", _TEXT), ("placebo", _TEXT), ("statistic", _FLOAT), ("rank", _INT)]
    ),
}
CURVE_CHOICES = ("estimator", "trend", "donors", "sample", "timing")
SCHEMAS["specification_curve"] = pa.schema(
    [("outcome", _TEXT), ("event_set", _TEXT), ("spec_hash", _TEXT)]
    + [(f"choice_{choice}", _TEXT) for choice in CURVE_CHOICES]
    + [(number, _FLOAT) for number in ("estimate", "ci_low", "ci_high", "p_value", "p_floor", "joint_p")]
    + [("donors", _INT), ("status", _TEXT), ("reason", _TEXT)]
)
_CLOCK_NUMBERS = (
    "published", "early_share", "ratio", "ratio_low", "ratio_high", "focal_of_early", "other_of_late",
    "needed_early", "focal_alone", "two_place_ratio", "focal_excess", "focal_multiple", "unlisted_share",
)  # fmt: skip
SCHEMAS["clock"] = pa.schema(
    [
        ("day", _DAY),
        ("cut", _INT),
        ("scenario", _TEXT),
        ("focal", _TEXT),
        ("other", _TEXT),
        ("assumption", _TEXT),
    ]
    + [(number, _FLOAT) for number in _CLOCK_NUMBERS]
    + [("reachable", pa.bool_())]
)
SCHEMAS["clock_worlds"] = pa.schema(
    [("world", _TEXT), ("method", _TEXT), ("cut_off", _INT), ("quantity", _TEXT)]
    + [(number, _FLOAT) for number in ("estimate", "ci_low", "ci_high", "p_value", "truth")]
    + [("sentence", _TEXT), ("label", _TEXT), ("seed", _INT)]
)
SCHEMAS["claims"] = pa.schema(
    [("claim", _INT), ("quantity", _TEXT), ("kind", _TEXT), ("title", _TEXT), ("quantity_title", _TEXT)]
    + [("claimed", _TEXT), ("published_estimate", _FLOAT), ("published_unit", _TEXT)]
    + [("published_definition", _TEXT), ("published_source", _TEXT), ("published_confidence", _TEXT)]
    + [(f"ours_their_method{part}", _FLOAT) for part in ("", "_low", "_high")]
    + [("their_method_unit", _TEXT), ("their_method_estimate_id", _TEXT)]
    + [(f"ours_corrected{part}", _FLOAT) for part in ("", "_low", "_high")]
    + [("unit", _TEXT), ("trend", _TEXT), ("estimate_id", _TEXT)]
    + [(name, _FLOAT) for name in ("minimum_detectable_effect", "smallest_interesting_effect")]
    + [(name, _FLOAT) for name in ("base_mean", "percent_effect")]
    + [("n_specifications", _INT), ("verdict", _TEXT), ("why", _TEXT)]
)
SCHEMAS["revisions"] = pa.schema(
    [("estimate_id", _TEXT), ("vintage", _DAY)]
    + [(name, _TEXT) for name in ("outcome", "event_set", "contrast", "trend", "inference")]
    + [(name, _FLOAT) for name in ("estimate", "ci_low", "ci_high", "p_value")]
    + [(name, _FLOAT) for name in ("change", "change_revised_cells", "change_added_periods")]
    + [("change_added_events", _FLOAT), ("periods_added", _INT), ("cells_revised", _INT)]
    + [("unsettled_periods", _INT), ("estimate_all_periods", _FLOAT)]
    + [(name, _INT) for name in ("events_seen", "donors", "n_periods")]
    + [("window_end", _DAY), ("status", _TEXT), ("reason", _TEXT), ("warnings", _TEXT)]
)
SCHEMAS["glossary"] = pa.schema(
    [
        (name, _INT if name == "order" else _TEXT)
        for name in ("kind", "name", "title", "short", "group", "order", "sentence")
    ]
)


def _described(name: str, schema: pa.Schema) -> pa.Schema:
    """The schema with what the table and its columns mean. A column without a sentence is a ``KeyError``."""
    table = _MEANINGS["tables"][name]
    sentences = _MEANINGS["columns"] | table["columns"]
    fields = [field.with_metadata({"description": sentences[field.name]}) for field in schema]
    return pa.schema(fields, metadata={"description": table["description"]})


_MEANINGS = yaml.safe_load(Path(__file__).with_name("tables.yml").read_text())
SCHEMAS |= {name: _described(name, schema) for name, schema in SCHEMAS.items()}
KEYS: dict[str, tuple[str, ...]] = {
    "identification": ("outcome", "event_set", "contrast"),
    "estimates": ("estimate_id",),
    "diagnostics": ("estimate_id", "diagnostic"),
    "placebos": ("estimate_id", "placebo"),
    "claims": ("claim", "quantity"),
    "revisions": ("estimate_id", "vintage"),
    "clock": ("day", "cut", "scenario"),
    "clock_worlds": ("world", "method", "cut_off", "quantity"),
    "specification_curve": ("outcome", "event_set", "spec_hash"),
    "glossary": ("kind", "name"),
}


def frame(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows as a frame of the table's columns, sorted by its key."""
    table = pd.DataFrame(rows, columns=list(SCHEMAS[name].names), dtype=object)
    return table.sort_values(list(KEYS[name]), kind="stable", ignore_index=True)


def joined(name: str, *frames: pd.DataFrame) -> pd.DataFrame:
    """Frames of one table as one, sorted by its key."""
    whole = pd.concat([one.astype(object) for one in frames if len(one)] or frames[:1], ignore_index=True)
    return whole.sort_values(list(KEYS[name]), kind="stable", ignore_index=True)


def to_arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    """``frame`` as the table ``name``: columns in order, sorted by key, no NaN, no infinity."""
    schema = SCHEMAS[name]
    if frame.empty:
        return schema.empty_table()
    ordered = frame.sort_values(list(KEYS[name]), kind="stable")
    columns = []
    for field in schema:
        values = ordered[field.name]
        if pa.types.is_floating(field.type):
            numbers = values.to_numpy(dtype=float, na_value=np.nan)
            columns.append(pa.array(numbers, field.type, mask=~np.isfinite(numbers)))
        else:
            columns.append(pa.array([None if pd.isna(v) else v for v in values], field.type))
    return pa.Table.from_arrays(columns, schema=schema)
