"""What other tools estimate and this study does not: covariates, several treated units, staggered starts.

Asked for, each is refused by name, with what is estimated here and which tool estimates the other; none is
ever ignored. Not here: misspelled fields (``spec``), a panel that is staggered (``treatment``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# how tools of this kind spell their arguments, small letters only
COVARIATES = frozenset(
    "covariate covariates control controls confounder confounders predictor predictors regressor regressors "
    "xformla xvars xcovar exogenous exog fixedeffects".split()
)
STAGGERED = frozenset(
    "cohort cohorts cohortname gname group groups firsttreat firsttreated firsttreatment treatmenttime "
    "treatmentstart treatstart treatedunits treatments adoption adoptiontime starts staggered".split()
)
NO_COVARIATES = (
    "covariates are not estimated here: chokepoint estimate compares the outcome of one unit with that of "
    "its donors and nothing else; feols of pyfixest and AugSynth of pysyncon take covariates; remove the "
    "field (donors are named in panel.donors)"
)
ONE_TREATED = (
    "chokepoint estimate compares one treated unit with untreated donors; several treated units, together or "
    "staggered, are for pyfixest: its did2s, or its event_study with estimator saturated (Sun and Abraham); "
    "name one treated unit and only untreated panel.donors"
)


class AnotherToolError(ValueError):
    """A field whose remedy is not to correct it, for it asks for what is not estimated here."""


def refuse_fields(given: Mapping[str, Any]) -> None:
    """Refuse a spec that asks for what other tools estimate.

    Raises ``AnotherToolError``, in words that name the field."""
    panel = given.get("panel")
    inside = panel if isinstance(panel, Mapping) else {}
    for prefix, fields in (("", given), ("panel.", inside)):
        for field in fields:
            spelled = re.sub(r"[^a-z]", "", str(field).lower())
            if spelled in COVARIATES:
                raise AnotherToolError(f"{prefix}{field}: {NO_COVARIATES}")
            if spelled in STAGGERED:
                raise AnotherToolError(f"{prefix}{field}: {ONE_TREATED}")
    treated = inside.get("treated")
    if isinstance(treated, list | tuple | dict) and len(treated) > 1:
        raise AnotherToolError(f"panel.treated: names {len(treated)} units, expected one: {ONE_TREATED}")
