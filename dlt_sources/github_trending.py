"""GitHub's daily trending page, as two people archived it.

Publishers (MIT): larsbijl/trending_archive, one Markdown file a day (``#### language`` sections of
``* [owner/name](url): description``), and antonkomarev/github-trending-archive, one JSON file a
language and day. They are not two observations: the JSON list of day d is the Markdown list of
day d-1. A file without rows is a failed scrape, not a day without trends: ``scrapes`` counts the
rows of every file, so that coverage is exact. Names are those of the day; the order within a
language is the order on the page. Which series is used, and what a repository is about, is
decided in SQL, not here. Run alone: ``python -m dlt_sources github_trending DIR``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from dlt_sources.archive import ArchiveError, File, Snapshot, iter_read
from dlt_sources.tables import POSITION, Rejects, Source, Table, json_content, validated

MARKDOWN = "larsbijl/*.md"
JSON = "archive/repository/*.json"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAME = re.compile(r"[A-Za-z0-9_-]+/[A-Za-z0-9._-]+")
_LINE = re.compile(
    rf"^(?:#### (?P<language>.+)|\* \[(?P<name>{_NAME.pattern})\]\([^)]*\):(?P<text>.*)|(?P<other>.*))$",
    re.MULTILINE,
)

_LIST = [
    pa.field("day", pa.date32(), nullable=False),
    pa.field("language", pa.string()),
    pa.field("position", pa.int64(), nullable=False),
    pa.field("owner_name", pa.string(), nullable=False),
]
MARKDOWN_COLUMNS = pa.schema([*_LIST, pa.field("description", pa.string())])
JSON_COLUMNS = pa.schema(_LIST)
SCRAPE_COLUMNS = pa.schema(
    [
        pa.field("day", pa.date32(), nullable=False),
        pa.field("archive", pa.string(), nullable=False),
        pa.field("language", pa.string()),
        pa.field("entries", pa.int64(), nullable=False),
    ]
)


class _Rows:
    """Records of one table, column by column (half a million rows: no object each)."""

    def __init__(self, columns: pa.Schema) -> None:
        self.schema = pa.schema([*columns, *POSITION])
        self.columns: list[list[object]] = [[] for _ in self.schema]

    def extend(self, file: File, rows: Sequence[int], *columns: Sequence[object]) -> None:
        """Add the records of one page: their columns, all as long as ``rows`` (places in the file)."""
        for all_values, values in zip(self.columns, (*columns, [file.path] * len(rows), rows), strict=True):
            all_values.extend(values)

    def to_arrow(self) -> pa.Table:
        # days stay text: ``conform`` converts them, and refuses those that are none
        types = [pa.string() if f.type == pa.date32() else f.type for f in self.schema]
        arrays = [pa.array(values, kind) for values, kind in zip(self.columns, types, strict=True)]
        return pa.table(arrays, names=self.schema.names)


class TrendingPage(BaseModel):
    """What a JSON page says of itself; its entries are judged one by one."""

    model_config = ConfigDict(strict=True)

    date: str
    language: str | None


@dataclass(frozen=True)
class _Pages:
    markdown: _Rows
    json: _Rows
    scrapes: _Rows
    refused: list[tuple[str, str, int, str, str]]  # table, file, position, reason, record


def _pages(snapshot: Snapshot) -> _Pages:
    """Every page of both archives; files are read once though three tables come from them.

    Raises:
        ArchiveError: a file has no day, another day than its name says, or is no JSON.
    """
    pages = _Pages(_Rows(MARKDOWN_COLUMNS), _Rows(JSON_COLUMNS), _Rows(SCRAPE_COLUMNS), [])
    for file, data in iter_read(snapshot, MARKDOWN):
        _read_markdown(file, _text(file, data), pages)
    for file, data in iter_read(snapshot, JSON):
        _read_json(file, data, pages)
    return pages


def _where(file: File) -> str:
    return f"archive: github_trending/{file.path}"


def _text(file: File, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ArchiveError(f"{_where(file)}: not UTF-8 ({error.reason}); fetch it again") from None


def _day(file: File, stated: object) -> str:
    """The day the page speaks for, which path and content must agree on."""
    days = _DAY.findall(file.path)
    if not days or stated != days[-1]:
        expected = days[-1] if days else "a day in the path"
        raise ArchiveError(f"{_where(file)}: day: is {stated!r}, expected {expected!r}; fetch it again")
    return str(stated)


def _read_markdown(file: File, text: str, pages: _Pages) -> None:
    heading, _, body = text.partition("\n")
    day = _day(file, heading.removeprefix("### ").strip())
    language: str | None = None
    counts: dict[str | None, int] = {}
    lines: list[int] = []
    languages: list[str | None] = []
    positions: list[int] = []
    names: list[str] = []
    descriptions: list[str | None] = []
    for number, (section, name, description, other) in enumerate(_LINE.findall(body), start=2):
        if name:
            counts[language] = counts.get(language, 0) + 1
            lines.append(number)
            languages.append(language)
            positions.append(counts[language])
            names.append(name)
            descriptions.append(description.strip() or None)
        elif section:
            language = section.strip()
            counts[language] = counts.get(language, 0)
        elif other.strip():
            pages.refused.append(("markdown_entries", file.path, number, "neither section nor entry", other))
    pages.markdown.extend(file, lines, [day] * len(lines), languages, positions, names, descriptions)
    sections = counts or {None: 0}
    places = range(1, len(sections) + 1)
    pages.scrapes.extend(
        file, places, [day] * len(places), ["markdown"] * len(places), [*sections], [*sections.values()]
    )


def _read_json(file: File, data: bytes, pages: _Pages) -> None:
    page = json_content(data, _where(file))
    if not isinstance(page, dict) or not isinstance(page.get("list"), list) or "language" not in page:
        raise ArchiveError(f"{_where(file)}: expected date, language and list; fetch it again")
    validated(TrendingPage, page, _where(file))
    day, language, entries = _day(file, page.get("date")), page["language"], page["list"]
    good = [n for n, entry in enumerate(entries) if isinstance(entry, str) and _NAME.fullmatch(entry)]
    for n in sorted({*range(len(entries))} - {*good}):
        pages.refused.append(("json_entries", file.path, n + 1, "is no owner/name", str(entries[n])))
    size = len(good)
    pages.json.extend(
        file,
        [n + 1 for n in good],
        [day] * size,
        [language] * size,
        range(1, size + 1),
        [entries[n] for n in good],
    )
    pages.scrapes.extend(file, [1], [day], ["json"], [language], [size])


# the pages of the snapshot that is being loaded; gone with it
_READ: WeakKeyDictionary[Snapshot, _Pages] = WeakKeyDictionary()


def _reader(table: str, pick: Callable[[_Pages], _Rows]) -> Callable[[Snapshot, Rejects], Iterator[pa.Table]]:
    def read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
        pages = _READ.get(snapshot)
        if pages is None:
            pages = _READ[snapshot] = _pages(snapshot)
        for name, file, position, reason, record in pages.refused:
            if name == table:
                rejects.add(name, file, position, None, reason, record)
        yield pick(pages).to_arrow()

    return read


SOURCE = Source(
    name="github_trending",
    title="GitHub trending page, two daily archives",
    tables=(
        Table(
            "markdown_entries",
            MARKDOWN_COLUMNS,
            (MARKDOWN,),
            _reader("markdown_entries", lambda pages: pages.markdown),
            "One row per day, language and place on the page (larsbijl/trending_archive)",
            may_be_empty=True,
        ),
        Table(
            "json_entries",
            JSON_COLUMNS,
            (JSON,),
            _reader("json_entries", lambda pages: pages.json),
            "One row per day, language (null: all languages) and place (github-trending-archive)",
            may_be_empty=True,
        ),
        Table(
            "scrapes",
            SCRAPE_COLUMNS,
            (MARKDOWN, JSON),
            _reader("scrapes", lambda pages: pages.scrapes),
            "One row per day, archive and language with the number of entries; 0 is a failed scrape",
            may_be_empty=True,
        ),
    ),
    cadence="0 7 * * 1",
)
