"""Commits of open machine-learning repositories by week and by the clock of their authors.

Counts made from the public git histories of listed repositories; no names, addresses or code were
taken, and bots were left out. Files are one a kind, or one a repository as ``chokepoint fetch`` makes them
(``<owner>/<name>/commit_weeks.csv``). A row of ``commits`` is a repository, a week (Monday, UTC, by author
date), an offset of the author's clock and whether GitHub's web merge made the commit. An offset is
a clock, not a passport, and servers keep +0000; what an offset stands for is decided in SQL, and so
is what a week without a row means. Run alone: ``python -m dlt_sources commit_weeks DIR``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from dlt_sources.archive import Snapshot, iter_read
from dlt_sources.tables import Rejects, Source, Table, csv_reader, csv_strings

HISTORIES = "*commit_weeks.csv"
COMMITS = pa.schema(
    [
        pa.field("repository", pa.string(), nullable=False),
        pa.field("week", pa.date32(), nullable=False),
        pa.field("utc_offset", pa.string(), nullable=False),
        pa.field("web_flow", pa.bool_(), nullable=False),
        pa.field("commits", pa.int64(), nullable=False),
        pa.field("authors", pa.int64(), nullable=False),
    ]
)
REPOSITORIES = pa.schema(
    [
        pa.field("repo", pa.string(), nullable=False),
        pa.field("owner_country", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("commit", pa.string(), nullable=False),
        pa.field("commit_date", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("commits", pa.int64(), nullable=False),
        pa.field("bot_commits_left_out", pa.int64(), nullable=False),
        pa.field("share_plus0800", pa.float64(), nullable=False),
        pa.field("share_plus0000", pa.float64(), nullable=False),
        pa.field("first_week", pa.date32(), nullable=False),
        pa.field("last_week", pa.date32(), nullable=False),
        pa.field("faulty_commits_left_out", pa.int64()),
        pa.field("rewritten_on", pa.date32()),
        pa.field("vanished_on", pa.date32()),
    ]
)
FETCHED = ("faulty_commits_left_out", "rewritten_on", "vanished_on")  # only a fetch says these
AUTHOR_MONTHS = pa.schema(
    [
        pa.field("month", pa.date32(), nullable=False),
        pa.field("utc_offset", pa.string(), nullable=False),
        pa.field("owner_group", pa.string(), nullable=False),
        pa.field("distinct_authors", pa.int64(), nullable=False),
    ]
)


def _named(schema: pa.Schema) -> dict[str, str]:
    return {name: name for name in schema.names}


def _repositories(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    for file, data in iter_read(snapshot, "repositories.csv"):
        yield csv_strings(data, file, _named(REPOSITORIES), rejects, "repositories", FETCHED)


def _author_months(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    """A month is written ``2022-08`` and stands for its first day; what is no month stays as it is and
    is refused."""
    read = csv_reader("author_months", "author_months.csv", _named(AUTHOR_MONTHS))
    for rows in read(snapshot, rejects):
        day = pc.replace_substring_regex(rows["month"], r"^(\d{4}-\d{2})$", r"\1-01")
        yield rows.set_column(rows.column_names.index("month"), "month", day)


SOURCE = Source(
    name="commit_weeks",
    title="Weekly commits of open machine-learning repositories by author's clock",
    tables=(
        Table(
            "commits",
            COMMITS,
            (HISTORIES,),
            csv_reader("commits", HISTORIES, _named(COMMITS)),
            "one row per repository, week, clock offset and way of committing",
            bounds={"commits": (1, 100_000), "authors": (1, 10_000)},
        ),
        Table(
            "repositories",
            REPOSITORIES,
            ("repositories.csv",),
            _repositories,
            "one row per repository with the commit and day of its snapshot",
            bounds={"share_plus0800": (0, 1), "share_plus0000": (0, 1)},
        ),
        Table(
            "author_months",
            AUTHOR_MONTHS,
            ("author_months.csv",),
            _author_months,
            "one row per month, clock offset and group of owners: distinct authors",
            bounds={"distinct_authors": (1, 100_000)},
        ),
    ),
    cadence="0 6 * * 2",
)
