"""The title rules against texts labelled by hand, about half of them traps: the model's own SQL, run in
DuckDB on the seed, so that a new rule is measured where it is written."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import duckdb
import jinja2
import pyarrow as pa
import pytest

from dlt_sources.nlp_arxiv_daily import SOURCE
from dlt_sources.tables import load

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MODEL = PROJECT / "models" / "intermediate" / "papers" / "int_papers__mentions.sql"
RULES = PROJECT / "seeds" / "model_family_mentions.csv"
EXAMPLES = Path(__file__).with_name("mention_examples.csv")

Mentions = set[tuple[str, str]]


def mentions(titles: list[str]) -> Mentions:
    """(title, family) pairs that the rules find."""
    with duckdb.connect() as con:
        con.execute(
            "create table model_family_mentions as select * from read_csv(?, nullstr = '', types = "
            "{'model_context': 'boolean', 'context': 'varchar', 'unless': 'varchar'})",
            [str(RULES)],
        )
        con.register("int_papers", pa.table({"paper_id": titles, "title": titles}))
        sql = jinja2.Template(MODEL.read_text()).render(ref=lambda name: name, config=lambda **_: "")
        return set(con.execute(sql).fetchall())


@pytest.fixture(scope="module")
def labelled() -> tuple[list[str], Mentions]:
    with EXAMPLES.open(newline="") as text:
        rows = list(csv.DictReader(text))
    labels = {(row["text"], family) for row in rows for family in row["families"].split(";") if family}
    return [row["text"] for row in rows], labels


def test_precision_and_recall_on_labelled_texts(labelled: tuple[list[str], Mentions]) -> None:
    titles, labels = labelled
    found = mentions(titles)
    right = len(found & labels)
    assert len(titles) == 157
    assert right / len(found) >= 0.95, sorted(found - labels)
    assert right / len(labels) >= 0.90, sorted(labels - found)


@pytest.mark.parametrize(
    ("title", "families"),
    [
        ("Llamas in the Andes", set()),
        ("LLaMA-Adapter: Tuning with Few Parameters", {"llama"}),
        ("A GLM with a log link for prompt length", set()),
        ("GLM-4 and ChatGLM on Exams", {"chatglm"}),
        ("Massive MIMO Channel Estimation with LLMs", set()),
        ("MiMo-7B: Unlocking Reasoning", {"mimo"}),
        ("Qwen2.5-Coder against DeepSeek-R1 and GPT-4", {"qwen", "deepseek"}),
        ("KG-BERT and RoBERTa for Triples", set()),
        ("Grok 4 at the Olympiad", set()),
    ],
)
def test_one_rule_a_case(title: str, families: set[str]) -> None:
    assert {family for _, family in mentions([title])} == families


def test_every_family_has_a_rule_and_every_rule_a_family() -> None:
    with (PROJECT / "seeds" / "model_families.csv").open(newline="") as text:
        families = {row["family_id"] for row in csv.DictReader(text)}
    with RULES.open(newline="") as text:
        assert {row["family_id"] for row in csv.DictReader(text)} == families


@pytest.mark.real
@pytest.mark.slow
def test_mentions_in_the_real_titles(real_archive: Path) -> None:
    """Papers a year that name a family; bare words would give llama 56, 99, 65, 20 and mimo 30 in all."""
    with duckdb.connect() as con:
        con.register("listings", load(SOURCE, real_archive)["listings"])
        papers = con.execute(
            "select arg_min(title, (date, _source_file, _row)), min(date) from listings group by arxiv_id"
        ).fetchall()
    years: dict[str, int] = {title: day.year for title, day in papers}
    counts = Counter((family, years[title]) for title, family in mentions(list(years)))
    assert [counts["qwen", year] for year in range(2023, 2027)] == [3, 7, 24, 27]
    assert [counts["deepseek", year] for year in range(2023, 2027)] == [0, 6, 78, 11]
    assert [counts["kimi", year] for year in range(2023, 2027)] == [0, 0, 7, 1]
    assert [counts["llama", year] for year in range(2023, 2027)] == [
        57,
        91,
        56,
        18,
    ]
    assert sum(n for (family, _), n in counts.items() if family == "mimo") == 2
