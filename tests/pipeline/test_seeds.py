"""Fifty simulated worlds through the real models and the real study: is the truth inside the sets?

The 5 % of the sets and tests are shares over worlds, so one sample can prove neither. Rows are pooled
as they are. Those of one world are not independent (with and without a trend are two looks at the same
numbers), which widens the spread of the shares: the exact tests below then refuse too often, not too
seldom.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy.stats import binomtest

from dlt_sources import SOURCES
from dlt_sources.sample import write_archive
from dlt_sources.tables import load
from event_study.specs.folder import load_specs
from event_study.specs.model import Spec
from event_study.study.questions import estimate, identify
from orchestration import warehouse
from orchestration.assets.result_files import planted_effects
from orchestration.home.curated import OUTCOMES, SPECS
from orchestration.settings import Settings

pytestmark = pytest.mark.slow

SEEDS = range(1, 51)
SIMULATED = ("epoch_models", "eto_country_activity", "innovation_graph")  # whose outcomes are judged here
# and, in fewer worlds, months made of repositories' weeks: event set, level, outcomes
WEEKLY, WEEKLY_SEEDS = ("best_of_ml", "commit_weeks", "github_ranking_ai"), range(1, 21)
MONTHS = (
    ("tightening", 0.05, ("ml_library_stars_gained_by_month", "open_ml_commits_by_month")),
    ("tightening", 0.2, ("open_ml_commits_by_clock_and_month", "open_ml_authors")),  # a clock is a country
    ("rule_2024", 0.2, ("open_llm_stars_gained_by_month", "open_llm_forks_gained_by_month")),  # from 2023 on
)
PERIODS = ("month", "quarter", "year")
MARTS = (*(f"fct_activity_country_{p}" for p in PERIODS), "dim_country", "dim_event", "dim_outcome")
LEVEL = 0.01


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home of its own, in which one world replaces the other; dbt builds models, no data tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_INDIRECT_SELECTION", "empty")
        home = tmp_path_factory.mktemp("seeds")
        yield Settings(origin="sample", archive=None, home=home, seed=0, until=None)


def fill_lake(settings: Settings, names: Iterable[str]) -> None:
    for source in SOURCES:
        if source.name in names:
            for table, content in load(source, settings.archive_path).items():
                folder = settings.lake / "raw" / source.name / table
                folder.mkdir(parents=True, exist_ok=True)
                pq.write_table(content, folder / "part.parquet")


@dataclass(frozen=True)
class Models:
    """What dbt built of the first world, in its order, with the SQL that it ran.

    dbt takes twenty seconds for a world, its SQL alone five: further worlds are put through that SQL.
    """

    nodes: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, built: warehouse.Built) -> Models:
        assert not built.failed
        return cls([made["node"] for made in built.nodes if made["node"]["resource_type"] == "model"])

    def fill(self, settings: Settings, sources: Collection[str]) -> None:
        """Fill every table anew that rests on these sources; views read what is there."""
        above = tuple(f"source.chokepoint.{source}." for source in sources)
        reached: set[str] = set()
        with duckdb.connect(str(settings.warehouse)) as con:
            con.execute("set TimeZone = 'UTC'")  # both as dbt_project/profiles.yml has them
            con.execute(f"set file_search_path = '{settings.lake}'")
            tables = {f'"{database}"."{schema}"."{name}"' for database, schema, name in con.execute(
                "select database_name, schema_name, table_name from duckdb_tables()").fetchall()}  # fmt: skip
            for node in self.nodes:
                if not any(p in reached or p.startswith(above) for p in node["depends_on"]["nodes"]):
                    continue
                reached.add(node["unique_id"])
                if node["relation_name"] in tables:
                    con.execute(f"delete from {node['relation_name']}")
                    con.execute(f"insert into {node['relation_name']} by name (\n{node['compiled_code']}\n)")


def written_in(seed: int) -> tuple[str, ...]:
    return (*SIMULATED, *WEEKLY) if seed in WEEKLY_SEEDS else SIMULATED


def first_world(settings: Settings, seed: int) -> Models:
    """Built by dbt; the sources that are not simulated are absent here and in every world."""
    write_archive(settings.archive_path, seed, written_in(seed))
    fill_lake(settings, [source.name for source in SOURCES])
    select = [f"+{mart},resource_type:{kind}" for mart in MARTS for kind in ("seed", "model")]
    return Models.of(warehouse.build(settings, select))


def further_world(settings: Settings, seed: int, models: Models) -> None:
    write_archive(settings.archive_path, seed, written_in(seed))
    fill_lake(settings, written_in(seed))
    models.fill(settings, written_in(seed))


def marts_of(settings: Settings) -> dict[str, pd.DataFrame]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        return {mart: con.execute(f"from {mart}").df() for mart in MARTS}


def questions(known: Iterable[str], seed: int) -> list[Spec]:
    """The headline, and its question for every outcome with a known truth (nulls are not all primary)."""
    primary = next(spec for spec in load_specs(SPECS) if spec.family == "headline")
    tested = tuple(contrast for contrast in primary.contrasts if contrast.donors == "default")
    everything = {"id": "everything", "family": "robustness", "outcomes": tuple(known), "contrasts": tested}
    asked = [primary.model_copy(update={"contrasts": tested}), primary.model_copy(update=everything)]
    return asked + [spec for spec in months(primary) if seed in WEEKLY_SEEDS]


def months(primary: Spec) -> Iterator[Spec]:
    """The headline's question of ``MONTHS``, at a level that their donors can reach."""
    sets = {one.name: one for spec in load_specs(SPECS) for one in spec.event_sets}
    chinese = tuple(contrast for contrast in primary.contrasts if contrast.name == "CN_donors")
    for n, (event_set, alpha, outcomes) in enumerate(MONTHS):
        changed = {"id": f"months_{n}", "family": "robustness", "alpha": alpha, "outcomes": outcomes}
        yield primary.model_copy(update={**changed, "event_sets": (sets[event_set],), "contrasts": chinese})


@pytest.fixture(scope="module")
def worlds(home: Settings) -> pd.DataFrame:
    """``mean_step`` rows of every world: seed, family, outcome, contrast, trend, planted, inside, flagged."""
    made, sums = [], {outcome for *_, outcomes in MONTHS for outcome in outcomes}
    models = first_world(home, SEEDS[0])
    for seed in SEEDS:
        if seed != SEEDS[0]:
            further_world(home, seed, models)
        marts = marts_of(home)
        planted, known = planted_effects(home), known_truth(home)
        panel = {p: marts.pop(f"fct_activity_country_{p}").rename(columns={p: "period"}) for p in PERIODS}
        outcomes = marts["dim_outcome"][marts["dim_outcome"]["outcome"].isin({*known, *sums})]
        question = (panel, outcomes, marts["dim_event"], marts["dim_country"], questions(known, seed))
        identification = identify(*question)
        tables = estimate(*question, identification, planted=planted, origin="sample", inputs_sha256="")
        made.append(tables.estimates.assign(seed=seed))
    found = pd.concat(made, ignore_index=True)
    assert set(found["status"]) == {"ok"}, found.loc[found["status"] != "ok", ["outcome", "reason"]]
    numbers = found[["planted", "ci_low", "ci_high", "p_value"]].astype(float)
    assert numbers.notna().all(axis=None)
    return found.assign(
        planted=numbers["planted"],
        inside=numbers["planted"].between(numbers["ci_low"], numbers["ci_high"]),
        flagged=numbers["p_value"] <= 0.05,
    )


@pytest.fixture(scope="module")
def rows(worlds: pd.DataFrame) -> pd.DataFrame:
    """Of outcomes that sources count by country."""
    return worlds[~worlds["spec_id"].str.startswith("months_")]


def known_truth(home: Settings) -> dict[str, dict[str, float]]:
    """What was planted in outcomes of the sources that are simulated here; the others' are absent."""
    planted = planted_effects(home)
    assert planted is not None
    with OUTCOMES.open(newline="", encoding="utf-8") as file:
        judged = {
            row["outcome"] for row in csv.DictReader(file) if set(row["sources"].split(";")) <= {*SIMULATED}
        }
    return {outcome: effects for outcome, effects in planted.items() if outcome in judged}


def told(rows: pd.DataFrame, column: str) -> str:
    """Counts by outcome, contrast and trend, for whoever reads a failure."""
    shares = rows.groupby(["outcome", "contrast", "trend"])[column].agg(["sum", "size"])
    return f"{column}: {rows[column].sum()} of {len(rows)}\n{shares.to_string()}"


def test_planted_effects_of_the_headline_lie_inside_their_sets(home: Settings, rows: pd.DataFrame) -> None:
    headline = rows[(rows["family"] == "headline") & (rows["planted"] != 0)]
    assert set(headline["outcome"]) == {outcome for outcome, effects in known_truth(home).items() if effects}
    assert len(headline) == 2 * 3 * len(SEEDS)
    inside = binomtest(int(headline["inside"].sum()), len(headline), 0.95, alternative="less")
    assert inside.pvalue > LEVEL, told(headline, "inside")


def test_planted_nulls_are_not_flagged_too_often(rows: pd.DataFrame) -> None:
    """China where nothing was planted, and the United States, at which no planted event aims."""
    nulls = rows[(rows["family"] != "headline") & (rows["planted"] == 0)]
    assert len(nulls) == 2 * (3 + 6) * len(SEEDS)
    flagged = binomtest(int(nulls["flagged"].sum()), len(nulls), 0.05, alternative="greater")
    assert flagged.pvalue > LEVEL, told(nulls, "flagged")


def test_effects_that_are_there_are_found(rows: pd.DataFrame) -> None:
    """Sets that hold everything would pass both tests above."""
    headline = rows[(rows["family"] == "headline") & (rows["planted"] != 0)]
    assert headline.groupby("trend")["flagged"].mean().min() > 0.5, told(headline, "flagged")


def test_months_hold_what_was_planted_in_their_weeks(worlds: pd.DataFrame) -> None:
    for n, (_, alpha, outcomes) in enumerate(MONTHS):
        made = worlds[worlds["spec_id"] == f"months_{n}"]
        assert len(made) == 2 * len(outcomes) * len(WEEKLY_SEEDS)
        assert (made["planted"] - 0.4).abs().max() < 1e-9
        inside = binomtest(int(made["inside"].sum()), len(made), 1 - alpha, alternative="less")
        assert inside.pvalue > LEVEL, told(made, "inside")
        assert (made["p_value"] <= alpha)[made["trend"] == "none"].mean() > 0.5, told(made, "flagged")


def test_the_last_world_is_what_dbt_builds_of_it(home: Settings, worlds: pd.DataFrame) -> None:
    """Nothing stands in for the models: their SQL, put to a world at a time, gives dbt's marts."""
    filled = marts_of(home)
    written = [f"source:{s}+,+{mart},resource_type:model" for s in written_in(SEEDS[-1]) for mart in MARTS]
    assert not warehouse.build(home, written).failed
    for mart, built in marts_of(home).items():
        order = list(built.columns)
        pd.testing.assert_frame_equal(
            *(rows.sort_values(order, ignore_index=True) for rows in (filled[mart], built))
        )
