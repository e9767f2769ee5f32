"""Simulated lists of CAC, MIIT and TC260: newest items only, so each begins where its page ended."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, timedelta
from io import StringIO

import numpy as np

from dlt_sources.sample.world import LAST, World, Written

LISTS = {  # entries on the pages, mean days between entries, share over the score of four
    "cac": (100, 6.5, 0.82),
    "miit": (144, 11.5, 0.28),
    "tc260": (50, 9.0, 1.0),
}
MENU = "设为首页 加入收藏 手机版 繁体 搜索 首页 时政要闻 网信政务 互动服务 当前位置： 首页 > 正文 "
TITLES = {
    "cac": (
        "关于印发《人工智能生成合成内容标识办法》的通知",
        "关于发布生成式人工智能服务已备案信息的公告",
        "关于公布《国家网络安全事件报告管理办法》的通知",
        "关于推动数字乡村创新发展的意见",
    ),
    "miit": (
        "关于印发智能制造标准体系建设指南的通知",
        "关于开展人工智能产业创新任务揭榜挂帅工作的通知",
        "关于推进算力基础设施高质量发展的意见",
        "关于工业产品质量控制实验室评估结果的通告",
    ),
    "tc260": (
        "关于国家标准《网络安全技术 移动终端安全技术规范》征求意见稿征求意见的通知",
        "关于国家标准《网络安全技术 具有中央处理器的IC卡芯片安全规范》征求意见稿征求意见的通知",
    ),
}
OFFICES = {"cac": "国家互联网信息办公室", "miit": "工业和信息化部", "tc260": "全国信息安全标准化技术委员会"}
ADDRESSES = {
    "cac": "https://www.cac.gov.cn/{day:%Y-%m}/{day:%d}/c_{number}.htm",
    "miit": "https://www.miit.gov.cn/jgsj/kjs/wjfb/art/{day:%Y}/art_{number:032x}.html",
    "tc260": "https://www.tc260.org.cn/portal/suggestion-detail/{number:032x}",
}


def write(world: World) -> Mapping[str, Written]:
    return {
        f"{name}_all_policies{'' if name == 'cac' else '.derived'}.csv": _list(world, name) for name in LISTS
    }


def _list(world: World, name: str) -> Written:
    rng = world.rng(f"china_policy_lists/{name}")
    entries, gap, over_score = LISTS[name]
    with_text = name == "cac"
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    last = "full_text" if with_text else "full_text_chars"
    writer.writerow(["title", "url", "publication_date", "issuing_department", "ai_score", last])
    day, rows = LAST - timedelta(days=3), []
    for entry in range(entries):
        rows.append(_entry(rng, name, entry, day, over_score, with_text))
        day -= timedelta(days=int(rng.poisson(gap)))
    if with_text:
        rows.insert(5, rows[4])  # shifted from one page to the next while they were read
    writer.writerows(rows)
    return Written(b"\xef\xbb\xbf" + out.getvalue().encode(), observed=LAST)


def _entry(
    rng: np.random.Generator, name: str, entry: int, day: date, over_score: float, with_text: bool
) -> list[str]:
    title = TITLES[name][rng.integers(len(TITLES[name]))]
    if with_text and entry % 7 == 3:
        title = f"{title.removeprefix('关于印发').removesuffix('的通知')}答记者问"
    score = int(rng.integers(5, 60)) if rng.random() < over_score else int(rng.integers(0, 5))
    text = f"{MENU}{title} 第一条 为了规范发展，制定本办法。" + (
        "支持开源社区建设。" if entry % 9 == 4 else ""
    )
    number = int(rng.integers(10**12, 10**13))
    return [
        title,
        ADDRESSES[name].format(day=day, number=number),
        day.isoformat(),
        OFFICES[name],
        str(score),
        text if with_text else str(int(rng.integers(300, 4000))),
    ]
