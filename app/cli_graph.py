"""``ringfence graph``: the graph server of a workspace, and a read-only prompt to it."""

import os
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from app.acting import ActsAs, acting, ledger_of
from app.options import AsJson, Hits, Lang, Timeout, WorkspaceDir
from app.settings import Settings, read_settings
from app.steps import graph_store
from app.terminal import note, progress_bars, show_json, show_table, show_text
from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.texts import say

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


@app.callback()
def graph(ctx: typer.Context) -> None:
    """Say how the server is where no command follows."""
    if ctx.invoked_subcommand is None:
        status()


@app.command(epilog="ringfence graph start --workspace county --heap 2g")
def start(
    *,
    workspace: WorkspaceDir = None,
    heap: Annotated[str, typer.Option("--heap", metavar="SIZE")] = "1g",
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Start the embedded server and leave it running."""
    from graph.embedded import start as start_server

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    _refuse_other_server(settings)
    settings.workspace.require_import()
    with progress_bars(settings.language) as progress:
        progress("server", 0, 0)
        start_server(settings.workspace.graph, heap=heap)
        progress("server", 1, 1)
    _say_status(settings)


@app.command(epilog="ringfence graph stop --workspace county")
def stop(*, workspace: WorkspaceDir = None, lang: Lang = None, as_json: AsJson = False) -> None:
    """Stop the embedded server; nothing it holds is lost."""
    from graph.embedded import stop as stop_server

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    _refuse_other_server(settings)
    stop_server(settings.workspace.graph)
    _say_status(settings)


@app.command(epilog="ringfence graph status --workspace county")
def status(*, workspace: WorkspaceDir = None, lang: Lang = None, as_json: AsJson = False) -> None:
    """Say which server answers, and where."""
    _say_status(read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json))


@app.command(epilog="ringfence graph shell --workspace county < questions.cypher")
def shell(
    *,
    workspace: WorkspaceDir = None,
    limit: Hits = 100,
    timeout: Timeout = 60.0,
    acts_as: ActsAs = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Ask the graph in Cypher, read-only; a question ends with a semicolon."""
    from casework.questions import ask_text

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    typed_by_hand = sys.stdin.isatty()
    answers = []
    actor = acting(acts_as)
    with ledger_of(settings) as ledger, graph_store(settings) as store:
        if typed_by_hand:
            note(say("cli.shell", settings.language))
        for question in _questions():
            try:
                answer = ask_text(
                    ledger, store, question, actor, limit=limit, timeout_seconds=timeout
                )
            except RingfenceError as error:
                if not typed_by_hand:
                    raise
                note(say("cli.error", settings.language, sentence=error.told(settings.language)))
                continue
            if as_json:
                answers.append({"columns": answer.columns, "rows": answer.rows})
            else:
                show_table(answer.columns, answer.rows)
    if as_json:
        show_json({"answers": answers})


def _questions() -> Iterator[str]:
    """Yield what is typed, question by question; the last one may lack its semicolon."""
    lines: list[str] = []
    for line in sys.stdin:
        lines.append(line)
        if line.rstrip().endswith(";"):
            yield "".join(lines).rstrip().removesuffix(";")
            lines = []
    if "".join(lines).strip():
        yield "".join(lines)


def _say_status(settings: Settings) -> None:
    from graph.embedded import find

    server = None if settings.neo4j_uri else find(settings.workspace.graph)
    uri = settings.neo4j_uri or (server.uri if server else None)
    kind = "neo4j" if settings.neo4j_uri else "embedded"
    if settings.as_json:
        show_json({"server": kind, "uri": uri, "pid": server.pid if server else None})
    elif uri:
        show_text(say(f"cli.graph.{kind}", settings.language, uri=uri))
    else:
        show_text(say("cli.graph.stopped", settings.language))


def _refuse_other_server(settings: Settings) -> None:
    if settings.neo4j_uri:
        raise RingfenceError(to_say("refused.command.own_server", uri=settings.neo4j_uri))
