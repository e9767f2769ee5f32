"""Hugging Face Hub: a walk through all models, newest first, summed up by month of creation as one snapshot.

Downloads and likes are what they are on the day, and deleted models are gone, so that only snapshots of one's
own make a series. What is kept are sums: of all models of a month (the platform, as a guard), of those that
declare a base model, of those that declare one of a maker, by relation, and of the maker's own. A maker is an
account with many declared derivatives; no other account's name, and no model's, is kept. The list has no
total: it is whole where it reaches the first day asked for, or the Hub's own fill value for everything older.
Source: the Hub's documentation of rate limits and its client's of the list.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError
from dlt_sources.fetch.parts import Records, gathered
from dlt_sources.fetch.service import Bounds, DaySpan, FetchCost, Part, Service, ServiceKey
from dlt_sources.fetch.waits import rate_limit, retry_after

HOST = "huggingface.co"
MODELS = f"https://{HOST}/api/models"
PER_PAGE = 1000
EXPANDED = ("createdAt", "downloads", "downloadsAllTime", "baseModels")
FILLED = "2022-03-02T23:29:04"  # what everything older was given as its second of creation
_SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
LEAST_DERIVATIVES = 50  # of an account whose name is kept
GROWTH = Bounds(0.8, 2.0)
PAGES, PAGE_BYTES = 55, 250_000  # of a month, on average to 2026


@dataclass(slots=True)  # there are a million of them
class Sums:
    """Of a group of models: how many, of how many downloads are known, and these."""

    models: int = 0
    counted: int = 0
    downloads: int = 0
    downloads_all_time: int = 0

    def add(self, model: Mapping[str, Any]) -> None:
        recent, ever = model.get("downloads"), model.get("downloadsAllTime")
        self.models += 1
        if isinstance(recent, int) and isinstance(ever, int):
            self.counted += 1
            self.downloads += recent
            self.downloads_all_time += ever


Group = tuple[str, str, str, str | None]
"""kind, owner, relation, month of creation."""


@dataclass
class Walk:
    """What the pages so far add up to; each model once, whatever page it stands on."""

    seen: set[str] = field(default_factory=set)
    sums: dict[Group, Sums] = field(default_factory=lambda: defaultdict(Sums))
    derivatives: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    oldest: str = "9999"

    def add(self, model: Mapping[str, Any], first_month: str) -> None:
        created = _created(model)
        self.oldest = min(self.oldest, created)
        month = None if created.startswith(FILLED) else created[:7]
        number = str(model["_id"])
        if number in self.seen or (month is not None and month < first_month):
            return
        self.seen.add(number)
        base = model.get("baseModels") or {}
        makers = {_owner(parent["id"]) for parent in base.get("models") or [] if parent.get("id")}
        groups: list[Group] = [("all", "", "", month), ("own", _owner(model["id"]), "", month)]
        if makers:
            groups.append(("declared", "", "", month))
        groups += [("derived", maker, str(base.get("relation") or "unknown"), month) for maker in makers]
        for group in groups:
            self.sums[group].add(model)
        for maker in makers:
            self.derivatives[maker] += 1

    def records(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """One record a group; makers with few derivatives stand together without a name."""
        together: dict[Group, Sums] = defaultdict(Sums)
        for (kind, owner, relation, month), sums in self.sums.items():
            is_maker = self.derivatives.get(owner, 0) >= LEAST_DERIVATIVES
            if kind == "own" and not is_maker:
                continue
            named = owner if is_maker or not owner else "(others)"
            into = together[kind, named, relation, month]
            for name, value in asdict(sums).items():
                setattr(into, name, getattr(into, name) + value)
        for (kind, owner, relation, month), sums in together.items():
            held = {
                "kind": kind,
                "owner": owner or None,
                "relation": relation or None,
                "created_month": month,
            }
            yield f"{kind} {owner} {relation} {month}", held | asdict(sums)


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    today = datetime.fromtimestamp(session.clock.now(), UTC).date()
    if today not in span:  # the Hub shows no other day
        return
    yield gathered(
        f"snapshots/{today}/cohorts.jsonl.gz",
        _walked(f"{span.since:%Y-%m}"),
        url=MODELS,
        observed=today,
        version=str(today),
        bounds=GROWTH,
    )


def _walked(first_month: str) -> Records:
    def records(session: ServiceSession) -> Iterator[tuple[str, Mapping[str, Any]]]:
        walk = Walk()
        asked: Any = {"limit": PER_PAGE, "sort": "createdAt", "direction": -1, "expand": list(EXPANDED)}
        url: str | None = MODELS
        while url and walk.oldest[:7] >= first_month:
            answer = session.ask(url, asked)
            for model in answer.json():
                walk.add(model, first_month)
            url, asked = answer.links.get("next", {}).get("url"), None  # as it is: its cursor is escaped
        if walk.oldest[:7] >= first_month and not walk.oldest.startswith(FILLED):
            raise FetchError(
                f"fetch: hugging_face_hub: the list ends at {walk.oldest}, "
                f"expected it to reach {first_month}; fetch again later"
            )
        yield from walk.records()

    return records


def _created(model: Mapping[str, Any]) -> str:
    """When a model was made; its number begins with the same second."""
    given = model.get("createdAt")
    if isinstance(given, str) and _SECOND.match(given):
        return given
    return datetime.fromtimestamp(int(str(model["_id"])[:8], 16), UTC).isoformat()


def _owner(model_id: str) -> str:
    """The account before the slash; models of the Hub's first days have none."""
    return model_id.rpartition("/")[0].lower() or "(none)"


def _estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
    pages = PAGES * len(span.months())
    return FetchCost(pages, pages * PAGE_BYTES)


SERVICE = Service(
    source="hugging_face_hub",
    title="Hugging Face Hub: models by month of creation",
    hosts={HOST: 0.6},  # 500 in five minutes without a token
    parts=_parts,
    estimate=_estimate,
    since=date(2022, 3, 1),
    cadence="0 5 1 * *",
    licence="not stated; metadata under the Hub's terms",
    attribution="Hugging Face Hub",
    homepage="https://huggingface.co/models",
    key=ServiceKey(
        "HF_TOKEN",
        "make a token that may read in Hugging Face's settings under Access Tokens and export it",
        header="Authorization",
        prefix="Bearer ",
        is_needed=False,
    ),
    waits=(rate_limit, retry_after),
    pauses=(rate_limit,),
    seconds_per_answer=1.5,
)
