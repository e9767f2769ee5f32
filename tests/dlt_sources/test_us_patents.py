"""US patents at hand: documents of every layout since 2005, lists that say little, words and labels."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlt_sources.archive import ArchiveError
from dlt_sources.documents import DocumentError
from dlt_sources.patent_documents import normal_number, patent
from dlt_sources.sample import us_patents as sample
from dlt_sources.sample.patent_texts import applicants, company, document, person
from dlt_sources.sample.world import World
from dlt_sources.tables import load
from dlt_sources.us_patents import SOURCE
from tests.dlt_sources.conftest import MakeArchive, query

FOUND = "ppubs_export/ai_patents.csv"


@pytest.fixture
def files() -> dict[str, bytes]:
    return {path: written.data for path, written in sample.write(World(1)).items()}


def _document(parties: str, subclass: str = "F", abstract: str = "A pump.", kind: str = "grant") -> bytes:
    days = {"filed": sample.PUBLISHED, "published": sample.PUBLISHED}
    text = document(
        kind, "08900001", **days, parties=parties, title="T", subclass=subclass, abstract=abstract
    )
    return text.encode()


@pytest.mark.parametrize(
    ("parties", "countries", "country_from"),
    [
        (applicants(company("us-applicant", "CN"), company("us-applicant", "US")), "CN;US", "applicant"),
        # a company that applies goes before one that the patent is assigned to, and both before persons
        (
            applicants(person("us-applicant", "JP"), company("us-applicant", "CN"))
            + f"<assignees>{company('assignee', 'US')}</assignees>",
            "CN",
            "applicant",
        ),
        (
            f"<parties><applicants>{person('applicant', 'JP')}</applicants></parties>"
            f"<assignees>{company('assignee', 'KR')}</assignees>",
            "KR",
            "assignee",
        ),
        (
            applicants(company("us-applicant", "omitted"), person("us-applicant", "DE")),
            "DE",
            "applicant_inventor",
        ),
        (applicants(person("us-applicant", "unknown")), None, None),
        ("", None, None),
    ],
)
def test_a_documents_country_is_that_of_its_first_parties_who_state_one(
    parties: str, countries: str | None, country_from: str | None
) -> None:
    one = patent(_document(parties))
    assert one is not None
    assert (one.countries, one.country_from) == (countries, country_from)


def test_a_document_is_about_ai_by_its_class_or_its_words_and_not_by_its_description() -> None:
    by_class, by_words = patent(_document("", "N")), patent(_document("", abstract="A Neural Network."))
    said = _document("").replace(b"As said.", b"Machine learning may be used.")
    in_passing = patent(said)
    assert by_class is not None and by_words is not None and in_passing is not None
    assert (by_class.is_g06n, by_class.has_ai_words, by_words.is_g06n, by_words.has_ai_words) == (
        True, False, False, True,
    )  # fmt: skip
    assert in_passing.texts[-1] == "Machine learning may be used."
    assert not in_passing.has_ai_words


def test_lists_of_sequences_are_no_documents_and_other_layouts_are_refused() -> None:
    assert (
        patent(b'<?xml version="1.0"?><sequence-cwu id="SEQLST-1"><number>1</number></sequence-cwu>') is None
    )
    with pytest.raises(DocumentError, match="layout of 2001 to 2004"):
        patent(b"<PATDOC DTD='2.5'><SDOBI/></PATDOC>")
    with pytest.raises(DocumentError, match="root 'html', expected us-patent-grant"):
        patent(b"<html/>")
    with pytest.raises(DocumentError, match="declares an entity"):
        patent(_document("").replace(b"[ ]>", b'[<!ENTITY a "aaaa">]>'))


@given(
    st.integers(1, 10**10), st.sampled_from(["", "D", "RE", "PP"]), st.sampled_from(["", "A1", "B2", "S1"])
)
def test_a_number_is_the_same_however_it_is_written(digits: int, letters: str, kind: str) -> None:
    plain = normal_number(f"{letters}{digits}")
    assert plain == f"US{letters}{digits}"
    assert normal_number(f"{letters}0{digits}") == normal_number(f"{plain}{kind}") == plain


def test_the_sample_plants_its_traps(make_archive: MakeArchive, files: dict[str, bytes]) -> None:
    tables = load(SOURCE, make_archive("us_patents", files))
    assert query(
        tables, "select count(distinct published), bool_or(has_ai_words) from found_applications"
    ) == [(1, True)]
    assert "AB&C Intellectual Property I, L.P." in tables["found_applications"]["applicant"].to_pylist()
    judged = "select sum(is_ai::int), sum((has_ai_words and not is_ai)::int) from labelled"
    assert query(tables, judged) == [(40, 1)]
    assert query(tables, "select number, countries, country_from, is_g06n from documents order by 1") == [
        ("US8900001", "CN", "assignee", True),
        ("US8900002", "JP", "applicant", False),
        ("US8900003", "US", "applicant_inventor", False),
    ]


def test_models_are_looked_for_in_every_text_and_no_text_is_kept(
    make_archive: MakeArchive, files: dict[str, bytes]
) -> None:
    path = "uspto_samples/xml2014/US08900002.xml"
    files[path] = files[path].replace(b"As said.", b"The language model is fine-tuned from Qwen2.5-7B.")
    files[FOUND] = files[FOUND].replace(
        b"GUARD PERIODS BETWEEN SYMBOLS", b"Prompting LLaMA language models", 1
    )
    tables = load(SOURCE, make_archive("us_patents", files))
    assert query(tables, "select field, family_id, name, text from mentions order by 1") == [
        ("description", "qwen", "Qwen2.5-7B", None),
        ("title", "llama", "LLaMA", None),
    ]
    assert "fine-tuned" not in str(tables["documents"].to_pylist())


def test_what_is_no_document_stops_with_one_line(make_archive: MakeArchive, files: dict[str, bytes]) -> None:
    files["uspto_samples/xml2014/US08900002.xml"] = b"PATN\nWKU  057006474\nSRC  8\n"
    with pytest.raises(
        ArchiveError, match=r"US08900002\.xml: not XML .*; fetch it again or remove the entry"
    ):
        load(SOURCE, make_archive("us_patents", files))


@pytest.mark.real
def test_counts_on_the_real_files(real_archive: Path) -> None:
    tables = load(SOURCE, real_archive)
    sizes = {name: table.num_rows for name, table in tables.items()}
    assert sizes == {
        "found_applications": 499,
        "labelled": 4_000,
        "documents": 8,
        "mentions": 0,
        "_rejected": 0,
    }
    judged = (
        "select count(*) filter (where is_ai and has_ai_words), count(*) filter (where has_ai_words), "
        "count(*) filter (where is_ai) from labelled"
    )
    assert query(tables, judged) == [(298, 300, 802)]
    parties = "select countries, country_from from documents where number in ('US8927118', 'US20050004437')"
    assert query(tables, f"{parties} order by 1") == [("CH", "applicant_inventor"), ("JP", "assignee")]
