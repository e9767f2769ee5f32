"""Five sources of policy and trade: what each file says, what is refused, and the traps of each."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlt_sources import agora_fulltext, ccl_rules, china_policy_documents, chip_trade, federal_register_posts
from dlt_sources.archive import ArchiveError
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive

RULES, HISTORY = "data/federal-register-documents.json", "data/history/3A090.A.1.json"
POST = """---
item_id: federal_register:2022-21658
title: "Implementation of Additional Export Controls: \\"Advanced Computing\\""
date: 2026-02-04 10:00:00 +0000
original_published: 2022-10-13 00:00:00 +0000
---
# A heading

## Summary

Controls on
advanced computing.

## Link

[here](https://www.federalregister.gov/documents/2022/10/13/2022-21658/x)
"""


def rule(**changed: Any) -> dict[str, Any]:
    return {
        "documentNumber": "2022-21658",
        "title": "Implementation of Additional Export Controls",
        "htmlUrl": "https://www.federalregister.gov/d/2022-21658",
        "publicationDate": "2022-10-13",
        "effectiveOn": None,
        "type": "Rule",
        "action": None,
        "citation": "87 FR 62186",
        "supplements": ["1", "5"],
    } | changed


def rules(*documents: dict[str, Any]) -> bytes:
    return json.dumps({"generatedAt": "2025-10-03T01:02:03Z", "documents": list(documents)}).encode()


def test_words_of_a_text_are_counted_and_the_text_is_not_kept(make_archive: MakeArchive) -> None:
    text = "Open-source models pose RISKS; risk-based rules. Open source intelligence is none."
    files = {
        "fulltext/12.txt": text.encode(),
        "fulltext/13.txt": b"None.",
        "fulltext/a.txt": b"x",
    }
    content = load(agora_fulltext.SOURCE, make_archive("agora_fulltext", files))
    hits = {(row["agora_id"], row["term"]): row["hits"] for row in content["term_hits"].to_pylist()}
    assert hits == {(12, "open source"): 1, (12, "risk"): 2}
    assert {row["agora_id"] for row in content["texts"].to_pylist()} == {12, 13}
    assert [row["file"] for row in content["_rejected"].to_pylist()] == ["fulltext/a.txt"]
    assert "pose" not in str(content["texts"].to_pylist()) + str(content["term_hits"].to_pylist())


@settings(max_examples=30)
@given(
    st.lists(
        st.sampled_from(["open source", "open-source intelligence", "résumé", "芯片", "risk"]), max_size=8
    )
)
def test_open_source_is_counted_whatever_stands_beside_it(words: list[str]) -> None:
    hits = agora_fulltext.term_hits(" / ".join(words))
    assert hits.get("open source", 0) == words.count("open source")


def test_a_text_that_is_no_text_is_named(make_archive: MakeArchive) -> None:
    with pytest.raises(ArchiveError, match=r"agora_fulltext/fulltext/1.txt: no UTF-8 at byte 2"):
        load(agora_fulltext.SOURCE, make_archive("agora_fulltext", {"fulltext/1.txt": b"ab\xff"}))


def test_rules_keep_both_days_and_texts_their_versions(make_archive: MakeArchive) -> None:
    history = {
        "normalized": "3A090.A.1",
        "history": [{"version": "2023-01-17", "text": "Integrated circuits"}],
    }
    files = {RULES: rules(rule(), rule(documentNumber="b", effectiveOn="2022-11-17")),
             HISTORY: json.dumps(history).encode()}  # fmt: skip
    content = load(ccl_rules.SOURCE, make_archive("ccl_rules", files))
    first, second = content["rules"].to_pylist()
    assert (first["published"], first["effective"], first["supplements"]) == (date(2022, 10, 13), None, "1;5")
    assert second["effective"] == date(2022, 11, 17)
    assert first["known_on"] == date(2025, 10, 3)
    assert content["entry_texts"].to_pylist()[0]["version"] == date(2023, 1, 17)


def test_a_rule_without_a_number_stops_the_load(make_archive: MakeArchive) -> None:
    with pytest.raises(ArchiveError, match="documentNumber"):
        load(ccl_rules.SOURCE, make_archive("ccl_rules", {RULES: rules(rule(documentNumber=""))}))


def test_a_rule_on_a_day_that_is_none_is_rejected(make_archive: MakeArchive) -> None:
    files = {RULES: rules(rule(), rule(documentNumber="b", publicationDate="2022-13-45"))}
    content = load(ccl_rules.SOURCE, make_archive("ccl_rules", files))
    assert content["rules"].num_rows == 1
    assert [row["field"] for row in content["_rejected"].to_pylist()] == ["published"]


def test_documents_may_lack_either_day(make_archive: MakeArchive) -> None:
    table = (
        "authority,url,title,issued,published\n"
        "henan,https://x.gov.cn/1,关于加快发展的意见,2022-03-01,\n"
        "yunnan,https://x.gov.cn/2,关于算力的通知,,2022-04-02\n"
        "sichuan,https://x.gov.cn/3,关于芯片的通知,last spring,2022-04-02\n"
    ).encode()
    archive = make_archive("china_policy_documents", {"documents.derived.csv": table})
    content = load(china_policy_documents.SOURCE, archive)
    days = [(row["issued"], row["published"]) for row in content["documents"].to_pylist()]
    assert days == [(date(2022, 3, 1), None), (None, date(2022, 4, 2))]
    assert [row["field"] for row in content["_rejected"].to_pylist()] == ["issued"]


def test_exports_say_who_sold_what_to_whom_in_which_unit(make_archive: MakeArchive) -> None:
    files = {
        "KOR_EXPORTS.csv": b"Date,8486,8542\n2022-10-01,377.5,6050\n",
        "DUTCH_EXPORTS.csv": b"Date,Exports_China,Exports_HK\n2022-10-01,211000000,1074998.08\n",
    }
    rows = load(chip_trade.SOURCE, make_archive("chip_trade", files))["exports"].to_pylist()
    found = {
        (row["exporter"], row["destination"], row["product"]): (row["value"], row["unit"]) for row in rows
    }
    assert found == {
        ("KR", "CN", "8486"): (377.5, "thousand US dollars"),
        ("KR", "CN", "8542"): (6050.0, "thousand US dollars"),
        ("NL", "CN", "8486"): (211e6, "euros (by scale)"),
        ("NL", "HK", "8486"): (1074998.08, "euros (by scale)"),
    }


def test_a_renamed_column_of_exports_is_named(make_archive: MakeArchive) -> None:
    files = {"KOR_EXPORTS.csv": b"Date,HS8486,8542\n2022-10-01,1,2\n"}
    with pytest.raises(ArchiveError, match="8486"):
        load(chip_trade.SOURCE, make_archive("chip_trade", files))


def test_a_post_is_dated_by_its_document(make_archive: MakeArchive) -> None:
    bare = POST.replace("Controls on\nadvanced computing.", "No summary provided.")
    files = {"posts/a.md": POST.encode(), "posts/b.md": bare.replace("\n", "\r\n").encode()}
    archive = make_archive("federal_register_posts", files)
    first, second = load(federal_register_posts.SOURCE, archive)["posts"].to_pylist()
    assert first["published"] == second["published"] == date(2022, 10, 13)
    assert first["title"] == 'Implementation of Additional Export Controls: "Advanced Computing"'
    assert (first["abstract"], second["abstract"]) == ("Controls on advanced computing.", None)
    assert first["url"] == "https://www.federalregister.gov/documents/2022/10/13/2022-21658/x"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("original_published", "first_published", "original_published"),
        ("---\nitem_id", "item_id", "front matter"),
    ],
)
def test_a_post_of_another_layout_is_named(make_archive: MakeArchive, old: str, new: str, said: str) -> None:
    archive = make_archive("federal_register_posts", {"posts/a.md": POST.replace(old, new).encode()})
    with pytest.raises(ArchiveError, match=f"federal_register_posts/posts/a.md: .*{said}"):
        load(federal_register_posts.SOURCE, archive)
