"""Which open model families a text names: one classifier for papers, patents and policy documents.

What it knows is data: ``names/rules.csv`` (a family's names, and what an ordinary word needs beside it),
``names/lookalikes.csv`` (data sets, benchmarks, software and people that carry a family's name). One pass
of RE2 (through Arrow) over all texts finds where a rule may hold; Python looks at those places alone.
Closed models and data sets named after a family do not count; derivatives that carry the name as a word
or joined by a hyphen do. Not here: families, makers and countries (``dbt_project/seeds``).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from dlt_sources.tables import POSITION, Table

NAMES = Path(__file__).with_name("names")
RULES, LOOKALIKES = NAMES / "rules.csv", NAMES / "lookalikes.csv"
NEAR = 200  # characters on either side in which context is looked for
REACH = 40  # characters from where a match begins within which its rule's stem stands
SHOWN = 60  # characters of a snippet on either side
MARK = "\ue000"  # private use: stands before every place where a rule may hold
HYPHENS = "[\u2010-\u2013\u2212]"

# any word of the trade makes an ambiguous name a model's
MODEL_WORDS = re.compile(
    r"\b(llms?|slms?|mllms?|vlms?|lmms?|language models?|foundation models?)\b"
    r"|\b(gpt(-?[345]\w*)?|chatgpt|q?lora|rlhf)\b"
    r"|\b(inference|meta ai|retrieval-augmented|open[- ](weights?|source) models?|transformers?)\b"
    r"|fine-?tun|instruct|pre-?train|prompt|in-context|few-shot|zero-shot|quanti[sz]|hallucinat"
    r"|technical report|encoder-decoder|大模型|语言模型",
    re.IGNORECASE | re.ASCII,
)
# and so does another model's name
MODELS = re.compile(
    r"\b(qwen|deepseek|mistral|llama|gemma|vicuna|chatglm|mixtral|claude|gemini|bert)",
    re.IGNORECASE | re.ASCII,
)
# what follows a name and makes it the name of something else
DATA_FOLLOWS = re.compile(
    r"[-_ ]?(v?\d+(\.\d+)*[-_ ])?(sft[-_ ]|instruct(ion)?[-_ ]|preference[-_ ])?"
    r"(data ?-?sets?|data|corpus|corpora|collection|mixture|bench|eval)(?![a-z])",
    re.IGNORECASE | re.ASCII,
)
TOKEN = re.compile(r"[\w.+-]*", re.ASCII)

FOUND = pa.schema(
    [
        pa.field("text", pa.int64(), nullable=False),
        pa.field("family_id", pa.string(), nullable=False),
        pa.field("place", pa.int64(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("snippet", pa.string(), nullable=False),
    ]
)


# of a source's table ``mentions``; a text that is not kept is null
COLUMNS = pa.schema(
    [
        pa.field("field", pa.string(), nullable=False),
        pa.field("text", pa.string()),
        *[field for field in FOUND if field.name != "text"],
    ]
)


def mention_table(*of: tuple[Table, str], keeps_texts: bool = True) -> Table:
    """A source's table ``mentions``: the families that text columns of others of its tables name.

    A row per record, column and family, with the record's position, the column, its text where texts are
    kept, and where in it. A column need not be declared: a text may be read for names alone.
    """
    tables = {table.name: table for table, _ in of}
    columns = {name: [column for table, column in of if table.name == name] for name in tables}
    named = ", ".join(f"{name} ({', '.join(columns[name])})" for name in tables)
    return Table(
        "mentions",
        COLUMNS,
        tuple(dict.fromkeys(glob for table in tables.values() for glob in table.files)),
        lambda snapshot, rejects: (),
        f"one row per record, text and open model family that it names, of {named}",
        may_be_empty=True,
        derived={name: partial(named_in, fields=columns[name], keeps_texts=keeps_texts) for name in tables},
    )


def named_in(records: pa.Table, fields: Sequence[str], keeps_texts: bool) -> pa.Table:
    """Rows of a table ``mentions`` for records with their position and these text columns."""
    # one call for all columns: what the rules cost to set up is paid once
    texts = pa.chunked_array([chunk for field in fields for chunk in records[field].chunks], pa.string())
    found = mentions(texts)
    numbers = found["text"].to_pylist()
    rows = records.select([column.name for column in POSITION]).take(
        pa.array([n % len(records) for n in numbers], pa.int64())
    )
    columns = {
        "field": pa.array([fields[n // len(records)] for n in numbers], pa.string()),
        "text": texts.take(found["text"]) if keeps_texts else pa.nulls(len(found), pa.string()),
    }
    columns |= {name: found[name] for name in ("family_id", "place", "name", "snippet")}
    return pa.table(columns | {column.name: rows[column.name] for column in POSITION})


class Rule(NamedTuple):
    """One way in which a text names a family; ``stem`` is plain lower-case text that every match holds."""

    family_id: str
    stem: str
    pattern: re.Pattern[str]
    needs_model_words: bool
    context: re.Pattern[str] | None
    unless: re.Pattern[str] | None


class Mention(NamedTuple):
    """A family named in a text; ``place`` counts characters from 0."""

    family_id: str
    place: int
    name: str


def mentions(texts: pa.Array | pa.ChunkedArray) -> pa.Table:
    """The families that each text names: a row per text and family, with its first mention.

    Columns: ``text`` (position in ``texts``), ``family_id``, ``place`` (characters from 0), ``name`` (as
    written), ``snippet`` (up to 60 characters on either side, on one line). A null text names nothing.
    """
    plain = pc.replace_substring_regex(texts, HYPHENS + "|" + MARK, "-")
    may_hold = pc.indices_nonzero(pc.fill_null(pc.match_substring_regex(plain, _anywhere()), False))
    if not len(may_hold):
        return FOUND.empty_table()
    marked = pc.replace_substring_regex(plain.take(may_hold), f"({_anywhere()})", MARK + r"\1")
    rows = [
        (number, *mention, _snippet(text, mention))
        for number, (text, places) in zip(may_hold.to_pylist(), map(_places, marked.to_pylist()), strict=True)
        for mention in _first_mentions(text, places)
    ]
    columns = list(zip(*rows, strict=True)) or [()] * len(FOUND)
    return pa.Table.from_arrays(
        [pa.array(c, f.type) for c, f in zip(columns, FOUND, strict=True)], schema=FOUND
    )


def families(text: str) -> set[str]:
    """The families that one text names."""
    return set(mentions(pa.array([text], pa.string()))["family_id"].to_pylist())


def _places(marked: str) -> tuple[str, list[int]]:
    """The text without its marks, and where they stood."""
    parts = marked.split(MARK)
    places, place = [], 0
    for part in parts[:-1]:
        place += len(part)
        places.append(place)
    return "".join(parts), places


def _first_mentions(text: str, places: list[int]) -> list[Mention]:
    """The first mention of each family, in the order of the text."""
    first: dict[str, Mention] = {}
    for start, end, rules in _windows(text, places):
        for mention in _in_window(text, start, end, rules):
            known = first.get(mention.family_id)
            if known is None or mention.place < known.place:
                first[mention.family_id] = mention
    return sorted(first.values(), key=lambda mention: (mention.place, mention.family_id))


def _windows(text: str, places: list[int]) -> Iterator[tuple[int, int, set[int]]]:
    """Stretches around the places, joined where they touch, each with the rules that may hold there."""
    start, end, rules = max(0, places[0] - NEAR), 0, set[int]()
    for place in places:
        if end and place - NEAR > end:
            yield start, end, rules
            start, rules = place - NEAR, set()
        end = min(place + NEAR, len(text))
        rules |= _rules_at(text[place : place + REACH].lower())
    yield start, end, rules


def _rules_at(beginning: str) -> set[int]:
    """Rules whose stem stands in these few characters, found by its first two."""
    by_start = _rules_by_start()
    return {
        number
        for place in range(len(beginning) - 1)
        for number, stem in by_start.get(beginning[place : place + 2], ())
        if beginning.startswith(stem, place)
    }


def _in_window(text: str, start: int, end: int, numbers: set[int]) -> Iterator[Mention]:
    others: list[tuple[int, int]] | None = None  # looked for once a rule holds
    for rule in (_rules()[number] for number in sorted(numbers)):
        for match in rule.pattern.finditer(text, start, end + REACH):
            # a pattern may begin with the character before the name
            first = match.start() + len(match[0]) - len(match[0].lstrip(" \t\r\n([{\"'/:;,*_"))
            if others is None:
                others = [other.span() for other in _lookalikes().finditer(text, start, end + REACH)]
            if any(begin <= first < finish for begin, finish in others):
                continue
            if DATA_FOLLOWS.match(text, match.end()):
                continue
            if _has_context(rule, text[max(0, first - NEAR) : match.end() + NEAR]):
                rest = TOKEN.match(text, match.end())
                name = text[first : rest.end() if rest else match.end()]
                yield Mention(rule.family_id, first, name.rstrip(" .,-;:)\"'\n"))
                break


def _has_context(rule: Rule, near: str) -> bool:
    if rule.unless and rule.unless.search(near):
        return False
    if not rule.needs_model_words and rule.context is None:
        return True
    if rule.context is not None and rule.context.search(near):
        return True
    return rule.needs_model_words and (
        MODEL_WORDS.search(near) is not None
        or any(other[0].lower() != rule.stem for other in MODELS.finditer(near))
    )


def _snippet(text: str, mention: Mention) -> str:
    end = mention.place + len(mention.name)
    return " ".join(text[max(0, mention.place - SHOWN) : end + SHOWN].split())


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def _rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(
            row["family_id"],
            row["stem"],
            re.compile(row["pattern"], re.ASCII),
            row["model_context"] == "true",
            re.compile(row["context"], re.ASCII) if row["context"] else None,
            re.compile(row["unless"], re.ASCII) if row["unless"] else None,
        )
        for row in _lines(RULES)
    )


@cache
def _rules_by_start() -> dict[str, list[tuple[int, str]]]:
    out: dict[str, list[tuple[int, str]]] = {}
    for number, rule in enumerate(_rules()):
        out.setdefault(rule.stem[:2], []).append((number, rule.stem))
    return out


@cache
def _anywhere() -> str:
    """One RE2 expression for all patterns; its ``\\b`` is of ASCII, so a CJK neighbour ends a word."""
    return "|".join(f"(?:{pattern})" for pattern in sorted({row["pattern"] for row in _lines(RULES)}))


@cache
def _lookalikes() -> re.Pattern[str]:
    return re.compile(
        "|".join(f"(?:{row['pattern']})" for row in _lines(LOOKALIKES)), re.ASCII | re.IGNORECASE
    )
