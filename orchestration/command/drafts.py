"""What ``chokepoint new`` writes: a source, outcome, event, estimator or spec, and its registration.

Made from the templates beside this file, or from the fields of the models that will read it, so that it is
what they read. A registry gets a line, nothing else changes. Not here: names that cannot be, writing
(``scaffold``).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from orchestration.errors import DefectError, UserError, did_you_mean
from orchestration.settings import PROJECT

TEMPLATES = Path(__file__).with_name("scaffolds")
ROOMS = ("dlt_sources", "expectations", "event_study", "report", "orchestration")
STAGING = PROJECT / "dbt_project" / "models" / "staging"
INTERMEDIATE = PROJECT / "dbt_project" / "models" / "intermediate"
# columns that an outcome is counted by, in the order in which they are looked for
COUNTRIES = ("country", "economy", "iso2_code")
PERIODS = ("month", "quarter", "year", "week")
DAYS = ("day", "date", "published", "released", "announced", "posted_on", "observed")
EVENT_NAME = re.compile(r"([a-z0-9_]+(?:-[a-z0-9_]+)*?)-(\d{4})-(\d{2})(?:-(\d{2}))?")
EVENT_NAMES = "lower-case words and the day or month, chips-2026-11-20 for instance"

Kind = Literal["source", "outcome", "event", "estimator", "spec"]


@dataclass(frozen=True)
class Draft:
    """What is to be written: files that must not be there yet, registries with a line more, and what the
    user does next."""

    files: Mapping[Path, str]
    registries: Mapping[Path, str] = field(default_factory=dict)
    next_step: str = ""


@dataclass(frozen=True)
class Wish:
    """What was asked for; ``model`` and ``value`` are an outcome's, ``is_own`` a spec's."""

    name: str
    model: str | None = None
    value: str | None = None
    is_own: bool = False

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()


def _source(wish: Wish) -> Draft:
    from dlt_sources import NAMES

    name = wish.name
    _refuse_taken("source", name, NAMES)
    _refuse_module("source", name)
    room, staging, coverage = PROJECT / "dlt_sources", STAGING / name, INTERMEDIATE / "coverage"
    files = {
        room / f"{name}.py": "source.py",
        room / "sample" / f"{name}.py": "sample.py",
        staging / f"_{name}__sources.yml": "sources.yml",
        staging / f"stg_{name}__records.sql": "staging.sql",
        staging / f"stg_{name}__records.yml": "staging.yml",
        coverage / f"int_coverage__{name}.sql": "coverage.sql",
        coverage / f"int_coverage__{name}.yml": "coverage.yml",
        PROJECT / "docs" / "reference" / "sources" / f"{name}.md": "page.md",
    }
    return Draft(
        {path: _rendered(template, name=name, title=wish.title) for path, template in files.items()},
        {room / "__init__.py": _with_line(room / "__init__.py", f'    "{name}",', r'    "\w+",$')},
        f"teach dlt_sources/{name}.py the publisher's files, then "
        f"`chokepoint new outcome {name}_records --from stg_{name}__records --value records`",
    )


def _outcome(wish: Wish) -> Draft:
    from orchestration.home.curated import OUTCOMES

    with OUTCOMES.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    _refuse_taken("outcome", wish.name, [row["outcome"] for row in rows])
    model, columns = _model(wish)
    source = model.removeprefix("stg_").split("__")[0]
    country = _column(model, columns, COUNTRIES, "a country")
    period = _column(model, columns, (*PERIODS, *DAYS), "a period or day")
    if wish.value and wish.value not in columns:
        raise UserError(
            f"new: outcome: --value: {model} has no column {wish.value}{did_you_mean(wish.value, columns)}, "
            f"expected one of {', '.join(columns)}; name another"
        )
    frequency = period if period in PERIODS else "month"
    counted = f"Sum of {wish.value}" if wish.value else "Rows"
    words = {
        "name": wish.name, "model": model, "source": source, "country": country, "period": period,
        "frequency": frequency, "value": f"sum(rows_read.{wish.value})" if wish.value else "count(*)",
        "counted": f"{counted} of {source.replace('_', ' ')}",
    }  # fmt: skip
    stem = INTERMEDIATE / "activity" / f"int_activity__{wish.name}"
    row = _outcome_row(wish, words, next((r for r in rows if source in r["sources"].split(";")), {}))
    return Draft(
        {stem.with_suffix(suffix): _rendered(f"outcome{suffix}", **words) for suffix in (".sql", ".yml")},
        {OUTCOMES: _with_row(OUTCOMES, row)},
        f"say in {OUTCOMES.relative_to(PROJECT)} what it measures, and what an absent row means (zero_rule)",
    )


def _outcome_row(wish: Wish, words: Mapping[str, str], sibling: Mapping[str, str]) -> dict[str, str]:
    """The registry's row; licence and the country's role are those of another outcome of the source."""
    return {
        "outcome": wish.name,
        "title": wish.title,
        "description": f"{words['counted']}, by country and {words['frequency']}.",
        "unit": (wish.value or "rows").replace("_", " "),
        "frequency": words["frequency"],
        "grain": f"country-{words['frequency']}",
        "family": "count",
        "estimator": "ppml",
        "country_role": sibling.get("country_role", "actor"),
        "zero_rule": "truncated",
        "window_start": "2019-01-01",
        "licence": sibling.get("licence", "not stated"),
        "publishable": sibling.get("publishable", "aggregate"),
        "is_primary": "false",
        "sources": words["source"],
    }


def _model(wish: Wish) -> tuple[str, list[str]]:
    """The staging model that is counted, and the columns that its yml describes."""
    models = {path.stem: path for path in STAGING.glob("*/stg_*.yml")}
    if wish.model not in models:
        said = "not given" if wish.model is None else f"{wish.model!r} is no staging model"
        near = did_you_mean(wish.model or "", models)
        raise UserError(
            f"new: outcome: --from: {said}{near}, expected what it counts, stg_<source>__<table>; "
            "name one, or write it with `chokepoint new source`"
        )
    content = yaml.safe_load(models[wish.model].read_text(encoding="utf-8"))
    return wish.model, [column["name"] for column in content["models"][0]["columns"]]


def _column(model: str, columns: list[str], known: tuple[str, ...], what: str) -> str:
    found = next((name for name in known if name in columns), None)
    if found is None:
        raise UserError(
            f"new: outcome: --from: {model} has no column of {what} ({', '.join(known)}), only "
            f"{', '.join(columns)}; give its staging model one"
        )
    return found


def _event(wish: Wish) -> Draft:
    from dlt_sources.policy_timeline import EVENTS, Event, EventDates, announced_dates

    _refuse_taken("event", wish.name, announced_dates())
    words, day, precision = _dated(wish.name)
    given: dict[str, Any] = {
        "id": wish.name,
        "title": words.replace("-", " ").replace("_", " ").capitalize(),
        "actor_country": "US",
        "target_country": "CN",
        "scope": ["chips"],
        "dates": {**dict.fromkeys(EventDates.model_fields), "announced": day},
        "date_precision": precision,
        "citation": "none yet: the official document, by its number",
        "url": None,
        "affected_products": [],
        "main_shock": False,
        "summary": "What the act does, in one sentence.",
        "verified": [],
        "notes": "whole entry from memory",
    }
    body = {name: given.get(name, *_choices(of)[:1]) for name, of in Event.model_fields.items()}
    Event.model_validate(body)
    entry = "".join(f"  {line}\n" for line in _yaml_lines(body, Event.model_fields))
    path = EVENTS / f"{day[:4]}.yml"
    step = f"correct every field of the entry at the end of {path.relative_to(PROJECT)}, with its citation"
    if not path.is_file():
        return Draft({path: f"events:\n-{entry[1:]}"}, {}, step)
    return Draft({}, {path: f"{path.read_text(encoding='utf-8').rstrip()}\n-{entry[1:]}"}, step)


def _dated(name: str) -> tuple[str, str, str]:
    """(words, first day that the name can mean, precision) of an event's name."""
    from dlt_sources.policy_timeline import FIRST_YEAR, LAST_YEAR

    match = EVENT_NAME.fullmatch(name)
    assert match is not None  # names were looked at before
    words, year, month, number = match.groups()
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise UserError(
            f"new: event: {name!r}: ends in a year outside {FIRST_YEAR} to {LAST_YEAR}; correct it"
        )
    try:
        day = date(int(year), int(month), int(number or 1)).isoformat()
    except ValueError:
        raise UserError(
            f"new: event: {name!r}: ends in a day that no calendar has, expected {EVENT_NAMES}; correct it"
        ) from None
    return words, day, "day" if number else "month"


def _estimator(wish: Wish) -> Draft:
    from event_study.estimators.registry import ESTIMATORS

    name = wish.name
    _refuse_taken("estimator", name, ESTIMATORS)
    _refuse_module("estimator", name)
    folder = PROJECT / "event_study" / "estimators"
    registry = folder / "registry.py"
    module = f"event_study.estimators.{name}"
    text = _with_line(registry, f"from {module} import fit_{name}", r"from event_study\.estimators\.")
    text = _with_line(registry, f'    "{name}": fit_{name},', r'    "\w+": fit_\w+,$', text)
    return Draft(
        {folder / f"{name}.py": _rendered("estimator.py", name=name, title=wish.title)},
        {registry: text},
        f"make fit_{name} your own; `estimator: {name}` in a spec asks for it",
    )


def _spec(wish: Wish) -> Draft:
    from event_study.specs.folder import load_specs
    from event_study.specs.model import Spec
    from orchestration.home.curated import SPECS

    _refuse_taken("spec", wish.name, [spec.id for spec in load_specs(SPECS)])
    given = {
        "id": wish.name, "title": wish.title, "family": "robustness", "outcomes": "primary",
        "event_sets": ["tightening"], "contrasts": ["CN_donors"], "terms": ["mean_step"],
    }  # fmt: skip
    lines = _yaml_lines(given, Spec.model_fields)
    return Draft(
        {SPECS / f"{wish.name}.yml": "\n".join([*lines, ""])},
        {},
        "say what it asks; names of event sets and contrasts: `chokepoint list event_sets`, "
        "event_study/specs/contrasts.yml",
    )


def own_spec(wish: Wish) -> Draft:
    from event_study.own.spec import OwnSpec, PanelColumns

    panel = {
        "unit": "country", "time": "month", "outcome": "value", "frequency": "month",
        "estimator": "ols_log", "treated": "CN",
    }  # fmt: skip
    given = {"id": wish.name, "title": wish.title, "events": {"rule": "2022-10-07"}}
    OwnSpec.model_validate({**given, "panel": panel})
    lines = _yaml_lines(given, {n: f for n, f in OwnSpec.model_fields.items() if n != "panel"})
    columns = [f"  {line}" for line in _yaml_lines(panel, PanelColumns.model_fields)]
    return Draft(
        {Path.cwd() / f"{wish.name}.yml": "\n".join([*lines, "panel:", *columns, ""])},
        {},
        f"name your panel's columns and events, then `chokepoint estimate {wish.name}.yml --panel FILE`",
    )


def _choices(of: Any) -> tuple[Any, ...]:
    """What a field may say, where that is a list of names."""
    return tuple(a for a in get_args(of.annotation) if isinstance(a, str))


def _yaml_lines(given: Mapping[str, Any], fields: Mapping[str, Any]) -> list[str]:
    """A line a field: those given, with what else they may say; others as comments with their default."""
    lines = []
    for name in dict.fromkeys([*given, *fields]):
        of = fields[name]
        others = [choice for choice in _choices(of) if choice != given.get(name, of.default)]
        also = f"  # or {', '.join(others)}" if others else ""
        if name in given:
            lines.append(f"{name}: {_written(given[name])}{also}")
        elif isinstance(of.default, str | int | float) and of.default != "":
            lines.append(f"# {name}: {_written(of.default)}{also}")
    return lines


def _written(value: Any) -> str:
    """As YAML in one line; JSON is, and plain words need no quotes."""
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_written(k)}: {_written(v)}' for k, v in value.items())}}}"
    plain = isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w /-]*", value)
    if plain and value.lower() not in ("yes", "no", "on", "off", "true", "false", "null", "y", "n"):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _refuse_taken(kind: Kind, name: str, known: Container[str]) -> None:
    if name in known:
        raise UserError(f"new: {kind}: {name}: is there already; choose another name")


def _refuse_module(kind: Kind, name: str) -> None:
    """A module's name stands for one thing over all rooms."""
    taken = (path for room in ROOMS for path in (PROJECT / room).rglob("*"))
    for path in taken:
        if (path.suffix == ".py" and path.stem == name) or (path.is_dir() and path.name == name):
            where = path.relative_to(PROJECT)
            raise UserError(f"new: {kind}: {name}: is the name of {where}; choose another name")


def _rendered(template: str, **words: str) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    return environment.get_template(f"{template}.jinja").render(**words)


def _with_line(path: Path, line: str, like: str, text: str | None = None) -> str:
    """The file's text with a line more, in order among the lines that begin like it."""
    lines = (path.read_text(encoding="utf-8") if text is None else text).splitlines()
    places = [number for number, one in enumerate(lines) if re.match(like, one)]
    if not places:
        raise DefectError(f"new: {path}: has no line like {like}; mend orchestration/command/scaffold.py")
    at = next((number for number in places if lines[number] > line), places[-1] + 1)
    return "\n".join([*lines[:at], line, *lines[at:], ""])


def _with_row(path: Path, row: Mapping[str, str]) -> str:
    """The CSV's text with a row more; a column that the row does not name stays empty."""
    text = path.read_text(encoding="utf-8")
    out = io.StringIO(newline="")
    csv.DictWriter(out, csv.DictReader(io.StringIO(text)).fieldnames or (), lineterminator="\n").writerow(row)
    return text + out.getvalue()


DRAFTS: Mapping[Kind, Callable[[Wish], Draft]] = {
    "source": _source,
    "outcome": _outcome,
    "event": _event,
    "estimator": _estimator,
    "spec": _spec,
}
