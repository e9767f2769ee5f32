"""The Hub's list: walked newest first by Link headers, summed up by month, makers by name and nobody else."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_sources import hugging_face_hub
from dlt_sources.fetch import service_of
from dlt_sources.tables import load
from tests.servers.fetches import Fetching
from tests.servers.stand_in import Answer, Asked, Fault, json_answer

SERVICE = service_of("hugging_face_hub")
SINCE = date(2026, 9, 1)
SNAPSHOT = "snapshots/2026-11-18/cohorts.jsonl.gz"
NEWEST = datetime(2026, 11, 18, 6, tzinfo=UTC)


def model(
    hours: float, name: str, base: str | None = None, relation: str = "finetune", **given: Any
) -> dict[str, Any]:
    created = NEWEST - timedelta(hours=hours)
    found = {
        "_id": f"{int(created.timestamp()):08x}{abs(hash_of(name)):016x}",
        "id": name,
        "createdAt": f"{created:%Y-%m-%dT%H:%M:%S}.000Z",
        "downloads": 10,
        "downloadsAllTime": 100,
        **given,
    }
    if base:
        found["baseModels"] = {
            "relation": relation,
            "models": [{"_id": "6" * 24, "id": b} for b in base.split()],
        }
    return found


def hash_of(name: str) -> int:
    return int.from_bytes(name.encode()[-8:], "big")


def models() -> list[dict[str, Any]]:
    """Sixty derivatives of Qwen, a few of others, the makers' own, and what reaches back before September."""
    derived = [model(n, f"person-{n:02d}/tuned", "Qwen/Qwen3-8B") for n in range(60)]
    rest = [
        model(100, "someone/merged", "Qwen/Qwen3-8B tiny-lab/Tiny", "merge"),
        model(101, "Qwen/Qwen4", downloads=None),
        model(102, "someone/plain"),
        model(103, "no-slash-model", createdAt=None),
        model(40 * 24, "Qwen/Qwen3-8B"),
        model(90 * 24, "someone/old"),
    ]
    return derived + rest


@dataclass
class Hub:
    """The list, newest first; the cursor is escaped, and the last page has no Link."""

    models: list[dict[str, Any]] = field(default_factory=models)
    per_page: int = 20
    remaining: int = 499
    ends_early: bool = False

    def __call__(self, asked: Asked) -> Answer:
        first = int(asked.query.get("cursor", "0=").rstrip("="))
        page, following = self.models[first : first + self.per_page], first + self.per_page
        headers = {"RateLimit": f'"api";r={self.remaining};t=130', "Retry-After": "1"}
        if following < len(self.models) and not (self.ends_early and first):
            link = f"https://huggingface.co/api/models?limit=1000&sort=createdAt&cursor={following}%3D"
            headers["Link"] = f'<{link}>; rel="next"'
        answer = json_answer(page)
        return Answer(answer.body, 200, {**answer.headers, **headers})


@pytest.fixture
def hub(fetching: Fetching) -> Hub:
    hub = Hub()
    fetching.server.on("huggingface.co", hub)
    return hub


def sums(fetching: Fetching, archive: str = "archive") -> dict[tuple[Any, ...], tuple[int, int, int]]:
    rows = load(hugging_face_hub.SOURCE, fetching.folder / archive)["cohorts"].to_pylist()
    return {
        (r["kind"], r["owner"], r["relation"], r["created_month"]): (
            r["models"], r["counted"], r["downloads_all_time"]
        )
        for r in rows
    }  # fmt: skip


def test_a_snapshot_has_the_platform_beside_the_makers_and_is_read(hub: Hub, fetching: Fetching) -> None:
    done = fetching.fetch(SERVICE, SINCE)
    assert (done.problem, done.taken, done.requests) == (None, [SNAPSHOT], 4)
    assert sums(fetching) == {
        ("all", None, None, "2026-11"): (64, 63, 6300),
        ("all", None, None, "2026-10"): (1, 1, 100),
        ("declared", None, None, "2026-11"): (61, 61, 6100),
        ("derived", "qwen", "finetune", "2026-11"): (60, 60, 6000),
        ("derived", "qwen", "merge", "2026-11"): (1, 1, 100),
        ("derived", "(others)", "merge", "2026-11"): (1, 1, 100),
        ("own", "qwen", None, "2026-11"): (1, 0, 0),
        ("own", "qwen", None, "2026-10"): (1, 1, 100),
    }
    assert fetching.fetch(SERVICE, SINCE).requests == 0  # a day has one snapshot


def test_no_person_and_no_model_is_kept(hub: Hub, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, SINCE)
    kept = gzip.decompress(fetching.files(SERVICE)[SNAPSHOT])
    for name in (b"person", b"someone", b"tiny-lab", b"Qwen3"):
        assert name not in kept


def test_a_day_later_is_another_snapshot(hub: Hub, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, SINCE)
    fetching.clock.time += 86_400
    hub.models[0]["downloadsAllTime"] += 5
    later = fetching.fetch(SERVICE, SINCE, date(2026, 12, 31))
    assert (later.problem, later.taken) == (None, ["snapshots/2026-11-19/cohorts.jsonl.gz"])


def test_a_list_that_ends_before_it_reaches_the_first_day_is_none(hub: Hub, fetching: Fetching) -> None:
    hub.ends_early = True
    done = fetching.fetch(SERVICE, SINCE)
    assert "expected it to reach 2026-09" in str(done.problem)
    assert done.taken == []


def test_the_hubs_own_fill_value_is_no_month_and_ends_the_list(hub: Hub, fetching: Fetching) -> None:
    hub.models = [*hub.models[:-1], model(0, "bert", createdAt="2022-03-02T23:29:04.000Z")]
    assert fetching.fetch(SERVICE, date(2022, 3, 1)).problem is None
    assert sums(fetching)[("all", None, None, None)] == (1, 1, 100)


def test_pages_in_which_models_stand_twice_add_up_the_same(hub: Hub, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, SINCE, archive="plain")
    hub.models = [*hub.models[:30], *hub.models[10:40][::-1], *hub.models[30:]]
    assert fetching.fetch(SERVICE, SINCE).problem is None
    assert sums(fetching) == sums(fetching, "plain")


def test_it_waits_for_the_window_before_and_after_it_is_spent(hub: Hub, fetching: Fetching) -> None:
    limited = Fault("status", status=429, headers={"RateLimit": '"api";r=0;t=130'})
    assert fetching.fetch(SERVICE, SINCE, fault=limited).problem is None
    assert 131.0 in fetching.clock.slept
    fetching.clock.slept.clear()
    hub.remaining = 0
    assert fetching.fetch(SERVICE, SINCE, archive="another").problem is None
    assert sum(slept > 100 for slept in fetching.clock.slept) == 3


def test_a_link_that_leads_elsewhere_is_refused(hub: Hub, fetching: Fetching) -> None:
    link = {"Link": '<https://elsewhere.example/api/models?cursor=1>; rel="next"'}
    fetching.server.on(
        "huggingface.co",
        lambda _: Answer(
            json.dumps(models()[:2]).encode(), 200, {"Content-Type": "application/json", **link}
        ),
    )
    assert "elsewhere.example" in str(fetching.fetch(SERVICE, SINCE).problem)


def test_what_passes_leaves_no_trace(hub: Hub, fetching: Fetching) -> None:
    fetching.assert_same_whatever_passes(SERVICE, SINCE)


def test_what_lasts_lists_nothing_half(hub: Hub, fetching: Fetching) -> None:
    fetching.assert_refused_whatever_lasts(SERVICE, SINCE)


ODD = st.sampled_from([None, "", "auto", [], 0, 3])


@given(odd=st.dictionaries(st.sampled_from(["downloads", "downloadsAllTime", "createdAt"]), ODD))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_null_or_of_another_kind_a_model_counts_once(
    hub: Hub, fetching: Fetching, tmp_path_factory: pytest.TempPathFactory, odd: dict[str, Any]
) -> None:
    fetching.folder = tmp_path_factory.mktemp("fetched")
    hub.models = [{**model(1, "a/b", "Qwen/Qwen3"), **odd}, *models()[-1:]]
    assert fetching.fetch(SERVICE, SINCE).problem is None
    assert sums(fetching)[("all", None, None, "2026-11")][0] == 1


def test_recorded_models_are_read(hub: Hub, fetching: Fetching, recorded: Path) -> None:
    folder = recorded / "huggingface"
    hub.models = json.loads((folder / "models_list_trending_2026-04.json").read_bytes())
    hub.models.append(json.loads((folder / "model_detail_bert_2025.json").read_bytes()))
    for fragment in json.loads((folder / "lineage_fragments_2026-07.json").read_bytes()):
        if "baseModels" in fragment["body_fragment"]:
            hub.models.insert(0, model(len(hub.models), "x/y") | fragment["body_fragment"])
    assert fetching.fetch(SERVICE, date(2022, 3, 1)).problem is None
    found = sums(fetching)
    assert found[("all", None, None, "2026-04")] == (3, 0, 0)  # this list does not tell all-time downloads
    assert found[("derived", "(others)", "merge", "2026-11")] == (2, 2, 200)  # one with two parents
