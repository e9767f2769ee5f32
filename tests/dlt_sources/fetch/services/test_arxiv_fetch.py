"""arXiv's OAI: lists by token, errors in a 200, tokens that expire, the deleted, and no authors."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_sources import arxiv
from dlt_sources.fetch import service_of
from dlt_sources.tables import load
from tests.servers.fetches import Fetching
from tests.servers.stand_in import Answer, Asked, Fault

SERVICE = service_of("arxiv")
SINCE = date(2026, 10, 1)
PATHS = [f"{category}/2026-10.jsonl.gz" for category in ("cs.AI", "cs.CL", "cs.LG")]
PAPER = """<record><header><identifier>oai:arXiv.org:{id}</identifier>
 <datestamp>2026-10-{day}</datestamp><setSpec>cs:cs:CL</setSpec></header><metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{id}</id>
 <created>2026-10-{day}</created><authors><author><keyname>Secret</keyname><forenames>Name</forenames>
 <affiliation>Some Lab, a.secret@example.org</affiliation></author></authors><title>{title}</title>
 <categories>cs.CL cs.LG</categories><abstract>  We fine-tune Qwen2.5&#39;s
 weights &amp; more.</abstract></arXiv></metadata></record>"""
GONE = """<record><header status="deleted"><identifier>oai:arXiv.org:2610.00777</identifier>
 <datestamp>2026-10-09</datestamp></header></record>"""


def document(body: str) -> Answer:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        "<responseDate>2026-11-18T05:54:30Z</responseDate><request>http://oaipmh.arxiv.org/oai</request>"
        f"{body}</OAI-PMH>"
    )
    return Answer(text.encode(), 200, {"Content-Type": "text/xml"})


def error(code: str, said: str = "") -> Answer:
    return document(f'<error code="{code}">{said}</error>')


def paper(number: int, title: str = "Qwen for Tables") -> str:
    return PAPER.format(id=f"2610.{number:05d}", day=f"{1 + number % 28:02d}", title=title)


@dataclass
class Oai:
    """A list a set, ``per_page`` records a page; a token is the escaped rest of the question, as arXiv's."""

    records: list[str] = field(default_factory=lambda: [*map(paper, range(1, 8)), GONE])
    per_page: int = 3
    expired: set[str] = field(default_factory=set)
    is_end_marked: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Answer:
        query = dict(asked.query)
        self.asked.append(query)
        if "resumptionToken" in query:
            if query.keys() != {"verb", "resumptionToken"}:
                return error("badArgument", "the token is exclusive")
            if query["resumptionToken"] in self.expired:
                self.expired.clear()
                return error("badResumptionToken", "The token is expired")
            query = dict(part.split("=") for part in unquote(query["resumptionToken"]).split("&"))
        if query["set"] not in ("cs:cs:AI", "cs:cs:CL", "cs:cs:LG"):
            return error("noRecordsMatch", "Set argument doesn't match any sets")
        first = int(query.get("skip", 0))
        page = self.records[first : first + self.per_page]
        if not page:
            return error("noRecordsMatch")
        token = '<resumptionToken expirationDate="2026-11-19T00:00:00Z"/>' if self.is_end_marked else ""
        if first + self.per_page < len(self.records):
            rest = quote(f"set={query['set']}&skip={first + self.per_page}")
            token = f"<resumptionToken>{rest}</resumptionToken>"
        return document(f"<ListRecords>{''.join(page)}{token}</ListRecords>")


@pytest.fixture
def oai(fetching: Fetching) -> Oai:
    oai = Oai()
    fetching.server.on("oaipmh.arxiv.org", oai)
    return oai


def lines(fetching: Fetching, path: str = PATHS[1]) -> list[dict[str, object]]:
    return [json.loads(line) for line in gzip.decompress(fetching.files(SERVICE)[path]).splitlines()]


@pytest.mark.parametrize("is_end_marked", [True, False])
def test_a_month_that_is_over_is_listed_whole_and_read(
    oai: Oai, fetching: Fetching, is_end_marked: bool
) -> None:
    oai.is_end_marked = is_end_marked
    done = fetching.fetch(SERVICE, SINCE)
    assert (done.problem, done.taken, done.requests) == (None, PATHS, 9)  # November is not over
    assert [query["from"] for query in oai.asked if "from" in query] == ["2026-10-01"] * 3
    content = load(arxiv.SOURCE, fetching.folder / "archive")
    assert content["papers"].num_rows == 24
    gone = [row["arxiv_id"] for row in content["papers"].to_pylist() if row["is_deleted"]]
    assert gone == ["2610.00777"] * 3
    assert set(content["papers"]["submitted_month"].to_pylist()) == {date(2026, 10, 1)}
    assert set(content["mentions"]["family_id"].to_pylist()) == {"qwen"}
    assert content["mentions"].num_rows == 21
    assert content["mentions"]["text"].null_count == 21  # abstracts are looked through, not kept
    assert fetching.fetch(SERVICE, SINCE).requests == 0


def test_no_person_is_kept(oai: Oai, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, SINCE)
    kept = b"".join(gzip.decompress(fetching.files(SERVICE)[path]) for path in PATHS)
    assert b"Secret" not in kept
    assert b"example.org" not in kept
    assert lines(fetching)[0]["abstract"] == "We fine-tune Qwen2.5's weights & more."


def test_an_expired_token_begins_the_list_anew(oai: Oai, fetching: Fetching) -> None:
    oai.expired = {quote("set=cs:cs:CL&skip=3")}
    done = fetching.fetch(SERVICE, SINCE)
    assert (done.problem, done.requests) == (None, 11)
    assert len(lines(fetching)) == 8


def test_a_token_that_is_never_known_is_given_up(oai: Oai, fetching: Fetching) -> None:
    fetching.server.on(
        "oaipmh.arxiv.org", lambda a: error("badResumptionToken") if "resumptionToken" in a.query else oai(a)
    )
    done = fetching.fetch(SERVICE, SINCE)
    assert "token is no longer known; fetch again later" in str(done.problem)
    assert done.taken == []
    fetching.server.on("oaipmh.arxiv.org", oai)
    assert fetching.fetch(SERVICE, SINCE).taken == PATHS  # and the next one begins anew


@pytest.mark.parametrize("code", ["noRecordsMatch", "badArgument"])
def test_an_error_with_a_good_status_is_no_empty_month(oai: Oai, fetching: Fetching, code: str) -> None:
    fetching.server.on("oaipmh.arxiv.org", lambda _: error(code, "said\n so"))
    done = fetching.fetch(SERVICE, SINCE)
    assert f"OAI error {code} (said so)" in str(done.problem)
    assert done.taken == []


def test_a_page_that_repeats_records_or_breaks_off_does_no_harm(oai: Oai, fetching: Fetching) -> None:
    fetching.fetch(SERVICE, SINCE, archive="plain")
    oai.records = [oai.records[2], *oai.records[::-1], oai.records[0]]
    cut = Fault("replace", body=b"<?xml version='1.0'?><OAI-PMH><ListRecords><record>")
    assert fetching.fetch(SERVICE, SINCE, fault=cut).problem is None
    assert fetching.files(SERVICE)[PATHS[0]] == fetching.files(SERVICE, "plain")[PATHS[0]]


def test_a_token_that_leads_back_is_not_followed_for_ever(oai: Oai, fetching: Fetching) -> None:
    page = document(f"<ListRecords>{paper(1)}<resumptionToken>same</resumptionToken></ListRecords>")
    fetching.server.on("oaipmh.arxiv.org", lambda _: page)
    assert "leads to the same page again" in str(fetching.fetch(SERVICE, SINCE).problem)


def test_what_passes_leaves_no_trace(oai: Oai, fetching: Fetching) -> None:
    fetching.assert_same_whatever_passes(SERVICE, SINCE)


def test_what_lasts_lists_nothing_half(oai: Oai, fetching: Fetching) -> None:
    fetching.assert_refused_whatever_lasts(SERVICE, SINCE)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)


@given(
    titles=st.lists(TEXT, min_size=1, max_size=4), dropped=st.sampled_from(["id", "title", "created", "none"])
)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_record_holds_it_is_read_or_rejected_with_its_reason(
    oai: Oai, fetching: Fetching, tmp_path_factory: pytest.TempPathFactory, titles: list[str], dropped: str
) -> None:
    texts = [paper(n, escape(title)) for n, title in enumerate(titles, 1)]
    texts = [text.replace(f"<{dropped}>", "<other>").replace(f"</{dropped}>", "</other>") for text in texts]
    oai.records, fetching.folder = texts, tmp_path_factory.mktemp("fetched")
    assert fetching.fetch(SERVICE, SINCE).problem is None
    content = load(arxiv.SOURCE, fetching.folder / "archive")
    empty = len(titles) if dropped == "title" else sum(not " ".join(title.split()) for title in titles)
    assert content["papers"].num_rows == 3 * (len(titles) - empty)
    assert content["_rejected"]["field"].to_pylist() == ["title"] * 3 * empty


@pytest.mark.parametrize(
    ("name", "read", "rejected"),
    [
        ("2026_ListRecords_arXiv_new_service", 2, 0),
        ("2017_ListRecords_arXiv_hep-ex", 3, 0),
        ("2017_ListRecords_arXiv_hep-th", 3, 0),
    ],
)
def test_recorded_lists_are_read(
    oai: Oai, fetching: Fetching, recorded: Path, name: str, read: int, rejected: int
) -> None:
    data = (recorded / "arxiv_oai" / f"{name}.xml").read_bytes()
    fetching.server.on("oaipmh.arxiv.org", lambda _: Answer(data, 200, {"Content-Type": "text/xml"}))
    assert fetching.fetch(SERVICE, SINCE).problem is None
    content = load(arxiv.SOURCE, fetching.folder / "archive")
    assert (content["papers"].num_rows // 3, content["_rejected"].num_rows) == (read, rejected)


def _always(answer: Answer, _: Asked) -> Answer:
    return answer


def test_recorded_errors_and_other_formats_are_told(oai: Oai, fetching: Fetching, recorded: Path) -> None:
    for path in sorted((recorded / "arxiv_oai").glob("2015_Error*.xml")):
        answer = Answer(path.read_bytes(), 200, {"Content-Type": "text/xml"})
        fetching.server.on("oaipmh.arxiv.org", partial(_always, answer))
        done = fetching.fetch(SERVICE, SINCE, archive=path.stem)
        code = path.stem.removeprefix("2015_ErrorResponse")
        told = "token is no longer known" if code == "BadResumptionToken" else f"OAI error {code[0].lower()}"
        assert told in str(done.problem), path.name
