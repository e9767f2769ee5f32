"""Where things lie and what a run is asked for: flags, then ``CHOKEPOINT_*``, then ``chokepoint.toml``."""

from __future__ import annotations

import re
import shlex
import tomllib
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from dlt_sources.packed import USUAL, Limits
from orchestration.errors import UserError, did_you_mean

PROJECT = Path(__file__).resolve().parents[1]  # a checkout, or where the packages are installed
IS_CHECKOUT = (PROJECT / "pyproject.toml").is_file()
SETTINGS_FILE = Path("chokepoint.toml")
Origin = Literal["sample", "archive", "live"]
Schedules = Literal["off", "monthly", "all"]
CHOICES = {"origin": get_args(Origin), "schedules": get_args(Schedules)}
_IN_NO_PATH = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # what no terminal and no JSON file can hold


def top_level_file(name: str, project: Path = PROJECT) -> Path:
    """A file at a checkout's top; an installed distribution has it among its data."""
    if (path := project / name).is_file():
        return path
    return next(Path(str(f.locate())) for f in metadata.files("chokepoint") or () if f.name == name)


class SettingsError(UserError):
    """A setting the user can mend; one line."""


def _folder(value: Any) -> Any:
    if value == "" or (isinstance(value, str | Path) and _IN_NO_PATH.search(str(value))):
        raise ValueError("expected the path of a folder")
    return value


Folder = Annotated[Path, BeforeValidator(_folder)]


class Settings(BaseSettings):
    """What a run is asked for. Paths may be relative to the working directory."""

    model_config = SettingsConfigDict(
        env_prefix="CHOKEPOINT_", toml_file=SETTINGS_FILE, frozen=True, extra="forbid"
    )

    origin: Origin = Field("sample", description="simulated sample, a folder of real files, or the services")
    archive: Folder | None = Field(None, description="folder of raw files; the sample writes its own")
    home: Folder | None = Field(None, description="where everything a run makes lies (default data/<origin>)")
    seed: int = Field(1, ge=0, description="seed of the simulated sample")
    until: date | None = Field(None, description="last month of the panels (first day)")
    schedules: Schedules = Field(
        "off", description="which schedules tick: none, the monthly refresh alone, or each at its cadence too"
    )
    fetch_from: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="address below which all services are",
    )
    spark_master: str = Field("local[*]", description="as Spark spells it: spark://host:port, sc://host:port")
    hours_url: str | None = Field(None, description="folder or bucket of hour files that stay where they are")
    fetch_via: str | None = Field(
        None, description="way of fetching in the UI, of sources that have several (as `fetch --via`)"
    )
    max_file_mb: int = Field(USUAL.max_file_mb, ge=1, description="unpacked size of a raw file, 1e6 bytes")
    max_file_rows: int = Field(USUAL.max_file_rows, ge=1, description="lines of a raw file, values of JSON")
    max_unpacked_ratio: int = Field(USUAL.max_unpacked_ratio, ge=1, description="bytes a packed byte")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def default_home(self) -> Path:
        return (PROJECT if IS_CHECKOUT else Path.cwd()) / "data" / self.origin

    @property
    def home_path(self) -> Path:
        return self.home.resolve() if self.home else self.default_home

    @property
    def flags(self) -> str:
        """What a command must be told to mean this home: nothing for the sample's own."""
        if self.home_path != self.default_home:
            return f" --home {shlex.quote(str(self.home))}"
        return "" if self.origin == "sample" else f" --origin {self.origin}"

    @property
    def archive_path(self) -> Path:
        return self.archive.resolve() if self.archive else self.home_path / "archive"

    @property
    def limits(self) -> Limits:
        """What one raw file may hold."""
        return Limits(self.max_file_mb, self.max_file_rows, self.max_unpacked_ratio)

    @property
    def lake(self) -> Path:
        return self.home_path / "lake"

    @property
    def warehouse(self) -> Path:
        return self.home_path / "warehouse.duckdb"

    @property
    def marts(self) -> Path:
        return self.home_path / "marts"

    @property
    def publishable(self) -> Path:
        return self.home_path / "publishable"

    @property
    def gate(self) -> Path:
        return self.home_path / "gate"

    @property
    def results(self) -> Path:
        return self.home_path / "results"

    @property
    def site(self) -> Path:
        return self.home_path / "site"

    @property
    def releases(self) -> Path:
        return self.home_path / "releases"

    @property
    def state(self) -> Path:
        return self.home_path / "state"

    @property
    def logs(self) -> Path:
        return self.home_path / "logs"


def read_settings(**given: object) -> Settings:
    """Settings with the flags that were given (None means: not given).

    Raises:
        SettingsError: a value that does not fit, or an archive origin without a folder.
    """
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"settings: {SETTINGS_FILE}: no TOML ({error}); correct the file") from None
    except OSError as error:
        raise SettingsError(f"settings: {SETTINGS_FILE}: {error.strerror}; make it readable") from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise SettingsError(
                f"settings: {field}: is no setting{did_you_mean(field, Settings.model_fields)}, "
                f"expected one of {', '.join(Settings.model_fields)}; "
                f"correct {SETTINGS_FILE}"
            ) from None
        known = CHOICES.get(field, ())
        raise SettingsError(
            f"settings: {field}: is {first['input']!r}{did_you_mean(str(first['input']), known)}, "
            f"{first['msg'].removeprefix('Value error, ').lower()}; "
            f"correct the flag, CHOKEPOINT_{field.upper()} or {SETTINGS_FILE}"
        ) from None
    if settings.origin == "archive" and settings.archive is None:
        raise SettingsError("settings: archive: not given, expected a folder of raw files; add --archive DIR")
    return settings
