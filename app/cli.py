"""The ``ringfence`` command: one short function for each command, their words in the catalogue."""

import errno
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup
from typing_extensions import override

from app import (
    cli_accounts,
    cli_alerts,
    cli_api,
    cli_audit,
    cli_graph,
    cli_learning,
    cli_motifs,
    cli_reports,
    cli_verify,
    cli_watch,
    steps,
    summaries,
)
from app.options import (
    DEFAULT_PORT,
    LOOPBACK,
    Address,
    AsJson,
    Days,
    Extract,
    Lang,
    Limit,
    Mapping,
    Memory,
    Persons,
    Port,
    Seed,
    Threads,
    WorkspaceDir,
)
from app.settings import Settings, read_language, read_settings
from app.terminal import note, show_json, show_text
from ingest.errors import RingfenceError
from ingest.texts import Language, say

QUERY_INTERRUPTED = "Query interrupted"  # what DuckDB makes of a signal that meets it in a query


class Whole(TyperGroup):
    """Commands whose exit code is 0 only where the work was whole.

    What a user can mend is one sentence and exit code 1; an interrupt is one line and 130. Anything
    else is a fault of ours and keeps its traceback.
    """

    language: Language = "en"

    @override
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except RingfenceError as error:
            note(say("cli.error", self.language, sentence=error.told(self.language)))
            raise typer.Exit(1) from error
        except OSError as error:
            if error.errno in (None, errno.EPIPE):
                raise
            note(
                say(
                    "cli.os_error",
                    self.language,
                    file=error.filename or "-",
                    reason=error.strerror,
                )
            )
            raise typer.Exit(1) from error
        except KeyboardInterrupt:
            note(say("cli.interrupted", self.language))
            raise typer.Exit(130) from None
        except RuntimeError as error:
            if str(error) != QUERY_INTERRUPTED:
                raise
            note(say("cli.interrupted", self.language))
            raise typer.Exit(130) from None


# Plain help: what draws the boxes takes longer to import than everything else together.
app = typer.Typer(cls=Whole, add_completion=False, no_args_is_help=True, rich_markup_mode=None)


def main() -> None:
    """Run the command line that started this process."""
    signal.signal(signal.SIGTERM, _terminated)
    command(_help_language(sys.argv[1:]))(prog_name="ringfence")


def command(language: Language) -> Whole:
    """Return the whole command line with its words in a language."""
    group = typer.main.get_command(app)
    assert isinstance(group, Whole)  # noqa: S101 - narrows what Typer returns for cls=Whole
    group.language = language
    _speak(group, "ringfence", language)
    return group


@app.callback(invoke_without_command=True)
def ringfence(
    ctx: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", is_eager=True)] = False,
) -> None:
    """Answer ``--version``; every other word is a command of its own."""
    if show_version:
        from importlib.metadata import version

        show_text(f"ringfence {version('ringfence')}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        show_text(ctx.get_help())


@app.command(epilog="ringfence demo --no-serve --workspace demo")
def demo(
    *,
    workspace: WorkspaceDir = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve")] = True,
    persons: Persons = 20_000,
    days: Days = 180,
    seed: Seed = 1,
    accounts: Annotated[bool, typer.Option("--accounts/--no-accounts")] = False,
    port: Port = DEFAULT_PORT,
    memory: Memory = None,
    threads: Threads = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Invent a county, run everything on it and serve the explorer."""
    settings = read_settings(
        os.environ,
        workspace=workspace or Path("demo"),
        memory=memory,
        threads=threads,
        lang=lang,
        as_json=as_json,
    )
    if serve:
        steps.refuse_busy_port(LOOPBACK, port)
    extract = settings.workspace.root / "extract"
    invented = steps.demo_extract(extract, settings, persons=persons, days=days, seed=seed)
    with steps.server_as_found(settings):
        summary = {"simulate": invented, **_whole_run(extract, settings, seed=seed)}
        if accounts:
            summary["accounts"] = cli_accounts.invented_accounts(settings)
            if not as_json:
                cli_accounts.show_accounts(settings, summary["accounts"])
        if as_json:
            show_json(summary)
        if serve:
            _serve(settings, port=port, address=LOOPBACK)


@app.command(epilog="ringfence run extract/ --workspace county --memory 4GB")
def run(
    extract: Extract,
    *,
    workspace: WorkspaceDir = None,
    mapping: Mapping = None,
    graph: Annotated[bool, typer.Option("--graph/--no-graph")] = True,
    memory: Memory = None,
    threads: Threads = None,
    seed: Seed = 1,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Import an extract, find its rings, print them, load the graph."""
    settings = read_settings(
        os.environ,
        workspace=workspace,
        memory=memory,
        threads=threads,
        lang=lang,
        as_json=as_json,
    )
    summary = _whole_run(extract, settings, seed=seed, mapping=mapping, graph=graph)
    if as_json:
        show_json(summary)


@app.command("import", epilog="ringfence import extract/ --workspace county --mapping mapping.toml")
def import_(
    extract: Extract,
    *,
    workspace: WorkspaceDir = None,
    mapping: Mapping = None,
    memory: Memory = None,
    threads: Threads = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Turn an extract into clean tables."""
    settings = read_settings(
        os.environ, workspace=workspace, memory=memory, threads=threads, lang=lang, as_json=as_json
    )
    manifest = steps.import_step(extract, settings, mapping=mapping)
    if as_json:
        show_json(manifest)
    else:
        summaries.show_import(manifest, settings.language)


@app.command(epilog="ringfence detect --workspace county --seed 7")
def detect(
    *,
    workspace: WorkspaceDir = None,
    seed: Seed = 1,
    resamples: Annotated[
        int | None, typer.Option("--resamples", metavar="N", min=1, show_default=False)
    ] = None,
    factors: Annotated[Path | None, typer.Option("--factors", metavar="FILE")] = None,
    memory: Memory = None,
    threads: Threads = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Find the rings of an imported extract."""
    settings = read_settings(
        os.environ, workspace=workspace, memory=memory, threads=threads, lang=lang, as_json=as_json
    )
    folder = steps.detect_step(settings, seed=seed, resamples=resamples, factors=factors)
    found = steps.ring_rows(folder)
    if as_json:
        show_json({"run": folder, "rings": found})
    else:
        summaries.show_rings(found, settings.language)


@app.command(epilog="ringfence load --workspace county")
def load(
    *,
    workspace: WorkspaceDir = None,
    memory: Memory = None,
    threads: Threads = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Load the clean tables and the newest rings into the graph."""
    settings = read_settings(
        os.environ, workspace=workspace, memory=memory, threads=threads, lang=lang, as_json=as_json
    )
    report = steps.load_step(settings)
    if as_json:
        show_json(report)
    else:
        summaries.show_load(report, settings.language)


@app.command(epilog="ringfence simulate extract/ --persons 20000 --days 180 --seed 7 --messy")
def simulate(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    persons: Persons = 20_000,
    days: Days = 180,
    seed: Seed = 1,
    null: Annotated[bool, typer.Option("--null")] = False,
    messy: Annotated[bool, typer.Option("--messy")] = False,
    style: Annotated[Literal["first", "second"], typer.Option("--style")] = "first",
    format_: Annotated[Literal["csv", "parquet"], typer.Option("--format")] = "csv",
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Invent an extract with planted rings and honest look-alikes, and the truth beside it."""
    settings = read_settings(os.environ, lang=lang, as_json=as_json)
    summary = steps.simulate_step(
        folder,
        settings,
        persons=persons,
        days=days,
        seed=seed,
        rings=not null,
        messy=messy,
        style=style,
        format=format_,
    )
    if as_json:
        show_json(summary)
    else:
        show_text(say("cli.simulated", settings.language, **summary))


@app.command(epilog="ringfence evaluate county extract/truth.json")
def evaluate(
    workspace: Annotated[Path, typer.Argument(metavar="WORKSPACE")],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH")],
    *,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Compare the newest run with what was planted."""
    from detectors.evaluate import evaluate as measure

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    measured = measure(settings.workspace, truth)
    if as_json:
        show_json(measured)
    else:
        summaries.show_measures(measured, settings.language)


app.command("learn", epilog="ringfence learn counties/ --out factors.csv --decided decisions.csv")(
    cli_learning.learn
)
app.command("watch", epilog="ringfence watch incoming/ --workspace county --every 10")(
    cli_watch.watch
)
app.command("verify", epilog="ringfence verify --workspace county")(cli_verify.verify)
app.command(
    "report", epilog="ringfence report R-0123456789ab --format pdf --lang zh --out report.pdf"
)(cli_reports.report)


@app.command(epilog="ringfence rings --workspace county --limit 20")
def rings(
    *,
    workspace: WorkspaceDir = None,
    limit: Limit = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """List the rings of the newest run by rank."""
    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    folder = settings.workspace.latest_run()
    if steps.current_run(settings) is None:
        note(say("cli.rings_outdated", settings.language))
    found = steps.ring_rows(folder)
    if as_json:
        show_json({"run": folder, "total": len(found), "rings": found[:limit]})
    else:
        summaries.show_rings(found, settings.language, limit=limit)
        cli_watch.show_since(settings, folder.name)


@app.command(epilog="ringfence explore --workspace county --port 8501")
def explore(
    *,
    workspace: WorkspaceDir = None,
    port: Port = DEFAULT_PORT,
    address: Address = LOOPBACK,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Serve the explorer until it is stopped."""
    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    if as_json:
        show_json({"url": f"http://{address}:{port}", "workspace": settings.workspace.root})
    _serve(settings, port=port, address=address)


app.add_typer(cli_motifs.app, name="motifs", epilog="ringfence motifs")
app.add_typer(cli_alerts.app, name="alerts", epilog="ringfence alerts run --due-only")
app.add_typer(cli_audit.app, name="audit", epilog="ringfence audit verify --workspace county")
app.add_typer(cli_accounts.app, name="accounts", epilog="ringfence accounts list --by root")
app.add_typer(cli_api.app, name="api", epilog="ringfence api serve --workspace county")
app.add_typer(cli_graph.app, name="graph", epilog="ringfence graph status --workspace county")


def _whole_run(
    extract: Path,
    settings: Settings,
    *,
    seed: int,
    mapping: Path | None = None,
    graph: bool = True,
) -> steps.Summary:
    manifest = steps.import_step(extract, settings, mapping=mapping)
    if not settings.as_json:
        summaries.show_import(manifest, settings.language)
    folder = steps.detect_step(settings, seed=seed)
    found = steps.ring_rows(folder)
    if not settings.as_json:
        summaries.show_rings(found, settings.language, limit=summaries.SCREEN)
    loaded = steps.load_step(settings) if graph else None
    if not settings.as_json:
        if loaded:
            summaries.show_load(loaded, settings.language, short=True)
        summaries.show_where_next(settings, graph=graph)
    return {"import": manifest, "run": folder, "rings": found, "graph": loaded}


def _serve(settings: Settings, *, port: int, address: str) -> None:
    note(say("cli.serving", settings.language, url=f"http://{address}:{port}"))
    code = steps.serve_explorer(settings, port=port, address=address)
    if code:
        raise typer.Exit(code)


def _speak(spoken: Any, path: str, language: Language) -> None:
    """Give a command, its options and the commands below it their words."""
    spoken.help = say(f"cli.help.{path}", language)
    if spoken.epilog:
        spoken.epilog = say("cli.example", language, command=spoken.epilog)
    for parameter in spoken.params:
        parameter.help = say(f"cli.option.{parameter.name.rstrip('_')}", language)
    for name, below in getattr(spoken, "commands", {}).items():
        _speak(below, name if path == "ringfence" else f"{path}_{name}", language)


def _help_language(arguments: list[str]) -> Language:
    """Return the language of help and of the last line, before any option is checked."""
    asked = [
        after if word == "--lang" else word.removeprefix("--lang=")
        for word, after in zip(arguments, [*arguments[1:], ""], strict=True)
        if word == "--lang" or word.startswith("--lang=")
    ]
    try:
        return read_language(os.environ, lang=asked[-1] if asked else None)
    except RingfenceError:  # the command itself will say so
        return "en"


def _terminated(number: int, frame: FrameType | None) -> None:
    """End as an interrupt does: children are stopped and half-written folders removed."""
    del frame
    raise SystemExit(128 + number)
