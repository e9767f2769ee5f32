"""Daily top-100 lists of GitHub repositories on language models, by stars.

Publisher: github.com/yuxiaopeng/Github-Ranking-AI, MIT, which took over the method and the layout of
``github_ranking``: the same reader reads it. A row is one repository in one list on one day. The lists
LLM and chatGPT run through all days (from 2025-03-04 the second is ChatGPT, and thirteen other lists
join); entry needs the list's floor, so that counts of listed repositories say nothing. Run alone:
``python -m dlt_sources github_ranking_ai DIR``.
"""

from __future__ import annotations

from dlt_sources.ranking_files import rankings
from dlt_sources.tables import Source

SOURCE = Source(
    name="github_ranking_ai",
    title="GitHub ranking of language-model repositories, daily top-100 lists",
    tables=(rankings("github-ranking-*.csv"),),
    cadence="0 7 * * 1",
)
