"""Git histories of listed repositories, counted by week, author's clock and way of committing.

The list is ``commit_weeks.csv`` beside this module (that of the archive's own count of August 2026), or the
CSV that ``CHOKEPOINT_REPOSITORIES`` names: ``repository`` (owner/name), ``owner_country`` (two letters,
``ZZ`` for unknown), ``kind``, and ``url`` where it is not on GitHub. A history is read whole, because the
first week of a repository is a fact of it; what is dated after the span is left out as what no clock can
show. Each repository is a part, read again when its branch moved. Two tables over all of them come last, made
of what is remembered of each (counts, and hashes of addresses under a salt that never leaves the ledger). A
repository that is gone keeps its file and its row, with the day.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import secrets
import shutil
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from dlt_sources.fetch import git
from dlt_sources.fetch.client import ServiceSession
from dlt_sources.fetch.errors import FetchError, RefusedError
from dlt_sources.fetch.ledger import Progress
from dlt_sources.fetch.parts import write_lines
from dlt_sources.fetch.service import Bounds, DaySpan, FetchCost, Part, Service

SETTING = "CHOKEPOINT_REPOSITORIES"
LIST = Path(__file__).with_suffix(".csv")
KINDS = ("llm", "llm_app", "nlp", "dl", "speech")
HISTORY = "commit_weeks.csv.gz"
GIT_BEGAN = date(2005, 4, 7)  # an author's time before it is an import's or none
COMMIT_BYTES = 320  # packed, mean of this project's own history without trees
COMMITS = 2_667  # mean of the 83 histories of August 2026
GROWTH = Bounds(0.5, 1e6)
# offsets that a public clock has shown since 2005 (tz database)
OFFSETS = frozenset(
    "+0000 +0100 +0200 +0300 +0330 +0400 +0430 +0500 +0530 +0545 +0600 +0630 +0700 +0800 +0830 "
    "+0845 +0900 +0930 +0945 +1000 +1030 +1100 +1130 +1200 +1245 +1300 +1345 +1400 -0100 -0200 "
    "-0230 -0300 -0330 -0400 -0430 -0500 -0600 -0700 -0800 -0900 -0930 -1000 -1100 -1200".split()
)
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*/[A-Za-z0-9_.][A-Za-z0-9._-]*")
_URL = re.compile(r"https://[A-Za-z0-9.-]+\.[a-z]+(?:/[A-Za-z0-9_.~][A-Za-z0-9._~-]*)+")


class Listed(NamedTuple):
    """A line of the list."""

    repository: str
    owner_country: str
    kind: str
    url: str

    @property
    def path(self) -> str:
        return f"{self.repository.lower()}/{HISTORY}"

    @property
    def group(self) -> str:
        return self.owner_country if self.owner_country in ("CN", "ZZ") else "other"


def listed_repositories(environment: Mapping[str, str] | None = None) -> list[Listed]:
    """The repositories that are asked for.

    Raises:
        FetchError: the list cannot be read, or has a line that is none.
    """
    given = (os.environ if environment is None else environment).get(SETTING, "").strip()
    place = Path(given) if given else LIST
    try:
        rows = list(csv.DictReader(StringIO(place.read_text("utf-8-sig"), newline="")))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FetchError(f"fetch: {place}: cannot be read ({error}); correct {SETTING}") from None
    found = [_listed(row, f"fetch: {place}: line {number}") for number, row in enumerate(rows, 2)]
    twice = [name for name, n in Counter(entry.repository.lower() for entry in found).items() if n > 1]
    if twice or not found:
        what = f"{twice[0]} is listed twice" if twice else "no repository, expected some"
        raise FetchError(f"fetch: {place}: {what}; correct the list")
    return found


def _listed(row: Mapping[str, str | None], where: str) -> Listed:
    name, country, kind = ((row.get(n) or "").strip() for n in ("repository", "owner_country", "kind"))
    url = (row.get("url") or "").strip() or f"https://github.com/{name}"
    for label, value, is_good, expected in (
        ("repository", name, _NAME.fullmatch(name) and ".." not in name, "owner/name"),
        ("owner_country", country, re.fullmatch("[A-Z]{2}", country), "two capital letters, ZZ for unknown"),
        ("kind", kind, kind in KINDS, f"one of {', '.join(KINDS)}"),
        ("url", url, _URL.fullmatch(url) and ".." not in url, "an address that begins with https://"),
    ):
        if not is_good:
            raise FetchError(f"{where}: {label}: is {value!r}, expected {expected}; correct the list")
    return Listed(name, country, kind, url)


@dataclass
class History:
    """What is counted of one repository."""

    cells: Counter[tuple[date, str, bool]] = field(default_factory=Counter)
    cell_authors: dict[tuple[date, str, bool], set[str]] = field(default_factory=lambda: defaultdict(set))
    month_authors: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    bots: int = 0
    faulty: int = 0
    last: datetime | None = None
    has_known: bool = False

    @classmethod
    def of(cls, commits: Iterable[git.Commit], until: date, known: str | None) -> History:
        """``known``: the commit that the branch was at when it was last read."""
        history = cls()
        first_second = datetime.combine(GIT_BEGAN, time(), UTC).timestamp()
        end = datetime.combine(until + timedelta(days=1), time(), UTC).timestamp()
        for commit in commits:
            history.has_known |= commit.id == known
            clock = "+0000" if commit.utc_offset == "-0000" else commit.utc_offset
            if commit.time is None or not first_second <= commit.time < end or clock not in OFFSETS:
                history.faulty += 1
            elif commit.is_bot:
                history.bots += 1
            else:
                history.count(datetime.fromtimestamp(commit.time, UTC), clock, commit)
        return history

    def count(self, when: datetime, clock: str, commit: git.Commit) -> None:
        day = when.date()
        cell = (day - timedelta(days=day.weekday()), clock, commit.is_web)
        self.cells[cell] += 1
        self.cell_authors[cell].add(commit.author)
        self.month_authors[f"{day:%Y-%m},{clock}"].add(commit.author)
        self.last = max(self.last or when, when)

    def lines(self, repository: str) -> Iterator[str]:
        yield "repository,week,utc_offset,web_flow,commits,authors"
        for (week, clock, is_web), n in sorted(self.cells.items()):
            authors = len(self.cell_authors[week, clock, is_web])
            yield f"{repository},{week},{clock},{is_web:d},{n},{authors}"

    def facts(self, listed: Listed, head: str) -> dict[str, Any]:
        total, last = self.cells.total(), self.last
        assert last is not None
        weeks = [week for week, _, _ in self.cells]
        return {
            "repo": listed.repository,
            "owner_country": listed.owner_country,
            "kind": listed.kind,
            "commit": head,
            "commit_date": last.isoformat(),
            "commits": total,
            "bot_commits_left_out": self.bots,
            "share_plus0800": round(self._of_clock("+0800") / total, 3),
            "share_plus0000": round(self._of_clock("+0000") / total, 3),
            "first_week": min(weeks).isoformat(),
            "last_week": max(weeks).isoformat(),
            "faulty_commits_left_out": self.faulty,
            "rewritten_on": "",
            "vanished_on": "",
        }

    def _of_clock(self, clock: str) -> int:
        return sum(n for (_, offset, _), n in self.cells.items() if offset == clock)


@dataclass
class Memory:
    """What the ledger keeps of histories between fetches, and who was gone in this one."""

    session: ServiceSession
    today: date
    gone: set[str] = field(default_factory=set)

    @property
    def top(self) -> Progress:
        return Progress(self.session.ledger.folder)

    @property
    def salt(self) -> bytes:
        known = self.top.recall("salt")
        if not known:
            known = {"salt": secrets.token_hex(32)}
            self.top.note("salt", known)
        return bytes.fromhex(known["salt"])

    def place(self, repository: str) -> Progress:
        name = hashlib.sha256(repository.lower().encode()).hexdigest()[:24]
        return Progress(self.session.ledger.folder / "histories" / name)

    def of(self, repository: str) -> dict[str, Any]:
        return self.place(repository).recall("history")

    def all(self) -> list[dict[str, Any]]:
        folder = self.session.ledger.folder / "histories"
        found = (Progress(place).recall("history") for place in folder.glob("*"))
        return sorted(
            (known for known in found if known), key=lambda known: str(known["facts"]["repo"]).lower()
        )


def _parts(session: ServiceSession, span: DaySpan) -> Iterator[Part]:
    listed = listed_repositories()
    memory = Memory(session, min(span.until, datetime.fromtimestamp(session.clock.now(), UTC).date()))
    for entry in listed:
        yield _history(entry, memory)
    given: dict[str, Any] = {"observed": memory.today, "is_final": False, "version": "all", "bounds": GROWTH}
    yield Part("repositories.csv", lambda _, target: _repositories(memory, listed, target), **given)
    yield Part("author_months.csv", lambda _, target: _author_months(memory, target), **given)


def _history(listed: Listed, memory: Memory) -> Part:
    def make(session: ServiceSession, target: Path) -> bool:
        before = memory.of(listed.repository)
        try:
            head = git.newest(session, listed.url)
            if listed.path in session.have and before and before["facts"]["commit"] == head:
                before["facts"] |= {"owner_country": listed.owner_country, "kind": listed.kind}
                memory.place(listed.repository).note("history", {**before, "group": listed.group})
                return False
            history = _read(session, listed, memory, before)
        except RefusedError as error:
            if error.status == git.ABSENT:
                memory.gone.add(listed.repository)
            raise
        if not history.cells:
            raise RefusedError(f"fetch: commit_weeks: {listed.url}: no commit that counts", git.ABSENT)
        facts = history.facts(listed, head)
        if before and not history.has_known:
            facts["rewritten_on"] = memory.today.isoformat()
        elif before:
            facts["rewritten_on"] = before["facts"]["rewritten_on"]
        write_lines(target, history.lines(listed.repository))
        months = {month: sorted(authors) for month, authors in sorted(history.month_authors.items())}
        known = {"facts": facts, "group": listed.group, "months": months}
        memory.place(listed.repository).note("history", known)
        return True

    return Part(
        listed.path,
        make,
        url=listed.url,
        observed=memory.today,
        is_final=False,
        is_optional=True,
        version=listed.repository,
        bounds=GROWTH,
        periods=_weeks,
    )


def _read(session: ServiceSession, listed: Listed, memory: Memory, before: Mapping[str, Any]) -> History:
    assert session.progress is not None
    folder = session.progress.folder / "clone.git"
    try:
        git.clone(session, listed.url, folder)
        known = before["facts"]["commit"] if before else None
        return History.of(git.commits(folder, memory.salt), memory.today, known)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _weeks(data: bytes) -> set[str]:
    return {row["week"] for row in csv.DictReader(StringIO(data.decode(), newline=""))}


def _repositories(memory: Memory, listed: list[Listed], target: Path) -> bool:
    """What is known of each repository, of those that are gone too.

    Raises:
        FetchError: all of the list are gone, which says more of the way there than of them, or hold nothing.
    """
    histories = memory.all()
    if len(memory.gone) == len(listed) or not histories:
        raise FetchError(
            f"fetch: commit_weeks: none of the {len(listed)} repositories is there for everybody; "
            "look whether the host asks for a login"
        )
    rows = []
    for known in histories:
        facts = known["facts"]
        is_gone = facts["repo"] in memory.gone
        facts["vanished_on"] = (facts["vanished_on"] or memory.today.isoformat()) if is_gone else ""
        memory.place(facts["repo"]).note("history", known)
        rows.append(facts)
    with target.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    return True


def _author_months(memory: Memory, target: Path) -> bool:
    """Distinct authors by month, clock and group of owners, over all repositories."""
    authors: dict[tuple[str, str], set[str]] = defaultdict(set)
    for known in memory.all():
        for month, found in known["months"].items():
            authors[month, known["group"]].update(found)
            authors[month, "all"].update(found)
    lines = [f"{month},{group},{len(found)}\n" for (month, group), found in sorted(authors.items())]
    target.write_text("month,utc_offset,owner_group,distinct_authors\n" + "".join(lines))
    return True


def _estimate(span: DaySpan, have: Collection[str]) -> FetchCost:
    """One question a repository, whose answer is that nothing is new or that it is read whole."""
    listed = listed_repositories()
    new = sum(entry.path not in have for entry in listed)
    return FetchCost(len(listed) + new, new * COMMITS * COMMIT_BYTES)


SERVICE = Service(
    source="commit_weeks",
    title="Git histories by week and author's clock",
    hosts={"github.com": 1.0},
    parts=_parts,
    estimate=_estimate,
    since=GIT_BEGAN,
    cadence="0 6 * * 2",
    licence="Derived counts (facts); no code, names or addresses are taken",
    attribution="Git histories of the repositories named in repositories.csv",
    homepage="https://git-scm.com",
    seconds_per_answer=5.0,
)
