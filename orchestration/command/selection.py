"""``--select``: from what a person wrote to asset keys; a slip gets the nearest key.

Not here: what is stale among them (``run``).
"""

from __future__ import annotations

import re
import warnings

import dagster as dg

from orchestration.errors import UserError, did_you_mean
from orchestration.translators import FETCHED

SEE = "see the keys with `chokepoint list assets`"


def selected(selection: str, defs: dg.Definitions) -> set[dg.AssetKey]:
    """The assets that a key or Dagster's selection syntax names; what is fetched is none of a run's.

    Raises:
        UserError: no selection, or one that matches nothing.
    """
    graph = defs.resolve_asset_graph()
    try:
        with warnings.catch_warnings(action="ignore"):  # Dagster calls parts of its own syntax beta
            keys = dg.AssetSelection.from_string(_quoted(selection)).resolve(graph)
    except Exception as error:  # noqa: BLE001  (Dagster's parser raises many kinds)
        raise UserError(
            f"select: {selection!r}: {' '.join(str(error).split())[:200]}{_nearest(selection, graph)}; "
            f"expected an asset key such as results/estimates or Dagster's selection syntax; {SEE}"
        ) from None
    if not keys:
        raise UserError(f"select: {selection!r}: matches no asset{_nearest(selection, graph)}; {SEE}")
    if not (made := {key for key in keys if key.path[0] != FETCHED}):
        names = " ".join(sorted(key.path[-1] for key in keys))
        raise UserError(
            f"select: {selection!r}: a run makes what the archive holds; `chokepoint fetch {names}` fetches"
        )
    return made


def _quoted(selection: str) -> str:
    """A bare key is given to Dagster quoted, since a slash is no part of its syntax."""
    is_plain = all(c.isalnum() or c in "_/-*" for c in selection)
    return f'key:"{selection}"' if is_plain else selection


def _nearest(selection: str, graph: dg.AssetGraph) -> str:
    """The key, or group, that the first strange word comes near; a key's last part may stand for it."""
    keys = {key.to_user_string(): graph.get(key).group_name for key in graph.get_all_asset_keys()}
    last_parts = {key.rsplit("/", 1)[-1]: key for key in keys}
    for prefix, word in re.findall(r'(\w+:)?"?([\w/]{3,})', selection):
        if prefix == "group:":
            if near := did_you_mean(word, {str(group) for group in keys.values()} - {word}):
                return near
            continue
        if word in keys:
            continue
        if word in last_parts:
            near = f" (did you mean {last_parts[word]}?)"
        else:
            near = did_you_mean(word, keys) or did_you_mean(word, last_parts)
        if near:
            return re.sub(r"mean (.+)\?", lambda found: f"mean {last_parts.get(found[1], found[1])}?", near)
    return ""
