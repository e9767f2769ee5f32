"""What dbt-bouncer (`make lint`) cannot say about the project: units of numbers, shape of the SQL."""

from __future__ import annotations

import re
from pathlib import Path

from orchestration import warehouse

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
NUMERIC = {"bigint", "integer", "smallint", "double", "float", "decimal"}
ADDITIVITY = ("additive", "semi-additive (", "non-additive", "not a measure")


def test_numbers_of_marts_say_their_unit_and_whether_they_add_up() -> None:
    silent = []
    for mart in warehouse.models(warehouse.manifest(), "marts"):
        for name, column in mart["columns"].items():
            meta = column["config"].get("meta", {})
            said = set(meta) == {"unit", "additivity"} and meta["additivity"].startswith(ADDITIVITY)
            if column["data_type"] in NUMERIC and not said:
                silent.append(f"{mart['name']}.{name}")
    assert silent == []


def test_a_model_ends_in_its_final_and_has_its_yml_beside_it() -> None:
    models = sorted(PROJECT.glob("models/**/*.sql"))
    assert models
    macros = "".join(path.read_text() for path in sorted(PROJECT.glob("macros/*.sql")))
    for model in models:
        sql = model.read_text().rstrip()
        if call := re.fullmatch(r"\{\{ (\w+)\(('\w+'(, )?)+\) \}\}", sql):  # one of a family
            sql = macros.split(f"macro {call[1]}(")[1].split("{% endmacro %}")[0].rstrip()
        assert sql.endswith("select * from final"), model.name
        assert model.with_suffix(".yml").is_file(), model.name
