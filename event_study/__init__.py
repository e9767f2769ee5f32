"""Event studies with one treated unit: designs, estimators, inference, on anyone's panel.

Pure functions of DataFrames, column names and specs. Knows nothing of orchestration, of where files
lie, or of which countries they are about (that is ``specs/*.yml``). Here: the public face, whose modules
are imported when a name of theirs is first asked for, so that ``import event_study`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from event_study.errors import EventStudyError as EventStudyError
    from event_study.estimators.design import step_design as step_design
    from event_study.estimators.registry import fit_gaps as fit_gaps
    from event_study.estimators.registry import fit_ppml as fit_ppml
    from event_study.estimators.sdid import sdid as sdid
    from event_study.estimators.synthetic import synth as synth
    from event_study.inference.conformal import conformal_set as conformal_set
    from event_study.inference.conventional import crv1_ols as crv1_ols
    from event_study.inference.conventional import gls_ar1 as gls_ar1
    from event_study.inference.ferman_pinto import ferman_pinto as ferman_pinto
    from event_study.inference.ri_dates import dates_test as dates_test
    from event_study.inference.ri_studentised import rank_test as rank_test
    from event_study.inference.ri_studentised import romano_wolf as romano_wolf
    from event_study.own.panel import OwnStudy as OwnStudy
    from event_study.own.panel import study_of as study_of
    from event_study.own.spec import OwnSpec as OwnSpec
    from event_study.own.spec import load_own_spec as load_own_spec
    from event_study.sensitivity.honest.conditional import honest_conditional as honest_conditional
    from event_study.sensitivity.honest.magnitudes import honest_rm as honest_rm
    from event_study.sensitivity.honest.smoothness import (
        flcis as flcis,
    )
    from event_study.sensitivity.honest.smoothness import (
        smoothness_frontier as smoothness_frontier,
    )
    from event_study.sensitivity.pretrend_power import pretrend_power as pretrend_power
    from event_study.specs.folder import SHIPPED as SHIPPED
    from event_study.specs.folder import load_specs as load_specs
    from event_study.study.questions import (
        StudyTables as StudyTables,
    )
    from event_study.study.questions import (
        estimate as estimate,
    )
    from event_study.study.questions import (
        identify as identify,
    )
    from event_study.units.fit import fit_panel as fit_panel

_MODULE = {
    "EventStudyError": "errors",
    "step_design": "estimators.design",
    "fit_gaps": "estimators.registry",
    "fit_ppml": "estimators.registry",
    "sdid": "estimators.sdid",
    "synth": "estimators.synthetic",
    "conformal_set": "inference.conformal",
    "crv1_ols": "inference.conventional",
    "gls_ar1": "inference.conventional",
    "ferman_pinto": "inference.ferman_pinto",
    "dates_test": "inference.ri_dates",
    "rank_test": "inference.ri_studentised",
    "romano_wolf": "inference.ri_studentised",
    "OwnStudy": "own.panel",
    "study_of": "own.panel",
    "OwnSpec": "own.spec",
    "load_own_spec": "own.spec",
    "honest_conditional": "sensitivity.honest.conditional",
    "honest_rm": "sensitivity.honest.magnitudes",
    "flcis": "sensitivity.honest.smoothness",
    "smoothness_frontier": "sensitivity.honest.smoothness",
    "pretrend_power": "sensitivity.pretrend_power",
    "SHIPPED": "specs.folder",
    "load_specs": "specs.folder",
    "StudyTables": "study.questions",
    "estimate": "study.questions",
    "identify": "study.questions",
    "fit_panel": "units.fit",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE})
