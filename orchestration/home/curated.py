"""What people write by hand – the policy timeline and the specs – checked before anything is loaded.

A slip there would otherwise show after minutes of loading. The registries are checked by dbt's tests.
"""

from __future__ import annotations

from dlt_sources import policy_timeline
from dlt_sources.policy_timeline import EVENTS
from dlt_sources.tables import load
from orchestration.errors import UserError
from orchestration.settings import PROJECT

SPECS = PROJECT / "event_study" / "specs"
PAPER = "paper.yml"  # the claims of the replicated study
OUTCOMES = PROJECT / "dbt_project" / "seeds" / "outcomes.csv"


def check_timeline() -> None:
    """Every entry of the timeline is whole.

    Raises:
        ArchiveError: an entry breaks a rule; file, entry, field, expectation and remedy in one line.
    """
    load(policy_timeline.SOURCE, EVENTS)


def check_specs() -> None:
    """Every spec can be read and names outcomes and events that there are.

    Raises:
        ArchiveError: the timeline, which names the events, is not whole.
        UserError: a spec cannot be meant; file, field, expectation and remedy in one line.
    """
    import pandas as pd

    from event_study.claims.claims import load_claims, validate_claims
    from event_study.claims.curve import load_curve
    from event_study.errors import SpecError
    from event_study.specs.folder import load_specs, load_unit_specs, validate_specs
    from event_study.specs.glossary import load_glossary
    from event_study.specs.model import Spec
    from event_study.specs.unit_model import UnitSpec
    from event_study.study.questions import check_registered

    events = load(policy_timeline.SOURCE, EVENTS)["events"].select(["event_id", "announced"]).to_pandas()
    outcomes = pd.read_csv(OUTCOMES)
    try:
        specs = load_specs(SPECS)
        every: list[Spec | UnitSpec] = [*specs, *load_unit_specs(SPECS)]
        validate_specs(every, outcomes, events)
        check_registered(specs)
        validate_claims(load_claims(SPECS / PAPER), every, outcomes)
        load_curve(SPECS)
        load_glossary(SPECS)
    except SpecError as error:
        raise UserError(f"event_study/specs/{error}") from None
