"""The pictures of a study of one's own: which can be drawn, in which words, and where they are written.

Not here: how they look (``report.study_figures``), what is estimated (``event_study.own``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.command.study_tables import StudyRows, p_text
from orchestration.errors import UserError

if TYPE_CHECKING:
    from altair.typing import ChartType

    from event_study.own.paths import Paths
    from event_study.study.case import Case
    from report.study_figures import StudyWords

KINDS = (".png", ".svg")
OTHER_KINDS = (".pdf", ".jpg", ".jpeg", ".gif", ".webp", ".eps", ".tif", ".tiff", ".bmp", ".html")
MOST_LINES = 200  # donors that a picture can hold apart


def check_target(target: Path | None) -> None:
    """Refuse a place where no picture can be written. Raises ``UserError``."""
    if target is None:
        return
    kind = target.suffix.lower()
    if kind in OTHER_KINDS and not target.is_dir():
        raise UserError(
            f"plot: {target}: ends in {kind}, expected {' or '.join(KINDS)}, or a folder; give one"
        )
    if kind not in KINDS and target.exists() and not target.is_dir():
        raise UserError(
            f"plot: {target}: is a file, expected {' or '.join(KINDS)}, or a folder; give another"
        )


def draw(rows: StudyRows, target: Path) -> tuple[list[str], list[str]]:
    """Write every picture that can be drawn; returns the files, and a sentence for each that cannot.

    A folder gets each as PNG and SVG; a file ending in .png or .svg gets them one beneath the other.
    """
    from dlt_sources.atomic import write_atomically
    from report.drawing import png, svg
    from report.study_figures import beneath

    pictures: dict[str, ChartType] = {}
    missing: list[str] = []
    for case in rows.study.cases:
        name = case.event_set.name
        of_set = f"_{name}" if len(rows.study.cases) > 1 else ""
        for kind, made in _of_case(rows, case).items():
            if isinstance(made, str):
                missing.append(
                    f"{kind.replace('_', ' ')}{f' of {name}' if of_set else ''}: not drawn: {made}"
                )
            else:
                pictures[f"{kind}{of_set}"] = made
    if target.suffix.lower() in KINDS and not target.is_dir():
        files = {target: beneath(list(pictures.values()))} if pictures else {}
    else:
        files = {target / f"{name}{kind}": made for name, made in pictures.items() for kind in KINDS}
    for path, chart in files.items():
        content = png(chart) if path.suffix.lower() == ".png" else svg(chart).encode()
        write_atomically(path, content)
    return [str(path) for path in files], missing


def _of_case(rows: StudyRows, case: Case) -> dict[str, ChartType | str]:
    """Name of a picture -> the picture, or why there is none."""
    from event_study.errors import EventStudyError
    from event_study.own.paths import paths_of

    try:
        paths = paths_of(case)
    except EventStudyError:
        paths = None
    pictures: dict[str, ChartType | str] = {"event_study": _event_study(rows, case)}
    if paths is None or paths.gaps.shape[1] < 2:
        return {**pictures, "placebos": case.reason, "values": _values(rows, case)}
    return {**pictures, "placebos": _placebos(rows, case, paths)}


def _words(rows: StudyRows, case: Case, donors: int, asked: Sequence[str] | None = None) -> StudyWords:
    """The panel's own words; ``asked``: the events that are drawn (default: all of the joint model)."""
    from event_study.errors import plural
    from event_study.own.panel import noun_of
    from report.study_figures import StudyWords

    columns = rows.own.panel
    noun = noun_of(columns.unit)
    days = {
        name: rows.own.events[name] for name in asked or [name for name, _ in case.joint] or rows.own.events
    }
    events = sorted(days.items(), key=lambda one: one[1])
    outcome = columns.outcome.replace("_", " ")
    return StudyWords(
        columns.treated, noun, plural(noun), donors, outcome, rows.unit, columns.frequency, events
    )


def _set_name(rows: StudyRows, case: Case) -> str | None:
    return case.event_set.name if len(rows.study.cases) > 1 else None


def _event_study(rows: StudyRows, case: Case) -> ChartType | str:
    from event_study.periods import GRIDS
    from report.study_figures import LeadLag, leads_and_lags

    grid, own = GRIDS[case.frequency], rows.own
    here = [
        row for row in rows.asked if row["event_set"] == case.event_set.name and row["trend"] == rows.trend
    ]
    found = {row["term"]: row for row in here}
    drawn = [
        LeadLag(
            one.first, one.last, row["estimate"], row["ci_low"], row["ci_high"],
            is_reference=grid.is_reference(one),
        )
        for one in grid.bins if (row := found.get(one.name)) is not None
    ]  # fmt: skip
    if not drawn:
        if "dynamics" not in own.terms:
            return (
                f"terms has no dynamics (leads and lags), expected for {own.inference}; name ri_studentised"
            )
        return case.reason
    tests = [test for row in here if (test := rows.found(row, "pre_trend_test")) is not None]
    joint = "Leads together: no test."
    if tests and tests[0]["p_value"] is not None:
        joint = f"Leads together: p {p_text(tests[0]['p_value'])} ({tests[0]['note']})."
    donors = case.panel.donors if case.panel is not None else 0
    words = _words(rows, case, donors, case.events)
    share = f"{100 * (1 - own.alpha):g} %"
    return leads_and_lags(
        drawn, words, share=share, joint=joint, note=_doubt(case), event_set=_set_name(rows, case)
    )


def _placebos(rows: StudyRows, case: Case, paths: Paths) -> ChartType:
    from report.study_figures import gaps

    treated, *donors = list(paths.gaps.columns)
    shown = donors[:: -(-len(donors) // MOST_LINES)] if len(donors) > MOST_LINES else donors
    note = f"{len(shown)} of them are drawn. " if len(shown) < len(donors) else ""
    note += "Each from its own mean before the event."
    drawn = [
        {"unit": unit, "period": day, "gap": float(gap), "is_treated": unit == treated}
        for unit in (treated, *shown)
        for day, gap in paths.gaps[unit].items()
    ]
    ratios, rank = _ranked(rows, case, treated)
    words = _words(rows, case, len(donors))
    return gaps(drawn, words, ratios=ratios, rank=rank, note=note, event_set=_set_name(rows, case))


def _ranked(rows: StudyRows, case: Case, treated: str) -> tuple[list[dict[str, Any]], str]:
    """Each unit's step as a multiple of its noise, and what the treated one's rank says."""
    step = next(
        (row for row in rows.steps if row in rows.asked and row["event_set"] == case.event_set.name), None
    )
    own = rows.found(step, "statistic") if step is not None else None
    if step is None or own is None:
        return [], f"No rank among them: {case.reason}."
    placebos = rows.study.tables.placebos
    others = placebos[placebos["estimate_id"] == step["estimate_id"]].dropna(subset=["statistic"])
    ratios = [
        {"unit": str(row.placebo), "ratio": float(row.statistic), "is_treated": False}
        for row in others.itertuples()
    ]
    ratios.append({"unit": treated, "ratio": own["value"], "is_treated": True})
    rank = own["note"].split("rank ")[-1]
    return (
        ratios,
        f"The mean step of {treated} has rank {rank}, p {p_text(step['p_value'])}. {_doubt(case)}".strip(),
    )


def _doubt(case: Case) -> str:
    """What a reader of a picture must know where numbers have a rank that cannot be trusted."""
    is_doubted = case.status == "descriptive" and case.inference == "ri_studentised"
    return f"Only described: {case.reason}." if is_doubted else ""


def _values(rows: StudyRows, case: Case) -> ChartType | str:
    from report.study_figures import values

    wide, treated = rows.study.values, rows.own.panel.treated
    donors = [unit for unit in wide.columns if unit != treated][:MOST_LINES]
    drawn = [
        {"unit": unit, "period": day, "value": float(value), "is_treated": unit == treated}
        for unit in (treated, *donors) if unit in wide.columns
        for day, value in wide[unit].dropna().items()
    ]  # fmt: skip
    if not drawn:
        return "the panel has no value inside the window"
    return values(drawn, _words(rows, case, len(donors)), note=f"No gap is drawn: {case.reason}.")


def said(pictures: Sequence[str], missing: Sequence[str]) -> list[str]:
    """What the terminal says of them, a line each."""
    return [*([f"pictures: {', '.join(pictures)}"] if pictures else []), *missing]
