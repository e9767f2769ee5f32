"""The command line. Exit 0: all that was asked is made or up to date; 2: the user can mend it; 1: defect;
128 + n: ended by signal n."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from orchestration import environment, interrupts  # noqa: F401  (must precede dagster, dbt and dlt)
from orchestration.command.scaffold import new
from orchestration.errors import DefectError, mendable, no_room
from orchestration.settings import read_settings

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,  # defaults stand in brackets, which markup would swallow
    pretty_exceptions_enable=False,
)

Origin = Annotated[
    str | None,
    typer.Option(
        metavar="ORIGIN", help="sample (simulated), archive (a folder of real files), live (fetched)"
    ),
]
Archive = Annotated[Path | None, typer.Option(metavar="DIR", help="folder of raw files with manifests")]
Home = Annotated[
    Path | None, typer.Option(metavar="DIR", help="where everything a run makes lies [data/<origin>]")
]
Seed = Annotated[int | None, typer.Option(metavar="N", help="seed of the simulated sample [1]")]
AsJson = Annotated[bool, typer.Option("--json", help="print everything as JSON on standard output")]


def _version(is_asked: bool) -> None:
    if is_asked:
        sys.stdout.write(f"chokepoint {version('chokepoint')}\n")
        raise typer.Exit


@app.callback()
def options(
    is_asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    """Did US chip-export controls accelerate China's open AI ecosystem? Data, gates and estimates."""


@app.command()
def run(
    origin: Origin = None,
    archive: Archive = None,
    home: Home = None,
    select: Annotated[
        str | None,
        typer.Option(
            metavar="SELECTION",
            help="an asset key (`chokepoint list assets`) or Dagster's selection syntax",
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(metavar="YYYY-MM", formats=["%Y-%m"], help="cut the panels after this month"),
    ] = None,
    seed: Seed = None,
    as_json: AsJson = False,
) -> None:
    """Make everything that is not up to date, and print what came out.

    Stages: archive, lake, warehouse, marts, gate, results, page, release.
    """
    from orchestration.command.run import run as run_pipeline
    from orchestration.command.summary import Titles, print_summary, summarise

    settings = read_settings(
        origin=origin, archive=archive, home=home, seed=seed, until=until.date() if until else None
    )
    console = Console(stderr=as_json)
    outcome = run_pipeline(settings, select, console)
    content = summarise(settings, outcome)
    if as_json:
        sys.stdout.write(json.dumps(content, indent=1) + "\n")
    else:
        print_summary(console, content, Titles.of(settings))


@app.command("list")
def list_names(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND", help="sources, outcomes, events, event_sets, specs, estimators, assets"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Names of sources, outcomes, events, specs, assets and more."""
    from orchestration.command.names import print_names

    print_names(read_settings(), kind, Console(), as_json=as_json)


@app.command()
def fetch(
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCE]...", help="`chokepoint fetch --plan` names them [all]"),
    ] = None,
    archive: Archive = None,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="first day, of hour files also 2024-01-31T07 (UTC)")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="last day or hour [today]")] = None,
    via: Annotated[
        str | None, typer.Option(metavar="WAY", help="another service that feeds the source")
    ] = None,
    is_plan: Annotated[
        bool, typer.Option("--plan", help="print requests, bytes, minutes and keys; ask nothing")
    ] = False,
    max_requests: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="stop after as many requests")
    ] = None,
    max_bytes: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="stop after as many bytes were read")
    ] = None,
    is_accepting: Annotated[
        bool, typer.Option("--accept", help="take a version although it differs much from the last one")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring sources from their services into an archive of origin live.

    What was stopped, the next fetch goes on with. Keys come from the environment.
    """
    from orchestration.command.fetch_sources import FetchOrder, asked_moment, fetch_sources, show_plan

    settings = read_settings(origin="live", archive=archive)
    asked = FetchOrder(
        tuple(sources or ()),
        settings.archive_path,
        asked_moment("--since", since),
        asked_moment("--until", until),
        settings.fetch_from,
        max_requests,
        max_bytes,
        is_accepting,
        via,
        settings.hours_url,
        settings.spark_master,
    )
    (show_plan if is_plan else fetch_sources)(asked, Console(stderr=as_json), as_json)


@app.command()
def simulate(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="where the archive is written")],
    seed: Seed = None,
) -> None:
    """Write a SIMULATED archive; planted.yml in it says what is true."""
    from dlt_sources.sample import write_archive

    settings = read_settings(seed=seed)
    write_archive(directory, settings.seed)
    files = [p for p in directory.rglob("*") if p.is_file()]
    Console().print(
        f"SIMULATED archive, seed {settings.seed}: {len(files):,} files, "
        f"{sum(p.stat().st_size for p in files) / 1e6:.1f} MB in {directory}",
        highlight=False,
    )


@app.command()
def check(
    origin: Origin = None,
    home: Home = None,
    is_all: Annotated[bool, typer.Option("--all", help="print the checks that pass too")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the gates on what is there and print what failed."""
    from orchestration.command.check import check_home
    from orchestration.home.lock import settings_of

    settings = settings_of(origin, home)
    check_home(settings, Console(stderr=as_json), is_all=is_all, as_json=as_json)


@app.command()
def accept(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="a mart or a raw table (source/table)")],
    check: Annotated[str, typer.Argument(metavar="CHECK", help="the failed check, as `check` prints it")],
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="why it is no fault; shown wherever the check is")
    ],
    origin: Origin = None,
    home: Home = None,
) -> None:
    """Let a failed check pass from now on; it is still shown."""
    from orchestration.gate import files as gate
    from orchestration.home.lock import held, settings_of

    settings = settings_of(origin, home)
    with held(settings):
        gate.accept(
            settings.home_path, table, check, reason=reason, by=getpass.getuser(), at=datetime.now(UTC)
        )
    Console().print(f"accepted: {table} {check}; the next run goes on", highlight=False)


@app.command()
def estimate(
    spec: Annotated[Path, typer.Argument(metavar="SPEC.yml", help="columns, units, events and terms")],
    panel: Annotated[Path, typer.Option(metavar="FILE", help="a row a unit and period: .parquet or .csv")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="where the result tables are written")
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR|FILE",
            help="where pictures are written: a folder (PNG and SVG), one .png or one .svg",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The event study on a panel of your own, without the pipeline."""
    from orchestration.command.estimate import estimate as estimate_panel

    estimate_panel(spec, panel, out, plot, as_json)


@app.command()
def ui(
    origin: Origin = None,
    archive: Archive = None,
    home: Home = None,
    port: Annotated[int, typer.Option(metavar="N", min=1, max=65_535, help="port on 127.0.0.1")] = 3000,
) -> None:
    """Dagster's UI and daemon on 127.0.0.1; it has no login."""
    from orchestration.command.ui import serve

    raise typer.Exit(serve(read_settings(origin=origin, archive=archive, home=home), port))


@app.command()
def doctor(origin: Origin = None, archive: Archive = None, home: Home = None) -> None:
    """Versions, settings, disk, and the health of the archive."""
    from orchestration.command.doctor import examine

    examine(read_settings(origin=origin, archive=archive, home=home), Console())


app.command()(new)


def main(arguments: list[str] | None = None) -> None:
    """The console script: errors are one line on standard error."""
    if arguments is None:  # the process is ours
        interrupts.listen()
    try:
        code = app(args=arguments, prog_name="chokepoint", standalone_mode=False)
    except mendable() as error:
        _leave(no_room(error) or error, 2)
    except typer.TyperException as error:  # the command line itself: an unknown flag, a bad value
        _leave(_usage(error), 2)
    except OSError as error:
        unusable = f"{error.filename or 'system'}: {error.strerror}; make it readable and writable"
        _leave(no_room(error) or unusable, 2)
    except DefectError as error:
        if full := no_room(error):
            _leave(full, 2)
        _leave(error, 1)
    sys.exit(code or 0)


def _usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    message = " ".join(error.format_message().split()).removesuffix(".")
    if context is None:
        return message
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.exit(0)  # the help is printed
    return f"{message}; see `{context.command_path} --help`"


def _leave(error: object, code: int) -> NoReturn:
    sys.stderr.write(f"chokepoint: {error}\n")
    sys.exit(code)
