"""Simulated NLP arXiv Daily: two line formats, papers under several keywords, a growing keyword set.

Planted beside them: papers with two days and a revised title, ids a month after the day, titles that
contain "|", and words that only look like a model (the animal llama, MIMO antennas, Bloom's taxonomy).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from dlt_sources.sample.paper_titles import FAMILIES, LOOKALIKES, NAMING, PLAIN, TOPICS
from dlt_sources.sample.world import LAST, World, Written, months

FIRST_LIST = date(2022, 8, 1)
KEYWORDS = (
    "NLP;LLM;RAG;Reasoning;Alignment;Multi-Agent;Tool Use;LLM Agent;Multimodal LLM;Long Context;"
    "LLM Efficiency;LLM Safety;LLM Evaluation;Code LLM;Speech LLM;Legal NLP;Medical NLP;"
    "Multilingual NLP;Named Entity Recognition;Information Extraction;Text Classification;"
    "Question Answering;Sentiment Analysis;Knowledge Graph;World Model"
).split(";")


def _keyword_count(month: date) -> int:
    if month < date(2022, 10, 1):
        return 1
    if month < date(2023, 1, 1):
        return {10: 4, 11: 6, 12: 8}[month.month]
    return 24 if month < date(2026, 4, 1) else 25


def _titles(rng: np.random.Generator, month: date, papers: int) -> list[str]:
    """One title a paper; the open families of the month share the odds of being named."""
    families = [(name, weight) for since, name, weight in FAMILIES if since <= month]
    weights = np.array([weight for _, weight in families])
    odds = min(0.2, 0.01 * weights.sum())
    is_named, topic = rng.random(papers) < odds, rng.integers(len(TOPICS), size=papers)
    titles = []
    for n in range(papers):
        if n < len(LOOKALIKES) and papers > 50:
            titles.append(LOOKALIKES[n])
        elif is_named[n]:
            family = families[int(rng.choice(len(families), p=weights / weights.sum()))][0]
            titles.append(NAMING[n % len(NAMING)].format(family))
        else:
            titles.append(f"{PLAIN[n % len(PLAIN)].format(TOPICS[topic[n]])}, Part {n + 1}")
    return titles


def _line(number: int, paper: str, day: date, title: str) -> str:
    """The paper's line; every eighth is a table row, every fifth has code."""
    url, code = f"http://arxiv.org/abs/{paper}v1", f"https://github.com/sample/code{number}"
    if number % 8 == 0:
        link = f"**[link]({code})**" if number % 5 == 0 else "null"
        return f"|**{day}**|**{title}**|A. Sample et.al.|[{paper}v1]({url})|{link}|\n"
    link = f", Code: **[{code}]({code})**" if number % 5 == 0 else ""
    return f"- {day}, **{title}**, A. Sample et.al., Paper: [{url}]({url}){link}\n"


def write(world: World) -> Mapping[str, Written]:
    rng = world.rng("nlp_arxiv_daily")
    files: dict[str, Written] = {}
    for index, month in enumerate(months(FIRST_LIST, LAST)):
        count = _keyword_count(month)
        papers = {1: 4, 4: 20, 6: 24, 8: 28}.get(count, 90 + int(rng.integers(20)) + index)
        listing: dict[str, dict[str, str]] = {keyword: {} for keyword in KEYWORDS[:count]}
        places = rng.integers(count, size=(papers, 2))
        for number, title in enumerate(_titles(rng, month, papers)):
            # the first three came in on the last day of the month before their id's
            day = month + timedelta(days=number % 28) if number >= 3 else month - timedelta(days=1)
            paper = f"{month:%y%m}.{number + 1:05d}"
            first, second = (KEYWORDS[place] for place in places[number])
            listing[first][paper] = _line(number, paper, day, title)
            if number % 3 == 0 and first != second:
                revised = number % 30 == 0 and month.year == 2023
                listing[second][paper] = _line(
                    number + 1,
                    paper,
                    day + timedelta(days=9 if revised else 0),
                    f"{title} (Revised)" if revised else title,
                )
        running = month == LAST.replace(day=1)
        path = "nlp-arxiv-daily-web.json" if running else f"archive-web/{month:%Y-%m}.json"
        files[path] = Written(json.dumps(listing).encode(), LAST if running else None)
    return files
