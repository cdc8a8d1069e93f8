"""``ringfence motifs``: the library of questions to the graph, listed, shown, written, checked."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app import cli_motif_runs
from app.acting import ActsAs, acting, ledger_of
from app.options import AsJson, Lang, WorkspaceDir
from app.settings import Settings, read_settings
from app.steps import graph_store
from app.terminal import note, progress_bars, show_json, show_table, show_text
from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.texts import say

if TYPE_CHECKING:  # the real import waits until the command runs: '--help' stays quick
    from detectors.motif_check import Check

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME")]

for name, example, asked in (
    ("run", "run one_account_one_reviewer --param min_patients=5", cli_motif_runs.run),
    ("runs", "runs --workspace county --limit 20", cli_motif_runs.runs),
    ("compare", "compare Q-0a1b2c3d4e Q-5f60718293", cli_motif_runs.compare),
    ("attach", "attach Q-0a1b2c3d4e 3 R-card_pool-0a1b2c3d", cli_motif_runs.attach),
    (
        "alert",
        "alert swipe_refund_swipe --alert 'swiped again' --every day",
        cli_motif_runs.alert,
    ),
):
    app.command(name, epilog=f"ringfence motifs {example}")(asked)


@app.callback()
def motifs(ctx: typer.Context) -> None:
    """List the motifs where no command follows."""
    if ctx.invoked_subcommand is None:
        list_()


@app.command("list", epilog="ringfence motifs list --workspace county")
def list_(*, workspace: WorkspaceDir = None, lang: Lang = None, as_json: AsJson = False) -> None:
    """List every motif with its question, those of the workspace's users among them."""
    from detectors.motif import broken_motifs, in_words
    from detectors.motif import motifs as all_motifs

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    shipped = {motif.name for motif in all_motifs()}
    rows = [
        (
            motif.name,
            in_words(motif, "question", language=settings.language),
            "shipped" if motif.name in shipped else "own",
        )
        for motif in all_motifs(settings.workspace.motifs)
    ]
    broken = broken_motifs(settings.workspace.motifs)
    if as_json:
        names = ("name", "question", "from")
        left_out = [{"file": each.path, "reason": each.reason} for each in broken]
        show_json(
            {"motifs": [dict(zip(names, row, strict=True)) for row in rows], "broken": left_out}
        )
        return
    for each in broken:
        note(say("cli.motif.broken", settings.language, file=each.path.name, reason=each.reason))
    show_table(
        [say(f"cli.column.{name}", settings.language) for name in ("motif", "question", "from")],
        [
            (name, question, say(f"cli.motif.{whose}", settings.language))
            for name, question, whose in rows
        ],
    )


@app.command("show", epilog="ringfence motifs show one_account_one_reviewer")
def show(
    name: Name,
    *,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Print one motif: what it asks, what may be honest, what is unknown, and its Cypher."""
    from detectors.motif import in_words
    from detectors.motif import motif as motif_named

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    motif = motif_named(name, settings.workspace.motifs)
    words = {
        field: in_words(motif, field, language=settings.language)
        for field in ("title", "question", "honest", "unknown")
    }
    parameters = [
        {
            "name": parameter.name,
            "default": parameter.default,
            "least": parameter.least,
            "unit": parameter.unit,
            "meaning": parameter.meaning,
        }
        for parameter in motif.params.values()
    ]
    if as_json:
        show_json({"name": name, **words, "parameters": parameters, "text": motif.text})
        return
    for field, text in words.items():
        show_text(f"{say(f'cli.motif.{field}', settings.language)}: {text}")
    columns = ("name", "default", "least", "unit", "meaning")
    show_table(
        [say(f"cli.column.{column}", settings.language) for column in columns],
        [[parameter[column] for column in columns] for parameter in parameters],
    )
    show_text(motif.text)


@app.command("new", epilog="ringfence motifs new cards_of_one_village --workspace county")
def new(
    name: Name,
    *,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE")] = None,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Write a motif to begin with; it works as it is, and no file is overwritten."""
    from detectors.motif import motifs as all_motifs
    from detectors.motif_template import template

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    text = template(name)
    if name in {motif.name for motif in all_motifs()}:
        raise RingfenceError(to_say("refused.motif.taken", name=name))
    path = out or settings.workspace.motifs / f"{name}.cypher"
    if out is None:
        _require_workspace(settings)
        path.parent.mkdir(exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError as error:
        raise RingfenceError(to_say("refused.command.file_there", path=path)) from error
    if as_json:
        show_json({"motif": name, "file": path})
    else:
        show_text(say("cli.motif.written", settings.language, file=path))


@app.command("check", epilog="ringfence motifs check county/motifs/cards_of_one_village.cypher")
def check(
    file: Annotated[str, typer.Argument(metavar="PATH_OR_NAME")],
    *,
    with_graph: Annotated[bool, typer.Option("--with-graph")] = False,
    acts_as: ActsAs = None,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Run every check of a motif file; exit code 1 where one fails."""
    from detectors.motif_check import check as checks_of

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    path = _file(settings, file)
    if with_graph:
        from casework.questions import record_check

        with (
            ledger_of(settings) as ledger,
            graph_store(settings) as store,
            progress_bars(settings.language) as progress,
        ):
            record_check(ledger, acting(acts_as), path)
            progress("ask", 0, 0)
            found = checks_of(path, store=store)
            progress("ask", 1, 1)
    else:
        found = checks_of(path)
    _show_checks(settings, path, found)
    if any(each.state == "failed" for each in found):
        raise typer.Exit(1)


def _show_checks(settings: Settings, path: Path, found: "list[Check]") -> None:
    if settings.as_json:
        rows = [{"name": each.name, "state": each.state, "reason": each.reason} for each in found]
        show_json({"file": path, "checks": rows})
        return
    show_table(
        [say(f"cli.column.{name}", settings.language) for name in ("check", "state", "reason")],
        [
            (each.name, say(f"check_state.{each.state}", settings.language), each.reason)
            for each in found
        ],
        title=str(path),
    )


def _file(settings: Settings, named: str) -> Path:
    """Return the file of a path or a motif's name."""
    from detectors.motif import FOLDER

    for path in (
        Path(named),
        settings.workspace.motifs / f"{named}.cypher",
        FOLDER / f"{named}.cypher",
    ):
        if path.is_file():
            return path
    raise RingfenceError(
        to_say("refused.command.no_motif", named=named, folder=settings.workspace.motifs)
    )


def _require_workspace(settings: Settings) -> None:
    if not settings.workspace.root.is_dir():
        raise RingfenceError(to_say("refused.command.no_workspace", root=settings.workspace.root))
