"""Labels on GitHub owners: company, country and province.

Publisher: X-lab OpenDigger (LICENSE Apache-2.0; the README names no licence for labels: a second opinion,
not passed on). A file of YAML is a label; it lists owners, repositories (not loaded) and other labels by
path. Strongly weighted to China; absence of a label says nothing, and a label has no time. Counts of
accounts beside the divisions are not loaded. Run alone: ``python -m dlt_sources open_digger_labels DIR``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from posixpath import dirname, normpath
from weakref import WeakKeyDictionary

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from dlt_sources.archive import ArchiveError, File, Snapshot, iter_read
from dlt_sources.documents import DocumentError, strict_yaml
from dlt_sources.tables import Rejects, Source, Table, validated, with_position

OfLabel = Callable[[File, str, "Content"], Iterator[Mapping[str, object]]]
LABELS = "labeled_data/*.yml"

OWNERS = pa.schema(
    [
        pa.field("label", pa.string(), nullable=False),
        pa.field("platform", pa.string(), nullable=False),
        pa.field("owner", pa.string(), nullable=False),
        pa.field("owner_id", pa.int64(), nullable=False),
    ]
)
LINKS = pa.schema(
    [pa.field("label", pa.string(), nullable=False), pa.field("labelled", pa.string(), nullable=False)]
)


class LabelledOwner(BaseModel):
    """An owner with the platform's own number."""

    model_config = ConfigDict(strict=True)

    id: int
    name: str


class Platform(BaseModel):
    """What a label holds on one platform."""

    model_config = ConfigDict(strict=True)

    name: str
    orgs: list[LabelledOwner] = []


class Content(BaseModel):
    """What a label holds."""

    model_config = ConfigDict(strict=True)

    labels: list[str] = []
    platforms: list[Platform] = []


class Label(BaseModel):
    """A label, of which other fields are nobody's; a division may hold nothing."""

    model_config = ConfigDict(strict=True)

    data: Content | None = None


# the labels of the snapshot that is being loaded, which two tables ask for; gone with it
_READ: WeakKeyDictionary[Snapshot, tuple[tuple[File, str, Content], ...]] = WeakKeyDictionary()


def _labels(snapshot: Snapshot) -> tuple[tuple[File, str, Content], ...]:
    """(file, label's path, content) of every label."""
    if snapshot not in _READ:
        _READ[snapshot] = tuple(_read(snapshot))
    return _READ[snapshot]


def _read(snapshot: Snapshot) -> Iterator[tuple[File, str, Content]]:
    for file, data in iter_read(snapshot, LABELS):
        where = f"archive: open_digger_labels/{file.path}"
        try:
            content = strict_yaml(data)
        except DocumentError as error:
            raise ArchiveError(f"{where}: {error}; fetch it again") from None
        label = validated(Label, content, where)
        yield file, _path(file.path), label.data or Content()


def _path(file: str) -> str:
    return file.removeprefix("labeled_data/").removesuffix(".yml").removesuffix("/index")


def _target(file: str, named: str) -> str:
    """A label is named from the top (``:companies/360``) or from the folder of the file that names it."""
    if named.startswith(":"):
        return named[1:]
    return normpath(f"{dirname(file.removeprefix('labeled_data/'))}/{named}")


def _rows(snapshot: Snapshot, columns: pa.Schema, of_label: OfLabel) -> Iterator[pa.Table]:
    """One table of all files: there are a thousand, of a few rows each."""
    parts = [
        with_position(pa.Table.from_pylist(list(of_label(file, label, content)), columns), file)
        for file, label, content in _labels(snapshot)
    ]
    if parts:
        yield pa.concat_tables(parts)


def _owners(snapshot: Snapshot, _: Rejects) -> Iterator[pa.Table]:
    def rows(_: File, label: str, content: Content) -> Iterator[Mapping[str, object]]:
        for platform in content.platforms:
            for owner in platform.orgs:
                yield {"label": label, "platform": platform.name, "owner": owner.name, "owner_id": owner.id}

    return _rows(snapshot, OWNERS, rows)


def _links(snapshot: Snapshot, _: Rejects) -> Iterator[pa.Table]:
    def rows(file: File, label: str, content: Content) -> Iterator[Mapping[str, object]]:
        for named in content.labels:
            yield {"label": label, "labelled": _target(file.path, named)}

    return _rows(snapshot, LINKS, rows)


SOURCE = Source(
    name="open_digger_labels",
    title="Labels on owners",
    tables=(
        Table("owners", OWNERS, (LABELS,), _owners, "one row per label and owner", may_be_empty=True),
        Table("links", LINKS, (LABELS,), _links, "one row per label and label it names", may_be_empty=True),
    ),
    cadence="0 7 1 * *",
)
