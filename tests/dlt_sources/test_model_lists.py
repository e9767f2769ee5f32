"""Hand-kept lists of models: the Chinese one, open-llms, BMList and Ecosystem Graphs."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_sources import bmlist, chinese_pretrained_models, ecosystem_graphs, open_llms
from dlt_sources.archive import ArchiveError, open_snapshot
from dlt_sources.sample import WRITERS
from dlt_sources.sample.world import World
from dlt_sources.tables import Source, load
from tests.dlt_sources.conftest import MakeArchive

LISTS = (bmlist, chinese_pretrained_models, ecosystem_graphs, open_llms)
SOURCES: tuple[Source, ...] = tuple(module.SOURCE for module in LISTS)
CHINESE = b"list,model,month,maker,hf_org,github_owner,modelscope_org\n"
ASSETS = b"access,created_date,description,license,name,nationality,organization,size,type\n"
TABLE = (
    "| Language Model | Release Date | Checkpoints | Params (B) | Licence |\n| --- | --- | --- | --- |---|\n"
)


@pytest.mark.parametrize("source", SOURCES, ids=[source.name for source in SOURCES])
def test_a_sample_is_read_whole_and_is_the_same_each_time(make_archive: MakeArchive, source: Source) -> None:
    files = {path: written.data for path, written in WRITERS[source.name](World(1)).items()}
    assert files == {path: written.data for path, written in WRITERS[source.name](World(1)).items()}
    content = load(source, make_archive(source.name, files))
    refused = content["_rejected"].to_pylist()
    assert [row["field"] for row in refused] == (
        ["created_date"] if source.name == "ecosystem_graphs" else []
    )
    assert all(table.num_rows > 50 for name, table in content.items() if name != "_rejected")


def test_a_month_is_its_first_day_and_may_be_absent(make_archive: MakeArchive) -> None:
    rows = "base-llm,Qwen-2.5,2024-09,QwenLM,Qwen,QwenLM,\nchat-llm,紫东太初,,中科院,,,\n"
    rows += "chat-llm,x,2024-13,m,,,\n,y,2024-01,m,,,\n"
    root = make_archive("chinese_pretrained_models", {"models.derived.csv": CHINESE + rows.encode()})
    content = load(chinese_pretrained_models.SOURCE, root)
    assert content["models"]["month"].to_pylist() == [date(2024, 9, 1), None]
    assert content["models"]["hf_org"].to_pylist() == ["Qwen", None]
    assert content["_rejected"]["field"].to_pylist() == ["month", "list"]


def test_a_changelog_gives_its_dated_entries(make_archive: MakeArchive) -> None:
    text = "# 更新日志\n\n> 记录\n- 2026.5.3 增加[A](#x)、[B](#y)\n* 2020.11.30 增加\\[C]\n- 2024.02.31 无\n"
    root = make_archive("chinese_pretrained_models", {"docs/changelog.md": text.encode()})
    content = load(chinese_pretrained_models.SOURCE, root)
    additions = content["additions"].to_pylist()
    assert [(row["day"], row["_row"]) for row in additions] == [
        (date(2026, 5, 3), 4),
        (date(2020, 11, 30), 5),
    ]
    assert content["_rejected"]["position"].to_pylist() == [6]  # no calendar has that day


def test_open_llms_reads_tables_of_models_alone(make_archive: MakeArchive) -> None:
    text = (
        "# Open LLMs\n"
        + TABLE
        + "| ChatGLM | 2023/03<!--13--> | [all](https://huggingface.co/collections/x), "
        "[6b](https://huggingface.co/THUDM/chatglm-6b) | 6 | [Custom](https://x/y) some limits |\n"
        "| T5 | 2019/10 |[code](https://github.com/google-research/t5x/blob/main/a)| 0.06 - 11 | Apache |\n"
        "| Late | soon | - | 7 | MIT |\n\n## Data sets\n"
        "| Name | Release Date | Dataset |\n| --- | --- | --- |\n| RedPajama | 2023/04 | x |\n"
    )
    content = load(open_llms.SOURCE, make_archive("open_llms", {"README.md": text.encode()}))
    glm, t5 = content["models"].to_pylist()
    assert (glm["released"], glm["is_day_known"], glm["hf_org"]) == (date(2023, 3, 13), True, "THUDM")
    assert (glm["licence"], glm["parameters_billions"]) == ("Custom some limits", "6")
    assert (t5["released"], t5["is_day_known"]) == (date(2019, 10, 1), False)
    assert (t5["hf_org"], t5["github_owner"]) == (None, "google-research")
    (refused,) = content["_rejected"].to_pylist()
    assert (refused["position"], refused["field"]) == (6, "released")
    assert "'soon', expected YYYY/MM" in refused["reason"]


def test_open_llms_without_its_table_is_refused(make_archive: MakeArchive) -> None:
    root = make_archive(
        "open_llms", {"README.md": b"# Open LLMs\n| Model | Date |\n| --- | --- |\n| a | 2023/04 |\n"}
    )
    with pytest.raises(ArchiveError, match="no table with a column 'Language Model'"):
        load(open_llms.SOURCE, root)


CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="|\\", exclude_categories=["C", "Z"]), min_size=1
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(names=st.lists(CELL.filter(lambda name: not set(name) <= set("-:")), min_size=1, max_size=4))
def test_open_llms_gives_back_whatever_names_stand_in_its_table(
    make_archive: MakeArchive, names: list[str]
) -> None:
    text = TABLE + "".join(f"| {name} | 2023/04 | - | 7 | MIT |\n" for name in names)
    content = load(open_llms.SOURCE, make_archive("open_llms", {"README.md": text.encode()}))
    assert content["models"]["model"].to_pylist() == names
    assert content["models"]["_row"].to_pylist() == list(range(3, 3 + len(names)))


def test_bmlist_joins_lists_and_refuses_other_kinds(make_archive: MakeArchive) -> None:
    entries = [
        {"last_updated": "2023/06/01"},
        {"name": "GPT-2", "release_date": "2019/02/11", "affiliation": ["OpenAI", "ENS, PSL University"]},
        {"name": ["a", 1], "release_date": "2019/02/11", "affiliation": ["OpenAI"]},
        {"name": "No maker", "release_date": "2019/02/11", "affiliation": []},
        {"name": "No day", "release_date": "soon", "affiliation": ["OpenAI"]},
    ]
    root = make_archive("bmlist", {"all_models.json": json.dumps(entries).encode()})
    content = load(bmlist.SOURCE, root)
    (row,) = content["models"].to_pylist()
    assert (row["affiliations"], row["released"]) == ("OpenAI; ENS, PSL University", date(2019, 2, 11))
    assert (row["version"], row["_row"]) == (date(2023, 6, 1), 2)
    refused = [(r["position"], r["field"]) for r in content["_rejected"].to_pylist()]
    assert refused == [(3, None), (4, "affiliations"), (5, "released")]


@pytest.mark.parametrize(
    "data", [b"[]", b"{}", b'[{"name": "GPT-2"}]', b'[1, {"last_updated": "2023/06/01"}]']
)
def test_bmlist_that_says_not_when_it_was_updated_is_refused(make_archive: MakeArchive, data: bytes) -> None:
    with pytest.raises(ArchiveError, match="last_updated: absent from the first element"):
        load(bmlist.SOURCE, make_archive("bmlist", {"all_models.json": data}))


def test_an_asset_with_a_year_for_a_day_is_refused(make_archive: MakeArchive) -> None:
    rows = b'Open,2023-06-05,"a, b",MIT,A,USA,"Meta, CMU",7B,model\n'
    rows += b"open,2022,,,B,,,,application\nopen,,,,C,,,,model\n"
    root = make_archive("ecosystem_graphs", {"all_assets.derived.csv": ASSETS + rows})
    content = load(ecosystem_graphs.SOURCE, root)
    assert content["assets"]["created_date"].to_pylist() == [date(2023, 6, 5), None]
    assert content["assets"]["organization"].to_pylist() == ["Meta, CMU", None]
    (refused,) = content["_rejected"].to_pylist()
    assert (refused["position"], refused["field"]) == (2, "created_date")


@pytest.mark.real
def test_the_real_lists_hold_what_was_counted_on_them(real_archive: Path) -> None:
    content = {source.name: load(source, real_archive) for source in SOURCES}
    rows = {
        (name, table): data.num_rows for name, tables in content.items() for table, data in tables.items()
    }
    assert rows == {
        ("bmlist", "models"): 159,
        ("bmlist", "_rejected"): 0,
        ("chinese_pretrained_models", "models"): 501,
        ("chinese_pretrained_models", "additions"): 200,
        ("chinese_pretrained_models", "_rejected"): 0,
        ("ecosystem_graphs", "assets"): 628,
        ("ecosystem_graphs", "_rejected"): 1,
        ("open_llms", "models"): 76,
        ("open_llms", "_rejected"): 0,
    }
    models = content["chinese_pretrained_models"]["models"].to_pylist()
    assert sum(row["month"] is None for row in models) == 3
    assert Counter(row["list"] for row in models)["chat-llm"] == 177
    days = content["open_llms"]["models"]["is_day_known"].to_pylist()
    assert Counter(days) == {True: 43, False: 33}
    ignored = open_snapshot(real_archive, "chinese_pretrained_models").ignored(SOURCES[1].files)
    assert "docs/nlu-models.md" in ignored  # tables without months are told, not dropped in silence
