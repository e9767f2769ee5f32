"""The built page: what stands on it, what it loads, that it is the same twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from report import formats
from report.inputs import InputError, Inputs
from report.site import build

Make = Callable[..., Inputs]
Built = tuple[Inputs, Path]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'=HYPERLINK()"


class Elements(HTMLParser):
    """Every start tag with its attributes, the text outside tags, and the tags left open."""

    VOID = frozenset({"meta", "link", "img", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.text += data


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def page(inputs: Inputs, folder: Path) -> tuple[str, Elements]:
    html = build(inputs, folder / "site").index.read_text(encoding="utf-8")
    return html, Elements(html)


def section(html: str, name: str) -> str:
    """The section of this id, up to the next one."""
    begins = html.index(f'<section id="{name}"')
    return html[begins : html.index("</section>", begins)]


def loaded(elements: Elements) -> Iterator[str]:
    """Every address a browser fetches by itself."""
    for tag, attributes in elements.tags:
        for name in ("src", "srcset", "data", "poster", "action"):
            if address := attributes.get(name):
                yield address
        if tag == "link":
            yield attributes["href"] or ""


@pytest.mark.slow
def test_two_builds_give_equal_bytes_and_leave_nothing_else(make_inputs: Make, tmp_path: Path) -> None:
    inputs = make_inputs("sample")
    output = tmp_path / "out" / "site"
    output.mkdir(parents=True)
    (output / "stale.html").write_text("old")
    summary = build(inputs, output)
    first = files(output)
    build(inputs, output)
    assert files(output) == first
    assert "stale.html" not in first
    assert [path.name for path in output.parent.iterdir()] == ["site"]
    assert (summary.files, summary.bytes) == (len(first), sum(map(len, first.values())))
    assert summary.bytes < 1_500_000
    assert len(first["index.html"]) < 400_000


def test_page_is_well_formed_and_loads_only_what_lies_beside_it(built: Built) -> None:
    _, site = built
    html = (site / "index.html").read_text(encoding="utf-8")
    elements = Elements(html)
    assert elements.open == []
    ids = [attributes["id"] for _, attributes in elements.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    addresses = list(loaded(elements))
    assert addresses
    for address in addresses:
        assert (site / address).is_file(), address
    assert "script" not in {tag for tag, _ in elements.tags}
    assert not re.search(r"url\(|@import", (site / "style.css").read_text())
    for tag, attributes in elements.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        if tag == "img":
            assert attributes["alt"]
        if tag == "a":
            assert (attributes["href"] or "").startswith(("#", "https://"))
    for anchor in re.findall(r'href="#([^"]+)"', html):
        assert anchor in ids
    for drawing in (site / "figures").glob("*.svg"):
        root = ElementTree.fromstring(drawing.read_bytes())
        assert not [node for node in root.iter() if node.tag.endswith(("script", "image", "foreignObject"))]


def test_simulated_is_said_for_the_sample_only(built: Built) -> None:
    inputs, site = built
    html = (site / "index.html").read_text(encoding="utf-8")
    text = " ".join(Elements(html).text.split())
    if inputs.origin == "sample":
        assert "<title>SIMULATED" in html
        assert "(seed 7)" in html
        assert text.count("SIMULATED.") >= 5  # every figure says so itself
        assert "+0.300 inside" in text
    else:
        begins = html.index('<section id="worlds"')  # simulated in every origin, and says so
        html = html[:begins] + html[html.index("</section>", begins) :]
        assert "SIMULATED" not in html
        assert "Planted" not in html


def test_every_headline_row_and_every_reason_is_on_the_page(built: Built) -> None:
    inputs, site = built
    elements = Elements((site / "index.html").read_text(encoding="utf-8"))
    rows = pq.read_table(inputs.results / "estimates.parquet").to_pylist()
    shown = {attributes.get("data-estimate") for _, attributes in elements.tags}
    headline = {row["estimate_id"] for row in rows if row["family"] == "headline"}
    assert len(headline) >= 16
    assert headline <= shown
    for row in pq.read_table(inputs.results / "identification.parquet").to_pylist():
        assert row["reason"] in elements.text


def test_numbers_on_the_page_are_those_of_the_tables(built: Built) -> None:
    inputs, site = built
    html = section((site / "index.html").read_text(encoding="utf-8"), "estimates")
    rows = {
        row["estimate_id"]: row for row in pq.read_table(inputs.results / "estimates.parquet").to_pylist()
    }
    seen = 0
    for estimate_id, cells in re.findall(r'<tr data-estimate="([^"]+)"[^>]*>(.*?)</tr>', html, re.DOTALL):
        row = rows[estimate_id]
        if row["family"] != "headline" or row["p_value"] is None:
            continue
        low, high = (formats.number(row[bound], signed=True) for bound in ("ci_low", "ci_high"))
        for wanted in (
            formats.number(row["estimate"], signed=True), f"{low} to {high}", formats.number(row["p_value"]),
            formats.rank(row["p_value"], row["p_floor"]),
        ):  # fmt: skip
            assert f">{wanted}<" in cells, (estimate_id, wanted)
        seen += 1
    assert seen == 12


def test_origin_of_the_numbers_is_shown(built: Built) -> None:
    html = (built[1] / "index.html").read_text(encoding="utf-8")
    text = " ".join(Elements(html).text.split())
    assert f'title="{"ab" * 32}"' in html
    for wanted in (
        "CC0-1.0", "innovation_graph, its publisher", "2026-07-01 to 2026-07-03", "3.5 MB",
        "0.1.0+abc",
        "Accepted by a person: github_trending/entries rows_per_day (known day)", "ChatGPT released",
    ):  # fmt: skip
        assert wanted in text


def test_text_from_sources_cannot_become_markup_or_leave_its_folder(
    make_inputs: Make, tmp_path: Path
) -> None:
    def spoil(tables: dict[str, list[dict[str, Any]]]) -> None:
        for rows in tables.values():
            for row in rows:
                for name in (
                    "title description unit citation summary reason note regime why assumption scenario "
                    "quantity_title published_definition published_source published_unit claimed "
                    "choice_donors"
                ).split():
                    if name in row:
                        row[name] = HOSTILE
                for name in ("outcome", "source"):
                    if name in row:
                        row[name] = f"../../{row[name]}{HOSTILE}"
        for row in tables["dim_event"]:
            row["url"] = "javascript:alert(1)"
        tables["checks"][1] |= {"observed": HOSTILE, "expected": HOSTILE, "table": HOSTILE, "check": HOSTILE}

    html, elements = page(make_inputs("archive", spoil), tmp_path)
    assert HOSTILE in elements.text
    assert not {"script"} & {tag for tag, _ in elements.tags}
    assert all(attributes["src"] != "x" for tag, attributes in elements.tags if tag == "img")
    assert "javascript:" not in html
    written = {path.resolve() for path in (tmp_path / "site").rglob("*")}
    assert all(path.is_relative_to(tmp_path / "site") for path in written)
    marked = [content for name, content in files(tmp_path / "site").items() if not name.endswith(".csv")]
    assert not any(b"<script" in content for content in marked)
    for table in (tmp_path / "site" / "data").glob("*.csv"):
        assert not re.search(r"(?m)(^|,)=", table.read_text())


@pytest.mark.parametrize("kind", ["empty", "absent"])
def test_a_page_without_any_row_says_what_is_missing(make_inputs: Make, tmp_path: Path, kind: str) -> None:
    _, elements = page(make_inputs(**{kind: True}), tmp_path)
    text = " ".join(elements.text.split())
    assert "The data at hand cannot answer the question" in text
    for sentence in (
        "No identification table in this run", "No headline estimate in this run", "The archive is empty",
        "No outcome in this run", "No coverage table in this run", "No check was run",
        "No timeline in this run", "No table of claims in this run", "No table of the clock in this run",
        "No table of worlds in this run",
        "No table of revisions in this run", "chokepoint run --select results/specification_curve",
        "so there is nothing to vary", "so there is nothing to overturn",
    ):  # fmt: skip
        assert sentence in text


def test_nothing_identified_is_a_page_with_reasons(make_inputs: Make, tmp_path: Path) -> None:
    def unidentify(tables: dict[str, list[dict[str, Any]]]) -> None:
        for row in tables["identification"]:
            row |= {"status": "not_identified", "reason": "China has no row before the first event"}
        for row in tables["estimates"]:
            empty = dict.fromkeys(("estimate", "ci_low", "ci_high", "p_value", "p_floor", "percent_effect"))
            row |= empty | {"status": "not_identified", "reason": "China has no row before the first event"}

    html, elements = page(make_inputs("archive", unidentify), tmp_path)
    assert "no headline outcome can be tested" in elements.text
    assert "set above zero" not in html
    assert elements.text.count("China has no row before the first event") >= 8


def test_a_missing_column_is_one_clear_line(make_inputs: Make, tmp_path: Path) -> None:
    inputs = make_inputs()
    pq.write_table(pa.table({"outcome": ["git_pushes"]}), inputs.results / "estimates.parquet")
    with pytest.raises(
        InputError, match=r"^report: results/estimates.parquet: column estimate_id is missing"
    ):
        build(inputs, tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["[]", "{", '{"dim_event": []}', '{"dim_event": {"accepted": [{"check": 7}]}}', "[" * 100_000]
)
def test_a_failed_build_leaves_the_page_before_it(make_inputs: Make, tmp_path: Path, text: str) -> None:
    inputs = make_inputs()
    build(inputs, tmp_path / "site")
    before = files(tmp_path / "site")
    (inputs.gate / "verdicts.json").write_text(text)
    with pytest.raises(InputError, match=r"gate/verdicts\.json"):
        build(inputs, tmp_path / "site")
    assert files(tmp_path / "site") == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("homepage", "addresses"),
    [
        ("https://example.org/a", ["https://example.org/a"]),
        ("https://example.org/a https://example.org/b", ["https://example.org/a", "https://example.org/b"]),
        ("https://example.org/a; http://example.org/b,", ["https://example.org/a", "http://example.org/b"]),
        ("see https://example.org/a\nhttps://example.org/a", ["https://example.org/a"]),
        ("javascript:alert(1) https://example.org/a", ["https://example.org/a"]),
        ("ftp://example.org", []),
        (None, []),
    ],
)
def test_every_address_of_a_source_has_a_link_of_its_own(
    make_inputs: Make, tmp_path: Path, homepage: str | None, addresses: list[str]
) -> None:
    inputs = make_inputs()
    source = {**inputs.archive[0], "homepage": homepage}
    page = build(replace(inputs, archive=[source]), tmp_path / "out").index.read_text()  # type: ignore[list-item]
    section = page[page.index('id="origins"') :]
    section = section[: section.index("</section>")]
    links = [href for href in re.findall(r'href="([^"]*)"', section) if "://" in href]
    assert links == addresses
    assert str(source["source"]) in section
