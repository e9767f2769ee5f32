"""USPTO: weekly files by the portal's list, the newest revision of each, a key that storage never sees."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_sources.fetch import service_of
from dlt_sources.fetch.errors import KeyAbsentError
from dlt_sources.fetch.plan import plan
from dlt_sources.tables import load
from dlt_sources.uspto_patents import SOURCE
from tests.servers.any_json import ANY_JSON
from tests.servers.fetches import Fetching
from tests.servers.stand_in import NOT_FOUND, Answer, Asked, StandIn, file_answer, json_answer

SERVICE = service_of("uspto_patents")
PORTAL, STORAGE = "api.uspto.gov", "data-documents.uspto.gov"
FILES = f"https://{PORTAL}/api/v1/datasets/products/files/PTGRXML"
KEY = "a-secret-of-mine"
SINCE, UNTIL = date(2026, 10, 27), date(2026, 11, 18)


def a_week(documents: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        member = zipfile.ZipInfo("ipg.xml", (2026, 11, 3, 0, 0, 0))
        file.writestr(member, b'<?xml version="1.0"?><us-patent-grant/>\n' * documents)
    return out.getvalue()


@dataclass
class Portal:
    """``files``: content by name. ``more``: entries that the list has besides."""

    files: dict[str, bytes] = field(default_factory=dict)
    more: list[dict[str, Any]] = field(default_factory=list)
    signed: int = 0

    def serve(self, server: StandIn) -> None:
        server.on(PORTAL, self.api)
        server.on(STORAGE, self.storage)

    def entries(self, product: str = "PTGRXML") -> list[dict[str, Any]]:
        letters = {"PTGRXML": ("ipg", "pg"), "APPXML": ("ipa",)}[product]
        return [
            {"fileName": name, "fileSize": len(data), "fileDownloadURI": f"{FILES}/2026/{name}"}
            for name, data in self.files.items()
            if name.startswith(letters)
        ] + (self.more if product == "PTGRXML" else [])

    def api(self, asked: Asked) -> Answer:
        if asked.headers.get("X-API-KEY") != KEY:
            return json_answer({"message": "Forbidden"}, 403)
        if "/files/" in asked.path:
            self.signed += 1
            name = asked.path.rsplit("/", 1)[1]
            return Answer(b"", 302, {"Location": f"https://{STORAGE}/{name}?Signature=s{self.signed}"})
        product = asked.path.rsplit("/", 1)[1]
        if not (entries := self.entries(product)):
            none = {
                "code": 404,
                "message": "Not Found",
                "detailedMessage": "No matching records found, refine",
            }
            return json_answer(none, 404)
        bag = {"productIdentifier": product, "productFileBag": {"count": 1, "fileDataBag": entries}}
        other = {"productIdentifier": "PTFWPRE", "modifiedDateTime": "2024-04-16 18:39:00"}
        return json_answer({"count": 2, "bulkDataProductBag": [other, bag]})

    def storage(self, asked: Asked) -> Answer:
        """Each signature is good once, and no key may come with it."""
        if "X-API-KEY" in asked.headers or asked.query.get("Signature") != f"s{self.signed}":
            return Answer(
                b"<Error><Code>AccessDenied</Code></Error>", 403, {"Content-Type": "application/xml"}
            )
        data = self.files.get(asked.path.removeprefix("/"))
        return NOT_FOUND if data is None else file_answer(data, "application/zip")


@pytest.fixture
def portal(fetching: Fetching, monkeypatch: pytest.MonkeyPatch) -> Portal:
    monkeypatch.setenv("USPTO_ODP_API_KEY", KEY)
    grants = {f"ipg{day}.zip": a_week(n) for n, day in enumerate(("261027", "261103", "261110"), 500)}
    portal = Portal({**grants, "ipa261112.zip": a_week(400)})
    portal.serve(fetching.server)
    return portal


def test_weeks_of_the_span_lie_where_the_office_names_them(portal: Portal, fetching: Fetching) -> None:
    portal.files |= {"ipg261124.zip": a_week(3), "pg040106.zip": a_week(3), "ipg269999.zip": a_week(3)}
    done = fetching.fetch(SERVICE, SINCE)
    assert done.problem is None
    assert done.taken == [f"2026/{name}.zip" for name in ("ipg261027", "ipg261103", "ipg261110", "ipa261112")]
    assert fetching.files(SERVICE)["2026/ipg261103.zip"] == portal.files["ipg261103.zip"]
    again = fetching.fetch(SERVICE, SINCE)
    assert (again.taken, again.unchanged, again.requests) == ([], 4, 2)


def test_a_corrected_week_is_taken_in_its_newest_revision(portal: Portal, fetching: Fetching) -> None:
    portal.files |= {f"ipg261103_r{n}.zip": a_week(500 + n) for n in (2, 10)}
    assert "2026/ipg261103_r10.zip" in fetching.fetch(SERVICE, SINCE).taken
    assert "2026/ipg261103.zip" not in fetching.files(SERVICE)
    assert b"revision 10" in fetching.files(SERVICE)["manifest.json"]


def test_the_key_and_signed_addresses_are_nowhere(portal: Portal, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, SINCE)
    assert {asked.host for asked in fetching.server.asked} == {PORTAL, STORAGE}
    for file in (fetching.folder / "archive").rglob("*"):
        if file.is_file():
            assert KEY.encode() not in file.read_bytes(), file
            assert b"Signature" not in file.read_bytes(), file


def test_without_a_key_nothing_is_asked(
    portal: Portal, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("USPTO_ODP_API_KEY")
    with pytest.raises(KeyAbsentError, match="no USPTO_ODP_API_KEY in the environment"):
        fetching.fetch(SERVICE, SINCE)
    assert fetching.server.asked == []


def test_a_key_that_is_refused_says_so(
    portal: Portal, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USPTO_ODP_API_KEY", "another")
    problem = str(fetching.fetch(SERVICE, SINCE).problem)
    assert "status 403: {" in problem
    assert "another" not in problem


def test_a_span_without_files_is_none_and_no_error(portal: Portal, fetching: Fetching) -> None:
    portal.files = {}
    done = fetching.fetch(SERVICE, SINCE)
    assert (done.problem, done.taken) == (None, [])


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"fileName": "ipg261103_r1.zip", "fileDownloadURI": "https://data.uspto.govs3://x/y"}, "refused"),
        ({"fileName": "ipg261103_r1.zip", "fileDownloadURI": "http://api.uspto.gov/y"}, "refused"),
        ({"fileName": "ipg261103_r1.zip"}, "fileDownloadURI: missing"),
        ({"fileName": 7, "fileDownloadURI": "https://api.uspto.gov/y"}, "fileName"),
    ],
)
def test_an_entry_that_is_none_is_named(
    portal: Portal, fetching: Fetching, entry: dict[str, Any], words: str
) -> None:
    portal.more = [entry]
    done = fetching.fetch(SERVICE, SINCE)
    assert words in str(done.problem)
    assert done.taken == []


def test_a_file_of_another_size_or_cut_is_not_listed(portal: Portal, fetching: Fetching) -> None:
    name = "ipg261117.zip"
    portal.files[name] = a_week(300)[:-40]
    done = fetching.fetch(SERVICE, SINCE)
    assert "no whole zip file" in str(done.problem)
    assert f"2026/{name}" not in fetching.files(SERVICE)


def test_what_passes_leaves_no_trace(portal: Portal, fetching: Fetching) -> None:
    fetching.assert_same_whatever_passes(SERVICE, SINCE)
    in_storage = Fetching(fetching.server, fetching.folder / "again")
    in_storage.assert_same_whatever_passes(SERVICE, SINCE, at=4)


def test_what_lasts_lists_nothing_half(portal: Portal, fetching: Fetching) -> None:
    fetching.assert_refused_whatever_lasts(SERVICE, SINCE)


def test_a_plan_counts_tuesdays_and_thursdays_and_names_the_key(fetching: Fetching) -> None:
    told = plan(SERVICE, fetching.folder / "none", SERVICE.span(SINCE, UNTIL), {})
    assert (told.requests, told.bytes) == (2 + 2 * 7, 7 * 140_000_000)
    assert (told.key, told.is_key_there) == ("USPTO_ODP_API_KEY", False)


def test_a_week_of_recorded_documents_is_read_by_its_source(
    portal: Portal, fetching: Fetching, recorded: Path
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(recorded / "uspto" / "fulltext_concat_ipg130416.xml", "ipg261103.xml")
    portal.files = {"ipg261103.zip": out.getvalue()}
    assert fetching.fetch(SERVICE, SINCE).problem is None
    [week] = load(SOURCE, fetching.folder / "archive")["weeks"].to_pylist()
    assert (week["kind"], week["published"], week["revision"]) == ("grant", date(2026, 11, 3), 0)
    assert week["documents"] > 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bdss_products_PTGRXML_2024-05", "without bulkDataProductBag"),  # of the site that was switched off
        (
            "odp_bulk_products_search_vendor_sample_2024-12",
            None,
        ),  # other products, one at an address that is none
        ("odp_search_2024-05", "without bulkDataProductBag"),
    ],
)
def test_a_recorded_list_is_read_or_refused(
    portal: Portal, fetching: Fetching, recorded: Path, name: str, words: str | None
) -> None:
    answer = json.loads((recorded / "uspto" / f"{name}.json").read_text())
    fetching.server.on(PORTAL, lambda asked: json_answer(answer))
    done = fetching.fetch(SERVICE, SINCE)
    assert done.taken == []
    assert words in str(done.problem) if words else done.problem is None


def test_a_recorded_404_without_a_match_is_none(portal: Portal, fetching: Fetching, recorded: Path) -> None:
    answer = json.loads((recorded / "uspto" / "odp_404_no_match_2024-05.json").read_text())
    fetching.server.on(PORTAL, lambda asked: json_answer(answer, 404))
    assert fetching.fetch(SERVICE, SINCE).problem is None


@given(st.sampled_from(["fileName", "fileSize", "fileDownloadURI"]), ANY_JSON)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutated_entry_is_read_or_refused_in_one_line(
    portal: Portal, fetching: Fetching, name: str, value: object
) -> None:
    portal.more = [{**portal.entries()[0], "fileName": "ipg261117.zip", name: value}]
    portal.files.pop("ipg261117.zip", None)
    done = fetching.fetch(SERVICE, SINCE, archive=str(abs(hash((name, repr(value))))))
    if done.problem is not None:
        assert str(done.problem).startswith("fetch: uspto_patents")
        assert "\n" not in str(done.problem)
