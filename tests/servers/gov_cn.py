"""The search of gov.cn's policy library, in each shape that its answers were seen in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tests.servers.stand_in import Answer, Asked, json_answer

EMPTY = {"code": 1001, "msg": "抱歉，没有找到相关结果", "data": [], "searchVO": None}
NEEDED = ("mintime", "maxtime", "timetype", "searchfield", "pcodeJiguan", "bmpubyear")
CATEGORIES = {"zhengcelibrary_gw": "gongwen", "zhengcelibrary_bm": "bumenfile"}


def entry(page: str, day: str, title: str, organ: str = "国务院", **more: Any) -> dict[str, Any]:
    return {
        "id": page,
        "pcode": "国发〔2026〕1号",
        "title": title,
        "summary": "",
        "pubtimeStr": day.replace("-", "."),
        "ptime": 1_783_440_000_000,  # 2026-07-07T16:00Z, the 8th in China
        "url": f"https://www.gov.cn/zhengce/zhengceku/{page}.htm",
        "childtype": "科技\\科技",
        "puborg": organ,
        **more,
    }


@dataclass
class Library:
    """``shape``: where lists stand. ``overlap``: documents that a page shares with the one before.

    ``loses``: documents that are counted and never come.
    """

    gongwen: Sequence[dict[str, Any]]
    bumenfile: Sequence[dict[str, Any]]
    shape: Literal["list", "catalogue"] = "list"
    overlap: int = 0
    loses: int = 0

    def __call__(self, asked: Asked) -> Answer:
        if any(name not in asked.query for name in NEEDED):
            empty = {"q": None, "totalCount": 0, "listVO": None, "catMap": {}}
            return json_answer({"code": 200, "msg": "操作成功", "searchVO": empty})
        category = CATEGORIES[asked.query["t"]]
        since, until = (asked.query[name].replace("-", ".") for name in ("mintime", "maxtime"))
        found = [d for d in getattr(self, category) if since <= d["pubtimeStr"] <= until]
        if not found:
            return json_answer(EMPTY)
        size, number = int(asked.query["n"]), int(asked.query["p"])
        first = max(0, (number - 1) * size - self.overlap * (number - 1))
        here = found[first : first + size][::-1]
        listed = {"totalCount": len(found) + self.loses, "currentNum": size, "listVO": here}
        search = {"q": "", **listed}
        if self.shape == "catalogue":
            search = {
                "q": "",
                "totalCount": 0,
                "listVO": None,
                "catMap": {category: {"catName": category, **listed}},
            }
        return json_answer({"code": 200, "msg": "操作成功", "data": None, "searchVO": search})
