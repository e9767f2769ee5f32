"""Simulated pages of the State Council and provinces: two days, slips in them, a workbook that repeats."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, timedelta
from io import StringIO

import numpy as np

from dlt_sources.sample.world import World, Written, months

SCRAPED = date(2023, 9, 20)
AUTHORITIES = {  # entries a month, days from a document to its page
    "State Council": (4, 900),
    "Shanghai Municipal Government": (6, 8),
    "Henan Provincial Government": (5, 6),
    "Yunnan Provincial Government": (3, 7),
}
SUBJECTS = (  # title, share of the entries
    ("关于推进数字经济创新发展的若干措施的通知", 0.16),
    ("关于促进先进制造业集群和创新平台建设的意见", 0.12),
    ("关于印发工业互联网标准体系建设指南的通知", 0.06),
    ("关于增强产业链供应链韧性的实施方案", 0.05),
    ("关于加快集成电路产业和算力基础设施建设的若干政策", 0.05),
    ("关于加强网络安全和数据安全监督管理的通知", 0.05),
    ("《关于促进人工智能产业创新发展的若干政策》政策图解", 0.03),
    ("大数据中心工作人员公开招聘公告", 0.03),
    ("关于调整最低工资标准的通知", 0.15),
    ("关于某市历史文化名城保护规划的批复", 0.30),
)


def write(world: World) -> Mapping[str, Written]:
    rng = world.rng("china_policy_documents")
    rows = [row for month in months(date(2015, 1, 1), SCRAPED) for row in _month(rng, month)]
    rows.append(
        ["State Council", "http://www.gov.cn/old/1.htm", "关于粮食收购的指示", "1969-12-04", "2009-03-01"]
    )
    for place in (3, 60):  # neither day
        rows[place][3] = rows[place][4] = ""
    rows[100][3] = "2028-07-31"  # the document's day after its page's
    henan = [row for row in rows if row[0].startswith("Henan")]
    rows += henan[::3]
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["authority", "url", "title", "issued", "published"])
    writer.writerows(rows)
    return {"documents.derived.csv": Written(out.getvalue().encode(), observed=SCRAPED)}


def _month(rng: np.random.Generator, month: date) -> list[list[str]]:
    titles, weights = zip(*SUBJECTS, strict=True)
    rows = []
    for authority, (entries, delay) in AUTHORITIES.items():
        for _ in range(entries):
            day = month + timedelta(days=int(rng.integers(28)))
            if day > SCRAPED:
                continue
            shown = min(day + timedelta(days=int(rng.integers(delay))), SCRAPED)
            title = titles[rng.choice(len(titles), p=weights)]
            number = int(rng.integers(10**7))
            issued = "" if rng.random() < 0.3 and delay < 100 else day.isoformat()
            address = f"http://example.gov.cn/zwgk/{day:%Y%m}/t{number:07}.html"
            rows.append([authority, address, title, issued, shown.isoformat()])
    return rows
