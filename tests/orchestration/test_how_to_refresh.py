"""The page on monthly refreshes: its commands print what it says, its names are those of the definitions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from orchestration.command.cli import app
from orchestration.definitions import build_defs
from orchestration.settings import Settings, read_settings
from tests.orchestration.test_how_to import BLOCK, ROOT, printed

PAGE = (ROOT / "docs" / "how-to" / "refresh-every-month.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_its_commands_print_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    walked = 0
    blocks = BLOCK.findall(PAGE)
    for (language, content), (_, after) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if language == "toml":
            (tmp_path / content.split("\n")[0].removeprefix("# ")).write_text(content)
        if language == "sh":
            assert printed(content, tmp_path).strip("\n") == after.strip("\n")
            walked += 1
    assert walked == 2


def test_its_settings_are_settings(tmp_path: Path) -> None:
    (toml,) = (content for language, content in BLOCK.findall(PAGE) if language == "toml")
    given = tomllib.loads(toml)
    settings = Settings(**given)
    assert (settings.origin, settings.schedules) == ("live", "monthly")
    for name in given:
        assert name in Settings.model_fields


def test_its_names_are_those_of_the_definitions_and_the_command_line(tmp_path: Path) -> None:
    defs = build_defs(read_settings(origin="live", home=tmp_path))
    jobs = {job.name for job in defs.jobs or ()}
    sensors = {sensor.name for sensor in defs.sensors or ()}
    checks = {key.name for key in defs.resolve_asset_graph().asset_check_keys}
    known = jobs | sensors | checks | {*Settings.model_fields}
    named = set(re.findall(r"`([a-z]+_[a-z_]+|fetch|refresh)`", PAGE))
    assert {"refresh_after_fetch", "key_is_set", "fetch", "refresh"} <= named <= known
    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert set(re.findall(r"chokepoint ([a-z]+)", PAGE)) <= commands
