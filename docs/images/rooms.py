"""The house, drawn from its own imports: one box a package or module, higher boxes import lower ones.

    .venv/bin/python docs/images/rooms.py [ROOM …]

Prints boxes, floors, arrows and arrows that run back, and writes ``rooms-<room>.svg`` beside this file.
An arrow that others imply (a → b → c, so a → c) is counted but not drawn. Imports that only a type
checker sees are left out: they bind nothing at run time.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

import grimp

HERE = Path(__file__).resolve().parent
ROOMS = ("event_study", "orchestration")
WIDTH, HEIGHT, GAP, RISE, MARGIN = 132, 34, 18, 46, 16
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2328;text-anchor:middle}"
    "rect{fill:#fff;stroke:#5b636d}path{fill:none;stroke:#7a828c;marker-end:url(#head)}"
    ".package{fill:#eef3f6;stroke:#3f7f9d}"
)
HEAD = (
    '<marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 8 4 0 8z" style="fill:#7a828c;stroke:none"/></marker>'
)


@dataclass(frozen=True)
class House:
    """``floors``: box -> its floor, 1 the ground; ``arrows``: (importer, imported); ``back``: those of a
    circle, which no order of floors can turn downwards; ``modules``: box -> modules in it."""

    floors: dict[str, int]
    arrows: set[tuple[str, str]]
    back: set[tuple[str, str]]
    modules: dict[str, int]


def survey(room: str) -> House:
    """The boxes directly below ``room`` and what they import of each other."""
    graph = grimp.build_graph(room, exclude_type_checking_imports=True, cache_dir=None)
    boxes = {box.split(".")[1]: graph.find_descendants(box) | {box} for box in graph.find_children(room)}
    box_of = {module: box for box, modules in boxes.items() for module in modules}
    arrows = {
        (box, box_of[target])
        for box, modules in boxes.items()
        for module in modules
        for target in graph.find_modules_directly_imported_by(module)
        if target in box_of and box_of[target] != box
    }
    below = {box: {target for source, target in arrows if source == box} for box in boxes}
    floors: dict[str, int] = {}
    while len(floors) < len(boxes):
        ready = [box for box in boxes if box not in floors and below[box] <= floors.keys()]
        if not ready:  # a circle: it stands on one floor
            ready = [box for box in boxes if box not in floors]
        level = {box: 1 + max((floors.get(t, 0) for t in below[box]), default=0) for box in ready}
        floors |= level
    back = {(a, b) for a, b in arrows if floors[a] <= floors[b]}
    return House(floors, arrows, back, {box: len(modules) for box, modules in boxes.items()})


def drawn_arrows(house: House) -> list[tuple[str, str]]:
    """Arrows that no chain of other arrows implies."""
    below = {box: {b for a, b in house.arrows if a == box} for box in house.floors}

    def reach(box: str, seen: frozenset[str] = frozenset()) -> set[str]:
        nearer = below[box] - seen
        return nearer | {far for near in nearer for far in reach(near, seen | {box})}

    return sorted((a, b) for a, b in house.arrows if not any(b in reach(other) for other in below[a] - {b}))


def drawing(room: str, house: House) -> str:
    """The house as SVG, the highest floor on top."""
    top = max(house.floors.values())
    rows = [sorted(b for b, floor in house.floors.items() if floor == level) for level in range(top, 0, -1)]
    across = max(map(len, rows)) * (WIDTH + GAP) - GAP
    places = {
        box: (
            MARGIN + (across - len(row) * (WIDTH + GAP) + GAP) / 2 + column * (WIDTH + GAP),
            MARGIN + level * (HEIGHT + RISE),
        )
        for level, row in enumerate(rows)
        for column, box in enumerate(row)
    }
    width, height = across + 2 * MARGIN, top * (HEIGHT + RISE) - RISE + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img">',
        f"<title>{room}: {len(places)} boxes on {top} floors</title><style>{STYLE}</style>{HEAD}",
        f'<path d="M0 0H{width:.0f}V{height}H0z" style="fill:#fff;stroke:none;marker-end:none"/>',
    ]
    for above, below in drawn_arrows(house):
        (x, y), (u, v) = places[above], places[below]
        x, y, u = x + WIDTH / 2, y + HEIGHT, u + WIDTH / 2
        bend = min(RISE, (v - y) / 2)
        parts.append(f'<path d="M{x:.0f} {y}C{x:.0f} {y + bend:.0f} {u:.0f} {v - bend:.0f} {u:.0f} {v}"/>')
    for box, (x, y) in places.items():
        kind = ' class="package"' if house.modules[box] > 1 else ""
        parts.append(f'<rect x="{x:.0f}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="4"{kind}/>')
        parts.append(f'<text x="{x + WIDTH / 2:.0f}" y="{y + 22}">{escape(box)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main(rooms: list[str]) -> None:
    for room in rooms or ROOMS:
        house = survey(room)
        top = max(house.floors.values())
        print(f"{room}: {len(house.floors)} boxes on {top} floors, {len(house.arrows)} arrows, "
              f"{len(house.back)} back")  # fmt: skip
        for level in range(top, 0, -1):
            print(
                f"  {level:2}  {', '.join(sorted(b for b, floor in house.floors.items() if floor == level))}"
            )
        (HERE / f"rooms-{room}.svg").write_text(drawing(room, house), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
