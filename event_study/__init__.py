"""Event studies with one treated unit: designs, estimators, inference, on anyone's panel.

Pure functions of DataFrames, column names and specs. Knows nothing of orchestration, of where files
lie, or of which countries they are about (that is ``specs/*.yml``). Here: the public face, whose modules
are imported when a name of theirs is first asked for, so that ``import event_study`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from event_study.bounds.identified_set import imbens_manski
    from event_study.bounds.refit import unknown_bounds
    from event_study.errors import EventStudyError
    from event_study.estimators.design import step_design
    from event_study.estimators.registry import fit_gaps, fit_ppml
    from event_study.estimators.sdid import sdid
    from event_study.estimators.synthetic import synth
    from event_study.inference.conformal import conformal_set
    from event_study.inference.conventional import crv1_ols, crv1_ppml, gls_ar1
    from event_study.inference.ferman_pinto import ferman_pinto
    from event_study.inference.placebo_covariance import placebo_cov
    from event_study.inference.ri_dates import dates_test
    from event_study.inference.ri_studentised import rank_test, romano_wolf
    from event_study.own.panel import OwnStudy, study_of
    from event_study.own.spec import OwnSpec, load_own_spec
    from event_study.panel.unknown import Unknown
    from event_study.sensitivity.honest.conditional import honest_conditional
    from event_study.sensitivity.honest.magnitudes import honest_rm
    from event_study.sensitivity.honest.smoothness import flcis, smoothness_frontier
    from event_study.sensitivity.pretrend_power import pretrend_power
    from event_study.specs.folder import SHIPPED, load_specs
    from event_study.study.questions import StudyTables, estimate, identify
    from event_study.units.fit import fit_panel

_NAMES = {
    "bounds.identified_set": "imbens_manski",
    "bounds.refit": "unknown_bounds",
    "errors": "EventStudyError",
    "estimators.design": "step_design",
    "estimators.registry": "fit_gaps fit_ppml",
    "estimators.sdid": "sdid",
    "estimators.synthetic": "synth",
    "inference.conformal": "conformal_set",
    "inference.conventional": "crv1_ols crv1_ppml gls_ar1",
    "inference.ferman_pinto": "ferman_pinto",
    "inference.placebo_covariance": "placebo_cov",
    "inference.ri_dates": "dates_test",
    "inference.ri_studentised": "rank_test romano_wolf",
    "own.panel": "OwnStudy study_of",
    "own.spec": "OwnSpec load_own_spec",
    "panel.unknown": "Unknown",
    "sensitivity.honest.conditional": "honest_conditional",
    "sensitivity.honest.magnitudes": "honest_rm",
    "sensitivity.honest.smoothness": "flcis smoothness_frontier",
    "sensitivity.pretrend_power": "pretrend_power",
    "specs.folder": "SHIPPED load_specs",
    "study.questions": "StudyTables estimate identify",
    "units.fit": "fit_panel",
}
_MODULE = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE})
