"""Weekly snapshots of GitHub's top-100 lists by stars, forks and language.

Publisher: github.com/EvanLi/Github-Ranking, MIT (files with whole records removed are listed with a
note in the manifest). A row is one repository in one list on one day; the counts are those at the
time of the call, and lists are called minutes apart, so that one repository has several counts in
one file. A repository may stand twice in one list, under the name it had on that day. Descriptions
are dropped: nothing reads them and some contain mail addresses. Which row counts, and what a change
between files means, is decided in SQL. Run alone: ``python -m dlt_sources github_ranking DIR``.
"""

from __future__ import annotations

from dlt_sources.ranking_files import rankings
from dlt_sources.tables import Source

SOURCE = Source(
    name="github_ranking",
    title="GitHub ranking, weekly snapshots of the top-100 lists",
    tables=(rankings("*/github-ranking-*.csv"),),
    cadence="0 7 * * 4",
)
