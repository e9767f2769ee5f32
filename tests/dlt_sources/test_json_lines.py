"""Records as a fetch keeps them: fields of one kind, absent ones null, a line that is none refused."""

from __future__ import annotations

import pytest

from dlt_sources import china_policy_documents, repository_metadata
from dlt_sources.archive import ArchiveError
from dlt_sources.tables import load
from tests.dlt_sources.conftest import MakeArchive

WHOLE = b'{"asked_name":"a/x","is_there":true,"github_id":7,"name":"a/x","stars":9}\n'


def test_absent_fields_are_null_and_unknown_ones_nobodys(make_archive: MakeArchive) -> None:
    files = {"2026-11-18/repositories.jsonl": WHOLE + b'{"asked_name":"b/y","is_there":false}\n'}
    rows = load(repository_metadata.SOURCE, make_archive("repository_metadata", files))["repositories"]
    assert rows["github_id"].to_pylist() == [7, None]
    assert rows["_row"].to_pylist() == [1, 2]
    assert str(rows["snapshot"][0]) == "2026-11-18"


@pytest.mark.parametrize("line", [b"no JSON", b"[1]", WHOLE.replace(b"7", b'"seven"'), WHOLE[:30]])
def test_a_line_that_is_none_is_refused(make_archive: MakeArchive, line: bytes) -> None:
    root = make_archive("repository_metadata", {"2026-11-18/repositories.jsonl": WHOLE + line})
    with pytest.raises(
        ArchiveError, match=r"2026-11-18/repositories\.jsonl: not JSON lines .*; fetch it again"
    ):
        load(repository_metadata.SOURCE, root)


def test_workbooks_and_the_library_stand_in_one_table(make_archive: MakeArchive) -> None:
    files = {
        "documents.derived.csv": "authority,url,title,issued,published\nHenan,http://h/1,一,,2021-02-01\n".encode(),
        "gov_cn/2026-10.jsonl": (
            '{"authority":"国务院","url":"https://g/2","title":"二","published":"2026-10-08","issued":null,'
            '"number":"国发1号","category":"科技"}\n'
        ).encode(),
    }
    source = china_policy_documents.SOURCE
    rows = load(source, make_archive("china_policy_documents", files))["documents"].to_pylist()
    assert [(row["library"], row["number"]) for row in rows] == [(None, None), ("gov_cn", "国发1号")]
