"""Mutations of the sources whose files are lists and days: papers, titles, pages and documents."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from benchmarks.mutations import changes as do

if TYPE_CHECKING:
    from benchmarks.mutations.catalogue import Mutation

Make = Callable[..., "Mutation"]


def mutations(make: Make) -> Iterator[Mutation]:
    yield from _papers(make)
    yield from _titles(make)
    yield from _trending(make)
    yield from _agora(make)
    yield from _china_lists(make)
    yield from _regulations(make)


def _papers(make: Make) -> Iterator[Mutation]:
    papers, countries = "ijcai/*.json", "aff_country_unique"
    kinds: dict[str, Callable[[Any], Any]] = {
        "China and the United States swapped": _texts(countries, _swap("China", "United States")),
        "countries shuffled": _shuffled(countries),
        "countries emptied": _texts(countries, lambda text: ""),
        "affiliations emptied": _texts("aff", lambda text: ""),
        "without China": lambda rows: [r for r in rows if "China" not in str(r.get(countries))],
        "China called PRC": _texts(countries, lambda text: text.replace("China", "PRC")),
        "half the papers": lambda rows: random.Random(do.SEED).sample(rows, len(rows) // 2),
        "a tenth of the papers": lambda rows: rows[: len(rows) // 10],
        "no paper": lambda rows: [],
        "papers twice": lambda rows: rows + rows,
        "only the first country of each": _texts(countries, lambda text: text.split(";")[0]),
    }
    for name, change in kinds.items():
        yield make("conference_papers", f"venue: {name}", do.of_json(papers, change))
    yield make(
        "conference_papers", "venue: last year's papers", do.copied_within_venue(papers), is_short=True
    )
    reordered = do.of_json(papers, lambda rows: random.Random(do.SEED).sample(rows, len(rows)))
    yield make("conference_papers", "venue: papers in another order", reordered, is_control=True)


def _titles(make: Make) -> Iterator[Mutation]:
    months = "archive-web/*.json"
    kinds: dict[str, Callable[[Any], Any]] = {
        "no title": lambda content: {},
        "half the titles": lambda content: {w: dict(list(p.items())[::2]) for w, p in content.items()},
        "one keyword alone": lambda content: dict([max(content.items(), key=lambda item: len(item[1]))]),
        "a keyword renamed": lambda content: {
            (f"{w}s" if n == 0 else w): p for n, (w, p) in enumerate(sorted(content.items()))
        },
        "a month late": _lines(
            lambda line: re.sub(r"\d{4}-\d{2}-\d{2}", lambda m: do.day_moved(m[0], 31), line, count=1)
        ),
        "days and months exchanged": _lines(
            lambda line: re.sub(r"\d{4}-\d{2}-\d{2}", lambda m: do.exchanged(m[0]), line, count=1)
        ),
        "Qwen called Llama": _lines(lambda line: re.sub("Qwen", "Llama", line, flags=re.IGNORECASE)),
        "titles ten characters long": _lines(
            lambda line: re.sub(r"(\*\*)([^*]{10})[^*]*(\*\*)", r"\1\2\3", line)
        ),
    }
    for name, change in kinds.items():
        yield make("nlp_arxiv_daily", f"month: {name}", do.of_json(months, change, -6))
    yield make("nlp_arxiv_daily", "month: the month before's file", do.copied(months, -7, -6), is_short=True)
    yield make("nlp_arxiv_daily", "month: absent", do.removed(months, -6))
    reordered = do.of_json(months, lambda content: dict(sorted(content.items(), reverse=True)), -6)
    yield make("nlp_arxiv_daily", "month: keywords in another order", reordered, is_control=True)


def _trending(make: Make) -> Iterator[Mutation]:
    days = "larsbijl/*.md"
    kinds: dict[str, Callable[[bytes], bytes]] = {
        "half the entries": lambda data: b"\n".join(
            line for n, line in enumerate(data.split(b"\n")) if not line.startswith(b"*") or n % 2
        ),
        "python called py": lambda data: data.replace(b"#### python", b"#### py"),
        "no entry": lambda data: b"\n".join(x for x in data.split(b"\n") if not x.startswith(b"*")),
        "owners and names exchanged": lambda data: re.sub(rb"\[([^/\]]+)/([^\]]+)\]", rb"[\2/\1]", data),
    }
    for name, change in kinds.items():
        yield make("github_trending", f"day: {name}", do.of_bytes(days, change, -100))
    yield make("github_trending", "day: the day before's page", do.copied(days, -101, -100))
    yield make("github_trending", "day: the page of a year before", do.copied(days, -465, -100))
    blank = do.of_bytes(days, lambda data: data + b"\n", -100)
    yield make("github_trending", "day: a blank line more", blank, is_control=True)


def _agora(make: Make) -> Iterator[Mutation]:
    documents, day = "*/documents.csv", "Most recent activity date"
    kinds = {
        "a year early": do.days_moved(day, -365),
        "days and months exchanged": do.days_and_months_exchanged(day),
        "half the rows": do.half,
        "header only": do.emptied,
        "cut at a line end": do.cut(0.6),
        "rows twice": do.doubled,
        "authorities shuffled": do.shuffled("Authority"),
        "tags emptied": do.set_to("Tags", ""),
        "tags respelled": do.renamed_value("Tags", ": ", " - "),
        "activities renamed": do.renamed_value("Most recent activity", "Enacted", "In force"),
    }
    for name, change in kinds.items():
        yield make("agora_policy", f"documents: {name}", do.of_frame(documents, change))
    swap = do.swapped("Jurisdiction", "United States", "Chinese central government")
    yield make(
        "agora_policy", "authorities: two jurisdictions swapped", do.of_frame("*/authorities.csv", swap)
    )
    rows = do.of_frame(documents, do.shuffled_rows)
    yield make("agora_policy", "documents: rows in another order", rows, is_control=True)


def _china_lists(make: Make) -> Iterator[Mutation]:
    kinds = {
        "a year early": do.days_moved("publication_date", -365),
        "days and months exchanged": do.days_and_months_exchanged("publication_date"),
        "half the rows": do.half,
        "header only": do.emptied,
        "cut at a line end": do.cut(0.6),
        "titles shuffled": do.shuffled("title"),
        "issuers emptied": do.set_to("issuing_department", ""),
        "rows twice": do.doubled,
    }
    for name, change in kinds.items():
        yield make("china_policy_lists", f"ministry: {name}", do.of_frame("miit_*.csv", change))
    another = lambda files: {"miit_all_policies.derived.csv": files.read("tc260_all_policies.derived.csv")}  # noqa: E731
    yield make("china_policy_lists", "ministry: the other body's list", another)


def _regulations(make: Make) -> Iterator[Mutation]:
    days = "daily_search_results/*.json"
    kinds: dict[str, Callable[[Any], Any]] = {
        "no page": lambda pages: [],
        "half the documents": lambda pages: [{**p, "data": p["data"][::2]} for p in pages],
        "agency renamed": _documents("agencyId", lambda agency: "COMMERCE-BIS"),
        "rules and proposals exchanged": _documents(
            "documentType", lambda kind: "Rule" if kind == "Proposed Rule" else "Proposed Rule"
        ),
        "posted a year early": _documents("postedDate", lambda day: do.day_moved(day, -365)),
        "withdrawn all": _documents("withdrawn", lambda flag: True),
    }
    for name, change in kinds.items():
        yield make("regulations_gov_bis", f"day: {name}", do.of_json(days, change, -20))
    yield make("regulations_gov_bis", "day: the day before's answer", do.copied(days, -21, -20))


def _texts(field: str, change: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda rows: [{**row, field: change(row[field])} if row.get(field) else row for row in rows]


def _shuffled(field: str) -> Callable[[Any], Any]:
    def change(rows: Any) -> Any:
        values = [row.get(field) for row in rows]
        random.Random(do.SEED).shuffle(values)
        return [{**row, field: value} for row, value in zip(rows, values, strict=True)]

    return change


def _swap(one: str, other: str) -> Callable[[str], str]:
    return lambda text: text.replace(one, "\0").replace(other, one).replace("\0", other)


def _lines(change: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda content: {w: {i: change(line) for i, line in p.items()} for w, p in content.items()}


def _documents(field: str, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def changed(document: Any) -> Any:
        attributes = document["attributes"]
        return {**document, "attributes": {**attributes, field: change(attributes.get(field))}}

    return lambda pages: [{**page, "data": [changed(d) for d in page["data"]]} for page in pages]
