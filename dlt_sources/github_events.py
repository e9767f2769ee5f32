"""Public events of GitHub by hour: forks, stars, pushes, issues and pull requests of tracked repositories.

Publisher: GH Archive (or a mirror of its files). ``hours/2024-01-31-5.json.gz`` is an hour as it was
collected, one event a line, of which only counts and the events of the repositories in ``repositories.csv``
are kept; what was read of an hour is kept by its hash, so that a late hour costs one file.
``months/2024-01/<table>.parquet`` is a month that another engine has reduced to the same tables. Actors are
keyed hashes (``salt.txt``), their e-mails are never read, and of a stated location (``profiles.jsonl``) only
the country is kept. ``breaks`` says which hours are thin for good. Run alone: ``python -m dlt_sources
github_events DIR``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import islice, pairwise
from typing import BinaryIO
from weakref import WeakKeyDictionary

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dlt_sources.archive import ArchiveError, File, Snapshot, iter_read
from dlt_sources.github_hours.collector_breaks import BREAKS, breaks
from dlt_sources.github_hours.definition import (
    ACTOR_HOURS,
    ENGINES,
    EVENTS,
    HOUR,
    HOUR_COUNTS,
    HOURS,
    REDUCED,
    REPOSITORY_HOURS,
    SALT_DIGITS,
    Tracked,
    hour_of,
)
from dlt_sources.github_hours.gazetteer import UNKNOWN, place
from dlt_sources.github_hours.reduction import reduced
from dlt_sources.github_hours.scan import NoHourError, scan
from dlt_sources.kept import Tables, kept
from dlt_sources.packed import PackedError
from dlt_sources.tables import POSITION, Rejects, Source, Table, csv_reader, csv_strings, with_position

NAME = "github_events"
HOUR_GLOB, MONTHS = "hours/*.json", "months/*/"
REPOSITORIES_FILE, PROFILES_FILE, SALT_FILE = "repositories.csv", "profiles.jsonl", "salt.txt"
MONTH_NAME = re.compile(r"months/(\d{4}-\d\d)/\w+\.parquet")
MONTHS_TOGETHER = 24  # to be typed at once: that costs more than reading a month
REMEDY = "chokepoint fetch github_events writes it"
KEPT = ("events", "hour", "counts", "faults")
FAULTS = pa.schema([pa.field("line", pa.int64()), pa.field("reason", pa.string(), nullable=False)])

REPOSITORIES = pa.schema(
    [
        pa.field("repository", pa.string(), nullable=False),
        pa.field("github_id", pa.int64()),
        pa.field("name", pa.string(), nullable=False),
    ]
)
PROFILES = pa.schema(
    [
        pa.field("actor", pa.string(), nullable=False),
        pa.field("country", pa.string(), nullable=False),
        pa.field("is_ambiguous", pa.bool_(), nullable=False),
        pa.field("observed", pa.date32(), nullable=False),
    ]
)
# of the snapshot that is being loaded, whose tables share one reduction; gone with it
_REDUCED: WeakKeyDictionary[Snapshot, Mapping[str, pa.Table]] = WeakKeyDictionary()


def hour_files(snapshot: Snapshot) -> dict[datetime, File]:
    """Files by their hour, in time order.

    Raises:
        ArchiveError: a name that is no hour's, an hour twice, or one of a month that was reduced elsewhere.
    """
    found: dict[datetime, File] = {}
    months = _months(snapshot)
    for file in snapshot.matching(HOUR_GLOB):
        where, hour = f"archive: {snapshot.source}/{file.path}", hour_of(file.path)
        if hour is None:
            raise ArchiveError(f"{where}: is no hour, expected hours/2024-01-31-5.json.gz; rename it")
        if hour in found:
            raise ArchiveError(f"{where}: the same hour as {found[hour].path}; remove one of the two")
        if other := months.get(f"{hour:%Y-%m}"):
            raise ArchiveError(
                f"{where}: its month is there as {other.path} too; remove the month's hours or its folder"
            )
        found[hour] = file
    return {hour: found[hour] for hour in sorted(found)}


def _months(snapshot: Snapshot) -> dict[str, File]:
    """A file of each month that another engine reduced."""
    files = snapshot.matching(f"{MONTHS}*.parquet")
    return {match[1]: file for file in files if (match := MONTH_NAME.fullmatch(file.path))}


def _tracked(snapshot: Snapshot) -> tuple[Tracked, bytes, str]:
    """The list, the salt and a hash of both.

    Raises:
        ArchiveError: one of them is absent or is no such.
    """
    listed: list[tuple[str, int | None, str]] = []
    where = f"archive: {snapshot.source}/{REPOSITORIES_FILE}"
    for file, data in iter_read(snapshot, REPOSITORIES_FILE):
        columns = {name: name for name in REPOSITORIES.names}
        for row in csv_strings(data, file, columns, Rejects(NAME), "repositories").to_pylist():
            github_id = row["github_id"]
            if None in (row["repository"], row["name"]) or not (github_id or "0").isdecimal():
                continue  # refused when the table itself is read
            listed.append((row["repository"], int(github_id) if github_id else None, row["name"]))
    if not listed:
        raise ArchiveError(f"{where}: absent or empty, expected the repositories to be counted; {REMEDY}")
    try:
        tracked = Tracked.of(listed)
    except ValueError as error:
        raise ArchiveError(f"{where}: {error}; remove one row") from None
    salt = _salt(snapshot)
    return tracked, salt, hashlib.sha256(repr((sorted(listed, key=str), salt)).encode()).hexdigest()


def _salt(snapshot: Snapshot) -> bytes:
    where = f"archive: {snapshot.source}/{SALT_FILE}"
    for _, data in iter_read(snapshot, SALT_FILE):
        text = data.decode("ascii", "replace").strip()
        if re.fullmatch(rf"[0-9a-fA-F]{{{SALT_DIGITS},128}}", text) and len(text) % 2 == 0:
            return bytes.fromhex(text)
        raise ArchiveError(f"{where}: expected {SALT_DIGITS} to 128 hexadecimal digits; write some at random")
    raise ArchiveError(
        f"{where}: absent, expected {SALT_DIGITS} hexadecimal digits that make actors unknowable; {REMEDY}"
    )


def _read(content: BinaryIO, hour: datetime, file: File, tracked: Tracked, salt: bytes) -> Tables:
    """All that is kept of one hour file."""
    try:
        found = scan(content, hour, tracked, salt)
    except NoHourError as error:
        raise PackedError(str(error)) from None
    row = {
        "hour": hour,
        "lines": found.lines,
        "bad_lines": found.bad_lines,
        "bytes": file.bytes,
        "is_whole": found.is_whole,
        "generation": found.generation,
        "engine": "scan",
    }
    counts = [{"hour": hour, "event": kind, "events": n} for kind, n in sorted(found.kinds.items())]
    known = pa.schema([field for field in HOUR_COUNTS if field.name != "tracked"])
    return {
        "events": found.events,
        "hour": pa.Table.from_pylist([row], pa.schema([f for f in HOURS if f.name != "duplicates"])),
        "counts": pa.Table.from_pylist(counts, known),
        "faults": pa.Table.from_pylist([fault._asdict() for fault in found.faults], FAULTS),
    }


def _hours_read(snapshot: Snapshot) -> Mapping[str, pa.Table]:
    """Tables of ``REDUCED`` made of the hour files, with their positions, and ``faults``."""
    if snapshot in _REDUCED:
        return _REDUCED[snapshot]
    files = hour_files(snapshot)
    tracked, salt, given = _tracked(snapshot)
    parts: dict[str, list[pa.Table]] = {name: [] for name in KEPT}
    for hour, file in files.items():
        of_hour = partial(_read, hour=hour, file=file, tracked=tracked, salt=salt)
        tables = kept(snapshot, file, KEPT, of_hour, given)
        parts["faults"].append(_placed(tables["faults"], file.path))
        for name in KEPT[:-1]:
            parts[name].append(tables[name])
    read = {name: pa.concat_tables(tables) for name, tables in parts.items()}
    made = reduced(read["events"].select(EVENTS.names), _months(snapshot))
    paths = pa.table({"hour": pa.array(list(files), HOUR), "_source_file": [f.path for f in files.values()]})
    hours = read["hour"].join(made["duplicates"], "hour").join(paths, "hour").sort_by("hour")
    counts = read["counts"].join(made["tracked"], ["hour", "event"]).join(paths, "hour")
    cells = {
        name: _in_order(made[name].rename_columns({"first_hour": "hour"}).join(paths, "hour"))
        for name in ("repository_hours", "actor_hours")
    }
    content = {
        "hours": _zeros(hours, "duplicates"),
        "hour_counts": _zeros(counts, "tracked").sort_by([("hour", "ascending"), ("event", "ascending")]),
        **cells,
    }
    numbered = {name: _numbered(table) for name, table in content.items()}
    _REDUCED[snapshot] = numbered | {"faults": read["faults"]}
    return _REDUCED[snapshot]


def _in_order(cells: pa.Table) -> pa.Table:
    grain = cells.column_names[: cells.column_names.index("events")]
    return cells.drop_columns(["hour"]).sort_by([(name, "ascending") for name in grain])


def _zeros(table: pa.Table, name: str) -> pa.Table:
    """Where nothing was counted, nothing was there."""
    at = table.column_names.index(name)
    return table.set_column(at, name, pc.fill_null(table[name], 0))


def _numbered(table: pa.Table) -> pa.Table:
    return table.append_column(POSITION[1], pa.array(range(1, len(table) + 1), pa.int64()))


def _placed(table: pa.Table, path: str) -> pa.Table:
    return table.append_column("_source_file", pa.repeat(pa.scalar(path), len(table)))


def _month_files(snapshot: Snapshot, name: str) -> Iterator[pa.Table]:
    """Months that another engine reduced.

    Raises:
        ArchiveError: no Parquet file with these columns, or it does not say which engine made it.
    """
    for file in snapshot.matching(f"{MONTHS}{name}.parquet"):
        where = f"archive: {snapshot.source}/{file.path}"
        with snapshot.opened(file) as content:
            try:
                table = pq.read_table(content, partitioning=None)
                engine = (table.schema.metadata or {}).get(b"engine", b"").decode("ascii", "replace")
                table = table.select(REDUCED[name].names).cast(REDUCED[name])
            except (pa.ArrowException, KeyError) as error:
                reason = str(error).splitlines()[0]
                raise ArchiveError(f"{where}: no {name} in Parquet ({reason}); fetch it again") from None
        if engine not in ENGINES:
            raise ArchiveError(
                f"{where}: engine: is {engine!r}, expected {', '.join(ENGINES)}; fetch it again"
            )
        yield with_position(table, file)


def _reader(name: str) -> Callable[[Snapshot, Rejects], Iterator[pa.Table]]:
    def read(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
        if snapshot.matching(HOUR_GLOB):
            content = _hours_read(snapshot)
            if name == "hours":
                _refuse_faults(content["faults"], list(hour_files(snapshot)), rejects)
            yield content[name]
        of_months = _month_files(snapshot, name)
        while together := [*islice(of_months, MONTHS_TOGETHER)]:
            yield pa.concat_tables(together)

    return read


def _refuse_faults(faults: pa.Table, hours: list[datetime], rejects: Rejects) -> None:
    """What an hour lacks, and holes between hours, each once and by name. No word of a line is repeated."""
    for fault in faults.to_pylist():
        rejects.add("hours", fault["_source_file"], fault["line"], None, fault["reason"], None)
    for before, after in pairwise(hours):
        if missing := (after - before) // timedelta(hours=1) - 1:
            first = before + timedelta(hours=1)
            path = f"hours/{first:%Y-%m-%d}-{first.hour}.json.gz"
            rejects.add("hours", path, None, None, f"{missing:,} hours from this one on are absent", None)


def _read_breaks(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    if snapshot.matching(HOUR_GLOB, f"{MONTHS}*.parquet"):
        yield _numbered(_placed(breaks(), "breaks.yml"))


def _read_profiles(snapshot: Snapshot, rejects: Rejects) -> Iterator[pa.Table]:
    """Countries by actor; the stated text is mapped here and dropped."""
    for file, data in iter_read(snapshot, PROFILES_FILE):
        rows = []
        for number, line in enumerate(data.splitlines(), 1):
            if not line.strip():
                continue
            try:
                content = orjson.loads(line)
                actor, location, observed = (content[name] for name in ("actor", "location", "observed"))
                if not re.fullmatch(r"[0-9a-f]{16}", actor) or not isinstance(location, str | None):
                    raise TypeError
            except (orjson.JSONDecodeError, KeyError, TypeError):
                rejects.add("profiles", file.path, number, None, "no actor, location and day", None)
                continue
            country, is_ambiguous = place(location)
            values = (actor, country or UNKNOWN, is_ambiguous, str(observed), file.path, number)
            rows.append(dict(zip((*PROFILES.names, *(f.name for f in POSITION)), values, strict=True)))
        text = [pa.field(f.name, pa.string()) if f.name == "observed" else f for f in PROFILES]
        yield pa.Table.from_pylist(rows, pa.schema([*text, *POSITION]))


SOURCE = Source(
    name=NAME,
    title="GitHub events by hour",
    tables=(
        Table(
            "repository_hours",
            REPOSITORY_HOURS,
            (HOUR_GLOB, f"{MONTHS}repository_hours.parquet"),
            _reader("repository_hours"),
            "one row per tracked repository, week, hour of week, kind of event and whether by bots",
            may_be_empty=True,
        ),
        Table(
            "actor_hours",
            ACTOR_HOURS,
            (HOUR_GLOB, f"{MONTHS}actor_hours.parquet"),
            _reader("actor_hours"),
            "the same by actor (a keyed hash), with the country that events of 2012 to 2014 state",
            may_be_empty=True,
        ),
        Table(
            "hours",
            HOURS,
            (HOUR_GLOB, f"{MONTHS}hours.parquet"),
            _reader("hours"),
            "one row per hour file: lines, bad lines, duplicates, whether it is whole",
            may_be_empty=True,
        ),
        Table(
            "hour_counts",
            HOUR_COUNTS,
            (HOUR_GLOB, f"{MONTHS}hour_counts.parquet"),
            _reader("hour_counts"),
            "events of an hour file by type: of all repositories, and of tracked ones once each",
            may_be_empty=True,  # of an hour that holds nothing
        ),
        Table(
            "repositories",
            REPOSITORIES,
            (REPOSITORIES_FILE,),
            csv_reader("repositories", REPOSITORIES_FILE, {name: name for name in REPOSITORIES.names}),
            "one row per tracked repository and name that it has or had",
        ),
        Table(
            "profiles",
            PROFILES,
            (PROFILES_FILE,),
            _read_profiles,
            "country that an actor's profile names, ZZ where none or several; the text is not kept",
            may_be_empty=True,
        ),
        Table(
            "breaks",
            BREAKS,
            (HOUR_GLOB, f"{MONTHS}repository_hours.parquet"),
            _read_breaks,
            "hours in which the publisher's files are thin or made otherwise, by type of event; curated",
            may_be_empty=True,  # it is of no file of the archive
        ),
    ),
    cadence="30 6 * * *",
)
