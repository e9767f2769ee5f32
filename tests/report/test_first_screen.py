"""The first screen: what was measured and missed, a figure, three ways on; it stands without results too."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from report.inputs import Inputs
from report.site import build


def first_screen(site: Path) -> str:
    html = (site / "index.html").read_text()
    return html.partition('<div class="first-screen">')[2].partition("<nav")[0]


def text(html: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", html).split())


def test_it_says_what_was_measured_and_what_would_have_been_missed(built: tuple[Inputs, Path]) -> None:
    shown = first_screen(built[1])
    said = text(shown)
    assert re.search(r"can be tested: (Git pushes|AI articles)", said)
    assert "Policy documents" not in said  # refused
    limit = re.search(r"a change of less than (.*?) would be missed at least one time in five", said)
    assert limit is not None and re.match(r"\+\d", limit[1]) and "%" in limit[1]
    assert said.count("Did US chip-export controls speed up China’s open AI?") == 1


def test_its_figure_numbers_the_rules_and_says_what_is_simulated(built: tuple[Inputs, Path]) -> None:
    inputs, site = built
    shown = first_screen(site)
    drawn = re.search(r'src="(figures/[a-z-]+-levels.svg)"', shown)
    assert drawn is not None and (site / drawn[1]).is_file()
    assert "1 CHIPS and Science Act signed, 9 August 2022" in text(shown)
    assert ("SIMULATED." in shown) == (inputs.origin == "sample")


def test_its_links_lead_somewhere(built: tuple[Inputs, Path]) -> None:
    html = (built[1] / "index.html").read_text()
    anchors = re.findall(r'href="#([^"]+)"', first_screen(built[1]))
    assert len(anchors) >= 4
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in html] == []


def test_without_results_there_is_a_question_and_no_figure(
    make_inputs: Callable[..., Inputs], tmp_path: Path
) -> None:
    site: Any = build(make_inputs(absent=True), tmp_path / "site")
    shown = first_screen(site.index.parent)
    assert "cannot answer the question" in shown and "What was measured" not in shown
    assert "<img" not in shown
