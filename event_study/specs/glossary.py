"""What people read of a result: the title, place and sentence of every name that the result tables use.

Specs, event sets and contrasts bring their own words in their own files; ``glossary.yml`` has the rest.
Terminal, pages and Dagster look words up here and type none again. Not here: titles of outcomes (a
dimension of the data), sentences that are made from numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pandas as pd
from pydantic import ConfigDict, RootModel

from event_study.errors import Note, SpecError, UnitNote
from event_study.schemas import frame
from event_study.specs.folder import (
    SHIPPED,
    UNITS,
    load_names,
    load_specs,
    load_unit_names,
    load_unit_specs,
    read_mapping,
    validated,
)
from event_study.specs.model import Inference, Spec, Term, Words
from event_study.specs.unit_model import UnitTerm

FILE = "glossary.yml"
OTHER = "Other"
NO_WORDS: Mapping[str, tuple[str, str]] = {}
# without what stands behind a colon: an event, the size of a drift
DIAGNOSTICS = """
    statistic minimum_detectable_effect donors effective_donors serial_correlation variance_change
    dispersion joint_test step romano_wolf leave_one_out_low leave_one_out_high donor_weights_entropy
    pre_period_fit unknown_sign_breakdown pre_trend_test pre_trend_slope
    pre_trend_slope_80 bias_at_slope_80 honest_estimate
    smoothness_low smoothness_high smoothness_breakdown magnitude_low magnitude_high magnitude_breakdown
    conditional_low conditional_high roth_slope_50 roth_bias_50 roth_bias_if_passed_50 roth_slope_80
    roth_bias_80 roth_bias_if_passed_80 units_treated units_comparison permutation clustered_error
    without_largest_treated without_largest_comparison unknown_low unknown_high rank_among_places
    percent_points clock_early clock_condition labelled_others mixture_condition mixture_misfit
    unknown_by_size_low unknown_by_size_high
"""
# every name that a result table can have, by kind: a glossary without one of them is refused
NAMES: Mapping[str, tuple[str, ...]] = {
    "trend": ("none", "unit_linear"),
    "family": (*get_args(Spec.model_fields["family"].annotation), "curve"),
    "term": (*get_args(Term), "mean_gap", "window_change", *get_args(UnitTerm)),
    "inference": (*get_args(Inference), "ri_dates", "clock_inverse", "clock_mixture", "none"),
    "estimator": ("ols_log", "ppml", "ols", "synth", "synth_log", "sdid", "sdid_log"),
    "status": ("ok", "identified", "descriptive", "refused", "not_identified"),
    "verdict": ("agrees", "differs", "no_effect", "not_identified"),
    "confidence": ("A", "B2", "B1", "I", "G", "unmarked"),
    "diagnostic": tuple(DIAGNOSTICS.split()),
    "warning": tuple(note.value for note in (*Note, *UnitNote)),
    "world": ("world_rises", "china_rises", "europe_rises", "nothing_happens"),
    "world_method": ("paper", "two_places", "places", "bounds", "clock_alone"),
    "world_quantity": ("china", "united_states", "difference", "china_effect", "ratio"),
}


class _Kinds(RootModel[dict[str, dict[str, Words]]]):
    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True)
class Glossary:
    """``entries``: kind -> name -> words, in the order in which they are read; ``unit``, ``units``: what
    the panel's units are called."""

    entries: Mapping[str, Mapping[str, Words]]
    unit: str = "country"
    units: str = "countries"

    def title(self, kind: str, name: str) -> str:
        """The entry's title; a name without an entry stands for itself."""
        words = self.entries.get(kind, {}).get(name)
        return name if words is None else self._said(words.title)

    def short(self, kind: str, name: str) -> str:
        """The title in a table's cell."""
        words = self.entries.get(kind, {}).get(name)
        return self.title(kind, name) if words is None or words.short is None else self._said(words.short)

    def sentence(self, kind: str, name: str) -> str:
        """What else to know of the entry, where there is anything."""
        words = self.entries.get(kind, {}).get(name)
        return "" if words is None else self._said(words.sentence or "")

    def warnings(self, names: str | None) -> dict[str, str]:
        """``ZeroUnitsDropped(53); HighVIF`` as name -> sentence, several details of one name together."""
        details: dict[str, list[str]] = {}
        for warning in filter(None, (names or "").split("; ")):
            name, _, detail = warning.partition("(")
            details.setdefault(name, []).append(detail.removesuffix(")"))
        return {
            name: self.sentence("warning", name).replace("{detail}", ", ".join(some)) or name
            for name, some in details.items()
        }

    def table(self) -> pd.DataFrame:
        """The result table ``glossary``: one row an entry, ``order`` its place within its kind."""
        rows: list[dict[str, object]] = [
            {
                "kind": kind,
                "name": name,
                "title": self._said(words.title),
                "short": words.short and self._said(words.short),
                "group": words.group,
                "order": place,
                "sentence": words.sentence and self._said(words.sentence),
            }
            for kind, entries in self.entries.items()
            for place, (name, words) in enumerate(entries.items(), start=1)
        ]
        return frame("glossary", rows)

    def _said(self, text: str) -> str:
        return text.replace("{units}", self.units).replace("{unit}", self.unit)


def load_glossary(
    folder: Path = SHIPPED,
    unit: str = "country",
    units: str = "countries",
    estimators: Mapping[str, tuple[str, str]] = NO_WORDS,
) -> Glossary:
    """The words of a folder of specs (those that ship) for a panel whose units have these names.

    ``estimators``: title and group of those that the folder's glossary may not speak of.
    Raises ``SpecError`` in one line: an entry that cannot be read, or a name that has none.
    """
    body = read_mapping(folder / FILE)
    kinds = validated(_Kinds, folder / FILE, "", body).root
    for kind, names in NAMES.items():
        entries = kinds.get(kind, {})
        if missing := [name for name in names if name not in entries]:
            raise SpecError(f"{FILE}: {kind}.{missing[0]}: is missing, expected a title; write one")
        if strange := [name for name in entries if name not in names]:
            raise SpecError(
                f"{FILE}: {kind}.{strange[0]}: is no {kind}, expected one of {', '.join(names)}; remove it"
            )
    words: dict[str, Mapping[str, Words]] = {
        "spec": _in_order(
            {spec.id: _grouped(spec) for spec in load_specs(folder)}
            | {spec.id: _grouped(spec) for spec in load_unit_specs(folder)}
        )
    }
    of_units = load_unit_names(folder) if (folder / UNITS).is_dir() else {}
    for kind, named in load_names(folder).items():
        words[kind.removesuffix("s")] = _in_order({**named, **of_units.get(kind, {})})
    words |= {kind: kinds[kind] for kind in NAMES}
    own = {name: Words(title=title, group=group) for name, (title, group) in estimators.items()}
    words["estimator"] = kinds["estimator"] | own | kinds["estimator"]  # its words and its order, then others
    return Glossary(words, unit, units)


def _grouped(spec: Words) -> Words:
    words = Words(**{name: getattr(spec, name) for name in Words.model_fields})
    return words if words.group else words.model_copy(update={"group": OTHER})


def _in_order(entries: Mapping[str, Words]) -> dict[str, Words]:
    """By their ``order``; those without one last, as they came."""
    last = max((words.order or 0 for words in entries.values()), default=0) + 1
    return dict(sorted(entries.items(), key=lambda one: last if one[1].order is None else one[1].order))
